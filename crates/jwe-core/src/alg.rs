//! The `alg` header parameter: how the content encryption key reaches the recipient (RFC 7518 §4).

use core::fmt;
use core::str::FromStr;

/// A key management algorithm, the value of the `alg` header parameter (RFC 7516 §4.1.1,
/// RFC 7518 §4.1).
///
/// `RSA1_5` is not a member and never will be. That a name is a member says that this
/// crate knows its rules; which algorithms can be used is up to the [`Backend`](crate::Backend).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Alg {
    /// RSAES-OAEP with SHA-1 and MGF1 with SHA-1 (RFC 7518 §4.3).
    RsaOaep,
    /// RSAES-OAEP with SHA-256 and MGF1 with SHA-256 (RFC 7518 §4.3).
    RsaOaep256,
    /// RSAES-OAEP with SHA-384 and MGF1 with SHA-384 (IANA JOSE registry).
    RsaOaep384,
    /// RSAES-OAEP with SHA-512 and MGF1 with SHA-512 (IANA JOSE registry).
    RsaOaep512,
    /// AES key wrap with a 128-bit key (RFC 7518 §4.4, RFC 3394).
    A128Kw,
    /// AES key wrap with a 192-bit key (RFC 7518 §4.4, RFC 3394).
    A192Kw,
    /// AES key wrap with a 256-bit key (RFC 7518 §4.4, RFC 3394).
    A256Kw,
    /// Direct use of a shared symmetric key as the CEK (RFC 7518 §4.5).
    Dir,
    /// Ephemeral-static Diffie-Hellman; the agreed key is the CEK (RFC 7518 §4.6).
    EcdhEs,
    /// Ephemeral-static Diffie-Hellman; the agreed key wraps the CEK as in [`A128Kw`](Self::A128Kw) (RFC 7518 §4.6).
    EcdhEsA128Kw,
    /// Ephemeral-static Diffie-Hellman; the agreed key wraps the CEK as in [`A192Kw`](Self::A192Kw) (RFC 7518 §4.6).
    EcdhEsA192Kw,
    /// Ephemeral-static Diffie-Hellman; the agreed key wraps the CEK as in [`A256Kw`](Self::A256Kw) (RFC 7518 §4.6).
    EcdhEsA256Kw,
    /// Key wrapping with AES-128-GCM (RFC 7518 §4.7).
    A128GcmKw,
    /// Key wrapping with AES-192-GCM (RFC 7518 §4.7).
    A192GcmKw,
    /// Key wrapping with AES-256-GCM (RFC 7518 §4.7).
    A256GcmKw,
    /// A password: PBKDF2 with HMAC-SHA-256, then [`A128Kw`](Self::A128Kw) (RFC 7518 §4.8).
    Pbes2Hs256A128Kw,
    /// A password: PBKDF2 with HMAC-SHA-384, then [`A192Kw`](Self::A192Kw) (RFC 7518 §4.8).
    Pbes2Hs384A192Kw,
    /// A password: PBKDF2 with HMAC-SHA-512, then [`A256Kw`](Self::A256Kw) (RFC 7518 §4.8).
    Pbes2Hs512A256Kw,
}

/// How an algorithm determines the CEK (the key management modes of RFC 7516 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyManagementMode {
    /// A random CEK is encrypted to the recipient with an asymmetric algorithm.
    KeyEncryption,
    /// A random CEK is encrypted with a symmetric key wrapping algorithm.
    KeyWrapping,
    /// A key agreement determines the CEK; the encrypted key is empty.
    DirectKeyAgreement,
    /// A key agreement determines the key with which a random CEK is wrapped.
    KeyAgreementWithKeyWrapping,
    /// The shared symmetric key is the CEK; the encrypted key is empty.
    DirectEncryption,
}

