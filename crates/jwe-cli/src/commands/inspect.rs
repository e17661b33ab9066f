//! `jwe inspect`: what a message says about itself, escaped, so that it can be shown safely.

use jwe::{
    Alg, Enc, Inspection, KeyManagementMode, Limits, Message, Recipient, RecipientInspection,
};
use serde_json::{Map, Value, json};

use crate::cli::{Inspect, SerializationArg};
use crate::failure::Failure;
use crate::input::{self, Limit};
use crate::message;
use crate::output::{self, Secrecy};

pub(crate) fn run(args: &Inspect) -> Result<(), Failure> {
    let input = input::read(args.files.input.as_deref(), Limit::of_input(args.files.limit_input))?;
    let text = input::token(&input)?;
    let limits = Limits::default()
        .with_max_token_len(args.files.limit_input)
        .with_max_recipients(args.recipients.limit_recipients);
    let (serialization, message) = message::read_any(text, &limits)?;
    let inspection = Inspection::of(&message, &limits)?;
    let report = report(serialization, &message, &inspection, text.len());
    let text = if args.json { escaped(&format!("{report:#}\n")) } else { as_text(&report) };
    output::write(args.files.output.as_deref(), text.as_bytes(), Secrecy::Public)
}

fn report(
    serialization: SerializationArg,
    message: &Message<'_>,
    inspection: &Inspection,
    characters: usize,
) -> Value {
    let first = inspection.recipients.first();
    let enc = first.map(|recipient| recipient.header.enc()).unwrap_or_default();
    let known = Enc::from_name(enc);
    let expected = |wanted: Option<usize>, len: usize, what: &str| match wanted {
        Some(wanted) if wanted == len => format!("{what}, as {enc} has it"),
        Some(wanted) => format!("{what}, but {enc} has {wanted} bytes"),
        None => what.to_owned(),
    };
    let (iv_len, tag_len) = (inspection.iv_len, inspection.tag_len);
    let mut report = json!({
        "serialization": message::name(serialization),
        "characters": characters,
        "iv": length(iv_len, expected(known.map(Enc::iv_len), iv_len, "initialization vector")),
        "ciphertext": length(inspection.ciphertext_len, ciphertext(known, first, inspection)),
        "tag": length(tag_len, expected(known.map(Enc::tag_len), tag_len, "authentication tag")),
    });
    let recipients = message.recipients().iter().zip(&inspection.recipients);
    let mut recipients = recipients.map(|(said, seen)| recipient(message, said, seen));
    if let Some(members) = report.as_object_mut() {
        if serialization == SerializationArg::General {
            members.insert("recipients".to_owned(), recipients.collect());
        } else {
            members.extend(recipients.next().unwrap_or_default());
        }
        if let Some(len) = inspection.aad_len {
            let what = "additional authenticated data, readable by everybody".to_owned();
            members.insert("aad".to_owned(), length(len, what));
        }
    }
    report
}

fn length(bytes: usize, is: String) -> Value {
    json!({ "bytes": bytes, "is": is })
}

/// What the message holds for one recipient.
fn recipient(
    message: &Message<'_>,
    said: &Recipient<'_>,
    seen: &RecipientInspection,
) -> Map<String, Value> {
    let len = seen.encrypted_key_len;
    let mut members = Map::new();
    members.insert("header".to_owned(), header(seen));
    members.insert("encrypted_key".to_owned(), length(len, encrypted_key(seen)));
    let unprotected: Value = [message.unprotected(), said.header()]
        .into_iter()
        .flatten()
        .filter_map(|json| serde_json::from_str::<Map<String, Value>>(json).ok())
        .flat_map(|header| header.into_iter().map(|(name, _)| name))
        .collect();
    if unprotected.as_array().is_some_and(|names| !names.is_empty()) {
        members.insert("unprotected".to_owned(), unprotected);
    }
    members
}

fn header(recipient: &RecipientInspection) -> Value {
    let header = &recipient.header;
    let mut members = Map::new();
    let texts = [
        ("alg", Some(header.alg())),
        ("enc", Some(header.enc())),
        ("kid", header.kid()),
        ("zip", header.zip()),
        ("apu", header.apu()),
        ("apv", header.apv()),
        ("iv", header.iv()),
        ("tag", header.tag()),
        ("p2s", header.p2s()),
    ];
    for (name, value) in texts {
        members.extend(value.map(|value| (name.to_owned(), value.into())));
    }
    members.extend(header.epk().map(|epk| {
        let members = [
            ("kty", Some(epk.kty())),
            ("crv", Some(epk.crv())),
            ("x", Some(epk.x())),
            ("y", epk.y()),
        ];
        let members = members.into_iter().filter_map(|(name, text)| Some((name, text?)));
        ("epk".to_owned(), members.collect::<Value>())
    }));
    members.extend(header.p2c().map(|p2c| ("p2c".to_owned(), p2c.into())));
    members.extend(header.crit().map(|crit| ("crit".to_owned(), crit.clone())));
    members.extend(header.others().map(|(name, value)| (name.to_owned(), without_secrets(value))));
    Value::Object(members)
}

