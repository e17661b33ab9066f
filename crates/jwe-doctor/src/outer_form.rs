//! What was put around a token on its way: white space, quotes, escapes, a scheme.

use std::borrow::Cow;

use crate::cause::Cause;
use crate::expected::Expected;
use crate::finding::Finding;

/// How many layers are taken off at most. Each of them is named once.
const MAX_LAYERS: usize = 8;

/// The text inside of what was put around it; `None` where nothing is left to examine.
pub(crate) fn strip(
    token: &[u8],
    expected: &Expected,
    findings: &mut Vec<Finding>,
) -> Option<String> {
    if token.len() > expected.max_token_len {
        findings.push(Finding::new(
            Cause::TooLong,
            format!("it has {} bytes, and {} are examined", token.len(), expected.max_token_len),
            "Raise the limit if such tokens are expected; large content is better sent in pieces",
        ));
        return None;
    }
    let text = as_text(token, findings)?;
    let mut text = text.into_owned();
    for _ in 0..MAX_LAYERS {
        match layer(&text) {
            Some((finding, inner)) => {
                if !findings.iter().any(|found| found.cause == finding.cause) {
                    findings.push(finding);
                }
                text = inner;
            }
            None => break,
        }
    }
    if text.is_empty() {
        findings.insert(
            0,
            Finding::new(
                Cause::Empty,
                "there is nothing",
                "See where the client or what lies between loses the value",
            ),
        );
        return None;
    }
    Some(text)
}

fn as_text<'a>(token: &'a [u8], findings: &mut Vec<Finding>) -> Option<Cow<'a, str>> {
    let not_text = |what: &str, change: &str| Finding::new(Cause::NotText, what, change);
    if let Some(text) = utf16(token) {
        findings.push(not_text(
            "the token is written in UTF-16",
            "Write it in ASCII, in which base64url is: the editor or shell that saved it chose another encoding",
        ));
        return Some(Cow::Owned(text));
    }
    let (bytes, marked) = match token.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (token, false),
    };
    if marked {
        findings.push(not_text(
            "a byte order mark stands before the token",
            "Write the token without it: the editor or shell that saved it put it there",
        ));
    }
    match core::str::from_utf8(bytes) {
        Ok(text) => Some(Cow::Borrowed(text)),
        Err(error) => {
            findings.push(not_text(
                &format!("byte {} is no text", error.valid_up_to().saturating_add(1)),
                "Send the token as the text that the library returns, not as bytes or compressed",
            ));
            None
        }
    }
}

/// ASCII written in UTF-16 of either byte order.
fn utf16(bytes: &[u8]) -> Option<String> {
    let (bytes, order) = match bytes {
        [0xff, 0xfe, rest @ ..] => (rest, Some(false)),
        [0xfe, 0xff, rest @ ..] => (rest, Some(true)),
        _ => (bytes, None),
    };
    if bytes.is_empty() || bytes.len() % 2 == 1 {
        return None;
    }
    let decode = |big: bool| {
        let mut text = String::with_capacity(bytes.len() / 2);
        for pair in bytes.chunks(2) {
            let (([zero, character], true) | ([character, zero], false)) = (pair, big) else {
                return None;
            };
            if *zero != 0 || !character.is_ascii() || *character == 0 {
                return None;
            }
            text.push(char::from(*character));
        }
        Some(text)
    };
    match order {
        Some(big) => decode(big),
        None => decode(false).or_else(|| decode(true)),
    }
}

/// The outermost layer, and what is inside of it.
fn layer(text: &str) -> Option<(Finding, String)> {
    white_space(text)
        .or_else(|| bearer(text))
        .or_else(|| quotes(text))
        .or_else(|| escapes(text))
        .or_else(|| percent(text))
        .or_else(|| line_breaks(text))
}

