//! Several keys (RFC 7517 §5), and reading keys of whatever format.

use core::fmt;

use serde_json::value::RawValue;

use crate::curve::Curve;
use crate::error::ImportError;
use crate::json_object::{self, ObjectError};
use crate::jwk::{Jwk, MAX_KEY_LEN};

/// The longest text of a set, in bytes.
const MAX_SET_LEN: usize = 1024 * 1024;
/// The most keys of a set, those that can't be used included.
const MAX_SET_KEYS: usize = 1024;

/// A JWK set. Keys that this crate can't use are skipped and remembered with the reason
/// (RFC 7517 §5).
#[derive(Clone, Default)]
pub struct JwkSet {
    keys: Vec<Jwk>,
    skipped: Vec<ImportError>,
    // Whether a key was skipped although it is of a type that is handled here, and its kid.
    skipped_handled_type: bool,
    skipped_kids: Vec<String>,
}

impl JwkSet {
    /// Reads the JSON text of a JWK set.
    ///
    /// # Errors
    /// [`ImportError`]: not one JSON object with an array `keys`, more than 1024 keys, or longer
    /// than 1 MiB. A key that can't be used is no error.
    pub fn from_json(json: &[u8]) -> Result<Self, ImportError> {
        if json.len() > MAX_SET_LEN {
            return Err(ImportError::TooLarge { limit: MAX_SET_LEN });
        }
        let json =
            core::str::from_utf8(json).map_err(|_| ImportError::NotJson { line: 1, column: 1 })?;
        let mut keys: Option<&RawValue> = None;
        json_object::for_each_member(json, |name, value| {
            if name == "keys" && keys.replace(value).is_some() {
                return Err(ImportError::InvalidMember { member: "keys", reason: "appears twice" });
            }
            Ok(())
        })
        .map_err(|error| match error {
            ObjectError::NotJson { line, column } => ImportError::NotJson { line, column },
            ObjectError::Member(error) => error,
        })?;
        let keys = keys.ok_or(ImportError::MissingMember("keys"))?;
        let keys: Vec<&RawValue> = serde_json::from_str(keys.get()).map_err(|_| {
            ImportError::InvalidMember { member: "keys", reason: "is not an array" }
        })?;
        if keys.len() > MAX_SET_KEYS {
            return Err(ImportError::InvalidMember {
                member: "keys",
                reason: "has more than 1024 keys: choose those that are needed",
            });
        }
        let mut set = Self::default();
        for key in keys {
            match read_member(key) {
                Ok(key) => set.keys.push(key),
                Err(error) => {
                    set.skipped.push(error);
                    if let Some(kid) = kid_of_handled_type(key) {
                        set.skipped_handled_type = true;
                        set.skipped_kids.extend(kid);
                    }
                }
            }
        }
        Ok(set)
    }

