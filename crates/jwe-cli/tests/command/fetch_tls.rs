//! Keys from an https URL, with a server whose certificates are made here.

use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;

use crate::support::server::{Server, Stream, ok, redirect};
use crate::support::{Ended, Place, public_jwk};

/// A certificate authority of its own.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A server whose certificate is for these names.
    fn server(
        &self,
        names: &[&str],
        change: impl FnOnce(&mut CertificateParams),
        answer: impl Fn(&str, &mut dyn Stream) + Send + Sync + 'static,
    ) -> Server {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let config = Arc::new(config);
        let wrap = move |stream: TcpStream| -> Option<Box<dyn Stream>> {
            let connection = rustls::ServerConnection::new(config.clone()).unwrap();
            Some(Box::new(rustls::StreamOwned::new(connection, stream)))
        };
        Server::with_stream(wrap, answer)
    }
}

fn publickey(_: &str, stream: &mut dyn Stream) {
    drop(stream.write_all(&ok(public_jwk().to_string().as_bytes())));
}

fn encrypt(place: &Place, server: &Server, options: &str) -> Ended {
    let url = format!("https://127.0.0.1:{}/publickey", server.port);
    place.jwe(&format!("encrypt --key {url} {options}")).stdin("s3cret").run()
}

#[test]
fn the_authority_of_the_file_is_trusted_and_only_that() {
    let place = Place::new();
    let authority = Authority::new();
    let server = authority.server(&["127.0.0.1"], |_| {}, publickey);
    place.write("ca.pem", &authority.pem);
    place.write("other.pem", Authority::new().pem);
    place.write("both.pem", [Authority::new().pem, authority.pem].concat());
    for file in ["ca.pem", "both.pem"] {
        let token = encrypt(&place, &server, &format!("--ca-file {file}")).ok();
        assert_eq!(place.jwe("decrypt --key private.jwk").stdin(token).run().ok(), b"s3cret");
    }
    assert_eq!(server.requests(), 2);
    encrypt(&place, &server, "").refused_saying("key_fetch", &["/publickey", "UnknownIssuer"]);
    encrypt(&place, &server, "--ca-file other.pem").refused_saying("key_fetch", &["certificate"]);
    // Whoever is not trusted is not even asked.
    assert_eq!(server.requests(), 2);
}

#[test]
fn the_certificate_must_be_for_the_host_and_in_time() {
    let place = Place::new();
    let authority = Authority::new();
    place.write("ca.pem", &authority.pem);
    let other = authority.server(&["localhost", "127.0.0.2"], |_| {}, publickey);
    encrypt(&place, &other, "--ca-file ca.pem").refused_saying("key_fetch", &["certificate"]);
    let old = |params: &mut CertificateParams| {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    };
    let expired = authority.server(&["127.0.0.1"], old, publickey);
    encrypt(&place, &expired, "--ca-file ca.pem").refused_saying("key_fetch", &["certificate"]);
    assert_eq!(other.requests() + expired.requests(), 0);
}

#[test]
fn a_redirect_does_not_leave_tls() {
    let place = Place::new();
    let authority = Authority::new();
    place.write("ca.pem", &authority.pem);
    let plain = Server::of(public_jwk().to_string());
    let target = plain.url("/publickey");
    let server = authority.server(
        &["127.0.0.1"],
        |_| {},
        move |path, stream| match path {
            "/publickey" => drop(stream.write_all(&redirect(&target))),
            _ => publickey(path, stream),
        },
    );
    encrypt(&place, &server, "--ca-file ca.pem")
        .refused_saying("key_fetch", &["redirects to another place"]);
    assert_eq!(plain.connections(), 0);
}

#[test]
fn a_server_without_tls() {
    let place = Place::new();
    let plain = Server::of(public_jwk().to_string());
    encrypt(&place, &plain, "").refused_saying("key_fetch", &["can't be fetched"]);
    assert_eq!(plain.requests(), 0);
}

#[test]
fn a_file_without_certificates() {
    let place = Place::new();
    let server = Server::of(public_jwk().to_string());
    place.write("empty.pem", "");
    for file in ["empty.pem", "spki.pem", "public.jwk"] {
        let refused = encrypt(&place, &server, &format!("--ca-file {file}"));
        refused.refused_saying("key_fetch", &["--ca-file is not certificates in PEM"]);
    }
    encrypt(&place, &server, "--ca-file none.pem")
        .refused_saying("input", &["none.pem", "No such file"]);
    assert_eq!(server.connections(), 0);
}
