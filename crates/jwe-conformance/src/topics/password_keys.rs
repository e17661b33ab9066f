use jwe_core::{Alg, Backend, Enc};

use crate::support::bytes::flipped;
use crate::support::managed::{Recipient, Sender};
use crate::support::params::Params;
use crate::support::reference::aes_kw;
use crate::support::reference::key_management::{P2C, kek};
use crate::support::secret::Secret;
use crate::support::seeded::Seeded;
use crate::support::vectors;
use crate::support::ways::Way;

/// PBES2: the answer of RFC 7517 and those of the kit's own PBKDF2 and AES key wrap in both
/// directions, for short, long and unreadable passwords; `p2s`, `p2c` and the name of the algorithm
/// go into the key; a salt of less than 8 bytes, a count below 1000, a changed bit and a wrong
/// length are refused, with nothing left in the output.
///
/// # Panics
/// When the backend does not conform.
pub fn password_keys(backend: &Backend) {
    let mut random = Seeded::new("password_keys");
    for way in Way::all().filter(|way| way.alg.is_pbes2()) {
        for case in vectors::passwords().iter().filter(|case| case.alg == way.alg) {
            let params = with(&case.p2s, case.p2c);
            let cek = random.bytes(32);
            let encrypted_key = aes_kw::wrap(&case.key, &cek);
            let secret = Secret::Shared(case.password.clone());
            both(backend, way, &case.source, &secret, &params, &cek, &encrypted_key);
        }
        // Around the block of the hash, where HMAC hashes its key first, and no UTF-8.
        for len in [1, 2, 63, 64, 65, 127, 128, 129, 200, 1000] {
            let password = random.bytes(len).iter().map(|byte| byte | 1).collect();
            let case = format!("a password of {len} bytes");
            made(backend, way, &case, password, &with(b"a salt of the kit", P2C), &mut random);
        }
        let password = "Grüße, 鍵 and \u{1f511}".as_bytes().to_vec();
        made(backend, way, "a password", password.clone(), &with(b"12345678", P2C), &mut random);
        for len in [8, 9, 16, 31, 64, 100, 256] {
            let case = format!("a salt of {len} bytes");
            let salt = random.bytes(len);
            made(backend, way, &case, password.clone(), &with(&salt, P2C), &mut random);
        }
        for p2c in [1001, 2000, 2048] {
            let case = format!("a count of {p2c}");
            made(backend, way, &case, password.clone(), &with(b"12345678", p2c), &mut random);
        }
        sender_refuses(backend, way, &password, &mut random);
        recipient_refuses(backend, way, &password, &mut random);
    }
}

fn with(p2s: &[u8], p2c: u32) -> Params {
    Params { p2s: p2s.to_vec(), p2c: Some(p2c), ..Params::default() }
}

/// A CEK wrapped by the kit.
fn made(
    backend: &Backend,
    way: Way,
    case: &str,
    password: Vec<u8>,
    params: &Params,
    random: &mut Seeded,
) {
    let cek = random.bytes(32);
    let encrypted_key = aes_kw::wrap(&kek(way.alg, &password, params), &cek);
    both(backend, way, case, &Secret::Shared(password), params, &cek, &encrypted_key);
}

/// The answer in both directions: with a given salt and count there is one.
fn both(
    backend: &Backend,
    way: Way,
    case: &str,
    secret: &Secret,
    params: &Params,
    cek: &[u8],
    encrypted_key: &[u8],
) {
    if let Some(sender) = Sender::new(backend, way, secret) {
        let said = sender.encrypted_key_len(cek.len());
        let says = "the encrypted key is not said to be 8 bytes longer than the CEK";
        sender.site.holds(case, said == cek.len() + 8, says);
        let sent = sender.sends(case, Enc::A256Gcm, cek, params);
        sender.site.same(case, "the encrypted key", &sent.encrypted_key, encrypted_key);
    }
    if let Some(recipient) = Recipient::new(backend, way, secret) {
        let got = recipient.receives(case, Enc::A256Gcm, params, encrypted_key);
        recipient.site.same(case, "the CEK", &got, cek);
    }
}

