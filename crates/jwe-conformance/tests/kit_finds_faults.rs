//! The kit can fail: a good backend passes all of it, and the same backend with one fault is
//! found out by the topic that is there for it, with a message that says what is wrong.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test, and the faults of backends that it makes up"
)]

mod spoilt;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;

use jwe_conformance::{Alg, Backend, Curve, Enc, Expected, topics};
use jwe_core::aes_key_wrap::AesKw;
use jwe_core::gcm_key_wrap::GcmKw;
use jwe_core::pbes2::Pbes2;
use jwe_core::{DIRECT, EcdhEsRecipient, EcdhEsSender};
use spoilt::agreement::{self, Fault as A};
use spoilt::content::{self, Fault as C};
use spoilt::keys::{self, Fault as K};
use spoilt::passwords;
use spoilt::sources::{self, CurveGeneration, Generation, Random};
use spoilt::wrapping::{self, Fault as W, ImportFault as I};

/// The topic panics on the backend, with a message that has `says` in it.
#[track_caller]
fn finds(backend: &Backend, topic: fn(&Backend), says: &str) {
    let panic = catch_unwind(AssertUnwindSafe(|| topic(backend)))
        .expect_err("the kit must find the fault, and the topic passed");
    let message = panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_default();
    assert!(message.contains(says), "the kit says {message:?}, which has no {says:?}");
    assert!(message.contains("spoilt"), "the kit says {message:?}, which names no backend");
}

const NOT_ZEROED: &str = "the buffer was not set to zero";

/// A backend with one content encryption object, spoilt, and `dir`.
macro_rules! content {
    ($enc:ident, $fault:expr) => {{
        static OBJECT: content::Spoilt = content::Spoilt(Enc::$enc, $fault);
        static BACKEND: Backend = spoilt::empty()
            .with_encryption_keys(&[&DIRECT])
            .with_decryption_keys(&[&DIRECT])
            .with_content_encryption(&[&OBJECT]);
        &BACKEND
    }};
}

/// A backend with good AES-GCM and RSA-OAEP-256 in both directions, spoilt.
macro_rules! rsa {
    ($fault:expr) => {{
        static OBJECT: keys::Spoilt = keys::Spoilt(Alg::RsaOaep256, $fault);
        static CONTENT: content::Spoilt = content::Spoilt(Enc::A256Gcm, C::None);
        static BACKEND: Backend = spoilt::empty()
            .with_encryption_keys(&[&OBJECT])
            .with_decryption_keys(&[&OBJECT])
            .with_content_encryption(&[&CONTENT]);
        &BACKEND
    }};
}

/// A backend with good AES-GCM and one of the algorithms A*KW in both directions, over a spoilt
/// primitive.
macro_rules! wrapping {
    ($alg:ident, $fault:expr) => {{
        static OBJECT: AesKw = AesKw::new(Alg::$alg, &wrapping::Spoilt($fault), "spoilt");
        spoilt_key_wrap!(OBJECT)
    }};
}

/// The same for `A128KW` with a spoilt import object.
macro_rules! wrapping_import {
    ($fault:expr) => {{
        static OBJECT: wrapping::Import = wrapping::Import($fault);
        spoilt_key_wrap!(OBJECT)
    }};
}

/// The same for A*GCMKW over a spoilt content encryption.
macro_rules! gcm_wrapping {
    ($alg:ident, $enc:ident, $fault:expr) => {{
        static GCM: content::Spoilt = content::Spoilt(Enc::$enc, $fault);
        static OBJECT: GcmKw = GcmKw::new(Alg::$alg, &GCM);
        spoilt_key_wrap!(OBJECT)
    }};
}

/// The same for PBES2 over a spoilt PBKDF2.
macro_rules! password {
    ($alg:ident, $pbkdf2:expr) => {{
        static OBJECT: Pbes2 = Pbes2::new(Alg::$alg, $pbkdf2, &wrapping::Spoilt(W::None), "spoilt");
        spoilt_key_wrap!(OBJECT)
    }};
}

macro_rules! spoilt_key_wrap {
    ($object:ident) => {{
        static CONTENT: content::Spoilt = content::Spoilt(Enc::A256Gcm, C::None);
        static BACKEND: Backend = spoilt::empty()
            .with_encryption_keys(&[&$object])
            .with_decryption_keys(&[&$object])
            .with_content_encryption(&[&CONTENT]);
        &BACKEND
    }};
}

