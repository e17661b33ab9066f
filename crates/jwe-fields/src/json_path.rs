//! JSONPath (RFC 9535): parsed and typed once, then evaluated on the index of each document.

mod compile;
mod evaluate;
mod number;
mod pattern;
mod query;

use crate::index::{Index, NodeId};
use crate::pointer::{Pointer, Token};
use query::{Query, Segment, Selector};

pub(crate) use compile::NotAQuery;
pub(crate) use evaluate::Stop;

/// A query that starts at the root of the document.
#[derive(Clone, Debug)]
pub(crate) struct JsonPath {
    query: Query,
}

impl JsonPath {
    /// Parses a query (RFC 9535 §2.1) and checks its types (§2.4.3).
    ///
    /// # Errors
    /// [`NotAQuery`].
    pub(crate) fn parse(text: &str) -> Result<Self, NotAQuery> {
        Ok(Self { query: compile::compile(text)? })
    }

    /// The same as a pointer, which is faster, if the query is nothing but names and indices from
    /// the start.
    pub(crate) fn to_pointer(&self) -> Option<Pointer> {
        let token = |segment: &Segment| match segment {
            Segment { descendants: false, selectors } => match &selectors[..] {
                [Selector::Name(name)] => Some(Token::Name(name.clone())),
                [Selector::Index(index)] => usize::try_from(*index).ok().map(Token::Index),
                _ => None,
            },
            _ => None,
        };
        self.query.segments.iter().map(token).collect::<Option<_>>().map(Pointer::new)
    }

    /// The selected values in ascending order, each once.
    ///
    /// # Errors
    /// [`Stop`], see there.
    pub(crate) fn select(&self, text: &[u8], index: &Index) -> Result<Vec<NodeId>, Stop> {
        evaluate::select(&self.query, text, index)
    }
}
