use jwe_core::Backend;

use crate::support::attempt::Site;
use crate::support::prepared;
use crate::support::reference::{cbc_hmac, gcm};
use crate::support::sealed::Sealed;
use crate::support::seeded::Seeded;

/// The last is above 2^16 bits, so that a length of the associated data in two bytes fails.
const AAD_LENS: &[usize] = &[0, 1, 8, 31, 8191, 8192, 70_000];

/// What the content encryption algorithms seal, they open, and the ciphertext and the tag are
/// those of the kit's own implementation: a backend that leaves text in the clear or data out of
/// the tag in both directions alike would otherwise agree with itself.
///
/// # Panics
/// When the backend does not conform.
pub fn content_round_trips(backend: &Backend) {
    let mut random = Seeded::new("content_round_trips");
    for object in prepared::content(backend) {
        let site = Site::new(backend, object.enc());
        // Every length up to nine blocks, and long ones.
        let lens = (0..=130)
            .chain([1000, 4095, 4096, 65_536])
            .map(|plaintext_len| (plaintext_len, 40))
            .chain(AAD_LENS.iter().map(|aad_len| (50, *aad_len)));
        for (plaintext_len, aad_len) in lens {
            let case = format!("{plaintext_len} bytes with {aad_len} bytes of associated data");
            let plaintext = random.bytes(plaintext_len);
            let sealed = Sealed::new(backend, object, &plaintext, aad_len, &mut random);
            let opened = sealed.opens(backend, object, &case);
            site.same(&case, "the plaintext", &opened, &plaintext);
            let Sealed { enc, cek, iv, aad, .. } = &sealed;
            let (ciphertext, tag) = if enc.is_cbc() {
                cbc_hmac::seal_blocks(*enc, cek, iv, aad, &cbc_hmac::padded(&plaintext))
            } else {
                gcm::seal(*enc, cek, iv, aad, &plaintext)
            };
            site.same(&case, "the ciphertext", &sealed.ciphertext, &ciphertext);
            site.same(&case, "the tag", &sealed.tag, &tag);
        }
    }
}
