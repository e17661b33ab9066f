//! How far a run is: a bar on a terminal, lines on other standard errors, and a summary.

use std::io::{self, IsTerminal, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jwe_fields::records::Progress;

use crate::cli::RecordArgs;
use crate::output;

/// Counts what the meter shows. It is written once a batch, and read by another thread.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// Bytes read of the input as it is, compressed or not.
    read: AtomicU64,
    records: AtomicU64,
    rejected: AtomicU64,
    /// When the first records of this run were done, and what had been read by then: what an earlier
    /// run has done is read much faster than it is done.
    first: OnceLock<(Instant, u64)>,
}

impl Counters {
    pub(super) fn set(&self, progress: &Progress) {
        self.records.store(progress.records, Ordering::Relaxed);
        self.rejected.store(progress.rejected, Ordering::Relaxed);
    }

    /// The same, of records that this run has done.
    pub(super) fn reached(&self, progress: &Progress) {
        self.set(progress);
        self.first.get_or_init(|| (Instant::now(), self.read.load(Ordering::Relaxed)));
    }
}

/// Counts what is read.
pub(super) struct Counted<R> {
    pub(super) input: R,
    pub(super) counters: Arc<Counters>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.counters.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Shows how far a run is, until it is dropped.
#[derive(Debug)]
pub(super) struct Meter {
    /// Its end tells the thread to end.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How often a bar moves, and a line is printed.
const BAR: Duration = Duration::from_millis(100);
const LINE: Duration = Duration::from_secs(2);

impl Meter {
    /// Shows nothing, a bar or lines. The length of the input is known if it is a file.
    pub(super) fn start(args: &RecordArgs, counters: Arc<Counters>, pace: Pace) -> Self {
        let show: Option<fn(&Counters, &Pace, &mpsc::Receiver<()>)> = if args.quiet {
            None
        } else if io::stderr().is_terminal() {
            Some(show_bar)
        } else {
            args.progress.then_some(print_lines as _)
        };
        let (end, ended) = mpsc::channel();
        let start = |show: fn(&Counters, &Pace, &mpsc::Receiver<()>)| {
            thread::Builder::new().spawn(move || show(&counters, &pace, &ended)).ok()
        };
        Self { end: Some(end), thread: show.and_then(start) }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // What it shows is gone before anything else is printed.
            let _ = thread.join();
        }
    }
}

fn show_bar(counters: &Counters, pace: &Pace, ended: &mpsc::Receiver<()>) {
    let bar = ProgressBar::with_draw_target(pace.input_len, ProgressDrawTarget::stderr());
    let template = match pace.input_len {
        Some(_) => "[{bar:24}] {percent:>3}% {msg}",
        None => "{spinner} {msg}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    while ended.recv_timeout(BAR) == Err(RecvTimeoutError::Timeout) {
        let now = pace.now(counters);
        bar.set_position(now.read);
        bar.set_message(now.for_people());
        bar.tick();
    }
    bar.finish_and_clear();
}

fn print_lines(counters: &Counters, pace: &Pace, ended: &mpsc::Receiver<()>) {
    while ended.recv_timeout(LINE) == Err(RecvTimeoutError::Timeout) {
        output::to_stderr(&format_args!("progress: {}", pace.now(counters).for_logs()));
    }
}

/// From when and where a run is measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    began: Instant,
    input_len: Option<u64>,
    /// How many records earlier runs have done.
    before: u64,
}

impl Pace {
    pub(super) fn new(input_len: Option<u64>, before: u64) -> Self {
        Self { began: Instant::now(), input_len, before }
    }

    fn now(&self, counters: &Counters) -> Now {
        let read = counters.read.load(Ordering::Relaxed);
        let records = counters.records.load(Ordering::Relaxed);
        let seconds = self.began.elapsed().as_secs_f64();
        let own = match self.before {
            0 => Some((self.began, 0)),
            _ => counters.first.get().copied(),
        };
        let left = self.input_len.zip(own).and_then(|(len, (began, before))| {
            let done = read.checked_sub(before).filter(|done| *done > 0)?;
            let ratio = len.saturating_sub(read) as f64 / done as f64;
            let left = began.elapsed().as_secs_f64() * ratio;
            Some(Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX))
        });
        Now {
            read,
            records,
            rejected: counters.rejected.load(Ordering::Relaxed),
            rate: self.rate(records, seconds),
            left,
        }
    }

    /// Records in a second of this run.
    fn rate(&self, records: u64, seconds: f64) -> u64 {
        let done = records.saturating_sub(self.before) as f64;
        if seconds > 0.0 { (done / seconds).round() as u64 } else { 0 }
    }

    /// What a run has done, in one line.
    pub(super) fn summary(&self, progress: &Progress, output_len: u64, is_done: bool) -> String {
        let seconds = self.began.elapsed().as_secs_f64();
        let resumed = match self.before {
            0 => String::new(),
            before => format!(" resumed_at={before}"),
        };
        format!(
            "summary: {} records={} written={} rejected={} values={} bytes_in={} bytes_out={output_len} \
             seconds={seconds:.2} rate={}/s{resumed}",
            if is_done { "done" } else { "stopped" },
            progress.records,
            progress.written(),
            progress.rejected,
            progress.values,
            progress.input_bytes,
            self.rate(progress.records, seconds),
        )
    }
}

/// How far a run is.
struct Now {
    read: u64,
    records: u64,
    rejected: u64,
    rate: u64,
    left: Option<Duration>,
}

impl Now {
    fn for_people(&self) -> String {
        let mut text = format!(
            "{} records, {} read, {} records/s",
            HumanCount(self.records),
            HumanBytes(self.read),
            HumanCount(self.rate)
        );
        if self.rejected > 0 {
            text += &format!(", {} rejected", HumanCount(self.rejected));
        }
        if let Some(left) = self.left {
            text += &format!(", {} left", clock(left));
        }
        text
    }

    fn for_logs(&self) -> String {
        let Self { read, records, rejected, rate, left } = self;
        let left = left.map_or_else(|| "unknown".to_owned(), clock);
        format!("records={records} rejected={rejected} bytes={read} rate={rate}/s eta={left}")
    }
}

/// Hours, minutes and seconds.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(clock(Duration::from_millis(59_999)), "0:00:59");
        assert_eq!(clock(Duration::from_secs(36_000 + 61)), "10:01:01");
        clock(Duration::MAX);
    }

    #[test]
    fn a_run_that_has_read_nothing_yet() {
        let pace = Pace::new(Some(100), 0);
        let now = pace.now(&Counters::default());
        assert_eq!((now.records, now.left), (0, None));
        assert!(now.for_logs().ends_with("eta=unknown"));
    }

    /// What is passed over at first tells nothing of the time that is left.
    #[test]
    fn a_run_that_goes_on() {
        let counters = Counters::default();
        counters.read.store(900, Ordering::Relaxed);
        let pace = Pace::new(Some(1000), 9);
        assert_eq!(pace.now(&counters).left, None);
        counters.reached(&Progress::default());
        let (began, before) = *counters.first.get().unwrap();
        assert_eq!(before, 900);
        counters.read.store(910, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(20));
        let left = pace.now(&counters).left.unwrap();
        let elapsed = began.elapsed();
        assert!(left > elapsed * 8 && left <= elapsed * 9, "{left:?} {elapsed:?}");
    }
}