/// Parameters that RFC 7518 §4.8.1 does not allow, or that are missing.
fn forbidden() -> Vec<(String, Params)> {
    let mut cases = vec![("neither salt nor count".to_owned(), Params::default())];
    for len in [0, 1, 7, 257, 300, 1000] {
        cases.push((format!("a salt of {len} bytes"), with(&vec![0x61; len], P2C)));
    }
    for p2c in [0, 1, 2, 500, 999] {
        cases.push((format!("a count of {p2c}"), with(b"a salt of the kit", p2c)));
    }
    cases
}

fn sender_refuses(backend: &Backend, way: Way, password: &[u8], random: &mut Seeded) {
    let secret = Secret::Shared(password.to_vec());
    let Some(sender) = Sender::new(backend, way, &secret) else { return };
    let cek = random.bytes(32);
    for (case, params) in forbidden() {
        let sent = sender.try_send(&case, Enc::A256Gcm, &cek, &params);
        sender.site.refuses(case, || sent);
    }
    let params = with(b"a salt of the kit", P2C);
    for len in [0, 1, 8, 15, 17, 33, 65, 72, 1000] {
        let case = format!("a CEK of {len} bytes, which no enc has");
        let sent = sender.try_send(&case, Enc::A256Gcm, &random.bytes(len), &params);
        sender.site.refuses(case, || sent);
    }
}

fn recipient_refuses(backend: &Backend, way: Way, password: &[u8], random: &mut Seeded) {
    let secret = Secret::Shared(password.to_vec());
    let Some(recipient) = Recipient::new(backend, way, &secret) else { return };
    let refused = |case: String, params: &Params, encrypted_key: &[u8]| {
        recipient.refuses(case, Enc::A256Gcm, params, encrypted_key);
    };
    let cek = random.bytes(32);
    for (case, params) in forbidden() {
        // Wrapped with the key that a recipient who does not look would derive.
        let key = match params.p2c {
            Some(1..) => kek(way.alg, password, &params),
            _ => vec![0; way.alg.kek_len().expect("AES wraps")],
        };
        refused(case, &params, &aes_kw::wrap(&key, &cek));
    }
    let salt = b"a salt of the kit";
    let params = with(salt, P2C);
    let key = kek(way.alg, password, &params);
    let good = aes_kw::wrap(&key, &cek);
    for byte in 0..salt.len() {
        let params = with(&flipped(salt, byte, random.below(8)), P2C);
        refused(format!("one bit of byte {byte} of the salt"), &params, &good);
    }
    refused("a longer salt".to_owned(), &with(b"a salt of the kit\0", P2C), &good);
    refused("a shorter salt".to_owned(), &with(&salt[..16], P2C), &good);
    refused("a count one higher".to_owned(), &with(salt, P2C + 1), &good);
    refused("twice the count".to_owned(), &with(salt, 2 * P2C), &good);
    // The name of the algorithm is in the salt.
    for other in Alg::ALL.iter().copied().filter(|other| other.is_pbes2() && *other != way.alg) {
        let mut key = kek(other, password, &params);
        key.resize(way.alg.kek_len().expect("AES wraps"), 0);
        refused(format!("the key of {other}"), &params, &aes_kw::wrap(&key, &cek));
    }
    for byte in 0..good.len() {
        let changed = flipped(&good, byte, random.below(8));
        refused(format!("one bit of byte {byte} of the encrypted key"), &params, &changed);
    }
    for len in (0..=88).step_by(4).chain([1, 7, 9, 23, 25, 255, 256, 257, 1000, 1024, 65_536]) {
        if len != good.len() {
            let mut resized = good.clone();
            resized.resize(len, 0);
            refused(format!("an encrypted key of {len} bytes"), &params, &resized);
        }
    }
    let mut other = password.to_vec();
    other[0] ^= 1;
    let other = aes_kw::wrap(&kek(way.alg, &other, &params), &cek);
    refused("another password".to_owned(), &params, &other);
    let case = "a right key after all the wrong ones";
    let got = recipient.receives(case, Enc::A256Gcm, &params, &good);
    recipient.site.same(case, "the CEK", &got, &cek);
}
