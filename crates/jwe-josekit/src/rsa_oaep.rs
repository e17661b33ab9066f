//! RSAES-OAEP (RFC 7518 §4.3, RFC 8017 §7.1): wrapping and unwrapping of the CEK.

use std::hint::black_box;
use std::sync::Arc;

use jwe_core::{
    Alg, BackendError, DecryptionKeyImport, EncryptionKeyImport, KeyMaterial, KeyRejected,
    RecipientContext, RecipientKey, SenderContext, SenderKey, UNWRAP_BUFFER_LEN, UnwrapKey,
    WrapKey,
};
use openssl::error::ErrorStack;
use openssl::md::{Md, MdRef};
use openssl::pkey::{PKey, Private, Public};
use openssl::pkey_ctx::PkeyCtxRef;
use openssl::rsa::Padding;
use zeroize::Zeroizing;

use crate::context_pool::ContextPool;
use crate::rsa_consistency::numbers_belong_together;

const IMPLEMENTATION: &str = "OpenSSL RSA-OAEP";

/// What a new key encrypts, and a new private key decrypts again, before it is taken. No secret.
const SELF_TEST: [u8; 32] = [0xa5; 32];

/// One hash of RSAES-OAEP, which is also that of MGF1.
pub(crate) struct RsaOaep {
    alg: Alg,
    hash: fn() -> &'static MdRef,
}

pub(crate) static RSA_OAEP: RsaOaep = RsaOaep { alg: Alg::RsaOaep, hash: Md::sha1 };
pub(crate) static RSA_OAEP_256: RsaOaep = RsaOaep { alg: Alg::RsaOaep256, hash: Md::sha256 };
pub(crate) static RSA_OAEP_384: RsaOaep = RsaOaep { alg: Alg::RsaOaep384, hash: Md::sha384 };
pub(crate) static RSA_OAEP_512: RsaOaep = RsaOaep { alg: Alg::RsaOaep512, hash: Md::sha512 };

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
        let public = PublicKey::prepare(self.hash, key.spki_der())?;
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
        let private = PrivateKey::prepare(self.hash, key.pkcs8_der(), key.public().spki_der())?;
        Ok(RecipientKey::Unwrap(Arc::new(private)))
    }
}

/// Sets padding and hashes in a context whose direction is set.
fn set_oaep<T>(context: &mut PkeyCtxRef<T>, hash: &MdRef) -> Result<(), ErrorStack> {
    context.set_rsa_padding(Padding::PKCS1_OAEP)?;
    context.set_rsa_oaep_md(hash)?;
    context.set_rsa_mgf1_md(hash)
}

/// A prepared public key.
struct PublicKey {
    contexts: ContextPool<Public>,
    modulus_len: usize,
}

impl PublicKey {
    fn prepare(hash: fn() -> &'static MdRef, spki_der: &[u8]) -> Result<Self, KeyRejected> {
        let key = PKey::public_key_from_der(spki_der).map_err(|_| {
            KeyRejected::new(
                "OpenSSL takes no RSA key of these numbers: check the key at its origin, or make a \
                 new one",
            )
        })?;
        let modulus_len = key.size();
        let contexts = ContextPool::new(
            key,
            Box::new(move |context| {
                context.encrypt_init()?;
                set_oaep(context, hash())
            }),
        );
        Ok(Self { contexts, modulus_len })
    }

    fn encrypt(&self, cek: &[u8], encrypted_key: &mut [u8]) -> Result<(), BackendError> {
        if encrypted_key.len() != self.modulus_len {
            return Err(BackendError);
        }
        let written = self
            .contexts
            .with_context(|context| context.encrypt(cek, Some(encrypted_key)))
            .map_err(|_| BackendError)?;
        if written == self.modulus_len { Ok(()) } else { Err(BackendError) }
    }

