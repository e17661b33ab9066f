//! Documents with selected fields encrypted and decrypted again: arbitrary documents in arbitrary
//! spelling, arbitrary selections, each backend to each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::fmt::Write as _;
use std::ops::Range;

use jwe::{Alg, Backend, Decrypter, Direction, Enc, Encrypter, Jwk};
use jwe_fields::{
    DecryptOptions, EncryptOptions, FieldDecrypter, FieldEncrypter, PlaintextEncoding, Selector,
};
use jwe_tests::capability::{backends, lists};
use jwe_tests::skip::say;
use jwe_tests::{keys, random};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// A JSON value together with how it is spelled.
#[derive(Clone, Debug)]
enum Json {
    /// `null`, `true`, `false` or a number in whatever spelling.
    Literal(&'static str),
    /// The text between the quotes, and what it stands for; `None` where that is no Unicode.
    Text(String, Option<String>),
    Array(Vec<Spaced>),
    Object(Vec<((String, String), Spaced)>),
}

/// A value with the white space around it.
#[derive(Clone, Debug)]
struct Spaced {
    before: &'static str,
    value: Json,
    after: &'static str,
}

const LITERALS: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1.0",
    "1e400",
    "-1E-400",
    "0.10",
    "1e+2",
    "12345678901234567890123",
    "3.141592653589793238462643383279",
];

fn space() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "", "", " ", "\n", "\t", "\r\n", "  \n\t "])
}

/// A character in one of its spellings.
fn character() -> impl Strategy<Value = (String, char)> {
    (any::<char>(), 0_u8..4).prop_map(|(character, spelling)| {
        let mut text = String::new();
        let escape = match character {
            '"' => Some('"'),
            '\\' => Some('\\'),
            '/' => Some('/'),
            '\u{8}' => Some('b'),
            '\u{c}' => Some('f'),
            '\n' => Some('n'),
            '\r' => Some('r'),
            '\t' => Some('t'),
            _ => None,
        };
        let plain = !matches!(character, '"' | '\\' | '\0'..='\u{1f}');
        match (spelling, escape) {
            (0 | 1, _) if plain => text.push(character),
            (0..=2, Some(escape)) => text.extend(['\\', escape]),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Both cases of the digits are allowed.
                    if spelling == 2 {
                        write!(text, "\\u{unit:04X}").unwrap();
                    } else {
                        write!(text, "\\u{unit:04x}").unwrap();
                    }
                }
            }
        }
        (text, character)
    })
}

fn text() -> impl Strategy<Value = (String, String)> {
    prop::collection::vec(character(), 0..8).prop_map(|characters| {
        let spelled = characters.iter().map(|(text, _)| text.as_str()).collect();
        (spelled, characters.iter().map(|(_, character)| *character).collect())
    })
}

/// Names, of which a few are frequent, so that some stand twice in an object.
fn name() -> impl Strategy<Value = (String, String)> {
    let known = |name: &str| (name.to_owned(), name.to_owned());
    prop_oneof![
        2 => prop::sample::select(vec![known("a"), known("b"), known(""), known("a/b~c"), known("0")]),
        1 => text(),
    ]
}

fn json() -> impl Strategy<Value = Spaced> {
    fn spaced(value: impl Strategy<Value = Json>) -> impl Strategy<Value = Spaced> {
        (space(), value, space()).prop_map(|(before, value, after)| Spaced { before, value, after })
    }
    let leaf = prop_oneof![
        2 => prop::sample::select(LITERALS.to_vec()).prop_map(Json::Literal),
        4 => text().prop_map(|(spelled, text)| Json::Text(spelled, Some(text))),
        // Half of a surrogate pair: JSON allows it, and it stands for no text.
        1 => text().prop_map(|(spelled, _)| Json::Text(format!("{spelled}\\uD800"), None)),
    ];
    spaced(leaf).prop_recursive(4, 48, 6, move |inner| {
        let array = prop::collection::vec(inner.clone(), 0..6).prop_map(Json::Array);
        let object = prop::collection::vec((name(), inner), 0..6).prop_map(Json::Object);
        spaced(prop_oneof![array, object])
    })
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

/// A value of a document: where it is, in steps and in bytes.
#[derive(Clone, Debug)]
struct Node {
    path: Vec<Step>,
    bytes: Range<usize>,
    /// What it stands for, if it is a string of Unicode.
    text: Option<String>,
    /// Whether each step of its path leads to one value only.
    is_unique: bool,
}

/// The text of a document, and all of its values.
#[derive(Default)]
struct Writer {
    out: String,
    nodes: Vec<Node>,
}

impl Writer {
    fn write(&mut self, spaced: &Spaced, path: &[Step], is_unique: bool) {
        self.out.push_str(spaced.before);
        let start = self.out.len();
        let at = self.nodes.len();
        self.nodes.push(Node { path: path.to_vec(), bytes: 0..0, text: None, is_unique });
        match &spaced.value {
            Json::Literal(literal) => self.out.push_str(literal),
            Json::Text(spelled, text) => {
                write!(self.out, "\"{spelled}\"").unwrap();
                self.nodes[at].text = text.clone();
            }
            Json::Array(elements) => {
                self.out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    if index > 0 {
                        self.out.push(',');
                    }
                    self.write(element, &[path, &[Step::Index(index)]].concat(), is_unique);
                }
                if elements.is_empty() {
                    self.out.push_str(spaced.after);
                }
                self.out.push(']');
            }
            Json::Object(members) => {
                self.out.push('{');
                for (index, ((spelled, name), value)) in members.iter().enumerate() {
                    if index > 0 {
                        self.out.push(',');
                    }
                    write!(self.out, "{}\"{spelled}\"{}:", value.after, value.before).unwrap();
                    let same = members.iter().filter(|((_, other), _)| other == name).count();
                    let path = [path, &[Step::Name(name.clone())]].concat();
                    self.write(value, &path, is_unique && same == 1);
                }
                self.out.push('}');
            }
        }
        self.nodes[at].bytes = start..self.out.len();
        self.out.push_str(spaced.after);
    }
}

