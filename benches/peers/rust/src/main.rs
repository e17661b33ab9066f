//! picky and biscuit, each as a contender: `rust-peers picky-6`, `picky-7` and `biscuit`.

use std::error::Error;

use biscuit::Empty;
use biscuit::jwa::{
    ContentEncryptionAlgorithm, EncryptionOptions, KeyManagementAlgorithm as BiscuitAlg,
};
use biscuit::jwk::JWK;
use contender::{Contender, Outcome, serve};
use data_encoding::BASE64URL_NOPAD;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::Value;

/// A member of an object that has to be there, as a string.
fn text<'v>(value: &'v Value, member: &str) -> Outcome<&'v str> {
    value[member].as_str().ok_or_else(|| format!("a key without {member}").into())
}

/// Two versions of one crate with the same functions.
macro_rules! picky {
    ($version:ident, $name:ident) => {
        /// It has no prepared keys: it takes its own types, which it converts for every token.
        fn $name(keys: &str) -> Outcome<Contender> {
            use $version::jose::jwe::{Jwe, JweAlg, JweEnc};
            use $version::jose::jwk::Jwk;
            use $version::key::PrivateKey;

            let keys: Value = serde_json::from_str(keys)?;
            let kid = text(&keys["public"], "kid")?.to_owned();
            let public = Jwk::from_json(&keys["public"].to_string())?.to_public_key()?;
            let private = PrivateKey::from_pem_str(text(&keys, "pem")?)?;
            Ok(Contender {
                encrypt: Box::new(move |value| {
                    let mut jwe = Jwe::new(JweAlg::RsaOaep256, JweEnc::Aes256Gcm, value.to_vec());
                    jwe.header.kid = Some(kid.clone());
                    Ok(jwe.encode(&public)?)
                }),
                decrypt: Some(Box::new(move |token| Ok(Jwe::decode(token, &private)?.payload))),
            })
        }
    };
}

picky!(picky, newest_picky);
picky!(picky_6, released_picky);

/// biscuit with the key itself as the CEK.
fn biscuit(keys: &str) -> Outcome<Contender> {
    type Token = biscuit::jwe::Compact<Vec<u8>, Empty>;

    let keys: Value = serde_json::from_str(keys)?;
    let kid = text(&keys["private"], "kid")?.to_owned();
    let octets = BASE64URL_NOPAD.decode(text(&keys["private"], "k")?.as_bytes())?;
    let key: JWK<Empty> = JWK::new_octet_key(&octets, Empty {});
    let decryption_key = key.clone();
    let random = SystemRandom::new();
    Ok(Contender {
        encrypt: Box::new(move |value| {
            let header = biscuit::jwe::RegisteredHeader {
                cek_algorithm: BiscuitAlg::DirectSymmetricKey,
                enc_algorithm: ContentEncryptionAlgorithm::A256GCM,
                key_id: Some(kid.clone()),
                ..Default::default()
            };
            let mut nonce = vec![0; 12];
            random.fill(&mut nonce).map_err(|_| "no random bytes")?;
            let token = Token::new_decrypted(header.into(), value.to_vec())
                .encrypt(&key, &EncryptionOptions::AES_GCM { nonce })?;
            Ok(token.unwrap_encrypted().encode())
        }),
        decrypt: Some(Box::new(move |token| {
            let opened = Token::new_encrypted(token).into_decrypted(
                &decryption_key,
                BiscuitAlg::DirectSymmetricKey,
                ContentEncryptionAlgorithm::A256GCM,
            )?;
            Ok(opened.payload()?.clone())
        })),
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1).as_deref() {
        Some("picky-7") => serve(newest_picky),
        Some("picky-6") => serve(released_picky),
        Some("biscuit") => serve(biscuit),
        _ => Err("the argument is picky-6, picky-7 or biscuit".into()),
    }
}
