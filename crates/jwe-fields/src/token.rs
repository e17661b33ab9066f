//! Whether a string is a JWE in the compact serialization (RFC 7516 §7.1).

use jwe_core::{Limits, ProtectedHeader};

/// Whether the text has five parts with dots between them.
pub(crate) fn has_five_parts(text: &[u8]) -> bool {
    memchr::memchr_iter(b'.', text).take(5).count() == 4
}

/// Whether the text is five parts of base64url, the first of them a JSON object with `alg` and
/// `enc`. Nothing is decrypted, so it may still be no message that anybody made.
pub(crate) fn is_token(text: &[u8]) -> bool {
    let base64url = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !has_five_parts(text) || !text.iter().all(base64url) {
        return false;
    }
    let header = text.split(|byte| *byte == b'.').next().unwrap_or_default();
    if header.len() > Limits::MAX_HEADER_LEN * 4 / 3 + 4 {
        return false;
    }
    base64_simd::URL_SAFE_NO_PAD
        .decode_to_vec(header)
        .ok()
        .and_then(|header| String::from_utf8(header).ok())
        .is_some_and(|header| ProtectedHeader::parse(&header).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str) -> String {
        format!("{}..AAAA.AAAA.AAAA", base64_simd::URL_SAFE_NO_PAD.encode_to_string(header))
    }

    #[test]
    fn tells_tokens_from_other_text() {
        let good = token(r#"{"alg":"dir","enc":"A256GCM"}"#);
        assert!(is_token(good.as_bytes()));
        assert!(is_token(token(" {\"x\":1,\"alg\":\"a\",\"enc\":\"b\"}").as_bytes()));
        for other in [
            String::new(),
            "....".to_owned(),
            "a.b.c.d.e".to_owned(),
            "www.a.b.example.org".to_owned(),
            format!("{good}."),
            format!("{good} "),
            format!("{good}="),
            good.replacen('.', "", 1),
            token("{}"),
            token(r#"{"alg":"HS256"}"#),
            token("[]"),
            token("\u{7f}"),
            ".".repeat(1_000_000),
        ] {
            assert!(!is_token(other.as_bytes()), "{}", &other[..other.len().min(80)]);
        }
    }
}
