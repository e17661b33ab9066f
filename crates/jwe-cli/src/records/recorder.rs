//! What a stream hands over is written, and how far it is is stored.

use core::ops::ControlFlow;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jwe_fields::records::{Progress, Rejected, Sink};

use super::checkpoint::{CheckpointFile, Reached};
use super::destination::Destination;
use super::interrupt::Interrupt;
use super::meter::Counters;
use super::rejects::Rejects;
use super::written::Written;

/// Takes the output and the rejected records of a stream.
pub(super) struct Recorder {
    pub(super) output: Destination,
    pub(super) rejects: Option<Rejects<Destination>>,
    pub(super) checkpoint: Option<Store>,
    pub(super) interrupt: &'static Interrupt,
    pub(super) counters: Arc<Counters>,
    /// How far the stream has come, as far as it was written.
    pub(super) reached: Reached,
    /// Whether something that was written did not come to the disk.
    pub(super) sync_failed: bool,
}

impl Recorder {
    /// Leaves no more in the files than what belongs to the records that were reached.
    pub(super) fn cut(&mut self) {
        self.output.cut(self.reached.output);
        if let Some(rejects) = &mut self.rejects {
            rejects.get_mut().cut(self.reached.rejects);
        }
    }

    /// Whether the files stay where they are if they get no name.
    pub(super) fn keep(&mut self, keep: bool) {
        let rejects = self.rejects.as_mut().map(Rejects::get_mut);
        for file in [Some(&mut self.output), rejects].into_iter().flatten() {
            if let Some(file) = file.partial() {
                file.keep(keep);
            }
        }
    }

    /// Stores how far the stream has come, once that is on the disk.
    pub(super) fn store(&mut self, finished: bool) -> io::Result<()> {
        let Some(store) = &mut self.checkpoint else { return Ok(()) };
        // What the system could not bring to the disk once, it may have dropped: only what was
        // stored before is known to be there, whatever it says when it is asked again.
        if self.sync_failed {
            return Err(io::Error::other("an earlier write did not come to the disk"));
        }
        let began = Instant::now();
        let rejects = self.rejects.as_ref().map_or(Ok(()), |rejects| rejects.get_ref().sync());
        let synced = self.output.sync().and(rejects);
        self.sync_failed = synced.is_err();
        synced?;
        store.file.store(&self.reached, finished)?;
        store.stored(began);
        Ok(())
    }
}

impl Sink for Recorder {
    fn write(&mut self, output: &[u8]) -> io::Result<()> {
        let outcome = self.output.write_all(output);
        if self.output.is_closed() {
            self.interrupt.leave();
        }
        outcome
    }

    fn reject(&mut self, rejected: &Rejected<'_>) -> io::Result<()> {
        match &mut self.rejects {
            Some(rejects) => rejects.add(rejected),
            None => Err(io::Error::other("there is no file for rejected records")),
        }
    }

    fn reached(&mut self, progress: &Progress) -> io::Result<ControlFlow<()>> {
        if let Some(rejects) = &mut self.rejects {
            rejects.flush()?;
        }
        self.reached = Reached {
            progress: *progress,
            output: self.output.written(),
            rejects: self
                .rejects
                .as_ref()
                .map_or_else(Written::default, |rejects| rejects.get_ref().written()),
        };
        self.counters.reached(progress);
        if self.interrupt.came() {
            // At once: the run may wait for input before it ends. Where that fails, the checkpoint
            // before is as good.
            let _ = self.store(false);
            return Ok(ControlFlow::Break(()));
        }
        if self.checkpoint.as_ref().is_some_and(Store::is_due) {
            self.store(false)?;
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// Where checkpoints are stored, and when the next one is.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) file: CheckpointFile,
    next: Instant,
}

impl Store {
    /// So much time passes between two checkpoints at least.
    const INTERVAL: Duration = Duration::from_millis(200);
    /// And so many times that which one takes, so that a slow disk does not slow down the run.
    const SHARE: u32 = 20;

    pub(super) fn new(file: CheckpointFile) -> Self {
        Self { file, next: Instant::now() + Self::INTERVAL }
    }

    /// The next checkpoint is the first one of records.
    pub(super) fn begin(&mut self) {
        self.next = Instant::now() + Self::INTERVAL;
    }

    fn is_due(&self) -> bool {
        Instant::now() >= self.next
    }

    fn stored(&mut self, began: Instant) {
        let took = began.elapsed().saturating_mul(Self::SHARE);
        self.next = Instant::now() + took.clamp(Self::INTERVAL, Duration::from_secs(600));
    }
}

/// Takes nothing: the stream is known to have come to its end.
pub(super) struct Nothing(pub(super) &'static Interrupt);

impl Sink for Nothing {
    fn write(&mut self, _: &[u8]) -> io::Result<()> {
        Err(io::Error::other("there is more input"))
    }

    fn reject(&mut self, _: &Rejected<'_>) -> io::Result<()> {
        Err(io::Error::other("there is more input"))
    }

    fn reached(&mut self, _: &Progress) -> io::Result<ControlFlow<()>> {
        Ok(if self.0.came() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}
