//! With `--bind` on both sides, a token opens in its own field only, and with the id of a record in
//! its own record only.

use serde_json::{Value, json};

use super::target::{Target, oct};
use crate::support::CANARY;

pub(crate) fn check(backend: &'static str) {
    let mut targets = Target::all(backend);
    targets.push(Target::of(
        backend,
        oct(32, jwe::Alg::A256GcmKw),
        jwe::Alg::A256GcmKw,
        jwe::Enc::A256Gcm,
    ));
    for target in &targets {
        for share in ["none", "document"] {
            documents(target, share);
        }
    }
    let target = Target::usual(backend);
    for share in ["none", "document"] {
        elements(&target, share);
        streams(&target, share);
        rows(&target, share);
    }
    given_ids(&target);
    misuse(&target);
}

fn encrypt(target: &Target, options: &str, input: &str) -> String {
    let (backend, enc) = (target.backend, target.enc);
    let encrypt = format!("fields encrypt --key key.jwk --backend {backend} --enc {enc} {options}");
    target.place.jwe(&encrypt).stdin(input).run().ok_text()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

const BOUND: &str = "--field /login --field /password --bind --record-id-at /id";

fn documents(target: &Target, share: &str) {
    let record = |id: u32| json!({ "id": id, "login": "john", "password": CANARY });
    let send = |options: &str, id: u32| {
        let options = format!("{options} --share-cek {share}");
        parsed(&encrypt(target, &options, &record(id).to_string()))
    };
    let decrypt = |options: &str, document: &Value| {
        target.decrypt_fields(options).stdin(document.to_string()).run()
    };
    let (one, other) = (send(BOUND, 1), send(BOUND, 2));
    assert_eq!(parsed(&decrypt(BOUND, &one).ok_text()), record(1));

    let elsewhere = |document: &Value, pointer: &str| {
        decrypt(BOUND, document).refused_saying("bound_elsewhere", &[pointer, "jwe inspect"]);
    };
    let swapped = json!({ "id": 1, "login": one["password"], "password": one["login"] });
    elsewhere(&swapped, "/login");
    let copied = json!({ "id": 1, "login": one["login"], "password": one["login"] });
    elsewhere(&copied, "/password");
    let moved = json!({ "id": 2, "login": other["login"], "password": one["password"] });
    elsewhere(&moved, "/password");
    let renamed = json!({ "id": 3, "login": one["login"], "password": one["password"] });
    elsewhere(&renamed, "/login");

    // Each side has to know.
    let fields = "--field /login --field /password";
    let free = send(fields, 1);
    decrypt(BOUND, &free).refused_saying("not_bound", &["/login", "--bind"]);
    decrypt(fields, &one).refused_saying("crit_not_understood", &["/login", "--bind"]);
    decrypt(&format!("{fields} --clear-value leave"), &one).refused("crit_not_understood");
    let to_field = send(&format!("{fields} --bind"), 1);
    decrypt(BOUND, &to_field).refused("bound_elsewhere");
    decrypt(&format!("{fields} --bind"), &one).refused("bound_elsewhere");
    assert_eq!(parsed(&decrypt(&format!("{fields} --bind"), &to_field).ok_text()), record(1));
    // The control: without binding, each opens in place of the other.
    let swapped = json!({ "id": 9, "login": free["password"], "password": free["login"] });
    let opened = parsed(&decrypt(fields, &swapped).ok_text());
    assert_eq!(opened, json!({ "id": 9, "login": CANARY, "password": "john" }));

    // What it is bound to can be read, as is said.
    let report = target.place.jwe("inspect --json").stdin(one["login"].as_str().unwrap());
    let report = report.run().ok_json();
    assert_eq!(report["header"]["bound"], json!({ "field": "/login", "record": "1" }));
    assert_eq!(report["header"]["crit"], json!(["bound"]));
    // `jwe decrypt` opens one for who says to see to it.
    let token = one["login"].as_str().unwrap();
    target.decrypt("").stdin(token).run().refused("crit_not_understood");
    assert_eq!(target.decrypt("--understand bound").stdin(token).run().ok(), b"john");
}

fn elements(target: &Target, share: &str) {
    let bound = format!("--field $.pins[*] --bind --share-cek {share}");
    let sent = parsed(&encrypt(target, &bound, r#"{"pins":["1","2","3"]}"#));
    let decrypt = |document: &Value| {
        target.decrypt_fields("--field $.pins[*] --bind").stdin(document.to_string()).run()
    };
    assert_eq!(decrypt(&sent).ok_text(), r#"{"pins":["1","2","3"]}"#);
    let mut moved = sent.clone();
    moved["pins"].as_array_mut().unwrap().swap(1, 2);
    decrypt(&moved).refused_saying("bound_elsewhere", &["/pins/1"]);
    let mut shorter = sent.clone();
    shorter["pins"].as_array_mut().unwrap().remove(0);
    decrypt(&shorter).refused_saying("bound_elsewhere", &["/pins/0"]);
}

fn streams(target: &Target, share: &str) {
    let lines: Vec<String> = (0..50)
        .map(|id| json!({ "id": format!("r{id}"), "pin": format!("{id:04}") }).to_string())
        .collect();
    for format in ["ndjson", "json-array"] {
        let joined = |lines: &[String]| match format {
            "ndjson" => lines.iter().map(|line| format!("{line}\n")).collect(),
            _ => format!("[{}]", lines.join(",")),
        };
        let options = format!("--format {format} --field /pin --bind --record-id-at /id --quiet");
        let sent = encrypt(target, &format!("{options} --share-cek {share}"), &joined(&lines));
        let mut records: Vec<Value> = match format {
            "ndjson" => sent.lines().map(parsed).collect(),
            _ => parsed(&sent).as_array().unwrap().clone(),
        };
        let texts =
            |records: &[Value]| -> Vec<String> { records.iter().map(Value::to_string).collect() };
        // The order does not matter.
        records.reverse();
        let reversed: Vec<String> = lines.iter().rev().cloned().collect();
        let decrypt = |text: String| target.decrypt_fields(&options).stdin(text).run();
        assert_eq!(decrypt(joined(&texts(&records))).ok_text(), joined(&reversed));
        // The PIN of one record in another.
        records[20]["pin"] = records[3]["pin"].clone();
        let ended = target
            .decrypt_fields(&format!("{options} --rejects rejects"))
            .stdin(joined(&texts(&records)))
            .run();
        assert_eq!(ended.code, Some(3), "{}", ended.stderr);
        let rejects = String::from_utf8(target.place.read("rejects")).unwrap();
        assert_eq!(rejects.lines().count(), 1);
        let rejected = parsed(&rejects);
        assert_eq!(rejected["code"], "bound_elsewhere");
        assert_eq!((&rejected["record"], &rejected["pointer"]), (&json!(21), &json!("/pin")));
    }
}

fn rows(target: &Target, share: &str) {
    let options = "--format csv --column login --column password --bind --record-id-at id --quiet";
    let clear = format!("id,login,password\n1,john,\"{CANARY}\"\"\"\n\"2,3\",mary,x\n");
    let sent = encrypt(target, &format!("{options} --share-cek {share}"), &clear);
    let decrypt = |text: &str| target.decrypt_fields(options).stdin(text).run();
    assert_eq!(decrypt(&sent).ok_text(), clear);
    let rows: Vec<Vec<&str>> = sent.lines().map(|line| line.split(',').collect()).collect();
    let (john, password) = (rows[1][1], rows[1][2]);
    let (mary, her_password) = (rows[2][2], rows[2][3]);
    for (what, pointer, changed) in [
        (
            "fields",
            "/login",
            sent.replace(&format!("{john},{password}"), &format!("{password},{john}")),
        ),
        ("records", "/password", sent.replace(her_password, password.trim_matches('"'))),
        ("id", "/login", sent.replace("\n1,", "\n7,")),
        ("names", "/password", sent.replace("login,password", "password,login")),
        ("login", "/login", sent.replace(mary, john)),
    ] {
        assert_ne!(changed, sent);
        let ended = decrypt(&changed);
        assert_eq!(ended.code, Some(1), "{what}");
        assert!(ended.stderr.starts_with("error[bound_elsewhere]: "), "{what}: {}", ended.stderr);
        assert!(ended.stderr.contains(pointer), "{what}: {}", ended.stderr);
    }
    let ended = decrypt(&sent.replace("\n1,", "\n,"));
    assert!(ended.stderr.starts_with("error[record_id_missing]: "), "{}", ended.stderr);
}

/// An id that does not stand in the document.
fn given_ids(target: &Target) {
    let clear = json!({ "pin": CANARY }).to_string();
    let sent = encrypt(target, "--field /pin --bind --record-id 42", &clear);
    let decrypt = |options: &str| {
        target.decrypt_fields(&format!("--field /pin {options}")).stdin(&sent).run()
    };
    assert_eq!(decrypt("--bind --record-id 42").ok_text(), clear);
    for options in ["--bind --record-id 43", "--bind"] {
        decrypt(options).refused_saying("bound_elsewhere", &["/pin"]);
    }
    decrypt("--bind --record-id-at /id").refused_saying("record_id_missing", &["/id"]);
    target
        .decrypt_fields("--field /pin --bind --record-id")
        .arg("")
        .stdin(&sent)
        .run()
        .refused("record_id_not_given");
}

/// Options that would leave values less bound than they look.
fn misuse(target: &Target) {
    for (command, options, part) in [
        ("encrypt", "--field /a --record-id 1", "add --bind"),
        ("encrypt", "--field /a --record-id-at /id", "add --bind"),
        ("decrypt", "--field /a --record-id 1", "add --bind"),
        ("decrypt", "--field /a --record-id-at /id", "add --bind"),
        ("encrypt", "--field /a --bind --record-id 1 --record-id-at /id", "choose"),
        ("encrypt", "--field /a --bind --record-id 1 --format ndjson", "--record-id-at"),
        ("decrypt", "--field /a --bind --record-id 1 --format json-array", "--record-id-at"),
        ("encrypt", "--column a --bind --record-id 1 --format csv", "--record-id-at"),
        ("encrypt", "--column a --bind --record-id-at a --format csv", "do not encrypt it"),
        ("encrypt", "--field /a --bind --record-id-at id", "/id"),
        ("decrypt", "--field /a --bind --record-id-at $.id", "/id"),
        ("decrypt", "--field /a --understand bound", "--bind"),
        ("decrypt", "--column a --format csv --understand x --understand bound", "--bind"),
    ] {
        let run = format!(
            "fields {command} --key key.jwk --backend {} --enc {} {options}",
            target.backend, target.enc
        );
        target.place.jwe(&run).stdin("{\"a\":\"1\"}").run().misused(part);
    }
}
