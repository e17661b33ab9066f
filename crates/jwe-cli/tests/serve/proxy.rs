//! What reaches the service, and what comes back.

use std::io::{Read, Write};

use serde_json::Value;

use crate::support::{Client, Place, SECRET, Service, clear, ok, post, request};

#[test]
fn the_service_gets_clear_text_byte_for_byte_and_the_log_none() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, ""));
    let body = place.encrypted(&server, SECRET);
    assert!(!body.contains(SECRET));
    let mut client = Client::new(server.address);
    let reply = client.send(request(
        "POST",
        "/users/7/connections?expand=a%2Fb&password=no",
        "content-type: application/json\r\nx-own: 1\r\nx-own: 2\r\nauthorization: Bearer theirs\r\n\
         content-digest: sha-256=:AA==:\r\nrepr-digest: sha-256=:AA==:\r\ndigest: sha-256=AA==\r\ncontent-md5: AA==\r\n",
        &body,
    ));
    assert_eq!((reply.status, reply.text().as_str()), (200, "done"));
    assert_eq!(reply.header("content-type"), Some("text/plain"));
    let received = service.only();
    assert_eq!(received.line, "POST /users/7/connections?expand=a%2Fb&password=no HTTP/1.1");
    assert_eq!(received.text(), clear(SECRET));
    assert_eq!(received.header("content-length"), Some(clear(SECRET).len().to_string().as_str()));
    assert_eq!(received.header("host"), Some("api.example"));
    assert_eq!(received.header("content-type"), Some("application/json"));
    assert_eq!(received.header("authorization"), Some("Bearer theirs"));
    assert_eq!(received.headers.iter().filter(|(name, _)| name == "x-own").count(), 2);
    // They were about the ciphertext.
    for gone in ["content-digest", "repr-digest", "digest", "content-md5"] {
        assert_eq!(received.header(gone), None, "{gone}");
    }
    let id = reply.header("x-request-id").unwrap();
    assert_eq!(id.len(), 32);
    assert_eq!(received.header("x-request-id"), Some(id));
    let log = server.stop();
    let line = log.lines().find(|line| line.contains(id)).unwrap();
    assert!(line.contains("path=\"/users/{id}/connections\""), "{line}");
    assert!(line.contains("status=200") && line.contains("bytes=4"), "{line}");
    for never in [SECRET, "expand", "theirs", "/users/7", "eyJ"] {
        assert!(!log.contains(never), "{never}: {log}");
    }
}

#[test]
fn a_refused_request_never_reaches_the_service() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, ""));
    let good = place.encrypted(&server, SECRET);
    let password = serde_json::from_str::<Value>(&good).unwrap()["password"].clone();
    let token = password.as_str().unwrap();
    let (head, _) = token.split_once('.').unwrap();
    let swapped = |at: usize| {
        let mut bytes = token.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let mut client = Client::new(server.address);
    for (body, status, code, pointer) in [
        (clear(SECRET), 422, "field_not_encrypted", Some("/password")),
        ("{}".to_owned(), 422, "field_missing", Some("/password")),
        ("{".to_owned(), 400, "field_not_json", None),
        (
            good.replace(token, &swapped(token.len() - 3)),
            422,
            "decryption_failed",
            Some("/password"),
        ),
        (
            good.replace(token, &swapped(head.len() + 9)),
            422,
            "decryption_failed",
            Some("/password"),
        ),
    ] {
        let reply = client.send(post("/users/7/connections", &body));
        assert_eq!(reply.status, status, "{body}: {}", reply.text());
        let problem: Value = serde_json::from_slice(&reply.body).unwrap();
        if status == 422 {
            assert_eq!(problem["code"], code, "{body}");
            assert_eq!(problem["pointer"].as_str(), pointer);
        }
        assert!(!reply.text().contains(SECRET));
    }
    // Paths that the service could read as the route's, and types that it could read as JSON.
    for path in [
        "//users/7/connections",
        "/users/7/./connections",
        "/users/7/connection%73",
        "/Users/7/connections",
    ] {
        assert_eq!(client.send(post(path, &clear(SECRET))).code(), "ambiguous_path", "{path}");
    }
    for headers in [
        "",
        "content-type: text/plain\r\n",
        "content-type: application/json\r\ncontent-encoding: gzip\r\n",
    ] {
        let reply = client.send(request("POST", "/users/7/connections", headers, &good));
        assert_eq!(reply.status, 415, "{headers}");
    }
    assert!(service.received().is_empty(), "{:?}", service.received());
    let log = server.stop();
    assert!(!log.contains(SECRET), "{log}");
    assert!(log.contains("refused=\"decryption_failed\""), "{log}");
}

