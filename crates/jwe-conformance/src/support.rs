//! What the topics share: vectors, keys, a reference implementation, and how a failure reads.

pub(crate) mod attempt;
pub(crate) mod bytes;
pub(crate) mod compact;
pub(crate) mod curve_keys;
pub(crate) mod engine;
pub(crate) mod keys;
pub(crate) mod managed;
pub(crate) mod params;
pub(crate) mod prepared;
pub(crate) mod reference;
pub(crate) mod sealed;
pub(crate) mod secret;
pub(crate) mod seeded;
pub(crate) mod vectors;
pub(crate) mod ways;
