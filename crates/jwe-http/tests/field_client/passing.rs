//! What passes as it is.

use crate::api::{Api, PATH, builder};
use crate::support_client::{Reply, Server, key, message, ok, status};
use jwe_http::client::FieldClient;

#[tokio::test]
async fn a_request_that_is_on_no_route_passes_without_a_key() {
    let api = Api::start(&key("k"), |_, _| ok("", b"there")).await;
    let client = api.client();
    for path in ["/users/7", "/users/7/connections/8", "/other?x=%2e"] {
        let request = api.request(path, "not even JSON");
        assert_eq!(client.execute(request).await.unwrap().text().await.unwrap(), "there");
    }
    let get = client.client().get(api.server.url(PATH)).build().unwrap();
    assert_eq!(client.execute(get).await.unwrap().status(), 200);
    let stream = reqwest::Body::wrap(http_body_util::Full::new(bytes::Bytes::from("stream")));
    assert!(stream.as_bytes().is_none());
    client.execute(api.request("/other", stream)).await.unwrap();
    let requests = api.requests();
    assert_eq!(requests.len(), 5);
    assert!(requests[..3].iter().all(|request| request.ends_with("\r\n\r\nnot even JSON")));
    assert_eq!(api.fetches(), 0);
}

#[tokio::test]
async fn other_answers_are_handed_on_as_they_came() {
    let problem = "content-type: application/problem+json; charset=utf-8\r\nx-own: kept\r\n";
    let long = format!("{{\"title\":\"{}\",\"code\":\"unknown_kid\"}}", "x".repeat(100_000));
    let cases: Vec<(&'static str, &'static str, String)> = vec![
        ("422 Unprocessable", problem, r#"{"code":"decryption_failed"}"#.to_owned()),
        ("422 Unprocessable", problem, r#"{"title":"unknown_kid"}"#.to_owned()),
        ("422 Unprocessable", problem, r#"["unknown_kid"]"#.to_owned()),
        ("422 Unprocessable", problem, "not JSON: unknown_kid".to_owned()),
        ("422 Unprocessable", problem, String::new()),
        ("422 Unprocessable", problem, long),
        ("422 Unprocessable", "x-own: kept\r\n", r#"{"code":"unknown_kid"}"#.to_owned()),
        ("500 Oops", problem, r#"{"code":"unknown_kid"}"#.to_owned()),
        ("200 OK", problem, r#"{"code":"unknown_kid"}"#.to_owned()),
    ];
    for (line, headers, text) in cases {
        let bytes = message(line, headers, text.as_bytes());
        let api = Api::start(&key("k"), move |_, _| Reply::Bytes(bytes.clone())).await;
        let request = api.request(PATH, r#"{"login":"a","password":"b"}"#);
        let url = request.url().clone();
        let answer = api.client().execute(request).await.unwrap();
        assert_eq!(answer.status().as_str(), &line[..3]);
        assert_eq!(answer.headers()["x-own"], "kept");
        assert_eq!(*answer.url(), url, "{text:.40}");
        assert_eq!(answer.text().await.unwrap(), text);
        assert_eq!((api.requests().len(), api.fetches()), (1, 1), "{text:.40}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed_whatever_the_builder_says() {
    let other = Server::start(|_, _| ok("", b"")).await;
    let targets = [other.url(PATH), "/other".to_owned(), "/users/7/notes".to_owned()];
    for target in targets {
        for line in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
            let location = format!("location: {target}\r\n");
            let api = Api::start(&key("k"), move |_, _| status(line, &location)).await;
            let builder = builder().redirect(reqwest::redirect::Policy::limited(5));
            let client = FieldClient::new(builder, api.encryption()).unwrap();
            for path in [PATH, "/on/no/route"] {
                let request = api.request(path, r#"{"login":"a","password":"b"}"#);
                let answer = client.execute(request).await.unwrap();
                assert_eq!(answer.status().as_str(), &line[..3]);
                assert_eq!(answer.headers()["location"], target);
            }
            assert_eq!(api.requests().len(), 2);
        }
    }
    assert_eq!(other.count(), 0);
}
