//! Parts that are written otherwise than base64url without padding writes them (RFC 7515 §2).

use super::target::{Case, Target};

pub(crate) fn check(backend: &'static str) {
    for target in [Target::usual(backend), Target::all(backend).pop().unwrap()] {
        let mut cases: Vec<Case> = Vec::new();
        for (at, part) in target.good.iter().enumerate() {
            for tail in [
                "=", "==", "+", "/", " ", "\t", "\r\nA", "\nAAA", "\0", "é", "!", "\u{feff}",
                "~AAA",
            ] {
                cases.push((target.with_text(at, &format!("{part}{tail}")), "base64url"));
            }
            if part.is_empty() {
                continue;
            }
            cases.push((target.with_text(at, &format!("={part}")), "base64url"));
            // In the middle, and a length that no number of bytes has.
            cases.push((
                target.with_text(at, &format!("{}+{}", &part[..4], &part[5..])),
                "base64url",
            ));
            let odd = &part[..part.len() / 4 * 4 - 3];
            cases.push((target.with_text(at, odd), "base64url"));
            // Bits behind the last byte that are not zero.
            let whole = &part[..part.len() / 4 * 4 - 4];
            cases.push((target.with_text(at, &format!("{whole}AB")), "base64url"));
            cases.push((target.with_text(at, &format!("{whole}AAB")), "base64url"));
        }
        target.rejects_all(&cases);
        let last = cases.len() - 13;
        target.refuses_all(&cases[last..]);
    }
}
