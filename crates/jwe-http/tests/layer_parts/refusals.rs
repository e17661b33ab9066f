//! What the client is told.

use bytes::Bytes;
use http::{HeaderName, Method};
use http_body_util::Full;
use jwe_core::{Enc, Kid, Limits};
use jwe_fields::DocumentLimits;
use jwe_http::DecryptionOptions;
use tower::ServiceExt;

use super::{Got, service};
use crate::field_support::{
    PATH, SECRET, decryption, document, ec, encrypted, encrypter, other_rsa, post, problem, read,
    request, rsa, token,
};

/// The answer to a body: status, code, pointer.
async fn answer(
    options: DecryptionOptions,
    body: impl Into<Bytes>,
) -> (u16, String, Option<String>) {
    let (service, echo) = service(&decryption(options));
    let response = service.oneshot(post(body)).await.unwrap();
    if response.status() == 200 {
        return (200, String::new(), None);
    }
    assert_eq!(echo.calls(), 0, "a refused request reaches nobody");
    let code = *response.extensions().get::<jwe_http::ProblemCode>().unwrap();
    let (status, members) = problem(response).await;
    let text = members.to_string();
    for hidden in [SECRET, "john", "eyJ"] {
        assert!(!text.contains(hidden), "{text}");
    }
    assert_eq!(members["code"], code.0);
    let pointer = members.get("pointer").map(|pointer| pointer.as_str().unwrap().to_owned());
    (status, code.0.to_owned(), pointer)
}

fn refused(code: &str, pointer: &str) -> (u16, String, Option<String>) {
    (422, code.to_owned(), Some(pointer.to_owned()))
}

