//! base64url (RFC 7515 §2), written down once more so that the tests depend on no code of ours.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    let mut text = String::new();
    for group in bytes.as_ref().chunks(3) {
        let byte = |at: usize| usize::from(group.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..=group.len() {
            text.push(char::from(ALPHABET[bits >> (18 - 6 * at) & 63]));
        }
    }
    text
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for group in text.as_bytes().chunks(4) {
        let value = |letter: &u8| ALPHABET.iter().position(|known| known == letter).unwrap();
        let bits = group.iter().fold(0, |bits, letter| bits << 6 | value(letter));
        let bits = bits << (6 * (4 - group.len()));
        bytes.extend((1..group.len()).map(|at| u8::try_from(bits >> (24 - 8 * at) & 255).unwrap()));
    }
    bytes
}

#[test]
fn is_what_the_rfc_says() {
    // RFC 4648 §10, without padding.
    for (bytes, text) in [
        ("", ""),
        ("f", "Zg"),
        ("fo", "Zm8"),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg"),
        ("fooba", "Zm9vYmE"),
    ] {
        assert_eq!((encode(bytes).as_str(), decode(text)), (text, bytes.as_bytes().to_vec()));
    }
    assert_eq!(encode([0xfb, 0xff]), "-_8");
}
