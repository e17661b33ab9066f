//! Formats of input and output, and how streams of records are worked on.

use std::num::NonZero;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use jwe_fields::records::{Delimiter, RecordStream};

use super::message_commands::FileArgs;
use super::values;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// One JSON document, as a whole
    Json,
    /// A JSON document in each line
    Ndjson,
    /// One JSON array, each element of which is a document
    JsonArray,
    /// Rows, the first of which names the columns (RFC 4180)
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompressArg {
    /// As it is
    None,
    /// gzip (RFC 1952)
    Gzip,
    /// Zstandard (RFC 8878)
    Zstd,
}

#[derive(Args)]
pub(crate) struct FormatArgs {
    /// The format; without it, what the name of the input or else of the output says: .ndjson, .jsonl,
    /// .csv or .tsv, and json otherwise
    #[arg(long, value_enum)]
    pub(crate) format: Option<FormatArg>,
    /// The character between the cells of csv, or tab; a comma without it, and a tab for .tsv
    #[arg(long, value_name = "CHAR", value_parser = values::delimiter)]
    pub(crate) delimiter: Option<Delimiter>,
    /// How the output is compressed; without it, what its name says: .gz, .zst or .zstd. Compressed
    /// input is recognised by its first bytes
    #[arg(long, value_enum)]
    pub(crate) compress: Option<CompressArg>,
}

/// The files of a command that works on documents and on streams of records.
#[derive(Args)]
pub(crate) struct FieldFileArgs {
    /// The input; standard input without it
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) input: Option<PathBuf>,
    /// Write to a file, which appears only when it is whole; until then it is FILE.partial for streams
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// The longest document of the format json, decompressed, in bytes; 67108864 without it
    #[arg(long, value_name = "BYTES")]
    pub(crate) limit_input: Option<usize>,
}

impl FieldFileArgs {
    /// The same as other commands have it.
    pub(crate) fn files(&self) -> FileArgs {
        FileArgs {
            input: self.input.clone(),
            output: self.output.clone(),
            limit_input: self.limit_input.unwrap_or(64 * 1024 * 1024),
        }
    }
}

/// For the formats ndjson, json-array and csv.
#[derive(Args)]
#[command(next_help_heading = "Streams of records (ndjson, json-array, csv)")]
pub(crate) struct RecordArgs {
    /// How many threads work; as many as the machine runs at a time without it
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZero<usize>>,
    /// The longest record, in bytes; 16777216 without it
    #[arg(long, value_name = "BYTES")]
    pub(crate) limit_record: Option<usize>,
    /// How many bytes may wait to be worked on or written; 67108864 without it
    #[arg(long, value_name = "BYTES")]
    pub(crate) buffer: Option<usize>,
    /// Write records that are refused to this file, as JSON with the reason, and go on with the
    /// others; the exit code is then 3. The file is replaced
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) rejects: Option<PathBuf>,
    /// Keep in this file how far the run is, so that the same command goes on where a run was
    /// interrupted; needs -o
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) checkpoint: Option<PathBuf>,
    /// Tell on standard error every few seconds how far the run is, where that is no terminal
    #[arg(long, conflicts_with = "quiet")]
    pub(crate) progress: bool,
    /// Print neither progress nor the summary
    #[arg(long)]
    pub(crate) quiet: bool,
}

impl RecordArgs {
    /// The longest record in bytes.
    pub(crate) fn limit_record(&self) -> usize {
        self.limit_record.unwrap_or(RecordStream::DEFAULT_MAX_RECORD_LEN)
    }

    /// The first option that was given and has no meaning for one whole document.
    pub(crate) fn first_given(&self) -> Option<&'static str> {
        [
            (self.threads.is_some(), "--threads"),
            (self.limit_record.is_some(), "--limit-record"),
            (self.buffer.is_some(), "--buffer"),
            (self.rejects.is_some(), "--rejects"),
            (self.checkpoint.is_some(), "--checkpoint"),
            (self.progress, "--progress"),
        ]
        .into_iter()
        .find_map(|(given, name)| given.then_some(name))
    }
}
