//! RSA keys with a fault.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use jwe_core::{
    Alg, BackendError, DIRECT, DecryptionKeyImport, EncryptionKeyImport, KeyMaterial, KeyRejected,
    RecipientContext, RecipientKey, SenderContext, SenderDeriveKey, SenderKey, UnwrapKey, WrapKey,
};
use num_bigint::BigUint;

use super::{good_recipient, good_sender, sender_of_given_seeds, sources};

/// What is wrong.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// Nothing: the control.
    None,
    /// The hash is that of this algorithm.
    OtherHash(Alg),
    /// A number with leading zeros may be written without them.
    TakesShort,
    /// A number may be written with more leading zeros.
    TakesLong,
    /// A number at or above the modulus is reduced.
    Reduces,
    /// Panics at an encrypted key of less than 8 bytes.
    PanicsOnShort,
    /// The length returned is always that of a CEK of 32 bytes.
    Says32,
    /// The length returned is at least that of a CEK of 32 bytes.
    SaysAtLeast32,
    /// The length returned is that of the buffer.
    SaysAll,
    /// What is not unwrapped is a CEK of zeros.
    ZeroCek,
    /// Keys of more than 4096 bits are refused.
    Max4096,
    /// Keys whose length is not a multiple of 64 bits are refused.
    WholeWords,
    /// An inconsistent private key is taken for another one.
    TakesInconsistent,
    /// Inconsistent keys and keys of another type are refused for a reason of its own.
    OwnReason,
    /// The public half of a private key is taken to encrypt.
    TakesPrivate,
    /// No fault: only CEKs that are as long as that of an `enc` are wrapped.
    UsualCeksOnly,
    /// Only CEKs of up to 48 bytes are wrapped.
    ShortCeksOnly,
    /// The seed of RSAES-OAEP is one of two.
    TwoSeeds,
    /// After an encrypted key was refused, the next one is, too.
    FailureSticks,
    /// The same CEK gives the same encrypted key.
    SameTwice,
    /// An encrypted key that is too long for the buffer is cut.
    CutsOutput,
    /// After an error a byte of what was worked on stands in the output.
    LeavesOutput,
    /// The length of the encrypted key is said wrongly.
    SaysLength(usize),
}

/// An import object, for both directions, with a fault.
pub(crate) struct Spoilt(pub(crate) Alg, pub(crate) Fault);

impl Spoilt {
    fn used(&self) -> Alg {
        match self.1 {
            Fault::OtherHash(alg) => alg,
            _ => self.0,
        }
    }

    fn reason(&self, reason: KeyRejected) -> KeyRejected {
        match self.1 {
            Fault::OwnReason => KeyRejected::new("a reason of its own"),
            _ => reason,
        }
    }

    fn check(&self, modulus_bits: usize) -> Result<(), KeyRejected> {
        match self.1 {
            Fault::Max4096 if modulus_bits > 4096 => Err(KeyRejected::new("too long")),
            Fault::WholeWords if !modulus_bits.is_multiple_of(64) => {
                Err(KeyRejected::new("an odd length"))
            }
            _ => Ok(()),
        }
    }
}

impl EncryptionKeyImport for Spoilt {
    fn alg(&self) -> Alg {
        self.0
    }

    fn implementation(&self) -> &'static str {
        "spoilt"
    }

    fn import(&self, key: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        let key = match (key, self.1) {
            (KeyMaterial::RsaPrivate(key), Fault::TakesPrivate) => {
                KeyMaterial::RsaPublic(key.public().clone())
            }
            (key, _) => key.clone(),
        };
        if let KeyMaterial::RsaPublic(key) = &key {
            self.check(key.modulus_bits())?;
        }
        let good = match self.1 {
            Fault::TwoSeeds => sender_of_given_seeds(self.used()),
            _ => good_sender(self.used()),
        };
        match good.import(&key).map_err(|reason| self.reason(reason))? {
            SenderKey::Wrap(good) => Ok(SenderKey::Wrap(Arc::new(SpoiltWrap {
                good,
                fault: self.1,
                last: Mutex::new(None),
            }))),
            other => Ok(other),
        }
    }
}

