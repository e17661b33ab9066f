use jwe_core::Backend;

use crate::support::bytes::flipped;
use crate::support::compact::Parts;
use crate::support::engine;
use crate::support::seeded::Seeded;

/// `decrypt_into` appends to what stands in the buffer, and leaves it as it was when it fails,
/// with room in the buffer and without.
///
/// # Panics
/// When the backend does not conform.
pub fn engine_output_buffer(backend: &Backend) {
    let mut random = Seeded::new("engine_output_buffer");
    for pair in engine::pairs(backend) {
        let Some(decrypter) = pair.decrypter() else { continue };
        let lens = if pair.first { &[0, 1, 16, 100, 5000][..] } else { &[100] };
        for len in lens.iter().copied() {
            let plaintext = random.bytes(len);
            let good = pair.message(&plaintext, &mut random).parts;
            let last = good.tag.len() - 1;
            let bad = Parts { tag: flipped(&good.tag, last, 0), ..good.clone() };
            for before in [0, 1, 1000] {
                for room in [0, 1, len / 2, len, len + 64] {
                    let case = format!("{len} bytes behind {before} with room for {room}");
                    let content = random.bytes(before);
                    let mut out = Vec::with_capacity(before + room);
                    out.extend_from_slice(&content);
                    let refused = || decrypter.decrypt_into(&bad.token(), &mut out);
                    pair.site.refuses(&case, refused);
                    pair.site.same(&case, "the buffer after an error", &out, &content);
                    // Only a key operation for each length, not for each room, takes time.
                    if room == len {
                        let accepted = || decrypter.decrypt_into(&good.token(), &mut out);
                        pair.site.accepts(&case, accepted);
                        let wanted = [content, plaintext.clone()].concat();
                        pair.site.same(&case, "the buffer", &out, &wanted);
                    }
                }
            }
        }
    }
}
