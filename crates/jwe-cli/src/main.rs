//! The `jwe` command.
//!
//! Exit codes: 0 done; 1 refused or failed; 2 wrong usage. Only data goes to standard output;
//! warnings and errors go to standard error, and no secret is in them.

mod cli;
mod commands;
mod failure;
mod fetch;
mod input;
mod keys;
mod message;
mod output;

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
