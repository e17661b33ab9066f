//! One line of the log for each request, when the last byte of its answer is gone. No header, no body
//! and no query is in it, and of a path that has a route the template only: ids may be in a path.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, request};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep_until};

use super::BoxError;
use super::connection::AtWork;
use super::listener::Peer;
use super::metrics::Metrics;

/// The longest path that is written to the log, in bytes.
const MAX_PATH_LEN: usize = 256;

/// What the log is going to say of a request.
pub(super) struct Record {
    metrics: Arc<Metrics>,
    id: String,
    method: Method,
    path: String,
    peer: Peer,
    started: Instant,
    route: String,
    caller: Option<String>,
    status: Option<StatusCode>,
    code: Option<&'static str>,
    bytes: u64,
    complete: bool,
    _work: AtWork,
}

impl Record {
    pub(super) fn new(
        metrics: Arc<Metrics>,
        id: &HeaderValue,
        head: &request::Parts,
        peer: Peer,
        started: Instant,
        work: AtWork,
    ) -> Self {
        metrics.in_flight.inc();
        let mut path = head.uri.path().to_owned();
        if path.len() > MAX_PATH_LEN {
            path.truncate(path.floor_char_boundary(MAX_PATH_LEN));
            path.push('…');
        }
        Self {
            metrics,
            id: id.to_str().unwrap_or_default().to_owned(),
            method: head.method.clone(),
            path,
            peer,
            started,
            route: String::new(),
            caller: None,
            status: None,
            code: None,
            bytes: 0,
            complete: false,
            _work: work,
        }
    }

    /// The head of the answer is there.
    pub(super) fn answered(
        &mut self,
        status: StatusCode,
        route: &str,
        caller: Option<String>,
        code: Option<&'static str>,
        upstream_failed: bool,
    ) {
        self.status = Some(status);
        route.clone_into(&mut self.route);
        self.caller = caller;
        self.code = code;
        match code {
            Some(code) if upstream_failed => self.metrics.upstream_failed(code),
            Some(code) => self.metrics.refused(code),
            None => {}
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let time = self.started.elapsed();
        self.metrics.in_flight.dec();
        // The client went away before there was an answer; 499 is what others call that.
        let status = self.status.map_or(499, |status| status.as_u16());
        let route = if self.route.is_empty() { "other" } else { &self.route };
        self.metrics.answered(route, status, time);
        let path = if self.route == "other" { self.path.as_str() } else { route };
        tracing::info!(
            target: "jwe_http::access",
            id = %self.id,
            client = %self.peer.address.ip(),
            caller = self.caller.as_deref(),
            method = %self.method,
            path = ?path,
            status,
            bytes = self.bytes,
            milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
            refused = self.code,
            complete = self.complete,
            "request"
        );
    }
}

pin_project! {
    /// The body of an answer, which is counted, and whose parts have to come in time.
    pub(super) struct RecordedBody<B> {
        #[pin]
        inner: B,
        record: Record,
        // Held for as long as the request is at work.
        permit: Option<OwnedSemaphorePermit>,
        idle: Duration,
        until: Instant,
        sleep: Option<Pin<Box<Sleep>>>,
        waiting: bool,
    }
}

impl<B: Body> RecordedBody<B> {
    pub(super) fn new(
        inner: B,
        mut record: Record,
        permit: Option<OwnedSemaphorePermit>,
        idle: Duration,
        until: Instant,
    ) -> Self {
        record.complete = inner.is_end_stream();
        Self { inner, record, permit, idle, until, sleep: None, waiting: false }
    }
}

impl<B> Body for RecordedBody<B>
where
    B: Body<Data = Bytes, Error = BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.project();
        let mut inner = this.inner;
        loop {
            match inner.as_mut().poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    *this.waiting = false;
                    // Trailers are between neighbours.
                    let Some(data) = frame.data_ref() else { continue };
                    let len = u64::try_from(data.len()).unwrap_or(u64::MAX);
                    this.record.bytes = this.record.bytes.saturating_add(len);
                    this.record.complete = inner.is_end_stream();
                    return Poll::Ready(Some(Ok(frame)));
                }
                Poll::Ready(None) => {
                    this.record.complete = true;
                    return Poll::Ready(None);
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Pending => {}
            }
            if !*this.waiting {
                *this.waiting = true;
                let deadline = (Instant::now() + *this.idle).min(*this.until);
                match this.sleep {
                    Some(sleep) => sleep.as_mut().reset(deadline),
                    None => *this.sleep = Some(Box::pin(sleep_until(deadline))),
                }
            }
            if let Some(sleep) = this.sleep {
                ready!(sleep.as_mut().poll(context));
            }
            return Poll::Ready(Some(Err("the answer of the service took too long".into())));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
