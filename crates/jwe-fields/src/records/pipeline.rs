//! Reading, work and writing on several threads.
//!
//! Every thread does all three: it reads a batch while no other reads, works on it, and hands it
//! over while no other writes. A batch that is done before those in front of it waits for them, and
//! its thread goes on with another one. There are locks around a batch, and none around a record.

use core::ops::ControlFlow;
use core::sync::atomic::{AtomicU64, Ordering};
use std::collections::BTreeMap;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use jwe_core::wiped;

use super::batch::{Batch, End, Refused};
use super::encode::Encode;
use super::error::{RecordError, StreamError};
use super::progress::Progress;
use super::sink::{Part, Rejected, Sink};
use super::source::Source;
use super::split::Piece;
use super::work::Work;
use crate::scratch::Scratch;

/// What the threads share.
pub(crate) struct Pipeline<'a, R, S> {
    pub(crate) work: &'a dyn Work,
    pub(crate) encode: Option<&'a dyn Encode>,
    pub(crate) rejects: bool,
    pub(crate) max_record_len: usize,
    pub(crate) max_buffered: usize,
    source: Mutex<Option<Source<R>>>,
    hand_over: Mutex<HandOver<S>>,
    room: Condvar,
    /// The first batch of which something was written.
    first_written: AtomicU64,
}

/// What waits to be written.
struct HandOver<S> {
    /// Not here while a thread writes.
    sink: Option<S>,
    next: u64,
    done: BTreeMap<u64, Batch>,
    /// Bytes in all batches that were read and not written.
    buffered: usize,
    /// Memory for later batches, one for each thread at most.
    spare: Vec<Batch>,
    threads: usize,
    progress: Progress,
    ended: bool,
    error: Option<StreamError>,
}

/// A guess of the memory that a batch needs for each byte of input: the input itself, the output,
/// which for short values is ten times as long, and the index of a document of short values.
const MEMORY_PER_BYTE: usize = 16;

