//! base64url without padding, strict (RFC 7515 §2, RFC 4648 §5): no other alphabet, no white
//! space, no `=`, and the unused bits of the last character are zero. Every text decodes to at
//! most one byte string and every byte string has one text.

use base64_simd::{AsOut, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// The text is not strict base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotBase64;

/// The length of the text of `len` bytes; `None` beyond what memory can hold.
pub(crate) const fn encoded_len(len: usize) -> Option<usize> {
    let whole = match (len / 3).checked_mul(4) {
        Some(whole) => whole,
        None => return None,
    };
    whole.checked_add(match len % 3 {
        0 => 0,
        1 => 2,
        _ => 3,
    })
}

/// The length in bytes of what a text of `len` characters decodes to, if it decodes at all.
pub(crate) const fn decoded_len(len: usize) -> usize {
    // Never more than `len`, so that nothing saturates.
    (len / 4).saturating_mul(3).saturating_add((len % 4).saturating_mul(3) / 4)
}

/// Appends the text of `bytes` to `out`.
pub(crate) fn encode_append(bytes: &[u8], out: &mut Vec<u8>) {
    URL_SAFE_NO_PAD.encode_append(bytes, out);
}

/// Appends the text of `bytes` to `out`, whose capacity is not exceeded if it has room.
pub(crate) fn encode_append_str(bytes: &[u8], out: &mut String) {
    URL_SAFE_NO_PAD.encode_append(bytes, out);
}

/// Writes the text of `bytes` to `out`, which must have room for it.
pub(crate) fn encode_to_slice(bytes: &[u8], out: &mut [u8]) {
    let _text = URL_SAFE_NO_PAD.encode(bytes, out.as_out());
}

/// The text of `bytes`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// Whether `text` is strict base64url.
pub(crate) fn check(text: &str) -> Result<(), NotBase64> {
    URL_SAFE_NO_PAD.check(text.as_bytes()).map_err(|_| NotBase64)
}

/// Decodes to the start of `out` and returns the length; an `out` that is too short is an error.
pub(crate) fn decode_to_slice(text: &str, out: &mut [u8]) -> Result<usize, NotBase64> {
    if decoded_len(text.len()) > out.len() {
        return Err(NotBase64);
    }
    let decoded = URL_SAFE_NO_PAD.decode(text.as_bytes(), out.as_out()).map_err(|_| NotBase64)?;
    Ok(decoded.len())
}

/// Decodes and appends to `out`, whose capacity is not exceeded if it has room.
pub(crate) fn decode_append(text: &str, out: &mut Vec<u8>) -> Result<(), NotBase64> {
    URL_SAFE_NO_PAD.decode_append(text.as_bytes(), out).map_err(|_| NotBase64)
}

/// Decodes a secret into a buffer that is wiped on drop.
pub(crate) fn decode_secret(text: &str) -> Result<Zeroizing<Vec<u8>>, NotBase64> {
    let mut out = Zeroizing::new(vec![0; decoded_len(text.len())]);
    let len = decode_to_slice(text, &mut out)?;
    out.truncate(len);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::{
        NotBase64, check, decode_secret, decode_to_slice, decoded_len, encode, encoded_len,
    };

    #[test]
    fn every_length_round_trips() {
        for len in 0..200_usize {
            let bytes: Vec<u8> = (0..len).map(|i| (i * 7 + 3) as u8).collect();
            let text = encode(&bytes);
            assert_eq!(Some(text.len()), encoded_len(len));
            assert_eq!(decoded_len(text.len()), len);
            assert_eq!(check(&text), Ok(()));
            assert_eq!(*decode_secret(&text).unwrap(), bytes);
        }
        assert_eq!(encoded_len(usize::MAX), None);
    }

    #[test]
    fn anything_but_the_canonical_text_is_refused() {
        // "AAAA" decodes to three zero bytes, "AA" to one, "AAA" to two.
        for wrong in [
            "A", "AAAAA", "AB", "AAB", "AA=", "AA==", "AAA=", "+AAA", "/AAA", "AA A", "AAA\n",
            "\rAAA", "AAA\0", "AAé", " ", "=", "AAAA=",
        ] {
            assert_eq!(check(wrong), Err(NotBase64), "{wrong:?}");
            assert_eq!(decode_to_slice(wrong, &mut [0; 16]), Err(NotBase64), "{wrong:?}");
        }
        // In the middle and at the end of texts of every length, where the vectorized code and
        // its remainder meet.
        for len in 1..120_usize {
            let good = encode(&vec![0xa5; len]);
            for at in 0..good.len() {
                for bad in ["=", "+", "/", " ", "\n", ".", "~"] {
                    let mut text = good.clone();
                    text.replace_range(at..=at, bad);
                    assert_eq!(check(&text), Err(NotBase64), "{text:?}");
                    assert_eq!(decode_to_slice(&text, &mut [0; 120]), Err(NotBase64), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn no_two_texts_decode_to_the_same_bytes() {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut accepted = 0;
        for a in ALPHABET {
            for b in ALPHABET {
                let text = String::from_utf8(vec![*a, *b]).unwrap();
                let mut out = [0; 1];
                if decode_to_slice(&text, &mut out).is_ok() {
                    assert_eq!(encode(&out), text);
                    accepted += 1;
                }
            }
        }
        assert_eq!(accepted, 256);
    }

    #[test]
    fn a_short_output_is_an_error() {
        assert_eq!(decode_to_slice("AAAA", &mut [0; 2]), Err(NotBase64));
    }
}
