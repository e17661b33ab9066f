//! A contender: a process that imports a key once and then encrypts and decrypts for so many
//! seconds of CPU time as it is told. `run` starts one for every implementation.
//!
//! It reads one command a line and answers each with one line, `ok …` or `error WHY`:
//!
//! | command | answer | |
//! | --- | --- | --- |
//! | `key JSON` | `ok` | imports `{"private": JWK, "public": JWK, "pem": PKCS#8}`; for `dir` both JWKs are the same and the PEM is empty |
//! | `token` | `ok TOKEN` | encrypts [`VALUE`] |
//! | `open TOKEN` | `ok` or `none` | decrypts, compares with [`VALUE`] and keeps the token; `none` where the contender does not decrypt |
//! | `encrypt SECONDS` | `ok COUNT SECONDS TOKEN` | the measurement, with the last token that it made |
//! | `decrypt SECONDS` | `ok COUNT SECONDS` | the measurement, with the token of the last `open` |
//!
//! SECONDS are of CPU time, user and system, of all threads of the process. The contenders in
//! other languages speak the same.

use std::error::Error;
use std::hint::black_box;
use std::io::{BufRead, Write, stdin, stdout};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// What is encrypted: as short as most sensitive fields are.
pub const VALUE: &[u8] = b"0123456789abcdef";

/// The clock is read about so often.
const BETWEEN_READINGS: Duration = Duration::from_millis(5);

/// Whatever goes wrong, as text.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// The implementation's encryption of a value to a compact token.
pub type Encrypt = Box<dyn Fn(&[u8]) -> Outcome<String>>;
/// The implementation's decryption of a compact token.
pub type Decrypt = Box<dyn Fn(&str) -> Outcome<Vec<u8>>>;

/// An implementation with a key that it has imported.
pub struct Contender {
    /// Makes a token.
    pub encrypt: Encrypt,
    /// Opens one, where the implementation does that with the algorithm.
    pub decrypt: Option<Decrypt>,
}

/// The CPU time that the process has used.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

/// Does it over and over for so long, and tells how often and for how long exactly.
fn repeat(wanted: Duration, mut once: impl FnMut() -> Outcome<()>) -> Outcome<(u64, Duration)> {
    let start = cpu_time();
    let (mut count, mut batch) = (0_u64, 1_u64);
    loop {
        for _ in 0..batch {
            once()?;
        }
        count += batch;
        let used = cpu_time().saturating_sub(start);
        if used >= wanted {
            return Ok((count, used));
        }
        let pace = count as f64 / used.as_secs_f64().max(1e-9);
        batch = (pace * BETWEEN_READINGS.as_secs_f64()).clamp(1.0, 1e6) as u64;
    }
}

/// A contender that has been told its key, with what the commands leave behind.
struct Session {
    contender: Contender,
    token: String,
}

impl Session {
    fn decrypt_once(&self, token: &str) -> Outcome<()> {
        let decrypt = self.contender.decrypt.as_ref().ok_or("it does not decrypt")?;
        let value = decrypt(token)?;
        if black_box(value) == VALUE { Ok(()) } else { Err("another plaintext".into()) }
    }

    fn answer(&mut self, command: &str, argument: &str) -> Outcome<String> {
        let seconds = || Ok::<_, Box<dyn Error>>(Duration::try_from_secs_f64(argument.parse()?)?);
        match command {
            "token" => Ok(format!("ok {}", (self.contender.encrypt)(VALUE)?)),
            "open" if self.contender.decrypt.is_none() => Ok("none".to_owned()),
            "open" => {
                self.decrypt_once(argument)?;
                self.token = argument.to_owned();
                Ok("ok".to_owned())
            }
            "encrypt" => {
                let mut last = String::new();
                let (count, used) = repeat(seconds()?, || {
                    last = black_box((self.contender.encrypt)(black_box(VALUE))?);
                    Ok(())
                })?;
                Ok(format!("ok {count} {:.9} {last}", used.as_secs_f64()))
            }
            "decrypt" => {
                let (count, used) =
                    repeat(seconds()?, || self.decrypt_once(black_box(&self.token)))?;
                Ok(format!("ok {count} {:.9}", used.as_secs_f64()))
            }
            _ => Err(format!("no such command: {command}").into()),
        }
    }
}

/// Reads commands and answers them until there are no more. The import is given the JSON of the
/// command `key`.
///
/// # Errors
/// Reading and writing of the commands and answers.
pub fn serve(import: impl Fn(&str) -> Outcome<Contender>) -> Outcome<()> {
    let mut session: Option<Session> = None;
    for line in stdin().lock().lines() {
        let line = line?;
        let (command, argument) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = match (command, &mut session) {
            ("key", session) => import(argument).map(|contender| {
                *session = Some(Session { contender, token: String::new() });
                "ok".to_owned()
            }),
            (_, Some(session)) => session.answer(command, argument),
            (_, None) => Err("it has no key yet".into()),
        };
        let answer = answer
            .unwrap_or_else(|error| format!("error {}", error.to_string().replace('\n', " ")));
        writeln!(stdout(), "{answer}")?;
        stdout().flush()?;
    }
    Ok(())
}
