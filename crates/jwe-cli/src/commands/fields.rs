//! `jwe fields encrypt` and `jwe fields decrypt`.

use jwe::Encrypter;
use jwe_fields::{
    AlreadyEncrypted, ClearValue, DecryptOptions, DocumentLimits, EncryptOptions, FieldDecrypter,
    FieldEncrypter, Missing, NonString, PlaintextEncoding,
};

use crate::cli::{
    AlreadyEncryptedArg, ClearArg, EncodingArg, FieldsDecrypt, FieldsEncrypt, FileArgs, MissingArg,
    NonStringArg,
};
use crate::commands::decrypt::decrypter;
use crate::failure::Failure;
use crate::input::{self, Limit};
use crate::key_source;
use crate::output::{self, Secrecy};

pub(crate) fn encrypt(args: FieldsEncrypt) -> Result<(), Failure> {
    let (backend, key) = key_source::encryption_key(&args.key, &args.files)?;
    let encrypter = Encrypter::new(backend, &key, args.enc.enc)?;
    let options = EncryptOptions::new()
        .with_missing(missing(args.select.missing))
        .with_encoding(encoding(args.select.encoding))
        .with_non_string(match args.non_string {
            NonStringArg::Refuse => NonString::Refuse,
            NonStringArg::JsonText => NonString::JsonText,
        })
        .with_already_encrypted(match args.already_encrypted {
            AlreadyEncryptedArg::Refuse => AlreadyEncrypted::Refuse,
            AlreadyEncryptedArg::Leave => AlreadyEncrypted::Leave,
            AlreadyEncryptedArg::Again => AlreadyEncrypted::EncryptAgain,
        })
        .with_limits(limits(args.files.limit_input));
    let fields = FieldEncrypter::new(encrypter, args.select.fields, options)?;
    let document =
        input::read(args.files.input.as_deref(), Limit::of_input(args.files.limit_input))?;
    let encrypted = fields.encrypt(&document)?;
    // What is not selected is in clear in the output as well.
    let FileArgs { input, output, .. } = &args.files;
    output::write_like(input.as_deref(), output.as_deref(), &encrypted, Secrecy::Public)
}

pub(crate) fn decrypt(args: FieldsDecrypt) -> Result<(), Failure> {
    let decrypter = decrypter(&args.key, &args.accept, &args.files)?;
    let options = DecryptOptions::new()
        .with_missing(missing(args.select.missing))
        .with_encoding(encoding(args.select.encoding))
        .with_clear_value(match args.clear_value {
            ClearArg::Refuse => ClearValue::Refuse,
            ClearArg::Leave => ClearValue::Leave,
        })
        .with_limits(limits(args.files.limit_input));
    let fields = FieldDecrypter::new(decrypter, args.select.fields, options)?;
    let document =
        input::read(args.files.input.as_deref(), Limit::of_input(args.files.limit_input))?;
    let decrypted = fields.decrypt(&document)?;
    output::write(args.files.output.as_deref(), &decrypted, Secrecy::Secret)
}

fn missing(arg: MissingArg) -> Missing {
    match arg {
        MissingArg::Error => Missing::Refuse,
        MissingArg::Skip => Missing::Skip,
    }
}

fn encoding(arg: EncodingArg) -> PlaintextEncoding {
    match arg {
        EncodingArg::Text => PlaintextEncoding::Text,
        EncodingArg::Json => PlaintextEncoding::Json,
    }
}

fn limits(limit_input: usize) -> DocumentLimits {
    DocumentLimits::default().with_max_document_len(limit_input)
}
