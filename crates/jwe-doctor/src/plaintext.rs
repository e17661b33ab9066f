//! The form of the plaintext. Nothing of the plaintext itself is told.

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::base64_text;
use crate::cause::Cause;
use crate::expected::{Expected, PlaintextForm};
use crate::finding::Finding;

/// The fewest characters that are taken for base64 of a text without padding: shorter ones are
/// passwords that happen to decode.
const MIN_BASE64: usize = 16;

pub(crate) fn examine(plaintext: &[u8], expected: &Expected, findings: &mut Vec<Finding>) {
    let found = match expected.plaintext {
        PlaintextForm::Bytes => nested(plaintext),
        PlaintextForm::Json => {
            nested(plaintext).or_else(|| encoding(plaintext)).or_else(|| not_json(plaintext))
        }
        PlaintextForm::Text => nested(plaintext)
            .or_else(|| empty(plaintext))
            .or_else(|| encoding(plaintext))
            .or_else(|| quoted(plaintext))
            .or_else(|| trailing_newline(plaintext))
            .or_else(|| base64(plaintext)),
    };
    findings.extend(found);
}

fn nested(plaintext: &[u8]) -> Option<Finding> {
    let text = core::str::from_utf8(plaintext).ok()?;
    let parts = text.split('.').count();
    let (first, _) = text.split_once('.')?;
    let (header, _) = base64_text::decode(first).ok()?;
    let header: serde_json::Value = serde_json::from_slice(&header).ok()?;
    header.get("alg")?;
    match parts {
        5 if header.get("enc").is_some() => Some(Finding::new(
            Cause::EncryptedTwice,
            "the plaintext is a token once more: the value was encrypted twice",
            "Encrypt once: see whether both the program and a proxy or a wrapper of its HTTP client do",
        )),
        3 => Some(Finding::new(
            Cause::PlaintextSigned,
            "the plaintext is a signed JWT",
            "Encrypt the value itself, unless the API asks for a signed JWT inside",
        )),
        _ => None,
    }
}

fn empty(plaintext: &[u8]) -> Option<Finding> {
    plaintext.is_empty().then(|| {
        Finding::new(
            Cause::PlaintextEmpty,
            "the plaintext is empty",
            "See where the client loses the value before it encrypts",
        )
    })
}

fn encoding(plaintext: &[u8]) -> Option<Finding> {
    let marked = plaintext.starts_with(&[0xff, 0xfe]) || plaintext.starts_with(&[0xfe, 0xff]);
    let zeros = |from: usize| {
        plaintext.len() >= 4
            && plaintext.len().is_multiple_of(2)
            && plaintext.iter().skip(from).step_by(2).all(|byte| *byte == 0)
    };
    if marked || zeros(0) || zeros(1) {
        return Some(Finding::new(
            Cause::Utf16,
            format!("the plaintext is UTF-16: {} bytes", plaintext.len()),
            "Encrypt the value's UTF-8 bytes, such as getBytes(StandardCharsets.UTF_8) or Encoding.UTF8",
        ));
    }
    if plaintext.starts_with(b"\xef\xbb\xbf") {
        return Some(Finding::new(
            Cause::ByteOrderMark,
            "the plaintext begins with a byte order mark, which belongs to no value",
            "Encrypt the value's UTF-8 bytes without the mark",
        ));
    }
    core::str::from_utf8(plaintext).err().map(|_| {
        Finding::new(
            Cause::NotUtf8,
            format!("the plaintext, of {} bytes, is not UTF-8", plaintext.len()),
            "Encrypt the value's UTF-8 bytes, and name the encoding where the language has a default, as Latin-1",
        )
    })
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<&RawValue>(text).is_ok()
}

fn not_json(plaintext: &[u8]) -> Option<Finding> {
    (!is_json(plaintext)).then(|| {
        Finding::new(
            Cause::PlaintextNotJson,
            format!("the plaintext, of {} bytes, is no JSON text", plaintext.len()),
            "Encrypt the value's JSON text: a text with its quotes, a number as it is written",
        )
    })
}

fn quoted(plaintext: &[u8]) -> Option<Finding> {
    let quoted = plaintext.len() >= 2 && plaintext.starts_with(b"\"") && plaintext.ends_with(b"\"");
    (quoted && is_json(plaintext)).then(|| {
        Finding::new(
            Cause::JsonQuoted,
            "the plaintext is the JSON text of a string: quotes stand around the value",
            "Encrypt the value itself, and not what JSON.stringify or a serializer makes of it",
        )
    })
}

fn trailing_newline(plaintext: &[u8]) -> Option<Finding> {
    plaintext.ends_with(b"\n").then(|| {
        Finding::new(
            Cause::TrailingNewline,
            "the plaintext ends in a line end",
            "Take the line end off before encrypting, such as with `printf` instead of `echo`",
        )
    })
}

fn base64(plaintext: &[u8]) -> Option<Finding> {
    let text = core::str::from_utf8(plaintext).ok()?;
    let padded = text.ends_with('=') && text.len().is_multiple_of(4);
    if !(padded && text.len() >= 4 || text.len() >= MIN_BASE64) {
        return None;
    }
    let (inner, deviation) = base64_text::decode(text).ok()?;
    let inner = Zeroizing::new(inner);
    let printable = inner.iter().all(|byte| matches!(byte, b' '..=b'~'));
    (printable && !deviation.trailing_bits && !inner.is_empty()).then(|| {
        Finding::new(
            Cause::PlaintextBase64,
            "the plaintext looks like base64 of a text",
            "Encrypt the value itself: the token is base64url already. If the value is meant so, all is well",
        )
    })
}
