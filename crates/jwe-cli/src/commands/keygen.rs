//! `jwe keygen`.

use jwe::{Alg, Backend, Enc, Jwk};
use zeroize::Zeroizing;

use crate::cli::Keygen;
use crate::failure::Failure;
use crate::key_source;
use crate::output::{self, Secrecy};

const DEFAULT_BITS: usize = 3072;
const DEFAULT_ENC: Enc = Enc::A256Gcm;

pub(crate) fn run(args: &Keygen) -> Result<(), Failure> {
    let backend = key_source::backend(args.backend.as_deref())?;
    let jwk = match (args.alg, args.bits, args.enc) {
        (Alg::Dir, None, enc) => Jwk::generate_oct(backend, enc.unwrap_or(DEFAULT_ENC).cek_len())?,
        (Alg::Dir, Some(_), _) => {
            return Err(Failure::usage(
                "--bits is for RSA: the length of a key for dir is that of its --enc",
            ));
        }
        (_, bits, None) => Jwk::generate_rsa(backend, bits.unwrap_or(DEFAULT_BITS))?,
        (_, _, Some(_)) => {
            return Err(Failure::usage(
                "--enc is for dir: an RSA key goes with every enc, and --bits is its length",
            ));
        }
    };
    let kid = match (&args.kid, args.alg) {
        (Some(kid), _) => kid.clone(),
        // The hash of a secret is not for everybody to read (RFC 7638 §7).
        (None, Alg::Dir) => random_kid(backend)?,
        (None, _) => jwk.thumbprint(backend),
    };
    let jwk = jwk.with_alg(args.alg).with_kid(&kid)?;
    let json = jwk.to_json();
    let mut content = Zeroizing::new(Vec::with_capacity(json.len() + 1));
    content.extend_from_slice(json.as_bytes());
    content.push(b'\n');
    match &args.output {
        Some(path) if !output::is_stdout(path) => output::create_secret(path, &content),
        _ => output::write(None, &content, Secrecy::Secret),
    }
}

fn random_kid(backend: &Backend) -> Result<String, Failure> {
    let mut bytes = [0; 16];
    backend.random().fill(&mut bytes).map_err(|_| {
        Failure::new("random_source", "the backend's random source failed: try again")
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
