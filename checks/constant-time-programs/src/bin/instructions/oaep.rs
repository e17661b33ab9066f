//! Encrypted keys that hold whatever block, by the public operation of RSA alone (RFC 8017 §5.1.1).

use jwe::{Alg, Backend, Enc, Jwk};
use jwe_core::KeyMaterial;
use jwe_tests::parts::Parts;
use num_bigint::BigUint;

use crate::broken::{Broken, changed, good, random};

const HASH_LEN: usize = 32;

/// A modulus and its exponent.
#[derive(Clone)]
struct PublicKey {
    n: BigUint,
    e: BigUint,
    len: usize,
}

impl PublicKey {
    fn of(jwk: &Jwk) -> Self {
        let public = jwk.to_public().expect("an RSA key");
        let KeyMaterial::RsaPublic(key) = public.material() else { panic!("an RSA key") };
        let [n, e] = [key.n(), key.e()].map(BigUint::from_bytes_be);
        Self { n, e, len: key.modulus_len() }
    }

    /// RSAEP of a message representative that is below the modulus.
    fn encrypt(&self, block: &[u8]) -> Vec<u8> {
        let m = BigUint::from_bytes_be(block);
        assert!(m < self.n, "a block below the modulus");
        let c = m.modpow(&self.e, &self.n).to_bytes_be();
        let mut padded = vec![0; self.len - c.len()];
        padded.extend(c);
        padded
    }
}

/// What is wrong with an encoding.
#[derive(Clone, Copy)]
enum Wrong {
    Nothing,
    /// The byte in front, which is zero in a good one: Manger's oracle.
    FirstByte(u8),
    /// One byte of the hash of the label.
    LabelHash(usize),
    /// A byte in front of the separator that is not zero.
    Padding,
    /// Zeros to the end.
    NoSeparator,
}

fn mgf1(backend: &Backend, seed: &[u8], len: usize) -> Vec<u8> {
    let block = |counter: u32| backend.sha256(&[seed, &counter.to_be_bytes()].concat());
    let mut mask: Vec<u8> = (0..).take(len.div_ceil(HASH_LEN)).flat_map(block).collect();
    mask.truncate(len);
    mask
}

fn xor(to: &mut [u8], from: &[u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to ^= from);
}

/// EME-OAEP with SHA-256 (RFC 8017 §7.1.1, step 2), and something wrong with it.
fn encode(backend: &Backend, len: usize, message: &[u8], wrong: Wrong) -> Vec<u8> {
    let db_len = len - HASH_LEN - 1;
    let mut db = backend.sha256(b"").to_vec();
    db.resize(db_len - message.len() - 1, 0);
    db.push(1);
    db.extend_from_slice(message);
    let mut first = 0;
    match wrong {
        Wrong::Nothing => {}
        Wrong::FirstByte(byte) => first = byte,
        Wrong::LabelHash(at) => db[at] ^= 1,
        Wrong::Padding => db[HASH_LEN + 5] = 2,
        Wrong::NoSeparator => db[HASH_LEN..].fill(0),
    }
    let mut seed = random(backend, HASH_LEN);
    xor(&mut db, &mgf1(backend, &seed, db_len));
    xor(&mut seed, &mgf1(backend, &db, HASH_LEN));
    [&[first][..], &seed, &db].concat()
}

/// The ways in which a message for an RSA key fails.
pub(crate) fn broken(backend: &'static Backend, jwk: &Jwk, enc: Enc) -> Vec<Broken> {
    let public = PublicKey::of(jwk);
    let jwk = jwk.clone();
    let good = move || good(backend, &jwk, Alg::RsaOaep256, enc);
    let block = |name, make: Box<dyn Fn(usize) -> Vec<u8>>| {
        let (good, public) = (good.clone(), public.clone());
        Broken::new(name, move || good().with_encrypted_key(&public.encrypt(&make(public.len))))
    };
    let wrong = |name, cek_len: usize, wrong| {
        let make = move |len| encode(backend, len, &random(backend, cek_len), wrong);
        block(name, Box::new(make))
    };
    let short = |name, m_len: usize| {
        let make = move |len: usize| {
            let mut block = vec![0; len - m_len];
            block.extend(random(backend, m_len));
            block
        };
        block(name, Box::new(make))
    };
    let whole = enc.cek_len();
    let tag = {
        let good = good.clone();
        move || -> Parts {
            let parts = good();
            parts.with_tag(&changed(&parts.tag, -1))
        }
    };
    vec![
        Broken::new("good CEK, wrong tag", tag),
        wrong("another CEK", whole, Wrong::Nothing),
        wrong("CEK of 0 bytes", 0, Wrong::Nothing),
        wrong("CEK of 16 bytes", 16, Wrong::Nothing),
        wrong("CEK a byte too short", whole - 1, Wrong::Nothing),
        wrong("CEK a byte too long", whole + 1, Wrong::Nothing),
        wrong("CEK of 190 bytes", 190, Wrong::Nothing),
        wrong("first byte 01", whole, Wrong::FirstByte(1)),
        wrong("first byte 7f", whole, Wrong::FirstByte(0x7f)),
        wrong("first byte of the label's hash", whole, Wrong::LabelHash(0)),
        wrong("last byte of the label's hash", whole, Wrong::LabelHash(HASH_LEN - 1)),
        wrong("padding not zero", whole, Wrong::Padding),
        wrong("no separator", whole, Wrong::NoSeparator),
        short("first byte 00, else random", 255),
        short("m of 128 bytes", 128),
        short("m of 8 bytes", 8),
    ]
}
