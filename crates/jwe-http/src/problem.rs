//! The one form of all refusals: problem details (RFC 9457).

use core::fmt;
use core::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response, StatusCode};
use jwe_core::{DecryptError, Rejected};
use jwe_fields::FieldError;
use serde::Serialize;

use crate::workers::Busy;

/// Why a request is refused, as the client is told: an HTTP status, a stable `code` for programs, a
/// sentence that says what to do, and, if it is about one value, the JSON Pointer of that.
///
/// It never holds a value, neither one that was sent nor one that was decrypted. Every cryptographic
/// failure, and whatever only the decrypted bytes tell, is one and the same: the status 422 and the code
/// `decryption_failed`. What the bytes of a token and the configuration tell by themselves has a code of
/// its own, that of [`FieldError::code`]; `unknown_kid` tells a client to fetch the key again.
///
/// As JSON it has the members `title`, `status`, `detail` (RFC 9457 §3.1), `code`, and, where there is
/// one, `pointer` or `selector`. The `type` is left out, and so is `about:blank` (§4.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: &'static str,
    pointer: Option<String>,
    selector: Option<String>,
    retry_after: Option<Duration>,
}

/// The code of the [`Problem`] that a response tells of, among the extensions of the response: for
/// logs and for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProblemCode(pub &'static str);

/// Of pointers that are longer, the nearest ancestor that is not is named. They hold names that the
/// client chose, and need not be sent back at any length.
const LONGEST_POINTER: usize = 1024;

impl Problem {
    /// The media type (RFC 9457 §6.1).
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// A problem that is about the whole request. `detail` is a sentence that says what to do.
    #[must_use]
    pub const fn new(status: StatusCode, code: &'static str, detail: &'static str) -> Self {
        Self { status, code, detail, pointer: None, selector: None, retry_after: None }
    }

    /// The same about the value at this JSON Pointer (RFC 6901). Of one of more than 1024 bytes the
    /// nearest ancestor is named that is not longer.
    #[must_use]
    pub fn with_pointer(mut self, pointer: impl Into<String>) -> Self {
        let mut pointer = pointer.into();
        while pointer.len() > LONGEST_POINTER {
            let end = pointer.rfind('/').unwrap_or(0);
            pointer.truncate(end);
        }
        self.pointer = Some(pointer);
        self
    }

    /// The same with a time after which the request may be sent again, in whole seconds, rounded up.
    #[must_use]
    pub fn with_retry_after(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }

    /// The status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The name of the status.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.status.canonical_reason().unwrap_or("Error")
    }

    /// What to do.
    #[must_use]
    pub fn detail(&self) -> &'static str {
        self.detail
    }

    /// The JSON Pointer (RFC 6901) of the value that it is about, if it is about one. Names in it are the
    /// client's.
    #[must_use]
    pub fn pointer(&self) -> Option<&str> {
        self.pointer.as_deref()
    }

    /// The JSONPath (RFC 9535) of the configuration that it is about, if it is about one.
    #[must_use]
    pub fn selector(&self) -> Option<&str> {
        self.selector.as_deref()
    }

    /// After which time the request may be sent again.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The response. Nobody may keep it (`Cache-Control: no-store`), and [`ProblemCode`] is among its
    /// extensions.
    #[must_use]
    pub fn into_response(self) -> Response<Bytes> {
        let retry_after = self.retry_after.map(|time| {
            let seconds = time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0));
            HeaderValue::from(seconds)
        });
        // Strings and a number: there is nothing that could fail.
        let body = serde_json::to_vec(&Members {
            title: self.title(),
            status: self.status.as_u16(),
            detail: self.detail,
            code: self.code,
            pointer: self.pointer.as_deref(),
            selector: self.selector.as_deref(),
        })
        .unwrap_or_default();
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = self.status;
        response.extensions_mut().insert(ProblemCode(self.code));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(Self::MEDIA_TYPE));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Some(retry_after) = retry_after {
            headers.insert(RETRY_AFTER, retry_after);
        }
        response
    }

    /// Why a document was refused, which `text` is about.
    fn of_field(error: &FieldError, (status, detail): (StatusCode, &'static str)) -> Self {
        let mut problem = Self::new(status, error.code(), detail);
        if let Some(pointer) = error.pointer() {
            problem = problem.with_pointer(pointer);
        }
        match error.selector() {
            // A JSON Pointer that selects nothing still is one.
            Some(text) if text.is_empty() || text.starts_with('/') => problem.with_pointer(text),
            Some(text) => Self { selector: Some(text.to_owned()), ..problem },
            None => problem,
        }
    }

    /// What all that depends on a private key is.
    fn decryption_failed(pointer: Option<&str>) -> Self {
        let problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "decryption_failed",
            "the value could not be decrypted: fetch the key again and encrypt the value anew",
        );
        match pointer {
            Some(pointer) => problem.with_pointer(pointer),
            None => problem,
        }
    }
}

