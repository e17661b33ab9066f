//! A client that sends the bytes it is given.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What was answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The code of a problem.
    pub(crate) fn code(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{}",
            self.text()
        );
        let problem: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        problem["code"].as_str().unwrap().to_owned()
    }
}

/// A connection.
pub(crate) struct Client<S = TcpStream>(pub(crate) S);

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }
}

impl<S: Read + Write> Client<S> {
    /// Sends these bytes; whoever hangs up may have answered already.
    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let _ = self.0.write_all(bytes.as_ref());
        let _ = self.0.flush();
        self
    }

    pub(crate) fn reply(&mut self) -> Reply {
        read_reply(&mut self.0).expect("no answer")
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> Reply {
        self.write(bytes).reply()
    }

    pub(crate) fn get(&mut self, path: &str) -> Reply {
        self.send(request("GET", path, "", ""))
    }

    /// Whether the other side has hung up, within the time of reads.
    pub(crate) fn is_closed(&mut self) -> bool {
        match self.0.read(&mut [0; 1]) {
            Ok(count) => count == 0,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

/// A request with these lines as headers, each with its end.
pub(crate) fn request(method: &str, path: &str, headers: &str, body: &str) -> String {
    let length = if body.is_empty() && method == "GET" {
        String::new()
    } else {
        format!("content-length: {}\r\n", body.len())
    };
    format!("{method} {path} HTTP/1.1\r\nhost: api.example\r\n{headers}{length}\r\n{body}")
}

/// JSON to a path.
pub(crate) fn post(path: &str, body: &str) -> String {
    request("POST", path, "content-type: application/json\r\n", body)
}

/// `None` if the other side hung up before an answer was whole.
pub(crate) fn read_reply(stream: &mut impl Read) -> Option<Reply> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(byte(stream)?);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut reply = Reply { status, headers, body: Vec::new() };
    if status == 304 || status == 204 {
        return Some(reply);
    }
    if reply.header("transfer-encoding") == Some("chunked") {
        loop {
            let mut line = Vec::new();
            while !line.ends_with(b"\r\n") {
                line.push(byte(stream)?);
            }
            let len = std::str::from_utf8(&line).unwrap().trim_end();
            let len = usize::from_str_radix(len, 16).unwrap();
            let start = reply.body.len();
            reply.body.resize(start + len, 0);
            stream.read_exact(&mut reply.body[start..]).ok()?;
            stream.read_exact(&mut [0; 2]).ok()?;
            if len == 0 {
                return Some(reply);
            }
        }
    }
    let len = reply.header("content-length").map_or(0, |len| len.parse().unwrap());
    reply.body.resize(len, 0);
    stream.read_exact(&mut reply.body).ok()?;
    Some(reply)
}

fn byte(stream: &mut impl Read) -> Option<u8> {
    let mut byte = [0];
    match stream.read(&mut byte) {
        Ok(1) => Some(byte[0]),
        _ => None,
    }
}
