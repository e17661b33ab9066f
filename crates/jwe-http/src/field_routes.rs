//! Which requests have encrypted fields, and which these are.

mod canonical_path;
mod overrides;
mod route_error;
#[cfg(test)]
mod tests;

use core::fmt;
use std::borrow::Cow;
use std::collections::HashMap;

use http::{HeaderMap, Method, StatusCode};
use jwe_fields::{Missing, PlaintextEncoding, Selector};
use matchit::Router;

pub use route_error::RouteError;

use crate::problem::Problem;

/// The requests of one kind whose bodies have encrypted fields: methods, the template of their paths, the
/// selected values and how they are encrypted.
#[derive(Clone, Debug)]
pub struct FieldRoute {
    methods: Vec<Method>,
    template: String,
    selectors: Vec<Selector>,
    missing: Missing,
    encoding: PlaintextEncoding,
}

impl FieldRoute {
    /// Requests with one of these methods and a path like `/users/{id}/connections`: `{name}` stands for
    /// any one segment, and `{*name}`, at the end, for one or more. A slash at the end makes no
    /// difference.
    ///
    /// Method names are case-sensitive (RFC 9110 §9.1), and so are paths. Another path under which the service
    /// gives the same, such as one that ends with `.json`, needs a route of its own.
    ///
    /// # Errors
    /// [`RouteError`]: no method, a template that is none or that is written in a way that no path of a
    /// request may be, no selector.
    pub fn new(
        methods: impl IntoIterator<Item = Method>,
        template: impl Into<String>,
        selectors: impl IntoIterator<Item = Selector>,
    ) -> Result<Self, RouteError> {
        let route = Self {
            methods: methods.into_iter().collect(),
            template: template.into(),
            selectors: selectors.into_iter().collect(),
            missing: Missing::default(),
            encoding: PlaintextEncoding::default(),
        };
        if route.methods.is_empty() {
            return Err(RouteError::NoMethod { template: route.template });
        }
        if route.selectors.is_empty() {
            return Err(RouteError::NoSelector { template: route.template });
        }
        canonical_path::template(&route.template)?;
        Ok(route)
    }

    /// The same with another meaning of a selector that selects nothing, which is an error if not set.
    ///
    /// Names are compared as they are (RFC 6901 §4): to `/password`, a member `Password` is another one. Where
    /// missing fields are skipped it is handed on, so that a service that takes it for the same
    /// has to refuse it itself.
    #[must_use]
    pub fn with_missing(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }

    /// The same with another encoding of plaintexts, which is that of texts if not set.
    #[must_use]
    pub fn with_encoding(mut self, encoding: PlaintextEncoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// The methods.
    #[must_use]
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }

    /// The template of paths.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.template
    }

    /// The selected values.
    #[must_use]
    pub fn selectors(&self) -> &[Selector] {
        &self.selectors
    }

    /// What a selector that selects nothing means.
    #[must_use]
    pub fn missing(&self) -> Missing {
        self.missing
    }

    /// What bytes of a value are the plaintext.
    #[must_use]
    pub fn encoding(&self) -> PlaintextEncoding {
        self.encoding
    }
}

/// One of [`FieldRoutes`], which gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RouteId(usize);

impl RouteId {
    /// The place of the route in the order in which they were added.
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}

/// The routes of a service, found by method and path.
///
/// A path that two programs could read in two ways is refused, whatever it is the path of, because the one
/// that looks for encrypted fields and the one that takes the request must not mean different resources
/// ([`find`](Self::find) says which). Of several templates that fit, literal segments count more than
/// parameters, for each method by itself.
#[derive(Clone, Default)]
pub struct FieldRoutes {
    routes: Vec<FieldRoute>,
    by_method: HashMap<Method, OfMethod>,
}

/// The routes of one method.
#[derive(Clone, Default)]
struct OfMethod {
    exact: Router<RouteId>,
    /// The same in lower case.
    folded: Router<RouteId>,
}

impl FieldRoutes {
    /// No routes yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more route.
    ///
    /// # Errors
    /// [`RouteError::Conflict`]: another route has the same method and paths.
    pub fn with(mut self, route: FieldRoute) -> Result<Self, RouteError> {
        let id = RouteId(self.routes.len());
        let template = canonical_path::template(&route.template)?;
        for method in &route.methods {
            let of_method = self.by_method.entry(method.clone()).or_default();
            of_method.exact.insert(template.as_str(), id).map_err(|_| RouteError::Conflict {
                method: method.clone(),
                template: route.template.clone(),
            })?;
            // Where this one can't be put in, another that matches the same is there.
            let _ = of_method.folded.insert(template.to_ascii_lowercase(), id);
        }
        self.routes.push(route);
        Ok(self)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    /// The routes in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (RouteId, &FieldRoute)> {
        self.routes.iter().enumerate().map(|(index, route)| (RouteId(index), route))
    }

