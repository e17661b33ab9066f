//! The header member to which a message is bound: its text, and how a received one is compared.

use serde_json::Value;

use crate::error::{EncryptError, Rejected};
use crate::jose_header::JoseHeader;
use crate::limits::Limits;

/// A critical member whose value is an object of strings.
#[derive(Clone, Copy)]
pub(crate) struct BoundMember<'a> {
    pub(crate) name: &'a str,
    /// The names of the object and their strings.
    pub(crate) strings: &'a [(&'a str, &'a str)],
}

impl BoundMember<'_> {
    /// Hands the JSON text of the member, with the comma before it and the end of the header behind
    /// it, to `sink`.
    pub(crate) fn write(&self, sink: &mut dyn FnMut(&[u8])) {
        sink(b",");
        quoted(self.name, sink);
        sink(b":{");
        for (at, (name, string)) in self.strings.iter().enumerate() {
            if at > 0 {
                sink(b",");
            }
            quoted(name, sink);
            sink(b":");
            quoted(string, sink);
        }
        sink(b"}}");
    }

    /// The length of a header in bytes of its JSON text, which begins with `beginning_len` bytes.
    ///
    /// # Errors
    /// [`EncryptError::BindingTooLong`], and [`EncryptError::BindingTwice`], as nobody could read it.
    pub(crate) fn header_len(&self, beginning_len: usize) -> Result<usize, EncryptError> {
        let mut len = beginning_len;
        self.write(&mut |part| len = len.saturating_add(part.len()));
        if len > Limits::MAX_HEADER_LEN {
            return Err(EncryptError::BindingTooLong);
        }
        let names = || self.strings.iter().map(|(name, _)| name);
        if names().enumerate().any(|(at, name)| names().take(at).any(|earlier| earlier == name)) {
            return Err(EncryptError::BindingTwice);
        }
        Ok(len)
    }

    /// Checks that a received header has this member, protected and critical, with exactly these
    /// strings. They are public on both sides.
    ///
    /// # Errors
    /// [`Rejected::NotBound`], [`Rejected::BoundElsewhere`].
    pub(crate) fn check(&self, header: &JoseHeader<'_>) -> Result<(), Rejected> {
        let is_critical = header
            .crit()
            .and_then(Value::as_array)
            .is_some_and(|list| list.iter().any(|name| name == self.name));
        if !is_critical || !header.is_protected(self.name) {
            return Err(Rejected::NotBound);
        }
        let object = header.get(self.name).and_then(Value::as_object);
        let is_same = object.is_some_and(|object| {
            object.len() == self.strings.len()
                // A name that is asked for twice would leave another one unseen.
                && self.strings.iter().enumerate().all(|(at, (name, _))| {
                    self.strings.iter().take(at).all(|(other, _)| other != name)
                })
                && self.strings.iter().all(|(name, string)| {
                    object.get(*name).and_then(Value::as_str) == Some(*string)
                })
        });
        if is_same { Ok(()) } else { Err(Rejected::BoundElsewhere) }
    }
}

/// A JSON string (RFC 8259 §7).
fn quoted(text: &str, sink: &mut dyn FnMut(&[u8])) {
    sink(b"\"");
    let mut rest = text.as_bytes();
    let is_escaped = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
    while let Some(at) = rest.iter().position(is_escaped) {
        let (plain, escaped) = rest.split_at(at);
        sink(plain);
        let Some((byte, behind)) = escaped.split_first() else { break };
        match byte {
            b'"' | b'\\' => sink(&[b'\\', *byte]),
            control => {
                let digit = |nibble: u8| b"0123456789abcdef".get(usize::from(nibble)).copied();
                let (high, low) = (digit(control >> 4), digit(control & 0xf));
                sink(&[b'\\', b'u', b'0', b'0', high.unwrap_or(b'0'), low.unwrap_or(b'0')]);
            }
        }
        rest = behind;
    }
    sink(rest);
    sink(b"\"");
}

#[cfg(test)]
mod tests {
    use super::BoundMember;
    use crate::error::{EncryptError, Rejected};
    use crate::jose_header::JoseHeader;
    use crate::limits::Limits;

