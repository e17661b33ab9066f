//! The Concat KDF of ECDH-ES (RFC 7518 §4.6.2), which AWS-LC has as the one-step key derivation of
//! SP 800-56C.

use aws_lc_rs::kdf::{SskdfDigestAlgorithmId, get_sskdf_digest_algorithm, sskdf_digest};
use jwe_core::concat_kdf::MAX_OUTPUT_LEN;
use jwe_core::{BackendError, wiped};

/// Fills all of `out`, at most [`MAX_OUTPUT_LEN`] bytes, from the agreed secret `z` with SHA-256.
/// After an error `out` is all zero.
pub(crate) fn concat_kdf(z: &[u8], other_info: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
    let algorithm = get_sskdf_digest_algorithm(SskdfDigestAlgorithmId::Sha256)
        .filter(|_| out.len() <= MAX_OUTPUT_LEN)
        .ok_or(BackendError);
    let result = algorithm.and_then(|algorithm| {
        // The first block that is hashed holds the secret, and where no instruction of the CPU hashes
        // it, its words may stay on the stack.
        wiped::stack_after(|| sskdf_digest(algorithm, z, other_info, out)).map_err(|_| BackendError)
    });
    if result.is_err() {
        out.fill(0);
    }
    result
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest;
    use jwe_core::BackendError;
    use jwe_core::concat_kdf::{OtherInfo, rounds};

    use super::concat_kdf;
    use crate::test_data::hex;

    #[test]
    fn derives_the_key_of_rfc_7518_appendix_c() {
        let z = hex("9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4");
        let info = OtherInfo::new("A128GCM", b"Alice", b"Bob", 16).unwrap();
        let mut derived = [0; 16];
        assert_eq!(concat_kdf(&z, info.as_bytes(), &mut derived), Ok(()));
        assert_eq!(derived[..], hex("56aa8deaf8236d205c2228cd71a7101a"));
    }

    #[test]
    fn several_rounds_are_those_of_the_engine() {
        let sha256 = |parts: [&[u8]; 3]| {
            let mut hash = [0; 32];
            hash.copy_from_slice(digest::digest(&digest::SHA256, &parts.concat()).as_ref());
            Ok(hash)
        };
        for z_len in [32, 48, 66] {
            let z: Vec<u8> = (1..=z_len).collect();
            for (len, info) in (1..=64).flat_map(|len| [(len, &b"info"[..]), (len, &[7; 300])]) {
                let (mut derived, mut expected) = (vec![0; len], vec![0; len]);
                assert_eq!(concat_kdf(&z, info, &mut derived), Ok(()));
                rounds(sha256, &z, info, &mut expected).unwrap();
                assert_eq!(derived, expected, "{z_len} {len}");
            }
        }
    }

    #[test]
    fn outputs_that_are_too_long_and_empty_inputs_are_refused_and_leave_zeros() {
        for (z, len) in [(&[1; 32][..], 65), (&[1; 32], 1000), (&[], 32)] {
            let mut out = vec![0xee; len];
            assert_eq!(concat_kdf(z, b"info", &mut out), Err(BackendError));
            assert!(out.iter().all(|byte| *byte == 0), "{len}");
        }
        assert_eq!(concat_kdf(&[1; 32], b"info", &mut []), Err(BackendError));
    }
}
