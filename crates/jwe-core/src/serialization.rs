//! The third trait: how a message stands in text (RFC 7516 §7).

use core::fmt;

use crate::error::Malformed;
use crate::limits::Limits;
use crate::message::Message;

/// A serialization of a [`Message`]. Reading and then writing gives back an equal message.
pub trait Serialization: Send + Sync {
    /// The name, such as `"compact"`.
    fn name(&self) -> &'static str;

    /// Splits a text into its parts. Base64url and the header are not looked at yet.
    ///
    /// # Errors
    /// [`Malformed`] when the text is longer than the limit or not of this
    /// serialization.
    fn parse<'a>(&self, text: &'a str, limits: &Limits) -> Result<Message<'a>, Malformed>;

    /// Appends the text of a message to `out`.
    ///
    /// # Errors
    /// [`NotExpressible`] when the serialization has no place for a part of the message, or a part is
    /// not what it must be, base64url or a JSON object; `out` is then unchanged.
    fn write(&self, message: &Message<'_>, out: &mut String) -> Result<(), NotExpressible>;
}

/// The message has a part that the serialization has no place for, such as several recipients
/// in the compact one (RFC 7516 §7.1), or a part is neither base64url nor, for an unprotected
/// header, a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotExpressible;

impl fmt::Display for NotExpressible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the serialization has no place for a part of the message, such as several recipients or an \
             unprotected header: use another one",
        )
    }
}

impl core::error::Error for NotExpressible {}
