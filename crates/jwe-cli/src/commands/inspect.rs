//! `jwe inspect`: what a token says about itself, escaped, so that it can be shown safely.

use jwe::{Alg, Compact, Enc, Inspection, Limits, Serialization};
use serde_json::{Map, Value, json};

use crate::cli::Inspect;
use crate::failure::Failure;
use crate::input::{self, Limit};
use crate::output::{self, Secrecy};

pub(crate) fn run(args: &Inspect) -> Result<(), Failure> {
    let input = input::read(args.files.input.as_deref(), Limit::of_input(args.files.limit_input))?;
    let token = input::token(&input)?;
    let limits = Limits::default().with_max_token_len(args.files.limit_input);
    let message = Compact.parse(token, &limits)?;
    let inspection = Inspection::of(&message, &limits)?;
    let report = report(&inspection, token.len());
    let text = if args.json { escaped(&format!("{report:#}\n")) } else { as_text(&report) };
    output::write(args.files.output.as_deref(), text.as_bytes(), Secrecy::Public)
}

fn report(inspection: &Inspection, token_len: usize) -> Value {
    let header = &inspection.header;
    let enc = Enc::from_name(header.enc());
    let length = |len: usize, note: String| json!({ "bytes": len, "is": note });
    let expected = |wanted: Option<usize>, len: usize, what: &str| match wanted {
        Some(wanted) if wanted == len => format!("{what}, as {} has it", header.enc()),
        Some(wanted) => format!("{what}, but {} has {wanted} bytes", header.enc()),
        None => what.to_owned(),
    };
    let encrypted_key_len = inspection.encrypted_key_lens.first().copied().unwrap_or_default();
    json!({
        "serialization": Compact.name(),
        "characters": token_len,
        "header": members(inspection),
        "encrypted_key": length(encrypted_key_len, encrypted_key(header.alg(), encrypted_key_len)),
        "iv": length(inspection.iv_len, expected(enc.map(Enc::iv_len), inspection.iv_len, "initialization vector")),
        "ciphertext": length(inspection.ciphertext_len, ciphertext(enc, inspection.ciphertext_len)),
        "tag": length(inspection.tag_len, expected(enc.map(Enc::tag_len), inspection.tag_len, "authentication tag")),
    })
}

fn members(inspection: &Inspection) -> Value {
    let header = &inspection.header;
    let mut members = Map::new();
    members.insert("alg".to_owned(), header.alg().into());
    members.insert("enc".to_owned(), header.enc().into());
    for (name, value) in [("kid", header.kid()), ("zip", header.zip())] {
        members.extend(value.map(|value| (name.to_owned(), value.into())));
    }
    members.extend(header.crit().map(|crit| ("crit".to_owned(), crit.clone())));
    members.extend(header.others().map(|(name, value)| (name.to_owned(), value.clone())));
    Value::Object(members)
}

fn encrypted_key(alg: &str, len: usize) -> String {
    match Alg::from_name(alg) {
        Some(Alg::Dir) if len == 0 => "nothing, as dir has it".to_owned(),
        Some(Alg::Dir) => "something, but dir has nothing here".to_owned(),
        Some(alg) if alg.is_rsa() => {
            format!("the content encryption key under an RSA key of {} bits or a few less", len * 8)
        }
        _ => "the encrypted key".to_owned(),
    }
}

fn ciphertext(enc: Option<Enc>, len: usize) -> String {
    match enc {
        Some(enc) if !enc.is_ciphertext_len(len) => format!("no whole blocks, so not of {enc}"),
        Some(enc) if enc.is_cbc() => {
            format!("a plaintext of {} to {} bytes, padded", len - 16, len - 1)
        }
        Some(_) => format!("a plaintext of {len} bytes"),
        None => "the ciphertext".to_owned(),
    }
}

fn as_text(report: &Value) -> String {
    let mut text = String::new();
    if let Some(header) = report.get("header").and_then(Value::as_object) {
        text += "protected header\n";
        for (name, value) in header {
            text += &format!("  {}: {}\n", Value::from(name.as_str()), value);
        }
    }
    for part in ["encrypted_key", "iv", "ciphertext", "tag"] {
        let part_of = |member| report.get(part).and_then(|part| part.get(member));
        let bytes = part_of("bytes").and_then(Value::as_u64).unwrap_or_default();
        let is = part_of("is").and_then(Value::as_str).unwrap_or_default();
        text += &format!("{}: {bytes} bytes, {is}\n", part.replace('_', " "));
    }
    text += "Nothing of this is authenticated: only decryption shows that a token is genuine.\n";
    escaped(&text)
}

/// JSON text or the like with everything but printable ASCII and line ends as a JSON escape, so
/// that a token can neither move the cursor nor turn the direction of the text.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | ' '..='~' => safe.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    safe += &format!("\\u{unit:04x}");
                }
            }
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_reaches_the_terminal_raw() {
        assert_eq!(
            super::escaped("a\u{202e}b\u{1b}[31m\u{1f600}\n"),
            "a\\u202eb\\u001b[31m\\ud83d\\ude00\n"
        );
    }
}
