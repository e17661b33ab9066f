//! Which sort of thing a text is, and the five parts of a token.

use serde_json::{Map, Value};

use crate::base64_text::{self, NotBase64};
use crate::cause::Cause;
use crate::finding::Finding;
use crate::json_members;
use crate::shown::quoted;

/// The parts by name, in their order (RFC 7516 §7.1).
pub(crate) const NAMES: [&str; 5] = [
    "the protected header",
    "the encrypted key",
    "the initialization vector",
    "the ciphertext",
    "the tag",
];

/// A part as it stands there, and what it decodes to.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
}

/// The five parts of a token.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) header: Part,
    pub(crate) encrypted_key: Part,
    pub(crate) iv: Part,
    pub(crate) ciphertext: Part,
    pub(crate) tag: Part,
}

impl Parts {
    /// The token that these parts make in the compact serialization.
    pub(crate) fn token(&self) -> String {
        [&self.header, &self.encrypted_key, &self.iv, &self.ciphertext, &self.tag]
            .map(|part| part.text.as_str())
            .join(".")
    }
}

/// The parts of a text, where it has five that can be decoded.
pub(crate) fn of(text: &str, findings: &mut Vec<Finding>) -> Option<Parts> {
    if text.contains("-----BEGIN ") {
        return stop(findings, key_not_token("PEM"));
    }
    let texts = if text.starts_with(['{', '[']) {
        from_json(text, findings)?
    } else {
        match from_text(text, true) {
            Recognized::Parts(texts) => texts,
            Recognized::Encoded(texts, finding) => {
                findings.push(finding);
                texts
            }
            Recognized::Other(finding) => return stop(findings, finding),
        }
    };
    decode(texts, findings)
}

/// What is no token at all is the main cause, whatever stands around it.
fn stop<T>(findings: &mut Vec<Finding>, finding: Finding) -> Option<T> {
    findings.insert(0, finding);
    None
}

enum Recognized {
    Parts([String; 5]),
    Encoded([String; 5], Finding),
    Other(Finding),
}

/// A text that is no JSON.
fn from_text(text: &str, may_be_encoded: bool) -> Recognized {
    let pieces: Vec<&str> = text.split('.').collect();
    let header = pieces.first().and_then(|first| header_members(first));
    let has = |name: &str| header.as_ref().is_some_and(|header| header.contains_key(name));
    if let [a, b, c, d, e] = pieces.as_slice() {
        return Recognized::Parts([a, b, c, d, e].map(|part| (*part).to_owned()));
    }
    if matches!(pieces.len(), 2 | 3) && header.is_some() && !has("enc") {
        let alg = header.as_ref().and_then(|header| header.get("alg")).and_then(Value::as_str);
        let alg = alg.map_or_else(|| "no alg".to_owned(), |alg| format!("alg {}", quoted(alg)));
        return Recognized::Other(Finding::new(
            Cause::SignedJwt,
            format!(
                "it is a signed JWT with {alg}: {} parts, and its content is readable by everybody",
                pieces.len()
            ),
            "Encrypt the value as a JWE with the API's public key; signing does not hide anything, so treat what was sent so as disclosed",
        ));
    }
    if header.is_some() {
        let count = pieces.len();
        let dots = if count < 5 { "cut off or lost a part" } else { "joined with something else" };
        return Recognized::Other(Finding::new(
            Cause::PartCount,
            format!(
                "it has {count} parts with dots between them, and a token has five: it was {dots}"
            ),
            "Send all that the library returns; an empty part keeps its dot. See whether a column, a field or a log cut it off",
        ));
    }
    if may_be_encoded
        && let [only] = pieces.as_slice()
        && let Ok((bytes, _)) = base64_text::decode(only)
        && let Ok(inner) = core::str::from_utf8(&bytes)
    {
        match from_text(inner, false) {
            Recognized::Parts(texts) if header_members(&texts[0]).is_some() => {
                let finding = Finding::new(
                    Cause::TokenEncodedTwice,
                    "it is base64 of a token",
                    "Send the token itself: its parts are base64url already",
                );
                return Recognized::Encoded(texts, finding);
            }
            _ => {}
        }
    }
    Recognized::Other(Finding::new(
        Cause::InClear,
        "it is no token, and nothing in it looks like a part of one: the value arrived in clear, or encrypted in some other way",
        "Encrypt this value as a JWE before it is sent; if it was secret, treat it as disclosed",
    ))
}

/// The header of a first part, if it is one in base64 of any sort.
fn header_members(text: &str) -> Option<Map<String, Value>> {
    let (bytes, _) = base64_text::decode(text).ok()?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}

fn key_not_token(format: &str) -> Finding {
    Finding::new(
        Cause::KeyNotToken,
        format!("it is a key in {format}, and not a token"),
        "Send the token that the library makes with this key; if it is a private key, treat it as disclosed and make another",
    )
}

