//! Target `stream`: two bytes of settings and a stream of records. It ends or is worked on to its end,
//! whole as in pieces and with one thread as with two, and what is encrypted comes back.

use core::fmt::Debug;
use std::io::{self, Read};
use std::num::NonZero;
use std::sync::LazyLock;

use jwe_fields::records::{
    ColumnDecrypter, ColumnEncrypter, Part, Progress, RecordStream, Rejected, Sink, StreamError,
};
use jwe_fields::{
    AlreadyEncrypted, DecryptOptions, EncryptOptions, FieldDecrypter, FieldEncrypter, Missing,
    PlaintextEncoding, Selector,
};

use crate::settings::Settings;
use crate::sides::{self, Sides};

/// The columns and fields of the seeds.
const COLUMNS: [&str; 2] = ["a", "b"];
const SELECTORS: [&str; 2] = ["/a", "$.b[*]"];
/// The longest record, short enough to be exceeded.
const MAX_RECORD_LEN: usize = 2048;

struct Both {
    fields: (FieldEncrypter, FieldDecrypter),
    columns: (ColumnEncrypter, ColumnDecrypter),
}

static BOTH: LazyLock<Both> = LazyLock::new(|| {
    let Sides { encrypter, decrypter, .. } = sides::direct();
    let encrypt = EncryptOptions::new()
        .with_encoding(PlaintextEncoding::Json)
        .with_missing(Missing::Skip)
        .with_already_encrypted(AlreadyEncrypted::EncryptAgain);
    let decrypt =
        DecryptOptions::new().with_encoding(PlaintextEncoding::Json).with_missing(Missing::Skip);
    let selectors = || SELECTORS.map(|text| Selector::parse(text).unwrap());
    Both {
        fields: (
            FieldEncrypter::new(encrypter.clone(), selectors(), encrypt).unwrap(),
            FieldDecrypter::new(decrypter.clone(), selectors(), decrypt).unwrap(),
        ),
        columns: (
            ColumnEncrypter::new(encrypter.clone(), COLUMNS, encrypt).unwrap(),
            ColumnDecrypter::new(decrypter.clone(), COLUMNS, decrypt).unwrap(),
        ),
    }
});

/// Runs the target.
pub fn run(input: &[u8]) {
    let Some((mut settings, rest)) = Settings::split(input) else { return };
    let Some((bits, text)) = rest.split_first() else { return };
    let format = (settings.flag(), settings.flag());
    let Both { fields, columns } = &*BOTH;
    let (there, back) = match format {
        (false, _) => (RecordStream::ndjson(&fields.0), RecordStream::ndjson(&fields.1)),
        (true, false) => (RecordStream::json_array(&fields.0), RecordStream::json_array(&fields.1)),
        (true, true) => (RecordStream::csv(&columns.0), RecordStream::csv(&columns.1)),
    };
    let rejects = settings.flag();
    let decrypts_first = settings.flag();
    // Starting a thread takes longer than all the rest.
    let threads = settings.choose([1, 2]);
    let set = |stream: RecordStream<'static>| {
        let stream = stream.with_max_record_len(MAX_RECORD_LEN).with_max_buffered(1 << 16);
        if rejects { stream.with_rejects() } else { stream }
    };
    // How the input comes in pieces must make no difference.
    let bit = usize::from(*bits % 64) + 1;
    let (there, back) = (set(there), set(back));
    let first = if decrypts_first { &back } else { &there };
    let whole = outcome(first, text, 1, text.len().max(1));
    let in_pieces = outcome(first, text, threads, bit);
    let (told, told_in_pieces) = (whole.told(), in_pieces.told());
    assert!(told == told_in_pieces, "in pieces: {told_in_pieces:?}, and not {told:?}");
    if decrypts_first {
        // Only encryption draws random bytes.
        assert!(whole.kept.output == in_pieces.kept.output, "not the same in pieces");
        return;
    }
    // The records grow by encryption.
    let back = back.with_max_record_len(1 << 20);
    for encrypted in [&whole, &in_pieces] {
        let decrypted = outcome(&back, &encrypted.kept.output, 1, 1 << 16);
        if encrypted.error.is_none() && encrypted.kept.rejected.is_empty() {
            assert_eq!(decrypted.error, None);
            assert!(decrypted.kept.output == text, "not what it was");
        }
    }
}

/// How a stream ended.
struct Outcome {
    progress: Option<Progress>,
    error: Option<String>,
    /// Whether it can't be told where a record ends.
    breaks_off: bool,
    kept: Kept,
}

impl Outcome {
    /// What does not depend on the random bytes.
    fn told(&self) -> impl PartialEq + Debug {
        // Of a record that is too long, and in which the text ends, the sink may have the first parts.
        let rejected =
            (!self.breaks_off).then_some((&self.kept.rejected, &self.kept.rejected_bytes));
        (self.progress, &self.error, rejected)
    }
}

fn outcome(stream: &RecordStream<'_>, text: &[u8], threads: usize, bit: usize) -> Outcome {
    let stream = stream.clone().with_threads(NonZero::new(threads).unwrap());
    let mut kept = Kept::default();
    let outcome = stream.run(Pieces { text, bit }, &mut kept);
    if let Ok(progress) = &outcome {
        assert_eq!(progress.input_bytes, text.len() as u64);
        assert_eq!(progress.rejected, kept.rejected.len() as u64);
        assert_eq!(kept.reached.unwrap_or_default(), *progress);
    }
    let error = outcome.as_ref().err().map(|error| format!("{} {error}", error.code()));
    let breaks_off = matches!(outcome, Err(StreamError::Framing { .. }));
    Outcome { progress: outcome.ok(), error, breaks_off, kept }
}

/// Hands out a text in reads of the same length.
struct Pieces<'a> {
    text: &'a [u8],
    bit: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.bit.min(self.text.len()).min(out.len());
        let (now, later) = self.text.split_at(len);
        out[..len].copy_from_slice(now);
        self.text = later;
        Ok(len)
    }
}

/// A sink that keeps everything.
#[derive(Default)]
struct Kept {
    output: Vec<u8>,
    rejected: Vec<(u64, u64, &'static str)>,
    rejected_bytes: Vec<u8>,
    reached: Option<Progress>,
}

impl Sink for Kept {
    fn write(&mut self, output: &[u8]) -> io::Result<()> {
        assert!(!output.is_empty());
        self.output.extend_from_slice(output);
        Ok(())
    }

    fn reject(&mut self, rejected: &Rejected<'_>) -> io::Result<()> {
        if matches!(rejected.part, Part::Whole | Part::First) {
            self.rejected.push((rejected.record, rejected.line, rejected.error.code()));
        }
        // Of a record that is too long to be held, the white space around it is handed over, too.
        let bytes = rejected.bytes.iter().filter(|byte| !byte.is_ascii_whitespace());
        self.rejected_bytes.extend(bytes);
        Ok(())
    }

    fn reached(&mut self, progress: &Progress) -> io::Result<core::ops::ControlFlow<()>> {
        assert!(self.reached.is_none_or(|last| last.input_bytes <= progress.input_bytes));
        self.reached = Some(*progress);
        Ok(core::ops::ControlFlow::Continue(()))
    }
}
