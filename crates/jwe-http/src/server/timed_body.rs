//! A body that is streamed, with a time for each part and for the whole.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep_until};

use super::BoxError;

/// How the body of a request has ended, known beside it too.
#[derive(Debug, Default)]
pub(super) struct BodyEnd {
    how: AtomicU8,
    ended: Notify,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Ended {
    NotYet,
    Whole,
    /// Too slow.
    TimedOut,
    /// The client went away, or sent what is no body.
    Broken,
    /// Nobody wants the rest.
    Dropped,
}

impl BodyEnd {
    /// How it has ended.
    pub(super) fn how(&self) -> Ended {
        match self.how.load(Ordering::Acquire) {
            0 => Ended::NotYet,
            1 => Ended::Whole,
            2 => Ended::TimedOut,
            3 => Ended::Broken,
            _ => Ended::Dropped,
        }
    }

    fn set(&self, how: Ended) {
        // The first end is the one that counts.
        let first =
            self.how.compare_exchange(0, how as u8, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if first {
            self.ended.notify_one();
        }
    }

    /// Waits until it has.
    pub(super) async fn ended(&self) {
        if self.how() == Ended::NotYet {
            self.ended.notified().await;
        }
    }
}

pin_project! {
    /// A body whose parts have to come in time. Trailers are left out: they are between neighbours,
    /// unless they were announced, and are announced nowhere behind.
    #[derive(Debug)]
    pub(super) struct TimedBody<B> {
        #[pin]
        inner: B,
        idle: Duration,
        until: Instant,
        sleep: Option<Pin<Box<Sleep>>>,
        waiting: bool,
        end: Guard,
    }
}

#[derive(Debug)]
struct Guard(Arc<BodyEnd>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.set(Ended::Dropped);
    }
}

impl<B: Body> TimedBody<B> {
    /// Each part has to come within `idle` after it was asked for, and all before `until`.
    pub(super) fn new(inner: B, idle: Duration, until: Instant) -> (Self, Arc<BodyEnd>) {
        let end = Arc::new(BodyEnd::default());
        if inner.is_end_stream() {
            end.set(Ended::Whole);
        }
        let guard = Guard(Arc::clone(&end));
        (Self { inner, idle, until, sleep: None, waiting: false, end: guard }, end)
    }
}

impl<B> Body for TimedBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
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
                    if !frame.is_data() {
                        continue;
                    }
                    if inner.is_end_stream() {
                        this.end.0.set(Ended::Whole);
                    }
                    return Poll::Ready(Some(Ok(frame)));
                }
                Poll::Ready(Some(Err(error))) => {
                    this.end.0.set(Ended::Broken);
                    return Poll::Ready(Some(Err(error.into())));
                }
                Poll::Ready(None) => {
                    this.end.0.set(Ended::Whole);
                    return Poll::Ready(None);
                }
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
            this.end.0.set(Ended::TimedOut);
            return Poll::Ready(Some(Err("the body took too long".into())));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