    /// Reads one key or a set in whatever format it is: JWK, JWK set, PEM or DER, told apart by
    /// their first bytes.
    ///
    /// # Errors
    /// [`ImportError`] of the format that the bytes look like.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ImportError> {
        if bytes.len() > MAX_SET_LEN {
            return Err(ImportError::TooLarge { limit: MAX_SET_LEN });
        }
        match bytes.trim_ascii_start() {
            [] => Err(ImportError::Empty),
            [b'{', ..] if is_set(bytes) => Self::from_json(bytes),
            [b'{', ..] => Jwk::from_json(bytes).map(Self::from),
            _ => match core::str::from_utf8(bytes) {
                Ok(pem) if pem.contains("-----BEGIN ") => Jwk::from_pem(pem).map(Self::from),
                // A SEQUENCE of DER.
                _ if bytes.first() == Some(&0x30) => Jwk::from_der(bytes).map(Self::from),
                _ => Err(ImportError::UnknownFormat),
            },
        }
    }

    /// The keys that can be used, in their order.
    #[must_use]
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// Why other members of the set were skipped, in their order.
    #[must_use]
    pub fn skipped(&self) -> &[ImportError] {
        &self.skipped
    }

    /// The key of that `kid`.
    ///
    /// # Errors
    /// [`ImportError::NoSuchKid`]; [`ImportError::Ambiguous`] when two keys have it, be it that one
    /// of them was skipped.
    pub fn get(&self, kid: &str) -> Result<&Jwk, ImportError> {
        let mut found = self.keys.iter().filter(|key| key.kid() == Some(kid));
        let skipped = self.skipped_kids.iter().any(|skipped| skipped == kid);
        match (found.next(), found.next(), skipped) {
            (Some(key), None, false) => Ok(key),
            (None, ..) => Err(ImportError::NoSuchKid),
            (Some(_), ..) => Err(ImportError::Ambiguous(
                "two keys have that kid: their publisher must give each its own",
            )),
        }
    }

    /// The only key of the set. Keys of types that are not handled here are left aside, and where
    /// there are several, those that say that they sign (`"use":"sig"`, RFC 7517 §4.2), too.
    ///
    /// # Errors
    /// [`ImportError::Ambiguous`] when there are several, be it that one was skipped as broken or
    /// weak; the reason of the skipped key when there is none that can be used.
    pub fn only(&self) -> Result<&Jwk, ImportError> {
        const SEVERAL: ImportError =
            ImportError::Ambiguous("it has several keys: choose one by its kid");
        match (self.keys.as_slice(), self.skipped.as_slice()) {
            ([], [reason, ..]) => Err(reason.clone()),
            ([], []) => Err(ImportError::Empty),
            _ if self.skipped_handled_type => Err(SEVERAL),
            ([key], _) => Ok(key),
            (keys, _) => {
                let mut others = keys.iter().filter(|key| key.key_use() != Some("sig"));
                match (others.next(), others.next()) {
                    (Some(key), None) => Ok(key),
                    _ => Err(SEVERAL),
                }
            }
        }
    }

    /// The JSON text of a set of these keys' public halves (RFC 7517 §5). Symmetric keys, which
    /// have none, are left out, and so are private keys whose file left it out: see
    /// [`Jwk::with_public_half`].
    #[must_use]
    pub fn to_public_json(&self) -> String {
        let keys: Vec<String> = self
            .keys
            .iter()
            .filter_map(Jwk::to_public)
            .map(|key| key.to_json().to_string())
            .collect();
        format!("{{\"keys\":[{}]}}", keys.join(","))
    }
}

impl From<Jwk> for JwkSet {
    fn from(key: Jwk) -> Self {
        Self { keys: vec![key], ..Self::default() }
    }
}

impl FromIterator<Jwk> for JwkSet {
    fn from_iter<T: IntoIterator<Item = Jwk>>(keys: T) -> Self {
        Self { keys: keys.into_iter().collect(), ..Self::default() }
    }
}

impl fmt::Debug for JwkSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwkSet").field("keys", &self.keys).field("skipped", &self.skipped).finish()
    }
}

fn read_member(key: &RawValue) -> Result<Jwk, ImportError> {
    if key.get().len() > MAX_KEY_LEN {
        return Err(ImportError::TooLarge { limit: MAX_KEY_LEN });
    }
    Jwk::from_json_text(key.get())
}

/// The `kid`, or `None` for none, of a key that can't be used, if it is of a type and on a curve
/// that are handled here: keys of different types may share a `kid` (RFC 7517 §4.5).
fn kid_of_handled_type(key: &RawValue) -> Option<Option<String>> {
    let (mut kid, mut kty, mut crv) = (None, None, None);
    let walked = json_object::for_each_member::<()>(key.get(), |name, value| {
        match name.as_ref() {
            "kid" => kid = json_object::string(value),
            "kty" => kty = json_object::string(value),
            "crv" => crv = json_object::string(value),
            _ => {}
        }
        Ok(())
    });
    let handled = match kty.as_deref() {
        Some("RSA" | "oct") => true,
        // One without a curve is broken; one on another curve, such as Ed25519, is of another type.
        Some("EC" | "OKP") => crv.is_none_or(|name| Curve::from_name(&name).is_some()),
        _ => false,
    };
    (walked.is_ok() && handled).then(|| kid.map(std::borrow::Cow::into_owned))
}

/// Whether a JSON text is an object with a member `keys`, which no JWK has.
fn is_set(json: &[u8]) -> bool {
    let Ok(json) = core::str::from_utf8(json) else {
        return false;
    };
    let mut found = false;
    let walked = json_object::for_each_member::<()>(json, |name, _| {
        found |= name == "keys";
        Ok(())
    });
    walked.is_ok() && found
}

#[cfg(test)]
mod tests {
    use super::JwkSet;
    use crate::error::ImportError;

    const GOOD: &str = r#"{"kty":"oct","kid":"a","k":"AQ"}"#;

    fn set(members: &[&str]) -> JwkSet {
        JwkSet::from_json(format!("{{\"keys\":[{}]}}", members.join(",")).as_bytes()).unwrap()
    }

