//! A body that was passed on, or one that was put in its place.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;

pin_project_lite::pin_project! {
    /// The body of a request or of a response behind [`DecryptFieldsLayer`](super::DecryptFieldsLayer): the
    /// one that it had, or other bytes.
    ///
    /// `Debug` shows nothing of the bytes, which may be clear text.
    pub struct EitherBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project_lite::pin_project! {
    #[project = KindProjection]
    enum Kind<B> {
        Passed { #[pin] body: B },
        Replaced { body: Full<Bytes> },
    }
}

impl<B> EitherBody<B> {
    /// The body that it had.
    #[must_use]
    pub fn passed(body: B) -> Self {
        Self { kind: Kind::Passed { body } }
    }

    /// Other bytes.
    #[must_use]
    pub fn replaced(bytes: Bytes) -> Self {
        Self { kind: Kind::Replaced { body: Full::new(bytes) } }
    }

    /// Whether it is other bytes than it was: in a request, that its fields were decrypted.
    #[must_use]
    pub fn is_replaced(&self) -> bool {
        matches!(self.kind, Kind::Replaced { .. })
    }
}

impl<B: Body<Data = Bytes>> Body for EitherBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().kind.project() {
            KindProjection::Passed { body } => body.poll_frame(context),
            KindProjection::Replaced { body } => {
                let frame = ready!(Pin::new(body).poll_frame(context));
                Poll::Ready(frame.map(|frame| match frame {
                    Ok(frame) => Ok(frame),
                    Err(never) => match never {},
                }))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Passed { body } => body.is_end_stream(),
            Kind::Replaced { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Passed { body } => body.size_hint(),
            Kind::Replaced { body } => body.size_hint(),
        }
    }
}

impl<B> fmt::Debug for EitherBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EitherBody").field("replaced", &self.is_replaced()).finish_non_exhaustive()
    }
}
