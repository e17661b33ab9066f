//! Whatever comes in is examined to the end, twice with the same outcome.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    dead_code,
    reason = "a failed step has to stop the test, which uses a part of what is shared"
)]

mod support;

use jwe_aws_lc_rs::AWS_LC_RS;
use jwe_core::{Enc, Jwk};
use jwe_doctor::{Expected, PlaintextForm, diagnose};
use proptest::prelude::*;
use support::{base64url, join, key, sender};

/// With the private key, the public one and none.
fn examine(token: &[u8], keys: &[&[Jwk]]) {
    for keys in keys {
        for form in [PlaintextForm::Text, PlaintextForm::Json] {
            let expected = Expected::default().with_plaintext(form);
            let one = diagnose(token, keys, &AWS_LC_RS, &expected);
            let two = diagnose(token, keys, &AWS_LC_RS, &expected);
            assert_eq!(one, two);
            for finding in &one.findings {
                let text = finding.to_string();
                assert!(!text.chars().any(jwe_core::shown::deceives), "{text:?}");
                assert!(!text.contains("s3cret"), "{text:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        examine(&bytes, &[&[key().to_public().unwrap()], &[]]);
    }

    #[test]
    fn any_text(text in "[ -~\\PC\n]{0,60}|[A-Za-z0-9_=+/-]{0,40}(\\.[A-Za-z0-9_=+/-]{0,40}){0,6}") {
        examine(text.as_bytes(), &[&[key().to_public().unwrap()], &[]]);
    }

    #[test]
    fn any_header(
        members in proptest::collection::vec(("alg|enc|kid|zip|crit|jwk|[a-z\"\u{202e}]{0,4}", "\"RSA-OAEP-256\"|\"A256GCM\"|\"RSA1_5\"|\"dir\"|1|null|\\{\\}|\\[\\]|\"\u{202e}x\"|\\{\"kty\":\"oct\",\"k\":\"YQ\"\\}"), 0..5),
    ) {
        let members: Vec<String> = members.iter().map(|(name, value)| format!("{}:{value}", serde_json::json!(name))).collect();
        let header = format!("{{{}}}", members.join(","));
        let token = format!("{}.YQ.YQ.YQ.YQ", base64url(header));
        examine(token.as_bytes(), &[&[key().to_public().unwrap()], &[]]);
    }
}

proptest! {
    // Each of these takes a few private operations.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn tokens_with_a_byte_changed(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut token = sender().token().into_bytes();
        let at = at.index(token.len());
        token[at] = byte;
        examine(&token, &[&[key()]]);
    }

    #[test]
    fn tokens_with_parts_of_any_length(part in 1_usize..5, len in 0_usize..300, seed in any::<u8>()) {
        let mut parts = sender().parts();
        parts[part].resize(len, seed);
        examine(join(&parts).as_bytes(), &[&[key()]]);
    }

    #[test]
    fn any_cek_and_any_plaintext(
        cek in proptest::collection::vec(any::<u8>(), 1..80),
        plaintext in proptest::collection::vec(any::<u8>(), 0..80),
        enc in proptest::sample::select(Enc::ALL),
    ) {
        let mut sender = sender().enc(enc).plaintext(plaintext);
        sender.encrypted_cek = Some(cek);
        examine(sender.token().as_bytes(), &[&[key()]]);
        sender.encrypted_cek = None;
        examine(sender.token().as_bytes(), &[&[key()]]);
    }
}
