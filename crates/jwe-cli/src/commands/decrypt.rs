//! `jwe decrypt`.

use jwe::{Backend, Decrypter, DecryptionKey, Inspection, Limits};

use crate::cli::{AcceptArgs, Decrypt};
use crate::failure::Failure;
use crate::input::{self, Limit};
use crate::keys::{self, RecipientKeys};
use crate::message;
use crate::output::{self, Secrecy};

pub(crate) fn run(args: &Decrypt) -> Result<(), Failure> {
    keys::check_files(&args.key, None, &args.files)?;
    let accept = &args.accept;
    let limits = limits(accept)?.with_max_recipients(args.recipients.limit_recipients);
    let keys = RecipientKeys::import(&args.key)?;
    let backend = keys::content_backend(&accept.content_backend, keys.backend)?;
    // What is wrong with the keys is told before the input is waited for.
    let settled = if accept.try_keys { Some(keys.all()) } else { keys.settled().ok() };
    let ready = settled.map(|keys| decrypter(backend, keys, accept, limits)).transpose()?;
    let input = input::read(args.files.input.as_deref(), Limit::of_input(args.files.limit_input))?;
    let message = message::read(input::token(&input)?, &args.serialization, &limits)?;
    let decrypter = match ready {
        Some(decrypter) => decrypter,
        None => {
            let keys = keys.for_message(&Inspection::of(&message, &limits)?, accept.ignore_kid);
            decrypter(backend, keys, accept, limits)?
        }
    };
    let plaintext = decrypter.decrypt_message(message)?;
    output::write(args.files.output.as_deref(), &plaintext, Secrecy::Secret)
}

/// The limits that the arguments set.
pub(crate) fn limits(accept: &AcceptArgs) -> Result<Limits, Failure> {
    if accept.limit_header > Limits::MAX_HEADER_LEN {
        return Err(Failure::usage(format!(
            "--limit-header is at most {}",
            Limits::MAX_HEADER_LEN
        )));
    }
    Ok(Limits::default()
        .with_max_token_len(accept.limit_token)
        .with_max_header_len(accept.limit_header))
}

/// The decrypter that the arguments describe.
pub(crate) fn decrypter(
    backend: &Backend,
    keys: Vec<DecryptionKey>,
    accept: &AcceptArgs,
    limits: Limits,
) -> Result<Decrypter, Failure> {
    let decrypter = if accept.try_keys {
        Decrypter::trying_keys(backend, keys, &accept.enc)?
    } else {
        Decrypter::new(backend, keys, &accept.enc)?
    };
    let understood: Vec<&str> = accept.understand.iter().map(String::as_str).collect();
    let mut decrypter = decrypter.with_limits(limits).understand(&understood);
    if accept.require_kid {
        decrypter = decrypter.require_kid();
    }
    if accept.ignore_kid {
        decrypter = decrypter.ignore_kid();
    }
    if let Some(max_p2c) = accept.allow_pbes2 {
        decrypter = decrypter.allow_pbes2(max_p2c);
    }
    if accept.zip {
        decrypter = decrypter.allow_zip(accept.limit_inflated);
    }
    Ok(decrypter)
}
