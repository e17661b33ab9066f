//! Connections to the upstream, with one time for all that they need: name, TCP and TLS.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use super::BoxError;

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

#[derive(Clone)]
pub(super) enum Connector {
    Plain(HttpConnector, Duration),
    Tls(HttpsConnector<HttpConnector>, Duration),
}

impl Connector {
    /// To an upstream with TLS, or to one without.
    pub(super) fn new(tls: Option<ClientConfig>, time: Duration) -> Self {
        let mut http = HttpConnector::new();
        http.set_nodelay(true);
        match tls {
            None => Self::Plain(http, time),
            Some(tls) => {
                http.enforce_http(false);
                let builder = HttpsConnectorBuilder::new().with_tls_config(tls).https_only();
                Self::Tls(builder.enable_http1().wrap_connector(http), time)
            }
        }
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self {
            Self::Plain(http, _) => http.poll_ready(context).map_err(Into::into),
            Self::Tls(https, _) => https.poll_ready(context),
        }
    }

    fn call(&mut self, upstream: Uri) -> Self::Future {
        let too_long = || BoxError::from(io::Error::from(io::ErrorKind::TimedOut));
        match self {
            Self::Plain(http, time) => {
                let (connecting, time) = (http.call(upstream), *time);
                Box::pin(async move {
                    let stream = timeout(time, connecting).await.map_err(|_| too_long())??;
                    Ok(MaybeHttpsStream::Http(stream))
                })
            }
            Self::Tls(https, time) => {
                let (connecting, time) = (https.call(upstream), *time);
                Box::pin(async move { timeout(time, connecting).await.map_err(|_| too_long())? })
            }
        }
    }
}
