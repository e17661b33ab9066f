//! Reading a message of whichever serialization is accepted.

use jwe::{Compact, FlattenedJson, GeneralJson, Limits, Malformed, Message, Serialization};

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
    match read_any(text, limits)? {
        (found, message) if accepted.contains(&found) => Ok(message),
        (found, _) => Err(not_accepted(&format!("the {} serialization", name(found)))),
    }
}

/// Reads a message of any serialization, and says of which.
pub(crate) fn read_any<'a>(
    text: &'a str,
    limits: &Limits,
) -> Result<(SerializationArg, Message<'a>), Malformed> {
    if !looks_like_json(text) {
        return Ok((SerializationArg::Compact, Compact.parse(text, limits)?));
    }
    match FlattenedJson.parse(text, limits) {
        // Only the general serialization has it.
        Err(Malformed::MessageMember("recipients")) => {
            Ok((SerializationArg::General, GeneralJson.parse(text, limits)?))
        }
        flattened => Ok((SerializationArg::Flattened, flattened?)),
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