#[tokio::test]
async fn fields_are_strict() {
    let good = token(rsa(), "john");
    let options = DecryptionOptions::new;
    let told = async |login: &str| answer(options(), document(login, &good)).await;
    assert_eq!(told(&good).await.0, 200);
    // In clear, or something else.
    assert_eq!(told(SECRET).await, refused("field_not_encrypted", "/login"));
    assert_eq!(told("").await, refused("field_not_encrypted", "/login"));
    assert_eq!(told("a.b.c").await, refused("field_not_encrypted", "/login"));
    let swapped = document(&good, SECRET);
    assert_eq!(answer(options(), swapped).await, refused("field_not_encrypted", "/password"));
    for value in ["null", "5", "{}", &format!("[\"{good}\"]")] {
        let body = format!(r#"{{"login":{value},"password":"{good}"}}"#);
        assert_eq!(
            answer(options(), body).await,
            refused("field_not_encrypted", "/login"),
            "{value}"
        );
    }
    // The key is named, and is one of ours.
    let unnamed = encrypter(rsa(), Kid::Omit, Enc::A256Gcm).encrypt(b"john").unwrap();
    assert_eq!(told(&unnamed).await, refused("missing_kid", "/login"));
    assert_eq!(told(&token(other_rsa(), "john")).await, refused("unknown_kid", "/login"));
    let given = |kid: &str| Kid::Given(kid.to_owned());
    let other_name = encrypter(rsa(), given("RSA-1"), Enc::A256Gcm).encrypt(b"john").unwrap();
    assert_eq!(told(&other_name).await, refused("unknown_kid", "/login"));
    // The alg is that of the key named.
    let other_alg = encrypter(rsa(), given("ec-1"), Enc::A256Gcm).encrypt(b"john").unwrap();
    assert_eq!(told(&other_alg).await, refused("alg_not_accepted", "/login"));
    let other_enc = encrypter(rsa(), Kid::FromKey, Enc::A128Gcm).encrypt(b"john").unwrap();
    assert_eq!(told(&other_enc).await, refused("enc_not_accepted", "/login"));
    // Both keys in one document is fine: a client may have fetched between two values.
    assert_eq!(told(&token(ec(), "john")).await.0, 200);
    // What is no token, seen before a key is touched.
    let parts: Vec<&str> = good.split('.').collect();
    let with = |at: usize, text: &str| {
        let mut parts = parts.clone();
        parts[at] = text;
        parts.join(".")
    };
    assert_eq!(told(&with(4, "QQ")).await, refused("part_length", "/login"));
    assert_eq!(told(&with(1, "QQ")).await, refused("part_length", "/login"));
    assert_eq!(told(&with(2, "QQ==")).await, refused("base64url", "/login"));
    assert_eq!(told(&with(0, "e30")).await, refused("header_missing_member", "/login"));
}

#[tokio::test]
async fn documents_are_strict() {
    let good = token(rsa(), "john");
    let options = DecryptionOptions::new;
    for (body, code) in [
        (String::new(), "document_not_json"),
        (format!("{} x", document(&good, &good)), "document_not_json"),
        (document(&good, &good).replace("33.0", "NaN"), "document_not_json"),
        (format!("\u{feff}{}", document(&good, &good)), "document_byte_order_mark"),
        (format!(r#"{{"a":{}{}}}"#, "[".repeat(200), "]".repeat(200)), "document_too_deep"),
    ] {
        assert_eq!(answer(options(), body).await, (400, code.to_owned(), None));
    }
    let latin: Vec<u8> = b"{\"a\":\"\xe9\"}".to_vec();
    assert_eq!(answer(options(), latin).await, (400, "document_not_utf8".to_owned(), None));
    // Which of two is meant is up to who reads.
    let twice = format!(r#"{{"login":"{good}","login":"clear","password":"{good}"}}"#);
    assert_eq!(answer(options(), twice).await, refused("field_ambiguous", "/login"));
    let hidden = format!(r#"{{"log\u0069n":"clear","login":"{good}","password":"{good}"}}"#);
    assert_eq!(answer(options(), hidden).await, refused("field_ambiguous", "/login"));
}

#[tokio::test]
async fn limits_hold() {
    let good = token(rsa(), "john");
    let options = DecryptionOptions::new;
    let limits = DocumentLimits::default().with_max_values(1);
    let told = answer(options().with_document_limits(limits), document(&good, &good)).await;
    assert_eq!(told, (413, "too_many_values".to_owned(), None));
    let limits = DocumentLimits::default().with_max_depth(0);
    let told = answer(options().with_document_limits(limits), document(&good, &good)).await;
    assert_eq!(told, (400, "document_too_deep".to_owned(), None));
    for (len, expected) in [(good.len(), None), (good.len() - 1, Some("token_too_long"))] {
        let limits = Limits::default().with_max_token_len(len);
        let told = answer(options().with_token_limits(limits), document(&good, &good)).await;
        match expected {
            None => assert_eq!(told.0, 200),
            Some(code) => assert_eq!(told, refused(code, "/login")),
        }
    }
    // By the length of the clear document too: each of these bytes takes six in JSON. That only the
    // plaintext tells, so nothing is told of it.
    let grows = token(rsa(), [1; 2000]);
    let body = format!(r#"{{"login":"{grows}","password":"{good}"}}"#);
    let longest = options().with_max_body_len(body.len());
    assert_eq!(answer(longest, body).await, refused("decryption_failed", "/login"));
}

#[tokio::test]
async fn paths_that_can_be_read_in_two_ways_are_refused() {
    let decryption = decryption(DecryptionOptions::new());
    for path in [
        "//users/7/connections",
        "/users//7/connections",
        "/users/7/connections//",
        "/users/./7/connections",
        "/users/8/../7/connections",
        "/users/7/connections/.",
        "/users/7/connections/..",
        "/%75sers/7/connections",
        "/users%2F7/connections",
        "/users%2f7/connections",
        "/users/7%5Cconnections",
        "/users/7/connections%00",
        "/users/7/connections%0a",
        "/users/7/connections%7F",
        "/users/7/connections%2E",
        "/users/7/%63onnections",
        "/users/7/connections%3Bx",
        "/users/7/connections;x=1",
        "/users/7/connections%3Fx",
        "/users/7/connections%23x",
        "/users/7/connections%252F",
        "/users/7/connections%",
        "/users/7/connections%4",
        "/users/7/connections%4g",
        "/users/7/connections%FF",
        "/users/7/connections%C0%AF",
        "/users/7/connec\u{e9}tions",
        "/users/7/\"connections\"",
        "/users/7/{connections}",
        "/elsewhere/../users/7/connections",
        "/elsewhere//",
        // A service behind may not tell them apart.
        "/Users/7/connections",
        "/users/7/CONNECTIONS/",
    ] {
        let (service, echo) = service(&decryption);
        let uri = http::Uri::try_from(path);
        let Ok(uri) = uri else {
            assert!(!path.is_ascii(), "{path}");
            continue;
        };
        let mut sent = post(document(SECRET, SECRET));
        *sent.uri_mut() = uri;
        let response = service.oneshot(sent).await.unwrap();
        let (status, members) = problem(response).await;
        assert_eq!((status, &members["code"]), (400, &"ambiguous_path".into()), "{path}");
        assert_eq!(echo.calls(), 0);
    }
    // With another method, another resource may be named in upper case.
    let (service, echo) = service(&decryption);
    let sent = request(Method::DELETE, "/Users/7/connections", Full::<Bytes>::default());
    assert_eq!(service.oneshot(sent).await.unwrap().status(), 200);
    assert_eq!(echo.calls(), 1);
}

#[tokio::test]
async fn a_request_is_what_it_seems() {
    let decryption = decryption(DecryptionOptions::new());
    let told = async |method: Method, target: &str, header: &'static str| {
        let (service, echo) = service(&decryption);
        let mut sent = request(method, target, Full::from(document(SECRET, SECRET)));
        if !header.is_empty() {
            sent.headers_mut().insert(HeaderName::from_static(header), "POST".parse().unwrap());
        }
        let response = service.oneshot(sent).await.unwrap();
        if let Some(got) = response.extensions().get::<Got>() {
            assert!(!got.replaced);
            assert_eq!(read(response.into_body()).await, document(SECRET, SECRET));
            return "passed".to_owned();
        }
        assert_eq!((response.status().as_u16(), echo.calls()), (400, 0));
        problem(response).await.1["code"].as_str().unwrap().to_owned()
    };
    let method_headers = ["x-http-method-override", "x-http-method", "x-method-override"];
    for header in method_headers {
        for method in [Method::GET, Method::DELETE, Method::OPTIONS] {
            assert_eq!(told(method.clone(), PATH, header).await, "method_override");
            assert_eq!(
                told(method.clone(), "/users/7/Connections", header).await,
                "method_override"
            );
            assert_eq!(told(method.clone(), "/users", header).await, "passed");
        }
        // On a route the other way round too.
        let response = {
            let (service, _) = service(&decryption);
            let mut sent = post(encrypted(rsa()));
            sent.headers_mut().insert(header, "DELETE".parse().unwrap());
            service.oneshot(sent).await.unwrap()
        };
        assert_eq!(problem(response).await.1["code"], "method_override");
    }
    for query in ["_method=POST", "a=b&_method=post", "%5fmethod=PUT", "a;_method", "%5Fm%65thod"] {
        let target = format!("{PATH}?{query}");
        assert_eq!(told(Method::GET, &target, "").await, "method_override", "{query}");
        assert_eq!(told(Method::GET, &format!("/users?{query}"), "").await, "passed");
    }
    for query in ["method=POST", "a=_method", "_methods=1", "%_method"] {
        assert_eq!(told(Method::GET, &format!("{PATH}?{query}"), "").await, "passed", "{query}");
    }
    for header in ["x-original-url", "x-rewrite-url"] {
        assert_eq!(told(Method::GET, "/users", header).await, "path_override");
        assert_eq!(told(Method::POST, PATH, header).await, "path_override");
    }
    for name in ["post", "Post", "pUT"] {
        let method: Method = name.parse().unwrap();
        assert_eq!(told(method.clone(), PATH, "").await, "ambiguous_method");
        assert_eq!(told(method.clone(), "/users", "").await, "passed");
        assert_eq!(told(method, "/users/../users", "").await, "ambiguous_path");
    }
    assert_eq!(told("get".parse().unwrap(), PATH, "").await, "passed");
}

#[tokio::test]
async fn a_body_is_json_as_it_is() {
    let decryption = decryption(DecryptionOptions::new());
    for (name, value, code) in [
        ("content-type", "text/plain", "media_type"),
        ("content-type", "application/json; charset=utf-16", "media_type"),
        ("content-encoding", "identity", "content_encoding"),
    ] {
        let (service, echo) = service(&decryption);
        let mut sent = post(encrypted(rsa()));
        sent.headers_mut().insert(name, value.parse().unwrap());
        let response = service.oneshot(sent).await.unwrap();
        let (status, members) = problem(response).await;
        assert_eq!((status, &members["code"]), (415, &code.into()));
        assert_eq!(echo.calls(), 0);
    }
}
