//! A header member of another JSON type than it has (RFC 7516 §4.1, RFC 7518 §4.6 to §4.8): wrong,
//! and not absent for that.

use jwe::{Backend, Enc};
use serde_json::{Map, Value, json};

use crate::target::Target;

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::all(backend) {
        let (alg, enc) = (format!("\"{}\"", target.alg), format!("\"{}\"", target.enc));
        for wrong in ["null", "0", "1.5", "true", "false", "{}", "[]", &format!("[{alg}]")] {
            target.refuses_header(target.header(wrong, &enc, "").as_bytes(), "header_member_type");
            target.refuses_header(target.header(&alg, wrong, "").as_bytes(), "header_member_type");
            for name in ["typ", "cty", "zip"] {
                let header = target.header_with(&format!(r#","{name}":{wrong}"#));
                target.refuses_header(header.as_bytes(), "header_member_type");
            }
        }
        let wrong = format!("[{enc}]");
        target.refuses_header(target.header(&alg, &wrong, "").as_bytes(), "header_member_type");
        // What is absent is another error, and other letters are another name.
        for (header, code) in [
            (format!(r#"{{"enc":{enc}}}"#), "header_missing_member"),
            (format!(r#"{{"alg":{alg}}}"#), "header_missing_member"),
            (format!(r#"{{"Alg":{alg},"enc":{enc}}}"#), "header_missing_member"),
            (format!(r#"{{"alg":{alg},"ENC":{enc}}}"#), "header_missing_member"),
            (format!(r#"{{"alg":{alg},"enc ":{enc}}}"#), "header_missing_member"),
            ("{}".to_owned(), "header_missing_member"),
            (format!(r#"{{"alg":null,"enc":{enc},"al\u0067":{alg}}}"#), "header_member_type"),
        ] {
            target.refuses_header(header.as_bytes(), code);
        }
    }
    for target in Target::every(backend, &[Enc::A256Gcm], |_| true) {
        every_member(&target);
    }
}

/// Each member that the good token has, and those that its algorithm looks for.
fn every_member(target: &Target) {
    let header: Map<String, Value> = serde_json::from_str(&target.good.header_json()).unwrap();
    let mut names: Vec<&str> = header.keys().map(String::as_str).collect();
    names.extend(["typ", "cty", "zip"]);
    match target.alg {
        alg if alg.is_ecdh() => names.extend(["epk", "apu", "apv"]),
        alg if alg.is_gcm_kw() => names.extend(["iv", "tag"]),
        alg if alg.is_pbes2() => names.extend(["p2s", "p2c"]),
        _ => {}
    }
    for name in names {
        for wrong in wrong_values(name) {
            let parts = target.with_member(name, Some(wrong));
            target.refuses_parts(&parts, "header_member_type");
        }
    }
    // `crit` has its own code for all that is wrong with it.
    for wrong in [json!(null), json!(0), json!("exp"), json!({}), json!([1]), json!([null])] {
        target.refuses_parts(&target.with_member("crit", Some(wrong)), "crit_not_understood");
    }
}

fn wrong_values(name: &str) -> Vec<Value> {
    let mut wrong = vec![json!(null), json!(true), json!([]), json!([[]]), json!(-1), json!(1.5)];
    match name {
        "p2c" => wrong.extend([json!("1000"), json!({}), json!([1000])]),
        "epk" => wrong.extend([json!("P-256"), json!(1)]),
        _ => wrong.extend([json!(0), json!({}), json!({ "": "" })]),
    }
    wrong
}
