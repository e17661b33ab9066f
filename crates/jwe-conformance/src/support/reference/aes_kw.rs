//! AES key wrap (RFC 3394), with the initial value left to the caller.

use aes::cipher::consts::U16;
use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};

/// The initial value of RFC 3394 §2.2.3.1.
pub(crate) const INITIAL_VALUE: [u8; 8] = [0xa6; 8];

/// Wraps a key.
pub(crate) fn wrap(kek: &[u8], key: &[u8]) -> Vec<u8> {
    wrap_with(INITIAL_VALUE, kek, key)
}

/// Wraps a key with another initial value.
pub(crate) fn wrap_with(initial_value: [u8; 8], kek: &[u8], key: &[u8]) -> Vec<u8> {
    match kek.len() {
        16 => wrapped::<Aes128>(initial_value, kek, key),
        24 => wrapped::<Aes192>(initial_value, kek, key),
        32 => wrapped::<Aes256>(initial_value, kek, key),
        other => panic!("no AES key has {other} bytes"),
    }
}

/// Unwraps a key.
///
/// # Errors
/// What is wrong.
pub(crate) fn unwrap(kek: &[u8], wrapped: &[u8]) -> Result<Vec<u8>, &'static str> {
    if wrapped.len() < 24 || !wrapped.len().is_multiple_of(8) {
        return Err("AES key wrap gives no key of that length");
    }
    let (check, key) = match kek.len() {
        16 => unwrapped::<Aes128>(kek, wrapped),
        24 => unwrapped::<Aes192>(kek, wrapped),
        32 => unwrapped::<Aes256>(kek, wrapped),
        other => panic!("no AES key has {other} bytes"),
    };
    if check == INITIAL_VALUE { Ok(key) } else { Err("the initial value is wrong") }
}

/// RFC 3394 §2.2.1, in the form with indices.
fn wrapped<C: BlockCipherEncrypt<BlockSize = U16> + KeyInit>(
    initial_value: [u8; 8],
    kek: &[u8],
    key: &[u8],
) -> Vec<u8> {
    let cipher = C::new_from_slice(kek).expect("an AES key");
    let n = key.len() / 8;
    let mut a = initial_value.to_vec();
    let mut r: Vec<Vec<u8>> = key.chunks(8).map(<[u8]>::to_vec).collect();
    for j in 0..6 {
        for i in 1..=n {
            let mut b = Array::try_from(&[&a[..], &r[i - 1]].concat()[..]).expect("a block");
            cipher.encrypt_block(&mut b);
            a = xored(&b[..8], n * j + i);
            r[i - 1] = b[8..].to_vec();
        }
    }
    [a, r.concat()].concat()
}

/// RFC 3394 §2.2.2: the initial value and the key.
fn unwrapped<C: BlockCipherDecrypt<BlockSize = U16> + KeyInit>(
    kek: &[u8],
    wrapped: &[u8],
) -> (Vec<u8>, Vec<u8>) {
    let cipher = C::new_from_slice(kek).expect("an AES key");
    let n = wrapped.len() / 8 - 1;
    let mut a = wrapped[..8].to_vec();
    let mut r: Vec<Vec<u8>> = wrapped[8..].chunks(8).map(<[u8]>::to_vec).collect();
    for j in (0..6).rev() {
        for i in (1..=n).rev() {
            let mixed = [xored(&a, n * j + i), r[i - 1].clone()].concat();
            let mut b = Array::try_from(&mixed[..]).expect("a block");
            cipher.decrypt_block(&mut b);
            a = b[..8].to_vec();
            r[i - 1] = b[8..].to_vec();
        }
    }
    (a, r.concat())
}

fn xored(a: &[u8], t: usize) -> Vec<u8> {
    let t = u64::try_from(t).expect("a step").to_be_bytes();
    a.iter().zip(t).map(|(a, t)| a ^ t).collect()
}

#[cfg(test)]
mod tests {
    use super::{unwrap, wrap};
    use crate::support::bytes::flipped;
    use crate::support::vectors;

    #[test]
    fn gives_the_answers_of_rfc_3394() {
        assert_eq!(vectors::key_wrap().len(), 6);
        for case in vectors::key_wrap() {
            assert_eq!(wrap(&case.kek, &case.key), case.wrapped, "{}", case.source);
            assert_eq!(unwrap(&case.kek, &case.wrapped).as_ref(), Ok(&case.key), "{}", case.source);
            let changed = flipped(&case.wrapped, 9, 0);
            assert!(unwrap(&case.kek, &changed).is_err(), "{}", case.source);
        }
    }
}
