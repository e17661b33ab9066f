//! What comes as a key, and what is taken as one.

use jwe_aws_lc_rs::AWS_LC_RS;
use jwe_core::{Alg, DecryptionKey, Enc, Jwk, KeyOptions};
use jwe_http::client::{KeySource, KeySourceOptions};

use crate::support_client::{
    ALG, Server, header, key, message, nobody, ok, options, provider, public_json, source, status,
};

/// The code with which an answer is refused.
async fn refusal(headers: &'static str, body: impl Into<Vec<u8>>) -> &'static str {
    let body = body.into();
    let server = Server::start(move |_, _| ok(headers, &body)).await;
    source(&server).current().await.unwrap_err().code()
}

/// The `kid` of the key that is taken.
async fn taken(options: KeySourceOptions, body: String) -> Result<String, &'static str> {
    let server = Server::start(move |_, _| ok("", body.as_bytes())).await;
    let source = KeySource::new(&server.url("/"), options).unwrap();
    source.current().await.map(|key| key.kid().to_owned()).map_err(|error| error.code())
}

fn set(members: &[String]) -> String {
    format!("{{\"keys\":[{}]}}", members.join(","))
}

/// A key with other members than it has.
fn with(key: &str, from: &str, to: &str) -> String {
    assert!(key.contains(from), "{key}");
    key.replace(from, to)
}

#[tokio::test]
async fn a_key_is_fetched_once_and_encrypts_for_its_owner() {
    let private = key("2026-11");
    let server = Server::of_key("content-type: application/jwk+json\r\n", &private).await;
    let source = KeySource::new(&server.url("/publickey?tenant=7"), options()).unwrap();
    assert_eq!(server.count(), 0, "nothing is fetched before it is needed");
    let key = source.current().await.unwrap();
    assert_eq!((key.kid(), key.alg(), key.enc()), ("2026-11", ALG, Enc::A256Gcm));
    for _ in 0..10 {
        assert!(std::sync::Arc::ptr_eq(&key, &source.current().await.unwrap()));
    }
    let token = key.encrypter().encrypt(b"s3cret").unwrap();
    let private = DecryptionKey::import(&AWS_LC_RS, &private, &KeyOptions::new()).unwrap();
    let decrypter = jwe_core::Decrypter::new(&AWS_LC_RS, [private], &[Enc::A256Gcm]).unwrap();
    assert_eq!(decrypter.decrypt(&token).unwrap().as_slice(), b"s3cret");

    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert!(requests[0].starts_with("GET /publickey?tenant=7 HTTP/1.1\r\n"), "{requests:?}");
    assert!(header(&requests[0], "accept").unwrap().starts_with("application/jwk+json, "));
    assert_eq!(header(&requests[0], "accept-encoding").as_deref(), Some("identity"));
    assert_eq!(header(&requests[0], "if-none-match"), None);
    assert_eq!(header(&requests[0], "cache-control"), None);
}

