//! What is not sent.

use bytes::Bytes;
use http::Method;
use jwe_http::Problem;
use jwe_http::client::{FieldClient, FieldClientError, FieldEncryption, KeySource};
use reqwest::Request;

use crate::api::{Api, PATH, builder, routes};
use crate::support_client::{Reply, Server, key, nobody, ok, options};

/// The code with which a request is refused, of which nothing is sent.
async fn refusal(change: impl FnOnce(&mut Request)) -> &'static str {
    let api = Api::start(&key("k"), |_, _| ok("", b"")).await;
    let mut request = api.request(PATH, r#"{"login":"s3cret","password":"s3cret"}"#);
    change(&mut request);
    let error = api.client().execute(request).await.unwrap_err();
    assert_eq!(api.requests(), Vec::<String>::new());
    for text in [format!("{error:?}"), error.to_string()] {
        assert!(!text.contains("s3cret"), "{text}");
    }
    assert!(!matches!(error, FieldClientError::Http(_)));
    error.code()
}

async fn refusal_of_body(body: &'static str) -> &'static str {
    refusal(|request| *request.body_mut() = Some(body.into())).await
}

async fn refusal_with(name: &'static str, value: &'static str) -> &'static str {
    refusal(|request| {
        request.headers_mut().insert(name, value.parse().unwrap());
    })
    .await
}

#[tokio::test]
async fn a_body_whose_fields_can_not_be_encrypted_is_not_sent() {
    assert_eq!(refusal_of_body("").await, "document_not_json");
    assert_eq!(refusal(|request| *request.body_mut() = None).await, "document_not_json");
    assert_eq!(refusal_of_body("login=s3cret").await, "document_not_json");
    assert_eq!(refusal_of_body(r#"{"login":"s3cret"}"#).await, "field_missing");
    assert_eq!(refusal_of_body(r#"{"login":"s3cret","password":5}"#).await, "field_not_string");
    let twice = r#"{"login":"s3cret","login":"b","password":"c"}"#;
    assert_eq!(refusal_of_body(twice).await, "field_ambiguous");
    let stream = |request: &mut Request| {
        let body = http_body_util::Full::new(Bytes::from(r#"{"login":"a","password":"b"}"#));
        *request.body_mut() = Some(reqwest::Body::wrap(body));
    };
    assert_eq!(refusal(stream).await, "body_is_stream");
}

#[tokio::test]
async fn headers_have_to_go_with_a_body_that_is_encrypted() {
    assert_eq!(refusal_with("content-type", "text/plain").await, "media_type");
    let form = "application/x-www-form-urlencoded";
    assert_eq!(refusal_with("content-type", form).await, "media_type");
    let none = |request: &mut Request| drop(request.headers_mut().remove("content-type"));
    assert_eq!(refusal(none).await, "media_type");
    assert_eq!(refusal_with("content-encoding", "gzip").await, "content_encoding");
    for name in ["content-digest", "repr-digest", "digest", "content-md5"] {
        assert_eq!(refusal_with(name, "x").await, "digest_of_clear_text", "{name}");
    }
}

#[tokio::test]
async fn a_path_that_can_be_read_in_two_ways_is_not_asked_for() {
    for path in ["//users/7/connections", "/users/7%2fconnections", "/Users/7/connections"] {
        let code = refusal(|request| {
            let url = request.url().join("/").unwrap();
            *request.url_mut() =
                format!("{}{}", &url.as_str()[..url.as_str().len() - 1], path).parse().unwrap();
        })
        .await;
        assert_eq!(code, "ambiguous_path", "{path}");
    }
}

#[tokio::test]
async fn what_the_api_may_take_for_a_request_with_fields_is_not_sent_in_clear() {
    let overridden = |header: &'static str| {
        move |request: &mut Request| {
            *request.method_mut() = Method::PUT;
            request.headers_mut().insert(header, "POST".parse().unwrap());
        }
    };
    for header in ["x-http-method-override", "x-http-method", "x-method-override"] {
        assert_eq!(refusal(overridden(header)).await, "method_override", "{header}");
    }
    let parameter = |request: &mut Request| {
        *request.method_mut() = Method::PUT;
        request.url_mut().set_query(Some("a=b&_method=POST"));
    };
    assert_eq!(refusal(parameter).await, "method_override");
    for header in ["x-original-url", "x-rewrite-url"] {
        let elsewhere = |request: &mut Request| {
            let path = request.url().path().parse().unwrap();
            request.headers_mut().insert(header, path);
            request.url_mut().set_path("/other");
        };
        assert_eq!(refusal(elsewhere).await, "path_override", "{header}");
    }
}

#[tokio::test]
async fn without_a_key_nothing_is_sent() {
    let api = Server::start(|_, _| ok("", b"")).await;
    let url = format!("http://{}/publickey", nobody().await);
    let source = KeySource::new(&url, options()).unwrap();
    let encryption = FieldEncryption::new(source, routes());
    let client = FieldClient::new(builder(), encryption.clone()).unwrap();
    let request = |client: &FieldClient| {
        let request = client.client().post(api.url(PATH)).body(r#"{"login":"a","password":"b"}"#);
        request.header("content-type", "application/json").build().unwrap()
    };
    for code in ["key_unreachable", "key_not_yet"] {
        let error = client.execute(request(&client)).await.unwrap_err();
        assert!(matches!(error, FieldClientError::Key(_)));
        assert_eq!(error.code(), code);
    }
    assert_eq!(api.count(), 0);
    // For those who speak HTTP themselves.
    let route = encryption.find(&Method::POST, PATH).unwrap().unwrap();
    let problem: Problem = encryption.encrypt(route, Bytes::from("{}")).await.unwrap_err();
    assert_eq!((problem.status().as_u16(), problem.code()), (503, "key_unavailable"));
    assert!(problem.into_response().headers().contains_key("retry-after"));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_error() {
    let api = Api::start(&key("k"), |_, _| {
        let head = "HTTP/1.1 422 No\r\ncontent-type: application/problem+json\r\n";
        Reply::Bytes(format!("{head}content-length: 100\r\n\r\n{{\"code\":").into_bytes())
    })
    .await;
    let request =
        api.request("/users/7/connections?token=s3cret", r#"{"login":"a","password":"b"}"#);
    let error = api.client().execute(request).await.unwrap_err();
    assert_eq!(error.code(), "http");
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_route_of_another_set_is_refused() {
    let api = Api::start(&key("k"), |_, _| ok("", b"")).await;
    let encryption = api.encryption();
    let route = encryption.find(&Method::POST, "/users/7/amounts").unwrap().unwrap();
    let none = FieldEncryption::new(api.source(), jwe_http::FieldRoutes::new());
    let problem = none.encrypt(route, Bytes::from("{}")).await.unwrap_err();
    assert_eq!((problem.status().as_u16(), problem.code()), (500, "unknown_route"));
}
