//! Requests on their way to the upstream, and its answers on their way back.

use std::error::Error;
use std::fmt::Write;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, EXPECT, FORWARDED, HOST, VIA};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri, request};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use jwe_core::Backend;
use rustls::ClientConfig;
use tokio::time::{Instant, sleep, sleep_until};

use super::BoxError;
use super::config::{ForwardedHeaders, HostHeader, UpstreamConfig, UpstreamUrl};
use super::connector::Connector;
use super::hop_by_hop;
use super::request_id;
use super::timed_body::{BodyEnd, Ended};
use crate::Problem;

/// The body of a request to the upstream.
pub(super) type UpstreamBody = UnsyncBoxBody<Bytes, BoxError>;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// How long a connection to the upstream is kept without a request. Services close theirs after five
/// seconds or more; a request on one that is being closed is lost.
const IDLE: Duration = Duration::from_secs(4);

/// The client of a request, as far as the upstream is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClientSide {
    pub(super) address: IpAddr,
    pub(super) tls: bool,
}

/// The way to one upstream.
pub(super) struct ReverseProxy {
    client: Client<Connector, UpstreamBody>,
    upstream: UpstreamUrl,
    host: HostHeader,
    forwarded: ForwardedHeaders,
    response_time: Duration,
    /// By which requests that come back are known.
    pseudonym: String,
}

impl ReverseProxy {
    /// `tls` is for an https upstream; `defaults` are for what the configuration leaves open.
    pub(super) fn new(
        config: &UpstreamConfig,
        defaults: (HostHeader, ForwardedHeaders),
        tls: Option<ClientConfig>,
        backend: &Backend,
    ) -> Self {
        let connector = Connector::new(tls, config.connect_seconds.0);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .set_host(false)
            .build(connector);
        let mut bytes = [0; 6];
        let mut pseudonym = "jwe-".to_owned();
        // Without random bytes loops end at the limit of requests.
        if backend.random().fill(&mut bytes).is_ok() {
            for byte in bytes {
                let _ = write!(pseudonym, "{byte:02x}");
            }
        }
        Self {
            client,
            upstream: config.url.clone(),
            host: config.host.unwrap_or(defaults.0),
            forwarded: config.forwarded.unwrap_or(defaults.1),
            response_time: config.response_seconds.0,
            pseudonym,
        }
    }

