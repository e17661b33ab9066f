//! EME-OAEP (RFC 8017 §7.1.1, step 2) with an empty label, and its mask generation function MGF1
//! (RFC 8017 §B.2.1) over the same hash.

use jwe_core::{BackendError, RandomSource};
use ring::digest::{self, Digest};

/// EME-OAEP with one hash function.
pub(crate) struct Oaep {
    hash: &'static digest::Algorithm,
    // The hash of the empty label, the same for every message.
    label_hash: Digest,
}

impl Oaep {
    /// EME-OAEP with that hash function for both label and MGF1.
    pub(crate) fn new(hash: &'static digest::Algorithm) -> Self {
        Self { hash, label_hash: digest::digest(hash, b"") }
    }

    /// The longest message in bytes for a modulus of `modulus_len` bytes, k − 2·hLen − 2
    /// (RFC 8017 §7.1.1, step 1b); `None` where the modulus is too short for any.
    pub(crate) fn max_message_len(&self, modulus_len: usize) -> Option<usize> {
        self.hash.output_len().checked_mul(2)?.checked_add(2).and_then(|overhead| {
            // The two octets are the leading 00 and the 01 before the message.
            modulus_len.checked_sub(overhead)
        })
    }

    /// Encodes `message` into `block`, which is as long as the modulus, with a seed from
    /// `random`. The block is EM = 00 ‖ maskedSeed ‖ maskedDB with DB = lHash ‖ PS ‖ 01 ‖ M.
    ///
    /// # Errors
    /// [`BackendError`] when the message is longer than
    /// [`max_message_len`](Self::max_message_len) or the random source fails. `block` may then
    /// hold a part of the encoding.
    pub(crate) fn encode(
        &self,
        random: &dyn RandomSource,
        message: &[u8],
        block: &mut [u8],
    ) -> Result<(), BackendError> {
        let max_len = self.max_message_len(block.len()).ok_or(BackendError)?;
        if message.len() > max_len {
            return Err(BackendError);
        }
        let hash_len = self.hash.output_len();
        // Everything is built in place, so that no copy of seed or DB has to be wiped.
        let (first, rest) = block.split_first_mut().ok_or(BackendError)?;
        let (seed, db) = rest.split_at_mut_checked(hash_len).ok_or(BackendError)?;
        let (label_hash, padded) = db.split_at_mut_checked(hash_len).ok_or(BackendError)?;
        // The length rule above leaves at least the 01 in front of the message.
        let message_at = padded.len().checked_sub(message.len()).ok_or(BackendError)?;
        let (padding, message_out) = padded.split_at_mut_checked(message_at).ok_or(BackendError)?;
        let (one, zeros) = padding.split_last_mut().ok_or(BackendError)?;

        *first = 0;
        random.fill(seed)?;
        label_hash.copy_from_slice(self.label_hash.as_ref());
        zeros.fill(0);
        *one = 1;
        message_out.copy_from_slice(message);

        self.mask(seed, db);
        self.mask(db, seed);
        Ok(())
    }

    /// XORs MGF1 of `seed` into `target`.
    fn mask(&self, seed: &[u8], target: &mut [u8]) {
        let mut seeded = digest::Context::new(self.hash);
        seeded.update(seed);
        for (counter, chunk) in (0_u32..).zip(target.chunks_mut(self.hash.output_len())) {
            let mut block = seeded.clone();
            block.update(&counter.to_be_bytes());
            for (byte, mask) in chunk.iter_mut().zip(block.finish().as_ref()) {
                *byte ^= mask;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_data::{ALL_HASHES, Given, decode_oaep, random};

    #[test]
    fn a_second_implementation_reads_every_length() {
        for hash in ALL_HASHES {
            let oaep = Oaep::new(hash);
            for modulus_len in [256, 257, 384, 1024] {
                let max_len = oaep.max_message_len(modulus_len).unwrap();
                assert_eq!(max_len, modulus_len - 2 * hash.output_len() - 2);
                for len in [0, 1, 16, 64, max_len - 1, max_len] {
                    let (seed, message) = (random(hash.output_len()), random(len));
                    let mut block = vec![0xee; modulus_len];
                    oaep.encode(&Given(seed.clone()), &message, &mut block).unwrap();
                    assert_eq!(decode_oaep(hash, &block), Some((seed, message)));
                }
            }
        }
    }

    #[test]
    fn a_message_that_is_too_long_is_refused() {
        for hash in ALL_HASHES {
            let oaep = Oaep::new(hash);
            let seed = Given(random(hash.output_len()));
            for modulus_len in [256, 1024] {
                let max_len = oaep.max_message_len(modulus_len).unwrap();
                for len in [max_len + 1, modulus_len, 2 * modulus_len] {
                    let encoded = oaep.encode(&seed, &vec![1; len], &mut vec![0; modulus_len]);
                    assert_eq!(encoded, Err(BackendError));
                }
            }
            // Too short for a message at all, and just long enough for the empty one.
            let overhead = 2 * hash.output_len() + 2;
            for modulus_len in 0..overhead {
                assert_eq!(oaep.max_message_len(modulus_len), None);
                let encoded = oaep.encode(&seed, b"", &mut vec![0; modulus_len]);
                assert_eq!(encoded, Err(BackendError));
            }
            assert_eq!(oaep.encode(&seed, b"", &mut vec![0; overhead]), Ok(()));
        }
    }

    #[test]
    fn a_failing_random_source_is_an_error() {
        struct Broken;
        impl RandomSource for Broken {
            fn fill(&self, _: &mut [u8]) -> Result<(), BackendError> {
                Err(BackendError)
            }
        }
        let oaep = Oaep::new(&digest::SHA256);
        assert_eq!(oaep.encode(&Broken, b"CEK", &mut [0; 256]), Err(BackendError));
    }
}
