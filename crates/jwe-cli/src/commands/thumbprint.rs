//! `jwe thumbprint`: names for a key that follow from the key.

use jwe::{Backend, Jwk};
use serde_json::{Value, json};

use crate::cli::Thumbprint;
use crate::failure::Failure;
use crate::keys;
use crate::output::{self, Secrecy};

pub(crate) fn run(args: &Thumbprint) -> Result<(), Failure> {
    keys::check_key_files(&args.key, [args.passphrase.file.as_deref()], None)?;
    let backend = keys::backend(None)?;
    let passphrase = keys::passphrase(&args.passphrase)?;
    let set = keys::read(&args.key, None, passphrase.as_ref())?;
    let shown = keys::shown(&args.key);
    let about = |failure: Failure| failure.about(&shown);
    if set.keys().is_empty() {
        // Says why there is none.
        set.only().map_err(|error| about(error.into()))?;
    }
    let mut named = Vec::new();
    for jwk in set.keys() {
        named.push(Named::new(backend, jwk).map_err(about)?);
        keys::note_dates(jwk, &shown);
    }
    let text = match (args.json, named.as_slice()) {
        (true, [only]) => format!("{:#}\n", only.as_json()),
        (true, several) => {
            let keys: Vec<Value> = several.iter().map(Named::as_json).collect();
            format!("{:#}\n", json!({ "keys": keys }))
        }
        (false, several) => several
            .iter()
            .map(|named| format!("{}\n", if args.spki { &named.spki } else { &named.jwk }))
            .collect(),
    };
    output::write(None, text.as_bytes(), Secrecy::Public)
}

/// A public key with its two names.
struct Named {
    public: Jwk,
    jwk: String,
    spki: String,
}

impl Named {
    fn new(backend: &Backend, jwk: &Jwk) -> Result<Self, Failure> {
        // The hash of a secret is not for everybody to read (RFC 7638 §7).
        let public = keys::whole(backend, jwk)?.to_public().ok_or_else(|| {
            Failure::new(
                "key_no_public_half",
                "the thumbprint of a symmetric key is a hash of the secret, which is not to be shown: \
                 name the key otherwise",
            )
        })?;
        let missing = || Failure::from(jwe::ImportError::MissingPublicHalf);
        let jwk = public.thumbprint(backend).ok_or_else(missing)?;
        let spki = public.spki_sha256(backend).ok_or_else(missing)?;
        Ok(Self { public, jwk, spki })
    }

    fn as_json(&self) -> Value {
        let mut json = json!({
            "kty": self.public.kty(),
            "thumbprint": self.jwk,
            "spki_sha256": self.spki,
        });
        let labels = [
            ("kid", self.public.kid().map(Value::from)),
            ("alg", self.public.alg().map(Value::from)),
            ("crv", self.public.curve().map(|curve| curve.name().into())),
            ("certificate", self.certificate()),
        ];
        if let Some(members) = json.as_object_mut() {
            let there =
                labels.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
            members.extend(there);
        }
        json
    }

    fn certificate(&self) -> Option<Value> {
        let certificate = self.public.certificate()?;
        Some(json!({
            "not_before": certificate.not_before_text(),
            "not_after": certificate.not_after_text(),
        }))
    }
}