    /// The head of the request to the upstream: method, path, query and headers are kept, except for
    /// what is between two neighbours, and what frames the body, which is framed anew.
    pub(super) fn head(
        &self,
        head: &request::Parts,
        client: ClientSide,
        id: &HeaderValue,
    ) -> Result<request::Parts, Problem> {
        let bad_target = || {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "request_target",
                "the request names no path: send one that starts with a slash",
            )
        };
        let path = head.uri.path_and_query().cloned().ok_or_else(bad_target)?;
        let uri = Uri::builder()
            .scheme(self.upstream.scheme.clone())
            .authority(self.upstream.authority.clone())
            .path_and_query(path)
            .build()
            .map_err(|_| bad_target())?;
        let mut headers = head.headers.clone();
        if self.has_passed(&headers) {
            return Err(Problem::new(
                StatusCode::LOOP_DETECTED,
                "loop_detected",
                "the request has been here before: the upstream must not send it back",
            ));
        }
        hop_by_hop::remove(&mut headers);
        headers.remove(CONTENT_LENGTH);
        headers.remove(EXPECT);
        let upstream_host = HeaderValue::try_from(self.upstream.authority.as_str()).ok();
        // The target counts more than the header (RFC 9112 §3.2.2, RFC 9113 §8.3.1).
        let client_host = match head.uri.authority() {
            Some(authority) => HeaderValue::try_from(authority.as_str()).ok(),
            None => head.headers.get(HOST).cloned(),
        };
        let host = match self.host {
            HostHeader::Keep => client_host.clone().or(upstream_host),
            HostHeader::Upstream => upstream_host,
        };
        match host {
            Some(host) => headers.insert(HOST, host),
            None => return Err(bad_target()),
        };
        self.tell_of(client, client_host, &head.headers, &mut headers);
        headers.insert(request_id::HEADER, id.clone());
        if let Ok(via) = HeaderValue::try_from(format!("1.1 {}", self.pseudonym)) {
            headers.append(VIA, via);
        }
        let mut request = Request::new(());
        *request.method_mut() = head.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request.into_parts().0)
    }

    fn has_passed(&self, headers: &HeaderMap) -> bool {
        headers.get_all(VIA).iter().any(|via| {
            via.as_bytes()
                .windows(self.pseudonym.len())
                .any(|part| part == self.pseudonym.as_bytes())
        })
    }

    /// Says who the client is, in headers that no client can then have set itself. They are taken from
    /// those that came, as `Connection` must not be able to remove them.
    fn tell_of(
        &self,
        client: ClientSide,
        host: Option<HeaderValue>,
        came: &HeaderMap,
        headers: &mut HeaderMap,
    ) {
        for name in [X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO, FORWARDED, X_REAL_IP] {
            headers.remove(&name);
            if self.forwarded == ForwardedHeaders::Append {
                came.get_all(&name).iter().for_each(|value| {
                    headers.append(&name, value.clone());
                });
            }
        }
        if self.forwarded == ForwardedHeaders::Remove {
            return;
        }
        if let Ok(address) = HeaderValue::try_from(client.address.to_string()) {
            headers.append(X_FORWARDED_FOR, address);
        }
        let proto = HeaderValue::from_static(if client.tls { "https" } else { "http" });
        headers.entry(X_FORWARDED_PROTO).or_insert(proto);
        if let Some(host) = host {
            headers.entry(X_FORWARDED_HOST).or_insert(host);
        }
    }

    /// Sends a request and waits for the head of the answer. `end` is that of its body if it is
    /// streamed, whose time is its own.
    pub(super) async fn send(
        &self,
        head: request::Parts,
        body: UpstreamBody,
        end: Option<&BodyEnd>,
        until: Instant,
    ) -> Result<Response<Incoming>, Problem> {
        let answer = self.client.request(Request::from_parts(head, body));
        let no_answer = async {
            if let Some(end) = end {
                end.ended().await;
            }
            sleep(self.response_time).await;
        };
        let outcome = tokio::select! {
            outcome = answer => outcome,
            () = no_answer => return Err(timed_out()),
            () = sleep_until(until) => return Err(timed_out()),
        };
        match outcome {
            Ok(answer) if answer.status() == StatusCode::SWITCHING_PROTOCOLS => Err(failed()),
            Ok(mut answer) => {
                hop_by_hop::remove(answer.headers_mut());
                Ok(answer)
            }
            Err(error) => Err(match end.map(BodyEnd::how) {
                Some(Ended::TimedOut) => body_timed_out(),
                Some(Ended::Broken) => body_broken(),
                _ => {
                    tracing::debug!(error = &error as &dyn Error, "the upstream failed");
                    let slow = is_timeout(&error);
                    if !error.is_connect() {
                        failed()
                    } else if slow {
                        timed_out()
                    } else {
                        unreachable_upstream()
                    }
                }
            }),
        }
    }
}

/// Whether a time was over, somewhere in the chain of errors.
fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    let mut error = Some(error);
    while let Some(one) = error {
        let io = one.downcast_ref::<io::Error>();
        if io.is_some_and(|io| io.kind() == io::ErrorKind::TimedOut) {
            return true;
        }
        error = one.source();
    }
    false
}

fn timed_out() -> Problem {
    Problem::new(
        StatusCode::GATEWAY_TIMEOUT,
        "upstream_timeout",
        "the service did not answer in time: try again later",
    )
}

fn failed() -> Problem {
    Problem::new(
        StatusCode::BAD_GATEWAY,
        "upstream_failed",
        "the service broke off before it answered: whether it did what was asked is not known",
    )
}

fn unreachable_upstream() -> Problem {
    Problem::new(
        StatusCode::BAD_GATEWAY,
        "upstream_unreachable",
        "the service can't be reached: try again later",
    )
}

/// The body of a request came too slowly.
pub(super) fn body_timed_out() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "body_timeout",
        "the body took too long to arrive: send it faster",
    )
}

fn body_broken() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "body_incomplete",
        "the body is not as long as announced, or its transfer broke off: send it again",
    )
}
