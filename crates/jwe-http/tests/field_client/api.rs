//! An API with its key endpoint, on one port.

use std::sync::{Arc, Mutex};

use http::Method;
use jwe_aws_lc_rs::AWS_LC_RS;
use jwe_core::{Decrypter, DecryptionKey, Enc, Jwk, KeyOptions};
use jwe_fields::{DecryptOptions, FieldDecrypter, Missing, PlaintextEncoding};
use jwe_http::client::{FieldClient, FieldEncryption, KeySource};
use jwe_http::{FieldRoute, FieldRoutes};
use reqwest::{ClientBuilder, Request};

use crate::support_client::{Reply, Server, header, ok, options, provider, public_json};

pub(crate) const PATH: &str = "/users/7/connections";

/// What is in use at the API, and what it says to a request on a route.
pub(crate) struct Api {
    pub(crate) server: Server,
    /// The key that is published.
    pub(crate) published: Arc<Mutex<Jwk>>,
}

impl Api {
    /// `answer` gets how many requests came to the API itself before, and the text of this one.
    pub(crate) async fn start(
        key: &Jwk,
        answer: impl Fn(usize, &str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let published = Arc::new(Mutex::new(key.clone()));
        let shared = Arc::clone(&published);
        let count = Mutex::new(0);
        let server = Server::start(move |_, request| {
            if request.starts_with("GET /publickey ") {
                return ok("", public_json(&shared.lock().unwrap()).as_bytes());
            }
            let mut count = count.lock().unwrap();
            *count += 1;
            answer(*count - 1, request)
        })
        .await;
        Self { server, published }
    }

    /// What came to the API itself.
    pub(crate) fn requests(&self) -> Vec<String> {
        let requests = self.server.requests().into_iter();
        requests.filter(|request| !request.starts_with("GET /publickey ")).collect()
    }

    pub(crate) fn fetches(&self) -> usize {
        self.server.count() - self.requests().len()
    }

    pub(crate) fn source(&self) -> KeySource {
        KeySource::new(&self.server.url("/publickey"), options()).unwrap()
    }

    pub(crate) fn encryption(&self) -> FieldEncryption {
        FieldEncryption::new(self.source(), routes())
    }

    pub(crate) fn client(&self) -> FieldClient {
        FieldClient::new(builder(), self.encryption()).unwrap()
    }

    /// A request with a body of JSON.
    pub(crate) fn request(&self, path: &str, body: impl Into<reqwest::Body>) -> Request {
        let client = builder().build().unwrap();
        let request = client.post(self.server.url(path)).body(body);
        request.header("content-type", "application/json").build().unwrap()
    }
}

/// `reqwest` asks for TLS settings even where there is no TLS.
pub(crate) fn builder() -> ClientBuilder {
    let tls = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    ClientBuilder::new().tls_backend_preconfigured(tls).no_proxy()
}

pub(crate) fn routes() -> FieldRoutes {
    let route = |path: &str, selectors: &[&str]| {
        let selectors = selectors.iter().map(|text| text.parse().unwrap());
        FieldRoute::new([Method::POST], path, selectors).unwrap()
    };
    FieldRoutes::new()
        .with(route("/users/{id}/connections", &["/login", "/password"]))
        .unwrap()
        .with(route("/users/{id}/notes", &["/note"]).with_missing(Missing::Skip))
        .unwrap()
        .with(route("/users/{id}/cards", &["$.cards[*].pin"]))
        .unwrap()
        .with(route("/users/{id}/amounts", &["/amount"]).with_encoding(PlaintextEncoding::Json))
        .unwrap()
}

/// What the owner of the key reads in a body.
pub(crate) fn decrypted(
    key: &Jwk,
    selectors: &[&str],
    encoding: PlaintextEncoding,
    body: &str,
) -> Result<String, &'static str> {
    let key = DecryptionKey::import(&AWS_LC_RS, key, &KeyOptions::new()).unwrap();
    let decrypter = Decrypter::new(&AWS_LC_RS, [key], &[Enc::A256Gcm]).unwrap();
    let selectors = selectors.iter().map(|text| text.parse().unwrap());
    let options = DecryptOptions::new().with_encoding(encoding);
    let decrypter = FieldDecrypter::new(decrypter, selectors, options).unwrap();
    let text = decrypter.decrypt(body.as_bytes()).map_err(|error| error.code())?;
    Ok(String::from_utf8(text.to_vec()).unwrap())
}

/// A connection's body as the API reads it.
pub(crate) fn connection(key: &Jwk, request: &str) -> Result<String, &'static str> {
    let body = crate::support_client::body(request);
    assert_eq!(header(request, "content-length").unwrap(), body.len().to_string());
    decrypted(key, &["/login", "/password"], PlaintextEncoding::Text, body)
}
