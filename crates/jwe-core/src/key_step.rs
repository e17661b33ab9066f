//! The sender's key step: one key, and what it gives for one message (RFC 7516 §5.1, steps 2 to
//! 6).

use std::sync::Arc;

use serde_json::Value;

use crate::alg::{Alg, KeyManagementMode};
use crate::base64url;
use crate::cek::Cek;
use crate::curve::Curve;
use crate::ec_key::EcPrivateKey;
use crate::enc::Enc;
use crate::error::{EncryptError, SetupError};
use crate::gcm_key_wrap;
use crate::header_template::{Member, Slot};
use crate::key::EncryptionKey;
use crate::key_import::{SenderContext, SenderKey, UNWRAP_BUFFER_LEN};
use crate::pbes2;
use crate::random_source::RandomSource;
use crate::uses::Uses;

/// The length of the `p2s` that is written, in bytes (RFC 8018 §4.1 has at least 8).
const SALT_LEN: usize = 16;

/// The `p2c` that is written unless the caller chooses: the figure of the OWASP Password Storage
/// Cheat Sheet for HMAC-SHA-256, which is above the one for the longer hashes.
const ITERATIONS: u32 = 600_000;

/// The longest `apu` and `apv` that are written, in bytes.
const MAX_AGREEMENT_INFO_LEN: usize = 1024;

/// What the key of a recipient writes for one message.
pub(crate) struct KeyStep {
    pub(crate) encrypted_key: [u8; UNWRAP_BUFFER_LEN],
    pub(crate) epk: [u8; Curve::MAX_PUBLIC_LEN],
    pub(crate) key_iv: [u8; gcm_key_wrap::IV_LEN],
    pub(crate) key_tag: [u8; gcm_key_wrap::TAG_LEN],
    pub(crate) p2s: [u8; SALT_LEN],
}

impl KeyStep {
    pub(crate) const EMPTY: Self = Self {
        encrypted_key: [0; UNWRAP_BUFFER_LEN],
        epk: [0; Curve::MAX_PUBLIC_LEN],
        key_iv: [0; gcm_key_wrap::IV_LEN],
        key_tag: [0; gcm_key_wrap::TAG_LEN],
        p2s: [0; SALT_LEN],
    };
}

/// Where the random inputs of one message come from.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<'a> {
    pub(crate) random: &'a dyn RandomSource,
    /// For test vectors only.
    pub(crate) ephemeral: Option<&'a EcPrivateKey>,
}

/// The choices of a sender that only some algorithms look at.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeySettings {
    pub(crate) apu: Option<Vec<u8>>,
    pub(crate) apv: Option<Vec<u8>>,
    pub(crate) p2c: Option<u32>,
}

/// A recipient's key with its settings, for one `enc`.
#[derive(Clone)]
pub(crate) struct Sender {
    alg: Alg,
    enc: Enc,
    kid: Option<Arc<str>>,
    curve: Option<Curve>,
    key: SenderKey,
    uses: Uses,
    encrypted_key_len: usize,
    apu: Option<Arc<[u8]>>,
    apv: Option<Arc<[u8]>>,
    p2c: u32,
}

impl Sender {
    pub(crate) fn new(
        key: &EncryptionKey,
        enc: Enc,
        settings: &KeySettings,
    ) -> Result<Self, SetupError> {
        let encrypted_key_len = match &key.key {
            SenderKey::Wrap(key) => match key.encrypted_key_len(enc.cek_len()) {
                len @ 0..=UNWRAP_BUFFER_LEN => len,
                _ => return Err(SetupError::EncryptedKeyTooLong),
            },
            SenderKey::Derive(derive) => {
                check_cek_len(enc, key.enc, derive.cek_len())?;
                0
            }
        };
        let p2c = settings.p2c.unwrap_or(ITERATIONS);
        if p2c < pbes2::MIN_ITERATIONS || p2c > i32::MAX.unsigned_abs() {
            return Err(SetupError::KeyParameter(
                "the iteration count p2c is below 1000 (RFC 7518 §4.8.1.2) or above 2^31 - 1: choose another",
            ));
        }
        let info = |info: &Option<Vec<u8>>| match info.as_deref() {
            Some([]) => {
                Err(SetupError::KeyParameter("an empty apu or apv says nothing: leave it out"))
            }
            Some(info) if info.len() > MAX_AGREEMENT_INFO_LEN => Err(SetupError::KeyParameter(
                "the apu or the apv is longer than 1024 bytes: choose a shorter one",
            )),
            Some(info) => Ok(Some(Arc::from(info))),
            None => Ok(None),
        };
        Ok(Self {
            alg: key.alg,
            enc,
            kid: key.kid.clone(),
            curve: key.curve,
            key: key.key.clone(),
            uses: key.uses.clone(),
            encrypted_key_len,
            apu: info(&settings.apu)?,
            apv: info(&settings.apv)?,
            p2c,
        })
    }

