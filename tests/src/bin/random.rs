//! Encrypts many messages in several threads, and in processes that are forked off in the midst of
//! it, and looks whether any two have the same initialization vector or the same CEK.
//!
//!     random [--messages N] [--threads N] [--forks N] [--backend NAME]...
//!
//! Ends with exit code 1 when something comes twice. First it does the same with a generator whose
//! state a fork copies, where it must find what comes twice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a check that can't go on stops"
)]

use std::io::{self, BufReader, BufWriter, Read, Write, stdout};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use fork::Fork;
use jwe::{Alg, Backend, BackendError, Enc, Encrypter, SharedCek, SharedCekMemory};
use jwe_core::RandomSource;
use jwe_tests::capability::backends;
use jwe_tests::{base64url, forge, keys};

const ENC: Enc = Enc::A256Gcm;

/// What every process encrypts with a CEK that it has in common with the others.
const SHARED: usize = 1000;

struct Options {
    messages: usize,
    threads: usize,
    forks: usize,
    backends: Vec<&'static Backend>,
}

impl Options {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options =
            Self { messages: 100_000, threads: 8, forks: 4, backends: backends().to_vec() };
        let mut chosen = Vec::new();
        while let Some(name) = args.next() {
            let value = args.next().ok_or_else(|| format!("{name} needs a value"))?;
            let number = || value.parse().map_err(|_| format!("{name} {value}: no number"));
            match name.as_str() {
                "--messages" => options.messages = number()?,
                "--threads" => options.threads = number()?,
                "--forks" => options.forks = number()?,
                "--backend" => chosen.push(
                    jwe::backend_by_name(&value).ok_or_else(|| format!("{value}: no backend"))?,
                ),
                _ => return Err(format!("{name}: no such option")),
            }
        }
        if !chosen.is_empty() {
            options.backends = chosen;
        }
        if options.messages == 0 || options.threads == 0 {
            return Err("without messages or threads there is nothing to see".to_owned());
        }
        Ok(options)
    }

    /// The messages of each process.
    fn share(&self) -> usize {
        self.messages.div_ceil(self.forks + 1)
    }
}

/// What was drawn, as numbers: an initialization vector as it is; of a CEK the first half of what
/// wraps it, which is the same if and only if the CEK is, as nothing else goes into it.
#[derive(Default)]
struct Drawn {
    ivs: Vec<u128>,
    keys: Vec<u128>,
}

fn number(bytes: &[u8]) -> u128 {
    let mut number = [0; 16];
    let len = bytes.len().min(16);
    number[..len].copy_from_slice(&bytes[..len]);
    u128::from_be_bytes(number)
}

impl Drawn {
    fn add(&mut self, token: &[u8]) {
        let mut parts = str::from_utf8(token).unwrap().split('.').skip(1);
        let mut part = || number(&base64url::decode(parts.next().unwrap()));
        self.keys.push(part());
        self.ivs.push(part());
    }

    fn append(&mut self, mut other: Self) {
        self.ivs.append(&mut other.ivs);
        self.keys.append(&mut other.keys);
    }

    fn write(&self, out: impl Write) -> io::Result<()> {
        let mut out = BufWriter::new(out);
        for numbers in [&self.ivs, &self.keys] {
            out.write_all(&(numbers.len() as u64).to_be_bytes())?;
            for number in numbers {
                out.write_all(&number.to_be_bytes())?;
            }
        }
        out.flush()
    }

    fn read(from: impl Read) -> io::Result<Self> {
        let mut from = BufReader::new(from);
        let mut numbers = || {
            let mut len = [0; 8];
            from.read_exact(&mut len)?;
            (0..u64::from_be_bytes(len))
                .map(|_| {
                    let mut number = [0; 16];
                    from.read_exact(&mut number)?;
                    Ok(u128::from_be_bytes(number))
                })
                .collect::<io::Result<Vec<u128>>>()
        };
        Ok(Self { ivs: numbers()?, keys: numbers()? })
    }

