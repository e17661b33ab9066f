//! Walks the members of one JSON object, each value as the text that stands there. Headers and
//! keys are read through it, so that "one object, no member twice, nothing behind it" is decided
//! in one place, and a private value is never copied by a JSON library.

use core::fmt;
use std::borrow::Cow;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::{RawValue, Value};

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
            Err(ObjectError::NotJson { line: error.line().max(1), column: error.column().max(1) })
        }
    }
}

/// The string that a value's text stands for, or `None` when it is no string.
pub(crate) fn string(value: &RawValue) -> Option<Cow<'_, str>> {
    StrVisitor.deserialize(&mut serde_json::Deserializer::from_str(value.get())).ok()
}

/// The string that a value's text stands for if it has no escapes, so that it needs no copy.
pub(crate) fn plain_string(value: &RawValue) -> Option<&str> {
    // Looked at as it stands there: to resolve the escapes first would make a copy.
    value.get().strip_prefix('"')?.strip_suffix('"').filter(|text| !text.contains('\\'))
}

/// The number that a value's text stands for if it is a whole one of 64 bits without a sign,
/// written with digits alone.
pub(crate) fn unsigned(value: &RawValue) -> Option<u64> {
    let text = value.get();
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// Calls `element` with the text of each element of an array, in order.
pub(crate) fn for_each_element<'a, E>(
    text: &'a str,
    element: impl FnMut(&'a RawValue) -> Result<(), E>,
) -> Result<(), ObjectError<E>> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut failure = None;
    let walked = deserializer
        .deserialize_seq(ArrayVisitor { element, failure: &mut failure })
        .and_then(|()| deserializer.end());
    match (failure, walked) {
        (Some(error), _) => Err(ObjectError::Member(error)),
        (None, Ok(())) => Ok(()),
        (None, Err(error)) => {
            Err(ObjectError::NotJson { line: error.line().max(1), column: error.column().max(1) })
        }
    }
}

struct ArrayVisitor<'f, F, E> {
    element: F,
    failure: &'f mut Option<E>,
}

impl<'a, F, E> Visitor<'a> for ArrayVisitor<'_, F, E>
where
    F: FnMut(&'a RawValue) -> Result<(), E>,
{
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON array")
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element::<&'a RawValue>()? {
            if let Err(error) = (self.element)(element) {
                *self.failure = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

/// The value that a text stands for; `None` when an object in it has a member twice, a string is
/// not Unicode, a number has no representation, or it nests deeper than 128 levels.
pub(crate) fn value(value: &RawValue) -> Option<Value> {
    ValueVisitor.deserialize(&mut serde_json::Deserializer::from_str(value.get())).ok()
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

/// Any value. Unlike serde_json's own way to a `Value` it refuses members that appear twice, and
/// knows no member names with a meaning.
struct ValueVisitor;

impl<'a> DeserializeSeed<'a> for ValueVisitor {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'a>>(self, d: D) -> Result<Value, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, boolean: bool) -> Result<Value, E> {
        Ok(boolean.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(ValueVisitor)? {
            array.push(element);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = serde_json::Map::new();
        while let Some(name) = members.next_key_seed(StrVisitor)? {
            let value = members.next_value_seed(ValueVisitor)?;
            if object.insert(name.into_owned(), value).is_some() {
                return Err(A::Error::custom("a member appears twice"));
            }
        }
        Ok(object.into())
    }
}
