//! AES key wrap with a fault, under the algorithms that jwe-core puts on it.

use aes::cipher::{Array, BlockCipherDecrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use jwe_core::aes_key_wrap::{AesKeyWrap, AesKw, check_lengths};
use jwe_core::{
    Alg, BackendError, Curve, DecryptionKeyImport, EncryptionKeyImport, KeyMaterial, KeyRejected,
    OctKey, RecipientContext, RecipientKey, SenderContext, SenderKey, Zeroizing,
};

use super::{good_recipient, good_sender, sources};

/// What is wrong.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// Nothing: the control.
    None,
    /// Only as many bytes of the check value are compared.
    LooseCheck(usize),
    /// After an error, the unwrapped key stands in the output.
    KeepsOutput,
    /// The blocks of longer CEKs than 32 bytes are in the clear.
    ClearBeyond32,
    /// Wraps CEKs of any length, filled up with zeros.
    Pads,
}

/// The primitive of a backend.
pub(crate) struct Spoilt(pub(crate) Fault);

fn alg(kek: &[u8]) -> Result<Alg, BackendError> {
    match kek.len() {
        16 => Ok(Alg::A128Kw),
        24 => Ok(Alg::A192Kw),
        32 => Ok(Alg::A256Kw),
        _ => Err(BackendError),
    }
}

fn material(kek: &[u8]) -> KeyMaterial {
    KeyMaterial::Oct(OctKey::new(Zeroizing::new(kek.to_vec())).expect("a key that is not zero"))
}

fn good_wrap(kek: &[u8], cek: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
    check_lengths(kek.len(), cek.len(), out.len())?;
    let SenderKey::Wrap(key) = good_sender(alg(kek)?).import(&material(kek)).expect("a KEK") else {
        panic!("a key that wraps");
    };
    key.wrap_key(&mut SenderContext::new(jwe_core::Enc::A256Gcm, &sources::GOOD), cek, out)
}

fn good_unwrap(kek: &[u8], wrapped: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
    check_lengths(kek.len(), out.len(), wrapped.len())?;
    let RecipientKey::Unwrap(key) =
        good_recipient(alg(kek)?).import(&material(kek)).expect("a KEK")
    else {
        panic!("a key that unwraps");
    };
    let mut buffer = vec![0; jwe_core::UNWRAP_BUFFER_LEN];
    let context = RecipientContext::new(jwe_core::Enc::A256Gcm);
    let result = key.unwrap_key(&context, wrapped, &mut buffer);
    out.copy_from_slice(&buffer[..out.len()]);
    result.map(|_| ())
}

/// RFC 3394 §2.2.2 without its last step: the check value and the key.
fn unchecked(kek: &[u8], wrapped: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let decrypt = |block: [u8; 16]| {
        let mut block = Array::from(block);
        match kek.len() {
            16 => Aes128::new_from_slice(kek).expect("a KEK").decrypt_block(&mut block),
            24 => Aes192::new_from_slice(kek).expect("a KEK").decrypt_block(&mut block),
            _ => Aes256::new_from_slice(kek).expect("a KEK").decrypt_block(&mut block),
        }
        <[u8; 16]>::from(block)
    };
    let (check, registers) = wrapped.split_at(8);
    let (mut check, mut registers) = (check.to_vec(), registers.to_vec());
    let mut t = registers.len() / 8 * 6;
    for _ in 0..6 {
        for register in registers.chunks_mut(8).rev() {
            let mut block = [0; 16];
            block[..8].copy_from_slice(&check);
            block[8..].copy_from_slice(register);
            let step = u64::try_from(t).expect("a step").to_be_bytes();
            block.iter_mut().zip(step).for_each(|(byte, t)| *byte ^= t);
            let block = decrypt(block);
            check.copy_from_slice(&block[..8]);
            register.copy_from_slice(&block[8..]);
            t -= 1;
        }
    }
    (check, registers)
}

impl AesKeyWrap for Spoilt {
    fn wrap(&self, kek: &[u8], cek: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
        match self.0 {
            Fault::ClearBeyond32 if cek.len() > 32 && out.len() == cek.len() + 8 => {
                good_wrap(kek, &cek[..32], &mut out[..40])?;
                out[40..].copy_from_slice(&cek[32..]);
                Ok(())
            }
            Fault::Pads if !cek.is_empty() && cek.len() < 64 && out.len() == cek.len() + 8 => {
                let mut padded = cek.to_vec();
                padded.resize(cek.len().max(16).next_multiple_of(8), 0);
                let mut whole = vec![0; padded.len() + 8];
                good_wrap(kek, &padded, &mut whole)?;
                out.copy_from_slice(&whole[..out.len()]);
                Ok(())
            }
            _ => good_wrap(kek, cek, out),
        }
    }

