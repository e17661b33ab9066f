//! What the two JSON serializations share (RFC 7516 §7.2).

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::base64url;
use crate::error::Malformed;
use crate::json_object::{self, ObjectError};
use crate::limits::Limits;
use crate::message::{Message, Recipient};
use crate::serialization::NotExpressible;

/// Whether a text can only be of a JSON serialization.
pub(crate) fn looks_like_json(text: &str) -> bool {
    text.trim_ascii_start().starts_with('{')
}

pub(crate) fn check_len(text: &str, limits: &Limits) -> Result<(), Malformed> {
    if text.len() > limits.max_token_len { Err(Malformed::TokenTooLong) } else { Ok(()) }
}

pub(crate) fn malformed(error: ObjectError<Malformed>) -> Malformed {
    match error {
        ObjectError::NotJson { .. } => Malformed::NotJson,
        ObjectError::Member(malformed) => malformed,
    }
}

/// The members of a message's object (RFC 7516 §7.2.1, §7.2.2). Others are ignored, as both
/// sections have it, but none may appear twice.
#[derive(Default)]
pub(crate) struct Members<'a> {
    pub(crate) protected: Option<&'a str>,
    pub(crate) unprotected: Option<&'a str>,
    pub(crate) header: Option<&'a str>,
    pub(crate) encrypted_key: Option<&'a str>,
    pub(crate) recipients: Option<&'a RawValue>,
    pub(crate) aad: Option<&'a str>,
    pub(crate) iv: Option<&'a str>,
    pub(crate) ciphertext: Option<&'a str>,
    pub(crate) tag: Option<&'a str>,
}

/// The names of the members that are ignored, which must not appear twice either.
#[derive(Default)]
pub(crate) struct Ignored<'a>(Vec<Cow<'a, str>>);

impl<'a> Ignored<'a> {
    /// More of them than this are no JWE: finding one twice takes a time quadratic in them.
    const MOST: usize = 64;

    pub(crate) fn note(&mut self, name: Cow<'a, str>) -> Result<(), Malformed> {
        if self.0.contains(&name) {
            return Err(TWICE);
        }
        if self.0.len() == Self::MOST {
            return Err(Malformed::MessageMember("one of over 64 that are unknown"));
        }
        self.0.push(name);
        Ok(())
    }
}

pub(crate) const TWICE: Malformed = Malformed::MessageMember("one that appears twice");

impl<'a> Members<'a> {
    pub(crate) fn parse(text: &'a str, limits: &Limits) -> Result<Self, Malformed> {
        check_len(text, limits)?;
        let mut members = Self::default();
        let mut ignored = Ignored::default();
        json_object::for_each_member(text, |name, value| {
            let duplicate = match name.as_ref() {
                "protected" => members.protected.replace(part("protected", value)?).is_some(),
                "unprotected" => {
                    members.unprotected.replace(object("unprotected", value, limits)?).is_some()
                }
                "header" => members.header.replace(object("header", value, limits)?).is_some(),
                "encrypted_key" => {
                    // Empty for direct modes as other implementations write it; RFC 7516 §7.2.1
                    // has it left out, which says the same.
                    members.encrypted_key.replace(text_of("encrypted_key", value)?).is_some()
                }
                "recipients" => members.recipients.replace(value).is_some(),
                "aad" => members.aad.replace(part("aad", value)?).is_some(),
                "iv" => members.iv.replace(part("iv", value)?).is_some(),
                "ciphertext" => members.ciphertext.replace(text_of("ciphertext", value)?).is_some(),
                "tag" => members.tag.replace(part("tag", value)?).is_some(),
                _ => return ignored.note(name),
            };
            if duplicate { Err(TWICE) } else { Ok(()) }
        })
        .map_err(malformed)?;
        Ok(members)
    }

    /// The message of these members, for one recipient.
    pub(crate) fn into_message(self) -> Result<Message<'a>, Malformed> {
        let mut message = Message::new(
            self.protected.unwrap_or_default(),
            self.encrypted_key.unwrap_or_default(),
            self.iv.unwrap_or_default(),
            self.ciphertext.ok_or(Malformed::MessageMember("ciphertext"))?,
            self.tag.unwrap_or_default(),
        );
        if let Some(unprotected) = self.unprotected {
            message = message.with_unprotected(unprotected);
        }
        if let Some(aad) = self.aad {
            message = message.with_aad(aad);
        }
        if let Some(header) = self.header {
            let encrypted_key = self.encrypted_key.unwrap_or_default();
            message =
                message.with_recipients(vec![Recipient::new(encrypted_key).with_header(header)]);
        }
        Ok(message)
    }
}

