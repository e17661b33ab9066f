//! `AES_CBC_HMAC_SHA2` (RFC 7518 §5.2), with the padding left to the caller.

use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use hmac::{Hmac, Mac};
use jwe_core::Enc;
use sha2::{Sha256, Sha384, Sha512};

/// The plaintext with PKCS #7 padding (RFC 5652 §6.3).
pub(crate) fn padded(plaintext: &[u8]) -> Vec<u8> {
    let pad = 16 - plaintext.len() % 16;
    let mut blocks = plaintext.to_vec();
    blocks.resize(plaintext.len() + pad, u8::try_from(pad).expect("at most 16"));
    blocks
}

/// Encrypts whole blocks, whatever their padding, and returns ciphertext and tag.
pub(crate) fn seal_blocks(
    enc: Enc,
    cek: &[u8],
    iv: &[u8],
    aad: &[u8],
    blocks: &[u8],
) -> (Vec<u8>, Vec<u8>) {
    let key = &cek[cek.len() / 2..];
    let ciphertext = match enc {
        Enc::A128CbcHs256 => cbc::<Aes128>(key, iv, blocks),
        Enc::A192CbcHs384 => cbc::<Aes192>(key, iv, blocks),
        Enc::A256CbcHs512 => cbc::<Aes256>(key, iv, blocks),
        other => panic!("{other} is not AES-CBC with HMAC"),
    };
    let tag = tag(enc, cek, iv, aad, &ciphertext);
    (ciphertext, tag)
}

/// The tag of a ciphertext of any length (RFC 7518 §5.2.2.1, steps 4 and 5).
pub(crate) fn tag(enc: Enc, cek: &[u8], iv: &[u8], aad: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    let bits = u64::try_from(aad.len()).expect("a length") * 8;
    let data = [aad, iv, ciphertext, &bits.to_be_bytes()].concat();
    let key = &cek[..cek.len() / 2];
    let mut tag = match enc {
        Enc::A128CbcHs256 => mac::<Hmac<Sha256>>(key, &data),
        Enc::A192CbcHs384 => mac::<Hmac<Sha384>>(key, &data),
        Enc::A256CbcHs512 => mac::<Hmac<Sha512>>(key, &data),
        other => panic!("{other} is not AES-CBC with HMAC"),
    };
    tag.truncate(enc.tag_len());
    tag
}

fn mac<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes any key");
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

fn cbc<C: BlockCipherEncrypt + KeyInit>(key: &[u8], iv: &[u8], blocks: &[u8]) -> Vec<u8> {
    let cipher = C::new_from_slice(key).expect("half of the CEK");
    let mut previous = iv.to_vec();
    let mut ciphertext = Vec::with_capacity(blocks.len());
    assert!(blocks.len().is_multiple_of(16), "whole blocks");
    for block in blocks.chunks(16) {
        let mixed: Vec<u8> = block.iter().zip(&previous).map(|(a, b)| a ^ b).collect();
        let mut block = Array::try_from(&mixed[..]).expect("a block");
        cipher.encrypt_block(&mut block);
        previous = block.to_vec();
        ciphertext.extend_from_slice(&previous);
    }
    ciphertext
}

#[cfg(test)]
mod tests {
    use super::{padded, seal_blocks};
    use crate::support::vectors;

    #[test]
    fn gives_the_answers_of_rfc_7518_appendix_b() {
        let mut count = 0;
        for case in vectors::content().iter().filter(|case| case.enc.is_cbc()) {
            let blocks = padded(&case.plaintext);
            let (ciphertext, tag) = seal_blocks(case.enc, &case.cek, &case.iv, &case.aad, &blocks);
            assert!(ciphertext == case.ciphertext && tag == case.tag, "{}", case.source);
            count += usize::from(case.source.starts_with("RFC 7518 B"));
        }
        assert_eq!(count, 3);
    }
}
