use jwe_core::Backend;

use crate::support::prepared;
use crate::support::sealed::Sealed;
use crate::support::seeded::Seeded;

/// Messages that somebody without the CEK can make are refused: a tag of zeros on nothing and on
/// blocks, every tag of one byte, and tags that were right for another message.
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
        for byte in 0..=255 {
            for tag in [vec![byte], vec![byte; good.tag.len()]] {
                let case = format!("a tag of {} bytes {byte:02x}", tag.len());
                Sealed { tag, ..good.clone() }.is_refused(backend, object, case);
            }
        }
        let moved = Sealed { tag: other.tag.clone(), ..good.clone() };
        moved.is_refused(backend, object, "the tag of another message");
        let moved = Sealed { ciphertext: other.ciphertext.clone(), ..good.clone() };
        moved.is_refused(backend, object, "the ciphertext of another message");
    }
}
