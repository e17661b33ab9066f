//! Bodies are read to a bound and for a time.

use core::pin::pin;

use bytes::Buf;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use jwe_core::wiped;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::decryption_options::DecryptionOptions;
use crate::problem::Problem;

/// How much room is made for a body before any of it is there, whatever it announces.
const FIRST_ROOM: usize = 16 * 1024;

/// Reads a body. What is in clear in it is refused later, but is wiped like everything that was decrypted.
///
/// No more is read than the frame by which the limit is exceeded, and nothing at all of a body that announces
/// to do so.
///
/// # Errors
/// 413: `body_too_long`; 408: `body_timeout`; 400: `body_incomplete`.
pub(crate) async fn read<B: Body>(
    headers: &HeaderMap,
    body: B,
    options: &DecryptionOptions,
) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let limit = options.max_body_len();
    let announced = announced(headers)?;
    let least = announced.unwrap_or(0).max(body.size_hint().lower());
    if usize::try_from(least).map_or(true, |least| least > limit) {
        return Err(too_long());
    }
    let read = async {
        let mut document = Zeroizing::new(Vec::new());
        let first = usize::try_from(least).unwrap_or(limit).min(FIRST_ROOM);
        wiped::reserve(&mut document, first);
        let mut body = pin!(body);
        while let Some(frame) = body.frame().await {
            // What went wrong on the way is the text of others.
            let Ok(mut data) = frame.map_err(|_| incomplete())?.into_data() else {
                // Trailers describe a body that is no more.
                continue;
            };
            if data.remaining() > limit.saturating_sub(document.len()) {
                return Err(too_long());
            }
            wiped::reserve(&mut document, data.remaining());
            while data.has_remaining() {
                let chunk = data.chunk();
                let len = chunk.len();
                document.extend_from_slice(chunk);
                data.advance(len);
            }
        }
        Ok(document)
    };
    let document = timeout(options.body_timeout(), read).await.map_err(|_| {
        Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "body_timeout",
            "the body took too long to arrive: send it faster",
        )
    })??;
    if announced.is_some_and(|announced| u64::try_from(document.len()) != Ok(announced)) {
        return Err(incomplete());
    }
    Ok(document)
}

/// The length that the headers announce.
fn announced(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let Some(length) = lengths.next() else {
        return Ok(None);
    };
    let digits = length.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let parsed = digits.and_then(|text| text.parse().ok());
    match (parsed, lengths.next()) {
        (Some(length), None) => Ok(Some(length)),
        // More digits than any length has.
        (None, None) if digits.is_some_and(|text| !text.is_empty()) => Err(too_long()),
        _ => Err(incomplete()),
    }
}

fn too_long() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_long",
        "the body is too long: send less at once",
    )
}

fn incomplete() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "body_incomplete",
        "the body is not as long as announced, or its transfer broke off: send it again",
    )
}