    /// How many are there already, and whether one of them is zero.
    fn twice(&mut self, zero_key: u128) -> Twice {
        let count = |numbers: &mut Vec<u128>, zero| {
            numbers.sort_unstable();
            let twice = numbers.windows(2).filter(|pair| pair[0] == pair[1]).count();
            (twice, numbers.binary_search(&zero).is_ok())
        };
        let (ivs, zero_iv) = count(&mut self.ivs, 0);
        let (keys, zero_key) = count(&mut self.keys, zero_key);
        Twice { ivs, keys, zero: zero_iv || zero_key }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Twice {
    ivs: usize,
    keys: usize,
    zero: bool,
}

/// The messages of one process: by its threads, with the generator of each, and with a CEK that was
/// shared before the process was made.
fn encrypt(options: &Options, encrypter: &Encrypter, shared: &mut SharedCek<'_>) -> Drawn {
    let mut drawn = Drawn::default();
    let each = options.share().div_ceil(options.threads);
    let work = || {
        let (mut drawn, mut token) = (Drawn::default(), Vec::new());
        for _ in 0..each {
            token.clear();
            encrypter.encrypt_into(b"", &mut token).unwrap();
            drawn.add(&token);
        }
        drawn
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..options.threads).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            drawn.append(thread.join().unwrap());
        }
    });
    let mut token = Vec::new();
    for _ in 0..SHARED {
        token.clear();
        shared.encrypt_into(b"", &mut token).unwrap();
        let mut own = Drawn::default();
        own.add(&token);
        drawn.ivs.append(&mut own.ivs);
    }
    drawn
}

/// All that a process and those that are forked off it have drawn.
fn draw(backend: &'static Backend, options: &Options) -> io::Result<Drawn> {
    let jwk = keys::oct(32);
    let sender = keys::sender(backend, &jwk, Alg::A256Kw);
    let encrypter = Encrypter::new(backend, &sender, ENC).unwrap();
    let mut memory = SharedCekMemory::default();
    let mut drawn = Drawn::default();
    // So that what a generator keeps, and what was drawn for later, is there when it forks.
    for _ in 0..100 {
        drawn.add(encrypter.encrypt(b"").unwrap().as_bytes());
    }
    let mut shared = encrypter.share_cek(&mut memory, SHARED * (options.forks + 1)).unwrap();
    for _ in 0..options.forks {
        let (from, to) = io::pipe()?;
        match fork::fork()? {
            Fork::Child => {
                drop(from);
                let drawn = encrypt(options, &encrypter, &mut shared);
                std::process::exit(i32::from(drawn.write(to).is_err()));
            }
            Fork::Parent(child) => {
                drop(to);
                drawn.append(Drawn::read(from)?);
                assert_eq!(fork::waitpid(child)?, 0, "a process failed");
            }
        }
    }
    drawn.append(encrypt(options, &encrypter, &mut shared));
    Ok(drawn)
}

/// A generator whose state a fork copies: what is to be found.
struct Copied(AtomicU64);

impl RandomSource for Copied {
    fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
        for chunk in dest.chunks_mut(8) {
            // SplitMix64.
            let mut state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(state ^ (state >> 31)).to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

static COPIED_SOURCE: Copied = Copied(AtomicU64::new(7516));
static COPIED: Backend = Backend::new("copied", &COPIED_SOURCE, |_| [0; 32]);

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}");
            eprintln!("random [--messages N] [--threads N] [--forks N] [--backend NAME]...");
            return ExitCode::from(2);
        }
    };
    let mut good = true;
    for backend in &options.backends {
        let kek = keys::oct(32);
        let zero_key = number(&forge::wrap(backend, &kek, &[0; 32]));
        if options.forks > 0 {
            // One thread each, so that all processes draw in the same order.
            let control = Options { messages: 1000, threads: 1, backends: Vec::new(), ..options };
            let copied: &'static Backend = Box::leak(Box::new(COPIED.or(backend)));
            let twice = draw(copied, &control).expect("a process can be forked").twice(zero_key);
            let found = twice.ivs >= control.share() && twice.keys >= control.share();
            println!(
                "{backend}, control with a generator that a fork copies: {} initialization vectors \
                 and {} CEKs come twice: {}",
                twice.ivs,
                twice.keys,
                if found { "found, as it must be" } else { "NOT FOUND" },
            );
            good &= found;
        }
        let start = Instant::now();
        let mut drawn = draw(backend, &options).expect("a process can be forked");
        let (ivs, keys) = (drawn.ivs.len(), drawn.keys.len());
        let twice = drawn.twice(zero_key);
        println!(
            "{backend}: {keys} CEKs and {ivs} initialization vectors, {} threads in each of {} \
             processes, {:.1} s: {}",
            options.threads,
            options.forks + 1,
            start.elapsed().as_secs_f64(),
            match twice {
                Twice { ivs: 0, keys: 0, zero: false } => "none twice, none zero".to_owned(),
                _ => format!("FOUND {twice:?}"),
            }
        );
        good &= keys >= options.messages && twice == Twice { ivs: 0, keys: 0, zero: false };
        let _ = stdout().flush();
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
