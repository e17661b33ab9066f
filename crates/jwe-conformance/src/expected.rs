//! What a backend says that it can do, pinned by its test.

use jwe_core::{Alg, Enc};

/// The algorithms that a backend must list: these and no others, in any order.
///
/// A backend that loses an algorithm, by a change of its library or of a feature, fails its test;
/// so does one that gains an algorithm that nobody decided on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected<'a> {
    /// The `alg` for which keys of senders can be imported.
    pub sends: &'a [Alg],
    /// The `alg` for which keys of recipients can be imported.
    pub receives: &'a [Alg],
    /// The `enc`, each in both directions.
    pub content: &'a [Enc],
    /// The lengths in bits of the RSA keys that can be generated, ascending.
    pub generates_rsa: &'a [usize],
}
