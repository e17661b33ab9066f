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

use jwe_conformance::{Alg, Backend, Enc, Expected, topics};
use jwe_core::DIRECT;
use spoilt::content::{self, Fault as C};
use spoilt::keys::{self, Fault as K};
use spoilt::sources::{self, Generation, Random};

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
        generates_rsa: &[],
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
        generates_rsa: &[],
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
        generates_rsa: &[],
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
        generates_rsa: &[],
    };
    topics::capabilities(backend, &right);
    let pinned = |expected: Expected<'static>, says: &str| {
        let panic = catch_unwind(AssertUnwindSafe(|| topics::capabilities(backend, &expected)))
            .expect_err("another list than the pinned one");
        let message = panic.downcast_ref::<String>().expect("a message");
        assert!(message.contains(says), "{message:?} has no {says:?}");
    };
    pinned(Expected { sends: &[Alg::Dir, Alg::RsaOaep], ..right }, "lost [RsaOaep], gained []");
    pinned(Expected { receives: &[], ..right }, "lost [], gained [Dir]");
    pinned(Expected { content: &[Enc::A128Gcm, Enc::A256Gcm], ..right }, "lost [A128Gcm]");
    pinned(Expected { content: &[], ..right }, "gained [A256Gcm]");
    pinned(Expected { generates_rsa: &[2048], ..right }, "RSA key lengths");
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
        rsa!(K::ZeroCek) => engine_one_error, "content under a CEK of zeros: accepted";
    }

    lengths_that_are_not_true {
        rsa!(K::Says32) => key_decryption, "the length returned is 32";
        rsa!(K::Says32) => engine_one_error, "a wrapped CEK of 33 bytes: accepted";
        rsa!(K::SaysAtLeast32) => key_decryption, "the length returned is 32";
        rsa!(K::SaysAtLeast32) => engine_one_error, "padded with zeros: accepted";
        rsa!(K::SaysAll) => key_decryption, "the length returned is 1024";
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
