//! Whatever goes wrong in cryptography, the same work is done and the same is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jwe_aws_lc_rs::AWS_LC_RS;
use jwe_core::{
    Alg, Backend, BackendError, ContentEncryption, Curve, DecryptionKeyImport, Direction, Enc, Jwk,
    KeyMaterial, KeyRejected, Kid, RandomSource, RecipientContext, RecipientKey, UnwrapKey,
};
use jwe_http::{DecryptionOptions, FieldDecryption, FieldRoute, FieldRoutes};
use tower::ServiceExt;

use super::service;
use crate::field_support::{
    decryption_key, document, ec, encrypter, other_rsa, post, problem, routes, rsa, token,
};

static UNWRAPPED: AtomicUsize = AtomicUsize::new(0);
static OPENED: AtomicUsize = AtomicUsize::new(0);
static OPENED_BYTES: AtomicUsize = AtomicUsize::new(0);
static DRAWN: AtomicUsize = AtomicUsize::new(0);

/// The work since the last time: unwraps, opens, bytes that were opened, and random draws.
fn work() -> [usize; 4] {
    [&UNWRAPPED, &OPENED, &OPENED_BYTES, &DRAWN].map(|count| count.swap(0, Ordering::SeqCst))
}

struct Counting(Alg, Option<Curve>);

impl Counting {
    fn behind(&self) -> &'static dyn DecryptionKeyImport {
        AWS_LC_RS.decryption_key_import(self.0, self.1).unwrap().1
    }
}

impl DecryptionKeyImport for Counting {
    fn alg(&self) -> Alg {
        self.0
    }

    fn implementation(&self) -> &'static str {
        "counting"
    }

    fn curves(&self) -> &'static [Curve] {
        if self.1.is_some() { &[Curve::P256] } else { &[] }
    }

    fn import(&self, key: &KeyMaterial) -> Result<RecipientKey, KeyRejected> {
        match self.behind().import(key)? {
            RecipientKey::Unwrap(key) => Ok(RecipientKey::Unwrap(Arc::new(CountingKey(key)))),
            _ => panic!("a key that unwraps"),
        }
    }
}

struct CountingKey(Arc<dyn UnwrapKey>);

impl UnwrapKey for CountingKey {
    fn encrypted_key_len(&self, cek_len: usize) -> usize {
        self.0.encrypted_key_len(cek_len)
    }

    fn unwrap_key(
        &self,
        context: &RecipientContext<'_>,
        encrypted_key: &[u8],
        out: &mut [u8],
    ) -> Result<usize, BackendError> {
        UNWRAPPED.fetch_add(1, Ordering::SeqCst);
        self.0.unwrap_key(context, encrypted_key, out)
    }
}

struct CountingContent(Enc);

impl CountingContent {
    fn behind(&self) -> &'static dyn ContentEncryption {
        AWS_LC_RS.content_encryption(self.0, Direction::Decrypt).unwrap()
    }
}

impl ContentEncryption for CountingContent {
    fn enc(&self) -> Enc {
        self.0
    }

    fn implementation(&self) -> &'static str {
        "counting"
    }

    fn seal(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        plaintext_len: usize,
        tag: &mut [u8],
    ) -> Result<(), BackendError> {
        self.behind().seal(cek, iv, aad, buf, plaintext_len, tag)
    }

    fn open(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError> {
        OPENED.fetch_add(1, Ordering::SeqCst);
        OPENED_BYTES.fetch_add(buf.len(), Ordering::SeqCst);
        self.behind().open(cek, iv, aad, buf, tag)
    }
}

struct CountingRandom;

impl RandomSource for CountingRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), BackendError> {
        DRAWN.fetch_add(1, Ordering::SeqCst);
        AWS_LC_RS.random().fill(out)
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    AWS_LC_RS.sha256(bytes)
}

static RANDOM: CountingRandom = CountingRandom;
static COUNTING: Backend = Backend::new("counting", &RANDOM, sha256)
    .with_decryption_keys(&[
        &Counting(Alg::RsaOaep256, None),
        &Counting(Alg::EcdhEsA256Kw, Some(Curve::P256)),
    ])
    .with_content_encryption(&[
        &CountingContent(Enc::A256Gcm),
        &CountingContent(Enc::A256CbcHs512),
    ]);

/// The token with one bit of a segment's bytes changed, in the middle, and as long as it was.
fn flipped(token: &str, segment: usize) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let at = parts[segment].len() / 2;
    let replacement = if parts[segment].as_bytes()[at] == b'A' { "B" } else { "A" };
    parts[segment].replace_range(at..=at, replacement);
    parts.join(".")
}

/// The token with the header of `named`, which names another key.
fn renamed(token: &str, named: &str) -> String {
    let header = named.split('.').next().unwrap();
    let rest = token.split_once('.').unwrap().1;
    format!("{header}.{rest}")
}

