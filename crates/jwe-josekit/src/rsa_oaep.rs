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
        match self.contexts.with_context(|context| context.decrypt(encrypted_key, Some(out))) {
            Ok(len) => {
                self.spend_what_a_failure_costs();
                Ok(len)
            }
            Err(_) => Err(BackendError),
        }
    }

    /// After a failure the `openssl` crate makes a value of OpenSSL's errors and drops it. A
    /// success does the like, so that the two take the same time (RFC 7516 §11.5) but for a few
    /// hundred instructions among six million.
    fn spend_what_a_failure_costs(&self) {
        drop(black_box(ErrorStack::get()));
        drop(black_box([self.decoding_error.clone(), self.decoding_error.clone()]));
    }
}

impl UnwrapKey for PrivateKey {
    fn encrypted_key_len(&self) -> Option<usize> {
        Some(self.modulus_len)
    }

    fn unwrap_key(
        &self,
        _context: &RecipientContext,
        encrypted_key: &[u8],
        out: &mut [u8],
    ) -> Result<usize, BackendError> {
        self.decrypt(encrypted_key, out)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jwe_core::{
        BackendError, DecryptionKeyImport, Enc, EncryptionKeyImport, Jwk, KeyMaterial, KeyRejected,
        RecipientContext, RecipientKey, RsaKeyGeneration, RsaPublicKey, SenderContext, SenderKey,
        UNWRAP_BUFFER_LEN, UnwrapKey,
    };
    use pkcs1::RsaPrivateKeyRef;
    use pkcs8::der::asn1::{AnyRef, OctetStringRef, UintRef};
    use pkcs8::der::{Decode, Encode, oid::ObjectIdentifier};

    use super::{PrivateKey, RSA_OAEP, RSA_OAEP_256, RSA_OAEP_384, RSA_OAEP_512, RsaOaep};
    use crate::key_generation::JOSEKIT_KEY_GENERATION;
    use crate::random_source::OPENSSL_RANDOM;

    static ALL: [&RsaOaep; 4] = [&RSA_OAEP, &RSA_OAEP_256, &RSA_OAEP_384, &RSA_OAEP_512];

    /// The eight numbers n, e, d, p, q, dp, dq, qi of a private key.
    struct Numbers([Vec<u8>; 8]);

    const NAMES: [&str; 8] = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];
    const FIRST_PRIVATE: usize = 2;

    impl Numbers {
        fn generate(bits: usize) -> Self {
            let der = JOSEKIT_KEY_GENERATION.generate(bits).unwrap();
            let info = pkcs8::PrivateKeyInfoRef::from_der(&der).unwrap();
            let key = RsaPrivateKeyRef::from_der(info.private_key.as_bytes()).unwrap();
            Self(
                [
                    key.modulus,
                    key.public_exponent,
                    key.private_exponent,
                    key.prime1,
                    key.prime2,
                    key.exponent1,
                    key.exponent2,
                    key.coefficient,
                ]
                .map(|number| number.as_bytes().to_vec()),
            )
        }

        fn public(&self) -> RsaPublicKey {
            RsaPublicKey::new(&self.0[0], &self.0[1]).unwrap()
        }

        fn pkcs8_der(&self) -> Vec<u8> {
            let number = |index: usize| UintRef::new(&self.0[index]).unwrap();
            let pkcs1 = RsaPrivateKeyRef {
                modulus: number(0),
                public_exponent: number(1),
                private_exponent: number(2),
                prime1: number(3),
                prime2: number(4),
                exponent1: number(5),
                exponent2: number(6),
                coefficient: number(7),
                other_prime_infos: None,
            }
            .to_der()
            .unwrap();
            pkcs8::PrivateKeyInfoRef::new(
                pkcs8::AlgorithmIdentifierRef {
                    oid: ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1"),
                    parameters: Some(AnyRef::NULL),
                },
                OctetStringRef::new(&pkcs1).unwrap(),
            )
            .to_der()
            .unwrap()
        }

        fn import(&self, alg: &RsaOaep) -> Result<Arc<dyn UnwrapKey>, KeyRejected> {
            let key = Jwk::from_der(&self.pkcs8_der()).unwrap();
            match DecryptionKeyImport::import(alg, key.material())? {
                RecipientKey::Unwrap(key) => Ok(key),
                _ => panic!("RSA unwraps"),
            }
        }

        fn with(&self, index: usize, number: &[u8]) -> Self {
            let mut changed = self.0.clone();
            changed[index] = number.to_vec();
            Self(changed)
        }
    }

    fn wrap(alg: &RsaOaep, public: RsaPublicKey, cek: &[u8]) -> Result<Vec<u8>, BackendError> {
        let SenderKey::Wrap(key) =
            EncryptionKeyImport::import(alg, &KeyMaterial::RsaPublic(public)).unwrap()
        else {
            panic!("RSA wraps");
        };
        let mut encrypted = vec![0; key.encrypted_key_len(cek.len())];
        let mut context = SenderContext::new(Enc::A256Gcm, &OPENSSL_RANDOM);
        key.wrap_key(&mut context, cek, &mut encrypted)?;
        for len in [0, encrypted.len() - 1, encrypted.len() + 1] {
            assert_eq!(key.wrap_key(&mut context, cek, &mut vec![0; len]), Err(BackendError));
        }
        Ok(encrypted)
    }

