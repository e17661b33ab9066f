//! Whether a string is a JWE in the compact serialization (RFC 7516 §7.1).

use jwe_core::{Compact, Inspection, Limits, Serialization};

/// Whether the text has five parts with dots between them.
pub(crate) fn has_five_parts(text: &[u8]) -> bool {
    memchr::memchr_iter(b'.', text).take(5).count() == 4
}

/// Whether the text is five parts of base64url, the first of them a JSON object with `alg` and
/// `enc`. Nothing is decrypted, so it may still be no message that anybody made.
pub(crate) fn is_token(text: &[u8]) -> bool {
    let limits = Limits::default().with_max_token_len(usize::MAX);
    has_five_parts(text)
        && core::str::from_utf8(text)
            .ok()
            .and_then(|text| Compact.parse(text, &limits).ok())
            .is_some_and(|message| Inspection::of(&message, &limits).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text with this base64url of a header.
    fn token(header: &str) -> String {
        format!("{header}..AAAA.AAAA.AAAA")
    }

    #[test]
    fn tells_tokens_from_other_text() {
        let good = token(
            "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0", /* {"alg":"dir","enc":"A256GCM"} */
        );
        assert!(is_token(good.as_bytes()));
        assert!(is_token(
            token("IHsieCI6MSwiYWxnIjoiYSIsImVuYyI6ImIifQ" /*  {"x":1,"alg":"a","enc":"b"} */)
                .as_bytes()
        ));
        for other in [
            String::new(),
            "....".to_owned(),
            "a.b.c.d.e".to_owned(),
            "www.a.b.example.org".to_owned(),
            format!("{good}."),
            format!("{good} "),
            format!("{good}="),
            good.replacen('.', "", 1),
            token("e30" /* {} */),
            token("eyJhbGciOiJIUzI1NiJ9" /* {"alg":"HS256"} */),
            token("W10" /* [] */),
            token("fw" /* DEL */),
            ".".repeat(1_000_000),
        ] {
            assert!(!is_token(other.as_bytes()), "{}", &other[..other.len().min(80)]);
        }
    }
}
