//! A service that hangs, dies, or talks nonsense.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::time::{Duration, Instant};

use crate::support::{Client, Place, Service, post, read_reply, request};

#[test]
fn a_service_that_hangs_is_given_up() {
    let place = Place::new();
    let service = Service::connecting(|_stream| std::thread::sleep(Duration::from_secs(60)));
    let server = place.serve(&place.config(&service, ""));
    let body = place.encrypted(&server, "x");
    for bytes in [request("GET", "/a", "", ""), post("/users/7/connections", &body)] {
        let start = Instant::now();
        let reply = Client::new(server.address).send(bytes);
        assert_eq!((reply.status, reply.code().as_str()), (504, "upstream_timeout"));
        let time = start.elapsed();
        assert!(time > Duration::from_secs(2) && time < Duration::from_secs(9), "{time:?}");
    }
    assert!(server.metric("jwe_upstream_failures_total{code=\"upstream_timeout\"}") > 1.5);
}

#[test]
fn a_service_that_is_not_there_or_dies_is_told_apart_from_one_that_refuses() {
    let place = Place::new();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let dying = Service::connecting(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
    });
    let nonsense = Service::connecting(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"220 mail.example ESMTP\r\n");
    });
    let switching = Service::connecting(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(
            b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
        );
        std::thread::sleep(Duration::from_secs(5));
    });
    for (url, code) in [
        (format!("http://{closed}"), "upstream_unreachable"),
        (dying.url(), "upstream_failed"),
        (nonsense.url(), "upstream_failed"),
        (switching.url(), "upstream_failed"),
    ] {
        let config = place.config(&dying, "").replace(&dying.url(), &url);
        let server = place.serve(&config);
        let reply = Client::new(server.address).get("/a");
        assert_eq!((reply.status, reply.code().as_str()), (502, code), "{url}");
    }
}

#[test]
fn an_answer_that_breaks_off_looks_like_one() {
    let place = Place::new();
    for head in ["content-length: 1000", "transfer-encoding: chunked"] {
        let service = Service::connecting(move |mut stream| {
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream
                .write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n5\r\nhello\r\n").as_bytes());
            let _ = stream.shutdown(Shutdown::Both);
        });
        let server = place.serve(&place.config(&service, ""));
        let mut client = Client::new(server.address);
        client.write(request("GET", "/a", "", ""));
        assert!(read_reply(&mut client.0).is_none(), "{head}");
        assert!(server.stop().contains("complete=false"));
    }
}

#[test]
fn an_answer_that_stands_still_ends() {
    let place = Place::new();
    let service = Service::connecting(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhello");
        std::thread::sleep(Duration::from_secs(60));
    });
    let server = place.serve(&place.config(&service, ""));
    let start = Instant::now();
    let mut client = Client::new(server.address);
    client.write(request("GET", "/a", "", ""));
    assert!(read_reply(&mut client.0).is_none());
    assert!(start.elapsed() < Duration::from_secs(9));
}

#[test]
fn an_early_answer_reaches_a_client_that_is_still_sending() {
    let place = Place::new();
    let service = Service::connecting(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno");
        // Reads on, as services do, and hangs up.
        let _ = stream.set_read_timeout(Some(Duration::from_millis(300)));
        while stream.read(&mut [0; 65536]).unwrap_or(0) > 0 {}
    });
    let server = place.serve(&place.config(&service, ""));
    let mut client = Client::new(server.address);
    client.write("POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\nhello");
    let reply = client.reply();
    assert_eq!((reply.status, reply.text().as_str()), (403, "no"));
}
