//! Who may send requests: whoever may can have anything decrypted.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use jwe_core::Backend;

use super::config::{CallersConfig, TokenHash};

/// The longest token that is looked at, in bytes.
const MAX_TOKEN_LEN: usize = 4096;

/// Those who may, by bearer tokens (RFC 6750) or by certificates.
#[derive(Debug)]
pub(super) struct Callers {
    header: HeaderName,
    tokens: Vec<(String, TokenHash)>,
    certificates: bool,
    backend: &'static Backend,
}

/// What is known of who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller<'a> {
    /// Nobody has to show anything.
    Anybody,
    /// Who has a token, by the name in the configuration.
    Token(&'a str),
    /// Who has a certificate of one of the authorities.
    Certificate,
}

impl<'a> Caller<'a> {
    /// How the log names it.
    pub(super) fn name(self) -> &'a str {
        match self {
            Self::Anybody => "-",
            Self::Token(name) => name,
            Self::Certificate => "certificate",
        }
    }
}

impl Callers {
    pub(super) fn new(config: &CallersConfig, backend: &'static Backend) -> Self {
        Self {
            header: config.header.0.clone(),
            tokens: config
                .tokens
                .iter()
                .map(|token| (token.name.clone(), token.hash.clone()))
                .collect(),
            certificates: config.certificates,
            backend,
        }
    }

    /// Who sends this request; `certificate` is whether the connection has shown one that was checked.
    /// `None` for nobody who may.
    pub(super) fn identify(&self, headers: &HeaderMap, certificate: bool) -> Option<Caller<'_>> {
        if !self.certificates && self.tokens.is_empty() {
            return Some(Caller::Anybody);
        }
        if self.certificates && certificate {
            return Some(Caller::Certificate);
        }
        let mut values = headers.get_all(&self.header).iter();
        let (Some(value), None) = (values.next(), values.next()) else { return None };
        let token = self.token(value.as_bytes())?;
        if token.is_empty() || token.len() > MAX_TOKEN_LEN {
            return None;
        }
        let hash = self.backend.sha256(token);
        // All are compared in full: which one it is takes no time of its own.
        let mut found = None;
        for (name, expected) in &self.tokens {
            if equal(&hash, &expected.0) {
                found = Some(Caller::Token(name));
            }
        }
        found
    }

    fn token<'v>(&self, value: &'v [u8]) -> Option<&'v [u8]> {
        if self.header != AUTHORIZATION {
            return Some(value);
        }
        let (scheme, token) = value.split_at_checked(b"Bearer ".len())?;
        scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token)
    }

    /// Takes the token out, which is meant for nobody behind. Without tokens nothing is: the header is
    /// then the service's own.
    pub(super) fn remove_token(&self, headers: &mut HeaderMap) {
        if !self.tokens.is_empty() {
            headers.remove(&self.header);
        }
    }

    /// What an answer to nobody asks for (RFC 9110 §11.6.1).
    pub(super) fn challenge(&self) -> &'static str {
        if self.header == AUTHORIZATION { "Bearer" } else { "Token" }
    }
}

/// Whether they are equal, in a time that does not depend on where they are not.
fn equal(one: &[u8; 32], other: &[u8; 32]) -> bool {
    std::hint::black_box(one.iter().zip(other).fold(0, |bits, (one, other)| bits | (one ^ other)))
        == 0
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::server::config::{CallersConfig, Config};

    const ROUTE: &str = "[upstream]\nurl = \"http://127.0.0.1:1\"\n[keys]\ndirectory = \"k\"\n[[route]]\n\
                         methods = [\"POST\"]\npath = \"/a\"\nfields = [\"/b\"]\n";

    fn callers(table: &str) -> Callers {
        let config = Config::from_toml(&format!("{ROUTE}{table}")).unwrap();
        Callers::new(&config.callers, &jwe_aws_lc_rs::AWS_LC_RS)
    }

    fn identify<'c>(
        callers: &'c Callers,
        header: &'static str,
        values: &[&str],
    ) -> Option<Caller<'c>> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HeaderName::from_static(header), HeaderValue::from_str(value).unwrap());
        }
        callers.identify(&headers, false)
    }

    // SHA-256 of "open sesame", from another implementation.
    const TOKENS: &str = "[callers]\ntokens = [ \
        { name = \"other\", hash = \"sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\" }, \
        { name = \"ali\", hash = \"sha256:Qe9LsLI2YeZjAarDYGaRLawDeCe0rmOnsRZaWqk-1Os\" } ]\n";

    #[test]
    fn a_token_is_known_by_its_hash_alone() {
        let callers = callers(TOKENS);
        let ali = Some(Caller::Token("ali"));
        assert_eq!(identify(&callers, "authorization", &["Bearer open sesame"]), ali);
        assert_eq!(identify(&callers, "authorization", &["bEARER open sesame"]), ali);
        for bad in [
            &[][..],
            &["open sesame"],
            &["Bearer"],
            &["Bearer "],
            &["Bearer  open sesame"],
            &["Bearer open sesame "],
            &["Bearer open sesam"],
            &["Basic open sesame"],
            &["Bearer Qe9LsLI2YeZjAarDYGaRLawDeCe0rmOnsRZaWqk-1Os"],
            &["Bearer open sesame", "Bearer open sesame"],
        ] {
            // A header has no blanks at its ends; the one here has them all the same.
            assert_eq!(identify(&callers, "authorization", bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_certificate_counts_only_where_it_is_asked_for() {
        let headers = HeaderMap::new();
        assert_eq!(callers(TOKENS).identify(&headers, true), None);
        assert_eq!(
            Callers::new(&CallersConfig::default(), &jwe_aws_lc_rs::AWS_LC_RS)
                .identify(&headers, false),
            Some(Caller::Anybody)
        );
        let both = callers(&format!(
            "{TOKENS}certificates = true\n[tls]\ncertificate = \"c\"\nkey = \"k\"\nclient_authorities = \"a\"\n"
        ));
        assert_eq!(both.identify(&headers, true), Some(Caller::Certificate));
        assert_eq!(both.identify(&headers, false), None);
    }

    #[test]
    fn a_header_of_its_own_holds_the_bare_token() {
        let callers = callers(&TOKENS.replace("[callers]", "[callers]\nheader = \"x-gate\""));
        assert_eq!(identify(&callers, "x-gate", &["open sesame"]), Some(Caller::Token("ali")));
        assert_eq!(identify(&callers, "authorization", &["Bearer open sesame"]), None);
        let mut headers = HeaderMap::new();
        headers.insert("x-gate", HeaderValue::from_static("open sesame"));
        headers.insert("authorization", HeaderValue::from_static("Bearer of the service"));
        callers.remove_token(&mut headers);
        assert_eq!(headers.len(), 1);
        assert!(headers.contains_key("authorization"));
    }
}
