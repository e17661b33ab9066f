//! One encrypted key has one text: a leading zero byte is neither dropped nor added, and a number is
//! not accepted a modulus higher.

use jwe::{Alg, Backend, Enc, Encrypter};
use jwe_tests::parts::Parts;
use jwe_tests::textbook_rsa::TextbookRsa;
use jwe_tests::{base64url, keys};
use num_bigint::BigUint;

use crate::target::Target;

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::every(backend, &[Enc::A256Gcm], Alg::is_rsa) {
        let rsa = TextbookRsa::of(&target.jwk);
        let sender = keys::sender(backend, &target.jwk, target.alg);
        let encrypter = Encrypter::new(backend, &sender, target.enc).unwrap();
        let (mut leading_zero, mut higher) = (false, false);
        // One in 256 begins with a zero byte, and more of them are small enough to add n.
        for _ in 0..100_000 {
            let good = Parts::of(&encrypter.encrypt(b"x").unwrap());
            let number = base64url::decode(&good.encrypted_key);
            let sum = BigUint::from_bytes_be(&number) + &rsa.n;
            if !higher && sum.bits() <= 2048 {
                let sum = good.with_encrypted_key(&rsa.bytes(&sum));
                target.refuses(&sum.token(), "decryption_failed");
                higher = true;
            }
            if number[0] == 0 {
                assert_eq!(*target.decrypter.decrypt(&good.token()).unwrap(), b"x");
                let refuses = |bytes: &[u8], code: &str| {
                    target.refuses(&good.with_encrypted_key(bytes).token(), code);
                };
                refuses(&number[1..], "part_length");
                refuses(&[&[0], number.as_slice()].concat(), "part_length");
                refuses(&[&[0; 8], number.as_slice()].concat(), "part_length");
                // The zero at the other end is another number.
                refuses(&[&number[1..], &[0]].concat(), "decryption_failed");
                leading_zero = true;
            }
            if leading_zero && higher {
                break;
            }
        }
        assert!(leading_zero && higher);
    }
}
