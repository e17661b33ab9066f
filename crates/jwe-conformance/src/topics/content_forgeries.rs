use jwe_core::{Backend, ContentEncryption};

use crate::support::prepared;
use crate::support::sealed::Sealed;
use crate::support::seeded::Seeded;

/// Messages that somebody without the CEK can make are refused: a tag of zeros on nothing and on
/// blocks, every tag of one byte, tags that were right for another message, and the texts under a tag
/// with the borders between them moved.
///
/// # Panics
/// When the backend does not conform.
pub fn content_forgeries(backend: &Backend) {
    let mut random = Seeded::new("content_forgeries");
    for object in prepared::content(backend) {
        let good = Sealed::new(backend, object, b"", 20, &mut random);
        let opened = good.opens(backend, object, "an empty plaintext with its true tag");
        assert!(opened.is_empty(), "{}: an empty plaintext came back longer", good.enc);
        let other = Sealed::new(backend, object, b"another message", 20, &mut random);

        for len in [0, 1, 16, 32, 48] {
            for fill in [0x00, 0xff] {
                let ciphertext = vec![fill; len];
                let tag = vec![fill; good.tag.len()];
                let bad = Sealed { ciphertext, tag, ..good.clone() };
                let case = format!("{len} bytes {fill:02x} under a tag of bytes {fill:02x}");
                bad.is_refused(backend, object, case);
            }
        }
        for message in [&good, &other] {
            for byte in 0..=255 {
                for len in [1, 4, 8, 12, 15, message.tag.len()] {
                    let case = format!("a tag of {len} bytes {byte:02x}");
                    let tag = vec![byte; len];
                    Sealed { tag, ..message.clone() }.is_refused(backend, object, case);
                }
            }
        }
        let moved = Sealed { tag: other.tag.clone(), ..good.clone() };
        moved.is_refused(backend, object, "the tag of another message");
        let moved = Sealed { ciphertext: other.ciphertext.clone(), ..good.clone() };
        moved.is_refused(backend, object, "the ciphertext of another message");
        for aad_len in [0, 16, 17, 32, 100, 1000] {
            let sealed = Sealed::new(backend, object, &random.bytes(40), aad_len, &mut random);
            borders(backend, object, &sealed);
        }
    }
}

/// The same bytes one behind the other, otherwise divided into associated data, IV and ciphertext:
/// what is covered by the tag of AES-CBC with HMAC is the same but for the length of the first. For
/// AES-GCM associated data and ciphertext, which are filled up with zeros to whole blocks.
fn borders(backend: &Backend, object: &dyn ContentEncryption, good: &Sealed) {
    let iv_len = good.iv.len();
    let covered = if good.enc.is_cbc() {
        [&good.aad[..], &good.iv, &good.ciphertext].concat()
    } else {
        [&good.aad[..], &good.ciphertext].concat()
    };
    for border in 0..=covered.len() {
        let (aad, rest) = covered.split_at(border);
        let (iv, ciphertext) = match good.enc.is_cbc() {
            true if rest.len() < iv_len => break,
            true => rest.split_at(iv_len),
            false => (&good.iv[..], rest),
        };
        if border == good.aad.len() {
            continue;
        }
        let moved = Sealed {
            aad: aad.to_vec(),
            iv: iv.to_vec(),
            ciphertext: ciphertext.to_vec(),
            ..good.clone()
        };
        let case = format!("{border} bytes of {} as associated data", covered.len());
        moved.is_refused(backend, object, case);
    }
    let filled = [&good.aad[..], &[0; 16]].concat();
    let moved = Sealed { aad: filled, ..good.clone() };
    moved.is_refused(backend, object, "a block of zeros behind the associated data");
}
