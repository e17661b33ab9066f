//! What lies between: it serves the page, stores what the page sends, and hands it on to the API. It never
//! sees what the user typed.
//!
//!     cargo run -q -p jwe-examples --bin intermediary [ADDRESS] [API] [LOG]
//!
//! It listens at 127.0.0.1:8081, hands on to http://127.0.0.1:8080, and stores requests in
//! `target/intermediary.log`, if not told otherwise. The page's libraries come from npm:
//! `npm ci --prefix examples/page`.

use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;

struct Between {
    api: String,
    log: PathBuf,
    client: reqwest::Client,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut or = |default: &str| arguments.next().unwrap_or_else(|| default.to_owned());
    let address = or("127.0.0.1:8081");
    let api = or("http://127.0.0.1:8080");
    let log = PathBuf::from(or("target/intermediary.log"));
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls).build()?;
    let service = Router::new()
        .route("/", get(page))
        .route("/lib/{*path}", get(library))
        .route("/users/{id}/connections", post(hand_on))
        .with_state(Arc::new(Between { api, log, client }));
    let listener = TcpListener::bind(&address).await?;
    println!("page at http://{}", listener.local_addr()?);
    axum::serve(listener, service).await?;
    Ok(())
}

fn folder() -> PathBuf {
    FilePath::new(env!("CARGO_MANIFEST_DIR")).join("page")
}

/// The page, which is told where the API publishes its key.
async fn page(State(between): State<Arc<Between>>) -> Response {
    match fs::read_to_string(folder().join("index.html")) {
        Ok(page) => Html(page.replace("{{api}}", &between.api)).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// One of the scripts that the page names, and no other file.
async fn library(Path(path): Path<String>) -> Response {
    let file = match (path.as_str(), path.strip_prefix("jose/")) {
        ("page.mjs", _) => folder().join("page.mjs"),
        ("js-jose.js", _) => folder().join("node_modules/jose-jwe-jws/dist/jose.min.js"),
        (_, Some(module)) if is_plain(module) => {
            folder().join("node_modules/jose/dist/webapi").join(module)
        }
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match fs::read(file) {
        Ok(script) => ([(CONTENT_TYPE, "text/javascript")], script).into_response(),
        Err(_) => (StatusCode::NOT_FOUND, "run `npm ci --prefix examples/page`").into_response(),
    }
}

/// Whether each segment is a name of letters, digits, `_` and `-`, and the last one that of a script.
fn is_plain(path: &str) -> bool {
    let is_name = |name: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        !name.is_empty() && name.bytes().all(plain)
    };
    path.strip_suffix(".js").is_some_and(|path| path.split('/').all(is_name))
}

/// Stores a request, and hands it on.
async fn hand_on(
    State(between): State<Arc<Between>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let stored =
        OpenOptions::new().create(true).append(true).open(&between.log).and_then(|mut log| {
            writeln!(log, "POST /users/{id}/connections {headers:?}")?;
            log.write_all(&body)?;
            log.write_all(b"\n")
        });
    if stored.is_err() {
        return (StatusCode::INTERNAL_SERVER_ERROR, "the log can't be written").into_response();
    }
    let request = between
        .client
        .post(format!("{}/users/{id}/connections", between.api))
        .header("content-type", "application/json")
        .body(body);
    let answer = async {
        let answer = request.send().await?;
        Ok::<_, reqwest::Error>((answer.status(), answer.bytes().await?))
    };
    match answer.await {
        Ok((status, body)) => (status, [(CONTENT_TYPE, "application/json")], body).into_response(),
        Err(_) => (StatusCode::BAD_GATEWAY, "the API can't be reached").into_response(),
    }
}
