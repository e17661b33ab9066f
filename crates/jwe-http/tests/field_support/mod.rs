//! Keys, tokens, routes and requests for tests of decryption.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::num::NonZero;
use std::sync::OnceLock;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use jwe_aws_lc_rs::AWS_LC_RS;
use jwe_core::{
    Alg, Backend, Curve, DecryptionKey, Enc, Encrypter, EncryptionKey, Jwk, KeyOptions, Kid,
};
use jwe_fields::{Missing, PlaintextEncoding, Selector};
use jwe_http::{DecryptionOptions, FieldDecryption, FieldRoute, FieldRoutes, Workers};

/// The path of requests whose `/login` and `/password` are encrypted.
pub(crate) const PATH: &str = "/users/7/connections";

/// The secrets of these tests: nothing that is printed may hold one.
pub(crate) const SECRET: &str = "correct-horse-battery";

/// An RSA key of 2048 bits.
pub(crate) fn rsa() -> &'static Jwk {
    static KEY: OnceLock<Jwk> = OnceLock::new();
    KEY.get_or_init(|| new_rsa("rsa-1"))
}

/// Another one.
pub(crate) fn other_rsa() -> &'static Jwk {
    static KEY: OnceLock<Jwk> = OnceLock::new();
    KEY.get_or_init(|| new_rsa("rsa-2"))
}

fn new_rsa(kid: &str) -> Jwk {
    Jwk::generate_rsa(&AWS_LC_RS, 2048).unwrap().with_alg(Alg::RsaOaep256).with_kid(kid).unwrap()
}

/// A key on P-256.
pub(crate) fn ec() -> &'static Jwk {
    static KEY: OnceLock<Jwk> = OnceLock::new();
    KEY.get_or_init(|| {
        Jwk::generate_ec(&AWS_LC_RS, Curve::P256)
            .unwrap()
            .with_alg(Alg::EcdhEsA256Kw)
            .with_kid("ec-1")
            .unwrap()
    })
}

pub(crate) fn decryption_key(backend: &Backend, jwk: &Jwk) -> DecryptionKey {
    DecryptionKey::import(backend, jwk, &KeyOptions::new()).unwrap()
}

/// A sender that names the key as `kid`.
pub(crate) fn encrypter(jwk: &Jwk, kid: Kid, enc: Enc) -> Encrypter {
    let key = EncryptionKey::import(&AWS_LC_RS, jwk, &KeyOptions::new().with_kid(kid)).unwrap();
    Encrypter::new(&AWS_LC_RS, &key, enc).unwrap()
}

pub(crate) fn token(jwk: &Jwk, plaintext: impl AsRef<[u8]>) -> String {
    encrypter(jwk, Kid::FromKey, Enc::A256Gcm).encrypt(plaintext.as_ref()).unwrap()
}

/// A document with two values.
pub(crate) fn document(login: &str, password: &str) -> String {
    format!(r#"{{ "id_connector": 33.0, "login": "{login}", "password": "{password}" }}"#)
}

/// The same encrypted.
pub(crate) fn encrypted(jwk: &Jwk) -> String {
    document(&token(jwk, "john"), &token(jwk, SECRET))
}

fn selectors(texts: &[&str]) -> Vec<Selector> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// - `POST|PUT /users/{id}/connections`: `/login` and `/password`, which have to be there;
/// - `PATCH` of the same: the same, or not;
/// - `POST /lists/{*rest}`: JSON texts anywhere below `values`.
pub(crate) fn routes() -> FieldRoutes {
    let fields = ["/login", "/password"];
    let connections = "/users/{id}/connections";
    let route = |methods: &[Method], path: &str, fields: &[&str]| {
        FieldRoute::new(methods.iter().cloned(), path, selectors(fields)).unwrap()
    };
    FieldRoutes::new()
        .with(route(&[Method::POST, Method::PUT], connections, &fields))
        .unwrap()
        .with(route(&[Method::PATCH], connections, &fields).with_missing(Missing::Skip))
        .unwrap()
        .with(
            route(&[Method::POST], "/lists/{*rest}", &["$.values[*]"])
                .with_encoding(PlaintextEncoding::Json),
        )
        .unwrap()
}

/// With the keys [`rsa`] and [`ec`].
pub(crate) fn decryption(options: DecryptionOptions) -> FieldDecryption {
    let keys = [rsa(), ec()].map(|jwk| decryption_key(&AWS_LC_RS, jwk));
    FieldDecryption::new(&AWS_LC_RS, keys, &[Enc::A256Gcm], routes(), options).unwrap()
}

pub(crate) fn workers(threads: usize, max_waiting: usize) -> Workers {
    Workers::new(NonZero::new(threads).unwrap(), max_waiting)
}

pub(crate) fn request<B>(method: Method, target: &str, body: B) -> Request<B> {
    Request::builder()
        .method(method)
        .uri(target)
        .header("content-type", "application/json")
        .body(body)
        .unwrap()
}

pub(crate) fn post(body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    request(Method::POST, PATH, Full::new(body.into()))
}

pub(crate) async fn read<B: Body>(body: B) -> Bytes {
    body.collect().await.ok().unwrap().to_bytes()
}

/// The status and the members of a problem, which is checked to be a proper one.
pub(crate) async fn problem<B: Body>(response: Response<B>) -> (u16, serde_json::Value) {
    let status = response.status();
    let headers = response.headers();
    assert_eq!(headers["content-type"], "application/problem+json");
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let body = read(response.into_body()).await;
    let members: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(members["status"], status.as_u16());
    assert_eq!(members["title"], status.canonical_reason().unwrap());
    assert!(!members["detail"].as_str().unwrap().is_empty());
    let known = ["title", "status", "detail", "code", "pointer", "selector"];
    assert!(members.as_object().unwrap().keys().all(|name| known.contains(&name.as_str())));
    (status.as_u16(), members)
}
