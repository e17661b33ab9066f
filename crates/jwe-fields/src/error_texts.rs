//! Every variant of every error: its stable code, and that its text is one sentence that says what to do,
//! with text from outside in it only cut and escaped.
//!
//! Each list has beside it a `match` that names all variants, so that a new one stops the build here.

use core::error::Error;
use std::io;

use jwe_core::{DecryptError, EncryptError, Malformed, Rejected, SetupError};

use crate::error::{FieldError, JsonKind, Position};
use crate::records::{FramingError, RecordError, RowError, StreamError};
use crate::selector::SelectorError;
use crate::settings_error::SettingsError;

const PLACE: Position = Position { line: 3, column: 7 };

/// A name that could deceive a reader of a log, and is too long for one.
fn name() -> String {
    format!("/evil\n\u{1b}[31m\u{202e}{}", "x".repeat(1000))
}

#[track_caller]
fn check(error: &dyn Error, shown: &str) {
    let text = error.to_string();
    assert!(text.contains(shown), "{text}");
    assert!(!text.contains(['\n', '\u{1b}', '\u{202e}']), "{text:?}");
    assert!(text.len() < 420 && !text.contains("  ") && !text.ends_with(['.', ' ']), "{text}");
}

/// Says what is wrong, and behind a colon or a semicolon what to do.
#[track_caller]
fn check_advice(error: &dyn Error, shown: &str) {
    check(error, shown);
    let text = error.to_string();
    assert!(text.contains(": ") || text.contains("; "), "{text}");
}

#[test]
fn kinds_of_values() {
    let texts = [
        (JsonKind::Object, "an object"),
        (JsonKind::Array, "an array"),
        (JsonKind::String, "a string"),
        (JsonKind::Number, "a number"),
        (JsonKind::Boolean, "a boolean"),
        (JsonKind::Null, "null"),
    ];
    for (found, text) in texts {
        check(&FieldError::NotString { pointer: name(), found }, text);
        check(&FieldError::RecordIdType { pointer: name(), found }, text);
    }
}