    pub(crate) fn alg(&self) -> Alg {
        self.alg
    }

    /// The length of the encrypted key in bytes.
    pub(crate) fn encrypted_key_len(&self) -> usize {
        self.encrypted_key_len
    }

    /// Whether the key determines the CEK, so that there can be no other recipient.
    pub(crate) fn is_direct(&self) -> bool {
        matches!(self.key, SenderKey::Derive(_))
    }

    /// The header members of the key that stay the same, `alg` first.
    pub(crate) fn constant_members(&self) -> Vec<Member> {
        let mut members = vec![("alg".to_owned(), Slot::constant(&self.alg.name().into()))];
        if let Some(kid) = &self.kid {
            members.push(("kid".to_owned(), Slot::constant(&Value::from(&**kid))));
        }
        if self.alg.is_ecdh() {
            for (name, info) in [("apu", &self.apu), ("apv", &self.apv)] {
                if let Some(info) = info {
                    let text = Value::from(base64url::encode(info));
                    members.push((name.to_owned(), Slot::constant(&text)));
                }
            }
        }
        if self.alg.is_pbes2() {
            members.push(("p2c".to_owned(), Slot::constant(&self.p2c.into())));
        }
        members
    }

    /// The header members of the key that each message fills in.
    pub(crate) fn variable_members(&self) -> Vec<Member> {
        let mut members = Vec::new();
        if let Some(curve) = self.curve.filter(|_| self.alg.is_ecdh()) {
            members.push(("epk".to_owned(), Slot::Epk(curve)));
        }
        if self.alg.is_gcm_kw() {
            members.push(("iv".to_owned(), Slot::Iv));
            members.push(("tag".to_owned(), Slot::Tag));
        }
        if self.alg.is_pbes2() {
            members.push(("p2s".to_owned(), Slot::P2s));
        }
        members
    }

    /// The only recipient: draws the CEK and the initialization vector and wraps the CEK, or draws
    /// the vector and derives the CEK.
    pub(crate) fn alone(
        &self,
        inputs: Inputs<'_>,
        cek: &mut Cek,
        iv: &mut [u8],
        step: &mut KeyStep,
    ) -> Result<(), EncryptError> {
        if self.is_direct() {
            self.count_message()?;
            inputs.random.fill(iv)?;
            self.derive(inputs, cek, step)
        } else {
            cek.fill_with_iv(inputs.random, iv)?;
            self.wrap(inputs, cek, step)
        }
    }

    /// Counts a message whose CEK is the key itself, in use with AES-GCM, or refuses it.
    pub(crate) fn count_message(&self) -> Result<(), EncryptError> {
        if self.alg.mode() == KeyManagementMode::DirectEncryption && !self.enc.is_cbc() {
            self.uses.count_one()?;
        }
        Ok(())
    }

    /// Derives the CEK, or copies the key that it is.
    pub(crate) fn derive(
        &self,
        inputs: Inputs<'_>,
        cek: &mut Cek,
        step: &mut KeyStep,
    ) -> Result<(), EncryptError> {
        let SenderKey::Derive(key) = &self.key else {
            return Err(EncryptError::Backend);
        };
        let mut context = self.context(inputs);
        key.derive_key(&mut context, cek.as_mut_slice())?;
        self.take_epk(&context, step)
    }

    /// Wraps a CEK that is there.
    pub(crate) fn wrap(
        &self,
        inputs: Inputs<'_>,
        cek: &Cek,
        step: &mut KeyStep,
    ) -> Result<(), EncryptError> {
        let SenderKey::Wrap(key) = &self.key else {
            return Err(EncryptError::Backend);
        };
        let encrypted_key =
            step.encrypted_key.get_mut(..self.encrypted_key_len).ok_or(EncryptError::Backend)?;
        let context = self.context(inputs);
        if self.alg.is_gcm_kw() {
            self.uses.count_one()?;
            inputs.random.fill(&mut step.key_iv)?;
            let mut context = context.with_iv(step.key_iv);
            key.wrap_key(&mut context, cek.as_slice(), encrypted_key)?;
            step.key_tag = context.tag();
        } else if self.alg.is_pbes2() {
            inputs.random.fill(&mut step.p2s)?;
            let mut context = context.with_salt_and_count(&step.p2s, self.p2c);
            key.wrap_key(&mut context, cek.as_slice(), encrypted_key)?;
        } else {
            let mut context = context;
            key.wrap_key(&mut context, cek.as_slice(), encrypted_key)?;
            self.take_epk(&context, step)?;
        }
        Ok(())
    }

