//! A file of records there and back, and one with a record that is refused.

use serde_json::Value;

use crate::support::{CANARY, Place};

const FIELDS: &str = "--field /iban";

#[test]
fn there_and_back() {
    let place = Place::new();
    let records: String =
        (0..300).map(|at| format!("{{\"id\": {at}, \"iban\":\"{CANARY}{at}\"}}\r\n\n")).collect();
    place.write("records.ndjson", &records);
    for name in ["encrypted.ndjson", "encrypted.ndjson.gz", "encrypted.ndjson.zst"] {
        let encrypt =
            format!("fields encrypt --key public.jwk {FIELDS} --threads 3 records.ndjson");
        let ended = place.jwe(&format!("{encrypt} -o {name}")).run();
        assert_eq!((ended.code, ended.stdout.as_slice()), (Some(0), b"".as_slice()));
        assert!(
            ended
                .stderr
                .starts_with("summary: done records=300 written=300 rejected=0 values=300 ")
        );
        let decrypt = format!("fields decrypt --key private.jwk {FIELDS} --quiet {name}");
        assert_eq!(place.jwe(&decrypt).run().ok_text(), records, "{name}");
    }
    assert!(!place.names().iter().any(|name| name.ends_with(".partial")));
}

#[test]
fn rejected_records_come_with_their_reason() {
    let place = Place::new();
    let bad = format!("{{\"iban\":{{\"secret\":\"{CANARY}\"}}}}");
    place.write("records.ndjson", format!("{{\"iban\":\"a\"}}\n\n{bad}\n{{\"iban\":\"b\"}}\n"));
    let encrypt =
        format!("fields encrypt --key public.jwk {FIELDS} records.ndjson -o encrypted.ndjson");
    let stopped = place.jwe(&format!("{encrypt} --quiet")).run();
    stopped.refused_saying(
        "field_not_string",
        &["line 3, record 2", "/iban", "encrypted.ndjson.partial"],
    );
    assert!(!place.exists("encrypted.ndjson") && place.exists("encrypted.ndjson.partial"));

    let ended = place.jwe(&format!("{encrypt} --rejects rejects.ndjson")).run();
    assert_eq!(ended.code, Some(3), "{ended:?}");
    let summary = "summary: done records=3 written=2 rejected=1 values=2 ";
    assert!(ended.stderr.starts_with(summary), "{}", ended.stderr);
    let rejected: Value = serde_json::from_slice(&place.read("rejects.ndjson")).unwrap();
    assert_eq!(rejected["input"], bad);
    assert_eq!((&rejected["record"], &rejected["line"]), (&2.into(), &3.into()));
    #[cfg(unix)]
    assert_eq!(place.mode("rejects.ndjson"), 0o600);
    let decrypt = format!("fields decrypt --key private.jwk {FIELDS} --quiet encrypted.ndjson");
    let records = "{\"iban\":\"a\"}\n\n{\"iban\":\"b\"}\n";
    assert_eq!(place.jwe(&decrypt).run().ok_text(), records);
}
