use jwe_core::{Backend, Enc, SenderKey};

use super::key_wrapping::key_lengths;
use crate::support::bytes::flipped;
use crate::support::managed::{Recipient, Sender};
use crate::support::params::Params;
use crate::support::reference::gcm;
use crate::support::reference::key_management::gcm_of;
use crate::support::secret::Secret;
use crate::support::seeded::Seeded;
use crate::support::ways::Way;

/// `A128GCMKW`, `A192GCMKW` and `A256GCMKW`: encrypted key and tag are those of the kit's own
/// AES-GCM under the `iv` of the context; every changed bit of `iv`, `tag` and encrypted key, every
/// wrong length and a message without `iv` or `tag` is refused, with nothing left in the output;
/// shared keys of a wrong length are not imported.
///
/// # Panics
/// When the backend does not conform.
pub fn gcm_key_wrapping(backend: &Backend) {
    let mut random = Seeded::new("gcm_key_wrapping");
    for way in Way::all().filter(|way| way.alg.is_gcm_kw()) {
        key_lengths(backend, way);
        let key = random.bytes(way.alg.kek_len().expect("AES wraps"));
        let gcm = gcm_of(way.alg);
        let secret = Secret::Shared(key.clone());
        if let Some(sender) = Sender::new(backend, way, &secret) {
            sends(&sender, gcm, &key, &mut random);
        }
        if let Some(recipient) = Recipient::new(backend, way, &secret) {
            receives(&recipient, gcm, &key, &mut random);
            refuses(&recipient, gcm, &key, &mut random);
        }
    }
}

fn with_iv(random: &mut Seeded) -> Params {
    let iv = random.bytes(12).try_into().expect("12 bytes");
    Params { iv: Some(iv), ..Params::default() }
}

fn sends(sender: &Sender<'_>, gcm: Enc, key: &[u8], random: &mut Seeded) {
    let site = &sender.site;
    for len in [16, 24, 32, 48, 64] {
        let case = format!("a CEK of {len} bytes");
        let said = sender.encrypted_key_len(len);
        site.holds(&case, said == len, "the encrypted key is not said to be as long as the CEK");
        let cek = random.bytes(len);
        for params in [with_iv(random), with_iv(random)] {
            let sent = sender.sends(&case, Enc::A256Gcm, &cek, &params);
            let iv = params.iv.expect("set above");
            let (encrypted_key, tag) = gcm::seal(gcm, key, &iv, &[], &cek);
            site.same(&case, "the encrypted key", &sent.encrypted_key, &encrypted_key);
            let left = sent.params.tag.expect("left by the sender");
            site.same(&case, "the tag", &left, &tag);
        }
        let case = format!("a CEK of {len} bytes without an iv");
        let sent = sender.try_send(&case, Enc::A256Gcm, &cek, &Params::default());
        site.refuses(case, || sent);
    }
    let SenderKey::Wrap(prepared) = &sender.key else { panic!("{site}: a key that wraps") };
    let cek = random.bytes(32);
    let params = with_iv(random);
    for len in [0, 1, 16, 31, 33, 40, 48, 1024] {
        let case = format!("a buffer of {len} bytes for the encrypted key of a CEK of 32");
        let mut encrypted = vec![0; len];
        let mut context = params.sender(Enc::A256Gcm, sender.random());
        site.refuses(&case, || prepared.wrap_key(&mut context, &cek, &mut encrypted));
        let shown = encrypted.len() >= 8 && cek.windows(8).any(|part| encrypted.starts_with(part));
        site.holds(case, !shown, "refused, but the CEK stands in the output");
    }
}

fn receives(recipient: &Recipient, gcm: Enc, key: &[u8], random: &mut Seeded) {
    for len in [16, 24, 32, 48, 64] {
        let case = format!("an encrypted CEK of {len} bytes");
        for cek in [random.bytes(len), vec![0; len]] {
            let (params, encrypted_key) = sealed(gcm, key, &[], &cek, random);
            let got = recipient.receives(&case, Enc::A256Gcm, &params, &encrypted_key);
            recipient.site.same(&case, "the CEK", &got, &cek);
        }
        let said = match &recipient.key {
            jwe_core::RecipientKey::Unwrap(key) => key.encrypted_key_len(len),
            _ => 0,
        };
        let says = "the encrypted key is not said to be as long as the CEK";
        recipient.site.holds(&case, said == len, says);
    }
}

