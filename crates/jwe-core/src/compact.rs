//! The compact serialization: five parts with dots between them (RFC 7516 §7.1).

use crate::error::Malformed;
use crate::json_serialization::check_parts;
use crate::limits::Limits;
use crate::message::Message;
use crate::serialization::{NotExpressible, Serialization};

/// The JWE Compact Serialization.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compact;

impl Serialization for Compact {
    fn name(&self) -> &'static str {
        "compact"
    }

    fn parse<'a>(&self, text: &'a str, limits: &Limits) -> Result<Message<'a>, Malformed> {
        parse(text, limits)
    }

    fn write(&self, message: &Message<'_>, out: &mut String) -> Result<(), NotExpressible> {
        let [recipient] = message.recipients() else {
            return Err(NotExpressible);
        };
        if message.unprotected().is_some()
            || message.aad().is_some()
            || recipient.header().is_some()
            || message.protected().is_empty()
        {
            return Err(NotExpressible);
        }
        check_parts(message)?;
        for part in
            [message.protected(), recipient.encrypted_key(), message.iv(), message.ciphertext()]
        {
            out.push_str(part);
            out.push('.');
        }
        out.push_str(message.tag());
        Ok(())
    }
}

pub(crate) fn parse<'a>(text: &'a str, limits: &Limits) -> Result<Message<'a>, Malformed> {
    if text.len() > limits.max_token_len {
        return Err(Malformed::TokenTooLong);
    }
    let mut rest = text;
    // Stops at the fifth dot: a text of nothing but dots costs no more than a good token.
    let mut next_part = || {
        let dot = memchr::memchr(b'.', rest.as_bytes())?;
        let (part, behind) = rest.split_at_checked(dot)?;
        rest = behind.get(1..)?;
        Some(part)
    };
    let (Some(protected), Some(encrypted_key), Some(iv), Some(ciphertext)) =
        (next_part(), next_part(), next_part(), next_part())
    else {
        return Err(Malformed::SegmentCount);
    };
    if memchr::memchr(b'.', rest.as_bytes()).is_some() {
        return Err(Malformed::SegmentCount);
    }
    Ok(Message::new(protected, encrypted_key, iv, ciphertext, rest))
}

#[cfg(test)]
mod tests {
    use super::{Compact, Serialization};
    use crate::error::Malformed;
    use crate::limits::Limits;

    #[test]
    fn exactly_five_parts() {
        let limits = Limits::default();
        let message = Compact.parse("aaaa.bbbb.cccc.dddd.eeee", &limits).unwrap();
        assert_eq!(message.protected(), "aaaa");
        assert_eq!(message.recipients()[0].encrypted_key(), "bbbb");
        assert_eq!((message.iv(), message.ciphertext(), message.tag()), ("cccc", "dddd", "eeee"));
        let mut out = "x".to_owned();
        Compact.write(&message, &mut out).unwrap();
        assert_eq!(out, "xaaaa.bbbb.cccc.dddd.eeee");
        assert!(Compact.parse("....", &limits).is_ok());
        let dots = ".".repeat(1 << 20);
        for wrong in ["", "a", "a.b.c", "a.b.c.d", "a.b.c.d.e.f", ".....", &dots] {
            assert_eq!(Compact.parse(wrong, &limits), Err(Malformed::SegmentCount));
        }
    }

    #[test]
    fn the_length_is_looked_at_first() {
        let limits = Limits::default().with_max_token_len(8);
        assert_eq!(Compact.parse("a.b.c.d.e", &limits), Err(Malformed::TokenTooLong));
    }
}
