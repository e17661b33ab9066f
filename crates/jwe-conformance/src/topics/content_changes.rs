use jwe_core::{Backend, ContentEncryption};

use crate::support::attempt::Site;
use crate::support::bytes::flipped;
use crate::support::prepared;
use crate::support::sealed::Sealed;
use crate::support::seeded::Seeded;

/// Any changed bit of CEK, IV, associated data, ciphertext or tag is refused, and so are associated
/// data that are longer or shorter; no unverified plaintext is left in the buffer.
///
/// # Panics
/// When the backend does not conform.
pub fn content_changes(backend: &Backend) {
    let mut random = Seeded::new("content_changes");
    for object in prepared::content(backend) {
        for plaintext_len in [0, 1, 16, 33, 48] {
            let plaintext = random.bytes(plaintext_len);
            let good = Sealed::new(backend, object, &plaintext, 21, &mut random);
            good.opens(backend, object, "the message that is changed below");
            let refused = |part: &str, byte: usize, bad: &Sealed| {
                bad.is_refused(backend, object, format!("one bit of byte {byte} of the {part}"));
            };
            // The second half of the CEK of AES-CBC with HMAC is the cipher's key, which the tag
            // does not cover: see `cipher_key` below.
            let covered = good.cek.len() / if good.enc.is_cbc() { 2 } else { 1 };
            for (byte, cek) in changes(&good.cek) {
                let bad = Sealed { cek, ..good.clone() };
                if byte < covered {
                    refused("CEK", byte, &bad);
                } else {
                    cipher_key(backend, object, &bad, &plaintext);
                }
            }
            for (byte, iv) in changes(&good.iv) {
                refused("IV", byte, &Sealed { iv, ..good.clone() });
            }
            for (byte, aad) in changes(&good.aad) {
                refused("associated data", byte, &Sealed { aad, ..good.clone() });
            }
            for (byte, ciphertext) in changes(&good.ciphertext) {
                refused("ciphertext", byte, &Sealed { ciphertext, ..good.clone() });
            }
            for (byte, tag) in changes(&good.tag) {
                refused("tag", byte, &Sealed { tag, ..good.clone() });
            }
            let longer = [&good.aad[..], &[0]].concat();
            for aad in [&longer, &good.aad[1..], &good.aad[..20], &[]] {
                let case = format!("associated data of {} bytes for 21", aad.len());
                Sealed { aad: aad.to_vec(), ..good.clone() }.is_refused(backend, object, case);
            }
        }
    }
}

/// Every copy of `part` in which one bit differs, with the number of the byte.
fn changes(part: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    (0..part.len() * 8).map(|bit| (bit / 8, flipped(part, bit / 8, bit)))
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
