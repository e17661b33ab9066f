//! `jwe serve --sandbox`: an API that says what is right or wrong with each value.

use serde_json::{Value, json};

use crate::support::{Client, Place, SECRET, post, request};

fn field<'a>(report: &'a Value, pointer: &str) -> &'a Value {
    let fields = report["fields"].as_array().unwrap();
    fields.iter().find(|field| field["pointer"] == pointer).unwrap()
}

fn codes(report: &Value, pointer: &str) -> Vec<String> {
    let findings = field(report, pointer)["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_value_is_judged() {
    let place = Place::new();
    let server = place.serve_with(&["--sandbox", "--listen", "127.0.0.1:0"]);
    let mut client = Client::new(server.address);
    let key = client.get("/publickey");
    assert_eq!(key.header("content-type"), Some("application/jwk+json"));
    let right: Value = serde_json::from_str(&place.encrypted_with(&key.body, SECRET)).unwrap();
    let token = right["password"].as_str().unwrap();
    let quoted: Value =
        serde_json::from_str(&place.encrypted_with(&key.body, &format!("\\\"{SECRET}\\\"")))
            .unwrap();
    let mut send = |login: Value, password: &str| {
        let body = json!({ "id_connector": 33, "login": login, "password": password }).to_string();
        let reply = client.send(post("/users/7/connections", &body));
        assert!(!reply.text().contains(SECRET), "{}", reply.text());
        (reply.status, serde_json::from_str::<Value>(&reply.text()).unwrap())
    };

    let (status, report) = send(token.into(), token);
    assert_eq!(status, 200);
    assert!(report["id"].is_number());
    for pointer in ["/login", "/password"] {
        assert_eq!(field(&report, pointer)["verdict"], "right");
    }

    let changed = format!("{}A", &token[..token.len() - 1]);
    let padded = format!("{token}==");
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
    for (login, password, codes_of_login, code) in [
        (json!(SECRET), token, "in_clear", None),
        (json!(12345), token, "in_clear", None),
        (json!({ "a": SECRET }), token, "in_clear", None),
        (json!(token), jwt, "", Some("signed_jwt")),
        (json!(token), &padded, "", Some("base64_padded")),
        (json!(token), quoted["password"].as_str().unwrap(), "", Some("json_quoted")),
    ] {
        let (status, report) = send(login, password);
        assert_eq!(status, 422, "{report}");
        assert_eq!(codes(&report, "/login").join(","), codes_of_login);
        assert_eq!(codes(&report, "/password").first().map(String::as_str), code, "{report}");
    }
    // Its last character stands for bits of the tag, or for none.
    let (status, report) = send(token.into(), &changed);
    assert_eq!(status, if changed == token { 200 } else { 422 }, "{report}");
}

#[test]
fn everything_else_is_as_with_the_api() {
    let place = Place::new();
    let server = place.serve_with(&["--sandbox", "--listen", "127.0.0.1:0"]);
    let mut client = Client::new(server.address);
    let set: Value = serde_json::from_slice(&client.get("/.well-known/jwks.json").body).unwrap();
    assert_eq!(set["keys"].as_array().unwrap().len(), 1);
    assert_eq!(set["keys"][0]["d"], Value::Null);
    let reply = client.send(request("PUT", "/users/7/transfers/1", "", "{}"));
    assert!(reply.status == 415 || reply.status == 200, "{}", reply.status);
    assert_eq!(client.send(post("/users/7/connections", "{")).status, 400);
    let reply = client.send(post("/elsewhere", "{}"));
    assert_eq!((reply.status, reply.code().as_str()), (404, "no_route"));
    let long = format!("{{\"login\":\"{}\"}}", "x".repeat(2 << 20));
    assert_eq!(Client::new(server.address).send(post("/users/7/connections", &long)).status, 413);
    // Another sandbox has another key.
    let other = place.serve_with(&["--sandbox", "--listen", "127.0.0.1:0"]);
    let keys = [&server, &other].map(|one| Client::new(one.address).get("/publickey").body);
    assert_ne!(keys[0], keys[1]);
}