impl Alg {
    /// Every member, in the order of RFC 7518 §4.1.
    pub const ALL: &'static [Self] = &[
        Self::RsaOaep,
        Self::RsaOaep256,
        Self::RsaOaep384,
        Self::RsaOaep512,
        Self::A128Kw,
        Self::A192Kw,
        Self::A256Kw,
        Self::Dir,
        Self::EcdhEs,
        Self::EcdhEsA128Kw,
        Self::EcdhEsA192Kw,
        Self::EcdhEsA256Kw,
        Self::A128GcmKw,
        Self::A192GcmKw,
        Self::A256GcmKw,
        Self::Pbes2Hs256A128Kw,
        Self::Pbes2Hs384A192Kw,
        Self::Pbes2Hs512A256Kw,
    ];

    /// The exact, case-sensitive name of the registry.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::RsaOaep384 => "RSA-OAEP-384",
            Self::RsaOaep512 => "RSA-OAEP-512",
            Self::A128Kw => "A128KW",
            Self::A192Kw => "A192KW",
            Self::A256Kw => "A256KW",
            Self::Dir => "dir",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA128Kw => "ECDH-ES+A128KW",
            Self::EcdhEsA192Kw => "ECDH-ES+A192KW",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
            Self::A128GcmKw => "A128GCMKW",
            Self::A192GcmKw => "A192GCMKW",
            Self::A256GcmKw => "A256GCMKW",
            Self::Pbes2Hs256A128Kw => "PBES2-HS256+A128KW",
            Self::Pbes2Hs384A192Kw => "PBES2-HS384+A192KW",
            Self::Pbes2Hs512A256Kw => "PBES2-HS512+A256KW",
        }
    }

    /// The algorithm of that exact name, or `None`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|alg| alg.name() == name)
    }

    /// The key management mode, which decides whether an encrypted key is present.
    #[must_use]
    pub const fn mode(self) -> KeyManagementMode {
        match self {
            Self::RsaOaep | Self::RsaOaep256 | Self::RsaOaep384 | Self::RsaOaep512 => {
                KeyManagementMode::KeyEncryption
            }
            Self::A128Kw
            | Self::A192Kw
            | Self::A256Kw
            | Self::A128GcmKw
            | Self::A192GcmKw
            | Self::A256GcmKw
            | Self::Pbes2Hs256A128Kw
            | Self::Pbes2Hs384A192Kw
            | Self::Pbes2Hs512A256Kw => KeyManagementMode::KeyWrapping,
            Self::EcdhEs => KeyManagementMode::DirectKeyAgreement,
            Self::EcdhEsA128Kw | Self::EcdhEsA192Kw | Self::EcdhEsA256Kw => {
                KeyManagementMode::KeyAgreementWithKeyWrapping
            }
            Self::Dir => KeyManagementMode::DirectEncryption,
        }
    }

    /// The length in bytes of the key that wraps the CEK with AES, be it the shared key or one that
    /// is agreed on or derived from a password; `None` where AES wraps no key.
    #[must_use]
    pub const fn kek_len(self) -> Option<usize> {
        match self {
            Self::A128Kw | Self::A128GcmKw | Self::EcdhEsA128Kw | Self::Pbes2Hs256A128Kw => {
                Some(16)
            }
            Self::A192Kw | Self::A192GcmKw | Self::EcdhEsA192Kw | Self::Pbes2Hs384A192Kw => {
                Some(24)
            }
            Self::A256Kw | Self::A256GcmKw | Self::EcdhEsA256Kw | Self::Pbes2Hs512A256Kw => {
                Some(32)
            }
            _ => None,
        }
    }

    /// Whether this is one of the ECDH-ES family, whose messages have an `epk` (RFC 7518 §4.6.1.1).
    #[must_use]
    pub const fn is_ecdh(self) -> bool {
        matches!(self, Self::EcdhEs | Self::EcdhEsA128Kw | Self::EcdhEsA192Kw | Self::EcdhEsA256Kw)
    }

    /// Whether this is one of the AES-GCM key wrapping family, whose messages have an `iv` and a
    /// `tag` (RFC 7518 §4.7.1).
    #[must_use]
    pub const fn is_gcm_kw(self) -> bool {
        matches!(self, Self::A128GcmKw | Self::A192GcmKw | Self::A256GcmKw)
    }

    /// Whether this is one of the PBES2 family, whose key is a password and whose messages have a
    /// `p2s` and a `p2c` (RFC 7518 §4.8.1).
    #[must_use]
    pub const fn is_pbes2(self) -> bool {
        matches!(self, Self::Pbes2Hs256A128Kw | Self::Pbes2Hs384A192Kw | Self::Pbes2Hs512A256Kw)
    }

    /// Whether a key of this `kty` (RFC 7518 §6.1) can be for this algorithm.
    #[must_use]
    pub fn takes_key_type(self, kty: &str) -> bool {
        if self.is_rsa() {
            kty == "RSA"
        } else if self.is_ecdh() {
            matches!(kty, "EC" | "OKP")
        } else {
            kty == "oct"
        }
    }

    /// Whether this is one of the RSAES-OAEP family, whose encrypted key is exactly as long as
    /// the modulus (RFC 8017 §7.1.1).
    #[must_use]
    pub const fn is_rsa(self) -> bool {
        matches!(self, Self::RsaOaep | Self::RsaOaep256 | Self::RsaOaep384 | Self::RsaOaep512)
    }
}