/// A base64url string without escapes, of which it needs none. An empty one is to be left out
/// (RFC 7516 §7.2.1).
pub(crate) fn part<'a>(member: &'static str, value: &'a RawValue) -> Result<&'a str, Malformed> {
    text_of(member, value).and_then(|text| {
        if text.is_empty() { Err(Malformed::MessageMember(member)) } else { Ok(text) }
    })
}

pub(crate) fn text_of<'a>(member: &'static str, value: &'a RawValue) -> Result<&'a str, Malformed> {
    json_object::plain_string(value).ok_or(Malformed::MessageMember(member))
}

/// The text of a JSON object that is not too long for a header. An empty one is to be left out.
pub(crate) fn object<'a>(
    member: &'static str,
    value: &'a RawValue,
    limits: &Limits,
) -> Result<&'a str, Malformed> {
    let text = value.get();
    if text.len() > limits.max_header_len.min(Limits::MAX_HEADER_LEN) {
        return Err(Malformed::HeaderTooLong);
    }
    if is_filled_object(text) { Ok(text) } else { Err(Malformed::MessageMember(member)) }
}

/// Whether a JSON text is an object with members, from its first character to its last.
fn is_filled_object(json: &str) -> bool {
    let inside = json.strip_prefix('{').and_then(|json| json.strip_suffix('}'));
    inside.is_some_and(|inside| !inside.trim_ascii().is_empty())
}

/// Writes one JSON object of base64url strings and the texts of objects.
pub(crate) struct ObjectWriter<'o> {
    out: &'o mut String,
    begun: bool,
}

impl<'o> ObjectWriter<'o> {
    pub(crate) fn new(out: &'o mut String) -> Self {
        out.push('{');
        Self { out, begun: false }
    }

    pub(crate) fn name(&mut self, name: &str) -> &mut String {
        if self.begun {
            self.out.push(',');
        }
        self.begun = true;
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
        self.out
    }

    /// A part; an empty one is left out.
    pub(crate) fn part(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.text(name, text);
        }
    }

    /// A part that is there even if it is empty.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        let out = self.name(name);
        out.push('"');
        out.push_str(text);
        out.push('"');
    }

    pub(crate) fn object(&mut self, name: &str, json: Option<&str>) {
        if let Some(json) = json {
            self.name(name).push_str(json);
        }
    }

    pub(crate) fn finish(self) {
        self.out.push('}');
    }
}

