//! The Concat KDF of ECDH-ES (RFC 7518 §4.6.2, SP 800-56A §5.8.1) with SHA-256: what it is given,
//! and its rounds, for backends whose library has none.

use zeroize::Zeroizing;

use crate::error::BackendError;

/// Derives a key: from `z`, the agreed secret, and `other_info`, the public text of
/// [`OtherInfo`], all of `out`, which is at most 64 bytes long.
///
/// # Errors
/// [`BackendError`] for an output that is too long or a failure of the library; `out` is then all
/// zero.
pub type ConcatKdf = fn(z: &[u8], other_info: &[u8], out: &mut [u8]) -> Result<(), BackendError>;

/// The length of `out` in bytes beyond which a [`ConcatKdf`] refuses: the longest CEK.
pub const MAX_OUTPUT_LEN: usize = crate::enc::Enc::MAX_CEK_LEN;

/// The rounds of the KDF over `hash`, which hashes its arguments one behind the other with
/// SHA-256.
///
/// # Errors
/// [`BackendError`] when `out` is longer than [`MAX_OUTPUT_LEN`] or `hash` fails; `out` is then all
/// zero.
pub fn rounds(
    hash: impl Fn([&[u8]; 3]) -> Result<[u8; 32], BackendError>,
    z: &[u8],
    other_info: &[u8],
    out: &mut [u8],
) -> Result<(), BackendError> {
    let mut steps = || {
        if out.len() > MAX_OUTPUT_LEN {
            return Err(BackendError);
        }
        for (round, part) in (1u32..).zip(out.chunks_mut(32)) {
            let digest = Zeroizing::new(hash([&round.to_be_bytes(), z, other_info])?);
            part.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
        }
        Ok(())
    };
    let outcome = steps();
    if outcome.is_err() {
        out.fill(0);
    }
    outcome
}

/// The fixed and the agreed text that goes into the derivation (RFC 7518 §4.6.2).
///
/// The usual one, without or with short `apu` and `apv`, takes no allocation.
#[derive(Clone, Debug)]
pub struct OtherInfo {
    short: [u8; SHORT],
    len: usize,
    long: Vec<u8>,
}

const SHORT: usize = 192;

impl OtherInfo {
    /// AlgorithmID is `algorithm`: the `enc` for direct key agreement, else the `alg`. PartyUInfo
    /// and PartyVInfo are `apu` and `apv`, decoded; SuppPubInfo is the length of the key in bits.
    ///
    /// # Errors
    /// [`BackendError`] when a length is not expressible in 32 bits.
    pub fn new(
        algorithm: &str,
        apu: &[u8],
        apv: &[u8],
        key_len: usize,
    ) -> Result<Self, BackendError> {
        let key_bits = u32::try_from(key_len)
            .ok()
            .and_then(|bytes| bytes.checked_mul(8))
            .ok_or(BackendError)?;
        let mut info = Self { short: [0; SHORT], len: 0, long: Vec::new() };
        for part in [algorithm.as_bytes(), apu, apv] {
            let len = u32::try_from(part.len()).map_err(|_| BackendError)?;
            info.push(&len.to_be_bytes());
            info.push(part);
        }
        info.push(&key_bits.to_be_bytes());
        Ok(info)
    }

    /// The text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        if self.long.is_empty() {
            self.short.get(..self.len).unwrap_or_default()
        } else {
            &self.long
        }
    }

    fn push(&mut self, part: &[u8]) {
        let end = self.len.saturating_add(part.len());
        if let (true, Some(place)) = (self.long.is_empty(), self.short.get_mut(self.len..end)) {
            place.copy_from_slice(part);
        } else {
            if self.long.is_empty() {
                self.long.extend_from_slice(self.short.get(..self.len).unwrap_or_default());
            }
            self.long.extend_from_slice(part);
        }
        self.len = end;
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_OUTPUT_LEN, OtherInfo, rounds};
    use crate::error::BackendError;

    #[test]
    fn a_failure_and_an_output_that_is_too_long_leave_zeros() {
        let second_fails = |parts: [&[u8]; 3]| {
            if parts[0] == [0, 0, 0, 1] { Ok([7; 32]) } else { Err(BackendError) }
        };
        for (len, expected) in [(32, Ok(())), (33, Err(BackendError)), (64, Err(BackendError))] {
            let mut out = vec![0xee; len];
            assert_eq!(rounds(second_fails, &[1; 32], b"info", &mut out), expected);
            assert_eq!(out, vec![if expected.is_ok() { 7 } else { 0 }; len]);
        }
        let mut out = [0xee; MAX_OUTPUT_LEN + 1];
        let hash = |_: [&[u8]; 3]| panic!("nothing may be hashed");
        assert_eq!(rounds(hash, &[1; 32], b"info", &mut out), Err(BackendError));
        assert_eq!(out, [0; MAX_OUTPUT_LEN + 1]);
    }

    #[test]
    fn other_info_is_that_of_rfc_7518_appendix_c() {
        let info = OtherInfo::new("A128GCM", b"Alice", b"Bob", 16).unwrap();
        #[rustfmt::skip]
        let expected = [
            0, 0, 0, 7, 65, 49, 50, 56, 71, 67, 77, 0, 0, 0, 5, 65, 108, 105, 99, 101,
            0, 0, 0, 3, 66, 111, 98, 0, 0, 0, 128,
        ];
        assert_eq!(info.as_bytes(), expected);
    }

    #[test]
    fn long_info_is_the_same_text() {
        for len in [0, 1, 150, 159, 160, 161, 200, 5000] {
            let apu = vec![7; len];
            let info = OtherInfo::new("A", &apu, &[9; 3], 64).unwrap();
            let mut expected = vec![0, 0, 0, 1, 65];
            expected.extend(u32::try_from(len).unwrap().to_be_bytes());
            expected.extend(&apu);
            expected.extend([0, 0, 0, 3, 9, 9, 9, 0, 0, 2, 0]);
            assert_eq!(info.as_bytes(), expected, "{len}");
        }
    }
}
