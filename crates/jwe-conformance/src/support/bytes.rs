//! Hexadecimal, base64url and single bits.

/// Reads hexadecimal.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "vector file: odd number of hex digits");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("vector file: a hex digit"))
        .collect()
}

/// Reads unpadded base64url.
pub(crate) fn unbase64url(text: &str) -> Vec<u8> {
    base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text).expect("unpadded base64url")
}

/// Writes unpadded base64url.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// A copy in which one bit of one byte differs.
pub(crate) fn flipped(bytes: &[u8], byte: usize, bit: usize) -> Vec<u8> {
    let mut copy = bytes.to_vec();
    copy[byte] ^= 1 << (bit % 8);
    copy
}

/// A big-endian number in exactly `len` bytes.
pub(crate) fn left_padded(number: &[u8], len: usize) -> Vec<u8> {
    assert!(number.len() <= len, "a number of {} bytes for {len}", number.len());
    let mut out = vec![0; len - number.len()];
    out.extend_from_slice(number);
    out
}
