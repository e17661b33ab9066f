//! A name that stands there twice (RFC 7516 §4): one reader takes the first value, another the
//! last, and here it is refused, whatever the values are and however the name is written.

use jwe::{Alg, Backend, Enc, Jwk, JwkSet};
use jwe_tests::keys;

use crate::attacks::tried_one;
use crate::target::Target;

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::all(backend) {
        let (alg, enc) = (format!("\"{}\"", target.alg), format!("\"{}\"", target.enc));
        let kid = serde_json::Value::from(target.jwk.kid().unwrap());
        for header in [
            format!(r#"{{"alg":"RSA1_5","alg":{alg},"enc":{enc},"kid":{kid}}}"#),
            format!(r#"{{"alg":{alg},"alg":"RSA1_5","enc":{enc},"kid":{kid}}}"#),
            format!(r#"{{"alg":{alg},"alg":{alg},"enc":{enc},"kid":{kid}}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid},"al\u0067":{alg}}}"#),
            format!(r#"{{"\u0061\u006C\u0067":"dir","alg":{alg},"enc":{enc},"kid":{kid}}}"#),
            format!(r#"{{"alg":{alg},"enc":"A128GCM","enc":{enc},"kid":{kid}}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"\u0065nc":{enc},"kid":{kid}}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid},"kid":{kid}}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid},"zip":"DEF","zip":"DEF"}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid},"crit":[],"crit":[]}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid},"p2c":1000,"p2c":1000000000}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid},"x":1,"y":2,"x":1}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid},"":1,"":1}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid},"typ":"JWE","t\u0079p":"JWE"}}"#),
            format!(r#"{{"alg":{alg},"enc":{enc},"kid":{kid},"\ud83d\udd11":1,"🔑":1}}"#),
        ] {
            target.refuses_header(header.as_bytes(), "header_duplicate_member");
        }
        // Deeper down, where the value is read only if somebody wants it.
        let deep = target.header_with(r#","epk":{"x":1,"\u0078":2}"#);
        let token = target.good.with_header(deep.as_bytes()).token();
        assert!(target.decrypter.decrypt(&token).is_err());
        // Other letters are another name.
        let other = target.header_with(r#","ALG":"RSA1_5","Enc":"none","kid ":"x""#);
        target.refuses_header(other.as_bytes(), "decryption_failed");
    }
    members_of_messages(&Target::new(backend, Alg::A256Kw, Enc::A256Gcm));
    members_of_keys();
}

fn members_of_messages(target: &Target) {
    let parts = &target.good;
    let members = [
        ("protected", &parts.header),
        ("encrypted_key", &parts.encrypted_key),
        ("iv", &parts.iv),
        ("ciphertext", &parts.ciphertext),
        ("tag", &parts.tag),
    ];
    let text: Vec<String> =
        members.iter().map(|(name, value)| format!(r#""{name}":"{value}""#)).collect();
    let good = format!("{{{}}}", text.join(","));
    assert_eq!(target.opened(&good), crate::target::PLAINTEXT);
    for (name, value) in members {
        let escaped = format!("\\u{:04x}{}", name.as_bytes()[0], &name[1..]);
        for spelling in [name, &escaped] {
            for value in [value.as_str(), "AAAA", ""] {
                let member = format!(r#""{spelling}":"{value}""#);
                let behind = good.replacen('}', &format!(",{member}}}"), 1);
                let before = good.replacen('{', &format!("{{{member},"), 1);
                target.refuses_message(&behind, "message_member");
                target.refuses_message(&before, "message_member");
            }
        }
    }
}

/// Two readers of one key must not see two keys.
fn members_of_keys() {
    let rsa = keys::rsa(2048).to_public().unwrap().to_json().to_string();
    let oct = r#"{"kty":"oct","kid":"shared","k":"AAECAwQFBgcICQoLDA0ODw"}"#;
    assert!(Jwk::from_json(oct.as_bytes()).is_ok());
    for key in [rsa.as_str(), oct] {
        for (name, value) in [
            ("kty", r#""RSA""#),
            ("kid", r#""other""#),
            ("n", r#""AQAB""#),
            ("e", r#""Aw""#),
            ("k", r#""AQ""#),
            ("alg", r#""dir""#),
            ("use", r#""enc""#),
        ] {
            let escaped = format!("\\u{:04x}{}", name.as_bytes()[0], &name[1..]);
            for spelling in [name, &escaped] {
                let twice =
                    key.replacen('{', &format!(r#"{{"{name}":{value},"{spelling}":{value},"#), 1);
                tried_one();
                let error = Jwk::from_json(twice.as_bytes()).unwrap_err();
                assert_eq!(error.code(), "key_invalid_member", "{twice}");
            }
        }
    }
    tried_one();
    let set = format!(r#"{{"keys":[{rsa}],"key\u0073":[{oct}]}}"#);
    assert_eq!(JwkSet::from_json(set.as_bytes()).unwrap_err().code(), "key_invalid_member");
}
