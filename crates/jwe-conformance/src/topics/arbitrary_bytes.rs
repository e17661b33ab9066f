use jwe_core::{Alg, Backend, Curve, Enc, RecipientContext, UNWRAP_BUFFER_LEN};

use crate::support::attempt::Site;
use crate::support::managed::Recipient;
use crate::support::params::Params;
use crate::support::secret::Secret;
use crate::support::seeded::Seeded;
use crate::support::ways::Way;
use crate::support::{engine, keys, prepared};

/// Arbitrary bytes of arbitrary lengths never make `open`, `seal`, `unwrap_key` or the engine's
/// `decrypt` panic, and are never accepted by `open`, `unwrap_key` and `decrypt`.
///
/// # Panics
/// When the backend does not conform.
pub fn arbitrary_bytes(backend: &Backend) {
    let mut random = Seeded::new("arbitrary_bytes");
    for object in prepared::content(backend) {
        let enc = object.enc();
        let site = Site::new(backend, enc);
        for turn in 0..2000 {
            let case = format!("arbitrary bytes, turn {turn}");
            // Right lengths half of the time, so that the library is reached.
            let cek = bytes(&mut random, enc.cek_len(), 80);
            let iv = bytes(&mut random, enc.iv_len(), 40);
            let tag = bytes(&mut random, enc.tag_len(), 70);
            let aad = bytes(&mut random, 0, 200);
            let ciphertext = bytes(&mut random, 48, 300);
            let mut buf = ciphertext.clone();
            site.refuses(&case, || object.open(&cek, &iv, &aad, &mut buf, &tag));
            site.holds(&case, buf.iter().all(|byte| *byte == 0), "the buffer was not set to zero");

            let (mut buf, mut out) = (ciphertext, tag);
            let plaintext_len = random.below(330);
            let fits = enc.check_lengths(cek.len(), iv.len(), out.len()).is_ok()
                && enc.ciphertext_len(plaintext_len) == Some(buf.len());
            let sealed = site
                .call(&case, || object.seal(&cek, &iv, &aad, &mut buf, plaintext_len, &mut out));
            site.holds(&case, sealed.is_ok() == fits, "seal accepts or refuses wrong lengths");
        }
    }
    for alg in prepared::rsa_decryption(backend) {
        let site = Site::new(backend, alg);
        let key = prepared::unwrapping(backend, alg, keys::rsa("2048"));
        let context = RecipientContext::new(Enc::A128Gcm);
        for turn in 0..500 {
            let encrypted = bytes(&mut random, 256, 1100);
            let mut out = vec![0; UNWRAP_BUFFER_LEN];
            site.refuses(format!("{} arbitrary bytes, turn {turn}", encrypted.len()), || {
                key.unwrap_key(&context, &encrypted, &mut out)
            });
        }
    }
    for way in Way::all().filter(|way| !way.alg.is_rsa() && way.alg != Alg::Dir) {
        key_management(backend, way, &mut random);
    }
    tokens(backend, &mut random);
}

/// Arbitrary encrypted keys and parameters, in contexts that the engine could make and in others.
fn key_management(backend: &Backend, way: Way, random: &mut Seeded) {
    let enc = Enc::A128Gcm;
    let Some(recipient) = Recipient::new(backend, way, &Secret::of(way, enc)) else { return };
    // A thousand rounds for each right salt.
    for turn in 0..if way.alg.is_pbes2() { 60 } else { 200 } {
        let case = format!("arbitrary parameters, turn {turn}");
        let encrypted_key = bytes(random, 24, 100);
        let curve = way.curve.unwrap_or(Curve::P256);
        let mut epk = bytes(random, curve.public_len(), 150);
        if let (true, Some(first)) = (curve.is_nist() && random.word() & 1 == 0, epk.first_mut()) {
            *first = 4;
        }
        let params = Params {
            epk: Some((curve, epk)),
            apu: bytes(random, 0, 300),
            apv: bytes(random, 0, 300),
            iv: random.bytes(12).try_into().ok(),
            tag: random.bytes(16).try_into().ok(),
            p2s: bytes(random, 16, 300),
            p2c: u32::try_from(random.below(1100)).ok(),
        };
        if curve == Curve::X25519 && !way.wraps() {
            // Any 32 bytes are a public key, and every one leads to a CEK.
            let _ = recipient.try_receive(case, enc, &params, &[]);
        } else {
            recipient.refuses(case, enc, &params, &encrypted_key);
        }
    }
}

/// Arbitrary text, and tokens with arbitrary bytes in some of their parts.
fn tokens(backend: &Backend, random: &mut Seeded) {
    for pair in engine::pairs(backend) {
        let Some(decrypter) = pair.decrypter() else { continue };
        let good = pair.message(b"a message", random).parts;
        for turn in 0..if pair.first { 100 } else { 10 } {
            let len = random.below(600);
            let text = String::from_utf8_lossy(&random.bytes(len)).into_owned();
            engine::refused(&pair.site, &decrypter, format!("arbitrary text, turn {turn}"), &text);

            let mut parts = good.clone();
            if random.word() & 1 == 0 {
                parts.encrypted_key = bytes(random, good.encrypted_key.len(), 1100);
            }
            if random.word() & 1 == 0 {
                parts.iv = bytes(random, good.iv.len(), 40);
            }
            if random.word() & 1 == 0 {
                parts.ciphertext = bytes(random, 32, 100);
            }
            // The tag always, so that the token is never the right one.
            parts.tag = bytes(random, good.tag.len(), 70);
            let case = format!("arbitrary parts, turn {turn}");
            engine::refused(&pair.site, &decrypter, case, &parts.token());
        }
    }
}

/// So many bytes as are right, or any number below `limit`.
fn bytes(random: &mut Seeded, right: usize, limit: usize) -> Vec<u8> {
    let len = if random.word() & 1 == 0 { right } else { random.below(limit) };
    random.bytes(len)
}
