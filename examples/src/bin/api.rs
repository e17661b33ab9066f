//! The API: it publishes its key, and its handler sees what the user typed.
//!
//!     cargo run -q -p jwe-examples --bin api [ADDRESS] [FOLDER]
//!
//! It listens at 127.0.0.1:8080 and keeps its keys in `target/example-keys`, if not told otherwise, and prints
//! what the handler receives, so that you see it. A real one would do no such thing, and would serve through
//! what limits slow clients, such as `jwe serve`.

use std::error::Error;
use std::io::Write as _;
use std::time::SystemTime;

use axum::extract::State;
use axum::http::{HeaderMap, Method, Response};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use jwe::{Enc, KeyOptions, aws_lc_rs::AWS_LC_RS};
use jwe_http::{
    DecryptFieldsLayer, DecryptionOptions, FieldDecryption, FieldRoute, FieldRoutes, KeyDirectory,
    NewKey, PublishedKeys,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What a client sends to connect a user to a bank.
#[derive(Deserialize)]
struct Connection {
    id_connector: u64,
    login: String,
    password: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let folder = arguments.next().unwrap_or_else(|| "target/example-keys".to_owned());

    // The keys: made at the first start, and there from then on.
    let directory = KeyDirectory::new(folder, &AWS_LC_RS);
    let ring = match directory.load() {
        Ok(ring) => ring,
        Err(_) => directory.init(&NewKey::default())?,
    };
    let keys = ring.decryption_keys(&AWS_LC_RS, &KeyOptions::new(), SystemTime::now())?;

    // What is encrypted, and decrypted before a handler sees it.
    let fields = ["/login".parse()?, "/password".parse()?];
    let route = FieldRoute::new([Method::POST], "/users/{id}/connections", fields)?;
    let decryption = FieldDecryption::new(
        &AWS_LC_RS,
        keys,
        &[Enc::A256Gcm],
        FieldRoutes::new().with(route)?,
        DecryptionOptions::new(),
    )?;

    let published = PublishedKeys::new(&ring)?;
    let service = Router::new()
        .route("/users/{id}/connections", post(connect))
        .layer(DecryptFieldsLayer::new(decryption))
        .route("/publickey", get(key))
        .with_state(published);
    let listener = TcpListener::bind(&address).await?;
    println!("API at http://{}", listener.local_addr()?);
    axum::serve(listener, service).await?;
    Ok(())
}

/// `GET /publickey`.
async fn key(
    State(published): State<PublishedKeys>,
    method: Method,
    headers: HeaderMap,
) -> impl IntoResponse {
    let (parts, body) = published.current().respond(&method, &headers).into_parts();
    Response::from_parts(parts, axum::body::Body::from(body))
}

/// `POST /users/{id}/connections`, in clear.
async fn connect(Json(connection): Json<Connection>) -> Json<Value> {
    println!(
        "handler received login {:?} and password {:?}",
        connection.login, connection.password
    );
    let _ = std::io::stdout().flush();
    Json(json!({ "id": 1, "id_connector": connection.id_connector, "state": null }))
}
