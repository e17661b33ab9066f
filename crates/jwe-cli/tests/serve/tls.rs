//! TLS on both sides, and certificates of callers.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::support::{Client, Place, SECRET, Server, Service, clear, post, request};

/// An authority, which writes certificates and their keys to files.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        // Some take a certificate that is issued by its own name for one that is self-signed.
        params.distinguished_name.push(DnType::CommonName, "an authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// The certificate and its key, in PEM.
    fn issue(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned(), "127.0.0.1".to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

const TABLES: &str = "[callers]\ncertificates = true\n[tls]\ncertificate = \"server.pem\"\nkey = \"server-key.pem\"\n\
                      client_authorities = \"callers.pem\"\n";

fn serve(place: &Place, service: &Service, server: &Authority, callers: &Authority) -> Server {
    let (certificate, key) = server.issue("localhost");
    fs::write(place.path("server.pem"), certificate).unwrap();
    fs::write(place.path("server-key.pem"), key).unwrap();
    fs::write(place.path("callers.pem"), &callers.pem).unwrap();
    place.serve(&place.config(service, TABLES))
}

type Tls = StreamOwned<ClientConnection, TcpStream>;

fn connect(
    server: &Server,
    authority: &Authority,
    shown: Option<&(String, String)>,
) -> Client<Tls> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap()).unwrap();
    let builder =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
    let config = match shown {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => builder
            .with_client_auth_cert(
                vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
                PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
            )
            .unwrap(),
    };
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    Client(StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream))
}

#[test]
fn a_certificate_of_the_callers_authority_is_needed_for_what_is_not_for_everybody() {
    let (place, service) = (Place::new(), Service::new());
    let (ours, callers, others) = (Authority::new(), Authority::new(), Authority::new());
    let server = serve(&place, &service, &ours, &callers);
    assert!(server.url.starts_with("https://"));
    let mut nobody = connect(&server, &ours, None);
    let key = nobody.get("/publickey");
    assert_eq!(key.status, 200);
    assert_eq!(nobody.get("/healthz").status, 200);
    let body = place.encrypted_with(&key.body, SECRET);
    assert_eq!(nobody.send(post("/users/7/connections", &body)).code(), "caller_unknown");
    assert!(service.received().is_empty());
    let mut caller = connect(&server, &ours, Some(&callers.issue("caller")));
    assert_eq!(caller.send(post("/users/7/connections", &body)).status, 200);
    let received = service.only();
    assert_eq!(received.text(), clear(SECRET));
    assert_eq!(received.header("x-forwarded-proto"), Some("https"));
    // One of an authority that nobody named is not let in at all.
    let mut other = connect(&server, &ours, Some(&others.issue("caller")));
    other.write(request("GET", "/healthz", "", ""));
    assert!(!matches!(other.0.read(&mut [0; 1]), Ok(1..)));
    assert!(server.stop().contains("caller=\"certificate\""));
}

#[test]
fn half_a_handshake_is_not_waited_for() {
    let (place, service) = (Place::new(), Service::new());
    let (ours, callers) = (Authority::new(), Authority::new());
    let (certificate, key) = ours.issue("localhost");
    fs::write(place.path("server.pem"), certificate).unwrap();
    fs::write(place.path("server-key.pem"), key).unwrap();
    fs::write(place.path("callers.pem"), &callers.pem).unwrap();
    let server =
        place.serve(&place.config(&service, &format!("{TABLES}[limits]\nhead_seconds = 0.5\n")));
    let start = Instant::now();
    let clients: Vec<Client> = [&b""[..], b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n\r\n"]
        .iter()
        .map(|bytes| {
            let mut client = Client::new(server.address);
            client.write(bytes);
            client
        })
        .collect();
    for mut client in clients {
        while !client.is_closed() {}
    }
    assert!(start.elapsed() < Duration::from_secs(8));
}

#[test]
fn http2_is_spoken_where_it_is_asked_for() {
    let (place, service) = (Place::new(), Service::new());
    let (ours, callers) = (Authority::new(), Authority::new());
    let server = serve(&place, &service, &ours, &callers);
    let has_curl = Command::new("curl").arg("--version").output();
    let speaks = has_curl.is_ok_and(|curl| String::from_utf8_lossy(&curl.stdout).contains("HTTP2"));
    if !speaks {
        eprintln!("skipped: there is no curl that speaks HTTP/2");
        return;
    }
    fs::write(place.path("ours.pem"), &ours.pem).unwrap();
    let (certificate, key) = callers.issue("caller");
    fs::write(place.path("caller.pem"), certificate).unwrap();
    fs::write(place.path("caller-key.pem"), key).unwrap();
    let key = connect(&server, &ours, None).get("/publickey").body;
    let body = place.encrypted_with(&key, SECRET);
    let url = format!("{}/users/7/connections?a=b", server.url);
    let output = Command::new("curl")
        .args([
            "-sS",
            "--http2",
            "--cacert",
            "ours.pem",
            "--cert",
            "caller.pem",
            "--key",
            "caller-key.pem",
        ])
        .args([
            "-H",
            "content-type: application/json",
            "--data-binary",
            &body,
            "-w",
            " %{http_version} %{http_code}",
            &url,
        ])
        .current_dir(place.path(""))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "done 2 200", "{output:?}");
    let received = service.only();
    assert_eq!(received.text(), clear(SECRET));
    assert_eq!(received.line, "POST /users/7/connections?a=b HTTP/1.1");
    assert_eq!(format!("https://{}", received.header("host").unwrap()), server.url);
}

#[test]
fn an_https_service_is_checked() {
    let place = Place::new();
    let (ours, others) = (Authority::new(), Authority::new());
    let (certificate, key) = ours.issue("localhost");
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(
        vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
        PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
    )
    .unwrap();
    let config = Arc::new(config);
    let service = Service::connecting(move |stream| {
        let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        if stream.read(&mut [0; 4096]).unwrap_or(0) > 0 {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone");
            let _ = stream.flush();
            std::thread::sleep(Duration::from_secs(1));
        }
    });
    let https = service.url().replace("http://127.0.0.1", "https://localhost");
    for (authority, status) in [(&ours, 200), (&others, 502)] {
        fs::write(place.path("ca.pem"), &authority.pem).unwrap();
        let url = format!("{https}\"\nca_file = \"ca.pem");
        let server = place.serve(&place.config(&service, "").replace(&service.url(), &url));
        assert_eq!(Client::new(server.address).get("/a").status, status);
    }
}
