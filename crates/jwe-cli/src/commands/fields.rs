//! `jwe fields encrypt` and `jwe fields decrypt`.

mod choice;
mod settings;

use jwe::{EncryptionKey, Zeroizing};
use jwe_fields::records::{ColumnDecrypter, ColumnEncrypter, Fields, RecordStream};
use jwe_fields::{
    AlreadyEncrypted, Binding, ClearValue, DecryptOptions, DocumentLimits, EncryptOptions,
    FieldDecrypter, FieldEncrypter, Missing, NonString, Padding, PlaintextEncoding, ShareCek,
};

use crate::cli::{
    AlreadyEncryptedArg, ClearArg, EncodingArg, FieldFileArgs, FieldsDecrypt, FieldsEncrypt,
    FileArgs, FormatArg, FormatArgs, KeyArgs, MissingArg, NonStringArg, RecordArgs, SelectArgs,
    ShareCekArg,
};
use crate::commands::{decrypt, encrypt};
use crate::compression::Compression;
use crate::failure::Failure;
use crate::input::{self, Limit};
use crate::keys::{self, RecipientKeys};
use crate::output::{self, Secrecy};
use crate::records::{self, Format, Run, Settings};

pub(crate) fn encrypt(args: FieldsEncrypt) -> Result<(), Failure> {
    let format = Format::of(&args.format, &args.files);
    choice::check(format, &args.format, &args.select, &args.files, &args.records)?;
    if format.kind == FormatArg::Csv && matches!(args.non_string, NonStringArg::JsonText) {
        return Err(Failure::usage("--non-string is for JSON: in csv every cell is a text"));
    }
    let one_key = || Failure::usage("a field is encrypted with one key: give one");
    if args.key.source.count() > 1 {
        return Err(one_key());
    }
    keys::check_files(&args.key, None, &args.files.files())?;
    let (backend, senders) = keys::sender_keys(&args.key)?;
    let keys: Vec<EncryptionKey> = senders.iter().map(|sender| sender.key.clone()).collect();
    encrypt::check_settings(&args.write, &keys)?;
    let sender = senders.first().ok_or_else(one_key)?;
    let backend = keys::content_backend(&args.write.content_backend, backend)?;
    let encrypter = encrypt::builder(&args.write, backend, &sender.key);
    let padding = padding(&args.select)?;
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
        .with_share_cek(match args.share_cek {
            ShareCekArg::None => ShareCek::No,
            ShareCekArg::Document => ShareCek::Document,
        })
        .with_padding(padding)
        .with_limits(limits(format, &args.files, &args.records));
    let settings = settings::of_encryption(&args, format, sender);
    let job = Job {
        format,
        key: &args.key,
        args: &args.format,
        files: &args.files,
        records: &args.records,
        // What is not selected is in clear in the output as well.
        secrecy: Secrecy::Public,
    };
    if format.kind == FormatArg::Csv {
        let columns = match binding(&args.select) {
            Some(binding) => {
                ColumnEncrypter::binding(encrypter, args.select.columns, options, binding)
            }
            None => ColumnEncrypter::new(encrypter.build()?, args.select.columns, options),
        };
        let columns = columns?.with_delimiter(format.delimiter);
        return job.stream(RecordStream::csv(&columns), settings);
    }
    let fields = match binding(&args.select) {
        Some(binding) => FieldEncrypter::binding(encrypter, args.select.fields, options, binding),
        None => FieldEncrypter::new(encrypter.build()?, args.select.fields, options),
    }?;
    job.fields(&fields, settings, |document| {
        Ok(Zeroizing::new(match &args.select.record_id {
            Some(id) => fields.encrypt_record(id, document)?,
            None => fields.encrypt(document)?,
        }))
    })
}

