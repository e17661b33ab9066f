//! A `kid` that means something to whoever makes file names, queries or logs of it (RFC 8725 §3.10):
//! here it is compared, byte by byte, and stands in no error.

use jwe::{Backend, Decrypter};
use jwe_tests::keys;

use crate::target::{MEMORY, Target};

/// As the text of a JSON string.
const KIDS: [&str; 22] = [
    "../../../../etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "..\\\\..\\\\windows",
    "'; DROP TABLE keys; --",
    "' OR '1'='1",
    "$(id)",
    "`id`",
    "|id",
    "${jndi:ldap://127.0.0.1/}",
    "\\u0000",
    "\\u001b[2J\\u0007",
    "a\\r\\nerror[x]: faked",
    "\\u202egnirts",
    "\u{202e}gnirts",
    "\\\\\\\\host\\\\share",
    "%s%n%x",
    "",
    " ",
    "*",
    "PEER-RSA-2048",
    "SHARED",
];

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::all(backend) {
        let (alg, enc) = (target.alg, target.enc);
        let header = |kid: &str| format!(r#"{{"alg":"{alg}","enc":"{enc}","kid":{kid}}}"#);
        let own = target.jwk.kid().unwrap();
        // The right one with something behind, before and less, as a C string or a prefix would
        // have it.
        let near = [
            format!("{own}\\u0000"),
            format!("{own}\\u0000x"),
            format!("{own} "),
            format!(" {own}"),
            format!("\u{feff}{own}"),
            format!("{own}\\u200b"),
            own[..own.len() - 1].to_owned(),
            own[1..].to_owned(),
            format!("{own}{own}"),
            "k".repeat(7000),
        ];
        for kid in KIDS.iter().copied().chain(near.iter().map(String::as_str)) {
            let header = header(&format!("\"{kid}\""));
            target.refuses_header(header.as_bytes(), "unknown_kid");
            let token = target.good.with_header(header.as_bytes()).token();
            let error = target.error_within(&token, MEMORY);
            let text = format!("{error} {error:?}");
            // Nothing of it, and nothing that moves a cursor or begins a line.
            assert!(kid.len() < 5 || !text.contains(kid), "{text}");
            assert!(text.chars().all(|character| matches!(character, ' '..='~')), "{text}");
        }
        for kid in ["7", "-1", "1.5", "null", "[]", "{}", "true", &format!("[\"{own}\"]")] {
            target.refuses_header(header(kid).as_bytes(), "header_member_type");
        }
        target.refuses_header(header("\"a\0b\"").as_bytes(), "header_not_json");
        target.refuses_header(header("\"a\nb\"").as_bytes(), "header_not_json");
        let long = header(&format!("\"{}\"", "k".repeat(1 << 20)));
        target.refuses_header(long.as_bytes(), "header_too_long");
        // Another text of the same name is the same name.
        let escaped = format!("\"\\u{:04x}{}\"", own.as_bytes()[0], &own[1..]);
        target.refuses_header(header(&escaped).as_bytes(), "decryption_failed");

        // Without one, the only key is meant; unless one is required, or there are several.
        let header = format!(r#"{{"alg":"{alg}","enc":"{enc}"}}"#);
        target.refuses_header(header.as_bytes(), "decryption_failed");
        let token = target.good.with_header(header.as_bytes()).token();
        let strict = target.decrypter.clone().require_kid();
        assert_eq!(strict.decrypt(&token).unwrap_err().code(), "missing_kid");
        let pair = [
            keys::recipient(backend, &target.jwk, alg),
            keys::recipient(backend, &target.jwk.clone().with_kid("second").unwrap(), alg),
        ];
        let several = Decrypter::new(backend, pair, &[enc]).unwrap();
        assert_eq!(several.decrypt(&token).unwrap_err().code(), "missing_kid");
        let twice = [
            keys::recipient(backend, &target.jwk, alg),
            keys::recipient(backend, &target.jwk, alg),
        ];
        assert!(Decrypter::new(backend, twice, &[enc]).is_err(), "two keys of one name");
    }
}