    #[test]
    fn a_kid_that_two_keys_have_is_ambiguous_even_if_one_is_skipped() {
        let other = r#"{"kty":"oct","kid":"b","k":"Ag"}"#;
        let broken = r#"{"kty":"oct","kid":"a","k":"A"}"#;
        let other_type = r#"{"kty":"OKP","crv":"Ed25519","kid":"a","x":"AQ"}"#;
        let broken_of_another_type = r#"{"kty":"EC","kid":"a"}"#;
        assert_eq!(set(&[GOOD, other]).get("a").unwrap().kid(), Some("a"));
        assert_eq!(set(&[GOOD, other_type]).get("a").unwrap().kid(), Some("a"));
        for twice in [GOOD, broken, broken_of_another_type] {
            for members in [[GOOD, twice], [twice, GOOD]] {
                assert!(
                    matches!(set(&members).get("a"), Err(ImportError::Ambiguous(_))),
                    "{members:?}"
                );
            }
        }
        assert_eq!(set(&[broken]).get("a").unwrap_err(), ImportError::NoSuchKid);
        let broken_without_kid = r#"{"kty":"RSA","e":"AQAB"}"#;
        assert_eq!(set(&[GOOD, broken_without_kid]).only().unwrap_err().code(), "key_ambiguous");
        assert!(set(&[GOOD, other_type]).only().is_ok());
        let several = |members: &[&str]| set(members).only().unwrap_err().code();
        assert_eq!(several(&[GOOD, broken_of_another_type]), "key_ambiguous");
        assert_eq!(several(&[GOOD, other]), "key_ambiguous");
        let signs = r#"{"kty":"oct","kid":"s","k":"Aw","use":"sig"}"#;
        assert_eq!(set(&[signs, GOOD]).only().unwrap().kid(), Some("a"));
        assert_eq!(set(&[signs]).only().unwrap().kid(), Some("s"));
        assert_eq!(several(&[signs, GOOD, other]), "key_ambiguous");
        assert_eq!(several(&[signs, signs]), "key_ambiguous");
    }

    #[test]
    fn a_set_of_more_keys_than_anybody_has_is_refused_at_once() {
        let json = format!("{{\"keys\":[{}1]}}", "1,".repeat(1024));
        assert_eq!(JwkSet::from_json(json.as_bytes()).unwrap_err().code(), "key_invalid_member");
        let json = format!("{{\"keys\":[{}1]}}", "1,".repeat(1023));
        assert_eq!(JwkSet::from_json(json.as_bytes()).unwrap().skipped().len(), 1024);
        let long = vec![b' '; super::MAX_SET_LEN + 1];
        assert_eq!(JwkSet::from_bytes(&long).unwrap_err().code(), "key_too_large");
    }

    #[test]
    fn what_can_not_be_used_is_skipped_with_its_reason() {
        let set = set(&[r#"{"kty":"EC","crv":"secp256k1"}"#, GOOD, "5", r#"{"k":"AQ"}"#, "[]"]);
        assert_eq!(set.keys().len(), 1);
        let codes: Vec<&str> = set.skipped().iter().map(ImportError::code).collect();
        assert_eq!(
            codes,
            ["key_unsupported", "key_not_json", "key_missing_member", "key_not_json"]
        );
        assert!(set.only().is_ok());
    }

    #[test]
    fn the_format_is_told_from_the_first_bytes() {
        let code = |bytes: &[u8]| JwkSet::from_bytes(bytes).unwrap_err().code();
        assert_eq!(JwkSet::from_bytes(GOOD.as_bytes()).unwrap().keys().len(), 1);
        assert_eq!(JwkSet::from_bytes(b" {\"keys\":[]}").unwrap().keys().len(), 0);
        for (bytes, expected) in [
            (&b""[..], "key_empty"),
            (b"  \n", "key_empty"),
            (b"{", "key_not_json"),
            (b"{\"keys\":5}", "key_invalid_member"),
            (b"0\x03\x02\x01\x01", "key_not_der"),
            (b"0 text\n-----BEGIN X-----", "key_not_pem"),
            (b"-----BEGIN PUBLIC KEY-----", "key_not_pem"),
            (b"garbage", "key_unknown_format"),
            (b"\xff\xfe", "key_unknown_format"),
        ] {
            assert_eq!(code(bytes), expected, "{bytes:?}");
        }
    }
}
