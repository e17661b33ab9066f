//! A tiny HTTP server on this machine that counts who connects and who asks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What carries a connection: TCP itself, or TLS over it.
pub(crate) trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

pub(crate) struct Server {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Server {
    /// Answers each request with what `answer` writes for its path.
    pub(crate) fn new(answer: impl Fn(&str, &mut dyn Stream) + Send + Sync + 'static) -> Self {
        Self::with_stream(|stream| Some(Box::new(stream)), answer)
    }

    /// Answers each request with this.
    pub(crate) fn of(content: impl Into<Vec<u8>>) -> Self {
        let content = ok(&content.into());
        Self::new(move |_, stream| drop(stream.write_all(&content)))
    }

    /// The same over another stream.
    pub(crate) fn with_stream(
        wrap: impl Fn(std::net::TcpStream) -> Option<Box<dyn Stream>> + Send + Sync + 'static,
        answer: impl Fn(&str, &mut dyn Stream) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self { port, connections: Arc::default(), requests: Arc::default() };
        let (connections, requests) = (server.connections.clone(), server.requests.clone());
        let shared = Arc::new((wrap, answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                connections.fetch_add(1, Ordering::SeqCst);
                let (shared, requests) = (shared.clone(), requests.clone());
                thread::spawn(move || {
                    let (wrap, answer) = &*shared;
                    let Some(mut stream) = wrap(stream.unwrap()) else { return };
                    if let Some(path) = path(&mut stream) {
                        requests.fetch_add(1, Ordering::SeqCst);
                        answer(&path, &mut *stream);
                        drop(stream.flush());
                    }
                });
            }
        });
        server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// How many connected.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// How many requests came.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// Reads a request to its empty line.
fn path(stream: &mut dyn Stream) -> Option<String> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next()?.ok()?;
    while !lines.next()?.ok()?.is_empty() {}
    request.split(' ').nth(1).map(str::to_owned)
}

/// A good answer with this content.
pub(crate) fn ok(content: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/jwk+json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        content.len()
    )
    .into_bytes();
    answer.extend_from_slice(content);
    answer
}

/// An answer that sends whoever asks to another place.
pub(crate) fn redirect(to: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
    .into_bytes()
}
