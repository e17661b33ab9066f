//! What is logged, by whoever listens.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::support_client::{Reply, Server, key, ok, public_json, source};

/// Writes down what is said by the key source from the level of a warning on.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN && metadata.target().starts_with("jwe_http")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = self.0.lock().unwrap();
        event.record(&mut Line(&mut text));
        text.push('\n');
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn another_key_under_the_same_kid_replaces_the_old_one_with_a_warning() {
    let listener = Listener::default();
    let guard = tracing::subscriber::set_default(listener.clone());
    let keys = [public_json(&key("k")), public_json(&key("k"))];
    let server = Server::start(move |number, _| match keys.get(number) {
        Some(key) => ok("", key.as_bytes()),
        None => Reply::HangUp,
    })
    .await;
    let options =
        crate::support_client::options().with_unknown_kid_interval(std::time::Duration::ZERO);
    let url = server.url("/publickey?token=s3cret");
    let source = jwe_http::client::KeySource::new(&url, options).unwrap();
    let first = source.current().await.unwrap();
    assert_eq!(*listener.0.lock().unwrap(), "");
    let second = source.unknown_kid("k").await.unwrap();
    assert!(!Arc::ptr_eq(&first, &second));
    assert_eq!(second.kid(), "k");
    let text = listener.0.lock().unwrap().clone();
    assert!(text.contains("another key is published under the kid of the last one"), "{text}");
    assert!(text.contains("kid=\"k\""), "{text}");

    source.unknown_kid("k").await.unwrap_err();
    drop(guard);
    let text = listener.0.lock().unwrap().clone();
    assert!(text.contains("code=\"key_unreachable\""), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
}

#[tokio::test]
async fn a_rotation_as_it_should_be_warns_of_nothing() {
    let listener = Listener::default();
    let _guard = tracing::subscriber::set_default(listener.clone());
    let keys = [public_json(&key("0")), public_json(&key("1"))];
    let server = Server::start(move |number, _| ok("", keys[number].as_bytes())).await;
    let source = source(&server);
    source.current().await.unwrap();
    assert_eq!(source.unknown_kid("0").await.unwrap().kid(), "1");
    assert_eq!(*listener.0.lock().unwrap(), "");
}
