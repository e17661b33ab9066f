//! Keys, inputs that come in pieces, and a sink that keeps everything.

use std::io::{self, Read};
use std::num::NonZero;
use std::ops::ControlFlow;

use jwe_core::{Decrypter, DecryptionKey, Enc, Encrypter, EncryptionKey, Jwk, KeyOptions};
use jwe_fields::records::{
    ColumnDecrypter, ColumnEncrypter, Part, Progress, RecordStream, Rejected, Sink,
};
use jwe_fields::{
    DecryptOptions, EncryptOptions, FieldDecrypter, FieldEncrypter, PlaintextEncoding, Selector,
};
use jwe_ring::RING;

pub(crate) fn jwk() -> Jwk {
    Jwk::from_json(br#"{"kty":"oct","alg":"A128KW","kid":"k","k":"AAECAwQFBgcICQoLDA0ODw"}"#)
        .unwrap()
}

pub(crate) fn encrypter() -> Encrypter {
    let key = EncryptionKey::import(&RING, &jwk(), &KeyOptions::new()).unwrap();
    Encrypter::new(&RING, &key, Enc::A128Gcm).unwrap()
}

pub(crate) fn decrypter() -> Decrypter {
    let key = DecryptionKey::import(&RING, &jwk(), &KeyOptions::new()).unwrap();
    Decrypter::new(&RING, [key], &[Enc::A128Gcm]).unwrap()
}

fn selectors(fields: &[&str]) -> Vec<Selector> {
    fields.iter().map(|field| field.parse().unwrap()).collect()
}

pub(crate) fn fields(fields: &[&str]) -> FieldEncrypter {
    FieldEncrypter::new(encrypter(), selectors(fields), EncryptOptions::new()).unwrap()
}

pub(crate) fn back(fields: &[&str]) -> FieldDecrypter {
    FieldDecrypter::new(decrypter(), selectors(fields), DecryptOptions::new()).unwrap()
}

/// Values come back with the escapes that they had.
pub(crate) fn json_fields(fields: &[&str]) -> (FieldEncrypter, FieldDecrypter) {
    let encrypt = EncryptOptions::new().with_encoding(PlaintextEncoding::Json);
    let decrypt = DecryptOptions::new().with_encoding(PlaintextEncoding::Json);
    (
        FieldEncrypter::new(encrypter(), selectors(fields), encrypt).unwrap(),
        FieldDecrypter::new(decrypter(), selectors(fields), decrypt).unwrap(),
    )
}

pub(crate) fn columns(names: &[&str]) -> (ColumnEncrypter, ColumnDecrypter) {
    let names = || names.iter().copied();
    (
        ColumnEncrypter::new(encrypter(), names(), EncryptOptions::new()).unwrap(),
        ColumnDecrypter::new(decrypter(), names(), DecryptOptions::new()).unwrap(),
    )
}

pub(crate) fn threads(threads: usize) -> NonZero<usize> {
    NonZero::new(threads).unwrap()
}

/// Hands out a text in reads of the same length, and counts them.
pub(crate) struct Bits<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) bit: usize,
}

impl Read for Bits<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.bit.min(self.text.len()).min(out.len());
        let (now, later) = self.text.split_at(len);
        out[..len].copy_from_slice(now);
        self.text = later;
        Ok(len)
    }
}

/// What a sink was told of a record that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) record: u64,
    pub(crate) line: u64,
    pub(crate) code: &'static str,
    pub(crate) pointer: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

/// Keeps everything, and how long everything was each time when it was told how far the input is
/// dealt with.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) output: Vec<u8>,
    pub(crate) rejected: Vec<Refused>,
    pub(crate) reached: Vec<(Progress, usize, usize)>,
    /// Asks to stop when so many records are dealt with.
    pub(crate) stop_at: Option<u64>,
}

impl Sink for Kept {
    fn write(&mut self, output: &[u8]) -> io::Result<()> {
        assert!(!output.is_empty());
        self.output.extend_from_slice(output);
        Ok(())
    }

    fn reject(&mut self, rejected: &Rejected<'_>) -> io::Result<()> {
        if matches!(rejected.part, Part::Middle | Part::Last) {
            let last = self.rejected.last_mut().unwrap();
            assert_eq!(last.record, rejected.record);
            last.bytes.extend_from_slice(rejected.bytes);
            return Ok(());
        }
        self.rejected.push(Refused {
            record: rejected.record,
            line: rejected.line,
            code: rejected.error.code(),
            pointer: rejected.error.pointer().map(str::to_owned),
            bytes: rejected.bytes.to_vec(),
        });
        Ok(())
    }

    fn reached(&mut self, progress: &Progress) -> io::Result<ControlFlow<()>> {
        self.reached.push((*progress, self.output.len(), self.rejected.len()));
        if self.stop_at.is_some_and(|stop_at| progress.records >= stop_at) {
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// What comes out, all of it.
pub(crate) fn run(stream: &RecordStream<'_>, input: &[u8]) -> (Vec<u8>, Progress) {
    let mut kept = Kept::default();
    let progress = stream.run(input, &mut kept).unwrap();
    assert_eq!(progress.input_bytes, input.len() as u64);
    assert_eq!(kept.reached.last().map_or(Progress::default(), |(last, ..)| *last), progress);
    (kept.output, progress)
}