/// The same without the secret members of keys, which have no place in a header and may be there
/// by mistake.
fn without_secrets(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(without_secrets).collect(),
        Value::Object(members) => {
            let is_key = members.contains_key("kty");
            let secret = |name: &str| {
                is_key && ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].contains(&name)
            };
            let shown = |(name, value): (&String, &Value)| {
                let value = if secret(name) { "not shown".into() } else { without_secrets(value) };
                (name.clone(), value)
            };
            Value::Object(members.iter().map(shown).collect())
        }
        other => other.clone(),
    }
}

fn encrypted_key(recipient: &RecipientInspection) -> String {
    let (header, len) = (&recipient.header, recipient.encrypted_key_len);
    let Some(alg) = Alg::from_name(header.alg()) else {
        return "the encrypted key".to_owned();
    };
    match alg.mode() {
        KeyManagementMode::DirectEncryption | KeyManagementMode::DirectKeyAgreement => {
            if len == 0 {
                format!("nothing, as {alg} has it")
            } else {
                format!("something, but {alg} has nothing here")
            }
        }
        KeyManagementMode::KeyEncryption => {
            format!("the content encryption key under an RSA key of {} bits or a few less", len * 8)
        }
        _ => {
            // RFC 3394 adds 8 bytes; the tag of AES-GCM is in the header (RFC 7518 §4.7.1.2).
            let more = if alg.is_gcm_kw() { 0 } else { 8 };
            match Enc::from_name(header.enc()).map(|enc| (enc, enc.cek_len() + more)) {
                Some((enc, wanted)) if wanted != len => format!(
                    "the wrapped content encryption key, but {alg} with {enc} has {wanted} bytes"
                ),
                Some((enc, _)) => {
                    format!("the wrapped content encryption key, as {alg} with {enc} has it")
                }
                None => "the wrapped content encryption key".to_owned(),
            }
        }
    }
}

fn ciphertext(
    enc: Option<Enc>,
    recipient: Option<&RecipientInspection>,
    inspection: &Inspection,
) -> String {
    let len = inspection.ciphertext_len;
    let zip = recipient.is_some_and(|recipient| recipient.header.zip().is_some());
    let what = if zip { "a compressed plaintext" } else { "a plaintext" };
    match enc {
        Some(enc) if !enc.is_ciphertext_len(len) => format!("no whole blocks, so not of {enc}"),
        Some(enc) if enc.is_cbc() => format!("{what} of {} to {} bytes, padded", len - 16, len - 1),
        Some(_) => format!("{what} of {len} bytes"),
        None => "the ciphertext".to_owned(),
    }
}

fn as_text(report: &Value) -> String {
    let mut text = String::new();
    let compact = report.get("serialization").and_then(Value::as_str) == Some("compact");
    match report.get("recipients").and_then(Value::as_array) {
        Some(recipients) => {
            for (at, recipient) in recipients.iter().enumerate() {
                text += &format!("recipient {}\n", at + 1);
                add_recipient(recipient, "header", &mut text);
            }
        }
        None => {
            add_recipient(report, if compact { "protected header" } else { "header" }, &mut text)
        }
    }
    for part in ["aad", "iv", "ciphertext", "tag"] {
        add_part(report, part, &mut text);
    }
    text += "Nothing of this is authenticated: only decryption shows that a token is genuine.\n";
    escaped(&text)
}

fn add_recipient(recipient: &Value, heading: &str, text: &mut String) {
    let unprotected = recipient.get("unprotected").and_then(Value::as_array);
    if let Some(header) = recipient.get("header").and_then(Value::as_object) {
        *text += &format!("{heading}\n");
        for (name, value) in header {
            let name = Value::from(name.as_str());
            let note = match unprotected {
                Some(names) if names.contains(&name) => " (not protected)",
                _ => "",
            };
            *text += &format!("  {name}: {value}{note}\n");
        }
    }
    add_part(recipient, "encrypted_key", text);
}

fn add_part(report: &Value, name: &str, text: &mut String) {
    let Some(part) = report.get(name) else { return };
    let bytes = part.get("bytes").and_then(Value::as_u64).unwrap_or_default();
    let is = part.get("is").and_then(Value::as_str).unwrap_or_default();
    *text += &format!("{}: {bytes} bytes, {is}\n", name.replace('_', " "));
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
    use serde_json::json;

    #[test]
    fn nothing_reaches_the_terminal_raw() {
        assert_eq!(
            super::escaped("a\u{202e}b\u{1b}[31m\u{1f600}\n"),
            "a\\u202eb\\u001b[31m\\ud83d\\ude00\n"
        );
    }

    #[test]
    fn secrets_of_a_key_are_left_out_at_any_depth() {
        let header = json!([{ "kty": "oct", "k": "x", "a": [{ "kty": "EC", "d": ["x"], "x": "y" }] }, { "d": 1 }]);
        let shown = json!([
            { "kty": "oct", "k": "not shown", "a": [{ "kty": "EC", "d": "not shown", "x": "y" }] },
            { "d": 1 }
        ]);
        assert_eq!(super::without_secrets(&header), shown);
    }
}
