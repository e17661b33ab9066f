//! What a backend is put together from, built while the program runs as a `static` builds it before: each
//! part says which algorithm it is for and whose code it is, and a backend refuses what it does not list.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

use std::hint::black_box;
use std::sync::Arc;

use jwe_core::aes_key_wrap::{AesKeyWrap, AesKw};
use jwe_core::gcm_key_wrap::GcmKw;
use jwe_core::pbes2::Pbes2;
use jwe_core::{
    Alg, Backend, BackendError, ContentEncryption, Curve, DIRECT, DecryptionKey,
    DecryptionKeyImport, Direction, EcKeyGeneration, EcPrivateKey, EcPublicKey, EcdhEsRecipient,
    EcdhEsSender, Enc, EncryptError, Encrypter, EncryptionKey, EncryptionKeyImport,
    EphemeralAgreement, EphemeralAgreementKey, GenerateError, ImportError, Jwk, KeyMaterial,
    KeyOptions, KeyRejected, Kid, RandomSource, RsaKeyGeneration, SenderContext, SenderKey,
    SetupError, StaticAgreement, StaticAgreementKey, UNWRAP_BUFFER_LEN, UnknownAlgorithm, WrapKey,
    Zeroizing,
};

struct Random(bool);

impl RandomSource for Random {
    fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
        dest.fill(7);
        if self.0 { Ok(()) } else { Err(BackendError) }
    }
}

/// Agrees with nobody, and leaves a point that is none.
struct Primitive;

impl AesKeyWrap for Primitive {
    fn wrap(&self, _: &[u8], _: &[u8], _: &mut [u8]) -> Result<(), BackendError> {
        Ok(())
    }

    fn unwrap(&self, _: &[u8], _: &[u8], _: &mut [u8]) -> Result<(), BackendError> {
        Err(BackendError)
    }
}

impl EphemeralAgreement for Primitive {
    fn curves(&self) -> &'static [Curve] {
        &[Curve::X25519]
    }

    fn import(&self, _: &EcPublicKey) -> Result<Arc<dyn EphemeralAgreementKey>, KeyRejected> {
        Ok(Arc::new(Self))
    }
}

impl EphemeralAgreementKey for Primitive {
    fn agree(
        &self,
        _: Option<&EcPrivateKey>,
        epk: &mut [u8],
        _: &mut [u8],
    ) -> Result<(), BackendError> {
        epk.fill(0);
        Ok(())
    }
}

impl StaticAgreement for Primitive {
    fn curves(&self) -> &'static [Curve] {
        &[Curve::P256, Curve::P521]
    }

    fn import(&self, _: &EcPrivateKey) -> Result<Arc<dyn StaticAgreementKey>, KeyRejected> {
        Ok(Arc::new(Self))
    }
}

impl StaticAgreementKey for Primitive {
    fn public_key(&self, _: &mut [u8]) -> Result<(), BackendError> {
        Err(BackendError)
    }

    fn agree(&self, _: &[u8], _: &mut [u8]) -> Result<(), BackendError> {
        Err(BackendError)
    }
}

impl ContentEncryption for Primitive {
    fn enc(&self) -> Enc {
        Enc::A256Gcm
    }

    fn implementation(&self) -> &'static str {
        "the GCM"
    }

    fn seal(
        &self,
        _: &[u8],
        _: &[u8],
        _: &[u8],
        _: &mut [u8],
        _: usize,
        _: &mut [u8],
    ) -> Result<(), BackendError> {
        Ok(())
    }

    fn open(
        &self,
        _: &[u8],
        _: &[u8],
        _: &[u8],
        _: &mut [u8],
        _: &[u8],
    ) -> Result<usize, BackendError> {
        Err(BackendError)
    }
}

fn no_kdf(_: &[u8], _: &[u8], _: &mut [u8]) -> Result<(), BackendError> {
    Err(BackendError)
}

/// What a part is expected to say: its algorithm, whose code it is, its curves.
type Part = (Box<dyn EncryptionKeyImport>, Alg, &'static str, &'static [Curve]);

