//! The JSON serializations (RFC 7516 §7.2): written, accepted, and turned into one another.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{CANARY, Ended, Place, base64url};

const ALL: &str = "compact,flattened,general";

fn encrypt(place: &Place, options: &str) -> Vec<u8> {
    place.jwe(&format!("encrypt --key public.jwk {options}")).stdin("s3cret").run().ok()
}

fn decrypt(place: &Place, options: &str, message: impl AsRef<[u8]>) -> Ended {
    let jwe = place.jwe(&format!("decrypt --key private.jwk {options}")).memory(200);
    jwe.within(Duration::from_secs(10)).stdin(message).run()
}

#[test]
fn what_is_written_is_read_where_it_is_accepted() {
    let place = Place::new();
    for (written, members) in [
        ("compact", &[][..]),
        ("flattened", &["ciphertext", "encrypted_key", "iv", "protected", "tag"][..]),
        ("general", &["ciphertext", "iv", "protected", "recipients", "tag"][..]),
    ] {
        let message = encrypt(&place, &format!("--serialization {written}"));
        assert!(message.ends_with(b"\n") && !message[..message.len() - 1].contains(&b'\n'));
        if written != "compact" {
            let json: Value = serde_json::from_slice(&message).unwrap();
            let mut names: Vec<&String> = json.as_object().unwrap().keys().collect();
            names.sort();
            assert_eq!(names, members);
        }
        for accepted in
            ["compact", "flattened", "general", "compact,flattened", "flattened,general", ALL]
        {
            let ended = decrypt(&place, &format!("--serialization {accepted}"), &message);
            if accepted.split(',').any(|accepted| accepted == written) {
                assert_eq!(ended.ok(), b"s3cret", "{written} as {accepted}");
            } else {
                ended.refused_saying("serialization_not_accepted", &["--serialization"]);
            }
        }
        // JSON is off by default.
        let ended = decrypt(&place, "", &message);
        if written == "compact" {
            assert_eq!(ended.ok(), b"s3cret");
        } else {
            ended.refused_saying("serialization_not_accepted", &["a JSON serialization"]);
        }
    }
    // What is not accepted is not even parsed.
    for text in ["{", "{\"ciphertext\":\"c4n4rY\"}", " \n{]"] {
        decrypt(&place, "", text).refused("serialization_not_accepted");
    }
    decrypt(&place, "--serialization general", CANARY).refused("message_not_json");
    decrypt(&place, "--serialization general", "{").refused("message_not_json");
}

#[test]
fn additional_authenticated_data() {
    let place = Place::new();
    place.write("aad", b"\0\xff binary");
    for (options, aad) in [("--aad case-7", &b"case-7"[..]), ("--aad-file aad", b"\0\xff binary")] {
        for serialization in ["flattened", "general"] {
            let options = format!("--serialization {serialization} {options}");
            let message = encrypt(&place, &options);
            let mut json: Value = serde_json::from_slice(&message).unwrap();
            assert_eq!(base64url::decode(json["aad"].as_str().unwrap()), aad);
            let accept = format!("--serialization {serialization}");
            assert_eq!(decrypt(&place, &accept, &message).ok(), b"s3cret");
            json["aad"] = base64url::encode("case-8").into();
            decrypt(&place, &accept, json.to_string()).refused("decryption_failed");
            json.as_object_mut().unwrap().remove("aad");
            decrypt(&place, &accept, json.to_string()).refused("decryption_failed");
            let report = place.jwe("inspect").stdin(&message).run().ok_text();
            assert!(report.contains(&format!("aad: {} bytes", aad.len())), "{report}");
        }
    }
    place.jwe("encrypt --key public.jwk --aad a").run().misused("--serialization flattened");
    let empty = place.jwe("encrypt --key public.jwk --serialization flattened --aad").arg("");
    empty.run().misused("empty");
    let same = place.jwe("encrypt --key public.jwk --serialization general --aad-file -");
    same.stdin("x").run().misused("from standard input together");
}

