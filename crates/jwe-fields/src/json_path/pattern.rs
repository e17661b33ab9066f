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
        let body = translate(pattern)?;
        // The pattern by itself too, or else `a)|(b` would become one by being wrapped.
        let compile =
            |regex: &str| regex::RegexBuilder::new(regex).size_limit(SIZE_LIMIT).build().ok();
        let part = compile(&body)?;
        if whole { compile(&format!("^(?:{body})$")).map(Self) } else { Some(Self(part)) }
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// The pattern in the syntax of the regex crate; `None` if that would read something else into it
/// than RFC 9485 does.
///
/// A dot outside a character class matches neither line feed nor carriage return (RFC 9485 §5.3).
/// Inside, `&`, `~` and `[` are no set operations and no nested classes, and `(?` sets no flags.
fn translate(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(character) = rest.next() {
        match character {
            '\\' => {
                out.push('\\');
                out.extend(rest.next());
                continue;
            }
            '[' if in_class => return None,
            '[' => {
                in_class = true;
                out.push('[');
                out.extend(rest.next_if_eq(&'^'));
                // Not the class's end for the regex crate, and nothing in RFC 9485.
                if rest.peek() == Some(&']') {
                    return None;
                }
                continue;
            }
            ']' => in_class = false,
            '-' if in_class && rest.peek() == Some(&'-') => return None,
            '&' | '~' if in_class => out.push('\\'),
            '(' if !in_class && rest.peek() == Some(&'?') => return None,
            '.' if !in_class => {
                out.push_str("[^\\n\\r]");
                continue;
            }
            _ => {}
        }
        out.push(character);
    }
    Some(out)
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
    fn classes_have_no_set_operations() {
        for text in ["a", "b", "&"] {
            assert!(matches("[a&&b]", text), "{text}");
        }
        for text in ["a", "b", "~"] {
            assert!(matches("[a~~b]", text), "{text}");
        }
        assert!(matches("[%-&]", "&"));
        assert!(!matches("[^&~]", "~"));
        assert!(matches("[a\\[\\]-]+", "[a]-"));
        assert!(matches("[\\--a^]+", "-0^"));
        assert!(matches("[(?]+", "(?"));
        assert!(matches("\\(?a&~--", "a&~--"));
    }

    #[test]
    fn what_is_no_pattern() {
        for pattern in [
            "(",
            "a)|(b",
            "[",
            "\\",
            "[]a]",
            "[^]a]",
            "[]",
            "[a[b]]",
            "[[:alpha:]]",
            "[a--b]",
            "[--/]",
            "(?i)a",
            "(?:a)",
            "(?<name>a)",
            "\\p{Nonsense}",
            "(((a{100}){100}){100}){100}",
        ] {
            assert!(Pattern::compile(pattern, true).is_none(), "{pattern}");
        }
    }
}
