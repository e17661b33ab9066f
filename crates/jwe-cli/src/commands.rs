//! One file a command.

mod backends;
mod bench;
mod convert;
mod decrypt;
mod doctor;
mod encrypt;
mod fields;
mod inspect;
mod key_convert;
mod key_directory;
mod keygen;
mod manual;
mod public;
mod serve;
mod thumbprint;

use crate::cli::{Command, Fields, Key};
use crate::failure::Failure;

pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Keygen(args) => keygen::run(&args),
        Command::Public(args) => public::run(&args),
        Command::Thumbprint(args) => thumbprint::run(&args),
        Command::Key(Key::Convert(args)) => key_convert::run(&args),
        Command::Keys(args) => key_directory::run(args),
        Command::Fields(Fields::Encrypt(args)) => fields::encrypt(args),
        Command::Fields(Fields::Decrypt(args)) => fields::decrypt(args),
        Command::Encrypt(args) => encrypt::run(&args),
        Command::Decrypt(args) => decrypt::run(&args),
        Command::Convert(args) => convert::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Backends(args) => backends::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { dir } => manual::man(dir.as_deref()),
    }
}
