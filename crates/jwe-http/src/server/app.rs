//! One request, from its head to the last byte of its answer.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HOST, TRANSFER_ENCODING, UPGRADE,
    WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version, request};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use jwe_core::Backend;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use tower_service::Service;

use super::BoxError;
use super::access_log::{Record, RecordedBody};
use super::callers::{Caller, Callers};
use super::config::{EndpointsConfig, LimitsConfig, MetricsAccess};
use super::connection::AtWork;
use super::encryption::Encryption;
use super::listener::Peer;
use super::metrics::{self, Metrics};
use super::request_id;
use super::reverse_proxy::{ClientSide, ReverseProxy, body_timed_out};
use super::timed_body::{Ended, TimedBody};
use crate::field_decryption::describe;
use crate::{FieldDecryption, FieldRoutes, Problem, ProblemCode, PublishedKeys, RouteId};

/// The body of an answer.
pub(super) type ResponseBody = RecordedBody<AnyBody>;

/// A body of any kind.
pub(super) type AnyBody = UnsyncBoxBody<Bytes, BoxError>;

/// The keys that are published now.
pub(super) type Published = Arc<RwLock<Arc<PublishedKeys>>>;

/// What is done with a request that is not for the server itself.
pub(super) enum Work {
    /// Its fields are decrypted.
    Decrypt { decryption: FieldDecryption, proxy: ReverseProxy },
    /// They are encrypted.
    Encrypt { encryption: Encryption, proxy: ReverseProxy },
    /// It is answered here.
    Sandbox { router: Router },
}

/// All that answers requests.
pub(super) struct App {
    pub(super) work: Work,
    pub(super) published: Option<Published>,
    pub(super) callers: Callers,
    pub(super) endpoints: EndpointsConfig,
    pub(super) metrics: Arc<Metrics>,
    pub(super) backend: &'static Backend,
    pub(super) permits: Arc<Semaphore>,
    pub(super) times: BodyTimes,
    pub(super) stopping: AtomicBool,
}

/// How long bodies may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct BodyTimes {
    idle: Duration,
    buffered: Duration,
    /// For the upstream's answer to stand still.
    answer_idle: Duration,
    request: Duration,
    max_len: usize,
}

impl BodyTimes {
    pub(super) fn new(limits: &LimitsConfig, answer_idle: Duration) -> Self {
        Self {
            idle: limits.body_idle_seconds.0,
            buffered: limits.body_seconds.0,
            answer_idle,
            request: limits.request_seconds.0,
            max_len: usize::try_from(limits.body_bytes.get()).unwrap_or(usize::MAX),
        }
    }
}

/// What is known of a request when it is answered, beside the answer.
struct Seen {
    /// The template of its route, or one of few names.
    route: String,
    caller: Option<String>,
    upstream_failed: bool,
    permit: Option<OwnedSemaphorePermit>,
}

