//! `jwe bench`. The numbers of a test build mean nothing; that they are there and fit together does.

use serde_json::Value;

use crate::support::{Ended, Place, backends};

/// What a build without optimization warns of.
const WARNINGS: &[&str] =
    if cfg!(debug_assertions) { &["this build is not optimized"] } else { &[] };

/// As little as there is to measure.
const LEAST: &str = "bench --seconds 0.05 --bits 2048 --size 16";

fn text(ended: Ended) -> String {
    String::from_utf8(ended.warned(WARNINGS)).unwrap()
}

fn json(ended: Ended) -> Value {
    serde_json::from_slice(&ended.warned(WARNINGS)).unwrap()
}

/// The lines of the table of that title, without its head.
fn section<'a>(table: &'a str, title: &str) -> Vec<&'a str> {
    let from = table.lines().skip_while(|line| *line != title);
    from.skip(3).take_while(|line| !line.is_empty()).collect()
}

#[test]
fn the_tables_have_a_line_for_each_backend() {
    let place = Place::new();
    let names = backends(&place);
    let table = text(place.jwe(LEAST).run());
    assert!(table.starts_with("RSA-OAEP-256 with A256GCM, jwe "), "{table}");
    for title in
        ["Import of the public key", "Import of the private key", "Encryption", "Decryption"]
    {
        let lines = section(&table, title);
        assert_eq!(lines.len(), names.len(), "{title}: {table}");
        for (line, name) in lines.into_iter().zip(&names) {
            assert!(
                line.starts_with("RSA 2048  ") && line.contains(&format!("  {name} ")),
                "{line}"
            );
            let is_gap =
                name == "ring" && (title.ends_with("private key") || title == "Decryption");
            assert_eq!(line.contains(" –"), is_gap, "{title}: {line}");
        }
    }
    // Why there is a dash, in the words of the backend.
    let reason = "– the backend ring does not decrypt with RSA-OAEP-256: ";
    assert_eq!(table.lines().filter(|line| line.starts_with(reason)).count(), 1, "{table}");
}

