//! Text of a token as it can stand in a sentence.

use jwe_core::shown;

/// The most characters that are shown.
const MAX: usize = 64;

/// The text in quotes, shortened, with every character escaped that could deceive a reader.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars().take(MAX) {
        if character == '"' || character == '\\' || shown::deceives(character) {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    if text.chars().nth(MAX).is_some() {
        out.push('…');
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_deceives_is_escaped_and_what_is_long_is_cut() {
        assert_eq!(super::quoted("a\u{202e}\n\"b"), r#""a\u{202e}\n\"b""#);
        assert_eq!(super::quoted(&"x".repeat(100)).chars().count(), 67);
    }
}
