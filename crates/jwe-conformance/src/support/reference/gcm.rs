//! AES-GCM with an IV of 96 bits and a tag of 128 (NIST SP 800-38D, RFC 7518 §5.3).

use aes::cipher::consts::U16;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use jwe_core::Enc;

/// Encrypts and returns ciphertext and tag.
pub(crate) fn seal(
    enc: Enc,
    cek: &[u8],
    iv: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> (Vec<u8>, Vec<u8>) {
    match enc {
        Enc::A128Gcm => gcm::<Aes128>(cek, iv, aad, plaintext),
        Enc::A192Gcm => gcm::<Aes192>(cek, iv, aad, plaintext),
        Enc::A256Gcm => gcm::<Aes256>(cek, iv, aad, plaintext),
        other => panic!("{other} is not AES-GCM"),
    }
}

fn gcm<C: BlockCipherEncrypt<BlockSize = U16> + KeyInit>(
    cek: &[u8],
    iv: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> (Vec<u8>, Vec<u8>) {
    let cipher = C::new_from_slice(cek).expect("a CEK of the algorithm's length");
    let encrypted = |block: [u8; 16]| {
        let mut block = Array::from(block);
        cipher.encrypt_block(&mut block);
        <[u8; 16]>::from(block)
    };
    // SP 800-38D §7.1: counter 1 masks the tag, the text begins at 2.
    let mask = |counter: u32| {
        let mut block = [0; 16];
        block[..12].copy_from_slice(iv);
        block[12..].copy_from_slice(&counter.to_be_bytes());
        encrypted(block)
    };
    let mut ciphertext = plaintext.to_vec();
    for (counter, chunk) in (2u32..).zip(ciphertext.chunks_mut(16)) {
        for (byte, mask) in chunk.iter_mut().zip(mask(counter)) {
            *byte ^= mask;
        }
    }
    let bits = |len: usize| (u64::try_from(len).expect("a length") * 8).to_be_bytes();
    let lengths = [bits(aad.len()), bits(plaintext.len())].concat();
    let h = u128::from_be_bytes(encrypted([0; 16]));
    // GHASH (§6.4), in which aad and ciphertext are each filled up with zeros to whole blocks.
    let mut hash = 0;
    for chunk in aad.chunks(16).chain(ciphertext.chunks(16)).chain([&lengths[..]]) {
        let mut block = [0; 16];
        block[..chunk.len()].copy_from_slice(chunk);
        hash = product(hash ^ u128::from_be_bytes(block), h);
    }
    let tag = hash ^ u128::from_be_bytes(mask(1));
    (ciphertext, tag.to_be_bytes().to_vec())
}

/// The product in the field of GHASH (§6.3), where the highest bit is the constant term.
fn product(x: u128, y: u128) -> u128 {
    let mut sum = 0;
    let mut multiple = y;
    for bit in (0..128).rev() {
        if (x >> bit) & 1 == 1 {
            sum ^= multiple;
        }
        let reduction = if multiple & 1 == 1 { 0xe1 << 120 } else { 0 };
        multiple = (multiple >> 1) ^ reduction;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::seal;
    use crate::support::vectors;

    #[test]
    fn gives_the_known_answers() {
        let mut lens = Vec::new();
        for case in vectors::content().iter().filter(|case| !case.enc.is_cbc()) {
            let (ciphertext, tag) = seal(case.enc, &case.cek, &case.iv, &case.aad, &case.plaintext);
            assert!(ciphertext == case.ciphertext && tag == case.tag, "{}", case.source);
            lens.push((case.plaintext.len(), case.aad.len()));
        }
        assert!(lens.len() > 10, "{} known answers", lens.len());
        // Parts of blocks in both places, and neither text nor associated data.
        assert!(lens.iter().any(|(text, aad)| text % 16 != 0 && aad % 16 != 0), "{lens:?}");
        assert!(lens.iter().any(|(text, aad)| *text > 16 && *aad > 16), "{lens:?}");
    }
}
