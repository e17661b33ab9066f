//! More requests than can be worked on, and clients that go away.

use std::sync::mpsc;
use std::time::Duration;

use jwe_http::DecryptionOptions;
use tokio::time::timeout;
use tower::ServiceExt;

use super::service;
use crate::field_support::{
    SECRET, decryption, document, ec, encrypted, post, problem, read, rsa, workers,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_of_many_are_answered() {
    let own = workers(2, 64);
    let decryption = decryption(DecryptionOptions::new().with_workers(own.clone()));
    let (service, _) = service(&decryption);
    let bodies = [encrypted(rsa()), encrypted(ec()), document(SECRET, SECRET)];
    let requests: Vec<_> = (0..66)
        .map(|number| {
            let body = bodies[number % 3].clone();
            (number % 3, tokio::spawn(service.clone().oneshot(post(body))))
        })
        .collect();
    for (kind, request) in requests {
        let response = request.await.unwrap().unwrap();
        match kind {
            0 | 1 => assert_eq!(read(response.into_body()).await, document("john", SECRET)),
            _ => assert_eq!(problem(response).await.0, 422),
        }
    }
    assert_eq!((own.running(), own.waiting()), (0, 0));
}

/// The one worker is busy until `free` is sent to it.
async fn occupy(own: &jwe_http::Workers) -> (mpsc::Sender<()>, tokio::task::JoinHandle<()>) {
    let (free, wait) = mpsc::channel();
    let task = {
        let own = own.clone();
        tokio::spawn(async move { own.run(move || wait.recv().unwrap()).await.unwrap() })
    };
    while own.running() == 0 {
        tokio::task::yield_now().await;
    }
    (free, task)
}

#[tokio::test]
async fn past_the_bound_a_client_is_asked_to_come_again() {
    let own = workers(1, 2);
    let decryption = decryption(DecryptionOptions::new().with_workers(own.clone()));
    let (service, echo) = service(&decryption);
    let (free, busy) = occupy(&own).await;
    let waiting: Vec<_> =
        (0..2).map(|_| tokio::spawn(service.clone().oneshot(post(encrypted(rsa()))))).collect();
    while own.waiting() < 2 {
        tokio::task::yield_now().await;
    }
    let response = service.clone().oneshot(post(encrypted(rsa()))).await.unwrap();
    assert_eq!(response.headers()["retry-after"], "1");
    let (status, members) = problem(response).await;
    assert_eq!((status, &members["code"]), (503, &"busy".into()));
    assert_eq!(echo.calls(), 0);
    // What has no work does not wait for it.
    let elsewhere = crate::field_support::request(
        http::Method::POST,
        "/elsewhere",
        http_body_util::Full::from("x"),
    );
    assert_eq!(service.clone().oneshot(elsewhere).await.unwrap().status(), 200);
    free.send(()).unwrap();
    busy.await.unwrap();
    for request in waiting {
        assert_eq!(request.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!((own.running(), own.waiting()), (0, 0));
}

#[tokio::test]
async fn who_goes_away_frees_the_place() {
    let own = workers(1, 1);
    let decryption = decryption(DecryptionOptions::new().with_workers(own.clone()));
    let (service, echo) = service(&decryption);
    let (free, busy) = occupy(&own).await;
    for _ in 0..10 {
        // There is room for it, because the one before went away.
        let request = service.clone().oneshot(post(encrypted(rsa())));
        assert!(timeout(Duration::from_millis(20), request).await.is_err());
        assert_eq!((own.running(), own.waiting()), (1, 0));
    }
    free.send(()).unwrap();
    busy.await.unwrap();
    assert_eq!(echo.calls(), 0);
    assert_eq!(service.oneshot(post(encrypted(rsa()))).await.unwrap().status(), 200);
    assert_eq!((own.running(), own.waiting()), (0, 0));
}
