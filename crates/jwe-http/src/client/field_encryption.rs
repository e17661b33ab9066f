//! The fields of a request body become tokens.

use core::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName};
use http::{Method, StatusCode, Uri};
use jwe_fields::{EncryptOptions, FieldEncrypter, Selector, SettingsError};

use super::clear_body::ClearBody;
use super::key_source::KeySource;
use super::key_source_error::KeySourceError;
use super::sender_key::SenderKey;
use crate::field_decryption::media_type;
use crate::field_routes::{FieldRoutes, RouteId};
use crate::problem::Problem;
use crate::workers::Workers;

/// Up to this length in bytes, and this many values, a body is encrypted where it is: handing it over
/// would take longer than is gained.
const SMALL_BODY: usize = 16 * 1024;
const FEW_VALUES: usize = 4;
/// Headers with a digest of the body in clear, by which short values could be guessed.
const DIGESTS: [HeaderName; 4] = [
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("repr-digest"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("content-md5"),
];

/// Encrypts the fields of request bodies with the key of the moment.
///
/// What is encrypted, where, and in which encoding is said by [`FieldRoutes`]. Encrypters are built
/// once for each key. It is cheap to clone, and clones share them.
#[derive(Clone)]
pub struct FieldEncryption(Arc<Shared>);

struct Shared {
    source: KeySource,
    routes: FieldRoutes,
    options: EncryptOptions,
    workers: Workers,
    prepared: RwLock<Option<Arc<Prepared>>>,
}

/// All routes with one key.
struct Prepared {
    key: Arc<SenderKey>,
    encrypters: Vec<FieldEncrypter>,
}

impl FieldEncryption {
    /// Encrypts what `routes` name with the key of `source`: a value that is no string, or encrypted
    /// already, is refused.
    #[must_use]
    pub fn new(source: KeySource, routes: FieldRoutes) -> Self {
        Self::with(source, routes, EncryptOptions::new(), Workers::default())
    }

    /// The same with other settings, of which those for missing values and for the encoding are the
    /// routes' own, and with a bound on how much work with keys is done at a time.
    #[must_use]
    pub fn with(
        source: KeySource,
        routes: FieldRoutes,
        options: EncryptOptions,
        workers: Workers,
    ) -> Self {
        let prepared = RwLock::default();
        Self(Arc::new(Shared { source, routes, options, workers, prepared }))
    }

    /// Where the key comes from.
    #[must_use]
    pub fn source(&self) -> &KeySource {
        &self.0.source
    }

    /// The route of a request by its method and its path, without the query; `None` if none of its fields are to be
    /// encrypted. Headers can mean another method or path: see [`route_of`](Self::route_of).
    ///
    /// # Errors
    /// As [`FieldRoutes::find`].
    pub fn find(&self, method: &Method, path: &str) -> Result<Option<RouteId>, Problem> {
        self.0.routes.find(method, path)
    }

    /// The route of a request; `None` if none of its fields are to be encrypted.
    ///
    /// # Errors
    /// As [`FieldDecryption::route_of`](crate::FieldDecryption::route_of).
    pub fn route_of(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Option<RouteId>, Problem> {
        self.0.routes.route_of(method, uri.path(), uri.query(), headers)
    }

    pub(super) fn routes(&self) -> &FieldRoutes {
        &self.0.routes
    }

    /// Whether the headers of a request on a route go with a body that is encrypted.
    ///
    /// # Errors
    /// - `media_type`, `content_encoding` (415): the body is not JSON as it is;
    /// - `digest_of_clear_text` (400): a digest of the body in clear would be sent with it.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        media_type::check(headers)?;
        if DIGESTS.iter().any(|name| headers.contains_key(name)) {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "digest_of_clear_text",
                "the request has a digest of its body in clear, by which values could be guessed: leave it out",
            ));
        }
        Ok(())
    }

    /// Encrypts the fields of a body with the key of the moment. The memory of `body` is wiped where
    /// nobody else holds it.
    ///
    /// # Errors
    /// - `key_unavailable` (503, with `Retry-After`): the [source](Self::source) has no key;
    /// - what [`encrypt_with`](Self::encrypt_with) refuses.
    pub async fn encrypt(&self, route: RouteId, body: Bytes) -> Result<Bytes, Problem> {
        let body = ClearBody::new(body);
        let key = self.0.source.current().await?;
        self.encrypt_clear(&key, route, body).await
    }

    /// The same with this key, for those who have to know which one it was.
    ///
    /// # Errors
    /// - the code and the pointer of a [`FieldError`](jwe_fields::FieldError) (400, 413, 422);
    /// - `busy` (503, with `Retry-After`): as much work waits as may;
    /// - the code of a [`SettingsError`], and `unknown_route` (500): the settings are wrong.
    pub async fn encrypt_with(
        &self,
        key: &Arc<SenderKey>,
        route: RouteId,
        body: Bytes,
    ) -> Result<Bytes, Problem> {
        self.encrypt_clear(key, route, ClearBody::new(body)).await
    }

    pub(super) async fn encrypt_clear(
        &self,
        key: &Arc<SenderKey>,
        route: RouteId,
        body: ClearBody,
    ) -> Result<Bytes, Problem> {
        let prepared = self.prepared(key)?;
        let index = route.index();
        let little = body.as_slice().len() <= SMALL_BODY && self.has_few_values(route);
        let work = move || {
            let encrypter = prepared.encrypters.get(index).ok_or(UNKNOWN_ROUTE)?;
            Ok(encrypter.encrypt(body.as_slice())?)
        };
        let encrypted: Result<Vec<u8>, Problem> =
            if little { work() } else { self.0.workers.run(work).await? };
        encrypted.map(Bytes::from)
    }

    /// Whether a body on this route has few values to encrypt, whatever is in it.
    fn has_few_values(&self, route: RouteId) -> bool {
        let Some(route) = self.0.routes.get(route) else {
            return true;
        };
        // A JSONPath may select any number of values; a JSON Pointer selects one.
        let is_pointer = |selector: &Selector| !selector.as_str().starts_with('$');
        route.selectors().len() <= FEW_VALUES && route.selectors().iter().all(is_pointer)
    }

    /// The encrypters of this key, built now if they are not those of the last one.
    fn prepared(&self, key: &Arc<SenderKey>) -> Result<Arc<Prepared>, Problem> {
        let shared = &self.0;
        let last = shared.prepared.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(prepared) = last.filter(|prepared| Arc::ptr_eq(&prepared.key, key)) {
            return Ok(prepared);
        }
        let encrypters = shared.routes.iter().map(|(_, route)| {
            let options =
                shared.options.with_missing(route.missing()).with_encoding(route.encoding());
            let selectors = route.selectors().iter().cloned();
            FieldEncrypter::new(key.encrypter().clone(), selectors, options)
        });
        let encrypters = encrypters.collect::<Result<_, _>>().map_err(|error| setup(&error))?;
        let prepared = Arc::new(Prepared { key: Arc::clone(key), encrypters });
        *shared.prepared.write().unwrap_or_else(PoisonError::into_inner) =
            Some(Arc::clone(&prepared));
        Ok(prepared)
    }
}

const UNKNOWN_ROUTE: Problem = Problem::new(
    StatusCode::INTERNAL_SERVER_ERROR,
    "unknown_route",
    "the route is not one of this set: take it from the value that encrypts",
);

fn setup(error: &SettingsError) -> Problem {
    tracing::error!(code = error.code(), "fields can't be encrypted with these settings: {error}");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        error.code(),
        "the settings and the key do not go together: see the log of whoever encrypts",
    )
}

impl From<KeySourceError> for Problem {
    fn from(error: KeySourceError) -> Self {
        // The least that `Retry-After` can say.
        let retry_after = error.retry_after().unwrap_or(Duration::from_secs(1));
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "key_unavailable",
            "there is no key to encrypt with: send the request again later",
        )
        .with_retry_after(retry_after.max(Duration::from_secs(1)))
    }
}

impl fmt::Debug for FieldEncryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldEncryption")
            .field("source", &self.0.source)
            .field("routes", &self.0.routes)
            .field("options", &self.0.options)
            .field("workers", &self.0.workers)
            .finish_non_exhaustive()
    }
}
