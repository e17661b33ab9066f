//! PBKDF2 with HMAC (RFC 8018 §5.2), and the key that PBES2 makes with it (RFC 7518 §4.8.1.1).

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use hmac::{Hmac, KeyInit, Mac};
use jwe_core::Alg;
use sha2::{Sha256, Sha384, Sha512};

/// What a key is derived from: algorithm, password, `p2s` and `p2c`.
type Input = (Alg, Vec<u8>, Vec<u8>, u32);

/// A thousand rounds take milliseconds, and many topics derive the same key.
static KNOWN: LazyLock<Mutex<HashMap<Input, Vec<u8>>>> = LazyLock::new(Mutex::default);

/// The key that wraps the CEK.
pub(crate) fn kek(alg: Alg, password: &[u8], p2s: &[u8], p2c: u32) -> Vec<u8> {
    let input = (alg, password.to_vec(), p2s.to_vec(), p2c);
    let known = KNOWN.lock().expect("no panic while it is held").get(&input).cloned();
    known.unwrap_or_else(|| {
        let salt = [alg.name().as_bytes(), &[0], p2s].concat();
        let len = alg.kek_len().expect("PBES2 wraps with AES");
        let key = match alg {
            Alg::Pbes2Hs256A128Kw => pbkdf2::<Hmac<Sha256>>(password, &salt, p2c, len),
            Alg::Pbes2Hs384A192Kw => pbkdf2::<Hmac<Sha384>>(password, &salt, p2c, len),
            Alg::Pbes2Hs512A256Kw => pbkdf2::<Hmac<Sha512>>(password, &salt, p2c, len),
            other => panic!("{other} is not of the PBES2 family"),
        };
        KNOWN.lock().expect("no panic while it is held").insert(input, key.clone());
        key
    })
}

fn pbkdf2<M: Mac + KeyInit + Clone>(
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    len: usize,
) -> Vec<u8> {
    let keyed = <M as KeyInit>::new_from_slice(password).expect("HMAC takes any key");
    let mac = |data: &[u8]| {
        let mut mac = keyed.clone();
        mac.update(data);
        mac.finalize().into_bytes().to_vec()
    };
    let mut key = Vec::new();
    let mut block = 1u32;
    while key.len() < len {
        let mut u = mac(&[salt, &block.to_be_bytes()].concat());
        let mut sum = u.clone();
        for _ in 1..iterations {
            u = mac(&u);
            sum.iter_mut().zip(&u).for_each(|(sum, u)| *sum ^= u);
        }
        key.extend(sum);
        block += 1;
    }
    key.truncate(len);
    key
}

#[cfg(test)]
mod tests {
    use hmac::Hmac;
    use sha2::Sha256;

    use super::{kek, pbkdf2};
    use crate::support::bytes::hex;
    use crate::support::vectors;

    #[test]
    fn gives_the_answer_of_rfc_7914_section_11() {
        let key = pbkdf2::<Hmac<Sha256>>(b"passwd", b"salt", 1, 64);
        let wanted = "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
                      49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783";
        assert_eq!(key, hex(wanted));
    }

    #[test]
    fn gives_the_answer_of_rfc_7517_appendix_c() {
        let cases = vectors::passwords();
        assert_eq!(cases.len(), 1);
        for case in cases {
            assert_eq!(kek(case.alg, &case.password, &case.p2s, case.p2c), case.key);
        }
    }
}
