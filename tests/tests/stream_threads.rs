//! The threads of a stream of records: they are gone when it is done, and a panic in one of them is a
//! panic of the run, not a wait without end.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::io::{self, Read};
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ThreadId};
use std::time::Duration;

use jwe::{Alg, Enc, Encrypter};
use jwe_fields::records::{RecordStream, Rejected, Sink};
use jwe_fields::{EncryptOptions, FieldEncrypter};
use jwe_tests::capability::backends;
use jwe_tests::keys;

/// How many threads that have read have not ended.
static ALIVE: AtomicUsize = AtomicUsize::new(0);

/// What a thread keeps for itself until its end, which takes a while.
struct Kept;

impl Drop for Kept {
    fn drop(&mut self) {
        thread::sleep(Duration::from_millis(20));
        ALIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

thread_local! {
    static KEPT: Kept = {
        ALIVE.fetch_add(1, Ordering::SeqCst);
        Kept
    };
}

/// Hands out one record a read, and panics at the read of this number.
struct Records {
    main: ThreadId,
    left: usize,
    panics_at: usize,
}

impl Read for Records {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if thread::current().id() != self.main {
            KEPT.with(|_| ());
        }
        assert_ne!(self.left, self.panics_at, "the source panics");
        let Some(left) = self.left.checked_sub(1) else { return Ok(0) };
        self.left = left;
        let record = b"{\"a\":\"x\"}\n";
        buffer[..record.len()].copy_from_slice(record);
        Ok(record.len())
    }
}

/// Takes everything, and panics at the write of this number.
struct Writes {
    left: usize,
}

impl Sink for Writes {
    fn write(&mut self, _: &[u8]) -> io::Result<()> {
        self.left = self.left.checked_sub(1).unwrap_or_else(|| panic!("the sink panics"));
        Ok(())
    }

    fn reject(&mut self, _: &Rejected<'_>) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn threads_end_with_the_run() {
    let backend = backends()[0];
    let jwk = keys::key_for(Alg::Dir, Enc::A256Gcm);
    let key = keys::sender(backend, &jwk, Alg::Dir);
    let encrypter = Encrypter::new(backend, &key, Enc::A256Gcm).unwrap();
    let selectors = ["/a".parse().unwrap()];
    let fields = FieldEncrypter::new(encrypter, selectors, EncryptOptions::new()).unwrap();
    let stream = RecordStream::ndjson(&fields).with_threads(NonZero::new(8).unwrap());
    let main = thread::current().id();
    let run = |source_panics_at, sink_panics_at| {
        let source = Records { main, left: 50, panics_at: source_panics_at };
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            stream.run(source, Writes { left: sink_panics_at }).unwrap().records
        }));
        assert_eq!(ALIVE.load(Ordering::SeqCst), 0, "a thread has not ended");
        outcome.ok()
    };
    for _ in 0..20 {
        assert_eq!(run(usize::MAX, usize::MAX), Some(50));
    }
    for at in 0..10 {
        assert_eq!(run(at * 5, usize::MAX), None, "a panic was lost");
        assert_eq!(run(usize::MAX, at), None, "a panic was lost");
    }
}
