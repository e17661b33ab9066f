//! Keys that OpenSSL 3.0 encrypted, all of them throw-away keys with the passphrase `correct`, and
//! keys that this crate encrypts.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it does not expect"
)]

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use jwe_core::{Backend, BackendError, ImportError, Jwk, KeyFormat, RandomSource};
use jwe_encrypted_key::{
    EncryptedKeyError, PBKDF2_ITERATIONS, decrypt_der, decrypt_pem, encrypt_der, encrypt_pem,
};

/// Fresh bytes, and nobody's secret.
struct Counting(AtomicU8);

impl RandomSource for Counting {
    fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
        dest.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}

struct Broken;

impl RandomSource for Broken {
    fn fill(&self, _: &mut [u8]) -> Result<(), BackendError> {
        Err(BackendError)
    }
}

static COUNTING: Counting = Counting(AtomicU8::new(0));
static TOY: Backend = Backend::new("toy", &COUNTING, |_| [0; 32]);
static SILENT: Backend = Backend::new("silent", &Broken, |_| [0; 32]);

fn file(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
    std::fs::read_to_string(format!("{folder}/{name}.pem")).unwrap()
}

fn der(name: &str) -> Vec<u8> {
    jwe_core::pem::first_block(&file(name)).unwrap().1.to_vec()
}

fn code(name: &str, passphrase: &str) -> &'static str {
    decrypt_pem(&file(name), passphrase.as_bytes()).map(drop).unwrap_err().code()
}

#[test]
fn what_openssl_writes_is_read() {
    let clear = Jwk::from_pem(&file("clear")).unwrap().to_json();
    for name in [
        "pbkdf2_sha224_aes256",
        "pbkdf2_sha256_aes128",
        "pbkdf2_sha256_aes192",
        "pbkdf2_sha256_aes256",
        "pbkdf2_sha384_aes256",
        "pbkdf2_sha512_aes256",
        "scrypt",
        "scrypt_aes128",
    ] {
        let key = decrypt_pem(&file(name), b"correct").unwrap();
        assert_eq!(*key.to_json(), *clear, "{name}");
        let key = decrypt_der(&der(name), b"correct").unwrap();
        assert_eq!(*key.to_json(), *clear, "{name}");
        assert_eq!(Jwk::from_pem(&file(name)).unwrap_err(), ImportError::Encrypted);
        for wrong in ["", "Correct", "correct "] {
            assert_eq!(code(name, wrong), "encrypted_key_decryption_failed", "{name}");
        }
    }
    assert_eq!(decrypt_pem(&file("rsa_600000"), b"correct").unwrap().kty(), "RSA");
    assert_eq!(decrypt_pem(&file("x25519"), b"correct").unwrap().kty(), "OKP");
    assert!(decrypt_pem(&file("passphrase_utf8"), "Grüße".as_bytes()).is_ok());
}

#[test]
fn what_is_not_handled_is_named() {
    for name in ["unsupported_sha1", "unsupported_des3", "unsupported_pbes1"] {
        let error = decrypt_pem(&file(name), b"correct").unwrap_err();
        assert_eq!(error.code(), "encrypted_key_unsupported", "{name}");
        assert!(error.to_string().contains("openssl pkcs8 -topk8"), "{error}");
    }
    assert_eq!(code("ed25519", "correct"), "key_unsupported");
    assert_eq!(code("ed25519", "wrong"), "encrypted_key_decryption_failed");
    assert_eq!(code("clear", "correct"), "encrypted_key_not_encrypted");
    assert_eq!(decrypt_der(&der("clear"), b"").unwrap_err(), EncryptedKeyError::NotEncrypted);
    assert_eq!(decrypt_der(b"0\x00", b"").unwrap_err(), EncryptedKeyError::NotDer);
    assert_eq!(decrypt_pem("", b"").unwrap_err().code(), "key_not_pem");
    assert_eq!(decrypt_pem(&"x".repeat(65537), b"").unwrap_err().code(), "key_too_large");
    assert_eq!(decrypt_der(&[0x30; 65537], b"").unwrap_err().code(), "key_too_large");
}