#[test]
fn each_part_says_what_it_is() {
    let senders: [Part; 4] = [
        (
            Box::new(AesKw::new(black_box(Alg::A192Kw), &Primitive, "the KW")),
            Alg::A192Kw,
            "the KW",
            &[],
        ),
        (
            Box::new(GcmKw::new(black_box(Alg::A256GcmKw), &Primitive)),
            Alg::A256GcmKw,
            "the GCM",
            &[],
        ),
        (
            Box::new(Pbes2::new(
                black_box(Alg::Pbes2Hs384A192Kw),
                |_, _, _, _, _| Err(BackendError),
                &Primitive,
                "the KDF",
            )),
            Alg::Pbes2Hs384A192Kw,
            "the KDF",
            &[],
        ),
        (
            Box::new(EcdhEsSender::new(black_box(Alg::EcdhEs), &Primitive, no_kdf, None, "the DH")),
            Alg::EcdhEs,
            "the DH",
            &[Curve::X25519],
        ),
    ];
    for (part, alg, implementation, curves) in &senders {
        assert_eq!((part.alg(), part.implementation()), (*alg, *implementation));
        assert_eq!(part.curves(), *curves);
        // A key of no type that it takes.
        let rsa = include_str!("data/rsa_spki.pem");
        let rsa = Jwk::from_pem(rsa).unwrap();
        assert_eq!(part.import(rsa.material()).unwrap_err(), KeyRejected::WRONG_KEY_TYPE, "{alg}");
    }
    let recipient = EcdhEsRecipient::new(
        black_box(Alg::EcdhEsA128Kw),
        &Primitive,
        no_kdf,
        Some(&Primitive),
        "the DH",
    );
    assert_eq!((recipient.alg(), recipient.implementation()), (Alg::EcdhEsA128Kw, "the DH"));
    assert_eq!(recipient.curves(), [Curve::P256, Curve::P521]);
    let shown = [
        format!("{:?}", AesKw::new(Alg::A192Kw, &Primitive, "")),
        format!("{:?}", GcmKw::new(Alg::A192GcmKw, &Primitive)),
        format!("{:?}", EcdhEsSender::new(Alg::EcdhEs, &Primitive, no_kdf, None, "")),
        format!("{recipient:?}"),
    ];
    assert_eq!(
        shown,
        [
            "AesKw { alg: A192Kw, .. }",
            "GcmKw { alg: A192GcmKw, .. }",
            "EcdhEsSender { alg: EcdhEs, .. }",
            "EcdhEsRecipient { alg: EcdhEsA128Kw, .. }",
        ]
    );
}

#[test]
fn an_ephemeral_key_that_is_no_point_goes_into_no_message() {
    let sender = EcdhEsSender::new(Alg::EcdhEs, &Primitive, no_kdf, None, "the DH");
    let public = EcPublicKey::new(Curve::X25519, &[9; 32]).unwrap();
    let SenderKey::Derive(key) = sender.import(&KeyMaterial::EcPublic(public)).unwrap() else {
        panic!("ECDH-ES derives");
    };
    let mut context = SenderContext::new(Enc::A128Gcm, &Random(true));
    assert_eq!(key.derive_key(&mut context, &mut [0; 16]), Err(BackendError));
    assert_eq!(context.epk(), [0; 0], "it was not left for the header");
}

/// Claims encrypted keys of that many bytes.
struct Claiming(usize);

impl EncryptionKeyImport for Claiming {
    fn alg(&self) -> Alg {
        Alg::A128Kw
    }

    fn implementation(&self) -> &'static str {
        "toy"
    }

    fn import(&self, _: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        Ok(SenderKey::Wrap(Arc::new(Self(self.0))))
    }
}

impl WrapKey for Claiming {
    fn encrypted_key_len(&self, _: usize) -> usize {
        self.0
    }

    fn wrap_key(
        &self,
        _: &mut SenderContext<'_>,
        _: &[u8],
        _: &mut [u8],
    ) -> Result<(), BackendError> {
        Ok(())
    }
}

/// Claims to be ECDH-ES and leaves no ephemeral key for the header.
struct Forgetful;

