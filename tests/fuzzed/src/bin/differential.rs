//! Changes good tokens in so many ways and has every backend read each of them: `checks/differential`.
#![allow(clippy::unwrap_used, reason = "a check stops at what it does not expect")]

use std::io::Write;
use std::num::NonZero;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use jwe_fuzzed::differential::run_many;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let (count, seed) = match (arguments.next(), arguments.next(), arguments.next()) {
        (None, None, None) => (1_000_000, 1),
        (Some(Ok(count)), None, None) => (count, 1),
        (Some(Ok(count)), Some(Ok(seed)), None) => (count, seed),
        _ => {
            eprintln!("usage: differential [COUNT] [SEED], both numbers");
            return ExitCode::from(2);
        }
    };
    let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let backends: Vec<String> = jwe::backends().iter().map(|backend| backend.name()).collect();
    println!(
        "{count} mutations from seed {seed}, read by {} on {threads} threads",
        backends.join(", ")
    );
    let begun = Instant::now();
    let told = Mutex::new(0);
    let tell = |done: u64| {
        let tenth = done * 10 / count;
        let mut told = told.lock().unwrap();
        if tenth > *told {
            *told = tenth;
            println!("{done} done in {} s", begun.elapsed().as_secs());
            let _ = std::io::stdout().flush();
        }
    };
    match run_many(seed, count, threads, &tell) {
        Ok(counts) => {
            for (agreed, count) in counts {
                println!("{agreed:?}: {count}");
            }
            println!("{count} mutations, no disagreement, {} s", begun.elapsed().as_secs());
            ExitCode::SUCCESS
        }
        Err(failure) => {
            let hex: String = failure.program.iter().map(|byte| format!("{byte:02x}")).collect();
            eprintln!(
                "mutation {} of seed {seed}, the program {hex}: {}",
                failure.number, failure.reason
            );
            ExitCode::FAILURE
        }
    }
}
