//! AES-CBC with HMAC (RFC 7518 §5.2.2.2): whatever the padding would be, the tag speaks first.

use jwe::{Alg, Enc};

use super::target::{CIPHERTEXT, Case, TAG, Target, has_private_keys};
use crate::support::CANARY;

pub(crate) fn check(backend: &'static str) {
    for enc in [Enc::A128CbcHs256, Enc::A192CbcHs384, Enc::A256CbcHs512] {
        let target = Target::new(backend, Alg::A256Kw, enc);
        let changed = |at: usize| {
            let mut ciphertext = target.part(CIPHERTEXT);
            ciphertext[at] ^= 1;
            (target.with_part(CIPHERTEXT, ciphertext), "decryption_failed")
        };
        let len = target.part(CIPHERTEXT).len();
        let mut tag = target.part(TAG);
        let zeros = target.with_part(TAG, vec![0; tag.len()]);
        tag[0] ^= 0x80;
        target.refuses_all(&[
            // Padding that is wrong, and a text that is.
            changed(len - 1),
            changed(0),
            (zeros, "decryption_failed"),
            (target.with_part(TAG, tag), "decryption_failed"),
        ]);
    }
    let alg = if has_private_keys(backend) { Alg::RsaOaep256 } else { Alg::A256Kw };
    the_loop_recovers_nothing(&Target::new(backend, alg, Enc::A256CbcHs512));
}

/// Vaudenay's attack on one block: for each byte of it all values of the byte before are sent. An
/// oracle would answer one of 256 in other words; here all answers are the same.
fn the_loop_recovers_nothing(target: &Target) {
    assert!(CANARY.len() < 16);
    // The block under attack behind one of the attacker's.
    let block = target.part(CIPHERTEXT)[..16].to_vec();
    let mut cases: Vec<Case> = Vec::new();
    for at in 0..16 {
        for guess in 0..=255 {
            let mut forged = vec![0; 16];
            forged[at] = guess;
            // The padding that a right guess would make, had the bytes behind been recovered.
            forged[at + 1..].fill((16 - at) as u8);
            let ciphertext = [forged, block.clone()].concat();
            cases.push((target.with_part(CIPHERTEXT, ciphertext), "decryption_failed"));
        }
    }
    assert_eq!(cases.len(), 256 * 16);
    target.rejects_all(&cases);
}
