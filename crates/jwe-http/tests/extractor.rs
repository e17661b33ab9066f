//! The extractors for axum, and the layer around a router.
#![cfg(feature = "axum")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

mod field_support;

use axum::Router;
use axum::body::Body;
use axum::extract::FromRef;
use axum::routing::{any, post};
use http::{Method, Request};
use jwe_http::{
    DecryptFieldsLayer, DecryptedBody, DecryptedJson, DecryptionOptions, FieldDecryption,
};
use serde::Deserialize;
use tower::ServiceExt;

use field_support::{
    PATH, SECRET, decryption, document, ec, encrypted, problem, read, request, rsa, token,
};

#[derive(Clone)]
struct State {
    decryption: FieldDecryption,
}

impl FromRef<State> for FieldDecryption {
    fn from_ref(state: &State) -> Self {
        state.decryption.clone()
    }
}

#[derive(Deserialize)]
struct Credentials {
    id_connector: f64,
    login: String,
    password: String,
}

async fn typed(DecryptedJson(body): DecryptedJson<Credentials>) -> String {
    format!("{} {} {}", body.id_connector, body.login, body.password)
}

async fn numbers(body: DecryptedJson<Vec<u64>>) -> String {
    format!("{}", body.0.len())
}

async fn raw(body: DecryptedBody) -> bytes::Bytes {
    assert_eq!(
        format!("{body:?} {:?}", DecryptedJson(SECRET)),
        "DecryptedBody { .. } DecryptedJson { .. }"
    );
    body.0
}

fn sent(method: Method, target: &str, body: impl Into<Body>) -> Request<Body> {
    request(method, target, body.into())
}

fn router() -> Router {
    let connections = Router::new().route("/connections", any(typed));
    let lists = Router::new().route("/numbers", post(numbers)).route("/raw", post(raw));
    Router::new()
        .nest("/users/{id}", connections)
        .nest("/lists", lists)
        .route("/elsewhere", post(raw))
        .with_state(State { decryption: decryption(DecryptionOptions::new()) })
}

#[tokio::test]
async fn a_handler_gets_clear_fields() {
    for jwk in [rsa(), ec()] {
        let response = router().oneshot(sent(Method::POST, PATH, encrypted(jwk))).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(read(response.into_body()).await, format!("33 john {SECRET}"));
        let body = format!(r#"{{"values": ["{}"]}}"#, token(jwk, r#"{"any": [1.0]}"#));
        let response = router().oneshot(sent(Method::POST, "/lists/raw", body)).await.unwrap();
        assert_eq!(read(response.into_body()).await, r#"{"values": [{"any": [1.0]}]}"#);
    }
}

#[tokio::test]
async fn what_is_refused_does_not_reach_it() {
    let clear = document(SECRET, SECRET);
    let missing =
        format!(r#"{{"login":"{}","password":"{}"}}"#, token(rsa(), "a"), token(rsa(), SECRET));
    for (method, target, body, status, code) in [
        (Method::POST, PATH, clear.clone(), 422, "field_not_encrypted"),
        (
            Method::POST,
            "/users/7/connections?_method=PUT",
            encrypted(rsa()),
            400,
            "method_override",
        ),
        // A member of the type is not there.
        (Method::POST, PATH, missing, 422, "body_shape"),
        // Set up for other methods, or for no fields at all: nothing comes through unseen.
        (Method::DELETE, PATH, clear.clone(), 500, "route_unknown"),
        (Method::POST, "/elsewhere", clear, 500, "route_unknown"),
        (Method::POST, PATH, " ".repeat((1 << 20) + 1), 413, "body_too_long"),
    ] {
        let response = router().oneshot(sent(method, target, body)).await.unwrap();
        let (told, members) = problem(response).await;
        assert_eq!((told, &members["code"]), (status, &code.into()), "{target}");
        assert!(!members.to_string().contains(SECRET), "{members}");
    }
    // serde's own text would show the value.
    let body = format!(r#"{{"values": ["{}"]}}"#, token(rsa(), format!("\"{SECRET}\"")));
    let response = router().oneshot(sent(Method::POST, "/lists/numbers", body)).await.unwrap();
    let (status, members) = problem(response).await;
    assert_eq!((status, &members["code"]), (422, &"body_shape".into()));
    assert!(!members.to_string().contains(SECRET), "{members}");
}

/// Around the whole router, around a nested one, and around one route: the path is the client's.
#[tokio::test]
async fn the_layer_goes_around_routers() {
    let layer = || DecryptFieldsLayer::new(decryption(DecryptionOptions::new()));
    let echo = || any(async |body: bytes::Bytes| body);
    let nested = || Router::new().route("/connections", echo());
    let whole = || Router::new().nest("/users/{id}", nested()).route("/elsewhere", echo());
    for router in [
        whole().layer(layer()),
        Router::new().nest("/users/{id}", nested().layer(layer())).route("/elsewhere", echo()),
        Router::new()
            .nest("/users/{id}", Router::new().route("/connections", echo().layer(layer())))
            .route("/elsewhere", echo()),
    ] {
        let response =
            router.clone().oneshot(sent(Method::POST, PATH, encrypted(rsa()))).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(read(response.into_body()).await, document("john", SECRET));
        let response = router
            .clone()
            .oneshot(sent(Method::POST, PATH, document("john", SECRET)))
            .await
            .unwrap();
        assert_eq!(problem(response).await.1["code"], "field_not_encrypted");
        let response = router.oneshot(sent(Method::POST, "/elsewhere", "clear")).await.unwrap();
        assert_eq!(read(response.into_body()).await, "clear");
    }
}

/// A handler behind both does not take for encrypted what no longer is.
#[tokio::test]
async fn fields_are_decrypted_once() {
    let layer = DecryptFieldsLayer::new(decryption(DecryptionOptions::new()));
    let response =
        router().layer(layer).oneshot(sent(Method::POST, PATH, encrypted(rsa()))).await.unwrap();
    assert_eq!(problem(response).await.1["code"], "field_not_encrypted");
}
