//! The backend value: which algorithms there are and whose code performs them.

use core::fmt;

use crate::alg::Alg;
use crate::content_encryption::ContentEncryption;
use crate::curve::Curve;
use crate::enc::Enc;
use crate::error::Gap;
use crate::key_agreement::{EcKeyGeneration, StaticAgreement};
use crate::key_generation::RsaKeyGeneration;
use crate::key_import::{DecryptionKeyImport, EncryptionKeyImport};
use crate::random_source::RandomSource;

/// A function that hashes with SHA-256 (FIPS 180-4), used for key thumbprints (RFC 7638).
pub type Sha256 = fn(&[u8]) -> [u8; 32];

/// A set of algorithms with a random source: the crypto library, as a value.
///
/// A backend lists what it can do; what is not listed is refused when a key is imported or an
/// encrypter or decrypter is built. There is no global backend and no default in this crate.
///
/// A backend crate builds its value in a `static`:
///
/// ```
/// # use jwe_core::{Backend, BackendError, DIRECT, RandomSource};
/// # struct OsRandom;
/// # impl RandomSource for OsRandom { fn fill(&self, _: &mut [u8]) -> Result<(), BackendError> { Err(BackendError) } }
/// # static RANDOM: OsRandom = OsRandom;
/// # fn sha256(_: &[u8]) -> [u8; 32] { [0; 32] }
/// pub static MINE: Backend = Backend::new("mine", &RANDOM, sha256)
///     .with_encryption_keys(&[&DIRECT])
///     .with_decryption_keys(&[&DIRECT]);
/// ```
#[derive(Clone, Copy)]
pub struct Backend {
    name: &'static str,
    advice: &'static str,
    random: &'static dyn RandomSource,
    sha256: Sha256,
    encryption_keys: &'static [&'static dyn EncryptionKeyImport],
    decryption_keys: &'static [&'static dyn DecryptionKeyImport],
    content_encryption: &'static [&'static dyn ContentEncryption],
    rsa_key_generation: Option<&'static dyn RsaKeyGeneration>,
    ec_key_generation: &'static [&'static dyn EcKeyGeneration],
    // The backends asked first and second when this value is composed by `or`; the lists above
    // are then empty.
    parts: Option<(&'static Backend, &'static Backend)>,
}

/// Whether an algorithm is needed to send or to receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// The sender's direction.
    Encrypt,
    /// The recipient's direction.
    Decrypt,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Encrypt => "encrypt",
            Self::Decrypt => "decrypt",
        })
    }
}

/// An `alg` or an `enc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Algorithm {
    /// A key management algorithm.
    Alg(Alg),
    /// A content encryption algorithm.
    Enc(Enc),
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alg(alg) => alg.fmt(f),
            Self::Enc(enc) => enc.fmt(f),
        }
    }
}

/// One line of a backend's capability table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capability {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The curve, for the ECDH-ES family.
    pub curve: Option<Curve>,
    /// The direction.
    pub direction: Direction,
    /// The name of the backend that lists it; in a composed backend, of the part.
    pub backend: &'static str,
    /// The name of the code that does the work.
    pub implementation: &'static str,
}

impl Backend {
    /// A backend that lists nothing yet.
    #[must_use]
    pub const fn new(
        name: &'static str,
        random: &'static dyn RandomSource,
        sha256: Sha256,
    ) -> Self {
        Self {
            name,
            advice: "",
            random,
            sha256,
            encryption_keys: &[],
            decryption_keys: &[],
            content_encryption: &[],
            rsa_key_generation: None,
            ec_key_generation: &[],
            parts: None,
        }
    }

