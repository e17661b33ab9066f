//! Which options go with which format. One that has no meaning is refused, so that nobody relies on
//! it.

use crate::cli::{EncodingArg, FieldFileArgs, FormatArg, FormatArgs, RecordArgs, SelectArgs};
use crate::failure::Failure;
use crate::records::Format;

/// Checks the options of both commands.
///
/// # Errors
/// Wrong usage.
pub(super) fn check(
    format: Format,
    args: &FormatArgs,
    select: &SelectArgs,
    files: &FieldFileArgs,
    records: &RecordArgs,
) -> Result<(), Failure> {
    let name = format.name();
    check_binding(format, select)?;
    if format.kind == FormatArg::Csv {
        check_csv(select)?;
    } else {
        if !select.columns.is_empty() {
            return Err(Failure::usage(format!(
                "--column is for csv, and the format is {name}: add --format csv, or name values by --field <SELECTOR>"
            )));
        }
        if args.delimiter.is_some() {
            return Err(Failure::usage(format!(
                "--delimiter is for csv, and the format is {name}: add --format csv, or leave it out"
            )));
        }
        if select.fields.is_empty() {
            return Err(Failure::usage(format!(
                "it is not said which values are meant, and the format is {name}: add --field <SELECTOR>, or \
                 --format csv and --column <NAME>"
            )));
        }
    }
    if format.kind == FormatArg::Json {
        if let Some(option) = records.first_given() {
            return Err(Failure::usage(format!(
                "{option} is for streams of records, and the format is json, one whole document: add --format \
                 ndjson, json-array or csv"
            )));
        }
    } else if files.limit_input.is_some() {
        return Err(Failure::usage(format!(
            "--limit-input is for whole documents, and the format is {name}, in which the input may have any \
             length: see --limit-record"
        )));
    }
    Ok(())
}

fn check_binding(format: Format, select: &SelectArgs) -> Result<(), Failure> {
    let SelectArgs { bind, record_id, record_id_at, .. } = select;
    let given = [(record_id.is_some(), "--record-id"), (record_id_at.is_some(), "--record-id-at")];
    if let Some((_, option)) = given.iter().find(|(given, _)| *given && !*bind) {
        return Err(Failure::usage(format!(
            "{option} is about what values are bound to, and they are not: add --bind"
        )));
    }
    if given.iter().all(|(given, _)| *given) {
        return Err(Failure::usage(
            "the id of a record is given, or stands in it: choose --record-id or --record-id-at",
        ));
    }
    if record_id.is_some() && format.kind != FormatArg::Json {
        return Err(Failure::usage(format!(
            "--record-id is for one whole document, and the format is {}, in which each record has its own id: \
             name its place by --record-id-at",
            format.name()
        )));
    }
    Ok(())
}

/// Checks that what values are bound to is looked at.
///
/// # Errors
/// Wrong usage.
pub(super) fn check_understood(select: &SelectArgs, understood: &[String]) -> Result<(), Failure> {
    if !select.bind && understood.iter().any(|name| name == "bound") {
        return Err(Failure::usage(
            "--understand bound would accept values without looking at what they are bound to: use --bind",
        ));
    }
    Ok(())
}

fn check_csv(select: &SelectArgs) -> Result<(), Failure> {
    if !select.fields.is_empty() {
        return Err(Failure::usage(
            "--field is for JSON, and the format is csv: name columns by --column <NAME>, or choose another \
             --format",
        ));
    }
    if select.columns.is_empty() {
        return Err(Failure::usage(
            "it is not said which cells are meant, and the format is csv: add --column <NAME>",
        ));
    }
    if matches!(select.encoding, EncodingArg::Json) {
        return Err(Failure::usage("--encoding json is for JSON: in csv every cell is a text"));
    }
    Ok(())
}