/// A backend with good contents and ECDH-ES in both directions, or one that wraps, on P-256 and
/// X25519: with a spoilt key agreement, or with a spoilt key derivation.
macro_rules! agreement {
    ($fault:expr) => {
        agreement!($fault, agreement::kdf)
    };
    ($fault:expr, $kdf:expr) => {
        agreement!(EcdhEs, None, $fault, $kdf)
    };
    ($alg:ident, $wrap:expr, $fault:expr, $kdf:expr) => {{
        static GCM: content::Spoilt = content::Spoilt(Enc::A256Gcm, C::None);
        static CBC: content::Spoilt = content::Spoilt(Enc::A256CbcHs512, C::None);
        static SENDER: EcdhEsSender =
            EcdhEsSender::new(Alg::$alg, &agreement::Ephemeral($fault), $kdf, $wrap, "spoilt");
        static RECIPIENT: EcdhEsRecipient =
            EcdhEsRecipient::new(Alg::$alg, &agreement::Static($fault), $kdf, $wrap, "spoilt");
        static BACKEND: Backend = spoilt::empty()
            .with_encryption_keys(&[&SENDER])
            .with_decryption_keys(&[&RECIPIENT])
            .with_content_encryption(&[&GCM, &CBC]);
        &BACKEND
    }};
}

#[test]
fn every_sort_of_key_management_without_fault_passes() {
    static CONTENT: content::Spoilt = content::Spoilt(Enc::A256Gcm, C::None);
    static WRAP: wrapping::Spoilt = wrapping::Spoilt(W::None);
    static KW: AesKw = AesKw::new(Alg::A192Kw, &WRAP, "spoilt");
    static GCM_KW: GcmKw = GcmKw::new(Alg::A256GcmKw, &CONTENT);
    static PBES2: Pbes2 = Pbes2::new(Alg::Pbes2Hs384A192Kw, passwords::pbkdf2, &WRAP, "spoilt");
    static SENDERS: [EcdhEsSender; 2] = [
        EcdhEsSender::new(
            Alg::EcdhEs,
            &agreement::Ephemeral(A::None),
            agreement::kdf,
            None,
            "spoilt",
        ),
        EcdhEsSender::new(
            Alg::EcdhEsA256Kw,
            &agreement::Ephemeral(A::None),
            agreement::kdf,
            Some(&WRAP),
            "spoilt",
        ),
    ];
    static RECIPIENTS: [EcdhEsRecipient; 2] = [
        EcdhEsRecipient::new(
            Alg::EcdhEs,
            &agreement::Static(A::None),
            agreement::kdf,
            None,
            "spoilt",
        ),
        EcdhEsRecipient::new(
            Alg::EcdhEsA256Kw,
            &agreement::Static(A::None),
            agreement::kdf,
            Some(&WRAP),
            "spoilt",
        ),
    ];
    static GENERATION: CurveGeneration = CurveGeneration::Good;
    static BACKEND: Backend = spoilt::empty()
        .with_encryption_keys(&[&KW, &GCM_KW, &PBES2, &SENDERS[0], &SENDERS[1]])
        .with_decryption_keys(&[&KW, &GCM_KW, &PBES2, &RECIPIENTS[0], &RECIPIENTS[1]])
        .with_content_encryption(&[&CONTENT])
        .with_ec_key_generation(&[&GENERATION]);
    let algs = [Alg::A192Kw, Alg::A256GcmKw, Alg::Pbes2Hs384A192Kw, Alg::EcdhEs, Alg::EcdhEsA256Kw];
    let expected = Expected {
        sends: &algs,
        sends_on: &[Curve::P256, Curve::X25519],
        receives: &algs,
        receives_on: &[Curve::P256, Curve::X25519],
        content: &[Enc::A256Gcm],
        generates_rsa: &[],
        generates_ec: &[Curve::P256],
    };
    jwe_conformance::run(&BACKEND, &expected);
}

/// A library that makes its ephemeral keys itself takes none; where it has no static keys on the
/// curve either, nothing more can be asked of it.
#[test]
fn a_sender_that_takes_no_ephemeral_key_passes() {
    static CONTENT: content::Spoilt = content::Spoilt(Enc::A256Gcm, C::None);
    static SENDER: EcdhEsSender = EcdhEsSender::new(
        Alg::EcdhEs,
        &agreement::Ephemeral(A::RefusesGiven),
        agreement::kdf,
        None,
        "spoilt",
    );
    static BACKEND: Backend =
        spoilt::empty().with_encryption_keys(&[&SENDER]).with_content_encryption(&[&CONTENT]);
    let expected = Expected {
        sends: &[Alg::EcdhEs],
        sends_on: &[Curve::P256, Curve::X25519],
        content: &[Enc::A256Gcm],
        ..Expected::default()
    };
    jwe_conformance::run(&BACKEND, &expected);
}

