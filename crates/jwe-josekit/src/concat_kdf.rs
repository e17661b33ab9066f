//! The Concat KDF of ECDH-ES (RFC 7518 §4.6.2): the engine's rounds over OpenSSL's SHA-256.

use jwe_core::concat_kdf::rounds;
use jwe_core::{BackendError, wiped};
use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::md_ctx::MdCtx;

/// Hashes the parts one behind the other, in a context of OpenSSL's, which wipes it when it frees
/// it: in a value of our own the agreed secret would be moved about.
fn hash(parts: [&[u8]; 3]) -> Result<[u8; 32], ErrorStack> {
    let mut context = MdCtx::new()?;
    context.digest_init(Md::sha256())?;
    for part in parts {
        context.digest_update(part)?;
    }
    let mut digest = [0; 32];
    context.digest_final(&mut digest)?;
    Ok(digest)
}

/// Derives a key, see [`ConcatKdf`](jwe_core::concat_kdf::ConcatKdf). After an error `out` is all
/// zero.
pub(crate) fn concat_kdf(z: &[u8], other_info: &[u8], out: &mut [u8]) -> Result<(), BackendError> {
    let hash = |parts: [&[u8]; 3]| hash(parts).map_err(|_| BackendError);
    wiped::stack_after(|| rounds(hash, z, other_info, out))
}

#[cfg(test)]
mod tests {
    use jwe_conformance::remnants::{Needle, deep_down};
    use jwe_core::BackendError;
    use jwe_core::concat_kdf::{MAX_OUTPUT_LEN, OtherInfo};

    use super::concat_kdf;
    use crate::sha256::sha256;
    use crate::test_data::{hex, random};

    #[test]
    fn the_example_of_rfc_7518_appendix_c() {
        let z = hex("9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4");
        let info = OtherInfo::new("A128GCM", b"Alice", b"Bob", 16).unwrap();
        let mut key = [0; 16];
        concat_kdf(&z, info.as_bytes(), &mut key).unwrap();
        assert_eq!(key[..], hex("56aa8deaf8236d205c2228cd71a7101a"));
    }

    /// SP 800-56A §5.8.1: block i is the hash of i in 32 bits, Z and OtherInfo.
    #[test]
    fn a_long_key_is_that_of_the_definition() {
        let (z, info) = (random(66), random(40));
        let block = |counter: u8| {
            sha256(&[&[0, 0, 0, counter][..], z.as_slice(), info.as_slice()].concat())
        };
        let whole = [block(1), block(2)].concat();
        for len in 0..=MAX_OUTPUT_LEN {
            let mut key = vec![0xee; len];
            concat_kdf(&z, &info, &mut key).unwrap();
            assert_eq!(key, whole[..len]);
        }
    }

    #[test]
    fn a_key_that_is_too_long_is_refused() {
        let mut key = [0xee; MAX_OUTPUT_LEN + 1];
        assert_eq!(concat_kdf(&[1; 32], &[], &mut key), Err(BackendError));
        assert_eq!(key, [0; MAX_OUTPUT_LEN + 1]);
    }

    #[test]
    fn neither_secret_nor_key_is_left_on_the_stack() {
        let (z, mut key) = (random(32), [0; 64]);
        let z_needle = Needle::new(&z[..16]);
        deep_down(|| concat_kdf(&z, b"info", &mut key)).unwrap();
        // The last round's hash is what the next call would overwrite.
        let key_needles = [&key[..16], &key[48..]].map(Needle::new);
        key = [0; 64];
        // Where the process may not read its own memory there is nothing to be seen.
        assert_eq!(z_needle.count().unwrap_or(0), 0);
        for needle in &key_needles {
            assert_eq!(needle.count().unwrap_or(0), 0);
        }
        assert_eq!(key, [0; 64]);
    }
}
