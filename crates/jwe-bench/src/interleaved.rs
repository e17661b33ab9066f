//! Comparison of contenders on a machine that does other work at the same time.
//!
//! All contenders run in turn in slices of about a millisecond, again and again, in an order that
//! changes from round to round. A ratio is taken within each round, so that whatever slows the
//! machine for longer than a round hits both sides of it; the median over all rounds drops the
//! rounds in which a slice was interrupted.
//!
//! ```
//! use jwe_bench::interleaved::{Contender, run};
//!
//! let outcome = run(
//!     vec![
//!         Contender::new("one", || (0..100_u64).map(std::hint::black_box).sum::<u64>()),
//!         Contender::new("ten", || (0..1000_u64).map(std::hint::black_box).sum::<u64>()),
//!     ],
//!     20,
//! );
//! let ratio = outcome.ratio("ten", "one").ok_or("no such contender")?;
//! assert!(ratio.low <= ratio.median && ratio.median <= ratio.high);
//! assert!(ratio.median < 1.0); // "ten" is slower
//! # Ok::<(), &str>(())
//! ```

use core::fmt;
use std::time::{Duration, Instant};

use crate::estimate::{Estimate, FEWEST};

/// Something to be measured: a name, and the work, which is done once a call.
pub struct Contender<'a> {
    name: &'a str,
    slice: Box<dyn FnMut(u32) -> Duration + 'a>,
}

impl<'a> Contender<'a> {
    /// Takes the work to be measured. What it returns is dropped within the measured time.
    pub fn new<T>(name: &'a str, mut work: impl FnMut() -> T + 'a) -> Self {
        Self {
            name,
            slice: Box::new(move |times| {
                let start = Instant::now();
                for _ in 0..times {
                    std::hint::black_box(work());
                }
                start.elapsed()
            }),
        }
    }
}

impl fmt::Debug for Contender<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contender").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What came out of one run.
#[derive(Clone, Debug)]
pub struct Outcome {
    contenders: Vec<Measured>,
}

/// A contender after the run.
#[derive(Clone, Debug)]
struct Measured {
    name: String,
    /// Seconds per call, for each round.
    seconds: Vec<f64>,
}

/// How long a slice takes.
const SLICE: Duration = Duration::from_micros(1000);

/// Runs the contenders for so many rounds. With fewer than [`FEWEST`] rounds the intervals of the
/// outcome hold less than 95 %.
#[must_use]
pub fn run(contenders: Vec<Contender<'_>>, rounds: usize) -> Outcome {
    let mut race = Race::calibrated(contenders);
    for round in 0..rounds {
        race.round(round);
    }
    race.outcome()
}

/// Runs the contenders for about so long, warming up included, but for [`FEWEST`] rounds at least:
/// a single call may take longer than that.
#[must_use]
pub fn run_for(contenders: Vec<Contender<'_>>, time: Duration) -> Outcome {
    let start = Instant::now();
    let mut race = Race::calibrated(contenders);
    let mut round = 0;
    while round < FEWEST || start.elapsed() < time {
        race.round(round);
        round += 1;
    }
    race.outcome()
}

/// A contender that is running.
struct Runner<'a> {
    contender: Contender<'a>,
    /// How many calls make up a slice.
    times: u32,
    seconds: Vec<f64>,
}

struct Race<'a>(Vec<Runner<'a>>);

impl<'a> Race<'a> {
    fn calibrated(contenders: Vec<Contender<'a>>) -> Self {
        let runner = |mut contender| {
            let times = calibrate(&mut contender);
            Runner { contender, times, seconds: Vec::new() }
        };
        Self(contenders.into_iter().map(runner).collect())
    }

    fn round(&mut self, round: usize) {
        let count = self.0.len();
        for position in 0..count {
            // Forwards and backwards, starting at each contender in turn.
            let offset = if round.is_multiple_of(2) { position } else { count - 1 - position };
            if let Some(runner) = self.0.get_mut((round / 2 + offset) % count) {
                let elapsed = (runner.contender.slice)(runner.times);
                runner.seconds.push(elapsed.as_secs_f64() / f64::from(runner.times));
            }
        }
    }

    fn outcome(self) -> Outcome {
        let measured = |runner: Runner<'_>| Measured {
            name: runner.contender.name.to_owned(),
            seconds: runner.seconds,
        };
        Outcome { contenders: self.0.into_iter().map(measured).collect() }
    }
}

