//! The keys to encrypt with.

use jwe::{Alg, Backend, EncryptionKey, Jwk};

use super::alg_binding::{self, Bindings};
use super::certificate::warn_of_dates;
use super::secret_line::{SecretLine, passphrase};
use super::{backend, check_kid_is_for_one, choose, kid_of_password, options, read, shown};
use crate::cli::KeyArgs;
use crate::failure::Failure;

/// What a password is for where no algorithm is named.
const ALG_OF_PASSWORD: Alg = Alg::Pbes2Hs512A256Kw;

/// A key to encrypt with.
pub(crate) struct SenderKey {
    pub(crate) key: EncryptionKey,
    /// Its thumbprint (RFC 7638), unless it is a secret one.
    pub(crate) thumbprint: Option<String>,
}

/// Imports the keys: of each file the one that `--kid` names, or the only one; and the password.
pub(crate) fn sender_keys(args: &KeyArgs) -> Result<(&'static Backend, Vec<SenderKey>), Failure> {
    check_kid_is_for_one(args)?;
    let backend = backend(args.backend.name.as_deref())?;
    let passphrase = passphrase(&args.passphrase)?;
    let mut imported = Vec::new();
    for name in &args.source.keys {
        let shown = shown(name);
        let keys = read(name, args.ca_file.as_deref(), passphrase.as_ref())?;
        let import = || {
            let (jwk, kid) = choose(&keys, &args.kid)?;
            warn_of_dates(jwk, &shown);
            import(backend, jwk, options(args, kid), alg_binding::of_key(jwk, args)?)
        };
        imported.push(import().map_err(|failure| failure.about(&shown))?);
    }
    if let Some(path) = &args.source.password_file {
        let password = SecretLine::read(path, "password")?;
        let import = || {
            let jwk = Jwk::from_password(password.text(path)?)?;
            let bindings = alg_binding::of_password(args, &[ALG_OF_PASSWORD])?;
            import(backend, &jwk, options(args, kid_of_password(args)), bindings)
        };
        imported.push(import()?);
    }
    Ok((backend, imported))
}

fn import(
    backend: &Backend,
    jwk: &Jwk,
    options: jwe::KeyOptions,
    bindings: Bindings,
) -> Result<SenderKey, Failure> {
    let options = match alg_binding::only(bindings)? {
        None => options,
        Some(alg) => options.with_alg(alg),
    };
    let key = EncryptionKey::import(backend, jwk, &options)?;
    let is_public = jwk.to_public().is_some();
    Ok(SenderKey { key, thumbprint: jwk.thumbprint(backend).filter(|_| is_public) })
}
