//! What clients get of the keys: `/publickey` and `/.well-known/jwks.json`.

use core::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use jwe_core::{Backend, ImportError};

use crate::key_ring::{KeyRing, StoredKey};

/// The public halves of a [`KeyRing`], ready to be sent.
#[derive(Clone, Debug)]
pub struct PublishedKeys {
    current: Representation,
    set: Representation,
}

impl PublishedKeys {
    /// How long a client may keep a key before it asks again, if not set. A rotation's overlap has to be
    /// longer.
    pub const DEFAULT_MAX_AGE: Duration = Duration::from_secs(300);

    /// What is published of these keys: the current one by itself (RFC 7517 §4), and a set of it and the
    /// next one (RFC 7517 §5). Each has its `kid`, its `alg` and `"use":"enc"`.
    ///
    /// # Errors
    /// [`ImportError`] for a key that has no public half.
    pub fn new(ring: &KeyRing) -> Result<Self, ImportError> {
        Self::with_max_age(ring, Self::DEFAULT_MAX_AGE)
    }

    /// The same with another time for which clients may keep the answer, in whole seconds.
    ///
    /// # Errors
    /// [`ImportError`] for a key that has no public half.
    pub fn with_max_age(ring: &KeyRing, max_age: Duration) -> Result<Self, ImportError> {
        let current = public_json(ring.backend, ring.current())?;
        let mut set = format!("{{\"keys\":[{current}");
        if let Some(next) = ring.next() {
            set.push(',');
            set.push_str(&public_json(ring.backend, next)?);
        }
        set.push_str("]}");
        let of = |text, media_type| Representation::new(ring.backend, text, media_type, max_age);
        Ok(Self {
            current: of(current, "application/jwk+json"),
            set: of(set, "application/jwk-set+json"),
        })
    }

    /// The current key as a JWK (RFC 7517 §4), `application/jwk+json`.
    #[must_use]
    pub fn current(&self) -> &Representation {
        &self.current
    }

    /// The current and the next key as a JWK set (RFC 7517 §5), `application/jwk-set+json`. The current
    /// one comes first.
    #[must_use]
    pub fn set(&self) -> &Representation {
        &self.set
    }
}

/// The JSON text of a key's public half.
fn public_json(backend: &Backend, key: &StoredKey) -> Result<String, ImportError> {
    let whole = key.jwk.clone().with_public_half(backend)?;
    let public = whole.to_public().ok_or(ImportError::MissingPublicHalf)?;
    let public = public.with_alg(key.alg).with_kid(&key.kid)?;
    let json = public.to_json();
    let members = json.strip_prefix('{').unwrap_or_default();
    // What it is for, if its file does not say so.
    let use_enc = if public.key_use().is_none() { "\"use\":\"enc\"," } else { "" };
    Ok(format!("{{{use_enc}{members}"))
}

/// A document that is published, with what HTTP says about it (RFC 9110 §8, RFC 9111).
#[derive(Clone)]
pub struct Representation {
    body: Bytes,
    etag: HeaderValue,
    media_type: HeaderValue,
    cache_control: HeaderValue,
}

impl Representation {
    fn new(backend: &Backend, body: String, media_type: &'static str, max_age: Duration) -> Self {
        let digest = backend.sha256(body.as_bytes());
        let digest: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let etag = format!("\"{digest}\"");
        let cache_control = format!("public, max-age={}", max_age.as_secs());
        let header = |text: &str| {
            HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
        };
        Self {
            body: Bytes::from(body),
            etag: header(&etag),
            media_type: HeaderValue::from_static(media_type),
            cache_control: header(&cache_control),
        }
    }

    /// The JSON text.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The answer to a request: to `GET` the document, to `HEAD` its headers (RFC 9110 §9.3), or 304 if the
    /// client has it already (`If-None-Match`, §13.1.2); 405 to any other method. A page of any origin may
    /// read it: it is public.
    #[must_use]
    pub fn respond(&self, method: &Method, headers: &HeaderMap) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        if method != Method::GET && method != Method::HEAD {
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let is_known = self.is_known(headers);
        let answer = response.headers_mut();
        answer.insert(ETAG, self.etag.clone());
        answer.insert(CACHE_CONTROL, self.cache_control.clone());
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        answer.insert(CONTENT_TYPE, self.media_type.clone());
        answer.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        answer.insert(http::header::CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        if method == Method::GET {
            *response.body_mut() = self.body.clone();
        }
        response
    }

    /// Whether `If-None-Match` lists the document, by weak comparison (RFC 9110 §8.8.3.2). An entity tag
    /// of ours has no comma.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        let lists = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        lists.flat_map(|list| list.split(',')).map(str::trim).any(|tag| {
            tag == "*" || self.etag.as_bytes() == tag.strip_prefix("W/").unwrap_or(tag).as_bytes()
        })
    }
}

impl fmt::Debug for Representation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Representation")
            .field("etag", &self.etag)
            .field("media_type", &self.media_type)
            .finish_non_exhaustive()
    }
}
