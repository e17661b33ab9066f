//! The parts of a token as bytes, and the changes that a program makes to them.

use super::program::Program;
use crate::base64url;

/// The parts in their order: header, encrypted key, initialization vector, ciphertext, tag.
pub(super) type Parts = [Vec<u8>; 5];

/// How many sorts of change there are.
pub(super) const CHANGES: u8 = 12;

/// The most changes that one program makes.
const MOST: usize = 8;

/// Texts to be put into a header.
const PIECES: &[&str] = &[
    "\"",
    ",",
    "{",
    "}",
    "[",
    "]",
    ":",
    " ",
    "\\",
    "\\u0061",
    "\u{e9}",
    "\u{0}",
    "\u{feff}",
    ",\"zip\":\"DEF\"",
    ",\"zip\":\"def\"",
    ",\"zip\":null",
    ",\"exp\":1",
    ",\"exp\":{\"a\":1,\"a\":2}",
    ",\"crit\":[\"exp\"]",
    ",\"crit\":[\"exp\"],\"exp\":1",
    ",\"crit\":[]",
    ",\"crit\":\"exp\"",
    ",\"crit\":[\"alg\"]",
    ",\"kid\":\"k\"",
    ",\"kid\":1",
    ",\"typ\":\"JWE\"",
    ",\"cty\":7",
    ",\"alg\":\"dir\"",
    ",\"al\\u0067\":\"dir\"",
    ",\"apu\":\"\"",
    ",\"apu\":\"AA\"",
    ",\"apv\":\"QUJD\"",
    ",\"apu\":\"=\"",
    ",\"jwk\":{\"kty\":\"oct\"}",
    ",\"x\":1e999",
    ",\"x\":[[[[1]]]]",
    ",\"iv\":\"AA\"",
    ",\"p2c\":1000",
    ",\"epk\":{}",
];

/// What a value in a header is replaced by another for.
const REPLACED: &[(&str, &str)] = &[
    ("\"alg\":\"", "\"alg\":\"x"),
    ("\"alg\":", "\"Alg\":"),
    ("\"enc\":\"A", "\"enc\":\"a"),
    ("A128GCM", "A256GCM"),
    ("A256GCM", "A128GCM"),
    ("A192GCM", "A256GCM"),
    ("A128CBC-HS256", "A256GCM"),
    ("A256GCM", "A128CBC-HS256"),
    ("A256CBC-HS512", "A192CBC-HS384"),
    ("RSA-OAEP\"", "RSA-OAEP-256\""),
    ("RSA-OAEP-256", "RSA1_5"),
    ("RSA-OAEP-512", "RSA-OAEP"),
    ("A128KW", "A256KW"),
    ("A256KW", "dir"),
    ("\"dir\"", "\"A256KW\""),
    ("ECDH-ES+A128KW", "ECDH-ES"),
    ("\"ECDH-ES\"", "\"ECDH-ES+A256KW\""),
    ("P-256", "P-384"),
    ("P-521", "P-256"),
    ("\"EC\"", "\"OKP\""),
    ("X25519", "Ed25519"),
    ("\"x\":\"", "\"x\":\"A"),
    ("\"y\":\"", "\"Y\":\""),
    ("\"x\":", "\"y\":"),
    ("\"p2c\":1000", "\"p2c\":999"),
    ("\"p2c\":1000", "\"p2c\":1001"),
    ("\"p2c\":1000", "\"p2c\":1e3"),
    ("\"p2c\":1000", "\"p2c\":2147483648"),
    ("\"p2c\":1000", "\"p2c\":\"1000\""),
    ("\"p2s\":\"", "\"p2s\":\"AAAA"),
    ("\"iv\":\"", "\"iv\":\"AAAA"),
    ("\"tag\":\"", "\"tag\":\"AAAA"),
    ("{", "{ "),
    ("\"", "\\u0022"),
    ("}", "}}"),
];

/// Characters to be put into the text of a part.
const CHARACTERS: &[char] =
    &['=', '+', '/', ' ', '\n', '.', 'A', '-', '_', '\u{e9}', '\0', '!', 'B', '9'];

/// Changes parts until the program ends; what changes the text of parts is given back, to be done at
/// last.
pub(super) fn change(parts: &mut Parts, program: &mut Program<'_>) -> Vec<TextChange> {
    let mut texts = Vec::new();
    for _ in 0..MOST {
        if program.is_over() {
            break;
        }
        if let Some(text) = change_once(parts, program) {
            texts.push(text);
        }
    }
    texts
}

fn change_once(parts: &mut Parts, program: &mut Program<'_>) -> Option<TextChange> {
    let sort = program.byte() % CHANGES;
    let which = program.below(5);
    let part = &mut parts[which];
    match sort {
        0 => {
            let at = program.below(part.len());
            let mask = program.byte().max(1);
            if let Some(byte) = part.get_mut(at) {
                *byte ^= mask;
            }
        }
        1 => {
            let len = program.below(part.len() + 1);
            part.truncate(len);
        }
        2 => {
            let (more, byte) = (program.below(40), program.byte());
            part.resize(part.len() + more, byte);
        }
        3 => {
            let fewer = program.below(part.len() + 1);
            part.drain(..fewer);
        }
        4 => {
            let bytes = vec![program.byte(); program.below(20)];
            part.splice(..0, bytes);
        }
        5 => {
            let len = program.choose(&[0, 1, 7, 8, 12, 16, 24, 32, 40, 72, 255, 256, 257, 512]);
            *part = vec![program.byte(); len];
        }
        6 => {
            let (from, to) = program.choose(REPLACED);
            if let Ok(text) = core::str::from_utf8(&parts[0]) {
                parts[0] = text.replacen(from, to, 1).into_bytes();
            }
        }
        7 => {
            let piece = program.choose(PIECES);
            let header = &mut parts[0];
            // Before the end of the object, or anywhere.
            let at = match program.below(4) {
                0 => program.below(header.len() + 1),
                _ => header.len().saturating_sub(1),
            };
            header.splice(at..at, piece.bytes());
        }
        8 => {
            let other = program.below(5);
            parts.swap(which, other);
        }
        9 => {
            let bytes = program.take(16).to_vec();
            let at = program.below(part.len() + 1);
            let end = (at + bytes.len()).min(part.len());
            part.splice(at..end, bytes);
        }
        10 => part.fill(program.byte()),
        _ => {
            let change = TextChange {
                part: which,
                at: program.byte(),
                character: program.choose(CHARACTERS),
                replaces: program.byte().is_multiple_of(2),
            };
            return Some(change);
        }
    }
    None
}

/// A character in the base64url text of a part.
pub(super) struct TextChange {
    part: usize,
    at: u8,
    character: char,
    replaces: bool,
}

/// The token of these parts.
pub(super) fn token(parts: &Parts, texts: &[TextChange]) -> String {
    let mut encoded: Vec<Vec<char>> =
        parts.iter().map(|part| base64url::encode(part).chars().collect()).collect();
    for text in texts {
        let part = &mut encoded[text.part];
        // Counted from the end, where what encodes no whole byte stands.
        let at = part.len().saturating_sub(usize::from(text.at));
        let end = (at + usize::from(text.replaces)).min(part.len());
        part.splice(at..end, [text.character]);
    }
    let encoded: Vec<String> = encoded.into_iter().map(String::from_iter).collect();
    encoded.join(".")
}
