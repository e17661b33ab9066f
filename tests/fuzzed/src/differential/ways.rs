//! The ways to send a CEK: an algorithm, and for key agreement a curve.

use jwe::{Alg, Backend, Curve, Direction, Enc};

/// A way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Way {
    pub(super) alg: Alg,
    pub(super) curve: Option<Curve>,
}

impl Way {
    pub(super) fn name(self) -> String {
        let alg = self.alg.name().to_lowercase().replace('+', "-");
        match self.curve {
            None => alg,
            Some(curve) => format!("{alg}-{}", curve.name().to_lowercase()),
        }
    }
}

/// All ways of the registry.
pub(super) fn all() -> Vec<Way> {
    let curves: Vec<Option<Curve>> = Curve::ALL.iter().copied().map(Some).collect();
    let of = |alg: &Alg| {
        let curves = if alg.is_ecdh() { curves.as_slice() } else { &[None] };
        curves.iter().map(|curve| Way { alg: *alg, curve: *curve }).collect::<Vec<_>>()
    };
    Alg::ALL.iter().flat_map(of).collect()
}

/// The backends that read tokens of this way.
pub(super) fn readers(way: Way) -> Vec<&'static Backend> {
    let reads = |backend: &&Backend| backend.decryption_key_import(way.alg, way.curve).is_ok();
    jwe::backends().iter().copied().filter(reads).collect()
}

/// The backends that have a content encryption algorithm.
pub(super) fn having(enc: Enc) -> Vec<&'static Backend> {
    let has = |backend: &&Backend| backend.content_encryption(enc, Direction::Decrypt).is_ok();
    jwe::backends().iter().copied().filter(has).collect()
}
