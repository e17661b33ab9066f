//! The program, a service behind it, and a client in front of it.

mod client;
mod service;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub(crate) use client::{Client, post, read_reply, request};
pub(crate) use service::{Service, ok};

/// A value that must never be seen but by the service.
pub(crate) const SECRET: &str = "hunter2-c4n4rY";

/// A folder with keys and configurations.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    /// With keys in `keys`.
    pub(crate) fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.jwe(&["keys", "init", "keys", "--bits", "2048"]);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs the command to its end, which has to be good, and returns what it prints.
    pub(crate) fn jwe(&self, args: &[&str]) -> Vec<u8> {
        let output = self.command(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jwe"));
        command.args(args).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    /// A server with this configuration, which ends with the value.
    pub(crate) fn serve(&self, config: &str) -> Server {
        fs::write(self.path("serve.toml"), config).unwrap();
        self.serve_with(&["--config", "serve.toml", "--log", "debug"])
    }

    pub(crate) fn serve_with(&self, args: &[&str]) -> Server {
        let mut command = self.command(&["serve"]);
        command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        Server::start(command)
    }

    /// The configuration of a server in front of this service, with tables behind it.
    pub(crate) fn config(&self, service: &Service, more: &str) -> String {
        format!(
            "listen = \"127.0.0.1:0\"\n[upstream]\nurl = \"{}\"\nresponse_seconds = 2\n[keys]\ndirectory = \"keys\"\n\
             poll_seconds = 0.05\n{more}\n{ROUTES}",
            service.url()
        )
    }

    /// The body with the password encrypted for the key that the server publishes now.
    pub(crate) fn encrypted(&self, server: &Server, password: &str) -> String {
        let key = Client::new(server.address).get("/publickey");
        assert_eq!(key.status, 200);
        self.encrypted_with(&key.body, password)
    }

    pub(crate) fn encrypted_with(&self, key: &[u8], password: &str) -> String {
        let file = tempfile::NamedTempFile::new_in(self.0.path()).unwrap();
        fs::write(file.path(), key).unwrap();
        let clear = tempfile::NamedTempFile::new_in(self.0.path()).unwrap();
        fs::write(clear.path(), format!("{{ \"login\" : 1.50, \"password\":\"{password}\"}}\n"))
            .unwrap();
        let (file, clear) = (file.path().to_str().unwrap(), clear.path().to_str().unwrap());
        let body = self.jwe(&["fields", "encrypt", "--key", file, "--field", "/password", clear]);
        String::from_utf8(body).unwrap()
    }
}

pub(crate) const ROUTES: &str = "\
[[route]]
methods = [\"POST\"]
path = \"/users/{id}/connections\"
fields = [\"/password\"]
[[route]]
methods = [\"POST\"]
path = \"/many\"
fields = [\"$.values[*]\"]
";

/// What [`Place::encrypted`] has in clear.
pub(crate) fn clear(password: &str) -> String {
    format!("{{ \"login\" : 1.50, \"password\":\"{password}\"}}\n")
}

/// The program, serving.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) address: SocketAddr,
    log: Option<JoinHandle<String>>,
}

impl Server {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let log = follow(child.stderr.take().unwrap());
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let url = url.trim_end().to_owned();
        let Some((_, address)) = url.split_once("://") else {
            let _ = child.wait();
            panic!("the server does not start: {}", log.join().unwrap());
        };
        let address = address.parse().unwrap();
        Self { child, url, address, log: Some(log) }
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Waits for its end; returns how it ended, and its log.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, self.log.take().unwrap().join().unwrap());
            }
            assert!(start.elapsed() < Duration::from_secs(40), "the server does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Tells it to stop, which has to go well, and returns its log.
    pub(crate) fn stop(self) -> String {
        self.signal("TERM");
        let (status, log) = self.wait();
        assert!(status.success(), "{status}: {log}");
        log
    }

    /// What the kernel says of its memory, in KiB.
    pub(crate) fn memory(&self, line: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|text| text.strip_prefix(line)).unwrap();
        line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// The number behind this in the metrics.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let reply = Client::new(self.address).get("/metrics");
        assert_eq!(reply.status, 200);
        let text = reply.text();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0.0, |number| number.parse().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn follow(mut stderr: ChildStderr) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut log = Vec::new();
        let _ = stderr.read_to_end(&mut log);
        String::from_utf8_lossy(&log).into_owned()
    })
}

/// Tries until it holds.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}
