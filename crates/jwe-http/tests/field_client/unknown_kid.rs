//! The API's key has changed.

use crate::api::{Api, PATH, connection};
use crate::support_client::{HandClock, Reply, key, message, ok};

const BODY: &str = r#"{"login":"john","password":"s3cret"}"#;

fn unknown_kid() -> Reply {
    let headers = "content-type: application/problem+json\r\nx-own: kept\r\n";
    let body = br#"{"status":422,"code":"unknown_kid","pointer":"/login"}"#;
    Reply::Bytes(message("422 Unprocessable Content", headers, body))
}

#[tokio::test]
async fn the_request_is_sent_once_more_with_the_new_key() {
    let (old, new) = (key("old"), key("new"));
    let api = Api::start(&old, {
        let new = new.clone();
        move |_, request| match connection(&new, request) {
            Ok(_) => ok("", b"done"),
            Err("unknown_kid") => unknown_kid(),
            Err(code) => panic!("{code}"),
        }
    })
    .await;
    let client = api.client();
    client.encryption().source().current().await.unwrap();
    *api.published.lock().unwrap() = new.clone();
    let mut request = api.request(PATH, BODY);
    request.headers_mut().insert("x-request-id", "1".parse().unwrap());
    let answer = client.execute(request).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, "done"));
    let requests = api.requests();
    assert_eq!((requests.len(), api.fetches()), (2, 2));
    assert_eq!(connection(&old, &requests[0]).unwrap(), BODY);
    assert_eq!(connection(&new, &requests[1]).unwrap(), BODY);
    assert!(requests.iter().all(|request| request.contains("x-request-id: 1\r\n")));
    // And from then on at once.
    client.execute(api.request(PATH, BODY)).await.unwrap();
    assert_eq!((api.requests().len(), api.fetches()), (3, 2));
}

#[tokio::test]
async fn where_no_other_key_is_published_the_answer_is_handed_on() {
    let clock = HandClock::start();
    let api = Api::start(&key("k"), |_, _| unknown_kid()).await;
    let client = api.client();
    for fetches in [2, 2, 2] {
        let answer = client.execute(api.request(PATH, BODY)).await.unwrap();
        assert_eq!(answer.status(), 422);
        assert_eq!(answer.headers()["x-own"], "kept");
        assert!(answer.text().await.unwrap().contains("\"pointer\":\"/login\""));
        assert_eq!(api.fetches(), fetches, "no more than one in 10 s");
    }
    assert_eq!(api.requests().len(), 3, "each was sent once");
    clock.advance(std::time::Duration::from_secs(11)).await;
    client.execute(api.request(PATH, BODY)).await.unwrap();
    assert_eq!(api.fetches(), 3);
}

#[tokio::test]
async fn it_is_sent_twice_at_most() {
    let api = Api::start(&key("old"), |_, _| unknown_kid()).await;
    let client = api.client();
    client.encryption().source().current().await.unwrap();
    *api.published.lock().unwrap() = key("new");
    let answer = client.execute(api.request(PATH, BODY)).await.unwrap();
    assert_eq!(answer.status(), 422);
    assert!(answer.text().await.unwrap().contains("unknown_kid"));
    assert_eq!((api.requests().len(), api.fetches()), (2, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn none_of_many_requests_is_lost_in_a_rotation_and_the_key_is_fetched_once_more() {
    let (old, new) = (key("old"), key("new"));
    let api = Api::start(&old, {
        let new = new.clone();
        move |_, request| match connection(&new, request) {
            Ok(text) => {
                assert_eq!(text, BODY);
                ok("", b"done")
            }
            Err(_) => unknown_kid(),
        }
    })
    .await;
    let client = api.client();
    client.encryption().source().current().await.unwrap();
    *api.published.lock().unwrap() = new;
    let requests: Vec<_> = (0..40)
        .map(|_| {
            let (client, request) = (client.clone(), api.request(PATH, BODY));
            tokio::spawn(async move { client.execute(request).await.unwrap().status().as_u16() })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.unwrap(), 200);
    }
    assert_eq!(api.fetches(), 2);
}
