//! Shows that no secret is left on the stack by key encryption; see
//! [`wiped::stack_after`](jwe_core::wiped::stack_after). What content encryption leaves is looked
//! at for all backends in one place, the package `tests`.

use jwe_conformance::remnants::{Needle, deep_down};
use jwe_core::{Alg, Enc, SenderContext};
use ring::digest;

use crate::oaep::Oaep;
use crate::test_data::{Given, encryption_key, odd_modulus, random};

#[test]
fn no_encoded_message_is_left_by_key_encryption() {
    for bits in [2048, 3072, 4096, 6144, 8192] {
        let key = encryption_key(Alg::RsaOaep256, &odd_modulus(bits), &[1, 0, 1]);
        let (cek, seed) = (random(32), Given(random(32)));
        let mut encoded = vec![0; bits / 8];
        Oaep::new(&digest::SHA256).encode(&seed, &cek, &mut encoded).unwrap();
        // The encoded message as bytes and as limbs, which begin with the lowest byte here.
        let part = encoded[bits / 8 - 16..].to_vec();
        let limbs: Vec<u8> = part.iter().rev().copied().collect();
        let needles = [&cek[..16], &seed.0[..16], &part, &limbs].map(Needle::new);
        let mut encrypted_key = vec![0; bits / 8];
        deep_down(|| {
            let mut context = SenderContext::new(Enc::A256Gcm, &seed);
            key.wrap_key(&mut context, &cek, &mut encrypted_key)
        })
        .unwrap();
        for needle in &needles {
            // Where the process may not read its own memory there is nothing to be seen.
            assert_eq!(needle.count().unwrap_or(0), 0, "{bits} bits");
        }
    }
}
