//! EME-OAEP with an empty label (RFC 8017 §7.1) for the hashes of RFC 7518 §4.3.

use jwe_core::Alg;
use num_bigint::BigUint;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::rsa;
use crate::support::keys::RsaNumbers;
use crate::support::seeded::Seeded;

fn hash(alg: Alg, data: &[u8]) -> Vec<u8> {
    match alg {
        Alg::RsaOaep => Sha1::digest(data).to_vec(),
        Alg::RsaOaep256 => Sha256::digest(data).to_vec(),
        Alg::RsaOaep384 => Sha384::digest(data).to_vec(),
        Alg::RsaOaep512 => Sha512::digest(data).to_vec(),
        other => panic!("{other} is not an RSAES-OAEP algorithm"),
    }
}

/// The length of the hash in bytes (hLen).
fn hash_len(alg: Alg) -> usize {
    hash(alg, &[]).len()
}

/// The longest message in bytes for a modulus of `k` bytes.
pub(crate) fn max_message_len(alg: Alg, k: usize) -> usize {
    k - 2 * hash_len(alg) - 2
}

/// MGF1 (RFC 8017 §B.2.1) of `seed`, added to `target` bit by bit.
fn mask(alg: Alg, seed: &[u8], target: &mut [u8]) {
    for (counter, chunk) in (0u32..).zip(target.chunks_mut(hash_len(alg))) {
        let block = hash(alg, &[seed, &counter.to_be_bytes()].concat());
        for (byte, mask) in chunk.iter_mut().zip(block) {
            *byte ^= mask;
        }
    }
}

/// Which octets of the data block stand before the message; a right encoding has the defaults.
pub(crate) struct Encoding {
    /// The first byte of the encoded message.
    pub(crate) first: u8,
    /// The byte between padding and message.
    pub(crate) separator: u8,
    /// Added to the first byte of the label's hash.
    pub(crate) label_difference: u8,
    /// The last byte of the padding, where there is one.
    pub(crate) padding: u8,
}

impl Default for Encoding {
    fn default() -> Self {
        Self { first: 0, separator: 1, label_difference: 0, padding: 0 }
    }
}

/// EME-OAEP encoding into `k` bytes, right or deliberately wrong.
pub(crate) fn encode(
    alg: Alg,
    k: usize,
    message: &[u8],
    encoding: &Encoding,
    random: &mut Seeded,
) -> Vec<u8> {
    let h = hash_len(alg);
    assert!(message.len() <= max_message_len(alg, k), "message too long for OAEP");
    let mut encoded = vec![0; k];
    encoded[0] = encoding.first;
    let (seed, block) = encoded[1..].split_at_mut(h);
    seed.copy_from_slice(&random.bytes(h));
    block[..h].copy_from_slice(&hash(alg, &[]));
    block[0] ^= encoding.label_difference;
    let separator = block.len() - message.len() - 1;
    if separator > h {
        block[separator - 1] = encoding.padding;
    }
    block[separator] = encoding.separator;
    block[separator + 1..].copy_from_slice(message);
    mask(alg, seed, block);
    mask(alg, block, seed);
    encoded
}

/// RSAES-OAEP encryption (RFC 8017 §7.1.1).
pub(crate) fn encrypt(alg: Alg, key: &RsaNumbers, message: &[u8], random: &mut Seeded) -> Vec<u8> {
    let encoded = encode(alg, key.modulus_len(), message, &Encoding::default(), random);
    rsa::public(key, &BigUint::from_bytes_be(&encoded))
}

/// What an encrypted key holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decrypted {
    pub(crate) message: Vec<u8>,
    /// The seed, which must come from a random source, afresh for each encryption.
    pub(crate) seed: Vec<u8>,
}

/// The message of [`open`].
///
/// # Errors
/// As [`open`].
pub(crate) fn decrypt(
    alg: Alg,
    key: &RsaNumbers,
    ciphertext: &[u8],
) -> Result<Vec<u8>, &'static str> {
    open(alg, key, ciphertext).map(|decrypted| decrypted.message)
}

/// RSAES-OAEP decryption (RFC 8017 §7.1.2) that says what is wrong.
///
/// # Errors
/// The first rule that the ciphertext breaks.
pub(crate) fn open(
    alg: Alg,
    key: &RsaNumbers,
    ciphertext: &[u8],
) -> Result<Decrypted, &'static str> {
    let h = hash_len(alg);
    if ciphertext.len() != key.modulus_len() {
        return Err("it is not as long as the modulus");
    }
    if BigUint::from_bytes_be(ciphertext) >= RsaNumbers::integer(&key.n) {
        return Err("it is not below the modulus");
    }
    let mut encoded = rsa::private(key, ciphertext);
    if encoded[0] != 0 {
        return Err("the encoded message does not begin with 00");
    }
    let (seed, block) = encoded[1..].split_at_mut(h);
    mask(alg, block, seed);
    mask(alg, seed, block);
    if block[..h] != hash(alg, &[]) {
        return Err("the label's hash is not that of the empty label");
    }
    match block[h..].iter().position(|byte| *byte != 0) {
        Some(at) if block[h + at] == 1 => {
            Ok(Decrypted { message: block[h + at + 1..].to_vec(), seed: seed.to_vec() })
        }
        _ => Err("no 01 between padding and message"),
    }
}

#[cfg(test)]
mod tests {
    use jwe_core::Alg;

    use super::{decrypt, encrypt, max_message_len};
    use crate::support::compact::Parts;
    use crate::support::keys::{self, RsaNumbers};
    use crate::support::seeded::Seeded;
    use crate::support::vectors;

    #[test]
    fn reads_what_others_wrapped() {
        for alg in Alg::ALL.iter().copied().filter(|alg| alg.is_rsa()) {
            let mut count = 0;
            for case in vectors::tokens().iter().filter(|case| case.alg == alg) {
                let key = RsaNumbers::from_jwk(&case.key);
                let cek = decrypt(alg, &key, &Parts::of(&case.token).encrypted_key);
                assert_eq!(cek.map(|cek| cek.len()), Ok(case.enc.cek_len()), "{}", case.name);
                count += 1;
            }
            assert!(count >= 4, "too few tokens of {alg}");
        }
    }

    #[test]
    fn reads_what_it_wrapped_and_nothing_else() {
        let mut random = Seeded::new("oaep");
        let key = keys::rsa("2048");
        for alg in Alg::ALL.iter().copied().filter(|alg| alg.is_rsa()) {
            for len in [0, 32, max_message_len(alg, key.modulus_len())] {
                let message = random.bytes(len);
                let mut encrypted = encrypt(alg, key, &message, &mut random);
                assert_eq!(decrypt(alg, key, &encrypted), Ok(message));
                assert!(decrypt(alg, keys::rsa("2048-other"), &encrypted).is_err());
                encrypted[200] ^= 1;
                assert!(decrypt(alg, key, &encrypted).is_err());
                assert!(decrypt(alg, key, &encrypted[1..]).is_err());
            }
            assert!(decrypt(alg, key, &key.n).is_err());
        }
    }
}
