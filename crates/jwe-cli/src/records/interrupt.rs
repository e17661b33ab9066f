//! Signals that end a run: a stream stops behind the batch at hand, so that it can go on from there.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::failure::Failure;

/// How long a run may take to end. One that waits for input does not see that it has to.
const PATIENCE: Duration = Duration::from_secs(2);

/// How much longer when it knows: other threads may be at work on long batches.
#[cfg(unix)]
const MORE_PATIENCE: Duration = Duration::from_secs(5);

/// What the signals of this process have asked for.
#[derive(Debug)]
pub(super) struct Interrupt {
    /// The number of the first signal, or 0.
    signal: AtomicI32,
    /// Whether the run has seen it, and ends as soon as all of its threads do.
    seen: AtomicBool,
    /// Whether the run has ended, and only its files have to be brought to an end.
    ending: AtomicBool,
    /// Files that nobody needs if the process ends here.
    unneeded: Mutex<Vec<PathBuf>>,
}

static INTERRUPT: Interrupt = Interrupt {
    signal: AtomicI32::new(0),
    seen: AtomicBool::new(false),
    ending: AtomicBool::new(false),
    unneeded: Mutex::new(Vec::new()),
};

impl Interrupt {
    /// From now on signals are noted.
    ///
    /// # Errors
    /// The system does not let the process do so.
    pub(super) fn install() -> Result<&'static Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::new("signals", format!("signals can't be handled: {error}"))
        };
        watch::start(&INTERRUPT).map_err(failed)?;
        Ok(&INTERRUPT)
    }

    /// Whether the run has to end.
    pub(super) fn came(&self) -> bool {
        let came = self.signal.load(Ordering::Relaxed) != 0;
        if came {
            self.seen.store(true, Ordering::Relaxed);
        }
        came
    }

    /// The run has nothing more to do, as nobody reads what it writes. It may be waiting for input
    /// all the same, and is not waited for.
    pub(super) fn leave(&'static self) {
        let lose_patience = move || {
            std::thread::sleep(PATIENCE);
            if !self.ending.load(Ordering::Relaxed) {
                self.remove_files();
                std::process::exit(0);
            }
        };
        // Without it the run ends when more input comes.
        let _ = std::thread::Builder::new().spawn(lose_patience);
    }

    /// The number of the signal that came.
    pub(super) fn signal(&self) -> i32 {
        self.signal.load(Ordering::Relaxed)
    }

    /// The run needs no more input: a signal does not stop it any more.
    pub(super) fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    /// This file is removed if the process has to end before the run does.
    pub(super) fn remove_at_once(&self, path: PathBuf) {
        self.unneeded.lock().unwrap_or_else(PoisonError::into_inner).push(path);
    }

    /// Those files now stay, or are removed by others.
    pub(super) fn keep_files(&self) {
        self.unneeded.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Ends the process where it is.
    #[cfg(unix)]
    fn exit(&self, signal: i32) -> ! {
        self.remove_files();
        crate::output::to_stderr(&stopped(signal));
        std::process::exit(128 + signal)
    }

    fn remove_files(&self) {
        for path in self.unneeded.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // It may be gone already.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// How a run ends that a signal stopped.
pub(super) fn stopped(signal: i32) -> Failure {
    let name = name(signal).map_or_else(|| format!("signal {signal}"), str::to_owned);
    Failure::new("interrupted", format!("stopped by {name}"))
        .with_exit_code(u8::try_from(128 + signal).unwrap_or(1))
}

#[cfg(unix)]
fn name(signal: i32) -> Option<&'static str> {
    signal_hook::low_level::signal_name(signal)
}

#[cfg(not(unix))]
fn name(_: i32) -> Option<&'static str> {
    None
}

#[cfg(unix)]
mod watch {
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::Signals;

    use super::{Interrupt, MORE_PATIENCE, PATIENCE};

    pub(super) fn start(interrupt: &'static Interrupt) -> io::Result<()> {
        // A limit on the size of files is an error of the write, and does not end the process.
        signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
        let ignored = ignored();
        let watched = |signal: &i32| ignored & (1 << (signal - 1)) == 0;
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP].iter().filter(|s| watched(s)))?;
        thread::Builder::new().spawn(move || {
            for signal in &mut signals {
                let first = &interrupt.signal;
                if first.compare_exchange(0, signal, Ordering::Relaxed, Ordering::Relaxed).is_err()
                {
                    interrupt.exit(signal);
                }
                let lose_patience = move || {
                    thread::sleep(PATIENCE);
                    if interrupt.seen.load(Ordering::Relaxed) {
                        thread::sleep(MORE_PATIENCE);
                    }
                    if !interrupt.ending.load(Ordering::Relaxed) {
                        interrupt.exit(signal);
                    }
                };
                if thread::Builder::new().spawn(lose_patience).is_err() {
                    interrupt.exit(signal);
                }
            }
        })?;
        Ok(())
    }

    /// The signals that are ignored, as a mask: `nohup` has SIGHUP ignored, and it stays so.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        match mask.map(|mask| u64::from_str_radix(mask.trim(), 16)) {
            Some(Ok(mask)) => mask,
            // Where that can't be known, hanging up does what it does by default.
            _ => 1 << (SIGHUP - 1),
        }
    }
}

#[cfg(not(unix))]
mod watch {
    pub(super) fn start(_: &'static super::Interrupt) -> std::io::Result<()> {
        Ok(())
    }
}
