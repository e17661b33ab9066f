//! For how long an answer is fresh (RFC 9111 §4.2), for a private cache.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, HeaderName};

/// What the server says, its age taken off; `None` when it says nothing. `now` is for an answer
/// with an `Expires` and no `Date`.
pub(super) fn stated(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let lifetime = match cache_control(headers) {
        Some(lifetime) => lifetime,
        None if headers.contains_key(EXPIRES) => {
            // An invalid date, such as the usual "0", is in the past (RFC 9111 §5.3).
            let expires = date(headers, &EXPIRES).unwrap_or(SystemTime::UNIX_EPOCH);
            let from = date(headers, &DATE).unwrap_or(now);
            expires.duration_since(from).unwrap_or_default()
        }
        None => return None,
    };
    let age = headers.get(AGE).and_then(|age| age.to_str().ok()).and_then(seconds);
    Some(lifetime.saturating_sub(age.unwrap_or_default()))
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    headers.get(name)?.to_str().ok().and_then(|date| httpdate::parse_http_date(date).ok())
}

/// The lifetime by `Cache-Control` (RFC 9111 §5.2.2). Where it is said twice, or can't be read, the
/// shorter one counts (§4.2.1).
fn cache_control(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(CACHE_CONTROL).iter();
    let directives = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    directives.filter_map(lifetime_of).min()
}

fn lifetime_of(directive: &[u8]) -> Option<Duration> {
    let directive = String::from_utf8_lossy(directive).to_ascii_lowercase();
    let (name, value) = match directive.split_once('=') {
        Some((name, value)) => (name.trim(), value.trim()),
        None => (directive.trim(), ""),
    };
    match name {
        "no-store" | "no-cache" => Some(Duration::ZERO),
        "max-age" => Some(seconds(value.trim_matches('"')).unwrap_or_default()),
        _ => None,
    }
}

/// A number of seconds (RFC 9111 §1.2.2), cut at 2^31.
fn seconds(text: &str) -> Option<Duration> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX).min(1 << 31)))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use http::HeaderMap;

    fn stated(headers: &[(&'static str, &'static str)]) -> Option<u64> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        // Sun, 06 Nov 1994 08:49:37 GMT
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        super::stated(&map, now).map(|lifetime| lifetime.as_secs())
    }

    #[test]
    fn cache_control_says_how_long() {
        let said = |value| stated(&[("cache-control", value)]);
        for (value, lifetime) in [
            ("max-age=300", Some(300)),
            ("public, max-age=300", Some(300)),
            ("Public,MAX-AGE = 300 , must-revalidate", Some(300)),
            ("max-age=\"300\"", Some(300)),
            ("max-age=300, max-age=200", Some(200)),
            ("max-age=300, no-cache", Some(0)),
            ("no-store", Some(0)),
            ("no-cache=\"set-cookie\"", Some(0)),
            ("max-age=-5", Some(0)),
            ("max-age=ten", Some(0)),
            ("max-age=", Some(0)),
            ("max-age", Some(0)),
            ("max-age=99999999999999999999999", Some(1 << 31)),
            ("s-maxage=300", None),
            ("public", None),
            ("x-max-age=300", None),
            ("", None),
        ] {
            assert_eq!(said(value), lifetime, "{value}");
        }
        let twice = [("cache-control", "max-age=300"), ("cache-control", "max-age=100")];
        assert_eq!(stated(&twice), Some(100));
    }

    #[test]
    fn age_is_taken_off() {
        let aged = |age| stated(&[("cache-control", "max-age=300"), ("age", age)]);
        assert_eq!(aged("100"), Some(200));
        assert_eq!(aged("1000"), Some(0));
        assert_eq!(aged("old"), Some(300));
        assert_eq!(stated(&[("age", "100")]), None);
    }

    #[test]
    fn expires_counts_from_the_date_where_nothing_else_is_said() {
        let expires = ("expires", "Sun, 06 Nov 1994 08:59:37 GMT");
        assert_eq!(stated(&[expires]), Some(600));
        assert_eq!(stated(&[expires, ("date", "Sun, 06 Nov 1994 08:58:37 GMT")]), Some(60));
        assert_eq!(stated(&[expires, ("date", "Sun, 06 Nov 1994 09:58:37 GMT")]), Some(0));
        assert_eq!(stated(&[("expires", "0")]), Some(0));
        assert_eq!(stated(&[expires, ("cache-control", "max-age=5")]), Some(5));
        assert_eq!(stated(&[expires, ("cache-control", "public")]), Some(600));
        assert_eq!(stated(&[]), None);
    }
}