#[test]
fn of_documents() {
    use FieldError as F;
    let code = |error: &F| match error {
        F::TooLong { .. } => "document_too_long",
        F::ByteOrderMark => "document_byte_order_mark",
        F::NotUtf8 { .. } => "document_not_utf8",
        F::NotJson { .. } => "document_not_json",
        F::TooDeep { .. } => "document_too_deep",
        F::TooManyValues { .. } => "too_many_values",
        F::TooMuchWork { .. } => "selector_too_much_work",
        F::Missing { .. } => "field_missing",
        F::Ambiguous { .. } => "field_ambiguous",
        F::Overlap { .. } => "field_overlap",
        F::NotString { .. } => "field_not_string",
        F::LoneSurrogate { .. } => "field_lone_surrogate",
        F::AlreadyEncrypted { .. } => "field_already_encrypted",
        F::NotEncrypted { .. } => "field_not_encrypted",
        F::NotPadded { .. } => "plaintext_not_padded",
        F::PathNotUnicode { .. } => "field_path_not_unicode",
        F::PathTooLong { .. } => "field_path_too_long",
        F::RecordIdMissing { .. } => "record_id_missing",
        F::RecordIdType { .. } => "record_id_type",
        F::RecordIdSelected { .. } => "record_id_selected",
        F::RecordIdNotGiven => "record_id_not_given",
        F::RecordIdNotExpected => "record_id_not_expected",
        F::PlaintextNotUtf8 { .. } => "plaintext_not_utf8",
        F::PlaintextNotJson { .. } => "plaintext_not_json",
        F::PlaintextTooDeep { .. } => "plaintext_too_deep",
        F::GrowsTooLong { .. } => "document_grows_too_long",
        F::Encrypt { error, .. } => error.code(),
        F::Decrypt { error, .. } => error.code(),
    };
    // About the document as a whole or a selector.
    for (error, position, shown) in [
        (F::TooLong { limit: 99 }, None, "99 bytes: "),
        (F::ByteOrderMark, None, "without one"),
        (F::NotUtf8 { position: PLACE }, Some(PLACE), "write it as UTF-8"),
        (F::NotJson { position: PLACE, ends_early: true }, Some(PLACE), "it ends too early, at "),
        (F::NotJson { position: PLACE, ends_early: false }, Some(PLACE), "is not JSON at "),
        (F::TooDeep { limit: 99, position: PLACE }, Some(PLACE), "deeper than 99 at "),
        (F::TooManyValues { limit: 99 }, None, "more than 99 values"),
        (F::TooMuchWork { selector: name() }, None, "use a more direct path"),
        (F::Missing { selector: name() }, None, "selects nothing"),
        (F::RecordIdMissing { place: name() }, None, "add it"),
        (F::RecordIdNotGiven, None, "give it with the document"),
        (F::RecordIdNotExpected, None, "leave it out"),
    ] {
        check(&error, shown);
        assert_eq!((error.code(), error.position()), (code(&error), position));
        assert_eq!(error.pointer(), None, "{error}");
        let of_selector = matches!(error, F::TooMuchWork { .. } | F::Missing { .. });
        assert_eq!(error.selector().is_some(), of_selector, "{error}");
        let moved = error.clone().moved(PLACE);
        let at = position.map(|_| Position { line: 5, column: 7 });
        assert_eq!(moved.position(), at, "line 3 of what begins in line 3");
        assert!(Error::source(&error).is_none());
    }
    // About a value.
    let encrypt = EncryptError::TooLong;
    let decrypt = DecryptError::from(Rejected::Alg);
    for (error, shown) in [
        (F::Ambiguous { pointer: name() }, "remove one"),
        (F::Overlap { pointer: name(), inner: name() }, "select one of them"),
        (F::NotString { pointer: name(), found: JsonKind::Null }, "use the JSON encoding"),
        (F::LoneSurrogate { pointer: name() }, "half of a surrogate pair"),
        (F::AlreadyEncrypted { pointer: name() }, "is a JWE already"),
        (F::NotEncrypted { pointer: name() }, "is not encrypted"),
        (F::NotPadded { pointer: name() }, "use the padding of the sender"),
        (F::PathNotUnicode { pointer: name() }, "correct the name"),
        (F::PathTooLong { pointer: name() }, "use shorter names"),
        (F::RecordIdType { pointer: name(), found: JsonKind::Null }, "use a string or a number"),
        (F::RecordIdSelected { pointer: name() }, "do not select it"),
        (F::PlaintextNotUtf8 { pointer: name() }, "are not UTF-8"),
        (F::PlaintextNotJson { pointer: name() }, "use the text encoding"),
        (F::PlaintextTooDeep { pointer: name(), limit: 99 }, "deeper than 99: "),
        (F::GrowsTooLong { pointer: name(), limit: 99 }, "longer than 99 bytes "),
        (F::Encrypt { pointer: name(), error: encrypt }, "split it"),
        (F::Decrypt { pointer: name(), error: decrypt }, "the alg is not"),
    ] {
        check_advice(&error, shown);
        assert_eq!((error.code(), error.position()), (code(&error), None));
        assert_eq!(error.pointer(), Some(name().as_str()));
        assert_eq!((error.selector(), error.clone().moved(PLACE)), (None, error.clone()));
        assert!(error.to_string().starts_with("\"/evil\\u{a}\\u{1b}[31m\\u{202e}xxx"), "{error}");
        assert!(Error::source(&error).is_none());
    }
    let whole = F::Decrypt { pointer: String::new(), error: Malformed::SegmentCount.into() };
    assert!(whole.to_string().starts_with("the whole document: not a well-formed JWE"), "{whole}");
}

#[test]
fn of_selectors() {
    use SelectorError as S;
    let code = |error: &S| match error {
        S::None => "selector_none",
        S::Start { .. } => "selector_start",
        S::Pointer { .. } => "selector_json_pointer",
        S::JsonPath { .. } => "selector_json_path",
        S::Repeated { .. } => "selector_repeated",
    };
    let json_path = S::JsonPath { selector: name(), reason: "mend it", column: 99 };
    for (error, shown) in [
        (S::None, "name at least one"),
        (S::Start { selector: name() }, "is no selector"),
        (S::Pointer { selector: name() }, "~1 for /"),
        (json_path, "at character 99, mend it"),
        (S::Repeated { column: name() }, "name it once"),
    ] {
        check_advice(&error, shown);
        assert_eq!(error.code(), code(&error));
        let error = SettingsError::from(error);
        check_advice(&error, shown);
    }
}

#[test]
fn of_settings() {
    use SettingsError as S;
    let code = |error: &S| match error {
        S::Selector(error) => error.code(),
        S::Setup(error) => error.code(),
        S::PaddingOfJson => "padding_of_json",
        S::PaddingCompressed => "padding_compressed",
        S::BoundUnchecked => "bound_unchecked",
        S::RecordIdPlace { .. } => "record_id_place",
        S::RecordOfRow => "record_of_row",
        S::RecordIdSelected { .. } => "record_id_selected",
    };
    for (error, shown) in [
        (S::from(SelectorError::None), "name at least one"),
        (S::from(SetupError::NoKey), "import at least one"),
        (S::PaddingOfJson, "choose one of the two"),
        (S::PaddingCompressed, "choose one of the two"),
        (S::BoundUnchecked, "with a binding"),
        (S::RecordIdPlace { place: name() }, "write it like /id"),
        (S::RecordOfRow, "name that column"),
        (S::RecordIdSelected { column: name() }, "do not encrypt it"),
    ] {
        check_advice(&error, shown);
        assert_eq!(error.code(), code(&error));
        assert!(Error::source(&error).is_none());
    }
}

