//! Walks the members of one JSON object, each value as the text that stands there. Headers and
//! keys are read through it, so that "one object, no member twice, nothing behind it" is decided
//! in one place, and a private value is never copied by a JSON library.

use core::fmt;
use std::borrow::Cow;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Why an object could not be walked.
#[derive(Debug)]
pub(crate) enum ObjectError<E> {
    /// Not one JSON object; with line and column, from 1.
    NotJson { line: usize, column: usize },
    /// The visitor's own error.
    Member(E),
}

/// Calls `member` with the unescaped name and the text of the value of each member, in order.
pub(crate) fn for_each_member<'a, E>(
    text: &'a str,
    member: impl FnMut(Cow<'a, str>, &'a RawValue) -> Result<(), E>,
) -> Result<(), ObjectError<E>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut failure = None;
    let walked = deserializer
        .deserialize_map(ObjectVisitor { member, failure: &mut failure })
        .and_then(|()| deserializer.end());
    match (failure, walked) {
        (Some(error), _) => Err(ObjectError::Member(error)),
        (None, Ok(())) => Ok(()),
        (None, Err(error)) => {
            Err(ObjectError::NotJson { line: error.line(), column: error.column() })
        }
    }
}

/// The string that a value's text stands for, or `None` when it is no string.
pub(crate) fn string(value: &RawValue) -> Option<Cow<'_, str>> {
    StrVisitor.deserialize(&mut serde_json::Deserializer::from_str(value.get())).ok()
}

/// The string that a value's text stands for if it has no escapes, so that it needs no copy.
pub(crate) fn plain_string(value: &RawValue) -> Option<&str> {
    match string(value)? {
        Cow::Borrowed(text) => Some(text),
        Cow::Owned(_) => None,
    }
}

struct ObjectVisitor<'f, F, E> {
    member: F,
    failure: &'f mut Option<E>,
}

impl<'a, F, E> Visitor<'a> for ObjectVisitor<'_, F, E>
where
    F: FnMut(Cow<'a, str>, &'a RawValue) -> Result<(), E>,
{
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(StrVisitor)? {
            let value = map.next_value::<&'a RawValue>()?;
            if let Err(error) = (self.member)(name, value) {
                *self.failure = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

/// A string, borrowed where it has no escapes.
struct StrVisitor;

impl<'a> DeserializeSeed<'a> for StrVisitor {
    type Value = Cow<'a, str>;

    fn deserialize<D: serde::Deserializer<'a>>(self, d: D) -> Result<Cow<'a, str>, D::Error> {
        d.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for StrVisitor {
    type Value = Cow<'a, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Cow<'a, str>, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cow<'a, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}
