//! The RSA public operation RSAEP (RFC 8017 §5.1.1) over the fixed-size Montgomery forms of
//! `crypto-bigint`.
//!
//! The number that is raised is secret, because whoever knows it knows the CEK: every
//! multiplication takes the same time for every value. Modulus and exponent are public, and the
//! sequence of operations depends on the exponent.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{MontyForm, MontyMultiplier, Odd, Uint};
use jwe_core::{BackendError, KeyRejected, RsaPublicKey};
use zeroize::Zeroizing;

type Multiplier<'a, const LIMBS: usize> = <FixedMontyForm<LIMBS> as MontyForm>::Multiplier<'a>;

/// A public key with a modulus that fits into `LIMBS` limbs, prepared for the operation.
pub(crate) struct RsaPublic<const LIMBS: usize> {
    params: FixedMontyParams<LIMBS>,
    exponent: u64,
    modulus_len: usize,
}

impl<const LIMBS: usize> RsaPublic<LIMBS> {
    /// Computes the Montgomery parameters, once for the life of the key.
    ///
    /// # Errors
    /// [`KeyRejected`] for a modulus that is even or does not fit, or an exponent that is even,
    /// less than 3 or longer than 64 bits. [`RsaPublicKey`] has made sure of all that but the fit.
    pub(crate) fn new(key: &RsaPublicKey) -> Result<Self, KeyRejected> {
        let too_long =
            KeyRejected::new("the RSA key has a number that is too long: make a new key");
        let even = KeyRejected::new("the RSA key has a number that is not odd: make a new key");
        let bits = u32::try_from(key.modulus_bits()).map_err(|_| too_long)?;
        if bits > Uint::<LIMBS>::BITS {
            return Err(too_long);
        }
        let modulus = Uint::from_be_slice_truncated(key.n(), Uint::<LIMBS>::BITS);
        let modulus = Odd::new(modulus).into_option().ok_or(even)?;
        let mut exponent = [0; 8];
        let start = exponent.len().checked_sub(key.e().len()).ok_or(too_long)?;
        exponent.get_mut(start..).ok_or(too_long)?.copy_from_slice(key.e());
        let exponent = u64::from_be_bytes(exponent);
        if exponent < 3 || exponent.is_multiple_of(2) {
            return Err(even);
        }
        Ok(Self {
            // In variable time: the modulus is public.
            params: FixedMontyParams::new_vartime(modulus),
            exponent,
            modulus_len: key.modulus_len(),
        })
    }

    /// The length of the modulus in bytes (k of RFC 8017).
    pub(crate) fn modulus_len(&self) -> usize {
        self.modulus_len
    }

    /// Replaces the big-endian number m in `block`, which is as long as the modulus, with
    /// m^e mod n, padded with zero bytes on the left.
    ///
    /// # Errors
    /// [`BackendError`] when `block` is of another length, or begins with another byte than the
    /// 00 of an encoded message: that byte alone makes sure that m < n. `block` is then unchanged.
    pub(crate) fn raise(&self, block: &mut [u8]) -> Result<(), BackendError> {
        if block.len() != self.modulus_len || block.first() != Some(&0) {
            return Err(BackendError);
        }
        let m = Zeroizing::new(Uint::from_be_slice_truncated(block, Uint::<LIMBS>::BITS));
        let power = self.power(&m);
        // The block is not longer than the number, as `new` has checked.
        for (to, from) in block.iter_mut().rev().zip(power.to_be_bytes().as_slice().iter().rev()) {
            *to = *from;
        }
        Ok(())
    }

