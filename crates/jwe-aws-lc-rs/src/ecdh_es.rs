//! ECDH-ES (RFC 7518 §4.6) on this crate's key agreement, Concat KDF and key wrap.

use jwe_core::{Alg, EcdhEsRecipient, EcdhEsSender};

use crate::aes_key_wrap::KEY_WRAP;
use crate::concat_kdf::concat_kdf;
use crate::key_agreement::AGREEMENT;

const DIRECT: &str = "AWS-LC ECDH";
const WITH_KW: &str = "AWS-LC ECDH and AES-KW";
const WITH_KW_192: &str = "AWS-LC ECDH, RFC 3394 of jwe-core over AWS-LC AES";

/// Both directions of one algorithm.
pub(crate) struct EcdhEs {
    pub(crate) sender: EcdhEsSender,
    pub(crate) recipient: EcdhEsRecipient,
}

pub(crate) static ECDH_ES: EcdhEs = EcdhEs {
    sender: EcdhEsSender::new(Alg::EcdhEs, &AGREEMENT, concat_kdf, None, DIRECT),
    recipient: EcdhEsRecipient::new(Alg::EcdhEs, &AGREEMENT, concat_kdf, None, DIRECT),
};
pub(crate) static ECDH_ES_A128KW: EcdhEs = with_key_wrap(Alg::EcdhEsA128Kw, WITH_KW);
pub(crate) static ECDH_ES_A192KW: EcdhEs = with_key_wrap(Alg::EcdhEsA192Kw, WITH_KW_192);
pub(crate) static ECDH_ES_A256KW: EcdhEs = with_key_wrap(Alg::EcdhEsA256Kw, WITH_KW);

const fn with_key_wrap(alg: Alg, implementation: &'static str) -> EcdhEs {
    EcdhEs {
        sender: EcdhEsSender::new(alg, &AGREEMENT, concat_kdf, Some(&KEY_WRAP), implementation),
        recipient: EcdhEsRecipient::new(
            alg,
            &AGREEMENT,
            concat_kdf,
            Some(&KEY_WRAP),
            implementation,
        ),
    }
}
