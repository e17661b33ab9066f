//! The folder as it is changed, read meanwhile, interrupted and broken.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, Method, StatusCode};
use jwe_aws_lc_rs::AWS_LC_RS;
use jwe_core::{Alg, Curve, Enc, KeyOptions};
use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::{PublishedKeys, Representation};

const HOUR: Duration = Duration::from_secs(3600);

fn ec() -> NewKey {
    NewKey::new(Alg::EcdhEsA256Kw).unwrap().with_curve(Curve::P256)
}

fn rsa() -> NewKey {
    NewKey::default().with_bits(2048)
}

/// A folder with keys, in one that goes with the test.
fn folder(new: &NewKey) -> (TempDir, KeyDirectory, KeyRing) {
    let parent = tempfile::tempdir().unwrap();
    let directory = KeyDirectory::new(parent.path().join("keys"), &AWS_LC_RS);
    let ring = directory.init(new).unwrap();
    (parent, directory, ring)
}

fn files(directory: &KeyDirectory) -> Vec<PathBuf> {
    directory.files().unwrap()
}

fn code(directory: &KeyDirectory) -> &'static str {
    directory.load().unwrap_err().code()
}

fn kids(ring: &KeyRing) -> Vec<&str> {
    ring.keys().map(StoredKey::kid).collect()
}

#[test]
fn keys_go_from_next_to_current_to_retired_to_nothing() {
    let (_parent, directory, first) = folder(&ec());
    assert_eq!(first.current().state(), KeyState::Current);
    assert_eq!(first.next().unwrap().state(), KeyState::Next);
    assert_eq!(first.retired().count(), 0);
    assert_eq!(kids(&directory.load().unwrap()), kids(&first));

    let now = SystemTime::now();
    let second = directory.rotate(&ec(), HOUR).unwrap();
    assert_eq!(second.current().kid(), first.next().unwrap().kid());
    assert!(!kids(&first).contains(&second.next().unwrap().kid()));
    let retired = second.retired().next().unwrap();
    assert_eq!(retired.kid(), first.current().kid());
    assert!(retired.decrypts_at(now) && !retired.decrypts_at(now + 2 * HOUR));
    assert_eq!(kids(&directory.load().unwrap()), kids(&second));

    // The latest comes first.
    let third = directory.rotate(&ec(), Duration::ZERO).unwrap();
    assert_eq!(third.retired().count(), 2);
    let options = KeyOptions::new();
    let at = |time| third.decryption_keys(&AWS_LC_RS, &options, time).unwrap().len();
    assert_eq!((at(now), at(now + HOUR / 2), at(now + 2 * HOUR)), (3, 3, 2));

    assert_eq!(directory.prune().unwrap(), [second.current().kid()]);
    let kid = first.current().kid();
    directory.retire(kid).unwrap();
    assert_eq!(directory.prune().unwrap(), [kid]);
    assert_eq!(directory.prune().unwrap(), Vec::<String>::new());
    assert_eq!(directory.load().unwrap().retired().count(), 0);
    assert_eq!(directory.retire(kid).unwrap_err().code(), "keys_no_such_kid");
    let current = third.current().kid();
    assert_eq!(directory.retire(current).unwrap_err().code(), "keys_is_current");
    // The next one is never used, then; a rotation makes another.
    let next = third.next().unwrap().kid();
    assert!(directory.retire(next).unwrap().next().is_none());
    let repaired = directory.rotate(&ec(), HOUR).unwrap();
    assert_eq!(repaired.current().kid(), current);
    assert!(repaired.next().is_some());
    assert_eq!(directory.init(&ec()).unwrap_err().code(), "keys_exist");
}

