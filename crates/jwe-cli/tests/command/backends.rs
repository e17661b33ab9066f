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
    assert_eq!(lines.clone().count(), 12);
    assert_eq!(table.lines().count(), 13);
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
            let capabilities = backend["capabilities"].as_array().unwrap();
            let has = |direction: &str| {
                let same =
                    |line: &&Value| line["algorithm"] == *row && line["direction"] == direction;
                capabilities.iter().find(same).map(|line| line["implementation"].as_str().unwrap())
            };
            let expected = match (has("encrypt"), has("decrypt")) {
                (Some(by), Some(_)) => format!("both ({by})"),
                (Some(by), None) => format!("encrypt only ({by})"),
                (None, Some(by)) => format!("decrypt only ({by})"),
                (None, None) => "–".to_owned(),
            };
            assert_eq!(**cell, expected, "{row}");
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
