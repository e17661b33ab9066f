//! An initialization vector of another length than the `enc` has.

use super::target::{Case, IV, Target};

pub(crate) fn check(backend: &'static str) {
    for target in Target::all(backend) {
        let lens = [0, 1, 8, 11, 12, 13, 15, 16, 17, 32, 4096];
        let mut cases: Vec<Case> = lens
            .into_iter()
            .filter(|len| *len != target.enc.iv_len())
            .map(|len| (target.with_part(IV, vec![0; len]), "part_length"))
            .collect();
        cases.push((target.with_part(IV, vec![0; target.enc.iv_len()]), "decryption_failed"));
        target.refuses_all(&cases);
    }
}
