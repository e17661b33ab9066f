use jwe_core::{Backend, Enc, KeyMaterial, SenderKey, UNWRAP_BUFFER_LEN};

use crate::support::bytes::flipped;
use crate::support::managed::{self, Recipient, Sender};
use crate::support::params::Params;
use crate::support::reference::aes_kw;
use crate::support::secret::Secret;
use crate::support::seeded::Seeded;
use crate::support::vectors;
use crate::support::ways::Way;
use crate::support::{keys, prepared};

/// `A128KW`, `A192KW` and `A256KW`: the answers of RFC 3394 and of the kit's own AES key wrap in
/// both directions; every changed bit, another initial value, another key and every wrong length
/// is refused, with nothing left in the output; shared keys of a wrong length are not imported.
///
/// # Panics
/// When the backend does not conform.
pub fn key_wrapping(backend: &Backend) {
    let mut random = Seeded::new("key_wrapping");
    for way in Way::all().filter(|way| way.is_aes_kw()) {
        let kek = random.bytes(way.alg.kek_len().expect("AES wraps"));
        published(backend, way);
        key_lengths(backend, way);
        let secret = Secret::Shared(kek.clone());
        if let Some(sender) = Sender::new(backend, way, &secret) {
            sends(&sender, &kek, &mut random);
        }
        if let Some(recipient) = Recipient::new(backend, way, &secret) {
            receives(&recipient, &kek, &mut random);
            refuses(&recipient, &kek, &mut random);
            short_buffers(&recipient, &kek, &mut random);
        }
    }
}

fn published(backend: &Backend, way: Way) {
    let none = Params::default();
    let cases = vectors::key_wrap().iter().filter(|case| Some(case.kek.len()) == way.alg.kek_len());
    for case in cases {
        let secret = Secret::Shared(case.kek.clone());
        if let Some(sender) = Sender::new(backend, way, &secret) {
            let sent = sender.sends(&case.source, Enc::A256Gcm, &case.key, &none);
            sender.site.same(&case.source, "the wrapped key", &sent.encrypted_key, &case.wrapped);
        }
        if let Some(recipient) = Recipient::new(backend, way, &secret) {
            let got = recipient.receives(&case.source, Enc::A256Gcm, &none, &case.wrapped);
            recipient.site.same(&case.source, "the key", &got, &case.key);
        }
    }
}

/// Shared keys are exactly as long as the algorithm says (RFC 7518 §4.4, §4.7).
pub(crate) fn key_lengths(backend: &Backend, way: Way) {
    let site = way.site(backend);
    let right = way.alg.kek_len().expect("AES wraps");
    for len in (1..=40).chain([48, 64, 128, 256]) {
        let case = format!("import of a key of {len} bytes");
        let material: KeyMaterial = keys::oct_material(&vec![0x2a; len]);
        let says = "wrongly accepted or refused";
        if let Some(key) = managed::import_sender(backend, way, &case, &material) {
            site.holds(format!("{case} to encrypt"), key.is_ok() == (len == right), says);
        }
        if let Some(key) = managed::import_recipient(backend, way, &case, &material) {
            site.holds(format!("{case} to decrypt"), key.is_ok() == (len == right), says);
        }
    }
}

fn sends(sender: &Sender<'_>, kek: &[u8], random: &mut Seeded) {
    let none = Params::default();
    let site = &sender.site;
    for len in [16, 24, 32, 48, 64] {
        let case = format!("a CEK of {len} bytes");
        for cek in [random.bytes(len), vec![0; len], vec![0xff; len]] {
            let said = sender.encrypted_key_len(len);
            site.holds(
                &case,
                said == len + 8,
                "the encrypted key is not said to be 8 bytes longer",
            );
            let sent = sender.sends(&case, Enc::A256Gcm, &cek, &none);
            site.same(&case, "the encrypted key", &sent.encrypted_key, &aes_kw::wrap(kek, &cek));
        }
    }
    let SenderKey::Wrap(key) = &sender.key else { panic!("{site}: a key that wraps") };
    for len in (0..=80).chain([128, 256, 1000, 1024, 65_536]) {
        if prepared::is_cek_len(len) {
            continue;
        }
        let case = format!("a CEK of {len} bytes, which no enc has");
        let cek = random.bytes(len);
        let wraps = (16..=64).contains(&len) && len.is_multiple_of(8);
        match sender.try_send(&case, Enc::A256Gcm, &cek, &none) {
            Ok(sent) if wraps => {
                let wanted = aes_kw::wrap(kek, &cek);
                site.same(&case, "the encrypted key", &sent.encrypted_key, &wanted);
            }
            Ok(_) => panic!("{site}, {case}: accepted; it must be refused"),
            Err(_) => {}
        }
    }
    let cek = random.bytes(32);
    for len in [0, 1, 8, 24, 32, 39, 41, 48, 64, 72, 1024] {
        let case = format!("a buffer of {len} bytes for the encrypted key of a CEK of 32");
        let mut encrypted = vec![0; len];
        let mut context = none.sender(Enc::A256Gcm, &NoRandom);
        site.refuses(case, || key.wrap_key(&mut context, &cek, &mut encrypted));
    }
}

