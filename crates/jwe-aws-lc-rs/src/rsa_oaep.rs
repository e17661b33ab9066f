//! RSAES-OAEP (RFC 7518 §4.3, RFC 8017 §7.1): wrapping and unwrapping of the CEK.

use std::sync::Arc;

use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey,
    PublicEncryptingKey,
};
use jwe_core::{
    Alg, BackendError, DecryptionKeyImport, EncryptionKeyImport, KeyMaterial, KeyRejected,
    RecipientContext, RecipientKey, SenderContext, SenderKey, UNWRAP_BUFFER_LEN, UnwrapKey,
    WrapKey,
};
use zeroize::Zeroizing;

const IMPLEMENTATION: &str = "AWS-LC RSA-OAEP";

/// What a new key encrypts, and a new private key decrypts again, before it is taken. No secret.
const SELF_TEST: [u8; 32] = [0xa5; 32];

/// One hash of RSAES-OAEP, which is also that of MGF1.
pub(crate) struct RsaOaep {
    alg: Alg,
    oaep: &'static OaepAlgorithm,
}

pub(crate) static RSA_OAEP: RsaOaep = RsaOaep { alg: Alg::RsaOaep, oaep: &OAEP_SHA1_MGF1SHA1 };
pub(crate) static RSA_OAEP_256: RsaOaep =
    RsaOaep { alg: Alg::RsaOaep256, oaep: &OAEP_SHA256_MGF1SHA256 };
pub(crate) static RSA_OAEP_384: RsaOaep =
    RsaOaep { alg: Alg::RsaOaep384, oaep: &OAEP_SHA384_MGF1SHA384 };
pub(crate) static RSA_OAEP_512: RsaOaep =
    RsaOaep { alg: Alg::RsaOaep512, oaep: &OAEP_SHA512_MGF1SHA512 };

impl EncryptionKeyImport for RsaOaep {
    fn alg(&self) -> Alg {
        self.alg
    }

    fn implementation(&self) -> &'static str {
        IMPLEMENTATION
    }

    fn import(&self, key: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        let KeyMaterial::RsaPublic(key) = key else {
            return Err(KeyRejected::WRONG_KEY_TYPE);
        };
        let public = PublicKey::prepare(self.oaep, key.spki_der())?;
        public.encrypt_self_test()?;
        Ok(SenderKey::Wrap(Arc::new(public)))
    }
}

impl DecryptionKeyImport for RsaOaep {
    fn alg(&self) -> Alg {
        self.alg
    }

    fn implementation(&self) -> &'static str {
        IMPLEMENTATION
    }

    fn import(&self, key: &KeyMaterial) -> Result<RecipientKey, KeyRejected> {
        let KeyMaterial::RsaPrivate(key) = key else {
            return Err(KeyRejected::WRONG_KEY_TYPE);
        };
        let private = PrivateKey::prepare(self.oaep, key.pkcs8_der(), key.public().spki_der())?;
        Ok(RecipientKey::Unwrap(Arc::new(private)))
    }
}

/// A prepared public key.
struct PublicKey {
    oaep: &'static OaepAlgorithm,
    key: OaepPublicEncryptingKey,
    modulus_len: usize,
}

impl PublicKey {
    fn prepare(oaep: &'static OaepAlgorithm, spki_der: &[u8]) -> Result<Self, KeyRejected> {
        const REFUSED: KeyRejected = KeyRejected::new(
            "AWS-LC takes no RSA key of these numbers: check the key at its origin, or make a new one",
        );
        let key = PublicEncryptingKey::from_der(spki_der).map_err(|_| REFUSED)?;
        let modulus_len = key.key_size_bytes();
        let key = OaepPublicEncryptingKey::new(key).map_err(|_| REFUSED)?;
        Ok(Self { oaep, key, modulus_len })
    }

    fn encrypt(&self, cek: &[u8], encrypted_key: &mut [u8]) -> Result<(), BackendError> {
        if encrypted_key.len() != self.modulus_len {
            return Err(BackendError);
        }
        match self.key.encrypt(self.oaep, cek, encrypted_key, None) {
            Ok(written) if written.len() == self.modulus_len => Ok(()),
            _ => Err(BackendError),
        }
    }

