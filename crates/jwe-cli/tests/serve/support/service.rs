//! A service that writes down what reaches it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) line: String,
    /// In the order in which they came, with their names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub(crate) struct Service {
    port: u16,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Service {
    /// Says `done` to everything.
    pub(crate) fn new() -> Self {
        Self::answering(|_, stream| drop(stream.write_all(&ok("done"))))
    }

    /// Answers each request with what `answer` writes.
    pub(crate) fn answering(
        answer: impl Fn(&Received, &mut TcpStream) + Send + Sync + 'static,
    ) -> Self {
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let record = Arc::clone(&received);
        let answer = Arc::new(answer);
        Self::raw(received, move |stream| {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut stream = stream;
            while let Some(request) = read(&mut reader) {
                record.lock().unwrap().push(request.clone());
                answer(&request, &mut stream);
            }
        })
    }

    /// Does this with each connection.
    pub(crate) fn connecting(each: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        Self::raw(Arc::default(), each)
    }

    fn raw(
        received: Arc<Mutex<Vec<Received>>>,
        each: impl Fn(TcpStream) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let each = Arc::new(each);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let each = Arc::clone(&each);
                thread::spawn(move || each(stream.unwrap()));
            }
        });
        Self { port, received }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The one request that came.
    pub(crate) fn only(&self) -> Received {
        let received = self.received();
        assert_eq!(received.len(), 1, "{received:?}");
        received[0].clone()
    }
}

fn read(stream: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let headers = lines[1..].iter().filter_map(|line| line.split_once(':'));
    let headers =
        headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    let mut request = Received { line: lines[0].clone(), headers, body: Vec::new() };
    if request.header("transfer-encoding").is_some() {
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).ok()?;
            let len = usize::from_str_radix(line.trim_end(), 16).ok()?;
            let start = request.body.len();
            request.body.resize(start + len, 0);
            stream.read_exact(&mut request.body[start..]).ok()?;
            stream.read_exact(&mut [0; 2]).ok()?;
            if len == 0 {
                break;
            }
        }
    } else if let Some(len) = request.header("content-length") {
        request.body.resize(len.parse().unwrap(), 0);
        stream.read_exact(&mut request.body).ok()?;
    }
    Some(request)
}

/// A good answer with this text.
pub(crate) fn ok(text: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{text}",
        text.len()
    )
    .into_bytes()
}
