//! The `jwe` command.
//!
//! Exit codes: 0 done; 1 refused or failed; 2 wrong usage; 3 done, with records that were rejected;
//! 128 and the number of a signal that stopped a stream of records. Only data goes to standard output;
//! warnings and errors go to standard error, and no secret is in them.

mod cli;
mod commands;
mod compression;
mod failure;
mod fetch;
mod input;
mod keys;
mod message;
mod output;
mod records;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // Wrong usage ends in here, with exit code 2 and the usage on standard error.
    let cli = cli::Cli::parse();
    match commands::run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::to_stderr(&failure);
            failure.exit_code()
        }
    }
}
