//! What becomes of bodies.

use std::num::NonZero;
use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use jwe_aws_lc_rs::AWS_LC_RS;
use jwe_core::{Alg, Enc, Jwk};
use jwe_fields::{EncryptOptions, NonString, PlaintextEncoding};
use jwe_http::Workers;
use jwe_http::client::{FieldEncryption, KeySource, KeySourceOptions};

use crate::api::{Api, PATH, connection, decrypted, routes};
use crate::support_client::{Server, key, ok, provider, public_json};

const BODY: &str = r#"{"id_connector": 33, "login":"john", "password":"s\u00e9cret","n":1.0}"#;

#[tokio::test]
async fn the_fields_of_a_route_are_encrypted_and_nothing_else_is_changed() {
    let private = key("k");
    let api = Api::start(&private, |_, _| ok("", b"{\"id\":1}")).await;
    let client = api.client();
    let mut request = api.request(PATH, BODY);
    request.headers_mut().insert("content-length", BODY.len().into());
    request.headers_mut().insert("x-own", "kept".parse().unwrap());
    let answer = client.execute(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.text().await.unwrap(), "{\"id\":1}");
    let requests = api.requests();
    assert_eq!(requests.len(), 1);
    let sent = &requests[0];
    assert!(sent.starts_with("POST /users/7/connections HTTP/1.1\r\n"), "{sent}");
    assert!(!sent.contains("john") && !sent.contains("cret\""), "{sent}");
    assert!(sent.contains("x-own: kept\r\n") && sent.contains("{\"id_connector\": 33, \"login\":"));
    let read = connection(&private, sent).unwrap();
    assert_eq!(read, r#"{"id_connector": 33, "login":"john", "password":"sécret","n":1.0}"#);
    // The key is fetched once for all, and no token is like another.
    client.execute(api.request(PATH, BODY)).await.unwrap();
    assert_eq!(api.fetches(), 1);
    assert_ne!(api.requests()[0], api.requests()[1]);
}

#[tokio::test]
async fn a_route_has_its_own_settings() {
    let private = key("k");
    let api = Api::start(&private, |_, _| ok("", b"")).await;
    let client = api.client();
    client.execute(api.request("/users/7/notes/", r#"{"other":1}"#)).await.unwrap();
    assert!(api.requests()[0].ends_with("\r\n\r\n{\"other\":1}"), "nothing there to encrypt");
    let body = r#"{"amount":{"value":5,"currency":"EUR"}}"#;
    client.execute(api.request("/users/7/amounts", body)).await.unwrap();
    let sent = &api.requests()[1];
    let sent = crate::support_client::body(sent);
    assert!(!sent.contains("EUR"));
    assert_eq!(decrypted(&private, &["/amount"], PlaintextEncoding::Json, sent).unwrap(), body);
}

#[tokio::test]
async fn many_values_are_encrypted_by_the_workers_and_past_their_bound_not_at_all() {
    let private = key("k");
    let api = Api::start(&private, |_, _| ok("", b"")).await;
    let workers = Workers::new(NonZero::<usize>::MIN, 1);
    let options = EncryptOptions::new();
    let encryption = FieldEncryption::with(api.source(), routes(), options, workers.clone());
    let cards = vec![r#"{"pin":"1234"}"#; 500].join(",");
    let body = format!("{{\"cards\":[{cards}]}}");
    let route = encryption.find(&Method::POST, "/users/7/cards").unwrap().unwrap();
    let sent = encryption.encrypt(route, Bytes::from(body.clone())).await.unwrap();
    let sent = std::str::from_utf8(&sent).unwrap();
    let selectors = ["$.cards[*].pin"];
    assert_eq!(decrypted(&private, &selectors, PlaintextEncoding::Text, sent).unwrap(), body);
    // One at work, one waiting.
    let (release, released) = std::sync::mpsc::channel::<()>();
    let blocked = {
        let workers = workers.clone();
        tokio::spawn(async move { workers.run(move || released.recv().is_ok()).await })
    };
    crate::support_client::until(|| workers.running() == 1).await;
    let waiting = {
        let workers = workers.clone();
        tokio::spawn(async move { workers.run(|| ()).await })
    };
    crate::support_client::until(|| workers.waiting() == 1).await;
    let problem = encryption.encrypt(route, Bytes::from(body.clone())).await.unwrap_err();
    assert_eq!((problem.status().as_u16(), problem.code()), (503, "busy"));
    assert!(problem.retry_after().is_some());
    // Little work waits for nobody.
    let little = encryption.find(&Method::POST, PATH).unwrap().unwrap();
    assert!(encryption.encrypt(little, Bytes::from(BODY)).await.is_ok());
    release.send(()).unwrap();
    assert_eq!(blocked.await.unwrap(), Ok(true));
    assert_eq!(waiting.await.unwrap(), Ok(()));
    assert!(encryption.encrypt(route, Bytes::from(body)).await.is_ok());
}

#[tokio::test]
async fn settings_for_values_are_taken() {
    let private = key("k");
    let api = Api::start(&private, |_, _| ok("", b"")).await;
    let options = EncryptOptions::new().with_non_string(NonString::JsonText);
    let encryption = FieldEncryption::with(api.source(), routes(), options, Workers::default());
    let route = encryption.find(&Method::POST, PATH).unwrap().unwrap();
    let body = Bytes::from_static(br#"{"login":5,"password":true}"#);
    let sent = encryption.encrypt(route, body).await.unwrap();
    let read = decrypted(
        &private,
        &["/login", "/password"],
        PlaintextEncoding::Text,
        std::str::from_utf8(&sent).unwrap(),
    );
    assert_eq!(read.unwrap(), r#"{"login":"5","password":"true"}"#);
}

#[tokio::test]
async fn the_scheme_of_rsa_oaep_256_and_a256gcm() {
    let private = Jwk::generate_rsa(&AWS_LC_RS, 2048).unwrap();
    let private = private.with_kid("rsa").unwrap().with_alg(Alg::RsaOaep256);
    let published = public_json(&private);
    let server = Server::start(move |_, _| ok("", published.as_bytes())).await;
    let options = KeySourceOptions::new(AWS_LC_RS, &[Alg::RsaOaep256], Enc::A256Gcm, provider());
    let source = KeySource::new(&server.url("/publickey"), options).unwrap();
    let encryption = FieldEncryption::new(source, routes());
    let route = encryption.find(&Method::POST, PATH).unwrap().unwrap();
    let sent = encryption.encrypt(route, Bytes::from(BODY)).await.unwrap();
    let read = decrypted(
        &private,
        &["/login", "/password"],
        PlaintextEncoding::Text,
        std::str::from_utf8(&sent).unwrap(),
    );
    assert!(read.unwrap().contains("\"login\":\"john\""));
}

/// Memory that tells when nobody holds it any longer.
struct Watched(Arc<()>, Vec<u8>);

impl AsRef<[u8]> for Watched {
    fn as_ref(&self) -> &[u8] {
        assert_eq!(Arc::strong_count(&self.0), 2);
        &self.1
    }
}

#[tokio::test]
async fn a_body_in_clear_is_not_held_longer_than_the_request_takes() {
    let api = Api::start(&key("k"), |_, _| ok("", b"")).await;
    let held = Arc::new(());
    let body = Bytes::from_owner(Watched(Arc::clone(&held), BODY.as_bytes().to_vec()));
    let client = api.client();
    let answer = client.execute(api.request(PATH, body)).await.unwrap();
    assert_eq!(Arc::strong_count(&held), 1);
    drop(answer);
}
