//! Reading encrypted keys.

use der::asn1::OctetStringRef;
use der::oid::ObjectIdentifier;
use der::{Decode, ErrorKind, Header, SliceReader, Tag};
use jwe_core::{ImportError, Jwk, pem, wiped};
use pkcs8::pkcs5::{EncryptionScheme, pbes2::PBES2_OID};
use pkcs8::{AlgorithmIdentifierRef, EncryptedPrivateKeyInfoRef};
use zeroize::Zeroizing;

use crate::error::EncryptedKeyError;
use crate::{LABEL, MAX_KEY_LEN, aes_cbc, passphrase::derive};

/// Reads the first block of a PEM text (RFC 7468), `ENCRYPTED PRIVATE KEY`.
///
/// # Errors
/// As [`decrypt_der`], and [`EncryptedKeyError::Key`] when it is no PEM.
pub fn decrypt_pem(pem: &str, passphrase: &[u8]) -> Result<Jwk, EncryptedKeyError> {
    check_len(pem.as_bytes())?;
    match pem::first_block(pem).map_err(EncryptedKeyError::Key)? {
        (LABEL, der) => decrypt_der(&der, passphrase),
        _ => Err(EncryptedKeyError::NotEncrypted),
    }
}

/// Reads an EncryptedPrivateKeyInfo (RFC 5208 §6) with PBES2 (RFC 8018 §6.2): PBKDF2 with
/// HMAC-SHA-224 to -512 or scrypt, and AES-CBC with 128, 192 or 256 bits.
///
/// # Errors
/// [`EncryptedKeyError`]: no such structure, another algorithm, more work than the limits of this
/// crate, a wrong passphrase or broken content, which can't be told apart, or a key that
/// [`Jwk::from_der`] refuses. The derivation of the key is not begun unless all that the file
/// says of it is in order.
pub fn decrypt_der(der: &[u8], passphrase: &[u8]) -> Result<Jwk, EncryptedKeyError> {
    check_len(der)?;
    let scheme = scheme(der).map_err(|_| match Jwk::from_der(der) {
        Ok(_) => EncryptedKeyError::NotEncrypted,
        Err(_) => EncryptedKeyError::NotDer,
    })?;
    if scheme != PBES2_OID {
        return Err(EncryptedKeyError::Unsupported("with another scheme than PBES2"));
    }
    let info = EncryptedPrivateKeyInfoRef::from_der(der).map_err(|error| match error.kind() {
        ErrorKind::OidUnknown { .. } => EncryptedKeyError::Unsupported(
            "with another algorithm than PBKDF2 on SHA-2 or scrypt, and AES-CBC",
        ),
        _ => EncryptedKeyError::NotDer,
    })?;
    let EncryptionScheme::Pbes2(params) = &info.encryption_algorithm else {
        return Err(EncryptedKeyError::NotDer);
    };
    let key_len = aes_cbc::key_len(&params.encryption)?;
    let mut content = Zeroizing::new(info.encrypted_data.as_bytes().to_vec());
    let len = wiped::stack_after(|| {
        let key = derive(&params.kdf, passphrase, key_len)?;
        let key = key.get(..key_len).unwrap_or_default();
        aes_cbc::decrypt(&params.encryption, key, &mut content)
    })?;
    let plaintext = content.get(..len).unwrap_or_default();
    match Jwk::from_der(plaintext) {
        Ok(key) if key.is_private() => Ok(key),
        // A wrong passphrase gets this far once in 256 times.
        Ok(_) | Err(ImportError::NotDer(_) | ImportError::Encrypted) => {
            Err(EncryptedKeyError::DecryptionFailed)
        }
        Err(error) => Err(EncryptedKeyError::Key(error)),
    }
}

/// The object identifier of the encryption scheme of what begins as an EncryptedPrivateKeyInfo.
fn scheme(der: &[u8]) -> der::Result<ObjectIdentifier> {
    let mut reader = SliceReader::new(der)?;
    Header::decode(&mut reader)?.tag().assert_eq(Tag::Sequence)?;
    let scheme = AlgorithmIdentifierRef::decode(&mut reader)?.oid;
    <&OctetStringRef>::decode(&mut reader)?;
    Ok(scheme)
}

fn check_len(text: &[u8]) -> Result<(), EncryptedKeyError> {
    if text.len() > MAX_KEY_LEN {
        Err(EncryptedKeyError::Key(ImportError::TooLarge { limit: MAX_KEY_LEN }))
    } else {
        Ok(())
    }
}
