//! The JOSE header of a JWE (RFC 7516 §2, §4).

use core::fmt;
use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::Malformed;
use crate::json_object::{self, ObjectError};

/// A parsed JOSE header, which in the compact serialization is the protected header: one JSON
/// object in which no member appears twice, at any depth, and in which the members of RFC 7516
/// §4.1 have their types.
///
/// Parsing says nothing about whether the header is acceptable; that is the policy of the
/// [`Decrypter`](crate::Decrypter).
#[derive(Clone, PartialEq)]
pub struct JoseHeader<'a> {
    alg: Cow<'a, str>,
    enc: Cow<'a, str>,
    kid: Option<Cow<'a, str>>,
    zip: Option<Cow<'a, str>>,
    crit: Option<Value>,
    // Empty for the usual header, and then without an allocation.
    others: BTreeMap<Cow<'a, str>, Value>,
}

impl<'a> JoseHeader<'a> {
    /// Parses the JSON text of a header.
    ///
    /// # Errors
    /// [`Malformed`] for anything but one JSON object with a string `alg` and a
    /// string `enc`, no member twice, and each known member of its type.
    pub fn parse(json: &'a str) -> Result<Self, Malformed> {
        let (mut alg, mut enc, mut kid, mut zip, mut crit) = (None, None, None, None, None);
        let mut others = BTreeMap::new();
        json_object::for_each_member(json, |name, value| {
            let duplicate = match name.as_ref() {
                "alg" => alg.replace(text("alg", value)?).is_some(),
                "enc" => enc.replace(text("enc", value)?).is_some(),
                "kid" => kid.replace(text("kid", value)?).is_some(),
                "zip" => zip.replace(text("zip", value)?).is_some(),
                "crit" => crit.replace(any(value)?).is_some(),
                _ => {
                    match name.as_ref() {
                        "typ" => drop(text("typ", value)?),
                        "cty" => drop(text("cty", value)?),
                        _ => {}
                    }
                    others.insert(name, any(value)?).is_some()
                }
            };
            if duplicate { Err(Malformed::DuplicateMember) } else { Ok(()) }
        })
        .map_err(|error| match error {
            ObjectError::NotJson { .. } => Malformed::HeaderNotJson,
            ObjectError::Member(malformed) => malformed,
        })?;
        Ok(Self {
            alg: alg.ok_or(Malformed::MissingMember("alg"))?,
            enc: enc.ok_or(Malformed::MissingMember("enc"))?,
            kid,
            zip,
            crit,
            others,
        })
    }

    /// The `alg` as it stands there, known or not (RFC 7516 §4.1.1).
    #[must_use]
    pub fn alg(&self) -> &str {
        &self.alg
    }

    /// The `enc` as it stands there, known or not (RFC 7516 §4.1.2).
    #[must_use]
    pub fn enc(&self) -> &str {
        &self.enc
    }

    /// The `zip`, if there is one (RFC 7516 §4.1.3).
    #[must_use]
    pub fn zip(&self) -> Option<&str> {
        self.zip.as_deref()
    }

    /// The `kid`, if there is one (RFC 7516 §4.1.6). The sender chose it: show it escaped only.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The `crit`, if there is one, of whatever type (RFC 7516 §4.1.13).
    #[must_use]
    pub fn crit(&self) -> Option<&Value> {
        self.crit.as_ref()
    }

    /// Any other member by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.others.get(name)
    }

    /// The members that have no accessor of their own, in the order of their names.
    pub fn others(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.others.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// The same, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> JoseHeader<'static> {
        let owned = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        JoseHeader {
            alg: owned(self.alg),
            enc: owned(self.enc),
            kid: self.kid.map(owned),
            zip: self.zip.map(owned),
            crit: self.crit,
            others: self.others.into_iter().map(|(name, value)| (owned(name), value)).collect(),
        }
    }
}

impl fmt::Debug for JoseHeader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoseHeader")
            .field("alg", &self.alg)
            .field("enc", &self.enc)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

fn text<'a>(member: &'static str, value: &'a RawValue) -> Result<Cow<'a, str>, Malformed> {
    json_object::string(value).ok_or(Malformed::MemberType(member))
}

/// The value, whose strings are Unicode and whose numbers have a representation.
fn any(value: &RawValue) -> Result<Value, Malformed> {
    json_object::value(value).ok_or(Malformed::HeaderNotJson)
}

/// The JSON text of the header of an encrypter: `alg`, `enc`, `kid` and its other members in the
/// order given.
pub(crate) fn write(alg: &str, enc: &str, kid: Option<&str>, others: &[(String, Value)]) -> String {
    let mut members: Vec<String> = vec![member("alg", &alg.into()), member("enc", &enc.into())];
    members.extend(kid.map(|kid| member("kid", &kid.into())));
    members.extend(others.iter().map(|(name, value)| member(name, value)));
    format!("{{{}}}", members.join(","))
}

fn member(name: &str, value: &Value) -> String {
    // `Value`'s `Display` is its JSON text and can't fail, unlike its serializer.
    format!("{}:{value}", Value::from(name))
}

#[cfg(test)]
mod tests {
    use super::{JoseHeader, write};
    use crate::error::Malformed;

