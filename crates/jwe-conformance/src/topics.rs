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
mod direct_keys;
mod engine_key_import;
mod engine_one_error;
mod engine_oracles;
mod engine_output_buffer;
mod engine_round_trips;
mod gaps;
mod key_decryption;
mod key_encryption;
mod key_import;
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
pub use direct_keys::direct_keys;
pub use engine_key_import::engine_key_import;
pub use engine_one_error::engine_one_error;
pub use engine_oracles::engine_oracles;
pub use engine_output_buffer::engine_output_buffer;
pub use engine_round_trips::engine_round_trips;
pub use gaps::gaps;
pub use key_decryption::key_decryption;
pub use key_encryption::key_encryption;
pub use key_import::key_import;
pub use published_tokens::published_tokens;
pub use random_source::random_source;
pub use refused_encrypted_keys::refused_encrypted_keys;
pub use rsa_key_generation::rsa_key_generation;
pub use sha256::sha256;
pub use threads::threads;

/// Every topic but [`capabilities`], which needs to know what to expect.
pub const ALL: &[Topic] = &[
    Topic { name: "gaps", check: gaps },
    Topic { name: "content_known_answers", check: content_known_answers },
    Topic { name: "content_round_trips", check: content_round_trips },
    Topic { name: "content_lengths", check: content_lengths },
    Topic { name: "content_changes", check: content_changes },
    Topic { name: "content_forgeries", check: content_forgeries },
    Topic { name: "cbc_padding", check: cbc_padding },
    Topic { name: "key_import", check: key_import },
    Topic { name: "key_encryption", check: key_encryption },
    Topic { name: "key_decryption", check: key_decryption },
    Topic { name: "refused_encrypted_keys", check: refused_encrypted_keys },
    Topic { name: "direct_keys", check: direct_keys },
    Topic { name: "published_tokens", check: published_tokens },
    Topic { name: "random_source", check: random_source },
    Topic { name: "sha256", check: sha256 },
    Topic { name: "rsa_key_generation", check: rsa_key_generation },
    Topic { name: "arbitrary_bytes", check: arbitrary_bytes },
    Topic { name: "threads", check: threads },
    Topic { name: "engine_round_trips", check: engine_round_trips },
    Topic { name: "engine_key_import", check: engine_key_import },
    Topic { name: "engine_one_error", check: engine_one_error },
    Topic { name: "engine_output_buffer", check: engine_output_buffer },
    Topic { name: "engine_oracles", check: engine_oracles },
];
