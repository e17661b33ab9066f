//! `jwe decrypt`.

use jwe::{Decrypter, Limits};

use crate::cli::{AcceptArgs, Decrypt, FileArgs, KeyArgs};
use crate::failure::Failure;
use crate::input::{self, Limit};
use crate::key_source;
use crate::output::{self, Secrecy};

pub(crate) fn run(args: &Decrypt) -> Result<(), Failure> {
    let decrypter = decrypter(&args.key, &args.accept, &args.files)?;
    let input = input::read(args.files.input.as_deref(), Limit::of_input(args.files.limit_input))?;
    let plaintext = decrypter.decrypt(input::token(&input)?)?;
    output::write(args.files.output.as_deref(), &plaintext, Secrecy::Secret)
}

/// The decrypter that the arguments describe.
pub(crate) fn decrypter(
    key: &KeyArgs,
    accept: &AcceptArgs,
    files: &FileArgs,
) -> Result<Decrypter, Failure> {
    if accept.limit_header > Limits::MAX_HEADER_LEN {
        return Err(Failure::usage(format!(
            "--limit-header is at most {}",
            Limits::MAX_HEADER_LEN
        )));
    }
    let (backend, keys) = key_source::decryption_keys(key, files)?;
    let limits = Limits::default()
        .with_max_token_len(accept.limit_token)
        .with_max_header_len(accept.limit_header);
    let mut decrypter = Decrypter::new(backend, keys, &accept.enc)?.with_limits(limits);
    if accept.require_kid {
        decrypter = decrypter.require_kid();
    }
    if accept.ignore_kid {
        decrypter = decrypter.ignore_kid();
    }
    Ok(decrypter)
}
