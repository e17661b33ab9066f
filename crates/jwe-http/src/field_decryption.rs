//! Decryption of the fields of requests, in a service or in front of one.

pub(crate) mod body_reader;
mod decryption_options;
mod either_body;
#[cfg(feature = "axum")]
mod extractor;
mod layer;
pub(crate) mod media_type;
mod setup_error;

use core::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use http::{HeaderMap, Method, Uri};
use http_body::Body;
use jwe_core::{Backend, Decrypter, DecryptionKey, Enc};
use jwe_fields::{DecryptOptions, FieldDecrypter};

pub use decryption_options::DecryptionOptions;
pub use either_body::EitherBody;
#[cfg(feature = "axum")]
pub use extractor::{DecryptedBody, DecryptedJson};
#[cfg(feature = "server")]
pub(crate) use layer::describe;
pub use layer::{DecryptFields, DecryptFieldsLayer, ResponseFuture};
pub use setup_error::DecryptionSetupError;

use crate::field_routes::{FieldRoutes, RouteId};
use crate::problem::Problem;
use crate::workers::Workers;

/// Decrypts the fields of the requests that have a route: for a service that is put together by itself, and
/// what [`DecryptFieldsLayer`] and the extractors work with.
///
/// Nothing is left to the sender. A token has a `kid`, which is that of one of the keys, the `alg` to which
/// that key is bound, and one of the `enc` that are accepted; a selected value that is no token is refused.
/// What a refused request is told does not depend on a private key, but for the one code
/// `decryption_failed`, before which the same work is done whatever the cause.
///
/// A clone shares the keys.
#[derive(Clone)]
pub struct FieldDecryption {
    shared: Arc<Shared>,
}

struct Shared {
    backend: Backend,
    accepted: Vec<Enc>,
    routes: FieldRoutes,
    options: DecryptionOptions,
    /// One for each route, in their order. The lock is held to copy or to replace a pointer.
    decrypters: RwLock<Arc<[FieldDecrypter]>>,
}

impl FieldDecryption {
    /// Decryption with these keys, of messages with one of these `enc`, where these routes have fields.
    ///
    /// # Errors
    /// [`DecryptionSetupError`]: no route, no key, a key without `kid` or two with the same, no `enc`, and
    /// what the backend does not offer.
    pub fn new(
        backend: &Backend,
        keys: impl IntoIterator<Item = DecryptionKey>,
        accepted_enc: &[Enc],
        routes: FieldRoutes,
        options: DecryptionOptions,
    ) -> Result<Self, DecryptionSetupError> {
        if routes.is_empty() {
            return Err(DecryptionSetupError::NoRoute);
        }
        let decrypters = decrypters(backend, keys, accepted_enc, &routes, &options)?;
        Ok(Self {
            shared: Arc::new(Shared {
                backend: *backend,
                accepted: accepted_enc.to_vec(),
                routes,
                options,
                decrypters: RwLock::new(decrypters),
            }),
        })
    }

    /// Replaces all keys at once. Requests that are being decrypted go on with those they began with.
    ///
    /// # Errors
    /// [`DecryptionSetupError`]; the keys are then those that they were.
    pub fn replace_keys(
        &self,
        keys: impl IntoIterator<Item = DecryptionKey>,
    ) -> Result<(), DecryptionSetupError> {
        let Shared { backend, accepted, routes, options, decrypters: own } = &*self.shared;
        let new = decrypters(backend, keys, accepted, routes, options)?;
        let old = {
            let mut own = own.write().unwrap_or_else(PoisonError::into_inner);
            core::mem::replace(&mut *own, new)
        };
        // Keys may be wiped here, with nobody waiting for the lock.
        drop(old);
        Ok(())
    }

    /// The routes.
    #[must_use]
    pub fn routes(&self) -> &FieldRoutes {
        &self.shared.routes
    }

    /// Those who do the work, for a look at how much there is of it.
    #[must_use]
    pub fn workers(&self) -> &Workers {
        self.shared.options.workers()
    }

