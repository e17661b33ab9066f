//! Reading a token as the recipient would that it was made for: with that recipient's key, the
//! algorithms that the token is meant to have, and everything allowed that it needs.

use jwe::{
    Alg, Algorithm, Backend, Curve, Decrypter, DecryptionKey, Direction, Enc, ImportError, Jwk,
    KeyOptions, Kid, Limits, Message, SetupError, Zeroizing,
};
use serde_json::{Map, Value};

use crate::base64url;
use crate::vectors::Vector;

/// The largest `p2c` that is allowed for tokens of others, which have at most 32 768.
pub const MAX_P2C: u32 = 100_000;

/// Why there is no decrypter, by its code and its text.
pub type Refusal = (&'static str, String);

/// The key of a vector, which may be a password.
///
/// # Errors
/// As [`Jwk::from_json`].
pub fn key(vector: &Vector) -> Result<Jwk, ImportError> {
    match vector.key["password"].as_str() {
        Some(password) => Jwk::from_password(password),
        None => Jwk::from_json(vector.key.to_string().as_bytes()),
    }
}

/// The header of the recipient that a vector is for: the union of the three headers, read without
/// the code that is tested. Empty where there is none that can be read.
#[must_use]
pub fn header(vector: &Vector) -> Map<String, Value> {
    let decoded = |text: &str| serde_json::from_slice(&base64url::decode(text)).ok();
    if !vector.jwe.starts_with('{') {
        let protected = vector.jwe.split('.').next().and_then(decoded);
        return protected.unwrap_or_default();
    }
    let message: Value = serde_json::from_str(&vector.jwe).expect("JSON");
    let recipient = match message["recipients"].as_array() {
        Some(recipients) => &recipients[recipient(vector)],
        None => &message,
    };
    let protected: Option<Map<String, Value>> = message["protected"].as_str().and_then(decoded);
    let unprotected = [&message["unprotected"], &recipient["header"]].into_iter();
    let unprotected = unprotected.filter_map(Value::as_object).cloned();
    protected.into_iter().chain(unprotected).flatten().collect()
}

/// Which of several recipients a vector is for.
#[must_use]
pub fn recipient(vector: &Vector) -> usize {
    let number = |flag: &String| flag.strip_prefix("key-of-recipient-")?.parse().ok();
    vector.flags.iter().find_map(number).unwrap_or(0)
}

/// How the key of a vector is imported: with its own `kid`, or where it has none with the one that
/// its token calls it by.
#[must_use]
pub fn key_options(vector: &Vector, jwk: &Jwk, alg: Alg) -> KeyOptions {
    let options = KeyOptions::new().with_alg(alg);
    match header(vector).get("kid").and_then(Value::as_str) {
        Some(kid) if jwk.kid().is_none() => options.with_kid(Kid::Given(kid.to_owned())),
        _ => options,
    }
}

/// A decrypter for one vector that allows neither compression nor passwords.
///
/// # Errors
/// The code and the text of the error of the key or of the decrypter.
pub fn decrypter(
    backend: &'static Backend,
    vector: &Vector,
    alg: Alg,
    accepted: &[Enc],
) -> Result<Decrypter, Refusal> {
    let import = |error: ImportError| (error.code(), error.to_string());
    let jwk = key(vector).map_err(import)?;
    let options = key_options(vector, &jwk, alg);
    let key = DecryptionKey::import(backend, &jwk, &options).map_err(import)?;
    Decrypter::new(backend, [key], accepted)
        .map_err(|error: SetupError| (error.code(), error.to_string()))
}

/// Allows what a good token may need.
#[must_use]
pub fn allow_all(decrypter: Decrypter) -> Decrypter {
    decrypter.allow_zip(Decrypter::DEFAULT_MAX_INFLATED).allow_pbes2(MAX_P2C)
}

/// Opens a token of any serialization; the error is its code.
///
/// # Errors
/// The code of the error.
pub fn open(decrypter: &Decrypter, token: &str) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    if !token.starts_with('{') {
        return decrypter.decrypt(token).map_err(|error| error.code());
    }
    let message = Message::parse(token, &Limits::default()).map_err(|error| error.code())?;
    decrypter.decrypt_message(message).map_err(|error| error.code())
}

/// Whether the backend lists the algorithm, with the curve where it has one.
#[must_use]
pub fn lists_key(backend: &Backend, direction: Direction, alg: Alg, curve: Option<Curve>) -> bool {
    let wanted = (Algorithm::Alg(alg), curve.filter(|_| alg.is_ecdh()), direction);
    let lines = backend.capabilities();
    lines.iter().any(|line| (line.algorithm, line.curve, line.direction) == wanted)
}

/// Whether the backend lists the content encryption algorithm.
#[must_use]
pub fn lists_content(backend: &Backend, enc: Enc) -> bool {
    backend.capabilities().iter().any(|line| line.algorithm == Algorithm::Enc(enc))
}

/// The family of an `alg`, by which vectors are counted.
#[must_use]
pub fn family(alg: &str) -> &'static str {
    match alg {
        "RSA1_5" => "RSA1_5",
        "dir" => "dir",
        "ECDH-ES" => "ECDH-ES",
        _ if alg.starts_with("RSA-OAEP") => "RSA-OAEP",
        _ if alg.starts_with("ECDH-ES+") => "ECDH-ES+AES-KW",
        _ if alg.starts_with("PBES2-") => "PBES2",
        _ if alg.ends_with("GCMKW") => "AES-GCMKW",
        _ if alg.ends_with("KW") => "AES-KW",
        _ => panic!("{alg} is of no family"),
    }
}
