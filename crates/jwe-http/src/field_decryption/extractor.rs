//! The extractors for axum.

use core::fmt;

use axum::body::Body;
use axum::extract::{FromRef, FromRequest, Request};
use bytes::Bytes;
use http::StatusCode;
use serde::de::DeserializeOwned;

use super::{FieldDecryption, layer, setup_error};
use crate::problem::Problem;

/// Extracts a body whose fields are decrypted, as it is. The [`FieldDecryption`] is part of the router's
/// state ([`FromRef`]), and the route is that of the request's method and path.
///
/// Refused is what [`FieldDecryption::route_of`] and [`FieldDecryption::decrypt`] refuse, and with the
/// status 500 and the code `route_unknown` a request without a route: a handler that asks for decrypted
/// fields and is not set up for them must not get what was sent.
///
/// It is for services without [`DecryptFieldsLayer`](super::DecryptFieldsLayer): behind that, fields are in
/// clear already, which is refused here.
///
/// The bytes are wiped when their last clone is dropped. `Debug` does not show them.
#[derive(Clone)]
pub struct DecryptedBody(pub Bytes);

/// Extracts a value of a type of your own from a body whose fields are decrypted, as [`DecryptedBody`] does.
///
/// A document that is not of the type is refused with the status 422 and the code `body_shape`, without a
/// word on where and why, which could show a value. What the value holds is its own to wipe.
///
/// `Debug` does not show the value.
#[derive(Clone, Copy, Default)]
pub struct DecryptedJson<T>(pub T);

impl<S> FromRequest<S> for DecryptedBody
where
    FieldDecryption: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let decryption = FieldDecryption::from_ref(state);
        let (parts, body): (_, Body) = request.into_parts();
        let route = layer::route_of(&decryption, &parts)?.ok_or_else(setup_error::unknown_route)?;
        decryption.decrypt(route, &parts.headers, body).await.map(Self)
    }
}

impl<S, T> FromRequest<S> for DecryptedJson<T>
where
    FieldDecryption: FromRef<S>,
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let DecryptedBody(clear) = DecryptedBody::from_request(request, state).await?;
        serde_json::from_slice(&clear).map(Self).map_err(|_| {
            Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "body_shape",
                "the document is not what this request takes: send the members that the API documents, \
                 with their types",
            )
        })
    }
}

impl fmt::Debug for DecryptedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptedBody").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for DecryptedJson<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptedJson").finish_non_exhaustive()
    }
}