#[test]
fn other_requests_pass_as_they_are_but_for_what_is_between_neighbours() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, ""));
    let mut client = Client::new(server.address);
    let reply = client.send(
        "DELETE /users/7?x=%20&&y HTTP/1.1\r\nhost: api.example\r\nconnection: keep-alive, x-mine\r\nx-mine: 1\r\n\
         keep-alive: timeout=9\r\nte: trailers\r\nproxy-authorization: Basic eA==\r\ncookie: a=b\r\n\
         x-forwarded-for: 192.0.2.7\r\nforwarded: for=192.0.2.7\r\nx-real-ip: 192.0.2.7\r\nx-request-id: mine-1\r\n\r\n",
    );
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("x-request-id"), Some("mine-1"));
    let received = service.only();
    assert_eq!(received.line, "DELETE /users/7?x=%20&&y HTTP/1.1");
    for gone in ["x-mine", "keep-alive", "te", "proxy-authorization", "forwarded", "x-real-ip"] {
        assert_eq!(received.header(gone), None, "{gone}");
    }
    assert_eq!(received.header("cookie"), Some("a=b"));
    assert_eq!(received.header("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(received.header("x-forwarded-proto"), Some("http"));
    assert_eq!(received.header("x-forwarded-host"), Some("api.example"));
    assert!(received.header("via").unwrap().starts_with("1.1 jwe-"));
    // A request that comes back is not sent round again.
    let via = received.header("via").unwrap().to_owned();
    let reply = client.send(request("GET", "/", &format!("via: {via}\r\n"), ""));
    assert_eq!(reply.code(), "loop_detected");
    let path = "path=\"/users/7\"";
    assert!(server.stop().contains(path));
}

#[test]
fn a_client_can_be_believed_where_the_configuration_says_so() {
    let (place, service) = (Place::new(), Service::new());
    let config = place.config(&service, "").replace(
        "response_seconds",
        "forwarded = \"append\"\nhost = \"upstream\"\nresponse_seconds",
    );
    let server = place.serve(&config);
    Client::new(server.address).send(request(
        "GET",
        "/",
        "x-forwarded-for: 192.0.2.7\r\nconnection: x-forwarded-for\r\n",
        "",
    ));
    let received = service.only();
    let values: Vec<&str> = received
        .headers
        .iter()
        .filter(|(name, _)| name == "x-forwarded-for")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(values, ["192.0.2.7", "127.0.0.1"]);
    assert_eq!(format!("http://{}", received.header("host").unwrap()), service.url());
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let place = Place::new();
    let service = Service::answering(|request, stream| {
        let _ = stream.write_all(&ok(&request.line));
    });
    let server = place.serve(&place.config(&service, ""));
    let body = place.encrypted(&server, SECRET);
    let mut bytes = String::new();
    for at in 0..20 {
        bytes += &request("GET", &format!("/a/{at}"), "", "");
        bytes += &post(&format!("/users/{at}/connections"), &body);
        bytes += &post(&format!("/users/{at}/connections"), &clear(SECRET));
    }
    let mut client = Client::new(server.address);
    client.write(bytes);
    for at in 0..20 {
        assert_eq!(client.reply().text(), format!("GET /a/{at} HTTP/1.1"));
        assert_eq!(client.reply().text(), format!("POST /users/{at}/connections HTTP/1.1"));
        assert_eq!(client.reply().code(), "field_not_encrypted");
    }
    assert_eq!(service.received().len(), 40);
}

#[test]
fn long_bodies_stream_both_ways_in_flat_memory() {
    const LEN: usize = 10 * 1024 * 1024;
    let place = Place::new();
    // Takes the body in pieces, and sends one of the same length back.
    let service = Service::connecting(|mut stream| {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if stream.read(&mut byte).unwrap_or(0) == 0 {
                return;
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let is_chunked = head.contains("transfer-encoding: chunked");
        assert!(is_chunked || head.contains(&format!("content-length: {LEN}")), "{head}");
        let (mut left, mut piece) = (LEN, vec![0; 32 * 1024]);
        if !is_chunked {
            while left > 0 {
                left -= stream.read(&mut piece).unwrap();
            }
        } else {
            let mut end = Vec::new();
            while !end.ends_with(b"\r\n0\r\n\r\n") {
                let count = stream.read(&mut piece).unwrap();
                end.extend_from_slice(&piece[count.saturating_sub(7)..count]);
                end.drain(..end.len().saturating_sub(7));
            }
        }
        let _ = stream.write_all(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        );
        for _ in 0..LEN / 32768 {
            let _ = stream.write_all(b"8000\r\n");
            let _ = stream.write_all(&vec![b'y'; 32768]);
            let _ = stream.write_all(b"\r\n");
        }
        let _ = stream.write_all(b"0\r\n\r\n");
    });
    let server = place.serve(&place.config(&service, ""));
    let run = |chunked: bool| {
        let mut client = Client::new(server.address);
        let framing = if chunked {
            "transfer-encoding: chunked".to_owned()
        } else {
            format!("content-length: {LEN}")
        };
        client.write(format!("POST /upload HTTP/1.1\r\nhost: a\r\n{framing}\r\n\r\n"));
        let piece = vec![b'x'; 65536];
        for _ in 0..LEN / piece.len() {
            if chunked {
                client.write(format!("{:x}\r\n", piece.len()));
            }
            client.write(&piece);
            if chunked {
                client.write("\r\n");
            }
        }
        if chunked {
            client.write("0\r\n\r\n");
        }
        let reply = client.reply();
        assert_eq!((reply.status, reply.body.len()), (200, LEN));
    };
    run(false);
    let before = server.memory("VmHWM");
    for chunked in [false, true, false, true] {
        run(chunked);
    }
    let after = server.memory("VmHWM");
    // Neither 10 MiB at once nor what was left of the runs before.
    assert!(after < before + 4 * 1024, "{before} KiB, then {after} KiB");
    assert!(after < 100 * 1024, "{after} KiB");
}
