//! The general JSON serialization: one object, any number of recipients (RFC 7516 §7.2.1).

use crate::error::Malformed;
use crate::json_object;
use crate::json_serialization::{
    Ignored, Members, ObjectWriter, TWICE, check_parts, malformed, object, text_of,
};
use crate::limits::Limits;
use crate::message::{Message, Recipient};
use crate::serialization::{NotExpressible, Serialization};

/// The general JWE JSON Serialization.
#[derive(Clone, Copy, Debug, Default)]
pub struct GeneralJson;

impl Serialization for GeneralJson {
    fn name(&self) -> &'static str {
        "general"
    }

    fn parse<'a>(&self, text: &'a str, limits: &Limits) -> Result<Message<'a>, Malformed> {
        of_members(Members::parse(text, limits)?, limits)
    }

    fn write(&self, message: &Message<'_>, out: &mut String) -> Result<(), NotExpressible> {
        if message.recipients().is_empty() {
            return Err(NotExpressible);
        }
        check_parts(message)?;
        let mut object = ObjectWriter::new(out);
        object.part("protected", message.protected());
        object.object("unprotected", message.unprotected());
        let out = object.name("recipients");
        for (at, recipient) in message.recipients().iter().enumerate() {
            out.push(if at == 0 { '[' } else { ',' });
            let mut entry = ObjectWriter::new(out);
            entry.object("header", recipient.header());
            entry.part("encrypted_key", recipient.encrypted_key());
            entry.finish();
        }
        out.push(']');
        object.part("aad", message.aad().unwrap_or_default());
        object.part("iv", message.iv());
        object.text("ciphertext", message.ciphertext());
        object.part("tag", message.tag());
        object.finish();
        Ok(())
    }
}

pub(crate) fn of_members<'a>(
    members: Members<'a>,
    limits: &Limits,
) -> Result<Message<'a>, Malformed> {
    let list = members.recipients.ok_or(Malformed::MessageMember("recipients"))?;
    for (name, present) in
        [("header", members.header.is_some()), ("encrypted_key", members.encrypted_key.is_some())]
    {
        if present {
            return Err(Malformed::MessageMember(name));
        }
    }
    let mut recipients = Vec::new();
    json_object::for_each_element(list.get(), |entry| {
        // Before it is read, so that a long list costs no more than a short one.
        if recipients.len() >= limits.max_recipients {
            return Err(Malformed::TooManyRecipients);
        }
        recipients.push(recipient(entry.get(), limits)?);
        Ok(())
    })
    .map_err(|error| match malformed(error) {
        Malformed::NotJson => Malformed::MessageMember("recipients"),
        other => other,
    })?;
    if recipients.is_empty() {
        return Err(Malformed::MessageMember("recipients"));
    }
    Ok(members.into_message()?.with_recipients(recipients))
}

/// One element of the list. Members that only the message has are unknown here, and so ignored.
fn recipient<'a>(text: &'a str, limits: &Limits) -> Result<Recipient<'a>, Malformed> {
    let (mut header, mut encrypted_key) = (None, None);
    let mut ignored = Ignored::default();
    json_object::for_each_member(text, |name, value| {
        let duplicate = match name.as_ref() {
            "header" => header.replace(object("header", value, limits)?).is_some(),
            "encrypted_key" => encrypted_key.replace(text_of("encrypted_key", value)?).is_some(),
            _ => return ignored.note(name),
        };
        if duplicate { Err(TWICE) } else { Ok(()) }
    })
    .map_err(|error| match malformed(error) {
        Malformed::NotJson => Malformed::MessageMember("recipients"),
        other => other,
    })?;
    let recipient = Recipient::new(encrypted_key.unwrap_or_default());
    Ok(match header {
        None => recipient,
        Some(header) => recipient.with_header(header),
    })
}
