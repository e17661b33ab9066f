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

/// A topic that finds no fault here could be one that checks nothing.
#[test]
fn every_topic_finds_a_fault_in_this_file() {
    let here = include_str!("kit_finds_faults.rs");
    for topic in topics::ALL {
        assert!(here.contains(&format!("topics::{}", topic.name)), "{}", topic.name);
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

#[test]
fn a_gap_without_advice() {
    static BACKEND: Backend = Backend::new("spoilt", &sources::GOOD, sources::sha256);
    finds(&BACKEND, topics::gaps, "no advice");
}

#[test]
fn tags_that_are_not_compared_as_a_whole() {
    let cut = content!(A256Gcm, C::TruncatedTag(8));
    finds(cut, topics::content_lengths, "the true tag cut or lengthened to 8 bytes: accepted");
    let empty = content!(A256Gcm, C::TruncatedTag(0));
    finds(empty, topics::content_lengths, "the true tag cut or lengthened to 0 bytes: accepted");
    let one = content!(A128Gcm, C::TruncatedTag(1));
    finds(one, topics::content_forgeries, "a tag of 1 bytes");
    let loose = content!(A192Gcm, C::LooseTag(15));
    finds(loose, topics::content_changes, "byte 15 of the tag: accepted");
    let none = content!(A256Gcm, C::NoTag);
    finds(none, topics::content_changes, "accepted");
    finds(none, topics::content_forgeries, "accepted");
    finds(none, topics::engine_one_error, "accepted");
    finds(none, topics::engine_output_buffer, "accepted");
    finds(none, topics::arbitrary_bytes, "accepted");
}

#[test]
fn an_empty_message_under_a_tag_of_zeros() {
    finds(content!(A256Gcm, C::AcceptsEmpty), topics::content_forgeries, "0 bytes 00 under a tag");
}

#[test]
fn a_buffer_that_is_not_zeroed() {
    let says = "the buffer was not set to zero";
    for topic in [topics::content_lengths, topics::content_changes, topics::content_forgeries] {
        finds(content!(A256Gcm, C::KeepsCiphertext), topic, says);
        finds(content!(A256CbcHs512, C::KeepsCiphertext), topic, says);
    }
    finds(content!(A192CbcHs384, C::KeepsCiphertext), topics::cbc_padding, says);
    finds(content!(A128Gcm, C::ReleasesPlaintext), topics::content_changes, says);
    finds(content!(A128Gcm, C::ReleasesPlaintext), topics::arbitrary_bytes, says);
}

#[test]
fn lengths_that_are_cut() {
    let iv = content!(A256Gcm, C::CutsIv);
    finds(iv, topics::content_lengths, "an IV of 13 bytes: accepted");
    let cek = content!(A128CbcHs256, C::CutsCek);
    finds(cek, topics::content_lengths, "a CEK of 33 bytes: accepted");
    let any = content!(A256Gcm, C::SealsAnyLength);
    finds(any, topics::content_lengths, "in a buffer of");
    finds(any, topics::arbitrary_bytes, "seal accepts or refuses wrong lengths");
    let sum = content!(A128Gcm, C::ChecksSum);
    finds(sum, topics::content_lengths, "seal with a CEK of 0, an IV of 12 and a tag of 32 bytes");
    let unpadded = content!(A128CbcHs256, C::SealsWithoutPadding);
    finds(unpadded, topics::content_lengths, "seal of 16 bytes in a buffer of 16: accepted");
}

#[test]
fn inputs_that_are_not_used() {
    finds(content!(A256Gcm, C::NoAad), topics::content_known_answers, "the tag differs");
    finds(content!(A256Gcm, C::NoAad), topics::content_changes, "associated data: accepted");
    let short = content!(A128CbcHs256, C::ShortAad);
    finds(short, topics::content_round_trips, "8192 bytes of associated data: the tag differs");
    let cek = content!(A192Gcm, C::IgnoresCekByte(23));
    finds(cek, topics::content_changes, "byte 23 of the CEK: accepted");
    let bit = content!(A128Gcm, C::IgnoresCekBit(7));
    finds(bit, topics::content_changes, "byte 7 of the CEK: accepted");
    let cipher_key = content!(A256CbcHs512, C::IgnoresCekByte(63));
    finds(cipher_key, topics::content_changes, "does not use all of its key");
}

#[test]
fn wrong_padding() {
    let accepts = content!(A128CbcHs256, C::AcceptsPadding);
    finds(accepts, topics::cbc_padding, "under a right tag: accepted");
    finds(accepts, topics::engine_oracles, "padding oracle");
    let panics = content!(A128CbcHs256, C::PanicsOnLength);
    finds(panics, topics::content_lengths, "the backend panicked");
    let padded = content!(A256CbcHs512, C::ReturnsPaddedLength);
    finds(padded, topics::content_round_trips, "the plaintext differs");
    let long = content!(A128CbcHs256, C::LongPadding);
    finds(long, topics::cbc_padding, "2 blocks of bytes 11 under a right tag: accepted");
}

#[test]
fn long_messages_and_unusual_lengths() {
    let small = content!(A256CbcHs512, C::SmallMessagesOnly);
    finds(small, topics::content_round_trips, "65536 bytes");
    let tail = content!(A256Gcm, C::WrongTail(5));
    finds(tail, topics::content_round_trips, "5 bytes with 40 bytes of associated data");
}

#[test]
fn state_that_threads_share() {
    finds(content!(A256Gcm, C::SharedBuffer), topics::threads, "8 threads");
    finds(rsa!(K::FailureSticks), topics::threads, "unwrapping in 8 threads: refused");
}

#[test]
fn wrong_key_encryption() {
    let hash = rsa!(K::OtherHash(Alg::RsaOaep));
    finds(hash, topics::key_encryption, "the label's hash");
    finds(hash, topics::key_decryption, "refused, and it is as long as a CEK");
    finds(hash, topics::published_tokens, "refused");
    finds(hash, topics::engine_round_trips, "the encrypted key is wrong");
    finds(rsa!(K::SameTwice), topics::key_encryption, "the same encrypted key twice");
    let usual = rsa!(K::UsualCeksOnly);
    finds(usual, topics::key_encryption, "a CEK of 0 bytes to the key 2048: refused");
    finds(rsa!(K::CutsOutput), topics::key_encryption, "a buffer of 0 bytes");
    finds(rsa!(K::SaysLength(255)), topics::key_encryption, "as long as the modulus");
}

#[test]
fn direct_keys_of_any_length() {
    static BACKEND: Backend = spoilt::empty().with_encryption_keys(&[&keys::AnyLength]);
    finds(&BACKEND, topics::direct_keys, "for a CEK of 0: wrongly accepted");
}

#[test]
fn keys_that_are_not_imported() {
    finds(rsa!(K::Max4096), topics::key_import, "throw-away-8192: refused");
    finds(rsa!(K::WholeWords), topics::key_import, "throw-away-2049: refused");
}

#[test]
fn keys_that_should_not_be_imported() {
    let inconsistent = rsa!(K::TakesInconsistent);
    finds(inconsistent, topics::key_import, "bit of n changed: accepted");
    finds(inconsistent, topics::engine_key_import, "bit of n changed: accepted");
    finds(rsa!(K::OwnReason), topics::key_import, "the reason is \"a reason of its own\"");
    finds(rsa!(K::TakesPrivate), topics::key_import, "to encrypt: accepted");
}

#[test]
fn encrypted_keys_that_should_be_refused() {
    let topic = topics::refused_encrypted_keys;
    finds(rsa!(K::TakesShort), topic, "without its leading 00: accepted");
    finds(rsa!(K::TakesLong), topic, "with one more leading 00: accepted");
    finds(rsa!(K::Reduces), topic, "n: accepted");
    finds(rsa!(K::PanicsOnShort), topic, "the backend panicked");
    finds(rsa!(K::FailureSticks), topic, "not read, or not rightly");
    let zero = rsa!(K::ZeroCek);
    finds(zero, topic, "accepted");
    finds(zero, topics::engine_one_error, "content under a CEK of zeros: accepted");
}

#[test]
fn lengths_that_are_not_true() {
    finds(rsa!(K::Says32), topics::key_decryption, "the length returned is 32");
    finds(rsa!(K::Says32), topics::engine_one_error, "a wrapped CEK of 33 bytes: accepted");
    let least = rsa!(K::SaysAtLeast32);
    finds(least, topics::key_decryption, "the length returned is 32");
    finds(least, topics::engine_one_error, "padded with zeros: accepted");
    finds(rsa!(K::SaysAll), topics::key_decryption, "the length returned is 1024");
}

#[test]
fn bad_sources() {
    macro_rules! random {
        ($random:expr) => {{
            static RANDOM: Random = $random;
            static BACKEND: Backend = Backend::new("spoilt", &RANDOM, sources::sha256);
            &BACKEND
        }};
    }
    finds(random!(Random::Constant), topics::random_source, "drawn twice");
    let period = random!(Random::ShortPeriod(AtomicU64::new(0)));
    finds(period, topics::random_source, "drawn twice");
    finds(random!(Random::LastByte), topics::random_source, "some bytes are not filled");
    finds(random!(Random::Nothing), topics::random_source, "zero bytes");
    static HASH: Backend =
        Backend::new("spoilt", &sources::GOOD, sources::sha256_of_short_messages);
    finds(&HASH, topics::sha256, "64 bytes");
}

#[test]
fn bad_key_generation() {
    macro_rules! generation {
        ($generation:expr) => {{
            static GENERATION: Generation = $generation;
            static BACKEND: Backend = spoilt::empty().with_rsa_key_generation(&GENERATION);
            &BACKEND
        }};
    }
    let topic = topics::rsa_key_generation;
    finds(generation!(Generation::TooShort), topic, "a modulus of another length");
    finds(generation!(Generation::Unlisted), topic, "not listed: accepted");
    finds(generation!(Generation::OneKey(Mutex::new(None))), topic, "the same key twice");
}
