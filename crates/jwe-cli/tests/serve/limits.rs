//! Clients that are slow, or ask for much.

use std::time::{Duration, Instant};

use crate::support::{Client, Place, SECRET, Service, eventually, post, request};

const SHORT: &str = "[limits]\nhead_seconds = 0.5\nbody_idle_seconds = 0.5\nbody_seconds = 1\nkeep_alive_seconds = 1\n";

/// How long the others take to hang up.
fn closed_within(clients: Vec<Client>) -> Duration {
    let start = Instant::now();
    for mut client in clients {
        // What was answered before is read, too.
        while !client.is_closed() {}
    }
    start.elapsed()
}

#[test]
fn half_sent_requests_are_not_waited_for() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, SHORT));
    let half = |bytes: &str| -> Vec<Client> {
        (0..50)
            .map(|_| {
                let mut client = Client::new(server.address);
                client.write(bytes);
                client
            })
            .collect()
    };
    for bytes in [
        "",
        "POST /users/7/connections HT",
        "POST /users/7/connections HTTP/1.1\r\nhost: a\r\nx-more: ",
        "POST /users/7/connections HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{",
        "POST /stream HTTP/1.1\r\nhost: a\r\ncontent-length: 50\r\n\r\n{",
        "POST /stream HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
    ] {
        let clients = half(bytes);
        // Half a second, what hanging up takes, and a busy machine.
        let time = closed_within(clients);
        assert!(time < Duration::from_secs(8), "{bytes}: {time:?}");
        eventually("connections stay", || server.metric("jwe_connections") <= 1.0);
    }
    assert!(service.received().is_empty());
    assert_eq!(Client::new(server.address).get("/healthz").status, 200);
}

#[test]
fn slow_ones_are_told_so_where_there_is_an_answer_to_tell_it() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, SHORT));
    for path in ["/users/7/connections", "/stream"] {
        let mut client = Client::new(server.address);
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{{"
        );
        let reply = client.send(head);
        assert_eq!((reply.status, reply.code().as_str()), (408, "body_timeout"), "{path}");
    }
    // A byte now and then does not help: the whole body has a time.
    let mut client = Client::new(server.address);
    client.write("POST /users/7/connections HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n");
    let start = Instant::now();
    for _ in 0..12 {
        client.write(" ");
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(client.reply().code(), "body_timeout");
    assert!(start.elapsed() < Duration::from_secs(8));
}

#[test]
fn a_connection_is_kept_for_its_next_request() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, SHORT));
    let mut client = Client::new(server.address);
    assert_eq!(client.get("/a").status, 200);
    // Longer than a head may take, shorter than a pause.
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(client.get("/a").status, 200);
    let start = Instant::now();
    assert!(client.is_closed());
    assert!(start.elapsed() > Duration::from_millis(700), "{:?}", start.elapsed());
}

#[test]
fn long_bodies_are_refused_on_routes() {
    const LEN: usize = 10 * 1024 * 1024;
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, ""));
    let body = "x".repeat(LEN);
    let announced = post("/users/7/connections", &body);
    let chunked = format!(
        "POST /users/7/connections HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n{LEN:x}\r\n{body}\r\n0\r\n\r\n"
    );
    for bytes in [announced, chunked] {
        let reply = Client::new(server.address).send(bytes);
        assert_eq!((reply.status, reply.code().as_str()), (413, "body_too_long"));
    }
    assert!(service.received().is_empty());
}

#[test]
fn very_many_fields_are_refused_before_any_is_decrypted() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, "[limits]\nbody_bytes = 16000000\n"));
    let one = place.encrypted(&server, SECRET);
    let one: serde_json::Value = serde_json::from_str(&one).unwrap();
    let body =
        |count: usize| serde_json::json!({ "values": vec![&one["password"]; count] }).to_string();
    let start = Instant::now();
    let reply = Client::new(server.address).send(post("/many", &body(10_000)));
    assert_eq!(reply.status, 413, "{}", reply.text());
    // 10 000 private-key operations would take longer.
    assert!(start.elapsed() < Duration::from_secs(8));
    assert_eq!(Client::new(server.address).send(post("/many", &body(100))).status, 200);
    assert_eq!(service.only().text().matches(SECRET).count(), 100);
}

#[test]
fn more_requests_than_may_be_at_work_are_told_to_come_again() {
    let place = Place::new();
    let service = Service::connecting(|_stream| std::thread::sleep(Duration::from_secs(10)));
    let server = place.serve(&place.config(&service, "[limits]\nconcurrent_requests = 2\n"));
    let mut held: Vec<Client> = (0..2).map(|_| Client::new(server.address)).collect();
    for client in &mut held {
        client.write(request("GET", "/slow", "", ""));
    }
    eventually("requests at work", || server.metric("jwe_requests_in_flight") >= 3.0);
    let reply = Client::new(server.address).get("/third");
    assert_eq!((reply.status, reply.code().as_str()), (503, "too_many_requests"));
    assert_eq!(reply.header("retry-after"), Some("1"));
    // The server's own endpoints still answer.
    assert_eq!(Client::new(server.address).get("/healthz").status, 200);
    assert_eq!(Client::new(server.address).get("/publickey").status, 200);
}

#[test]
fn connections_beyond_the_limit_wait() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, &format!("{SHORT}connections = 2\n")));
    let mut first = Client::new(server.address);
    let second = Client::new(server.address);
    assert_eq!(first.get("/healthz").status, 200);
    let mut third = Client::new(server.address);
    third.0.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    third.write(request("GET", "/healthz", "", ""));
    assert!(!third.is_closed());
    drop((first, second));
    third.0.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    assert_eq!(third.reply().status, 200);
}
