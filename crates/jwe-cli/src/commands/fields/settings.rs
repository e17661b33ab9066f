//! The settings on which the output of a stream depends.

use clap::ValueEnum;
use jwe::{Alg, DecryptionKey, Enc};
use jwe_fields::Selector;

use crate::cli::{AcceptArgs, FieldsDecrypt, FieldsEncrypt, SelectArgs, WriteArgs};
use crate::keys::SenderKey;
use crate::records::{Format, Settings};

/// Those of an encryption. The thumbprint of a secret key is not among them.
pub(super) fn of_encryption(args: &FieldsEncrypt, format: Format, sender: &SenderKey) -> Settings {
    let WriteArgs { enc, zip, apu, apv, p2c, .. } = &args.write;
    common("encrypt", format, &args.select)
        .with("alg", sender.key.alg().name())
        .with("kid", sender.key.kid())
        .with("key_thumbprint", sender.thumbprint.as_deref())
        .with("enc", enc.name())
        .with("zip", *zip)
        .with("apu", apu.as_deref())
        .with("apv", apv.as_deref())
        .with("p2c", *p2c)
        .with("non_string", name(args.non_string))
        .with("already_encrypted", name(args.already_encrypted))
        .with("share_cek", name(args.share_cek))
}

/// Those of a decryption.
pub(super) fn of_decryption(
    args: &FieldsDecrypt,
    format: Format,
    keys: &[DecryptionKey],
) -> Settings {
    let AcceptArgs { enc, zip, ignore_kid, require_kid, try_keys, .. } = &args.accept;
    let algs: Vec<&str> = keys.iter().map(DecryptionKey::alg).map(Alg::name).collect();
    let kids: Vec<Option<&str>> = keys.iter().map(DecryptionKey::kid).collect();
    common("decrypt", format, &args.select)
        .with("alg", algs)
        .with("kid", kids)
        .with("enc", enc.iter().copied().map(Enc::name).collect::<Vec<_>>())
        .with("zip", *zip)
        .with("ignore_kid", *ignore_kid)
        .with("require_kid", *require_kid)
        .with("try_keys", *try_keys)
        .with("clear_value", name(args.clear_value))
}

fn common(direction: &str, format: Format, select: &SelectArgs) -> Settings {
    // The id of a record is for documents, not for streams.
    let SelectArgs { fields, columns, missing, encoding, pad, bind, record_id: _, record_id_at } =
        select;
    let delimiter = char::from(format.delimiter.get()).to_string();
    let mut settings = Settings::new();
    if let Some(pad) = pad {
        settings = settings.with("pad", *pad);
    }
    if *bind {
        settings = settings.with("bind", true).with("record_id_at", record_id_at.as_deref());
    }
    settings
        .with("direction", direction)
        .with("format", format.name())
        .with("delimiter", delimiter)
        .with("fields", fields.iter().map(Selector::as_str).collect::<Vec<_>>())
        .with("columns", columns.as_slice())
        .with("missing", name(*missing))
        .with("encoding", name(*encoding))
}

/// The value as it is given on the command line.
fn name(value: impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