#[test]
fn the_json_fits_together() {
    let place = Place::new();
    let names = backends(&place);
    let json = json(place.jwe(LEAST).arg("--json").arg("--size=0,1024").run());
    assert_eq!(json["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(json["optimized"], !cfg!(debug_assertions));
    assert_eq!((&json["alg"], &json["enc"]), (&"RSA-OAEP-256".into(), &"A256GCM".into()));
    let machine = &json["machine"];
    assert_eq!(machine["os"], std::env::consts::OS);
    assert_eq!(machine["arch"], std::env::consts::ARCH);
    assert!(machine["cpus"].as_u64().unwrap() > 0);

    // The names of the code that does the work are those of the capability table.
    let table = place.jwe("backends --json").run().ok_json();
    for (backend, known) in
        json["backends"].as_array().unwrap().iter().zip(table["backends"].as_array().unwrap())
    {
        assert_eq!(backend["name"], known["name"]);
        let implementation = |algorithm: &str, direction: &str| {
            let lines = known["capabilities"].as_array().unwrap();
            lines
                .iter()
                .find(|line| line["algorithm"] == algorithm && line["direction"] == direction)
                .map_or(Value::Null, |line| line["implementation"].clone())
        };
        assert_eq!(backend["alg_encrypt"], implementation("RSA-OAEP-256", "encrypt"));
        assert_eq!(backend["alg_decrypt"], implementation("RSA-OAEP-256", "decrypt"));
        assert_eq!(backend["enc"], implementation("A256GCM", "encrypt"));
    }

    let groups = json["groups"].as_array().unwrap();
    let shape: Vec<(&str, Option<u64>)> = groups
        .iter()
        .map(|group| (group["operation"].as_str().unwrap(), group["plaintext_bytes"].as_u64()))
        .collect();
    let expected = [
        ("import_to_encrypt", None),
        ("import_to_decrypt", None),
        ("encrypt", Some(0)),
        ("encrypt", Some(16)),
        ("encrypt", Some(1024)),
        ("decrypt", Some(0)),
        ("decrypt", Some(16)),
        ("decrypt", Some(1024)),
    ];
    let mut sorted = shape.clone();
    sorted.sort_by_key(|row| expected.iter().position(|other| other == row));
    assert_eq!(sorted, expected);
    for group in groups {
        assert_eq!(group["key_bits"], 2048);
        assert!(group["rounds"].as_u64().unwrap() >= 6, "{group}");
        assert_eq!(group["base"], *names[0]);
        let results = group["results"].as_array().unwrap();
        assert_eq!(results.len(), names.len());
        for (result, name) in results.iter().zip(&names) {
            assert_eq!(result["backend"], **name);
            if let Some(reason) = result.get("unavailable") {
                let operation = group["operation"].as_str().unwrap();
                assert!(name == "ring" && operation.ends_with("decrypt"), "{group}");
                assert!(reason.as_str().unwrap().contains("does not decrypt"), "{reason}");
                continue;
            }
            check_estimates(result);
            let has_throughput = group["plaintext_bytes"].as_u64() >= Some(1024);
            assert_eq!(result.get("mebibytes_per_second").is_some(), has_throughput);
        }
        // The first is as fast as itself.
        for part in ["low", "median", "high"] {
            assert_eq!(results[0]["ratio"][part], 1.0, "{group}");
        }
    }
}

/// That each number is within its interval, and that a rate is the reciprocal of its time.
fn check_estimates(result: &Value) {
    let parts =
        |name: &str| ["low", "median", "high"].map(|part| result[name][part].as_f64().unwrap());
    let mut names = vec!["seconds", "operations_per_second", "ratio"];
    if result.get("mebibytes_per_second").is_some() {
        names.push("mebibytes_per_second");
    }
    for name in names {
        let [low, median, high] = parts(name);
        assert!(0.0 < low && low <= median && median <= high && high < 1e12, "{name}: {result}");
    }
    let ([_, seconds, _], [_, rate, _]) = (parts("seconds"), parts("operations_per_second"));
    assert!((seconds * rate - 1.0).abs() < 1e-9, "{result}");
}

#[test]
fn the_chart_is_a_file_of_its_own() {
    let place = Place::new();
    let names = backends(&place);
    for format in ["", "--json", "--markdown"] {
        let ended = place.jwe(&format!("{LEAST} --svg chart.svg {format}")).run();
        assert!(text(ended).contains("RSA-OAEP-256"));
        let svg = String::from_utf8(place.read("chart.svg")).unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        assert_eq!(document.root_element().tag_name().name(), "svg");
        let texts: Vec<&str> =
            document.descendants().filter_map(|node| node.text()).map(str::trim).collect();
        for name in &names {
            assert!(texts.contains(&name.as_str()), "{name}: {texts:?}");
        }
        for part in ["RSA-OAEP-256", "A256GCM", "Encryption", "Decryption"] {
            assert!(texts.iter().any(|text| text.contains(part)), "{part}: {texts:?}");
        }
        std::fs::remove_file(place.path("chart.svg")).unwrap();
    }
}

#[test]
fn the_chart_replaces_no_key_and_has_a_place() {
    let place = Place::new();
    let refused = |args: &str| place.jwe(&format!("{LEAST} {args}")).run();
    refused("--svg -").misused("standard output");
    refused("--svg /dev/stdout").misused("standard output");
    let before = place.read("private.jwk");
    place.jwe("bench --key private.jwk --svg private.jwk").run().misused("would be lost");
    assert_eq!(place.read("private.jwk"), before);
    refused("--svg nowhere/chart.svg").refused_saying("output", &["nowhere", "folder"]);
}

#[test]
fn other_algorithms() {
    let place = Place::new();
    for (args, key) in [
        ("--alg RSA-OAEP --enc A128CBC-HS256 --bits 2048", "RSA 2048"),
        ("--alg dir --enc A256CBC-HS512", "512 bits"),
        ("--alg A128KW", "128 bits"),
        ("--alg A256GCMKW", "256 bits"),
        ("--alg ECDH-ES", "P-256"),
        ("--alg ECDH-ES+A128KW --crv P-256,X25519", "X25519"),
    ] {
        let json = json(place.jwe(&format!("bench --seconds 0.02 --size 16 --json {args}")).run());
        let groups = json["groups"].as_array().unwrap();
        assert!(groups.iter().any(|group| group["key"] == key), "{args}: {json:#}");
        for group in groups {
            // aws-lc-rs does all of them, in both directions.
            assert_eq!(group["base"], "aws-lc-rs", "{args}: {group}");
            check_estimates(&group["results"][0]);
        }
    }
}

#[test]
fn a_key_that_is_given() {
    let place = Place::new();
    let run = |args: &str| place.jwe(&format!("bench --seconds 0.02 --size 16 {args}")).run();
    // Its alg is the one that it names.
    let given = json(run("--json --key private.jwk --backend ring,aws-lc-rs"));
    assert_eq!(given["alg"], "RSA-OAEP-256");
    let decrypt = given["groups"].as_array().unwrap().iter().find(|g| g["operation"] == "decrypt");
    let decrypt = decrypt.unwrap();
    // Ratios are to the first backend that does the thing.
    assert_eq!(decrypt["base"], "aws-lc-rs");
    assert!(decrypt["results"][0].get("unavailable").is_some());
    check_estimates(&decrypt["results"][1]);
    assert_eq!(json(run("--json --key pkcs8.pem --alg RSA-OAEP-384"))["alg"], "RSA-OAEP-384");
    run("--key private.jwk --alg RSA-OAEP").refused_saying("key_alg_conflict", &["--alg"]);
    run("--key public.jwk").refused("key_private_needed");
    run("--key ec.pem").refused_saying("key_alg_type", &["ec.pem", "RSA-OAEP-256"]);
    run("--key absent.jwk").refused("input");
}

#[test]
fn wrong_usage() {
    let place = Place::new();
    for (args, part) in [
        ("--backend openssl", "this build has no backend \"openssl\""),
        ("--backend ring,ring", "--backend names something twice"),
        ("--size many", "'many'"),
        ("--size 16,", "--size"),
        ("--size 16,16", "--size names something twice"),
        ("--size 999999999999", "number of bytes up to"),
        ("--size -1", "'-1'"),
        ("--bits many", "'many'"),
        ("--bits 2048,2048", "--bits names something twice"),
        ("--bits 2048 --alg dir", "--bits is for RSA"),
        ("--crv P-256", "--crv is for ECDH-ES"),
        ("--alg ECDH-ES --crv p-256", "P-256"),
        ("--alg PBES2-HS256+A128KW", "password"),
        ("--alg RSA1_5", "RSA-OAEP-256"),
        ("--enc A256KW", "A256GCM"),
        ("--seconds 0", "more than 0"),
        ("--seconds NaN", "more than 0"),
        ("--seconds 1e9", "up to 86400"),
        ("--key private.jwk --bits 2048", "--bits"),
        ("--json --markdown", "--markdown"),
        ("chart.svg", "'chart.svg'"),
    ] {
        place.jwe(&format!("bench {args}")).run().misused(part);
    }
    place.jwe("bench --bits 2047").run().refused_saying("generation_length", &["2048"]);
}
