//! `jwe key convert`: the same key in another format.

use jwe::{Backend, JwkSet, KeyFormat, Zeroizing};

use crate::cli::{KeyConvert, KeyFormatArg, LabelArgs};
use crate::failure::Failure;
use crate::keys;
use crate::output::{self, Secrecy};

pub(crate) fn run(args: &KeyConvert) -> Result<(), Failure> {
    check(args)?;
    let passphrases = [args.passphrase.file.as_deref(), args.out_passphrase_file.as_deref()];
    keys::check_key_files(&args.key, passphrases, args.output.as_deref())?;
    let backend = keys::backend(args.backend.name.as_deref())?;
    let passphrase = keys::passphrase(&args.passphrase)?;
    let set = keys::read(&args.key, None, passphrase.as_ref())?;
    let shown = keys::shown(&args.key);
    let content = convert(args, backend, &set).map_err(|failure| failure.about(&shown))?;
    if let Ok(jwk) = set.only() {
        keys::note_dates(jwk, &shown);
    }
    if args.private {
        output::create_secret_or_print(args.output.as_deref(), &content)
    } else {
        output::write(args.output.as_deref(), &content, Secrecy::Public)
    }
}

/// That no setting is ignored, and that what holds a private key was asked for.
fn check(args: &KeyConvert) -> Result<(), Failure> {
    use KeyFormatArg::{Der, Jwk, Pem, Pkcs8, Sec1, Spki};

    let LabelArgs { alg, kid, kid_thumbprint, kid_spki } = &args.label;
    let labelled = alg.is_some() || kid.is_some() || *kid_thumbprint || *kid_spki;
    let to = args.to;
    let misused = [
        (
            labelled && to != Jwk,
            "--alg, --kid, --kid-thumbprint and --kid-spki are for --to jwk: the other formats have no \
             place for them",
        ),
        (
            args.der && matches!(to, Jwk | Pem | Der),
            "--der is for --to spki, pkcs8, sec1 and pkcs1",
        ),
        (
            matches!(to, Pkcs8 | Sec1) && !args.private,
            "this format is for private keys: add --private to write one, or use --to spki",
        ),
        (
            to == Spki && args.private,
            "--to spki is for public keys: leave out --private, or use --to pkcs8",
        ),
        (
            args.out_passphrase_file.is_some() && !matches!(to, Pem | Der | Pkcs8),
            "--out-passphrase-file is for --to pkcs8, pem and der: the other formats are not encrypted here",
        ),
    ];
    match misused.into_iter().find(|(misused, _)| *misused) {
        Some((_, text)) => Err(Failure::usage(text)),
        None => Ok(()),
    }
}

fn convert(
    args: &KeyConvert,
    backend: &Backend,
    set: &JwkSet,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let jwk = keys::whole(backend, set.only()?)?;
    let jwk = if !args.private {
        jwk.to_public().ok_or_else(keys::no_public_half)?
    } else if jwk.is_private() {
        jwk
    } else {
        return Err(Failure::new(
            "export_private_needed",
            "this is a public key, and --private asks for a private one: leave that out",
        ));
    };
    let (format, der) = match args.to {
        KeyFormatArg::Jwk => {
            let json = keys::labelled(backend, jwk, &args.label)?.to_json();
            let mut line = Zeroizing::new(Vec::with_capacity(json.len() + 1));
            line.extend_from_slice(json.as_bytes());
            line.push(b'\n');
            return Ok(line);
        }
        KeyFormatArg::Pem if args.private => (KeyFormat::Pkcs8, false),
        KeyFormatArg::Der if args.private => (KeyFormat::Pkcs8, true),
        KeyFormatArg::Pem => (KeyFormat::Spki, false),
        KeyFormatArg::Der => (KeyFormat::Spki, true),
        KeyFormatArg::Spki => (KeyFormat::Spki, args.der),
        KeyFormatArg::Pkcs8 => (KeyFormat::Pkcs8, args.der),
        KeyFormatArg::Sec1 => (KeyFormat::Sec1, args.der),
        KeyFormatArg::Pkcs1 => (KeyFormat::Pkcs1, args.der),
    };
    if let Some(passphrase) = keys::out_passphrase(args.out_passphrase_file.as_deref())? {
        let passphrase = passphrase.as_bytes();
        return Ok(Zeroizing::new(if der {
            jwe_encrypted_key::encrypt_der(&jwk, passphrase, backend)?
        } else {
            jwe_encrypted_key::encrypt_pem(&jwk, passphrase, backend)?.into_bytes()
        }));
    }
    if der {
        return Ok(jwk.to_der(format)?);
    }
    let mut pem = jwk.to_pem(format)?;
    // The text moves and is not copied.
    Ok(Zeroizing::new(core::mem::take(&mut *pem).into_bytes()))
}
