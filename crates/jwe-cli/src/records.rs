//! Streams of records: newline-delimited JSON, one JSON array, CSV, of any size, from file to file.
//!
//! The output is written beside its name and gets it when it is whole; with a checkpoint the same
//! command goes on where a run was interrupted.

mod checkpoint;
mod conflicts;
mod destination;
mod format;
mod interrupt;
mod meter;
mod partial_file;
mod recorder;
mod rejects;
mod run;
mod settings;
mod source;
mod written;

pub(crate) use format::Format;
pub(crate) use run::{Run, run};
pub(crate) use settings::Settings;
