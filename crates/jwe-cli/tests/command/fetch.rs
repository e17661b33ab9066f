//! Keys from a URL over plain http, which is for this machine only.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::server::{Server, ok, redirect};
use crate::support::{Ended, Place, private_jwk, public_jwk, with};

fn encrypt(place: &Place, url: &str) -> Ended {
    place.jwe(&format!("encrypt --key {url}")).stdin("s3cret").run()
}

#[track_caller]
fn assert_opens(place: &Place, token: &[u8]) {
    assert_eq!(place.jwe("decrypt --key private.jwk").stdin(token).run().ok(), b"s3cret");
}

#[test]
fn a_published_key() {
    let place = Place::new();
    let server = Server::of(public_jwk().to_string());
    assert_opens(&place, &encrypt(&place, &server.url("/publickey")).ok());
    assert_opens(
        &place,
        &encrypt(&place, &format!("http://localhost:{}/publickey", server.port)).ok(),
    );
    let fields = format!("fields encrypt --field /a --key {}", server.url("/publickey"));
    let encrypted = place.jwe(&fields).stdin(r#"{"a":"s3cret"}"#).run().ok_json();
    assert_opens(&place, encrypted["a"].as_str().unwrap().as_bytes());
    assert_eq!(server.requests(), 3);
    let public = place.jwe(&format!("public {}", server.url("/"))).run().ok_json();
    assert_eq!(public, public_jwk());
}

#[test]
fn a_published_set_and_pem() {
    let place = Place::new();
    let second = with(public_jwk(), &json!({ "kid": "second" }));
    let server = Server::of(json!({ "keys": [second, public_jwk()] }).to_string());
    encrypt(&place, &server.url("/jwks")).refused_saying("key_ambiguous", &["/jwks", "--kid"]);
    assert_opens(
        &place,
        &encrypt(&place, &format!("{} --kid throw-away-1", server.url("/jwks"))).ok(),
    );
    let server = Server::of(place.read("spki.pem"));
    let options = "--kid throw-away-1 --alg RSA-OAEP-256";
    assert_opens(&place, &encrypt(&place, &format!("{} {options}", server.url("/key.pem"))).ok());
}

#[test]
fn redirects_on_the_same_host_are_followed() {
    let place = Place::new();
    let port = Arc::new(AtomicUsize::new(0));
    let known = port.clone();
    let key = public_jwk().to_string();
    let server = Server::new(move |path, stream| {
        let answer = match path {
            "/relative" => redirect("/absolute?x=1"),
            "/absolute?x=1" => {
                redirect(&format!("http://127.0.0.1:{}/third", known.load(Ordering::SeqCst)))
            }
            "/third" => redirect("/publickey"),
            "/fourth" => redirect("/relative"),
            "/publickey" => ok(key.as_bytes()),
            _ => redirect(path),
        };
        drop(stream.write_all(&answer));
    });
    port.store(server.port.into(), Ordering::SeqCst);
    assert_opens(&place, &encrypt(&place, &server.url("/relative")).ok());
    assert_eq!(server.requests(), 4);
    for path in ["/fourth", "/loop"] {
        encrypt(&place, &server.url(path))
            .refused_saying("key_fetch", &[path, "more than 3 times"]);
    }
    assert_eq!(server.requests(), 12);
}

#[test]
fn redirects_to_another_place_are_refused() {
    let place = Place::new();
    let elsewhere = Server::of(public_jwk().to_string());
    let there = elsewhere.port;
    for target in [
        format!("http://127.0.0.1:{there}/k"),
        format!("//127.0.0.1:{there}/k"),
        format!("https://127.0.0.1:{there}/k"),
        format!("http://localhost:{there}/k"),
        format!("http://u@127.0.0.1:{there}/k"),
        "/\\127.0.0.1/k d".to_owned(),
        "http://192.0.2.1/k".to_owned(),
        "file:///etc/hostname".to_owned(),
        "publickey".to_owned(),
        String::new(),
    ] {
        let server = Server::new(move |_, stream| drop(stream.write_all(&redirect(&target))));
        encrypt(&place, &server.url("/k"))
            .refused_saying("key_fetch", &["redirects to another place"]);
        assert_eq!(server.requests(), 1);
    }
    // The same host by another name is another place too.
    let server =
        Server::new(move |_, stream| drop(stream.write_all(&redirect("http://localhost/k"))));
    encrypt(&place, &server.url("/k")).refused("key_fetch");
    let server = Server::new(|_, stream| {
        drop(stream.write_all(b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n"))
    });
    encrypt(&place, &server.url("/k")).refused_saying("key_fetch", &["redirects to another place"]);
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn answers_that_are_no_key() {
    let place = Place::new();
    for status in [
        "404 Not Found",
        "500 Oops",
        "204 No Content",
        "206 Partial Content",
        "304 Not Modified",
        "401 No",
    ] {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let server = Server::new(move |_, stream| drop(stream.write_all(answer.as_bytes())));
        encrypt(&place, &server.url("/k"))
            .refused_saying("key_fetch", &["the server answers", &status[..3]]);
    }
    for (content, code) in [
        (b"".as_slice(), "key_empty"),
        (b"<!doctype html>", "key_unknown_format"),
        (b"{\"error\":\"c4n4rY\"}", "key_missing_member"),
        (b"{c4n4rY", "key_not_json"),
        (b"\x1b[31m\xff\0", "key_unknown_format"),
    ] {
        encrypt(&place, &Server::of(content).url("/k")).refused_saying(code, &["/k: "]);
    }
    for garbage in [
        b"".as_slice(),
        b"\0\x01\x02\x1b[31mc4n4rY\r\n\r\n",
        b"HTTP/1.1 lol\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzzz\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
    ] {
        let server = Server::new(|_, stream| drop(stream.write_all(garbage)));
        encrypt(&place, &server.url("/k")).refused("key_fetch");
    }
    let bomb = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(100_000));
    let server = Server::new(move |_, stream| drop(stream.write_all(bomb.as_bytes())));
    encrypt(&place, &server.url("/k")).refused("key_fetch");
}

#[test]
fn answers_that_are_too_long() {
    let place = Place::new();
    let padded = |len: usize| {
        let key = public_jwk().to_string();
        format!("{}{key}", " ".repeat(len - key.len()))
    };
    assert_opens(&place, &encrypt(&place, &Server::of(padded(64 * 1024)).url("/k")).ok());
    let server = Server::of(padded(64 * 1024 + 1));
    encrypt(&place, &server.url("/k")).refused_saying("key_fetch", &["longer than 65536 bytes"]);
    // One that never ends, in chunks and without.
    for head in ["transfer-encoding: chunked", "x: y"] {
        let server = Server::new(move |_, stream| {
            let mut alive = write!(stream, "HTTP/1.1 200 OK\r\n{head}\r\n\r\n").is_ok();
            while alive {
                alive = stream.write_all(b"10\r\n                \r\n").is_ok();
            }
        });
        encrypt(&place, &server.url("/k"))
            .refused_saying("key_fetch", &["longer than 65536 bytes"]);
    }
}

#[test]
fn a_slow_server_is_given_ten_seconds_in_all() {
    let silent = Server::new(|_, _| sleep(Duration::from_secs(40)));
    let dripping = Server::new(|_, stream| {
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
        let mut alive = stream.write_all(head).is_ok();
        while alive {
            alive = stream.write_all(b" ").and_then(|()| stream.flush()).is_ok();
            sleep(Duration::from_millis(100));
        }
    });
    let redirecting = Server::new(|_, stream| {
        sleep(Duration::from_secs(4));
        drop(stream.write_all(&redirect("/k")));
    });
    std::thread::scope(|scope| {
        for (what, server) in
            [("silent", &silent), ("dripping", &dripping), ("redirecting", &redirecting)]
        {
            scope.spawn(move || {
                let start = Instant::now();
                encrypt(&Place::new(), &server.url("/k")).refused("key_fetch");
                let took = start.elapsed();
                assert!((9..14).contains(&took.as_secs()), "{what}: {took:?}");
            });
        }
    });
}

#[test]
fn plain_http_to_others_is_refused_at_once() {
    let place = Place::new();
    for url in [
        "http://192.0.2.1/k",
        "http://192.0.2.1:80/k",
        "http://api.example/publickey",
        "http://127.0.0.1.example/k",
        "http://localhost.example/k",
        "http://0.0.0.0/k",
        "http://[::ffff:127.0.0.1]/k",
        "http://[2001:db8::1]/k",
        "http://2130706433/k",
    ] {
        let refused =
            place.jwe(&format!("encrypt --key {url}")).within(Duration::from_secs(3)).run();
        refused.refused_saying("key_fetch", &[url, "use https"]);
    }
    for url in ["http://", "http:///k", "https://", "http://127.0.0.1:x/k"] {
        encrypt(&place, url).refused("key_fetch");
    }
    encrypt(&place, &format!("http://127.0.0.1:{}/k", closed_port()))
        .refused_saying("key_fetch", &["can't be fetched"]);
}

/// A port on which nobody listens.
fn closed_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn secrets_of_a_url_are_not_shown() {
    let place = Place::new();
    let server = Server::of("{}");
    let port = server.port;
    for url in [
        format!("http://u5er:c4n4rY@127.0.0.1:{port}/k"),
        format!("http://c4n4rY@127.0.0.1:{port}/k"),
        "https://u5er:c4n4rY@api.example/k".to_owned(),
        "https://u5er:c4/n4rYc4n4rY@api.example/k".to_owned(),
    ] {
        let text = encrypt(&place, &url).refused("key_fetch");
        assert!(!text.contains("u5er"), "{text}");
    }
    assert_eq!(server.connections(), 0);
    let text = encrypt(&place, &server.url("/k?token=c4n4rY")).refused("key_missing_member");
    assert!(text.contains("/k?…: "), "{text}");
}

#[test]
fn a_proxy_of_the_environment_sees_nothing() {
    let place = Place::new();
    let server = Server::of(public_jwk().to_string());
    let proxy = Server::of(public_jwk().to_string());
    let mut encrypt = place.jwe(&format!("encrypt --key {}", server.url("/k"))).stdin("s3cret");
    for name in ["http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        encrypt = encrypt.variable(name, &proxy.url(""));
    }
    assert_opens(&place, &encrypt.run().ok());
    assert_eq!((server.requests(), proxy.connections()), (1, 0));
}

#[test]
fn a_published_secret_is_warned_about() {
    let place = Place::new();
    let shared = place.jwe("keygen --alg dir").run().ok();
    for key in [private_jwk().to_string().into_bytes(), shared] {
        let url = Server::of(key).url("/k");
        encrypt(&place, &url).warned(&["/k: publishes a secret key"]);
    }
}
