//! The backend conforms, and lists what ring has and what is built on it, no less and no more.

use jwe_conformance::{Alg, Enc, Expected};

jwe_conformance::suite!(
    jwe_ring::RING,
    Expected {
        sends: &[Alg::RsaOaep, Alg::RsaOaep256, Alg::RsaOaep384, Alg::RsaOaep512, Alg::Dir],
        receives: &[Alg::Dir],
        content: &[
            Enc::A128CbcHs256,
            Enc::A192CbcHs384,
            Enc::A256CbcHs512,
            Enc::A128Gcm,
            Enc::A256Gcm,
        ],
        generates_rsa: &[],
    }
);
