//! `jwe backends` and `--backend`.

use serde_json::Value;

use crate::support::{Place, backends};

#[test]
fn the_table_and_its_json_agree() {
    let place = Place::new();
    let names = backends(&place);
    assert_eq!(names.first().map(String::as_str), Some("aws-lc-rs"));
    assert!(names.iter().any(|name| name == "ring"), "{names:?}");
    let json = place.jwe("backends --json").run().ok_json();
    let table = place.jwe("backends").run().ok_text();
    let markdown = place.jwe("backends --markdown").run().ok_text();
    let mut lines = markdown.lines();
    assert_eq!(lines.next().unwrap(), format!("| algorithm | {} |", names.join(" | ")));
    assert_eq!(lines.next().unwrap(), format!("|{}", " --- |".repeat(names.len() + 1)));
    // 18 alg, 6 enc, RSA and EC key generation.
    assert_eq!(lines.clone().count(), 26);
    assert_eq!(table.lines().count(), 27);
    for line in lines {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let (row, cells) = cells.split_first().unwrap();
        assert_eq!(cells.len(), names.len(), "{line}");
        for (cell, backend) in cells.iter().zip(json["backends"].as_array().unwrap()) {
            assert!(
                table.lines().any(|line| line.starts_with(row) && line.contains(cell)),
                "{row}: {cell}"
            );
            if *row == "RSA key generation" {
                assert_eq!(*cell == "–", backend["rsa_key_generation"].is_null(), "{row}");
                continue;
            }
            if *row == "EC key generation" {
                let curves = backend["ec_key_generation"].as_array().unwrap();
                assert_eq!(*cell == "–", curves.is_empty(), "{row}");
                for line in curves {
                    assert!(cell.contains(line["curve"].as_str().unwrap()), "{row}: {cell}");
                }
                continue;
            }
            let capabilities = backend["capabilities"].as_array().unwrap();
            let has = |direction: &str, curve: &Value| {
                let same = |line: &&Value| {
                    line["algorithm"] == *row
                        && line["direction"] == direction
                        && line["curve"] == *curve
                };
                capabilities.iter().find(same).map(|line| line["implementation"].as_str().unwrap())
            };
            let ability = |curve: Value| match (has("encrypt", &curve), has("decrypt", &curve)) {
                (Some(by), Some(_)) => Some(format!("both ({by})")),
                (Some(by), None) => Some(format!("encrypt only ({by})")),
                (None, Some(by)) => Some(format!("decrypt only ({by})")),
                (None, None) => None,
            };
            if !row.starts_with("ECDH-ES") {
                assert_eq!(**cell, ability(Value::Null).unwrap_or("–".to_owned()), "{row}");
                continue;
            }
            // A group for each ability, with the curves before it.
            let groups: Vec<&str> = cell.split("; ").collect();
            for curve in ["P-256", "P-384", "P-521", "X25519"] {
                let group = groups.iter().find(|group| group.contains(curve));
                match ability(curve.into()) {
                    Some(does) => assert!(group.unwrap().ends_with(&does), "{row} {curve}: {cell}"),
                    None => assert!(group.is_none(), "{row} {curve}: {cell}"),
                }
            }
        }
    }
    place.jwe("backends --json --markdown").run().misused("cannot be used with");
}

#[test]
fn a_backend_that_is_not_built_in_is_a_usage_error() {
    let place = Place::new();
    let names = backends(&place);
    let mut absent = vec!["openssl".to_owned(), "AWS-LC-RS".to_owned(), String::new()];
    if !names.iter().any(|name| name == "josekit") {
        absent.push("josekit".to_owned());
    }
    for name in absent {
        for command in ["encrypt --key public.jwk", "decrypt --key private.jwk", "keygen --alg dir"]
        {
            let ended = place.jwe(command).arg("--backend").arg(&name).run();
            let text = format!("this build has no backend \"{name}\", it has {}", names.join(", "));
            ended.misused(&text);
        }
    }
    place.jwe("keygen --alg dir --backend").arg("\u{1b}[31m").run().misused("\\u{1b}[31m");
}

/// The key of one library, the content of another: each does its part, and what it lacks counts.
#[test]
fn the_content_may_be_done_by_another_backend() {
    let place = Place::new();
    let [key, content] = ["aws-lc-rs", "ring"];
    let encrypt = |content: &str, enc: &str| {
        let command = format!("encrypt --key public.jwk --backend {key} --enc {enc}");
        place.jwe(&command).arg("--content-backend").arg(content).stdin("a value").run()
    };
    let token = encrypt(content, "A256GCM").ok();
    // ring alone has no private RSA key.
    let decrypt = "decrypt --key private.jwk --backend";
    place.jwe(&format!("{decrypt} {content}")).stdin(&token).run().refused("backend_gap");
    let both = format!("{decrypt} {key} --content-backend {content}");
    assert_eq!(place.jwe(&both).stdin(&token).run().ok(), b"a value");
    // And no AES-GCM with 192 bits.
    encrypt(key, "A192GCM").ok();
    encrypt(content, "A192GCM").refused("backend_gap");
    place.jwe(&format!("{both} --enc A192GCM")).stdin(&token).run().refused("backend_gap");
    encrypt("none", "A256GCM").misused("this build has no backend \"none\"");
    place.write("body.json", r#"{"a":"x"}"#);
    let fields = "--backend aws-lc-rs --content-backend ring --field /a";
    let sent = place.jwe(&format!("fields encrypt --key public.jwk {fields} body.json")).run().ok();
    let back = place.jwe(&format!("fields decrypt --key private.jwk {fields}")).stdin(sent).run();
    assert_eq!(back.ok_text(), r#"{"a":"x"}"#);
}
