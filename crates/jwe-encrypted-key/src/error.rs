//! What can go wrong with an encrypted key.

use core::fmt;

use jwe_core::{ExportError, ImportError};

/// Why an encrypted key was not read or written. Never with a part of the key or the passphrase.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncryptedKeyError {
    /// The key is not encrypted: [`Jwk::from_pem`](jwe_core::Jwk::from_pem) and
    /// [`Jwk::from_der`](jwe_core::Jwk::from_der) read it.
    NotEncrypted,
    /// Neither PEM nor DER of an EncryptedPrivateKeyInfo (RFC 5208 §6).
    NotDer,
    /// Encrypted in a way that is not handled here.
    Unsupported(&'static str),
    /// The file asks for more work than is done here.
    TooExpensive,
    /// The passphrase is wrong or the file is broken; which of the two can't be told.
    DecryptionFailed,
    /// The key was read and is refused.
    Key(ImportError),
    /// The key to be encrypted can't be: it is public or symmetric.
    Export(ExportError),
    /// An empty passphrase protects nothing.
    EmptyPassphrase,
    /// The backend's random source failed.
    Random,
}

impl EncryptedKeyError {
    /// A stable name for programs; of [`Key`](Self::Key) and [`Export`](Self::Export) it is the inner
    /// error's.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotEncrypted => "encrypted_key_not_encrypted",
            Self::NotDer => "encrypted_key_not_der",
            Self::Unsupported(_) => "encrypted_key_unsupported",
            Self::TooExpensive => "encrypted_key_too_expensive",
            Self::DecryptionFailed => "encrypted_key_decryption_failed",
            Self::Key(error) => error.code(),
            Self::Export(error) => error.code(),
            Self::EmptyPassphrase => "encrypted_key_empty_passphrase",
            Self::Random => "encrypted_key_random",
        }
    }
}

impl fmt::Display for EncryptedKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEncrypted => f.write_str("the key is not encrypted: read it without a passphrase"),
            Self::NotDer => f.write_str(
                "the key is no EncryptedPrivateKeyInfo that can be read (RFC 5208 §6): export it again from its \
                 origin",
            ),
            Self::Unsupported(reason) => write!(
                f,
                "the key is encrypted in a way that is not handled here, {reason}: encrypt it again with \
                 `openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -in FILE -out NEW`"
            ),
            Self::TooExpensive => f.write_str(
                "the file asks for more work to derive a key from the passphrase than is done here: encrypt it \
                 again with fewer iterations or a lower cost",
            ),
            Self::DecryptionFailed => {
                f.write_str("the passphrase is wrong or the file is broken: check the passphrase first")
            }
            Self::Key(error) => error.fmt(f),
            Self::Export(error) => error.fmt(f),
            Self::EmptyPassphrase => f.write_str("the passphrase is empty: give one"),
            Self::Random => f.write_str("the backend's random source failed: try again"),
        }
    }
}

impl core::error::Error for EncryptedKeyError {}

impl From<ExportError> for EncryptedKeyError {
    fn from(error: ExportError) -> Self {
        Self::Export(error)
    }
}

#[cfg(test)]
mod tests {
    use jwe_core::{ExportError, ImportError};

    use super::EncryptedKeyError as E;

    #[test]
    fn every_error_has_its_code_and_says_what_to_do() {
        // A new variant stops the build here.
        let code = |error: &E| match error {
            E::NotEncrypted => "encrypted_key_not_encrypted",
            E::NotDer => "encrypted_key_not_der",
            E::Unsupported(_) => "encrypted_key_unsupported",
            E::TooExpensive => "encrypted_key_too_expensive",
            E::DecryptionFailed => "encrypted_key_decryption_failed",
            E::Key(_) => "key_empty",
            E::Export(_) => "export_symmetric",
            E::EmptyPassphrase => "encrypted_key_empty_passphrase",
            E::Random => "encrypted_key_random",
        };
        for (error, shown) in [
            (E::NotEncrypted, "read it without a passphrase"),
            (E::NotDer, "export it again"),
            (E::Unsupported("reason-x"), "reason-x: encrypt it again with `openssl pkcs8 -topk8"),
            (E::TooExpensive, "fewer iterations or a lower cost"),
            (E::DecryptionFailed, "check the passphrase first"),
            (E::Key(ImportError::Empty), "the right one"),
            (E::from(ExportError::Symmetric), "write it as a JWK"),
            (E::EmptyPassphrase, "give one"),
            (E::Random, "try again"),
        ] {
            let text = error.to_string();
            assert_eq!(error.code(), code(&error));
            assert!(text.contains(shown) && text.contains(": "), "{text}");
            assert!(!text.ends_with('.') && !text.contains(['\n', '\t']), "{text}");
            assert!(core::error::Error::source(&error).is_none());
        }
    }
}
