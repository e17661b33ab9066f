//! What the service gets.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Method;
use http_body::{Body, Frame};
use http_body_util::Full;
use jwe_aws_lc_rs::AWS_LC_RS;
use jwe_core::{Enc, Kid};
use jwe_http::{DecryptFieldsLayer, DecryptionOptions, EitherBody, FieldDecryption, FieldRoutes};
use tower::{Layer, ServiceExt};

use super::{Frames, Got, service};
use crate::field_support::{
    PATH, SECRET, decryption, decryption_key, document, ec, encrypted, encrypter, other_rsa, post,
    problem, read, request, routes, rsa, token,
};

#[tokio::test]
async fn the_service_gets_clear_fields() {
    let decryption = decryption(DecryptionOptions::new());
    for jwk in [rsa(), ec()] {
        for (method, target) in
            [(Method::POST, PATH), (Method::PUT, "/users/%C3%A9%20/connections/?a=%2F..")]
        {
            let (service, echo) = service(&decryption);
            let mut sent = request(method.clone(), target, Full::from(encrypted(jwk)));
            let headers = sent.headers_mut();
            for name in [
                "transfer-encoding",
                "trailer",
                "content-md5",
                "digest",
                "content-digest",
                "repr-digest",
            ] {
                headers.insert(name, "x".parse().unwrap());
            }
            headers.insert("x-kept", "1".parse().unwrap());
            let response = service.oneshot(sent).await.unwrap();
            assert_eq!(echo.calls(), 1);
            let got = response.extensions().get::<Got>().unwrap().clone();
            let body = read(response.into_body()).await;
            assert_eq!(body, document("john", SECRET));
            assert_eq!((got.method, got.uri.to_string()), (method, target.to_owned()));
            assert!(got.replaced);
            let headers = got.headers.iter().map(|(name, value)| {
                (name.as_str().to_owned(), value.to_str().unwrap().to_owned())
            });
            let mut headers: Vec<_> = headers.collect();
            headers.sort();
            let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            assert_eq!(
                headers,
                [
                    own("content-length", &body.len().to_string()),
                    own("content-type", "application/json"),
                    own("x-kept", "1"),
                ]
            );
        }
    }
}

