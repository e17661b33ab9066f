//! What came out.

use core::fmt;

use jwe::{Alg, Curve, Enc};

use crate::estimate::Estimate;
use crate::machine::Machine;

/// The results of a comparison, with all that a reader needs to judge them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The version of this crate, and of `jwe`.
    pub version: String,
    /// Whether this crate was built with optimization. If not, the numbers mean nothing.
    pub optimized: bool,
    /// Where it was measured.
    pub machine: Machine,
    /// The key management algorithm.
    pub alg: Alg,
    /// The content encryption algorithm.
    pub enc: Enc,
    /// The backends in the order in which they were given.
    pub backends: Vec<ReportedBackend>,
    /// What was measured, for each operation, key and length of the plaintext.
    pub groups: Vec<Group>,
    /// What a reader must know beyond the gaps.
    pub notes: Vec<String>,
}

/// A backend, with the names of the code that does the work; `None` where it does not do that.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReportedBackend {
    /// The name of the backend.
    pub name: String,
    /// Whose code does the sender's part of the `alg`.
    pub alg_encrypt: Option<String>,
    /// Whose code does the recipient's part of the `alg`.
    pub alg_decrypt: Option<String>,
    /// Whose code does the `enc`.
    pub enc: Option<String>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// From a JWK, which was read before, to a prepared key for encryption.
    ImportToEncrypt,
    /// From a JWK, which was read before, to a prepared key for decryption.
    ImportToDecrypt,
    /// From a plaintext to a token, by a prepared key.
    Encrypt,
    /// From a token to a plaintext, by a prepared key.
    Decrypt,
}

impl Operation {
    /// Every member, in the order of a report.
    pub const ALL: &'static [Self] =
        &[Self::ImportToEncrypt, Self::ImportToDecrypt, Self::Encrypt, Self::Decrypt];

    /// The name for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ImportToEncrypt => "import_to_encrypt",
            Self::ImportToDecrypt => "import_to_decrypt",
            Self::Encrypt => "encrypt",
            Self::Decrypt => "decrypt",
        }
    }

    /// The name for people, of a key for this `alg`.
    #[must_use]
    pub fn title(self, alg: Alg) -> &'static str {
        match (self, alg.is_rsa() || alg.is_ecdh()) {
            (Self::ImportToEncrypt, true) => "Import of the public key",
            (Self::ImportToDecrypt, true) => "Import of the private key",
            (Self::ImportToEncrypt, false) => "Import of the key, to encrypt",
            (Self::ImportToDecrypt, false) => "Import of the key, to decrypt",
            (Self::Encrypt, _) => "Encryption",
            (Self::Decrypt, _) => "Decryption",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One operation with one key and one plaintext, on every backend, all measured in turn.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Group {
    /// What was measured.
    pub operation: Operation,
    /// What tells the key from others, such as `RSA 2048` or `P-256`.
    pub key: String,
    /// The length of the key in bits, of the modulus for RSA; not for keys on a curve.
    pub key_bits: Option<usize>,
    /// The curve of the key.
    pub curve: Option<Curve>,
    /// The length of the plaintext in bytes; not for imports.
    pub plaintext_len: Option<usize>,
    /// The backend to which ratios are taken: the first that does this; `None` if none does.
    pub base: Option<String>,
    /// How often each backend had its turn.
    pub rounds: usize,
    /// One for each backend, in the order of the report.
    pub entries: Vec<Entry>,
}

/// A backend within a group.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The name of the backend.
    pub backend: String,
    /// What was measured, or the text of the error by which the backend refuses to do this.
    pub outcome: Result<Measurement, String>,
}

/// How fast something is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Measurement {
    /// The seconds that one operation takes.
    pub seconds: Estimate,
    /// The speed relative to the group's base: 2 is twice as fast.
    pub ratio: Estimate,
}

/// The shortest plaintext of which a throughput says something, in bytes.
const SHORTEST_OF_THROUGHPUT: usize = 1024;

impl Group {
    /// The plaintext in MiB per second at `seconds` an operation, from a length of 1024 bytes on.
    #[must_use]
    pub fn mebibytes_per_second(&self, seconds: f64) -> Option<f64> {
        let len = self.plaintext_len.filter(|len| *len >= SHORTEST_OF_THROUGHPUT)?;
        Some(len as f64 / f64::from(1 << 20) / seconds)
    }
}