/// The JSON Pointer of a path (RFC 6901).
fn pointer(path: &[Step]) -> String {
    path.iter()
        .map(|step| match step {
            Step::Name(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => format!("/{index}"),
        })
        .collect()
}

/// The normalized JSONPath of a path (RFC 9535 §2.7).
fn json_path(path: &[Step]) -> String {
    let mut text = "$".to_owned();
    for step in path {
        match step {
            Step::Index(index) => write!(text, "[{index}]").unwrap(),
            Step::Name(name) => {
                text.push_str("['");
                for character in name.chars() {
                    match character {
                        '\'' => text.push_str("\\'"),
                        '\\' => text.push_str("\\\\"),
                        '\u{8}' => text.push_str("\\b"),
                        '\u{c}' => text.push_str("\\f"),
                        '\n' => text.push_str("\\n"),
                        '\r' => text.push_str("\\r"),
                        '\t' => text.push_str("\\t"),
                        '\0'..='\u{1f}' => write!(text, "\\u{:04x}", character as u32).unwrap(),
                        _ => text.push(character),
                    }
                }
                text.push_str("']");
            }
        }
    }
    text
}

/// One choice of a value: by its place in the list of what can be chosen, and how it is written.
#[derive(Clone, Debug)]
struct Choice {
    index: Index,
    by_pointer: bool,
    /// By a wildcard on the value that holds it, where that is possible.
    with_siblings: bool,
}

fn choices() -> impl Strategy<Value = Vec<Choice>> {
    let choice = (any::<Index>(), any::<bool>(), prop::bool::weighted(0.25))
        .prop_map(|(index, by_pointer, with_siblings)| Choice { index, by_pointer, with_siblings });
    prop::collection::vec(choice, 1..5)
}

/// The selectors of some choices, and the values that they select in the order of the document;
/// none inside another. `can` says which values can be chosen.
fn select<'n>(
    nodes: &'n [Node],
    choices: &[Choice],
    can: impl Fn(&Node) -> bool,
) -> (Vec<Selector>, Vec<&'n Node>) {
    let (mut selectors, mut selected) = (Vec::new(), Vec::<&Node>::new());
    let candidates: Vec<&Node> = nodes.iter().filter(|node| node.is_unique && can(node)).collect();
    for choice in choices.iter().filter(|_| !candidates.is_empty()) {
        let chosen = *choice.index.get(&candidates);
        let apart = |node: &Node, selected: &[&Node]| {
            selected.iter().all(|other| {
                !node.path.starts_with(&other.path) && !other.path.starts_with(&node.path)
            })
        };
        let parent = chosen.path.split_last().map(|(_, parent)| parent);
        let siblings: Vec<&Node> = nodes
            .iter()
            .filter(|node| parent.is_some() && node.path.split_last().map(|(_, p)| p) == parent)
            .collect();
        let all_can =
            siblings.iter().all(|node| node.is_unique && can(node) && apart(node, &selected));
        let text = match parent {
            Some(parent) if choice.with_siblings && all_can => {
                selected.extend(siblings);
                format!("{}[*]", json_path(parent))
            }
            _ if apart(chosen, &selected) => {
                selected.push(chosen);
                if choice.by_pointer { pointer(&chosen.path) } else { json_path(&chosen.path) }
            }
            _ => continue,
        };
        selectors.push(Selector::parse(&text).unwrap_or_else(|error| panic!("{text:?}: {error}")));
    }
    selected.sort_by_key(|node| node.bytes.start);
    (selectors, selected)
}

/// One backend as the sender, one as the recipient.
struct Pair {
    producer: &'static Backend,
    consumer: &'static Backend,
    encrypter: Encrypter,
    decrypter: Decrypter,
}