    /// Encrypts a known text. This also has OpenSSL compute what it keeps for the modulus.
    fn encrypt_self_test(&self) -> Result<Vec<u8>, KeyRejected> {
        let mut encrypted = vec![0; self.modulus_len];
        self.encrypt(&SELF_TEST, &mut encrypted).map_err(|_| {
            KeyRejected::new(
                "OpenSSL can't encrypt with this RSA key and hash: make a new key, or see whether \
                 the system's OpenSSL policy allows the algorithm",
            )
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
    contexts: ContextPool<Private>,
    modulus_len: usize,
    /// What OpenSSL reports when a block does not decode.
    decoding_error: ErrorStack,
}

impl PrivateKey {
    /// Takes the private key, and its public half as the engine knows it, which encrypts what the
    /// private key must decrypt.
    fn prepare(
        hash: fn() -> &'static MdRef,
        pkcs8_der: &[u8],
        spki_der: &[u8],
    ) -> Result<Self, KeyRejected> {
        // The encoding is the engine's, so that OpenSSL can only mean the numbers.
        let key = PKey::private_key_from_pkcs8(pkcs8_der).map_err(|_| KeyRejected::INCONSISTENT)?;
        let consistent = key.rsa().and_then(|key| numbers_belong_together(&key));
        if !matches!(consistent, Ok(true)) {
            return Err(KeyRejected::INCONSISTENT);
        }
        let modulus_len = key.size();
        let contexts = ContextPool::new(
            key,
            Box::new(move |context| {
                context.decrypt_init()?;
                set_oaep(context, hash())
            }),
        );
        // The block 0 decrypts to 0, which is no encoding of anything.
        let (block, mut out) = (vec![0; modulus_len], vec![0; modulus_len]);
        let Err(decoding_error) =
            contexts.with_context(|context| context.decrypt(&block, Some(&mut out)))
        else {
            return Err(KeyRejected::INCONSISTENT);
        };
        let private = Self { contexts, modulus_len, decoding_error };
        private.round_trip_with(&PublicKey::prepare(hash, spki_der)?)?;
        Ok(private)
    }

    /// One operation of the whole key. The first one costs more than the others, so that no
    /// message has to be it.
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
        // OpenSSL wants an output as long as the modulus, however short the plaintext is.
        let out = out.get_mut(..self.modulus_len).ok_or(BackendError)?;
        match self.contexts.with_context(|context| context.decrypt(encrypted_key, Some(&mut *out)))
        {
            Ok(len) => {
                self.spend_what_a_failure_costs();
                Ok(len)
            }
            Err(_) => {
                out.fill(0);
                Err(BackendError)
            }
        }
    }

    /// After a failure the `openssl` crate takes the errors off OpenSSL's queue of the thread, makes
    /// a value of them and drops it. A success does the like, so that the two take about the same
    /// time (RFC 7516 §11.5). So both empty the queue, of an application's own errors too.
    fn spend_what_a_failure_costs(&self) {
        drop(black_box(ErrorStack::get()));
        drop(black_box([self.decoding_error.clone(), self.decoding_error.clone()]));
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
    use std::sync::Arc;

    use josekit::jwe::alg::rsaes::RsaesJweAlgorithm;
    use josekit::jwe::enc::aesgcm::AesgcmJweEncryption;
    use josekit::jwe::{JweDecrypter, JweEncrypter, JweHeader};
    use jwe_core::{
        BackendError, DecryptionKeyImport, Enc, EncryptionKeyImport, KeyMaterial, KeyRejected,
        RecipientContext, RecipientKey, RsaKeyGeneration, RsaPrivateKey, SenderContext, SenderKey,
        UNWRAP_BUFFER_LEN, UnwrapKey,
    };
    use openssl::error::ErrorStack;

    use super::{PrivateKey, RSA_OAEP, RSA_OAEP_256, RSA_OAEP_384, RSA_OAEP_512, RsaOaep};
    use crate::key_generation::JOSEKIT_KEY_GENERATION;
    use crate::random_source::OPENSSL_RANDOM;

    fn generate() -> RsaPrivateKey {
        let der = JOSEKIT_KEY_GENERATION.generate(2048).unwrap();
        RsaPrivateKey::from_pkcs8_der(&der).unwrap()
    }

    fn import(alg: &RsaOaep, key: &RsaPrivateKey) -> Result<Arc<dyn UnwrapKey>, KeyRejected> {
        match DecryptionKeyImport::import(alg, &KeyMaterial::RsaPrivate(key.clone()))? {
            RecipientKey::Unwrap(key) => Ok(key),
            _ => panic!("RSA unwraps"),
        }
    }

    fn wrap(alg: &RsaOaep, key: &RsaPrivateKey, cek: &[u8]) -> Vec<u8> {
        let public = KeyMaterial::RsaPublic(key.public().clone());
        let Ok(SenderKey::Wrap(key)) = EncryptionKeyImport::import(alg, &public) else {
            panic!("RSA wraps");
        };
        let mut encrypted = vec![0; key.encrypted_key_len(cek.len())];
        let mut context = SenderContext::new(Enc::A256Gcm, &OPENSSL_RANDOM);
        key.wrap_key(&mut context, cek, &mut encrypted).unwrap();
        encrypted
    }

    fn unwrap(key: &Arc<dyn UnwrapKey>, encrypted: &[u8]) -> Result<Vec<u8>, BackendError> {
        let mut out = [0; UNWRAP_BUFFER_LEN];
        let len = key.unwrap_key(&RecipientContext::new(Enc::A256Gcm), encrypted, &mut out)?;
        Ok(out[..len].to_vec())
    }

    /// jwe-core takes both halves from one encoding, so that no import comes to this check.
    #[test]
    fn a_private_key_with_another_public_half_is_refused() {
        let (key, other) = (generate(), generate());
        let prepare = |public: &RsaPrivateKey| {
            PrivateKey::prepare(RSA_OAEP.hash, key.pkcs8_der(), public.public().spki_der()).err()
        };
        assert_eq!(prepare(&key), None);
        assert_eq!(prepare(&other), Some(KeyRejected::INCONSISTENT));
    }

    /// josekit's own key encryption, which makes a context for each call, and this one read each
    /// other.
    #[test]
    fn josekit_reads_what_this_writes_and_the_other_way_round() {
        let key = generate();
        let algs = [
            (&RSA_OAEP, RsaesJweAlgorithm::RsaOaep),
            (&RSA_OAEP_256, RsaesJweAlgorithm::RsaOaep256),
            (&RSA_OAEP_384, RsaesJweAlgorithm::RsaOaep384),
            (&RSA_OAEP_512, RsaesJweAlgorithm::RsaOaep512),
        ];
        for (ours, theirs) in algs {
            let encrypted = wrap(ours, &key, &[0xc3; 32]);
            let decrypter = theirs.decrypter_from_der(key.pkcs8_der()).unwrap();
            let header = JweHeader::new();
            let cek = JweDecrypter::decrypt(
                &decrypter,
                Some(&encrypted),
                &AesgcmJweEncryption::A256gcm,
                &header,
            )
            .unwrap();
            assert_eq!(&cek[..], [0xc3; 32]);

            let encrypter = theirs.encrypter_from_der(key.public().spki_der()).unwrap();
            let encrypted =
                JweEncrypter::encrypt(&encrypter, &[0x3c; 32], &header, &mut JweHeader::new())
                    .unwrap()
                    .unwrap();
            assert_eq!(unwrap(&import(ours, &key).unwrap(), &encrypted), Ok(vec![0x3c; 32]));
        }
    }

    #[test]
    fn nothing_is_left_on_the_error_queue_of_openssl() {
        let key = generate();
        let private = import(&RSA_OAEP_256, &key).unwrap();
        assert!(ErrorStack::get().errors().is_empty());
        assert_eq!(unwrap(&private, &[1; 256]), Err(BackendError));
        assert!(ErrorStack::get().errors().is_empty());
        let encrypted = wrap(&RSA_OAEP_256, &key, &[1; 32]);
        assert_eq!(unwrap(&private, &encrypted), Ok(vec![1; 32]));
        assert!(ErrorStack::get().errors().is_empty());
        // The encoding ends with the last byte of the coefficient.
        let mut der = key.pkcs8_der().to_vec();
        *der.last_mut().unwrap() ^= 2;
        let wrong = RsaPrivateKey::from_pkcs8_der(&der).unwrap();
        assert_eq!(import(&RSA_OAEP_256, &wrong).err(), Some(KeyRejected::INCONSISTENT));
        assert!(ErrorStack::get().errors().is_empty());
    }
}
