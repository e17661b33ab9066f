//! What several tests need.

use std::sync::Arc;

use jwe_core::{
    Alg, BackendError, Curve, KeyMaterial, OctKey, RandomSource, RsaPublicKey, SenderKey, WrapKey,
    Zeroizing,
};

use ring::digest;

use crate::RING;
use crate::random::RANDOM;

/// The bytes of a hexadecimal text; spaces and line ends are skipped.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| u8::try_from(char::from(byte).to_digit(16).unwrap()).unwrap())
        .collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// That many random bytes.
pub(crate) fn random(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    RANDOM.fill(&mut bytes).unwrap();
    bytes
}

/// A random odd number of exactly that many bits, big-endian: a modulus good enough for the
/// public operation, which works without the factors.
pub(crate) fn odd_modulus(bits: usize) -> Vec<u8> {
    let mut n = random(bits.div_ceil(8));
    let top = (bits - 1) % 8;
    n[0] &= 0xff >> (7 - top);
    n[0] |= 1 << top;
    *n.last_mut().unwrap() |= 1;
    n
}

/// A key of the backend's own import.
pub(crate) fn encryption_key(alg: Alg, n: &[u8], e: &[u8]) -> Arc<dyn WrapKey> {
    let key = KeyMaterial::RsaPublic(RsaPublicKey::new(n, e).unwrap());
    match RING.encryption_key_import(alg, None).unwrap().1.import(&key).unwrap() {
        SenderKey::Wrap(key) => key,
        _ => panic!("an RSA key wraps"),
    }
}

/// A shared key or a password.
pub(crate) fn oct(bytes: &[u8]) -> KeyMaterial {
    KeyMaterial::Oct(OctKey::new(Zeroizing::new(bytes.to_vec())).unwrap())
}

/// The private key within a PKCS #8 document of ring's: it follows the version of the ECPrivateKey
/// (RFC 5915 §3).
pub(crate) fn private_part(curve: Curve, der: &[u8]) -> &[u8] {
    let len = curve.secret_len();
    let version_and_tag = [2, 1, 1, 4, u8::try_from(len).unwrap()];
    let at = der.windows(5).position(|window| window == version_and_tag).unwrap() + 5;
    &der[at..at + len]
}

/// A random source that gives out bytes made before: the seed of a known answer.
pub(crate) struct Given(pub(crate) Vec<u8>);

impl RandomSource for Given {
    fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
        if dest.len() != self.0.len() {
            return Err(BackendError);
        }
        dest.copy_from_slice(&self.0);
        Ok(())
    }
}

/// The hash functions of the four RSA-OAEP algorithms, in the order of the registry.
pub(crate) static ALL_HASHES: [&digest::Algorithm; 4] =
    [&digest::SHA1_FOR_LEGACY_USE_ONLY, &digest::SHA256, &digest::SHA384, &digest::SHA512];

/// EME-OAEP decoding (RFC 8017 §7.1.2, step 3), written apart from the encoding: the seed and the
/// message, or `None` for a block that is no encoding.
pub(crate) fn decode_oaep(
    hash: &'static digest::Algorithm,
    em: &[u8],
) -> Option<(Vec<u8>, Vec<u8>)> {
    let mgf1 = |seed: &[u8], len: usize| {
        let mut mask = Vec::new();
        for counter in 0_u32.. {
            if mask.len() >= len {
                break;
            }
            let input = [seed, &counter.to_be_bytes()].concat();
            mask.extend_from_slice(digest::digest(hash, &input).as_ref());
        }
        mask
    };
    let xor = |a: &[u8], b: &[u8]| -> Vec<u8> { a.iter().zip(b).map(|(a, b)| a ^ b).collect() };
    let hash_len = hash.output_len();
    let (masked_seed, masked_db) = em[1..].split_at(hash_len);
    let seed = xor(masked_seed, &mgf1(masked_db, hash_len));
    let db = xor(masked_db, &mgf1(&seed, masked_db.len()));
    let (label_hash, rest) = db.split_at(hash_len);
    let one = rest.iter().position(|byte| *byte != 0)?;
    let right = em[0] == 0 && label_hash == digest::digest(hash, b"").as_ref() && rest[one] == 1;
    right.then(|| (seed, rest[one + 1..].to_vec()))
}