/// A JSON serialization (RFC 7516 §7.2) of one recipient with a protected header only says the same
/// as a compact token, and is examined as that.
fn from_json(text: &str, findings: &mut Vec<Finding>) -> Option<[String; 5]> {
    let document = || {
        Finding::new(
            Cause::JsonDocument,
            "it is a JSON document, and not one token",
            "Give the value of one encrypted field, without quotes",
        )
    };
    let Some(members) = json_members::of(text) else {
        let finding = if serde_json::from_str::<Value>(text).is_ok() {
            document()
        } else {
            Finding::new(
                Cause::InClear,
                "it is no token, and begins like JSON without being that",
                "Encrypt the value as a JWE before it is sent; if it was secret, treat it as disclosed",
            )
        };
        return stop(findings, finding);
    };
    let get =
        |name: &str| members.iter().find(|member| member.name == name).map(|member| &member.value);
    if get("kty").is_some() || get("keys").is_some() {
        return stop(findings, key_not_token("JSON (JWK)"));
    }
    if get("payload").is_some() && (get("signature").is_some() || get("signatures").is_some()) {
        return stop(
            findings,
            Finding::new(
                Cause::SignedJwt,
                "it is a signed message in a JSON serialization (RFC 7515 §7.2), and its content is readable by everybody",
                "Encrypt the value as a JWE with the API's public key; treat what was sent so as disclosed",
            ),
        );
    }
    if get("ciphertext").is_none() {
        return stop(findings, document());
    }
    findings.push(Finding::new(
        Cause::JsonSerialization,
        "it is in a JSON serialization (RFC 7516 §7.2), and the compact one is asked",
        "Ask the library for the compact serialization: five parts with dots between them",
    ));
    let recipient = match get("recipients") {
        Some(Value::Array(recipients)) => match recipients.as_slice() {
            [one] => Some(one),
            _ => return None,
        },
        _ => None,
    };
    let beyond = ["unprotected", "header", "aad"].iter().any(|name| get(name).is_some());
    if beyond || recipient.is_some_and(|one| one.get("header").is_some()) {
        return None;
    }
    let text_of = |name: &str| get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let encrypted_key = match recipient {
        Some(one) => {
            one.get("encrypted_key").and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        None => text_of("encrypted_key"),
    };
    Some([
        text_of("protected"),
        encrypted_key,
        text_of("iv"),
        text_of("ciphertext"),
        text_of("tag"),
    ])
}

/// Decodes the parts, and names what is not as it should be, each sort once with the parts it is in.
fn decode(texts: [String; 5], findings: &mut Vec<Finding>) -> Option<Parts> {
    let mut padded = Vec::new();
    let mut standard = Vec::new();
    let mut trailing = Vec::new();
    let mut decoded = Vec::with_capacity(5);
    let mut broken = Vec::new();
    for (name, text) in NAMES.into_iter().zip(texts) {
        match base64_text::decode(&text) {
            Ok((bytes, deviation)) => {
                padded.extend(deviation.padded.then_some(name));
                standard.extend(deviation.standard.then_some(name));
                trailing.extend(deviation.trailing_bits.then_some(name));
                decoded.push(Part { text, bytes });
            }
            Err(NotBase64::Character(character, at)) => broken.push(Finding::new(
                Cause::Base64Invalid,
                format!(
                    "{name} has the character {} at position {at}, which no base64 has",
                    quoted(&character.to_string())
                ),
                "Send the token as the library returns it; see what replaces characters on the way",
            )),
            Err(NotBase64::Length) => broken.push(Finding::new(
                Cause::Base64Invalid,
                format!("{name} has {} characters, which base64 never has: it lost some or has one too many", text.len()),
                "Send the whole token; see whether a column, a field or a copy cut it off",
            )),
        }
    }
    let in_parts = |names: &[&str]| names.join(", ");
    if !standard.is_empty() {
        findings.push(Finding::new(
            Cause::Base64Standard,
            format!("the standard base64 alphabet, with + and /, is in {}", in_parts(&standard)),
            "Encode with base64url (RFC 4648 §5), which has - and _ instead",
        ));
    }
    if !padded.is_empty() {
        findings.push(Finding::new(
            Cause::Base64Padded,
            format!("base64 padding, =, ends {}", in_parts(&padded)),
            "Encode base64url without padding (RFC 7515 §2), such as NO_PADDING or `withoutPadding()`",
        ));
    }
    if !trailing.is_empty() {
        findings.push(Finding::new(
            Cause::Base64TrailingBits,
            format!("the last character has bits that no encoder sets in {}", in_parts(&trailing)),
            "Send the token as the library returns it: it was cut off or changed at that place",
        ));
    }
    if !broken.is_empty() {
        findings.extend(broken);
        return None;
    }
    let mut decoded = decoded.into_iter();
    Some(Parts {
        header: decoded.next()?,
        encrypted_key: decoded.next()?,
        iv: decoded.next()?,
        ciphertext: decoded.next()?,
        tag: decoded.next()?,
    })
}
