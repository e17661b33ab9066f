//! JSON that is deep, wide or long: headers, and messages in the JSON serializations.

use jwe::{Backend, Limits};

use crate::target::{MEMORY, Target};

mod messages;
mod recipients;

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::all(backend) {
        headers(&target);
    }
    messages::long_deep_and_wide(backend);
    messages::spaces_and_what_is_around_the_object(backend);
    recipients::ten_thousand(backend);
    recipients::are_tried_in_linear_time(backend);
}

fn headers(target: &Target) {
    let nested = |depth: usize| {
        target.header_with(&format!(r#","x":{}{}"#, "[".repeat(depth), "]".repeat(depth)))
    };
    let members = |count: usize| {
        let members: String = (0..count).map(|at| format!(r#","m{at}":{at}"#)).collect();
        target.header_with(&members)
    };
    target.refuses_header(nested(100_000).as_bytes(), "header_too_long");
    target.refuses_header(nested(3500).as_bytes(), "header_not_json");
    target.refuses_header("[".repeat(8000).as_bytes(), "header_not_json");
    target.refuses_header(r#"{"a":"#.repeat(1600).as_bytes(), "header_not_json");
    target.refuses_header(members(100_000).as_bytes(), "header_too_long");
    let digits = "9".repeat(1_000_000);
    let header = target.header_with(&format!(r#","x":{digits}"#));
    target.refuses_header(header.as_bytes(), "header_too_long");
    for number in ["1e999", "-1e999", "01", "1.", "+1", "0x1", "NaN", "Infinity", &digits[..4000]] {
        let header = target.header_with(&format!(r#","x":{number}"#));
        target.refuses_header(header.as_bytes(), "header_not_json");
    }
    // As wide as fits: read, and then found changed. Each member is kept with its name, in a tree.
    let wide = target.good.with_header(members(500).as_bytes()).token();
    let error = target.error_within(&wide, 2 * MEMORY);
    assert_eq!(error.code(), "decryption_failed");
    // The limit to the byte.
    for (len, code) in [
        (Limits::MAX_HEADER_LEN, "decryption_failed"),
        (Limits::MAX_HEADER_LEN + 1, "header_too_long"),
    ] {
        let empty = target.header_with(r#","x":"""#).len();
        let header = target.header_with(&format!(r#","x":"{}""#, "x".repeat(len - empty)));
        assert_eq!(header.len(), len);
        target.refuses_header(header.as_bytes(), code);
    }
}
