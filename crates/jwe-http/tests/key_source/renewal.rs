//! For how long a key is kept, and when it is fetched again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jwe_http::client::KeySource;

use crate::support_client::{
    HandClock, Reply, Server, a_while, header, key, ok, options, public_json, source, until,
};

const SECOND: Duration = Duration::from_secs(1);

/// A server whose key changes with each request: `0`, `1`, …
async fn rotating(headers: &'static str) -> Server {
    let keys: Vec<String> = (0..20).map(|n| public_json(&key(&n.to_string()))).collect();
    Server::start(move |number, _| ok(headers, keys[number].as_bytes())).await
}

/// After how many seconds, to within 1 %, a key with these headers is no longer fresh.
async fn lives(clock: &HandClock, headers: &'static str, seconds: u64) {
    let server = rotating(headers).await;
    let source = source(&server);
    assert_eq!(source.current().await.unwrap().kid(), "0");
    // Fresh without a thought of renewal for 80 % of the time …
    clock.advance(SECOND * u32::try_from(seconds * 79 / 100).unwrap()).await;
    assert_eq!(source.current().await.unwrap().kid(), "0", "{headers}");
    a_while().await;
    assert_eq!(server.count(), 1, "{headers}");
    // … and at its end it is not handed out before another was asked for.
    clock.advance(SECOND * u32::try_from(seconds * 22 / 100).unwrap()).await;
    assert_eq!(source.current().await.unwrap().kid(), "1", "{headers}");
    assert_eq!(server.count(), 2, "{headers}");
}

#[tokio::test]
async fn a_key_lives_as_long_as_its_answer_says_within_bounds() {
    let clock = HandClock::start();
    lives(&clock, "cache-control: public, max-age=3600\r\n", 3600).await;
    lives(&clock, "cache-control: max-age=3600\r\nage: 600\r\n", 3000).await;
    lives(
        &clock,
        "date: Mon, 23 Nov 2026 08:00:00 GMT\r\nexpires: Mon, 23 Nov 2026 09:00:00 GMT\r\n",
        3600,
    )
    .await;
    lives(&clock, "", 300).await;
    lives(&clock, "cache-control: no-store\r\n", 60).await;
    lives(&clock, "cache-control: no-cache\r\n", 60).await;
    lives(&clock, "cache-control: max-age=1\r\n", 60).await;
    lives(&clock, "expires: 0\r\n", 60).await;
    lives(&clock, "cache-control: max-age=99999999\r\n", 24 * 3600).await;
    lives(&clock, "cache-control: max-age=99999999999999999999\r\n", 24 * 3600).await;
}

#[tokio::test]
async fn near_its_end_a_key_is_renewed_in_the_background_by_one_fetch() {
    let clock = HandClock::start();
    let open = Arc::new(AtomicBool::new(true));
    let keys = [public_json(&key("0")), public_json(&key("1"))];
    let server = {
        let open = Arc::clone(&open);
        Server::start(move |number, _| {
            // The second answer takes its time.
            if !open.load(Ordering::Acquire) {
                return Reply::After(
                    Duration::from_millis(300),
                    crate::support_client::message(
                        "200 OK",
                        "cache-control: max-age=1000\r\n",
                        keys[number].as_bytes(),
                    ),
                );
            }
            ok("cache-control: max-age=1000\r\n", keys[number].as_bytes())
        })
        .await
    };
    let source = source(&server);
    let first = source.current().await.unwrap();
    open.store(false, Ordering::Release);
    clock.advance(SECOND * 810).await;
    for _ in 0..100 {
        // Nobody waits.
        let begun = std::time::Instant::now();
        assert!(Arc::ptr_eq(&first, &source.current().await.unwrap()));
        assert!(begun.elapsed() < Duration::from_millis(250));
    }
    until(|| server.count() == 2).await;
    let renewed = async {
        while source.current().await.unwrap().kid() == "0" {
            std::thread::sleep(Duration::from_millis(1));
            tokio::task::yield_now().await;
        }
    };
    renewed.await;
    assert_eq!(source.current().await.unwrap().kid(), "1");
    assert_eq!(server.count(), 2, "one fetch for all");
}

#[tokio::test]
async fn a_key_that_is_not_modified_lives_on() {
    let clock = HandClock::start();
    let body = public_json(&key("k"));
    let server = Server::start(move |_, request| match header(request, "if-none-match") {
        None => ok("etag: W/\"v1\"\r\ncache-control: max-age=1000\r\n", body.as_bytes()),
        Some(etag) => {
            assert_eq!(etag, "W/\"v1\"");
            Reply::Bytes(
                b"HTTP/1.1 304 Not Modified\r\ncache-control: max-age=2000\r\n\r\n".to_vec(),
            )
        }
    })
    .await;
    let source = source(&server);
    let first = source.current().await.unwrap();
    clock.advance(SECOND * 1001).await;
    assert!(Arc::ptr_eq(&first, &source.current().await.unwrap()), "nothing is imported anew");
    assert_eq!(server.count(), 2);
    clock.advance(SECOND * 1500).await;
    assert!(Arc::ptr_eq(&first, &source.current().await.unwrap()));
    a_while().await;
    assert_eq!(server.count(), 2, "the lifetime is that of the last answer");
    clock.advance(SECOND * 501).await;
    assert!(Arc::ptr_eq(&first, &source.current().await.unwrap()));
    assert_eq!(server.count(), 3, "the ETag is kept");
}

#[tokio::test]
async fn the_same_key_again_stays_the_one_that_was_imported() {
    let clock = HandClock::start();
    let server = Server::of_key("", &key("k")).await;
    let source = source(&server);
    let first = source.current().await.unwrap();
    clock.advance(SECOND * 301).await;
    assert!(Arc::ptr_eq(&first, &source.current().await.unwrap()));
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn the_bounds_of_the_lifetime_can_be_set() {
    let clock = HandClock::start();
    let server = rotating("").await;
    let options = options().with_lifetime(SECOND..=SECOND * 10, SECOND * 5);
    let source = KeySource::new(&server.url("/"), options).unwrap();
    assert_eq!(source.current().await.unwrap().kid(), "0");
    clock.advance(SECOND * 5).await;
    assert_eq!(source.current().await.unwrap().kid(), "1");
}

#[tokio::test]
async fn nothing_is_fetched_for_nobody() {
    let clock = HandClock::start();
    let server = rotating("").await;
    let source = source(&server);
    assert_eq!(source.current().await.unwrap().kid(), "0");
    clock.advance(SECOND * 3600 * 10).await;
    a_while().await;
    assert_eq!(server.count(), 1);
    assert_eq!(source.current().await.unwrap().kid(), "1");
}