    /// Lists the algorithms for which keys of senders can be imported.
    #[must_use]
    pub const fn with_encryption_keys(
        mut self,
        list: &'static [&'static dyn EncryptionKeyImport],
    ) -> Self {
        self.encryption_keys = list;
        self
    }

    /// Lists the algorithms for which keys of recipients can be imported.
    #[must_use]
    pub const fn with_decryption_keys(
        mut self,
        list: &'static [&'static dyn DecryptionKeyImport],
    ) -> Self {
        self.decryption_keys = list;
        self
    }

    /// Lists the content encryption algorithms.
    #[must_use]
    pub const fn with_content_encryption(
        mut self,
        list: &'static [&'static dyn ContentEncryption],
    ) -> Self {
        self.content_encryption = list;
        self
    }

    /// Names the object that generates RSA keys.
    #[must_use]
    pub const fn with_rsa_key_generation(
        mut self,
        generation: &'static dyn RsaKeyGeneration,
    ) -> Self {
        self.rsa_key_generation = Some(generation);
        self
    }

    /// Names the objects that generate key pairs for key agreement.
    #[must_use]
    pub const fn with_ec_key_generation(
        mut self,
        list: &'static [&'static dyn EcKeyGeneration],
    ) -> Self {
        self.ec_key_generation = list;
        self
    }

    /// A sentence that the error of a gap ends with: why the library lacks the algorithm and
    /// which backends have it.
    #[must_use]
    pub const fn with_gap_advice(mut self, advice: &'static str) -> Self {
        self.advice = advice;
        self
    }

    /// A backend that does everything that this one lists, and takes from `other` what this one
    /// lacks. Random bytes and hashes are this one's; ephemeral key pairs come from the library that
    /// agrees with them.
    ///
    /// Nothing is composed unless this is called: a lone backend never delegates.
    #[must_use]
    pub const fn or(&'static self, other: &'static Self) -> Self {
        let mut composed = Self::new(self.name, self.random, self.sha256);
        composed.parts = Some((self, other));
        composed
    }

    /// The name of the backend; of a composed one, its parts' names, as in `ring or aws-lc-rs`.
    #[must_use]
    pub fn name(&self) -> String {
        match self.parts {
            None => self.name.to_owned(),
            Some((first, second)) => format!("{} or {}", first.name(), second.name()),
        }
    }

    /// The source of CEKs, initialization vectors and salts.
    #[must_use]
    pub fn random(&self) -> &'static dyn RandomSource {
        self.random
    }

    /// Hashes with SHA-256.
    #[must_use]
    pub fn sha256(&self, data: &[u8]) -> [u8; 32] {
        (self.sha256)(data)
    }

    /// The import object for a sender's key, with the name of the backend that lists it. `curve` is
    /// that of the key, for the ECDH-ES family.
    ///
    /// # Errors
    /// [`Gap`] when the algorithm is not listed in this direction, or not with this curve.
    pub fn encryption_key_import(
        &self,
        alg: Alg,
        curve: Option<Curve>,
    ) -> Result<(&'static str, &'static dyn EncryptionKeyImport), Gap> {
        self.find(&|backend| {
            let import = backend
                .encryption_keys
                .iter()
                .find(|import| import.alg() == alg && serves(import.curves(), curve))?;
            Some((backend.name, *import))
        })
        .ok_or_else(|| self.gap(Algorithm::Alg(alg), curve, Direction::Encrypt))
    }

    /// The import object for a recipient's key, with the name of the backend that lists it.
    /// `curve` is that of the key, for the ECDH-ES family.
    ///
    /// # Errors
    /// [`Gap`] when the algorithm is not listed in this direction, or not with this curve.
    pub fn decryption_key_import(
        &self,
        alg: Alg,
        curve: Option<Curve>,
    ) -> Result<(&'static str, &'static dyn DecryptionKeyImport), Gap> {
        self.find(&|backend| {
            let import = backend
                .decryption_keys
                .iter()
                .find(|import| import.alg() == alg && serves(import.curves(), curve))?;
            Some((backend.name, *import))
        })
        .ok_or_else(|| self.gap(Algorithm::Alg(alg), curve, Direction::Decrypt))
    }

    /// The content encryption object.
    ///
    /// # Errors
    /// [`Gap`] when the algorithm is not listed; `direction` is only for its text.
    pub fn content_encryption(
        &self,
        enc: Enc,
        direction: Direction,
    ) -> Result<&'static dyn ContentEncryption, Gap> {
        self.find(&|backend| {
            backend.content_encryption.iter().find(|object| object.enc() == enc).copied()
        })
        .ok_or_else(|| self.gap(Algorithm::Enc(enc), None, direction))
    }

    /// The object that generates RSA keys, where a part of this backend has one.
    #[must_use]
    pub fn rsa_key_generation(&self) -> Option<&'static dyn RsaKeyGeneration> {
        self.find(&|backend| backend.rsa_key_generation)
    }

    /// The object that generates key pairs on this curve, where a part of this backend has one.
    #[must_use]
    pub fn ec_key_generation(&self, curve: Curve) -> Option<&'static dyn EcKeyGeneration> {
        self.find(&|backend| {
            backend
                .ec_key_generation
                .iter()
                .find(|generation| generation.curves().contains(&curve))
                .copied()
        })
    }

    /// The key agreement that takes private keys on this curve, with the name of the backend that
    /// lists it, where a part of this backend has one.
    pub(crate) fn static_agreement(
        &self,
        curve: Curve,
    ) -> Option<(&'static str, &'static dyn StaticAgreement)> {
        self.find(&|backend| {
            backend.decryption_keys.iter().find_map(|import| {
                import
                    .static_agreement()
                    .filter(|agreement| agreement.curves().contains(&curve))
                    .map(|agreement| (backend.name, agreement))
            })
        })
    }

    /// Everything that this backend can do, in the order of the registries; a content encryption
    /// algorithm has a line for each direction.
    #[must_use]
    pub fn capabilities(&self) -> Vec<Capability> {
        let mut lines = Vec::new();
        let curves: Vec<Option<Curve>> = Curve::ALL.iter().copied().map(Some).collect();
        for alg in Alg::ALL.iter().copied() {
            for curve in if alg.is_ecdh() { curves.as_slice() } else { &[None] } {
                let line = |direction, (backend, implementation)| Capability {
                    algorithm: Algorithm::Alg(alg),
                    curve: *curve,
                    direction,
                    backend,
                    implementation,
                };
                if let Ok((backend, import)) = self.encryption_key_import(alg, *curve) {
                    lines.push(line(Direction::Encrypt, (backend, import.implementation())));
                }
                if let Ok((backend, import)) = self.decryption_key_import(alg, *curve) {
                    lines.push(line(Direction::Decrypt, (backend, import.implementation())));
                }
            }
        }
        for enc in Enc::ALL {
            let found = self.find(&|backend| {
                let object =
                    backend.content_encryption.iter().find(|object| object.enc() == *enc)?;
                Some((backend.name, object.implementation()))
            });
            if let Some((backend, implementation)) = found {
                for direction in [Direction::Encrypt, Direction::Decrypt] {
                    lines.push(Capability {
                        algorithm: Algorithm::Enc(*enc),
                        curve: None,
                        direction,
                        backend,
                        implementation,
                    });
                }
            }
        }
        lines
    }

    /// Asks this backend, or its parts in their order.
    fn find<T>(&self, ask: &dyn Fn(&Self) -> Option<T>) -> Option<T> {
        match self.parts {
            None => ask(self),
            Some((first, second)) => first.find(ask).or_else(|| second.find(ask)),
        }
    }

    fn gap(&self, algorithm: Algorithm, curve: Option<Curve>, direction: Direction) -> Gap {
        // The advice of a part could name the very backend that it is composed with.
        let advice = if self.parts.is_none() { self.advice } else { "none of its parts does" };
        Gap::new(self.name(), algorithm, curve, direction, advice)
    }
}

/// Whether an object with these curves serves a key: one without a curve is served by any.
fn serves(curves: &[Curve], curve: Option<Curve>) -> bool {
    curve.is_none_or(|curve| curves.contains(&curve))
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend").field("name", &self.name()).finish_non_exhaustive()
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}
