//! The vector files, read once. Every case names its source.

use std::sync::LazyLock;

use jwe_core::{Alg, Enc};
use serde::Deserialize;

use super::bytes::{hex, unbase64url};

/// A known answer of a content encryption algorithm.
pub(crate) struct ContentCase {
    pub(crate) source: String,
    pub(crate) enc: Enc,
    pub(crate) cek: Vec<u8>,
    pub(crate) iv: Vec<u8>,
    pub(crate) aad: Vec<u8>,
    pub(crate) plaintext: Vec<u8>,
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) tag: Vec<u8>,
}

/// A compact token that somebody else made.
pub(crate) struct TokenCase {
    pub(crate) name: String,
    pub(crate) alg: Alg,
    pub(crate) enc: Enc,
    /// The private or symmetric key, a JWK.
    pub(crate) key: serde_json::Value,
    pub(crate) token: String,
    pub(crate) plaintext: Vec<u8>,
}

#[derive(Deserialize)]
struct ContentFile {
    cases: Vec<ContentEntry>,
}

#[derive(Deserialize)]
struct ContentEntry {
    source: String,
    enc: String,
    cek: String,
    iv: String,
    aad: String,
    plaintext: String,
    ciphertext: String,
    tag: String,
}

#[derive(Deserialize)]
struct TokenFile {
    keys: Vec<serde_json::Value>,
    tokens: Vec<TokenEntry>,
}

#[derive(Deserialize)]
struct TokenEntry {
    id: String,
    source: String,
    alg: String,
    enc: String,
    key: usize,
    jwe: String,
    plaintext: String,
}

static CONTENT: LazyLock<Vec<ContentCase>> = LazyLock::new(|| {
    let file: ContentFile = serde_json::from_str(include_str!("../../vectors/content.json"))
        .expect("vectors/content.json");
    file.cases
        .into_iter()
        .map(|entry| ContentCase {
            enc: entry.enc.parse().expect("vectors/content.json: enc"),
            cek: hex(&entry.cek),
            iv: hex(&entry.iv),
            aad: hex(&entry.aad),
            plaintext: hex(&entry.plaintext),
            ciphertext: hex(&entry.ciphertext),
            tag: hex(&entry.tag),
            source: entry.source,
        })
        .collect()
});

static TOKENS: LazyLock<Vec<TokenCase>> = LazyLock::new(|| {
    let file: TokenFile = serde_json::from_str(include_str!("../../vectors/tokens.json"))
        .expect("vectors/tokens.json");
    file.tokens
        .iter()
        .map(|entry| TokenCase {
            name: format!("token {} by {}", entry.id, entry.source),
            alg: entry.alg.parse().expect("vectors/tokens.json: alg"),
            enc: entry.enc.parse().expect("vectors/tokens.json: enc"),
            key: file.keys[entry.key].clone(),
            token: entry.jwe.clone(),
            plaintext: unbase64url(&entry.plaintext),
        })
        .collect()
});

/// The known answers of content encryption.
pub(crate) fn content() -> &'static [ContentCase] {
    &CONTENT
}

/// The tokens of the RFCs and of other implementations.
pub(crate) fn tokens() -> &'static [TokenCase] {
    &TOKENS
}
