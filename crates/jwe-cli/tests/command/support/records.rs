//! Files of records, the keys for them, and what the command says about them.

use std::collections::BTreeMap;

use crate::support::{Ended, Place};

/// A key whose operations take next to no time.
const FAST: &str = r#"{"kty":"oct","alg":"A128KW","kid":"k","k":"AAECAwQFBgcICQoLDA0ODw"}"#;
/// Another one of the same name.
const OTHER: &str = r#"{"kty":"oct","alg":"A128KW","kid":"k","k":"AQECAwQFBgcICQoLDA0ODw"}"#;
/// Another one of another name.
const UNKNOWN: &str = r#"{"kty":"oct","alg":"A128KW","kid":"u","k":"AQECAwQFBgcICQoLDA0ODw"}"#;

impl Place {
    /// With keys for files of many records.
    pub(crate) fn for_records() -> Self {
        let place = Self::new();
        for (name, key) in [("fast.jwk", FAST), ("same-name.jwk", OTHER), ("unknown.jwk", UNKNOWN)]
        {
            place.write_secret(name, key);
        }
        place
    }

    /// With a key as well whose operations take so long that a run over some thousand records
    /// can be interrupted.
    pub(crate) fn for_slow_records() -> Self {
        let place = Self::for_records();
        let keygen = "keygen --alg ECDH-ES+A256KW --crv P-521 --kid slow -o slow.jwk";
        place.jwe(keygen).run().ok();
        place
    }

    /// Encrypts standard input to standard output, with the fast key.
    pub(crate) fn encrypted(&self, options: &str, input: impl AsRef<[u8]>) -> Vec<u8> {
        let encrypt = format!("fields encrypt --key fast.jwk --quiet {options}");
        self.jwe(&encrypt).stdin(input).run().ok()
    }

    /// Decrypts standard input to standard output, with the fast key.
    pub(crate) fn decrypted(&self, options: &str, input: impl AsRef<[u8]>) -> Vec<u8> {
        let decrypt = format!("fields decrypt --key fast.jwk --quiet {options}");
        self.jwe(&decrypt).stdin(input).run().ok()
    }
}

/// A format of many records, each of which has an `a`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ndjson,
    Array,
    Csv,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Ndjson, Self::Array, Self::Csv];

    /// The options that say so, and that `a` is meant.
    pub(crate) fn options(self) -> &'static str {
        match self {
            Self::Ndjson => "--format ndjson --field /a",
            Self::Array => "--format json-array --field /a",
            Self::Csv => "--format csv --column a",
        }
    }

    /// A record of one line.
    pub(crate) fn record(self, id: usize, value: &str) -> String {
        match self {
            Self::Ndjson | Self::Array => format!("{{\"id\":{id},\"a\":\"{value}\"}}"),
            Self::Csv => format!("{id},{value}"),
        }
    }

    /// A file of these records, the first of which begins in line 2 (1 for NDJSON), and each in the
    /// next if none has a line end in it.
    pub(crate) fn text<R: AsRef<[u8]>>(self, records: &[R]) -> Vec<u8> {
        let records: Vec<&[u8]> = records.iter().map(AsRef::as_ref).collect();
        match self {
            Self::Array if records.is_empty() => b"[\n]\n".to_vec(),
            Self::Array => [b"[\n", records.join(b",\n".as_slice()).as_slice(), b"\n]\n"].concat(),
            Self::Ndjson | Self::Csv => {
                let head: &[u8] = if self == Self::Csv { b"id,a\n" } else { b"" };
                let mut text = head.to_vec();
                for record in records {
                    text.extend_from_slice(record);
                    text.push(b'\n');
                }
                text
            }
        }
    }

    /// The line of a record, from 0, of a file in which each has one line.
    pub(crate) fn line(self, at: usize) -> usize {
        match self {
            Self::Ndjson => at + 1,
            Self::Array | Self::Csv => at + 2,
        }
    }
}

/// The last line of a run that is not `--quiet`.
#[derive(Debug)]
pub(crate) struct Summary(BTreeMap<String, String>);

impl Summary {
    /// The one summary of a run, whose counts add up.
    #[track_caller]
    pub(crate) fn of(ended: &Ended) -> Self {
        Self::in_text(&ended.stderr)
    }

    #[track_caller]
    pub(crate) fn in_text(stderr: &str) -> Self {
        let mut lines = stderr.lines().filter_map(|line| line.strip_prefix("summary: "));
        let line = lines.next().unwrap_or_else(|| panic!("no summary: {stderr}"));
        assert_eq!(lines.next(), None, "{stderr}");
        let (state, numbers) = line.split_once(' ').unwrap();
        let number = |text: &str| {
            let (name, value) = text.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        };
        let mut summary = Self(numbers.split(' ').map(number).collect());
        summary.0.insert("state".to_owned(), state.to_owned());
        assert_eq!(
            summary.number("records"),
            summary.number("written") + summary.number("rejected"),
            "{line}"
        );
        summary
    }

    pub(crate) fn is_done(&self) -> bool {
        self.0["state"] == "done"
    }

    #[track_caller]
    pub(crate) fn number(&self, name: &str) -> usize {
        self.0.get(name).unwrap_or_else(|| panic!("no {name} in {self:?}")).parse().unwrap()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// Numbers that look random and are the same in each run.
pub(crate) struct Lots(pub(crate) u64);

impl Lots {
    /// One below this.
    pub(crate) fn draw(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// base64 (RFC 4648 §4) as bytes. There are megabytes of it.
pub(crate) fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [None; 256];
    for (value, letter) in (0_u32..).zip(ALPHABET) {
        values[usize::from(*letter)] = Some(value);
    }
    assert_eq!(text.len() % 4, 0);
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let text = text.strip_suffix("==").or(text.strip_suffix('=')).unwrap_or(text).as_bytes();
    for group in text.chunks(4) {
        let mut bits = 0;
        for letter in group {
            bits = bits << 6 | values[usize::from(*letter)].unwrap();
        }
        bits <<= 6 * (4 - group.len());
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    bytes
}
