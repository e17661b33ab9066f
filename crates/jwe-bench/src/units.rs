//! Numbers as people read them.

use crate::estimate::Estimate;

/// Units of time, with the seconds that one of them has, ascending.
const UNITS: [(f64, &str); 4] = [(1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1.0, "s")];

/// A time with its unit, and its interval in the same unit.
pub(crate) fn time(seconds: Estimate) -> (String, String) {
    let (unit, name) = unit(seconds.median);
    let scaled = seconds.times(unit.recip());
    let digits = digits(scaled.median);
    let median = format!("{:.digits$} {name}", scaled.median);
    (median, format!("{:.digits$}–{:.digits$}", scaled.low, scaled.high))
}

/// A time with its unit, rounded to three digits.
pub(crate) fn short_time(seconds: f64) -> String {
    let (unit, name) = unit(seconds);
    let value = seconds / unit;
    let digits = digits(value).saturating_sub(1);
    format!("{value:.digits$} {name}")
}

/// A round time, as on the marks of an axis.
pub(crate) fn round_time(seconds: f64) -> String {
    // A power of ten may come out a bit short.
    let (unit, name) = unit(seconds * 1.000_001);
    let text = format!("{:.3}", seconds / unit);
    format!("{} {name}", text.trim_end_matches('0').trim_end_matches('.'))
}

fn unit(seconds: f64) -> (f64, &'static str) {
    let fits = |(unit, _): &&(f64, &str)| seconds >= *unit;
    UNITS.iter().rev().find(fits).copied().unwrap_or((1e-9, "ns"))
}

/// A number with four digits that say something, or all before the point.
pub(crate) fn number(value: f64) -> String {
    let digits = digits(value);
    format!("{value:.digits$}")
}

/// A ratio with its interval.
pub(crate) fn ratio(ratio: Estimate) -> (String, String) {
    let Estimate { median, low, high } = ratio;
    (format!("{median:.3}"), format!("{low:.3}–{high:.3}"))
}

/// How many digits behind the point make four in all.
fn digits(value: f64) -> usize {
    match value {
        1000.0.. => 0,
        100.0.. => 1,
        10.0.. => 2,
        _ => 3,
    }
}

/// A length in bytes.
pub(crate) fn bytes(len: usize) -> String {
    match len {
        1_048_576.. if len.is_multiple_of(1 << 20) => format!("{} MiB", len >> 20),
        1024.. if len.is_multiple_of(1 << 10) => format!("{} KiB", len >> 10),
        _ => format!("{len} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::{bytes, number, ratio, round_time, short_time, time};
    use crate::estimate::Estimate;

    #[test]
    fn times_have_the_unit_of_their_median() {
        for (median, shown, interval) in [
            (23.614e-6, "23.61 µs", "18.89–28.34"),
            (0.99951e-3, "999.5 µs", "799.6–1199.4"),
            (1e-3, "1.000 ms", "0.800–1.200"),
            (12.5, "12.50 s", "10.00–15.00"),
            (5e-10, "0.500 ns", "0.400–0.600"),
        ] {
            let estimate = Estimate { median, low: median * 0.8, high: median * 1.2 };
            assert_eq!(time(estimate), (shown.to_owned(), interval.to_owned()));
        }
        assert_eq!(short_time(23.614e-6), "23.6 µs");
        assert_eq!(short_time(1.23456), "1.23 s");
        assert_eq!(short_time(0.123_456), "123 ms");
    }

    #[test]
    fn round_times_have_no_needless_digits() {
        let marks = [1e-6, 1e-5, 2.5e-5, 1e-4, 0.001, 0.002, 0.1, 1.0, 20.0];
        let shown = ["1 µs", "10 µs", "25 µs", "100 µs", "1 ms", "2 ms", "100 ms", "1 s", "20 s"];
        assert_eq!(marks.map(round_time), shown);
        assert_eq!(round_time(10_f64.powi(-6)), "1 µs");
    }

    #[test]
    fn numbers() {
        assert_eq!(
            [42_345.6, 423.45, 42.345, 0.4].map(number),
            ["42346", "423.4", "42.34", "0.400"]
        );
        let estimate = Estimate { median: 0.5, low: 0.49, high: 12.0 };
        assert_eq!(ratio(estimate), ("0.500".to_owned(), "0.490–12.000".to_owned()));
        assert_eq!(
            [0, 16, 1000, 1024, 65536, 3 << 20].map(bytes),
            ["0 B", "16 B", "1000 B", "1 KiB", "64 KiB", "3 MiB"]
        );
    }
}
