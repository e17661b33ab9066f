//! Requests whose fields are encrypted on their way out.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http_body_util::BodyExt;
use reqwest::redirect::Policy;
use reqwest::{Body, Client, ClientBuilder, Request, Response};

use super::clear_body::ClearBody;
use super::field_client_error::FieldClientError;
use super::field_encryption::FieldEncryption;
use super::refused_kid;
use super::sender_key::SenderKey;
use crate::field_routes::RouteId;

/// A [`reqwest::Client`] that encrypts the fields of requests on a route, and lets all others pass.
///
/// If the API answers that it has no key of that `kid`, which is a problem (RFC 9457) with the code
/// `unknown_kid`, the key is fetched again, as often as the key source permits that, and the request sent
/// once more with the new one. Every other answer is handed on as it came.
///
/// Routes know paths and no hosts: there is one client for each API. It is cheap to clone.
#[derive(Clone, Debug)]
pub struct FieldClient {
    client: Client,
    encryption: FieldEncryption,
}

impl FieldClient {
    /// A client with the settings of `builder`, but one: no redirect is followed. A body that was encrypted, or
    /// let pass, for one path would come to another one, whose fields may be others; the answer with the
    /// redirect is handed on, and whoever follows it sends a request of their own.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`].
    pub fn new(
        builder: ClientBuilder,
        encryption: FieldEncryption,
    ) -> Result<Self, FieldClientError> {
        let client = builder.redirect(Policy::none()).build()?;
        Ok(Self { client, encryption })
    }

    /// The client below, which encrypts nothing: to build requests with.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What encrypts.
    #[must_use]
    pub fn encryption(&self) -> &FieldEncryption {
        &self.encryption
    }

    /// Sends a request. On a route its body has to be bytes, and JSON; their memory is wiped
    /// afterwards, where the caller holds them no longer.
    ///
    /// # Errors
    /// [`FieldClientError`]. Unless it is [`Http`](FieldClientError::Http), nothing was sent.
    pub async fn execute(&self, mut request: Request) -> Result<Response, FieldClientError> {
        let (url, headers) = (request.url(), request.headers());
        let routes = self.encryption.routes();
        let route = routes.route_of(request.method(), url.path(), url.query(), headers)?;
        let Some(route) = route else {
            return Ok(self.client.execute(request).await?);
        };
        let clear = take_body(&mut request).await?;
        self.encryption.check(request.headers())?;
        // Of the body in clear; the right ones are written by whoever sends the body.
        request.headers_mut().remove(CONTENT_LENGTH);
        request.headers_mut().remove(TRANSFER_ENCODING);
        let key = self.encryption.source().current().await?;
        let again = request.try_clone();
        let answer = self.send(request, &key, route, clear.share()).await?;
        let (answer, unknown_kid) = refused_kid::look(answer).await?;
        let Some(request) = again.filter(|_| unknown_kid) else {
            return Ok(answer);
        };
        match self.encryption.source().unknown_kid(key.kid()).await {
            Ok(new) if !Arc::ptr_eq(&new, &key) => {
                tracing::debug!(old = key.kid(), new = new.kid(), "sent once more with a new key");
                self.send(request, &new, route, clear).await
            }
            // The answer says all there is to say; why there is no other key is in the source's log.
            _ => Ok(answer),
        }
    }

    async fn send(
        &self,
        mut request: Request,
        key: &Arc<SenderKey>,
        route: RouteId,
        clear: ClearBody,
    ) -> Result<Response, FieldClientError> {
        let encrypted = self.encryption.encrypt_clear(key, route, clear).await?;
        *request.body_mut() = Some(Body::from(encrypted));
        Ok(self.client.execute(request).await?)
    }
}

/// The body of a request, without a copy.
async fn take_body(request: &mut Request) -> Result<ClearBody, FieldClientError> {
    let Some(body) = request.body_mut().take() else {
        return Ok(ClearBody::new(Bytes::new()));
    };
    if body.as_bytes().is_none() {
        return Err(FieldClientError::BodyIsStream);
    }
    let mut body = body;
    let frame = body.frame().await.transpose()?;
    let bytes = frame.and_then(|frame| frame.into_data().ok());
    Ok(ClearBody::new(bytes.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::{Body, Method, Request};

    use super::take_body;

    #[tokio::test]
    async fn the_body_is_taken_out_so_that_nobody_else_holds_it() {
        let request = |body: Body| {
            let mut request = Request::new(Method::POST, "http://localhost/".parse().unwrap());
            *request.body_mut() = Some(body);
            request
        };
        for body in [Body::from(vec![b'a'; 100]), Body::from("a".repeat(100))] {
            let mut request = request(body);
            let clear = take_body(&mut request).await.unwrap();
            assert_eq!(clear.as_slice(), [b'a'; 100]);
            assert!(request.body().is_none());
            assert!(clear.is_mine(), "it can be wiped");
            let shared = clear.share();
            assert!(!clear.is_mine());
            drop(shared);
            assert!(clear.is_mine());
        }
        let kept = Bytes::from(vec![b'a'; 100]);
        let clear = take_body(&mut request(Body::from(kept.clone()))).await.unwrap();
        assert!(!clear.is_mine());
        drop(clear);
        assert_eq!(kept, [b'a'; 100].as_slice(), "what the caller keeps stays as it is");
    }
}
