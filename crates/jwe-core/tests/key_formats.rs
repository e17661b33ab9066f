//! Keys and certificates in PEM and DER as OpenSSL 3.0 and, for the certificates, pyca/cryptography
//! made them; all keys are throw-away keys. What is read is written byte for byte as it was.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it does not expect"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use jwe_core::{
    Alg, Backend, BackendError, Certificate, Curve, DecryptionKey, DecryptionKeyImport,
    EcPrivateKey, EcPublicKey, EcdhEsRecipient, EncryptionKey, EncryptionKeyImport, ImportError,
    Jwk, JwkSet, KeyFormat, KeyMaterial, KeyOptions, KeyRejected, Kid, RandomSource, SenderKey,
    StaticAgreement, StaticAgreementKey,
};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");

fn file(name: &str) -> String {
    std::fs::read_to_string(format!("{DATA}/{name}.pem")).unwrap()
}

fn read(name: &str) -> Jwk {
    Jwk::from_pem(&file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn code(name: &str) -> &'static str {
    Jwk::from_pem(&file(name)).map(drop).unwrap_err().code()
}

/// The DER of the last block.
fn der(name: &str) -> Vec<u8> {
    let text = file(name);
    let text = &text[text.rfind("-----BEGIN").unwrap()..];
    let base64: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    base64_simd::STANDARD.decode_to_vec(base64).unwrap()
}

/// The files that hold a key whole, with its format.
const KEYS: &[(&str, KeyFormat)] = &[
    ("rsa_pkcs8", KeyFormat::Pkcs8),
    ("rsa_pkcs1", KeyFormat::Pkcs1),
    ("rsa_spki", KeyFormat::Spki),
    ("rsa_public_pkcs1", KeyFormat::Pkcs1),
    ("p256_pkcs8", KeyFormat::Pkcs8),
    ("p256_pkcs8_no_public", KeyFormat::Pkcs8),
    ("p256_sec1", KeyFormat::Sec1),
    ("p256_sec1_no_public", KeyFormat::Sec1),
    ("p256_spki", KeyFormat::Spki),
    ("p384_pkcs8", KeyFormat::Pkcs8),
    ("p384_sec1", KeyFormat::Sec1),
    ("p384_sec1_no_public", KeyFormat::Sec1),
    ("p384_spki", KeyFormat::Spki),
    ("p521_pkcs8", KeyFormat::Pkcs8),
    ("p521_sec1", KeyFormat::Sec1),
    ("p521_sec1_no_public", KeyFormat::Sec1),
    ("p521_spki", KeyFormat::Spki),
    ("x25519_pkcs8", KeyFormat::Pkcs8),
    ("x25519_spki", KeyFormat::Spki),
];

#[test]
fn what_is_read_is_written_byte_for_byte() {
    for (name, format) in KEYS.iter().copied() {
        let key = read(name);
        assert_eq!(*key.to_pem(format).unwrap(), file(name), "{name}");
        assert_eq!(*key.to_der(format).unwrap(), der(name), "{name}");
        let again = Jwk::from_der(&der(name)).unwrap();
        assert_eq!(*again.to_json(), *key.to_json(), "{name}");
        let set = JwkSet::from_bytes(&der(name)).unwrap();
        assert_eq!(*set.only().unwrap().to_json(), *key.to_json(), "{name}");
    }
}

#[test]
fn all_formats_of_a_key_hold_the_same_key() {
    for (name, formats) in [
        ("rsa", &[KeyFormat::Pkcs8, KeyFormat::Pkcs1][..]),
        ("p256", &[KeyFormat::Pkcs8, KeyFormat::Sec1]),
        ("p384", &[KeyFormat::Pkcs8, KeyFormat::Sec1]),
        ("p521", &[KeyFormat::Pkcs8, KeyFormat::Sec1]),
    ] {
        let key = read(&format!("{name}_pkcs8"));
        let json = key.to_json();
        assert_eq!(*Jwk::from_json(json.as_bytes()).unwrap().to_json(), *json, "{name}");
        for format in formats {
            let again = Jwk::from_pem(&key.to_pem(*format).unwrap()).unwrap();
            assert_eq!(*again.to_json(), *json, "{name} {format}");
        }
        let spki = key.to_pem(KeyFormat::Spki).unwrap();
        assert_eq!(*spki, file(&format!("{name}_spki")), "the public half of a private key");
        let public = Jwk::from_pem(&spki).unwrap();
        assert_eq!(*public.to_json(), *key.to_public().unwrap().to_json(), "{name}");
    }
    assert_eq!(*read("p256_sec1_with_parameters").to_json(), *read("p256_sec1").to_json());
    assert_eq!(read("x25519_pkcs8").curve(), Some(Curve::X25519));
    assert!(read("x25519_pkcs8").to_public().is_none(), "OpenSSL leaves the public half out");
}

#[test]
fn what_can_not_be_written_says_why() {
    let oct = Jwk::from_password("password").unwrap();
    for (key, format, expected) in [
        (&oct, KeyFormat::Spki, "export_symmetric"),
        (&oct, KeyFormat::Pkcs8, "export_symmetric"),
        (&read("rsa_spki"), KeyFormat::Pkcs8, "export_private_needed"),
        (&read("p256_spki"), KeyFormat::Pkcs8, "export_private_needed"),
        (&read("p256_spki"), KeyFormat::Sec1, "export_private_needed"),
        (&read("x25519_spki"), KeyFormat::Pkcs8, "export_private_needed"),
        (&read("x25519_spki"), KeyFormat::Sec1, "export_key_type"),
        (&read("x25519_pkcs8"), KeyFormat::Sec1, "export_key_type"),
        (&read("x25519_pkcs8"), KeyFormat::Pkcs1, "export_key_type"),
        (&read("rsa_pkcs8"), KeyFormat::Sec1, "export_key_type"),
        (&read("p256_pkcs8"), KeyFormat::Pkcs1, "export_key_type"),
        (&read("p256_sec1_no_public"), KeyFormat::Spki, "export_missing_public_half"),
        (&read("x25519_pkcs8"), KeyFormat::Spki, "export_missing_public_half"),
    ] {
        let error = key.to_pem(format).unwrap_err();
        assert_eq!(error.code(), expected, "{key:?} {format}");
        assert!(error.to_string().contains("write") || error.to_string().contains("work it out"));
        assert_eq!(key.to_der(format).unwrap_err(), error);
    }
}

#[test]
fn other_curves_forms_and_algorithms_are_refused_by_name() {
    for (name, word) in [
        ("p256_sec1_explicit", "explicit"),
        ("p256_pkcs8_explicit", "explicit"),
        ("p256_spki_explicit", "explicit"),
        ("p256_spki_compressed", "compressed"),
        ("p256_sec1_compressed", "compressed"),
        ("secp256k1_sec1", "P-256"),
        ("secp256k1_spki", "P-256"),
        ("ed25519_pkcs8", "X25519"),
        ("ed25519_spki", "X25519"),
        ("ed25519_certificate", "X25519"),
        ("x448_pkcs8", "X25519"),
        ("rsa_pss_pkcs8", "rsaEncryption"),
        ("rsa_pkcs1_legacy_encrypted", "openssl pkcs8 -topk8"),
    ] {
        let error = Jwk::from_pem(&file(name)).map(drop).unwrap_err();
        assert_eq!(error.code(), "key_unsupported", "{name}");
        assert!(error.to_string().contains(word), "{name}: {error}");
        // The old encryption stands in the PEM alone.
        if !name.ends_with("legacy_encrypted") {
            assert_eq!(Jwk::from_der(&der(name)).unwrap_err(), error, "{name}");
        }
    }
    assert_eq!(code("rsa_pkcs8_encrypted"), "key_encrypted");
    assert_eq!(Jwk::from_der(&der("rsa_pkcs8_encrypted")).unwrap_err(), ImportError::Encrypted);
}

#[test]
fn a_label_and_its_structure_go_together() {
    let labels = [
        "PUBLIC KEY",
        "PRIVATE KEY",
        "RSA PUBLIC KEY",
        "RSA PRIVATE KEY",
        "EC PRIVATE KEY",
        "CERTIFICATE",
    ];
    for name in
        ["rsa_pkcs8", "rsa_pkcs1", "rsa_spki", "rsa_public_pkcs1", "p256_sec1", "rsa_certificate"]
    {
        let text = file(name);
        let own = text.lines().next().unwrap().trim_matches('-').trim_start_matches("BEGIN ");
        assert!(labels.contains(&own), "{own}");
        for label in labels.iter().filter(|label| **label != own) {
            let text = text.replace(&format!("{own}---"), &format!("{label}---"));
            let error = Jwk::from_pem(&text).unwrap_err();
            assert_eq!(error.code(), "key_not_der", "{name} as {label}");
        }
        let text = text.replace(&format!("{own}---"), "DSA PRIVATE KEY---");
        assert_eq!(Jwk::from_pem(&text).unwrap_err().code(), "key_not_pem");
    }
}

#[test]
fn leading_zeros_of_a_private_part_are_not_left_out() {
    // RFC 5915 §3 has the private key as long as the order of the curve.
    let key = read("p256_sec1_no_public");
    let KeyMaterial::EcPrivate(key) = key.material() else { panic!("no EC key") };
    let mut short = vec![0x30, 48, 2, 1, 1, 4, 31];
    short.extend_from_slice(&key.secret()[1..]);
    short.extend_from_slice(&[0xa0, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
    assert_eq!(Jwk::from_der(&short).unwrap_err().code(), "key_weak");
}

/// Cut, changed and grown DER of each structure ends in a key or an error, never in a panic, and
/// nothing cut or grown is a key.
#[test]
fn broken_der_is_an_error() {
    let mut outcomes = BTreeMap::<&str, usize>::new();
    let mut names: Vec<String> = std::fs::read_dir(DATA)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        // What it holds is not DER.
        .filter(|name| name != "rsa_pkcs1_legacy_encrypted.pem")
        .collect();
    names.sort();
    assert!(names.len() > 35);
    for name in &names {
        let good = der(name.strip_suffix(".pem").unwrap());
        for len in 0..good.len() {
            assert!(Jwk::from_der(&good[..len]).is_err(), "{name} cut to {len}");
        }
        let mut longer = good.clone();
        longer.push(0);
        assert!(Jwk::from_der(&longer).is_err(), "{name} and a byte more");
        for at in 0..good.len() {
            for change in [1, 2, 0x20, 0x80, 0xff] {
                let mut bytes = good.clone();
                bytes[at] ^= change;
                let outcome = Jwk::from_der(&bytes);
                let code = outcome.as_ref().err().map_or("key", ImportError::code);
                *outcomes.entry(code).or_default() += 1;
                if let Ok(key) = outcome {
                    for format in KeyFormat::ALL {
                        let _ = key.to_der(*format).map(|der| Jwk::from_der(&der).unwrap());
                    }
                }
            }
        }
    }
    for expected in ["key", "key_not_der", "key_weak", "key_unsupported", "key_encrypted"] {
        assert!(outcomes.contains_key(expected), "{expected}: {outcomes:?}");
    }
}

#[test]
fn a_password_is_a_symmetric_key() {
    let key = Jwk::from_password("Thus from my lips, by yours, my sin is purged.").unwrap();
    // RFC 7517 C.3 has the same password as octets.
    assert_eq!(
        *key.to_json(),
        r#"{"kty":"oct","k":"VGh1cyBmcm9tIG15IGxpcHMsIGJ5IHlvdXJzLCBteSBzaW4gaXMgcHVyZ2VkLg"}"#
    );
    assert_eq!(Jwk::from_password("").unwrap_err().code(), "key_weak");
}

// ---- A backend of which only the hash is real. ----

struct NoRandom;

impl RandomSource for NoRandom {
    fn fill(&self, _: &mut [u8]) -> Result<(), BackendError> {
        Err(BackendError)
    }
}

fn sha256(data: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(data).into()
}

struct Agreement;
struct Agreed(Vec<u8>);

impl StaticAgreement for Agreement {
    fn curves(&self) -> &'static [Curve] {
        &[Curve::P256]
    }

    /// The public half of the one key that this backend has seen before.
    fn import(&self, key: &EcPrivateKey) -> Result<Arc<dyn StaticAgreementKey>, KeyRejected> {
        let whole = read("p256_pkcs8");
        let KeyMaterial::EcPrivate(whole) = whole.material() else { panic!("no EC key") };
        if key.secret() != whole.secret() {
            return Err(KeyRejected::new("it is another one: take the right one"));
        }
        Ok(Arc::new(Agreed(whole.public().unwrap().as_bytes().to_vec())))
    }
}

impl StaticAgreementKey for Agreed {
    fn public_key(&self, out: &mut [u8]) -> Result<(), BackendError> {
        out.copy_from_slice(&self.0);
        Ok(())
    }

    fn agree(&self, _: &[u8], _: &mut [u8]) -> Result<(), BackendError> {
        Err(BackendError)
    }
}

/// Takes any public key and uses none.
struct Anybody(Alg);

impl EncryptionKeyImport for Anybody {
    fn alg(&self) -> Alg {
        self.0
    }

    fn implementation(&self) -> &'static str {
        "toy"
    }

    fn curves(&self) -> &'static [Curve] {
        &[Curve::P256, Curve::X25519]
    }

    fn import(&self, key: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        assert!(
            matches!(key, KeyMaterial::RsaPublic(_) | KeyMaterial::EcPublic(_)),
            "the private half of a key is none of a sender's business"
        );
        let anything = Jwk::from_password("anything").unwrap();
        EncryptionKeyImport::import(&jwe_core::DIRECT, anything.material())
    }
}

