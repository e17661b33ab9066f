//! The end: what was taken on is done.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Client, Place, SECRET, Service, clear, ok, post, read_reply, request};

#[test]
fn under_load_nothing_that_was_taken_on_is_lost() {
    let place = Place::new();
    let service = Service::answering(|_, stream| {
        thread::sleep(Duration::from_millis(30));
        let _ = stream.write_all(&ok("done"));
    });
    let server = place.serve(&place.config(&service, ""));
    let body = place.encrypted(&server, SECRET);
    let address = server.address;
    let answered = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (body, answered) = (body.clone(), Arc::clone(&answered));
            thread::spawn(move || {
                // Until the server refuses connections; each request on one of its own that was accepted
                // has to be answered.
                while let Ok(stream) = std::net::TcpStream::connect(address) {
                    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                    let mut client = Client(stream);
                    if client.0.write_all(post("/users/7/connections", &body).as_bytes()).is_err() {
                        return None;
                    }
                    match read_reply(&mut client.0) {
                        Some(reply) => {
                            assert_eq!((reply.status, reply.text().as_str()), (200, "done"))
                        }
                        // Accepted by the system, when the server had hung up already: it never saw it.
                        None => return Some(Instant::now()),
                    }
                    answered.fetch_add(1, Ordering::SeqCst);
                }
                None
            })
        })
        .collect();
    while answered.load(Ordering::SeqCst) < 40 {
        thread::sleep(Duration::from_millis(5));
    }
    let log = server.stop();
    for client in clients {
        client.join().unwrap();
    }
    // Whatever reached the service was answered.
    assert_eq!(service.received().len(), answered.load(Ordering::SeqCst));
    assert!(log.contains("stopping"), "{log}");
}

#[test]
fn a_kept_connection_gets_one_more_answer_and_is_told_that_it_is_the_last() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, ""));
    let mut client = Client::new(server.address);
    assert_eq!(client.get("/a").header("connection"), None);
    server.signal("TERM");
    thread::sleep(Duration::from_millis(100));
    let reply = client.get("/b");
    assert_eq!((reply.status, reply.header("connection")), (200, Some("close")));
    assert!(client.is_closed());
    assert!(server.wait().0.success());
    assert_eq!(service.received().len(), 2);
}

#[test]
fn a_body_on_its_way_is_waited_for() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, ""));
    let body = place.encrypted(&server, SECRET);
    let bytes = post("/users/7/connections", &body);
    let (before, after) = bytes.split_at(bytes.len() - 20);
    let mut client = Client::new(server.address);
    client.write(before);
    thread::sleep(Duration::from_millis(100));
    server.signal("INT");
    thread::sleep(Duration::from_millis(700));
    assert_eq!(client.send(after).status, 200);
    assert!(server.wait().0.success());
    assert_eq!(service.only().text(), clear(SECRET));
}

#[test]
fn what_takes_too_long_is_cut_off_and_told() {
    let place = Place::new();
    let service = Service::connecting(|_stream| thread::sleep(Duration::from_secs(60)));
    let config = place.config(&service, "[limits]\ndrain_seconds = 0.5\n");
    let server = place.serve(&config.replace("response_seconds = 2", "response_seconds = 50"));
    let mut client = Client::new(server.address);
    client.write(request("GET", "/slow", "", ""));
    thread::sleep(Duration::from_millis(200));
    let start = Instant::now();
    server.signal("TERM");
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(1));
    assert!(start.elapsed() < Duration::from_secs(9));
    assert!(log.contains("error[serve_drain]: 1 connections"), "{log}");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let place = Place::new();
    let service = Service::connecting(|_stream| thread::sleep(Duration::from_secs(60)));
    let config =
        place.config(&service, "").replace("response_seconds = 2", "response_seconds = 50");
    let server = place.serve(&config);
    let mut client = Client::new(server.address);
    client.write(request("GET", "/slow", "", ""));
    thread::sleep(Duration::from_millis(200));
    server.signal("TERM");
    thread::sleep(Duration::from_millis(200));
    server.signal("TERM");
    assert_eq!(server.wait().0.code(), Some(143));
}
