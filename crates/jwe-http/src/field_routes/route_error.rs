//! Why a route can't be.

use core::fmt;

use http::Method;

/// Why a [`FieldRoute`](super::FieldRoute) can't be, or can't be added.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RouteError {
    /// The route has no method.
    NoMethod {
        /// The template of its paths.
        template: String,
    },
    /// The route has no selector, so that nothing of its requests would be encrypted.
    NoSelector {
        /// The template of its paths.
        template: String,
    },
    /// The template is none.
    Template {
        /// The template.
        template: String,
        /// What is wrong, in words.
        reason: &'static str,
    },
    /// Another route has the same method, and paths that can't be told apart.
    Conflict {
        /// The method.
        method: Method,
        /// The template of the later one.
        template: String,
    },
}

impl RouteError {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoMethod { .. } => "route_no_method",
            Self::NoSelector { .. } => "route_no_selector",
            Self::Template { .. } => "route_template",
            Self::Conflict { .. } => "route_conflict",
        }
    }
}

impl fmt::Display for RouteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMethod { template } => {
                write!(f, "the route {template:?} has no method: name at least one, such as POST")
            }
            Self::NoSelector { template } => {
                write!(
                    f,
                    "the route {template:?} selects no field: name at least one, such as /password"
                )
            }
            Self::Template { template, reason } => {
                write!(f, "{template:?} is no template of paths: {reason}")
            }
            Self::Conflict { method, template } => write!(
                f,
                "the route {method} {template:?} has the paths of an earlier one: put the fields of both into one"
            ),
        }
    }
}

impl core::error::Error for RouteError {}
