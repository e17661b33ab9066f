//! A query, typed: what can't be evaluated can't be expressed.

use super::number::Number;
use super::pattern::Pattern;

/// Segments applied one after the other (RFC 9535 §2.1.2).
#[derive(Clone, Debug)]
pub(super) struct Query {
    /// Whether it starts at the root (`$`) or at the current value (`@`).
    pub(super) absolute: bool,
    pub(super) segments: Vec<Segment>,
}

/// RFC 9535 §2.5.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// Whether the selectors apply to the values inside the inputs too (`..`).
    pub(super) descendants: bool,
    pub(super) selectors: Vec<Selector>,
}

/// RFC 9535 §2.3.
#[derive(Clone, Debug)]
pub(super) enum Selector {
    Name(String),
    Wildcard,
    Index(i64),
    Slice { start: Option<i64>, end: Option<i64>, step: i64 },
    Filter(Condition),
}

/// A logical expression (RFC 9535 §2.3.5).
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
    /// The query selects at least one value.
    Exists(Query),
    Compare(Operand, Comparison, Operand),
    /// `match()` and `search()` (RFC 9535 §2.4.6, §2.4.7).
    Matches(Operand, Pattern),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What has a value or is Nothing (`ValueType` of RFC 9535 §2.4.1).
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Literal(Literal),
    /// The one value that the query selects; singular queries, and `value()` of others
    /// (RFC 9535 §2.4.8).
    Value(Query),
    /// `length()` (RFC 9535 §2.4.4).
    Length(Box<Operand>),
    /// `count()` (RFC 9535 §2.4.5).
    Count(Query),
}

#[derive(Clone, Debug)]
pub(super) enum Literal {
    Number(Number),
    String(String),
    Boolean(bool),
    Null,
}
