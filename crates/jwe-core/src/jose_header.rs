//! The JOSE header of a JWE (RFC 7516 §2, §4).

use core::fmt;
use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::ephemeral_public_key::EphemeralPublicKey;
use crate::error::Malformed;
use crate::json_object::{self, ObjectError};

/// A parsed JOSE header: the union of the protected header and, in the JSON serializations, the
/// shared unprotected header and the header of one recipient. No member appears twice, at any
/// depth and across the three (RFC 7516 §4, §7.2.1), and the members of RFC 7516 §4.1 and of
/// RFC 7518 §4.6.1, §4.7.1 and §4.8.1 have their types.
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
    epk: Option<EphemeralPublicKey<'a>>,
    apu: Option<Cow<'a, str>>,
    apv: Option<Cow<'a, str>>,
    iv: Option<Cow<'a, str>>,
    tag: Option<Cow<'a, str>>,
    p2s: Option<Cow<'a, str>>,
    p2c: Option<u64>,
    // Empty for the usual header, and then without an allocation.
    others: BTreeMap<Cow<'a, str>, Value>,
    // The names of those that stand in an unprotected header.
    unprotected: Vec<Cow<'a, str>>,
}

/// Which header a member stands in (RFC 7516 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderPart {
    /// The JWE protected header.
    Protected,
    /// The JWE shared unprotected header or a JWE per-recipient unprotected header.
    Unprotected,
}

/// The members while they are collected from the parts of a header.
#[derive(Default)]
struct Members<'a> {
    alg: Option<Cow<'a, str>>,
    enc: Option<Cow<'a, str>>,
    kid: Option<Cow<'a, str>>,
    zip: Option<Cow<'a, str>>,
    crit: Option<Value>,
    epk: Option<EphemeralPublicKey<'a>>,
    apu: Option<Cow<'a, str>>,
    apv: Option<Cow<'a, str>>,
    iv: Option<Cow<'a, str>>,
    tag: Option<Cow<'a, str>>,
    p2s: Option<Cow<'a, str>>,
    p2c: Option<u64>,
    others: BTreeMap<Cow<'a, str>, Value>,
    unprotected: Vec<Cow<'a, str>>,
}

impl<'a> Members<'a> {
    fn take(
        &mut self,
        part: HeaderPart,
        name: Cow<'a, str>,
        value: &'a RawValue,
    ) -> Result<(), Malformed> {
        if part == HeaderPart::Unprotected {
            self.unprotected.push(name.clone());
        }
        let duplicate = match name.as_ref() {
            "alg" => self.alg.replace(text("alg", value)?).is_some(),
            "enc" => self.enc.replace(text("enc", value)?).is_some(),
            "kid" => self.kid.replace(text("kid", value)?).is_some(),
            // Both must be integrity protected (RFC 7516 §4.1.3, §4.1.13).
            "zip" if part == HeaderPart::Unprotected => return Err(Malformed::Unprotected("zip")),
            "crit" if part == HeaderPart::Unprotected => {
                return Err(Malformed::Unprotected("crit"));
            }
            "zip" => self.zip.replace(text("zip", value)?).is_some(),
            "crit" => self.crit.replace(any(value)?).is_some(),
            "epk" => self.epk.replace(EphemeralPublicKey::parse(value)?).is_some(),
            "apu" => self.apu.replace(text("apu", value)?).is_some(),
            "apv" => self.apv.replace(text("apv", value)?).is_some(),
            "iv" => self.iv.replace(text("iv", value)?).is_some(),
            "tag" => self.tag.replace(text("tag", value)?).is_some(),
            "p2s" => self.p2s.replace(text("p2s", value)?).is_some(),
            "p2c" => {
                let count = json_object::unsigned(value).ok_or(Malformed::MemberType("p2c"))?;
                self.p2c.replace(count).is_some()
            }
            _ => {
                match name.as_ref() {
                    "typ" => drop(text("typ", value)?),
                    "cty" => drop(text("cty", value)?),
                    _ => {}
                }
                self.others.insert(name, any(value)?).is_some()
            }
        };
        if duplicate { Err(Malformed::DuplicateMember) } else { Ok(()) }
    }

    fn finish(self) -> Result<JoseHeader<'a>, Malformed> {
        Ok(JoseHeader {
            alg: self.alg.ok_or(Malformed::MissingMember("alg"))?,
            enc: self.enc.ok_or(Malformed::MissingMember("enc"))?,
            kid: self.kid,
            zip: self.zip,
            crit: self.crit,
            epk: self.epk,
            apu: self.apu,
            apv: self.apv,
            iv: self.iv,
            tag: self.tag,
            p2s: self.p2s,
            p2c: self.p2c,
            others: self.others,
            unprotected: self.unprotected,
        })
    }
}

