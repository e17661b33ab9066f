//! An initialization vector of another length than the `enc` has.

use jwe::Backend;

use crate::target::Target;

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::all(backend) {
        for len in [0, 1, 8, 11, 12, 13, 15, 16, 17, 32, 4096] {
            if len != target.enc.iv_len() {
                target.refuses(&target.good.with_iv(&vec![0; len]).token(), "part_length");
            }
        }
        let zeros = vec![0; target.enc.iv_len()];
        target.refuses(&target.good.with_iv(&zeros).token(), "decryption_failed");
    }
}