/// A file opens by itself what is encrypted for its key, and says what the standard says of keys.
#[test]
fn a_file_is_a_private_jwk() {
    let (_parent, directory, ring) = folder(&rsa());
    for path in files(&directory) {
        let text = fs::read(&path).unwrap();
        let jwk = jwe_core::Jwk::from_json(&text).unwrap();
        assert!(jwk.is_private());
        assert_eq!(path.file_stem().unwrap().to_str(), jwk.kid());
        let json: Value = serde_json::from_slice(&text).unwrap();
        let is_current = jwk.kid() == Some(ring.current().kid());
        assert_eq!(json["state"], if is_current { "current" } else { "next" });
        assert_eq!(json["nbf"].is_u64(), is_current);
        assert!(json["iat"].is_u64() && json["exp"].is_null());
        assert_eq!(json["alg"], "RSA-OAEP-256");
    }
    let keys = ring.decryption_keys(&AWS_LC_RS, &KeyOptions::new(), SystemTime::now()).unwrap();
    let sender = jwe_core::EncryptionKey::import(
        &AWS_LC_RS,
        &jwe_core::Jwk::from_json(PublishedKeys::new(&ring).unwrap().current().body()).unwrap(),
        &KeyOptions::new(),
    )
    .unwrap();
    let encrypter = jwe_core::Encrypter::new(&AWS_LC_RS, &sender, Enc::A256Gcm).unwrap();
    let token = encrypter.encrypt(b"s3cret").unwrap();
    let decrypter = jwe_core::Decrypter::new(&AWS_LC_RS, keys, &[Enc::A256Gcm]).unwrap();
    assert_eq!(decrypter.require_kid().decrypt(&token).unwrap().as_slice(), b"s3cret");
}

#[test]
fn what_can_not_be_published_is_not_made() {
    for alg in [Alg::Dir, Alg::A256Kw, Alg::Pbes2Hs256A128Kw] {
        assert_eq!(NewKey::new(alg).unwrap_err().code(), "keys_not_public");
    }
}

/// At each step at which a rotation can be interrupted, the folder can be used, and the next call finishes.
#[test]
fn an_interrupted_rotation_is_finished() {
    // Before anything, with two current keys, and without a next one.
    for steps in 0..3 {
        let (_parent, directory, ring) = folder(&ec());
        let (old, next) = (ring.current().kid(), ring.next().unwrap().kid());
        let mut left = steps;
        let outcome = directory.rotate_at(&ec(), HOUR, SystemTime::now(), &mut || {
            left -= 1;
            let path = PathBuf::from("interrupted");
            if left >= 0 { Ok(()) } else { Err(KeyDirectoryError::NoCurrent { path }) }
        });
        assert!(outcome.is_err());
        let found = directory.load().unwrap();
        assert_eq!(found.current().kid(), if steps == 0 { old } else { next });
        assert!(kids(&found).contains(&old) && kids(&found).contains(&next));
        let far = SystemTime::now() + 100 * HOUR;
        let decrypting = found.keys().filter(|key| key.decrypts_at(far)).count();
        assert_eq!(decrypting, if steps == 2 { 1 } else { 2 }, "{steps}");

        let finished = directory.rotate(&ec(), HOUR).unwrap();
        assert_eq!(finished.current().kid(), next);
        assert!(finished.next().is_some());
        let retired: Vec<_> = finished.retired().collect();
        assert!(retired.iter().any(|key| key.kid() == old && key.expires().is_some()));
        assert_eq!(retired.len(), 1);
    }
}

/// Who reads while others rotate always finds a current key, and each key is current once.
#[test]
fn readers_and_rotations_beside_each_other() {
    let (_parent, directory, first) = folder(&ec());
    let done = AtomicBool::new(false);
    let reads = thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut reads = 0;
                    while !done.load(Ordering::Relaxed) {
                        directory.load().unwrap();
                        reads += 1;
                    }
                    reads
                })
            })
            .collect();
        let writers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..5 {
                        directory.rotate(&ec(), HOUR).unwrap();
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
        readers.into_iter().map(|reader| reader.join().unwrap()).sum::<usize>()
    });
    assert!(reads > 0);
    let ring = directory.load().unwrap();
    assert_eq!(ring.retired().count(), 15);
    assert!(ring.retired().any(|key| key.kid() == first.current().kid()));
    // One file a key, and nothing left over.
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 17);
}

