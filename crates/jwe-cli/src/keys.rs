//! Where keys come from and what they are bound to.

mod alg_binding;
mod certificate;
mod file_conflicts;
mod recipient;
mod secret_line;
mod sender;
mod source;

use jwe::{Backend, ImportError, Jwk, JwkSet, KeyOptions, Kid, backend_by_name, backends};

use crate::cli::{ContentBackendArg, KeyArgs, KidArgs, LabelArgs};
use crate::failure::Failure;
use crate::output;

pub(crate) use certificate::note_dates;
pub(crate) use file_conflicts::{check_files, check_key_files, same_file, secret_files};
pub(crate) use recipient::RecipientKeys;
pub(crate) use secret_line::{out_passphrase, passphrase};
pub(crate) use sender::{SenderKey, sender_keys};
pub(crate) use source::{read, shown};

fn warn(name: &str, text: &str) {
    output::warn(&format!("{name}: {text}"));
}

/// The backend of the content: its own, or that of the key.
pub(crate) fn content_backend(
    arg: &ContentBackendArg,
    of_key: &'static Backend,
) -> Result<&'static Backend, Failure> {
    arg.name.as_deref().map_or(Ok(of_key), |name| backend(Some(name)))
}

/// The backend of that name, or the first that this build has.
pub(crate) fn backend(name: Option<&str>) -> Result<&'static Backend, Failure> {
    let Some(name) = name else {
        return backends().first().copied().ok_or_else(|| {
            Failure::new(
                "no_backend",
                "this build has no backend: build with the feature aws-lc-rs, ring or josekit",
            )
        });
    };
    backend_by_name(name).ok_or_else(|| {
        let names: Vec<String> = backends().iter().map(|backend| backend.name()).collect();
        Failure::usage(format!(
            "this build has no backend \"{}\", it has {}: name one of these, or build with that feature",
            name.escape_debug(),
            names.join(", ")
        ))
    })
}

/// The public half of a key, which must have one, with its labels.
pub(crate) fn publish(backend: &Backend, jwk: &Jwk, label: &LabelArgs) -> Result<Jwk, Failure> {
    let public = whole(backend, jwk)?.to_public().ok_or_else(no_public_half)?;
    labelled(backend, public, label)
}

/// The key with its public half, which its file may have left out, and about which its certificate
/// is.
pub(crate) fn whole(backend: &Backend, jwk: &Jwk) -> Result<Jwk, Failure> {
    jwk.check_certificate(backend)?;
    Ok(jwk.clone().with_public_half(backend)?)
}

pub(crate) fn no_public_half() -> Failure {
    Failure::new(
        "key_no_public_half",
        "a symmetric key has no public half: it must not be published",
    )
}

pub(crate) fn labelled(backend: &Backend, mut jwk: Jwk, label: &LabelArgs) -> Result<Jwk, Failure> {
    if let Some(alg) = label.alg {
        if !alg.takes_key_type(jwk.kty()) {
            return Err(ImportError::AlgKeyType { alg, kty: jwk.kty() }.into());
        }
        jwk = jwk.with_alg(alg);
    }
    let derived = |kid: Option<String>| kid.ok_or(ImportError::MissingPublicHalf);
    let symmetric = jwk.kty() == "oct";
    let kid = match label {
        LabelArgs { kid: Some(kid), .. } => kid.clone(),
        LabelArgs { kid_thumbprint: true, .. } | LabelArgs { kid_spki: true, .. } if symmetric => {
            return Err(ImportError::InvalidKid(
                "the thumbprint of a symmetric key would publish its hash: give another kid",
            )
            .into());
        }
        LabelArgs { kid_thumbprint: true, .. } => derived(jwk.thumbprint(backend))?,
        LabelArgs { kid_spki: true, .. } => derived(jwk.spki_sha256(backend))?,
        _ => return Ok(jwk),
    };
    Ok(jwk.with_kid(&kid)?)
}

/// The key of a set that is meant, and what is chosen about its name.
fn choose<'a>(keys: &'a JwkSet, args: &KidArgs) -> Result<(&'a Jwk, Kid), Failure> {
    let Some(kid) = &args.kid else { return Ok((keys.only()?, kid_choice(args))) };
    match (keys.keys(), keys.skipped()) {
        // The one key that is there, if it has no name, gets this one. One with another name, or
        // with others beside it, is not the key that is meant.
        ([jwk], []) if jwk.kid().is_none() => Ok((jwk, kid_choice(args))),
        _ => Ok((keys.get(kid)?, Kid::FromKey)),
    }
}

fn kid_choice(args: &KidArgs) -> Kid {
    match args {
        KidArgs { kid: Some(kid), .. } => Kid::Given(kid.clone()),
        KidArgs { kid_thumbprint: true, .. } => Kid::Thumbprint,
        KidArgs { kid_spki: true, .. } => Kid::SpkiSha256,
        KidArgs { no_kid: true, .. } => Kid::Omit,
        _ => Kid::FromKey,
    }
}

fn options(args: &KeyArgs, kid: Kid) -> KeyOptions {
    let options = KeyOptions::new().with_kid(kid);
    if args.ignore_key_usage { options.ignore_declared_usage() } else { options }
}

/// One name is for one key.
fn check_kid_is_for_one(args: &KeyArgs) -> Result<(), Failure> {
    if args.kid.kid.is_some() && args.source.count() > 1 {
        return Err(Failure::usage(
            "--kid names one key, and there are several: try --kid-thumbprint, or give each key its own",
        ));
    }
    Ok(())
}

/// How a password is named: not at all, unless it is the only key and gets a name. A hash of it is
/// not for everybody to read.
fn kid_of_password(args: &KeyArgs) -> Kid {
    match kid_choice(&args.kid) {
        choice if args.source.keys.is_empty() && choice != Kid::FromKey => choice,
        _ => Kid::Omit,
    }
}
