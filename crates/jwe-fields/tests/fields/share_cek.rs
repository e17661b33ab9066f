//! The values of one document may share a content encryption key, those of two never do.

use std::collections::HashSet;

use jwe_core::{Decrypter, DecryptionKey, Enc, Encrypter, EncryptionKey, Jwk, KeyOptions};
use jwe_fields::{
    AlreadyEncrypted, DecryptOptions, EncryptOptions, FieldDecrypter, FieldEncrypter, Scratch,
    Selector, ShareCek,
};
use jwe_ring::RING;

const FIELDS: [&str; 3] = ["/a", "/b", "/c"];

fn jwk() -> Jwk {
    Jwk::from_json(br#"{"kty":"oct","alg":"A128KW","kid":"k","k":"AAECAwQFBgcICQoLDA0ODw"}"#)
        .unwrap()
}

fn decrypter() -> Decrypter {
    let key = DecryptionKey::import(&RING, &jwk(), &KeyOptions::new()).unwrap();
    Decrypter::new(&RING, [key], &[Enc::A128Gcm]).unwrap()
}

fn sender(options: EncryptOptions) -> FieldEncrypter {
    let key = EncryptionKey::import(&RING, &jwk(), &KeyOptions::new()).unwrap();
    let encrypter = Encrypter::new(&RING, &key, Enc::A128Gcm).unwrap();
    let fields: Vec<Selector> = FIELDS.map(|field| field.parse().unwrap()).into();
    FieldEncrypter::new(encrypter, fields, options).unwrap()
}

/// The header and encrypted key, and the initialization vector, of each token of a document.
fn tokens(document: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(document).unwrap();
    text.split('"')
        .filter(|part| part.starts_with("eyJ"))
        .map(|token| {
            let parts: Vec<_> = token.split('.').collect();
            (format!("{}.{}", parts[0], parts[1]), parts[2].to_owned())
        })
        .collect()
}

#[test]
fn within_a_document_and_not_across() {
    let document = br#"{"a":"1","b":"2","c":"3"}"#;
    let decrypter = decrypter();
    let fields: Vec<Selector> = FIELDS.map(|field| field.parse().unwrap()).into();
    let recipient = FieldDecrypter::new(decrypter.clone(), fields, DecryptOptions::new()).unwrap();
    for (share, heads_of_one) in [(ShareCek::No, 3), (ShareCek::Document, 1)] {
        let sender = sender(EncryptOptions::new().with_share_cek(share));
        let mut scratch = Scratch::new();
        let (mut heads, mut ivs) = (HashSet::new(), HashSet::new());
        for _ in 0..50 {
            let mut sent = Vec::new();
            assert_eq!(sender.encrypt_into(document, &mut sent, &mut scratch), Ok(3));
            let tokens = tokens(&sent);
            let own: HashSet<_> = tokens.iter().map(|(head, _)| head.clone()).collect();
            assert_eq!(own.len(), heads_of_one);
            heads.extend(own);
            ivs.extend(tokens.into_iter().map(|(_, iv)| iv));
            assert_eq!(*recipient.decrypt(&sent).unwrap(), document);
            // Each is a message of its own.
            for (token, value) in std::str::from_utf8(&sent)
                .unwrap()
                .split('"')
                .filter(|part| part.starts_with("eyJ"))
                .zip(["1", "2", "3"])
            {
                assert_eq!(*decrypter.decrypt(token).unwrap(), value.as_bytes());
            }
        }
        assert_eq!((heads.len(), ivs.len()), (50 * heads_of_one, 150));
    }
}

/// A value that is left out of the sharing, and one that is alone, change nothing.
#[test]
fn few_values() {
    let options = EncryptOptions::new()
        .with_share_cek(ShareCek::Document)
        .with_missing(jwe_fields::Missing::Skip)
        .with_already_encrypted(AlreadyEncrypted::Leave);
    let sender = sender(options);
    let once = sender.encrypt(br#"{"a":"1"}"#).unwrap();
    assert_eq!(tokens(&once).len(), 1);
    let text = std::str::from_utf8(&once).unwrap();
    let more = format!(r#"{},"b":"2","c":"3"}}"#, text.trim_end_matches('}'));
    let sent = sender.encrypt(more.as_bytes()).unwrap();
    let tokens = tokens(&sent);
    assert_ne!(tokens[0].0, tokens[1].0);
    assert_eq!(tokens[1].0, tokens[2].0);
    assert_eq!(sender.encrypt(&sent).unwrap(), sent);
    assert_eq!(sender.encrypt(b"{}").unwrap(), b"{}");
}
