//! How much of a body is read, and for how long.

use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use jwe_http::DecryptionOptions;
use tokio::time::Instant;
use tower::ServiceExt;

use super::{Frames, service};
use crate::field_support::{
    PATH, SECRET, decryption, document, encrypted, problem, read, request, rsa,
};

async fn told<B>(
    options: DecryptionOptions,
    length: Option<&str>,
    body: B,
) -> Result<Bytes, (u16, String)>
where
    B: Body<Data = Bytes> + Send + 'static,
{
    let (service, echo) = service(&decryption(options));
    let mut sent = request(Method::POST, PATH, body);
    if let Some(length) = length {
        sent.headers_mut().insert("content-length", length.parse().unwrap());
    }
    let response = service.oneshot(sent).await.unwrap();
    if response.status() == 200 {
        return Ok(read(response.into_body()).await);
    }
    assert_eq!(echo.calls(), 0);
    let (status, members) = problem(response).await;
    assert!(!members.to_string().contains("another's error"), "{members}");
    Err((status, members["code"].as_str().unwrap().to_owned()))
}

fn too_long() -> Result<Bytes, (u16, String)> {
    Err((413, "body_too_long".to_owned()))
}

fn incomplete() -> Result<Bytes, (u16, String)> {
    Err((400, "body_incomplete".to_owned()))
}

#[tokio::test]
async fn the_limit_is_kept_while_reading() {
    let text = encrypted(rsa());
    let limit = |bytes| DecryptionOptions::new().with_max_body_len(bytes);
    // Just as long as may be, with and without its length.
    let len = text.len();
    let clear = Ok(Bytes::from(document("john", SECRET)));
    for length in [None, Some(len.to_string())] {
        let (body, _) = Frames::of(&text, 10);
        assert_eq!(told(limit(len), length.as_deref(), body).await, clear);
    }
    // One byte too many is seen in the frame that brings it, which is the last that is read.
    for (chunk, frames) in [(10, 11), (1, 101), (100, 2), (1000, 1)] {
        let (body, polls) = Frames::of(&text, chunk);
        assert_eq!(told(limit(100), None, body).await, too_long());
        assert_eq!(polls.load(Ordering::SeqCst), frames, "{chunk}");
    }
    // Nothing is read of a body that says so itself.
    for length in ["101", "1048577", "18446744073709551615", "99999999999999999999999999"] {
        let (body, polls) = Frames::of(&text, 10);
        assert_eq!(told(limit(100), Some(length), body).await, too_long());
        assert_eq!(polls.load(Ordering::SeqCst), 0, "{length}");
    }
    let (body, polls) = Frames::of(&text, 10);
    let hint = SizeHint::with_exact(101);
    assert_eq!(told(limit(100), None, body.with_hint(hint)).await, too_long());
    assert_eq!(polls.load(Ordering::SeqCst), 0);
    // Empty frames are no way round.
    let empty = std::iter::repeat_n((), 1000).map(|()| Some(Frame::data(Bytes::new())));
    let (body, _) = Frames::new(empty.chain([Some(Frame::data(Bytes::from(vec![b' '; 101])))]));
    assert_eq!(told(limit(100), None, body).await, too_long());
}

#[tokio::test]
async fn what_is_announced_comes() {
    let text = encrypted(rsa());
    let options = DecryptionOptions::new;
    for length in [text.len() - 1, text.len() + 1, 0] {
        let (body, _) = Frames::of(&text, 100);
        assert_eq!(told(options(), Some(&length.to_string()), body).await, incomplete());
    }
    for length in ["", "-1", "+5", "5 5", "5,5", "0x5", "\u{663}"] {
        let (body, polls) = Frames::of(&text, 100);
        assert_eq!(told(options(), Some(length), body).await, incomplete(), "{length}");
        assert_eq!(polls.load(Ordering::SeqCst), 0, "{length}");
    }
    let whole = Frame::data(Bytes::from(text));
    let (body, _) = Frames::new([Some(whole), None]);
    assert_eq!(told(options(), None, body).await, incomplete());
}

/// A body that never comes.
struct Never;

impl Body for Never {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Pending
    }
}

/// A byte each second.
struct Slow {
    next: Pin<Box<tokio::time::Sleep>>,
}

impl Body for Slow {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        std::task::ready!(self.next.as_mut().poll(context));
        self.next.as_mut().reset(Instant::now() + Duration::from_secs(1));
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b" ")))))
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_is_kept() {
    let late = Err((408, "body_timeout".to_owned()));
    let start = Instant::now();
    assert_eq!(told(DecryptionOptions::new(), None, Never).await, late);
    assert_eq!(start.elapsed().as_secs(), 30);
    // For the whole of it, however often a little of it comes.
    let slow = Slow { next: Box::pin(tokio::time::sleep(Duration::from_secs(1))) };
    let options = DecryptionOptions::new().with_body_timeout(Duration::from_secs(5));
    let start = Instant::now();
    assert_eq!(told(options, None, slow).await, late);
    assert_eq!(start.elapsed().as_secs(), 5);
    // Decryption itself is not under it.
    let options = DecryptionOptions::new().with_body_timeout(Duration::from_millis(1));
    let clear = Ok(Bytes::from(document("john", SECRET)));
    assert_eq!(told(options, None, Full::from(encrypted(rsa()))).await, clear);
}
