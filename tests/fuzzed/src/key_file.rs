//! Target `key_file`: bytes as PEM or DER of a key, a certificate or an encrypted key. It is refused,
//! or it survives being written in every format and read again.

use jwe_core::{Certificate, ExportError, Jwk, KeyFormat, pem};
use jwe_encrypted_key::{MAX_PBKDF2_ITERATIONS, MAX_SCRYPT_COST, decrypt_der, decrypt_pem};
use jwe_ring::RING;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;

use crate::key::survives;

/// The passphrase of the encrypted seeds.
const PASSPHRASE: &[u8] = b"correct";
/// What deriving a key may cost here.
const MOST_ITERATIONS: u32 = 2048;
const MOST_SCRYPT_COST: u64 = 1 << 20;

/// Runs the target.
pub fn run(input: &[u8]) {
    der(input);
    let Ok(text) = core::str::from_utf8(input) else { return };
    let first = pem::first_block(text);
    let key = Jwk::from_pem(text);
    let certificate = Certificate::from_pem(text);
    let Ok((label, der_of_block)) = first else {
        assert!(key.is_err() && certificate.is_err());
        return;
    };
    let written = pem::encode(label, &der_of_block).unwrap();
    let (again, der_again) = pem::first_block(&written).unwrap();
    assert_eq!((again, &der_again), (label, &der_of_block));
    assert_eq!(
        certificate.is_ok(),
        label == "CERTIFICATE" && Certificate::from_der(&der_of_block).is_ok()
    );
    if let Ok(key) = &key {
        let from_der = Jwk::from_der(&der_of_block).unwrap();
        assert_eq!(*from_der.to_json(), *key.to_json());
    }
    if is_cheap(&der_of_block) {
        let outcomes = [decrypt_pem(text, PASSPHRASE), decrypt_der(&der_of_block, PASSPHRASE)];
        let [of_pem, of_der] = outcomes.map(|outcome| outcome.map(|key| key.to_json().to_string()));
        if label == "ENCRYPTED PRIVATE KEY" {
            assert_eq!(of_pem, of_der);
        } else {
            assert!(of_pem.is_err());
        }
    }
    der(&der_of_block);
}

fn der(input: &[u8]) {
    if let Ok(certificate) = Certificate::from_der(input) {
        let _ = (certificate.not_before_text(), certificate.not_after_text());
        assert_eq!(certificate.der(), input);
        assert!(!certificate.sha256_thumbprint(&RING).is_empty());
        if let Ok(key) = certificate.public_key() {
            assert!(!key.is_private());
            assert_eq!(key.certificate().map(Certificate::der), Some(input));
        }
    }
    let decrypted = if is_cheap(input) { decrypt_der(input, PASSPHRASE).ok() } else { None };
    for key in decrypted.into_iter().chain(Jwk::from_der(input)) {
        survives(&key);
        for format in KeyFormat::ALL {
            written_and_read(&key, *format);
        }
    }
}

fn written_and_read(key: &Jwk, format: KeyFormat) {
    let der = match key.to_der(format) {
        Ok(der) => der,
        Err(ExportError::TooLong) => panic!("a key that was read is too long to be written"),
        Err(_) => return,
    };
    let again = Jwk::from_der(&der).unwrap();
    assert_eq!(again.is_private(), key.is_private() && format != KeyFormat::Spki);
    assert_eq!(*again.to_der(format).unwrap(), *der);
    let pem = key.to_pem(format).unwrap();
    // A certificate and a `kid` have no place in these formats.
    assert_eq!(*Jwk::from_pem(&pem).unwrap().to_json(), *again.to_json());
    if again.to_public().is_some() && key.to_public().is_some() {
        assert_eq!(again.thumbprint(&RING), key.thumbprint(&RING));
    }
}

/// Whether an encrypted key asks for little work, or for so much that it is refused.
fn is_cheap(der: &[u8]) -> bool {
    let Ok(info) = EncryptedPrivateKeyInfoRef::try_from(der) else { return true };
    let EncryptionScheme::Pbes2(parameters) = &info.encryption_algorithm else { return true };
    match &parameters.kdf {
        Kdf::Pbkdf2(kdf) => {
            let iterations = kdf.iteration_count;
            iterations <= MOST_ITERATIONS || iterations > MAX_PBKDF2_ITERATIONS
        }
        Kdf::Scrypt(kdf) => {
            let cost = u64::from(kdf.block_size)
                .saturating_mul(128)
                .saturating_mul(u64::from(kdf.parallelization))
                .saturating_mul(kdf.cost_parameter);
            cost <= MOST_SCRYPT_COST || cost > MAX_SCRYPT_COST
        }
        _ => true,
    }
}
