//! `jwe encrypt`.

use jwe::{Backend, Encrypter, EncrypterBuilder, EncryptionKey, MessageEncrypter, Zeroizing};

use crate::cli::{Encrypt, SerializationArg, WriteArgs};
use crate::failure::Failure;
use crate::input::{self, Limit};
use crate::keys;
use crate::message;
use crate::output::{self, Secrecy};

pub(crate) fn run(args: &Encrypt) -> Result<(), Failure> {
    check_serialization(args)?;
    keys::check_files(&args.key, args.aad_file.as_deref(), &args.files)?;
    let (backend, keys) = keys::sender_keys(&args.key)?;
    let keys: Vec<EncryptionKey> = keys.into_iter().map(|sender| sender.key).collect();
    check_settings(&args.write, &keys)?;
    let backend = keys::content_backend(&args.write.content_backend, backend)?;
    let mut text = match (keys.as_slice(), args.serialization) {
        ([key], SerializationArg::Compact) => compact(args, backend, key)?,
        (keys, _) => json(args, backend, keys)?,
    };
    text.push(b'\n');
    output::write(args.files.output.as_deref(), &text, Secrecy::Public)
}

fn compact(args: &Encrypt, backend: &Backend, key: &EncryptionKey) -> Result<Vec<u8>, Failure> {
    let mut builder = builder(&args.write, backend, key);
    for (name, value) in members(args) {
        builder = builder.with_member(name, value.into());
    }
    let encrypter = builder.build()?;
    let mut plaintext = read(args)?;
    let mut token = Vec::new();
    encrypter.encrypt_in_place(&mut plaintext, &mut token)?;
    Ok(token)
}

/// A token's encrypter with the settings of the arguments.
pub(crate) fn builder<'a>(
    write: &WriteArgs,
    backend: &'a Backend,
    key: &'a EncryptionKey,
) -> EncrypterBuilder<'a> {
    let WriteArgs { enc, zip, apu, apv, p2c, .. } = write;
    let mut builder = Encrypter::builder(backend, key, *enc)
        .with_agreement_info(apu.as_deref().map(str::as_bytes), apv.as_deref().map(str::as_bytes));
    if let Some(p2c) = p2c {
        builder = builder.with_iterations(*p2c);
    }
    if *zip {
        builder = builder.compress();
    }
    builder
}

fn json(args: &Encrypt, backend: &Backend, keys: &[EncryptionKey]) -> Result<Vec<u8>, Failure> {
    let WriteArgs { enc, zip, apu, apv, p2c, .. } = &args.write;
    let mut builder = MessageEncrypter::builder(backend, *enc);
    for key in keys {
        builder = builder.with_recipient(key).with_agreement_info(
            apu.as_deref().map(str::as_bytes),
            apv.as_deref().map(str::as_bytes),
        );
        if let Some(p2c) = p2c {
            builder = builder.with_iterations(*p2c);
        }
    }
    for (name, value) in members(args) {
        builder = builder.with_member(name, value.into());
    }
    if *zip {
        builder = builder.compress();
    }
    let encrypter = builder.build()?;
    let aad = match (&args.aad, &args.aad_file) {
        (Some(text), _) => Zeroizing::new(text.as_bytes().to_vec()),
        (None, Some(path)) => input::read(Some(path), Limit::of_input(args.files.limit_input))?,
        (None, None) => Zeroizing::default(),
    };
    if aad.is_empty() && (args.aad.is_some() || args.aad_file.is_some()) {
        return Err(Failure::usage("empty additional authenticated data is none: leave it out"));
    }
    let plaintext = read(args)?;
    let text = encrypter.encrypt(args.serialization.serialization(), &plaintext, &aad)?;
    Ok(text.into_bytes())
}

fn members(args: &Encrypt) -> impl Iterator<Item = (&'static str, &str)> {
    [("typ", &args.typ), ("cty", &args.cty)]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
}

fn read(args: &Encrypt) -> Result<Zeroizing<Vec<u8>>, Failure> {
    input::read(args.files.input.as_deref(), Limit::of_input(args.files.limit_input))
}

/// What a serialization has no place for (RFC 7516 §7).
fn check_serialization(args: &Encrypt) -> Result<(), Failure> {
    let to = args.serialization;
    if args.key.source.count() > 1 && to != SerializationArg::General {
        return Err(Failure::usage(format!(
            "the {} serialization has a place for one recipient: give one --key or --password-file, or \
             --serialization general",
            message::name(to)
        )));
    }
    if (args.aad.is_some() || args.aad_file.is_some()) && to == SerializationArg::Compact {
        return Err(Failure::usage(
            "the compact serialization has no place for additional authenticated data: add \
             --serialization flattened or general",
        ));
    }
    Ok(())
}

/// That there is a key for each setting, which would be ignored otherwise.
pub(crate) fn check_settings(write: &WriteArgs, keys: &[EncryptionKey]) -> Result<(), Failure> {
    if (write.apu.is_some() || write.apv.is_some()) && !keys.iter().any(|key| key.alg().is_ecdh()) {
        return Err(Failure::usage("--apu and --apv are for keys of ECDH-ES: leave them out"));
    }
    if write.p2c.is_some() && !keys.iter().any(|key| key.alg().is_pbes2()) {
        return Err(Failure::usage("--p2c is for passwords: leave it out"));
    }
    Ok(())
}
