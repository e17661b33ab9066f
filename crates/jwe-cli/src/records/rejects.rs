//! The file of rejected records: newline-delimited JSON, one object for each, with the record as it
//! came. A record that is no text, or that is not held in memory because it is too long, is in
//! base64.

use std::io::{self, Write};

use base64_simd::STANDARD;
use jwe_fields::records::{Part, Rejected};
use zeroize::{Zeroize, Zeroizing};

/// Writes what becomes of rejected records, which is confidential like them.
#[derive(Debug)]
pub(super) struct Rejects<W> {
    text: Buffered<W>,
    /// Bytes that are not in base64 yet.
    bytes: Zeroizing<Vec<u8>>,
}

/// So many bytes are brought into base64 at a time: whole groups of three, so that there is no
/// padding between them.
const GROUPS: usize = 3 * 4096;

impl<W: Write> Rejects<W> {
    pub(super) fn new(to: W) -> Self {
        Self {
            text: Buffered { to, text: Zeroizing::new(Vec::with_capacity(BUFFER)) },
            bytes: Zeroizing::new(Vec::with_capacity(GROUPS)),
        }
    }

    pub(super) fn get_ref(&self) -> &W {
        &self.text.to
    }

    pub(super) fn get_mut(&mut self) -> &mut W {
        &mut self.text.to
    }

    pub(super) fn into_inner(self) -> W {
        self.text.to
    }

    /// Takes a record or a part of one.
    pub(super) fn add(&mut self, rejected: &Rejected<'_>) -> io::Result<()> {
        let is_first = matches!(rejected.part, Part::Whole | Part::First);
        let is_last = matches!(rejected.part, Part::Whole | Part::Last);
        if is_first {
            self.head(rejected)?;
        }
        match core::str::from_utf8(rejected.bytes) {
            Ok(text) if is_first && is_last => {
                self.text.write_all(b",\"input\":")?;
                serde_json::to_writer(&mut self.text, text)?;
                return self.text.write_all(b"}\n");
            }
            _ => {}
        }
        if is_first {
            self.text.write_all(b",\"input_base64\":\"")?;
        }
        self.base64(rejected.bytes)?;
        if is_last {
            self.end_of_base64()?;
            self.text.write_all(b"\"}\n")?;
        }
        Ok(())
    }

    /// Writes all that was taken.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.text.flush()
    }

    fn head(&mut self, rejected: &Rejected<'_>) -> io::Result<()> {
        let Rejected { record, line, error, .. } = rejected;
        write!(self.text, "{{\"record\":{record},\"line\":{line},\"code\":\"{}\"", error.code())?;
        if let Some(pointer) = error.pointer() {
            self.text.write_all(b",\"pointer\":")?;
            serde_json::to_writer(&mut self.text, pointer)?;
        }
        self.text.write_all(b",\"reason\":")?;
        Ok(serde_json::to_writer(&mut self.text, &error.to_string())?)
    }

    fn base64(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let room = GROUPS.saturating_sub(self.bytes.len()).min(bytes.len());
            let (now, later) = bytes.split_at(room);
            self.bytes.extend_from_slice(now);
            bytes = later;
            if self.bytes.len() == GROUPS {
                self.end_of_base64()?;
            }
        }
        Ok(())
    }

    fn end_of_base64(&mut self) -> io::Result<()> {
        let base64 = Zeroizing::new(STANDARD.encode_to_string(self.bytes.as_slice()));
        self.bytes.zeroize();
        self.text.write_all(base64.as_bytes())
    }
}

/// What is written together.
const BUFFER: usize = 64 * 1024;

/// A buffer that never grows, so that nothing is left behind where it was, and is wiped in the end.
#[derive(Debug)]
struct Buffered<W> {
    to: W,
    text: Zeroizing<Vec<u8>>,
}

