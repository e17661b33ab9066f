//! Which URLs a key may come from.

use std::net::IpAddr;

use reqwest::Url;

use super::key_source_error::KeySourceError;

/// Reads the URL of a key endpoint. TLS is needed, except to this machine; and nothing that could
/// be taken for another host.
///
/// # Errors
/// [`KeySourceError::Url`].
pub(super) fn parse(url: &str) -> Result<Url, KeySourceError> {
    let url = Url::parse(url).map_err(|_| KeySourceError::Url("is not a URL"))?;
    check(&url)?;
    Ok(url)
}

fn check(url: &Url) -> Result<(), KeySourceError> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(KeySourceError::Url("has a user name or password in it: remove that"));
    }
    if url.fragment().is_some() {
        return Err(KeySourceError::Url("has a fragment, which no server sees: remove that"));
    }
    match (url.scheme(), url.has_host()) {
        (_, false) => Err(KeySourceError::Url("has no host")),
        ("https", _) => Ok(()),
        ("http", _) if is_loopback(url) => Ok(()),
        ("http", _) => Err(KeySourceError::Url(
            "plain http is for this machine only, because anybody between could put in another key: use https",
        )),
        _ => Err(KeySourceError::Url("is neither https nor http")),
    }
}

/// The target of a redirect, which must stay on the same scheme, host and port.
///
/// # Errors
/// [`KeySourceError::Redirected`].
pub(super) fn redirected(from: &Url, location: &str) -> Result<Url, KeySourceError> {
    let to = from.join(location).map_err(|_| KeySourceError::Redirected)?;
    if location.is_empty() || to.origin() != from.origin() || check(&to).is_err() {
        return Err(KeySourceError::Redirected);
    }
    Ok(to)
}

/// A URL without what may be secret in it.
pub(super) fn shown(url: &Url) -> String {
    let mut shown = url.clone();
    if url.query().is_some() {
        shown.set_query(None);
        return format!("{shown}?…");
    }
    shown.into()
}

/// Whether the host is this machine, by its name or address alone.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{parse, redirected, shown};

    #[test]
    fn plain_http_is_for_loopback_only() {
        for good in [
            "https://api.example/publickey",
            "http://127.0.0.1:8080/",
            "http://[::1]/k",
            "http://localhost/k",
            "HTTPS://api.example",
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "api.example",
            "/publickey",
            "http://api.example/publickey",
            "http://127.0.0.1.example/",
            "http://localhost.example/",
            "http://10.0.0.1/",
            "http://0.0.0.0/",
            "http://[::]/",
            "https://localhost@api.example/",
            "http://localhost:80@api.example/",
            "https://",
            "https://api.example/#k",
            "file:///etc/passwd",
            "ftp://localhost/k",
            "data:application/json,{}",
        ] {
            assert_eq!(parse(bad).err().map(|error| error.code()), Some("key_url"), "{bad}");
        }
    }

    #[test]
    fn a_query_is_not_shown() {
        let shown = |url: &str| shown(&parse(url).unwrap());
        assert_eq!(shown("https://api.example/publickey"), "https://api.example/publickey");
        assert_eq!(shown("https://api.example/k?token=s3cret"), "https://api.example/k?…");
    }

    #[test]
    fn redirects_stay_on_their_scheme_host_and_port() {
        let from = parse("https://api.example:8443/v1/publickey").unwrap();
        for (location, to) in [
            ("/v2/publickey?x=1", "https://api.example:8443/v2/publickey?x=1"),
            ("https://api.example:8443/k", "https://api.example:8443/k"),
            ("key", "https://api.example:8443/v1/key"),
            ("//API.example:8443/k", "https://api.example:8443/k"),
        ] {
            assert_eq!(redirected(&from, location).unwrap().as_str(), to);
        }
        for bad in [
            "",
            "http://api.example:8443/k",
            "https://api.example/k",
            "https://evil.example:8443/k",
            "//evil.example/k",
            "/\\evil.example/k",
            "https://api.example:8443@evil.example/k",
            "https://user@api.example:8443/k",
            "file:///etc/passwd",
        ] {
            let error = redirected(&from, bad).unwrap_err();
            assert_eq!(error.code(), "key_redirected", "{bad}");
        }
    }
}