/// Each route by its own settings; the frames of the body make no difference.
#[tokio::test]
async fn routes_have_settings() {
    let decryption = decryption(DecryptionOptions::new());
    let sent = format!(r#"{{"password":"{}"}}"#, token(rsa(), SECRET));
    for (method, expected) in [(Method::PATCH, Ok(())), (Method::POST, Err("field_missing"))] {
        let frames = sent.as_bytes().chunks(7).map(Bytes::copy_from_slice).map(Frame::data);
        let frames = frames.chain([Frame::trailers(http::HeaderMap::new())]).map(Some);
        let (body, _) = Frames::new(frames);
        let (service, echo) = service(&decryption);
        let response = service.oneshot(request(method, PATH, body)).await.unwrap();
        match expected {
            Ok(()) => {
                let body = read(response.into_body()).await;
                assert_eq!(body, format!(r#"{{"password":"{SECRET}"}}"#));
            }
            Err(code) => {
                let (status, members) = problem(response).await;
                assert_eq!((status, &members["code"]), (422, &code.into()));
                assert_eq!(members["pointer"], "/login");
                assert_eq!(echo.calls(), 0);
            }
        }
    }
    let (service, _) = service(&decryption);
    let values = ["[1, {\"a\":null}]", "\"text\"", "7.0"];
    let tokens = values.map(|value| format!("\"{}\"", token(ec(), value)));
    let body = Full::from(format!(r#"{{"values": [{}]}}"#, tokens.join(", ")));
    let sent = request(Method::POST, "/lists/a/b/c", body);
    let response = service.oneshot(sent).await.unwrap();
    let body = read(response.into_body()).await;
    assert_eq!(body, format!(r#"{{"values": [{}]}}"#, values.join(", ")));
}

#[tokio::test]
async fn what_has_no_route_is_not_touched() {
    let decryption = decryption(DecryptionOptions::new());
    for (method, target) in [
        (Method::POST, "/"),
        (Method::POST, "/users/7"),
        (Method::POST, "/users/7/connections/8"),
        (Method::POST, "/elsewhere?path=/users/7/connections"),
        (Method::GET, PATH),
        (Method::HEAD, PATH),
        (Method::DELETE, PATH),
        (Method::GET, "/users/7%20/a@b:c,d=e+f~_-.!$&'()*"),
        (Method::OPTIONS, "*"),
    ] {
        let (body, polls) = Frames::of("not JSON, and clear", 4);
        let (service, echo) = service(&decryption);
        let mut sent = request(method.clone(), target, body);
        let headers = sent.headers_mut();
        headers.clear();
        headers.insert("content-encoding", "gzip".parse().unwrap());
        headers.insert("content-length", "99999999999".parse().unwrap());
        headers.insert("x-http-method-override", "GET".parse().unwrap());
        if target == PATH {
            headers.remove("x-http-method-override");
        }
        let headers = headers.clone();
        let response = service.oneshot(sent).await.unwrap();
        let got = response.extensions().get::<Got>().unwrap().clone();
        assert_eq!((got.method, got.uri.to_string()), (method, target.to_owned()));
        assert_eq!(got.headers, headers);
        assert!(!got.replaced);
        assert_eq!(read(response.into_body()).await, "not JSON, and clear");
        assert_eq!((echo.calls(), polls.load(Ordering::SeqCst)), (1, 6));
    }
}

/// A body that nobody reads is not read.
#[tokio::test]
async fn passing_reads_nothing() {
    let decryption = decryption(DecryptionOptions::new());
    let (body, polls) = Frames::of("a body", 1);
    let inner = tower::service_fn(async |request: http::Request<EitherBody<Frames>>| {
        assert!(!request.body().is_replaced());
        Ok::<_, Infallible>(http::Response::new(Full::<Bytes>::default()))
    });
    let layer = DecryptFieldsLayer::new(decryption);
    let service = layer.layer(inner);
    service.oneshot(request(Method::POST, "/elsewhere", body)).await.unwrap();
    assert_eq!(polls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn keys_are_replaced_at_once_and_for_later_requests() {
    let decryption = decryption(DecryptionOptions::new());
    let replaced = decryption.clone();
    // A request whose body is on its way when the keys change.
    let (sender, receiver) = tokio::sync::oneshot::channel::<Bytes>();
    let body = Waiting(receiver);
    let (early, _) = service(&decryption);
    let early = tokio::spawn(early.oneshot(request(Method::POST, PATH, body)));
    tokio::task::yield_now().await;
    replaced.replace_keys([decryption_key(&AWS_LC_RS, other_rsa())]).unwrap();
    sender.send(encrypted(rsa()).into()).unwrap();
    let response = early.await.unwrap().unwrap();
    assert_eq!(read(response.into_body()).await, document("john", SECRET));

    let (service, _) = service(&decryption);
    let response = service.clone().oneshot(post(encrypted(other_rsa()))).await.unwrap();
    assert_eq!(read(response.into_body()).await, document("john", SECRET));
    let response = service.clone().oneshot(post(encrypted(rsa()))).await.unwrap();
    assert_eq!(problem(response).await.1["code"], "unknown_kid");

    // What can't be set up changes nothing.
    let key = || decryption_key(&AWS_LC_RS, rsa());
    for (keys, code) in [(vec![], "setup_no_key"), (vec![key(), key()], "setup_ambiguous_kid")] {
        assert_eq!(decryption.replace_keys(keys).unwrap_err().code(), code);
    }
    let response = service.oneshot(post(encrypted(other_rsa()))).await.unwrap();
    assert_eq!(response.status(), 200);
}

/// One frame that is not there yet.
struct Waiting(tokio::sync::oneshot::Receiver<Bytes>);

impl Body for Waiting {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.0.is_terminated() {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.0).poll(context).map(|bytes| Some(Ok(Frame::data(bytes.unwrap()))))
    }
}

#[test]
fn what_can_t_be_set_up_is_refused() {
    let backend = &AWS_LC_RS;
    let key = || decryption_key(backend, rsa());
    let unnamed = {
        let options = jwe_core::KeyOptions::new().with_kid(Kid::Omit);
        jwe_core::DecryptionKey::import(backend, rsa(), &options).unwrap()
    };
    let new = |keys: Vec<_>, enc: &[Enc], routes| {
        FieldDecryption::new(backend, keys, enc, routes, DecryptionOptions::new())
            .map(|_| ())
            .map_err(|error| {
                assert!(!error.to_string().is_empty());
                error.code()
            })
    };
    let gcm = [Enc::A256Gcm];
    assert_eq!(new(vec![key()], &gcm, routes()), Ok(()));
    assert_eq!(new(vec![key()], &gcm, FieldRoutes::new()), Err("no_route"));
    assert_eq!(new(vec![], &gcm, routes()), Err("setup_no_key"));
    assert_eq!(new(vec![key()], &[], routes()), Err("setup_no_accepted_enc"));
    assert_eq!(new(vec![key(), key()], &gcm, routes()), Err("setup_ambiguous_kid"));
    assert_eq!(new(vec![unnamed], &gcm, routes()), Err("key_without_kid"));
}

/// Nothing that can be printed shows a value.
#[tokio::test]
async fn debug_shows_no_value() {
    let decryption = decryption(DecryptionOptions::new());
    let inner = tower::service_fn(async |request: http::Request<EitherBody<Full<Bytes>>>| {
        assert!(request.body().is_replaced());
        let shown = format!("{request:?}");
        assert!(!shown.contains(SECRET) && !shown.contains("john"), "{shown}");
        Ok::<_, Infallible>(http::Response::new(Full::<Bytes>::default()))
    });
    let layer = DecryptFieldsLayer::new(decryption.clone());
    let response = layer.layer(inner).oneshot(post(encrypted(rsa()))).await;
    assert_eq!(response.unwrap().status(), 200);
    let (service, _) = service(&decryption);
    let future = service.clone().oneshot(post(encrypted(rsa())));
    let shown = format!("{layer:?} {service:?} {decryption:?} {future:?}");
    assert!(shown.contains("/users/{id}/connections"), "{shown}");
    for hidden in [SECRET, "john", "\"d\"", "RsaPrivate"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

/// The sender's other choices.
#[tokio::test]
async fn the_enc_is_one_that_is_accepted() {
    let keys = [decryption_key(&AWS_LC_RS, rsa())];
    let accepted = [Enc::A256CbcHs512, Enc::A128Gcm];
    let options = DecryptionOptions::new();
    let decryption = FieldDecryption::new(&AWS_LC_RS, keys, &accepted, routes(), options).unwrap();
    for (enc, expected) in [
        (Enc::A256CbcHs512, Ok(())),
        (Enc::A128Gcm, Ok(())),
        (Enc::A256Gcm, Err("enc_not_accepted")),
        (Enc::A128CbcHs256, Err("enc_not_accepted")),
    ] {
        let token = encrypter(rsa(), Kid::FromKey, enc).encrypt(b"john").unwrap();
        let (service, _) = service(&decryption);
        let response = service.oneshot(post(document(&token, &token))).await.unwrap();
        match expected {
            Ok(()) => assert_eq!(read(response.into_body()).await, document("john", "john")),
            Err(code) => {
                let (status, members) = problem(response).await;
                assert_eq!((status, &members["code"]), (422, &code.into()));
                assert_eq!(members["pointer"], "/login");
            }
        }
    }
    // Even if there is one key only, it has to be named.
    let unnamed = encrypter(rsa(), Kid::Omit, Enc::A128Gcm).encrypt(b"john").unwrap();
    let (service, _) = service(&decryption);
    let response = service.oneshot(post(document(&unnamed, &unnamed))).await.unwrap();
    assert_eq!(problem(response).await.1["code"], "missing_kid");
}
