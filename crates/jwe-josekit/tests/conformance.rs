//! The backend conforms, and lists every algorithm of the kit in both directions.

use jwe_conformance::{Alg, Enc, Expected};

jwe_conformance::suite!(
    jwe_josekit::JOSEKIT,
    Expected {
        sends: &[Alg::RsaOaep, Alg::RsaOaep256, Alg::RsaOaep384, Alg::RsaOaep512, Alg::Dir],
        receives: &[Alg::RsaOaep, Alg::RsaOaep256, Alg::RsaOaep384, Alg::RsaOaep512, Alg::Dir],
        content: &[
            Enc::A128CbcHs256,
            Enc::A192CbcHs384,
            Enc::A256CbcHs512,
            Enc::A128Gcm,
            Enc::A192Gcm,
            Enc::A256Gcm,
        ],
        generates_rsa: &[2048, 3072, 4096, 8192],
    }
);
