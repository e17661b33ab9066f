//! A URL in a token or a key, which nobody is to ask for anything.

use serde_json::json;

use super::target::{Case, Target};
use super::traced::{calls, can_trace};
use crate::support::server::Server;
use crate::support::{Place, public_jwk, with};

pub(crate) fn check(backend: &'static str) {
    let target = Target::usual(backend);
    let server = Server::of(public_jwk().to_string());
    let urls = [
        server.url("/"),
        server.url("/").replacen("http", "https", 1),
        "file:///etc/passwd".to_owned(),
        "ftp://127.0.0.1/".to_owned(),
        "data:application/json,{}".to_owned(),
        format!("//127.0.0.1:{}/", server.port),
    ];
    let tracing = can_trace();
    let silent = |place: &Place, args: &str, input: &str, code: i32| {
        if tracing {
            let calls = calls(place, place.jwe(args), input.as_bytes());
            assert_eq!(calls.code, Some(code), "{args}");
            assert_eq!(calls.connections, Vec::<String>::new(), "{args}");
            assert!(!calls.files.contains("/etc/passwd"), "{:?}", calls.files);
        } else {
            assert_eq!(place.jwe(args).stdin(input).run().code, Some(code), "{args}");
        }
    };
    let options = format!("--key key.jwk --backend {backend}");
    for (at, url) in urls.iter().enumerate() {
        for name in ["jku", "x5u"] {
            let header = target.header(&format!(r#","{name}":"{url}""#));
            // Sealed well it opens, forged it does not, and an unknown kid is no reason to ask.
            let sealed = target.sealed(&header, b"s3cret");
            target.accepts(&sealed, b"s3cret");
            let other = header.replace(target.kid(), "other");
            let cases: Vec<Case> = vec![
                (target.with_header(&header), "decryption_failed"),
                (target.with_header(&other), "unknown_kid"),
            ];
            if at == 0 {
                target.refuses_all(&cases);
                silent(&target.place, &format!("decrypt {options}"), &sealed, 0);
                silent(&target.place, &format!("decrypt {options}"), &cases[1].0, 1);
                silent(&target.place, "inspect", &sealed, 0);
                let document = json!({ "a": sealed }).to_string();
                let fields = format!("fields decrypt --field /a {options}");
                silent(&target.place, &fields, &document, 0);
            } else {
                target.rejects_all(&cases);
                silent(&target.place, &format!("decrypt {options}"), &cases[0].0, 1);
            }
        }
    }
    // In a message of JSON outside of what is protected, and in keys.
    let message = target.flattened(&format!(r#","unprotected":{{"jku":"{}"}}"#, urls[0]));
    silent(&target.place, &format!("decrypt {options} --serialization flattened"), &message, 0);
    let key = with(public_jwk(), &json!({ "jku": urls[0], "x5u": urls[0] }));
    target.place.write("pointing.jwk", key.to_string());
    silent(&target.place, &format!("encrypt --key pointing.jwk --backend {backend}"), "s3cret", 0);
    silent(&target.place, "thumbprint pointing.jwk", "", 0);
    assert_eq!(server.connections(), 0);

    // The control: where a key is at a URL, it is asked for, and that is seen.
    let encrypt = format!("encrypt --backend {backend} --key {}", urls[0]);
    if tracing {
        let calls = calls(&target.place, target.place.jwe(&encrypt), b"s3cret");
        assert_eq!(calls.code, Some(0));
        assert_eq!(calls.connections.len(), 1, "{calls:?}");
    } else {
        target.place.jwe(&encrypt).stdin("s3cret").run().ok();
    }
    assert_eq!(server.connections(), 1);
}