/// A right message of the kit, for the associated data that are given, which must be none.
fn sealed(gcm: Enc, key: &[u8], aad: &[u8], cek: &[u8], random: &mut Seeded) -> (Params, Vec<u8>) {
    let params = with_iv(random);
    let iv = params.iv.expect("set above");
    let (encrypted_key, tag) = gcm::seal(gcm, key, &iv, aad, cek);
    (Params { tag: Some(tag.try_into().expect("16 bytes")), ..params }, encrypted_key)
}

fn refuses(recipient: &Recipient, gcm: Enc, key: &[u8], random: &mut Seeded) {
    let refused = |case: String, params: &Params, encrypted_key: &[u8]| {
        recipient.refuses(case, Enc::A256Gcm, params, encrypted_key);
    };
    for len in [16, 24, 32, 48, 64] {
        let cek = random.bytes(len);
        let (params, good) = sealed(gcm, key, &[], &cek, random);
        let (iv, tag) = params.iv.zip(params.tag).expect("set by `sealed`");
        for bit in 0..good.len() * 8 {
            let case = format!("one bit of byte {} of an encrypted key of {len}", bit / 8);
            refused(case, &params, &flipped(&good, bit / 8, bit));
        }
        for bit in 0..iv.len() * 8 {
            let iv = flipped(&iv, bit / 8, bit).try_into().ok();
            let case = format!("one bit of byte {} of the iv", bit / 8);
            refused(case, &Params { iv, ..params.clone() }, &good);
        }
        for bit in 0..tag.len() * 8 {
            let tag = flipped(&tag, bit / 8, bit).try_into().ok();
            let case = format!("one bit of byte {} of the tag", bit / 8);
            refused(case, &Params { tag, ..params.clone() }, &good);
        }
        for fill in [0x00, 0xff] {
            let case = format!("a tag of bytes {fill:02x}");
            refused(case, &Params { tag: Some([fill; 16]), ..params.clone() }, &good);
        }
        refused("neither iv nor tag".to_owned(), &Params::default(), &good);
        let other = random.bytes(key.len());
        let (foreign, encrypted_key) = sealed(gcm, &other, &[], &cek, random);
        refused("an encrypted key for another key".to_owned(), &foreign, &encrypted_key);
        let (foreign, encrypted_key) = sealed(gcm, key, b"data", &cek, random);
        refused("an encrypted key with associated data".to_owned(), &foreign, &encrypted_key);
        for wrong in (0..=80).chain([128, 255, 256, 257, 1000, 1024, 1025, 65_536]) {
            if wrong != len {
                let mut resized = good.clone();
                resized.resize(wrong, 0);
                refused(
                    format!("an encrypted key of {len} cut or lengthened to {wrong}"),
                    &params,
                    &resized,
                );
            }
        }
    }
    // Right in every way but for the length, which no CEK has.
    for len in [65, 72, 128, 1024, 1025, 2000] {
        let (params, encrypted_key) = sealed(gcm, key, &[], &random.bytes(len), random);
        refused(format!("an encrypted key of {len} bytes, as no CEK has"), &params, &encrypted_key);
    }
    for len in [0, 1, 8, 15, 17, 40, 63] {
        let cek = random.bytes(len);
        let case = format!("an encrypted key of {len} bytes, which may be refused");
        let (params, encrypted_key) = sealed(gcm, key, &[], &cek, random);
        if let Ok(got) = recipient.try_receive(&case, Enc::A256Gcm, &params, &encrypted_key) {
            recipient.site.same(case, "the key", &got, &cek);
        }
    }
    let cek = random.bytes(32);
    let (params, encrypted_key) = sealed(gcm, key, &[], &cek, random);
    let case = "a right key after all the wrong ones";
    let got = recipient.receives(case, Enc::A256Gcm, &params, &encrypted_key);
    recipient.site.same(case, "the CEK", &got, &cek);
}
