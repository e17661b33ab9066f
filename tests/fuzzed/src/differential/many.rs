//! Many programs out of one seed: the same ones on every machine.

use core::num::NonZero;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::collections::BTreeMap;
use std::sync::Mutex;

use super::{Agreed, check};

/// A program that the backends did not agree on.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its number.
    pub number: u64,
    /// Its bytes, which are an input of the fuzz target.
    pub program: Vec<u8>,
    /// What is wrong.
    pub reason: String,
}

/// How often the backends agreed on what.
pub type Counts = BTreeMap<Agreed, u64>;

/// Runs the programs from 0 to `count` of a seed with so many threads, tells `reached` how many are
/// done, now and then, and stops at the first that fails.
///
/// # Errors
/// [`Failure`].
pub fn run_many(
    seed: u64,
    count: u64,
    threads: NonZero<usize>,
    reached: &(dyn Fn(u64) + Sync),
) -> Result<Counts, Failure> {
    const BLOCK: u64 = 500;
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let counts = Mutex::new(Counts::new());
    let (failure, is_over) = (Mutex::new(None), AtomicBool::new(false));
    let work = || {
        while !is_over.load(Ordering::Relaxed) {
            let from = next.fetch_add(BLOCK, Ordering::Relaxed);
            if from >= count {
                break;
            }
            let to = (from + BLOCK).min(count);
            let mut block = Counts::new();
            for number in from..to {
                let program = program(seed, number);
                match check(&program) {
                    Ok(agreed) => *block.entry(agreed).or_default() += 1,
                    Err(reason) => {
                        is_over.store(true, Ordering::Relaxed);
                        *failure.lock().unwrap() = Some(Failure { number, program, reason });
                        return;
                    }
                }
            }
            let mut counts = counts.lock().unwrap();
            for (agreed, count) in block {
                *counts.entry(agreed).or_default() += count;
            }
            drop(counts);
            reached(done.fetch_add(to - from, Ordering::Relaxed) + to - from);
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.get()).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    match failure.into_inner().unwrap() {
        Some(failure) => Err(failure),
        None => Ok(counts.into_inner().unwrap()),
    }
}

/// The bytes of a program: mostly short ones, with changes of all sorts.
fn program(seed: u64, number: u64) -> Vec<u8> {
    let mut state = seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    // SplitMix64.
    let mut draw = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    };
    let len = 5 + draw() % 22;
    (0..len).map(|_| draw() as u8).collect()
}
