//! The Concat KDF of ECDH-ES (RFC 7518 §4.6.2) over ring's SHA-256.

use jwe_core::{BackendError, concat_kdf, wiped};
use ring::digest;

/// Derives a key from `z` and `other_info` into `out`; see [`concat_kdf::ConcatKdf`].
///
/// # Errors
/// [`BackendError`] when `out` is longer than [`concat_kdf::MAX_OUTPUT_LEN`]; it is then all zero.
pub(crate) fn derive(z: &[u8], other_info: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
    // The state of the hash holds a block of input as it stands, and with it `z`.
    wiped::stack_after(|| concat_kdf::rounds(hash, z, other_info, out))
}

fn hash(parts: [&[u8]; 3]) -> Result<[u8; 32], BackendError> {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    // Both sides are 32 bytes long.
    out.copy_from_slice(context.finish().as_ref());
    Ok(out)
}

#[cfg(test)]
mod tests {
    use jwe_core::concat_kdf::{MAX_OUTPUT_LEN, OtherInfo};

    use super::*;
    use crate::test_data::{hex, random};

    /// RFC 7518 Appendix C.
    #[test]
    fn the_known_answer() {
        let z = hex("9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4");
        let info = OtherInfo::new("A128GCM", b"Alice", b"Bob", 16).unwrap();
        let mut out = [0; 16];
        derive(&z, info.as_bytes(), &mut out).unwrap();
        #[rustfmt::skip]
        let expected = [86, 170, 141, 234, 248, 35, 109, 32, 92, 34, 40, 205, 113, 167, 16, 26];
        assert_eq!(out, expected);
    }

    /// SP 800-56A §5.8.1 in one line: hashes of counter, Z and the information, one behind the
    /// other, cut.
    #[test]
    fn every_length_is_the_start_of_the_longest() {
        for z_len in [32, 48, 66] {
            let (z, info) = (random(z_len), random(50));
            let longest = [1_u32, 2]
                .map(|round| {
                    let input = [round.to_be_bytes().as_slice(), &z, &info].concat();
                    digest::digest(&digest::SHA256, &input).as_ref().to_vec()
                })
                .concat();
            for len in [0, 1, 16, 24, 31, 32, 33, 48, 63, MAX_OUTPUT_LEN] {
                let mut out = vec![0xee; len];
                derive(&z, &info, &mut out).unwrap();
                assert_eq!(out, longest[..len]);
            }
        }
    }

    #[test]
    fn an_output_that_is_too_long_is_refused_and_wiped() {
        for len in [MAX_OUTPUT_LEN + 1, 96, 1000] {
            let mut out = vec![0xee; len];
            assert_eq!(derive(&[1; 32], b"", &mut out), Err(BackendError));
            assert!(out.iter().all(|byte| *byte == 0));
        }
    }
}