#[test]
fn a_backend_without_fault_passes() {
    static RSA: keys::Spoilt = keys::Spoilt(Alg::RsaOaep256, K::None);
    static GCM: content::Spoilt = content::Spoilt(Enc::A256Gcm, C::None);
    static CBC: content::Spoilt = content::Spoilt(Enc::A128CbcHs256, C::None);
    static BACKEND: Backend = spoilt::empty()
        .with_encryption_keys(&[&RSA, &DIRECT])
        .with_decryption_keys(&[&RSA, &DIRECT])
        .with_content_encryption(&[&CBC, &GCM]);
    let expected = Expected {
        sends: &[Alg::RsaOaep256, Alg::Dir],
        receives: &[Alg::Dir, Alg::RsaOaep256],
        content: &[Enc::A256Gcm, Enc::A128CbcHs256],
        ..Expected::default()
    };
    jwe_conformance::run(&BACKEND, &expected);
}

#[test]
fn a_composed_backend_without_fault_passes() {
    static RSA: keys::Spoilt = keys::Spoilt(Alg::RsaOaep512, K::None);
    static GCM: content::Spoilt = content::Spoilt(Enc::A128Gcm, C::None);
    static CBC: content::Spoilt = content::Spoilt(Enc::A192CbcHs384, C::None);
    static FIRST: Backend =
        spoilt::empty().with_encryption_keys(&[&RSA, &DIRECT]).with_content_encryption(&[&GCM]);
    static SECOND: Backend =
        spoilt::empty().with_decryption_keys(&[&RSA, &DIRECT]).with_content_encryption(&[&CBC]);
    static COMPOSED: Backend = FIRST.or(&SECOND);
    let expected = Expected {
        sends: &[Alg::RsaOaep512, Alg::Dir],
        receives: &[Alg::RsaOaep512, Alg::Dir],
        content: &[Enc::A128Gcm, Enc::A192CbcHs384],
        ..Expected::default()
    };
    jwe_conformance::run(&COMPOSED, &expected);
}

#[test]
fn a_backend_that_handles_no_lengths_beside_those_of_an_enc_passes() {
    static RSA: keys::Spoilt = keys::Spoilt(Alg::RsaOaep256, K::UsualCeksOnly);
    static GCM: content::Spoilt = content::Spoilt(Enc::A256Gcm, C::None);
    static BACKEND: Backend = spoilt::empty()
        .with_encryption_keys(&[&RSA, &keys::UsualLengths])
        .with_decryption_keys(&[&RSA, &keys::UsualLengths])
        .with_content_encryption(&[&GCM]);
    let expected = Expected {
        sends: &[Alg::RsaOaep256, Alg::Dir],
        receives: &[Alg::RsaOaep256, Alg::Dir],
        content: &[Enc::A256Gcm],
        ..Expected::default()
    };
    jwe_conformance::run(&BACKEND, &expected);
}

/// A topic that finds no fault here could be one that checks nothing.
#[test]
fn every_topic_finds_a_fault_in_this_file() {
    for topic in topics::ALL {
        assert!(FOUND_BY.contains(&topic.name), "{}", topic.name);
    }
}

#[test]
fn lost_and_gained_algorithms() {
    let backend = content!(A256Gcm, C::None);
    let right = Expected {
        sends: &[Alg::Dir],
        receives: &[Alg::Dir],
        content: &[Enc::A256Gcm],
        ..Expected::default()
    };
    topics::capabilities(backend, &right);
    let pinned = |expected: Expected<'static>, says: &str| {
        let panic = catch_unwind(AssertUnwindSafe(|| topics::capabilities(backend, &expected)))
            .expect_err("another list than the pinned one");
        let message = panic.downcast_ref::<String>().expect("a message");
        assert!(message.contains(says), "{message:?} has no {says:?}");
    };
    pinned(Expected { sends: &[Alg::Dir, Alg::RsaOaep], ..right }, "lost [RSA-OAEP], gained []");
    pinned(Expected { receives: &[], ..right }, "lost [], gained [dir]");
    pinned(Expected { content: &[Enc::A128Gcm, Enc::A256Gcm], ..right }, "lost [A128Gcm]");
    pinned(Expected { content: &[], ..right }, "gained [A256Gcm]");
    pinned(Expected { generates_rsa: &[2048], ..right }, "RSA key lengths");
    pinned(Expected { generates_ec: &[Curve::P256], ..right }, "lost [P256], gained []");
    let ecdh = Expected { sends: &[Alg::Dir, Alg::EcdhEs], ..right };
    // An algorithm on no curve is no algorithm.
    topics::capabilities(backend, &ecdh);
    pinned(Expected { sends_on: &[Curve::P521], ..ecdh }, "lost [ECDH-ES P-521], gained []");
}