#[test]
fn a_broken_file_is_an_error_of_the_folder() {
    let (_parent, directory, ring) = folder(&ec());
    let path = |kid: &str| directory.path().join(format!("{kid}.jwk"));
    let (current, next) = (path(ring.current().kid()), path(ring.next().unwrap().kid()));
    let good = fs::read_to_string(&next).unwrap();
    let public = ring.next().unwrap().jwk().to_public().unwrap().to_json().to_string();
    let symmetric =
        r#""kty":"oct","kid":"k","alg":"dir","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#;
    let members = r#"{"state":"next","iat":1,"#;
    for (text, wanted) in [
        (String::new(), "key_not_json"),
        (good[..good.len() / 2].to_owned(), "key_not_json"),
        ("{}".to_owned(), "key_missing_member"),
        (good.replace("\"state\":\"next\",", ""), "keys_state"),
        (good.replace("\"next\"", "\"old\""), "keys_state"),
        (good.replace("\"next\"", "1"), "keys_state"),
        (good.replace("\"next\"", "\"retired\""), "keys_state"),
        (good.replace("\"next\"", "\"current\""), "keys_state"),
        (good.replace("\"iat\":", "\"made\":"), "keys_state"),
        (good.replace("{\"state\"", "{\"state\":\"current\",\"state\""), "keys_state"),
        (good.replace("\"alg\":\"ECDH-ES+A256KW\",", ""), "keys_state"),
        (good.replace("ECDH-ES+A256KW", "ES256"), "keys_state"),
        (good.replace(ring.next().unwrap().kid(), ring.current().kid()), "keys_same_kid"),
        (public.replacen('{', members, 1), "keys_state"),
        (format!("{members}{symmetric}"), "keys_state"),
        ("x".repeat(70_000), "key_too_large"),
    ] {
        assert_ne!(text, good);
        fs::write(&next, &text).unwrap();
        let error = directory.load().unwrap_err();
        assert_eq!(error.code(), wanted, "{error}");
        assert!(error.to_string().contains("jwk"), "{error}");
    }
    // A duplicate of the next key under another id.
    fs::write(&next, &good).unwrap();
    let second = directory.path().join("second.jwk");
    fs::copy(&next, &second).unwrap();
    assert_eq!(code(&directory), "keys_same_kid");
    let other = good.replace(ring.next().unwrap().kid(), "other");
    fs::write(&second, other).unwrap();
    assert_eq!(code(&directory), "keys_two_next");
    fs::remove_file(&second).unwrap();
    // Files of others, and those that are on their way.
    for name in ["README", ".key-x.tmp", ".hidden.jwk", "x.jwk.bak"] {
        fs::write(directory.path().join(name), "no key").unwrap();
    }
    assert_eq!(kids(&directory.load().unwrap()), kids(&ring));
    fs::remove_file(&current).unwrap();
    assert_eq!(code(&directory), "keys_no_current");
    fs::remove_dir_all(directory.path()).unwrap();
    assert_eq!(code(&directory), "keys_io");
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_a_key() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let (_parent, directory, ring) = folder(&ec());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let set =
        |path: &Path, mode| fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    assert_eq!(mode(directory.path()), 0o700);
    directory.rotate(&ec(), HOUR).unwrap();
    for path in files(&directory) {
        assert_eq!(mode(&path), 0o600);
        for wrong in [0o640, 0o604, 0o620, 0o602] {
            set(&path, wrong);
            assert_eq!(code(&directory), "keys_access");
        }
        set(&path, 0o400);
        directory.load().unwrap();
        set(&path, 0o600);
    }
    for wrong in [0o770, 0o707, 0o720, 0o702] {
        set(directory.path(), wrong);
        assert_eq!(code(&directory), "keys_access");
        assert_eq!(directory.rotate(&ec(), HOUR).unwrap_err().code(), "keys_access");
    }
    set(directory.path(), 0o755);
    directory.load().unwrap();
    let path = directory.path().join(format!("{}.jwk", ring.current().kid()));
    let away = directory.path().join("away");
    fs::rename(&path, &away).unwrap();
    symlink(&away, &path).unwrap();
    assert_eq!(code(&directory), "keys_not_file");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(code(&directory), "keys_not_file");
}

