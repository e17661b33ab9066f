//! `jwe bench`: how fast each backend is on this machine.

use std::io::{self, IsTerminal};
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jwe::{Alg, Backend, Curve, GenerateError, ImportError, Jwk, backends};
use jwe_bench::{BenchError, Comparison, Progress, Subject, chart, table};

use crate::cli::Bench;
use crate::failure::Failure;
use crate::output::{self, Secrecy};
use crate::{input, keys};

pub(crate) fn run(args: &Bench) -> Result<(), Failure> {
    let measured = measured_backends(&args.backend)?;
    check_lists(args)?;
    if let Some(svg) = &args.svg {
        check_chart_file(svg, args)?;
    }
    let subjects = if args.key.is_empty() { new_keys(args)? } else { given_keys(args)? };
    if cfg!(debug_assertions) {
        output::warn(
            "this build is not optimized, so that its numbers mean nothing: build it with --release",
        );
    }
    let bar = Bar::start();
    let report = Comparison::new(&measured, args.enc)
        .with_checkers(backends())
        .with_plaintext_lens(&args.size)
        .with_time(args.seconds)
        .run(&subjects, |progress| bar.show(progress))
        .map_err(failure)?;
    drop(bar);
    // The numbers first: they must not be lost where the chart can't be written.
    let text = match args {
        Bench { json: true, .. } => format!("{:#}\n", report.to_json()),
        Bench { markdown: true, .. } => table::markdown(&report),
        _ => table::table(&report),
    };
    output::write(None, text.as_bytes(), Secrecy::Public)?;
    match &args.svg {
        Some(path) => {
            let svg = chart::svg(&report).map_err(failure)?;
            output::write(Some(path), svg.as_bytes(), Secrecy::Public)
        }
        None => Ok(()),
    }
}

/// The backends of these names, or all.
fn measured_backends(names: &[String]) -> Result<Vec<&'static Backend>, Failure> {
    if names.is_empty() {
        // Fails where there is none.
        keys::backend(None)?;
        return Ok(backends().to_vec());
    }
    names.iter().map(|name| keys::backend(Some(name))).collect()
}

/// That nothing is measured twice.
fn check_lists(args: &Bench) -> Result<(), Failure> {
    fn repeats<T: PartialEq>(list: &[T]) -> bool {
        list.iter().enumerate().any(|(at, value)| list.iter().skip(at + 1).any(|v| v == value))
    }
    let lists = [
        (repeats(&args.backend), "--backend"),
        (repeats(&args.size), "--size"),
        (repeats(&args.bits), "--bits"),
        (repeats(&args.crv), "--crv"),
    ];
    match lists.into_iter().find(|(repeats, _)| *repeats) {
        Some((_, option)) => {
            Err(Failure::usage(format!("{option} names something twice: leave one out")))
        }
        None => Ok(()),
    }
}

/// That the chart will have a place, before anybody waits for it.
fn check_chart_file(svg: &Path, args: &Bench) -> Result<(), Failure> {
    if output::is_stdout(svg) {
        return Err(Failure::usage(
            "--svg needs a file of its own, because the numbers go to standard output",
        ));
    }
    let secrets = args.key.iter().map(Path::new).chain(args.passphrase.file.as_deref());
    if secrets.into_iter().any(|secret| keys::same_file(secret, svg)) {
        return Err(Failure::usage(
            "--svg names a file of a key or a passphrase, which would be lost: name another file",
        ));
    }
    let folder = svg.parent().filter(|folder| *folder != Path::new(""));
    if svg.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
        return Err(Failure::new(
            "output",
            format!("{}: can't be written: name a file in a folder that is there", svg.display()),
        ));
    }
    Ok(())
}

/// Keys of every length or on every curve, made by whichever backend of this build can.
fn new_keys(args: &Bench) -> Result<Vec<Subject>, Failure> {
    let alg = args.alg.unwrap_or(DEFAULT_ALG);
    check_lengths(args, alg)?;
    let subjects: Result<Vec<Subject>, BenchError> = if alg.is_rsa() {
        let subject = |bits: &usize| Subject::generate_rsa(backends(), alg, *bits);
        or_default(&args.bits, DEFAULT_BITS).iter().map(subject).collect()
    } else if alg.is_ecdh() {
        let subject = |curve: &Curve| Subject::generate_ec(backends(), alg, *curve);
        or_default(&args.crv, DEFAULT_CURVES).iter().map(subject).collect()
    } else {
        Subject::generate_oct(backends(), alg, args.enc).map(|subject| vec![subject])
    };
    subjects.map_err(failure)
}

/// What is measured if nothing else is said.
const DEFAULT_ALG: Alg = Alg::RsaOaep256;
const DEFAULT_BITS: &[usize] = &[2048, 3072, 4096];
const DEFAULT_CURVES: &[Curve] = &[Curve::P256];

fn or_default<'a, T>(given: &'a [T], default: &'a [T]) -> &'a [T] {
    if given.is_empty() { default } else { given }
}

/// That no setting of keys is ignored.
fn check_lengths(args: &Bench, alg: Alg) -> Result<(), Failure> {
    if !args.bits.is_empty() && !alg.is_rsa() {
        return Err(Failure::usage(
            "--bits is for RSA: the length of other keys is that of their --alg, --crv or --enc",
        ));
    }
    if !args.crv.is_empty() && !alg.is_ecdh() {
        return Err(Failure::usage("--crv is for ECDH-ES: other keys are on no curve"));
    }
    Ok(())
}

/// The keys of the files, each for the `alg` that is asked for, or else the one that it names.
fn given_keys(args: &Bench) -> Result<Vec<Subject>, Failure> {
    let stdin = args.key.iter().map(Path::new).chain(args.passphrase.file.as_deref());
    if stdin.filter(|path| input::is_stdin(Some(path))).count() > 1 {
        return Err(Failure::usage(
            "keys and passphrases can't come from standard input together: name files",
        ));
    }
    let passphrase = keys::passphrase(&args.passphrase)?;
    let subject = |name: &String| {
        let set = keys::read(name, None, passphrase.as_ref())?;
        let subject = |jwk: &Jwk| {
            let named = || jwk.alg().and_then(Alg::from_name);
            Subject::new(backends(), args.alg.or_else(named).unwrap_or(DEFAULT_ALG), jwk)
        };
        let jwk = set.only().map_err(|error| Failure::from(error).about(&keys::shown(name)))?;
        subject(jwk).map_err(|error| failure(error).about(&keys::shown(name)))
    };
    args.key.iter().map(subject).collect()
}

fn failure(error: BenchError) -> Failure {
    let failure = match &error {
        BenchError::Password(_) => Failure::usage(error.to_string()),
        _ => Failure::new(error.code(), error.to_string()),
    };
    match error {
        BenchError::Generate(_, GenerateError::NotOffered { .. }) => {
            failure.with_hint("--key FILE with a private key, or a build with another backend")
        }
        BenchError::Import(ImportError::Usage(_) | ImportError::AlgConflict { .. }) => {
            failure.with_hint("another key, or --alg with the one that the key is for")
        }
        _ => failure,
    }
}

/// Shows on a terminal what is measured.
struct Bar(ProgressBar);

impl Bar {
    fn start() -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("[{bar:24}] {pos}/{len} {msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self(bar)
    }

    fn show(&self, progress: &Progress) {
        self.0.set_length(progress.all as u64);
        self.0.set_position(progress.done as u64);
        self.0.set_message(progress.now.clone());
        // Drawn now and not while it is measured: a thread that draws would be measured too.
        self.0.tick();
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
