//! Content that somebody who knows the CEK sealed under a changed header: without it nothing behind the
//! tag would be compared.

use hmac::{Hmac, KeyInit, Mac};
use jwe::aws_lc_rs::AWS_LC_RS;
use jwe::{Direction, Enc};
use sha2::{Sha256, Sha384, Sha512};

use super::parts::Parts;
use crate::base64url;

/// Seals `plaintext`, if the initialization vector has its length.
pub(super) fn content(parts: &mut Parts, enc: Enc, cek: &[u8], plaintext: &[u8]) {
    let [header, _, iv, ciphertext, tag] = parts;
    let aad = base64url::encode(header);
    let mut buf = plaintext.to_vec();
    buf.resize(enc.ciphertext_len(plaintext.len()).unwrap(), 0);
    let mut new = vec![0; enc.tag_len()];
    let object = AWS_LC_RS.content_encryption(enc, Direction::Encrypt).unwrap();
    if object.seal(cek, iv, aad.as_bytes(), &mut buf, plaintext.len(), &mut new).is_ok() {
        (*ciphertext, *tag) = (buf, new);
    }
}

/// Gives the ciphertext the tag that belongs to it, so that its padding is looked at: for CBC with
/// HMAC (RFC 7518 §5.2.2.1, steps 4 and 5).
pub(super) fn authenticate(parts: &mut Parts, enc: Enc, cek: &[u8]) {
    let [header, _, iv, ciphertext, tag] = parts;
    let aad = base64url::encode(header);
    *tag = cbc_tag(enc, cek, aad.as_bytes(), iv, ciphertext);
}

/// The tag of a ciphertext.
pub(super) fn cbc_tag(enc: Enc, cek: &[u8], aad: &[u8], iv: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    let bits = (aad.len() as u64 * 8).to_be_bytes();
    let data = [aad, iv, ciphertext, &bits].concat();
    let key = &cek[..cek.len() / 2];
    let mut tag = match enc {
        Enc::A128CbcHs256 => mac::<Hmac<Sha256>>(key, &data),
        Enc::A192CbcHs384 => mac::<Hmac<Sha384>>(key, &data),
        _ => mac::<Hmac<Sha512>>(key, &data),
    };
    tag.truncate(enc.tag_len());
    tag
}

fn mac<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).unwrap();
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}
