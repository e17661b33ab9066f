//! Where a time stands on an axis.

/// An axis of times, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    /// From nothing to `high`.
    Linear {
        /// The time at the upper end.
        high: f64,
        /// From one mark to the next.
        step: f64,
    },
    /// From `low` to `high`, each decade as long as the others.
    Log {
        /// The time at the lower end.
        low: f64,
        /// The time at the upper end.
        high: f64,
    },
}

/// Up to this ratio of the longest to the shortest time, the shortest is still seen on an axis that
/// begins with nothing.
const MOST_LINEAR: f64 = 12.0;

impl Scale {
    /// One on which times from the `shortest` to the `longest` can be read.
    pub(super) fn of(shortest: f64, longest: f64) -> Self {
        if longest <= shortest * MOST_LINEAR {
            let step = round_step(longest / 6.0);
            return Self::Linear { high: longest, step };
        }
        // A bar for the shortest time too is to be seen.
        let low = 10_f64.powf((shortest / 1.5).log10().floor());
        Self::Log { low, high: longest }
    }

    /// The place of a time: 0 at the lower end, 1 at the upper one, and never beyond them.
    pub(super) fn place(self, seconds: f64) -> f64 {
        let place = match self {
            Self::Linear { high, .. } => seconds / high,
            Self::Log { low, high } => (seconds / low).log10() / (high / low).log10(),
        };
        place.clamp(0.0, 1.0)
    }

    /// The times that have a mark.
    pub(super) fn marks(self) -> Vec<f64> {
        match self {
            Self::Linear { high, step } => (0..=10)
                .map(|at| step * f64::from(at))
                .filter(|mark| *mark <= high * 1.000_001)
                .collect(),
            Self::Log { low, high } => {
                let decades = (high / low).log10().floor() as i32;
                let between: &[f64] = if decades < 3 { &[1.0, 2.0, 5.0] } else { &[1.0] };
                let marks = (0..=decades).flat_map(|decade| {
                    between.iter().map(move |factor| low * 10_f64.powi(decade) * factor)
                });
                marks.filter(|mark| *mark <= high * 1.000_001).collect()
            }
        }
    }

    /// What is said of the axis.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Linear { .. } => "time per operation",
            Self::Log { .. } => "time per operation, logarithmic scale",
        }
    }
}

/// The next greater of 1, 2 and 5 in its decade.
fn round_step(least: f64) -> f64 {
    let decade = 10_f64.powf(least.log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0];
    let factor = factors.into_iter().find(|factor| decade * factor >= least * 0.999_999);
    decade * factor.unwrap_or(10.0)
}

#[cfg(test)]
mod tests {
    use super::Scale;
    use crate::units::round_time;

    fn marks(scale: Scale) -> Vec<String> {
        scale.marks().into_iter().map(round_time).collect()
    }

    #[test]
    fn times_that_are_near_each_other_begin_with_nothing() {
        let scale = Scale::of(20e-6, 90e-6);
        assert_eq!(scale.name(), "time per operation");
        assert_eq!(marks(scale), ["0 ns", "20 µs", "40 µs", "60 µs", "80 µs"]);
        assert_eq!((scale.place(0.0), scale.place(90e-6)), (0.0, 1.0));
        assert!((scale.place(45e-6) - 0.5).abs() < 1e-9);
        assert_eq!(
            marks(Scale::of(2.9, 3.0)),
            ["0 ns", "500 ms", "1 s", "1.5 s", "2 s", "2.5 s", "3 s"]
        );
    }

    #[test]
    fn times_that_are_far_from_each_other_have_decades() {
        let scale = Scale::of(20e-6, 5e-3);
        assert_eq!(scale.name(), "time per operation, logarithmic scale");
        let expected =
            ["10 µs", "20 µs", "50 µs", "100 µs", "200 µs", "500 µs", "1 ms", "2 ms", "5 ms"];
        assert_eq!(marks(scale), expected);
        assert_eq!(scale.place(1e-9), 0.0);
        assert!(scale.place(20e-6) > 0.05);
        assert!((scale.place(5e-3) - 1.0).abs() < 1e-9);
        let wide = Scale::of(1.4e-6, 30e-3);
        assert_eq!(marks(wide), ["100 ns", "1 µs", "10 µs", "100 µs", "1 ms", "10 ms"]);
        assert!(wide.place(1e-3) - wide.place(1e-4) - (wide.place(1e-5) - wide.place(1e-6)) < 1e-9);
    }
}
