//! The server's own endpoints.

use serde_json::Value;

use crate::support::{Client, Place, SECRET, Service, clear, post, request};

#[test]
fn the_public_key_is_for_everybody_and_private_members_for_nobody() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, ""));
    let mut client = Client::new(server.address);
    let key = client.get("/publickey");
    assert_eq!(key.header("content-type"), Some("application/jwk+json"));
    let etag = key.header("etag").unwrap().to_owned();
    let jwk: Value = serde_json::from_slice(&key.body).unwrap();
    assert_eq!(jwk["kty"], "RSA");
    let set = client.get("/.well-known/jwks.json");
    assert_eq!(set.header("content-type"), Some("application/jwk-set+json"));
    let set_json: Value = serde_json::from_slice(&set.body).unwrap();
    assert!(set_json["keys"].as_array().unwrap().contains(&jwk));
    for text in [key.text(), set.text()] {
        for private in ["\"d\"", "\"p\"", "\"q\"", "\"dp\"", "\"dq\"", "\"qi\"", "\"k\""] {
            assert!(!text.contains(private), "{private}");
        }
    }
    let again =
        client.send(request("GET", "/publickey", &format!("if-none-match: {etag}\r\n"), ""));
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(client.send(post("/publickey", "{}")).status, 405);
    assert!(service.received().is_empty());
}

#[test]
fn health_and_metrics_tell_of_the_server() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, ""));
    let body = place.encrypted(&server, SECRET);
    let mut client = Client::new(server.address);
    assert_eq!(client.get("/healthz").text(), "ok\n");
    assert_eq!(client.send(post("/healthz", "{}")).code(), "method_not_allowed");
    assert_eq!(client.send(post("/users/7/connections", &body)).status, 200);
    assert_eq!(client.send(post("/users/7/connections", &clear(SECRET))).status, 422);
    assert_eq!(client.get("/an/id/of/somebody").status, 200);
    let text = client.get("/metrics").text();
    for line in [
        "jwe_requests_total{route=\"/users/{id}/connections\",status=\"200\"} 1",
        "jwe_requests_total{route=\"/users/{id}/connections\",status=\"422\"} 1",
        "jwe_requests_total{route=\"other\",status=\"200\"} 1",
        "jwe_refused_total{code=\"field_not_encrypted\"} 1",
        "jwe_key_reload_failures_total 0",
        "jwe_requests_in_flight 1",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}\n{text}");
    }
    assert!(!text.contains("somebody") && !text.contains(SECRET));
}

#[test]
fn the_paths_can_be_left_to_the_service() {
    let (place, service) = (Place::new(), Service::new());
    let endpoints = "[endpoints]\nhealth = \"/-/alive\"\nmetrics = \"\"\n";
    let server = place.serve(&place.config(&service, endpoints));
    let mut client = Client::new(server.address);
    assert_eq!(client.get("/-/alive").text(), "ok\n");
    assert_eq!(client.get("/healthz").text(), "done");
    assert_eq!(client.get("/metrics").text(), "done");
}
