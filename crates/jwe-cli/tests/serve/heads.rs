//! Heads that could be read in two ways, or ask for what is not done here.

use crate::support::{Client, Place, Service, clear};

#[test]
fn framing_that_could_be_read_in_two_ways_reaches_the_service_in_one_or_not_at_all() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, ""));
    let smuggled = "GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n";
    for (head, body) in [
        ("content-length: 5\r\ncontent-length: 6", "hello!".to_owned()),
        ("content-length: +5", "hello".to_owned()),
        ("content-length: 5, 5", "hello".to_owned()),
        ("transfer-encoding: gzip", "hello".to_owned()),
        ("transfer-encoding: chunked, identity", format!("0\r\n\r\n{smuggled}")),
        ("transfer-encoding: xchunked", format!("0\r\n\r\n{smuggled}")),
        ("transfer-encoding : chunked", format!("0\r\n\r\n{smuggled}")),
        ("x: y\r\n transfer-encoding: chunked", format!("0\r\n\r\n{smuggled}")),
    ] {
        let mut client = Client::new(server.address);
        let reply = client.send(format!("POST /a HTTP/1.1\r\nhost: a\r\n{head}\r\n\r\n{body}"));
        assert_eq!(reply.status, 400, "{head}");
        assert!(client.is_closed(), "{head}");
    }
    assert!(service.received().is_empty(), "{:?}", service.received());
    // By the rule for both (RFC 9112 §6.3), which whoever ignores the chunks would read otherwise.
    let mut client = Client::new(server.address);
    let both = format!(
        "POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}"
    );
    assert_eq!(client.send(both).status, 200);
    assert!(client.is_closed());
    let received = service.only();
    assert_eq!(received.line, "POST /a HTTP/1.1");
    assert!(received.body.is_empty());
    let lengths = ["content-length", "transfer-encoding"];
    let framing: Vec<_> = lengths.iter().filter_map(|name| received.header(name)).collect();
    assert_eq!(framing.len(), 1, "{received:?}");
}

#[test]
fn what_is_not_done_here_is_refused() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, ""));
    let code = |bytes: &str| Client::new(server.address).send(bytes).code();
    assert_eq!(
        code("GET /a HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"),
        "upgrade_unsupported"
    );
    assert_eq!(code("CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n"), "connect_unsupported");
    assert_eq!(
        code("POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        "transfer_coding_unsupported"
    );
    assert_eq!(code("GET /a HTTP/1.1\r\n\r\n"), "host");
    assert_eq!(code("GET /a HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n"), "host");
    let overridden = format!(
        "POST /users/7/connections HTTP/1.1\r\nhost: a\r\nx-http-method-override: PUT\r\ncontent-length: {}\r\n\r\n{}",
        clear("x").len(),
        clear("x")
    );
    assert_eq!(code(&overridden), "method_override");
    assert!(service.received().is_empty());
    // The target counts more than the header.
    Client::new(server.address).send("GET http://other.example/a HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_eq!(service.only().header("host"), Some("other.example"));
}

#[test]
fn heads_have_an_end() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, ""));
    let long = "a".repeat(20_000);
    let many: String = (0..101).map(|at| format!("x-{at}: 1\r\n")).collect();
    for head in [format!("x: {long}\r\n"), many] {
        let reply =
            Client::new(server.address).send(format!("GET /a HTTP/1.1\r\nhost: a\r\n{head}\r\n"));
        assert_eq!(reply.status, 431);
    }
    assert!(service.received().is_empty());
}
