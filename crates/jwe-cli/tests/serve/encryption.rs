//! Requests that are encrypted on their way, for programs that can't be changed.

use std::fs;

use crate::support::{Client, Place, ROUTES, SECRET, Server, Service, clear, eventually, post};

/// A server that encrypts with the key of another, on the way to `upstream`.
fn encrypting(place: &Place, key_server: &Server, upstream: &str) -> Server {
    fs::write(
        place.path("encrypt.toml"),
        format!(
            "listen = \"127.0.0.1:0\"\nmode = \"encrypt\"\n[upstream]\nurl = \"{upstream}\"\n[publisher]\n\
             key_url = \"{}/publickey\"\n{ROUTES}",
            key_server.url
        ),
    )
    .unwrap();
    place.serve_with(&["--config", "encrypt.toml"])
}

#[test]
fn what_lies_between_sees_ciphertext_only() {
    let (place, service, between) = (Place::new(), Service::new(), Service::new());
    let decrypting = place.serve(&place.config(&service, ""));
    let blind = encrypting(&place, &decrypting, &between.url());
    let reply = Client::new(blind.address).send(post("/users/7/connections?a=b", &clear(SECRET)));
    assert_eq!(reply.status, 200);
    let seen = between.only();
    assert_eq!(seen.line, "POST /users/7/connections?a=b HTTP/1.1");
    assert!(!seen.text().contains(SECRET), "{}", seen.text());
    assert_eq!(format!("http://{}", seen.header("host").unwrap()), between.url());
    assert_eq!(seen.header("x-forwarded-for"), None);
    // And the other end reads it.
    let reply = Client::new(decrypting.address).send(post("/users/7/connections", &seen.text()));
    assert_eq!(reply.status, 200);
    assert_eq!(service.only().text(), clear(SECRET));
    assert!(!blind.stop().contains(SECRET));
}

#[test]
fn what_can_t_be_encrypted_does_not_leave() {
    let (place, service) = (Place::new(), Service::new());
    let decrypting = place.serve(&place.config(&service, ""));
    let server = encrypting(&place, &decrypting, &service.url());
    let mut client = Client::new(server.address);
    let text =
        post("/users/7/connections", &clear(SECRET)).replace("application/json", "text/plain");
    assert_eq!(client.send(text).status, 415);
    for body in ["{", "{}", "{\"password\":5}"] {
        let status = client.send(post("/users/7/connections", body)).status;
        assert!((400..500).contains(&status), "{body}: {status}");
    }
    assert_eq!(
        client.send(post("/users/7/./connections", &clear(SECRET))).code(),
        "ambiguous_path"
    );
    // Nor what the service may take for a request with fields.
    for (header, code) in [
        ("x-http-method-override: POST", "method_override"),
        ("x-original-url: /users/7/connections", "path_override"),
    ] {
        let text = post("/users/7/connections", &clear(SECRET)).replace("POST ", "PUT ").replacen(
            "\r\n",
            &format!("\r\n{header}\r\n"),
            1,
        );
        assert_eq!(client.send(text).code(), code);
    }
    assert!(service.received().is_empty());
    // Without a key neither.
    decrypting.stop();
    let dead = Server::start_encrypting_nowhere(&place, &service);
    let reply = Client::new(dead.address).send(post("/users/7/connections", &clear(SECRET)));
    assert_eq!(reply.status, 503, "{}", reply.text());
    assert!(reply.header("retry-after").is_some());
    assert!(service.received().is_empty());
    // Its own keys are nobody's: the path is the upstream's.
    assert_eq!(Client::new(dead.address).get("/publickey").text(), "done");
}

#[test]
fn a_key_that_the_api_no_longer_has_is_fetched_anew() {
    let (place, service) = (Place::new(), Service::new());
    let decrypting = place.serve(&place.config(&service, ""));
    let blind = encrypting(&place, &decrypting, &decrypting.url);
    let mut client = Client::new(blind.address);
    assert_eq!(client.send(post("/users/7/connections", &clear("one"))).status, 200);
    // Other keys altogether: the one that was fetched is of no use.
    let before = Client::new(decrypting.address).get("/publickey").body;
    fs::rename(place.path("keys"), place.path("old")).unwrap();
    place.jwe(&["keys", "init", "keys", "--bits", "2048"]);
    eventually("the new key", || Client::new(decrypting.address).get("/publickey").body != before);
    let reply = client.send(post("/users/7/connections", &clear("two")));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let received: Vec<String> = service.received().iter().map(|one| one.text()).collect();
    assert_eq!(received, [clear("one"), clear("two")]);
}

impl Server {
    /// One that encrypts with a key that can't be had.
    fn start_encrypting_nowhere(place: &Place, service: &Service) -> Self {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        place.serve_with(&[
            "--mode",
            "encrypt",
            "--key-url",
            &format!("http://{closed}/publickey"),
            "--upstream",
            &service.url(),
            "--route",
            "POST /users/{id}/connections",
            "--field",
            "/password",
            "--listen",
            "127.0.0.1:0",
        ])
    }
}