#[test]
fn convert_is_the_same_message() {
    let place = Place::new();
    let compact = encrypt(&place, "");
    let convert = |to: &str, message: &[u8]| {
        let converted = place.jwe(&format!("convert --to {to}")).stdin(message).run().ok();
        let accept = format!("--serialization {to}");
        assert_eq!(decrypt(&place, &accept, &converted).ok(), b"s3cret", "{to}");
        converted
    };
    let flattened = convert("flattened", &compact);
    let general = convert("general", &compact);
    for (to, expected) in [("compact", &compact), ("flattened", &flattened), ("general", &general)]
    {
        for message in [&compact, &flattened, &general] {
            assert_eq!(convert(to, message), *expected, "{to}");
        }
    }
    // Without an encrypted key too, and to a file.
    place.jwe("keygen --alg dir -o dir.jwk").run().ok();
    let token = place.jwe("encrypt --key dir.jwk").stdin("s3cret").run().ok();
    place.write("token", &token);
    place.jwe("convert --to general token -o message.json").run().ok();
    assert_eq!(place.jwe("convert --to compact message.json").run().ok(), token);
}

#[test]
fn convert_says_why_it_can_not() {
    let place = Place::new();
    let convert =
        |to: &str, message: String| place.jwe(&format!("convert --to {to}")).stdin(message).run();
    let message = encrypt(&place, "--serialization flattened --aad x");
    let message = String::from_utf8(message).unwrap();
    convert("compact", message.clone())
        .refused_saying("not_expressible", &["compact", "additional authenticated data"]);
    convert("general", message.clone()).ok();

    let mut json: Value = serde_json::from_str(&message).unwrap();
    json["unprotected"] = json!({ "x": 1 });
    json["header"] = json!({ "y": 1 });
    convert("compact", json.to_string()).refused_saying(
        "not_expressible",
        &["a header of its recipient that is not protected", "a shared unprotected header"],
    );
    let again = convert("flattened", json.to_string()).ok_json();
    assert_eq!(again, json);

    let two = "--serialization general --key other.pem --alg RSA-OAEP-256 --kid-thumbprint";
    let two = String::from_utf8(encrypt(&place, two)).unwrap();
    for to in ["compact", "flattened"] {
        convert(to, two.clone()).refused_saying("not_expressible", &[to, "2 recipients"]);
    }
    assert_eq!(convert("general", two.clone()).ok_text(), two);

    for (text, code) in [
        ("a.b.c", "segment_count"),
        ("e30....", "header_missing_member"),
        ("a.b.c.d.e", "base64url"),
        ("{}", "message_member"),
        ("{", "message_not_json"),
        ("{\"recipients\":[],\"ciphertext\":\"\"}", "message_member"),
    ] {
        convert("general", text.to_owned()).refused(code);
    }
}

/// A message whose headers say what they should, each member in one of them.
fn headers(protected: Value, unprotected: Value, header: Value) -> String {
    let part = |len: usize| base64url::encode(vec![0; len]);
    let mut message = json!({
        "ciphertext": part(6), "iv": part(12), "tag": part(16), "encrypted_key": part(256),
    });
    if !protected.is_null() {
        message["protected"] = base64url::encode(protected.to_string()).into();
    }
    for (name, header) in [("unprotected", unprotected), ("header", header)] {
        if !header.is_null() {
            message[name] = header;
        }
    }
    message.to_string()
}

