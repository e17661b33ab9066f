//! `jwe fields encrypt` and `jwe fields decrypt`.

use jwe_fields::{
    AlreadyEncrypted, ClearValue, DecryptOptions, DocumentLimits, EncryptOptions, FieldDecrypter,
    FieldEncrypter, Missing, NonString, PlaintextEncoding,
};

use crate::cli::{
    AlreadyEncryptedArg, ClearArg, EncodingArg, FieldsDecrypt, FieldsEncrypt, FileArgs, MissingArg,
    NonStringArg,
};
use crate::commands::{decrypt, encrypt};
use crate::failure::Failure;
use crate::input::{self, Limit};
use crate::keys::{self, RecipientKeys};
use crate::output::{self, Secrecy};

pub(crate) fn encrypt(args: FieldsEncrypt) -> Result<(), Failure> {
    let one_key = || Failure::usage("a field is encrypted with one key: give one");
    if args.key.source.count() > 1 {
        return Err(one_key());
    }
    keys::check_files(&args.key, None, &args.files)?;
    let (backend, keys) = keys::sender_keys(&args.key)?;
    encrypt::check_settings(&args.write, &keys)?;
    let key = keys.first().ok_or_else(one_key)?;
    let encrypter = encrypt::builder(&args.write, backend, key).build()?;
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
        .with_limits(document_limits(args.files.limit_input));
    let fields = FieldEncrypter::new(encrypter, args.select.fields, options)?;
    let document =
        input::read(args.files.input.as_deref(), Limit::of_input(args.files.limit_input))?;
    let encrypted = fields.encrypt(&document)?;
    // What is not selected is in clear in the output as well.
    let FileArgs { input, output, .. } = &args.files;
    output::write_like(input.as_deref(), output.as_deref(), &encrypted, Secrecy::Public)
}

pub(crate) fn decrypt(args: FieldsDecrypt) -> Result<(), Failure> {
    keys::check_files(&args.key, None, &args.files)?;
    let limits = decrypt::limits(&args.accept)?;
    let keys = RecipientKeys::import(&args.key)?;
    // A document has many tokens, so that none of them can choose the algorithm of a key.
    let imported = if args.accept.try_keys { keys.all() } else { keys.settled()? };
    let decrypter = decrypt::decrypter(keys.backend, imported, &args.accept, limits)?;
    let options = DecryptOptions::new()
        .with_missing(missing(args.select.missing))
        .with_encoding(encoding(args.select.encoding))
        .with_clear_value(match args.clear_value {
            ClearArg::Refuse => ClearValue::Refuse,
            ClearArg::Leave => ClearValue::Leave,
        })
        .with_limits(document_limits(args.files.limit_input));
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

fn document_limits(limit_input: usize) -> DocumentLimits {
    DocumentLimits::default().with_max_document_len(limit_input)
}
