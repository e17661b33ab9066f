//! `jwe keygen`.

use jwe::{Alg, Backend, Curve, Enc, ImportError, Jwk};
use zeroize::Zeroizing;

use crate::cli::Keygen;
use crate::failure::Failure;
use crate::keys;
use crate::output;

const DEFAULT_BITS: usize = 3072;
const DEFAULT_CURVE: Curve = Curve::P256;
const DEFAULT_ENC: Enc = Enc::A256Gcm;

pub(crate) fn run(args: &Keygen) -> Result<(), Failure> {
    let alg = args.alg;
    if alg.is_pbes2() {
        return Err(Failure::usage(format!(
            "{alg} takes a password, which is not made here: write a long random one to a file for \
             --password-file"
        )));
    }
    check_settings(args)?;
    let backend = keys::backend(args.backend.name.as_deref())?;
    let jwk = if alg.is_rsa() {
        Jwk::generate_rsa(backend, args.bits.unwrap_or(DEFAULT_BITS))?
    } else if alg.is_ecdh() {
        Jwk::generate_ec(backend, args.crv.unwrap_or(DEFAULT_CURVE))?
    } else {
        let direct = || args.enc.unwrap_or(DEFAULT_ENC).cek_len();
        Jwk::generate_oct(backend, alg.kek_len().unwrap_or_else(direct))?
    };
    let kid = match &args.kid {
        Some(kid) => kid.clone(),
        // The hash of a secret is not for everybody to read (RFC 7638 §7).
        None if jwk.kty() == "oct" => random_kid(backend)?,
        None => jwk.thumbprint(backend).ok_or(ImportError::MissingPublicHalf)?,
    };
    let jwk = jwk.with_alg(alg).with_kid(&kid)?;
    let json = jwk.to_json();
    let mut content = Zeroizing::new(Vec::with_capacity(json.len() + 1));
    content.extend_from_slice(json.as_bytes());
    content.push(b'\n');
    output::create_secret_or_print(args.output.as_deref(), &content)
}

/// That no setting is ignored.
fn check_settings(args: &Keygen) -> Result<(), Failure> {
    let Keygen { alg, bits, crv, enc, .. } = args;
    let misused = [
        (
            bits.is_some() && !alg.is_rsa(),
            "--bits is for RSA: the length of other keys is that of their --alg, --crv or --enc",
        ),
        (crv.is_some() && !alg.is_ecdh(), "--crv is for ECDH-ES: other keys are on no curve"),
        (
            enc.is_some() && *alg != Alg::Dir,
            "--enc is for dir: a key of another alg goes with every enc",
        ),
    ];
    match misused.into_iter().find(|(misused, _)| *misused) {
        Some((_, text)) => Err(Failure::usage(text)),
        None => Ok(()),
    }
}

fn random_kid(backend: &Backend) -> Result<String, Failure> {
    let mut bytes = [0; 16];
    backend.random().fill(&mut bytes).map_err(|_| {
        Failure::new("random_source", "the backend's random source failed: try again")
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
