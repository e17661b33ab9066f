//! The tower layer.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::future::{Future, Ready, ready};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRAILER, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::FieldDecryption;
use super::either_body::EitherBody;
use crate::field_routes::RouteId;
use crate::problem::Problem;

/// Decrypts the fields of requests before the service that it is around.
///
/// A request without a route passes with its own body, which is not read. Of one that has a route, the
/// service gets the document with its fields in clear, of known length, and without the headers that
/// described the body that it replaces. A refused one is answered with the [`Problem`], and the service never
/// sees it.
///
/// The document in clear is wiped when its last reader is gone. What the service copies of it, it has to wipe
/// itself.
///
/// It goes around the whole of the service: routes are compared with the path that the client sent. With the
/// feature `axum` that holds within a nested router too.
///
/// ```
/// use axum::{Router, routing::post};
/// use jwe_aws_lc_rs::AWS_LC_RS;
/// use jwe_core::{Alg, DecryptionKey, Enc, Jwk, KeyOptions};
/// use jwe_http::{DecryptFieldsLayer, DecryptionOptions, FieldDecryption, FieldRoute, FieldRoutes};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let jwk = Jwk::generate_rsa(&AWS_LC_RS, 2048)?.with_alg(Alg::RsaOaep256).with_kid("2026-11")?;
/// let key = DecryptionKey::import(&AWS_LC_RS, &jwk, &KeyOptions::new())?;
/// let fields = ["/login".parse()?, "/password".parse()?];
/// let route = FieldRoute::new([http::Method::POST], "/users/{id}/connections", fields)?;
/// let decryption = FieldDecryption::new(
///     &AWS_LC_RS,
///     [key],
///     &[Enc::A256Gcm],
///     FieldRoutes::new().with(route)?,
///     DecryptionOptions::new(),
/// )?;
/// let service: Router = Router::new()
///     .route("/users/{id}/connections", post(async |clear: String| println!("{} bytes", clear.len())))
///     .layer(DecryptFieldsLayer::new(decryption));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DecryptFieldsLayer {
    decryption: FieldDecryption,
}

impl DecryptFieldsLayer {
    /// A layer that decrypts with this.
    #[must_use]
    pub fn new(decryption: FieldDecryption) -> Self {
        Self { decryption }
    }
}

impl<S> Layer<S> for DecryptFieldsLayer {
    type Service = DecryptFields<S>;

    fn layer(&self, inner: S) -> DecryptFields<S> {
        DecryptFields { decryption: self.decryption.clone(), inner }
    }
}

/// The service of [`DecryptFieldsLayer`].
#[derive(Clone)]
pub struct DecryptFields<S> {
    decryption: FieldDecryption,
    inner: S,
}

impl<S> fmt::Debug for DecryptFields<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptFields")
            .field("decryption", &self.decryption)
            .finish_non_exhaustive()
    }
}

impl<S, B, R> Service<Request<B>> for DecryptFields<S>
where
    S: Service<Request<EitherBody<B>>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    R: 'static,
{
    type Response = Response<EitherBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, R, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (parts, body) = request.into_parts();
        let kind = match route_of(&self.decryption, &parts) {
            Ok(None) => {
                let request = Request::from_parts(parts, EitherBody::passed(body));
                Kind::Passed { future: self.inner.call(request) }
            }
            Ok(Some(route)) => {
                // The one that is ready is the one that is called.
                let clone = self.inner.clone();
                let inner = core::mem::replace(&mut self.inner, clone);
                let decryption = self.decryption.clone();
                Kind::Decrypted {
                    future: Box::pin(decrypted(decryption, inner, route, parts, body)),
                }
            }
            Err(problem) => Kind::Refused { future: ready(refused(problem)) },
        };
        ResponseFuture { kind }
    }
}

/// The route of the request as the client sent it.
pub(super) fn route_of(
    decryption: &FieldDecryption,
    parts: &Parts,
) -> Result<Option<RouteId>, Problem> {
    // What is nested in a router of axum gets the rest of the path only.
    #[cfg(feature = "axum")]
    let uri = parts.extensions.get().map_or(&parts.uri, |axum::extract::OriginalUri(uri)| uri);
    #[cfg(not(feature = "axum"))]
    let uri = &parts.uri;
    decryption.route_of(&parts.method, uri, &parts.headers)
}

async fn decrypted<S, B, R>(
    decryption: FieldDecryption,
    mut inner: S,
    route: RouteId,
    mut parts: Parts,
    body: B,
) -> Result<Response<EitherBody<R>>, S::Error>
where
    S: Service<Request<EitherBody<B>>, Response = Response<R>>,
    B: Body<Data = Bytes>,
{
    match decryption.decrypt(route, &parts.headers, body).await {
        Ok(clear) => {
            describe(&mut parts, &clear);
            let request = Request::from_parts(parts, EitherBody::replaced(clear));
            inner.call(request).await.map(|response| response.map(EitherBody::passed))
        }
        Err(problem) => Ok(refused_response(problem)),
    }
}

/// Headers that described the body as it was.
const DESCRIBING: [HeaderName; 6] = [
    TRANSFER_ENCODING,
    TRAILER,
    HeaderName::from_static("content-md5"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("repr-digest"),
];

/// Has the headers describe the body in clear (RFC 9110 §8.6, RFC 9530).
pub(crate) fn describe(parts: &mut Parts, clear: &Bytes) {
    for name in &DESCRIBING {
        parts.headers.remove(name);
    }
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(clear.len()));
}

fn refused_response<R>(problem: Problem) -> Response<EitherBody<R>> {
    problem.into_response().map(EitherBody::replaced)
}

fn refused<R, E>(problem: Problem) -> Result<Response<EitherBody<R>>, E> {
    Ok(refused_response(problem))
}

type Answer<R, E> = Result<Response<EitherBody<R>>, E>;

pin_project_lite::pin_project! {
    /// The response of [`DecryptFields`].
    pub struct ResponseFuture<F, R, E> {
        #[pin]
        kind: Kind<F, R, E>,
    }
}

pin_project_lite::pin_project! {
    #[project = KindProjection]
    enum Kind<F, R, E> {
        Passed { #[pin] future: F },
        Decrypted { future: Pin<Box<dyn Future<Output = Answer<R, E>> + Send>> },
        Refused { #[pin] future: Ready<Answer<R, E>> },
    }
}

impl<F, R, E> Future for ResponseFuture<F, R, E>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Answer<R, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Passed { future } => {
                future.poll(context).map_ok(|response| response.map(EitherBody::passed))
            }
            KindProjection::Decrypted { future } => future.as_mut().poll(context),
            KindProjection::Refused { future } => future.poll(context),
        }
    }
}

impl<F, R, E> fmt::Debug for ResponseFuture<F, R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
