//! base64url without padding, for taking tokens apart and forging them.

use base64_simd::URL_SAFE_NO_PAD;

/// The text of `bytes`.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// The bytes of a text that is known to be good.
#[must_use]
pub fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode_to_vec(text).expect("strict base64url")
}

/// The bytes of a text, if it is strict base64url.
#[must_use]
pub fn try_decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}