    fn unwrap(key: &Arc<dyn UnwrapKey>, encrypted: &[u8]) -> Result<Vec<u8>, BackendError> {
        let mut out = [0; UNWRAP_BUFFER_LEN];
        let len = key.unwrap_key(&RecipientContext::new(Enc::A256Gcm), encrypted, &mut out)?;
        Ok(out[..len].to_vec())
    }

    #[test]
    fn every_cek_comes_back_with_every_hash() {
        for bits in [2048, 3072] {
            let numbers = Numbers::generate(bits);
            for alg in ALL {
                let private = numbers.import(alg).unwrap();
                assert_eq!(private.encrypted_key_len(), Some(bits / 8));
                for len in [0, 1, 16, 24, 32, 48, 64] {
                    let cek = vec![0xc3; len];
                    let encrypted = wrap(alg, numbers.public(), &cek).unwrap();
                    assert_eq!(encrypted.len(), bits / 8);
                    assert_eq!(unwrap(&private, &encrypted), Ok(cek));
                }
            }
        }
    }

    #[test]
    fn a_cek_that_does_not_fit_the_modulus_is_refused() {
        let public = Numbers::generate(2048).public();
        for (alg, hash_len) in [(&RSA_OAEP, 20), (&RSA_OAEP_512, 64)] {
            let most = 256 - 2 * hash_len - 2;
            assert!(wrap(alg, public.clone(), &vec![1; most]).is_ok());
            assert_eq!(wrap(alg, public.clone(), &vec![1; most + 1]), Err(BackendError));
        }
    }

    #[test]
    fn a_changed_or_cut_encrypted_key_has_one_error() {
        let numbers = Numbers::generate(2048);
        let private = numbers.import(&RSA_OAEP_256).unwrap();
        let encrypted = wrap(&RSA_OAEP_256, numbers.public(), &[1; 32]).unwrap();
        for len in [0, 1, 7, 8, 128, 255] {
            assert_eq!(unwrap(&private, &encrypted[..len]), Err(BackendError));
        }
        let mut longer = vec![0];
        longer.extend_from_slice(&encrypted);
        assert_eq!(unwrap(&private, &longer), Err(BackendError));
        for byte in [0, 1, 128, 255] {
            let mut changed = encrypted.clone();
            changed[byte] ^= 1;
            assert_eq!(unwrap(&private, &changed), Err(BackendError));
        }
        // 0, 1, n - 1, n, and more than n.
        let mut below = numbers.0[0].clone();
        below[255] -= 1;
        let mut one = vec![0; 256];
        one[255] = 1;
        for block in [vec![0; 256], one, below, numbers.0[0].clone(), vec![0xff; 256]] {
            assert_eq!(unwrap(&private, &block), Err(BackendError));
        }
        // Another hash, another key.
        let other = wrap(&RSA_OAEP, numbers.public(), &[1; 32]).unwrap();
        assert_eq!(unwrap(&private, &other), Err(BackendError));
        let other = wrap(&RSA_OAEP_256, Numbers::generate(2048).public(), &[1; 32]).unwrap();
        assert_eq!(unwrap(&private, &other), Err(BackendError));
        // The key is as good as before.
        assert_eq!(unwrap(&private, &encrypted), Ok(vec![1; 32]));
    }

    #[test]
    fn a_buffer_shorter_than_the_modulus_is_refused() {
        let numbers = Numbers::generate(2048);
        let private = numbers.import(&RSA_OAEP_256).unwrap();
        let encrypted = wrap(&RSA_OAEP_256, numbers.public(), &[1; 32]).unwrap();
        let context = RecipientContext::new(Enc::A256Gcm);
        assert_eq!(private.unwrap_key(&context, &encrypted, &mut [0; 255]), Err(BackendError));
        assert_eq!(private.unwrap_key(&context, &encrypted, &mut [0; 256]), Ok(32));
    }

