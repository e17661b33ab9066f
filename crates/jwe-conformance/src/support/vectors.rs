//! The vector files, read once. Every case names its source.

use std::sync::LazyLock;

use jwe_core::{Alg, Curve, Enc};
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

/// A known answer of AES key wrap.
pub(crate) struct KeyWrapCase {
    pub(crate) source: String,
    pub(crate) kek: Vec<u8>,
    pub(crate) key: Vec<u8>,
    pub(crate) wrapped: Vec<u8>,
}

/// A known answer of key agreement.
#[derive(Clone)]
pub(crate) struct AgreementCase {
    pub(crate) source: String,
    pub(crate) curve: Curve,
    pub(crate) private: Vec<u8>,
    pub(crate) public: Vec<u8>,
    pub(crate) ephemeral: Vec<u8>,
    pub(crate) epk: Vec<u8>,
    pub(crate) z: Vec<u8>,
}

/// A known answer of ECDH-ES.
pub(crate) struct DerivationCase {
    pub(crate) source: String,
    pub(crate) alg: Alg,
    pub(crate) enc: Enc,
    pub(crate) agreement: AgreementCase,
    pub(crate) apu: Vec<u8>,
    pub(crate) apv: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

/// A known answer of the derivation from a password.
pub(crate) struct PasswordCase {
    pub(crate) source: String,
    pub(crate) alg: Alg,
    pub(crate) password: Vec<u8>,
    pub(crate) p2s: Vec<u8>,
    pub(crate) p2c: u32,
    pub(crate) key: Vec<u8>,
}

#[derive(Deserialize)]
struct KeyManagementFile {
    key_wrap: Vec<KeyWrapEntry>,
    agreement: Vec<AgreementEntry>,
    derivation: Vec<DerivationEntry>,
    password: Vec<PasswordEntry>,
}

#[derive(Deserialize)]
struct KeyWrapEntry {
    source: String,
    kek: String,
    key: String,
    wrapped: String,
}

#[derive(Deserialize)]
struct AgreementEntry {
    source: String,
    curve: String,
    private: String,
    public: String,
    ephemeral: String,
    epk: String,
    z: String,
}

#[derive(Deserialize)]
struct DerivationEntry {
    source: String,
    alg: String,
    enc: String,
    agreement: usize,
    apu: String,
    apv: String,
    key: String,
}

#[derive(Deserialize)]
struct PasswordEntry {
    source: String,
    alg: String,
    password: String,
    p2s: String,
    p2c: u32,
    key: String,
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

struct KeyManagement {
    key_wrap: Vec<KeyWrapCase>,
    agreement: Vec<AgreementCase>,
    derivation: Vec<DerivationCase>,
    passwords: Vec<PasswordCase>,
}

static KEY_MANAGEMENT: LazyLock<KeyManagement> = LazyLock::new(|| {
    const FILE: &str = "vectors/key_management.json";
    let file: KeyManagementFile =
        serde_json::from_str(include_str!("../../vectors/key_management.json")).expect(FILE);
    let key_wrap = file.key_wrap.into_iter().map(|entry| KeyWrapCase {
        kek: hex(&entry.kek),
        key: hex(&entry.key),
        wrapped: hex(&entry.wrapped),
        source: entry.source,
    });
    let agreement: Vec<AgreementCase> = file
        .agreement
        .into_iter()
        .map(|entry| AgreementCase {
            curve: entry.curve.parse().expect(FILE),
            private: hex(&entry.private),
            public: hex(&entry.public),
            ephemeral: hex(&entry.ephemeral),
            epk: hex(&entry.epk),
            z: hex(&entry.z),
            source: entry.source,
        })
        .collect();
    let derivation = file.derivation.into_iter().map(|entry| DerivationCase {
        alg: entry.alg.parse().expect(FILE),
        enc: entry.enc.parse().expect(FILE),
        agreement: agreement[entry.agreement].clone(),
        apu: hex(&entry.apu),
        apv: hex(&entry.apv),
        key: hex(&entry.key),
        source: entry.source,
    });
    let passwords = file.password.into_iter().map(|entry| PasswordCase {
        alg: entry.alg.parse().expect(FILE),
        password: hex(&entry.password),
        p2s: hex(&entry.p2s),
        p2c: entry.p2c,
        key: hex(&entry.key),
        source: entry.source,
    });
    KeyManagement {
        key_wrap: key_wrap.collect(),
        derivation: derivation.collect(),
        passwords: passwords.collect(),
        agreement,
    }
});

/// The known answers of AES key wrap.
pub(crate) fn key_wrap() -> &'static [KeyWrapCase] {
    &KEY_MANAGEMENT.key_wrap
}

/// The known answers of key agreement.
pub(crate) fn agreement() -> &'static [AgreementCase] {
    &KEY_MANAGEMENT.agreement
}

/// The known answers of ECDH-ES.
pub(crate) fn derivation() -> &'static [DerivationCase] {
    &KEY_MANAGEMENT.derivation
}

/// The known answers of the derivation from passwords.
pub(crate) fn passwords() -> &'static [PasswordCase] {
    &KEY_MANAGEMENT.passwords
}

/// The known answers of content encryption.
pub(crate) fn content() -> &'static [ContentCase] {
    &CONTENT
}

/// The tokens of the RFCs and of other implementations.
pub(crate) fn tokens() -> &'static [TokenCase] {
    &TOKENS
}