#[test]
fn lost_and_gained_curves() {
    let backend = agreement!(A::None);
    let right = Expected {
        sends: &[Alg::EcdhEs],
        sends_on: &[Curve::P256, Curve::X25519],
        receives: &[Alg::EcdhEs],
        receives_on: &[Curve::X25519, Curve::P256],
        content: &[Enc::A256Gcm, Enc::A256CbcHs512],
        ..Expected::default()
    };
    topics::capabilities(backend, &right);
    let pinned = |expected: Expected<'static>, says: &str| {
        let panic = catch_unwind(AssertUnwindSafe(|| topics::capabilities(backend, &expected)))
            .expect_err("another list than the pinned one");
        let message = panic.downcast_ref::<String>().expect("a message");
        assert!(message.contains(says), "{message:?} has no {says:?}");
    };
    pinned(Expected { sends_on: &[Curve::P256], ..right }, "lost [], gained [ECDH-ES X25519]");
    pinned(Expected { receives_on: Curve::ALL, ..right }, "lost [ECDH-ES P-384, ECDH-ES P-521]");
}

/// An algorithm without curves that lists one.
#[test]
fn a_curve_where_there_is_none() {
    let backend = wrapping_import!(I::Curve);
    let expected = Expected {
        sends: &[Alg::A128Kw],
        receives: &[Alg::A128Kw],
        content: &[Enc::A256Gcm],
        ..Expected::default()
    };
    let panic = catch_unwind(AssertUnwindSafe(|| topics::capabilities(backend, &expected)))
        .expect_err("the kit must find the fault");
    let message = panic.downcast_ref::<String>().expect("a message");
    assert!(message.contains("the algorithm has no curves"), "{message:?}");
}

/// A backend with one random source, spoilt, and nothing else.
macro_rules! random {
    ($random:expr) => {{
        static RANDOM: Random = $random;
        static BACKEND: Backend = Backend::new("spoilt", &RANDOM, sources::sha256);
        &BACKEND
    }};
}

/// A backend with RSA key generation, spoilt, and nothing else.
macro_rules! generation {
    ($generation:expr) => {{
        static GENERATION: Generation = $generation;
        static BACKEND: Backend = spoilt::empty().with_rsa_key_generation(&GENERATION);
        &BACKEND
    }};
}

/// A backend with key generation on P-256, spoilt, and nothing else.
macro_rules! curve_generation {
    ($generation:expr) => {{
        static GENERATION: CurveGeneration = $generation;
        static BACKEND: Backend = spoilt::empty().with_ec_key_generation(&[&GENERATION]);
        &BACKEND
    }};
}

static ANY_COUNT: Backend = spoilt::empty()
    .with_encryption_keys(&[&passwords::AnyCount])
    .with_decryption_keys(&[&passwords::AnyCount]);

static WITHOUT_ADVICE: Backend = Backend::new("spoilt", &sources::GOOD, sources::sha256);
static WRONG_HASH: Backend =
    Backend::new("spoilt", &sources::GOOD, sources::sha256_of_short_messages);
static ANY_LENGTH: Backend = spoilt::empty().with_encryption_keys(&[&keys::AnyLength]);

/// Makes one test of each group of faults, and the list of the topics that find them. A line is
/// the spoilt backend, the topic, and what the message says.
macro_rules! faults {
    ($($test:ident { $($backend:expr => $topic:ident, $says:expr;)+ })+) => {
        $(
            #[test]
            fn $test() {
                $(finds($backend, topics::$topic, $says);)+
            }
        )+

        const FOUND_BY: &[&str] = &[$($(stringify!($topic)),+),+];
    };
}