/// How many calls make up a slice. Also warms up.
fn calibrate(contender: &mut Contender<'_>) -> u32 {
    let mut times = 1_u32;
    loop {
        // The shorter of two, lest an interruption be taken for slowness.
        let elapsed = (contender.slice)(times).min((contender.slice)(times));
        if elapsed >= SLICE || times == u32::MAX {
            return times;
        }
        let per_call = elapsed.as_secs_f64() / f64::from(times);
        // Of work that takes no time at all this is infinite, and the greatest number of calls.
        let wanted = (SLICE.as_secs_f64() / per_call * 1.05).ceil() as u32;
        times = wanted.clamp(times.saturating_add(1), times.saturating_mul(100));
    }
}

impl Outcome {
    /// The names of the contenders.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.contenders.iter().map(|contender| contender.name.as_str())
    }

    /// How many rounds there were.
    #[must_use]
    pub fn rounds(&self) -> usize {
        self.contenders.first().map_or(0, |contender| contender.seconds.len())
    }

    /// The seconds that a call of `contender` took, over all rounds; `None` if there is no contender
    /// of that name, or no round.
    #[must_use]
    pub fn seconds(&self, contender: &str) -> Option<Estimate> {
        Estimate::of(self.of(contender)?.to_vec())
    }

    /// How fast `contender` is relative to `base`, over all rounds: 2 is twice as fast. `None` if
    /// there is no contender of one of the names, or no round.
    #[must_use]
    pub fn ratio(&self, contender: &str, base: &str) -> Option<Estimate> {
        let (contender, base) = (self.of(contender)?, self.of(base)?);
        Estimate::of(base.iter().zip(contender).map(|(base, own)| base / own).collect())
    }

    fn of(&self, name: &str) -> Option<&[f64]> {
        let contender = self.contenders.iter().find(|contender| contender.name == name)?;
        Some(&contender.seconds)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::time::{Duration, Instant};

    use super::{Contender, Measured, Outcome, run, run_for};
    use crate::estimate::{Estimate, FEWEST};

    fn outcome(rounds: &[(f64, f64)]) -> Outcome {
        let measured = |name: &str, seconds: Vec<f64>| Measured { name: name.to_owned(), seconds };
        Outcome {
            contenders: vec![
                measured("a", rounds.iter().map(|round| round.0).collect()),
                measured("b", rounds.iter().map(|round| round.1).collect()),
            ],
        }
    }

    #[test]
    fn a_ratio_is_taken_within_each_round() {
        // The machine is ten times as slow in half of the rounds; b takes twice as long in all.
        let rounds: Vec<(f64, f64)> =
            (0..20).map(|round| if round % 2 == 0 { (1.0, 2.0) } else { (10.0, 20.0) }).collect();
        let outcome = outcome(&rounds);
        let half = Estimate { median: 0.5, low: 0.5, high: 0.5 };
        assert_eq!(outcome.ratio("b", "a"), Some(half));
        assert_eq!(outcome.ratio("a", "b"), Some(half.reciprocal()));
        assert_eq!(outcome.seconds("a"), Some(Estimate { median: 5.5, low: 1.0, high: 10.0 }));
        assert_eq!((outcome.ratio("c", "a"), outcome.ratio("a", "c")), (None, None));
        assert_eq!(outcome.seconds("c"), None);
        assert_eq!(outcome.rounds(), 20);
    }

    #[test]
    fn every_contender_runs_in_every_place_of_a_round() {
        let (order, wait) = (RefCell::new(String::new()), Duration::from_millis(2));
        let contender = |name: &'static str| {
            let order = &order;
            Contender::new(name, move || {
                order.borrow_mut().push_str(name);
                let start = Instant::now();
                while start.elapsed() < wait {}
            })
        };
        let outcome = run(vec![contender("a"), contender("b"), contender("c")], 6);
        assert_eq!(outcome.names().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(outcome.rounds(), 6);
        // A call takes longer than a slice, so that a slice is one call; two each calibrate.
        assert_eq!(*order.borrow(), "aabbcc abc cba bca acb cab bac".replace(' ', ""));
        assert!(outcome.seconds("b").unwrap().low >= wait.as_secs_f64());
    }

    #[test]
    fn the_time_is_kept_and_the_rounds_suffice() {
        let calls = Cell::new(0_u32);
        let count = || calls.set(calls.get() + 1);
        let start = Instant::now();
        let outcome = run_for(vec![Contender::new("a", count)], Duration::from_millis(50));
        assert!(start.elapsed() >= Duration::from_millis(50));
        assert!(outcome.rounds() >= FEWEST && calls.get() > 0);
        let outcome = run_for(vec![Contender::new("a", count)], Duration::ZERO);
        assert_eq!(outcome.rounds(), FEWEST);
        assert_eq!(run_for(Vec::new(), Duration::ZERO).rounds(), 0);
    }
}