/// Appends to output, which may hold decrypted values: its old place is wiped where it moves.
fn append(output: &mut Vec<u8>, bytes: &[u8]) {
    wiped::reserve(output, bytes.len());
    output.extend_from_slice(bytes);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a thread leaves there while it may panic is whole: a source that is read and a sink that
    // is written to are taken out before.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a, R: Read + Send, S: Sink> Pipeline<'a, R, S> {
    pub(crate) fn new(
        work: &'a dyn Work,
        source: Source<R>,
        sink: S,
        begun: Progress,
        max_record_len: usize,
    ) -> Self {
        Self {
            work,
            encode: None,
            rejects: false,
            max_record_len,
            max_buffered: 0,
            source: Mutex::new(Some(source)),
            hand_over: Mutex::new(HandOver {
                sink: Some(sink),
                next: 0,
                done: BTreeMap::new(),
                buffered: 0,
                spare: Vec::new(),
                threads: 1,
                progress: begun,
                ended: false,
                error: None,
            }),
            room: Condvar::new(),
            first_written: AtomicU64::new(if begun.written() > 0 { 0 } else { u64::MAX }),
        }
    }

    /// Runs on so many threads, this one among them, or on as many as the system gives.
    pub(crate) fn run(&self, threads: usize) -> Result<Progress, StreamError> {
        lock(&self.hand_over).threads = threads;
        thread::scope(|scope| {
            let mut others = Vec::new();
            for _ in 1..threads {
                match thread::Builder::new().spawn_scoped(scope, || self.work()) {
                    Ok(other) => others.push(other),
                    Err(_) => break,
                }
            }
            let mut panic = catch_unwind(AssertUnwindSafe(|| self.work())).err();
            // A scope waits for what its threads do, and not for their end: without this they might
            // still hold memory when all is done.
            for other in others {
                panic = other.join().err().or(panic);
            }
            if let Some(panic) = panic {
                resume_unwind(panic);
            }
        });
        let mut hand_over = lock(&self.hand_over);
        match hand_over.error.take() {
            Some(error) => Err(error),
            None => Ok(hand_over.progress),
        }
    }

    /// What each thread does.
    fn work(&self) {
        let alarm = Alarm(self);
        let mut scratch = Scratch::new();
        while let Some(mut batch) = self.read() {
            let memory = batch.text.len().saturating_mul(MEMORY_PER_BYTE);
            self.work_on(&mut batch, &mut scratch);
            if scratch.memory() > BIG_SCRATCH {
                scratch = Scratch::new();
            }
            self.hand_over(batch, memory);
        }
        drop(alarm);
    }

    /// The next batch, once there is room for it.
    fn read(&self) -> Option<Batch> {
        let mut place = lock(&self.source);
        // A source that is at its end, or that panics, is not there for the next thread.
        let mut source = place.take()?;
        let mut hand_over = lock(&self.hand_over);
        while hand_over.buffered > self.max_buffered && !hand_over.ended {
            hand_over = self.room.wait(hand_over).unwrap_or_else(PoisonError::into_inner);
        }
        if hand_over.ended {
            return None;
        }
        let mut batch = hand_over.spare.pop().unwrap_or_default();
        drop(hand_over);
        match source.fill(&mut batch) {
            Ok(true) => *place = Some(source),
            Ok(false) => return None,
            Err(error) => {
                batch.end = Some(End { error, taken: 0, records: 0 });
                batch.number = source.next_number();
            }
        }
        lock(&self.hand_over).buffered += batch.text.len().saturating_mul(MEMORY_PER_BYTE);
        Some(batch)
    }

    /// Works on all records of a batch, or up to the one that ends the stream.
    fn work_on(&self, batch: &mut Batch, scratch: &mut Scratch) {
        let mut at = 0;
        let mut records = 0;
        let mut written = false;
        // Where the last record stood that was refused.
        let (mut begin, mut begin_at) = (batch.start, 0);
        let text = batch.text.as_slice();
        let output = &mut *batch.output;
        for piece in &batch.pieces {
            let span = match piece {
                Piece::Between(len) => {
                    append(output, text.get(at..at + len).unwrap_or_default());
                    at += len;
                    continue;
                }
                Piece::Record(span) => span,
            };
            let start = at + span.lead;
            let end = start + span.body;
            let lead = text.get(at..start).unwrap_or_default();
            let body = text.get(start..end).unwrap_or_default();
            let out = output.len();
            append(output, lead);
            let outcome = if span.lead + span.body > self.max_record_len {
                Err(RecordError::TooLong { limit: self.max_record_len })
            } else {
                self.work.apply(body, output, scratch)
            };
            match outcome {
                Ok(values) => {
                    if !written && self.rejects {
                        let comma = memchr::memchr(b',', lead);
                        batch.first_comma = comma.map(|comma| out + comma);
                    }
                    written = true;
                    batch.values += values as u64;
                    let tail = text.get(end..end + span.tail).unwrap_or_default();
                    append(output, tail);
                }
                Err(error) => {
                    output.truncate(out);
                    begin = begin.behind(text.get(begin_at..start).unwrap_or_default());
                    begin_at = start;
                    let error = error.moved(begin.position());
                    if !self.rejects {
                        let error = StreamError::Record {
                            record: batch.before.records + records + 1,
                            line: begin.line,
                            error,
                        };
                        batch.end = Some(End { error, taken: at, records });
                        break;
                    }
                    let line = begin.line;
                    batch.refused.push(Refused { at: records, line, start, end, error });
                }
            }
            records += 1;
            at += piece.len();
        }
        // Later batches then know that their first comma stays.
        if written {
            self.first_written.fetch_min(batch.number, Ordering::Relaxed);
        }
        let comma_stays = batch.first_comma.is_none()
            || self.first_written.load(Ordering::Relaxed) < batch.number;
        if comma_stays {
            batch.first_comma = None;
            self.encode(batch);
        }
    }

    fn encode(&self, batch: &mut Batch) {
        let Some(encode) = self.encode.filter(|_| !batch.output.is_empty()) else { return };
        // Room enough for what can't be made shorter, so that it does not move.
        wiped::reserve(&mut batch.encoded, batch.output.len() + batch.output.len() / 64 + 1024);
        match encode.encode(&batch.output, &mut batch.encoded) {
            Ok(()) => batch.is_encoded = true,
            Err(error) => {
                let error = StreamError::Write(error);
                batch.output.clear();
                batch.refused.clear();
                batch.values = 0;
                batch.end = Some(End { error, taken: 0, records: 0 });
            }
        }
    }

    /// Gives a batch that is done to the sink as soon as those before it are there.
    fn hand_over(&self, batch: Batch, expected_memory: usize) {
        let mut hand_over = lock(&self.hand_over);
        hand_over.buffered = (hand_over.buffered + batch.memory()).saturating_sub(expected_memory);
        hand_over.done.insert(batch.number, batch);
        if hand_over.ended {
            return;
        }
        // Whoever writes takes this batch along when its turn comes.
        let Some(mut sink) = hand_over.sink.take() else { return };
        loop {
            let next = hand_over.next;
            let Some(mut batch) = hand_over.done.remove(&next) else { break };
            let mut progress = hand_over.progress;
            drop(hand_over);
            let memory = batch.memory();
            let outcome = self.write(&mut batch, &mut sink, &mut progress);
            batch.clear();
            hand_over = lock(&self.hand_over);
            hand_over.next += 1;
            hand_over.progress = progress;
            hand_over.buffered = hand_over.buffered.saturating_sub(memory);
            if hand_over.spare.len() < hand_over.threads {
                hand_over.spare.push(batch);
            }
            self.room.notify_all();
            if let Err(error) = outcome {
                hand_over.ended = true;
                hand_over.error = Some(error);
                hand_over.done.clear();
                break;
            }
        }
        hand_over.sink = Some(sink);
    }

    fn write(
        &self,
        batch: &mut Batch,
        sink: &mut S,
        progress: &mut Progress,
    ) -> Result<(), StreamError> {
        if let Some((part, len)) = batch.part_of_long_record {
            let error = RecordError::TooLong { limit: self.max_record_len };
            let (record, line) = (batch.before.records + 1, batch.start.line);
            if !self.rejects {
                return Err(StreamError::Record { record, line, error });
            }
            let bytes = batch.text.get(..len).unwrap_or_default();
            sink.reject(&Rejected { record, line, error: &error, bytes, part })
                .map_err(StreamError::Write)?;
            if part == Part::Last {
                progress.rejected += 1;
            }
            return self.reached(batch, batch.taken(), batch.behind.records, sink, progress);
        }
        if let Some(comma) = batch.first_comma.take() {
            if progress.written() == 0 {
                batch.output.remove(comma);
            }
            self.encode(batch);
        }
        let end = batch.end.take();
        let output = if batch.is_encoded { &*batch.encoded } else { &*batch.output };
        if !output.is_empty() {
            sink.write(output).map_err(StreamError::Write)?;
        }
        for refused in &batch.refused {
            let rejected = Rejected {
                record: batch.before.records + refused.at + 1,
                line: refused.line,
                error: &refused.error,
                bytes: batch.text.get(refused.start..refused.end).unwrap_or_default(),
                part: Part::Whole,
            };
            sink.reject(&rejected).map_err(StreamError::Write)?;
        }
        progress.rejected += batch.refused.len() as u64;
        progress.values += batch.values;
        let (taken, records) = match &end {
            Some(end) => (end.taken, batch.before.records + end.records),
            None => (batch.taken(), batch.behind.records),
        };
        let reached = self.reached(batch, taken, records, sink, progress);
        match end {
            Some(end) => Err(end.error),
            None => reached,
        }
    }

    /// Tells the sink how far the input is dealt with, unless that is within a record.
    fn reached(
        &self,
        batch: &Batch,
        taken: usize,
        records: u64,
        sink: &mut S,
        progress: &mut Progress,
    ) -> Result<(), StreamError> {
        progress.records = records;
        let ends_inside = match batch.part_of_long_record {
            Some((part, _)) => matches!(part, Part::First | Part::Middle),
            // It has nothing but an error.
            None => batch.begins_inside,
        };
        if ends_inside {
            return Ok(());
        }
        progress.input_bytes = batch.before.input_bytes + taken as u64;
        progress.input_crc32 = if taken == batch.taken() {
            batch.behind.input_crc32
        } else {
            let mut crc = crc32fast::Hasher::new_with_initial(batch.before.input_crc32);
            crc.update(batch.text.get(..taken).unwrap_or_default());
            crc.finalize()
        };
        match sink.reached(progress).map_err(StreamError::Write)? {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(StreamError::Stopped),
        }
    }
}

/// A scratch beyond this is given back after use.
const BIG_SCRATCH: usize = 2 * 1024 * 1024;

/// Lets the other threads end when one panics: its batch never comes.
struct Alarm<'p, 'a, R, S>(&'p Pipeline<'a, R, S>);

impl<R, S> Drop for Alarm<'_, '_, R, S> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(&self.0.hand_over).ended = true;
            self.0.room.notify_all();
        }
    }
}