impl fmt::Display for Alg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The text is not the exact name of an algorithm of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownAlgorithm;

impl fmt::Display for UnknownAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the name of a supported algorithm; names are case-sensitive, for example \"RSA-OAEP-256\" or \"A256GCM\"")
    }
}

impl core::error::Error for UnknownAlgorithm {}

impl FromStr for Alg {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Self::from_name(name).ok_or(UnknownAlgorithm)
    }
}

#[cfg(test)]
mod tests {
    use super::{Alg, KeyManagementMode as Mode};

    /// RFC 7518 §4.1 and the IANA registry: the mode, the length of the key that wraps with AES, and the
    /// types of key.
    const TABLE: &[(&str, Mode, Option<usize>, &[&str])] = &[
        ("RSA-OAEP", Mode::KeyEncryption, None, &["RSA"]),
        ("RSA-OAEP-256", Mode::KeyEncryption, None, &["RSA"]),
        ("RSA-OAEP-384", Mode::KeyEncryption, None, &["RSA"]),
        ("RSA-OAEP-512", Mode::KeyEncryption, None, &["RSA"]),
        ("A128KW", Mode::KeyWrapping, Some(16), &["oct"]),
        ("A192KW", Mode::KeyWrapping, Some(24), &["oct"]),
        ("A256KW", Mode::KeyWrapping, Some(32), &["oct"]),
        ("dir", Mode::DirectEncryption, None, &["oct"]),
        ("ECDH-ES", Mode::DirectKeyAgreement, None, &["EC", "OKP"]),
        ("ECDH-ES+A128KW", Mode::KeyAgreementWithKeyWrapping, Some(16), &["EC", "OKP"]),
        ("ECDH-ES+A192KW", Mode::KeyAgreementWithKeyWrapping, Some(24), &["EC", "OKP"]),
        ("ECDH-ES+A256KW", Mode::KeyAgreementWithKeyWrapping, Some(32), &["EC", "OKP"]),
        ("A128GCMKW", Mode::KeyWrapping, Some(16), &["oct"]),
        ("A192GCMKW", Mode::KeyWrapping, Some(24), &["oct"]),
        ("A256GCMKW", Mode::KeyWrapping, Some(32), &["oct"]),
        ("PBES2-HS256+A128KW", Mode::KeyWrapping, Some(16), &["oct"]),
        ("PBES2-HS384+A192KW", Mode::KeyWrapping, Some(24), &["oct"]),
        ("PBES2-HS512+A256KW", Mode::KeyWrapping, Some(32), &["oct"]),
    ];

    #[test]
    fn each_algorithm_is_what_its_rfc_says() {
        assert_eq!(Alg::ALL.len(), TABLE.len());
        for (alg, (name, mode, kek_len, types)) in Alg::ALL.iter().copied().zip(TABLE) {
            assert_eq!((alg.name(), alg.to_string().as_str()), (*name, *name));
            assert_eq!((Alg::from_name(name), name.parse()), (Some(alg), Ok(alg)));
            assert_eq!((alg.mode(), alg.kek_len()), (*mode, *kek_len), "{name}");
            for kty in ["RSA", "EC", "OKP", "oct", "rsa", ""] {
                assert_eq!(alg.takes_key_type(kty), types.contains(&kty), "{name} {kty}");
            }
            assert_eq!(alg.is_rsa(), name.starts_with("RSA-OAEP"), "{name}");
            assert_eq!(alg.is_ecdh(), name.starts_with("ECDH-ES"), "{name}");
            assert_eq!(alg.is_gcm_kw(), name.ends_with("GCMKW"), "{name}");
            assert_eq!(alg.is_pbes2(), name.starts_with("PBES2"), "{name}");
            assert_eq!(format!("{alg:>20}").len(), 20);
        }
        for unknown in ["RSA1_5", "none", "HS256", "A512KW", "DIR", ""] {
            assert_eq!(Alg::from_name(unknown), None);
        }
    }
}