#[tokio::test]
async fn what_is_no_public_key_for_encryption_is_refused() {
    let private = key("k");
    let public = public_json(&private);
    let symmetric = r#"{"kty":"oct","kid":"k","alg":"A256KW","k":"AAECAwQFBgcICQoLDA0ODw"}"#;
    let private = private.to_json().to_string();
    let cases: &[(&str, &'static str)] = &[
        ("", "key_empty"),
        ("<!DOCTYPE html><title>Welcome</title>", "key_unknown_format"),
        ("{\"error\":\"no\"}", "key_missing_member"),
        ("{\"kty\":", "key_not_json"),
        ("{\"keys\":{}}", "key_invalid_member"),
        ("{\"keys\":[]}", "key_empty"),
        ("null", "key_unknown_format"),
        (symmetric, "key_secret_published"),
        (&private, "key_secret_published"),
        (&set(&[public.clone(), symmetric.to_owned()]), "key_secret_published"),
        (&set(&[public.clone(), private.clone()]), "key_secret_published"),
        // Those that can't be used are not overlooked.
        (&set(&[public.clone(), with(&private, "P-256", "P-255")]), "key_secret_published"),
        (&set(&[public.clone(), r#"{"kty":"oct","k":""}"#.to_owned()]), "key_secret_published"),
        (
            &set(&[public.clone(), r#"{"kty":"AKP","priv":"AA"}"#.to_owned()]),
            "key_secret_published",
        ),
        (&with(&public, "\"kid\":\"k\",", ""), "key_missing_kid"),
        (&with(&public, "\"kid\":\"k\"", "\"kid\":\"\""), "key_invalid_kid"),
        (&with(&public, "\"kid\":\"k\"", "\"kid\":\"a\\nb\""), "key_invalid_kid"),
        (&with(&public, "\"use\":\"enc\"", "\"use\":\"sig\""), "key_usage"),
        (&with(&public, "\"use\":\"enc\"", "\"key_ops\":[\"verify\"]"), "key_usage"),
        (&with(&public, "ECDH-ES+A256KW", "ECDH-ES"), "key_alg_conflict"),
        (&with(&public, "ECDH-ES+A256KW", "ES256"), "key_alg_conflict"),
        (&with(&public, "ECDH-ES+A256KW", "ecdh-es+a256kw"), "key_alg_conflict"),
        (&set(&[public.clone(), public.clone()]), "key_ambiguous"),
        (&set(&["{\"kty\":\"EC\"}".to_owned()]), "key_missing_member"),
    ];
    for (body, code) in cases {
        assert_eq!(refusal("content-type: application/jwk+json\r\n", *body).await, *code, "{body}");
    }
    assert_eq!(refusal("", b"\xff\xfe".to_vec()).await, "key_unknown_format");
}

#[tokio::test]
async fn the_media_type_may_be_any() {
    for headers in ["", "content-type: text/plain\r\n", "content-type: application/json\r\n"] {
        let server = Server::of_key(headers, &key("k")).await;
        assert_eq!(source(&server).current().await.unwrap().kid(), "k", "{headers}");
    }
}

#[tokio::test]
async fn a_content_encoding_is_refused() {
    let body = public_json(&key("k"));
    for coding in ["gzip", "br", "identity, gzip", "", "x"] {
        let headers: &'static str = format!("content-encoding: {coding}\r\n").leak();
        assert_eq!(refusal(headers, body.clone()).await, "key_content_encoding", "{coding}");
    }
    let server = Server::of_key("content-encoding: Identity\r\n", &key("k")).await;
    assert_eq!(source(&server).current().await.unwrap().kid(), "k");
}

#[tokio::test]
async fn of_a_set_the_first_usable_key_is_taken_or_the_one_that_is_named() {
    let keys = ["a", "b", "c"].map(|kid| public_json(&key(kid)));
    let signs = with(&keys[0], "\"use\":\"enc\"", "\"use\":\"sig\"");
    let nameless = with(&keys[0], "\"kid\":\"a\",", "");
    let unknown = r#"{"kty":"EC","crv":"secp256k1","kid":"a"}"#.to_owned();
    for first in [signs.clone(), nameless, unknown] {
        let set = set(&[first, keys[1].clone(), keys[2].clone()]);
        assert_eq!(taken(options(), set.clone()).await, Ok("b".to_owned()));
        assert_eq!(taken(options().with_kid("c"), set.clone()).await, Ok("c".to_owned()));
        assert_eq!(taken(options().with_kid("d"), set).await, Err("key_no_such_kid"));
    }
    let set = set(&[signs, keys[1].clone()]);
    assert_eq!(taken(options().with_kid("a"), set).await, Err("key_usage"));
    assert_eq!(taken(options().with_kid("b"), keys[0].clone()).await, Err("key_no_such_kid"));
}

#[tokio::test]
async fn the_key_is_bound_to_an_accepted_algorithm() {
    let es = |algs: &[Alg]| KeySourceOptions::new(AWS_LC_RS, algs, Enc::A256Gcm, provider());
    let named = public_json(&key("k"));
    let unnamed = with(&named, "\"alg\":\"ECDH-ES+A256KW\",", "");
    let ok = Ok("k".to_owned());
    let both = [Alg::RsaOaep256, ALG];
    assert_eq!(taken(es(&both), named.clone()).await, ok);
    assert_eq!(taken(es(&both), unnamed.clone()).await, ok, "one of them is for such keys");
    assert_eq!(taken(es(&[Alg::EcdhEs, ALG]), named.clone()).await, ok);
    assert_eq!(taken(es(&[Alg::EcdhEs, ALG]), unnamed.clone()).await, Err("key_missing_alg"));
    assert_eq!(taken(es(&[Alg::RsaOaep256]), unnamed).await, Err("key_alg_type"));
    assert_eq!(taken(es(&[Alg::EcdhEs]), named).await, Err("key_alg_conflict"));
}

#[tokio::test]
async fn any_other_status_is_refused() {
    for text in ["404 Not Found", "500 Oops", "206 Partial Content", "204 No Content", "401 No"] {
        let server = Server::start(move |_, _| status(text, "")).await;
        let error = source(&server).current().await.unwrap_err();
        assert_eq!(error.code(), "key_status", "{text}");
        assert!(error.to_string().contains(&text[..3]), "{error}");
    }
    // With a body that would be a key.
    let body = public_json(&key("k"));
    let bytes = message("203 Non-Authoritative Information", "", body.as_bytes());
    let reply = move |_: usize, _: &str| crate::support_client::Reply::Bytes(bytes.clone());
    let server = Server::start(reply).await;
    assert_eq!(source(&server).current().await.unwrap_err().code(), "key_status");
    // "Not modified", although nothing was there.
    let server = Server::start(|_, _| {
        crate::support_client::Reply::Bytes(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec())
    })
    .await;
    assert_eq!(source(&server).current().await.unwrap_err().code(), "key_status");
}

#[tokio::test]
async fn settings_and_urls_that_can_not_be_right_are_refused_at_once() {
    use std::time::Duration;
    let code = |url: &str, options| KeySource::new(url, options).unwrap_err().code();
    let url = "http://127.0.0.1:1/publickey";
    let none = KeySourceOptions::new(AWS_LC_RS, &[], Enc::A256Gcm, provider());
    let second = Duration::from_secs(1);
    assert_eq!(code(url, none), "key_source_options");
    for options in [
        options().with_timeouts(Duration::ZERO, second),
        options().with_timeouts(second, Duration::ZERO),
        options().with_lifetime(Duration::ZERO..=second, second),
        options().with_lifetime(second * 2..=second, second),
        options().with_lifetime(second..=Duration::MAX, second),
        options().with_max_staleness(Duration::MAX),
        options().with_unknown_kid_interval(Duration::MAX),
    ] {
        assert_eq!(code(url, options), "key_source_options");
    }
    assert_eq!(code("http://api.example/publickey", options()), "key_url");
    assert_eq!(code("https://api.example/", options().with_authorities("x")), "key_source_tls");
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let url = format!("http://{}/publickey?token=s3cret", nobody().await);
    let source = KeySource::new(&url, options()).unwrap();
    let error = source.current().await.unwrap_err();
    assert_eq!(error.code(), "key_unreachable");
    for text in [format!("{source:?}"), format!("{error:?}"), error.to_string()] {
        assert!(!text.contains("s3cret"), "{text}");
    }
    let private = r#"{"kty":"oct","kid":"k","alg":"A256KW","k":"czNjcmV0czNjcmV0czNjcmV0"}"#;
    let server = Server::start(move |_, _| ok("", private.as_bytes())).await;
    let error = crate::support_client::source(&server).current().await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("czNj"));
    assert!(Jwk::from_json(private.as_bytes()).is_ok());
}
