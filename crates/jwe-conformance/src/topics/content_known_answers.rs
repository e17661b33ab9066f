use jwe_core::Backend;

use crate::support::attempt::Site;
use crate::support::prepared;
use crate::support::sealed::Sealed;
use crate::support::vectors;

/// The content encryption algorithms give the published answers, in both directions: RFC 7518
/// appendix B, the test cases of the authors of GCM, the contents of the tokens of RFC 7516 and
/// RFC 7520, and values computed by another library.
///
/// # Panics
/// When the backend does not conform.
pub fn content_known_answers(backend: &Backend) {
    for object in prepared::content(backend) {
        let site = Site::new(backend, object.enc());
        let cases = vectors::content().iter().filter(|case| case.enc == object.enc());
        let mut count = 0;
        for case in cases {
            let (cek, iv, aad) = (case.cek.clone(), case.iv.clone(), case.aad.clone());
            let sealed = Sealed::with(backend, object, cek, iv, aad, &case.plaintext);
            site.same(&case.source, "the ciphertext", &sealed.ciphertext, &case.ciphertext);
            site.same(&case.source, "the tag", &sealed.tag, &case.tag);
            let given =
                Sealed { ciphertext: case.ciphertext.clone(), tag: case.tag.clone(), ..sealed };
            let plaintext = given.opens(backend, object, &case.source);
            site.same(&case.source, "the plaintext", &plaintext, &case.plaintext);
            count += 1;
        }
        site.holds("known answers", count >= 9, "the kit has too few of them for this algorithm");
    }
}
