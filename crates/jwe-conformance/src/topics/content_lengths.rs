use jwe_core::{Backend, ContentEncryption};

use crate::support::attempt::Site;
use crate::support::prepared;
use crate::support::reference::cbc_hmac;
use crate::support::sealed::Sealed;
use crate::support::seeded::Seeded;

/// `seal` and `open` refuse each length of CEK, IV and tag but the right one, a beginning of the
/// true tag included, several wrong lengths at once, and buffers that fit no message; no length
/// makes them panic.
///
/// # Panics
/// When the backend does not conform.
pub fn content_lengths(backend: &Backend) {
    let mut random = Seeded::new("content_lengths");
    for object in prepared::content(backend) {
        for plaintext_len in [0, 37] {
            let plaintext = random.bytes(plaintext_len);
            let good = Sealed::new(backend, object, &plaintext, 20, &mut random);
            good.opens(backend, object, "the message that is spoilt below");
            open_lengths(backend, object, &good);
            seal_lengths(backend, object, &good, plaintext_len);
            lengths_together(backend, object, &good, plaintext_len);
        }
        for plaintext_len in [0, 1, 16, 33, 37] {
            let plaintext = random.bytes(plaintext_len);
            let good = Sealed::new(backend, object, &plaintext, 20, &mut random);
            ciphertext_lengths(backend, object, &good, &mut random);
        }
    }
}

/// Lengths of a CEK, an IV or a tag of which `right` is the right one.
fn wrong(right: usize) -> impl Iterator<Item = usize> {
    (0..=80).chain([128, 4096]).filter(move |len| *len != right)
}

/// The first `len` bytes of `right`, continued with zeros.
fn resized(right: &[u8], len: usize) -> Vec<u8> {
    let mut bytes = right.to_vec();
    bytes.resize(len, 0);
    bytes
}

fn open_lengths(backend: &Backend, object: &dyn ContentEncryption, good: &Sealed) {
    for len in wrong(good.tag.len()) {
        let tag = resized(&good.tag, len);
        let bad = Sealed { tag, ..good.clone() };
        bad.is_refused(backend, object, format!("the true tag cut or lengthened to {len} bytes"));
        let tag = vec![0; len];
        let bad = Sealed { tag, ..good.clone() };
        bad.is_refused(backend, object, format!("a tag of {len} zero bytes"));
    }
    for len in wrong(good.iv.len()) {
        let bad = Sealed { iv: resized(&good.iv, len), ..good.clone() };
        bad.is_refused(backend, object, format!("an IV of {len} bytes"));
    }
    for len in wrong(good.cek.len()) {
        let bad = Sealed { cek: resized(&good.cek, len), ..good.clone() };
        bad.is_refused(backend, object, format!("a CEK of {len} bytes"));
    }
}

fn seal_lengths(
    backend: &Backend,
    object: &dyn ContentEncryption,
    good: &Sealed,
    plaintext_len: usize,
) {
    let site = Site::new(backend, good.enc);
    let refused = |case: String, cek: &[u8], iv: &[u8], buf_len: usize, len: usize, tag: usize| {
        let mut buf = vec![0x5a; buf_len];
        let mut tag = vec![0; tag];
        site.refuses(case, || object.seal(cek, iv, &good.aad, &mut buf, len, &mut tag));
    };
    let (right, tag_len) = (good.ciphertext.len(), good.tag.len());
    for len in wrong(tag_len) {
        let case = format!("seal with room for a tag of {len} bytes");
        refused(case, &good.cek, &good.iv, right, plaintext_len, len);
    }
    for len in wrong(good.iv.len()) {
        let iv = resized(&good.iv, len);
        let case = format!("seal with an IV of {len} bytes");
        refused(case, &good.cek, &iv, right, plaintext_len, tag_len);
    }
    for len in wrong(good.cek.len()) {
        let cek = resized(&good.cek, len);
        let case = format!("seal with a CEK of {len} bytes");
        refused(case, &cek, &good.iv, right, plaintext_len, tag_len);
    }
    for len in (0..=right + 33).filter(|len| *len != right) {
        let case = format!("seal of {plaintext_len} bytes in a buffer of {len}");
        refused(case, &good.cek, &good.iv, len, plaintext_len, tag_len);
    }
    // For CBC, `right` is among them: a plaintext that leaves no room for its padding.
    for len in (0..=right + 33).chain([usize::MAX - 15, usize::MAX]) {
        if good.enc.ciphertext_len(len) == Some(right) {
            continue;
        }
        let case = format!("seal of {len} bytes in a buffer of {right}");
        refused(case, &good.cek, &good.iv, right, len, tag_len);
    }
}

/// Two or three wrong lengths whose errors could make up for each other.
fn lengths_together(
    backend: &Backend,
    object: &dyn ContentEncryption,
    good: &Sealed,
    plaintext_len: usize,
) {
    let site = Site::new(backend, good.enc);
    for cek_len in [0, 1, 16, 24, 32, 48, 64] {
        for iv_len in [0, 8, 11, 12, 13, 16] {
            for tag_len in [0, 4, 8, 12, 13, 15, 16, 17, 24, 32] {
                if good.enc.check_lengths(cek_len, iv_len, tag_len).is_ok() {
                    continue;
                }
                let case =
                    format!("a CEK of {cek_len}, an IV of {iv_len} and a tag of {tag_len} bytes");
                let (cek, iv) = (resized(&good.cek, cek_len), resized(&good.iv, iv_len));
                let mut tag = resized(&good.tag, tag_len);
                let mut buf = good.ciphertext.clone();
                site.refuses(format!("seal with {case}"), || {
                    object.seal(&cek, &iv, &good.aad, &mut buf, plaintext_len, &mut tag)
                });
                let tag = resized(&good.tag, tag_len);
                Sealed { cek, iv, tag, ..good.clone() }.is_refused(backend, object, case);
            }
        }
    }
}

/// Ciphertexts that no message has. Where the tag can be made right by the kit, it is.
fn ciphertext_lengths(
    backend: &Backend,
    object: &dyn ContentEncryption,
    good: &Sealed,
    random: &mut Seeded,
) {
    let enc = object.enc();
    for len in (0..=65).filter(|len| *len != good.ciphertext.len()) {
        let ciphertext = resized(&good.ciphertext, len);
        let bad = Sealed { ciphertext, ..good.clone() };
        bad.is_refused(backend, object, format!("the ciphertext cut or lengthened to {len} bytes"));
    }
    if enc.is_cbc() {
        for len in (0..=65).filter(|len| !enc.is_ciphertext_len(*len)) {
            let ciphertext = random.bytes(len);
            let tag = cbc_hmac::tag(enc, &good.cek, &good.iv, &good.aad, &ciphertext);
            let bad = Sealed { ciphertext, tag, ..good.clone() };
            let case = format!("a ciphertext of {len} bytes under a right tag");
            bad.is_refused(backend, object, case);
        }
    }
}
