//! `jwe public`.

use jwe::{ImportError, Jwk, JwkSet};

use crate::cli::Public;
use crate::failure::Failure;
use crate::key_source;
use crate::output::{self, Secrecy};

pub(crate) fn run(args: &Public) -> Result<(), Failure> {
    key_source::check_output_is_not_key(&args.key, args.output.as_deref())?;
    let keys = key_source::read(&args.key, None)?;
    let about = |failure: Failure| failure.about(&key_source::shown(&args.key));
    if keys.keys().is_empty() {
        // Says why there is none.
        keys.only().map_err(|error| about(error.into()))?;
    }
    if args.kid.is_some() && keys.keys().len() > 1 {
        return Err(Failure::usage(
            "--kid names one key, and there are several: try --kid-thumbprint",
        ));
    }
    let public = keys.keys().iter().map(|jwk| publish(jwk, args)).collect::<Result<Vec<Jwk>, _>>();
    let public: JwkSet = public.map_err(about)?.into_iter().collect();
    let json = match public.keys() {
        [only] if !args.set => only.to_json().to_string(),
        _ => public.to_public_json(),
    };
    output::write(args.output.as_deref(), format!("{json}\n").as_bytes(), Secrecy::Public)
}

fn publish(jwk: &Jwk, args: &Public) -> Result<Jwk, Failure> {
    let mut public = jwk.to_public().ok_or_else(|| {
        Failure::new(
            "key_no_public_half",
            "a symmetric key has no public half: it must not be published",
        )
    })?;
    if let Some(alg) = args.alg {
        if alg.is_rsa() != (public.kty() == "RSA") {
            return Err(ImportError::AlgKeyType { alg, kty: public.kty() }.into());
        }
        public = public.with_alg(alg);
    }
    if let Some(kid) = &args.kid {
        public = public.with_kid(kid)?;
    }
    if args.kid_thumbprint {
        let kid = public.thumbprint(key_source::backend(None)?);
        public = public.with_kid(&kid)?;
    }
    Ok(public)
}
