//! The backend conforms, and lists what ring has and what is built on it, no less and no more.

use jwe_conformance::{Alg, Curve, Enc, Expected};

jwe_conformance::suite!(
    jwe_ring::RING,
    Expected {
        sends: &[
            Alg::RsaOaep,
            Alg::RsaOaep256,
            Alg::RsaOaep384,
            Alg::RsaOaep512,
            Alg::A128Kw,
            Alg::A192Kw,
            Alg::A256Kw,
            Alg::Dir,
            Alg::EcdhEs,
            Alg::EcdhEsA128Kw,
            Alg::EcdhEsA192Kw,
            Alg::EcdhEsA256Kw,
            Alg::A128GcmKw,
            Alg::A256GcmKw,
            Alg::Pbes2Hs256A128Kw,
            Alg::Pbes2Hs384A192Kw,
            Alg::Pbes2Hs512A256Kw,
        ],
        sends_on: &[Curve::P256, Curve::P384, Curve::X25519],
        receives: &[
            Alg::A128Kw,
            Alg::A192Kw,
            Alg::A256Kw,
            Alg::Dir,
            Alg::A128GcmKw,
            Alg::A256GcmKw,
            Alg::Pbes2Hs256A128Kw,
            Alg::Pbes2Hs384A192Kw,
            Alg::Pbes2Hs512A256Kw,
        ],
        receives_on: &[],
        content: &[
            Enc::A128CbcHs256,
            Enc::A192CbcHs384,
            Enc::A256CbcHs512,
            Enc::A128Gcm,
            Enc::A256Gcm,
        ],
        generates_rsa: &[],
        generates_ec: &[Curve::P256, Curve::P384],
    }
);