impl DecryptionKeyImport for Spoilt {
    fn alg(&self) -> Alg {
        self.0
    }

    fn implementation(&self) -> &'static str {
        "spoilt"
    }

    fn import(&self, key: &KeyMaterial) -> Result<RecipientKey, KeyRejected> {
        let modulus = match key {
            KeyMaterial::RsaPrivate(key) => {
                self.check(key.public().modulus_bits())?;
                key.public().n().to_vec()
            }
            _ => return Err(self.reason(KeyRejected::WRONG_KEY_TYPE)),
        };
        match (good_recipient(self.used()).import(key), self.1) {
            (Ok(RecipientKey::Unwrap(good)), fault) => {
                let failed = AtomicBool::new(false);
                Ok(RecipientKey::Unwrap(Arc::new(SpoiltUnwrap { good, fault, modulus, failed })))
            }
            (Err(_), Fault::TakesInconsistent) => {
                Ok(RecipientKey::Unwrap(Arc::new(Never(modulus.len()))))
            }
            (other, _) => other.map_err(|reason| self.reason(reason)),
        }
    }
}

/// A key that unwraps nothing.
struct Never(usize);

impl UnwrapKey for Never {
    fn encrypted_key_len(&self, _: usize) -> usize {
        self.0
    }

    fn unwrap_key(
        &self,
        _: &RecipientContext<'_>,
        _: &[u8],
        _: &mut [u8],
    ) -> Result<usize, BackendError> {
        Err(BackendError)
    }
}

struct SpoiltWrap {
    good: Arc<dyn WrapKey>,
    fault: Fault,
    last: Mutex<Option<(Vec<u8>, Vec<u8>)>>,
}

impl WrapKey for SpoiltWrap {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        match self.fault {
            Fault::SaysLength(len) => len,
            _ => self.good.encrypted_key_len(cek_len),
        }
    }

    fn wrap_key(
        &self,
        context: &mut SenderContext<'_>,
        cek: &[u8],
        encrypted_key: &mut [u8],
    ) -> Result<(), BackendError> {
        match self.fault {
            Fault::SameTwice => {
                let mut last = self.last.lock().expect("no panic while it is held");
                match &*last {
                    Some((of, same)) if of == cek && same.len() == encrypted_key.len() => {
                        encrypted_key.copy_from_slice(same);
                    }
                    _ => {
                        self.good.wrap_key(context, cek, encrypted_key)?;
                        *last = Some((cek.to_vec(), encrypted_key.to_vec()));
                    }
                }
                Ok(())
            }
            Fault::UsualCeksOnly if ![16, 24, 32, 48, 64].contains(&cek.len()) => Err(BackendError),
            Fault::ShortCeksOnly if cek.len() > 48 => Err(BackendError),
            Fault::TwoSeeds => {
                let mut context = SenderContext::new(context.enc(), &sources::TWO);
                self.good.wrap_key(&mut context, cek, encrypted_key)
            }
            Fault::CutsOutput => {
                let mut whole = vec![0; self.good.encrypted_key_len(cek.len())];
                self.good.wrap_key(context, cek, &mut whole)?;
                let len = encrypted_key.len().min(whole.len());
                encrypted_key[..len].copy_from_slice(&whole[..len]);
                Ok(())
            }
            _ => self.good.wrap_key(context, cek, encrypted_key),
        }
    }
}

struct SpoiltUnwrap {
    good: Arc<dyn UnwrapKey>,
    fault: Fault,
    modulus: Vec<u8>,
    failed: AtomicBool,
}

