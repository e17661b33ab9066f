//! RSA as in the textbook, with blocks that no library makes: RSAES-OAEP with SHA-256 whose parts are
//! chosen, and RSAES-PKCS1-v1_5 (RFC 8017 §7). Nothing here is constant-time, and some of it leaks
//! by design.

use jwe::{Jwk, KeyMaterial};
use num_bigint::BigUint;
use serde_json::Value;

use crate::capability::backends;
use crate::{base64url, vectors};

/// The length of SHA-256 in bytes (hLen).
const HASH_LEN: usize = 32;

/// The numbers of a private key.
#[derive(Debug)]
pub struct TextbookRsa {
    /// The modulus.
    pub n: BigUint,
    /// The public exponent.
    pub e: BigUint,
    p: BigUint,
    q: BigUint,
    dp: BigUint,
    dq: BigUint,
    qi: BigUint,
    k: usize,
}

impl TextbookRsa {
    /// Of a key of [`keys::rsa`](crate::keys::rsa) with 2048 or 3072 bits.
    #[must_use]
    pub fn of(jwk: &Jwk) -> Self {
        let kid = jwk.kid().expect("a kid");
        let vector =
            vectors::peers().iter().find(|vector| vector.key["kid"] == kid).expect("one of ours");
        let KeyMaterial::RsaPrivate(key) = jwk.material() else { panic!("an RSA key") };
        let number = |name: &str| number(&vector.key, name);
        let made = Self {
            n: number("n"),
            e: number("e"),
            p: number("p"),
            q: number("q"),
            dp: number("dp"),
            dq: number("dq"),
            qi: number("qi"),
            k: key.public().modulus_len(),
        };
        assert_eq!(made.n, BigUint::from_bytes_be(key.public().n()));
        made
    }

    /// The length of the modulus in bytes.
    #[must_use]
    pub fn modulus_len(&self) -> usize {
        self.k
    }

    /// A number in as many bytes as the modulus has.
    #[must_use]
    pub fn bytes(&self, number: &BigUint) -> Vec<u8> {
        let bytes = number.to_bytes_be();
        let mut padded = vec![0; self.k.checked_sub(bytes.len()).expect("below 256^k")];
        padded.extend(bytes);
        padded
    }

    /// RSAEP: `block` to the power of e.
    #[must_use]
    pub fn encrypt(&self, block: &[u8]) -> Vec<u8> {
        let number = BigUint::from_bytes_be(block);
        assert!(number < self.n, "a block above the modulus");
        self.bytes(&number.modpow(&self.e, &self.n))
    }

    /// RSADP: the block of an encrypted key.
    #[must_use]
    pub fn decrypt(&self, encrypted_key: &[u8]) -> Vec<u8> {
        let c = BigUint::from_bytes_be(encrypted_key);
        let (m1, m2) = (c.modpow(&self.dp, &self.p), c.modpow(&self.dq, &self.q));
        let difference = (&m1 + &self.p - (&m2 % &self.p)) % &self.p;
        self.bytes(&(&m2 + &self.q * ((difference * &self.qi) % &self.p)))
    }
}

fn number(jwk: &Value, name: &str) -> BigUint {
    BigUint::from_bytes_be(&base64url::decode(jwk[name].as_str().expect("a private key")))
}

fn sha256(data: &[u8]) -> [u8; HASH_LEN] {
    backends()[0].sha256(data)
}

/// MGF1 (RFC 8017 §B.2.1) of `seed`, added to `target` bit by bit.
fn mask(seed: &[u8], target: &mut [u8]) {
    for (counter, chunk) in (0u32..).zip(target.chunks_mut(HASH_LEN)) {
        let block = sha256(&[seed, &counter.to_be_bytes()].concat());
        chunk.iter_mut().zip(block).for_each(|(byte, mask)| *byte ^= mask);
    }
}

/// What an OAEP block is made of; the default is right.
#[derive(Clone, Debug)]
pub struct Oaep {
    /// Y, the first byte of the block.
    pub first: u8,
    /// Added to the first byte of the hash of the label.
    pub label: u8,
    /// The byte between the padding and the message.
    pub separator: u8,
    /// Added to the first byte of the padding.
    pub padding: u8,
    /// The seed.
    pub seed: [u8; HASH_LEN],
}

