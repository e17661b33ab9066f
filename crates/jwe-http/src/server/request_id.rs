//! The name of a request in logs, here and behind.

use std::fmt::Write;

use http::{HeaderMap, HeaderName, HeaderValue};
use jwe_core::Backend;

/// The header that carries it, in requests and answers.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The longest one that is taken over from a client, in bytes.
const MAX_LEN: usize = 64;

/// The client's own, if there is one that can be written to a log as it is: 1 to 64 letters, digits,
/// `-`, `_` and `.`. Otherwise 128 random bits in hexadecimal.
pub(super) fn of(headers: &HeaderMap, backend: &Backend) -> HeaderValue {
    let mut given = headers.get_all(HEADER).iter();
    match (given.next(), given.next()) {
        (Some(id), None) if is_plain(id.as_bytes()) => id.clone(),
        _ => random(backend),
    }
}

fn is_plain(id: &[u8]) -> bool {
    (1..=MAX_LEN).contains(&id.len())
        && id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

fn random(backend: &Backend) -> HeaderValue {
    let mut bytes = [0; 16];
    // An id is no secret. Without random bytes, which no request can be answered well without, all
    // are zeros.
    if backend.random().fill(&mut bytes).is_err() {
        tracing::error!("the backend has no random bytes");
    }
    let mut text = String::with_capacity(32);
    for byte in bytes {
        // A string takes everything.
        let _ = write!(text, "{byte:02x}");
    }
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_plain_id_is_taken_over() {
        let backend = &jwe_aws_lc_rs::AWS_LC_RS;
        let of_all = |ids: &[&str]| {
            let mut headers = HeaderMap::new();
            for id in ids {
                headers.append(HEADER, HeaderValue::from_str(id).unwrap());
            }
            of(&headers, backend)
        };
        assert_eq!(of_all(&["a-Z_0.9"]), "a-Z_0.9");
        assert_eq!(of_all(&[&"a".repeat(64)]), "a".repeat(64));
        let long = "a".repeat(65);
        for ids in [&[][..], &[""], &["a b"], &["a\tb"], &["a\"b"], &["a", "a"], &[&long]] {
            let id = of_all(ids);
            assert_eq!(id.len(), 32, "{ids:?}");
            assert!(id.as_bytes().iter().all(u8::is_ascii_hexdigit));
            assert_ne!(id, of_all(ids));
        }
    }
}