static ECDH: EcdhEsRecipient =
    EcdhEsRecipient::new(Alg::EcdhEs, &Agreement, |_, _, _| Err(BackendError), None, "toy");
static TOY: Backend = Backend::new("toy", &NoRandom, sha256)
    .with_encryption_keys(&[&Anybody(Alg::EcdhEs), &Anybody(Alg::RsaOaep256)])
    .with_decryption_keys(&[&ECDH as &dyn DecryptionKeyImport]);
static LESS: Backend = Backend::new("less", &NoRandom, sha256)
    .with_encryption_keys(&[&Anybody(Alg::EcdhEs), &Anybody(Alg::RsaOaep256)]);

fn options(kid: Kid) -> KeyOptions {
    KeyOptions::new().with_alg(Alg::EcdhEs).with_kid(kid)
}

#[test]
fn a_public_half_that_was_left_out_is_worked_out() {
    let (whole, half) = (read("p256_pkcs8"), read("p256_sec1_no_public"));
    let completed = half.clone().with_public_half(&TOY).unwrap();
    assert_eq!(*completed.to_json(), *whole.to_json());
    let thumbprint = whole.thumbprint(&TOY).unwrap();
    assert_eq!(half.thumbprint(&TOY), None);
    for (kid, expected) in [
        (Kid::Omit, None),
        (Kid::Thumbprint, Some(thumbprint.as_str())),
        (Kid::SpkiSha256, whole.spki_sha256(&TOY).as_deref()),
    ] {
        let sender = EncryptionKey::import(&TOY, &half, &options(kid.clone())).unwrap();
        assert_eq!(sender.kid(), expected);
        let recipient = DecryptionKey::import(&TOY, &half, &options(kid.clone())).unwrap();
        assert_eq!(recipient.kid(), expected);
        let code = EncryptionKey::import(&LESS, &half, &options(kid)).unwrap_err().code();
        assert_eq!(code, "key_missing_public_half");
    }
    // A public half that is there is compared, where the backend can.
    assert_eq!(*whole.clone().with_public_half(&TOY).unwrap().to_json(), *whole.to_json());
    assert_eq!(*whole.clone().with_public_half(&LESS).unwrap().to_json(), *whole.to_json());
    let KeyMaterial::EcPrivate(own) = whole.material() else { panic!("no EC key") };
    let stranger = read("p256_certificate");
    let KeyMaterial::EcPublic(public) = stranger.material() else { panic!("no EC key") };
    let mut point = public.as_bytes().to_vec();
    point[64] ^= 1;
    let other_half = EcPublicKey::new(Curve::P256, &point).unwrap();
    let mixed = EcPrivateKey::new(Curve::P256, own.secret(), Some(other_half)).unwrap();
    let mixed = Jwk::from_material(KeyMaterial::EcPrivate(mixed));
    // A sender has no business with the private half that stands beside.
    assert!(EncryptionKey::import(&TOY, &mixed, &options(Kid::Omit)).is_ok());
    let error = mixed.with_public_half(&TOY).unwrap_err();
    assert_eq!(error.code(), "key_rejected");
    assert!(error.to_string().contains("do not belong together"), "{error}");
    // Keys of other types have it or have none.
    for other in [read("rsa_pkcs8"), read("p256_spki"), Jwk::from_password("password").unwrap()] {
        assert_eq!(*other.clone().with_public_half(&LESS).unwrap().to_json(), *other.to_json());
    }
    let other = read("x25519_pkcs8");
    assert_eq!(
        other.clone().with_public_half(&TOY).unwrap_err(),
        ImportError::MissingPublicHalf,
        "not on that curve"
    );
    let secret = [7; 32];
    let unknown = EcPrivateKey::new(Curve::P256, &secret, None).unwrap();
    let unknown = Jwk::from_material(KeyMaterial::EcPrivate(unknown));
    let error = unknown.with_public_half(&TOY).unwrap_err();
    assert!(error.to_string().starts_with("the backend toy refuses the key"), "{error}");
}

