//! An encrypted key of any other length than the right one ends in an error before a key is used,
//! never in a panic, for every `alg` with every `enc`.

use jwe::{Alg, Backend, Enc};
use jwe_tests::base64url;

use crate::target::Target;

const LENGTHS: [usize; 33] = [
    0, 1, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 40, 41, 48, 56, 64, 72, 73, 128, 255, 256,
    257, 384, 512, 1000, 1023, 1024, 1025, 4096, 65536,
];

pub(crate) fn check(backend: &'static Backend) {
    let mut refused = 0;
    for target in Target::every(backend, Enc::ALL, |_| true) {
        let good = base64url::decode(&target.good.encrypted_key);
        let cek_len = target.enc.cek_len();
        let right = match target.alg {
            Alg::Dir | Alg::EcdhEs => 0,
            alg if alg.is_rsa() => 256,
            alg if alg.is_gcm_kw() => cek_len,
            _ => cek_len + 8,
        };
        assert_eq!(good.len(), right, "{} {}", target.alg, target.enc);
        for len in LENGTHS {
            for byte in [0, 1, 0xa6, 0xff] {
                let forged = target.good.with_encrypted_key(&vec![byte; len]).token();
                if len != right {
                    target.refuses(&forged, "part_length");
                } else if len > 0 {
                    target.refuses(&forged, "decryption_failed");
                }
                refused += 1;
            }
        }
        // The right one with something behind it or in front, or without its end.
        for more in [1, 8] {
            let longer = [good.as_slice(), &vec![0; more]].concat();
            target.refuses_parts(&target.good.with_encrypted_key(&longer), "part_length");
            let longer = [&vec![0; more], good.as_slice()].concat();
            target.refuses_parts(&target.good.with_encrypted_key(&longer), "part_length");
        }
        for less in [1, 8] {
            if let Some(len) = right.checked_sub(less) {
                target.refuses_parts(&target.good.with_encrypted_key(&good[..len]), "part_length");
            }
        }
    }
    // ring has 5 `enc` and neither RSA nor P-521 to decrypt with.
    let least = if backend.name() == "ring" { 3_000 } else { 10_000 };
    assert!(refused > least, "{refused}");
}
