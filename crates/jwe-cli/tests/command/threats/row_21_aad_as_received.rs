//! Additional authenticated data (RFC 7516 §5.1, step 14): the bytes as they were received.

use super::target::{PLAINTEXT, Target};
use crate::support::base64url;

pub(crate) fn check(backend: &'static str) {
    let target = Target::usual(backend);
    let (name, enc) = (target.backend, target.enc);
    // 16 bytes, so that the last letter of their base64url has bits that mean nothing.
    let aad = "case 7 of many..";
    assert_eq!(aad.len() % 3, 1);
    let encrypt = format!(
        "encrypt --key key.jwk --backend {name} --enc {enc} --serialization flattened --aad-file aad"
    );
    target.place.write("aad", aad);
    let message = target.place.jwe(&encrypt).stdin(PLAINTEXT).run().ok_text();
    let encoded = base64url::encode(aad);
    let member = format!("\"aad\":\"{encoded}\"");
    assert!(message.contains(&member), "{message}");
    let decrypt = |message: &str| target.decrypt("--serialization flattened").stdin(message).run();
    assert_eq!(decrypt(&message).ok(), PLAINTEXT.as_bytes());

    let with = |aad: &str| message.replace(&member, &format!("\"aad\":{aad}"));
    let mut trailing = encoded.clone();
    let last = trailing.pop().unwrap();
    trailing.push(char::from(last as u8 + 1));
    let quoted = |text: &str| format!("\"{text}\"");
    let escaped = format!("\\u{:04x}{}", encoded.as_bytes()[0], &encoded[1..]);
    for (aad, code) in [
        // Equal once it is decoded, and not as it stands there.
        (quoted(&trailing), "base64url"),
        (quoted(&format!("{encoded}==")), "base64url"),
        (quoted(&format!("{encoded}\\n")), "message_member"),
        (quoted(&escaped), "message_member"),
        (quoted(&base64url::encode("case 8 of many..")), "decryption_failed"),
        (quoted(&encoded[..20]), "decryption_failed"),
        (quoted(""), "message_member"),
        (quoted("A"), "base64url"),
        ("7".to_owned(), "message_member"),
        ("null".to_owned(), "message_member"),
        ("[]".to_owned(), "message_member"),
    ] {
        target.refuses_message(&with(&aad), code);
    }
    let without = message.replace(&format!(",{member}"), "").replace(&format!("{member},"), "");
    assert!(!without.contains("aad"));
    target.refuses_message(&without, "decryption_failed");
    target.refuses_message(&target.flattened(&format!(",{member}")), "decryption_failed");
}
