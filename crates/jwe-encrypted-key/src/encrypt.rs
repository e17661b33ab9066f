//! Writing encrypted keys.

use der::Encode;
use der::asn1::OctetStringRef;
use jwe_core::{Backend, ExportError, Jwk, KeyFormat, pem, wiped};
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::pbes2::{EncryptionScheme, Kdf, Parameters, Pbkdf2Params};
use zeroize::Zeroizing;

use crate::error::EncryptedKeyError;
use crate::{LABEL, aes_cbc, passphrase::derive};

/// The iterations of PBKDF2 with HMAC-SHA-256 that are written, the figure of OWASP's Password
/// Storage Cheat Sheet.
pub const PBKDF2_ITERATIONS: u32 = 600_000;

const KEY_LEN: usize = 32;

/// Writes a private key as an EncryptedPrivateKeyInfo (RFC 5208 §6) in DER: PBKDF2 with
/// HMAC-SHA-256, [`PBKDF2_ITERATIONS`] and a salt of 16 bytes, then AES-256-CBC. Salt and
/// initialization vector come from the random source of `backend`.
///
/// Of what the key says about itself, `kid`, `alg` and use have no place there.
///
/// # Errors
/// [`EncryptedKeyError::Export`] for a public or symmetric key,
/// [`EncryptedKeyError::EmptyPassphrase`], [`EncryptedKeyError::Random`].
pub fn encrypt_der(
    key: &Jwk,
    passphrase: &[u8],
    backend: &Backend,
) -> Result<Vec<u8>, EncryptedKeyError> {
    if passphrase.is_empty() {
        return Err(EncryptedKeyError::EmptyPassphrase);
    }
    let plaintext = key.to_der(KeyFormat::Pkcs8)?;
    let mut salt = [0; 16];
    let mut iv = [0; 16];
    for random in [&mut salt, &mut iv] {
        backend.random().fill(random).map_err(|_| EncryptedKeyError::Random)?;
    }
    let too_long = EncryptedKeyError::Export(ExportError::TooLong);
    let kdf = Pbkdf2Params::hmac_sha256(PBKDF2_ITERATIONS, &salt).map_err(|_| too_long.clone())?;
    let params =
        Parameters { kdf: Kdf::Pbkdf2(kdf), encryption: EncryptionScheme::Aes256Cbc { iv } };
    // Of its last length from the start, and wiped should the encryption fail on the way.
    let mut content = Zeroizing::new(vec![0; aes_cbc::padded_len(plaintext.len())]);
    content.iter_mut().zip(plaintext.iter()).for_each(|(to, from)| *to = *from);
    wiped::stack_after(|| {
        let key = derive(&params.kdf, passphrase, KEY_LEN)?;
        aes_cbc::encrypt(key.as_slice(), &iv, &mut content, plaintext.len())
    })?;
    EncryptedPrivateKeyInfoRef {
        encryption_algorithm: params.into(),
        encrypted_data: OctetStringRef::new(&content).map_err(|_| too_long.clone())?,
    }
    .to_der()
    .map_err(|_| too_long)
}

/// Writes a private key as PEM (RFC 7468) with the label `ENCRYPTED PRIVATE KEY`; otherwise as
/// [`encrypt_der`].
///
/// # Errors
/// As [`encrypt_der`].
pub fn encrypt_pem(
    key: &Jwk,
    passphrase: &[u8],
    backend: &Backend,
) -> Result<String, EncryptedKeyError> {
    let der = encrypt_der(key, passphrase, backend)?;
    pem::encode(LABEL, &der)
        .map(|pem| pem.as_str().to_owned())
        .ok_or(EncryptedKeyError::Export(ExportError::TooLong))
}
