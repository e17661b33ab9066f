//! What the tests of several modules need.

use jwe_core::RandomSource;

use crate::random_source::OPENSSL_RANDOM;

/// The bytes of a hexadecimal text with or without spaces and line ends.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
        .collect()
}

/// Fresh random bytes.
pub(crate) fn random(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    OPENSSL_RANDOM.fill(&mut bytes).unwrap();
    bytes
}
