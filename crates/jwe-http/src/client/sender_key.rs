//! A published key, ready for use.

use jwe_core::{Alg, Enc, Encrypter, EncryptionKey, ImportError, Jwk, JwkSet, KeyOptions};

use super::key_source_error::KeySourceError;
use super::key_source_options::KeySourceOptions;
use super::secret_members;

/// A key that was fetched and imported once.
#[derive(Debug)]
pub struct SenderKey {
    kid: String,
    key: EncryptionKey,
    encrypter: Encrypter,
    thumbprint: String,
}

impl SenderKey {
    /// The key's `kid`, which is in the header of all that is encrypted with it.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The algorithm to which the key is bound.
    #[must_use]
    pub fn alg(&self) -> Alg {
        self.key.alg()
    }

    /// The content encryption.
    #[must_use]
    pub fn enc(&self) -> Enc {
        self.encrypter.enc()
    }

    /// The prepared key, for an encrypter with settings of its own.
    #[must_use]
    pub fn key(&self) -> &EncryptionKey {
        &self.key
    }

    /// An encrypter with this key.
    #[must_use]
    pub fn encrypter(&self) -> &Encrypter {
        &self.encrypter
    }

    /// Whether this is the same key under the same name, for the same algorithm.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.kid == other.kid && self.thumbprint == other.thumbprint && self.alg() == other.alg()
    }

    /// Whether this is another key under the same `kid`.
    pub(super) fn reuses_kid_of(&self, other: &Self) -> bool {
        self.kid == other.kid && self.thumbprint != other.thumbprint
    }

    /// The key of an answer.
    ///
    /// # Errors
    /// [`KeySourceError::Key`], [`KeySourceError::SecretKey`], [`KeySourceError::Encrypter`].
    pub(super) fn from_answer(
        answer: &[u8],
        options: &KeySourceOptions,
    ) -> Result<Self, KeySourceError> {
        // One leaked key makes all that comes from there doubtful, not only that key, and whether it could be
        // used or not.
        if secret_members::are_in(answer) {
            return Err(KeySourceError::SecretKey);
        }
        let set = JwkSet::from_bytes(answer)?;
        // In PEM or DER.
        if set.keys().iter().any(Jwk::is_private) {
            return Err(KeySourceError::SecretKey);
        }
        if let Some(kid) = &options.kid {
            return Self::import(set.get(kid)?, options);
        }
        let mut first_error = None;
        for key in set.keys() {
            match Self::import(key, options) {
                Ok(key) => {
                    // Two keys with one kid: which of them the recipient means is not known.
                    set.get(&key.kid)?;
                    return Ok(key);
                }
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        let skipped = set.skipped().first().cloned().map(KeySourceError::Key);
        Err(first_error.or(skipped).unwrap_or(KeySourceError::Key(ImportError::Empty)))
    }

    fn import(jwk: &Jwk, options: &KeySourceOptions) -> Result<Self, KeySourceError> {
        let kid = jwk.kid().ok_or(ImportError::MissingKid)?.to_owned();
        let alg = alg_of(jwk, &options.algs)?;
        let key = EncryptionKey::import(&options.backend, jwk, &KeyOptions::new().with_alg(alg))?;
        let encrypter = Encrypter::new(&options.backend, &key, options.enc)
            .map_err(KeySourceError::Encrypter)?;
        let thumbprint = jwk.thumbprint(&options.backend).ok_or(ImportError::MissingPublicHalf)?;
        Ok(Self { kid, key, encrypter, thumbprint })
    }
}

/// To which of the accepted algorithms a key is bound.
fn alg_of(jwk: &Jwk, accepted: &[Alg]) -> Result<Alg, ImportError> {
    if let Some(declared) = jwk.alg() {
        let named = accepted.iter().find(|alg| alg.name() == declared);
        return named.copied().ok_or_else(|| ImportError::AlgConflict {
            declared: declared.chars().flat_map(char::escape_debug).take(64).collect(),
            wanted: accepted.first().copied(),
        });
    }
    let mut fitting = accepted.iter().filter(|alg| alg.takes_key_type(jwk.kty()));
    match (fitting.next(), fitting.next(), accepted) {
        (Some(alg), None, _) => Ok(*alg),
        (None, _, [alg, ..]) => Err(ImportError::AlgKeyType { alg: *alg, kty: jwk.kty() }),
        _ => Err(ImportError::MissingAlg),
    }
}
