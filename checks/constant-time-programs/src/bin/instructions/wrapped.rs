//! Encrypted keys under symmetric keys: AES key wrap with a check value of one's own choice
//! (RFC 3394 §2.2.1), and AES-GCM key wrap with a wrong tag.

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256, Block};
use jwe::{Alg, Backend, Enc, Jwk};
use jwe_core::KeyMaterial;
use jwe_tests::base64url;
use jwe_tests::forge::{Agreement, agreed as agreed_message, derived};
use jwe_tests::parts::Parts;

use crate::broken::{Broken, changed, good, random};

const CHECK: [u8; 8] = [0xa6; 8];

/// One AES block with a key of any length.
fn encrypt_block(kek: &[u8], block: &mut [u8; 16]) {
    let mut array = Block::from(*block);
    match kek.len() {
        16 => Aes128::new_from_slice(kek).expect("a key").encrypt_block(&mut array),
        24 => Aes192::new_from_slice(kek).expect("a key").encrypt_block(&mut array),
        _ => Aes256::new_from_slice(kek).expect("a key").encrypt_block(&mut array),
    }
    *block = array.into();
}

fn wrap(kek: &[u8], check: [u8; 8], cek: &[u8]) -> Vec<u8> {
    let (mut a, mut registers) = (check, cek.to_vec());
    let mut t = 0u64;
    for _ in 0..6 {
        for register in registers.chunks_exact_mut(8) {
            let mut block = [0; 16];
            block[..8].copy_from_slice(&a);
            block[8..].copy_from_slice(register);
            encrypt_block(kek, &mut block);
            t += 1;
            a.copy_from_slice(&block[..8]);
            a.iter_mut().zip(t.to_be_bytes()).for_each(|(byte, t)| *byte ^= t);
            register.copy_from_slice(&block[8..]);
        }
    }
    [&a[..], &registers].concat()
}

fn check_with(at: usize, change: u8) -> [u8; 8] {
    let mut check = CHECK;
    check[at] ^= change;
    check
}

/// The ways in which an encrypted key under this one fails.
fn under(
    backend: &'static Backend,
    kek: &[u8],
    enc: Enc,
    good: impl Fn() -> Parts + Clone + 'static,
) -> Vec<Broken> {
    // What is forged here would be read if the check value were the right one.
    let (of_good, cek) = (good(), random(backend, enc.cek_len()));
    let encrypted_key = base64url::decode(&of_good.encrypted_key);
    assert_eq!(wrap(kek, CHECK, &cek).len(), encrypted_key.len());
    let way = |name, encrypted_key: Box<dyn Fn() -> Vec<u8>>| {
        let good = good.clone();
        Broken::new(name, move || good().with_encrypted_key(&encrypted_key()))
    };
    let check = |name, check: [u8; 8]| {
        let kek = kek.to_vec();
        way(name, Box::new(move || wrap(&kek, check, &random(backend, enc.cek_len()))))
    };
    let len = encrypted_key.len();
    let tag = {
        let good = good.clone();
        move || {
            let parts = good();
            parts.with_tag(&changed(&parts.tag, -1))
        }
    };
    vec![
        Broken::new("good CEK, wrong tag", tag),
        check("another CEK", CHECK),
        check("first byte of the check value", check_with(0, 1)),
        check("last byte of the check value", check_with(7, 1)),
        check("check value of zeros", [0; 8]),
        way("random bytes", Box::new(move || random(backend, len))),
        way("zeros", Box::new(move || vec![0; len])),
    ]
}

/// With AES key wrap.
pub(crate) fn aes_kw(backend: &'static Backend, jwk: &Jwk, alg: Alg, enc: Enc) -> Vec<Broken> {
    let KeyMaterial::Oct(kek) = jwk.material() else { panic!("a shared key") };
    let of_good = jwk.clone();
    under(backend, kek.as_bytes(), enc, move || good(backend, &of_good, alg, enc))
}

/// With AES key wrap under an agreed key; and the recipient's key.
pub(crate) fn agreed(backend: &'static Backend, alg: Alg, enc: Enc) -> (Jwk, Vec<Broken>) {
    let Agreement { recipient, epk, z } = Agreement::of_the_rfc();
    let kek = derived(backend, alg, enc, &z);
    let good = move || agreed_message(backend, alg, enc, (&epk, &z), &random(backend, 40));
    (recipient, under(backend, &kek, enc, good))
}

/// With AES-GCM key wrap, whose tag is in the header.
pub(crate) fn aes_gcm_kw(backend: &'static Backend, jwk: &Jwk, alg: Alg, enc: Enc) -> Vec<Broken> {
    let (len, jwk) = (enc.cek_len(), jwk.clone());
    let good = move || good(backend, &jwk, alg, enc);
    let way = |name, break_it: Box<dyn Fn(&Parts) -> Parts>| {
        let good = good.clone();
        Broken::new(name, move || break_it(&good()))
    };
    let tag_of_the_key = |at: isize| {
        move |parts: &Parts| {
            let json = parts.header_json();
            let (before, rest) = json.split_once(r#""tag":""#).expect("a tag");
            let (tag, after) = rest.split_once('"').expect("the end of the tag");
            let tag = base64url::encode(&changed(tag, at));
            parts.with_header(format!(r#"{before}"tag":"{tag}"{after}"#).as_bytes())
        }
    };
    vec![
        way("good CEK, wrong tag", Box::new(|parts| parts.with_tag(&changed(&parts.tag, -1)))),
        way("first byte of the key's tag", Box::new(tag_of_the_key(0))),
        way("last byte of the key's tag", Box::new(tag_of_the_key(-1))),
        way(
            "first byte of the encrypted key",
            Box::new(|parts| parts.with_encrypted_key(&changed(&parts.encrypted_key, 0))),
        ),
        way("random bytes", Box::new(move |parts| parts.with_encrypted_key(&random(backend, len)))),
    ]
}

#[cfg(test)]
mod tests {
    use jwe_tests::rfc_values::hex;
    use serde_json::json;

    use super::{CHECK, wrap};

    /// RFC 3394 §4.3.
    #[test]
    fn wraps_as_the_rfc_does() {
        let kek: Vec<u8> = (0..32).collect();
        let cek = hex(&json!("00112233445566778899aabbccddeeff"));
        let wrapped = hex(&json!("64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"));
        assert_eq!(wrap(&kek, CHECK, &cek), wrapped);
    }
}
