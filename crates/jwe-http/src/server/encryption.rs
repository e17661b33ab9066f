//! Requests whose fields are encrypted on their way to the upstream.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Response, request};
use http_body::Body;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use jwe_fields::EncryptOptions;
use tokio::time::Instant;

use super::app::{AnyBody, full};
use super::reverse_proxy::ReverseProxy;
use crate::client::{FieldEncryption, KeySource};
use crate::field_decryption::body_reader;
use crate::{DecryptionOptions, FieldRoutes, Problem, RouteId};

/// The longest answer that is looked at for a key that the upstream no longer has, in bytes.
const MAX_PROBLEM_LEN: u64 = 64 * 1024;

/// Encrypts with the key that is published now.
pub(super) struct Encryption {
    fields: FieldEncryption,
    routes: FieldRoutes,
    limits: DecryptionOptions,
}

impl Encryption {
    pub(super) fn new(source: KeySource, routes: FieldRoutes, limits: DecryptionOptions) -> Self {
        let workers = limits.workers().clone();
        let options = EncryptOptions::new().with_limits(limits.document_limits());
        let fields = FieldEncryption::with(source, routes.clone(), options, workers);
        Self { fields, routes, limits }
    }

    pub(super) fn routes(&self) -> &FieldRoutes {
        &self.routes
    }

    /// The route of a request; `None` if none of its fields are to be encrypted.
    pub(super) fn route_of(&self, head: &request::Parts) -> Result<Option<RouteId>, Problem> {
        self.fields.route_of(&head.method, &head.uri, &head.headers)
    }

    /// Reads the body of a request, which has to be JSON.
    pub(super) async fn read<B: Body>(
        &self,
        headers: &HeaderMap,
        body: B,
    ) -> Result<Bytes, Problem> {
        self.fields.check(headers)?;
        body_reader::read(headers, body, &self.limits).await.map(Bytes::from_owner)
    }

    /// Encrypts the fields and sends the request; once more with another key if the upstream says that it
    /// does not have this one. Also returns whether it was the upstream that failed.
    pub(super) async fn send(
        &self,
        route: RouteId,
        head: request::Parts,
        clear: Bytes,
        proxy: &ReverseProxy,
        until: Instant,
    ) -> (Result<Response<AnyBody>, Problem>, bool) {
        let source = self.fields.source();
        let key = match source.current().await {
            Ok(key) => key,
            Err(error) => return (Err(error.into()), false),
        };
        let encrypted = match self.fields.encrypt_with(&key, route, clear.clone()).await {
            Ok(encrypted) => encrypted,
            Err(problem) => return (Err(problem), false),
        };
        let answer = match proxy.send(head.clone(), full(encrypted), None, until).await {
            Ok(answer) => answer,
            Err(problem) => return (Err(problem), true),
        };
        let answer = match unknown_kid(answer).await {
            Ok(answer) => return (Ok(answer), false),
            Err(answer) => answer,
        };
        // Its own limit sees to it that an upstream that always says so does not have it fetched each time.
        let other = match source.unknown_kid(key.kid()).await {
            Ok(other) if other.kid() != key.kid() => other,
            _ => return (Ok(answer), false),
        };
        tracing::info!(kid = other.kid(), "the upstream has another key now");
        let encrypted = match self.fields.encrypt_with(&other, route, clear).await {
            Ok(encrypted) => encrypted,
            Err(problem) => return (Err(problem), false),
        };
        match proxy.send(head, full(encrypted), None, until).await {
            Ok(answer) => (Ok(answer.map(|body| body.map_err(Into::into).boxed_unsync())), false),
            Err(problem) => (Err(problem), true),
        }
    }
}

/// The answer, as `Err` if it says that the upstream does not have the key.
async fn unknown_kid(answer: Response<Incoming>) -> Result<Response<AnyBody>, Response<AnyBody>> {
    let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
    let is_problem = header(CONTENT_TYPE).is_some_and(|kind| kind.starts_with(Problem::MEDIA_TYPE));
    let len = header(CONTENT_LENGTH).and_then(|len| len.parse::<u64>().ok());
    let is_short = len.is_some_and(|len| len <= MAX_PROBLEM_LEN);
    if !answer.status().is_client_error() || !is_problem || !is_short {
        return Ok(answer.map(|body| body.map_err(Into::into).boxed_unsync()));
    }
    let (head, body) = answer.into_parts();
    let Ok(body) = body.collect().await else {
        // Its client sees that it broke off: it is shorter than it says.
        return Ok(Response::from_parts(head, full(Bytes::new())));
    };
    let body = body.to_bytes();
    let problem: Option<serde_json::Value> = serde_json::from_slice(&body).ok();
    let code = problem.as_ref().and_then(|problem| problem.get("code")?.as_str());
    let unknown = code == Some("unknown_kid");
    let answer = Response::from_parts(head, full(body));
    if unknown { Err(answer) } else { Ok(answer) }
}