impl<W: Write> Write for Buffered<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len() == BUFFER {
            self.flush()?;
        }
        let len = BUFFER.saturating_sub(self.text.len()).min(bytes.len());
        self.text.extend_from_slice(bytes.get(..len).unwrap_or_default());
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.text.is_empty() {
            self.to.write_all(&self.text)?;
            self.text.clear();
        }
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use jwe_core::Enc;
    use jwe_fields::records::{ColumnEncrypter, RecordStream, Sink};
    use jwe_fields::{EncryptOptions, FieldEncrypter};
    use serde_json::{Value, json};

    use super::*;

    /// Takes rejected records only.
    struct Rejecting(Rejects<Vec<u8>>);

    impl Sink for Rejecting {
        fn write(&mut self, _: &[u8]) -> io::Result<()> {
            Ok(())
        }

        fn reject(&mut self, rejected: &Rejected<'_>) -> io::Result<()> {
            self.0.add(rejected)
        }
    }

    fn encrypter() -> jwe::Encrypter {
        let backend = *jwe::backends().first().unwrap();
        let jwk = br#"{"kty":"oct","alg":"dir","kid":"k","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#;
        let jwk = jwe::Jwk::from_json(jwk).unwrap();
        let key = jwe::EncryptionKey::import(backend, &jwk, &jwe::KeyOptions::new()).unwrap();
        jwe::Encrypter::new(backend, &key, Enc::A256Gcm).unwrap()
    }

    fn lines(sink: Rejecting) -> Vec<Value> {
        let mut rejects = sink.0;
        rejects.flush().unwrap();
        let text = String::from_utf8(rejects.into_inner()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn records_are_as_they_came() {
        let selectors = ["/a".parse().unwrap()];
        let fields = FieldEncrypter::new(encrypter(), selectors, EncryptOptions::new()).unwrap();
        let mut sink = Rejecting(Rejects::new(Vec::new()));
        let input =
            b"{\"a\":\"x\"}\n{\"b\":\"\\u0000\t\xc3\xa9\"}\n{\"a\":1}\r\n{\"a\":\"\xff\"}\n";
        let stream = RecordStream::ndjson(&fields).with_rejects();
        stream.run(input.as_slice(), &mut sink).unwrap();
        let lines = lines(sink);
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0]["input"], "{\"b\":\"\\u0000\té\"}");
        assert_eq!((&lines[0]["record"], &lines[0]["line"]), (&json!(2), &json!(2)));
        assert_eq!(lines[1]["input"], "{\"a\":1}");
        assert_eq!(
            (&lines[1]["code"], &lines[1]["pointer"]),
            (&json!("field_not_string"), &json!("/a"))
        );
        assert_eq!(lines[2].get("input"), None);
        let bytes = STANDARD.decode_to_vec(lines[2]["input_base64"].as_str().unwrap()).unwrap();
        assert_eq!(bytes, b"{\"a\":\"\xff\"}");
    }

    #[test]
    fn long_records_come_in_parts_of_every_length() {
        let columns = ColumnEncrypter::new(encrypter(), ["a"], EncryptOptions::new()).unwrap();
        for len in (0..8).flat_map(|by| [200_000 + by, 5 * GROUPS + by]) {
            let mut sink = Rejecting(Rejects::new(Vec::new()));
            let input = format!("a\n{}\nb\n", "x".repeat(len));
            let stream = RecordStream::csv(&columns).with_max_record_len(1000).with_rejects();
            stream.run(input.as_bytes(), &mut sink).unwrap();
            let lines = lines(sink);
            assert_eq!(lines.len(), 1);
            assert_eq!(lines[0]["code"], "record_too_long");
            // One that comes whole, because it fits what is read at a time, is a text.
            let bytes = match lines[0].get("input") {
                Some(text) => text.as_str().unwrap().as_bytes().to_vec(),
                None => {
                    let base64 = lines[0]["input_base64"].as_str().unwrap();
                    STANDARD.decode_to_vec(base64).unwrap()
                }
            };
            assert!(bytes.trim_ascii_end() == "x".repeat(len).as_bytes(), "{len}");
        }
    }
}