    /// The route of a request by its method and its path, without the query; `None` if it has none, and
    /// is none of our business. Headers can mean another method or path: see [`route_of`](Self::route_of).
    ///
    /// # Errors
    /// As [`FieldRoutes::find`].
    pub fn find(&self, method: &Method, path: &str) -> Result<Option<RouteId>, Problem> {
        self.shared.routes.find(method, path)
    }

    /// The route of a request; `None` if it has none.
    ///
    /// # Errors
    /// As [`find`](Self::find), and with the status 400
    /// - `path_override`: a header `X-Original-URL` or `X-Rewrite-URL`, which some take for the path,
    ///   whatever the path is;
    /// - `method_override`: a header `X-HTTP-Method-Override`, `X-HTTP-Method` or `X-Method-Override`, or a
    ///   parameter `_method` in the query, which some take for the method, where the path is that of a
    ///   route of any method.
    pub fn route_of(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Option<RouteId>, Problem> {
        self.shared.routes.route_of(method, uri.path(), uri.query(), headers)
    }

    /// Reads the body of a request and decrypts its fields. The clear text is wiped when the last clone of
    /// it is dropped; so is whatever was read or decrypted if the future is dropped before it is ready.
    ///
    /// Has to be called in a tokio runtime with a timer.
    ///
    /// # Errors
    /// [`Problem`] with the status
    /// - 415: `media_type`, a `Content-Type` that is not JSON; `content_encoding`, any `Content-Encoding`;
    /// - 413: `body_too_long`, before any of it is read where its length is announced;
    ///   `document_too_long` for one that the limits of documents refuse, `too_many_values`;
    /// - 408: `body_timeout`; 400: `body_incomplete`, and a document that is not JSON;
    /// - 503: `busy`, with `Retry-After`: more work waits than may;
    /// - 422: a refused field, with its pointer and the code of the [`FieldError`](jwe_fields::FieldError);
    /// - 500: `route_unknown`, for a route of another value than this one.
    pub async fn decrypt<B: Body>(
        &self,
        route: RouteId,
        headers: &HeaderMap,
        body: B,
    ) -> Result<Bytes, Problem> {
        let options = &self.shared.options;
        media_type::check(headers)?;
        let decrypters = {
            let decrypters = &self.shared.decrypters;
            Arc::clone(&decrypters.read().unwrap_or_else(PoisonError::into_inner))
        };
        if decrypters.get(route.index()).is_none() {
            return Err(setup_error::unknown_route());
        }
        let document = body_reader::read(headers, body, options).await?;
        let work = move || {
            let decrypter = decrypters.get(route.index()).ok_or_else(setup_error::unknown_route)?;
            decrypter.decrypt(&document).map(Bytes::from_owner).map_err(Problem::from)
        };
        options.workers().run(work).await?
    }
}

impl fmt::Debug for FieldDecryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldDecryption")
            .field("routes", &self.shared.routes)
            .field("options", &self.shared.options)
            .finish_non_exhaustive()
    }
}

/// One for each route.
fn decrypters(
    backend: &Backend,
    keys: impl IntoIterator<Item = DecryptionKey>,
    accepted_enc: &[Enc],
    routes: &FieldRoutes,
    options: &DecryptionOptions,
) -> Result<Arc<[FieldDecrypter]>, DecryptionSetupError> {
    let keys: Vec<DecryptionKey> = keys.into_iter().collect();
    if keys.iter().any(|key| key.kid().is_none()) {
        return Err(DecryptionSetupError::KeyWithoutKid);
    }
    let decrypter = Decrypter::new(backend, keys, accepted_enc)
        .map_err(|error| DecryptionSetupError::Settings(error.into()))?
        .with_limits(options.token_limits())
        .require_kid();
    routes
        .iter()
        .map(|(_, route)| {
            let settings = DecryptOptions::new()
                .with_missing(route.missing())
                .with_encoding(route.encoding())
                .with_limits(options.document_limits());
            FieldDecrypter::new(decrypter.clone(), route.selectors().iter().cloned(), settings)
                .map_err(DecryptionSetupError::Settings)
        })
        .collect()
}
