//! Headers that are no UTF-8, or begin with a byte order mark.

use super::target::{Case, Target};

pub(crate) fn check(backend: &'static str) {
    for target in Target::all(backend) {
        let good = target.header("").into_bytes();
        let inside = |bytes: &[u8]| {
            // Behind the quote of the first value.
            let mut header = good.clone();
            header.splice(8..8, bytes.iter().copied());
            header
        };
        let headers = [
            [b"\xef\xbb\xbf".as_slice(), &good].concat(),
            [b"\xff\xfe".as_slice(), &good].concat(),
            // UTF-16.
            good.iter().flat_map(|byte| [*byte, 0]).collect(),
            inside(b"\xff"),
            inside(b"\x80"),
            // Cut, too long for what it says, a surrogate, and beyond the last character.
            inside(b"\xc3"),
            inside(b"\xc0\xae"),
            inside(b"\xe0\x80\xaf"),
            inside(b"\xed\xa0\x80"),
            inside(b"\xf4\x90\x80\x80"),
            target.header(r#","x":"\ud800""#).into_bytes(),
            target.header(r#","x":"\udc00\ud800""#).into_bytes(),
            target.header(r#","\ud800":1"#).into_bytes(),
            target.header(r#","x":"\x""#).into_bytes(),
            [good.as_slice(), b"\0"].concat(),
            [good.as_slice(), b"\xef\xbb\xbf"].concat(),
        ];
        let cases: Vec<Case> =
            headers.iter().map(|header| (target.with_header(header), "header_not_json")).collect();
        target.rejects_all(&cases);
        target.refuses_all(&cases[..4]);
    }
}
