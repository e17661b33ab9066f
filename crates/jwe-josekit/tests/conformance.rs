//! The backend conforms, and lists every algorithm of the kit in both directions, on every curve.

use jwe_conformance::{Alg, Curve, Enc, Expected};

const ALGS: &[Alg] = &[
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
    Alg::A192GcmKw,
    Alg::A256GcmKw,
    Alg::Pbes2Hs256A128Kw,
    Alg::Pbes2Hs384A192Kw,
    Alg::Pbes2Hs512A256Kw,
];

const CURVES: &[Curve] = &[Curve::P256, Curve::P384, Curve::P521, Curve::X25519];

jwe_conformance::suite!(
    jwe_josekit::JOSEKIT,
    Expected {
        sends: ALGS,
        sends_on: CURVES,
        receives: ALGS,
        receives_on: CURVES,
        content: &[
            Enc::A128CbcHs256,
            Enc::A192CbcHs384,
            Enc::A256CbcHs512,
            Enc::A128Gcm,
            Enc::A192Gcm,
            Enc::A256Gcm,
        ],
        generates_rsa: &[2048, 3072, 4096, 8192],
        generates_ec: CURVES,
    }
);
