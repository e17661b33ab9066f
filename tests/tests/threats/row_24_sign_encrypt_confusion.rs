//! What is signed, or claims to be nothing at all, is not taken for something encrypted; and what
//! is inside an encrypted token is bytes, whatever the header calls it: nobody's claims.

use jwe::{Backend, Encrypter};
use jwe_tests::parts::Parts;
use jwe_tests::{base64url, keys};

use crate::target::Target;

const SIGNED: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJl";
const UNSECURED: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.";

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::all(backend) {
        target.refuses(SIGNED, "segment_count");
        target.refuses(UNSECURED, "segment_count");
        target.refuses(UNSECURED.trim_end_matches('.'), "segment_count");
        // With the header of a token for this recipient, and with its parts.
        let Parts { header, ciphertext, tag, .. } = &target.good;
        target.refuses(&format!("{header}.{ciphertext}.{tag}"), "segment_count");
        // Filled up to five parts it is still not what it says.
        for text in [SIGNED, UNSECURED] {
            target.refuses(&format!("{text}.."), "header_missing_member");
        }
        for alg in ["none", "NONE", "HS256", "RS256", "ES256", "EdDSA"] {
            let enc = format!("\"{}\"", target.enc);
            let header = target.header(&format!("\"{alg}\""), &enc, "");
            target.refuses_header(header.as_bytes(), "alg_not_accepted");
            // As an unsecured message would be: with nothing to check.
            let parts = target.good.with_header(header.as_bytes()).with_encrypted_key(&[]);
            target.refuses(&parts.token(), "alg_not_accepted");
            target.refuses(&parts.with_iv(&[]).with_tag(&[]).token(), "alg_not_accepted");
        }
        // Signatures in JSON.
        let payload = base64url::encode(br#"{"sub":"admin"}"#);
        for text in [
            format!(
                r#"{{"payload":"{payload}","protected":"eyJhbGciOiJIUzI1NiJ9","signature":"AA"}}"#
            ),
            format!(r#"{{"payload":"{payload}","signatures":[]}}"#),
        ] {
            target.refuses(&text, "segment_count");
            target.refuses_message(&text, "message_member");
        }
        for (name, value) in [("cty", "JWT"), ("cty", "jwt"), ("typ", "JWT"), ("x", "y")] {
            let sender = keys::sender(target.backend, &target.jwk, target.alg);
            let encrypter = Encrypter::builder(target.backend, &sender, target.enc)
                .with_member(name, value.into())
                .build()
                .unwrap();
            for inner in [UNSECURED, SIGNED, r#"{"sub":"admin"}"#] {
                let token = encrypter.encrypt(inner.as_bytes()).unwrap();
                assert_eq!(*target.decrypter.decrypt(&token).unwrap(), inner.as_bytes());
            }
        }
    }
}
