//! The settings of a run on which its output depends. A run that goes on must have the same, or its
//! output would be of two kinds.

use serde_json::{Map, Value};

/// Settings by name. No secret is among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings(Map<String, Value>);

impl Settings {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// With one more.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn from_json(json: &Map<String, Value>) -> Self {
        Self(json.clone())
    }

    pub(super) fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// The names of those that differ.
    pub(super) fn differences<'a>(&'a self, other: &'a Self) -> Vec<&'a str> {
        let differs = |name: &&String| self.0.get(*name) != other.0.get(*name);
        let mut names: Vec<&str> =
            self.0.keys().chain(other.0.keys()).filter(differs).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_named_once() {
        let a = Settings::new().with("enc", "A256GCM").with("kid", "1").with("zip", true);
        let b = Settings::new().with("enc", "A128GCM").with("kid", "1").with("columns", vec!["x"]);
        assert_eq!(a.differences(&b), ["columns", "enc", "zip"]);
        assert_eq!(a.differences(&a), [""; 0]);
    }
}
