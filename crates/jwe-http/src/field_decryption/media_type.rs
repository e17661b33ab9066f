//! What a body is has to be said, and has to be JSON.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};

use crate::problem::Problem;

/// Checks that the body is JSON as it is: one `Content-Type` of `application/json` or
/// `application/*+json` (RFC 6839 §3.1), no other charset than UTF-8, no `Content-Encoding`.
///
/// # Errors
/// 415: `media_type`, `content_encoding`.
pub(crate) fn check(headers: &HeaderMap) -> Result<(), Problem> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let is_json = match (types.next(), types.next()) {
        (Some(one), None) => one.to_str().is_ok_and(is_json),
        _ => false,
    };
    if !is_json {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media_type",
            "the body has to be JSON: send one Content-Type: application/json",
        ));
    }
    if headers.contains_key(CONTENT_ENCODING) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "content_encoding",
            "the body has a Content-Encoding: send it as it is",
        ));
    }
    Ok(())
}

fn is_json(text: &str) -> bool {
    let mut parts = text.split(';');
    let essence = parts.next().unwrap_or_default().trim_matches([' ', '\t']);
    let subtype = match essence.split_at_checked("application/".len()) {
        Some((kind, subtype)) if kind.eq_ignore_ascii_case("application/") => subtype,
        _ => return false,
    };
    // RFC 6838 §4.2.
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
    let is_json = subtype.eq_ignore_ascii_case("json")
        || subtype.len().checked_sub("+json".len()).is_some_and(|at| {
            at > 0
                && subtype.bytes().all(is_name)
                && subtype.get(at..).is_some_and(|suffix| suffix.eq_ignore_ascii_case("+json"))
        });
    is_json && parts.all(is_harmless)
}

/// A parameter says nothing of the bytes, or that they are UTF-8.
fn is_harmless(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    if !name.trim_matches([' ', '\t']).eq_ignore_ascii_case("charset") {
        return true;
    }
    let value = value.trim_matches([' ', '\t']);
    let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let value = quoted.unwrap_or(value);
    value.eq_ignore_ascii_case("utf-8")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn outcome(types: &[&'static str]) -> Result<(), &'static str> {
        let mut headers = HeaderMap::new();
        for text in types {
            headers.append(CONTENT_TYPE, HeaderValue::from_static(text));
        }
        check(&headers).map_err(|problem| {
            assert_eq!(problem.status(), 415);
            problem.code()
        })
    }

    #[test]
    fn json_it_is() {
        for text in [
            "application/json",
            "APPLICATION/Json ; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
            "application/json; version=1",
            "application/merge-patch+json",
            "application/vnd.api.v2+JSON",
        ] {
            assert_eq!(outcome(&[text]), Ok(()), "{text}");
        }
        for text in [
            "",
            "json",
            "text/json",
            "text/plain",
            "application/",
            "application/+json",
            "application/jsonp",
            "application/json-seq",
            "application/x-www-form-urlencoded+json/x",
            "application/json, text/plain",
            "application/json; charset=utf-16",
            "application/json; charset=utf-8; Charset = utf-7",
            "application/json; charset",
            "application/jose+json\u{7f}",
            "application/jos\u{e9}+json",
        ] {
            let headers = HeaderValue::from_str(text).map(|value| {
                let mut headers = HeaderMap::new();
                headers.insert(CONTENT_TYPE, value);
                headers
            });
            let Ok(headers) = headers else { continue };
            assert_eq!(check(&headers).unwrap_err().code(), "media_type", "{text}");
        }
        assert_eq!(outcome(&[]), Err("media_type"));
        assert_eq!(outcome(&["application/json", "application/json"]), Err("media_type"));
    }

    #[test]
    fn as_it_is() {
        for coding in ["gzip", "identity", ""] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
            assert_eq!(check(&headers).unwrap_err().code(), "content_encoding", "{coding}");
        }
    }
}
