//! Comparisons of real backends, and of one that is wrong.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where it fails"
)]

use std::time::Duration;

use jwe::aws_lc_rs::AWS_LC_RS;
use jwe::ring::RING;
use jwe::{Alg, Backend, BackendError, Curve, Enc, Gap, ImportError};
use jwe_bench::estimate::{Estimate, FEWEST};
use jwe_bench::{BenchError, Comparison, Group, Operation, Subject};
use jwe_core::{
    Algorithm, ContentEncryption, DIRECT, DecryptionKeyImport, Direction, EncryptionKeyImport,
};

const BOTH: [&Backend; 2] = [&AWS_LC_RS, &RING];

fn rsa() -> Subject {
    Subject::generate_rsa(&BOTH, Alg::RsaOaep256, 2048).unwrap()
}

/// As fast as can be.
fn quick(backends: &[&'static Backend]) -> Comparison {
    Comparison::new(backends, Enc::A256Gcm).with_plaintext_lens(&[16]).with_time(Duration::ZERO)
}

/// What is true of every group of entries.
fn check(group: &Group) {
    let in_order = |Estimate { median, low, high }| 0.0 < low && low <= median && median <= high;
    let mut first = None;
    for entry in &group.entries {
        let Ok(measurement) = &entry.outcome else { continue };
        assert!(in_order(measurement.seconds) && in_order(measurement.ratio), "{group:?}");
        if first.is_none() {
            first = Some(&entry.backend);
            let itself = Estimate { median: 1.0, low: 1.0, high: 1.0 };
            assert_eq!(measurement.ratio, itself, "{group:?}");
        }
    }
    assert_eq!(group.base.as_ref(), first, "{group:?}");
    assert!(first.is_none() || group.rounds >= FEWEST);
}

#[test]
fn what_a_backend_can_t_do_is_a_gap_in_its_own_words() {
    let mut steps = Vec::new();
    let report = quick(&BOTH).run(&[rsa()], |step| steps.push(step.clone())).unwrap();
    assert_eq!((report.alg, report.enc), (Alg::RsaOaep256, Enc::A256Gcm));
    let operations: Vec<Operation> = report.groups.iter().map(|group| group.operation).collect();
    assert_eq!(operations, Operation::ALL);
    let gap: Gap = RING.decryption_key_import(Alg::RsaOaep256, None).err().unwrap();
    for group in &report.groups {
        check(group);
        assert_eq!((group.key.as_str(), group.key_bits), ("RSA 2048", Some(2048)));
        let decrypts = matches!(group.operation, Operation::ImportToDecrypt | Operation::Decrypt);
        let names: Vec<&str> = group.entries.iter().map(|entry| entry.backend.as_str()).collect();
        assert_eq!(names, ["aws-lc-rs", "ring"]);
        assert!(group.entries[0].outcome.is_ok());
        let expected = decrypts.then(|| gap.to_string());
        assert_eq!(group.entries[1].outcome.as_ref().err(), expected.as_ref());
    }
    assert_eq!(report.all_notes(), [gap.to_string()]);
    assert_eq!(report.backends[1].alg_decrypt, None);
    let implementation = RING.encryption_key_import(Alg::RsaOaep256, None).unwrap().1;
    assert_eq!(report.backends[1].alg_encrypt.as_deref(), Some(implementation.implementation()));
    let done: Vec<(usize, usize)> = steps.iter().map(|step| (step.done, step.all)).collect();
    assert_eq!(done, [(0, 4), (1, 4), (2, 4), (3, 4)]);
    assert_eq!(steps[3].now, "Decryption, RSA 2048, 16 bytes");
}

#[test]
fn ratios_are_to_the_first_that_does_it() {
    let report = quick(&[&RING, &AWS_LC_RS]).run(&[rsa()], |_| ()).unwrap();
    report.groups.iter().for_each(check);
    let bases: Vec<&str> =
        report.groups.iter().map(|group| group.base.as_deref().unwrap()).collect();
    assert_eq!(bases, ["ring", "aws-lc-rs", "ring", "aws-lc-rs"]);
}

#[test]
fn keys_of_every_kind() {
    for (subject, label) in [
        (Subject::generate_oct(&BOTH, Alg::Dir, Enc::A256Gcm), "256 bits"),
        (Subject::generate_oct(&BOTH, Alg::A128Kw, Enc::A256Gcm), "128 bits"),
        (Subject::generate_oct(&BOTH, Alg::A256GcmKw, Enc::A256Gcm), "256 bits"),
        (Subject::generate_ec(&BOTH, Alg::EcdhEs, Curve::P256), "P-256"),
        (Subject::generate_ec(&BOTH, Alg::EcdhEsA256Kw, Curve::X25519), "X25519"),
    ] {
        let subject = subject.unwrap();
        let comparison = quick(&BOTH).with_plaintext_lens(&[0, 1000, 2000]);
        let report = comparison.run(std::slice::from_ref(&subject), |_| ()).unwrap();
        assert_eq!(report.groups.len(), 8);
        for group in &report.groups {
            check(group);
            assert_eq!((group.key.as_str(), group.curve), (label, subject.curve()));
            assert!(group.entries[0].outcome.is_ok());
        }
    }
}

#[test]
fn whether_tokens_were_checked_is_told() {
    let subject = rsa();
    let alone = quick(&[&RING]).run(std::slice::from_ref(&subject), |_| ()).unwrap();
    assert!(alone.notes[0].contains("no backend here decrypts such tokens"), "{:?}", alone.notes);
    let checked = quick(&[&RING]).with_checkers(&[&AWS_LC_RS]).run(&[subject], |_| ()).unwrap();
    assert_eq!(checked.notes, [""; 0]);
    // The checker is not measured.
    assert_eq!((checked.backends.len(), checked.groups[0].entries.len()), (1, 1));
    assert!(checked.groups[3].base.is_none() && checked.groups[3].rounds == 0);
}

#[test]
fn a_key_that_no_backend_takes_is_an_error() {
    let subject = Subject::generate_ec(&BOTH, Alg::EcdhEs, Curve::P521).unwrap();
    let refused = quick(&[&RING]).run(&[subject], |_| ()).unwrap_err();
    let gap = RING.encryption_key_import(Alg::EcdhEs, Some(Curve::P521)).err().unwrap();
    assert_eq!(refused, BenchError::Import(ImportError::Gap(gap)));
}

#[test]
fn an_enc_that_a_backend_lacks_is_a_gap() {
    let comparison =
        Comparison::new(&BOTH, Enc::A192Gcm).with_plaintext_lens(&[16]).with_time(Duration::ZERO);
    let subject = Subject::generate_oct(&BOTH, Alg::A256Kw, Enc::A192Gcm).unwrap();
    let report = comparison.run(&[subject], |_| ()).unwrap();
    report.groups.iter().for_each(check);
    let ring: Vec<bool> = report.groups.iter().map(|g| g.entries[1].outcome.is_ok()).collect();
    assert_eq!(ring, [true, true, false, false]);
    let gap = RING.content_encryption(Enc::A192Gcm, Direction::Encrypt).err().unwrap();
    assert_eq!(gap.algorithm(), Algorithm::Enc(Enc::A192Gcm));
    assert_eq!(report.groups[2].entries[1].outcome.as_ref().err(), Some(&gap.to_string()));
}

#[test]
fn what_can_t_be_compared() {
    let subject = rsa();
    let run = |backends: &[&'static Backend], subjects: &[Subject]| {
        quick(backends).run(subjects, |_| ()).unwrap_err()
    };
    let one = std::slice::from_ref(&subject);
    assert_eq!(run(&[], one), BenchError::NoBackend);
    assert_eq!(run(&[&RING, &AWS_LC_RS, &RING], one), BenchError::SameName("ring".to_owned()));
    assert_eq!(run(&BOTH, &[]).code(), "bench_subjects");
    let other = Subject::generate_rsa(&BOTH, Alg::RsaOaep, 2048).unwrap();
    assert_eq!(run(&BOTH, &[subject, other]).code(), "bench_subjects");
}

/// AES-GCM of aws-lc-rs, with which something is wrong.
struct Spoilt {
    /// `seal` changes the ciphertext after it was authenticated.
    seals_wrong: bool,
}

impl ContentEncryption for Spoilt {
    fn enc(&self) -> Enc {
        Enc::A256Gcm
    }

    fn implementation(&self) -> &'static str {
        "spoilt"
    }

    fn seal(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        plaintext_len: usize,
        tag: &mut [u8],
    ) -> Result<(), BackendError> {
        let good = AWS_LC_RS.content_encryption(Enc::A256Gcm, Direction::Encrypt).unwrap();
        good.seal(cek, iv, aad, buf, plaintext_len, tag)?;
        if self.seals_wrong {
            buf[0] ^= 1;
        }
        Ok(())
    }

    fn open(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError> {
        let good = AWS_LC_RS.content_encryption(Enc::A256Gcm, Direction::Decrypt).unwrap();
        let len = good.open(cek, iv, aad, buf, tag)?;
        buf[0] ^= u8::from(!self.seals_wrong);
        Ok(len)
    }
}

struct Random;

impl jwe_core::RandomSource for Random {
    fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
        AWS_LC_RS.random().fill(dest)
    }
}

