//! Many callers, one fetch.

use std::sync::Arc;
use std::time::Duration;

use jwe_http::client::KeySource;

use crate::support_client::{Reply, Server, key, message, options, public_json, source, until};

/// A server that takes its time.
async fn slow(wait: Duration) -> Server {
    let bytes = message("200 OK", "", public_json(&key("k")).as_bytes());
    Server::start(move |_, _| Reply::After(wait, bytes.clone())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_wait_for_the_first_key_share_one_fetch() {
    let server = slow(Duration::from_millis(200)).await;
    let source = source(&server);
    let callers: Vec<_> = (0..200)
        .map(|_| {
            let source = source.clone();
            tokio::spawn(async move { source.current().await.unwrap() })
        })
        .collect();
    let mut keys = Vec::new();
    for caller in callers {
        keys.push(caller.await.unwrap());
    }
    assert!(keys.iter().all(|key| Arc::ptr_eq(key, &keys[0])));
    assert_eq!(server.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_wait_share_a_failure_too() {
    let server = Server::start(|_, _| Reply::After(Duration::from_millis(200), Vec::new())).await;
    let source = source(&server);
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let source = source.clone();
            tokio::spawn(async move { source.current().await.unwrap_err().code() })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), "key_unreachable");
    }
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn one_who_stops_waiting_stops_nobody_else() {
    let server = slow(Duration::from_millis(200)).await;
    let source = source(&server);
    let first = {
        let source = source.clone();
        tokio::spawn(async move { source.current().await.map(|_| ()) })
    };
    until(|| server.count() == 1).await;
    let second = {
        let source = source.clone();
        tokio::spawn(async move { source.current().await.unwrap().kid().to_owned() })
    };
    tokio::task::yield_now().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    assert_eq!(second.await.unwrap(), "k");
    assert_eq!(server.count(), 1);
    // Even if nobody waits any longer, what was begun is of use to the next.
    let server = slow(Duration::from_millis(100)).await;
    let source = KeySource::new(&server.url("/"), options()).unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(10), source.current()).await.is_err());
    assert_eq!(source.current().await.unwrap().kid(), "k");
    assert_eq!(server.count(), 1);
}

#[test]
fn a_fetch_that_went_down_with_its_runtime_does_not_block_the_next() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (source, server) = {
        let first = runtime();
        first.block_on(async {
            let server = Server::start(|_, _| Reply::Never).await;
            let source = source(&server);
            let waited = tokio::time::timeout(Duration::from_millis(100), source.current()).await;
            assert!(waited.is_err());
            (source, server)
        })
    };
    let address = server.address;
    drop(server);
    runtime().block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let answered = async {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let (mut stream, _) = listener.accept().await.unwrap();
            let read = stream.read(&mut [0; 4096]).await.unwrap();
            assert!(read > 0);
            let bytes = message("200 OK", "", public_json(&key("k")).as_bytes());
            stream.write_all(&bytes).await.unwrap();
            stream
        };
        let (key, _stream) = tokio::join!(source.current(), answered);
        assert_eq!(key.unwrap().kid(), "k");
    });
}
