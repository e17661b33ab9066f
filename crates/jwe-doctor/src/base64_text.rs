//! base64 as senders get it wrong: decoded all the same, with what is not as RFC 7515 §2 has it.

/// How a text differs from base64url without padding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Deviation {
    /// It ends in `=`.
    pub(crate) padded: bool,
    /// It has `+` or `/`.
    pub(crate) standard: bool,
    /// Bits of the last character are set that no byte is made of.
    pub(crate) trailing_bits: bool,
}

/// Why a text is no base64 at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotBase64 {
    /// A character that neither alphabet has, and where it stands, counted from 1.
    Character(char, usize),
    /// One character too many, or the last ones are missing.
    Length,
}

/// Decodes either alphabet, with or without padding.
pub(crate) fn decode(text: &str) -> Result<(Vec<u8>, Deviation), NotBase64> {
    let trimmed = text.trim_end_matches('=');
    let mut deviation = Deviation { padded: trimmed.len() != text.len(), ..Deviation::default() };
    let mut bytes = Vec::with_capacity(trimmed.len());
    let (mut pending, mut bits) = (0_u32, 0_u32);
    for (at, character) in trimmed.chars().enumerate() {
        let value = match character {
            'A'..='Z' => u32::from(character).wrapping_sub(65),
            'a'..='z' => u32::from(character).wrapping_sub(71),
            '0'..='9' => u32::from(character).wrapping_add(4),
            '-' | '+' => 62,
            '_' | '/' => 63,
            _ => return Err(NotBase64::Character(character, at.saturating_add(1))),
        };
        deviation.standard |= matches!(character, '+' | '/');
        pending = (pending << 6) | value;
        bits = bits.wrapping_add(6);
        if bits >= 8 {
            bits = bits.wrapping_sub(8);
            bytes.extend(u8::try_from((pending >> bits) & 0xff));
            pending &= (1_u32 << bits).wrapping_sub(1);
        }
    }
    if trimmed.len() % 4 == 1 {
        return Err(NotBase64::Length);
    }
    deviation.trailing_bits = pending != 0;
    Ok((bytes, deviation))
}

/// Decodes hexadecimal digits.
pub(crate) fn decode_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut bytes = Vec::with_capacity(text.len() / 2);
    for pair in text.chunks(2) {
        let [high, low] = pair else { return None };
        bytes.extend(u8::try_from((digit(*high)? << 4) | digit(*low)?));
    }
    Some(bytes)
}

/// The same bytes as base64url without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for shift in [18, 12, 6, 0].into_iter().take(chunk.len().saturating_add(1)) {
            let at = usize::try_from((group >> shift) & 63).unwrap_or_default();
            text.extend(ALPHABET.get(at).copied().map(char::from));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Deviation, NotBase64, decode, decode_hex, encode};

    #[test]
    fn both_alphabets_and_what_is_wrong() {
        let right = Deviation::default();
        assert_eq!(decode("-_8"), Ok((vec![0xfb, 0xff], right)));
        assert_eq!(decode("+/8"), Ok((vec![0xfb, 0xff], Deviation { standard: true, ..right })));
        assert_eq!(decode("-_8="), Ok((vec![0xfb, 0xff], Deviation { padded: true, ..right })));
        assert_eq!(
            decode("-_9"),
            Ok((vec![0xfb, 0xff], Deviation { trailing_bits: true, ..right }))
        );
        assert_eq!(decode("ab!d"), Err(NotBase64::Character('!', 3)));
        assert_eq!(decode("abcde"), Err(NotBase64::Length));
        assert_eq!(decode(""), Ok((vec![], right)));
    }

    #[test]
    fn all_bytes_come_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        for len in 0..bytes.len() {
            let text = encode(&bytes[..len]);
            assert_eq!(decode(&text), Ok((bytes[..len].to_vec(), Deviation::default())));
        }
        assert_eq!(encode(b"\xfb\xff\xfe"), "-__-");
    }

    #[test]
    fn hexadecimal() {
        assert_eq!(decode_hex(b"0aFf"), Some(vec![0x0a, 0xff]));
        assert_eq!(decode_hex(b"0aF"), None);
        assert_eq!(decode_hex(b"0g"), None);
    }
}
