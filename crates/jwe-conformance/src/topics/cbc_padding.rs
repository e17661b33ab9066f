use jwe_core::Backend;

use crate::support::attempt::Site;
use crate::support::prepared;
use crate::support::reference::cbc_hmac;
use crate::support::sealed::Sealed;
use crate::support::seeded::Seeded;

/// AES-CBC with HMAC: a wrong padding under a right tag is refused like a wrong tag, with nothing
/// left in the buffer; each right padding is taken off.
///
/// # Panics
/// When the backend does not conform.
pub fn cbc_padding(backend: &Backend) {
    let mut random = Seeded::new("cbc_padding");
    for object in prepared::content(backend).filter(|object| object.enc().is_cbc()) {
        let enc = object.enc();
        let site = Site::new(backend, enc);
        let (cek, iv) = (random.bytes(enc.cek_len()), random.bytes(enc.iv_len()));
        let aad = random.bytes(20);
        let authentic = |blocks: &[u8]| {
            let (ciphertext, tag) = cbc_hmac::seal_blocks(enc, &cek, &iv, &aad, blocks);
            Sealed { enc, cek: cek.clone(), iv: iv.clone(), aad: aad.clone(), ciphertext, tag }
        };

        for len in 0..=32 {
            let plaintext = vec![0xaa; len];
            let case = format!("a right padding after {len} bytes");
            let opened = authentic(&cbc_hmac::padded(&plaintext)).opens(backend, object, &case);
            site.same(&case, "the plaintext", &opened, &plaintext);
        }
        // The last byte says how long the padding is; before it stand bytes that are none.
        for last in (0..=255u8).filter(|last| *last != 1) {
            for blocks in [1, 2] {
                let mut text = vec![0xaa; 16 * blocks];
                text[16 * blocks - 1] = last;
                let case = format!("{blocks} blocks that end in aa {last:02x} under a right tag");
                authentic(&text).is_refused(backend, object, case);
            }
        }
        // As many bytes as the last one says, and more than a block.
        for byte in (17..=255u8).chain([0]) {
            for blocks in [1, 2, 16] {
                let case = format!("{blocks} blocks of bytes {byte:02x} under a right tag");
                authentic(&vec![byte; 16 * blocks]).is_refused(backend, object, case);
            }
        }
        // Each length of padding with each of its bytes wrong but the last.
        for pad in 2..=16u8 {
            for wrong in 0..usize::from(pad) - 1 {
                let mut text = cbc_hmac::padded(&vec![0xaa; 32 - usize::from(pad)]);
                let start = 32 - usize::from(pad);
                text[start + wrong] ^= 0x10;
                let case =
                    format!("a padding of {pad} with its byte {wrong} wrong under a right tag");
                authentic(&text).is_refused(backend, object, case);
            }
        }
    }
}
