use jwe_core::{Alg, Backend, DecryptError, Decrypter};
use num_bigint::BigUint;

use crate::support::bytes::left_padded;
use crate::support::compact::Parts;
use crate::support::engine::{self, Pair};
use crate::support::keys::RsaNumbers;
use crate::support::reference::oaep::{self, Encoding};
use crate::support::reference::rsa;
use crate::support::seeded::Seeded;

/// Attacks that live on a difference between two failures find none: Vaudenay's on the padding
/// of CBC, Manger's on the first byte of OAEP, Bleichenbacher's on PKCS #1 v1.5.
///
/// # Panics
/// When the backend does not conform.
pub fn engine_oracles(backend: &Backend) {
    let mut random = Seeded::new("engine_oracles");
    let mut rsa = Vec::new();
    for pair in engine::pairs(backend) {
        let Some(decrypter) = pair.decrypter() else { continue };
        // Where the CEK comes from does not matter: the key itself, and one that is unwrapped.
        if matches!(pair.alg, Alg::Dir | Alg::A256Kw) && pair.enc.is_cbc() {
            vaudenay(&pair, &decrypter, &mut random);
        }
        // The key operation does not depend on the enc.
        if pair.alg.is_rsa() && !rsa.contains(&pair.alg) {
            rsa.push(pair.alg);
            manger(&pair, &decrypter, &mut random);
        }
    }
}

/// The answers to a series of questions, which must all be the same.
struct Oracle<'a, 'b> {
    pair: &'a Pair<'b>,
    decrypter: &'a Decrypter,
    attack: &'static str,
}

impl Oracle<'_, '_> {
    fn ask(&self, question: &str, parts: &Parts) {
        let case = format!("{}, {question}", self.attack);
        let error = engine::refused(&self.pair.site, self.decrypter, &case, &parts.token());
        self.pair.site.holds(
            &case,
            error == DecryptError::DecryptionFailed,
            &format!("the answer is {error:?}, which differs from the others"),
        );
    }
}

/// Vaudenay 2002: from the last byte to the first, each of 256 changes of the block before; the
/// attacker learns a byte when one answer differs.
fn vaudenay(pair: &Pair<'_>, decrypter: &Decrypter, random: &mut Seeded) {
    let oracle = Oracle { pair, decrypter, attack: "padding oracle" };
    let secret = b"sixteen secrets.";
    let good = pair.message(secret, random).parts;
    for at in (0..16).rev() {
        // The attacker who knows the bytes behind sets them to a padding, the best case for him.
        let pad = u8::try_from(16 - at).expect("at most 16");
        for guess in 0..=255 {
            // One block, with the IV as the block before it.
            let mut iv = good.iv.clone();
            for behind in at + 1..16 {
                iv[behind] ^= secret[behind] ^ pad;
            }
            iv[at] ^= guess;
            let ciphertext = good.ciphertext[..16].to_vec();
            let question = format!("byte {at} with {guess:02x}");
            oracle.ask(&question, &Parts { iv, ciphertext, ..good.clone() });
        }
    }
}

/// Manger 2001: is the first byte of the decrypted block zero? And its elder relations.
fn manger(pair: &Pair<'_>, decrypter: &Decrypter, random: &mut Seeded) {
    let oracle = Oracle { pair, decrypter, attack: "RSA oracle" };
    let key = pair.rsa().expect("an RSA key");
    let k = key.modulus_len();
    let n = RsaNumbers::integer(&key.n);
    let message = pair.message(b"a secret", random);
    let good = &message.parts;
    let ask = |question: &str, encrypted_key: Vec<u8>| {
        oracle.ask(question, &Parts { encrypted_key, ..good.clone() });
    };

    let mut blocks = vec![
        ("m = 0".to_owned(), BigUint::ZERO),
        ("m = 1".to_owned(), BigUint::from(1u8)),
        ("m = n - 1".to_owned(), &n - 1u8),
    ];
    for first in [0x00, 0x01, 0x7f] {
        for _ in 0..8 {
            let mut block = random.bytes(k);
            block[0] = first;
            blocks.push((
                format!("a random block with {first:02x} first"),
                BigUint::from_bytes_be(&block),
            ));
        }
        let encoding = Encoding { first, ..Encoding::default() };
        // With 00 first it is a right encoding, of another CEK.
        let cek = random.bytes(message.cek.len());
        let block = oaep::encode(pair.alg, k, &cek, &encoding, random);
        blocks.push((
            format!("an OAEP block with {first:02x} first"),
            BigUint::from_bytes_be(&block),
        ));
    }
    // PKCS #1 v1.5 with CEKs of right and wrong lengths, and blocks that are almost such.
    for (start, len) in [([0, 2], message.cek.len()), ([0, 2], 17), ([0, 1], 16), ([1, 2], 16)] {
        let mut block: Vec<u8> = random.bytes(k).iter().map(|byte| byte | 1).collect();
        block[..2].copy_from_slice(&start);
        block[k - len - 1] = 0;
        block[k - len..].copy_from_slice(&random.bytes(len));
        blocks.push((
            format!("a PKCS #1 v1.5 block {start:02x?} with {len} bytes"),
            BigUint::from_bytes_be(&block),
        ));
    }
    for (question, block) in blocks {
        if block < n {
            ask(&question, rsa::public(&key, &block));
        }
    }

    // The attack itself: c times f^e, for f that double, as in its first step.
    let c = BigUint::from_bytes_be(&good.encrypted_key);
    let e = RsaNumbers::integer(&key.e);
    let mut factor = BigUint::from(2u8);
    for turn in 0..64 {
        let product = (&c * factor.modpow(&e, &n)) % &n;
        ask(&format!("c times {factor}^e"), left_padded(&product.to_bytes_be(), k));
        factor = if turn % 2 == 0 { &factor * 2u8 } else { &factor * 2u8 + 1u8 };
    }
    for _ in 0..64 {
        let encrypted = oaep::encrypt(pair.alg, &key, &message.cek, random);
        let sum = BigUint::from_bytes_be(&encrypted) + &n;
        if sum.bits() <= 8 * u64::try_from(k).expect("a length") {
            ask("c + n", left_padded(&sum.to_bytes_be(), k));
        }
    }
    ask("c of bytes ff", vec![0xff; k]);
}
