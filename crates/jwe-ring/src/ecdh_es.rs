//! `ECDH-ES` and `ECDH-ES+A128KW`, `+A192KW`, `+A256KW` (RFC 7518 §4.6), the sender's direction:
//! ECDH and SHA-256 of ring, AES key wrap of RustCrypto.

use jwe_core::{Alg, EcdhEsSender};

use crate::aes_key_wrap::KEY_WRAP;
use crate::concat_kdf;
use crate::key_agreement::ECDH;

/// The agreed key is the CEK.
pub(crate) static ECDH_ES: EcdhEsSender =
    EcdhEsSender::new(Alg::EcdhEs, &ECDH, concat_kdf::derive, None, "ring ECDH and SHA-256");
/// The agreed key of 16 bytes wraps the CEK.
pub(crate) static ECDH_ES_A128KW: EcdhEsSender = wrapping(Alg::EcdhEsA128Kw);
/// The agreed key of 24 bytes wraps the CEK.
pub(crate) static ECDH_ES_A192KW: EcdhEsSender = wrapping(Alg::EcdhEsA192Kw);
/// The agreed key of 32 bytes wraps the CEK.
pub(crate) static ECDH_ES_A256KW: EcdhEsSender = wrapping(Alg::EcdhEsA256Kw);

const fn wrapping(alg: Alg) -> EcdhEsSender {
    EcdhEsSender::new(
        alg,
        &ECDH,
        concat_kdf::derive,
        Some(&KEY_WRAP),
        "ring ECDH and SHA-256, RustCrypto AES-KW",
    )
}
