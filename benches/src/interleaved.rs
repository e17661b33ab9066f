//! Comparison of contenders on a machine that does other work at the same time.
//!
//! All contenders run in turn in slices of about a millisecond, again and again, in an order that
//! changes from round to round. A ratio is taken within each round, so that whatever slows the
//! machine for longer than a round hits both sides of it; the median over all rounds drops the
//! rounds in which a slice was interrupted.

use std::time::{Duration, Instant};

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

/// The speed of a contender relative to the base: 2 is twice as fast.
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    /// The median over all rounds.
    pub median: f64,
    /// The lower end of the 95 % confidence interval of the median.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// What came out of one run.
pub struct Outcome {
    names: Vec<String>,
    /// For each round, seconds per call of each contender.
    rounds: Vec<Vec<f64>>,
}

/// How long a slice takes.
const SLICE: Duration = Duration::from_micros(1000);

/// Runs the contenders for so many rounds.
pub fn run(mut contenders: Vec<Contender<'_>>, rounds: usize) -> Outcome {
    let times: Vec<u32> = contenders.iter_mut().map(calibrate).collect();
    let count = contenders.len();
    let mut measured = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let mut seconds = vec![0.0; count];
        for position in 0..count {
            // Forwards and backwards, starting at each contender in turn.
            let offset = if round % 2 == 0 { position } else { count - 1 - position };
            let index = (round / 2 + offset) % count;
            let elapsed = (contenders[index].slice)(times[index]);
            seconds[index] = elapsed.as_secs_f64() / f64::from(times[index]);
        }
        measured.push(seconds);
    }
    let names = contenders.iter().map(|contender| contender.name.to_owned()).collect();
    Outcome { names, rounds: measured }
}

/// How many calls make up a slice. Also warms up.
fn calibrate(contender: &mut Contender<'_>) -> u32 {
    let mut times = 1_u32;
    loop {
        // The shorter of two, lest an interruption be taken for slowness.
        let elapsed = (contender.slice)(times).min((contender.slice)(times));
        if elapsed >= SLICE {
            return times;
        }
        let per_call = elapsed.as_secs_f64() / f64::from(times);
        let wanted = (SLICE.as_secs_f64() / per_call * 1.05).ceil();
        times = (wanted as u32).clamp(times + 1, times.saturating_mul(100));
    }
}

impl Outcome {
    /// The names of the contenders.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The median of the seconds that a call of `contender` took.
    ///
    /// # Panics
    /// If there is no contender of that name.
    #[must_use]
    pub fn seconds(&self, contender: &str) -> f64 {
        let index = self.index(contender);
        let mut seconds: Vec<f64> = self.rounds.iter().map(|seconds| seconds[index]).collect();
        seconds.sort_by(f64::total_cmp);
        seconds[seconds.len() / 2]
    }

    fn index(&self, name: &str) -> usize {
        self.names.iter().position(|other| other == name).expect("the name of a contender")
    }

    /// How fast `contender` is relative to `base`.
    ///
    /// # Panics
    /// If there is no contender of that name.
    #[must_use]
    pub fn ratio(&self, contender: &str, base: &str) -> Ratio {
        let (contender, base) = (self.index(contender), self.index(base));
        let mut ratios: Vec<f64> =
            self.rounds.iter().map(|seconds| seconds[base] / seconds[contender]).collect();
        ratios.sort_by(f64::total_cmp);
        // Ranks between which the median lies with a probability of 95 %.
        let middle = ratios.len() / 2;
        let spread = (0.98 * (ratios.len() as f64).sqrt()).ceil() as usize;
        Ratio {
            median: ratios[middle],
            low: ratios[middle.saturating_sub(spread)],
            high: ratios[(middle + spread).min(ratios.len() - 1)],
        }
    }
}
