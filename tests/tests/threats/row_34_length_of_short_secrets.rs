//! A ciphertext is as long as its plaintext, so that a PIN of four digits looks other than one of
//! six. With padding, which both sides have to ask for, all short texts have one length.

use std::collections::HashSet;

use jwe::{Alg, Backend, Decrypter, Direction, Enc, Encrypter, EncrypterBuilder, Jwk};
use jwe_fields::records::{ColumnDecrypter, ColumnEncrypter, RecordStream};
use jwe_fields::{
    Binding, DecryptOptions, EncryptOptions, FieldDecrypter, FieldEncrypter, NonString, Padding,
    PlaintextEncoding, Selector, SettingsError, ShareCek,
};
use jwe_tests::parts::Parts;
use jwe_tests::{keys, random};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Value, json};

use crate::attacks::tried_one;
use crate::streamed::streamed;

const BUCKET: usize = 64;

pub(crate) fn check(backend: &'static Backend) {
    for alg in [Alg::Dir, Alg::A256Kw, Alg::RsaOaep256] {
        for enc in [Enc::A256Gcm, Enc::A128CbcHs256] {
            let jwk = keys::key_for(alg, enc);
            if keys::takes(backend, Direction::Decrypt, alg, &jwk) {
                let party = Party { backend, alg, enc, jwk };
                short_texts_have_one_length(&party);
                longer_texts_tell_their_buckets(&party);
                cells_have_one_length(&party);
                what_is_not_padded_is_refused(&party);
                what_can_not_be_padded_is_refused(&party);
            }
        }
    }
    let party = Party { backend, alg: Alg::Dir, enc: Enc::A256Gcm, jwk: keys::oct(32) };
    any_text_comes_back(&party);
}

struct Party {
    backend: &'static Backend,
    alg: Alg,
    enc: Enc,
    jwk: Jwk,
}

