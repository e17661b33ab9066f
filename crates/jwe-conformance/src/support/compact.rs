//! Compact tokens taken apart and put together, right or deliberately wrong (RFC 7516 §7.1).

use serde_json::{Map, Value, json};

use super::bytes::{base64url, unbase64url};

/// The five decoded parts of a compact token.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) header: Vec<u8>,
    pub(crate) encrypted_key: Vec<u8>,
    pub(crate) iv: Vec<u8>,
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) tag: Vec<u8>,
}

impl Parts {
    pub(crate) fn of(token: &str) -> Self {
        let segments: Vec<Vec<u8>> = token.split('.').map(unbase64url).collect();
        let [header, encrypted_key, iv, ciphertext, tag] =
            segments.try_into().expect("a compact token has five segments");
        Self { header, encrypted_key, iv, ciphertext, tag }
    }

    pub(crate) fn token(&self) -> String {
        [&self.header, &self.encrypted_key, &self.iv, &self.ciphertext, &self.tag]
            .map(|part| base64url(part))
            .join(".")
    }

    /// What the tag protects beside the ciphertext (RFC 7516 §5.1, step 14).
    pub(crate) fn aad(&self) -> Vec<u8> {
        base64url(&self.header).into_bytes()
    }

    pub(crate) fn header_json(&self) -> Value {
        serde_json::from_slice(&self.header).expect("a protected header is JSON")
    }
}

/// A protected header with the members that the engine needs, and those of the `alg`.
pub(crate) fn header(alg: &str, enc: &str, kid: &str, members: Map<String, Value>) -> Vec<u8> {
    let mut header = Map::new();
    for (name, value) in [("alg", alg), ("enc", enc), ("kid", kid)] {
        header.insert(name.to_owned(), json!(value));
    }
    header.extend(members);
    Value::Object(header).to_string().into_bytes()
}
