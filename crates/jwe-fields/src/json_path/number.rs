//! Numbers as filters compare them.

use core::cmp::Ordering;

/// An integer exactly, any other number as the nearest double (RFC 9535 §2.1 refers to I-JSON).
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Integer(i128),
    Double(f64),
}

impl Number {
    /// Reads the text of a JSON number. What is beyond the largest double is taken as it.
    pub(super) fn parse(text: &[u8]) -> Self {
        let text = core::str::from_utf8(text).unwrap_or_default();
        // `parse` refuses fractions, exponents and what does not fit.
        text.parse().map_or_else(
            |_| Self::Double(text.parse().unwrap_or(0.0_f64).clamp(f64::MIN, f64::MAX)),
            Self::Integer,
        )
    }

    fn as_double(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Double(double) => double,
        }
    }

    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => Some(left.cmp(&right)),
            _ => self.as_double().partial_cmp(&other.as_double()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_by_value() {
        let ordering = |left: &str, right: &str| {
            Number::parse(left.as_bytes()).compare(Number::parse(right.as_bytes())).unwrap()
        };
        assert_eq!(ordering("1", "1.0"), Ordering::Equal);
        assert_eq!(ordering("10", "1e1"), Ordering::Equal);
        assert_eq!(ordering("0", "-0"), Ordering::Equal);
        assert_eq!(ordering("0", "-0.0"), Ordering::Equal);
        assert_eq!(ordering("0", "1e-17"), Ordering::Less);
        assert_eq!(ordering("9007199254740993", "9007199254740992"), Ordering::Greater);
        assert_eq!(ordering("1e400", "1e308"), Ordering::Greater);
        assert_eq!(ordering("1e400", "1e401"), Ordering::Equal);
        assert_eq!(ordering("-1e400", "-1e308"), Ordering::Less);
    }
}
