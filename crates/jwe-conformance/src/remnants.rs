//! A search for secrets that an operation left on the stack. No topic of the kit: how far a backend
//! wipes what its library leaves there is up to the backend, and its own tests can show it with
//! this. Linux only.

use std::fs::{self, File};
use std::hint::black_box;
use std::io;
use std::os::unix::fs::FileExt;

/// A secret that is looked for, kept in a form that the search itself can't find.
#[derive(Debug)]
pub struct Needle(Vec<u8>);

impl Needle {
    const MASK: u8 = 0x5a;

    /// Looks for this; 16 bytes are enough.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(secret.iter().map(|byte| byte ^ Self::MASK).collect())
    }

    /// How often the secret stands in this thread's stack below the caller.
    ///
    /// # Errors
    /// When the process may not read its own memory through `/proc/self`, as in some containers.
    pub fn count(&self) -> io::Result<usize> {
        let marker = 0_u8;
        let here = std::ptr::from_ref(black_box(&marker)) as u64;
        let maps = fs::read_to_string("/proc/self/maps")?;
        let low = maps
            .lines()
            .filter_map(|line| line.split_whitespace().next()?.split_once('-'))
            .filter_map(|(low, high)| {
                Some((u64::from_str_radix(low, 16).ok()?, u64::from_str_radix(high, 16).ok()?))
            })
            .find(|(low, high)| (*low..*high).contains(&here))
            .map(|(low, _)| low)
            .ok_or(io::ErrorKind::NotFound)?;
        // `deep_down` puts the operations 64 KiB and their own depth below.
        let low = low.max(here.saturating_sub(0x4_0000));
        let mut stack = vec![0; usize::try_from(here - low).unwrap_or_default()];
        File::open("/proc/self/mem")?.read_exact_at(&mut stack, low)?;
        let found = |window: &&[u8]| window.iter().zip(&self.0).all(|(a, b)| a ^ Self::MASK == *b);
        Ok(stack.windows(self.0.len()).filter(found).count())
    }
}

/// Runs `operation` so far down that the search afterwards does not overwrite its traces.
#[inline(never)]
pub fn deep_down<T>(operation: impl FnOnce() -> T) -> T {
    let mut frame = [0_u8; 0x1_0000];
    black_box(&mut frame);
    let result = operation();
    black_box(&mut frame);
    result
}
