//! Medians and how sure they are.

/// The median of what was measured, with its 95 % confidence interval.
///
/// The interval lies between two of the measured values, chosen by their rank: the true median is
/// outside it in one of twenty comparisons at most, whatever the distribution, as long as the values
/// are independent of each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The median of all values.
    pub median: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

/// The fewest values that have a 95 % confidence interval: the least and the greatest of five
/// enclose the median with a probability of 94 % only.
pub const FEWEST: usize = 6;

impl Estimate {
    /// What these values say; `None` if there is none. Fewer than [`FEWEST`] values enclose their
    /// median with less than 95 %: the interval then reaches from the least to the greatest.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let count = values.len();
        let below = rank(count).checked_sub(1)?;
        let at = |index: usize| values.get(index).copied();
        Some(Self {
            median: f64::midpoint(at((count - 1) / 2)?, at(count / 2)?),
            low: at(below)?,
            high: at(count - 1 - below)?,
        })
    }

    /// The reciprocals: operations in a second from seconds for one.
    #[must_use]
    pub fn reciprocal(self) -> Self {
        Self { median: self.median.recip(), low: self.high.recip(), high: self.low.recip() }
    }

    /// The same in another unit.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self { median: self.median * factor, low: self.low * factor, high: self.high * factor }
    }
}

/// The rank, from 1, of the value at the lower end of the interval; as far from the other end is
/// the upper one. How many of `count` values lie below the median is distributed binomially, which
/// the normal distribution is near enough to. Of no values it is 0.
fn rank(count: usize) -> usize {
    let count_as_number = count as f64;
    let rank = count_as_number.mul_add(0.5, 0.5) - 0.98 * count_as_number.sqrt();
    (rank as usize).clamp(usize::from(count > 0), count.div_ceil(2))
}

#[cfg(test)]
mod tests {
    use super::{Estimate, FEWEST, rank};

    #[test]
    fn of_known_values() {
        let values = |count: u32| (1..=count).rev().map(f64::from).collect();
        let all = |count, median, low, high| {
            assert_eq!(Estimate::of(values(count)), Some(Estimate { median, low, high }));
        };
        assert_eq!(Estimate::of(Vec::new()), None);
        all(1, 1.0, 1.0, 1.0);
        all(2, 1.5, 1.0, 2.0);
        all(6, 3.5, 1.0, 6.0);
        // The ranks that tables of the sign test give.
        all(10, 5.5, 2.0, 9.0);
        all(15, 8.0, 4.0, 12.0);
        all(20, 10.5, 6.0, 15.0);
        all(25, 13.0, 8.0, 18.0);
        all(100, 50.5, 40.0, 61.0);
    }

    #[test]
    fn one_wild_value_moves_neither() {
        let mut values: Vec<f64> = (0..50).map(|at| 1.0 + f64::from(at) / 1000.0).collect();
        let calm = Estimate::of(values.clone()).unwrap();
        *values.last_mut().unwrap() = 1e9;
        assert_eq!(Estimate::of(values), Some(calm));
    }

    /// The probability that the interval of `count` values encloses the median.
    fn coverage(count: usize) -> f64 {
        // P(fewer than `rank` values lie below the median), from the binomial distribution.
        let (mut probability, mut outside) = (0.5_f64.powi(count as i32), 0.0);
        for below in 0..rank(count) {
            outside += probability;
            probability *= (count - below) as f64 / (below + 1) as f64;
        }
        1.0 - 2.0 * outside
    }

    #[test]
    fn the_interval_encloses_the_median_with_95_percent() {
        for count in FEWEST..1000 {
            assert!(coverage(count) >= 0.9495, "{count}: {}", coverage(count));
            // And is not wider than it must be.
            assert!(count < 30 || coverage(count) < 0.98, "{count}: {}", coverage(count));
        }
        assert!(coverage(FEWEST - 1) < 0.95);
    }

    #[test]
    fn reciprocals_keep_their_order() {
        let rate = Estimate { median: 0.5, low: 0.25, high: 1.0 }.reciprocal();
        assert_eq!(rate, Estimate { median: 2.0, low: 1.0, high: 4.0 });
        assert_eq!(rate.times(10.0), Estimate { median: 20.0, low: 10.0, high: 40.0 });
    }
}
