//! From the text of a query to a typed query: the grammar of RFC 9535 (Appendix A) and its rules
//! of well-typedness (§2.4.3), in one pass without backtracking.

use super::number::Number;
use super::pattern::Pattern;
use super::query::{Comparison, Condition, Literal, Operand, Query, Segment, Selector};

/// How deep brackets and parentheses may nest; it bounds the recursion here and on evaluation.
const DEEPEST: usize = 32;
/// The largest integer of a query (RFC 9535 §2.1): 2^53 − 1.
const LARGEST: i64 = 9_007_199_254_740_991;

/// What is wrong with a query, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotAQuery {
    /// What is wrong and what to do, in words.
    pub(crate) reason: &'static str,
    /// How many characters come before the place.
    pub(crate) at: usize,
}

type Result<T> = core::result::Result<T, NotAQuery>;

pub(super) fn compile(text: &str) -> Result<Query> {
    let mut parser = Parser { text, rest: text, depth: 0 };
    parser.expect("$", "a query starts with $")?;
    let segments = parser.segments()?;
    if !parser.rest.is_empty() {
        return parser.error("a segment such as .name or [0] was expected");
    }
    Ok(Query { absolute: true, segments })
}

struct Parser<'t> {
    text: &'t str,
    rest: &'t str,
    depth: usize,
}

/// What can stand on one side of a comparison or between the parentheses of a function.
enum Term {
    Literal(Literal),
    Query(Query),
    /// A function whose result is a value.
    Value(Operand),
    /// A function whose result is true or false.
    Logical(Condition),
}

