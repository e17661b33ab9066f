//! `jwe encrypt`.

use jwe::Encrypter;

use crate::cli::Encrypt;
use crate::failure::Failure;
use crate::input::{self, Limit};
use crate::key_source;
use crate::output::{self, Secrecy};

pub(crate) fn run(args: &Encrypt) -> Result<(), Failure> {
    let (backend, key) = key_source::encryption_key(&args.key, &args.files)?;
    let mut builder = Encrypter::builder(backend, &key, args.enc.enc);
    for (name, value) in [("typ", &args.typ), ("cty", &args.cty)] {
        if let Some(value) = value {
            builder = builder.with_member(name, value.as_str().into());
        }
    }
    let encrypter = builder.build()?;
    let mut plaintext =
        input::read(args.files.input.as_deref(), Limit::of_input(args.files.limit_input))?;
    let mut token = Vec::new();
    encrypter.encrypt_in_place(&mut plaintext, &mut token)?;
    token.push(b'\n');
    output::write(args.files.output.as_deref(), &token, Secrecy::Public)
}
