//! An initialization vector of another length than the `enc` has.

use jwe::{Alg, Backend, Enc};

use crate::target::Target;

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::all(backend) {
        assert_eq!(target.enc.iv_len(), if target.enc.is_cbc() { 16 } else { 12 });
        for len in [0, 1, 8, 11, 12, 13, 15, 16, 17, 32, 4096] {
            if len != target.enc.iv_len() {
                target.refuses(&target.good.with_iv(&vec![0; len]).token(), "part_length");
            }
        }
        let zeros = vec![0; target.enc.iv_len()];
        target.refuses(&target.good.with_iv(&zeros).token(), "decryption_failed");
    }
    // That of a wrapped CEK, which stands in the header.
    for target in Target::every(backend, &[Enc::A128Gcm], Alg::is_gcm_kw) {
        target.refuses_parameter("iv", &[0, 1, 8, 11, 13, 16, 4096]);
    }
}
