//! A sender that can be told to do each thing wrong.

use base64_simd::URL_SAFE_NO_PAD;
use jwe_aws_lc_rs::AWS_LC_RS;
use jwe_core::{Direction, Enc, Jwk, KeyMaterial};
use jwe_doctor::{Diagnosis, Expected, diagnose};
use num_bigint::BigUint;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

pub(crate) const KID: &str = "throw-away-1";

/// The private key.
pub(crate) fn key() -> Jwk {
    Jwk::from_json(include_bytes!("../data/key.private.jwk")).unwrap()
}

/// Another private key, of the same length.
pub(crate) fn other_key() -> Jwk {
    Jwk::from_pem(include_str!("../data/other.pkcs8.pem")).unwrap().with_kid("other").unwrap()
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes.as_ref())
}

/// The padding of the CEK.
#[derive(Clone, Copy)]
pub(crate) enum Pad {
    Oaep(fn(&[u8]) -> Vec<u8>, fn(&[u8]) -> Vec<u8>),
    Pkcs1,
    None,
}

pub(crate) fn sha1(bytes: &[u8]) -> Vec<u8> {
    Sha1::digest(bytes).to_vec()
}
pub(crate) fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}
pub(crate) fn sha384(bytes: &[u8]) -> Vec<u8> {
    Sha384::digest(bytes).to_vec()
}
pub(crate) fn sha512(bytes: &[u8]) -> Vec<u8> {
    Sha512::digest(bytes).to_vec()
}

/// A token in the making.
#[derive(Clone)]
pub(crate) struct Sender {
    pub(crate) key: Jwk,
    /// The JSON text of the header.
    pub(crate) header: String,
    /// What is authenticated instead of the header's base64url text.
    pub(crate) aad: Option<Vec<u8>>,
    pub(crate) pad: Pad,
    /// What is encrypted with the RSA key, if it is not the CEK.
    pub(crate) encrypted_cek: Option<Vec<u8>>,
    pub(crate) cek: Vec<u8>,
    pub(crate) enc: Enc,
    pub(crate) iv: Vec<u8>,
    pub(crate) plaintext: Vec<u8>,
}

/// A token that is right, for the key.
pub(crate) fn sender() -> Sender {
    Sender {
        key: key(),
        header: format!(r#"{{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"{KID}"}}"#),
        aad: None,
        pad: Pad::Oaep(sha256, sha256),
        encrypted_cek: None,
        cek: (1..=32).collect(),
        enc: Enc::A256Gcm,
        iv: (100..112).collect(),
        plaintext: b"s3cret pass".to_vec(),
    }
}

impl Sender {
    pub(crate) fn header(mut self, json: impl Into<String>) -> Self {
        self.header = json.into();
        self
    }

    pub(crate) fn plaintext(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.plaintext = bytes.into();
        self
    }

    /// With another `enc`, whether or not the header says it.
    pub(crate) fn enc(mut self, enc: Enc) -> Self {
        self.enc = enc;
        self.cek = (1..).take(enc.cek_len()).collect();
        self.iv = (100..).take(enc.iv_len()).collect();
        self
    }

    /// The five parts, decoded.
    pub(crate) fn parts(&self) -> [Vec<u8>; 5] {
        let aad = self.aad.clone().unwrap_or_else(|| base64url(&self.header).into_bytes());
        let object = AWS_LC_RS.content_encryption(self.enc, Direction::Encrypt).unwrap();
        let mut content = self.plaintext.clone();
        content.resize(self.enc.ciphertext_len(content.len()).unwrap(), 0);
        let mut tag = vec![0; self.enc.tag_len()];
        let len = self.plaintext.len();
        object.seal(&self.cek, &self.iv, &aad, &mut content, len, &mut tag).unwrap();
        let cek = self.encrypted_cek.as_ref().unwrap_or(&self.cek);
        let encrypted_key = rsa(&self.key, &padded(&self.key, self.pad, cek));
        [self.header.clone().into_bytes(), encrypted_key, self.iv.clone(), content, tag]
    }

    pub(crate) fn token(&self) -> String {
        join(&self.parts())
    }

    /// The token with the parts changed.
    pub(crate) fn with(&self, change: impl FnOnce(&mut [Vec<u8>; 5])) -> String {
        let mut parts = self.parts();
        change(&mut parts);
        join(&parts)
    }
}

pub(crate) fn join(parts: &[Vec<u8>; 5]) -> String {
    parts.iter().map(base64url).collect::<Vec<_>>().join(".")
}

fn modulus(key: &Jwk) -> (&[u8], &[u8]) {
    match key.material() {
        KeyMaterial::RsaPublic(key) => (key.n(), key.e()),
        KeyMaterial::RsaPrivate(key) => (key.public().n(), key.public().e()),
        _ => panic!("no RSA key"),
    }
}

/// RSAEP (RFC 8017 §5.1.1).
pub(crate) fn rsa(key: &Jwk, message: &[u8]) -> Vec<u8> {
    let (n, e) = modulus(key);
    let power = BigUint::from_bytes_be(message)
        .modpow(&BigUint::from_bytes_be(e), &BigUint::from_bytes_be(n))
        .to_bytes_be();
    let mut encrypted = vec![0; n.len() - power.len()];
    encrypted.extend(power);
    encrypted
}

/// EME-OAEP (RFC 8017 §7.1.1) or EME-PKCS1-v1_5 (§7.2.1).
pub(crate) fn padded(key: &Jwk, pad: Pad, message: &[u8]) -> Vec<u8> {
    let len = modulus(key).0.len();
    match pad {
        Pad::None => message.to_vec(),
        Pad::Pkcs1 => {
            let mut encoded = vec![0, 2];
            encoded.resize(len - message.len() - 1, 0xa5);
            encoded.push(0);
            encoded.extend(message);
            encoded
        }
        Pad::Oaep(hash, mgf1) => {
            let label = hash(b"");
            let mask = |bytes: &mut [u8], seed: &[u8]| {
                let mask =
                    (0_u32..).flat_map(|counter| mgf1(&[seed, &counter.to_be_bytes()].concat()));
                bytes.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
            };
            let mut seed: Vec<u8> = (0..label.len()).map(|at| (at * 7) as u8).collect();
            let mut block = label.clone();
            block.resize(len - 1 - seed.len() - message.len() - 1, 0);
            block.push(1);
            block.extend(message);
            mask(&mut block, &seed);
            mask(&mut seed, &block);
            [vec![0], seed, block].concat()
        }
    }
}

/// What is found with the private key.
pub(crate) fn examined(token: impl AsRef<[u8]>) -> Diagnosis {
    diagnose(token.as_ref(), &[key()], &AWS_LC_RS, &Expected::default())
}

/// The codes of what is found with the private key.
pub(crate) fn codes(token: impl AsRef<[u8]>) -> Vec<&'static str> {
    examined(token).findings.iter().map(|finding| finding.cause.code()).collect()
}