faults! {
    a_gap_without_advice {
        &WITHOUT_ADVICE => gaps, "no advice";
    }

    tags_that_are_not_compared_as_a_whole {
        content!(A256Gcm, C::TruncatedTag(8))
            => content_lengths, "the true tag cut or lengthened to 8 bytes: accepted";
        content!(A256Gcm, C::TruncatedTag(0))
            => content_lengths, "the true tag cut or lengthened to 0 bytes: accepted";
        content!(A128Gcm, C::TruncatedTag(1)) => content_forgeries, "a tag of 1 bytes";
        content!(A192Gcm, C::LooseTag(15)) => content_changes, "byte 15 of the tag: accepted";
        content!(A256Gcm, C::NoTag) => content_changes, "accepted";
        content!(A256Gcm, C::NoTag) => content_forgeries, "accepted";
        content!(A256Gcm, C::NoTag) => engine_one_error, "accepted";
        content!(A256Gcm, C::NoTag) => engine_output_buffer, "accepted";
        content!(A256Gcm, C::NoTag) => arbitrary_bytes, "accepted";
    }

    an_empty_message_under_a_tag_of_zeros {
        content!(A256Gcm, C::AcceptsEmpty) => content_forgeries, "0 bytes 00 under a tag";
    }

    a_buffer_that_is_not_zeroed {
        content!(A256Gcm, C::KeepsCiphertext) => content_lengths, NOT_ZEROED;
        content!(A256Gcm, C::KeepsCiphertext) => content_changes, NOT_ZEROED;
        content!(A256Gcm, C::KeepsCiphertext) => content_forgeries, NOT_ZEROED;
        content!(A256CbcHs512, C::KeepsCiphertext) => content_lengths, NOT_ZEROED;
        content!(A256CbcHs512, C::KeepsCiphertext) => content_changes, NOT_ZEROED;
        content!(A256CbcHs512, C::KeepsCiphertext) => content_forgeries, NOT_ZEROED;
        content!(A192CbcHs384, C::KeepsCiphertext) => cbc_padding, NOT_ZEROED;
        content!(A128Gcm, C::ReleasesPlaintext) => content_changes, NOT_ZEROED;
        content!(A128Gcm, C::ReleasesPlaintext) => arbitrary_bytes, NOT_ZEROED;
    }

    lengths_that_are_cut {
        content!(A256Gcm, C::CutsIv) => content_lengths, "an IV of 13 bytes: accepted";
        content!(A128CbcHs256, C::CutsCek) => content_lengths, "a CEK of 33 bytes: accepted";
        content!(A256Gcm, C::SealsAnyLength) => content_lengths, "in a buffer of";
        content!(A256Gcm, C::SealsAnyLength)
            => arbitrary_bytes, "seal accepts or refuses wrong lengths";
        content!(A128Gcm, C::ChecksSum)
            => content_lengths, "seal with a CEK of 0, an IV of 12 and a tag of 32 bytes";
        content!(A128CbcHs256, C::SealsWithoutPadding)
            => content_lengths, "seal of 16 bytes in a buffer of 16: accepted";
    }

    borders_that_can_be_moved {
        content!(A128CbcHs256, C::NoLength)
            => content_forgeries, "as associated data: accepted";
        content!(A128CbcHs256, C::NoLength) => content_round_trips, "the tag differs";
    }

    inputs_that_are_not_used {
        content!(A256Gcm, C::NoAad) => content_known_answers, "the tag differs";
        content!(A256Gcm, C::NoAad) => content_changes, "associated data: accepted";
        // The most that a length of two bytes counts in bits.
        content!(A128CbcHs256, C::CutsAad(8191))
            => content_round_trips, "8192 bytes of associated data: the tag differs";
        content!(A256Gcm, C::CutsAad(1000))
            => content_round_trips, "8191 bytes of associated data: the tag differs";
        content!(A128Gcm, C::CutsAad(65_536))
            => content_round_trips, "70000 bytes of associated data: the tag differs";
        content!(A192Gcm, C::IgnoresCekByte(23)) => content_changes, "byte 23 of the CEK: accepted";
        content!(A128Gcm, C::IgnoresCekBit(7)) => content_changes, "byte 7 of the CEK: accepted";
        content!(A256CbcHs512, C::IgnoresCekByte(63))
            => content_changes, "does not use all of its key";
    }

    wrong_padding {
        content!(A128CbcHs256, C::AcceptsPadding) => cbc_padding, "under a right tag: accepted";
        content!(A128CbcHs256, C::AcceptsPadding) => engine_oracles, "padding oracle";
        content!(A128CbcHs256, C::PanicsOnLength) => content_lengths, "the backend panicked";
        content!(A256CbcHs512, C::ReturnsPaddedLength)
            => content_round_trips, "the plaintext differs";
        content!(A128CbcHs256, C::LongPadding)
            => cbc_padding, "2 blocks of bytes 11 under a right tag: accepted";
    }

    long_messages_and_unusual_lengths {
        content!(A256CbcHs512, C::SmallMessagesOnly) => content_round_trips, "65536 bytes";
        content!(A256Gcm, C::SmallMessagesOnly) => content_round_trips, "65536 bytes";
        content!(A256Gcm, C::ClearBeyond(1024))
            => content_round_trips, "4095 bytes with 40 bytes of associated data: the ciphertext";
        content!(A192Gcm, C::ClearBeyond(65_535))
            => content_round_trips, "65536 bytes with 40 bytes of associated data: the ciphertext";
        content!(A256Gcm, C::WrongTail(5))
            => content_round_trips, "5 bytes with 40 bytes of associated data";
    }

    state_that_threads_share {
        content!(A256Gcm, C::SharedBuffer) => threads, "8 threads";
        rsa!(K::FailureSticks) => threads, "unwrapping in 8 threads: refused";
    }

    wrong_key_encryption {
        rsa!(K::OtherHash(Alg::RsaOaep)) => key_encryption, "the label's hash";
        rsa!(K::OtherHash(Alg::RsaOaep))
            => key_decryption, "refused, and it is as long as a CEK";
        rsa!(K::OtherHash(Alg::RsaOaep)) => published_tokens, "refused";
        rsa!(K::OtherHash(Alg::RsaOaep)) => engine_round_trips, "the encrypted key is wrong";
        rsa!(K::SameTwice) => key_encryption, "the same encrypted key twice";
        rsa!(K::TwoSeeds) => key_encryption, "the same seed of RSAES-OAEP as before";
        rsa!(K::ShortCeksOnly) => key_encryption, "a CEK of 64 bytes to the key 2048: refused";
        rsa!(K::CutsOutput) => key_encryption, "a buffer of 0 bytes";
        rsa!(K::SaysLength(255)) => key_encryption, "as long as the modulus";
    }

    direct_keys_of_any_length {
        &ANY_LENGTH => direct_keys, "for a CEK of 0: wrongly accepted";
    }

    keys_that_are_not_imported {
        rsa!(K::Max4096) => key_import, "throw-away-8192: refused";
        rsa!(K::WholeWords) => key_import, "throw-away-2049: refused";
    }

    keys_that_should_not_be_imported {
        rsa!(K::TakesInconsistent) => key_import, "bit of n changed: accepted";
        rsa!(K::TakesInconsistent) => engine_key_import, "bit of n changed: accepted";
        rsa!(K::OwnReason) => key_import, "the reason is \"a reason of its own\"";
        rsa!(K::TakesPrivate) => key_import, "to encrypt: accepted";
    }

    encrypted_keys_that_should_be_refused {
        rsa!(K::TakesShort) => refused_encrypted_keys, "without its leading 00: accepted";
        rsa!(K::TakesLong) => refused_encrypted_keys, "with one more leading 00: accepted";
        rsa!(K::Reduces) => refused_encrypted_keys, "n: accepted";
        rsa!(K::PanicsOnShort) => refused_encrypted_keys, "the backend panicked";
        rsa!(K::FailureSticks) => refused_encrypted_keys, "not read, or not rightly";
        rsa!(K::ZeroCek) => refused_encrypted_keys, "accepted";
        rsa!(K::LeavesOutput)
            => refused_encrypted_keys, "something was written to the output";
        rsa!(K::ZeroCek) => engine_one_error, "content under a CEK of zeros: accepted";
    }

    lengths_that_are_not_true {
        rsa!(K::Says32) => key_decryption, "the length returned is 32";
        rsa!(K::Says32) => engine_one_error, "a wrapped CEK of 33 bytes: accepted";
        rsa!(K::SaysAtLeast32) => key_decryption, "the length returned is 32";
        rsa!(K::SaysAtLeast32) => engine_one_error, "padded with zeros: accepted";
        rsa!(K::SaysAll) => key_decryption, "the length returned is 1024";
    }

    wrapped_keys_that_are_not_checked {
        wrapping!(A128Kw, W::LooseCheck(0)) => key_wrapping, "one bit of byte 0 of a wrapped CEK";
        wrapping!(A192Kw, W::LooseCheck(7)) => key_wrapping, "one bit changed in the last byte";
        wrapping!(A256Kw, W::LooseCheck(1)) => key_wrapping, "another initial value: one bit changed";
        wrapping!(A256Kw, W::LooseCheck(0)) => arbitrary_bytes, "accepted";
        wrapping!(A128Kw, W::LooseCheck(0)) => refused_encrypted_keys, "accepted";
        wrapping!(A128Kw, W::KeepsOutput) => key_wrapping, "something was written to the output";
        wrapping!(A128Kw, W::KeepsOutput)
            => refused_encrypted_keys, "something was written to the output";
        wrapping!(A128Kw, W::ClearBeyond32)
            => key_wrapping, "a CEK of 48 bytes: the encrypted key differs";
        wrapping!(A256Kw, W::Pads) => key_wrapping, "a CEK of 1 bytes, which no enc has: accepted";
        wrapping_import!(I::CutsKey) => key_wrapping, "import of a key of 17 bytes to encrypt";
        wrapping_import!(I::CutsWrapped) => key_wrapping, "cut or lengthened to 25: accepted";
        wrapping_import!(I::CutsWrapped) => refused_encrypted_keys, "accepted";
        wrapping_import!(I::PanicsOnShort) => refused_encrypted_keys, "the backend panicked";
        wrapping_import!(I::PanicsOnShort) => key_wrapping, "the backend panicked";
        wrapping_import!(I::SaysAll) => key_wrapping, "the key differs: 1024 bytes for 16";
    }

    wrong_gcm_key_wrapping {
        gcm_wrapping!(A256GcmKw, A256Gcm, C::LooseTag(12))
            => gcm_key_wrapping, "byte 12 of the tag: accepted";
        gcm_wrapping!(A128GcmKw, A128Gcm, C::LooseTag(15))
            => gcm_key_wrapping, "byte 15 of the tag: accepted";
        gcm_wrapping!(A256GcmKw, A256Gcm, C::LooseTag(12))
            => engine_one_error, "byte 12 of the tag of the encrypted key: accepted";
        gcm_wrapping!(A192GcmKw, A192Gcm, C::NoTag) => gcm_key_wrapping, "accepted";
        gcm_wrapping!(A256GcmKw, A256Gcm, C::NoTag) => arbitrary_bytes, "accepted";
        gcm_wrapping!(A256GcmKw, A256Gcm, C::NoIv) => gcm_key_wrapping, "the encrypted key differs";
        gcm_wrapping!(A256GcmKw, A256Gcm, C::KeepsCiphertext)
            => gcm_key_wrapping, "something was written to the output";
        gcm_wrapping!(A256GcmKw, A256Gcm, C::ClearBeyond(32))
            => gcm_key_wrapping, "a CEK of 48 bytes: the encrypted key differs";
        content!(A256Gcm, C::NoIv) => content_changes, "byte 0 of the IV: accepted";
    }

    points_that_should_be_refused {
        agreement!(A::TakesAnyPoint) => hostile_ephemeral_keys, "off the curve: (x, y + 1): accepted";
        agreement!(A::TakesAnyPoint) => arbitrary_bytes, "accepted";
        agreement!(A::ZeroSecret) => hostile_ephemeral_keys, "accepted";
        agreement!(A::ZeroSecret) => engine_one_error, "for a secret of zeros: accepted";
        agreement!(EcdhEsA128Kw, Some(&wrapping::Spoilt(W::None)), A::ZeroSecret, agreement::kdf)
            => engine_one_error, "for a secret of zeros: accepted";
        agreement!(A::ZeroX) => hostile_ephemeral_keys, "x = 0 and the private key 1: accepted";
        agreement!(A::KeepsOutput)
            => hostile_ephemeral_keys, "refused, but the output was not set to zero";
        agreement!(A::TakesHybrid) => hostile_ephemeral_keys, "with 06 first, given to the key";
        agreement!(A::Panics) => hostile_ephemeral_keys, "the backend panicked";
        agreement!(A::UnusedBit)
            => hostile_ephemeral_keys, "an epk with the unused bit set: refused";
        agreement!(A::TakesAnyRecipient)
            => curve_key_import, "a recipient's key that is off the curve: (x, y + 1): accepted";
    }

    private_keys_that_should_be_refused {
        agreement!(A::Reduces) => curve_key_import, "d = n + 1";
        agreement!(A::BelievesPublicHalf)
            => curve_key_import, "the public half of another key: accepted";
        agreement!(A::BelievesPublicHalf)
            => engine_key_import, "a key with another x to decrypt: accepted";
        agreement!(A::AnyRoom) => key_agreement, "room for a public key of 0 bytes: accepted";
    }

    wrong_curves {
        agreement!(A::ListsMore)
            => curve_key_import, "import of a public key on P-384: it is not as the list";
        agreement!(A::TakesMore)
            => curve_key_import, "import of a public key on P-384: it is not as the list";
    }

    agreed_keys_that_do_not_depend_on_all {
        agreement!(A::None, agreement::kdf_without_apu) => key_agreement, "the CEK differs";
        agreement!(A::None, agreement::kdf_without_apv) => key_agreement, "the CEK differs";
        agreement!(A::None, agreement::kdf_without_apu) => ephemeral_keys, "the CEK differs";
        agreement!(A::None, agreement::kdf_of_short_info)
            => key_agreement, "apu of 400 and apv of 300 bytes: the CEK differs";
        agreement!(A::None, agreement::kdf_without_name) => key_agreement, "the CEK differs";
        agreement!(A::None, agreement::kdf_without_length) => key_agreement, "the CEK differs";
        agreement!(A::None, agreement::kdf_of_one_round)
            => key_agreement, "for A192CBC-HS384, apu of 0 and apv of 0 bytes: the CEK differs: 48 bytes";
        agreement!(A::None, agreement::kdf_without_name) => published_tokens, "refused";
        agreement!(A::StripsZeros)
            => key_agreement, "a secret that begins with a zero byte, the static key";
    }

    wrong_ephemeral_keys {
        agreement!(A::ConstantEpk) => ephemeral_keys, "the same epk twice";
        agreement!(A::TwoEpks) => ephemeral_keys, "message 2 for A256CBC-HS512: the same epk";
        agreement!(A::CutsEpk) => ephemeral_keys, "refused";
        agreement!(A::IgnoresGiven) => key_agreement, "the epk differs";
        agreement!(A::RefusesGiven) => key_agreement, "refused";
    }

    keys_of_passwords {
        password!(Pbes2Hs256A128Kw, passwords::of_1000_rounds) => password_keys, "RFC 7517 C.4";
        password!(Pbes2Hs512A256Kw, passwords::of_1000_rounds)
            => password_keys, "a count of 1001: the encrypted key differs";
        password!(Pbes2Hs512A256Kw, passwords::without_salt)
            => password_keys, "the encrypted key differs";
        password!(Pbes2Hs384A192Kw, passwords::without_name)
            => password_keys, "the encrypted key differs";
        password!(Pbes2Hs384A192Kw, passwords::of_sha256)
            => password_keys, "the encrypted key differs";
        password!(Pbes2Hs256A128Kw, passwords::of_short_passwords)
            => password_keys, "a password of 65 bytes: the encrypted key differs";
        &ANY_COUNT => password_keys, "a salt of 0 bytes: accepted";
    }

    bad_generation_of_key_pairs {
        curve_generation!(CurveGeneration::OneKey(Mutex::new(None)))
            => ec_key_generation, "the same key twice";
        curve_generation!(CurveGeneration::OtherCurve) => ec_key_generation, "key 0";
        curve_generation!(CurveGeneration::Unlisted)
            => ec_key_generation, "which the object does not list: accepted";
        curve_generation!(CurveGeneration::OtherHalf) => ec_key_generation, "the public half";
    }

    bad_sources {
        random!(Random::Constant) => random_source, "drawn twice";
        random!(Random::ShortPeriod(AtomicU64::new(0))) => random_source, "drawn twice";
        random!(Random::LastByte) => random_source, "some bytes are not filled";
        random!(Random::Nothing) => random_source, "zero bytes";
        &WRONG_HASH => sha256, "64 bytes";
    }

    bad_key_generation {
        generation!(Generation::TooShort)
            => rsa_key_generation, "a modulus of another length";
        generation!(Generation::Unlisted) => rsa_key_generation, "not listed: accepted";
        generation!(Generation::OneKey(Mutex::new(None)))
            => rsa_key_generation, "the same key twice";
        generation!(Generation::SharedPrime(AtomicU64::new(0)))
            => rsa_key_generation, "two keys with a common prime";
    }
}
