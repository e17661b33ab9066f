//! An endpoint that is down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jwe_http::client::KeySource;

use crate::support_client::{
    HandClock, Reply, Server, a_while, key, nobody, ok, options, public_json, source, until,
};

const SECOND: Duration = Duration::from_secs(1);

/// A server that can be put out of order.
async fn switched() -> (Server, Arc<AtomicBool>) {
    let up = Arc::new(AtomicBool::new(true));
    let keys: Vec<String> = (0..2).map(|n| public_json(&key(&n.to_string()))).collect();
    let server = {
        let up = Arc::clone(&up);
        Server::start(move |number, _| {
            if up.load(Ordering::Acquire) {
                ok("cache-control: max-age=100\r\n", keys[usize::from(number > 0)].as_bytes())
            } else {
                Reply::HangUp
            }
        })
        .await
    };
    (server, up)
}

#[tokio::test]
async fn without_a_key_the_error_says_so_and_the_endpoint_is_left_alone_for_a_while() {
    let clock = HandClock::start();
    let (server, up) = switched().await;
    up.store(false, Ordering::Release);
    let source = source(&server);
    let error = source.current().await.unwrap_err();
    assert_eq!(error.code(), "key_unreachable");
    assert_eq!(error.retry_after(), None);
    for _ in 0..10 {
        let error = source.current().await.unwrap_err();
        assert_eq!(error.code(), "key_not_yet");
        let wait = error.retry_after().unwrap();
        assert!(SECOND / 2 <= wait && wait <= SECOND, "{wait:?}");
        assert!(error.to_string().contains("there is no key yet"), "{error}");
        assert!(
            std::error::Error::source(&error).unwrap().to_string().contains("can't be fetched")
        );
    }
    assert_eq!(server.count(), 1);
    clock.advance(SECOND).await;
    assert_eq!(source.current().await.unwrap_err().code(), "key_unreachable");
    assert_eq!(server.count(), 2);
    up.store(true, Ordering::Release);
    assert_eq!(source.current().await.unwrap_err().code(), "key_not_yet");
    clock.advance(SECOND * 2).await;
    assert_eq!(source.current().await.unwrap().kid(), "1");
}

#[tokio::test]
async fn waits_grow_to_a_minute() {
    let clock = HandClock::start();
    let (server, up) = switched().await;
    up.store(false, Ordering::Release);
    let source = source(&server);
    let mut longest = Duration::ZERO;
    for failures in 1..=12_usize {
        assert_eq!(source.current().await.unwrap_err().code(), "key_unreachable");
        assert_eq!(server.count(), failures);
        let wait = source.current().await.unwrap_err().retry_after().unwrap();
        let whole = (1 << (failures - 1)).min(60);
        assert!(SECOND * whole / 2 <= wait && wait <= SECOND * whole, "{failures}: {wait:?}");
        longest = longest.max(wait);
        clock.advance(wait - Duration::from_millis(10)).await;
        assert_eq!(source.current().await.unwrap_err().code(), "key_not_yet");
        clock.advance(Duration::from_millis(20)).await;
    }
    assert!(longest >= SECOND * 30);
}

#[tokio::test]
async fn the_old_key_is_used_up_to_a_stated_time_and_no_longer() {
    let clock = HandClock::start();
    let (server, up) = switched().await;
    let options = options().with_max_staleness(SECOND * 1000);
    let source = KeySource::new(&server.url("/"), options).unwrap();
    let old = source.current().await.unwrap();
    up.store(false, Ordering::Release);
    let mut fetches = 1;
    // Its life of 100 s, and 1000 s more.
    for passed in (10..1100).step_by(10) {
        clock.advance(SECOND * 10).await;
        assert!(Arc::ptr_eq(&old, &source.current().await.unwrap()), "after {passed} s");
        a_while().await;
        fetches = server.count();
    }
    // The first attempts in a hurry, all others at least 30 s apart.
    assert!((20..=50).contains(&fetches), "{fetches}");
    clock.advance(SECOND * 11).await;
    let error = loop {
        let error = source.current().await.unwrap_err();
        assert_eq!(error.code(), "key_too_old");
        assert!(error.to_string().contains("could not be renewed for longer than is allowed"));
        if server.count() > fetches {
            break error;
        }
        clock.advance(SECOND * 10).await;
    };
    let wait = error.retry_after().unwrap();
    assert!(SECOND * 30 <= wait && wait <= SECOND * 60, "{wait:?}");
    up.store(true, Ordering::Release);
    clock.advance(SECOND * 60).await;
    assert_eq!(source.current().await.unwrap().kid(), "1");
}

#[tokio::test]
async fn while_it_is_known_to_be_down_nobody_waits_for_it() {
    let clock = HandClock::start();
    let hang = Arc::new(AtomicBool::new(false));
    let body = public_json(&key("k"));
    let server = {
        let hang = Arc::clone(&hang);
        Server::start(move |number, _| match (number, hang.load(Ordering::Acquire)) {
            (0, _) => ok("cache-control: max-age=100\r\n", body.as_bytes()),
            (_, false) => Reply::HangUp,
            (_, true) => Reply::Never,
        })
        .await
    };
    let source = source(&server);
    let old = source.current().await.unwrap();
    // In time, in the background: the first failure.
    clock.advance(SECOND * 90).await;
    assert!(Arc::ptr_eq(&old, &source.current().await.unwrap()));
    until(|| server.count() == 2).await;
    a_while().await;
    hang.store(true, Ordering::Release);
    clock.advance(SECOND * 20).await;
    // The key's life is over, the fetch never ends, and still:
    for _ in 0..100 {
        assert!(Arc::ptr_eq(&old, &source.current().await.unwrap()));
    }
    until(|| server.count() == 3).await;
    a_while().await;
    assert_eq!(server.count(), 3);
    // It is given up after 10 s, and tried again.
    clock.advance(SECOND * 11).await;
    a_while().await;
    clock.advance(SECOND * 3).await;
    assert!(Arc::ptr_eq(&old, &source.current().await.unwrap()));
    until(|| server.count() == 4).await;
}

#[tokio::test]
async fn an_answer_that_is_no_key_is_an_outage_too() {
    let clock = HandClock::start();
    let body = public_json(&key("k"));
    let server = Server::start(move |number, _| {
        if number == 0 {
            ok("cache-control: max-age=100\r\n", body.as_bytes())
        } else {
            ok("", b"{}")
        }
    })
    .await;
    let source = source(&server);
    let old = source.current().await.unwrap();
    clock.advance(SECOND * 200).await;
    assert!(
        Arc::ptr_eq(&old, &source.current().await.unwrap()),
        "a broken key replaces no good one"
    );
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn nobody_listens() {
    let url = format!("http://{}/publickey", nobody().await);
    let error = KeySource::new(&url, options()).unwrap().current().await.unwrap_err();
    assert_eq!(error.code(), "key_unreachable");
    assert!(error.to_string().contains("see whether the endpoint runs"), "{error}");
}
