//! What says that a request is another one than it seems.

use http::{HeaderMap, StatusCode};

use super::FieldRoutes;
use super::canonical_path::percent_decoded;
use crate::problem::Problem;

const PATHS: [&str; 2] = ["x-original-url", "x-rewrite-url"];
const METHODS: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];
const PARAMETER: &[u8] = b"_method";

/// Refuses what a service behind may take for another method or path than the one by which fields are
/// looked for.
///
/// # Errors
/// 400: `path_override` on any path, `method_override` on the path of a route.
pub(super) fn check(
    routes: &FieldRoutes,
    path: &str,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Result<(), Problem> {
    if PATHS.iter().any(|name| headers.contains_key(*name)) {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "path_override",
            "a header gives the request another path: send the request to that path, without the header",
        ));
    }
    let overridden =
        METHODS.iter().any(|name| headers.contains_key(*name)) || query.is_some_and(has_parameter);
    if overridden && routes.has_path(path)? {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "method_override",
            "a header or a parameter gives the request another method: send it with that method",
        ));
    }
    Ok(())
}

fn has_parameter(query: &str) -> bool {
    query
        .split(['&', ';'])
        .any(|pair| percent_decoded(pair.split('=').next().unwrap_or_default()) == PARAMETER)
}