#[test]
fn no_header_is_smuggled_in() {
    let place = Place::new();
    let good = json!({ "alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "throw-away-1" });
    let accept = "--serialization flattened --zip";
    let refused = |message: String, code: &str| {
        decrypt(&place, accept, message).refused(code);
    };
    refused(headers(good.clone(), Value::Null, Value::Null), "decryption_failed");
    refused(headers(Value::Null, good.clone(), Value::Null), "decryption_failed");
    for name in ["alg", "enc", "kid", "x"] {
        let mut protected = good.clone();
        protected["x"] = 1.into();
        let again = json!({ name: protected[name] });
        refused(headers(protected.clone(), again.clone(), Value::Null), "header_duplicate_member");
        refused(headers(protected.clone(), Value::Null, again.clone()), "header_duplicate_member");
        refused(headers(good.clone(), again.clone(), again), "header_duplicate_member");
    }
    for (name, value) in [("zip", json!("DEF")), ("crit", json!(["x"]))] {
        let smuggled = json!({ name: value });
        refused(headers(good.clone(), smuggled.clone(), Value::Null), "header_member_unprotected");
        refused(headers(good.clone(), Value::Null, smuggled), "header_member_unprotected");
    }
    refused(headers(good.clone(), json!({}), Value::Null), "message_member");
    refused(headers(good.clone(), json!([]), Value::Null), "message_member");
    refused(headers(Value::Null, Value::Null, Value::Null), "header_not_json");
    let message = headers(good, Value::Null, Value::Null);
    refused(message.replacen('{', "{\"tag\":\"AA\",", 1), "message_member");
    refused(message.replacen('{', "{\"recipients\":[],", 1), "serialization_not_accepted");
    refused(message.replace("\"tag\"", "\"Tag\""), "part_length");
}

#[test]
fn a_message_of_ten_thousand_recipients() {
    let place = Place::new();
    let mut message: Value =
        serde_json::from_slice(&encrypt(&place, "--serialization general")).unwrap();
    let recipient = message["recipients"][0].clone();
    let mut with = |count: usize| {
        message["recipients"] = vec![recipient.clone(); count].into();
        message.to_string()
    };
    let (many, most) = (with(10_000), with(33));
    let accept = "--serialization general";
    decrypt(&place, accept, &many).refused_saying("too_many_recipients", &["--limit-recipients"]);
    decrypt(&place, accept, &most).refused("too_many_recipients");
    decrypt(&place, &format!("{accept} --limit-recipients 2"), with(3))
        .refused("too_many_recipients");
    for command in ["inspect", "convert --to general"] {
        place.jwe(command).stdin(&many).run().refused("too_many_recipients");
        place.jwe(&format!("{command} --limit-recipients 10000")).stdin(&many).run().ok();
    }
    assert_eq!(decrypt(&place, &format!("{accept} --limit-recipients 33"), most).ok(), b"s3cret");
}

#[test]
fn inspect_shows_what_is_protected() {
    let place = Place::new();
    let message = headers(
        json!({ "enc": "A256GCM", "typ": "a\u{202e}" }),
        json!({ "kid": "\u{1b}[31m", "jwk": { "kty": "oct", "k": CANARY, "crv": "x" } }),
        json!({ "alg": "RSA-OAEP-256" }),
    );
    let text = place.jwe("inspect").stdin(&message).run().ok();
    assert!(text.iter().all(|byte| matches!(byte, b'\n' | b' '..=b'~')), "{text:?}");
    let text = String::from_utf8(text).unwrap();
    for line in [
        "  \"alg\": \"RSA-OAEP-256\" (not protected)\n",
        "  \"kid\": \"\\u001b[31m\" (not protected)\n",
        "  \"typ\": \"a\\u202e\"\n",
        "\"k\":\"not shown\"",
    ] {
        assert!(text.contains(line), "{line:?} is not in {text}");
    }
    assert!(!text.contains(CANARY));
    let json = place.jwe("inspect --json").stdin(&message).run().ok_json();
    assert_eq!(json["serialization"], "flattened");
    let names = json["unprotected"].as_array().unwrap();
    assert_eq!(names.len(), 3);
    assert!(["alg", "jwk", "kid"].iter().all(|name| names.contains(&(*name).into())));

    place.jwe("keygen --alg ECDH-ES+A256KW -o ec.jwk").run().ok();
    place.write_secret("password", "secret words");
    let several = "--serialization general --key ec.jwk --password-file password --p2c 1000";
    let several = encrypt(&place, several);
    let json = place.jwe("inspect --json").stdin(&several).run().ok_json();
    let of = |at: usize, name: &str| json["recipients"][at]["header"][name].clone();
    assert_eq!((of(0, "alg"), of(0, "kid")), ("RSA-OAEP-256".into(), "throw-away-1".into()));
    assert_eq!(of(1, "alg"), "ECDH-ES+A256KW");
    let epk = of(1, "epk");
    assert_eq!((&epk["kty"], &epk["crv"]), (&"EC".into(), &"P-256".into()));
    // Coordinates of 32 bytes.
    assert!(["x", "y"].iter().all(|name| epk[*name].as_str().is_some_and(|text| text.len() == 43)));
    assert_eq!(epk.as_object().map(serde_json::Map::len), Some(4));
    assert_eq!((of(2, "alg"), of(2, "p2c")), ("PBES2-HS512+A256KW".into(), 1000.into()));
    assert!(json["recipients"][2]["unprotected"].as_array().unwrap().contains(&"p2s".into()));
    assert_eq!(json["recipients"][2]["encrypted_key"]["bytes"], 40);
    let text = place.jwe("inspect").stdin(&several).run().ok_text();
    assert!(
        text.contains("recipient 3\n") && text.contains("as ECDH-ES+A256KW with A256GCM has it")
    );
}
