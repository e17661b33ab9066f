use jwe_core::{Backend, ContentEncryption};

use crate::support::attempt::Site;
use crate::support::bytes::flipped;
use crate::support::prepared;
use crate::support::sealed::Sealed;
use crate::support::seeded::Seeded;

/// One changed bit in any byte of CEK, IV, associated data or ciphertext, or any changed bit of
/// the tag, is refused, and no unverified plaintext is left in the buffer.
///
/// # Panics
/// When the backend does not conform.
pub fn content_changes(backend: &Backend) {
    let mut random = Seeded::new("content_changes");
    for object in prepared::content(backend) {
        for plaintext_len in [1, 48] {
            let plaintext = random.bytes(plaintext_len);
            let good = Sealed::new(backend, object, &plaintext, 21, &mut random);
            good.opens(backend, object, "the message that is changed below");
            let refused = |part: &str, byte: usize, bad: &Sealed| {
                bad.is_refused(backend, object, format!("one bit of byte {byte} of the {part}"));
            };
            let mut bit = || random.below(8);
            // The second half of the CEK of AES-CBC with HMAC is the cipher's key, which the tag
            // does not cover: see `cipher_key` below.
            let covered = good.cek.len() / if good.enc.is_cbc() { 2 } else { 1 };
            for byte in 0..covered {
                let cek = flipped(&good.cek, byte, bit());
                refused("CEK", byte, &Sealed { cek, ..good.clone() });
            }
            for byte in covered..good.cek.len() {
                let cek = flipped(&good.cek, byte, bit());
                cipher_key(backend, object, &Sealed { cek, ..good.clone() }, &plaintext);
            }
            for byte in 0..good.iv.len() {
                let iv = flipped(&good.iv, byte, bit());
                refused("IV", byte, &Sealed { iv, ..good.clone() });
            }
            for byte in 0..good.aad.len() {
                let aad = flipped(&good.aad, byte, bit());
                refused("associated data", byte, &Sealed { aad, ..good.clone() });
            }
            for byte in 0..good.ciphertext.len() {
                let ciphertext = flipped(&good.ciphertext, byte, bit());
                refused("ciphertext", byte, &Sealed { ciphertext, ..good.clone() });
            }
            for byte in 0..good.tag.len() {
                for bit in 0..8 {
                    let tag = flipped(&good.tag, byte, bit);
                    refused("tag", byte, &Sealed { tag, ..good.clone() });
                }
            }
            let aad = [&good.aad[..], &[0]].concat();
            refused("associated data, lengthened", 0, &Sealed { aad, ..good.clone() });
            let aad = good.aad[1..].to_vec();
            refused("associated data, shortened", 0, &Sealed { aad, ..good.clone() });
        }
    }
}

/// Under another key of the cipher the tag is right; what comes out is refused for its padding,
/// or, once in 256 times, is not the plaintext.
fn cipher_key(
    backend: &Backend,
    object: &dyn ContentEncryption,
    changed: &Sealed,
    plaintext: &[u8],
) {
    let site = Site::new(backend, changed.enc);
    let case = "one bit of the cipher's key changed";
    let mut buf = changed.ciphertext.clone();
    let outcome = site.call(case, || {
        object.open(&changed.cek, &changed.iv, &changed.aad, &mut buf, &changed.tag)
    });
    match outcome {
        Ok(len) => site.holds(
            case,
            buf.get(..len).is_some_and(|opened| opened != plaintext),
            "the plaintext came out: the cipher does not use all of its key",
        ),
        Err(_) => {
            let zero = buf.iter().all(|byte| *byte == 0);
            site.holds(case, zero, "refused, but the buffer was not set to zero");
        }
    }
}
