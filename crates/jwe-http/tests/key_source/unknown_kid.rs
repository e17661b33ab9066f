//! The recipient says that it has no such key.

use std::sync::Arc;
use std::time::Duration;

use crate::support_client::{
    HandClock, Reply, Server, header, key, message, ok, public_json, source,
};

const SECOND: Duration = Duration::from_secs(1);

async fn rotating() -> Server {
    let keys: Vec<String> = (0..20).map(|n| public_json(&key(&n.to_string()))).collect();
    Server::start(move |number, _| ok("etag: \"v\"\r\n", keys[number].as_bytes())).await
}

#[tokio::test]
async fn the_key_is_fetched_again_at_once_but_not_often() {
    let clock = HandClock::start();
    let server = rotating().await;
    let source = source(&server);
    assert_eq!(source.current().await.unwrap().kid(), "0");
    assert_eq!(source.unknown_kid("0").await.unwrap().kid(), "1");
    let asked = &server.requests()[1];
    assert_eq!(header(asked, "cache-control").as_deref(), Some("no-cache"), "past caches");
    assert_eq!(header(asked, "if-none-match").as_deref(), Some("\"v\""));
    // Another key's, and one that is replaced already: nothing to fetch.
    for other in ["0", "x", ""] {
        assert_eq!(source.unknown_kid(other).await.unwrap().kid(), "1");
    }
    assert_eq!(server.count(), 2);
    // That of the new one, within the 10 s.
    for _ in 0..10 {
        assert_eq!(source.unknown_kid("1").await.unwrap().kid(), "1");
    }
    clock.advance(Duration::from_millis(9900)).await;
    assert_eq!(source.unknown_kid("1").await.unwrap().kid(), "1");
    assert_eq!(server.count(), 2);
    clock.advance(Duration::from_millis(200)).await;
    assert_eq!(source.unknown_kid("1").await.unwrap().kid(), "2");
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn the_first_key_is_fetched_once() {
    let server = rotating().await;
    let source = source(&server);
    assert_eq!(source.unknown_kid("0").await.unwrap().kid(), "0");
    assert_eq!(server.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_are_told_so_share_one_fetch() {
    let keys = [public_json(&key("0")), public_json(&key("1"))];
    let server = Server::start(move |number, _| match number {
        0 => ok("", keys[0].as_bytes()),
        _ => Reply::After(Duration::from_millis(200), message("200 OK", "", keys[1].as_bytes())),
    })
    .await;
    let source = source(&server);
    source.current().await.unwrap();
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let source = source.clone();
            tokio::spawn(async move { source.unknown_kid("0").await.unwrap() })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap().kid(), "1");
    }
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn a_failure_leaves_the_key_that_is_there() {
    let clock = HandClock::start();
    let body = public_json(&key("k"));
    let server = Server::start(move |number, _| match number {
        0 => ok("", body.as_bytes()),
        _ => Reply::HangUp,
    })
    .await;
    let source = source(&server);
    let old = source.current().await.unwrap();
    assert_eq!(source.unknown_kid("k").await.unwrap_err().code(), "key_unreachable");
    assert!(Arc::ptr_eq(&old, &source.current().await.unwrap()));
    assert!(Arc::ptr_eq(&old, &source.unknown_kid("k").await.unwrap()), "not again so soon");
    assert_eq!(server.count(), 2);
    clock.advance(SECOND * 10).await;
    assert_eq!(source.unknown_kid("k").await.unwrap_err().code(), "key_unreachable");
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn not_modified_means_the_same_key() {
    let body = public_json(&key("k"));
    let server = Server::start(move |number, _| match number {
        0 => ok("etag: \"v\"\r\n", body.as_bytes()),
        _ => Reply::Bytes(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec()),
    })
    .await;
    let source = source(&server);
    let old = source.current().await.unwrap();
    assert!(Arc::ptr_eq(&old, &source.unknown_kid("k").await.unwrap()));
}
