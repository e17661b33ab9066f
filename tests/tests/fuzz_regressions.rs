//! Every seed of the fuzz targets, and every input that has ever found something, without a fuzzing
//! engine and its toolchain.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed step has to stop the test"
)]

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use jwe_fuzzed::{TARGETS, Target};
use jwe_tests::skip::say;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// The files of a folder in order; none where there is no folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn run(name: &str, target: Target) {
    let seeds = files(&fuzz().join("corpus").join(name));
    assert!(seeds.len() >= 4, "{name} has only {} seeds", seeds.len());
    let regressions = files(&fuzz().join("regressions").join(name));
    say(format_args!("{name}: {} seeds, {} regressions", seeds.len(), regressions.len()));
    for file in seeds.iter().chain(&regressions) {
        let input = fs::read(file).unwrap();
        assert!(catch_unwind(|| target(&input)).is_ok(), "stopped at {}", file.display());
    }
}

/// One test for each target, so that they run beside each other and are seen by name.
macro_rules! targets {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                let name = stringify!($name);
                let (_, target) = TARGETS.iter().find(|(other, _)| *other == name).expect("a target");
                run(name, *target);
            }
        )*

        #[test]
        fn every_target_is_here() {
            let mut here = vec![$(stringify!($name)),*];
            let mut all: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
            let mut fuzzed: Vec<String> = files(&fuzz().join("fuzz_targets"))
                .iter()
                .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
                .collect();
            here.sort_unstable();
            all.sort_unstable();
            fuzzed.sort_unstable();
            assert_eq!(here, all);
            assert_eq!(fuzzed, all);
        }
    };
}

targets! {
    differential
    document
    header
    key
    key_file
    message
    no_security
    selector
    stream
    token
}

/// Folders of other names would never be read.
#[test]
fn every_folder_is_of_a_target() {
    for folder in ["corpus", "regressions"] {
        for file in files(&fuzz().join(folder)) {
            let name = file.file_name().unwrap().to_str().unwrap();
            let known = TARGETS.iter().any(|(target, _)| *target == name) || name == "README.md";
            assert!(known, "{folder}/{name}");
        }
    }
}