    /// m^e mod n for m < n, by square and multiply from the exponent's top bit down.
    fn power(&self, m: &Uint<LIMBS>) -> Uint<LIMBS> {
        let mut multiplier = Multiplier::from(&self.params);
        // m·R mod n: the Montgomery form, R being the power of two beyond the limbs.
        let base = Zeroizing::new(FixedMontyForm::new(m, &self.params));
        let mut power = base.clone();
        // The top bit is `base` itself; bit 0, which is set, follows after the loop.
        for bit in (1..self.exponent.ilog2()).rev() {
            multiplier.square_assign(&mut power);
            if self.exponent >> bit & 1 == 1 {
                multiplier.mul_assign(&mut power, &base);
            }
        }
        multiplier.square_assign(&mut power);
        // The last factor is m and not m·R. A Montgomery multiplication divides by R, so the
        // product comes out as the plain number, and no conversion back is needed.
        let m = Zeroizing::new(FixedMontyForm::from_montgomery(*m, &self.params));
        multiplier.mul_assign(&mut power, &m);
        power.to_montgomery()
    }
}

#[cfg(test)]
mod tests {
    use crypto_bigint::{U2048, U8192};
    use num_bigint::BigUint;

    use super::*;
    use crate::test_data::{odd_modulus, random};

    fn key(n: &[u8], e: u64) -> RsaPublicKey {
        RsaPublicKey::new(n, &e.to_be_bytes()).unwrap()
    }

    /// Compares with another implementation of modular exponentiation.
    fn compare<const LIMBS: usize>(n: &[u8], e: u64, block: &[u8]) {
        let public = RsaPublic::<LIMBS>::new(&key(n, e)).unwrap();
        let mut power = block.to_vec();
        public.raise(&mut power).unwrap();
        let expected =
            BigUint::from_bytes_be(block).modpow(&BigUint::from(e), &BigUint::from_bytes_be(n));
        assert_eq!(power.len(), n.len());
        assert_eq!(BigUint::from_bytes_be(&power), expected, "e = {e}, {} bits", n.len() * 8);
    }

    // Few bits set, all set, two bits, and 33 bits as the longest that is imported.
    const EXPONENTS: [u64; 9] = [3, 5, 7, 17, 257, 65_537, 65_539, 0x1_0000_0001, 0x1_ffff_ffff];

    #[test]
    fn powers_agree_with_another_implementation() {
        for e in EXPONENTS {
            let n = odd_modulus(2048);
            let mut block = random(256);
            block[0] = 0;
            compare::<{ U2048::LIMBS }>(&n, e, &block);
            // The same in wider arithmetic, where the upper limbs of the modulus are zero.
            compare::<{ U8192::LIMBS }>(&n, e, &block);
        }
    }

    #[test]
    fn extreme_numbers_agree_too() {
        let mut smallest = vec![0; 256];
        (smallest[0], smallest[255]) = (0x80, 1);
        for n in [smallest, vec![0xff; 256], odd_modulus(2048)] {
            let mut one = vec![0; 256];
            one[255] = 1;
            let mut largest = vec![0xff; 256];
            largest[0] = 0;
            for block in [vec![0; 256], one, largest] {
                for e in EXPONENTS {
                    compare::<{ U2048::LIMBS }>(&n, e, &block);
                }
            }
        }
    }

    #[test]
    fn a_block_of_another_length_or_beginning_is_refused_and_left_alone() {
        let public = RsaPublic::<{ U2048::LIMBS }>::new(&key(&odd_modulus(2048), 65_537)).unwrap();
        for len in [0, 1, 255, 257, 512] {
            let mut block = vec![0; len];
            assert_eq!(public.raise(&mut block), Err(BackendError), "{len} bytes");
        }
        for first in 1..=255 {
            let mut block = [7; 256];
            block[0] = first;
            let before = block;
            assert_eq!(public.raise(&mut block), Err(BackendError), "{first}");
            assert_eq!(block, before);
        }
    }

    #[test]
    fn a_modulus_that_does_not_fit_is_refused() {
        for bits in [2049, 4096, 8192] {
            let refused = RsaPublic::<{ U2048::LIMBS }>::new(&key(&odd_modulus(bits), 65_537));
            assert!(refused.is_err(), "{bits} bits");
        }
    }
}
