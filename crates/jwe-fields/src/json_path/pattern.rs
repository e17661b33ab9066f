//! The regular expressions of `match()` and `search()` (RFC 9485).

use regex::Regex;

/// The most memory that one compiled pattern may take, in bytes.
const SIZE_LIMIT: usize = 1 << 20;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Regex);

impl Pattern {
    /// Compiles a pattern that must match the whole string (`match()`) or a part (`search()`);
    /// `None` if it is none or too large.
    pub(super) fn compile(pattern: &str, whole: bool) -> Option<Self> {
        let body = translate(pattern);
        let regex = if whole { format!("^(?:{body})$") } else { body };
        // The pattern by itself too, or else `a)|(b` would become one by being wrapped.
        let compile =
            |regex: &str| regex::RegexBuilder::new(regex).size_limit(SIZE_LIMIT).build().ok();
        compile(&translate(pattern))?;
        compile(&regex).map(Self)
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// A dot outside a character class matches neither line feed nor carriage return (RFC 9485 §5.3).
fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut escaped = false;
    let mut class = 0_u32;
    for character in pattern.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class += 1,
            ']' => class = class.saturating_sub(1),
            '.' if class == 0 => {
                out.push_str("[^\\n\\r]");
                continue;
            }
            _ => {}
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::compile(pattern, true).unwrap().matches(text)
    }

    #[test]
    fn whole_and_part() {
        assert!(matches("a|b", "b"));
        assert!(!matches("a|b", "ab"));
        assert!(!matches("a", "a\n"));
        assert!(Pattern::compile("b", false).unwrap().matches("abc"));
    }

    #[test]
    fn dots() {
        assert!(matches("a.b", "a\u{2028}b"));
        for line_end in ["a\nb", "a\rb"] {
            assert!(!matches("a.b", line_end));
            assert!(!matches("a[.]b", line_end));
        }
        assert!(matches("a[.]b\\.", "a.b."));
        assert!(!matches("a\\.b", "axb"));
        assert!(matches("\\p{Lu}+", "ÀB"));
        assert!(matches("\\d\\s\\w", "1 a"));
    }

    #[test]
    fn what_is_no_pattern() {
        for pattern in ["(", "a)|(b", "[", "\\p{Nonsense}", "(((a{100}){100}){100}){100}"] {
            assert!(Pattern::compile(pattern, true).is_none(), "{pattern}");
        }
    }
}