#[test]
fn names_that_follow_from_the_key_are_the_published_ones() {
    // RFC 7638 §3.1.
    let rsa = concat!(
        r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"#,
        "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAt",
        "aSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_x",
        r#"BniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#
    );
    let key = Jwk::from_json(rsa.as_bytes()).unwrap();
    assert_eq!(key.thumbprint(&TOY).unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    // `openssl pkey -pubout -outform DER | openssl sha256 -binary`, base64url.
    for (name, expected) in SPKI_SHA256 {
        assert_eq!(read(name).spki_sha256(&TOY).as_deref(), Some(*expected), "{name}");
    }
    for (private, public) in [("rsa_pkcs8", "rsa_spki"), ("p256_pkcs8", "p256_spki")] {
        let thumbprint = read(public).thumbprint(&TOY);
        assert!(thumbprint.is_some());
        assert_eq!(read(private).thumbprint(&TOY), thumbprint, "of the public members alone");
    }
    let password = Jwk::from_password("password").unwrap();
    // RFC 7638 §3.2: the required members of a symmetric key are "k" and "kty".
    let input = sha256(br#"{"k":"cGFzc3dvcmQ","kty":"oct"}"#);
    let expected = base64_simd::URL_SAFE_NO_PAD.encode_to_string(input);
    assert_eq!(password.thumbprint(&TOY), Some(expected));
    assert_eq!(password.spki_sha256(&TOY), None);
    for kid in [Kid::Thumbprint, Kid::SpkiSha256] {
        let options = KeyOptions::new().with_alg(Alg::A128Kw).with_kid(kid);
        let error = EncryptionKey::import(&TOY, &password, &options).unwrap_err();
        assert_eq!(error.code(), "key_invalid_kid");
    }
}

const SPKI_SHA256: &[(&str, &str)] = &[
    ("rsa_spki", "hUkFlUNDf3QNvtkepH9rNay5kPcd0_S1A3suGIyCLo4"),
    ("p256_spki", "2PzHswpqWlt2o6NbFytS-d_StsRmB58epvcX8OGoDls"),
    ("p384_spki", "-enniVfhJGfHRMmp02WKKB-Kggcw4LxKkD57L6HxYnM"),
    ("p521_spki", "oefgzRh8w0us7XChfKSMZkk8Aon7OrmGo6NKZRVUe0s"),
    ("x25519_spki", "dBH9R9EbPxzRC8ekmQAqq7DCX9RNn8N6c1ZoQqV5jUY"),
    ("p256_pkcs8", "2PzHswpqWlt2o6NbFytS-d_StsRmB58epvcX8OGoDls"),
];

#[test]
fn a_certificate_is_a_public_key_with_dates() {
    for (name, key) in [
        ("rsa_certificate", "rsa_spki"),
        ("p256_certificate", "p256_spki"),
        ("x25519_certificate", "x25519_spki"),
    ] {
        let certified = read(name);
        let public = read(key);
        assert_eq!(certified.to_der(KeyFormat::Spki), public.to_der(KeyFormat::Spki), "{name}");
        let certificate = certified.certificate().unwrap();
        assert_eq!(certificate.der(), der(name));
        assert_eq!(*certificate, Certificate::from_pem(&file(name)).unwrap());
        assert_eq!(certificate.not_before_text(), "2026-01-01T00:00:00Z");
        assert_eq!(certificate.not_before(), 1_767_225_600);
        assert_eq!(certificate.not_after_text(), "2056-01-01T00:00:00Z", "a GeneralizedTime");
        assert_eq!(certificate.not_after(), 2_713_910_400);
        assert!(public.certificate().is_none());
        // Through JSON and back, as it came.
        let json = certified.to_json();
        assert!(json.contains("\"x5c\":[\"MII"), "{}", *json);
        let again = Jwk::from_json(json.as_bytes()).unwrap();
        assert_eq!(*again.to_json(), *json);
        assert_eq!(again.certificate(), certified.certificate());
        assert_eq!(again.to_public().unwrap().certificate(), certified.certificate());
    }
    let certificate = Certificate::from_pem(&file("rsa_certificate_no_usage")).unwrap();
    assert_eq!(certificate.not_after_text(), "2027-12-31T23:59:59Z");
    assert_eq!(Certificate::from_pem(&file("rsa_spki")).unwrap_err().code(), "key_not_pem");
    assert_eq!(Certificate::from_der(&vec![0x30; 65537]).unwrap_err().code(), "key_too_large");
    assert_eq!(Certificate::from_der(&der("rsa_spki")).unwrap_err().code(), "key_not_der");
    assert!(
        Certificate::from_pem(&file("ed25519_certificate")).is_ok(),
        "its key is another matter"
    );
}

fn with_members(key: &str, members: &str) -> Result<Jwk, ImportError> {
    let json = read(key).to_json();
    Jwk::from_json(json.replacen('{', &format!("{{{members},"), 1).as_bytes())
}

#[test]
fn the_operations_of_a_key_for_agreement_are_honoured() {
    let import = |key: &str, ops: &str| {
        let key = with_members(key, &format!("\"key_ops\":{ops}")).unwrap();
        let code = |error: ImportError| error.code();
        (
            EncryptionKey::import(&TOY, &key, &options(Kid::Omit)).map(drop).map_err(code),
            DecryptionKey::import(&TOY, &key, &options(Kid::Omit)).map(drop).map_err(code),
        )
    };
    let (usage, public) = (Err("key_usage"), Err("key_private_needed"));
    for ops in [r#"["deriveKey"]"#, r#"["deriveBits"]"#, r#"["sign","deriveBits"]"#] {
        assert_eq!(import("p256_pkcs8", ops), (Ok(()), Ok(())), "{ops}");
        assert_eq!(import("p256_spki", ops), (Ok(()), public), "{ops}");
    }
    // Web Cryptography has the list of a public key empty.
    assert_eq!(import("p256_spki", "[]"), (Ok(()), usage));
    assert_eq!(import("p256_pkcs8", "[]"), (usage, usage));
    for ops in [r#"["sign"]"#, r#"["wrapKey","unwrapKey"]"#] {
        assert_eq!(import("p256_pkcs8", ops), (usage, usage), "{ops}");
        assert_eq!(import("p256_spki", ops), (usage, usage), "{ops}");
    }
}

fn x5c(names: &[&str]) -> String {
    let texts: Vec<String> = names
        .iter()
        .map(|name| format!("{:?}", base64_simd::STANDARD.encode_to_string(der(name))))
        .collect();
    format!("\"x5c\":[{}]", texts.join(","))
}

#[test]
fn the_certificates_of_a_jwk_are_about_its_key() {
    let own = x5c(&["rsa_certificate"]);
    for key in ["rsa_spki", "rsa_pkcs8"] {
        assert!(with_members(key, &own).unwrap().certificate().is_some());
    }
    assert!(with_members("rsa_spki", &x5c(&["rsa_certificate", "ed25519_certificate"])).is_ok());
    let many = x5c(&["p256_certificate"; 11]);
    let url_safe = own.replace('+', "-").replace('/', "_");
    for (key, members) in [
        ("p256_spki", own.as_str()),
        ("rsa_spki", &x5c(&["ed25519_certificate"])),
        ("rsa_spki", &x5c(&["p256_certificate", "rsa_certificate"])),
        ("rsa_spki", &x5c(&["rsa_certificate", "rsa_spki"])),
        ("p256_spki", &many),
        ("rsa_spki", "\"x5c\":[]"),
        ("rsa_spki", "\"x5c\":[\"\"]"),
        ("rsa_spki", "\"x5c\":[5]"),
        ("rsa_spki", "\"x5c\":\"\""),
        ("rsa_spki", "\"x5c\":null"),
        ("rsa_spki", &url_safe),
        ("rsa_spki", &format!("{own},{own}")),
        ("rsa_spki", "\"x5t#S256\":\"AQ\""),
        ("rsa_spki", "\"x5t#S256\":5"),
        ("rsa_spki", "\"x5t#S256\":\"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\""),
    ] {
        assert_eq!(
            with_members(key, members).unwrap_err().code(),
            "key_invalid_member",
            "{members}"
        );
    }
    let oct = format!(r#"{{"kty":"oct","k":"AQ",{own}}}"#);
    assert_eq!(Jwk::from_json(oct.as_bytes()).unwrap_err().code(), "key_invalid_member");
    // Ten are read, and what points elsewhere is not followed.
    assert!(with_members("p256_spki", &x5c(&["p256_certificate"; 10])).is_ok());
    assert!(with_members("rsa_spki", r#""x5u":"file:///etc/passwd","x5t":5"#).is_ok());
}

#[test]
fn only_rsa_keys_are_held_elsewhere_and_named_by_either_half() {
    let held = |name: &str, alg| {
        let options = KeyOptions::new().with_alg(alg).with_kid(Kid::SpkiSha256);
        DecryptionKey::held_elsewhere(&TOY, &read(name), &options)
            .map(|key| key.kid().map(str::to_owned))
            .map_err(|error| error.code())
    };
    let kid = read("rsa_spki").spki_sha256(&TOY);
    assert!(kid.is_some());
    for name in ["rsa_spki", "rsa_pkcs8", "rsa_certificate"] {
        assert_eq!(held(name, Alg::RsaOaep256), Ok(kid.clone()), "{name}");
    }
    assert_eq!(held("p256_spki", Alg::EcdhEs), Err("key_unsupported"));
    assert_eq!(held("rsa_certificate_signing", Alg::RsaOaep256), Err("key_usage"));
}

#[test]
fn the_digest_of_a_certificate_is_checked_where_a_hash_is_at_hand() {
    let certificate = Certificate::from_pem(&file("rsa_certificate")).unwrap();
    let digest = certificate.sha256_thumbprint(&TOY);
    let own = x5c(&["rsa_certificate"]);
    let options = KeyOptions::new().with_alg(Alg::RsaOaep256).with_kid(Kid::Omit);
    let right = with_members("rsa_spki", &format!("{own},\"x5t#S256\":\"{digest}\"")).unwrap();
    assert_eq!(right.check_certificate(&TOY), Ok(()));
    assert!(EncryptionKey::import(&TOY, &right, &options).is_ok());
    assert!(right.to_json().contains(&digest));
    let other = with_members(
        "rsa_spki",
        &format!("{own},\"x5t#S256\":\"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc\""),
    )
    .unwrap();
    assert_eq!(other.check_certificate(&TOY).unwrap_err().code(), "key_invalid_member");
    for options in [options.clone(), options.ignore_declared_usage()] {
        let error = EncryptionKey::import(&TOY, &other, &options).unwrap_err();
        assert_eq!(error.code(), "key_invalid_member");
        let error = DecryptionKey::held_elsewhere(&TOY, &other, &options).unwrap_err();
        assert_eq!(error.code(), "key_invalid_member");
    }
    let alone = with_members("rsa_spki", &format!("\"x5t#S256\":\"{digest}\"")).unwrap();
    assert_eq!(alone.check_certificate(&TOY), Ok(()), "there is nothing to compare with");
}

#[test]
fn the_key_usage_of_a_certificate_is_honoured() {
    let import = |name: &str, alg, ignore| {
        let options = KeyOptions::new().with_alg(alg).with_kid(Kid::Omit);
        let options = if ignore { options.ignore_declared_usage() } else { options };
        EncryptionKey::import(&TOY, &read(name), &options).map(drop).map_err(|error| error.code())
    };
    assert_eq!(import("rsa_certificate", Alg::RsaOaep256, false), Ok(()));
    assert_eq!(import("rsa_certificate_no_usage", Alg::RsaOaep256, false), Ok(()));
    assert_eq!(import("rsa_certificate_signing", Alg::RsaOaep256, false), Err("key_usage"));
    assert_eq!(import("rsa_certificate_signing", Alg::RsaOaep256, true), Ok(()));
    assert_eq!(import("p256_certificate", Alg::EcdhEs, false), Ok(()));
    assert_eq!(import("x25519_certificate", Alg::EcdhEs, false), Ok(()));
}