impl UnwrapKey for SpoiltUnwrap {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        self.good.encrypted_key_len(cek_len)
    }

    fn unwrap_key(
        &self,
        context: &RecipientContext<'_>,
        encrypted_key: &[u8],
        out: &mut [u8],
    ) -> Result<usize, BackendError> {
        let k = self.modulus.len();
        let written = |number: &[u8]| [&vec![0; k - number.len()], number].concat();
        let (good, given) = (&self.good, encrypted_key);
        match self.fault {
            Fault::TakesShort if given.len() < k => good.unwrap_key(context, &written(given), out),
            Fault::TakesLong
                if given.len() > k && given[..given.len() - k].iter().all(|b| *b == 0) =>
            {
                good.unwrap_key(context, &given[given.len() - k..], out)
            }
            Fault::Reduces if given.len() == k => {
                let n = BigUint::from_bytes_be(&self.modulus);
                let reduced = BigUint::from_bytes_be(given) % n;
                good.unwrap_key(context, &written(&reduced.to_bytes_be()), out)
            }
            Fault::FailureSticks => {
                let result = good.unwrap_key(context, given, out);
                if self.failed.swap(result.is_err(), Ordering::SeqCst) {
                    out.fill(0);
                    return Err(BackendError);
                }
                result
            }
            Fault::PanicsOnShort if given.len() < 8 => panic!("index out of bounds"),
            Fault::Says32 => good.unwrap_key(context, given, out).map(|_| 32),
            Fault::SaysAtLeast32 => good.unwrap_key(context, given, out).map(|len| len.max(32)),
            Fault::SaysAll => good.unwrap_key(context, given, out).map(|_| out.len()),
            Fault::ZeroCek => good.unwrap_key(context, given, out).or_else(|_| {
                out.fill(0);
                Ok(32)
            }),
            Fault::LeavesOutput => {
                good.unwrap_key(context, given, out).inspect_err(|_| out[k - 1] = 1)
            }
            _ => good.unwrap_key(context, given, out),
        }
    }
}

/// `dir` that takes no key but those that serve an `enc`, which it may.
pub(crate) struct UsualLengths;

impl EncryptionKeyImport for UsualLengths {
    fn alg(&self) -> Alg {
        Alg::Dir
    }

    fn implementation(&self) -> &'static str {
        "spoilt"
    }

    fn import(&self, key: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        match key {
            KeyMaterial::Oct(oct) if ![16, 24, 32, 48, 64].contains(&oct.as_bytes().len()) => {
                Err(KeyRejected::new("no enc has a CEK of that length"))
            }
            _ => DIRECT_SENDER.import(key),
        }
    }
}

impl DecryptionKeyImport for UsualLengths {
    fn alg(&self) -> Alg {
        Alg::Dir
    }

    fn implementation(&self) -> &'static str {
        "spoilt"
    }

    fn import(&self, key: &KeyMaterial) -> Result<RecipientKey, KeyRejected> {
        match key {
            KeyMaterial::Oct(oct) if ![16, 24, 32, 48, 64].contains(&oct.as_bytes().len()) => {
                Err(KeyRejected::new("no enc has a CEK of that length"))
            }
            _ => DIRECT_RECIPIENT.import(key),
        }
    }
}

static DIRECT_SENDER: &dyn EncryptionKeyImport = &DIRECT;
static DIRECT_RECIPIENT: &dyn DecryptionKeyImport = &DIRECT;

/// `dir` that fits every length, by cutting the key or by repeating it.
pub(crate) struct AnyLength;

struct AnyLengthKey(Vec<u8>);

impl EncryptionKeyImport for AnyLength {
    fn alg(&self) -> Alg {
        Alg::Dir
    }

    fn implementation(&self) -> &'static str {
        "spoilt"
    }

    fn import(&self, key: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        match key {
            KeyMaterial::Oct(key) => {
                Ok(SenderKey::Derive(Arc::new(AnyLengthKey(key.as_bytes().to_vec()))))
            }
            _ => Err(KeyRejected::WRONG_KEY_TYPE),
        }
    }
}

impl SenderDeriveKey for AnyLengthKey {
    fn cek_len(&self) -> Option<usize> {
        None
    }

    fn derive_key(&self, _: &mut SenderContext<'_>, cek: &mut [u8]) -> Result<(), BackendError> {
        for (byte, key) in cek.iter_mut().zip(self.0.iter().cycle()) {
            *byte = *key;
        }
        Ok(())
    }
}
