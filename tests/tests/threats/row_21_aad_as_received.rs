//! Additional authenticated data (RFC 7516 §5.1, step 14; §5.2, step 15): the text that was
//! received, and not what somebody makes of it who decodes and encodes it again.

use jwe::{
    Alg, Backend, Enc, FlattenedJson, GeneralJson, Limits, Message, MessageEncrypter, Serialization,
};
use jwe_tests::forge::Forge;
use jwe_tests::parts::Parts;
use jwe_tests::{base64url, keys};

use crate::target::{PLAINTEXT, Target};

/// JSON that everybody writes differently.
const AAD: &str = r#"{ "b":1.0,"a" : "\u00e9\/","a2":1e2 } "#;

pub(crate) fn check(backend: &'static Backend) {
    for enc in [Enc::A256Gcm, Enc::A128CbcHs256] {
        let target = Target::new(backend, Alg::A256Kw, enc);
        let sender = keys::sender(backend, &target.jwk, target.alg);
        let encrypter =
            MessageEncrypter::builder(backend, enc).with_recipient(&sender).build().unwrap();
        for serialization in [&FlattenedJson as &dyn Serialization, &GeneralJson] {
            for aad in ["record 7", "record 7+", AAD, "\u{feff}x\0", "a"] {
                let text = encrypter.encrypt(serialization, PLAINTEXT, aad.as_bytes()).unwrap();
                changed(&target, &text, aad);
            }
        }
        without_a_protected_header(&target);
    }
}

fn changed(target: &Target, text: &str, aad: &str) {
    let encoded = base64url::encode(aad.as_bytes());
    let member = format!(r#""aad":"{encoded}","#);
    assert_eq!(text.matches(&member).count(), 1);
    let raw = |to: &str| text.replace(&member, to);
    let with = |to: &str| raw(&format!(r#""aad":"{to}","#));
    assert_eq!(target.opened(text), PLAINTEXT);
    let message = Message::parse(text, &Limits::default()).unwrap();
    assert_eq!(message.aad(), Some(encoded.as_str()));

    // Another text that a lenient reader decodes to the same bytes.
    let mut trailing = encoded.clone();
    if !encoded.len().is_multiple_of(4) {
        let last = trailing.pop().unwrap();
        trailing.push(char::from(last as u8 + 1));
        target.refuses_message(&with(&trailing), "base64url");
    }
    for strange in [
        format!("{encoded}="),
        format!("{encoded}=="),
        format!("{encoded} "),
        format!(" {encoded}"),
        format!("{encoded}."),
        format!("{encoded}\u{e9}"),
        "====".to_owned(),
        "A".to_owned(),
        "AB".to_owned(),
    ] {
        target.refuses_message(&with(&strange), "base64url");
    }
    let escaped = format!("\\u{:04x}{}", encoded.as_bytes()[0], &encoded[1..]);
    let broken = format!("{encoded}\\n");
    for strange in [&escaped, &broken] {
        target.refuses_message(&with(strange), "message_member");
    }
    for value in ["null", "7", "[]", "{}", "\"\""] {
        target.refuses_message(&raw(&format!(r#""aad":{value},"#)), "message_member");
    }
    target.refuses_message(&raw(&format!("{member}{member}")), "message_member");

    // Other bytes, among them the same JSON as others would write it.
    let again = [
        aad.replace(' ', ""),
        aad.replace("1.0", "1"),
        aad.replace("\\u00e9", "é"),
        aad.replace("\\/", "/"),
        format!("{aad}\n"),
        format!(" {aad}"),
        aad.to_uppercase(),
        "record 8".to_owned(),
    ];
    for other in again.iter().filter(|other| *other != aad) {
        target.refuses_message(&with(&base64url::encode(other.as_bytes())), "decryption_failed");
    }
    target.refuses_message(&with(&base64url::encode(encoded.as_bytes())), "decryption_failed");
    // Left out, and joined to the header, from which a dot parts it.
    target.refuses_message(&raw(""), "decryption_failed");
    let protected = message.protected().to_owned();
    let joined = raw("").replace(&protected, &format!("{protected}.{encoded}"));
    target.refuses_message(&joined, "base64url");
}

/// There is still the dot.
fn without_a_protected_header(target: &Target) {
    let forge = Forge::wrapped(target.backend, target.enc, &target.jwk);
    let Parts { encrypted_key, iv, ciphertext, tag, .. } = forge.seal("", Some("QQ"), PLAINTEXT);
    let text = |aad: &str| {
        format!(
            r#"{{"header":{{"alg":"{}","enc":"{}"}},"encrypted_key":"{encrypted_key}",{aad}"iv":"{iv}","ciphertext":"{ciphertext}","tag":"{tag}"}}"#,
            target.alg, target.enc
        )
    };
    assert_eq!(target.opened(&text(r#""aad":"QQ","#)), PLAINTEXT);
    target.refuses_message(&text(r#""aad":"QR","#), "base64url");
    target.refuses_message(&text(r#""aad":"QUE","#), "decryption_failed");
    target.refuses_message(&text(""), "decryption_failed");
}
