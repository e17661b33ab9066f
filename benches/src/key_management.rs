//! The algorithms of key management that are measured beside each other, each with a key and those
//! who work with it.

use jwe::aws_lc_rs::AWS_LC_RS;
use jwe::{
    Alg, Backend, Curve, Decrypter, DecryptionKey, Enc, Encrypter, EncryptionKey, Jwk, KeyOptions,
    backends,
};

use crate::subjects::private_key;
use crate::{KID, SHORT, by_hand};

/// The content encryption that goes with each of them.
pub const ENC: Enc = Enc::A256Gcm;

/// The iteration count with which PBES2 is measured beside the others: the least that there is.
pub const FEW_ITERATIONS: u32 = 1000;

/// The iteration count that an encrypter takes unless it is told another one.
pub const DEFAULT_ITERATIONS: u32 = 600_000;

/// A function from a value to a token.
pub type Encrypt = Box<dyn Fn(&[u8]) -> String>;
/// A function from a token to its value.
pub type Decrypt = Box<dyn Fn(&str) -> Vec<u8>>;

/// An algorithm with a new key, private where there is a public half.
pub struct Subject {
    /// The `alg`.
    pub alg: Alg,
    /// The key.
    pub jwk: Jwk,
}

/// All algorithms that are measured. RSA-OAEP-256 with a key of 2048 bits is the reference.
#[must_use]
pub fn subjects() -> Vec<Subject> {
    let mut subjects = vec![
        Subject { alg: Alg::RsaOaep256, jwk: private_key(2048) },
        Subject::symmetric(Alg::Dir, 32),
        Subject::symmetric(Alg::A128Kw, 16),
        Subject::symmetric(Alg::A256Kw, 32),
        Subject::symmetric(Alg::A256GcmKw, 32),
    ];
    for alg in [Alg::EcdhEs, Alg::EcdhEsA256Kw] {
        for curve in Curve::ALL {
            subjects.push(Subject::on_curve(alg, *curve));
        }
    }
    subjects.push(Subject::password());
    subjects
}

impl Subject {
    fn new(alg: Alg, jwk: Jwk) -> Self {
        Self { alg, jwk: jwk.with_alg(alg).with_kid(KID).unwrap() }
    }

    /// A symmetric key of so many bytes.
    #[must_use]
    pub fn symmetric(alg: Alg, len: usize) -> Self {
        Self::new(alg, Jwk::generate_oct(&AWS_LC_RS, len).unwrap())
    }

    /// A key pair for key agreement.
    #[must_use]
    pub fn on_curve(alg: Alg, curve: Curve) -> Self {
        Self::new(alg, Jwk::generate_ec(&AWS_LC_RS, curve).unwrap())
    }

    /// A password.
    #[must_use]
    pub fn password() -> Self {
        Self::new(Alg::Pbes2Hs256A128Kw, Jwk::from_password("correct horse battery").unwrap())
    }

    /// The `alg`, with the curve or the iteration count.
    #[must_use]
    pub fn name(&self) -> String {
        match self.jwk.curve() {
            Some(curve) => format!("{}, {curve}", self.alg),
            None if self.alg == Alg::Pbes2Hs256A128Kw => {
                format!("{}, {FEW_ITERATIONS} iterations", self.alg)
            }
            None => self.alg.to_string(),
        }
    }

    /// A prepared encrypter on each backend that has the algorithm, with the backend's name.
    pub fn senders(&self) -> impl Iterator<Item = (String, Encrypter)> {
        self.senders_with(FEW_ITERATIONS)
    }

    /// The same with another iteration count, for PBES2.
    pub fn senders_with(&self, iterations: u32) -> impl Iterator<Item = (String, Encrypter)> {
        let has =
            |backend: &&Backend| backend.encryption_key_import(self.alg, self.jwk.curve()).is_ok();
        backends().iter().copied().filter(has).map(move |backend| {
            let key = EncryptionKey::import(backend, &self.jwk, &KeyOptions::new()).unwrap();
            let builder = Encrypter::builder(backend, &key, ENC).with_iterations(iterations);
            (backend.name(), builder.build().unwrap())
        })
    }

    /// A prepared decrypter on each backend that has the algorithm, with the backend's name.
    pub fn recipients(&self) -> impl Iterator<Item = (String, Decrypter)> {
        let has =
            |backend: &&Backend| backend.decryption_key_import(self.alg, self.jwk.curve()).is_ok();
        backends().iter().copied().filter(has).map(|backend| {
            let key = DecryptionKey::import(backend, &self.jwk, &KeyOptions::new()).unwrap();
            let decrypter = Decrypter::new(backend, [key], &[ENC]).unwrap();
            (backend.name(), decrypter.allow_pbes2(DEFAULT_ITERATIONS))
        })
    }

    /// The same on aws-lc-rs called by hand, where that is written.
    #[must_use]
    pub fn sender_by_hand(&self) -> Option<Encrypt> {
        match (self.alg, self.jwk.curve()) {
            (Alg::RsaOaep256, _) => {
                let sender = by_hand::Sender::new(&self.jwk, ENC);
                Some(Box::new(move |value| sender.encrypt(value).unwrap()))
            }
            (Alg::A256Kw, _) => {
                let party = by_hand::aes_key_wrap::Party::new(&self.jwk);
                Some(Box::new(move |value| party.encrypt(value).unwrap()))
            }
            (Alg::EcdhEs, Some(Curve::P256)) => {
                let sender = by_hand::ecdh_es::Sender::new(&self.jwk);
                Some(Box::new(move |value| sender.encrypt(value).unwrap()))
            }
            _ => None,
        }
    }

    /// The way back of [`sender_by_hand`](Self::sender_by_hand).
    #[must_use]
    pub fn recipient_by_hand(&self) -> Option<Decrypt> {
        match (self.alg, self.jwk.curve()) {
            (Alg::RsaOaep256, _) => {
                let recipient = by_hand::Recipient::new(&self.jwk, ENC);
                Some(Box::new(move |token| recipient.decrypt(token).unwrap()))
            }
            (Alg::A256Kw, _) => {
                let party = by_hand::aes_key_wrap::Party::new(&self.jwk);
                Some(Box::new(move |token| party.decrypt(token).unwrap()))
            }
            (Alg::EcdhEs, Some(Curve::P256)) => {
                let recipient = by_hand::ecdh_es::Recipient::new(&self.jwk);
                Some(Box::new(move |token| recipient.decrypt(token).unwrap()))
            }
            _ => None,
        }
    }

    /// A token of [`SHORT`] that all recipients open, those who know one header only as well.
    #[must_use]
    pub fn token(&self) -> String {
        match self.sender_by_hand() {
            Some(encrypt) => encrypt(SHORT),
            None => self.senders().next().unwrap().1.encrypt(SHORT).unwrap(),
        }
    }
}
