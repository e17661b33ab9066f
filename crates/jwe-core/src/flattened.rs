//! The flattened JSON serialization: one object, one recipient (RFC 7516 §7.2.2).

use crate::error::Malformed;
use crate::json_serialization::{Members, ObjectWriter, check_parts};
use crate::limits::Limits;
use crate::message::Message;
use crate::serialization::{NotExpressible, Serialization};

/// The flattened JWE JSON Serialization.
#[derive(Clone, Copy, Debug, Default)]
pub struct FlattenedJson;

impl Serialization for FlattenedJson {
    fn name(&self) -> &'static str {
        "flattened"
    }

    fn parse<'a>(&self, text: &'a str, limits: &Limits) -> Result<Message<'a>, Malformed> {
        of_members(Members::parse(text, limits)?)
    }

    fn write(&self, message: &Message<'_>, out: &mut String) -> Result<(), NotExpressible> {
        let [recipient] = message.recipients() else {
            return Err(NotExpressible);
        };
        check_parts(message)?;
        let mut object = ObjectWriter::new(out);
        object.part("protected", message.protected());
        object.object("unprotected", message.unprotected());
        object.object("header", recipient.header());
        object.part("encrypted_key", recipient.encrypted_key());
        object.part("aad", message.aad().unwrap_or_default());
        object.part("iv", message.iv());
        object.text("ciphertext", message.ciphertext());
        object.part("tag", message.tag());
        object.finish();
        Ok(())
    }
}

pub(crate) fn of_members<'a>(members: Members<'a>) -> Result<Message<'a>, Malformed> {
    if members.recipients.is_some() {
        return Err(Malformed::MessageMember("recipients"));
    }
    members.into_message()
}
