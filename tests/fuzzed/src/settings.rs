//! The settings that an input chooses: the low bits of its first bytes, so that letters choose them
//! in seeds that people write.

/// Choices out of one byte, one bit after the other.
#[derive(Clone, Copy, Debug)]
pub struct Settings(u8);

impl Settings {
    /// Those of the first byte, and the rest of the input.
    #[must_use]
    pub fn split(input: &[u8]) -> Option<(Self, &[u8])> {
        let (first, rest) = input.split_first()?;
        Some((Self(*first), rest))
    }

    /// The next bit.
    pub fn flag(&mut self) -> bool {
        self.choose([false, true])
    }

    /// One of two by the next bit; the first one by a bit that is not set.
    pub fn choose<T>(&mut self, [unset, set]: [T; 2]) -> T {
        let is_set = self.0 & 1 == 1;
        self.0 >>= 1;
        if is_set { set } else { unset }
    }
}
