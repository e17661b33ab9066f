//! Tokens made wrong on purpose: the cause of each is found, as the first one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a failed step has to stop the test"
)]

mod support;

use jwe_aws_lc_rs::AWS_LC_RS;
use jwe_core::{Alg, Enc, Jwk};
use jwe_doctor::{Cause, Examined, Expected, PlaintextForm, diagnose};
use support::{
    KID, Pad, Sender, base64url, codes, examined, key, other_key, sender, sha1, sha256, sha384,
    sha512,
};

/// The same header with some members replaced.
fn header(members: &str) -> String {
    format!("{{{members}}}")
}

fn found(token: impl AsRef<[u8]>, keys: &[Jwk], expected: &Expected) -> Vec<&'static str> {
    let diagnosis = diagnose(token.as_ref(), keys, &AWS_LC_RS, expected);
    diagnosis.findings.iter().map(|finding| finding.cause.code()).collect()
}

#[test]
fn a_right_token_has_no_finding() {
    let token = sender().token();
    let diagnosis = examined(&token);
    assert_eq!((diagnosis.findings, diagnosis.examined), (vec![], Examined::Content));
    for enc in Enc::ALL.iter().copied() {
        let header = header(&format!(r#""alg":"RSA-OAEP-256","enc":"{enc}","kid":"{KID}""#));
        let token = sender().enc(enc).header(header).token();
        let expected = Expected::default().with_enc([enc]);
        assert_eq!(found(&token, &[key()], &expected), [""; 0], "{enc}");
    }
    for (alg, hash) in [
        (Alg::RsaOaep, sha1 as fn(&[u8]) -> Vec<u8>),
        (Alg::RsaOaep256, sha256),
        (Alg::RsaOaep384, sha384),
        (Alg::RsaOaep512, sha512),
    ] {
        let mut sender = sender();
        sender.key = other_key();
        sender.header = header(&format!(r#""alg":"{alg}","enc":"A256GCM","kid":"other""#));
        sender.pad = Pad::Oaep(hash, hash);
        let expected = Expected::default().with_alg(Some(alg));
        assert_eq!(found(sender.token(), &[other_key()], &expected), [""; 0], "{alg}");
        assert_eq!(found(sender.token(), &[other_key()], &expected.with_alg(None)), [""; 0]);
    }
    // Without the private key, or without any, as far as that goes.
    let public = key().to_public().unwrap();
    for keys in [&[public][..], &[]] {
        let diagnosis = diagnose(token.as_bytes(), keys, &AWS_LC_RS, &Expected::default());
        assert_eq!((diagnosis.findings, diagnosis.examined), (vec![], Examined::Header));
    }
}

#[test]
fn plaintexts_that_are_right() {
    for text in [
        "a",
        "password",
        "correct horse battery",
        "{\"a\":1}",
        "\"",
        "\"a",
        "12345678",
        "czNjcmV0",
        "a.b.c",
        "p\u{e4}ssw\u{f6}rd",
        " s3cret ",
        "a\nb",
        "1.2.3.4.5",
        "deadbeefdeadbeefdeadbeef",
    ] {
        assert_eq!(codes(sender().plaintext(text).token()), [""; 0], "{text:?}");
    }
    let json = Expected::default().with_plaintext(PlaintextForm::Json);
    for text in ["\"s3cret\"", "5", "null", "{\"a\":[1]}"] {
        assert_eq!(found(sender().plaintext(text).token(), &[key()], &json), [""; 0], "{text:?}");
    }
    let bytes = Expected::default().with_plaintext(PlaintextForm::Bytes);
    assert_eq!(found(sender().plaintext([0xff; 3]).token(), &[key()], &bytes), [""; 0]);
}

#[test]
fn tokens_of_another_library() {
    let mut lines = 0;
    for line in include_str!("data/made_elsewhere.jsonl").lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let found = codes(row["token"].as_str().unwrap());
        let expected: Vec<&str> = row["cause"].as_str().into_iter().collect();
        assert_eq!(found, expected, "{}", row["how"]);
        lines += 1;
    }
    assert_eq!(lines, 10);
}

#[test]
fn what_stands_around_a_token() {
    let token = sender().token();
    let (half, rest) = token.split_at(100);
    let utf16: Vec<u8> = token.bytes().flat_map(|byte| [byte, 0]).collect();
    let cases: &[(&str, Vec<u8>)] = &[
        ("white_space", format!(" {token}").into()),
        ("white_space", format!("{token}\n").into()),
        ("quoted", format!("\"{token}\"").into()),
        ("quoted", format!("'{token}'").into()),
        ("quoted", format!("\\\"{token}\\\"").into()),
        ("bearer_prefix", format!("Bearer {token}").into()),
        ("bearer_prefix", format!("Authorization: bearer {token}").into()),
        ("percent_encoded", token.replace('.', "%2E").into()),
        ("json_escaped", token.replace('.', "\\u002e").into()),
        ("line_breaks", format!("{half}\r\n{rest}").into()),
        ("line_breaks", format!("{half} {rest}").into()),
        ("not_text", format!("\u{feff}{token}").into()),
        ("not_text", utf16),
        ("token_encoded_twice", base64url(&token).into()),
    ];
    for (code, text) in cases {
        // The token inside is right: nothing else is found.
        assert_eq!(codes(text), [*code], "{}", String::from_utf8_lossy(text));
    }
    assert_eq!(codes(format!("\"{token}\"\n")), ["white_space", "quoted"]);
    assert_eq!(codes(format!("\"{}\"", token.replace('.', "\\u002e"))), ["quoted"]);
    assert_eq!(codes(""), ["empty"]);
    assert_eq!(codes(" \n"), ["empty", "white_space"]);
    assert_eq!(codes(b"\xff\xfe\xfd"), ["not_text"]);
    let short = Expected::default().with_max_token_len(100);
    assert_eq!(found(&token, &[key()], &short), ["too_long"]);
}

#[test]
fn what_is_no_token() {
    let jwt = |header: &str| format!("{}.{}.c2ln", base64url(header), base64url("{\"sub\":\"1\"}"));
    let jwk = key().to_json();
    let token = sender().token();
    let parts: Vec<&str> = token.split('.').collect();
    for (code, text) in [
        ("signed_jwt", jwt("{\"alg\":\"RS256\",\"typ\":\"JWT\"}")),
        ("signed_jwt", jwt("{\"alg\":\"none\"}")),
        (
            "signed_jwt",
            "{\"payload\":\"e30\",\"signature\":\"c2ln\",\"protected\":\"e30\"}".to_owned(),
        ),
        ("key_not_token", jwk.to_string()),
        ("key_not_token", include_str!("data/other.pkcs8.pem").to_owned()),
        ("json_document", format!("{{\"password\":\"{token}\"}}")),
        ("json_document", format!("[\"{token}\"]")),
        ("in_clear", "s3cret".to_owned()),
        ("in_clear", "correct horse. battery".to_owned()),
        ("in_clear", "{no json".to_owned()),
        ("part_count", parts[..4].join(".")),
        ("part_count", parts[..3].join(".")),
        ("part_count", format!("{token}.{}", parts[4])),
        ("part_count", format!("{token}.{token}")),
        ("header_not_json", "a.b.c.d.e".replace('a', "YWJj").replace(['b', 'c', 'd', 'e'], "YQ")),
        ("base64_invalid", token.replacen('.', "!.", 1)),
        ("base64_invalid", format!("{}.{}", parts[..4].join("."), &parts[4][..21])),
    ] {
        assert_eq!(codes(&text).first(), Some(&code), "{text}");
    }
    let flattened = serde_json::json!({
        "protected": parts[0], "encrypted_key": parts[1], "iv": parts[2], "ciphertext": parts[3], "tag": parts[4],
    });
    assert_eq!(codes(flattened.to_string()), ["json_serialization"]);
    let general = serde_json::json!({
        "protected": parts[0], "recipients": [{ "encrypted_key": parts[1] }], "iv": parts[2],
        "ciphertext": parts[3], "tag": parts[4],
    });
    assert_eq!(codes(general.to_string()), ["json_serialization"]);
    let unprotected = serde_json::json!({ "ciphertext": "YQ", "header": { "kid": "x" } });
    assert_eq!(codes(unprotected.to_string()), ["json_serialization"]);
}

#[test]
fn base64_in_other_ways() {
    let token = sender().token();
    let padded: Vec<String> = token
        .split('.')
        .map(|part| format!("{part}{}", "=".repeat((4 - part.len() % 4) % 4)))
        .collect();
    // The sender authenticated what it wrote, or what it should have written.
    assert_eq!(codes(padded.join(".")), ["base64_padded"]);
    let mut own = sender();
    own.aad = Some(padded[0].clone().into_bytes());
    let rest = own.token().split('.').skip(1).collect::<Vec<_>>().join(".");
    assert_eq!(
        codes(format!("{}.{rest}", padded[0])),
        if padded[0].ends_with('=') { vec!["base64_padded"] } else { vec![] }
    );
    let standard = token.replace('-', "+").replace('_', "/");
    assert_ne!(standard, token);
    assert_eq!(codes(&standard), ["base64_standard"]);
    let both: Vec<String> =
        padded.iter().map(|part| part.replace('-', "+").replace('_', "/")).collect();
    assert_eq!(codes(both.join(".")), ["base64_standard", "base64_padded"]);
    // 16 bytes end in a character of which four bits are unused.
    let end = token.pop_char();
    assert_eq!(codes(end), ["base64_trailing_bits"]);
    let twice =
        |at: usize, with: fn(&[u8]) -> Vec<u8>| sender().with(|parts| parts[at] = with(&parts[at]));
    let base64: fn(&[u8]) -> Vec<u8> = |bytes| base64url(bytes).into_bytes();
    let hex: fn(&[u8]) -> Vec<u8> =
        |bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes();
    for at in 1..5 {
        assert_eq!(codes(twice(at, base64)), ["part_encoded_twice"], "{at}");
        assert_eq!(codes(twice(at, hex)), ["part_encoded_twice"], "{at}");
    }
    let iv: String = sender().iv.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts: Vec<&str> = token.split('.').collect();
    let raw_hex = [parts[0], parts[1], &iv, parts[3], parts[4]].join(".");
    assert_eq!(codes(raw_hex), ["part_encoded_twice"]);
}

trait LastCharacter {
    fn pop_char(&self) -> String;
}

impl LastCharacter for String {
    /// The same with the last character replaced by the next one of the alphabet.
    fn pop_char(&self) -> String {
        let mut text = self.clone();
        let last = text.pop().unwrap();
        text.push((last as u8 + 1) as char);
        text
    }
}

#[test]
fn headers() {
    let with = |members: &str| sender().header(header(members)).token();
    let alg = "\"alg\":\"RSA-OAEP-256\"";
    let enc = "\"enc\":\"A256GCM\"";
    let kid = format!("\"kid\":\"{KID}\"");
    for (code, token) in [
        ("kid_missing", with(&format!("{alg},{enc}"))),
        ("kid_unknown", with(&format!("{alg},{enc},\"kid\":\"another\""))),
        ("kid_unknown", with(&format!("{alg},{enc},\"kid\":\"Throw-Away-1\""))),
        ("signature_alg", with(&format!("\"alg\":\"RS256\",{enc},{kid}"))),
        ("alg_unknown", with(&format!("\"alg\":\"RSA-OAEP-SHA256\",{enc},{kid}"))),
        ("enc_unknown", with(&format!("{alg},\"enc\":\"a256gcm\",{kid}"))),
        ("zip", with(&format!("{alg},{enc},{kid},\"zip\":\"DEF\""))),
        ("crit", with(&format!("{alg},{enc},{kid},\"crit\":[\"exp\"],\"exp\":1"))),
        ("header_member_twice", with(&format!("{alg},{enc},{kid},{kid}"))),
        ("header_member", with(&format!("{enc},{kid}"))),
        ("header_member", with(&format!("{alg},{kid}"))),
        ("header_member", with(&format!("\"alg\":5,{enc},{kid}"))),
        ("header_member", with(&format!("{alg},{enc},\"kid\":5"))),
        ("key_in_header", with(&format!("{alg},{enc},\"kid\":\"-----BEGIN PUBLIC KEY-----\""))),
        ("key_in_header", with(&format!("{alg},{enc},\"kid\":{{\"kty\":\"RSA\"}}"))),
        (
            "private_key_in_header",
            with(&format!("{alg},{enc},{kid},\"jwk\":{}", key().to_json().as_str())),
        ),
        (
            "private_key_in_header",
            with(&format!(
                "{alg},{enc},\"kid\":{}",
                serde_json::json!(include_str!("data/other.pkcs8.pem"))
            )),
        ),
        ("header_not_json", with(&"x".repeat(9000))),
    ] {
        assert_eq!(codes(&token).first(), Some(&code), "{token}");
    }
    // Nothing but these.
    assert_eq!(codes(with(&format!("{alg},{enc}"))), ["kid_missing"]);
    assert_eq!(codes(with(&format!("{alg},{enc},\"kid\":\"another\""))), ["kid_unknown"]);
    assert_eq!(codes(with(&format!("\"alg\":\"RS256\",{enc},{kid}"))), ["signature_alg"]);
    let thumbprint = key().thumbprint(&AWS_LC_RS).unwrap();
    let diagnosis = examined(with(&format!("{alg},{enc},\"kid\":\"{thumbprint}\"")));
    assert_eq!(diagnosis.main().unwrap().cause, Cause::KidUnknown);
    assert!(diagnosis.main().unwrap().what.contains("thumbprint"), "{diagnosis:?}");
    let optional = Expected::default().with_kid_required(false);
    assert_eq!(found(with(&format!("{alg},{enc}")), &[key()], &optional), [""; 0]);
}

#[test]
fn alg_and_enc_that_were_not_asked() {
    let mut sha1s =
        sender().header(header(&format!(r#""alg":"RSA-OAEP","enc":"A256GCM","kid":"{KID}""#)));
    sha1s.pad = Pad::Oaep(sha1, sha1);
    assert_eq!(codes(sha1s.token()), ["sha1"]);
    // The label says SHA-1 and the padding is another one.
    sha1s.pad = Pad::Oaep(sha256, sha256);
    assert_eq!(codes(sha1s.token()), ["sha1", "oaep_hash"]);
    let mut old =
        sender().header(header(&format!(r#""alg":"RSA1_5","enc":"A256GCM","kid":"{KID}""#)));
    old.pad = Pad::Pkcs1;
    assert_eq!(codes(old.token()), ["rsa1_5"]);
    let mut longer =
        sender().header(header(&format!(r#""alg":"RSA-OAEP-512","enc":"A256GCM","kid":"{KID}""#)));
    longer.pad = Pad::Oaep(sha512, sha512);
    assert_eq!(codes(longer.token()), ["alg"]);
    let cbc = sender()
        .enc(Enc::A256CbcHs512)
        .header(header(&format!(r#""alg":"RSA-OAEP-256","enc":"A256CBC-HS512","kid":"{KID}""#)));
    assert_eq!(codes(cbc.token()), ["enc"]);
    let both = Expected::default().with_enc([Enc::A256Gcm, Enc::A256CbcHs512]);
    assert_eq!(found(cbc.token(), &[key()], &both), [""; 0]);
}

#[test]
fn keys() {
    let token = sender().token();
    let mut members: serde_json::Value = serde_json::from_str(&key().to_json()).unwrap();
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut members = members.clone();
        change(&mut members);
        Jwk::from_json(members.to_string().as_bytes()).unwrap()
    };
    let default = Expected::default();
    for (code, key) in [
        ("signing_key", with(&|key| key["use"] = "sig".into())),
        ("signing_key", with(&|key| key["alg"] = "RS256".into())),
        ("signing_key", with(&|key| key["key_ops"] = serde_json::json!(["sign", "verify"]))),
        ("key_alg", with(&|key| key["alg"] = "RSA-OAEP".into())),
        (
            "key_type",
            Jwk::generate_ec(&AWS_LC_RS, jwe_core::Curve::P256).unwrap().with_kid(KID).unwrap(),
        ),
        ("key_type", Jwk::generate_oct(&AWS_LC_RS, 32).unwrap().with_kid(KID).unwrap()),
    ] {
        assert_eq!(found(&token, &[key], &default).first(), Some(&code));
    }
    // The private half with the public half of another key.
    let other: serde_json::Value = serde_json::from_str(&other_key().to_json()).unwrap();
    members["n"] = other["n"].clone();
    let mixed = Jwk::from_json(members.to_string().as_bytes());
    // Which of the two moduli is larger decides whether the import sees it already.
    let mixed = mixed.unwrap_or_else(|_| {
        let mut members = other.clone();
        members["n"] =
            serde_json::from_str::<serde_json::Value>(&key().to_json()).unwrap()["n"].clone();
        members["kid"] = KID.into();
        Jwk::from_json(members.to_string().as_bytes()).unwrap()
    });
    assert_eq!(found(&token, &[mixed], &default), ["key_halves"]);
    // Another key altogether, under the same name or its own.
    let renamed = other_key().with_kid(KID).unwrap();
    assert_eq!(found(&token, &[renamed], &default), ["encrypted_key_of_another_key"]);
    assert_eq!(
        found(&token, &[other_key()], &default),
        ["kid_unknown", "encrypted_key_of_another_key"]
    );
    assert_eq!(found(&token, &[other_key(), key()], &default), [""; 0]);
    // The name of one and the encrypted key of the other.
    let mut crossed = sender();
    crossed.key = other_key();
    assert_eq!(found(crossed.token(), &[key(), other_key()], &default), ["kid_of_another_key"]);
}

#[test]
fn encrypted_keys() {
    let with = |pad: Pad| Sender { pad, ..sender() }.token();
    for (code, token) in [
        ("oaep_mgf1_sha1", with(Pad::Oaep(sha256, sha1))),
        ("oaep_hash", with(Pad::Oaep(sha1, sha1))),
        ("oaep_hash", with(Pad::Oaep(sha1, sha256))),
        ("oaep_hash", with(Pad::Oaep(sha256, sha512))),
        ("oaep_hash", with(Pad::Oaep(sha384, sha384))),
        ("oaep_hash", with(Pad::Oaep(sha512, sha1))),
        ("pkcs1_padding", with(Pad::Pkcs1)),
        ("rsa_unpadded", with(Pad::None)),
        ("encrypted_key_reversed", sender().with(|parts| parts[1].reverse())),
        ("encrypted_key_length", sender().with(|parts| parts[1].insert(0, 0))),
        ("encrypted_key_length", sender().with(|parts| parts[1].clear())),
        ("encrypted_key_length", sender().with(|parts| parts[1].truncate(200))),
        ("encrypted_key_of_other_modulus", sender().with(|parts| parts[1].resize(384, 1))),
        ("encrypted_key_of_another_key", sender().with(|parts| parts[1].fill(0xff))),
        ("encrypted_key_of_another_key", sender().with(|parts| parts[1][200] ^= 1)),
    ] {
        assert_eq!(codes(&token), [code], "{token}");
    }
    // What everybody can see.
    let public = [key().to_public().unwrap()];
    for (code, token) in [
        ("encrypted_key_length", sender().with(|parts| parts[1].clear())),
        ("encrypted_key_of_other_modulus", sender().with(|parts| parts[1].resize(512, 1))),
        ("encrypted_key_of_another_key", sender().with(|parts| parts[1].fill(0xff))),
        ("iv_length", sender().with(|parts| parts[2].resize(16, 1))),
        ("tag_length", sender().with(|parts| parts[4].truncate(12))),
    ] {
        assert_eq!(found(&token, &public, &Expected::default()), [code], "{token}");
    }
    // A number whose leading zero byte was left out.
    let short = (0_u8..=255).chain(0..=255).enumerate().find_map(|(at, byte)| {
        let mut sender = sender();
        sender.cek[0] = byte;
        sender.cek[1] = at as u8;
        (sender.parts()[1][0] == 0).then_some(sender)
    });
    if let Some(sender) = short {
        assert_eq!(
            codes(sender.with(|parts| parts[1] = parts[1][1..].to_vec())),
            ["encrypted_key_length"]
        );
    }
}

#[test]
fn content_keys() {
    let mut text = sender();
    text.encrypted_cek = Some(base64url(&text.cek).into_bytes());
    assert_eq!(codes(text.token()), ["cek_encoded"]);
    text.encrypted_cek =
        Some(text.cek.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes());
    assert_eq!(codes(text.token()), ["cek_encoded"]);
    text.encrypted_cek = Some(vec![7; 20]);
    assert_eq!(codes(text.token()), ["cek_length"]);
    // Another enc, with a CEK of another length and with one of the same.
    for enc in Enc::ALL.iter().copied().filter(|enc| *enc != Enc::A256Gcm) {
        let token = sender().enc(enc).token();
        assert_eq!(codes(token), ["content_of_another_enc"], "{enc}");
    }
}

#[test]
fn contents() {
    let cut = |len: usize| sender().with(move |parts| parts[4].truncate(len));
    for (code, token) in [
        ("tag_length", cut(12)),
        ("tag_length", cut(8)),
        ("tag_length", cut(0)),
        ("tag_length", sender().with(|parts| parts[4].push(0))),
        ("iv_length", sender().with(|parts| parts[2].extend([1, 2, 3, 4]))),
        ("iv_length", sender().with(|parts| parts[2].clear())),
        (
            "tag_in_ciphertext",
            sender().with(|parts| {
                let tag = std::mem::take(&mut parts[4]);
                parts[3].extend(tag);
            }),
        ),
        (
            "tag_in_ciphertext",
            sender().with(|parts| {
                let tag = parts[4].clone();
                parts[3].extend(tag);
            }),
        ),
        (
            "tag_in_ciphertext",
            sender().with(|parts| parts[3] = [parts[4].clone(), parts[3].clone()].concat()),
        ),
        (
            "iv_in_ciphertext",
            sender().with(|parts| parts[3] = [parts[2].clone(), parts[3].clone()].concat()),
        ),
        (
            "iv_in_ciphertext",
            sender().with(|parts| {
                parts[3] = [std::mem::take(&mut parts[2]), parts[3].clone()].concat()
            }),
        ),
        ("parts_swapped", sender().with(|parts| parts.swap(3, 4))),
        ("tag_mismatch", sender().with(|parts| parts[3][0] ^= 1)),
        ("tag_mismatch", sender().with(|parts| parts[4][0] ^= 1)),
        ("tag_mismatch", sender().with(|parts| parts[2][0] ^= 1)),
    ] {
        assert_eq!(codes(&token), [code], "{token}");
    }
    // One buffer with the initialization vector, the ciphertext and the tag.
    let combined = sender().with(|parts| {
        parts[3] = [parts[2].clone(), parts[3].clone(), std::mem::take(&mut parts[4])].concat();
    });
    assert_eq!(codes(combined), ["iv_in_ciphertext", "tag_in_ciphertext"]);
    // What is readable without a tag that fits says where to look.
    let readable = examined(sender().with(|parts| parts[4][0] ^= 1));
    assert!(readable.main().unwrap().what.contains("readable"), "{readable:?}");
    let changed = examined(sender().with(|parts| parts[2][0] ^= 1));
    assert!(!changed.main().unwrap().what.contains("readable"), "{changed:?}");
    let proven = examined(cut(12));
    assert!(proven.main().unwrap().what.contains("beginning of the right one"), "{proven:?}");
    let unproven = examined(sender().with(|parts| parts[4] = vec![9; 12]));
    assert!(!unproven.main().unwrap().what.contains("beginning"), "{unproven:?}");
}

#[test]
fn contents_of_aes_cbc() {
    let header = header(&format!(r#""alg":"RSA-OAEP-256","enc":"A128CBC-HS256","kid":"{KID}""#));
    let sender = sender().enc(Enc::A128CbcHs256).header(header);
    let expected = Expected::default().with_enc([Enc::A128CbcHs256]);
    let found = |token: String| found(token, &[key()], &expected);
    assert_eq!(found(sender.token()), [""; 0]);
    assert_eq!(found(sender.with(|parts| parts[4].truncate(12))), ["tag_length"]);
    assert_eq!(found(sender.with(|parts| parts[3].truncate(15))), ["ciphertext_length"]);
    assert_eq!(found(sender.with(|parts| parts[3].clear())), ["ciphertext_length"]);
    assert_eq!(found(sender.with(|parts| parts[2].truncate(12))), ["iv_length"]);
    assert_eq!(found(sender.with(|parts| parts[4][3] ^= 1)), ["tag_mismatch"]);
    let mut swapped = sender.clone();
    swapped.encrypted_cek = Some([&sender.cek[16..], &sender.cek[..16]].concat());
    assert_eq!(found(swapped.token()), ["cek_halves_swapped"]);
    // An HMAC that was not cut.
    let uncut = sender.with(|parts| parts[4].extend([0; 16]));
    assert_eq!(found(uncut), ["tag_length"]);
}

#[test]
fn headers_that_were_not_authenticated_or_changed() {
    let with_aad = |aad: &[u8]| Sender { aad: Some(aad.to_vec()), ..sender() }.token();
    let json = sender().header;
    for aad in [&b""[..], json.as_bytes()] {
        assert_eq!(codes(with_aad(aad)), ["wrong_aad"]);
    }
    let original = |json: &str| with_aad(base64url(json).as_bytes());
    for json in [
        // kid was added on the way.
        r#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#,
        r#"{"alg": "RSA-OAEP-256", "enc": "A256GCM"}"#,
        // The same, written again.
        r#"{"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "throw-away-1"}"#,
    ] {
        assert_eq!(codes(original(json)), ["header_changed"], "{json}");
    }
    let reordered =
        sender().header(header(&format!(r#""kid":"{KID}","enc":"A256GCM","alg":"RSA-OAEP-256""#)));
    let reordered = Sender { aad: Some(base64url(&json).into_bytes()), ..reordered };
    assert_eq!(codes(reordered.token()), ["header_changed"]);
    // A header that nobody can guess.
    assert_eq!(codes(original(r#"{"typ":"x"}"#)), ["tag_mismatch"]);
}

#[test]
fn plaintexts() {
    let utf16 = |mark: &[u8]| {
        let text: Vec<u8> = "s3cret".encode_utf16().flat_map(u16::to_le_bytes).collect();
        [mark, &text].concat()
    };
    let jwt = format!("{}.e30.c2ln", base64url(r#"{"alg":"RS256"}"#));
    for (code, plaintext) in [
        ("plaintext_empty", vec![]),
        ("json_quoted", b"\"s3cret\"".to_vec()),
        ("json_quoted", b"\"a\\n\"".to_vec()),
        ("trailing_newline", b"s3cret\n".to_vec()),
        ("trailing_newline", b"s3cret\r\n".to_vec()),
        ("byte_order_mark", b"\xef\xbb\xbfs3cret".to_vec()),
        ("utf16", utf16(b"")),
        ("utf16", utf16(b"\xff\xfe")),
        ("not_utf8", b"p\xe4ssword".to_vec()),
        ("plaintext_base64", base64url("s3cret s3cret").into_bytes()),
        ("plaintext_base64", b"czNjcmV0cw==".to_vec()),
        ("encrypted_twice", sender().token().into_bytes()),
        ("plaintext_signed", jwt.into_bytes()),
    ] {
        let token = sender().plaintext(plaintext.clone()).token();
        assert_eq!(codes(token), [code], "{plaintext:?}");
    }
    let json = Expected::default().with_plaintext(PlaintextForm::Json);
    let found = |plaintext: &[u8]| found(sender().plaintext(plaintext).token(), &[key()], &json);
    assert_eq!(found(b"s3cret"), ["plaintext_not_json"]);
    assert_eq!(found(b""), ["plaintext_not_json"]);
    assert_eq!(found(b"\"p\xe4ssword\""), ["not_utf8"]);
}

#[test]
fn keys_of_other_types_are_tried_as_a_recipient_does() {
    use jwe_core::{Encrypter, EncryptionKey, KeyOptions};
    let jwk = Jwk::generate_ec(&AWS_LC_RS, jwe_core::Curve::P256)
        .unwrap()
        .with_alg(Alg::EcdhEsA256Kw)
        .with_kid("ec")
        .unwrap();
    let encryption = EncryptionKey::import(&AWS_LC_RS, &jwk, &KeyOptions::new()).unwrap();
    let encrypter = Encrypter::new(&AWS_LC_RS, &encryption, Enc::A256Gcm).unwrap();
    let expected = Expected::default().with_alg(Some(Alg::EcdhEsA256Kw));
    let token = encrypter.encrypt(b"s3cret").unwrap();
    let keys = [jwk];
    assert_eq!(found(&token, &keys, &expected), [""; 0]);
    assert_eq!(found(encrypter.encrypt(b"\"s3cret\"").unwrap(), &keys, &expected), ["json_quoted"]);
    assert_eq!(found(token.pop_char(), &keys, &expected)[0], "base64_trailing_bits");
    let other =
        Jwk::generate_ec(&AWS_LC_RS, jwe_core::Curve::P256).unwrap().with_kid("ec").unwrap();
    assert_eq!(found(&token, &[other], &expected), ["does_not_open"]);
    assert_eq!(found(&token, &keys, &Expected::default())[0], "alg");
}
