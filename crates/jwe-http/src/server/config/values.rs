//! Values that several tables have.

use std::fmt;
use std::time::Duration;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// The longest time that can be set: a day.
const MAX_SECONDS: f64 = 86_400.0;

/// A time in seconds, such as `5` or `0.25`: more than none, a day at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::server) struct Seconds(pub(in crate::server) Duration);

impl Seconds {
    pub(super) const fn new(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = Seconds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a number of seconds between 0.001 and {MAX_SECONDS}")
            }

            fn visit_i64<E: Error>(self, seconds: i64) -> Result<Seconds, E> {
                u32::try_from(seconds)
                    .ok()
                    .and_then(|seconds| in_range(f64::from(seconds)))
                    .ok_or_else(|| E::invalid_value(Unexpected::Signed(seconds), &self))
            }

            fn visit_f64<E: Error>(self, seconds: f64) -> Result<Seconds, E> {
                in_range(seconds).ok_or_else(|| E::invalid_value(Unexpected::Float(seconds), &self))
            }
        }

        deserializer.deserialize_any(Number)
    }
}

fn in_range(seconds: f64) -> Option<Seconds> {
    let allowed = (0.001..=MAX_SECONDS).contains(&seconds);
    allowed.then(|| Duration::try_from_secs_f64(seconds).ok()).flatten().map(Seconds)
}
