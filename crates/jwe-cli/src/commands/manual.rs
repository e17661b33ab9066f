//! `jwe completions` and `jwe man`, from the definition of the command line.

use std::path::Path;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::cli::Cli;
use crate::failure::Failure;
use crate::output::{self, Secrecy};

pub(crate) fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "jwe", &mut script);
    output::write(None, &script, Secrecy::Public)
}

pub(crate) fn man(dir: Option<&Path>) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::new("output", format!("can't be written: {error}"));
    match dir {
        Some(dir) => {
            let failed = |error| failed(error).about(&dir.display().to_string());
            std::fs::create_dir_all(dir).map_err(failed)?;
            clap_mangen::generate_to(Cli::command(), dir).map_err(failed)
        }
        None => {
            let mut page = Vec::new();
            Man::new(Cli::command()).render(&mut page).map_err(failed)?;
            output::write(None, &page, Secrecy::Public)
        }
    }
}