    fn context<'a>(&'a self, inputs: Inputs<'a>) -> SenderContext<'a> {
        SenderContext::new(self.enc, inputs.random)
            .with_agreement_info(
                self.apu.as_deref().unwrap_or_default(),
                self.apv.as_deref().unwrap_or_default(),
            )
            .with_fixed_ephemeral(inputs.ephemeral)
    }

    fn take_epk(
        &self,
        context: &SenderContext<'_>,
        step: &mut KeyStep,
    ) -> Result<(), EncryptError> {
        if !self.alg.is_ecdh() {
            return Ok(());
        }
        let epk = context.epk();
        // A key that forgot to leave it would make messages that nobody can read.
        if self.curve.is_none_or(|curve| curve.public_len() != epk.len()) {
            return Err(EncryptError::Backend);
        }
        step.epk.get_mut(..epk.len()).ok_or(EncryptError::Backend)?.copy_from_slice(epk);
        Ok(())
    }
}

/// Whether a key that is the CEK fits the `enc` (RFC 7518 §4.5).
pub(crate) fn check_cek_len(
    enc: Enc,
    declared: Option<Enc>,
    key_len: Option<usize>,
) -> Result<(), SetupError> {
    if declared.is_some_and(|declared| declared != enc) {
        return Err(SetupError::DeclaredEnc { enc });
    }
    match key_len {
        Some(key_len) if key_len != enc.cek_len() => Err(SetupError::CekLength { enc, key_len }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{KeySettings, MAX_AGREEMENT_INFO_LEN, Sender};
    use crate::alg::Alg;
    use crate::backend::Backend;
    use crate::decrypter::Decrypter;
    use crate::direct::DIRECT;
    use crate::enc::Enc;
    use crate::encrypter::Encrypter;
    use crate::error::{BackendError, EncryptError, SetupError};
    use crate::general::GeneralJson;
    use crate::message_encrypter::MessageEncrypter;
    use crate::random_source::RandomSource;
    use crate::toy::{self, TOY};
    use crate::uses::Uses;

    const MOST: u64 = 1 << 32;

    /// What is used with AES-GCM itself is used 2^32 times, over all encrypters and in every way.
    #[test]
    fn a_key_of_aes_gcm_is_used_up() {
        for (alg, len) in [(Alg::A256GcmKw, 32), (Alg::A128GcmKw, 16), (Alg::Dir, 32)] {
            let (mut key, recipient) = toy::keys(alg, len, 1, "k");
            key.uses = Uses::after(MOST - 4);
            let encrypter = Encrypter::new(&TOY, &key, Enc::A256Gcm).unwrap();
            let other = Encrypter::new(&TOY, &key.clone(), Enc::A256Gcm).unwrap();
            let message = MessageEncrypter::builder(&TOY, Enc::A256Gcm)
                .with_recipient(&key)
                .with_member("typ", "x".into())
                .build()
                .unwrap();
            let decrypter = Decrypter::new(&TOY, [recipient], &[Enc::A256Gcm]).unwrap();
            let mut out = b"before".to_vec();
            let token = encrypter.encrypt(b"1").unwrap();
            assert_eq!(*decrypter.decrypt(&token).unwrap(), b"1");
            other.clone().encrypt_into(b"2", &mut out).unwrap();
            message.encrypt(&GeneralJson, b"3", b"").unwrap();
            out.truncate(6);
            other.encrypt_in_place(&mut b"4".to_vec(), &mut out).unwrap();
            assert_eq!(key.uses.left(), 0);

            out.truncate(6);
            let used_up = EncryptError::KeyExhausted;
            assert_eq!(encrypter.encrypt(b"5"), Err(used_up), "{alg}");
            assert_eq!(other.encrypt_into(b"5", &mut out), Err(used_up), "{alg}");
            let mut buffer = b"5".to_vec();
            assert_eq!(encrypter.encrypt_in_place(&mut buffer, &mut out), Err(used_up), "{alg}");
            assert_eq!((out.as_slice(), buffer.as_slice()), (&b"before"[..], &b""[..]));
            assert_eq!(message.encrypt(&GeneralJson, b"5", b""), Err(used_up), "{alg}");
        }
    }

    #[test]
    fn every_recipient_of_aes_gcm_key_wrapping_counts() {
        let (mut first, _) = toy::keys(Alg::A256GcmKw, 32, 1, "1");
        let (mut second, _) = toy::keys(Alg::A128GcmKw, 16, 2, "2");
        (first.uses, second.uses) = (Uses::after(0), Uses::after(MOST - 1));
        let encrypter = MessageEncrypter::builder(&TOY, Enc::A256Gcm)
            .with_recipient(&first)
            .with_recipient(&second)
            .build()
            .unwrap();
        assert!(encrypter.encrypt(&GeneralJson, b"x", b"").is_ok());
        let used_up = Err(EncryptError::KeyExhausted);
        assert_eq!(encrypter.encrypt(&GeneralJson, b"x", b""), used_up);
        assert_eq!(first.uses.left(), MOST - 2);
    }

    /// AES key wrap draws nothing for itself, and AES-CBC has no such limit.
    #[test]
    fn other_keys_are_not_counted() {
        let (key, _) = toy::keys(Alg::A256Kw, 32, 1, "k");
        Encrypter::new(&TOY, &key, Enc::A256Gcm).unwrap().encrypt(b"x").unwrap();
        assert_eq!(key.uses.left(), MOST);
    }

    #[test]
    fn settings_have_limits() {
        let (key, _) = toy::keys(Alg::A256Kw, 32, 1, "k");
        let code = |settings: KeySettings| {
            Sender::new(&key, Enc::A256Gcm, &settings).err().map(|error| error.code())
        };
        let refused = Some("setup_key_parameter");
        for (p2c, outcome) in [
            (0, refused),
            (999, refused),
            (1000, None),
            (i32::MAX.unsigned_abs(), None),
            (i32::MAX.unsigned_abs() + 1, refused),
            (u32::MAX, refused),
        ] {
            assert_eq!(code(KeySettings { p2c: Some(p2c), ..KeySettings::default() }), outcome);
        }
        for (len, outcome) in [
            (0, refused),
            (1, None),
            (MAX_AGREEMENT_INFO_LEN, None),
            (MAX_AGREEMENT_INFO_LEN + 1, refused),
        ] {
            let info = Some(vec![0; len]);
            let (apu, apv) = (info.clone(), info);
            assert_eq!(code(KeySettings { apu, ..KeySettings::default() }), outcome);
            assert_eq!(code(KeySettings { apv, ..KeySettings::default() }), outcome);
        }
        let (dir, _) = toy::keys(Alg::Dir, 16, 1, "k");
        let error = Sender::new(&dir, Enc::A256Gcm, &KeySettings::default()).err();
        assert_eq!(error, Some(SetupError::CekLength { enc: Enc::A256Gcm, key_len: 16 }));
    }

    /// Without random bytes there is no message, and nothing of one in the buffer.
    #[test]
    fn a_random_source_that_fails_leaves_nothing() {
        struct Broken;
        impl RandomSource for Broken {
            fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
                dest.fill(0x55);
                Err(BackendError)
            }
        }
        static BROKEN: Backend =
            Backend::new("broken", &Broken, |_| [0; 32]).with_encryption_keys(&[&DIRECT]);
        static WITHOUT_RANDOM: Backend = BROKEN.or(&TOY);
        for (alg, len) in [(Alg::A256Kw, 32), (Alg::A256GcmKw, 32), (Alg::Dir, 32)] {
            let (key, _) = toy::keys(alg, len, 1, "k");
            let encrypter = Encrypter::new(&WITHOUT_RANDOM, &key, Enc::A256Gcm).unwrap();
            let (mut out, mut buffer) = (b"before".to_vec(), b"plaintext".to_vec());
            let failed = Err(EncryptError::Backend);
            assert_eq!(encrypter.encrypt_into(b"plaintext", &mut out), failed);
            assert_eq!(encrypter.encrypt_in_place(&mut buffer, &mut out), failed);
            assert_eq!((out.as_slice(), buffer.as_slice()), (&b"before"[..], &b""[..]));
        }
    }
}
