//! A URL in a header or a key (`jku`, `x5u`; RFC 7516 §4.1.4, §4.1.6): nobody asks there. A socket
//! listens and hears nothing.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use jwe::{
    Alg, Backend, DecryptionKey, Enc, Encrypter, EncryptionKey, FlattenedJson, Inspection, Jwk,
    JwkSet, KeyOptions, Limits, Message, Serialization,
};
use jwe_tests::keys;
use jwe_tests::parts::Parts;
use serde_json::{Value, json};

use crate::attacks::tried_one;
use crate::target::{PLAINTEXT, Target};

pub(crate) fn check(backend: &'static Backend) {
    let server = Server::listen();
    let port = server.port();
    let urls = [
        format!("http://127.0.0.1:{port}/keys"),
        format!("https://127.0.0.1:{port}/keys"),
        format!("//127.0.0.1:{port}/"),
        format!("ftp://127.0.0.1:{port}/keys"),
        format!("\\\\127.0.0.1@{port}\\share"),
        "file:///etc/passwd".to_owned(),
        "data:application/json,{\"keys\":[]}".to_owned(),
    ];
    let algs = |alg: Alg| matches!(alg, Alg::RsaOaep256 | Alg::EcdhEs | Alg::A256Kw | Alg::Dir);
    for target in Target::every(backend, &[Enc::A256Gcm], algs) {
        for url in &urls {
            for name in ["jku", "x5u"] {
                in_the_header(&target, name, url);
            }
        }
        in_an_unprotected_header(&target, &urls[0]);
    }
    for url in &urls {
        in_a_key(backend, url);
    }
    assert_eq!(server.connections(), 0);
    // The control: somebody who does ask is heard.
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    assert_eq!(server.connections(), 1);
}

/// A socket that somebody could connect to.
struct Server(TcpListener);

impl Server {
    fn listen() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// The connections that there were since the last time. Waits for one that is on its way.
    fn connections(&self) -> usize {
        let until = Instant::now() + Duration::from_millis(200);
        let mut count = 0;
        loop {
            match self.0.accept() {
                Ok(_) => count += 1,
                Err(error) if error.kind() != ErrorKind::WouldBlock => panic!("{error}"),
                Err(_) if Instant::now() > until => return count,
                Err(_) => thread::sleep(Duration::from_millis(10)),
            }
        }
    }
}

fn in_the_header(target: &Target, name: &str, url: &str) {
    let sender = keys::sender(target.backend, &target.jwk, target.alg);
    let token = Encrypter::builder(target.backend, &sender, target.enc)
        .with_member(name, url.into())
        .build()
        .unwrap()
        .encrypt(PLAINTEXT)
        .unwrap();
    tried_one();
    // Well sealed it opens.
    assert_eq!(*target.decrypter.decrypt(&token).unwrap(), PLAINTEXT);
    let message = Message::parse(&token, &Limits::default()).unwrap();
    Inspection::of(&message, &Limits::default()).unwrap();
    // An unknown or absent kid is no reason to ask, and neither is a failure.
    let good = Parts::of(&token);
    let mut header: Value = serde_json::from_str(&good.header_json()).unwrap();
    let with = |header: &Value| good.with_header(header.to_string().as_bytes());
    target.refuses_parts(&good.with_tag(&vec![0; target.enc.tag_len()]), "decryption_failed");
    header["kid"] = "other".into();
    target.refuses_parts(&with(&header), "unknown_kid");
    header["kid"] = url.into();
    target.refuses_parts(&with(&header), "unknown_kid");
    header.as_object_mut().unwrap().remove("kid");
    target.refuses_parts(&with(&header), "decryption_failed");
    let strict = target.decrypter.clone().require_kid();
    assert_eq!(strict.decrypt(&with(&header).token()).unwrap_err().code(), "missing_kid");
}

fn in_an_unprotected_header(target: &Target, url: &str) {
    let mut text = String::new();
    let token = target.good.token();
    let message = Message::parse(&token, &Limits::default()).unwrap();
    FlattenedJson.write(&message, &mut text).unwrap();
    let open = text.strip_suffix('}').unwrap();
    for place in ["unprotected", "header"] {
        tried_one();
        let text = format!(r#"{open},"{place}":{{"jku":"{url}","x5u":"{url}"}}}}"#);
        assert_eq!(target.opened(&text), PLAINTEXT);
    }
}

/// A key that points elsewhere for its certificate, and a set that does.
fn in_a_key(backend: &'static Backend, url: &str) {
    let public = keys::rsa(2048).to_public().unwrap().to_json().to_string();
    let mut key: Value = serde_json::from_str(&public).unwrap();
    (key["jku"], key["x5u"]) = (url.into(), url.into());
    tried_one();
    let jwk = Jwk::from_json(key.to_string().as_bytes()).unwrap();
    jwk.check_certificate(backend).unwrap();
    let options = KeyOptions::new().with_alg(Alg::RsaOaep256);
    let sender = EncryptionKey::import(backend, &jwk, &options).unwrap();
    let token = Encrypter::new(backend, &sender, Enc::A256Gcm).unwrap().encrypt(PLAINTEXT).unwrap();
    assert!(!Parts::of(&token).header_json().contains("127.0.0.1"), "it is not passed on");
    let set = json!({ "keys": [key], "jku": url }).to_string();
    JwkSet::from_json(set.as_bytes()).unwrap().only().unwrap();

    // A key of which nothing but the address is there is none.
    let bare = json!({ "kty": "RSA", "kid": "far", "x5u": url, "jku": url }).to_string();
    assert_eq!(Jwk::from_json(bare.as_bytes()).unwrap_err().code(), "key_missing_member");
    for text in [url, &format!(" {url}\n")] {
        assert!(JwkSet::from_bytes(text.as_bytes()).is_err());
    }
    let oct = keys::oct(32);
    let options = KeyOptions::new().with_alg(Alg::A256Kw);
    DecryptionKey::import(backend, &oct.with_kid(url).unwrap(), &options).unwrap();
}
