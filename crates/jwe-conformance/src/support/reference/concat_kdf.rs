//! The Concat KDF with SHA-256 as ECDH-ES uses it (RFC 7518 §4.6.2).

use sha2::{Digest, Sha256};

/// A key of `len` bytes. `algorithm` is the `enc` for direct agreement, else the `alg`.
pub(crate) fn derive(z: &[u8], algorithm: &str, apu: &[u8], apv: &[u8], len: usize) -> Vec<u8> {
    let number = |number: usize| u32::try_from(number).expect("a length").to_be_bytes();
    let mut other_info = Vec::new();
    for part in [algorithm.as_bytes(), apu, apv] {
        other_info.extend(number(part.len()));
        other_info.extend_from_slice(part);
    }
    other_info.extend(number(8 * len));
    let mut key = Vec::new();
    for round in 1..=len.div_ceil(32) {
        key.extend(Sha256::digest([&number(round)[..], z, &other_info].concat()));
    }
    key.truncate(len);
    key
}

#[cfg(test)]
mod tests {
    use super::derive;
    use crate::support::vectors;

    #[test]
    fn gives_the_answer_of_rfc_7518_appendix_c() {
        let cases = vectors::derivation();
        assert_eq!(cases.len(), 1);
        for case in cases {
            let (apu, apv) = (&case.apu, &case.apv);
            let key = derive(&case.agreement.z, case.enc.name(), apu, apv, case.key.len());
            assert_eq!(key, case.key, "{}", case.source);
        }
    }
}
