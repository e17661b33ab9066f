//! RSADP (RFC 8017 §5.1.2) and nothing else.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use jwe_core::RsaPrivateKey;
use zeroize::Zeroizing;

use super::pkcs8_numbers::private_exponent;

/// A private key, for a plain power without blinding and without a claim of constant time.
pub(crate) struct PrivateKey {
    modulus: BoxedUint,
    params: BoxedMontyParams,
    public_exponent: BoxedUint,
    private_exponent: Zeroizing<BoxedUint>,
    len: usize,
}

impl PrivateKey {
    /// The numbers of `key`; `None` where its modulus is even, which no key has that was imported.
    pub(crate) fn new(key: &RsaPrivateKey) -> Option<Self> {
        let public = key.public();
        let bits = u32::try_from(public.n().len().checked_mul(8)?).ok()?;
        let modulus = BoxedUint::from_be_slice(public.n(), bits).ok()?;
        let odd: Option<Odd<BoxedUint>> = Odd::new(modulus.clone()).into();
        let exponent = private_exponent(key.pkcs8_der())?;
        let exponent_bits = u32::try_from(exponent.len().checked_mul(8)?).ok()?;
        Some(Self {
            modulus,
            params: BoxedMontyParams::new_vartime(odd?),
            public_exponent: BoxedUint::from_be_slice_vartime(public.e()),
            private_exponent: Zeroizing::new(
                BoxedUint::from_be_slice(exponent, exponent_bits).ok()?,
            ),
            len: public.n().len(),
        })
    }

    /// The length of the modulus in bytes.
    pub(crate) fn modulus_len(&self) -> usize {
        self.len
    }

    /// Whether what the public half does is undone by the private half, tried with one number.
    pub(crate) fn halves_belong_together(&self) -> bool {
        let Ok(two) = BoxedUint::from_be_slice(&[2], self.modulus.bits_precision()) else {
            return false;
        };
        let power = BoxedMontyForm::new(two.clone(), &self.params)
            .pow(&self.public_exponent)
            .pow(&self.private_exponent)
            .retrieve();
        power == two
    }

    /// The encoded message, as long as the modulus; `None` where the number is not below the modulus.
    pub(crate) fn decrypt(&self, encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let number = BoxedUint::from_be_slice(encrypted, self.modulus.bits_precision()).ok()?;
        if number >= self.modulus {
            return None;
        }
        let power = BoxedMontyForm::new(number, &self.params).pow(&self.private_exponent);
        let message = Zeroizing::new(power.retrieve());
        let bytes = Zeroizing::new(message.to_be_bytes().into_vec());
        let from = bytes.len().checked_sub(self.len)?;
        bytes.get(from..).map(|bytes| Zeroizing::new(bytes.to_vec()))
    }
}