#[test]
fn of_rows() {
    use RowError as R;
    let code = |error: R| match error {
        R::StrayQuote { .. } => "row_stray_quote",
        R::CarriageReturn { .. } => "row_carriage_return",
        R::Unclosed { .. } => "row_unclosed",
        R::CellCount { .. } => "row_cell_count",
        R::NotUtf8 { .. } => "row_not_utf8",
    };
    for (error, shown) in [
        (R::StrayQuote { cell: 99 }, "cell 99 "),
        (R::CarriageReturn { cell: 99 }, "cell 99 "),
        (R::Unclosed { cell: 99 }, "cell 99 "),
        (R::CellCount { expected: 98, found: 99 }, "has 99 cells and the first row 98: "),
        (R::NotUtf8 { cell: 99 }, "cell 99 "),
    ] {
        check_advice(&error, shown);
        let record = RecordError::from(error);
        assert_eq!((error.code(), record.code()), (code(error), code(error)));
        assert_eq!(record.to_string(), error.to_string());
        assert_eq!((record.pointer(), record.selector()), (None, None));
        assert_eq!(record.clone().moved(PLACE), record);
    }
}

#[test]
fn of_records() {
    let long = RecordError::TooLong { limit: 99 };
    assert_eq!((long.code(), long.pointer()), ("record_too_long", None));
    check_advice(&long, "99 bytes");
    let missing = RecordError::from(FieldError::Missing { selector: name() });
    assert_eq!((missing.code(), missing.selector()), ("field_missing", Some(name().as_str())));
    check_advice(&missing, "selects nothing");
    let value = RecordError::from(FieldError::NotEncrypted { pointer: name() });
    assert_eq!((value.pointer(), value.selector()), (Some(name().as_str()), None));
    let at = RecordError::from(FieldError::NotUtf8 { position: PLACE }).moved(PLACE);
    let position = Position { line: 5, column: 7 };
    assert_eq!(at, RecordError::from(FieldError::NotUtf8 { position }));
}

#[test]
fn of_streams() {
    use FramingError as F;
    use StreamError as S;
    let framing = |error: F| match error {
        F::NotArray => "stream_not_array",
        F::ArrayEndsEarly => "stream_ends_early",
        F::ValueExpected | F::SeparatorExpected | F::BehindArray => "stream_not_json",
    };
    for error in
        [F::NotArray, F::ArrayEndsEarly, F::ValueExpected, F::SeparatorExpected, F::BehindArray]
    {
        assert_eq!(error.code(), framing(error));
        check_advice(&error, "");
        let stream = S::Framing { record: 8, line: 9, error };
        assert_eq!(stream.code(), framing(error));
        assert_eq!(stream.to_string(), format!("line 9: {error}"));
        assert_eq!(Error::source(&stream).unwrap().to_string(), error.to_string());
    }
    let code = |error: &S| match error {
        S::Record { error, .. } | S::Header(error) => error.code(),
        S::Framing { error, .. } => error.code(),
        S::NoColumn { .. } => "column_missing",
        S::AmbiguousColumn { .. } => "column_ambiguous",
        S::Read(_) => "input",
        S::Write(_) => "output",
        S::Stopped => "stopped",
        S::OtherInput => "input_changed",
    };
    let refused = || RecordError::TooLong { limit: 99 };
    let broken = || io::Error::other("the pipe is gone");
    for (error, source, shown) in [
        (S::Record { record: 8, line: 9, error: refused() }, true, "line 9, record 8: the record "),
        (S::NoColumn { name: name() }, false, "no column \"/evil\\u{a}"),
        (S::AmbiguousColumn { name: name() }, false, "rename one"),
        (S::Header(refused()), true, "the first row, which names the columns: "),
        (S::Read(broken()), true, "the input can't be read: the pipe is gone"),
        (S::Write(broken()), true, "the output can't be written: the pipe is gone"),
        (S::Stopped, false, "before the end of the input"),
        (S::OtherInput, false, "begin anew"),
    ] {
        check(&error, shown);
        assert_eq!(error.code(), code(&error));
        assert_eq!(Error::source(&error).is_some(), source, "{error}");
    }
}