    fn text(member: &BoundMember<'_>) -> String {
        let mut text = br#"{"alg":"dir","enc":"A256GCM","crit":["bound"]"#.to_vec();
        let len = member.header_len(text.len()).unwrap();
        member.write(&mut |part| text.extend_from_slice(part));
        assert_eq!(text.len(), len);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn any_text_is_read_back() {
        let every: String =
            (0..0x100).filter_map(char::from_u32).chain(['🦀', '\u{2028}']).collect();
        for strings in
            [&[("field", every.as_str()), (every.as_str(), "\"},{\\")][..], &[("", "")], &[]]
        {
            let member = BoundMember { name: "bound", strings };
            let json = text(&member);
            let header = JoseHeader::parse(&json).unwrap();
            assert_eq!(member.check(&header), Ok(()), "{json}");
            let object = header.get("bound").unwrap().as_object().unwrap();
            assert_eq!(object.len(), strings.len());
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let member = BoundMember { name: "bound", strings: &[("field", "/a"), ("record", "42")] };
        let check = |crit: &str, more: &str| {
            let json = format!(r#"{{"alg":"dir","enc":"A256GCM"{crit}{more}}}"#);
            member.check(&JoseHeader::parse(&json).unwrap())
        };
        let crit = r#","crit":["bound"]"#;
        let good = r#","bound":{"record":"42","field":"/a"}"#;
        assert_eq!(check(crit, good), Ok(()));
        assert_eq!(check(r#","crit":["x","bound"]"#, good), Ok(()));
        assert_eq!(check(crit, r#","bound":{"\u0066ield":"\/a","record":"4\u0032"}"#), Ok(()));
        for (crit, more) in [
            ("", ""),
            ("", good),
            (r#","crit":["x"]"#, good),
            (r#","crit":"bound""#, good),
            (crit, ""),
        ] {
            assert_eq!(check(crit, more), Err(Rejected::NotBound), "{crit}{more}");
        }
        let twice = BoundMember { name: "bound", strings: &[("field", "/a"), ("field", "/a")] };
        let json = format!(r#"{{"alg":"dir","enc":"A256GCM"{crit}{good}}}"#);
        let header = JoseHeader::parse(&json).unwrap();
        assert_eq!(twice.check(&header), Err(Rejected::BoundElsewhere));
        for value in [
            r#"{"field":"/a"}"#,
            r#"{"record":"42"}"#,
            r#"{"field":"/b","record":"42"}"#,
            r#"{"field":"/a","record":"43"}"#,
            r#"{"field":"/a","record":"42","more":""}"#,
            r#"{"field":"/a","record":42}"#,
            r#"{"field":["/a"],"record":"42"}"#,
            r#"{"field":"/A","record":"42"}"#,
            r#"{"field":"/a","record":"42 "}"#,
            r#"{"field":"42","record":"/a"}"#,
            r#"["/a","42"]"#,
            "{}",
            "null",
            "\"/a\"",
        ] {
            let more = format!(r#","bound":{value}"#);
            assert_eq!(check(crit, &more), Err(Rejected::BoundElsewhere), "{value}");
        }
    }

    #[test]
    fn what_no_recipient_would_read_is_refused() {
        let len = |beginning, strings: &[(&str, &str)]| {
            BoundMember { name: "bound", strings }.header_len(beginning)
        };
        let twice = [("a", "1"), ("b", "2"), ("a", "3")];
        assert_eq!(len(50, &twice), Err(EncryptError::BindingTwice));
        let long = "x".repeat(Limits::MAX_HEADER_LEN);
        assert_eq!(len(50, &[("a", &long)]), Err(EncryptError::BindingTooLong));
        // An escape counts as what is written.
        let quotes = "\"".repeat(Limits::MAX_HEADER_LEN / 2);
        assert_eq!(len(50, &[("a", &quotes)]), Err(EncryptError::BindingTooLong));
        let fits = &long[..long.len() - 50 - r#","bound":{"a":""}}"#.len()];
        assert_eq!(len(50, &[("a", fits)]), Ok(Limits::MAX_HEADER_LEN));
        assert_eq!(len(51, &[("a", fits)]), Err(EncryptError::BindingTooLong));
    }
}