/// Replaces the one place at which `from` stands.
fn patched(name: &str, from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut der = der(name);
    let places: Vec<usize> =
        (0..der.len() - from.len()).filter(|at| der[*at..].starts_with(from)).collect();
    let [at] = places[..] else { panic!("{places:?}") };
    assert_eq!(from.len(), to.len());
    der[at..at + to.len()].copy_from_slice(to);
    der
}

#[test]
fn a_file_can_not_ask_for_endless_work() {
    let start = Instant::now();
    assert_eq!(code("expensive_pbkdf2", "correct"), "encrypted_key_too_expensive");
    // N = 2^14, r = 8, p = 1 in the file.
    let costs = [2, 2, 0x40, 0, 2, 1, 8, 2, 1, 1];
    for (more, expected) in [
        ([2, 2, 0x40, 0, 2, 1, 8, 2, 1, 0x7f], EncryptedKeyError::TooExpensive),
        ([2, 2, 0x40, 0, 2, 1, 0x7f, 2, 1, 2], EncryptedKeyError::TooExpensive),
        ([2, 2, 0x40, 1, 2, 1, 8, 2, 1, 1], EncryptedKeyError::NotDer),
        ([2, 2, 0x40, 0, 2, 1, 0, 2, 1, 1], EncryptedKeyError::NotDer),
        ([2, 2, 0x40, 0, 2, 1, 8, 2, 1, 0], EncryptedKeyError::NotDer),
        ([2, 2, 0x80, 0, 2, 1, 8, 2, 1, 1], EncryptedKeyError::NotDer),
    ] {
        let der = patched("scrypt", &costs, &more);
        assert_eq!(decrypt_der(&der, b"correct").unwrap_err(), expected, "{more:?}");
    }
    // 5000 iterations in the file.
    let der = patched("pbkdf2_sha512_aes256", &[2, 2, 0x13, 0x88], &[2, 2, 0, 0]);
    assert_eq!(decrypt_der(&der, b"correct").unwrap_err(), EncryptedKeyError::NotDer);
    assert!(start.elapsed() < Duration::from_secs(1), "nothing was derived");
}

#[test]
fn what_is_written_is_read() {
    let mut written = Vec::new();
    for name in ["clear", "x25519", "rsa_600000"] {
        let key =
            Jwk::from_pem(&file(name)).or_else(|_| decrypt_pem(&file(name), b"correct")).unwrap();
        let pem = encrypt_pem(&key, "päss".as_bytes(), &TOY).unwrap();
        assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        let again = decrypt_pem(&pem, "päss".as_bytes()).unwrap();
        assert_eq!(*again.to_json(), *key.to_json(), "{name}");
        assert_eq!(decrypt_pem(&pem, b"pass").unwrap_err(), EncryptedKeyError::DecryptionFailed);
        written.push(pem);
    }
    let der = jwe_core::pem::first_block(&written[0]).unwrap().1;
    let iterations = PBKDF2_ITERATIONS.to_be_bytes();
    assert!(der.windows(5).any(|window| window[..2] == [2, 3] && window[2..] == iterations[1..]));
}

#[test]
fn salt_and_initialization_vector_are_fresh() {
    let key = Jwk::from_pem(&file("clear")).unwrap();
    let (one, two) =
        (encrypt_der(&key, b"x", &TOY).unwrap(), encrypt_der(&key, b"x", &TOY).unwrap());
    assert_eq!(one.len(), two.len());
    let same = one.iter().zip(&two).filter(|(one, two)| one == two).count();
    // What differs is the salt, the initialization vector and the content.
    assert!(one.len() - same > 16 + 16 + 100, "{same} of {}", one.len());
}

#[test]
fn what_can_not_be_encrypted_says_why() {
    let key = Jwk::from_pem(&file("clear")).unwrap();
    let public = key.to_public().unwrap();
    let password = Jwk::from_password("password").unwrap();
    let code = |key: &Jwk, passphrase: &[u8], backend: &Backend| {
        encrypt_pem(key, passphrase, backend).unwrap_err().code()
    };
    assert_eq!(code(&key, b"", &TOY), "encrypted_key_empty_passphrase");
    assert_eq!(code(&key, b"x", &SILENT), "encrypted_key_random");
    assert_eq!(code(&public, b"x", &TOY), "export_private_needed");
    assert_eq!(code(&password, b"x", &TOY), "export_symmetric");
    assert!(key.to_der(KeyFormat::Pkcs8).is_ok());
}

