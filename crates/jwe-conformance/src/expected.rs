//! What a backend says that it can do, pinned by its test.

use jwe_core::{Alg, Curve, Enc};

/// The algorithms that a backend must list: these and no others, in any order.
///
/// A backend that loses an algorithm or a curve, by a change of its library or of a feature, fails
/// its test; so does one that gains one that nobody decided on.
///
/// The ECDH-ES family is pinned by its algorithms in `sends` and `receives` and by its curves in
/// `sends_on` and `receives_on`: each algorithm of the family must be there on each of those
/// curves. What is left out of a list with `..Expected::default()` is pinned to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected<'a> {
    /// The `alg` for which keys of senders can be imported.
    pub sends: &'a [Alg],
    /// The curves of the keys of senders for the ECDH-ES family.
    pub sends_on: &'a [Curve],
    /// The `alg` for which keys of recipients can be imported.
    pub receives: &'a [Alg],
    /// The curves of the keys of recipients for the ECDH-ES family.
    pub receives_on: &'a [Curve],
    /// The `enc`, each in both directions.
    pub content: &'a [Enc],
    /// The lengths in bits of the RSA keys that can be generated, ascending.
    pub generates_rsa: &'a [usize],
    /// The curves on which key pairs can be generated.
    pub generates_ec: &'a [Curve],
}

impl Expected<'_> {
    /// The lines of the table for senders, such as `"RSA-OAEP"` and `"ECDH-ES P-256"`.
    pub(crate) fn sends_lines(&self) -> Vec<String> {
        lines(self.sends, self.sends_on)
    }

    /// The lines of the table for recipients.
    pub(crate) fn receives_lines(&self) -> Vec<String> {
        lines(self.receives, self.receives_on)
    }
}

/// How an algorithm, on a curve where it has one, is written.
pub(crate) fn line(alg: Alg, curve: Option<Curve>) -> String {
    match curve {
        None => alg.to_string(),
        Some(curve) => format!("{alg} {curve}"),
    }
}

fn lines(algs: &[Alg], curves: &[Curve]) -> Vec<String> {
    let mut lines = Vec::new();
    for alg in algs.iter().copied() {
        if alg.is_ecdh() {
            lines.extend(curves.iter().map(|curve| line(alg, Some(*curve))));
        } else {
            lines.push(line(alg, None));
        }
    }
    lines
}