impl EncryptionKeyImport for Forgetful {
    fn alg(&self) -> Alg {
        Alg::EcdhEsA128Kw
    }

    fn implementation(&self) -> &'static str {
        "toy"
    }

    fn curves(&self) -> &'static [Curve] {
        &[Curve::X25519]
    }

    fn import(&self, _: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        Ok(SenderKey::Wrap(Arc::new(Claiming(24))))
    }
}

static MOST: &[&dyn EncryptionKeyImport] = &[&Claiming(UNWRAP_BUFFER_LEN)];
static TOO_MUCH: &[&dyn EncryptionKeyImport] = &[&Claiming(UNWRAP_BUFFER_LEN + 1)];
static FORGETFUL: &[&dyn EncryptionKeyImport] = &[&Forgetful];
static CONTENT: &[&dyn ContentEncryption] = &[&Primitive];
static SENDERS: &[&dyn EncryptionKeyImport] = &[&DIRECT];
static RECIPIENTS: &[&dyn DecryptionKeyImport] = &[&DIRECT];
static EC_GENERATION: &[&dyn EcKeyGeneration] = &[&Ec];

#[test]
fn what_a_backend_claims_is_not_believed() {
    assert_eq!(UNWRAP_BUFFER_LEN, 1024, "an RSA modulus of 8192 bits");
    let options = KeyOptions::new().with_kid(Kid::Omit);
    let secret = Jwk::from_password("password").unwrap().with_alg(Alg::A128Kw);
    let encrypter = |import: &'static [&'static dyn EncryptionKeyImport], key: &Jwk| {
        let backend: &'static Backend = Box::leak(Box::new(
            Backend::new("toy", &Random(true), |_| [0; 32])
                .with_encryption_keys(import)
                .with_content_encryption(CONTENT),
        ));
        let key = EncryptionKey::import(backend, key, &options).unwrap();
        Encrypter::builder(backend, &key, Enc::A256Gcm).build()
    };
    assert_eq!(encrypter(TOO_MUCH, &secret).unwrap_err(), SetupError::EncryptedKeyTooLong);
    let longest = encrypter(MOST, &secret).unwrap();
    assert_eq!(longest.alg(), Alg::A128Kw);
    assert!(longest.encrypt(b"text").is_ok());
    let public = EcPublicKey::new(Curve::X25519, &[9; 32]).unwrap();
    let public = Jwk::from_material(KeyMaterial::EcPublic(public)).with_alg(Alg::EcdhEsA128Kw);
    let forgetful = encrypter(FORGETFUL, &public).unwrap();
    assert_eq!(
        forgetful.encrypt(b"text").unwrap_err(),
        EncryptError::Backend,
        "nobody could read a message without an epk"
    );
}

// ---- A backend and what it generates. ----

struct Rsa(&'static [u8]);

impl RsaKeyGeneration for Rsa {
    fn implementation(&self) -> &'static str {
        "toy"
    }

    fn modulus_bits(&self) -> &'static [usize] {
        &[2048, 3072]
    }

    fn generate(&self, bits: usize) -> Result<Zeroizing<Vec<u8>>, BackendError> {
        assert_eq!(bits, 2048);
        if self.0.is_empty() { Err(BackendError) } else { Ok(Zeroizing::new(self.0.to_vec())) }
    }
}

struct Ec;

impl EcKeyGeneration for Ec {
    fn implementation(&self) -> &'static str {
        "toy"
    }

    fn curves(&self) -> &'static [Curve] {
        &[Curve::P256]
    }

    fn generate(&self, _: Curve) -> Result<Zeroizing<Vec<u8>>, BackendError> {
        Ok(Zeroizing::new(b"no DER".to_vec()))
    }
}

