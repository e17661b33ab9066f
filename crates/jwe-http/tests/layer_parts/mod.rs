//! The tests by what they are about, and the services that they put behind the layer.

mod bodies;
mod equal_work;
mod load;
mod passing;
mod refusals;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use jwe_http::{DecryptFields, DecryptFieldsLayer, EitherBody, FieldDecryption};
use tower::{Layer, Service};

use crate::field_support::read;

/// Answers with what it got. It has to be ready when it is called, and counts its calls.
#[derive(Default)]
pub(crate) struct Echo {
    ready: bool,
    calls: Arc<AtomicUsize>,
}

impl Clone for Echo {
    fn clone(&self) -> Self {
        // Whoever wants to call a clone has to make it ready.
        Self { ready: false, calls: Arc::clone(&self.calls) }
    }
}

/// What the service got, as extension of the response.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) replaced: bool,
}

impl<B> Service<Request<EitherBody<B>>> for Echo
where
    B: Body<Data = Bytes> + Send + 'static,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<EitherBody<B>>) -> Self::Future {
        assert!(std::mem::take(&mut self.ready), "called without being ready");
        self.calls.fetch_add(1, Ordering::SeqCst);
        let (parts, body) = request.into_parts();
        let got = Got {
            method: parts.method,
            uri: parts.uri,
            headers: parts.headers,
            replaced: body.is_replaced(),
        };
        Box::pin(async move {
            let mut response = Response::new(Full::new(read(body).await));
            response.extensions_mut().insert(got);
            Ok(response)
        })
    }
}

impl Echo {
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// The layer around an [`Echo`], and the same for a look at its count.
pub(crate) fn service(decryption: &FieldDecryption) -> (DecryptFields<Echo>, Echo) {
    let echo = Echo::default();
    (DecryptFieldsLayer::new(decryption.clone()).layer(echo.clone()), echo)
}

/// A body of frames, one for each time it is asked, that counts how often that is; `None` is one that
/// breaks off.
pub(crate) struct Frames {
    frames: std::vec::IntoIter<Option<Frame<Bytes>>>,
    polls: Arc<AtomicUsize>,
    hint: SizeHint,
}

impl Frames {
    pub(crate) fn new(
        frames: impl IntoIterator<Item = Option<Frame<Bytes>>>,
    ) -> (Self, Arc<AtomicUsize>) {
        let polls = Arc::<AtomicUsize>::default();
        let frames: Vec<_> = frames.into_iter().collect();
        let body =
            Self { frames: frames.into_iter(), polls: Arc::clone(&polls), hint: SizeHint::new() };
        (body, polls)
    }

    pub(crate) fn of(text: &str, len: usize) -> (Self, Arc<AtomicUsize>) {
        let chunks = text.as_bytes().chunks(len).map(Bytes::copy_from_slice);
        Self::new(chunks.map(|chunk| Some(Frame::data(chunk))))
    }

    pub(crate) fn with_hint(mut self, hint: SizeHint) -> Self {
        self.hint = hint;
        self
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        self.polls.fetch_add(1, Ordering::SeqCst);
        Poll::Ready(self.frames.next().map(|frame| frame.ok_or("the text of another's error")))
    }

    fn size_hint(&self) -> SizeHint {
        self.hint
    }
}