impl Parser<'_> {
    fn error<T>(&self, reason: &'static str) -> Result<T> {
        let parsed = self.text.len() - self.rest.len();
        Err(NotAQuery {
            reason,
            at: self.text.get(..parsed).map_or(0, |text| text.chars().count()),
        })
    }

    fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str, reason: &'static str) -> Result<()> {
        if self.eat(token) { Ok(()) } else { self.error(reason) }
    }

    /// RFC 9535 §2.1.1.
    fn blank(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next();
        self.rest = characters.as_str();
        next
    }

    fn eat_while(&mut self, accept: impl Fn(char) -> bool) -> &str {
        let end = self.rest.find(|character| !accept(character)).unwrap_or(self.rest.len());
        let (eaten, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        self.rest = rest;
        eaten
    }

    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == DEEPEST {
            return self
                .error("brackets and parentheses nest deeper than 32: use a simpler filter");
        }
        self.depth += 1;
        let parsed = parse(self)?;
        self.depth -= 1;
        Ok(parsed)
    }

    fn segments(&mut self) -> Result<Vec<Segment>> {
        let mut segments = Vec::new();
        loop {
            let before = self.rest;
            self.blank();
            if self.eat("..") {
                let selectors = if self.peek() == Some('[') {
                    self.bracketed()?
                } else {
                    vec![self.shorthand()?]
                };
                segments.push(Segment { descendants: true, selectors });
            } else if self.eat(".") {
                let selectors = vec![self.shorthand()?];
                segments.push(Segment { descendants: false, selectors });
            } else if self.peek() == Some('[') {
                let selectors = self.bracketed()?;
                segments.push(Segment { descendants: false, selectors });
            } else {
                self.rest = before;
                return Ok(segments);
            }
        }
    }

    /// What follows a dot: a wildcard or a name (`member-name-shorthand`).
    fn shorthand(&mut self) -> Result<Selector> {
        if self.eat("*") {
            return Ok(Selector::Wildcard);
        }
        let first = |character: char| {
            character.is_ascii_alphabetic() || character == '_' || !character.is_ascii()
        };
        if !self.peek().is_some_and(first) {
            return self.error("a name or * was expected; other names go in quotes: ['my name']");
        }
        let name = self.eat_while(|character| first(character) || character.is_ascii_digit());
        Ok(Selector::Name(name.to_owned()))
    }

    fn bracketed(&mut self) -> Result<Vec<Selector>> {
        self.expect("[", "[ was expected")?;
        self.deeper(|parser| {
            let mut selectors = Vec::new();
            loop {
                parser.blank();
                selectors.push(parser.selector()?);
                parser.blank();
                if parser.eat("]") {
                    return Ok(selectors);
                }
                parser.expect(",", ", or ] was expected")?;
            }
        })
    }

    fn selector(&mut self) -> Result<Selector> {
        match self.peek() {
            Some('\'' | '"') => Ok(Selector::Name(self.string()?)),
            Some('*') => {
                self.next();
                Ok(Selector::Wildcard)
            }
            Some('?') => {
                self.next();
                self.blank();
                Ok(Selector::Filter(self.condition()?))
            }
            Some(':' | '-' | '0'..='9') => self.index_or_slice(),
            _ => self.error("a quoted name, an index, a slice, * or a filter (?) was expected"),
        }
    }

    fn index_or_slice(&mut self) -> Result<Selector> {
        let start = self.optional_integer()?;
        let after_start = self.rest;
        self.blank();
        if !self.eat(":") {
            self.rest = after_start;
            return start.map_or_else(
                || self.error("an index was expected"),
                |start| Ok(Selector::Index(start)),
            );
        }
        self.blank();
        let end = self.optional_integer()?;
        let after_end = self.rest;
        self.blank();
        let mut step = None;
        if self.eat(":") {
            let after_colon = self.rest;
            self.blank();
            step = self.optional_integer()?;
            if step.is_none() {
                self.rest = after_colon;
            }
        } else {
            self.rest = after_end;
        }
        Ok(Selector::Slice { start, end, step: step.unwrap_or(1) })
    }

    fn optional_integer(&mut self) -> Result<Option<i64>> {
        if matches!(self.peek(), Some('-' | '0'..='9')) {
            self.integer().map(Some)
        } else {
            Ok(None)
        }
    }

    fn integer(&mut self) -> Result<i64> {
        let before = self.rest;
        let negative = self.eat("-");
        let digits = self.eat_while(|character| character.is_ascii_digit());
        let canonical =
            digits == "0" && !negative || !digits.is_empty() && !digits.starts_with('0');
        match digits.parse::<i64>() {
            Ok(value) if canonical && value <= LARGEST => Ok(if negative { -value } else { value }),
            _ => {
                self.rest = before;
                self.error("not an integer of RFC 9535: no leading zeros, at most 2^53 - 1")
            }
        }
    }

    /// A quoted string (RFC 9535 §2.3.1).
    fn string(&mut self) -> Result<String> {
        let Some(quote) = self.next() else { return self.error("a string was expected") };
        let mut out = String::new();
        loop {
            let before = self.rest;
            let character = match self.next() {
                Some(end) if end == quote => return Ok(out),
                Some('\\') => match self.next() {
                    Some('b') => '\u{8}',
                    Some('f') => '\u{c}',
                    Some('n') => '\n',
                    Some('r') => '\r',
                    Some('t') => '\t',
                    Some(same @ ('/' | '\\')) => same,
                    Some(same) if same == quote => same,
                    Some('u') => self.unicode_escape()?,
                    _ => {
                        self.rest = before;
                        return self.error("not an escape of JSON strings");
                    }
                },
                Some(character) if character >= ' ' => character,
                Some(_) => {
                    self.rest = before;
                    return self.error("control characters must be escaped");
                }
                None => return self.error("the string does not end"),
            };
            out.push(character);
        }
    }

    fn unicode_escape(&mut self) -> Result<char> {
        let code = match self.hexadecimal()? {
            high @ 0xd800..0xdc00 if self.eat("\\u") => match self.hexadecimal()? {
                low @ 0xdc00..0xe000 => 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00),
                _ => high,
            },
            unit => unit,
        };
        char::from_u32(code).map_or_else(|| self.error("half of a surrogate pair"), Ok)
    }

    fn hexadecimal(&mut self) -> Result<u32> {
        let mut value = 0;
        for _ in 0..4 {
            match self.peek().and_then(|character| character.to_digit(16)) {
                Some(digit) => value = value << 4 | digit,
                None => return self.error("four hexadecimal digits were expected"),
            }
            self.next();
        }
        Ok(value)
    }

    /// A logical expression (RFC 9535 §2.3.5.1).
    fn condition(&mut self) -> Result<Condition> {
        let mut any = vec![self.conjunction()?];
        while self.eat_operator("||") {
            any.push(self.conjunction()?);
        }
        Ok(only(any).unwrap_or_else(Condition::Any))
    }

    fn conjunction(&mut self) -> Result<Condition> {
        let mut all = vec![self.basic()?];
        while self.eat_operator("&&") {
            all.push(self.basic()?);
        }
        Ok(only(all).unwrap_or_else(Condition::All))
    }

    fn eat_operator(&mut self, operator: &str) -> bool {
        let before = self.rest;
        self.blank();
        if self.eat(operator) {
            self.blank();
            return true;
        }
        self.rest = before;
        false
    }

    fn basic(&mut self) -> Result<Condition> {
        if self.peek() == Some('!') {
            self.next();
            self.blank();
            let negated = if self.peek() == Some('(') {
                self.parenthesized()?
            } else {
                let before = self.rest;
                let term = self.term()?;
                self.test(term, before)?
            };
            return Ok(Condition::Not(Box::new(negated)));
        }
        if self.peek() == Some('(') {
            return self.parenthesized();
        }
        let before_left = self.rest;
        let left = self.term()?;
        const OPERATORS: [(&str, Comparison); 6] = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        for (operator, comparison) in OPERATORS {
            if self.eat_operator(operator) {
                let left = self.operand(left, before_left)?;
                let before_right = self.rest;
                let right = self.term()?;
                let right = self.operand(right, before_right)?;
                return Ok(Condition::Compare(left, comparison, right));
            }
        }
        self.test(left, before_left)
    }

    fn parenthesized(&mut self) -> Result<Condition> {
        self.expect("(", "( was expected")?;
        self.deeper(|parser| {
            parser.blank();
            let condition = parser.condition()?;
            parser.blank();
            parser.expect(")", ") was expected")?;
            Ok(condition)
        })
    }

    /// A term that stands by itself as a condition; `before` is where it starts.
    fn test(&mut self, term: Term, before: &'_ str) -> Result<Condition> {
        match term {
            Term::Query(query) => Ok(Condition::Exists(query)),
            Term::Logical(condition) => Ok(condition),
            Term::Literal(_) => self.error_at(before, "a value must be compared with something"),
            Term::Value(_) => self.error_at(
                before,
                "the result of length(), count() and value() must be compared with something",
            ),
        }
    }

    /// A term that must have a value; `before` is where it starts.
    fn operand(&mut self, term: Term, before: &'_ str) -> Result<Operand> {
        match term {
            Term::Literal(literal) => Ok(Operand::Literal(literal)),
            Term::Value(operand) => Ok(operand),
            Term::Query(query) if is_singular(&query) => Ok(Operand::Value(query)),
            Term::Query(_) => {
                self.error_at(before, "a path that selects at most one value was expected")
            }
            Term::Logical(_) => {
                self.error_at(before, "the result of match() and search() is no value")
            }
        }
    }

    fn error_at<T>(&self, rest: &str, reason: &'static str) -> Result<T> {
        Parser { text: self.text, rest, depth: 0 }.error(reason)
    }

    fn term(&mut self) -> Result<Term> {
        match self.peek() {
            Some('$' | '@') => {
                let absolute = self.next() == Some('$');
                Ok(Term::Query(Query { absolute, segments: self.segments()? }))
            }
            Some('\'' | '"') => Ok(Term::Literal(Literal::String(self.string()?))),
            Some('-' | '0'..='9') => Ok(Term::Literal(Literal::Number(self.number()?))),
            Some('a'..='z') => {
                let before = self.rest;
                let word = |character: char| {
                    character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_'
                };
                let word = self.eat_while(word).to_owned();
                if self.eat("(") {
                    return self.deeper(|parser| parser.function(&word, before));
                }
                match word.as_str() {
                    "true" => Ok(Term::Literal(Literal::Boolean(true))),
                    "false" => Ok(Term::Literal(Literal::Boolean(false))),
                    "null" => Ok(Term::Literal(Literal::Null)),
                    _ => self.error_at(before, "text goes in quotes: 'text'"),
                }
            }
            _ => self.error("a path, a value or a function was expected"),
        }
    }

    fn number(&mut self) -> Result<Number> {
        let before = self.rest;
        let wrong = |parser: &Self| parser.error_at(before, "not a number of JSON");
        self.eat("-");
        let digits = self.eat_while(|character| character.is_ascii_digit());
        if digits.is_empty() || digits.len() > 1 && digits.starts_with('0') {
            return wrong(self);
        }
        if self.eat(".") && self.eat_while(|character| character.is_ascii_digit()).is_empty() {
            return wrong(self);
        }
        if self.eat("e") || self.eat("E") {
            if !self.eat("-") {
                self.eat("+");
            }
            if self.eat_while(|character| character.is_ascii_digit()).is_empty() {
                return wrong(self);
            }
        }
        let number = before.get(..before.len() - self.rest.len()).unwrap_or_default();
        Ok(Number::parse(number.as_bytes()))
    }

    /// A function behind its opening parenthesis (RFC 9535 §2.4); `before` is where it starts.
    fn function(&mut self, name: &str, before: &'_ str) -> Result<Term> {
        let term = match name {
            "length" => Term::Value(Operand::Length(Box::new(self.value_argument()?))),
            "count" => Term::Value(Operand::Count(self.query_argument()?)),
            "value" => Term::Value(Operand::Value(self.query_argument()?)),
            "match" | "search" => {
                let value = self.value_argument()?;
                self.blank();
                self.expect(",", "match() and search() take a value and a pattern")?;
                let pattern = self.pattern(name == "match")?;
                Term::Logical(Condition::Matches(value, pattern))
            }
            _ => {
                return self.error_at(
                    before,
                    "the functions are length(), count(), value(), match() and search()",
                );
            }
        };
        self.blank();
        self.expect(")", ") was expected")?;
        Ok(term)
    }

    fn value_argument(&mut self) -> Result<Operand> {
        self.blank();
        let before = self.rest;
        let term = self.term()?;
        self.operand(term, before)
    }

    fn query_argument(&mut self) -> Result<Query> {
        self.blank();
        let before = self.rest;
        match self.term()? {
            Term::Query(query) => Ok(query),
            _ => self.error_at(before, "count() and value() take a path"),
        }
    }

    /// The document must not choose the pattern, because it would choose the work with it.
    fn pattern(&mut self, whole: bool) -> Result<Pattern> {
        self.blank();
        let before = self.rest;
        match self.term()? {
            Term::Literal(Literal::String(pattern)) => Pattern::compile(&pattern, whole)
                .map_or_else(
                    || self.error_at(before, "not a regular expression, or too large a one"),
                    Ok,
                ),
            _ => self.error_at(before, "the pattern must be a quoted string"),
        }
    }
}

