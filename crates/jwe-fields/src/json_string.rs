//! JSON strings: what is between the quotes, to bytes and back (RFC 8259 §7).
//!
//! Everything here reads text that is known to be valid JSON; on other text the results are
//! useless but nothing panics.

use std::borrow::Cow;

use memchr::memchr2;
use zeroize::Zeroizing;

/// The string denotes no Unicode text, because an escape is half of a surrogate pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LoneSurrogate;

/// Appends the bytes that the string with this raw content (without its quotes) denotes.
///
/// A lone surrogate is appended in the three bytes that UTF-8 would give it if it were allowed,
/// so that two different strings never become one.
///
/// # Errors
/// [`LoneSurrogate`] if there was one; everything is appended all the same.
pub(crate) fn unescape_into(raw: &[u8], out: &mut Vec<u8>) -> Result<(), LoneSurrogate> {
    let mut rest = raw;
    let mut result = Ok(());
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (plain, escape) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((letter, after)) = escape.get(1..).and_then(<[u8]>::split_first) else {
            return result;
        };
        rest = after;
        match letter {
            b'b' => out.push(0x08),
            b'f' => out.push(0x0c),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'u' => {
                let (unit, after) = take_unit(rest);
                rest = after;
                let mut code = unit;
                if (0xd800..0xdc00).contains(&unit)
                    && let Some(second) = rest.strip_prefix(b"\\u")
                    && let (low @ 0xdc00..0xe000, after) = take_unit(second)
                {
                    rest = after;
                    code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                }
                if (0xd800..0xe000).contains(&code) {
                    result = Err(LoneSurrogate);
                }
                push_code_point(code, out);
            }
            other => out.push(*other),
        }
    }
    out.extend_from_slice(rest);
    result
}

/// What the name with this raw content denotes, as [`unescape_into`] has it.
pub(crate) fn unescaped(raw: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', raw).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len());
    // Bytes that are no UTF-8 are equal to no UTF-8, which is all that is asked of them here.
    let _ = unescape_into(raw, &mut out);
    Cow::Owned(out)
}

/// Calls `f` with what the string of a value with this raw content denotes. A copy that is needed
/// for it is wiped.
pub(crate) fn with_unescaped<R>(raw: &[u8], f: impl FnOnce(&[u8]) -> R) -> R {
    if memchr::memchr(b'\\', raw).is_none() {
        return f(raw);
    }
    // Never longer than the raw content, so the buffer does not move.
    let mut out = Zeroizing::new(Vec::with_capacity(raw.len()));
    let _ = unescape_into(raw, &mut out);
    f(&out)
}

/// Four hexadecimal digits.
fn take_unit(digits: &[u8]) -> (u32, &[u8]) {
    let (unit, rest) = digits.split_at_checked(4).unwrap_or((digits, &[]));
    let value = unit
        .iter()
        .fold(0, |value, digit| value << 4 | char::from(*digit).to_digit(16).unwrap_or(0));
    (value, rest)
}

/// UTF-8, generalized to surrogates.
fn push_code_point(code: u32, out: &mut Vec<u8>) {
    let tail = |shift: u32| 0x80 | (code >> shift & 0x3f) as u8;
    match code {
        0..0x80 => out.push(code as u8),
        0x80..0x800 => out.extend_from_slice(&[0xc0 | (code >> 6) as u8, tail(0)]),
        0x800..0x1_0000 => out.extend_from_slice(&[0xe0 | (code >> 12) as u8, tail(6), tail(0)]),
        _ => out.extend_from_slice(&[0xf0 | (code >> 18) as u8, tail(12), tail(6), tail(0)]),
    }
}

/// The most bytes that one byte of a text takes in a JSON string.
pub(crate) const LONGEST_ESCAPE: usize = 6;

/// The length of [`escape_into`]'s output, quotes included.
pub(crate) fn escaped_len(text: &str) -> usize {
    text.bytes().map(|byte| escape_of(byte).len()).sum::<usize>() + 2
}