fn pair(
    producer: &'static Backend,
    consumer: &'static Backend,
    alg: Alg,
    enc: Enc,
    jwk: &Jwk,
) -> Option<Pair> {
    if !lists(producer, Direction::Encrypt, alg, enc)
        || !lists(consumer, Direction::Decrypt, alg, enc)
    {
        return None;
    }
    let sender = keys::sender(producer, jwk, alg);
    let recipient = keys::recipient(consumer, jwk, alg);
    Some(Pair {
        producer,
        consumer,
        encrypter: Encrypter::new(producer, &sender, enc).unwrap(),
        decrypter: Decrypter::new(consumer, [recipient], &[enc]).unwrap(),
    })
}

fn pairs() -> Vec<Pair> {
    let mut pairs = Vec::new();
    for producer in backends().iter().copied() {
        for consumer in backends().iter().copied() {
            for (alg, enc) in [
                (Alg::Dir, Enc::A256CbcHs512),
                (Alg::RsaOaep256, Enc::A256Gcm),
                (Alg::EcdhEsA256Kw, Enc::A128Gcm),
            ] {
                pairs.extend(pair(producer, consumer, alg, enc, &keys::key_for(alg, enc)));
            }
        }
    }
    assert_eq!(pairs.len(), 9 + 6 + 6);
    pairs
}

/// Checks that `changed` is `document` but for the selected values, and returns what stands there
/// instead: one JSON string each.
fn replaced(
    document: &str,
    selected: &[&Node],
    changed: &[u8],
) -> Result<Vec<String>, TestCaseError> {
    let (mut from, mut at) = (0, 0);
    let mut values = Vec::new();
    for node in selected {
        let between = &document.as_bytes()[from..node.bytes.start];
        prop_assert_eq!(changed.get(at..at + between.len()), Some(between));
        at += between.len();
        let mut strings =
            serde_json::Deserializer::from_slice(&changed[at..]).into_iter::<String>();
        let value = strings.next().expect("a value").map_err(|error| {
            TestCaseError::fail(format!("no string for a selected value: {error}"))
        })?;
        at += strings.byte_offset();
        values.push(value);
        from = node.bytes.end;
    }
    prop_assert_eq!(&changed[at..], &document.as_bytes()[from..]);
    Ok(values)
}

fn check(
    encoding: PlaintextEncoding,
    cases: u32,
    can: impl Fn(&Node) -> bool + Copy,
    verdict: impl Fn(&str, &[&Node], &[u8]) -> Result<(), TestCaseError> + Copy,
) {
    let seed = random::seed();
    let mut values = 0;
    let pairs = pairs();
    for (at, pair) in (0..).zip(&pairs) {
        let config = Config {
            cases: random::cases(cases),
            // Other documents for each pair.
            rng_seed: RngSeed::Fixed(seed.wrapping_add(at)),
            failure_persistence: None,
            ..Config::default()
        };
        let count = std::cell::Cell::new(0);
        let outcome = TestRunner::new(config).run(&(json(), choices()), |(json, choices)| {
            let mut writer = Writer::default();
            writer.write(&json, &[], true);
            let document = writer.out.as_str();
            let (selectors, selected) = select(&writer.nodes, &choices, can);
            if selectors.is_empty() {
                return Ok(());
            }
            let sender = FieldEncrypter::new(
                pair.encrypter.clone(),
                selectors.clone(),
                EncryptOptions::new().with_encoding(encoding),
            )
            .unwrap();
            let recipient = FieldDecrypter::new(
                pair.decrypter.clone(),
                selectors,
                DecryptOptions::new().with_encoding(encoding),
            )
            .unwrap();
            let sent = sender
                .encrypt(document.as_bytes())
                .map_err(|error| TestCaseError::fail(format!("{error} in {document:?}")))?;
            for token in replaced(document, &selected, &sent)? {
                prop_assert!(pair.decrypter.begin(&token).is_ok());
            }
            let received = recipient
                .decrypt(&sent)
                .map_err(|error| TestCaseError::fail(format!("{error} in {document:?}")))?;
            count.set(count.get() + selected.len());
            verdict(document, &selected, &received)
        });
        if let Err(error) = outcome {
            panic!("from {} to {}, seed {seed}: {error}", pair.producer, pair.consumer);
        }
        values += count.get();
    }
    say(format_args!("{} pairs, {cases} documents each, {values} values encrypted", pairs.len()));
    assert!(values > pairs.len() * cases as usize / 2, "too few values were selected");
}

/// With the JSON encoding any value can be selected, and every byte comes back.
#[test]
fn the_json_encoding_gives_back_the_bytes() {
    check(
        PlaintextEncoding::Json,
        200,
        |_| true,
        |document, _, received| {
            prop_assert_eq!(String::from_utf8_lossy(received), document);
            Ok(())
        },
    );
}

/// With the text encoding strings can be selected, and come back with the same text, if in
/// another spelling.
#[test]
fn the_text_encoding_gives_back_an_equal_document() {
    check(
        PlaintextEncoding::Text,
        200,
        |node| node.text.is_some(),
        |document, selected, received| {
            let texts = replaced(document, selected, received)?;
            let expected: Vec<String> =
                selected.iter().map(|node| node.text.clone().unwrap()).collect();
            prop_assert_eq!(texts, expected);
            Ok(())
        },
    );
}
