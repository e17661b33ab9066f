//! Servers on this machine that answer as they are told, keys, and a clock that is moved by hand.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use jwe_aws_lc_rs::AWS_LC_RS;
use jwe_core::{Alg, Curve, Enc, Jwk};
use jwe_http::client::{CryptoProvider, KeySource, KeySourceOptions};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

pub(crate) const ALG: Alg = Alg::EcdhEsA256Kw;

/// What a server does with a request. All but [`Never`](Self::Never) close the connection.
pub(crate) enum Reply {
    Bytes(Vec<u8>),
    /// The first part at once, the rest byte by byte with this wait between them.
    Slowly(Vec<u8>, Duration),
    /// After this wait, by the clock of the wall.
    After(Duration, Vec<u8>),
    Never,
    HangUp,
}

type Answer = dyn Fn(usize, &str) -> Reply + Send + Sync;

/// A server that answers one request on each connection.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// `answer` gets the number of the request, from 0, and its text.
    pub(crate) async fn start(
        answer: impl Fn(usize, &str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(None, answer).await
    }

    pub(crate) async fn start_with(
        tls: Option<TlsAcceptor>,
        answer: impl Fn(usize, &str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(serve(listener, tls, Arc::clone(&requests), Arc::new(answer)));
        Self { address, requests, task }
    }

    /// One that always answers with this key.
    pub(crate) async fn of_key(headers: &'static str, key: &Jwk) -> Self {
        let body = public_json(key);
        Self::start(move |_, _| ok(headers, body.as_bytes())).await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What was asked so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    requests: Arc<Mutex<Vec<String>>>,
    answer: Arc<Answer>,
) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (requests, answer, tls) = (Arc::clone(&requests), Arc::clone(&answer), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => converse(stream, &requests, &*answer).await,
                Some(tls) => {
                    if let Ok(stream) = TlsAcceptor::accept(&tls, stream).await {
                        converse(stream, &requests, &*answer).await;
                    }
                }
            }
        });
    }
}

async fn converse<S>(mut stream: S, requests: &Mutex<Vec<String>>, answer: &Answer)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let Some(request) = read_request(&mut stream).await else { return };
    let number = {
        let mut requests = requests.lock().unwrap();
        requests.push(request.clone());
        requests.len() - 1
    };
    // A client may well be gone before all is sent.
    let _ = match answer(number, &request) {
        Reply::Bytes(bytes) => stream.write_all(&bytes).await,
        Reply::Slowly(bytes, wait) => drip(&mut stream, &bytes, wait).await,
        Reply::After(wait, bytes) => {
            let _ = tokio::task::spawn_blocking(move || std::thread::sleep(wait)).await;
            stream.write_all(&bytes).await
        }
        Reply::Never => std::future::pending().await,
        Reply::HangUp => Ok(()),
    };
    let _ = stream.shutdown().await;
}

async fn drip<S>(stream: &mut S, bytes: &[u8], wait: Duration) -> std::io::Result<()>
where
    S: AsyncWrite + Unpin,
{
    for byte in bytes {
        stream.write_all(std::slice::from_ref(byte)).await?;
        stream.flush().await?;
        tokio::time::sleep(wait).await;
    }
    Ok(())
}

async fn read_request<S>(stream: &mut S) -> Option<String>
where
    S: AsyncRead + Unpin,
{
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let len = header(head, "content-length").map_or(0, |len| len.parse().unwrap());
            if body.len() >= len {
                return Some(text);
            }
        }
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            // The beginning of TLS, which would wait for an answer.
            Ok(_) if bytes.is_empty() && part[0] == 0x16 => return None,
            Ok(len) if len > 0 => bytes.extend_from_slice(&part[..len]),
            _ => return None,
        }
    }
}

/// The value of a header in the text of a message.
pub(crate) fn header(text: &str, name: &str) -> Option<String> {
    let head = text.split("\r\n\r\n").next().unwrap();
    head.lines().skip(1).find_map(|line| {
        let (own, value) = line.split_once(':')?;
        own.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// The body in the text of a message.
pub(crate) fn body(text: &str) -> &str {
    text.split_once("\r\n\r\n").unwrap().1
}

/// An answer; `headers` are whole lines.
pub(crate) fn message(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\n{headers}").into_bytes();
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

pub(crate) fn ok(headers: &str, body: &[u8]) -> Reply {
    Reply::Bytes(message("200 OK", headers, body))
}

pub(crate) fn status(status: &str, headers: &str) -> Reply {
    Reply::Bytes(message(status, headers, b""))
}

/// An elliptic-curve key, which is made quickly.
pub(crate) fn key(kid: &str) -> Jwk {
    let key = Jwk::generate_ec(&AWS_LC_RS, Curve::P256).unwrap();
    key.with_kid(kid).unwrap().with_alg(ALG)
}

pub(crate) fn public_json(key: &Jwk) -> String {
    key.to_public().unwrap().to_json().to_string()
}

pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

pub(crate) fn options() -> KeySourceOptions {
    KeySourceOptions::new(AWS_LC_RS, &[ALG], Enc::A256Gcm, provider())
}

pub(crate) fn source(server: &Server) -> KeySource {
    KeySource::new(&server.url("/publickey"), options()).unwrap()
}

/// The time of the runtime, which stands still but for [`advance`](Self::advance). Sockets go on as ever.
pub(crate) struct HandClock {
    _release: mpsc::Sender<()>,
}

impl HandClock {
    pub(crate) fn start() -> Self {
        tokio::time::pause();
        // While a blocking task runs, the paused clock does not jump to the next timer when all wait for
        // sockets.
        let (release, released) = mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || released.recv().is_err());
        Self { _release: release }
    }

    pub(crate) async fn advance(&self, time: Duration) {
        tokio::time::advance(time).await;
    }
}

/// Lets the other tasks go on until `done`, for at most 10 seconds by the clock of the wall.
pub(crate) async fn until(done: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it did not come to that");
        std::thread::sleep(Duration::from_millis(1));
        tokio::task::yield_now().await;
    }
}

/// Lets the other tasks go on for a while, to show that something does not happen.
pub(crate) async fn a_while() {
    for _ in 0..100 {
        std::thread::sleep(Duration::from_micros(500));
        tokio::task::yield_now().await;
    }
}

/// A port of this machine on which nobody listens.
pub(crate) async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}
