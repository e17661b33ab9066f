//! Keys that change while requests come.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::{Client, Place, SECRET, Service, clear, eventually, post};

fn kid(key: &[u8]) -> String {
    let jwk: serde_json::Value = serde_json::from_slice(key).unwrap();
    jwk["kid"].as_str().unwrap().to_owned()
}

#[test]
fn a_rotation_is_picked_up_and_the_old_key_decrypts_on() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, ""));
    let mut client = Client::new(server.address);
    let before = client.get("/publickey").body;
    let old = place.encrypted_with(&before, "old");
    place.jwe(&["keys", "rotate", "keys", "--bits", "2048"]);
    eventually("the next key", || client.get("/publickey").body != before);
    let new = place.encrypted(&server, "new");
    assert_eq!(client.send(post("/users/7/connections", &old)).status, 200);
    assert_eq!(client.send(post("/users/7/connections", &new)).status, 200);
    let texts: Vec<String> = service.received().iter().map(|one| one.text()).collect();
    assert_eq!(texts, [clear("old"), clear("new")]);
    assert!(server.metric("jwe_key_reloads_total") >= 1.0);
}

#[test]
fn a_retired_key_ends_when_its_time_is_over() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, ""));
    let mut client = Client::new(server.address);
    let old = place.encrypted(&server, "old");
    place.jwe(&["keys", "rotate", "keys", "--bits", "2048", "--overlap", "2s"]);
    eventually("the end of the old key", || {
        let reply = client.send(post("/users/7/connections", &old));
        reply.status == 422 && reply.code() == "unknown_kid"
    });
}

#[test]
fn a_broken_directory_never_replaces_good_keys() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, ""));
    let mut client = Client::new(server.address);
    let key = client.get("/publickey").body;
    let body = place.encrypted_with(&key, SECRET);
    let works = |client: &mut Client, what: &str| {
        assert_eq!(client.get("/publickey").body, key, "{what}");
        assert_eq!(client.send(post("/users/7/connections", &body)).status, 200, "{what}");
    };
    let failures = || server.metric("jwe_key_reload_failures_total");
    let files: Vec<_> = fs::read_dir(place.path("keys"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    for (what, content) in [("half", Some(40)), ("empty", Some(0)), ("none", None)] {
        let before = failures();
        for (path, good) in &files {
            match content {
                Some(len) => fs::write(path, &good[..len.min(good.len())]).unwrap(),
                None => fs::remove_file(path).unwrap(),
            }
        }
        eventually(what, || failures() > before + 1.5);
        works(&mut client, what);
    }
    fs::rename(place.path("keys"), place.path("away")).unwrap();
    let before = failures();
    eventually("no folder", || failures() > before + 1.5);
    works(&mut client, "no folder");
    fs::rename(place.path("away"), place.path("keys")).unwrap();
    for (path, good) in &files {
        fs::write(path, good).unwrap();
        #[cfg(unix)]
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
    let settled = || {
        let before = failures();
        thread::sleep(Duration::from_millis(300));
        failures() < before + 0.5
    };
    eventually("the keys are whole again", settled);
    works(&mut client, "whole again");
    let log = server.stop();
    // Once for each thing that was wrong, and not for each look.
    let complaints = log.lines().filter(|line| line.contains("the keys in use stay")).count();
    assert!((1..=12).contains(&complaints), "{complaints}: {log}");
}

#[test]
fn a_rotation_every_second_under_load_loses_nothing() {
    let (place, service) = (Place::new(), Service::new());
    let server = place.serve(&place.config(&service, ""));
    let place = Arc::new(place);
    let stop = Arc::new(AtomicBool::new(false));
    let sent = Arc::new(AtomicUsize::new(0));
    let first = kid(&Client::new(server.address).get("/publickey").body);
    let clients: Vec<_> = (0..8)
        .map(|number| {
            let (place, stop, sent) = (Arc::clone(&place), Arc::clone(&stop), Arc::clone(&sent));
            let address = server.address;
            thread::spawn(move || {
                let mut client = Client::new(address);
                let mut passwords = Vec::new();
                while !stop.load(Ordering::SeqCst) {
                    let password = format!("{number}-{}", passwords.len());
                    let key = client.get("/publickey");
                    assert_eq!(key.status, 200);
                    let body = place.encrypted_with(&key.body, &password);
                    let reply = client.send(post("/users/7/connections", &body));
                    assert_eq!((reply.status, reply.text().as_str()), (200, "done"));
                    passwords.push(password);
                    sent.fetch_add(1, Ordering::SeqCst);
                }
                passwords
            })
        })
        .collect();
    for _ in 0..6 {
        place.jwe(&["keys", "rotate", "keys", "--bits", "2048"]);
        thread::sleep(Duration::from_secs(1));
    }
    stop.store(true, Ordering::SeqCst);
    let mut expected: Vec<String> = Vec::new();
    for client in clients {
        expected.extend(client.join().unwrap().iter().map(|password| clear(password)));
    }
    let mut received: Vec<String> = service.received().iter().map(|one| one.text()).collect();
    expected.sort();
    received.sort();
    assert_eq!(received, expected);
    assert!(sent.load(Ordering::SeqCst) > 16);
    assert_ne!(kid(&Client::new(server.address).get("/publickey").body), first);
    assert!(server.metric("jwe_key_reloads_total") >= 6.0);
    server.stop();
}
