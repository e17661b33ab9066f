//! Measures what `jwe serve` adds to a request on its way to a service, in one run: to one that it hands on as
//! it is, and to one with two fields, beside the time that decryption takes.
//!
//! Ends with exit code 1 if a target is missed. Takes the path of the command as its argument, and otherwise the
//! one that was built beside it (`cargo build --release -p jwe-cli`). Needs Unix, which asks a server to stop.
#![allow(clippy::unwrap_used, reason = "a benchmark that can't go on stops")]

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;

use jwe::aws_lc_rs::AWS_LC_RS;
use jwe::{Enc, Jwk};
use jwe_bench::estimate::Estimate;
use jwe_benches::DOCUMENT;
use jwe_benches::interleaved::{Contender, run};
use jwe_benches::records::Folder;
use jwe_benches::subjects::{decrypter, encrypter};
use jwe_fields::{DecryptOptions, EncryptOptions, FieldDecrypter, FieldEncrypter, Selector};

/// The most time that the server adds to a request without fields, in seconds.
const ADDED: f64 = 1e-3;

const FIELDS: [&str; 2] = ["/username", "/password"];
const DIRECT: &str = "to the service itself";
const CONTROL: &str = "to the service itself, once more";
const HANDED_ON: &str = "through jwe serve, without fields";
const DECRYPTED: &str = "through jwe serve, two fields";
const DECRYPTION: &str = "decryption of the two fields alone";

/// The body of the next message from the other side.
fn read_message(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut length = 0;
    let mut line = String::new();
    for number in 0.. {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if number == 0 {
            // A response has to be a good one; of a request anything will do.
            assert!(!line.starts_with("HTTP/") || line.contains(" 200 "), "{line}");
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(body)
}

/// The service: answers every request at once.
fn service() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                while read_message(&mut reader).is_some() {
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
                }
            });
        }
    });
    address
}

/// A connection that stays open, and the request that is sent over it.
struct Client {
    reader: BufReader<TcpStream>,
    request: Vec<u8>,
}

impl Client {
    fn new(address: SocketAddr, start: &str, document: &[u8]) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let head = format!(
            "{start} HTTP/1.1\r\nhost: service.example\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            document.len()
        );
        Self { reader: BufReader::new(stream), request: [head.as_bytes(), document].concat() }
    }

    fn send(&mut self) -> Vec<u8> {
        self.reader.get_mut().write_all(&self.request).unwrap();
        read_message(&mut self.reader).unwrap()
    }
}

/// The server, until it is dropped.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn new(jwe: &PathBuf, folder: &Folder, upstream: SocketAddr) -> Self {
        let mut child = Command::new(jwe)
            .args(["serve", "--listen", "127.0.0.1:0", "--keys"])
            .arg(folder.path("keys"))
            .arg("--upstream")
            .arg(format!("http://{upstream}"))
            .args(["--route", "POST /users/{id}/connections"])
            .args(FIELDS.iter().flat_map(|field| ["--field", field]))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").unwrap().parse().unwrap();
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn main() -> ExitCode {
    let beside = || std::env::current_exe().unwrap().with_file_name("jwe");
    let jwe = std::env::args_os().nth(1).map_or_else(beside, PathBuf::from);
    if !jwe.is_file() {
        eprintln!("{} is not there: cargo build --release -p jwe-cli", jwe.display());
        return ExitCode::from(2);
    }
    let folder = Folder::new();
    let made = Command::new(&jwe)
        .args(["keys", "init", "--bits", "2048"])
        .arg(folder.path("keys"))
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    let service = service();
    let server = Server::new(&jwe, &folder, service);

    let published = Client::new(server.address, "GET /publickey", b"").send();
    let public = Jwk::from_json(&published).unwrap();
    let private = folder.path("keys").join(format!("{}.jwk", public.kid().unwrap()));
    let private = Jwk::from_json(&std::fs::read(private).unwrap()).unwrap();
    let selectors = || FIELDS.map(|field| field.parse::<Selector>().unwrap());
    let sender = encrypter(&AWS_LC_RS, &public, Enc::A256Gcm);
    let sender = FieldEncrypter::new(sender, selectors(), EncryptOptions::new()).unwrap();
    let document = sender.encrypt(DOCUMENT).unwrap();
    let recipient = decrypter(&AWS_LC_RS, &private, Enc::A256Gcm).require_kid();
    let recipient = FieldDecrypter::new(recipient, selectors(), DecryptOptions::new()).unwrap();

    let (plain, fields) = ("POST /users/7/accounts", "POST /users/7/connections");
    let mut direct = Client::new(service, plain, &document);
    let mut once_more = Client::new(service, plain, &document);
    let mut handed_on = Client::new(server.address, plain, &document);
    let mut decrypted = Client::new(server.address, fields, &document);
    let outcome = run(
        vec![
            Contender::new(DIRECT, || direct.send()),
            Contender::new(CONTROL, || once_more.send()),
            Contender::new(HANDED_ON, || handed_on.send()),
            Contender::new(DECRYPTED, || decrypted.send()),
            Contender::new(DECRYPTION, || recipient.decrypt(&document).unwrap()),
        ],
        300,
    );
    let seconds = |name| outcome.seconds(name).unwrap();
    println!("Within one run, in turn; median over all rounds, and 95 % confidence.");
    println!(
        "Two values a document, RSA-OAEP-256 with a key of 2048 bits, A256GCM; one connection."
    );
    println!("\nMicroseconds of a request and its response over loopback");
    for name in [DIRECT, CONTROL, HANDED_ON, DECRYPTED, DECRYPTION] {
        let Estimate { median, low, high } = seconds(name);
        println!("{name:40} {:6.0} [{:.0}, {:.0}]", median * 1e6, low * 1e6, high * 1e6);
    }
    println!("\nTargets");
    // The most that the intervals leave room for.
    let added = seconds(HANDED_ON).high - seconds(DIRECT).low;
    let met = added < ADDED;
    println!(
        "{}  added to a request without fields < {:.0} µs: {:.0} µs",
        if met { "pass" } else { "MISS" },
        ADDED * 1e6,
        added * 1e6
    );
    ExitCode::from(u8::from(!met))
}
