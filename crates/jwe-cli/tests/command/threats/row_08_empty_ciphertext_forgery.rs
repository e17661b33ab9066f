//! An empty ciphertext with a tag that nobody computed.

use super::target::{CIPHERTEXT, TAG, Target, parts};
use crate::support::base64url;

pub(crate) fn check(backend: &'static str) {
    for target in Target::all(backend) {
        let mut forged = target.good.clone();
        forged[CIPHERTEXT].clear();
        forged[TAG] = base64url::encode(vec![0; target.enc.tag_len()]);
        // CBC has a block of padding at least.
        let is_gcm = target.enc.tag_len() == 16 && target.enc.iv_len() == 12;
        let code = if is_gcm { "decryption_failed" } else { "part_length" };
        target.refuses_all(&[
            (forged.join("."), code),
            (target.with_part(CIPHERTEXT, []), code),
            // The tag of the header alone, of another message.
            ([forged[..4].join("."), parts(&target.encrypt(""))[TAG].clone()].join("."), code),
        ]);
        // What is empty has a real tag.
        target.accepts(&target.encrypt(""), b"");
    }
}
