//! One route: which requests, and which of their fields.

use http::Method;
use jwe_fields::{Missing, PlaintextEncoding, Selector};
use serde::Deserialize;
use toml::Spanned;

use super::error::ConfigError;
use crate::{FieldRoute, FieldRoutes};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct RouteConfig {
    methods: Vec<MethodName>,
    path: Spanned<String>,
    fields: Vec<Field>,
    #[serde(default)]
    missing: MissingName,
    #[serde(default)]
    encoding: EncodingName,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct MethodName(Method);

impl TryFrom<String> for MethodName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        // Methods are told apart by case, and the others have no body that could hold a field.
        match name.as_str() {
            "POST" => Ok(Self(Method::POST)),
            "PUT" => Ok(Self(Method::PUT)),
            "PATCH" => Ok(Self(Method::PATCH)),
            "DELETE" => Ok(Self(Method::DELETE)),
            _ => Err(format!(
                "{name:?} is not a method with a body: write \"POST\", \"PUT\", \"PATCH\" or \"DELETE\""
            )),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Field(Selector);

impl TryFrom<String> for Field {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self).map_err(|error| format!("{text:?} selects nothing: {error}"))
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MissingName {
    #[default]
    Refuse,
    Skip,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum EncodingName {
    #[default]
    Text,
    Json,
}

impl RouteConfig {
    pub(super) fn new<'a>(
        methods_and_path: &str,
        fields: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ConfigError> {
        let (methods, path) = methods_and_path.split_once(' ').ok_or_else(|| {
            ConfigError::new(format!(
                "{methods_and_path:?} is not a route: write methods and a path, such as \"POST /users/{{id}}\""
            ))
        })?;
        let methods = methods.split('|').map(|name| MethodName::try_from(name.to_owned()));
        let fields = fields.into_iter().map(|text| Field::try_from(text.to_owned()));
        Ok(Self {
            methods: methods.collect::<Result<_, _>>().map_err(ConfigError::new)?,
            path: Spanned::new(0..0, path.to_owned()),
            fields: fields.collect::<Result<_, _>>().map_err(ConfigError::new)?,
            missing: MissingName::default(),
            encoding: EncodingName::default(),
        })
    }

    /// Adds the route to those that are there. `text` is what it was read from.
    pub(super) fn add_to(
        &self,
        routes: FieldRoutes,
        text: &str,
    ) -> Result<FieldRoutes, ConfigError> {
        let wrong = |error: &dyn std::fmt::Display| {
            ConfigError::new(error.to_string()).at(text, Some(self.path.span().start))
        };
        let route = FieldRoute::new(
            self.methods.iter().map(|method| method.0.clone()),
            self.path.get_ref(),
            self.fields.iter().map(|field| field.0.clone()),
        )
        .map_err(|error| wrong(&error))?
        .with_missing(match self.missing {
            MissingName::Refuse => Missing::Refuse,
            MissingName::Skip => Missing::Skip,
        })
        .with_encoding(match self.encoding {
            EncodingName::Text => PlaintextEncoding::Text,
            EncodingName::Json => PlaintextEncoding::Json,
        });
        routes.with(route).map_err(|error| wrong(&error))
    }
}