    /// A route that [`find`](Self::find) of this value gave; `None` for one that another gave and that is
    /// not here.
    #[must_use]
    pub fn get(&self, id: RouteId) -> Option<&FieldRoute> {
        self.routes.get(id.0)
    }

    /// The route of a request by its method and the path of its target (RFC 9112 §3.2), without the query;
    /// `None` if none fits.
    ///
    /// # Errors
    /// With no route at all, none. Otherwise status 400, and
    /// - `ambiguous_path`: segments that are empty, `.` or `..`; what may not stand in a path
    ///   (RFC 3986 §3.3), such as `\`; `;`, before which some cut a segment off; percent escapes that are
    ///   invalid, no UTF-8, of a character that needs none, or of a control character or one of
    ///   `/`, `\`, `;`, `?`, `#`; a percent sign that is escaped in front of what would be an escape; a path that fits
    ///   a route but for upper and lower case;
    /// - `ambiguous_method`: a method that fits a route but for upper and lower case.
    pub fn find(&self, method: &Method, path: &str) -> Result<Option<RouteId>, Problem> {
        // `*` of OPTIONS, and the empty path of CONNECT.
        if self.by_method.is_empty() || path == "*" || path.is_empty() {
            return Ok(None);
        }
        let path = canonical_path::read(path)?;
        if let Some(of_method) = self.by_method.get(method) {
            let exact = of_method.exact.at(&path).ok().map(|found| *found.value);
            let folded = of_method.folded.at(&lower_case(&path)).ok().map(|found| *found.value);
            match (exact, folded) {
                (None, None) => {}
                (Some(id), None) => return Ok(Some(id)),
                (Some(id), Some(other)) if self.differ_in_case_only(id, other) => {
                    return Ok(Some(id));
                }
                // As `/users/ME` is one of `/users/{id}`, and of `/users/me` for who does not tell case.
                _ => return Err(canonical_path::ambiguous()),
            }
        }
        self.check_method_case(method, &path)?;
        Ok(None)
    }

    /// The same of a request with these headers and this query, unless they say that it is another one.
    ///
    /// # Errors
    /// As [`find`](Self::find), and with the status 400
    /// - `path_override`: a header `X-Original-URL` or `X-Rewrite-URL`, which some take for the path,
    ///   whatever the path is;
    /// - `method_override`: a header `X-HTTP-Method-Override`, `X-HTTP-Method` or `X-Method-Override`, or a
    ///   parameter `_method` in the query, which some take for the method, where the path is that of a
    ///   route of any method.
    pub(crate) fn route_of(
        &self,
        method: &Method,
        path: &str,
        query: Option<&str>,
        headers: &HeaderMap,
    ) -> Result<Option<RouteId>, Problem> {
        let route = self.find(method, path)?;
        overrides::check(self, path, query, headers)?;
        Ok(route)
    }

    /// Whether the path is that of a route, of whatever method.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    fn has_path(&self, path: &str) -> Result<bool, Problem> {
        if self.by_method.is_empty() || path == "*" || path.is_empty() {
            return Ok(false);
        }
        let path = canonical_path::read(path)?;
        let path = lower_case(&path);
        Ok(self.by_method.values().any(|of_method| of_method.folded.at(&path).is_ok()))
    }

    /// Whether two routes are the same, or have templates that somebody wrote to tell upper from lower case.
    fn differ_in_case_only(&self, one: RouteId, other: RouteId) -> bool {
        one == other
            || match (self.get(one), self.get(other)) {
                (Some(one), Some(other)) => {
                    canonical_path::differ_in_case_only(&one.template, &other.template)
                }
                _ => false,
            }
    }

    fn check_method_case(&self, method: &Method, path: &str) -> Result<(), Problem> {
        if !method.as_str().bytes().any(|byte| byte.is_ascii_lowercase()) {
            return Ok(());
        }
        let fits = self.by_method.iter().any(|(own, of_method)| {
            own.as_str().eq_ignore_ascii_case(method.as_str())
                && of_method.folded.at(&lower_case(path)).is_ok()
        });
        if fits {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "ambiguous_method",
                "the method is written in lower case, and is another one then: write it in upper case",
            ));
        }
        Ok(())
    }
}

fn lower_case(path: &str) -> Cow<'_, str> {
    if path.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(path.to_ascii_lowercase())
    } else {
        Cow::Borrowed(path)
    }
}

impl fmt::Debug for FieldRoutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.routes).finish()
    }
}