impl App {
    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// From now on each answer is the last of its connection.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Answers a request. `work` lives as long as the answer.
    pub(super) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: Peer,
        work: AtWork,
    ) -> Response<ResponseBody> {
        let started = Instant::now();
        let id = request_id::of(request.headers(), self.backend);
        let (head, body) = request.into_parts();
        let mut record = Record::new(Arc::clone(&self.metrics), &id, &head, peer, started, work);
        let mut seen =
            Seen { route: "other".to_owned(), caller: None, upstream_failed: false, permit: None };
        let last = head.version < Version::HTTP_2;
        let outcome = self.respond(head, body, peer, &id, started, &mut seen).await;
        let mut answer = outcome.unwrap_or_else(|problem| whole(problem.into_response()));
        let headers = answer.headers_mut();
        headers.insert(request_id::HEADER, id);
        if last && self.stopping.load(Ordering::Relaxed) {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let code = answer.extensions().get::<ProblemCode>().map(|code| code.0);
        record.answered(answer.status(), &seen.route, seen.caller, code, seen.upstream_failed);
        let until = started + self.times.request;
        answer
            .map(|body| RecordedBody::new(body, record, seen.permit, self.times.answer_idle, until))
    }

    async fn respond(
        &self,
        head: request::Parts,
        body: Incoming,
        peer: Peer,
        id: &HeaderValue,
        started: Instant,
        seen: &mut Seen,
    ) -> Result<Response<AnyBody>, Problem> {
        check(&head)?;
        let path = head.uri.path();
        if !self.endpoints.health.is_empty() && path == self.endpoints.health {
            seen.route.clone_from(&self.endpoints.health);
            return Ok(own(&head, "text/plain; charset=utf-8", || "ok\n".to_owned()));
        }
        if let Some(answer) = self.key(&head) {
            path.clone_into(&mut seen.route);
            return Ok(whole(answer));
        }
        let caller = self.callers.identify(&head.headers, peer.certificate);
        seen.caller = caller.map(|caller| caller.name().to_owned());
        if !self.endpoints.metrics.is_empty() && path == self.endpoints.metrics {
            seen.route.clone_from(&self.endpoints.metrics);
            if self.endpoints.metrics_for == MetricsAccess::Callers && caller.is_none() {
                return Ok(self.who_is_it());
            }
            return Ok(own(&head, metrics::MEDIA_TYPE, || self.metrics.text()));
        }
        let Some(caller) = caller else { return Ok(self.who_is_it()) };
        let permit = Arc::clone(&self.permits).try_acquire_owned();
        seen.permit = Some(permit.map_err(|_| {
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "too_many_requests",
                "more requests are at work than may be: try again later",
            )
            .with_retry_after(Duration::from_secs(1))
        })?);
        let client = ClientSide { address: peer.address.ip(), tls: peer.tls };
        let context = Context { caller, client, id, started };
        match &self.work {
            Work::Decrypt { decryption, proxy } => {
                self.decrypt(head, body, context, (decryption, proxy), seen).await
            }
            Work::Encrypt { encryption, proxy } => {
                self.encrypt(head, body, context, (encryption, proxy), seen).await
            }
            Work::Sandbox { router } => {
                "sandbox".clone_into(&mut seen.route);
                self.sandbox(head, body, router).await
            }
        }
    }

    /// The published keys, for everybody.
    fn key(&self, head: &request::Parts) -> Option<Response<Bytes>> {
        let published = self.published.as_ref()?;
        let current = || Arc::clone(&published.read().unwrap_or_else(PoisonError::into_inner));
        match head.uri.path() {
            "/publickey" => Some(current().current().respond(&head.method, &head.headers)),
            "/.well-known/jwks.json" => Some(current().set().respond(&head.method, &head.headers)),
            _ => None,
        }
    }

    fn who_is_it(&self) -> Response<AnyBody> {
        let problem = Problem::new(
            StatusCode::UNAUTHORIZED,
            "caller_unknown",
            "the request does not say who sends it: add a token or a certificate that the server knows",
        );
        let mut answer = problem.into_response();
        let challenge = HeaderValue::from_static(self.callers.challenge());
        answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        whole(answer)
    }

    async fn decrypt(
        &self,
        head: request::Parts,
        body: Incoming,
        context: Context<'_>,
        (decryption, proxy): (&FieldDecryption, &ReverseProxy),
        seen: &mut Seen,
    ) -> Result<Response<AnyBody>, Problem> {
        let route = decryption.route_of(&head.method, &head.uri, &head.headers)?;
        let Some(route) = route else {
            return self.stream(&head, body, context, proxy, seen).await;
        };
        seen.route = template(decryption.routes(), route);
        let mut upstream_head = self.upstream_head(&head, context, proxy)?;
        let body = self.timed(body);
        let clear = decryption.decrypt(route, &head.headers, body.0).await;
        let clear = clear.map_err(|problem| in_time(problem, body.1.how()))?;
        describe(&mut upstream_head, &clear);
        let until = context.started + self.times.request;
        let answer = proxy.send(upstream_head, full(clear), None, until).await;
        seen.upstream_failed = answer.is_err();
        Ok(answer?.map(|body| body.map_err(Into::into).boxed_unsync()))
    }

    async fn encrypt(
        &self,
        head: request::Parts,
        body: Incoming,
        context: Context<'_>,
        (encryption, proxy): (&Encryption, &ReverseProxy),
        seen: &mut Seen,
    ) -> Result<Response<AnyBody>, Problem> {
        let route = encryption.route_of(&head)?;
        let Some(route) = route else {
            return self.stream(&head, body, context, proxy, seen).await;
        };
        seen.route = template(encryption.routes(), route);
        let upstream_head = self.upstream_head(&head, context, proxy)?;
        let (body, end) = self.timed(body);
        let clear = encryption.read(&head.headers, body).await;
        let clear = clear.map_err(|problem| in_time(problem, end.how()))?;
        let until = context.started + self.times.request;
        let sent = encryption.send(route, upstream_head, clear, proxy, until).await;
        let (answer, upstream_failed) = sent;
        seen.upstream_failed = upstream_failed;
        answer
    }

    /// Hands a request on whose body is nobody's business here.
    async fn stream(
        &self,
        head: &request::Parts,
        body: Incoming,
        context: Context<'_>,
        proxy: &ReverseProxy,
        seen: &mut Seen,
    ) -> Result<Response<AnyBody>, Problem> {
        let upstream_head = self.upstream_head(head, context, proxy)?;
        let until = context.started + self.times.request;
        let (body, end) = TimedBody::new(body, self.times.idle, until);
        let answer = proxy.send(upstream_head, body.boxed_unsync(), Some(&end), until).await;
        seen.upstream_failed =
            answer.as_ref().is_err_and(|problem| problem.status().is_server_error());
        Ok(answer?.map(|body| body.map_err(Into::into).boxed_unsync()))
    }

    async fn sandbox(
        &self,
        head: request::Parts,
        body: Incoming,
        router: &Router,
    ) -> Result<Response<AnyBody>, Problem> {
        let (body, end) = self.timed(body);
        let limited = Limited::new(body, self.times.max_len);
        let request = Request::from_parts(head, axum::body::Body::new(limited));
        let mut router = router.clone();
        let until = Instant::now() + self.times.request;
        let answer: Result<Response<axum::body::Body>, Infallible> =
            match timeout_at(until, router.call(request)).await {
                Ok(answer) => answer,
                Err(_) => return Err(body_timed_out()),
            };
        if end.how() == Ended::TimedOut {
            return Err(body_timed_out());
        }
        match answer {
            Ok(answer) => Ok(answer.map(|body| body.map_err(Into::into).boxed_unsync())),
            Err(never) => match never {},
        }
    }

    fn upstream_head(
        &self,
        head: &request::Parts,
        context: Context<'_>,
        proxy: &ReverseProxy,
    ) -> Result<request::Parts, Problem> {
        let mut head = proxy.head(head, context.client, context.id)?;
        if matches!(context.caller, Caller::Token(_) | Caller::Certificate) {
            self.callers.remove_token(&mut head.headers);
        }
        Ok(head)
    }

    /// A body that is going to be held in memory.
    fn timed(&self, body: Incoming) -> (TimedBody<Incoming>, Arc<super::timed_body::BodyEnd>) {
        TimedBody::new(body, self.times.idle, Instant::now() + self.times.buffered)
    }
}

