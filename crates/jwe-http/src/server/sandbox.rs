//! An API to develop a client against: it says of each value what is right or wrong with it.
//!
//! It tells apart what no recipient of real messages may tell apart. So its key is made when it starts, is
//! never stored, and protects nothing; there is no way to give it another one.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use jwe_core::{Backend, Enc, Jwk};
use jwe_doctor::{Cause, Diagnosis, Expected, PlaintextForm, diagnose};
use jwe_fields::{JsonKind, PlaintextEncoding, SelectedValue, selected};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::error::ServerError;
use crate::field_decryption::{body_reader, media_type};
use crate::{
    DecryptionOptions, FieldRoute, FieldRoutes, KeyRing, KeyState, NewKey, Problem, StoredKey,
};

/// The length of its key in bits: quickly made, and none to keep.
const BITS: usize = 2048;

/// What answers.
pub(super) struct Sandbox {
    ring: KeyRing,
    routes: FieldRoutes,
    options: DecryptionOptions,
    keys: [Jwk; 1],
}

impl Sandbox {
    pub(super) fn new(
        backend: &'static Backend,
        routes: FieldRoutes,
        options: DecryptionOptions,
    ) -> Result<Self, ServerError> {
        let failed =
            |code, error: &dyn std::fmt::Display| ServerError::new(code, error.to_string());
        let jwk = NewKey::default()
            .with_bits(BITS)
            .make(backend)
            .map_err(|error| failed(error.code(), &error))?;
        let now = SystemTime::now();
        let current = StoredKey {
            kid: jwk.kid().unwrap_or_default().to_owned(),
            alg: jwe_core::Alg::RsaOaep256,
            state: KeyState::Current,
            created: now,
            current_since: Some(now),
            expires: None,
            jwk: jwk.clone(),
        };
        let ring = KeyRing { backend, current, next: None, retired: Vec::new() };
        Ok(Self { ring, routes, options, keys: [jwk] })
    }

    /// Its key, as a ring without a next one.
    pub(super) fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// Answers to every path.
    pub(super) fn router(self) -> Router {
        Router::new().fallback(answer).with_state(Arc::new(self))
    }
}

async fn answer(State(sandbox): State<Arc<Sandbox>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    match judged(sandbox, &head.method, head.uri.path(), &head.headers, body).await {
        Ok((status, report)) => {
            let mut response = Response::new(axum::body::Body::from(report));
            *response.status_mut() = status;
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(problem) => IntoResponse::into_response(problem),
    }
}

async fn judged(
    sandbox: Arc<Sandbox>,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: axum::body::Body,
) -> Result<(StatusCode, String), Problem> {
    let Some(route) = sandbox.routes.find(method, path)? else {
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "no_route",
            "The sandbox has no such route: see its configuration.",
        ));
    };
    media_type::check(headers)?;
    let document = body_reader::read(headers, body, &sandbox.options).await?;
    let shared = Arc::clone(&sandbox);
    let work = move || shared.judge(route, &document);
    sandbox.options.workers().run(work).await?
}

impl Sandbox {
    /// What is right or wrong with each value of a document: 200 if all are right, else 422. Nothing that
    /// was decrypted, or arrived in clear, is in the answer.
    fn judge(
        &self,
        route: crate::RouteId,
        document: &[u8],
    ) -> Result<(StatusCode, String), Problem> {
        let broken = || {
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "route_unknown",
                "The sandbox has lost a route: start it again.",
            )
        };
        let route = self.routes.get(route).ok_or_else(broken)?;
        let limits = self.options.document_limits();
        let selectors = route.selectors().iter().cloned();
        let values = selected(document, selectors, route.missing(), &limits)
            .map_err(|_| broken())?
            .map_err(Problem::from)?;
        let mut all_right = true;
        let mut fields = Vec::with_capacity(values.len());
        for (pointer, value) in values {
            let findings = self.findings(route, value);
            all_right &= findings.is_empty();
            fields.push(json!({
                "pointer": pointer,
                "verdict": if findings.is_empty() { "right" } else { "wrong" },
                "findings": findings,
            }));
        }
        let status = if all_right { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        Ok((status, json!({ "id": 1, "fields": fields }).to_string()))
    }

    fn findings(&self, route: &FieldRoute, value: SelectedValue<'_>) -> Vec<Value> {
        let finding = |cause: Cause, what: &str, change: &str| json!({ "code": cause.code(), "what": what, "change": change });
        let in_clear = || {
            vec![finding(
                Cause::InClear,
                "The value arrived in clear",
                "Encrypt it with the key of /publickey before it is sent",
            )]
        };
        if value.kind != JsonKind::String {
            return in_clear();
        }
        let Ok(token) = serde_json::from_slice::<String>(value.json).map(Zeroizing::new) else {
            return in_clear();
        };
        let expected =
            Expected::default().with_enc([Enc::A256Gcm]).with_plaintext(match route.encoding() {
                PlaintextEncoding::Json => PlaintextForm::Json,
                _ => PlaintextForm::Text,
            });
        let Diagnosis { findings, .. } =
            diagnose(token.as_bytes(), &self.keys, self.ring.backend, &expected);
        // What is said of a text that is no token could hold some of it.
        if findings.iter().any(|finding| finding.cause == Cause::InClear) {
            return in_clear();
        }
        findings.iter().map(|found| finding(found.cause, &found.what, &found.change)).collect()
    }
}
