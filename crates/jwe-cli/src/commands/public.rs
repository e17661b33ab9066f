//! `jwe public`.

use jwe::{Jwk, JwkSet};

use crate::cli::Public;
use crate::failure::Failure;
use crate::keys;
use crate::output::{self, Secrecy};

pub(crate) fn run(args: &Public) -> Result<(), Failure> {
    keys::check_key_files(&args.key, [args.passphrase.file.as_deref()], args.output.as_deref())?;
    let backend = keys::backend(None)?;
    let passphrase = keys::passphrase(&args.passphrase)?;
    let keys = keys::read(&args.key, None, passphrase.as_ref())?;
    let about = |failure: Failure| failure.about(&keys::shown(&args.key));
    if keys.keys().is_empty() {
        // Says why there is none.
        keys.only().map_err(|error| about(error.into()))?;
    }
    if args.label.kid.is_some() && keys.keys().len() > 1 {
        return Err(Failure::usage(
            "--kid names one key, and there are several: try --kid-thumbprint",
        ));
    }
    let publish = |jwk: &Jwk| keys::publish(backend, jwk, &args.label);
    let public = keys.keys().iter().map(publish).collect::<Result<Vec<Jwk>, _>>();
    let public: JwkSet = public.map_err(about)?.into_iter().collect();
    let json = match public.keys() {
        [only] if !args.set => only.to_json().to_string(),
        _ => public.to_public_json(),
    };
    output::write(args.output.as_deref(), format!("{json}\n").as_bytes(), Secrecy::Public)
}