/// Who sends a request, and since when.
#[derive(Clone, Copy)]
struct Context<'a> {
    caller: Caller<'a>,
    client: ClientSide,
    id: &'a HeaderValue,
    started: Instant,
}

fn template(routes: &FieldRoutes, route: RouteId) -> String {
    routes.get(route).map_or_else(|| "other".to_owned(), |route| route.template().to_owned())
}

/// What a body that was too slow is refused for, whatever its reader makes of that.
fn in_time(problem: Problem, end: Ended) -> Problem {
    if end == Ended::TimedOut { body_timed_out() } else { problem }
}

pub(super) fn full(bytes: Bytes) -> AnyBody {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

pub(super) fn whole(answer: Response<Bytes>) -> Response<AnyBody> {
    answer.map(full)
}

/// An answer of the server's own.
fn own(
    head: &request::Parts,
    media_type: &'static str,
    text: impl FnOnce() -> String,
) -> Response<AnyBody> {
    if head.method != Method::GET && head.method != Method::HEAD {
        let problem = Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "this can only be read: send GET",
        );
        let mut answer = problem.into_response();
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return whole(answer);
    }
    let mut answer = Response::new(full(Bytes::from(text())));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Whether the head says one thing only, and nothing that is not done here.
fn check(head: &request::Parts) -> Result<(), Problem> {
    if head.method == Method::CONNECT {
        return Err(Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "connect_unsupported",
            "this is no proxy for connections: send the request itself",
        ));
    }
    if head.headers.contains_key(UPGRADE) {
        return Err(Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "upgrade_unsupported",
            "the protocol is not changed here: send the request without Upgrade",
        ));
    }
    let codings = head.headers.get_all(TRANSFER_ENCODING);
    if codings.iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked")) {
        // The body would be handed on in a coding that nothing tells of any more (RFC 9112 §6.1).
        return Err(Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "transfer_coding_unsupported",
            "the body is in a transfer coding that is not undone here: send it with no other than chunked",
        ));
    }
    check_host(&head.headers, head)
}

/// Exactly one host (RFC 9112 §3.2).
fn check_host(headers: &HeaderMap, head: &request::Parts) -> Result<(), Problem> {
    let mut hosts = headers.get_all(HOST).iter();
    let first = hosts.next();
    let several = hosts.next().is_some();
    let needed = head.version == Version::HTTP_11 && first.is_none();
    // With HTTP/2 it may be in the header as well, and must then be the same (RFC 9113 §8.3.1).
    let differs = head.version == Version::HTTP_2
        && head.uri.authority().zip(first).is_some_and(|(authority, host)| {
            !authority.as_str().as_bytes().eq_ignore_ascii_case(host.as_bytes())
        });
    if several || needed || differs {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "host",
            "the request does not name one host: send one header Host",
        ));
    }
    Ok(())
}
