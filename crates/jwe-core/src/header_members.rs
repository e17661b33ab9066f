//! The members that a sender adds to the header, and the order in which they are written.

use serde_json::Value;

use crate::deflate;
use crate::enc::Enc;
use crate::error::SetupError;
use crate::header_template::{Member, Slot};
use crate::jose_header::JoseHeader;
use crate::key_step::Sender;

/// Members that the engine writes, or whose meaning it would have to know.
const RESERVED: &[&str] =
    &["alg", "enc", "kid", "zip", "crit", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c", "b64"];

/// Members that RFC 7515, 7516 and 7518 define, which `crit` must not name (RFC 7516 §4.1.13).
pub(crate) const NOT_CRITICAL: &[&str] = &[
    "alg", "enc", "zip", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty",
    "crit", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c",
];

/// Checks the name of an extension that `crit` is to list.
pub(crate) fn check_critical_name(name: &str) -> Result<(), SetupError> {
    let mut members = HeaderMembers::default();
    members.set_given(name);
    members.check()
}

/// What goes into the protected header beside the members of the key.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeaderMembers {
    members: Vec<(String, Value)>,
    critical: Vec<String>,
    /// The critical member whose value each message brings.
    given: Option<String>,
    compressed: bool,
    order: Vec<String>,
}

impl HeaderMembers {
    pub(crate) fn push(&mut self, name: &str, value: Value) {
        self.members.push((name.to_owned(), value));
    }

    pub(crate) fn push_critical(&mut self, name: &str, value: Value) {
        self.push(name, value);
        self.critical.push(name.to_owned());
    }

    /// A critical member behind all others, whose value each message brings.
    pub(crate) fn set_given(&mut self, name: &str) {
        self.given = Some(name.to_owned());
        self.critical.push(name.to_owned());
    }

    pub(crate) fn set_compressed(&mut self) {
        self.compressed = true;
    }

    pub(crate) fn is_compressed(&self) -> bool {
        self.compressed
    }

    #[cfg(feature = "hazmat")]
    pub(crate) fn set_order(&mut self, names: &[&str]) {
        self.order = names.iter().map(|name| (*name).to_owned()).collect();
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| name.as_str())
    }

    /// Checks the names and the values that have a type.
    pub(crate) fn check(&self) -> Result<(), SetupError> {
        let names = || self.names().chain(self.given.as_deref());
        for (at, name) in names().enumerate() {
            if RESERVED.contains(&name) {
                return Err(SetupError::HeaderMember(
                    "its name is one that the engine writes itself",
                ));
            }
            if names().take(at).any(|other| other == name) {
                return Err(SetupError::HeaderMember("its name is given twice"));
            }
        }
        for (name, value) in &self.members {
            if matches!(name.as_str(), "typ" | "cty") && !value.is_string() {
                return Err(SetupError::HeaderMember(
                    "typ and cty are strings (RFC 7516 §4.1.11, §4.1.12)",
                ));
            }
        }
        if self.critical.iter().any(|name| NOT_CRITICAL.contains(&name.as_str())) {
            return Err(SetupError::HeaderMember(
                "crit lists extensions, not members of RFC 7515 to 7518 (RFC 7516 §4.1.13)",
            ));
        }
        Ok(())
    }

    /// Checks that a recipient can read the JSON text of a header.
    pub(crate) fn check_readable(&self, json: &str) -> Result<(), SetupError> {
        match JoseHeader::parse(json) {
            Ok(_) => Ok(()),
            Err(_) => Err(SetupError::HeaderMember("a recipient could not read it: nest it less")),
        }
    }

    /// The members that the sender added, alone.
    pub(crate) fn custom(&self) -> Vec<Member> {
        let own = self.members.iter();
        own.map(|(name, value)| (name.clone(), Slot::constant(value))).collect()
    }

    /// All members of the protected header: `alg`, `enc`, what the sender added, and last what each
    /// message fills in. Without a sender, those that all recipients share.
    pub(crate) fn layout(&self, enc: Enc, sender: Option<&Sender>) -> Vec<Member> {
        let mut layout = sender.map(Sender::constant_members).unwrap_or_default();
        let behind_alg = layout.len().min(1);
        layout.insert(behind_alg, ("enc".to_owned(), Slot::constant(&enc.name().into())));
        if self.compressed {
            layout.push(("zip".to_owned(), Slot::constant(&deflate::DEF.into())));
        }
        if !self.critical.is_empty() {
            let names = Value::from(self.critical.clone());
            layout.push(("crit".to_owned(), Slot::constant(&names)));
        }
        layout.extend(self.custom());
        layout.extend(sender.map(Sender::variable_members).unwrap_or_default());
        let place = |member: &Member| {
            self.order.iter().position(|name| *name == member.0).unwrap_or(usize::MAX)
        };
        // Stable, so that without an order nothing moves.
        layout.sort_by_key(place);
        layout
    }
}
