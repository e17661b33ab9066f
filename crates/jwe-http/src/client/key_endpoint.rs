//! One request to a key endpoint, and what its answer is worth.

use std::time::{Duration, SystemTime};

use http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, HeaderMap,
    IF_NONE_MATCH, LOCATION,
};
use http::{HeaderValue, StatusCode};
use jwe_core::wiped;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use zeroize::Zeroizing;

use super::key_source_error::KeySourceError;
use super::key_source_options::KeySourceOptions;
use super::sender_key::SenderKey;
use super::{key_url, lifetime, tls};

/// The longest answer in bytes.
const MAX_ANSWER_LEN: usize = 64 * 1024;
/// How many redirects are followed, all on the same scheme, host and port.
const MAX_REDIRECTS: usize = 3;
/// The longest `ETag` in bytes that is sent back.
const MAX_ETAG_LEN: usize = 1024;

/// The endpoint with the settings for what comes from it.
pub(super) struct KeyEndpoint {
    url: Url,
    client: Client,
    options: KeySourceOptions,
}

/// What came.
pub(super) enum Answer {
    /// A key, its `ETag`, and for how long it is fresh.
    Key(Box<SenderKey>, Option<HeaderValue>, Duration),
    /// The key with the `ETag` that was sent is still the one, for so long.
    NotModified(Duration),
}

impl KeyEndpoint {
    /// # Errors
    /// [`KeySourceError`]: the URL, the settings or TLS.
    pub(super) fn new(url: &str, options: KeySourceOptions) -> Result<Self, KeySourceError> {
        let url = key_url::parse(url)?;
        options.check()?;
        let tls = tls::client_config(options.tls.clone(), options.authorities.as_deref())?;
        let mut client = Client::builder()
            .tls_backend_preconfigured(tls)
            .http1_only()
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(options.connect_timeout)
            .timeout(options.timeout)
            // A connection for each fetch: what a server sends behind its answer is nobody's answer.
            .pool_max_idle_per_host(0)
            .user_agent(concat!("jwe-http/", env!("CARGO_PKG_VERSION")));
        // A proxy of the environment would see plain http, and could put in another key; of https it
        // sees only the host.
        client = if url.scheme() == "https" { client.https_only(true) } else { client.no_proxy() };
        let client = client.build().map_err(|error| KeySourceError::Tls(reason(error)))?;
        Ok(Self { url, client, options })
    }

    pub(super) fn options(&self) -> &KeySourceOptions {
        &self.options
    }

    /// The URL without what may be secret in it.
    pub(super) fn shown(&self) -> String {
        key_url::shown(&self.url)
    }

    /// Fetches the key. `etag` is that of the key that is there; `past_caches` asks that no cache on
    /// the way answers by itself.
    ///
    /// # Errors
    /// [`KeySourceError`].
    pub(super) async fn fetch(
        &self,
        etag: Option<&HeaderValue>,
        past_caches: bool,
    ) -> Result<Answer, KeySourceError> {
        let limit = self.options.timeout;
        tokio::time::timeout(limit, self.follow(etag, past_caches))
            .await
            .unwrap_or(Err(KeySourceError::TimedOut { limit }))
    }

    async fn follow(
        &self,
        etag: Option<&HeaderValue>,
        past_caches: bool,
    ) -> Result<Answer, KeySourceError> {
        let mut url = self.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let mut request = self
                .client
                .get(url.clone())
                .header(
                    ACCEPT,
                    "application/jwk+json, application/jwk-set+json, application/json, */*;q=0.1",
                )
                .header(ACCEPT_ENCODING, "identity");
            if let Some(etag) = etag {
                request = request.header(IF_NONE_MATCH, etag);
            }
            if past_caches {
                request = request.header(CACHE_CONTROL, "no-cache");
            }
            let answer = request.send().await.map_err(|error| self.failed(error))?;
            match answer.status() {
                StatusCode::OK => return self.read(answer).await,
                StatusCode::NOT_MODIFIED if etag.is_some() => {
                    return Ok(Answer::NotModified(self.lifetime(answer.headers())));
                }
                StatusCode::MOVED_PERMANENTLY
                | StatusCode::FOUND
                | StatusCode::SEE_OTHER
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT => {
                    let location = answer.headers().get(LOCATION);
                    let location = location.and_then(|location| location.to_str().ok());
                    url = key_url::redirected(&url, location.unwrap_or_default())?;
                }
                status => return Err(KeySourceError::Status(status.as_u16())),
            }
        }
        Err(KeySourceError::TooManyRedirects { limit: MAX_REDIRECTS })
    }

    pub(super) async fn read(&self, mut answer: Response) -> Result<Answer, KeySourceError> {
        let headers = answer.headers();
        let encoded = |value: &HeaderValue| !value.as_bytes().eq_ignore_ascii_case(b"identity");
        if headers.get_all(CONTENT_ENCODING).iter().any(encoded) {
            return Err(KeySourceError::ContentEncoding);
        }
        let stated_len = stated_len(headers)?;
        if stated_len.is_some_and(|len| len > MAX_ANSWER_LEN) {
            return Err(KeySourceError::TooLong { limit: MAX_ANSWER_LEN });
        }
        let lifetime = self.lifetime(headers);
        let etag = headers.get(ETAG).filter(|etag| etag.len() <= MAX_ETAG_LEN).cloned();
        // Wiped, because a private key may be in it by mistake.
        let mut body = Zeroizing::new(Vec::new());
        while let Some(part) = answer.chunk().await.map_err(|error| self.failed(error))? {
            if part.len() > MAX_ANSWER_LEN.saturating_sub(body.len()) {
                return Err(KeySourceError::TooLong { limit: MAX_ANSWER_LEN });
            }
            wiped::reserve(&mut body, part.len());
            body.extend_from_slice(&part);
        }
        if stated_len.is_some_and(|len| len != body.len()) {
            return Err(KeySourceError::Length);
        }
        let key = SenderKey::from_answer(&body, &self.options)?;
        Ok(Answer::Key(Box::new(key), etag, lifetime))
    }

    /// How long the answer is fresh, within the bounds.
    fn lifetime(&self, headers: &HeaderMap) -> Duration {
        let stated = lifetime::stated(headers, SystemTime::now());
        let (shortest, longest) = (*self.options.lifetime.start(), *self.options.lifetime.end());
        stated.unwrap_or(self.options.default_lifetime).clamp(shortest, longest)
    }

    fn failed(&self, error: reqwest::Error) -> KeySourceError {
        if error.is_timeout() {
            let limit = if error.is_connect() {
                self.options.connect_timeout
            } else {
                self.options.timeout
            };
            return KeySourceError::TimedOut { limit };
        }
        KeySourceError::Unreachable(reason(error))
    }
}

/// The length that is stated, which every `Content-Length` has to agree on (RFC 9112 §6.3).
fn stated_len(headers: &HeaderMap) -> Result<Option<usize>, KeySourceError> {
    let mut stated = None;
    for value in headers.get_all(CONTENT_LENGTH) {
        let len = value
            .to_str()
            .ok()
            .filter(|len| len.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|len| len.parse::<u64>().ok())
            .ok_or(KeySourceError::Length)?;
        if stated.replace(len).is_some_and(|other| other != len) {
            return Err(KeySourceError::Length);
        }
    }
    Ok(stated.map(|len| usize::try_from(len).unwrap_or(usize::MAX)))
}

/// What an error says, with its causes and without the URL, which may hold a secret.
fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = core::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