    #[test]
    fn a_private_key_with_one_wrong_number_is_refused() {
        let (good, other) = (Numbers::generate(2048), Numbers::generate(2048));
        assert!(good.import(&RSA_OAEP_256).is_ok());
        for (index, name) in NAMES.iter().enumerate() {
            let number = &good.0[index];
            let mut low = number.clone();
            *low.last_mut().unwrap() ^= 2;
            let mut high = number.clone();
            high[0] ^= 1;
            let mut candidates = vec![low, high];
            if index >= FIRST_PRIVATE {
                let mut even = number.clone();
                *even.last_mut().unwrap() ^= 1;
                candidates.extend([even, other.0[index].clone(), vec![1], good.0[0].clone()]);
            }
            for candidate in candidates {
                let changed = good.with(index, &candidate);
                // A public number that core itself refuses is not this backend's to judge.
                if RsaPublicKey::new(&changed.0[0], &changed.0[1]).is_err() {
                    continue;
                }
                assert_eq!(
                    changed.import(&RSA_OAEP_256).err(),
                    Some(KeyRejected::INCONSISTENT),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn exchanged_primes_are_refused_without_their_coefficient() {
        let good = Numbers::generate(2048);
        let [_, _, _, p, q, dp, dq, _] = &good.0;
        let primes_only = good.with(3, q).with(4, p);
        assert_eq!(primes_only.import(&RSA_OAEP_256).err(), Some(KeyRejected::INCONSISTENT));
        let exponents_only = good.with(5, dq).with(6, dp);
        assert_eq!(exponents_only.import(&RSA_OAEP_256).err(), Some(KeyRejected::INCONSISTENT));
        let all_but_the_coefficient = primes_only.with(5, dq).with(6, dp);
        assert_eq!(
            all_but_the_coefficient.import(&RSA_OAEP_256).err(),
            Some(KeyRejected::INCONSISTENT)
        );
    }

    #[test]
    fn a_private_key_with_another_public_half_is_refused() {
        let (good, other) = (Numbers::generate(2048), Numbers::generate(2048));
        assert_eq!(
            PrivateKey::prepare(RSA_OAEP.hash, &good.pkcs8_der(), other.public().spki_der()).err(),
            Some(KeyRejected::INCONSISTENT)
        );
    }

    #[test]
    fn no_other_type_of_material_is_taken() {
        let numbers = Numbers::generate(2048);
        let public = KeyMaterial::RsaPublic(numbers.public());
        let private = Jwk::from_der(&numbers.pkcs8_der()).unwrap();
        for alg in ALL {
            assert_eq!(
                EncryptionKeyImport::import(alg, private.material()).err(),
                Some(KeyRejected::WRONG_KEY_TYPE)
            );
            assert_eq!(
                DecryptionKeyImport::import(alg, &public).err(),
                Some(KeyRejected::WRONG_KEY_TYPE)
            );
        }
    }

    /// josekit's own key encryption, which makes a context for each call, and this one read each
    /// other.
    #[test]
    fn josekit_reads_what_this_writes_and_the_other_way_round() {
        use josekit::jwe::alg::rsaes::RsaesJweAlgorithm;
        use josekit::jwe::enc::aesgcm::AesgcmJweEncryption;
        use josekit::jwe::{JweDecrypter, JweEncrypter, JweHeader};

        let numbers = Numbers::generate(2048);
        let algs = [
            (&RSA_OAEP, RsaesJweAlgorithm::RsaOaep),
            (&RSA_OAEP_256, RsaesJweAlgorithm::RsaOaep256),
            (&RSA_OAEP_384, RsaesJweAlgorithm::RsaOaep384),
            (&RSA_OAEP_512, RsaesJweAlgorithm::RsaOaep512),
        ];
        for (ours, theirs) in algs {
            let encrypted = wrap(ours, numbers.public(), &[0xc3; 32]).unwrap();
            let decrypter = theirs.decrypter_from_der(numbers.pkcs8_der()).unwrap();
            let header = JweHeader::new();
            let cek = JweDecrypter::decrypt(
                &decrypter,
                Some(&encrypted),
                &AesgcmJweEncryption::A256gcm,
                &header,
            )
            .unwrap();
            assert_eq!(&cek[..], [0xc3; 32]);

            let encrypter = theirs.encrypter_from_der(numbers.public().spki_der()).unwrap();
            let encrypted =
                JweEncrypter::encrypt(&encrypter, &[0x3c; 32], &header, &mut JweHeader::new())
                    .unwrap()
                    .unwrap();
            assert_eq!(unwrap(&numbers.import(ours).unwrap(), &encrypted), Ok(vec![0x3c; 32]));
        }
    }

    #[test]
    fn nothing_is_left_on_the_error_queue_of_openssl() {
        let numbers = Numbers::generate(2048);
        let private = numbers.import(&RSA_OAEP_256).unwrap();
        assert_eq!(unwrap(&private, &[1; 256]), Err(BackendError));
        assert!(openssl::error::ErrorStack::get().errors().is_empty());
        let encrypted = wrap(&RSA_OAEP_256, numbers.public(), &[1; 32]).unwrap();
        assert_eq!(unwrap(&private, &encrypted), Ok(vec![1; 32]));
        assert!(openssl::error::ErrorStack::get().errors().is_empty());
        let wrong = numbers.with(3, &numbers.0[4]);
        assert!(wrong.import(&RSA_OAEP_256).is_err());
        assert!(openssl::error::ErrorStack::get().errors().is_empty());
    }

    #[test]
    fn one_key_serves_many_threads() {
        let numbers = Numbers::generate(2048);
        let private = numbers.import(&RSA_OAEP_256).unwrap();
        let encrypted = wrap(&RSA_OAEP_256, numbers.public(), &[1; 32]).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        assert_eq!(unwrap(&private, &encrypted), Ok(vec![1; 32]));
                        assert_eq!(unwrap(&private, &[1; 256]), Err(BackendError));
                    }
                });
            }
        });
    }
}
