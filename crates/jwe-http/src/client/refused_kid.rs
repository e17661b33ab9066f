//! Whether an answer says that the recipient has no key of that `kid`.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use reqwest::{Response, ResponseBuilderExt};
use serde::Deserialize;

use crate::problem::Problem;

/// The longest problem in bytes that is looked at.
const MAX_PROBLEM_LEN: usize = 16 * 1024;

/// The one member of a problem that counts here (RFC 9457 §3.2).
#[derive(Deserialize)]
struct Code<'a> {
    #[serde(borrow)]
    code: Option<Cow<'a, str>>,
}

/// The answer as it came, and whether it is a problem with the code `unknown_kid`.
///
/// # Errors
/// The answer broke off while it was looked at.
pub(super) async fn look(answer: Response) -> Result<(Response, bool), reqwest::Error> {
    if !may_be_problem(&answer) {
        return Ok((answer, false));
    }
    let url = answer.url().clone();
    let (parts, mut body) = http::Response::<reqwest::Body>::from(answer).into_parts();
    let mut read = BytesMut::new();
    let mut whole = true;
    while let Some(frame) = body.frame().await {
        if let Ok(part) = frame?.into_data() {
            read.extend_from_slice(&part);
        }
        if read.len() > MAX_PROBLEM_LEN {
            whole = false;
            break;
        }
    }
    let unknown_kid = whole
        // An object: of an array, the members would be taken in their order.
        && read.trim_ascii_start().starts_with(b"{")
        && serde_json::from_slice::<Code<'_>>(&read)
            .is_ok_and(|problem| problem.code.as_deref() == Some("unknown_kid"));
    let body = reqwest::Body::wrap(Rejoined { read: Some(read.freeze()), rest: body });
    // The only way to give an answer its URL back.
    let with_url = http::Response::builder().url(url);
    let mut answer = http::Response::from_parts(parts, body);
    if let Some(url) = with_url.extensions_ref() {
        answer.extensions_mut().extend(url.clone());
    }
    Ok((Response::from(answer), unknown_kid))
}

fn may_be_problem(answer: &Response) -> bool {
    let headers = answer.headers();
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    answer.status().is_client_error()
        && media_type.trim().eq_ignore_ascii_case(Problem::MEDIA_TYPE)
        && !headers.contains_key(CONTENT_ENCODING)
}

/// A body of which the beginning was read.
struct Rejoined {
    read: Option<Bytes>,
    rest: reqwest::Body,
}

impl Body for Rejoined {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        if let Some(read) = self.read.take().filter(|read| !read.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(read))));
        }
        Poll::Ready(ready!(Pin::new(&mut self.rest).poll_frame(context)))
    }

    fn is_end_stream(&self) -> bool {
        self.read.as_ref().is_none_or(Bytes::is_empty) && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let read = self.read.as_ref().map_or(0, |read| read.len() as u64);
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(read));
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(read));
        }
        hint
    }
}
