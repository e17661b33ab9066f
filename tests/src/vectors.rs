//! Tokens that others made: one JSON object a line. `tests/vectors/README.md` describes them.

use std::sync::LazyLock;

use jwe::Backend;
use serde_json::Value;

use crate::base64url;

/// One line of a vector file.
#[derive(Clone, Debug)]
pub struct Vector {
    /// The name of the vector.
    pub id: String,
    /// Who made it.
    pub source: String,
    /// The `alg` as it is meant; `None` where the header can't be read.
    pub alg: Option<String>,
    /// The `enc`, likewise.
    pub enc: Option<String>,
    /// The `zip` of the header.
    pub zip: Option<String>,
    /// `compact`, `flattened` or `general`.
    pub serialization: String,
    /// What is tried, in words of the file's own.
    pub flags: Vec<String>,
    /// A private or symmetric JWK, or `{"password": …}`.
    pub key: Value,
    /// The token in the compact serialization, or the JSON text of another one.
    pub jwe: String,
    /// Whether the token is good. One that is not must be refused.
    pub is_good: bool,
    plaintext: Option<Plaintext>,
}

#[derive(Clone, Debug)]
enum Plaintext {
    Bytes(Vec<u8>),
    Generated { repeat: String, len: usize, sha256: String },
}

impl Vector {
    /// Whether the file has the plaintext.
    #[must_use]
    pub fn has_plaintext(&self) -> bool {
        self.plaintext.is_some()
    }

    /// The plaintext of a good token. A generated one is checked against its hash first.
    #[must_use]
    pub fn plaintext(&self, backend: &Backend) -> Vec<u8> {
        match self.plaintext.as_ref().expect("a good token has a plaintext") {
            Plaintext::Bytes(bytes) => bytes.clone(),
            Plaintext::Generated { repeat, len, sha256 } => {
                let bytes: Vec<u8> = repeat.bytes().cycle().take(*len).collect();
                let hex: String =
                    backend.sha256(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(hex, *sha256, "{}", self.id);
                bytes
            }
        }
    }

    fn parse(line: &str) -> Self {
        let value: Value = serde_json::from_str(line).expect("a line is JSON");
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let generated = &value["plaintext_gen"];
        let plaintext = match text("plaintext_b64u") {
            Some(text) => Some(Plaintext::Bytes(base64url::decode(&text))),
            None if generated.is_object() => Some(Plaintext::Generated {
                repeat: generated["repeat"].as_str().expect("a text").to_owned(),
                len: usize::try_from(generated["len"].as_u64().expect("a length")).unwrap(),
                sha256: text("plaintext_sha256").expect("a hash"),
            }),
            None => None,
        };
        let is_good = match value["expect"].as_str() {
            Some("ok") => true,
            Some("reject") => false,
            other => panic!("expect is {other:?}"),
        };
        Self {
            id: text("id").expect("an id"),
            source: text("source").expect("a source"),
            alg: text("alg"),
            enc: text("enc"),
            zip: text("zip"),
            serialization: text("serialization").expect("a serialization"),
            flags: value["flags"]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default()
                .iter()
                .map(|flag| flag.as_str().expect("a text").to_owned())
                .collect(),
            key: value["key"].clone(),
            jwe: text("jwe").unwrap_or_else(|| value["jwe"].to_string()),
            is_good,
            plaintext,
        }
    }
}

/// The vectors of a file's text.
#[must_use]
pub fn parse(text: &str) -> Vec<Vector> {
    text.lines().filter(|line| !line.is_empty()).map(Vector::parse).collect()
}

/// The complete tokens of RFC 7516 A, RFC 7517 C and RFC 7520 §5 and §6.
#[must_use]
pub fn rfc() -> &'static [Vector] {
    static FILE: LazyLock<Vec<Vector>> =
        LazyLock::new(|| parse(include_str!("../vectors/rfc.jsonl")));
    &FILE
}

/// Tokens of other implementations.
#[must_use]
pub fn peers() -> &'static [Vector] {
    static FILE: LazyLock<Vec<Vector>> =
        LazyLock::new(|| parse(include_str!("../vectors/peers.jsonl")));
    &FILE
}