fn receives(recipient: &Recipient, kek: &[u8], random: &mut Seeded) {
    let none = Params::default();
    for len in [16, 24, 32, 48, 64] {
        for cek in [random.bytes(len), vec![0; len], vec![0xff; len]] {
            let case = format!("a wrapped CEK of {len} bytes");
            let wrapped = aes_kw::wrap(kek, &cek);
            for enc in Enc::ALL.iter().copied() {
                let got = recipient.receives(&case, enc, &none, &wrapped);
                recipient.site.same(&case, "the CEK", &got, &cek);
            }
            let said = match &recipient.key {
                jwe_core::RecipientKey::Unwrap(key) => key.encrypted_key_len(len),
                _ => 0,
            };
            let says = "the encrypted key is not said to be 8 bytes longer";
            recipient.site.holds(&case, said == len + 8, says);
        }
    }
}

fn refuses(recipient: &Recipient, kek: &[u8], random: &mut Seeded) {
    let none = Params::default();
    let refused = |case: String, encrypted_key: &[u8]| {
        recipient.refuses(case, Enc::A256Gcm, &none, encrypted_key);
    };
    for len in [16, 24, 32, 48, 64] {
        let cek = random.bytes(len);
        let good = aes_kw::wrap(kek, &cek);
        for bit in 0..good.len() * 8 {
            let case = format!("one bit of byte {} of a wrapped CEK of {len} bytes", bit / 8);
            refused(case, &flipped(&good, bit / 8, bit));
        }
        for (what, initial_value) in [
            ("zeros", [0; 8]),
            ("one bit changed in the first byte", [0xa7, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6]),
            ("one bit changed in the last byte", [0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0x26]),
            ("the value of RFC 5649", [0xa6, 0x59, 0x59, 0xa6, 0, 0, 0, len as u8]),
        ] {
            let case = format!("a CEK of {len} bytes wrapped with another initial value: {what}");
            refused(case, &aes_kw::wrap_with(initial_value, kek, &cek));
        }
        let other = random.bytes(kek.len());
        refused(
            format!("a CEK of {len} bytes wrapped with another key"),
            &aes_kw::wrap(&other, &cek),
        );
        for first in 0..good.len() / 8 {
            for second in first + 1..good.len() / 8 {
                let mut blocks: Vec<&[u8]> = good.chunks(8).collect();
                blocks.swap(first, second);
                let case = format!("blocks {first} and {second} of a wrapped CEK exchanged");
                refused(case, &blocks.concat());
            }
        }
        for wrong in (0..=88).chain([128, 255, 256, 257, 1000, 1024, 1025, 65_536]) {
            if wrong != good.len() {
                let mut resized = good.clone();
                resized.resize(wrong, 0);
                refused(
                    format!("a wrapped CEK of {len} bytes cut or lengthened to {wrong}"),
                    &resized,
                );
            }
        }
        for fill in [0x00, 0xa6, 0xff] {
            refused(format!("{} bytes {fill:02x}", good.len()), &vec![fill; good.len()]);
        }
    }
    // Right in every way but for the length, which no CEK has.
    for len in [8, 72, 80, 128, 1016] {
        let wrapped = aes_kw::wrap(kek, &random.bytes(len));
        refused(format!("a wrapped key of {len} bytes, as no CEK has"), &wrapped);
    }
    for len in [40, 56] {
        let cek = random.bytes(len);
        let case = format!("a wrapped key of {len} bytes, which may be refused");
        let wrapped = aes_kw::wrap(kek, &cek);
        if let Ok(got) = recipient.try_receive(&case, Enc::A256Gcm, &none, &wrapped) {
            recipient.site.same(case, "the key", &got, &cek);
        }
    }
    let cek = random.bytes(32);
    let case = "a right key after all the wrong ones";
    let got = recipient.receives(case, Enc::A256Gcm, &none, &aes_kw::wrap(kek, &cek));
    recipient.site.same(case, "the CEK", &got, &cek);
}

/// The traits are public: a caller may bring another buffer than the engine's.
fn short_buffers(recipient: &Recipient, kek: &[u8], random: &mut Seeded) {
    let jwe_core::RecipientKey::Unwrap(key) = &recipient.key else { return };
    let none = Params::default();
    let cek = random.bytes(32);
    let wrapped = aes_kw::wrap(kek, &cek);
    for len in [0, 1, 8, 31, 32, 33, 40, UNWRAP_BUFFER_LEN] {
        let case = format!("a buffer of {len} bytes for a CEK of 32");
        let mut out = vec![0; len];
        let context = none.recipient(Enc::A256Gcm);
        let result = recipient.site.call(&case, || key.unwrap_key(&context, &wrapped, &mut out));
        let says = "wrongly accepted or refused";
        // AES key wrap in a library may want room for the check value, too.
        recipient.site.holds(&case, result.is_err() || len >= 32, says);
        recipient.site.holds(&case, result.is_ok() || len < 40, says);
        if let Ok(got) = result {
            recipient.site.same(&case, "the CEK", &out[..got], &cek);
        }
    }
}

/// AES key wrap draws nothing.
struct NoRandom;

impl jwe_core::RandomSource for NoRandom {
    fn fill(&self, _: &mut [u8]) -> Result<(), jwe_core::BackendError> {
        Err(jwe_core::BackendError)
    }
}