impl Report {
    /// The texts of all gaps, each once, and the notes.
    #[must_use]
    pub fn all_notes(&self) -> Vec<&str> {
        let mut notes: Vec<&str> = Vec::new();
        let gaps = self.groups.iter().flat_map(|group| &group.entries);
        let gaps = gaps.filter_map(|entry| entry.outcome.as_ref().err());
        for note in gaps.chain(&self.notes) {
            if !notes.contains(&note.as_str()) {
                notes.push(note);
            }
        }
        notes
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use jwe::{Alg, Enc};

    use super::{Entry, Group, Measurement, Operation, Report, ReportedBackend};
    use crate::estimate::Estimate;
    use crate::machine::Machine;

    /// About `median`, as wide as `width` of it on both sides.
    pub(crate) fn about(median: f64, width: f64) -> Estimate {
        Estimate { median, low: median * (1.0 - width), high: median * (1.0 + width) }
    }

    pub(crate) fn measured(backend: &str, seconds: f64, ratio: f64) -> Entry {
        let (seconds, ratio) = (about(seconds, 0.01), about(ratio, 0.005));
        Entry { backend: backend.to_owned(), outcome: Ok(Measurement { seconds, ratio }) }
    }

    pub(crate) fn missing(backend: &str) -> Entry {
        let text = format!("the backend {backend} does not decrypt with RSA-OAEP-256");
        Entry { backend: backend.to_owned(), outcome: Err(text) }
    }

    pub(crate) fn group(operation: Operation, len: Option<usize>, entries: Vec<Entry>) -> Group {
        Group {
            operation,
            key: "RSA 2048".to_owned(),
            key_bits: Some(2048),
            curve: None,
            plaintext_len: len,
            base: entries.iter().find(|entry| entry.outcome.is_ok()).map(|e| e.backend.clone()),
            rounds: 100,
            entries,
        }
    }

    /// Two backends, of which the second does not decrypt.
    pub(crate) fn report() -> Report {
        let backend = |name: &str, alg_decrypt: Option<&str>| ReportedBackend {
            name: name.to_owned(),
            alg_encrypt: Some("one's RSA".to_owned()),
            alg_decrypt: alg_decrypt.map(str::to_owned),
            enc: Some("one's AES".to_owned()),
        };
        let encrypt = |len, first, second| {
            let entries =
                vec![measured("first", first, 1.0), measured("<s&c\"nd>", second, first / second)];
            group(Operation::Encrypt, Some(len), entries)
        };
        Report {
            version: "1.2.3".to_owned(),
            optimized: true,
            machine: Machine {
                cpu: Some("CPU & Co <1>".to_owned()),
                cpus: Some(4),
                os: "linux".to_owned(),
                arch: "x86_64".to_owned(),
            },
            alg: Alg::RsaOaep256,
            enc: Enc::A256Gcm,
            backends: vec![backend("first", Some("one's RSA")), backend("<s&c\"nd>", None)],
            groups: vec![
                group(
                    Operation::ImportToEncrypt,
                    None,
                    vec![measured("first", 2.5e-6, 1.0), measured("<s&c\"nd>", 5e-6, 0.5)],
                ),
                group(
                    Operation::ImportToDecrypt,
                    None,
                    vec![measured("first", 1.25e-3, 1.0), missing("<s&c\"nd>")],
                ),
                encrypt(16, 20e-6, 40e-6),
                encrypt(65536, 40e-6, 32e-6),
                group(
                    Operation::Decrypt,
                    Some(16),
                    vec![measured("first", 0.6e-3, 1.0), missing("<s&c\"nd>")],
                ),
            ],
            notes: vec!["a note".to_owned()],
        }
    }

    #[test]
    fn a_throughput_needs_a_plaintext() {
        let report = report();
        let throughput = |at: usize| report.groups[at].mebibytes_per_second(0.5);
        assert_eq!([throughput(0), throughput(2), throughput(3)], [None, None, Some(0.125)]);
    }

    #[test]
    fn a_gap_that_is_found_twice_is_told_once() {
        let gap = "the backend <s&c\"nd> does not decrypt with RSA-OAEP-256";
        assert_eq!(report().all_notes(), [gap, "a note"]);
    }
}
