//! What a recipient says: for keys that are not taken apart here, and as the last word on all others.

use jwe_core::{
    Alg, Backend, DecryptError, Decrypter, DecryptionKey, Enc, ImportError, Inspection, Jwk,
    KeyOptions, Kid, Limits, Message,
};
use zeroize::Zeroizing;

use crate::cause::Cause;
use crate::expected::Expected;
use crate::finding::Finding;

/// What came of it.
pub(crate) enum Outcome {
    Opened(Zeroizing<Vec<u8>>),
    Refused(Finding),
    /// The backend lacks what it takes.
    NotTried,
}

/// Decrypts the token as a recipient does, with `alg` as the key's.
pub(crate) fn decrypt(
    token: &str,
    key: &Jwk,
    alg: Alg,
    backend: &Backend,
    expected: &Expected,
) -> Outcome {
    let options = KeyOptions::new().with_alg(alg).with_kid(Kid::Omit).ignore_declared_usage();
    let key = match DecryptionKey::import(backend, key, &options) {
        Ok(key) => key,
        Err(ImportError::Gap(_)) => return Outcome::NotTried,
        Err(error) => {
            return Outcome::Refused(Finding::new(
                Cause::KeyRefused,
                format!("the key is refused: {error}"),
                "Use the key as it was made",
            ));
        }
    };
    let accepted = if expected.enc.is_empty() { Enc::ALL } else { expected.enc.as_slice() };
    let Ok(decrypter) = Decrypter::new(backend, [key], accepted) else {
        return Outcome::NotTried;
    };
    let limits = Limits::default().with_max_token_len(expected.max_token_len);
    match decrypter.ignore_kid().with_limits(limits).decrypt(token) {
        Ok(plaintext) => Outcome::Opened(plaintext),
        Err(DecryptError::DecryptionFailed) => Outcome::Refused(Finding::new(
            Cause::DoesNotOpen,
            "it does not decrypt with this key: it is for another key, or a part of it was changed",
            "Encrypt with the key that the recipient has, and send the token exactly as the library returned it",
        )),
        Err(error) => Outcome::Refused(refused(&error.to_string(), error.code())),
    }
}

/// What a recipient refuses without a key.
pub(crate) fn malformed(token: &str, expected: &Expected) -> Option<Finding> {
    let limits = Limits::default().with_max_token_len(expected.max_token_len);
    let seen = Message::parse(token, &limits).and_then(|message| Inspection::of(&message, &limits));
    seen.err().map(|error| refused(&error.to_string(), error.code()))
}

fn refused(text: &str, code: &str) -> Finding {
    Finding::new(
        Cause::Refused,
        format!("recipients refuse it ({code}): {text}"),
        "Change that in the client's library",
    )
}