impl<'a> JoseHeader<'a> {
    /// Parses the JSON text of a header that is all in one part.
    ///
    /// # Errors
    /// [`Malformed`] for anything but one JSON object with a string `alg` and a
    /// string `enc`, no member twice, and each known member of its type.
    pub fn parse(json: &'a str) -> Result<Self, Malformed> {
        Self::parse_union([(HeaderPart::Protected, json)])
    }

    /// Parses the union of the JSON texts of a header's parts.
    pub(crate) fn parse_union(
        parts: impl IntoIterator<Item = (HeaderPart, &'a str)>,
    ) -> Result<Self, Malformed> {
        let mut members = Members::default();
        for (part, json) in parts {
            json_object::for_each_member(json, |name, value| members.take(part, name, value))
                .map_err(|error| match error {
                    ObjectError::NotJson { .. } => Malformed::HeaderNotJson,
                    ObjectError::Member(malformed) => malformed,
                })?;
        }
        members.finish()
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

    /// The `epk`, if there is one (RFC 7518 §4.6.1.1).
    #[must_use]
    pub fn epk(&self) -> Option<&EphemeralPublicKey<'a>> {
        self.epk.as_ref()
    }

    /// The `apu`, if there is one: base64url (RFC 7518 §4.6.1.2).
    #[must_use]
    pub fn apu(&self) -> Option<&str> {
        self.apu.as_deref()
    }

    /// The `apv`, if there is one: base64url (RFC 7518 §4.6.1.3).
    #[must_use]
    pub fn apv(&self) -> Option<&str> {
        self.apv.as_deref()
    }

    /// The `iv` of the key wrapping, if there is one: base64url (RFC 7518 §4.7.1.1).
    #[must_use]
    pub fn iv(&self) -> Option<&str> {
        self.iv.as_deref()
    }

    /// The `tag` of the key wrapping, if there is one: base64url (RFC 7518 §4.7.1.2).
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The `p2s`, if there is one: base64url (RFC 7518 §4.8.1.1).
    #[must_use]
    pub fn p2s(&self) -> Option<&str> {
        self.p2s.as_deref()
    }

    /// The `p2c`, if there is one (RFC 7518 §4.8.1.2).
    #[must_use]
    pub fn p2c(&self) -> Option<u64> {
        self.p2c
    }

    /// Whether there is a member of that name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        match name {
            "alg" | "enc" => true,
            "kid" => self.kid.is_some(),
            "zip" => self.zip.is_some(),
            "crit" => self.crit.is_some(),
            "epk" => self.epk.is_some(),
            "apu" => self.apu.is_some(),
            "apv" => self.apv.is_some(),
            "iv" => self.iv.is_some(),
            "tag" => self.tag.is_some(),
            "p2s" => self.p2s.is_some(),
            "p2c" => self.p2c.is_some(),
            _ => self.others.contains_key(name),
        }
    }

    /// Whether there is a member of that name in the protected header, and so one that is authentic
    /// once the message was decrypted. Whoever forwards a message can add others to its unprotected
    /// headers (RFC 7516 §2).
    #[must_use]
    pub fn is_protected(&self, name: &str) -> bool {
        self.has(name) && !self.unprotected.iter().any(|unprotected| unprotected == name)
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
            epk: self.epk.map(EphemeralPublicKey::into_owned),
            apu: self.apu.map(owned),
            apv: self.apv.map(owned),
            iv: self.iv.map(owned),
            tag: self.tag.map(owned),
            p2s: self.p2s.map(owned),
            p2c: self.p2c,
            others: self.others.into_iter().map(|(name, value)| (owned(name), value)).collect(),
            unprotected: self.unprotected.into_iter().map(owned).collect(),
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

#[cfg(test)]
mod tests {
    use super::{HeaderPart, JoseHeader};
    use crate::error::Malformed;

    fn malformed(json: &str) -> Malformed {
        JoseHeader::parse(json).unwrap_err()
    }

    #[test]
    fn reads_what_is_written() {
        let json =
            r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"k\u0001\"ü","typ":"JWE","exp\"":5}"#;
        let header = JoseHeader::parse(json).unwrap();
        assert_eq!((header.alg(), header.enc()), ("RSA-OAEP-256", "A256GCM"));
        assert_eq!(header.kid(), Some("k\u{1}\"ü"));
        assert_eq!(header.get("exp\"").and_then(serde_json::Value::as_i64), Some(5));
        assert_eq!(header.others().count(), 2);
        assert_eq!(header.clone().into_owned(), header);
    }

    #[test]
    fn has_knows_each_member() {
        let values = [
            ("kid", "\"k\""),
            ("zip", "\"DEF\""),
            ("crit", "[\"exp\"]"),
            ("epk", r#"{"kty":"OKP","crv":"X25519","x":"AQ"}"#),
            ("apu", "\"QQ\""),
            ("apv", "\"Qg\""),
            ("iv", "\"aXY\""),
            ("tag", "\"dGFn\""),
            ("p2s", "\"c2FsdA\""),
            ("p2c", "4096"),
            ("exp", "1"),
        ];
        let bare = r#"{"alg":"dir","enc":"A256GCM""#;
        for (name, value) in values {
            let json = format!("{bare},\"{name}\":{value}}}");
            let header = JoseHeader::parse(&json).unwrap();
            assert!(header.has("alg") && header.has("enc"));
            for (other, _) in values {
                assert_eq!(header.has(other), other == name, "{other} in {json}");
                assert_eq!(header.is_protected(other), other == name, "{other} in {json}");
            }
            assert_eq!(header.others().count(), usize::from(name == "exp"));
            assert_eq!(header.clone().into_owned(), header, "{json}");
        }
        let members: Vec<String> =
            values.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        let json = format!("{bare},{}}}", members.join(","));
        let header = JoseHeader::parse(&json).unwrap();
        assert_eq!((header.zip(), header.kid()), (Some("DEF"), Some("k")));
        assert_eq!((header.apu(), header.apv()), (Some("QQ"), Some("Qg")));
        assert_eq!((header.iv(), header.tag()), (Some("aXY"), Some("dGFn")));
        assert_eq!((header.p2s(), header.p2c()), (Some("c2FsdA"), Some(4096)));
        assert_eq!(header.crit(), Some(&serde_json::json!(["exp"])));
        let epk = header.epk().unwrap();
        assert_eq!((epk.kty(), epk.crv(), epk.x(), epk.y()), ("OKP", "X25519", "AQ", None));
        let shown = format!("{header:?}");
        assert!(shown.starts_with("JoseHeader") && shown.contains("A256GCM"), "{shown}");
        assert!(!shown.contains("c2FsdA"), "{shown}");
    }

    #[test]
    fn the_parts_are_disjoint_and_zip_and_crit_are_protected() {
        let union = |protected, unprotected| {
            JoseHeader::parse_union([
                (HeaderPart::Protected, protected),
                (HeaderPart::Unprotected, unprotected),
            ])
        };
        let header = union(r#"{"enc":"A256GCM"}"#, r#"{"alg":"dir","kid":"x"}"#).unwrap();
        assert_eq!((header.alg(), header.enc(), header.kid()), ("dir", "A256GCM", Some("x")));
        assert!(header.is_protected("enc"));
        for other in ["alg", "kid", "typ"] {
            assert!(!header.is_protected(other), "{other}");
            assert!(!header.clone().into_owned().is_protected(other), "{other}");
        }
        for (protected, unprotected, malformed) in [
            (r#"{"alg":"dir","enc":"A256GCM"}"#, r#"{"alg":"dir"}"#, Malformed::DuplicateMember),
            (r#"{"alg":"dir","enc":"A256GCM"}"#, r#"{"e\u006ec":0}"#, Malformed::MemberType("enc")),
            (
                r#"{"alg":"dir","enc":"A256GCM","x":1}"#,
                r#"{"\u0078":1}"#,
                Malformed::DuplicateMember,
            ),
            (r#"{"alg":"dir","enc":"A256GCM"}"#, r#"{"zip":"DEF"}"#, Malformed::Unprotected("zip")),
            (
                r#"{"alg":"dir","enc":"A256GCM"}"#,
                r#"{"crit":["x"]}"#,
                Malformed::Unprotected("crit"),
            ),
            (r#"{"alg":"dir"}"#, "{}", Malformed::MissingMember("enc")),
        ] {
            assert_eq!(union(protected, unprotected), Err(malformed), "{unprotected}");
        }
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
            (r#"{"alg":"dir","enc":"A256GCM","epk":"x"}"#, "epk"),
            (r#"{"alg":"dir","enc":"A256GCM","epk":null}"#, "epk"),
            (r#"{"alg":"dir","enc":"A256GCM","apu":1}"#, "apu"),
            (r#"{"alg":"dir","enc":"A256GCM","iv":[]}"#, "iv"),
            (r#"{"alg":"dir","enc":"A256GCM","p2s":{}}"#, "p2s"),
            (r#"{"alg":"dir","enc":"A256GCM","p2c":"1000"}"#, "p2c"),
            (r#"{"alg":"dir","enc":"A256GCM","p2c":-1}"#, "p2c"),
            (r#"{"alg":"dir","enc":"A256GCM","p2c":1e9}"#, "p2c"),
            (r#"{"alg":"dir","enc":"A256GCM","p2c":1000.0}"#, "p2c"),
            (r#"{"alg":"dir","enc":"A256GCM","p2c":18446744073709551616}"#, "p2c"),
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
