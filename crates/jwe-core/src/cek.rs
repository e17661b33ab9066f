//! The content encryption key while a message is worked on.

use subtle::{Choice, ConstantTimeEq};

use crate::enc::Enc;
use crate::error::BackendError;
use crate::random_source::RandomSource;
use crate::wiped::Bytes;

/// A CEK in a fixed buffer that is wiped on drop.
pub(crate) struct Cek {
    bytes: Bytes<{ Enc::MAX_CEK_LEN }>,
    enc: Enc,
}

impl Cek {
    /// A CEK that a key is going to determine.
    pub(crate) fn empty(enc: Enc) -> Self {
        Self { bytes: Bytes::zero(), enc }
    }

    /// Draws a random CEK. Like all that fills a CEK it works in place: a CEK that is returned by
    /// value may leave copies on the stack.
    pub(crate) fn fill(&mut self, random: &dyn RandomSource) -> Result<(), BackendError> {
        random.fill(self.as_mut_slice())
    }

    /// Draws a random CEK and a random initialization vector at once.
    pub(crate) fn fill_with_iv(
        &mut self,
        random: &dyn RandomSource,
        iv: &mut [u8],
    ) -> Result<(), BackendError> {
        let cek_len = self.enc.cek_len();
        let mut drawn = Bytes::<{ Enc::MAX_CEK_LEN + Enc::MAX_IV_LEN }>::zero();
        let len = cek_len.checked_add(iv.len()).ok_or(BackendError)?;
        let drawn = drawn.get_mut(..len).ok_or(BackendError)?;
        random.fill(drawn)?;
        let (drawn_cek, drawn_iv) = drawn.split_at_checked(cek_len).ok_or(BackendError)?;
        self.as_mut_slice().copy_from_slice(drawn_cek);
        iv.copy_from_slice(drawn_iv);
        Ok(())
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.enc.cek_len()).unwrap_or_default()
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        self.bytes.get_mut(..self.enc.cek_len()).unwrap_or_default()
    }

    /// Takes the first bytes of `unwrapped` as the CEK if `succeeded` and `unwrapped_len` is the
    /// length that the `enc` wants; else stays as it is. Which of both is not visible in the time
    /// taken (RFC 7516 §11.5).
    pub(crate) fn replace_if(&mut self, succeeded: bool, unwrapped: &[u8], unwrapped_len: usize) {
        let choice = Choice::from(u8::from(succeeded))
            & (unwrapped_len as u64).ct_eq(&(self.enc.cek_len() as u64));
        // By hand, as `conditional_assign` negates the choice with a branch where overflow is checked.
        let mask = choice.unwrap_u8().wrapping_neg();
        for (byte, other) in self.as_mut_slice().iter_mut().zip(unwrapped) {
            *byte = (*byte & !mask) | (*other & mask);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cek;
    use crate::enc::Enc;
    use crate::error::BackendError;
    use crate::random_source::RandomSource;

    struct Counting;

    impl RandomSource for Counting {
        fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
            dest.iter_mut().zip(1..).for_each(|(byte, count)| *byte = count);
            Ok(())
        }
    }

    #[test]
    fn a_key_and_its_vector_are_drawn_at_once_for_every_enc() {
        for enc in Enc::ALL.iter().copied() {
            let mut cek = Cek::empty(enc);
            let mut iv = vec![0; enc.iv_len()];
            assert_eq!(cek.fill_with_iv(&Counting, &mut iv), Ok(()), "{enc}");
            let all: Vec<u8> = (1..).take(enc.cek_len() + enc.iv_len()).collect();
            assert_eq!([cek.as_slice(), &iv].concat(), all, "{enc}: no byte in both");
        }
    }

    #[test]
    fn only_a_success_of_the_right_length_replaces_the_random_cek() {
        for (succeeded, len, replaced) in [
            (true, 16, true),
            (false, 16, false),
            (true, 15, false),
            (true, 17, false),
            (true, 0, false),
        ] {
            let mut cek = Cek::empty(Enc::A128Gcm);
            cek.as_mut_slice().fill(1);
            cek.replace_if(succeeded, &[2; 32], len);
            assert_eq!(cek.as_slice(), [if replaced { 2 } else { 1 }; 16]);
        }
    }
}