/// Appends the text as a JSON string with its quotes; only what must be escaped is escaped.
pub(crate) fn escape_into(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| escape_of(*byte) != Escape::None) {
        let (plain, from) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((byte, after)) = from.split_first() else { break };
        match escape_of(*byte) {
            Escape::None => out.push(*byte),
            Escape::Letter(letter) => out.extend_from_slice(&[b'\\', letter]),
            Escape::Hex => {
                out.extend_from_slice(b"\\u00");
                out.push(if *byte < 0x10 { b'0' } else { b'1' });
                out.push(match byte & 0xf {
                    digit @ 0..10 => b'0' + digit,
                    digit => b'a' + digit - 10,
                });
            }
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Letter(u8),
    Hex,
}

impl Escape {
    fn len(self) -> usize {
        match self {
            Self::None => 1,
            Self::Letter(_) => 2,
            Self::Hex => 6,
        }
    }
}

fn escape_of(byte: u8) -> Escape {
    match byte {
        b'"' | b'\\' => Escape::Letter(byte),
        0x08 => Escape::Letter(b'b'),
        0x0c => Escape::Letter(b'f'),
        b'\n' => Escape::Letter(b'n'),
        b'\r' => Escape::Letter(b'r'),
        b'\t' => Escape::Letter(b't'),
        0..0x20 => Escape::Hex,
        _ => Escape::None,
    }
}

/// The offset after the closing quote of the string whose content starts at `start`, and whether
/// the content has an escape.
pub(crate) fn end_of_string(text: &[u8], start: usize) -> (usize, bool) {
    let mut at = start;
    let mut escaped = false;
    while let Some(found) = text.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if text.get(at) == Some(&b'"') {
            return (at + 1, escaped);
        }
        escaped = true;
        at += 2;
    }
    (text.len(), escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_content_of_a_string_does_no_harm() {
        for (raw, expected) in [
            (&b"a\\"[..], &b"a"[..]),
            (b"\\", b""),
            (b"a\\u", b"a\0"),
            (b"a\\uzz", b"a\0"),
            (b"a\\u00", b"a\0"),
            (b"a\\q\xff", b"aq\xff"),
        ] {
            let mut out = Vec::new();
            assert_eq!(unescape_into(raw, &mut out), Ok(()), "{raw:?}");
            assert_eq!(out, expected, "{raw:?}");
        }
    }

    #[test]
    fn unescapes_as_serde_json_does() {
        for json in [
            r#""""#,
            r#""plain é 🦀""#,
            r#""\"\\\/\b\f\n\r\t""#,
            r#""\u0041\u00e9\u20ac\ud83e\udd80 x""#,
            r#""\uFFFF\u0000""#,
        ] {
            let raw = &json.as_bytes()[1..json.len() - 1];
            let expected: String = serde_json::from_str(json).unwrap();
            assert_eq!(unescaped(raw), expected.as_bytes(), "{json}");
        }
    }

    #[test]
    fn lone_surrogates_stay_apart() {
        let mut seen = Vec::new();
        for raw in [r"\ud800", r"\ud801", r"\udc00", r"\ud800\ud800", r"\udc00\ud800", r"\ufffd"] {
            let mut out = Vec::new();
            let lone = unescape_into(raw.as_bytes(), &mut out);
            assert_eq!(lone.is_err(), raw != r"\ufffd");
            assert!(!seen.contains(&out));
            seen.push(out);
        }
        // A high half, then a pair.
        let mut out = Vec::new();
        assert!(unescape_into(br"\ud83e\ud83e\udd80", &mut out).is_err());
        assert_eq!(&out[3..], "🦀".as_bytes());
    }

    #[test]
    fn escapes_what_must_be_escaped() {
        let every: String =
            (0..0x100_u32).filter_map(char::from_u32).chain(['🦀', '\u{2028}']).collect();
        let mut out = Vec::new();
        escape_into(&every, &mut out);
        assert_eq!(out.len(), escaped_len(&every));
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), every);
        assert_eq!(out, serde_json::to_vec(&every).unwrap());
    }

    #[test]
    fn finds_the_end() {
        assert_eq!(end_of_string(br#""a" "#, 1), (3, false));
        assert_eq!(end_of_string(br#""a\"\\" "#, 1), (7, true));
        assert_eq!(end_of_string(br#""a\"#, 1), (3, true));
    }
}
