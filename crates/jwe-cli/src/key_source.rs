//! Where keys come from: a file or a URL, in any format.

use std::path::Path;

use jwe::{
    Backend, DecryptionKey, EncryptionKey, ImportError, Jwk, JwkSet, KeyOptions, Kid,
    backend_by_name, backends,
};

use crate::cli::{FileArgs, KeyArgs, KidArgs};
use crate::failure::{Failure, escaped};
use crate::fetch;
use crate::input::{self, Limit};
use crate::output;

/// The longest key file in bytes: that of a JWK set.
const MAX_KEY_FILE_LEN: usize = 1024 * 1024;

/// Reads the keys that `name`, a file or a URL, holds.
pub(crate) fn read(name: &str, ca_file: Option<&Path>) -> Result<JwkSet, Failure> {
    let shown = shown(name);
    let limit = Limit::of_keys(MAX_KEY_FILE_LEN);
    let bytes = if fetch::is_url(name) {
        let authorities = ca_file.map(|path| input::read(Some(path), limit)).transpose()?;
        fetch::fetch(name, authorities.as_ref().map(|pem| pem.as_slice()))
            .map_err(|failure| failure.about(&shown))?
    } else {
        input::read(Some(Path::new(name)), limit)?
    };
    let keys = JwkSet::from_bytes(&bytes).map_err(|error| Failure::from(error).about(&shown))?;
    if keys.keys().iter().any(Jwk::is_private) {
        warn_if_others_can_read(name, &shown);
    }
    warn_of_left_out(&shown, keys.skipped());
    Ok(keys)
}

/// How many keys that are left out are told one by one: a set may have a thousand.
const MOST_TOLD: usize = 3;

fn warn_of_left_out(shown: &str, reasons: &[ImportError]) {
    for reason in reasons.iter().take(MOST_TOLD) {
        warn(shown, &format!("a key of the set is left out: {reason}"));
    }
    if reasons.len() > MOST_TOLD {
        warn(shown, &format!("{} more keys are left out", reasons.len() - MOST_TOLD));
    }
}

/// The name of a file or a URL as it can be shown: a user name, a password or a query may be
/// secret.
pub(crate) fn shown(name: &str) -> String {
    if fetch::is_url(name) { fetch::shown(name) } else { name.to_owned() }
}