impl Default for Oaep {
    fn default() -> Self {
        Self { first: 0, label: 0, separator: 1, padding: 0, seed: [0x5e; HASH_LEN] }
    }
}

impl Oaep {
    /// The block of `k` bytes (RFC 8017 §7.1.1, step 2).
    #[must_use]
    pub fn block(&self, k: usize, message: &[u8]) -> Vec<u8> {
        let mut block = vec![0; k];
        block[0] = self.first;
        let (seed, data) = block[1..].split_at_mut(HASH_LEN);
        seed.copy_from_slice(&self.seed);
        data[..HASH_LEN].copy_from_slice(&sha256(&[]));
        data[0] ^= self.label;
        let separator = data.len() - message.len() - 1;
        data[separator + 1..].copy_from_slice(message);
        data[HASH_LEN] ^= self.padding;
        data[separator] = self.separator;
        mask(seed, data);
        mask(data, seed);
        block
    }
}

/// The message of an OAEP block, or which rule it breaks first (RFC 8017 §7.1.2, step 3): a
/// recipient that says so is an oracle.
///
/// # Errors
/// The rule.
pub fn oaep_message(block: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut block = block.to_vec();
    if block[0] != 0 {
        return Err("the first byte is not zero");
    }
    let (seed, data) = block[1..].split_at_mut(HASH_LEN);
    mask(data, seed);
    mask(seed, data);
    if data[..HASH_LEN] != sha256(&[]) {
        return Err("the hash of the label is wrong");
    }
    match data[HASH_LEN..].iter().position(|byte| *byte != 0) {
        Some(at) if data[HASH_LEN + at] == 1 => Ok(data[HASH_LEN + at + 1..].to_vec()),
        _ => Err("no byte 01 stands before the message"),
    }
}

/// A block that begins with these two bytes and has no zero between them and the one before
/// `message`: with 00 02 that of RSAES-PKCS1-v1_5 (RFC 8017 §7.2.1, step 2).
#[must_use]
pub fn pkcs1_block(k: usize, start: [u8; 2], message: &[u8]) -> Vec<u8> {
    let mut block: Vec<u8> = (0..k).map(|at| (at % 255 + 1) as u8).collect();
    block[..2].copy_from_slice(&start);
    let at = k - message.len();
    block[at - 1] = 0;
    block[at..].copy_from_slice(message);
    block
}

#[cfg(test)]
mod tests {
    use jwe::{Alg, Enc, Encrypter};

    use super::{Oaep, TextbookRsa, oaep_message};
    use crate::capability::backends;
    use crate::parts::Parts;
    use crate::{base64url, keys};

    #[test]
    fn it_is_the_rsa_of_the_backends() {
        let jwk = keys::rsa(2048);
        let rsa = TextbookRsa::of(&jwk);
        for backend in backends().iter().copied() {
            let sender = keys::sender(backend, &jwk, Alg::RsaOaep256);
            let encrypter = Encrypter::new(backend, &sender, Enc::A256Gcm).unwrap();
            let token = encrypter.encrypt(b"x").unwrap();
            let block = rsa.decrypt(&base64url::decode(&Parts::of(&token).encrypted_key));
            assert_eq!(oaep_message(&block).map(|cek| cek.len()), Ok(32), "{backend}");
        }
        for len in [0, 16, 190] {
            let message = vec![7; len];
            let block = Oaep::default().block(rsa.modulus_len(), &message);
            assert_eq!(rsa.decrypt(&rsa.encrypt(&block)), block);
            assert_eq!(oaep_message(&block), Ok(message));
        }
        for (wrong, says) in [
            (Oaep { first: 1, ..Oaep::default() }, "first byte"),
            (Oaep { label: 1, ..Oaep::default() }, "label"),
            (Oaep { separator: 2, ..Oaep::default() }, "01"),
            (Oaep { padding: 9, ..Oaep::default() }, "01"),
        ] {
            let error = oaep_message(&wrong.block(rsa.modulus_len(), &[1; 16])).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