    fn unwrap(&self, kek: &[u8], wrapped: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
        let right = check_lengths(kek.len(), out.len(), wrapped.len()).is_ok();
        match self.0 {
            Fault::LooseCheck(most) if right => {
                let (check, key) = unchecked(kek, wrapped);
                if check[..most] != [0xa6; 8][..most] {
                    return Err(BackendError);
                }
                out.copy_from_slice(&key);
                Ok(())
            }
            Fault::KeepsOutput if right => good_unwrap(kek, wrapped, out)
                .inspect_err(|_| out.copy_from_slice(&unchecked(kek, wrapped).1)),
            Fault::ClearBeyond32 if wrapped.len() > 40 && right => {
                good_unwrap(kek, &wrapped[..40], &mut out[..32])?;
                out[32..].copy_from_slice(&wrapped[40..]);
                Ok(())
            }
            _ => good_unwrap(kek, wrapped, out),
        }
    }
}

/// An import object for `A128KW`, for both directions, whose faults lie before the primitive.
pub(crate) struct Import(pub(crate) ImportFault);

/// What is wrong.
#[derive(Clone, Copy)]
pub(crate) enum ImportFault {
    /// A longer shared key is cut.
    CutsKey,
    /// Lists a curve.
    Curve,
    /// A longer encrypted key is cut.
    CutsWrapped,
    /// Panics at an encrypted key of less than 24 bytes.
    PanicsOnShort,
    /// The length returned is that of the buffer.
    SaysAll,
}

static GOOD: AesKw = AesKw::new(Alg::A128Kw, &Spoilt(Fault::None), "spoilt");

impl Import {
    fn cut(&self, key: &KeyMaterial) -> KeyMaterial {
        match (self.0, key) {
            (ImportFault::CutsKey, KeyMaterial::Oct(oct)) if oct.as_bytes().len() > 16 => {
                material(&oct.as_bytes()[..16])
            }
            _ => key.clone(),
        }
    }

    fn listed(&self) -> &'static [Curve] {
        if matches!(self.0, ImportFault::Curve) { &[Curve::P256] } else { &[] }
    }
}

impl EncryptionKeyImport for Import {
    fn alg(&self) -> Alg {
        Alg::A128Kw
    }

    fn implementation(&self) -> &'static str {
        "spoilt"
    }

    fn curves(&self) -> &'static [Curve] {
        self.listed()
    }

    fn import(&self, key: &KeyMaterial) -> Result<SenderKey, KeyRejected> {
        EncryptionKeyImport::import(&GOOD, &self.cut(key))
    }
}

impl DecryptionKeyImport for Import {
    fn alg(&self) -> Alg {
        Alg::A128Kw
    }

    fn implementation(&self) -> &'static str {
        "spoilt"
    }

    fn curves(&self) -> &'static [Curve] {
        self.listed()
    }

    fn import(&self, key: &KeyMaterial) -> Result<RecipientKey, KeyRejected> {
        match DecryptionKeyImport::import(&GOOD, &self.cut(key))? {
            RecipientKey::Unwrap(good) => {
                Ok(RecipientKey::Unwrap(std::sync::Arc::new(Unwrap { good, fault: self.0 })))
            }
            other => Ok(other),
        }
    }
}

struct Unwrap {
    good: std::sync::Arc<dyn jwe_core::UnwrapKey>,
    fault: ImportFault,
}

impl jwe_core::UnwrapKey for Unwrap {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        self.good.encrypted_key_len(cek_len)
    }

    fn unwrap_key(
        &self,
        context: &RecipientContext<'_>,
        encrypted_key: &[u8],
        out: &mut [u8],
    ) -> Result<usize, BackendError> {
        let (good, given) = (&self.good, encrypted_key);
        match self.fault {
            ImportFault::CutsWrapped if given.len() > 24 => good
                .unwrap_key(context, given, out)
                .or_else(|_| good.unwrap_key(context, &given[..24], out)),
            ImportFault::PanicsOnShort if given.len() < 24 => panic!("index out of bounds"),
            ImportFault::SaysAll => good.unwrap_key(context, given, out).map(|_| out.len()),
            _ => good.unwrap_key(context, given, out),
        }
    }
}
