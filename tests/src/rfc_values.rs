//! What the RFCs print beside their tokens: the inputs that are random otherwise, and the values of
//! single steps. `tests/vectors/README.md` describes both files.

use std::sync::LazyLock;

use jwe::{EcPrivateKey, Jwk, KeyMaterial};
use serde_json::Value;

use crate::base64url;

/// The inputs of the tokens of one section.
#[derive(Debug)]
pub struct Inputs {
    /// The name of the section.
    pub id: String,
    /// The names of the tokens in `rfc.jsonl`.
    pub tokens: Vec<String>,
    /// The CEK; empty where the key determines it.
    pub cek: Vec<u8>,
    /// The initialization vector.
    pub iv: Vec<u8>,
    /// What the key step draws.
    pub key_inputs: Vec<Vec<u8>>,
    /// The seed in the encrypted key of RSAES-OAEP. The RFCs don't print it; it was recovered with
    /// the private keys that they print.
    pub oaep_seed: Option<Vec<u8>>,
    /// The plaintext as it is compressed there.
    pub compressed: Option<Vec<u8>>,
    /// The ephemeral key pair.
    pub ephemeral: Option<EcPrivateKey>,
}

/// The inputs of all sections that can be reproduced.
#[must_use]
pub fn inputs() -> &'static [Inputs] {
    static FILE: LazyLock<Vec<Inputs>> = LazyLock::new(|| {
        lines(include_str!("../vectors/rfc_inputs.jsonl")).map(|line| inputs_of(&line)).collect()
    });
    &FILE
}

/// The values of single steps: RFC 7518 B and C, RFC 8037 A.6, RFC 7517 C.4.
#[must_use]
pub fn primitives() -> &'static [Value] {
    static FILE: LazyLock<Vec<Value>> =
        LazyLock::new(|| lines(include_str!("../vectors/rfc_primitives.jsonl")).collect());
    &FILE
}

/// The one of that name.
#[must_use]
pub fn primitive(id: &str) -> &'static Value {
    primitives().iter().find(|value| value["id"] == id).expect("a value of that name")
}

/// The private key of a JWK for key agreement.
#[must_use]
pub fn agreement_key(jwk: &Value) -> EcPrivateKey {
    let jwk = Jwk::from_json(jwk.to_string().as_bytes()).expect("a key");
    let KeyMaterial::EcPrivate(key) = jwk.material() else { panic!("a private key") };
    key.clone()
}

/// The bytes of a member in hexadecimal.
#[must_use]
pub fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("a text");
    assert!(text.len().is_multiple_of(2), "{text}");
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
    (0..text.len()).step_by(2).map(byte).collect()
}

/// The bytes of a member in base64url.
#[must_use]
pub fn bytes(value: &Value) -> Vec<u8> {
    base64url::decode(value.as_str().expect("a text"))
}

fn lines(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON"))
}

fn inputs_of(value: &Value) -> Inputs {
    let list = |name: &str| value[name].as_array().expect("a list").iter();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    Inputs {
        id: text(&value["id"]),
        tokens: list("tokens").map(text).collect(),
        cek: bytes(&value["cek_b64u"]),
        iv: bytes(&value["iv_b64u"]),
        key_inputs: value["key_inputs_b64u"]
            .as_array()
            .expect("a list")
            .iter()
            .map(bytes)
            .collect(),
        oaep_seed: value.get("oaep_seed_b64u").map(bytes),
        compressed: value.get("compressed_b64u").map(bytes),
        ephemeral: value.get("ephemeral").map(agreement_key),
    }
}
