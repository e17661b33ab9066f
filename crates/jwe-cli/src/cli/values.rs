//! How the values of options are read.

use std::time::Duration;

use clap::ValueEnum;
use jwe::{Alg, Compact, Curve, Enc, FlattenedJson, GeneralJson, Serialization};
use jwe_fields::Selector;
use jwe_fields::records::Delimiter;

/// A serialization of RFC 7516 §7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SerializationArg {
    /// Five parts with dots between them (RFC 7516 §7.1)
    Compact,
    /// A JSON object for one recipient (RFC 7516 §7.2.2)
    Flattened,
    /// A JSON object for any number of recipients (RFC 7516 §7.2.1)
    General,
}

impl SerializationArg {
    pub(crate) fn serialization(self) -> &'static dyn Serialization {
        match self {
            Self::Compact => &Compact,
            Self::Flattened => &FlattenedJson,
            Self::General => &GeneralJson,
        }
    }
}

pub(super) fn alg(name: &str) -> Result<Alg, String> {
    name.parse().map_err(|_| one_of(Alg::ALL.iter().map(|alg| alg.name())))
}

pub(super) fn enc(name: &str) -> Result<Enc, String> {
    name.parse().map_err(|_| one_of(Enc::ALL.iter().map(|enc| enc.name())))
}

pub(super) fn curve(name: &str) -> Result<Curve, String> {
    Curve::from_name(name).ok_or_else(|| one_of(Curve::ALL.iter().map(|curve| curve.name())))
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|error| format!("{error}: write it like 24h, 7d or 90s"))
}

pub(super) fn selector(text: &str) -> Result<Selector, String> {
    Selector::parse(text).map_err(|error| error.to_string())
}

pub(super) fn delimiter(text: &str) -> Result<Delimiter, String> {
    match text {
        "tab" | "\\t" => Ok(Delimiter::TAB),
        _ => match text.as_bytes() {
            [byte] => Delimiter::new(*byte).map_err(|error| error.to_string()),
            _ => Err("one ASCII character, or tab".to_owned()),
        },
    }
}

fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format!("one of {}, exactly as written here", names.collect::<Vec<_>>().join(", "))
}