fn white_space(text: &str) -> Option<(Finding, String)> {
    let inner = text.trim();
    (inner.len() != text.len()).then(|| {
        let before = text.len().saturating_sub(text.trim_start().len());
        let after = text.len().saturating_sub(inner.len()).saturating_sub(before);
        let finding = Finding::new(
            Cause::WhiteSpace,
            format!("white space stands around it: {before} bytes before and {after} after"),
            "Send the value without it; a line end often comes from `echo` or from reading a file",
        );
        (finding, inner.to_owned())
    })
}

fn bearer(text: &str) -> Option<(Finding, String)> {
    let after = |text: &str, prefix: &str| {
        let start = text.get(..prefix.len())?;
        start.eq_ignore_ascii_case(prefix).then(|| text.get(prefix.len()..).map(str::to_owned))?
    };
    let inner = ["authorization: bearer ", "bearer ", "jwe ", "jwt "]
        .into_iter()
        .find_map(|prefix| after(text, prefix))?;
    Some((
        Finding::new(
            Cause::BearerPrefix,
            "the scheme of an Authorization header stands before it",
            "Send the token alone",
        ),
        inner,
    ))
}

fn quotes(text: &str) -> Option<(Finding, String)> {
    let finding = |which: &str| {
        Finding::new(
            Cause::Quoted,
            format!("it stands in {which}"),
            "Send the token alone: JSON's own quotes are around it already, so it was serialized twice or copied with them",
        )
    };
    if text.len() >= 2 && text.starts_with('"') && text.ends_with('"') {
        // The JSON text of a string is undone as a whole, its escapes included.
        let inner = text.get(1..text.len().saturating_sub(1))?;
        let inner = serde_json::from_str(text).unwrap_or_else(|_| inner.to_owned());
        return Some((finding("quotes"), inner));
    }
    let between =
        |open: char, close: char| Some(text.strip_prefix(open)?.strip_suffix(close)?.to_owned());
    if let Some(inner) = text.strip_prefix("\\\"").and_then(|text| text.strip_suffix("\\\"")) {
        return Some((finding("escaped quotes"), inner.to_owned()));
    }
    None.or_else(|| Some((finding("single quotes"), between('\'', '\'')?)))
        .or_else(|| Some((finding("backquotes"), between('`', '`')?)))
        .or_else(|| Some((finding("angle brackets"), between('<', '>')?)))
}

fn escapes(text: &str) -> Option<(Finding, String)> {
    if !text.contains('\\') || text.starts_with(['{', '[']) {
        return None;
    }
    let inner: String = serde_json::from_str(&format!("\"{text}\"")).ok()?;
    Some((
        Finding::new(
            Cause::JsonEscaped,
            "it has the escapes of a JSON string",
            "Parse the JSON in which it stood, or escape it once less: a token needs no escape",
        ),
        inner,
    ))
}

fn percent(text: &str) -> Option<(Finding, String)> {
    let bytes = text.as_bytes();
    if !bytes.contains(&b'%') || text.starts_with(['{', '[']) {
        return None;
    }
    let mut inner = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let decoded = tail.get(..2).and_then(crate::base64_text::decode_hex)?;
            inner.extend(decoded);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            inner.push(*first);
            rest = tail;
        }
    }
    let inner = String::from_utf8(inner).ok()?;
    Some((
        Finding::new(
            Cause::PercentEncoded,
            "it is percent-encoded, as in a URL or a form",
            "Decode it once more, or don't encode it: no character of a token needs it",
        ),
        inner,
    ))
}

/// Line breaks and spaces inside, where what is left without them looks like a token.
fn line_breaks(text: &str) -> Option<(Finding, String)> {
    if !text.contains(char::is_whitespace) {
        return None;
    }
    let inner: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+/=".contains(&byte);
    if inner.bytes().filter(|byte| *byte == b'.').count() < 2 || !inner.bytes().all(token) {
        return None;
    }
    Some((
        Finding::new(
            Cause::LineBreaks,
            "line breaks or spaces stand within it",
            "Write it on one line: encode base64 without line breaks (such as NO_WRAP on Android, `base64 -w0`)",
        ),
        inner,
    ))
}