impl Party {
    fn with_builder<T>(&self, take: impl FnOnce(EncrypterBuilder<'_>) -> T) -> T {
        let key = keys::sender(self.backend, &self.jwk, self.alg);
        take(Encrypter::builder(self.backend, &key, self.enc))
    }

    fn engine(&self) -> Encrypter {
        self.with_builder(|builder| builder.build().unwrap())
    }

    fn decrypter(&self) -> Decrypter {
        let key = keys::recipient(self.backend, &self.jwk, self.alg);
        Decrypter::new(self.backend, [key], &[self.enc]).unwrap()
    }

    fn sender(&self, options: EncryptOptions) -> FieldEncrypter {
        FieldEncrypter::new(self.engine(), pin(), options).unwrap()
    }

    fn recipient(&self, options: DecryptOptions) -> FieldDecrypter {
        FieldDecrypter::new(self.decrypter(), pin(), options).unwrap()
    }
}

fn pin() -> [Selector; 1] {
    ["/pin".parse().unwrap()]
}

fn bucket() -> Padding {
    Padding::to_bucket(BUCKET).unwrap()
}

fn padded() -> (EncryptOptions, DecryptOptions) {
    (
        EncryptOptions::new().with_padding(bucket()).with_non_string(NonString::JsonText),
        DecryptOptions::new().with_padding(bucket()),
    )
}

fn document(text: &str) -> Vec<u8> {
    json!({ "pin": text }).to_string().into_bytes()
}

fn token(document: &[u8]) -> String {
    let document: Value = serde_json::from_slice(document).unwrap();
    document["pin"].as_str().unwrap().to_owned()
}

/// The lengths of the tokens of texts of 1 to 64 bytes, and of PINs of four and six digits.
fn short_texts_have_one_length(party: &Party) {
    tried_one();
    let (encrypt, decrypt) = padded();
    let recipient = party.recipient(decrypt);
    let bound = party.with_builder(|builder| {
        FieldEncrypter::binding(builder, pin(), encrypt, Binding::to_field()).unwrap()
    });
    for (sender, is_bound) in [
        (party.sender(encrypt), false),
        (party.sender(encrypt.with_share_cek(ShareCek::Document)), false),
        (bound, true),
    ] {
        let mut lengths = HashSet::new();
        let texts = (0..=BUCKET).map(|len| "7".repeat(len));
        for text in texts.chain(["é".repeat(BUCKET / 2), "\0".repeat(BUCKET)]) {
            let sent = sender.encrypt(&document(&text)).unwrap();
            lengths.insert(sent.len());
            assert_eq!(lengths.len(), 1, "{text:?}");
            if !is_bound {
                assert_eq!(*recipient.decrypt(&sent).unwrap(), document(&text));
            }
        }
        // A number is as long as a text.
        lengths.insert(sender.encrypt(br#"{"pin":123456}"#).unwrap().len());
        assert_eq!(lengths.len(), 1);
    }
    // The control: without padding each length of a PIN shows, but for the blocks of AES-CBC.
    let plain = party.sender(EncryptOptions::new());
    let len = |text: &str| plain.encrypt(&document(text)).unwrap().len();
    assert_eq!(len("1234") == len("123456"), party.enc.is_cbc());
    assert_ne!(len("1"), len(&"1".repeat(BUCKET)));
}

fn longer_texts_tell_their_buckets(party: &Party) {
    tried_one();
    let (encrypt, decrypt) = padded();
    let (sender, recipient) = (party.sender(encrypt), party.recipient(decrypt));
    let mut lengths = HashSet::new();
    for buckets in 1..=4 {
        for len in [(buckets - 1) * BUCKET + 1, buckets * BUCKET - 1, buckets * BUCKET] {
            let text = "x".repeat(len);
            let sent = sender.encrypt(&document(&text)).unwrap();
            assert_eq!(*recipient.decrypt(&sent).unwrap(), document(&text));
            lengths.insert(sent.len());
        }
        assert_eq!(lengths.len(), buckets);
    }
}

fn cells_have_one_length(party: &Party) {
    tried_one();
    let (encrypt, decrypt) = padded();
    let sender = ColumnEncrypter::new(party.engine(), ["pin"], encrypt).unwrap();
    let recipient = ColumnDecrypter::new(party.decrypter(), ["pin"], decrypt).unwrap();
    let rows: String = (0..=BUCKET).map(|len| format!("x,{}\n", "7".repeat(len))).collect();
    let clear = format!("id,pin\n{rows}");
    let text = streamed(&RecordStream::csv(&sender), &clear).unwrap();
    let lengths: HashSet<usize> = text.lines().skip(1).map(str::len).collect();
    assert_eq!((lengths.len(), text.lines().count()), (1, BUCKET + 2));
    assert_eq!(streamed(&RecordStream::csv(&recipient), &text).unwrap(), clear);
}

/// Either side has to know, and a recipient who does takes nothing else.
fn what_is_not_padded_is_refused(party: &Party) {
    let (encrypt, decrypt) = padded();
    let unaware = party.recipient(DecryptOptions::new());
    let json = party.recipient(DecryptOptions::new().with_encoding(PlaintextEncoding::Json));
    let other = party.recipient(decrypt.with_padding(Padding::to_bucket(32).unwrap()));
    let aware = party.recipient(decrypt);
    for text in ["", "1234", "é", "a text that is a little longer"] {
        tried_one();
        let sent = party.sender(encrypt).encrypt(&document(text)).unwrap();
        for recipient in [&unaware, &json] {
            let error = recipient.decrypt(&sent).unwrap_err();
            assert_eq!((error.code(), error.pointer()), ("plaintext_not_utf8", Some("/pin")));
        }
        let error = other.decrypt(&sent).unwrap_err();
        assert_eq!((error.code(), error.pointer()), ("plaintext_not_padded", Some("/pin")));
        let sent = party.sender(EncryptOptions::new()).encrypt(&document(text)).unwrap();
        let error = aware.decrypt(&sent).unwrap_err();
        assert_eq!((error.code(), error.pointer()), ("plaintext_not_padded", Some("/pin")));
        if !text.is_empty() {
            assert!(!format!("{error}{error:?}").contains(text));
        }
    }
    // What another sender could make of the padding.
    let engine = party.engine();
    for plaintext in [
        &b""[..],
        &[0; BUCKET + 1],
        &[0x81; BUCKET + 1],
        &[&[0x80][..], &[0; BUCKET - 1]].concat(),
        &[&[0x80][..], &[0; BUCKET + 1]].concat(),
        &[&[0x80][..], &[0; 2 * BUCKET]].concat(),
        &[&b"1234\x80"[..], &[0; BUCKET - 5], &[1]].concat(),
    ] {
        tried_one();
        let sent = json!({ "pin": engine.encrypt(plaintext).unwrap() }).to_string();
        let error = aware.decrypt(sent.as_bytes()).unwrap_err();
        assert_eq!(error.code(), "plaintext_not_padded", "{plaintext:?}");
    }
    // Padded as it has to be, around what is no text.
    let plaintext = [&b"\xff\x80"[..], &[0; BUCKET - 1]].concat();
    let sent = json!({ "pin": engine.encrypt(&plaintext).unwrap() }).to_string();
    assert_eq!(aware.decrypt(sent.as_bytes()).unwrap_err().code(), "plaintext_not_utf8");
}

/// Padding that would be undone or misread is refused before anything is encrypted.
fn what_can_not_be_padded_is_refused(party: &Party) {
    tried_one();
    let (encrypt, decrypt) = padded();
    let zipping = party.with_builder(|builder| builder.compress().build().unwrap());
    let error = FieldEncrypter::new(zipping.clone(), pin(), encrypt).unwrap_err();
    assert_eq!(error, SettingsError::PaddingCompressed);
    let error = ColumnEncrypter::new(zipping, ["pin"], encrypt).unwrap_err();
    assert_eq!(error, SettingsError::PaddingCompressed);
    let error = party.with_builder(|builder| {
        let binding = Binding::to_field();
        FieldEncrypter::binding(builder.compress(), pin(), encrypt, binding).unwrap_err()
    });
    assert_eq!(error, SettingsError::PaddingCompressed);
    let json = encrypt.with_encoding(PlaintextEncoding::Json);
    let error = FieldEncrypter::new(party.engine(), pin(), json).unwrap_err();
    assert_eq!(error, SettingsError::PaddingOfJson);
    let json = decrypt.with_encoding(PlaintextEncoding::Json);
    let error = FieldDecrypter::new(party.decrypter(), pin(), json).unwrap_err();
    assert_eq!(error, SettingsError::PaddingOfJson);
}

/// Whatever a text ends in, and whatever the bucket.
fn any_text_comes_back(party: &Party) {
    let config = Config {
        cases: random::cases(200),
        rng_seed: RngSeed::Fixed(random::seed()),
        failure_persistence: None,
        ..Config::default()
    };
    let text = prop_oneof![
        any::<String>(),
        "[\0\u{80}\u{7f}a]{0,140}",
        any::<String>().prop_map(|text| text + "\0"),
        any::<String>().prop_map(|text| text + "\u{80}\0"),
    ];
    let outcome = TestRunner::new(config).run(&(text, 1..=300_usize), |(text, bytes)| {
        tried_one();
        let padding = Padding::to_bucket(bytes).unwrap();
        let sender = party.sender(EncryptOptions::new().with_padding(padding));
        let recipient = party.recipient(DecryptOptions::new().with_padding(padding));
        let sent = sender.encrypt(&document(&text)).unwrap();
        let ciphertext = Parts::of(&token(&sent)).ciphertext;
        let len = jwe_tests::base64url::decode(&ciphertext).len();
        prop_assert_eq!(len, text.len().div_ceil(bytes).max(1) * bytes + 1);
        let back: Value = serde_json::from_slice(&recipient.decrypt(&sent).unwrap()).unwrap();
        prop_assert_eq!(back["pin"].as_str(), Some(text.as_str()));
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{}: {error}", party.backend);
    }
}