    /// Encrypts a known text. This also has AWS-LC compute what it keeps for the modulus.
    fn encrypt_self_test(&self) -> Result<Vec<u8>, KeyRejected> {
        let mut encrypted = vec![0; self.modulus_len];
        self.encrypt(&SELF_TEST, &mut encrypted).map_err(|_| {
            KeyRejected::new("AWS-LC can't encrypt with this RSA key: make a new one")
        })?;
        Ok(encrypted)
    }
}

impl WrapKey for PublicKey {
    fn encrypted_key_len(&self, _cek_len: usize) -> usize {
        self.modulus_len
    }

    fn wrap_key(
        &self,
        _context: &mut SenderContext<'_>,
        cek: &[u8],
        encrypted_key: &mut [u8],
    ) -> Result<(), BackendError> {
        self.encrypt(cek, encrypted_key)
    }
}

/// A prepared private key.
struct PrivateKey {
    oaep: &'static OaepAlgorithm,
    key: OaepPrivateDecryptingKey,
    modulus_len: usize,
}

impl PrivateKey {
    /// Takes the private key, and its public half as the engine knows it, which encrypts what the
    /// private key must decrypt.
    fn prepare(
        oaep: &'static OaepAlgorithm,
        pkcs8_der: &[u8],
        spki_der: &[u8],
    ) -> Result<Self, KeyRejected> {
        // The encoding is the engine's, so that AWS-LC can only mean the numbers.
        let key =
            PrivateDecryptingKey::from_pkcs8(pkcs8_der).map_err(|_| KeyRejected::INCONSISTENT)?;
        let modulus_len = key.key_size_bytes();
        let key = OaepPrivateDecryptingKey::new(key).map_err(|_| KeyRejected::INCONSISTENT)?;
        let private = Self { oaep, key, modulus_len };
        private.round_trip_with(&PublicKey::prepare(oaep, spki_der)?)?;
        Ok(private)
    }

    /// One operation of the whole key. The first one costs twice, so that no message has to be it.
    fn round_trip_with(&self, public: &PublicKey) -> Result<(), KeyRejected> {
        let encrypted = public.encrypt_self_test()?;
        let mut out = Zeroizing::new(vec![0; UNWRAP_BUFFER_LEN]);
        let len = self.decrypt(&encrypted, &mut out).map_err(|_| KeyRejected::INCONSISTENT)?;
        if out.get(..len) == Some(&SELF_TEST) { Ok(()) } else { Err(KeyRejected::INCONSISTENT) }
    }

    fn decrypt(&self, encrypted_key: &[u8], out: &mut [u8]) -> Result<usize, BackendError> {
        if encrypted_key.len() != self.modulus_len {
            return Err(BackendError);
        }
        // AWS-LC wants an output as long as the modulus, however short the plaintext is.
        let out = out.get_mut(..self.modulus_len).ok_or(BackendError)?;
        match self.key.decrypt(self.oaep, encrypted_key, out, None) {
            Ok(plaintext) => Ok(plaintext.len()),
            Err(_) => {
                out.fill(0);
                Err(BackendError)
            }
        }
    }
}

impl UnwrapKey for PrivateKey {
    fn encrypted_key_len(&self, _cek_len: usize) -> usize {
        self.modulus_len
    }

    fn unwrap_key(
        &self,
        _context: &RecipientContext<'_>,
        encrypted_key: &[u8],
        out: &mut [u8],
    ) -> Result<usize, BackendError> {
        self.decrypt(encrypted_key, out)
    }
}

#[cfg(test)]
mod tests {
    use jwe_core::{KeyRejected, RsaKeyGeneration, RsaPrivateKey};

    use super::{PrivateKey, RSA_OAEP};
    use crate::key_generation::AWS_LC_KEY_GENERATION;

    /// jwe-core takes both halves from one encoding, so that no import comes to this check.
    #[test]
    fn a_private_key_with_another_public_half_is_refused() {
        let generate = || {
            let der = AWS_LC_KEY_GENERATION.generate(2048).unwrap();
            RsaPrivateKey::from_pkcs8_der(&der).unwrap()
        };
        let (key, other) = (generate(), generate());
        let prepare = |public: &RsaPrivateKey| {
            PrivateKey::prepare(RSA_OAEP.oaep, key.pkcs8_der(), public.public().spki_der()).err()
        };
        assert_eq!(prepare(&key), None);
        assert_eq!(prepare(&other), Some(KeyRejected::INCONSISTENT));
    }
}
