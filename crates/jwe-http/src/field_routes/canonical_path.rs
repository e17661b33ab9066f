//! Paths that can be read in one way only, and how they are then compared.

use std::borrow::Cow;

use http::StatusCode;

use super::route_error::RouteError;
use crate::problem::Problem;

/// The path with its escapes decoded and without a slash at the end. That two paths are the same resource
/// is then that they are equal, since nothing that is refused is left in them.
///
/// # Errors
/// 400, `ambiguous_path`: see [`FieldRoutes::find`](super::FieldRoutes::find).
pub(super) fn read(path: &str) -> Result<Cow<'_, str>, Problem> {
    canonical(path).ok_or_else(ambiguous)
}

pub(super) fn ambiguous() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "ambiguous_path",
        "the path can be read in more than one way: send it as the API documents it, without empty or dot \
         segments and with no more escapes than needed",
    )
}

fn canonical(path: &str) -> Option<Cow<'_, str>> {
    let rest = path.strip_prefix('/')?;
    if rest.is_empty() {
        return Some(Cow::Borrowed(path));
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return None;
    }
    if !rest.bytes().all(|byte| byte == b'/' || byte == b'%' || stands_as_it_is(byte)) {
        return None;
    }
    if !rest.contains('%') {
        return Some(Cow::Borrowed(path));
    }
    let mut decoded = Vec::with_capacity(path.len());
    let mut left = path.as_bytes();
    while let Some((&byte, behind)) = left.split_first() {
        left = behind;
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let (escaped, behind) = escape(left)?;
        left = behind;
        if !may_be_escaped(escaped) || (escaped == b'%' && escape(left).is_some()) {
            return None;
        }
        decoded.push(escaped);
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// `pchar` of RFC 3986 §3.3 without escapes, and without `;`.
fn stands_as_it_is(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,=:@".contains(&byte)
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Whether an escape of this leaves no doubt. `{` and `}` are no more than characters here.
fn may_be_escaped(byte: u8) -> bool {
    !is_unreserved(byte) && !byte.is_ascii_control() && !b"/\\;?#".contains(&byte)
}

/// The byte that two hexadecimal digits stand for, and what is behind them.
fn escape(digits: &[u8]) -> Option<(u8, &[u8])> {
    let ([high, low], behind) = digits.split_first_chunk::<2>()?;
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some((digit(*high)? << 4 | digit(*low)?, behind))
}

/// The text with those of its escapes decoded that are some.
pub(super) fn percent_decoded(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut left = text.as_bytes();
    while let Some((&byte, behind)) = left.split_first() {
        let (byte, behind) = match escape(behind) {
            Some((escaped, behind)) if byte == b'%' => (escaped, behind),
            _ => (byte, behind),
        };
        decoded.push(byte);
        left = behind;
    }
    decoded
}

/// Whether two templates are the same but for upper and lower case and the names of parameters.
pub(super) fn differ_in_case_only(one: &str, other: &str) -> bool {
    fn segments(template: &str) -> impl Iterator<Item = Vec<u8>> {
        let template = template.strip_suffix('/').unwrap_or(template);
        template.split('/').map(|segment| match segment.strip_prefix('{') {
            Some(name) if name.starts_with('*') => b"{*}".to_vec(),
            Some(_) => b"{}".to_vec(),
            None => percent_decoded(segment).to_ascii_lowercase(),
        })
    }
    segments(one).eq(segments(other))
}

/// The template as it is compared with paths, in the form that the router takes.
///
/// # Errors
/// [`RouteError::Template`].
pub(super) fn template(text: &str) -> Result<String, RouteError> {
    let refused = |reason| RouteError::Template { template: text.to_owned(), reason };
    let Some(rest) = text.strip_prefix('/') else {
        return Err(refused("it begins with a slash"));
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let mut template = String::with_capacity(text.len());
    let mut segments = rest.split('/').peekable();
    while let Some(segment) = segments.next() {
        template.push('/');
        if let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let plain = match name.strip_prefix('*') {
                Some(_) if segments.peek().is_some() => {
                    return Err(refused("a parameter with * stands at the end"));
                }
                Some(plain) => plain,
                None => name,
            };
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            if plain.is_empty() || !plain.bytes().all(is_name) {
                return Err(refused("the name of a parameter is made of letters, digits and _"));
            }
            template.push_str(segment);
            continue;
        }
        if segment.contains(['{', '}']) {
            return Err(refused("a parameter is a whole segment, such as /users/{id}"));
        }
        if text == "/" {
            // The root.
            break;
        }
        let path = format!("/{segment}");
        let literal = canonical(&path).filter(|_| !segment.is_empty()).ok_or_else(|| {
            refused("a segment is written in a way in which no path of a request may be")
        })?;
        // What is no parameter is doubled for the router.
        let literal = literal.strip_prefix('/').unwrap_or(&literal);
        template.push_str(&literal.replace('{', "{{").replace('}', "}}"));
    }
    Ok(template)
}