/// Whether every part is what it is said to be: base64url, or the text of one JSON object that is
/// not empty. A part of a message that was put together, or read from another serialization, could
/// otherwise bring members of its own, or be one that is refused when it is read.
pub(crate) fn check_parts(message: &Message<'_>) -> Result<(), NotExpressible> {
    let part = |text: &str| base64url::check(text).map_err(|_| NotExpressible);
    let object = |json: Option<&str>| match json {
        None => Ok(()),
        Some(json) if is_filled_object(json) => {
            json_object::for_each_member::<()>(json, |_, _| Ok(())).map_err(|_| NotExpressible)
        }
        Some(_) => Err(NotExpressible),
    };
    for text in [message.protected(), message.iv(), message.ciphertext(), message.tag()] {
        part(text)?;
    }
    part(message.aad().unwrap_or_default())?;
    object(message.unprotected())?;
    for recipient in message.recipients() {
        part(recipient.encrypted_key())?;
        object(recipient.header())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::compact::Compact;
    use crate::error::Malformed;
    use crate::flattened::FlattenedJson;
    use crate::general::GeneralJson;
    use crate::limits::Limits;
    use crate::message::{Message, Recipient};
    use crate::serialization::{NotExpressible, Serialization};

    const ALL: [&dyn Serialization; 3] = [&Compact, &FlattenedJson, &GeneralJson];

    fn parse(text: &str) -> Result<Message<'_>, Malformed> {
        Message::parse(text, &Limits::default())
    }

    fn member(name: &'static str) -> Malformed {
        Malformed::MessageMember(name)
    }

    fn written(serialization: &dyn Serialization, message: &Message<'_>) -> Option<String> {
        let mut out = "before".to_owned();
        match serialization.write(message, &mut out) {
            Ok(()) => Some(out.strip_prefix("before").unwrap().to_owned()),
            Err(NotExpressible) => {
                assert_eq!(out, "before", "{}", serialization.name());
                None
            }
        }
    }

    /// Texts as they are written here: reading one and writing it gives it back.
    #[test]
    fn what_is_written_is_read_and_written_alike() {
        for (serialization, text) in [
            (&Compact as &dyn Serialization, "QQ.QUE.QUFB.QUFBQQ.QUFBQUE"),
            (&Compact, "QQ...."),
            (
                &FlattenedJson,
                r#"{"protected":"QQ","encrypted_key":"QUE","iv":"QUFB","ciphertext":"QUFBQQ","tag":"QUFBQUE"}"#,
            ),
            (
                &FlattenedJson,
                r#"{"unprotected":{"a": "\u0022\\}" },"header":{"b":[]},"aad":"QQ","ciphertext":""}"#,
            ),
            (&GeneralJson, r#"{"protected":"QQ","recipients":[{}],"ciphertext":""}"#),
            (
                &GeneralJson,
                r#"{"recipients":[{"header":{"a":1},"encrypted_key":"QQ"},{},{"encrypted_key":"QUE"},{"header":{"a":1}}],"aad":"QQ","iv":"QQ","ciphertext":"QQ","tag":"QQ"}"#,
            ),
        ] {
            let message = parse(text).unwrap();
            assert_eq!(serialization.parse(text, &Limits::default()).as_ref(), Ok(&message));
            assert_eq!(written(serialization, &message).as_deref(), Some(text));
            for other in ALL {
                if let Some(text) = written(other, &message) {
                    assert_eq!(parse(&text).as_ref(), Ok(&message), "{}", other.name());
                }
            }
        }
    }

    #[test]
    fn what_a_serialization_has_no_place_for_is_refused() {
        let plain = || Message::new("QQ", "QQ", "QQ", "QQ", "QQ");
        let named = Recipient::new("QQ").with_header(r#"{"a":1}"#);
        for (message, places) in [
            (plain(), [true, true, true]),
            (plain().with_aad(""), [true, true, true]),
            (plain().with_aad("QQ"), [false, true, true]),
            (plain().with_unprotected(r#"{"a":1}"#), [false, true, true]),
            (plain().with_recipients(vec![named]), [false, true, true]),
            (plain().with_recipients(vec![named, named]), [false, false, true]),
            (plain().with_recipients(vec![]), [false, false, false]),
            (Message::new("", "", "", "", ""), [false, true, true]),
        ] {
            assert_eq!(ALL.map(|one| written(one, &message).is_some()), places, "{message:?}");
        }
    }

    /// No part of a message can bring members of its own, wherever it comes from.
    #[test]
    fn a_part_stays_one_part() {
        for text in
            ["\"", "Q\",\"tag\":\"Q", ".", "Q.Q", "QQ==", " ", "\n", "\\", "\u{0}", "QR", "Q"]
        {
            for message in [
                Message::new(text, "", "", "", ""),
                Message::new("QQ", text, "", "", ""),
                Message::new("QQ", "", text, "", ""),
                Message::new("QQ", "", "", text, ""),
                Message::new("QQ", "", "", "", text),
                Message::new("QQ", "", "", "", "").with_aad(text),
                Message::new("QQ", "", "", "", "")
                    .with_recipients(vec![Recipient::new("QQ"), Recipient::new(text)]),
            ] {
                assert_eq!(ALL.map(|one| written(one, &message)), [None, None, None], "{text:?}");
            }
        }
        for json in [
            "",
            "{}",
            "{ }",
            "null",
            "[]",
            "1",
            r#"{"a":1},"tag":{}"#,
            r#"{"a":1}}"#,
            r#" {"a":1}"#,
            r#"{"a":1} "#,
            r#"{"a":1}{"b":1}"#,
            r#"{"a"}"#,
            "{a:1}",
            r#"{"a":1"#,
            r#"{"a":1,}"#,
            "{\"a\":\"\n\"}",
            r#"{"a":'1'}"#,
            r#"{"a":01}"#,
            "\u{feff}{\"a\":1}",
        ] {
            let recipient = Recipient::new("QQ").with_header(json);
            let plain = || Message::new("QQ", "QQ", "QQ", "QQ", "QQ");
            for message in [
                plain().with_unprotected(json),
                plain().with_recipients(vec![recipient]),
                plain().with_recipients(vec![Recipient::new("QQ"), recipient]),
            ] {
                assert_eq!(ALL.map(|one| written(one, &message)), [None, None, None], "{json:?}");
            }
        }
        // A compact token is taken apart at its dots, whatever stands between them.
        for token in
            [r#"QQ.","tag":"QQ","x":"...QQ"#, r#"QQ.QQ","header":{"alg":"dir"},"iv":"QQ.QQ.QQ.QQ"#]
        {
            let message = parse(token).unwrap();
            assert_eq!(ALL.map(|one| written(one, &message)), [None, None, None], "{token}");
        }
    }

    #[test]
    fn members_have_their_types_and_are_there_once() {
        let with = |members: &str| format!(r#"{{"ciphertext":"QQ"{members}}}"#);
        for name in ["protected", "iv", "aad", "tag"] {
            for wrong in [r#""""#, "1", "null", "{}", "[]", r#"["QQ"]"#, r#""\u0051Q""#] {
                let text = with(&format!(r#","{name}":{wrong}"#));
                assert_eq!(parse(&text), Err(member(name)), "{text}");
            }
        }
        // The one part that may be there and empty.
        assert_eq!(parse(&with(r#","encrypted_key":"""#)), parse(&with("")));
        for wrong in ["1", "null", "{}", "[]", r#"["QQ"]"#, r#""\u0051Q""#] {
            let text = with(&format!(r#","encrypted_key":{wrong}"#));
            assert_eq!(parse(&text), Err(member("encrypted_key")), "{text}");
        }
        for name in ["unprotected", "header"] {
            for wrong in ["{}", "{ \n}", "1", "null", "[]", r#""{}""#, r#"[{"a":1}]"#] {
                let text = with(&format!(r#","{name}":{wrong}"#));
                assert_eq!(parse(&text), Err(member(name)), "{text}");
                let text = with(&format!(r#","recipients":[{{"header":{wrong}}}]"#));
                assert_eq!(parse(&text), Err(member("header")), "{text}");
            }
        }
        for wrong in ["{}", "[]", "null", "\"QQ\"", "[1]", "[[]]", "[null]", "[{},1]"] {
            let text = with(&format!(r#","recipients":{wrong}"#));
            assert_eq!(parse(&text), Err(member("recipients")), "{text}");
        }
        for wrong in ["1", "null", "{}", r#""\u0051Q""#] {
            let text = format!(r#"{{"protected":"QQ","ciphertext":{wrong}}}"#);
            assert_eq!(parse(&text), Err(member("ciphertext")), "{text}");
        }
        assert_eq!(parse(r#"{"protected":"QQ"}"#), Err(member("ciphertext")));
        assert_eq!(parse("{}"), Err(member("ciphertext")));
        for both in [
            r#","recipients":[{}],"encrypted_key":"QQ""#,
            r#","encrypted_key":"QQ","recipients":[{}]"#,
        ] {
            assert_eq!(parse(&with(both)), Err(member("encrypted_key")), "{both}");
        }
        let both = r#","recipients":[{}],"header":{"a":1}"#;
        assert_eq!(parse(&with(both)), Err(member("header")));
        let limits = Limits::default();
        let general = with(r#","recipients":[{}]"#);
        assert_eq!(FlattenedJson.parse(&general, &limits), Err(member("recipients")));
        assert_eq!(GeneralJson.parse(&with(""), &limits), Err(member("recipients")));

        let twice = Err(super::TWICE);
        for (name, value) in [
            ("protected", r#""QQ""#),
            ("unprotected", r#"{"a":1}"#),
            ("header", r#"{"a":1}"#),
            ("encrypted_key", r#""QQ""#),
            ("aad", r#""QQ""#),
            ("iv", r#""QQ""#),
            ("tag", r#""QQ""#),
            ("ciphertext", r#""QQ""#),
            ("recipients", "[{}]"),
            ("unknown", "1"),
        ] {
            let escaped = format!("\\u{:04x}{}", name.as_bytes()[0], &name[1..]);
            for second in [name, &escaped] {
                let text = format!(r#"{{"ciphertext":"QQ","{name}":{value},"{second}":{value}}}"#);
                assert_eq!(parse(&text), twice, "{text}");
                let entry = format!(r#"{{"{name}":{value},"{second}":{value}}}"#);
                let text = with(&format!(r#","recipients":[{{}},{entry}]"#));
                assert_eq!(parse(&text), twice, "{text}");
            }
        }
    }

    /// RFC 7516 §7.2.1: what is not understood is ignored, and that includes members of the message
    /// where those of a recipient are expected.
    #[test]
    fn unknown_members_are_ignored() {
        let plain = r#"{"protected":"QQ","recipients":[{"encrypted_key":"QQ"}],"ciphertext":"QQ"}"#;
        let more = r#"{"protected":"QQ","x":{"a":[1,{}]},"Protected":"no","recipients":[{"encrypted_key":"QQ","iv":5,"protected":"","recipients":[],"tag":null}],"ciphertext":"QQ","":0}"#;
        assert_eq!(parse(more), parse(plain));
        let many = |count: usize| {
            let members: String = (0..count).map(|at| format!(r#","m{at}":{at}"#)).collect();
            (
                format!(r#"{{"ciphertext":"QQ"{members}}}"#),
                format!(
                    r#"{{"ciphertext":"QQ","recipients":[{{"encrypted_key":"QQ"{members}}}]}}"#
                ),
            )
        };
        let (message, recipient) = many(64);
        assert!(parse(&message).is_ok() && parse(&recipient).is_ok());
        let (message, recipient) = many(65);
        for text in [message, recipient] {
            assert!(matches!(parse(&text), Err(Malformed::MessageMember(_))));
        }
    }

    #[test]
    fn white_space_and_what_is_no_json() {
        let spaced = " \r\n\t{ \"protected\" :\n\"QQ\" , \"header\"\t: {\"a\" : 1 } ,\"ciphertext\":\"QQ\" } \n";
        let message = parse(spaced).unwrap();
        let recipients = vec![Recipient::new("").with_header(r#"{"a" : 1 }"#)];
        assert_eq!(message, Message::new("QQ", "", "", "QQ", "").with_recipients(recipients));
        let good = r#"{"ciphertext":"QQ"}"#;
        for (text, malformed) in [
            (format!("{good}x"), Malformed::NotJson),
            (format!("{good}{good}"), Malformed::NotJson),
            (format!("{good}\0"), Malformed::NotJson),
            (format!("{good},"), Malformed::NotJson),
            (good.replace('"', "'"), Malformed::NotJson),
            (good.replace('}', ",}"), Malformed::NotJson),
            (good.replace('}', ""), Malformed::NotJson),
            (format!("\u{c}{good}"), Malformed::NotJson),
            ("{".to_owned(), Malformed::NotJson),
            (r#"{"ciphertext":"QQ","\ud800":1}"#.to_owned(), Malformed::NotJson),
            (format!("\u{feff}{good}"), Malformed::SegmentCount),
            (format!("\u{a0}{good}"), Malformed::SegmentCount),
            (format!("[{good}]"), Malformed::SegmentCount),
            (" ".repeat(1000), Malformed::SegmentCount),
            (String::new(), Malformed::SegmentCount),
        ] {
            assert_eq!(parse(&text), Err(malformed), "{text:?}");
        }
    }

    #[test]
    fn limits_hold() {
        let limits = Limits::default().with_max_header_len(16).with_max_recipients(2);
        for (len, refused) in [(16, false), (17, true)] {
            let header = format!(r#"{{"a":"{}"}}"#, "x".repeat(len - 8));
            assert_eq!(header.len(), len);
            for text in [
                format!(r#"{{"ciphertext":"","header":{header}}}"#),
                format!(r#"{{"ciphertext":"","unprotected":{header}}}"#),
                format!(r#"{{"ciphertext":"","recipients":[{{"header":{header}}}]}}"#),
            ] {
                let parsed = Message::parse(&text, &limits);
                let expected = if refused { Err(Malformed::HeaderTooLong) } else { Ok(()) };
                assert_eq!(parsed.map(|_| ()), expected, "{text}");
            }
        }
        let of = |count: usize| {
            format!(r#"{{"ciphertext":"","recipients":[{}]}}"#, vec!["{}"; count].join(","))
        };
        assert_eq!(
            Message::parse(&of(2), &limits).map(|message| message.recipients().len()),
            Ok(2)
        );
        assert_eq!(Message::parse(&of(3), &limits), Err(Malformed::TooManyRecipients));
        // What is behind the limit is not looked at.
        let text = r#"{"ciphertext":"","recipients":[{},{},{},1]}"#;
        assert_eq!(Message::parse(text, &limits), Err(Malformed::TooManyRecipients));
        let limits = Limits::default().with_max_token_len(20);
        assert!(Message::parse(r#"{"ciphertext":"QQ"}"#, &limits).is_ok());
        assert_eq!(
            Message::parse(r#"{"ciphertext":"QQ"}  "#, &limits),
            Err(Malformed::TokenTooLong)
        );
        for serialization in ALL {
            let spaces = " ".repeat(21);
            let outcome = serialization.parse(&spaces, &limits);
            assert_eq!(outcome, Err(Malformed::TokenTooLong), "{}", serialization.name());
        }
    }
}