/// What is wrong with a token of the key, each of the same length as the good one.
fn spoilt(jwk: &Jwk, enc: Enc) -> Vec<(&'static str, String)> {
    let encrypter = encrypter(jwk, Kid::FromKey, enc);
    let good = encrypter.encrypt(b"sixteen bytes ok").unwrap();
    let other = encrypter.encrypt(b"sixteen bytes no").unwrap();
    let segment = |token: &str, at: usize| token.split('.').nth(at).unwrap().to_owned();
    let with = |at: usize, text: &str| good.replace(&segment(&good, at), text);
    let mut spoilt = vec![
        ("changed encrypted key", flipped(&good, 1)),
        ("changed IV", flipped(&good, 2)),
        ("changed ciphertext", flipped(&good, 3)),
        ("changed tag", flipped(&good, 4)),
        ("another message's encrypted key", with(1, &segment(&other, 1))),
        ("another message's tag", with(4, &segment(&other, 4))),
        ("no UTF-8", encrypter.encrypt(b"sixteen bytes \xff!").unwrap()),
    ];
    if jwk.kty() == "RSA" {
        let encrypted_key = segment(&good, 1);
        let highest = "_".repeat(encrypted_key.len() - 1);
        spoilt.push(("an encrypted key beyond the modulus", with(1, &format!("{highest}w"))));
        spoilt.push(("an encrypted key of zeros", with(1, &"A".repeat(encrypted_key.len()))));
        // To another key, with this one's name.
        let foreign = token(other_rsa(), "sixteen bytes ok");
        if enc == Enc::A256Gcm {
            spoilt.push(("wrong key", renamed(&foreign, &good)));
        }
    }
    spoilt
}

#[tokio::test]
async fn every_failure_is_the_same() {
    let keys = [rsa(), ec()].map(|jwk| decryption_key(&COUNTING, jwk));
    let accepted = [Enc::A256Gcm, Enc::A256CbcHs512];
    let options = DecryptionOptions::new();
    let decryption =
        FieldDecryption::new(&COUNTING, keys, &accepted, routes(), options.clone()).unwrap();
    let mut told = Vec::new();
    for jwk in [rsa(), ec()] {
        for (enc, len) in [(Enc::A256Gcm, 16), (Enc::A256CbcHs512, 32)] {
            let good = encrypter(jwk, Kid::FromKey, enc).encrypt(b"sixteen bytes ok").unwrap();
            let (own, _) = service(&decryption);
            work();
            let response = own.oneshot(post(document(&good, &good))).await.unwrap();
            assert_eq!(response.status(), 200);
            // Two tokens that are the same have one encrypted key; it is unwrapped once.
            assert_eq!(work(), [1, 2, 2 * len, 1]);
            for (what, bad) in spoilt(jwk, enc) {
                // First, and behind one that is right.
                for (body, tried, pointer) in
                    [(document(&bad, &good), 1, "/login"), (document(&good, &bad), 2, "/password")]
                {
                    let (own, echo) = service(&decryption);
                    let response = own.oneshot(post(body)).await.unwrap();
                    assert_eq!(work(), [tried, tried, tried * len, tried], "{what}");
                    assert_eq!(echo.calls(), 0);
                    let headers = format!("{:?}", response.headers());
                    let (status, mut members) = problem(response).await;
                    assert_eq!(status, 422, "{what}");
                    assert_eq!(members["code"], "decryption_failed", "{what}");
                    assert_eq!(members["pointer"].take(), pointer, "{what}");
                    told.push((headers, members.to_string()));
                }
            }
        }
    }
    assert!(told.len() > 50);
    assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
    json_plaintexts(&options, &told[0].1).await;
}

/// What can be wrong with a plaintext that is JSON.
async fn json_plaintexts(options: &DecryptionOptions, told: &str) {
    let route =
        FieldRoute::new([http::Method::POST], crate::field_support::PATH, ["/a".parse().unwrap()])
            .unwrap()
            .with_encoding(jwe_fields::PlaintextEncoding::Json);
    let routes = FieldRoutes::new().with(route).unwrap();
    let keys = [decryption_key(&COUNTING, rsa())];
    let decryption =
        FieldDecryption::new(&COUNTING, keys, &[Enc::A256Gcm], routes, options.clone()).unwrap();
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let too_deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let not_json = "[".repeat(200);
    work();
    for (plaintext, expected) in
        [(deep, 200), (too_deep, 422), (not_json, 422), ("not JSON".repeat(25), 422)]
    {
        let len = plaintext.len();
        let (own, _) = service(&decryption);
        let body = format!(r#"{{"a":"{}"}}"#, token(rsa(), plaintext));
        let response = own.oneshot(post(body)).await.unwrap();
        assert_eq!(work(), [1, 1, len, 1]);
        assert_eq!(response.status(), expected);
        if expected == 422 {
            let (_, mut members) = problem(response).await;
            assert_eq!(members["pointer"].take(), "/a");
            assert_eq!(members.to_string(), told);
        }
    }
}
