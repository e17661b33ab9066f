//! Streams of records: newline-delimited JSON, one JSON array, CSV.
//!
//! A [`RecordStream`] reads records one after the other, has several threads encrypt or decrypt
//! the selected values of each, and hands what becomes of them to a [`Sink`] in the order in which
//! they came. Its memory is bounded, whatever comes.
//!
//! A record that is refused ends the stream, or is handed to the sink with the reason. Each record
//! is written or rejected, and none is lost, doubled or moved: [`Progress`] counts them. With it a
//! stream that was interrupted goes on where it had come to.

mod batch;
mod columns;
mod csv;
pub(crate) mod csv_row;
mod delimiter;
mod encode;
mod error;
mod json_array;
mod ndjson;
mod pipeline;
mod progress;
mod sink;
mod source;
mod split;
mod stream;
#[cfg(test)]
mod test_support;
mod work;

pub use columns::{ColumnDecrypter, ColumnEncrypter};
pub(crate) use csv_row::Cell;
pub use csv_row::RowError;
pub use delimiter::{Delimiter, DelimiterError};
pub use encode::Encode;
pub use error::{FramingError, RecordError, StreamError};
pub use progress::Progress;
pub use sink::{Part, Rejected, Sink};
pub use stream::{Columns, Fields, RecordStream};
