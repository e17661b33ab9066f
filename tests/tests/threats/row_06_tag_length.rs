//! A tag that is cut, lengthened, left out or guessed.

use jwe::{Backend, Enc};
use jwe_tests::base64url;

use crate::target::Target;

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::all(backend) {
        let tag = base64url::decode(&target.good.tag);
        // AES-GCM has 16 bytes; of HMAC half of the hash is left.
        let right = match target.enc {
            Enc::A192CbcHs384 => 24,
            Enc::A256CbcHs512 => 32,
            _ => 16,
        };
        assert_eq!(tag.len(), right);
        for len in (0..=33).chain([48, 64, 4096]).filter(|len| *len != right) {
            // The beginning of the true one, and nothing of it.
            let changed: Vec<u8> = tag.iter().copied().cycle().take(len).collect();
            target.refuses(&target.good.with_tag(&changed).token(), "part_length");
            target.refuses(&target.good.with_tag(&vec![0; len]).token(), "part_length");
        }
        // One of these is the first byte of the true tag.
        for byte in 0..=255 {
            target.refuses(&target.good.with_tag(&[byte]).token(), "part_length");
        }
        changed(&target, &tag);
    }
    for target in Target::every(backend, &[Enc::A128Gcm], jwe::Alg::is_gcm_kw) {
        target.refuses_parameter("tag", &[0, 1, 4, 8, 12, 15, 17, 32, 4096]);
        for byte in 0..=255 {
            let text = base64url::encode(&[byte]);
            let parts = target.with_member("tag", Some(text.into()));
            target.refuses(&parts.token(), "header_key_parameter");
        }
    }
}

/// A tag of the right length that is another one.
fn changed(target: &Target, tag: &[u8]) {
    for at in [0, tag.len() / 2, tag.len() - 1] {
        for change in [0x01, 0x80, 0xff] {
            let mut changed = tag.to_vec();
            changed[at] ^= change;
            target.refuses(&target.good.with_tag(&changed).token(), "decryption_failed");
        }
    }
    target.refuses(&target.good.with_tag(&vec![0; tag.len()]).token(), "decryption_failed");
}