    fn malformed(json: &str) -> Malformed {
        JoseHeader::parse(json).unwrap_err()
    }

    #[test]
    fn reads_what_is_written() {
        let others = [("typ".to_owned(), "JWE".into()), ("exp\"".to_owned(), 5.into())];
        let json = write("RSA-OAEP-256", "A256GCM", Some("k\u{1}\"ü"), &others);
        assert_eq!(
            json,
            r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"k\u0001\"ü","typ":"JWE","exp\"":5}"#
        );
        let header = JoseHeader::parse(&json).unwrap();
        assert_eq!((header.alg(), header.enc()), ("RSA-OAEP-256", "A256GCM"));
        assert_eq!(header.kid(), Some("k\u{1}\"ü"));
        assert_eq!(header.get("exp\"").and_then(serde_json::Value::as_i64), Some(5));
        assert_eq!(header.others().count(), 2);
        assert_eq!(header.clone().into_owned(), header);
    }

    #[test]
    fn values_are_what_stands_there() {
        // A name that has a meaning inside of serde_json has none in a header.
        let name = "$serde_json::private::RawValue";
        let json = format!(
            r#"{{"alg":"dir","enc":"A256GCM","x":{{"{name}":"[1]"}},"n":957350.7607421875}}"#
        );
        let header = JoseHeader::parse(&json).unwrap();
        assert_eq!(header.get("x").and_then(|x| x.get(name)), Some(&"[1]".into()));
        assert_eq!(header.get("n"), Some(&957_350.760_742_187_5.into()));
        let all = r#"{"alg":"dir","enc":"A256GCM","x":[null,true,-1,18446744073709551615,1.5,"\n",[],{}]}"#;
        let header = JoseHeader::parse(all).unwrap();
        let expected = serde_json::json!([null, true, -1, u64::MAX, 1.5, "\n", [], {}]);
        assert_eq!(header.get("x"), Some(&expected));
    }

    #[test]
    fn a_member_twice_is_refused_however_it_is_written() {
        for json in [
            r#"{"alg":"RSA1_5","alg":"dir","enc":"A256GCM"}"#,
            r#"{"alg":"RSA1_5","al\u0067":"dir","enc":"A256GCM"}"#,
            r#"{"alg":"dir","enc":"A256GCM","x":1,"\u0078":2}"#,
            r#"{"alg":"dir","enc":"A256GCM","crit":1,"crit":1}"#,
            r#"{"alg":"dir","enc":"A256GCM","zip":"DEF","zip":"DEF"}"#,
            r#"{"alg":"dir","enc":"A256GCM","kid":"a","kid":"a"}"#,
        ] {
            assert_eq!(malformed(json), Malformed::DuplicateMember, "{json}");
        }
    }

    #[test]
    fn a_wrong_type_is_not_an_absent_member() {
        for (json, member) in [
            (r#"{"alg":["dir"],"enc":"A256GCM"}"#, "alg"),
            (r#"{"alg":"dir","enc":null}"#, "enc"),
            (r#"{"alg":"dir","enc":"A256GCM","zip":0}"#, "zip"),
            (r#"{"alg":"dir","enc":"A256GCM","zip":null}"#, "zip"),
            (r#"{"alg":"dir","enc":"A256GCM","kid":7}"#, "kid"),
            (r#"{"alg":"dir","enc":"A256GCM","typ":{}}"#, "typ"),
            (r#"{"alg":"dir","enc":"A256GCM","cty":true}"#, "cty"),
        ] {
            assert_eq!(malformed(json), Malformed::MemberType(member), "{json}");
        }
        assert_eq!(malformed(r#"{"enc":"A256GCM"}"#), Malformed::MissingMember("alg"));
        assert_eq!(malformed(r#"{"alg":"dir"}"#), Malformed::MissingMember("enc"));
        assert_eq!(malformed("{}"), Malformed::MissingMember("alg"));
    }

    #[test]
    fn anything_but_one_object_is_refused() {
        let deep = format!(
            r#"{{"alg":"dir","enc":"A256GCM","x":{}1{}}}"#,
            "[".repeat(4000),
            "]".repeat(4000)
        );
        for json in [
            "",
            " ",
            "null",
            "[]",
            "\"x\"",
            "1",
            "{",
            "{}{}",
            "{} x",
            "\u{feff}{}",
            "{\"alg\"}",
            r#"{"alg":"dir","enc":"A256GCM","x":1e999}"#,
            r#"{"alg":"dir","enc":"A256GCM","x":"\ud800"}"#,
            r#"{"alg":"dir","enc":"A256GCM","\ud800":1}"#,
            r#"{"alg":"dir","enc":"A256GCM",}"#,
            r#"{"alg":"dir","enc":"A256GCM","x":01}"#,
            r#"{"alg":"dir","enc":"A256GCM","x":{"y":[{"z":1,"\u007a":1}]}}"#,
            r#"{"alg":"dir","enc":"A256GCM","crit":{"y":1,"y":1}}"#,
            &deep,
        ] {
            assert_eq!(malformed(json), Malformed::HeaderNotJson, "{json}");
        }
    }
}
