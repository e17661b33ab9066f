//! `jwe keygen`.

use jwe::{Alg, Jwk};
use zeroize::Zeroizing;

use crate::cli::Keygen;
use crate::failure::Failure;
use crate::key_source;
use crate::output::{self, Secrecy};

pub(crate) fn run(args: &Keygen) -> Result<(), Failure> {
    let backend = key_source::backend(args.backend.as_deref())?;
    let jwk = match args.alg {
        Alg::Dir => Jwk::generate_oct(backend, args.enc.cek_len())?,
        _ => Jwk::generate_rsa(backend, args.bits)?,
    };
    let kid = args.kid.clone().unwrap_or_else(|| jwk.thumbprint(backend));
    let jwk = jwk.with_alg(args.alg).with_kid(&kid)?;
    let json = jwk.to_json();
    let mut content = Zeroizing::new(Vec::with_capacity(json.len() + 1));
    content.extend_from_slice(json.as_bytes());
    content.push(b'\n');
    match &args.output {
        Some(path) => output::create_secret(path, &content),
        None => output::write(None, &content, Secrecy::Secret),
    }
}