/// Cut and changed files end in an error or, where the change does not matter, in the key; never in
/// a panic.
#[test]
fn broken_files_are_errors() {
    let clear = Jwk::from_pem(&file("clear")).unwrap().to_json();
    // The cheapest that there is.
    let good = patched("pbkdf2_sha512_aes256", &[2, 2, 0x13, 0x88], &[2, 2, 0, 0x80]);
    for len in 0..good.len() {
        assert!(decrypt_der(&good[..len], b"correct").is_err(), "cut to {len}");
    }
    let good = der("pbkdf2_sha256_aes256");
    for at in 0..good.len() {
        for change in [1, 0x80] {
            let mut bytes = good.clone();
            bytes[at] ^= change;
            if let Ok(key) = decrypt_der(&bytes, b"correct") {
                // A bit of the content that is damaged can be one of the key's own.
                assert_eq!(key.to_json().len(), clear.len());
            }
        }
    }
}

/// Files that OpenSSL does not write, made here of their parts.
#[test]
fn parameters_that_contradict_each_other_are_refused() {
    use der::Encode as _;
    use der::asn1::OctetStringRef;
    use pkcs8::EncryptedPrivateKeyInfoRef;
    use pkcs8::pkcs5::pbes2::{EncryptionScheme, Kdf, Parameters, Pbkdf2Params, Pbkdf2Prf};

    const AES: EncryptionScheme = EncryptionScheme::Aes256Cbc { iv: [9; 16] };
    let file = |encryption: EncryptionScheme, kdf: &Pbkdf2Params, content: &[u8]| {
        let kdf = Kdf::Pbkdf2(*kdf);
        let info = EncryptedPrivateKeyInfoRef {
            encryption_algorithm: Parameters { kdf, encryption }.into(),
            encrypted_data: OctetStringRef::new(content).unwrap(),
        };
        decrypt_der(&info.to_der().unwrap(), b"correct").map(drop).unwrap_err()
    };
    let good = Pbkdf2Params::hmac_sha256(1000, &[7; 16]).unwrap();
    // All is in order but the content.
    assert_eq!(file(AES, &good, &[0; 32]), EncryptedKeyError::DecryptionFailed);
    for len in [0, 15, 17] {
        assert_eq!(file(AES, &good, &vec![0; len]), EncryptedKeyError::DecryptionFailed, "{len}");
    }
    for (key_length, expected) in [
        (Some(32), EncryptedKeyError::DecryptionFailed),
        (Some(16), EncryptedKeyError::NotDer),
        (Some(33), EncryptedKeyError::NotDer),
    ] {
        let kdf = Pbkdf2Params { key_length, ..good };
        assert_eq!(file(AES, &kdf, &[0; 32]), expected, "{key_length:?}");
    }
    let never = Pbkdf2Params { iteration_count: 0, ..good };
    assert_eq!(file(AES, &never, &[0; 32]), EncryptedKeyError::NotDer);
    let sha1 = Pbkdf2Params { prf: Pbkdf2Prf::HmacWithSha1, ..good };
    for (encryption, kdf) in [
        (EncryptionScheme::Aes128Gcm { nonce: [9; 12] }, &good),
        (EncryptionScheme::Aes256Gcm { nonce: [9; 12] }, &good),
        (AES, &sha1),
    ] {
        assert_eq!(file(encryption, kdf, &[0; 32]).code(), "encrypted_key_unsupported");
    }
}

/// An initialization vector of another length than a block's.
#[test]
fn a_vector_is_a_block_long() {
    // id-aes256-CBC, and an octet string of 16 bytes behind it.
    let oid = [6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 0x2a, 4, 16];
    for (len, expected) in [
        (16, EncryptedKeyError::DecryptionFailed),
        (15, EncryptedKeyError::NotDer),
        (17, EncryptedKeyError::NotDer),
    ] {
        let mut changed = oid;
        changed[12] = len;
        let der = patched("pbkdf2_sha256_aes256", &oid, &changed);
        assert_eq!(decrypt_der(&der, b"wrong").unwrap_err(), expected, "{len}");
    }
}