#[test]
fn what_is_generated_is_a_key_of_a_length_that_is_offered() {
    let rsa = Jwk::from_pem(include_str!("data/rsa_pkcs8.pem")).unwrap();
    let der = rsa.to_der(jwe_core::KeyFormat::Pkcs8).unwrap().to_vec().leak();
    let ec = Jwk::from_pem(include_str!("data/p256_pkcs8.pem")).unwrap();
    let ec_der = ec.to_der(jwe_core::KeyFormat::Pkcs8).unwrap().to_vec().leak();
    let bare = Backend::new(black_box("toy"), &Random(true), |_| [0; 32]);
    let backend = |rsa: &'static [u8]| bare.with_rsa_key_generation(Box::leak(Box::new(Rsa(rsa))));
    let code =
        |outcome: Result<Jwk, GenerateError>| outcome.map(drop).map_err(|error| error.code());

    assert_eq!(*Jwk::generate_rsa(&backend(der), 2048).unwrap().to_json(), *rsa.to_json());
    assert_eq!(
        Jwk::generate_rsa(&backend(der), 2047).unwrap_err(),
        GenerateError::Length { possible: &[2048, 3072] }
    );
    assert_eq!(
        Jwk::generate_rsa(&bare, 2048).unwrap_err(),
        GenerateError::NotOffered { backend: "toy".to_owned() }
    );
    assert_eq!(code(Jwk::generate_rsa(&backend(&[]), 2048)), Err("generation_failed"));
    assert_eq!(code(Jwk::generate_rsa(&backend(ec_der), 2048)), Err("generation_failed"));

    let with_ec = bare.with_ec_key_generation(EC_GENERATION);
    assert_eq!(code(Jwk::generate_ec(&with_ec, Curve::P256)), Err("generation_failed"));
    assert_eq!(
        Jwk::generate_ec(&with_ec, Curve::X25519).unwrap_err(),
        GenerateError::CurveNotOffered { backend: "toy".to_owned(), curve: Curve::X25519 }
    );

    for len in [16, 1024] {
        let key = Jwk::generate_oct(&bare, len).unwrap();
        let KeyMaterial::Oct(key) = key.material() else { panic!("no symmetric key") };
        assert_eq!(key.as_bytes(), vec![7; len]);
    }
    for len in [0, 15, 1025] {
        assert_eq!(Jwk::generate_oct(&bare, len).unwrap_err(), GenerateError::OctLength);
    }
    let silent = Backend::new("silent", &Random(false), |_| [0; 32]);
    assert_eq!(Jwk::generate_oct(&silent, 16).unwrap_err(), GenerateError::Failed);
}

#[test]
fn a_gap_is_told_with_the_backend_s_advice() {
    let backend = Backend::new(black_box("toy"), &Random(true), |_| [0; 32])
        .with_encryption_keys(SENDERS)
        .with_decryption_keys(RECIPIENTS)
        .with_gap_advice("take the other build");
    assert_eq!(format!("{backend:?}"), "Backend { name: \"toy\", .. }");
    let key = Jwk::from_password("password").unwrap();
    let options = |alg| KeyOptions::new().with_alg(alg).with_kid(Kid::Omit);
    assert!(EncryptionKey::import(&backend, &key, &options(Alg::Dir)).is_ok());
    let sender = EncryptionKey::import(&backend, &key, &options(Alg::A128Kw)).unwrap_err();
    let recipient = DecryptionKey::import(&backend, &key, &options(Alg::A128Kw)).unwrap_err();
    for (error, direction) in [(sender, Direction::Encrypt), (recipient, Direction::Decrypt)] {
        let ImportError::Gap(gap) = &error else { panic!("{error}") };
        assert_eq!((gap.backend(), gap.direction()), ("toy", direction));
        assert!(error.to_string().ends_with(" (take the other build)"), "{error}");
    }
}

#[test]
fn names_of_algorithms_are_case_sensitive() {
    for name in ["rsa-oaep", "A256gcm", "", "none"] {
        assert_eq!(name.parse::<Alg>(), Err(UnknownAlgorithm));
        assert_eq!(name.parse::<Enc>(), Err(UnknownAlgorithm));
    }
    assert!(UnknownAlgorithm.to_string().contains("case-sensitive"));
    assert_eq!("RSA-OAEP".parse(), Ok(Alg::RsaOaep));
    assert_eq!("A256GCM".parse(), Ok(Enc::A256Gcm));
}