pub(crate) fn decrypt(args: FieldsDecrypt) -> Result<(), Failure> {
    let format = Format::of(&args.format, &args.files);
    choice::check(format, &args.format, &args.select, &args.files, &args.records)?;
    choice::check_understood(&args.select, &args.accept.understand)?;
    let padding = padding(&args.select)?;
    keys::check_files(&args.key, None, &args.files.files())?;
    let token_limits = decrypt::limits(&args.accept)?;
    let keys = RecipientKeys::import(&args.key)?;
    // A document has many tokens, so that none of them can choose the algorithm of a key.
    let imported = if args.accept.try_keys { keys.all() } else { keys.settled()? };
    let settings = settings::of_decryption(&args, format, &imported);
    let backend = keys::content_backend(&args.accept.content_backend, keys.backend)?;
    let decrypter = decrypt::decrypter(backend, imported, &args.accept, token_limits)?;
    let options = DecryptOptions::new()
        .with_missing(missing(args.select.missing))
        .with_encoding(encoding(args.select.encoding))
        .with_clear_value(match args.clear_value {
            ClearArg::Refuse => ClearValue::Refuse,
            ClearArg::Leave => ClearValue::Leave,
        })
        .with_padding(padding)
        .with_limits(limits(format, &args.files, &args.records));
    let job = Job {
        format,
        key: &args.key,
        args: &args.format,
        files: &args.files,
        records: &args.records,
        secrecy: Secrecy::Secret,
    };
    if format.kind == FormatArg::Csv {
        let columns = match binding(&args.select) {
            Some(binding) => {
                ColumnDecrypter::binding(decrypter, args.select.columns, options, binding)
            }
            None => ColumnDecrypter::new(decrypter, args.select.columns, options),
        };
        let columns = columns?.with_delimiter(format.delimiter);
        return job.stream(RecordStream::csv(&columns), settings);
    }
    let fields = match binding(&args.select) {
        Some(binding) => FieldDecrypter::binding(decrypter, args.select.fields, options, binding),
        None => FieldDecrypter::new(decrypter, args.select.fields, options),
    }?;
    job.fields(&fields, settings, |document| {
        Ok(match &args.select.record_id {
            Some(id) => fields.decrypt_record(id, document)?,
            None => fields.decrypt(document)?,
        })
    })
}

/// What both commands do with files.
struct Job<'a> {
    format: Format,
    key: &'a KeyArgs,
    args: &'a FormatArgs,
    files: &'a FieldFileArgs,
    records: &'a RecordArgs,
    secrecy: Secrecy,
}

impl Job<'_> {
    /// Works on JSON, which is one document or a stream of them.
    fn fields<'f>(
        &self,
        fields: impl Into<Fields<'f>>,
        settings: Settings,
        whole: impl FnOnce(&[u8]) -> Result<Zeroizing<Vec<u8>>, Failure>,
    ) -> Result<(), Failure> {
        match self.format.kind {
            FormatArg::Ndjson => self.stream(RecordStream::ndjson(fields), settings),
            FormatArg::JsonArray => self.stream(RecordStream::json_array(fields), settings),
            FormatArg::Json | FormatArg::Csv => self.document(whole),
        }
    }

    fn stream(&self, stream: RecordStream<'_>, settings: Settings) -> Result<(), Failure> {
        records::run(Run {
            stream,
            input: self.files.input.as_deref(),
            output: self.files.output.as_deref(),
            secret_files: &keys::secret_files(self.key),
            compression: self.compression(),
            secrecy: self.secrecy,
            args: self.records,
            settings,
        })
    }

    /// Works on one document as a whole.
    fn document(
        &self,
        work: impl FnOnce(&[u8]) -> Result<Zeroizing<Vec<u8>>, Failure>,
    ) -> Result<(), Failure> {
        let FileArgs { input, output, limit_input } = self.files.files();
        let limit = Limit::of_input(limit_input);
        let document = work(&input::read_decompressed(input.as_deref(), limit)?)?;
        let compressed = match self.compression().encoding() {
            Some(encode) => {
                let mut compressed = Zeroizing::new(Vec::new());
                encode.encode(&document, &mut compressed).map_err(|error| {
                    Failure::new("output", format!("can't be compressed: {error}"))
                })?;
                compressed
            }
            None => document,
        };
        match self.secrecy {
            Secrecy::Public => output::write_like(
                input.as_deref(),
                output.as_deref(),
                &compressed,
                Secrecy::Public,
            ),
            Secrecy::Secret => output::write(output.as_deref(), &compressed, Secrecy::Secret),
        }
    }

    fn compression(&self) -> Compression {
        Compression::of_output(self.args.compress, self.files.output.as_deref())
    }
}

fn padding(select: &SelectArgs) -> Result<Padding, Failure> {
    let out_of_range =
        || Failure::usage(format!("--pad is 1 to {} bytes", Padding::LARGEST_BUCKET));
    match select.pad {
        Some(bytes) => Padding::to_bucket(bytes).ok_or_else(out_of_range),
        None => Ok(Padding::default()),
    }
}

/// To what values are bound, if they are.
fn binding(select: &SelectArgs) -> Option<Binding> {
    let binding = Binding::to_field();
    select.bind.then(|| match (&select.record_id, &select.record_id_at) {
        (Some(_), _) => binding.with_record(),
        (None, Some(place)) => binding.with_record_at(place),
        (None, None) => binding,
    })
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

/// A record is a document, and as long as one at most.
fn limits(format: Format, files: &FieldFileArgs, records: &RecordArgs) -> DocumentLimits {
    let longest = match format.kind {
        FormatArg::Json => files.files().limit_input,
        _ => records.limit_record(),
    };
    DocumentLimits::default().with_max_document_len(longest)
}
