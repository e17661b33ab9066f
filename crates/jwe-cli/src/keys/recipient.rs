//! The keys to decrypt with.

use jwe::{Alg, Backend, DecryptionKey, Inspection, Jwk, KeyOptions, Kid};

use super::alg_binding::{self, Bindings};
use super::secret_line::{SecretLine, passphrase};
use super::source::warn_of_left_out;
use super::{
    backend, check_kid_is_for_one, choose, kid_choice, kid_of_password, options, read, shown,
};
use crate::cli::KeyArgs;
use crate::failure::Failure;

/// What a password is for where no algorithm is named.
const ALGS_OF_PASSWORD: &[Alg] =
    &[Alg::Pbes2Hs256A128Kw, Alg::Pbes2Hs384A192Kw, Alg::Pbes2Hs512A256Kw];

/// Imported keys, each for the algorithms of which one is the key's in a message.
pub(crate) struct RecipientKeys {
    pub(crate) backend: &'static Backend,
    keys: Vec<Vec<DecryptionKey>>,
}

impl RecipientKeys {
    /// Imports the keys: of each file the one that `--kid` names, or all; and the password.
    pub(crate) fn import(args: &KeyArgs) -> Result<Self, Failure> {
        check_kid_is_for_one(args)?;
        let backend = backend(args.backend.name.as_deref())?;
        let passphrase = passphrase(&args.passphrase)?;
        let mut keys = Vec::new();
        for name in &args.source.keys {
            let shown = shown(name);
            let set = read(name, args.ca_file.as_deref(), passphrase.as_ref())?;
            let imported = match (set.keys(), &args.kid.kid) {
                (all @ [_, _, ..], None) => import_all(backend, all, args, &shown),
                _ => choose(&set, &args.kid)
                    .and_then(|(jwk, kid)| import_key(backend, jwk, args, kid))
                    .map(|key| vec![key]),
            };
            keys.extend(imported.map_err(|failure| failure.about(&shown))?);
        }
        if let Some(path) = &args.source.password_file {
            let password = SecretLine::read(path, "password")?;
            let jwk = Jwk::from_password(password.text(path)?)?;
            let bindings = alg_binding::of_password(args, ALGS_OF_PASSWORD)?;
            keys.push(import(backend, &jwk, &options(args, kid_of_password(args)), bindings)?);
        }
        Ok(Self { backend, keys })
    }

    /// The keys, if each is for one algorithm.
    pub(crate) fn settled(&self) -> Result<Vec<DecryptionKey>, Failure> {
        let one = |key: &Vec<DecryptionKey>| match key.as_slice() {
            [only] => Ok(only.clone()),
            several => {
                let algs: Vec<Alg> = several.iter().map(DecryptionKey::alg).collect();
                Err(alg_binding::several(&algs))
            }
        };
        self.keys.iter().map(one).collect()
    }

    /// The keys, each with the algorithm of the first recipient that names it or, where one of both
    /// has no name, may mean it. A key that none means keeps the first, and the message is then
    /// refused.
    pub(crate) fn for_message(&self, message: &Inspection, ignore_kid: bool) -> Vec<DecryptionKey> {
        let chosen = |bindings: &Vec<DecryptionKey>| {
            meant(bindings, message, ignore_kid).or(bindings.first()).cloned()
        };
        self.keys.iter().filter_map(chosen).collect()
    }

    /// The keys with every algorithm that each may be for, to be tried.
    pub(crate) fn all(&self) -> Vec<DecryptionKey> {
        self.keys.iter().flatten().cloned().collect()
    }
}

/// The binding of a key that the first recipient means of those that may mean the key.
fn meant<'k>(
    bindings: &'k [DecryptionKey],
    message: &Inspection,
    ignore_kid: bool,
) -> Option<&'k DecryptionKey> {
    let mut headers = message.recipients.iter().map(|recipient| &recipient.header);
    headers.find_map(|header| {
        bindings.iter().find(|key| {
            let kid = ignore_kid || header.kid().is_none() || header.kid() == key.kid();
            kid && key.alg().name() == header.alg()
        })
    })
}

/// Imports every key of a set that is meant for decryption; a set may hold others as well.
fn import_all(
    backend: &Backend,
    all: &[Jwk],
    args: &KeyArgs,
    shown: &str,
) -> Result<Vec<Vec<DecryptionKey>>, Failure> {
    let mut imported = Vec::new();
    let mut refused = Vec::new();
    for jwk in all {
        match import_key(backend, jwk, args, kid_choice(&args.kid)) {
            Ok(key) => imported.push(key),
            Err(failure) => refused.push(failure),
        }
    }
    warn_of_left_out(shown, refused.iter().map(|failure| failure.reason().to_owned()));
    match (imported.is_empty(), refused.into_iter().next()) {
        (true, Some(failure)) => Err(failure),
        _ => Ok(imported),
    }
}

fn import_key(
    backend: &Backend,
    jwk: &Jwk,
    args: &KeyArgs,
    kid: Kid,
) -> Result<Vec<DecryptionKey>, Failure> {
    import(backend, jwk, &options(args, kid), alg_binding::of_key(jwk, args)?)
}

/// Imports a key for each algorithm that it may be for. Of several, those are left out that the
/// backend does not have.
fn import(
    backend: &Backend,
    jwk: &Jwk,
    options: &KeyOptions,
    bindings: Bindings,
) -> Result<Vec<DecryptionKey>, Failure> {
    let algs = match bindings {
        Bindings::Own => return Ok(vec![DecryptionKey::import(backend, jwk, options)?]),
        Bindings::AnyOf(algs) => algs,
    };
    let mut imported = Vec::new();
    let mut refused = None;
    for alg in algs {
        match DecryptionKey::import(backend, jwk, &options.clone().with_alg(alg)) {
            Ok(key) => imported.push(key),
            Err(error) => drop(refused.get_or_insert(error)),
        }
    }
    match (imported.is_empty(), refused) {
        (true, Some(error)) => Err(error.into()),
        _ => Ok(imported),
    }
}
