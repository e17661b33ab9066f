//! Wiping the stack below a finished operation.
//!
//! Key schedules of AES begin with the key itself, and both key schedules and big integers are
//! passed by value inside the libraries, which leaves copies in stack frames that nobody owns any
//! more. Each operation on secrets runs in a function of its own that is never inlined; when it
//! has returned, the frames that it used are overwritten here.

use core::mem::MaybeUninit;

use zeroize::Zeroize;

/// Words of stack that are overwritten, 16 KiB: more than any operation here was seen to leave
/// traces in, with and without optimization.
const WORDS: usize = 2048;

/// Runs `operation`, then overwrites the stack that lay under it.
///
/// A best effort: how deep an operation reaches is measured by the tests, not promised by the
/// compiler.
pub(crate) fn wiped_after<T>(operation: impl FnOnce() -> T) -> T {
    let result = run(operation);
    wipe();
    result
}

// Its own frame, so that the wipe that follows begins at the same depth.
#[inline(never)]
fn run<T>(operation: impl FnOnce() -> T) -> T {
    operation()
}

#[inline(never)]
fn wipe() {
    let mut frame = [const { MaybeUninit::<u64>::uninit() }; WORDS];
    frame.as_mut_slice().zeroize();
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs::{self, File};
    use std::hint::black_box;
    use std::os::unix::fs::FileExt;

    use super::wiped_after;
    use crate::RING;
    use crate::oaep::Oaep;
    use crate::test_data::{Given, encryption_key, odd_modulus, random};
    use jwe_core::{Alg, BackendError, Direction, Enc, SenderContext};
    use ring::digest;

    /// What is looked for, kept in a form that the search itself can't find.
    struct Needle(Vec<u8>);

    impl Needle {
        const MASK: u8 = 0x5a;

        fn new(secret: &[u8]) -> Self {
            Self(secret.iter().map(|byte| byte ^ Self::MASK).collect())
        }

        /// How often the secret stands in this thread's stack below the caller.
        fn count(&self) -> usize {
            let marker = 0_u8;
            let here = std::ptr::from_ref(black_box(&marker)) as u64;
            let maps = fs::read_to_string("/proc/self/maps").unwrap();
            let (low, _) = maps
                .lines()
                .map(|line| line.split_whitespace().next().unwrap().split_once('-').unwrap())
                .map(|(low, high)| {
                    (u64::from_str_radix(low, 16).unwrap(), u64::from_str_radix(high, 16).unwrap())
                })
                .find(|(low, high)| (*low..*high).contains(&here))
                .unwrap();
            // The operations ran at most 64 KiB and their own depth below.
            let low = low.max(here - 0x4_0000);
            let mut stack = vec![0; usize::try_from(here - low).unwrap()];
            File::open("/proc/self/mem").unwrap().read_exact_at(&mut stack, low).unwrap();
            stack
                .windows(self.0.len())
                .filter(|window| window.iter().zip(&self.0).all(|(a, b)| a ^ Self::MASK == *b))
                .count()
        }
    }

    /// Runs `operation` so far down that the search afterwards does not overwrite its traces.
    #[inline(never)]
    fn deep_down<T>(operation: impl FnOnce() -> T) -> T {
        let mut frame = [0_u8; 0x1_0000];
        black_box(&mut frame);
        let result = operation();
        black_box(&mut frame);
        result
    }

    #[test]
    fn the_search_finds_what_is_not_wiped() {
        #[inline(never)]
        fn leave_behind(secret: &[u8]) {
            let mut frame = [0; 16];
            frame.copy_from_slice(secret);
            black_box(&mut frame);
        }
        let secret = random(16);
        let needle = Needle::new(&secret);
        deep_down(|| leave_behind(&secret));
        assert_ne!(needle.count(), 0);
        let secret = random(16);
        let needle = Needle::new(&secret);
        deep_down(|| wiped_after(|| leave_behind(&secret)));
        assert_eq!(needle.count(), 0);
    }

    #[test]
    fn no_cek_is_left_by_content_encryption() {
        for enc in Enc::ALL {
            let Ok(object) = RING.content_encryption(*enc, Direction::Encrypt) else { continue };
            let (cek, iv) = (random(enc.cek_len()), random(enc.iv_len()));
            // The first and the last 16 bytes: parts of MAC_KEY and ENC_KEY, or of round keys.
            let needles = [Needle::new(&cek[..16]), Needle::new(&cek[cek.len() - 16..])];
            let check = |what: &str| {
                for needle in &needles {
                    assert_eq!(needle.count(), 0, "{enc}: {what}");
                }
            };
            for len in [16, 4096] {
                let mut buf = vec![1; enc.ciphertext_len(len).unwrap()];
                let mut tag = vec![0; enc.tag_len()];
                deep_down(|| object.seal(&cek, &iv, b"aad", &mut buf, len, &mut tag)).unwrap();
                check("sealed");
                let opened = deep_down(|| object.open(&cek, &iv, b"aad", &mut buf, &tag));
                assert_eq!(opened, Ok(len));
                check("opened");
                let refused = deep_down(|| object.open(&cek, &iv, b"other", &mut buf, &tag));
                assert_eq!(refused, Err(BackendError));
                check("refused");
            }
        }
    }

    #[test]
    fn no_encoded_message_is_left_by_key_encryption() {
        for bits in [2048, 3072, 4096, 6144, 8192] {
            let key = encryption_key(Alg::RsaOaep256, &odd_modulus(bits), &[1, 0, 1]);
            let (cek, seed) = (random(32), Given(random(32)));
            let mut encoded = vec![0; bits / 8];
            Oaep::new(&digest::SHA256).encode(&seed, &cek, &mut encoded).unwrap();
            // The encoded message as bytes and as limbs, which begin with the lowest byte here.
            let part = encoded[bits / 8 - 16..].to_vec();
            let limbs: Vec<u8> = part.iter().rev().copied().collect();
            let needles = [&cek[..16], &seed.0[..16], &part, &limbs].map(Needle::new);
            let mut encrypted_key = vec![0; bits / 8];
            deep_down(|| {
                let mut context = SenderContext::new(Enc::A256Gcm, &seed);
                key.wrap_key(&mut context, &cek, &mut encrypted_key)
            })
            .unwrap();
            for needle in &needles {
                assert_eq!(needle.count(), 0, "{bits} bits");
            }
        }
    }
}
