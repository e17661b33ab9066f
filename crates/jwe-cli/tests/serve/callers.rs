//! Who may have something decrypted.

use crate::support::{Client, Place, SECRET, Service, clear, post, request};

/// The SHA-256 of "open sesame", from another implementation.
const TOKENS: &str = "[callers]\ntokens = [ { name = \"ali\", hash = \"sha256:Qe9LsLI2YeZjAarDYGaRLawDeCe0rmOnsRZaWqk-1Os\" } ]\n";

#[test]
fn without_a_token_nothing_is_decrypted_or_handed_on() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, TOKENS));
    let body = place.encrypted(&server, SECRET);
    let mut client = Client::new(server.address);
    let json = "content-type: application/json\r\n";
    for wrong in ["", "authorization: Bearer open\r\n", "authorization: Basic open sesame\r\n"] {
        for (method, path) in
            [("POST", "/users/7/connections"), ("GET", "/other"), ("GET", "/metrics")]
        {
            let reply = client.send(request(method, path, &format!("{json}{wrong}"), &body));
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (401, "caller_unknown"),
                "{wrong}{path}"
            );
            assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
        }
    }
    assert!(service.received().is_empty());
    for open in ["/healthz", "/publickey", "/.well-known/jwks.json"] {
        assert_eq!(client.get(open).status, 200, "{open}");
    }
    let right = format!("{json}authorization: Bearer open sesame\r\n");
    let reply = client.send(request("POST", "/users/7/connections", &right, &body));
    assert_eq!(reply.status, 200);
    let received = service.only();
    assert_eq!(received.text(), clear(SECRET));
    // It is meant for nobody behind.
    assert_eq!(received.header("authorization"), None);
    assert_eq!(client.send(request("GET", "/metrics", &right, "")).status, 200);
    let log = server.stop();
    assert!(log.contains("caller=\"ali\""), "{log}");
    assert!(!log.contains("sesame") && !log.contains("Qe9L"), "{log}");
}

#[test]
fn a_token_can_have_a_header_of_its_own() {
    let (place, service) = (Place::new(), Service::new());
    let tokens = TOKENS.replace("[callers]", "[callers]\nheader = \"x-gate\"");
    let server = place.serve(&place.config(&service, &tokens));
    let body = place.encrypted(&server, SECRET);
    let headers =
        "content-type: application/json\r\nauthorization: Bearer theirs\r\nx-gate: open sesame\r\n";
    let reply =
        Client::new(server.address).send(request("POST", "/users/7/connections", headers, &body));
    assert_eq!(reply.status, 200);
    let received = service.only();
    assert_eq!(received.header("authorization"), Some("Bearer theirs"));
    assert_eq!(received.header("x-gate"), None);
    assert_eq!(Client::new(server.address).send(post("/users/7/connections", &body)).status, 401);
}

#[test]
fn nobody_else_can_reach_a_server_that_does_not_ask_who_they_are() {
    let (place, service) = (Place::new(), Service::new());
    let config = |more: &str| place.config(&service, more).replace("127.0.0.1:0", "0.0.0.0:0");
    let refused = |config: String| {
        std::fs::write(place.path("serve.toml"), config).unwrap();
        let output = place.command(&["serve", "--config", "serve.toml"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(config("")).contains("error[serve_plain_beyond_loopback]"));
    assert!(refused(config(TOKENS)).contains("error[serve_plain_beyond_loopback]"));
    let forced = |config: String| format!("plain_beyond_loopback = true\n{config}");
    assert!(refused(forced(config(""))).contains("error[serve_without_callers]"));
    let server = place.serve(&forced(config(TOKENS)));
    assert!(server.url.starts_with("http://0.0.0.0:"));
}