fn warn(name: &str, text: &str) {
    output::to_stderr(&format_args!("warning: {}", escaped(&format!("{name}: {text}"))));
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

/// Imports the key for encryption: the one that `--kid` names, or the only one.
pub(crate) fn encryption_key(
    args: &KeyArgs,
    files: &FileArgs,
) -> Result<(&'static Backend, EncryptionKey), Failure> {
    check_files(args, files)?;
    let backend = backend(args.backend.as_deref())?;
    let keys = read(&args.key, args.ca_file.as_deref())?;
    let (jwk, options) = choose(&keys, args).map_err(|failure| failure.about(&shown(&args.key)))?;
    let key = EncryptionKey::import(backend, jwk, &options)
        .map_err(|error| Failure::from(error).about(&shown(&args.key)))?;
    Ok((backend, key))
}

/// Imports the keys for decryption: the one that `--kid` names, or all of them.
pub(crate) fn decryption_keys(
    args: &KeyArgs,
    files: &FileArgs,
) -> Result<(&'static Backend, Vec<DecryptionKey>), Failure> {
    check_files(args, files)?;
    let backend = backend(args.backend.as_deref())?;
    let keys = read(&args.key, args.ca_file.as_deref())?;
    if let (all @ [_, _, ..], None) = (keys.keys(), &args.kid.kid) {
        return Ok((backend, import_all(backend, all, args)?));
    }
    let (jwk, options) = choose(&keys, args).map_err(|failure| failure.about(&shown(&args.key)))?;
    let key = DecryptionKey::import(backend, jwk, &options)
        .map_err(|error| Failure::from(error).about(&shown(&args.key)))?;
    Ok((backend, vec![key]))
}

/// What the key, the certificates, the input and the output can't be at the same time.
fn check_files(args: &KeyArgs, files: &FileArgs) -> Result<(), Failure> {
    let ca_file = args.ca_file.as_deref();
    if ca_file.is_some() && !args.key.starts_with("https://") {
        return Err(Failure::usage("--ca-file is for a key from an https URL: leave it out"));
    }
    let key = (!fetch::is_url(&args.key)).then(|| Path::new(&args.key));
    let from_stdin = [key, ca_file]
        .into_iter()
        .flatten()
        .map(Some)
        .chain([files.input.as_deref()])
        .filter(|path| input::is_stdin(*path));
    // Whichever is read second would be empty.
    if from_stdin.count() > 1 {
        return Err(Failure::usage(
            "the key, the certificates and the input can't come from standard input together: name files",
        ));
    }
    check_output_is_not_key(&args.key, files.output.as_deref())
}

/// The output must not replace the key that it is made with.
pub(crate) fn check_output_is_not_key(key: &str, output: Option<&Path>) -> Result<(), Failure> {
    match output {
        Some(output) if !fetch::is_url(key) && same_file(Path::new(key), output) => Err(
            Failure::usage("-o names the file of the key, which would be lost: name another file"),
        ),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let identity = |path| {
        let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        Some((metadata.dev(), metadata.ino()))
    };
    identity(a).is_some_and(|file| identity(b) == Some(file))
}

#[cfg(not(unix))]
fn same_file(a: &Path, b: &Path) -> bool {
    match (std::fs::canonicalize(a), std::fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// Imports every key of a set that is meant for decryption; a set may hold others as well.
fn import_all(
    backend: &'static Backend,
    all: &[Jwk],
    args: &KeyArgs,
) -> Result<Vec<DecryptionKey>, Failure> {
    let mut imported = Vec::new();
    let mut refused = Vec::new();
    for jwk in all {
        match DecryptionKey::import(backend, jwk, &options(args)) {
            Ok(key) => imported.push(key),
            Err(error) => refused.push(error),
        }
    }
    warn_of_left_out(&shown(&args.key), &refused);
    match (imported.is_empty(), refused.into_iter().next()) {
        (true, Some(error)) => Err(Failure::from(error).about(&shown(&args.key))),
        _ => Ok(imported),
    }
}

/// The key that is meant, and how it is imported.
fn choose<'a>(keys: &'a JwkSet, args: &KeyArgs) -> Result<(&'a Jwk, KeyOptions), Failure> {
    let options = options(args);
    let Some(kid) = &args.kid.kid else { return Ok((keys.only()?, options)) };
    match (keys.keys(), keys.skipped()) {
        // The one key that is there, if it has no name, gets this one. One with another name, or
        // with others beside it, is not the key that is meant.
        ([jwk], []) if jwk.kid().is_none() => Ok((jwk, options.with_kid(Kid::Given(kid.clone())))),
        _ => Ok((keys.get(kid)?, options)),
    }
}

fn options(args: &KeyArgs) -> KeyOptions {
    let mut options = KeyOptions::new().with_kid(kid_choice(&args.kid));
    if let Some(alg) = args.alg {
        options = options.with_alg(alg);
    }
    if args.ignore_key_usage {
        options = options.ignore_declared_usage();
    }
    options
}

fn kid_choice(args: &KidArgs) -> Kid {
    if args.kid_thumbprint {
        Kid::Thumbprint
    } else if args.no_kid {
        Kid::Omit
    } else {
        Kid::FromKey
    }
}

fn warn_if_others_can_read(name: &str, shown: &str) {
    if fetch::is_url(name) {
        warn(
            shown,
            "publishes a secret key, and whoever fetches that can decrypt: publish `jwe public` of it",
        );
    } else if let Some(mode) = mode_for_others(name) {
        warn(
            shown,
            &format!(
                "holds a secret key, and its mode {mode:04o} lets others read or change it: chmod 600"
            ),
        );
    }
}

/// The mode of a file that is not its owner's alone.
#[cfg(unix)]
fn mode_for_others(name: &str) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;

    let metadata = std::fs::metadata(name).ok().filter(std::fs::Metadata::is_file)?;
    let mode = metadata.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn mode_for_others(_: &str) -> Option<u32> {
    None
}
