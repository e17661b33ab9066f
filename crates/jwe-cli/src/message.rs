//! Reading a message of whichever serialization is accepted.

use jwe::{Compact, FlattenedJson, Limits, Malformed, Message, Serialization};

use crate::cli::SerializationArg;
use crate::failure::Failure;

/// Reads a message in one of the serializations that are accepted. A JSON text is not looked at
/// where no JSON serialization is.
pub(crate) fn read<'a>(
    text: &'a str,
    accepted: &[SerializationArg],
    limits: &Limits,
) -> Result<Message<'a>, Failure> {
    let json_is_accepted = accepted.iter().any(|accepted| *accepted != SerializationArg::Compact);
    if looks_like_json(text) {
        if !json_is_accepted {
            return Err(not_accepted("a JSON serialization"));
        }
    } else if !accepted.contains(&SerializationArg::Compact) {
        return Err(match Compact.parse(text, limits) {
            Ok(_) => not_accepted("the compact serialization"),
            Err(_) => Malformed::NotJson.into(),
        });
    }
    let found = serialization_of(text, limits);
    if found == SerializationArg::General && !accepted.contains(&found) {
        return Err(not_accepted("the general serialization"));
    }
    let message = found.serialization().parse(text, limits)?;
    if accepted.contains(&found) {
        Ok(message)
    } else {
        Err(not_accepted("the flattened serialization"))
    }
}

/// Reads a message of any serialization, and says of which.
pub(crate) fn read_any<'a>(
    text: &'a str,
    limits: &Limits,
) -> Result<(SerializationArg, Message<'a>), Malformed> {
    let found = serialization_of(text, limits);
    Ok((found, found.serialization().parse(text, limits)?))
}

/// The serialization of which a text is, if it is of any.
fn serialization_of(text: &str, limits: &Limits) -> SerializationArg {
    if !looks_like_json(text) {
        return SerializationArg::Compact;
    }
    match FlattenedJson.parse(text, limits) {
        // Only the general serialization has it.
        Err(Malformed::MessageMember("recipients")) => SerializationArg::General,
        _ => SerializationArg::Flattened,
    }
}

pub(crate) fn name(serialization: SerializationArg) -> &'static str {
    serialization.serialization().name()
}

fn looks_like_json(text: &str) -> bool {
    text.trim_ascii_start().starts_with('{')
}

fn not_accepted(what: &str) -> Failure {
    Failure::new(
        "serialization_not_accepted",
        format!(
            "the message is in {what}, which is not accepted: accept it, or ask its sender for another"
        ),
    )
}