/// The one element, or all of them.
fn only(mut conditions: Vec<Condition>) -> core::result::Result<Condition, Vec<Condition>> {
    if conditions.len() != 1 {
        return Err(conditions);
    }
    conditions.pop().ok_or(conditions)
}

/// RFC 9535 §2.3.5.1.
fn is_singular(query: &Query) -> bool {
    query.segments.iter().all(|segment| {
        !segment.descendants
            && matches!(segment.selectors[..], [Selector::Name(_) | Selector::Index(_)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_of_the_rfc_compile() {
        for query in [
            "$",
            "$.a",
            "$ .a",
            "$['a']",
            "$[\"a\"]",
            "$.a['b', 'c']",
            "$..a",
            "$..*",
            "$..[0]",
            "$[*]",
            "$.*",
            "$[0]",
            "$[-1]",
            "$[1:3]",
            "$[::2]",
            "$[::-1]",
            "$[ 1 : 3 : 2 ]",
            "$[0, 0]",
            "$.a[?@.b == 'kilo']",
            "$.a[?@>3.5]",
            "$.a[?@.b]",
            "$[?@.*]",
            "$[?@[?@.b]]",
            "$.o[?@<3, ?@<3]",
            "$.a[?@<2 || @.b == \"k\"]",
            "$.a[?match(@.b, \"[jk]\")]",
            "$.a[?search(@.b, \"[jk]\")]",
            "$.o[?@>1 && @<4]",
            "$.o[?@.u || @.x]",
            "$.a[?@.b == $.x]",
            "$.a[?@ == @]",
            "$[?length(@) < 3]",
            "$[?count(@.*) == 1]",
            "$[?value(@..c) == 'r']",
            "$[?!@.a]",
            "$[?!(@.a || @.b)]",
            "$[?(@.a)]",
            "$[?length(value($.c..d)) == 3]",
            "$[?@.a==null]",
            "$[?@.a == 100000000000000000000]",
            "$[?@.a == -0]",
            "$.\u{a0}a",
            "$ \n [0]\t.a",
            "$[?@.a == -1.5e2]",
            "$['\\u00e9\\ud83e\\udd80\\'']",
            "$.é",
            "$[?@['a b'] == 1]",
        ] {
            assert!(compile(query).is_ok(), "{query}: {:?}", compile(query).err());
        }
    }

    #[test]
    fn other_texts_do_not() {
        for query in [
            "",
            "a",
            "$.",
            "$..",
            "$a",
            " $",
            "$ ",
            "$.a ",
            "$.1",
            "$.a b",
            "$[",
            "$[]",
            "$['a]",
            "$['a\\'",
            "$[a]",
            "$[01]",
            "$[-0]",
            "$[1.0]",
            "$[9007199254740992]",
            "$[1:2:3:4]",
            "$['\\x']",
            "$['\\ud800']",
            "$['\n']",
            "$[?]",
            "$[?1]",
            "$[?'a']",
            "$[?true]",
            "$[?@.a = 1]",
            "$[?@.a == ]",
            "$[?@.* == 1]",
            "$[?@..a == 1]",
            "$[?@.a === 1]",
            "$[?@.a == 01]",
            "$[?(@.a]",
            "$[?@.a and @.b]",
            "$.a.$",
            "@.a",
            "$[?@.a == {}]",
            "$[?@.a == [1]]",
            "$[(@.length-1)]",
            "$. a",
            "$.. a",
            "$.\ta",
            "$\u{a0}.a",
            "$[?@.a == -]",
            "$[?@.a == 1.]",
            "$[?@.a == 1e]",
            "$[?@.a == .5]",
            "$[?@.a == +1]",
            "$[1:2:3 4]",
            "$[:::]",
            "$['a\\\"']",
            "$[?!1]",
            "$[?!@.a == 1]",
            "$[?@.a == (1)]",
            "$[?True]",
            "$.a..",
        ] {
            assert!(compile(query).is_err(), "{query:?}");
        }
    }

    #[test]
    fn ill_typed_queries_do_not() {
        for query in [
            "$[?length(@)]",
            "$[?count(@.*)]",
            "$[?value(@.a)]",
            "$[?length(@.*) < 3]",
            "$[?count(1) == 1]",
            "$[?count('a') == 1]",
            "$[?value(1) == 1]",
            "$[?match(@.a, 'a') == true]",
            "$[?match(@.*, 'a')]",
            "$[?search(@..a, 'a')]",
            "$[?match(@.a, @.b)]",
            "$[?match(@.a, 1)]",
            "$[?match(@.a, '(')]",
            "$[?match(@.a)]",
            "$[?length() == 1]",
            "$[?length(@.a, @.b) == 1]",
            "$[?bar(@.a)]",
            "$[?in(@.a, 1)]",
            "$[?count(length(@.a)) == 1]",
            "$[?length(match(@.a, 'a')) == 1]",
            "$[?length(@.a == 1) == 1]",
            "$[?nin(@.a, $.b)]",
            "$[?length (@.a) == 1]",
        ] {
            assert!(compile(query).is_err(), "{query}");
        }
    }

    #[test]
    fn errors_tell_the_place() {
        for (query, at) in [
            ("a", 0),
            ("$.é.", 4),
            ("$[0 1]", 4),
            ("$['a\\x']", 4),
            ("$[?@.a == tru]", 10),
            ("$[?length(@.*) > 1]", 10),
            ("$[?count(1) > 1]", 9),
            ("$.a ", 3),
        ] {
            assert_eq!(compile(query).unwrap_err().at, at, "{query}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |open: &str, close: &str, depth| {
            format!("$[?{}@.a{}]", open.repeat(depth), close.repeat(depth))
        };
        for (open, close) in [("(", ")"), ("!(", ")"), ("@[?", "]")] {
            assert!(compile(&nested(open, close, DEEPEST - 1)).is_ok());
        }
        let length = nested("length(", ")", DEEPEST - 1).replace(")]", ") == 1]");
        assert!(compile(&length).is_ok());
        for (open, close) in
            [("(", ")"), ("length(", ")"), ("!(", ")"), ("@[?", "]"), ("(", ""), ("[", "")]
        {
            for depth in [DEEPEST, 100_000] {
                assert!(compile(&nested(open, close, depth)).is_err());
            }
        }
        assert!(compile(&format!("$[?{}@.a]", "@.a && ".repeat(10_000))).is_ok());
        assert!(compile(&format!("$[?{}@.a]", "!".repeat(10_000))).is_err());
        assert!(compile(&format!("${}", "[0]".repeat(10_000))).is_ok());
    }

    #[test]
    fn no_text_does_harm() {
        let seed =
            "$.a[?match(@['b\\u00e9'], \"x\") && (count(@..*) >= -1.5e3 || !@[0, 1:2:3])]..*";
        assert!(compile(seed).is_ok());
        for (at, _) in seed.char_indices() {
            let _ = compile(&seed[..at]);
            for other in ["", "'", "[", "(", "\\", "0", "é", " ", "\u{0}", "$", "!"] {
                let _ = compile(&format!("{}{other}{}", &seed[..at], &seed[at..]));
            }
        }
    }
}
