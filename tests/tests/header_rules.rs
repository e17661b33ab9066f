//! The rules for the three headers of the JSON serializations (RFC 7516 §4, §7.2.1) and for `crit`
//! (§4.1.13), on messages that are properly sealed, so that only the rule decides.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use jwe::{
    Alg, Backend, Decrypter, Enc, Encrypter, FlattenedJson, Jwk, Limits, Message, MessageEncrypter,
};
use jwe_tests::capability::backends;
use jwe_tests::forge::Forge;
use jwe_tests::keys;
use jwe_tests::parts::Parts;

const PLAINTEXT: &[u8] = b"attack at dawn";
const ENC: Enc = Enc::A256Gcm;

/// A recipient with a key for `A256KW` whose `kid` is `shared`.
struct Target {
    backend: &'static Backend,
    jwk: Jwk,
    decrypter: Decrypter,
}

impl Target {
    fn all() -> Vec<Self> {
        let target = |backend: &&'static Backend| {
            let jwk = keys::oct(32);
            let key = keys::recipient(backend, &jwk, Alg::A256Kw);
            let decrypter = Decrypter::new(backend, [key], &[ENC, Enc::A128Gcm]).unwrap();
            Self { backend, jwk, decrypter }
        };
        backends().iter().map(target).collect()
    }

    /// A message that is sealed for these headers; those that are absent are empty.
    fn seal(&self, protected: &str) -> Parts {
        Forge::wrapped(self.backend, ENC, &self.jwk).seal(protected, None, PLAINTEXT)
    }

    /// The same in both JSON serializations.
    fn texts(&self, protected: &str, unprotected: &str, header: &str) -> [String; 2] {
        let Parts { header: sealed, encrypted_key, iv, ciphertext, tag } = self.seal(protected);
        let member = |name: &str, value: &str, quote: &str| {
            if value.is_empty() {
                String::new()
            } else {
                format!(r#""{name}":{quote}{value}{quote},"#)
            }
        };
        let shared = format!(
            r#"{}{}"iv":"{iv}","ciphertext":"{ciphertext}","tag":"{tag}""#,
            member("protected", &sealed, "\""),
            member("unprotected", unprotected, ""),
        );
        let own = format!(r#"{}"encrypted_key":"{encrypted_key}""#, member("header", header, ""));
        [format!("{{{shared},{own}}}"), format!(r#"{{{shared},"recipients":[{{{own}}}]}}"#)]
    }

    /// The code of the error, if there is one, with the decrypter as it is and with one that tries
    /// keys.
    fn code(&self, decrypter: &Decrypter, text: &str) -> Option<&'static str> {
        let outcome = Message::parse(text, &Limits::default())
            .map_err(Into::into)
            .and_then(|message| decrypter.decrypt_message(message));
        match outcome {
            Ok(plaintext) => {
                assert_eq!(*plaintext, PLAINTEXT, "{}", self.backend);
                None
            }
            Err(error) => Some(error.code()),
        }
    }

    #[track_caller]
    fn check(&self, headers: [&str; 3], code: Option<&str>) {
        let [protected, unprotected, header] = headers;
        let key = keys::recipient(self.backend, &self.jwk, Alg::A256Kw);
        let trying = Decrypter::trying_keys(self.backend, [key.clone(), key], &[ENC]).unwrap();
        for text in self.texts(protected, unprotected, header) {
            for decrypter in [&self.decrypter, &trying] {
                assert_eq!(
                    self.code(decrypter, &text),
                    code,
                    "{} {text} {headers:?}",
                    self.backend
                );
            }
        }
    }
}

const DUPLICATE: Option<&str> = Some("header_duplicate_member");
const UNPROTECTED: Option<&str> = Some("header_member_unprotected");
const MISSING: Option<&str> = Some("header_missing_member");
const NOT_JSON: Option<&str> = Some("header_not_json");
const TYPE: Option<&str> = Some("header_member_type");

/// RFC 7516 §2: the JOSE header is the union of the three, wherever its members stand.
#[test]
fn members_may_stand_in_any_of_the_three() {
    let (alg, enc, kid) = (r#""alg":"A256KW""#, r#""enc":"A256GCM""#, r#""kid":"shared""#);
    let object = |members: &[&str]| {
        if members.is_empty() { String::new() } else { format!("{{{}}}", members.join(",")) }
    };
    for target in Target::all() {
        // Each member in each of the headers.
        for places in 0..27 {
            let (of_alg, of_enc, of_kid) = (places % 3, places / 3 % 3, places / 9);
            let headers = [0, 1, 2].map(|place| {
                let members: Vec<&str> = [(of_alg, alg), (of_enc, enc), (of_kid, kid)]
                    .into_iter()
                    .filter(|(of, _)| *of == place)
                    .map(|(_, member)| member)
                    .collect();
                object(&members)
            });
            target.check([&headers[0], &headers[1], &headers[2]], None);
        }
        let all = object(&[alg, enc, kid]);
        let spelled = r#"{"\u0061lg" : "A256\u004BW" , "enc":"A256GCM" }"#;
        for headers in [
            [all.as_str(), r#"{"x":{"alg":"dir"}}"#, r#"{"y":[{"enc":1}],"":0}"#],
            [spelled, "", ""],
            ["", spelled, ""],
            ["", "", spelled],
            // Names differ by case.
            [&all, r#"{"ALG":"dir","Enc":"none","Zip":"DEF","CRIT":[]}"#, r#"{"Kid":1}"#],
        ] {
            target.check(headers, None);
        }
    }
}

/// RFC 7516 §7.2.1: the names in the three locations are disjoint, and no name is twice in one.
#[test]
fn names_are_disjoint() {
    let all = r#"{"alg":"A256KW","enc":"A256GCM","kid":"shared","typ":"JOSE","x":1}"#;
    for target in Target::all() {
        for (name, value) in [
            ("alg", r#""A256KW""#),
            ("alg", r#""dir""#),
            ("enc", r#""A256GCM""#),
            ("enc", r#""A128GCM""#),
            ("kid", r#""shared""#),
            ("kid", r#""other""#),
            ("typ", r#""JOSE""#),
            ("x", "1"),
            ("x", "2"),
        ] {
            let escaped = format!("\\u{:04X}{}", name.as_bytes()[0], &name[1..]);
            let last =
                format!("{}\\u{:04x}", &name[..name.len() - 1], name.as_bytes()[name.len() - 1]);
            for spelling in [name, &escaped, &last] {
                let again = format!(r#"{{"{spelling}":{value}}}"#);
                target.check([all, &again, ""], DUPLICATE);
                target.check([all, "", &again], DUPLICATE);
                target.check(["", all, &again], DUPLICATE);
                target.check(["", &again, all], DUPLICATE);
                let inside = all.replace('}', &format!(r#","{spelling}":{value}}}"#));
                target.check([&inside, "", ""], DUPLICATE);
                target.check(["", &inside, ""], DUPLICATE);
                target.check(["", "", &inside], DUPLICATE);
            }
        }
        // The two unprotected ones between them.
        target.check([all, r#"{"y":1}"#, r#"{"y":1}"#], DUPLICATE);
        // Within a member, at any depth.
        for nested in [r#"{"y":{"z":1,"z":1}}"#, r#"{"y":[[{"z":1,"\u007a":2}]]}"#] {
            target.check([all, nested, ""], NOT_JSON);
            target.check([all, "", nested], NOT_JSON);
        }
    }
}

#[test]
fn what_must_be_protected_is_refused_elsewhere() {
    let all = r#"{"alg":"A256KW","enc":"A256GCM","kid":"shared"}"#;
    for target in Target::all() {
        for (name, values) in [
            ("zip", &[r#""DEF""#, r#""def""#, "null", "0"][..]),
            ("crit", &[r#"["x"]"#, "[]", "null", r#"["alg"]"#]),
        ] {
            for value in values {
                for spelling in
                    [name.to_owned(), format!("\\u{:04x}{}", name.as_bytes()[0], &name[1..])]
                {
                    let header = format!(r#"{{"{spelling}":{value}}}"#);
                    target.check([all, &header, ""], UNPROTECTED);
                    target.check([all, "", &header], UNPROTECTED);
                    target.check(["", all, &header], UNPROTECTED);
                }
            }
        }
        let zip = target.decrypter.clone().allow_zip(1000).understand(&["x"]);
        for header in [r#"{"zip":"DEF"}"#, r#"{"crit":["x"],"x":1}"#] {
            for text in target.texts(all, header, "") {
                assert_eq!(target.code(&zip, &text), UNPROTECTED, "{text}");
            }
        }
    }
}

#[test]
fn what_is_missing_or_of_another_type_is_refused() {
    let all = r#"{"alg":"A256KW","enc":"A256GCM"}"#;
    for target in Target::all() {
        target.check([r#"{"enc":"A256GCM"}"#, "", ""], MISSING);
        target
            .check([r#"{"enc":"A256GCM"}"#, r#"{"Alg":"A256KW"}"#, r#"{"kid":"shared"}"#], MISSING);
        target.check([r#"{"alg":"A256KW"}"#, "", ""], MISSING);
        target.check(["", r#"{"alg":"A256KW"}"#, r#"{"kid":"shared"}"#], MISSING);
        target.check(["{}", "", all], None);
        target.check(["{}", "", ""], MISSING);
        for wrong in ["null", "[]", "1", "\"{}\"", "", " ", "{", "{}{}", "\u{feff}{}"] {
            let code = if wrong.is_empty() { None } else { NOT_JSON };
            target.check([wrong, all, ""], code);
        }
        target.check(["", "", ""], NOT_JSON);
        for name in
            ["alg", "enc", "kid", "typ", "cty", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c"]
        {
            for value in ["null", "true", "[]", "-1", "1.5"] {
                let header = format!(r#"{{"{name}":{value}}}"#);
                let rest = match name {
                    "alg" => r#"{"enc":"A256GCM"}"#,
                    "enc" => r#"{"alg":"A256KW"}"#,
                    _ => all,
                };
                target.check([rest, &header, ""], TYPE);
                target.check([rest, "", &header], TYPE);
            }
        }
        // Parameters of other algorithms are no reason.
        let others = r#"{"apu":"!","iv":"","tag":"?","p2s":"","p2c":0}"#;
        target.check([all, others, r#"{"epk":{"kty":"?","crv":"?","x":"?"}}"#], None);
    }
}

/// RFC 7516 §4.1.13.
#[test]
fn crit_is_understood_or_refused() {
    let protected = |crit: &str, more: &str| {
        format!(r#"{{"alg":"A256KW","enc":"A256GCM","kid":"shared","crit":{crit}{more}}}"#)
    };
    let refused = Some("crit_not_understood");
    for target in Target::all() {
        let understanding =
            target.decrypter.clone().understand(&["exp", "b\"64", "alg", "typ", "crit"]);
        for (crit, more, understood) in [
            (r#"["exp"]"#, r#","exp":1"#, None),
            (r#"["exp"]"#, r#","exp":null"#, None),
            (r#"["\u0065xp"]"#, r#","ex\u0070":1"#, None),
            (r#"["exp","b\"64"]"#, r#","exp":1,"b\"64":{}"#, None),
            (r#"["b\"64","exp"]"#, r#","exp":1,"b\"64":{}"#, None),
            // Not there.
            (r#"["exp"]"#, "", refused),
            (r#"["exp","b\"64"]"#, r#","exp":1"#, refused),
            (r#"["exp"]"#, r#","Exp":1"#, refused),
            // Twice, and a name that is not understood beside one that is.
            (r#"["exp","exp"]"#, r#","exp":1"#, refused),
            (r#"["exp","\u0065xp"]"#, r#","exp":1"#, refused),
            (r#"["exp","nbf"]"#, r#","exp":1,"nbf":1"#, refused),
            (r#"["nbf","exp"]"#, r#","exp":1,"nbf":1"#, refused),
            (r#"["exp "]"#, r#","exp ":1"#, refused),
            // What the RFCs define is no extension, even for who claims to understand it.
            (r#"["alg"]"#, "", refused),
            (r#"["typ"]"#, r#","typ":"JOSE""#, refused),
            (r#"["crit"]"#, "", refused),
            (r#"["exp","alg"]"#, r#","exp":1"#, refused),
            ("[]", "", refused),
            ("null", "", refused),
            ("\"exp\"", r#","exp":1"#, refused),
            (r#"{"exp":1}"#, r#","exp":1"#, refused),
            (r#"["exp",1]"#, r#","exp":1"#, refused),
            (r#"["exp",null]"#, r#","exp":1"#, refused),
            (r#"[["exp"]]"#, r#","exp":1"#, refused),
            ("0", "", refused),
            ("false", "", refused),
        ] {
            let header = protected(crit, more);
            let compact = target.seal(&header).token();
            for (decrypter, code) in [(&target.decrypter, refused), (&understanding, understood)] {
                assert_eq!(target.code(decrypter, &compact), code, "{header}");
                for text in target.texts(&header, "", "") {
                    assert_eq!(target.code(decrypter, &text), code, "{text}");
                }
            }
        }
        // It stands in one header, and what it names may stand in another.
        let header = protected(r#"["exp"]"#, "");
        for text in target.texts(&header, r#"{"exp":1}"#, "") {
            assert_eq!(target.code(&understanding, &text), None);
            let message = Message::parse(&text, &Limits::default()).unwrap();
            let header = understanding.begin_message(message).unwrap().header().unwrap();
            assert!(!header.is_protected("exp"), "and whoever understands it can tell");
        }
        // Nothing is understood any more.
        let none = understanding.clone().understand(&[]);
        let token = target.seal(&protected(r#"["exp"]"#, r#","exp":1"#)).token();
        assert_eq!(target.code(&none, &token), refused);
    }
}

#[test]
fn a_senders_critical_members_are_named_and_read() {
    for target in Target::all() {
        let sender = keys::sender(target.backend, &target.jwk, Alg::A256Kw);
        let compact = Encrypter::builder(target.backend, &sender, ENC)
            .with_critical_member("http://example.com/UNDEFINED", true.into())
            .with_member("plain", 1.into())
            .with_critical_member("b\"é", 5.into())
            .build()
            .unwrap()
            .encrypt(PLAINTEXT)
            .unwrap();
        let json = MessageEncrypter::builder(target.backend, ENC)
            .with_recipient(&sender)
            .with_critical_member("http://example.com/UNDEFINED", true.into())
            .with_member("plain", 1.into())
            .with_critical_member("b\"é", 5.into())
            .build()
            .unwrap()
            .encrypt(&FlattenedJson, PLAINTEXT, b"")
            .unwrap();
        let all = ["b\"é", "other", "http://example.com/UNDEFINED"];
        for text in [&compact, &json] {
            let understanding = target.decrypter.clone().understand(&all);
            assert_eq!(target.code(&understanding, text), None);
            let message = Message::parse(text, &Limits::default()).unwrap();
            let header = understanding.begin_message(message).unwrap().header().unwrap();
            let crit = serde_json::json!(["http://example.com/UNDEFINED", "b\"é"]);
            assert_eq!(header.crit(), Some(&crit));
            assert_eq!(header.get("b\"é"), Some(&5.into()));
            for few in [&all[..1], &all[1..], &["plain"], &[]] {
                let decrypter = target.decrypter.clone().understand(few);
                assert_eq!(target.code(&decrypter, text), Some("crit_not_understood"), "{few:?}");
            }
        }
        for name in ["alg", "exp", "typ", "crit", "p2c", "b64"] {
            let builder = Encrypter::builder(target.backend, &sender, ENC);
            let outcome = builder.with_critical_member(name, "x".into()).build();
            let code = outcome.err().map(|error| error.code());
            assert_eq!(code, (name != "exp").then_some("setup_header_member"), "{name}");
        }
    }
}
