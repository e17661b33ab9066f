//! Answers that are long, slow, or lie about their length.

use std::time::{Duration, Instant};

use jwe_http::client::KeySource;

use crate::support_client::{Reply, Server, key, message, options, public_json, source};

async fn outcome(bytes: impl Into<Vec<u8>>) -> Result<String, &'static str> {
    let bytes = bytes.into();
    let server = Server::start(move |_, _| Reply::Bytes(bytes.clone())).await;
    let key = source(&server).current().await;
    key.map(|key| key.kid().to_owned()).map_err(|error| error.code())
}

fn chunked(parts: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut bytes = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for part in parts {
        bytes.extend_from_slice(format!("{:x}\r\n", part.len()).as_bytes());
        bytes.extend_from_slice(&part);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

/// A key, filled up with spaces.
fn filled(len: usize) -> Vec<u8> {
    let mut body = public_json(&key("k")).into_bytes();
    assert!(body.len() <= len);
    body.resize(len, b' ');
    body
}

const LIMIT: usize = 64 * 1024;

#[tokio::test]
async fn the_limit_is_64_kib_whatever_the_framing() {
    let ok = Ok("k".to_owned());
    let until_closed = |body: &[u8]| [&b"HTTP/1.1 200 OK\r\n\r\n"[..], body].concat();
    let pieces = |len| filled(len).chunks(1000).map(<[u8]>::to_vec).collect::<Vec<_>>();
    assert_eq!(outcome(message("200 OK", "", &filled(LIMIT))).await, ok);
    assert_eq!(outcome(chunked(pieces(LIMIT))).await, ok);
    assert_eq!(outcome(until_closed(&filled(LIMIT))).await, ok);
    let too_long = Err("key_answer_too_long");
    assert_eq!(outcome(message("200 OK", "", &filled(LIMIT + 1))).await, too_long);
    assert_eq!(outcome(chunked(pieces(LIMIT + 1))).await, too_long);
    assert_eq!(outcome(until_closed(&filled(LIMIT + 1))).await, too_long);
    assert_eq!(outcome(chunked((0..10_000).map(|_| vec![b' '; 1000]))).await, too_long);
}

#[tokio::test]
async fn a_stated_length_over_the_limit_is_refused_without_waiting_for_the_body() {
    let server = Server::start(|_, _| {
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 65537\r\n\r\n".to_vec();
        Reply::Slowly([head, vec![b' '; 1]].concat(), Duration::ZERO)
    })
    .await;
    assert_eq!(source(&server).current().await.unwrap_err().code(), "key_answer_too_long");
}

#[tokio::test]
async fn a_length_that_is_not_so_is_refused() {
    let body = public_json(&key("k"));
    let stated = |len: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: {len}\r\n\r\n{body}");
    let len = body.len();
    assert_eq!(outcome(stated(&len.to_string())).await, Ok("k".to_owned()));
    assert_eq!(outcome(stated(&(len + 1).to_string())).await, Err("key_unreachable"));
    assert_eq!(outcome(stated("60000")).await, Err("key_unreachable"));
    // Cut where it says, which leaves no key.
    assert_eq!(outcome(stated(&(len - 1).to_string())).await, Err("key_not_json"));
    assert_eq!(outcome(stated("1")).await, Err("key_not_json"));
    assert_eq!(outcome(stated("0")).await, Err("key_empty"));
    for nonsense in ["-1", "+300", "0x10", "ten", "99999999999999999999999", "1 2", ""] {
        assert!(outcome(stated(nonsense)).await.is_err(), "{nonsense}");
    }
    let two = format!("{len}\r\ncontent-length: {}", len - 1);
    assert_eq!(outcome(stated(&two)).await, Err("key_unreachable"));
    // Chunks that break off, and chunks that are none.
    let whole = chunked([body.clone().into_bytes()]);
    assert_eq!(outcome(whole.clone()).await, Ok("k".to_owned()));
    assert_eq!(outcome(&whole[..whole.len() - 5]).await, Err("key_unreachable"));
    assert_eq!(outcome(&whole[..whole.len() / 2]).await, Err("key_unreachable"));
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    assert_eq!(outcome(format!("{head}zz\r\n{body}")).await, Err("key_unreachable"));
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    for bytes in ["", "SSH-2.0-x\r\n", "HTTP/1.1 \r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n{}"] {
        assert_eq!(outcome(bytes).await, Err("key_unreachable"), "{bytes:?}");
    }
    let many = "x: y\r\n".repeat(100_000);
    assert_eq!(outcome(format!("HTTP/1.1 200 OK\r\n{many}\r\n")).await, Err("key_unreachable"));
}

/// Refused for its time, and in that time.
async fn times_out(reply: impl Fn() -> Reply + Send + Sync + 'static) {
    let server = Server::start(move |_, _| reply()).await;
    let limit = Duration::from_millis(300);
    let options = options().with_timeouts(limit, limit);
    let source = KeySource::new(&server.url("/"), options).unwrap();
    let begun = Instant::now();
    assert_eq!(source.current().await.unwrap_err().code(), "key_timed_out");
    assert!(begun.elapsed() >= limit, "{:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn there_is_one_time_limit_for_everything() {
    times_out(|| Reply::Never).await;
    // Never a long wait, but many short ones.
    let whole = message("200 OK", "", public_json(&key("k")).as_bytes());
    times_out(move || Reply::Slowly(whole.clone(), Duration::from_millis(20))).await;
    let endless = || b"HTTP/1.1 200 OK\r\n".iter().chain(b"x: y\r\n".iter().cycle().take(6000));
    times_out(move || Reply::Slowly(endless().copied().collect(), Duration::from_millis(5))).await;
    // Redirects do not begin a new one.
    let redirect = message("302 Found", "location: /\r\n", b"");
    times_out(move || Reply::After(Duration::from_millis(120), redirect.clone())).await;
}

/// A host that does not answer at all: as many connections wait to be taken as may.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn that_no_connection_comes_about_is_told_by_its_own_limit() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let _nobody_takes = socket.listen(1).unwrap();
    let limit = Duration::from_millis(300);
    let mut waiting = Vec::new();
    while let Ok(taken) = tokio::time::timeout(limit, tokio::net::TcpStream::connect(address)).await
    {
        waiting.push(taken.unwrap());
        assert!(waiting.len() < 100);
    }
    let options = options().with_timeouts(limit, Duration::from_secs(60));
    let source = KeySource::new(&format!("http://{address}/"), options).unwrap();
    let error = source.current().await.unwrap_err();
    assert_eq!(error.code(), "key_timed_out");
    assert!(error.to_string().contains("within 300ms"), "{error}");
}