static SENDER: [&dyn EncryptionKeyImport; 1] = [&DIRECT];
static RECIPIENT: [&dyn DecryptionKeyImport; 1] = [&DIRECT];

const fn spoilt(content: &'static [&'static dyn ContentEncryption]) -> Backend {
    fn sha256(data: &[u8]) -> [u8; 32] {
        AWS_LC_RS.sha256(data)
    }
    Backend::new("spoilt", &Random, sha256)
        .with_encryption_keys(&SENDER)
        .with_decryption_keys(&RECIPIENT)
        .with_content_encryption(content)
}

static SEALS_WRONG: Backend = spoilt(&[&Spoilt { seals_wrong: true }]);
static OPENS_WRONG: Backend = spoilt(&[&Spoilt { seals_wrong: false }]);

#[test]
fn a_wrong_backend_is_not_measured() {
    let subject = Subject::generate_oct(&BOTH, Alg::Dir, Enc::A256Gcm).unwrap();
    let run = |backends: &[&'static Backend]| {
        let mut steps = 0;
        let result = quick(backends).run(std::slice::from_ref(&subject), |_| steps += 1);
        assert_eq!(steps, 0, "something was measured");
        result.unwrap_err()
    };
    // In whatever place it stands.
    for backends in [[&AWS_LC_RS, &OPENS_WRONG], [&OPENS_WRONG, &AWS_LC_RS]] {
        assert_eq!(run(&backends), BenchError::WrongPlaintext("spoilt".to_owned()));
    }
    assert_eq!(run(&[&SEALS_WRONG]).code(), "decryption_failed");
    assert_eq!(run(&[&RING, &SEALS_WRONG]).code(), "decryption_failed");
}
