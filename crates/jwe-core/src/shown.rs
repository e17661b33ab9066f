//! Text that others chose and that is shown to people: key ids, names of members.

/// Whether a character could deceive a reader of a terminal or a log: control characters, line and
/// paragraph separators, and the format characters that turn or hide text.
#[must_use]
pub fn deceives(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::deceives;

    #[test]
    fn writing_is_fine_and_what_hides_is_not() {
        assert!("key-1 ключ 鍵 \u{e9}\u{301} 🔑".chars().all(|character| !deceives(character)));
        for character in [
            '\0', '\n', '\u{1b}', '\u{7f}', '\u{85}', '\u{200e}', '\u{202e}', '\u{2066}',
            '\u{feff}',
        ] {
            assert!(deceives(character), "{character:?}");
        }
    }
}