/// No private member, and nothing of their values, is in any answer.
#[test]
fn private_members_never_leave() {
    for new in [rsa(), ec(), ec().with_curve(Curve::X25519)] {
        let (_parent, directory, _) = folder(&new);
        let ring = directory.rotate(&new, HOUR).unwrap();
        let published = PublishedKeys::new(&ring).unwrap();
        let mut secrets = Vec::new();
        for path in files(&directory) {
            let json: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
            for name in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                secrets.extend(json[name].as_str().map(str::to_owned));
            }
        }
        assert!(secrets.len() >= 3);
        let shown = format!("{published:?} {ring:?}");
        for one in [published.current(), published.set()] {
            for method in [Method::GET, Method::HEAD, Method::POST] {
                let response = one.respond(&method, &HeaderMap::new());
                let headers = format!("{:?}", response.headers());
                let body = str::from_utf8(response.body()).unwrap();
                for secret in &secrets {
                    assert!(
                        ![&headers, body, &shown].iter().any(|text| text.contains(secret.as_str()))
                    );
                }
            }
            let keys: Value = serde_json::from_slice(one.body()).unwrap();
            let keys = keys["keys"].as_array().cloned().unwrap_or_else(|| vec![keys]);
            for key in keys {
                let names: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
                let public = ["alg", "crv", "e", "kid", "kty", "n", "use", "x", "y"];
                assert!(names.iter().all(|name| public.contains(name)), "{names:?}");
                assert_eq!(key["use"], "enc");
                assert!(key["kid"].is_string() && key["alg"].is_string());
            }
        }
        let set: Value = serde_json::from_slice(published.set().body()).unwrap();
        let published_kids: Vec<_> = set["keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key["kid"].as_str().unwrap())
            .collect();
        assert_eq!(published_kids, [ring.current().kid(), ring.next().unwrap().kid()]);
    }
}

#[test]
fn answers_are_those_of_http() {
    let (_parent, directory, ring) = folder(&ec());
    let published = PublishedKeys::with_max_age(&ring, Duration::from_secs(60)).unwrap();
    let get = |one: &Representation, known: &[&str]| {
        let mut headers = HeaderMap::new();
        for tag in known {
            headers.append("if-none-match", HeaderValue::from_str(tag).unwrap());
        }
        one.respond(&Method::GET, &headers)
    };
    for (one, media_type) in [
        (published.current(), "application/jwk+json"),
        (published.set(), "application/jwk-set+json"),
    ] {
        let response = get(one, &[]);
        assert_eq!(response.status(), StatusCode::OK);
        let header = |name: &str| response.headers()[name].to_str().unwrap();
        assert_eq!(header("content-type"), media_type);
        assert_eq!(header("cache-control"), "public, max-age=60");
        assert_eq!(header("content-length"), response.body().len().to_string());
        let etag = header("etag");
        for known in [
            &[etag][..],
            &["*"],
            &[&format!("W/{etag}")],
            &[&format!("\"x\" , {etag},\"y\"")],
            &["\"x\"", etag],
        ] {
            let response = get(one, known);
            assert_eq!((response.status(), response.body().len()), (StatusCode::NOT_MODIFIED, 0));
            assert_eq!(response.headers()["etag"].to_str().unwrap(), etag);
            assert!(response.headers().contains_key("cache-control"));
        }
        for unknown in ["\"x\"", etag.trim_matches('"'), "", &etag.to_uppercase()] {
            assert_eq!(get(one, &[unknown]).status(), StatusCode::OK, "{unknown}");
        }
        let head = one.respond(&Method::HEAD, &HeaderMap::new());
        assert_eq!((head.status(), head.body().len()), (StatusCode::OK, 0));
        assert_eq!(head.headers()["content-length"].to_str().unwrap(), header("content-length"));
        let post = one.respond(&Method::POST, &HeaderMap::new());
        assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(post.headers()["allow"].to_str().unwrap(), "GET, HEAD");
    }
    // Another key is another document.
    let etag =
        published.current().respond(&Method::GET, &HeaderMap::new()).headers()["etag"].clone();
    let ring = directory.rotate(&ec(), HOUR).unwrap();
    let other = PublishedKeys::new(&ring).unwrap();
    let response = get(other.current(), &[etag.to_str().unwrap()]);
    assert_eq!(response.status(), StatusCode::OK);
}
