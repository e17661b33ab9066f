//! Whom a key source trusts.

use std::sync::Arc;

use jwe_http::client::KeySource;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

use crate::support_client::{
    Server, a_while, key, message, ok, options, provider, public_json, status,
};

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// A server's side of TLS, as the one of that name.
    fn server(&self, name: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

async fn outcome(server: &Server, authorities: Option<String>) -> Result<String, &'static str> {
    let options = match authorities {
        Some(pem) => options().with_authorities(pem),
        None => options(),
    };
    let url = format!("https://localhost:{}/publickey", server.address.port());
    let key = KeySource::new(&url, options).unwrap().current().await;
    key.map(|key| key.kid().to_owned()).map_err(|error| error.code())
}

#[tokio::test]
async fn only_a_certificate_of_a_trusted_authority_for_that_name_is_taken() {
    let (ours, other) = (Authority::new(), Authority::new());
    let body = public_json(&key("k"));
    let reply = move |_: usize, _: &str| ok("", body.as_bytes());
    let server = Server::start_with(Some(ours.server("localhost")), reply.clone()).await;
    assert_eq!(outcome(&server, Some(ours.pem())).await, Ok("k".to_owned()));
    let both = format!("{}\n{}", other.pem(), ours.pem());
    assert_eq!(outcome(&server, Some(both)).await, Ok("k".to_owned()));
    assert_eq!(server.count(), 2);
    assert_eq!(outcome(&server, Some(other.pem())).await, Err("key_unreachable"));
    assert_eq!(outcome(&server, None).await, Err("key_unreachable"), "the web does not know it");

    let elsewhere = Server::start_with(Some(ours.server("api.example")), reply).await;
    assert_eq!(outcome(&elsewhere, Some(ours.pem())).await, Err("key_unreachable"));
    a_while().await;
    assert_eq!((server.count(), elsewhere.count()), (2, 0), "nothing is sent to strangers");
}

#[tokio::test]
async fn nobody_falls_back_to_plain_http() {
    let ours = Authority::new();
    let plain = Server::of_key("", &key("plain")).await;
    assert_eq!(outcome(&plain, Some(ours.pem())).await, Err("key_unreachable"));
    assert_eq!(plain.count(), 0);
    let location = format!("location: {}\r\n", plain.url("/publickey"));
    let server = Server::start_with(Some(ours.server("localhost")), move |_, _| {
        status("302 Found", &location)
    })
    .await;
    assert_eq!(outcome(&server, Some(ours.pem())).await, Err("key_redirected"));
    assert_eq!(plain.count(), 0);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_refused_over_tls_too() {
    let ours = Authority::new();
    let body = public_json(&key("k"));
    let whole = message("200 OK", "", body.as_bytes());
    let cut = whole[..whole.len() - 1].to_vec();
    let reply = move |_: usize, _: &str| crate::support_client::Reply::Bytes(cut.clone());
    let server = Server::start_with(Some(ours.server("localhost")), reply).await;
    assert_eq!(outcome(&server, Some(ours.pem())).await, Err("key_unreachable"));
}

#[test]
fn authorities_that_are_none_are_refused() {
    for pem in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "text"] {
        let error =
            KeySource::new("https://api.example/", options().with_authorities(pem)).unwrap_err();
        assert_eq!(error.code(), "key_source_tls", "{pem}");
    }
    let key_only = KeyPair::generate().unwrap().serialize_pem();
    let error = KeySource::new("https://api.example/", options().with_authorities(key_only));
    assert_eq!(error.unwrap_err().code(), "key_source_tls");
}
