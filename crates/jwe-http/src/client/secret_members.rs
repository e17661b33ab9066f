//! Whether keys come with a secret half, whatever they are otherwise.

use core::fmt;
use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The members that are private by their registry (RFC 7518 §6, "JSON Web Key Parameters").
const PRIVATE: [&str; 9] = ["d", "dp", "dq", "k", "oth", "p", "priv", "q", "qi"];

/// Whether a JWK or a JWK set has a private or a symmetric key in it: one that can't be used, too, which
/// [`JwkSet`](jwe_core::JwkSet) leaves out. Nothing of it is copied. What is not JSON has none.
pub(super) fn are_in(json: &[u8]) -> bool {
    let mut found = false;
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    // What was found before an error counts.
    let _ = Keys { found: &mut found, in_set: false }.deserialize(&mut deserializer);
    found
}

/// A key, a set of keys or their list.
struct Keys<'f> {
    found: &'f mut bool,
    in_set: bool,
}

impl<'de> DeserializeSeed<'de> for Keys<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("keys")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            if name == "keys" && !self.in_set {
                map.next_value_seed(Keys { found: self.found, in_set: true })?;
            } else if PRIVATE.contains(&&*name) {
                *self.found |= map.next_value::<Option<IgnoredAny>>()?.is_some();
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Keys { found: self.found, in_set: true })?.is_some() {}
        Ok(())
    }
}

/// The name of a member, without a copy where it has no escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::are_in;

    #[test]
    fn every_secret_half_is_found() {
        for json in [
            r#"{"kty":"oct","k":"AA"}"#,
            r#"{"kty":"RSA","n":"AQ","e":"AQAB","q":"AQ"}"#,
            r#"{"keys":[{"kty":"EC","x":"AA"},{"kty":"EC","crv":"P-256","d":"AA"}]}"#,
            r#"{"keys":[{"kty":"AKP","priv":"AA"}]}"#,
            r#"{"keys":[1,"d",{"\u0064":"AA"}]}"#,
            r#"{"keys":[{"d":null,"k":1}]}"#,
            // As far as it can be read.
            r#"{"keys":[{"d":"AA"},"#,
        ] {
            assert!(are_in(json.as_bytes()), "{json}");
        }
        for json in [
            r#"{"kty":"RSA","n":"AQ","e":"AQAB"}"#,
            r#"{"keys":[{"kty":"EC","x":"d","y":"k","d":null}]}"#,
            r#"{"keys":[{"kty":"EC","of":{"d":"AA"}}],"of":{"k":"AA"}}"#,
            r#"{"keys":[]}"#,
            "[",
            "",
        ] {
            assert!(!are_in(json.as_bytes()), "{json}");
        }
    }
}
