//! Redirects, which stay where they began.

use crate::support_client::{Server, key, ok, public_json, source, status};

/// What comes of a redirect from `/publickey` with this line, where `/key` is a key.
async fn outcome(code: &'static str, location: String) -> (Result<String, &'static str>, usize) {
    let body = public_json(&key("k"));
    let server = Server::start(move |_, request| {
        if request.starts_with("GET /key ") {
            ok("", body.as_bytes())
        } else {
            status(code, &location)
        }
    })
    .await;
    let key = source(&server).current().await;
    (key.map(|key| key.kid().to_owned()).map_err(|error| error.code()), server.count())
}

#[tokio::test]
async fn on_the_same_scheme_host_and_port_they_are_followed() {
    for code in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        for location in ["/key", "key", "./x/../key"] {
            let (key, count) = outcome(code, format!("location: {location}\r\n")).await;
            assert_eq!((key, count), (Ok("k".to_owned()), 2), "{code} {location}");
        }
    }
    for code in ["300 Multiple Choices", "305 Use Proxy", "306 Unused"] {
        let (key, _) = outcome(code, "location: /key\r\n".to_owned()).await;
        assert_eq!(key, Err("key_status"), "{code}");
    }
}

#[tokio::test]
async fn to_anywhere_else_they_are_refused_and_nobody_is_asked() {
    let other = Server::of_key("", &key("other")).await;
    let port = other.address.port();
    for location in [
        format!("location: http://127.0.0.1:{port}/key\r\n"),
        format!("location: //127.0.0.1:{port}/key\r\n"),
        format!("location: /\\127.0.0.1:{port}/key\r\n"),
        format!("location: https://127.0.0.1:{port}/key\r\n"),
        format!("location: http://localhost:{port}/key\r\n"),
        "location: file:///etc/passwd\r\n".to_owned(),
        "location: http://api.example/key\r\n".to_owned(),
        "location: \r\n".to_owned(),
        "location: \u{fc}ber\r\n".to_owned(),
        String::new(),
    ] {
        let (key, count) = outcome("302 Found", location.clone()).await;
        assert_eq!((key, count), (Err("key_redirected"), 1), "{location}");
    }
    assert_eq!(other.count(), 0);
}

#[tokio::test]
async fn a_redirect_to_the_same_port_under_another_name_or_scheme_is_elsewhere() {
    let body = public_json(&key("k"));
    for to in
        ["http://localhost:", "https://127.0.0.1:", "http://127.0.0.2:", "http://x@127.0.0.1:"]
    {
        let body = body.clone();
        let server = Server::start(move |_, request| {
            let host = crate::support_client::header(request, "host").unwrap();
            let port = host.rsplit(':').next().unwrap();
            if request.starts_with("GET /key ") {
                ok("", body.as_bytes())
            } else {
                status("302 Found", &format!("location: {to}{port}/key\r\n"))
            }
        })
        .await;
        let error = source(&server).current().await.unwrap_err();
        assert_eq!((error.code(), server.count()), ("key_redirected", 1), "{to}");
    }
}

#[tokio::test]
async fn there_are_three_at_most() {
    let (key, count) = outcome("302 Found", "location: /publickey\r\n".to_owned()).await;
    assert_eq!((key, count), (Err("key_too_many_redirects"), 4));

    let body = public_json(&crate::support_client::key("k"));
    for (hops, expected) in [(3, None), (4, Some("key_too_many_redirects"))] {
        let body = body.clone();
        let server = Server::start(move |number, _| {
            if number == hops {
                ok("", body.as_bytes())
            } else {
                status("302 Found", "location: /next\r\n")
            }
        })
        .await;
        assert_eq!(source(&server).current().await.err().map(|error| error.code()), expected);
    }
}
