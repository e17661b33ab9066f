//! Which format the records are in.

use std::path::Path;

use jwe_fields::records::Delimiter;

use crate::cli::{FieldFileArgs, FormatArg, FormatArgs};
use crate::compression::Compression;

/// How input and output are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) kind: FormatArg,
    /// What stands between the cells of CSV.
    pub(crate) delimiter: Delimiter,
}

impl Format {
    /// What was chosen, or what the name of the input or else of the output says.
    pub(crate) fn of(args: &FormatArgs, files: &FieldFileArgs) -> Self {
        let guessed = guess(files.input.as_deref()).or_else(|| guess(files.output.as_deref()));
        let (kind, delimiter) = guessed.unwrap_or((FormatArg::Json, Delimiter::COMMA));
        Self { kind: args.format.unwrap_or(kind), delimiter: args.delimiter.unwrap_or(delimiter) }
    }

    pub(crate) fn name(self) -> &'static str {
        match self.kind {
            FormatArg::Json => "json",
            FormatArg::Ndjson => "ndjson",
            FormatArg::JsonArray => "json-array",
            FormatArg::Csv => "csv",
        }
    }
}

/// What a name says, if it says anything. An extension for a compressed file is passed over.
fn guess(path: Option<&Path>) -> Option<(FormatArg, Delimiter)> {
    let path = path?;
    let stem = match Compression::of_name(path) {
        Compression::None => path,
        Compression::Gzip | Compression::Zstd => Path::new(path.file_stem()?),
    };
    let extension = stem.extension()?.to_str()?.to_ascii_lowercase();
    Some(match extension.as_str() {
        "json" => (FormatArg::Json, Delimiter::COMMA),
        "ndjson" | "jsonl" => (FormatArg::Ndjson, Delimiter::COMMA),
        "csv" => (FormatArg::Csv, Delimiter::COMMA),
        "tsv" => (FormatArg::Csv, Delimiter::TAB),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(input: Option<&str>, output: Option<&str>) -> (&'static str, u8) {
        let args = FormatArgs { format: None, delimiter: None, compress: None };
        let files = FieldFileArgs {
            input: input.map(Into::into),
            output: output.map(Into::into),
            limit_input: None,
        };
        let format = Format::of(&args, &files);
        (format.name(), format.delimiter.get())
    }

    #[test]
    fn names_say_which() {
        assert_eq!(of(None, None), ("json", b','));
        assert_eq!(of(Some("a.ndjson"), None), ("ndjson", b','));
        assert_eq!(of(Some("a/b.JSONL.gz"), None), ("ndjson", b','));
        assert_eq!(of(Some("a.csv.zst"), None), ("csv", b','));
        assert_eq!(of(Some("a.tsv.zstd"), None), ("csv", b'\t'));
        assert_eq!(of(Some("a.gz.csv"), None), ("csv", b','));
        assert_eq!(of(Some("ndjson"), Some("x.gz")), ("json", b','));
        assert_eq!(of(Some("-"), Some("x.jsonl")), ("ndjson", b','));
        assert_eq!(of(Some("a.dat"), Some("x.tsv")), ("csv", b'\t'));
        assert_eq!(of(Some("a.json"), Some("x.ndjson")), ("json", b','));
        assert_eq!(of(Some("a.csv"), Some("x.ndjson")), ("csv", b','));
    }
}
