//! The test kit that every backend of `jwe-core` must pass, ours or a stranger's.
//!
//! A backend crate names the kit in its `dev-dependencies` and has one test file:
//!
//! ```
//! # mod jwe_mine {
//! #     use jwe_core::{Backend, BackendError, DIRECT, RandomSource};
//! #     struct OsRandom;
//! #     impl RandomSource for OsRandom { fn fill(&self, _: &mut [u8]) -> Result<(), BackendError> { Err(BackendError) } }
//! #     fn sha256(_: &[u8]) -> [u8; 32] { [0; 32] }
//! #     pub static MINE: Backend = Backend::new("mine", &OsRandom, sha256);
//! # }
//! use jwe_conformance::{Alg, Curve, Enc, Expected};
//!
//! jwe_conformance::suite!(
//!     jwe_mine::MINE,
//!     Expected {
//!         sends: &[Alg::RsaOaep256, Alg::Dir, Alg::EcdhEs],
//!         sends_on: &[Curve::P256, Curve::X25519],
//!         receives: &[Alg::RsaOaep256, Alg::Dir, Alg::EcdhEs],
//!         receives_on: &[Curve::P256],
//!         content: &[Enc::A128CbcHs256, Enc::A256Gcm],
//!         generates_rsa: &[2048, 3072, 4096],
//!         generates_ec: &[Curve::P256],
//!     }
//! );
//! ```
//!
//! [`suite!`] makes one `#[test]` of each topic of [`topics`], so that a failure is named after
//! what is wrong; [`run`] does all of them in one call. A topic is a function that returns when
//! the backend conforms and panics when it does not, with a message that names the backend, the
//! algorithm and the case. What a backend does not list is not asked of it, except that it must
//! say so; what it must list is pinned by [`Expected`].
//!
//! The kit judges through two doors: the traits of `jwe-core`, which anybody may call with any
//! lengths, and the engine ([`jwe_core::Encrypter`], [`jwe_core::Decrypter`]), which is what users
//! call. It compares with the published values in its folder `vectors` and with a slow
//! implementation of its own. Inputs that look random come from a seed that is printed; the
//! variable `JWE_CONFORMANCE_SEED` sets another.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test kit: stopping the test with a message is what it is for"
)]

mod expected;
#[cfg(target_os = "linux")]
pub mod remnants;
mod support;
pub mod topics;

pub use expected::Expected;
pub use jwe_core::{Alg, Backend, Curve, Enc};

/// A named part of the kit.
#[derive(Clone, Copy, Debug)]
pub struct Topic {
    /// The name of the function in [`topics`].
    pub name: &'static str,
    /// Checks the topic; panics when the backend does not conform.
    pub check: fn(&Backend),
    /// The known ways to fail that it attacks, by their number in the table of `SECURITY.md`.
    pub threats: &'static [u8],
}

/// Runs the whole kit: the pinned capabilities and every topic.
///
/// # Panics
/// At the first thing in which the backend does not conform.
pub fn run(backend: &Backend, expected: &Expected<'_>) {
    topics::capabilities(backend, expected);
    for topic in topics::ALL {
        (topic.check)(backend);
    }
}

/// Makes the tests of a backend: one named `capabilities` and one for each topic of
/// [`topics::ALL`](crate::topics::ALL).
///
/// Takes the backend value and the [`Expected`] that pins its lists.
#[macro_export]
macro_rules! suite {
    ($backend:expr, $expected:expr $(,)?) => {
        #[test]
        fn capabilities() {
            $crate::topics::capabilities(&$backend, &$expected);
        }

        $crate::suite!(@topics $backend;
            gaps
            content_known_answers
            content_round_trips
            content_lengths
            content_changes
            content_forgeries
            cbc_padding
            key_import
            key_encryption
            key_decryption
            refused_encrypted_keys
            direct_keys
            key_wrapping
            gcm_key_wrapping
            key_agreement
            ephemeral_keys
            hostile_ephemeral_keys
            curve_key_import
            password_keys
            published_tokens
            random_source
            sha256
            rsa_key_generation
            ec_key_generation
            arbitrary_bytes
            threads
            engine_round_trips
            engine_key_import
            engine_one_error
            engine_output_buffer
            engine_oracles
        );
    };
    (@topics $backend:expr; $($topic:ident)*) => {
        $(
            #[test]
            fn $topic() {
                $crate::topics::$topic(&$backend);
            }
        )*

        #[test]
        fn every_topic_of_the_kit_has_a_test() {
            let listed: Vec<&str> = $crate::topics::ALL.iter().map(|topic| topic.name).collect();
            assert_eq!(listed, [$(stringify!($topic)),*]);
        }
    };
}
