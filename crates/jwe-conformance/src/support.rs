//! What the topics share: vectors, keys, a reference implementation, and how a failure reads.

pub(crate) mod attempt;
pub(crate) mod bytes;
pub(crate) mod compact;
pub(crate) mod engine;
pub(crate) mod keys;
pub(crate) mod prepared;
pub(crate) mod reference;
pub(crate) mod sealed;
pub(crate) mod seeded;
pub(crate) mod vectors;
