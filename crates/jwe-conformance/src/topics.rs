//! The topics of the kit: one function each, which returns when the backend conforms.
//!
//! # Panics
//! Every function here panics when the backend does not conform. The message names the backend,
//! the algorithm and the case.

use crate::Topic;

mod arbitrary_bytes;
mod capabilities;
mod cbc_padding;
mod content_changes;
mod content_forgeries;
mod content_known_answers;
mod content_lengths;
mod content_round_trips;
mod curve_key_import;
mod direct_keys;
mod ec_key_generation;
mod engine_key_import;
mod engine_one_error;
mod engine_oracles;
mod engine_output_buffer;
mod engine_round_trips;
mod ephemeral_keys;
mod gaps;
mod gcm_key_wrapping;
mod hostile_ephemeral_keys;
mod key_agreement;
mod key_decryption;
mod key_encryption;
mod key_import;
mod key_wrapping;
mod password_keys;
mod published_tokens;
mod random_source;
mod refused_encrypted_keys;
mod rsa_key_generation;
mod sha256;
mod threads;

pub use arbitrary_bytes::arbitrary_bytes;
pub use capabilities::capabilities;
pub use cbc_padding::cbc_padding;
pub use content_changes::content_changes;
pub use content_forgeries::content_forgeries;
pub use content_known_answers::content_known_answers;
pub use content_lengths::content_lengths;
pub use content_round_trips::content_round_trips;
pub use curve_key_import::curve_key_import;
pub use direct_keys::direct_keys;
pub use ec_key_generation::ec_key_generation;
pub use engine_key_import::engine_key_import;
pub use engine_one_error::engine_one_error;
pub use engine_oracles::engine_oracles;
pub use engine_output_buffer::engine_output_buffer;
pub use engine_round_trips::engine_round_trips;
pub use ephemeral_keys::ephemeral_keys;
pub use gaps::gaps;
pub use gcm_key_wrapping::gcm_key_wrapping;
pub use hostile_ephemeral_keys::hostile_ephemeral_keys;
pub use key_agreement::key_agreement;
pub use key_decryption::key_decryption;
pub use key_encryption::key_encryption;
pub use key_import::key_import;
pub use key_wrapping::key_wrapping;
pub use password_keys::password_keys;
pub use published_tokens::published_tokens;
pub use random_source::random_source;
pub use refused_encrypted_keys::refused_encrypted_keys;
pub use rsa_key_generation::rsa_key_generation;
pub use sha256::sha256;
pub use threads::threads;

/// Every topic but [`capabilities`], which needs to know what to expect.
pub const ALL: &[Topic] = &[
    Topic { name: "gaps", check: gaps, threats: &[] },
    Topic { name: "content_known_answers", check: content_known_answers, threats: &[] },
    Topic { name: "content_round_trips", check: content_round_trips, threats: &[9] },
    Topic { name: "content_lengths", check: content_lengths, threats: &[6, 7, 8, 9, 12] },
    Topic { name: "content_changes", check: content_changes, threats: &[5, 6, 7] },
    Topic { name: "content_forgeries", check: content_forgeries, threats: &[6, 8, 9] },
    Topic { name: "cbc_padding", check: cbc_padding, threats: &[5] },
    Topic { name: "key_import", check: key_import, threats: &[29] },
    Topic { name: "key_encryption", check: key_encryption, threats: &[] },
    Topic { name: "key_decryption", check: key_decryption, threats: &[12] },
    Topic {
        name: "refused_encrypted_keys",
        check: refused_encrypted_keys,
        threats: &[1, 3, 10, 11, 12],
    },
    Topic { name: "direct_keys", check: direct_keys, threats: &[12] },
    Topic { name: "key_wrapping", check: key_wrapping, threats: &[10, 12] },
    Topic { name: "gcm_key_wrapping", check: gcm_key_wrapping, threats: &[6, 10, 12] },
    Topic { name: "key_agreement", check: key_agreement, threats: &[] },
    Topic { name: "ephemeral_keys", check: ephemeral_keys, threats: &[36] },
    Topic { name: "hostile_ephemeral_keys", check: hostile_ephemeral_keys, threats: &[13] },
    Topic { name: "curve_key_import", check: curve_key_import, threats: &[13, 29] },
    Topic { name: "password_keys", check: password_keys, threats: &[10, 14] },
    Topic { name: "published_tokens", check: published_tokens, threats: &[] },
    Topic { name: "random_source", check: random_source, threats: &[12, 36] },
    Topic { name: "sha256", check: sha256, threats: &[] },
    Topic { name: "rsa_key_generation", check: rsa_key_generation, threats: &[] },
    Topic { name: "ec_key_generation", check: ec_key_generation, threats: &[] },
    Topic { name: "arbitrary_bytes", check: arbitrary_bytes, threats: &[6, 7, 10, 13] },
    Topic { name: "threads", check: threads, threats: &[] },
    Topic { name: "engine_round_trips", check: engine_round_trips, threats: &[] },
    Topic { name: "engine_key_import", check: engine_key_import, threats: &[25, 29, 31] },
    Topic {
        name: "engine_one_error",
        check: engine_one_error,
        threats: &[3, 4, 5, 6, 7, 8, 10, 12, 13, 14],
    },
    Topic { name: "engine_output_buffer", check: engine_output_buffer, threats: &[] },
    Topic { name: "engine_oracles", check: engine_oracles, threats: &[1, 3, 5, 11] },
];