#[derive(Serialize)]
struct Members<'a> {
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    selector: Option<&'a str>,
}

impl From<&FieldError> for Problem {
    fn from(error: &FieldError) -> Self {
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
        const LARGE: StatusCode = StatusCode::PAYLOAD_TOO_LARGE;
        const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
        const OURS: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;
        let text = match error {
            FieldError::TooLong { .. } => (LARGE, "the document is too long: send less at once"),
            FieldError::ByteOrderMark => {
                (BAD, "the document starts with a byte order mark: send it without one")
            }
            FieldError::NotUtf8 { .. } => (BAD, "the document is not UTF-8: send it as UTF-8"),
            FieldError::NotJson { .. } => {
                (BAD, "the document is not JSON: send one JSON value (RFC 8259)")
            }
            FieldError::TooDeep { .. } => {
                (BAD, "arrays and objects nest too deep: send a flatter document")
            }
            FieldError::TooManyValues { .. } => {
                (LARGE, "too many values are encrypted: send fewer at once")
            }
            FieldError::TooMuchWork { .. } => {
                (REFUSED, "the document is too complex: send a simpler one")
            }
            FieldError::Missing { .. } => {
                (REFUSED, "a field that has to be there is missing: send it, as the others")
            }
            FieldError::Ambiguous { .. } => {
                (REFUSED, "the name appears twice in its object: send it once")
            }
            FieldError::Overlap { .. } => (
                REFUSED,
                "a value that is to be encrypted is inside another one: send a document without that",
            ),
            FieldError::NotString { .. } => (REFUSED, "the value is no string: send a string"),
            FieldError::LoneSurrogate { .. } => {
                (REFUSED, "the string has half of a surrogate pair: send Unicode text")
            }
            FieldError::AlreadyEncrypted { .. } => {
                (REFUSED, "the value is encrypted already: send it in clear to what encrypts it")
            }
            FieldError::NotEncrypted { .. } => (
                REFUSED,
                "the value is not encrypted: send it as a JWE in compact serialization (RFC 7516)",
            ),
            FieldError::PathNotUnicode { .. } | FieldError::PathTooLong { .. } => (
                REFUSED,
                "the value has a path that it can't be bound to: use shorter, plain names",
            ),
            FieldError::RecordIdMissing { .. }
            | FieldError::RecordIdType { .. }
            | FieldError::RecordIdSelected { .. } => {
                (REFUSED, "the record has no id that values could be bound to: send one, in clear")
            }
            FieldError::RecordIdNotGiven | FieldError::RecordIdNotExpected => {
                (OURS, "the service is set up for records with an id in another place")
            }
            FieldError::Encrypt { .. } => {
                (OURS, "the value could not be encrypted: try again later")
            }
            FieldError::Decrypt { error: DecryptError::Malformed(_), .. } => (
                REFUSED,
                "the value is no well-formed JWE: send the token as the library that made it returned it",
            ),
            FieldError::Decrypt { error: DecryptError::Rejected(rejected), .. } => {
                if *rejected == Rejected::KeyHeldElsewhere {
                    (OURS, "the service holds no private key for the value")
                } else {
                    (REFUSED, advice(*rejected))
                }
            }
            // A failure of cryptography, what only the decrypted bytes tell (padding, UTF-8, JSON, its
            // depth, its length), and what is not known yet.
            _ => return Self::decryption_failed(error.pointer()),
        };
        Self::of_field(error, text)
    }
}

/// What the sender of a token can do about a header that is not accepted.
fn advice(rejected: Rejected) -> &'static str {
    match rejected {
        Rejected::Alg => "the alg is not that of the key: use the one that the published key names",
        Rejected::Enc => "the enc is not accepted: use one that the API documents",
        Rejected::MissingKid => "the header has no kid: put in that of the published key",
        Rejected::UnknownKid => {
            "no key has the header's kid: fetch the published key again and encrypt the value anew"
        }
        Rejected::Zip => "the content is compressed: encrypt it without zip",
        Rejected::NotBound => "the value is not bound to its place: bind it",
        Rejected::BoundElsewhere => "the value is bound to another place: encrypt it for this one",
        _ => "the token's header is not accepted: leave out what the API does not document",
    }
}

impl From<FieldError> for Problem {
    fn from(error: FieldError) -> Self {
        Self::from(&error)
    }
}

impl From<Busy> for Problem {
    fn from(busy: Busy) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            busy.code(),
            "the service has more to do than it can: send the request again a little later",
        )
        .with_retry_after(Duration::from_secs(1))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.detail, self.code)
    }
}

impl core::error::Error for Problem {}

#[cfg(feature = "axum")]
impl axum::response::IntoResponse for Problem {
    fn into_response(self) -> axum::response::Response {
        Self::into_response(self).map(axum::body::Body::from)
    }
}
