//! `jwe convert`: the same message in another serialization (RFC 7516 §7).

use jwe::{Inspection, Limits, Message};

use crate::cli::{Convert, SerializationArg};
use crate::failure::Failure;
use crate::input::{self, Limit};
use crate::message;
use crate::output::{self, Secrecy};

pub(crate) fn run(args: &Convert) -> Result<(), Failure> {
    let input = input::read(args.files.input.as_deref(), Limit::of_input(args.files.limit_input))?;
    let limits = Limits::default()
        .with_max_token_len(args.files.limit_input)
        .with_max_recipients(args.recipients.limit_recipients);
    let (_, message) = message::read_any(input::token(&input)?, &limits)?;
    // What is not well-formed is told more precisely than by the serialization.
    Inspection::of(&message, &limits)?;
    let mut text = String::new();
    args.to
        .serialization()
        .write(&message, &mut text)
        .map_err(|_| not_expressible(&message, args.to))?;
    text.push('\n');
    output::write(args.files.output.as_deref(), text.as_bytes(), Secrecy::Public)
}

/// Why a serialization has no place for a message.
fn not_expressible(message: &Message<'_>, to: SerializationArg) -> Failure {
    let why = match message.recipients() {
        [only] => {
            let parts = [
                (only.header().is_some(), "a header of its recipient that is not protected"),
                (message.unprotected().is_some(), "a shared unprotected header"),
                (message.aad().is_some(), "additional authenticated data"),
                (message.protected().is_empty(), "no protected header"),
            ];
            let there = parts.into_iter().filter(|(there, _)| *there).map(|(_, part)| part);
            there.collect::<Vec<_>>().join(" and ")
        }
        several => format!("{} recipients", several.len()),
    };
    Failure::new(
        "not_expressible",
        format!(
            "the {} serialization has no place for the message, which has {why}: choose one that has, or ask \
             its sender for another message",
            message::name(to)
        ),
    )
}
