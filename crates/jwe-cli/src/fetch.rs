//! Fetching a published key, such as the answer of an API's `/publickey`.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::http::{StatusCode, Uri};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::input::{self, Limit};

/// The longest answer in bytes.
const MAX_ANSWER_LEN: usize = 64 * 1024;
/// How many redirects are followed, all on the same scheme, host and port.
const MAX_REDIRECTS: usize = 3;
/// How long everything together may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Whether a key's name is a URL.
pub(crate) fn is_url(name: &str) -> bool {
    name.starts_with("https://") || name.starts_with("http://")
}

/// A URL without what may be secret in it.
pub(crate) fn shown(url: &str) -> String {
    match (url.split_once("://"), url.split_once('?')) {
        (Some((scheme, rest)), _) if rest.contains('@') => format!("{scheme}://…"),
        (_, Some((before, _))) => format!("{before}?…"),
        _ => url.to_owned(),
    }
}

/// Fetches the bytes at `url`. `authorities` is a PEM file of certificates that are trusted
/// instead of the public ones.
pub(crate) fn fetch(url: &str, authorities: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut uri: Uri = url.parse().map_err(|_| failed("is not a URL"))?;
    check(&uri)?;
    let agent = agent(&uri, authorities)?;
    let deadline = Instant::now() + TIMEOUT;
    for _ in 0..=MAX_REDIRECTS {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        let mut answer = agent
            .get(&uri)
            .config()
            .timeout_global(Some(left))
            .build()
            .header(
                "accept",
                "application/jwk+json, application/jwk-set+json, application/json, */*;q=0.1",
            )
            .call()
            .map_err(|error| failed(&format!("can't be fetched: {error}")))?;
        let status = answer.status();
        if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
            let location = answer.headers().get("location").and_then(|value| value.to_str().ok());
            uri = redirected(&uri, location.unwrap_or_default())?;
            continue;
        }
        if status != StatusCode::OK {
            return Err(failed(&format!("the server answers {}", status.as_u16())));
        }
        return input::read_all(answer.body_mut().as_reader(), Limit::of_keys(MAX_ANSWER_LEN)).map_err(|_| {
            failed(&format!("the answer can't be read or is longer than {MAX_ANSWER_LEN} bytes, which no key is"))
        });
    }
    Err(failed(&format!(
        "the server redirects more than {MAX_REDIRECTS} times, or for more than {} seconds",
        TIMEOUT.as_secs()
    )))
}

fn failed(text: &str) -> Failure {
    Failure::new("key_fetch", text)
}

/// TLS is needed, except to this machine; and nothing that could be taken for another host.
fn check(uri: &Uri) -> Result<(), Failure> {
    let authority = uri.authority().ok_or_else(|| failed("has no host"))?;
    if authority.as_str().contains('@') {
        return Err(failed("has a user name or password in it: remove that"));
    }
    let host = authority.host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let loopback = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if loopback => Ok(()),
        _ => Err(failed(
            "plain http is for this machine only, because anybody between could put in another key: use https",
        )),
    }
}

/// The target of a redirect, which must stay on the same scheme, host and port.
fn redirected(from: &Uri, location: &str) -> Result<Uri, Failure> {
    let elsewhere =
        || failed("the server redirects to another place: if you trust that, give its URL instead");
    let same_place = |to: &Uri| to.scheme() == from.scheme() && to.authority() == from.authority();
    let to: Uri = if location.starts_with('/') && !location.starts_with("//") {
        let mut parts = from.clone().into_parts();
        parts.path_and_query = Some(location.parse().map_err(|_| elsewhere())?);
        Uri::from_parts(parts).map_err(|_| elsewhere())?
    } else {
        location.parse().map_err(|_| elsewhere())?
    };
    if same_place(&to) { Ok(to) } else { Err(elsewhere()) }
}

fn agent(uri: &Uri, authorities: Option<&[u8]>) -> Result<ureq::Agent, Failure> {
    let mut config = ureq::Agent::config_builder()
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        // A proxy from the environment would see the request; a key comes straight from its host
        // unless that is https, where the proxy sees only the host.
        .https_only(uri.scheme_str() == Some("https"));
    if uri.scheme_str() == Some("https") {
        let provider = provider().ok_or_else(|| {
            failed("this build has no TLS: build with the feature aws-lc-rs or ring, or fetch the key with another tool")
        })?;
        let mut tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
        if let Some(pem) = authorities {
            tls = tls.root_certs(roots(pem)?);
        }
        config = config.tls_config(tls.build());
    } else {
        config = config.proxy(None);
    }
    Ok(config.build().new_agent())
}

fn roots(pem: &[u8]) -> Result<RootCerts, Failure> {
    let unreadable = || {
        Failure::new(
            "key_fetch",
            "the file of --ca-file is not certificates in PEM: mend it, or give another",
        )
    };
    let mut certificates = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|_| unreadable())? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(unreadable());
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

/// The crypto of TLS, named explicitly: rustls has no default when several are compiled in.
fn provider() -> Option<Arc<rustls::crypto::CryptoProvider>> {
    #[cfg(any(feature = "aws-lc-rs", feature = "fips"))]
    return Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    #[cfg(all(feature = "ring", not(any(feature = "aws-lc-rs", feature = "fips"))))]
    return Some(Arc::new(rustls::crypto::ring::default_provider()));
    #[cfg(not(any(feature = "aws-lc-rs", feature = "fips", feature = "ring")))]
    None
}

/// The same from the library of this backend, if rustls has one on it.
pub(crate) fn provider_of(backend: &jwe::Backend) -> Option<Arc<rustls::crypto::CryptoProvider>> {
    #[cfg(feature = "ring")]
    if backend.name() == "ring" {
        return Some(Arc::new(rustls::crypto::ring::default_provider()));
    }
    let _ = backend;
    provider()
}

#[cfg(test)]
mod tests {
    use super::{Uri, check, redirected, shown};

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for good in [
            "https://api.example/publickey",
            "http://127.0.0.1:8080/",
            "http://[::1]/k",
            "http://localhost/k",
        ] {
            assert!(check(&uri(good)).is_ok(), "{good}");
        }
        for bad in [
            "http://api.example/publickey",
            "http://127.0.0.1.example/",
            "http://localhost.example/",
            "http://10.0.0.1/",
            "https://localhost@api.example/",
            "http://localhost:80@api.example/",
        ] {
            assert!(bad.parse::<Uri>().is_err() || check(&uri(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn secrets_of_a_url_are_not_shown() {
        assert_eq!(shown("https://api.example/publickey"), "https://api.example/publickey");
        assert_eq!(shown("https://api.example/k?token=s3cret"), "https://api.example/k?…");
        for url in [
            "https://u:s3cret@h/",
            "https://u:s3/cret@h/",
            "https://u:s3?cret@h/",
            "http://s3cret@h?a=b@c",
        ] {
            assert!(!shown(url).contains("s3"), "{url}");
        }
    }

    #[test]
    fn redirects_stay_on_their_host() {
        let from = uri("https://api.example:8443/publickey");
        assert_eq!(
            redirected(&from, "/v2/publickey?x=1").unwrap(),
            uri("https://api.example:8443/v2/publickey?x=1")
        );
        assert!(redirected(&from, "https://api.example:8443/k").is_ok());
        for bad in [
            "",
            "http://api.example:8443/k",
            "https://api.example/k",
            "https://evil.example/k",
            "//evil.example/k",
            "k",
            "file:///etc/passwd",
        ] {
            assert!(redirected(&from, bad).is_err(), "{bad}");
        }
    }
}
