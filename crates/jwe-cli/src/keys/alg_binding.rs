//! Which of the allowed algorithms a key may be for.
//!
//! Every key is bound to one algorithm when it is imported: its own, which must be allowed, or the
//! one of those allowed that goes with its type. Where several do, whoever encrypts has to choose,
//! and for decryption the key is imported for each of them, of which a token's `alg` picks one: a
//! token never widens what is allowed, and a key never serves an algorithm of another key type.

use jwe::{Alg, Enc, ImportError, Jwk, KeyMaterial};

use crate::cli::KeyArgs;
use crate::failure::Failure;

/// What a key may be bound to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Bindings {
    /// What the key itself says, and nothing else.
    Own,
    /// One of these, at least one.
    AnyOf(Vec<Alg>),
}

/// What a key of a file may be bound to.
pub(super) fn of_key(jwk: &Jwk, args: &KeyArgs) -> Result<Bindings, Failure> {
    let [first, rest @ ..] = args.alg.as_slice() else { return Ok(Bindings::Own) };
    if rest.is_empty() {
        // The import says precisely what does not fit.
        return Ok(Bindings::AnyOf(vec![*first]));
    }
    if let Some(declared) = jwk.alg().filter(|_| !args.ignore_key_usage) {
        return match own(jwk, declared).filter(|own| args.alg.contains(own)) {
            Some(own) => Ok(Bindings::AnyOf(vec![own])),
            None => Err(Failure::new(
                "key_alg_conflict",
                format!(
                    "the key says that its alg is \"{}\", which is none of those allowed: allow it, or take \
                     another key",
                    declared.chars().flat_map(char::escape_debug).take(64).collect::<String>()
                ),
            )),
        };
    }
    let fitting: Vec<Alg> = distinct(&args.alg).filter(|alg| fits(*alg, jwk)).collect();
    if fitting.is_empty() {
        return Err(ImportError::AlgKeyType { alg: *first, kty: jwk.kty() }.into());
    }
    Ok(Bindings::AnyOf(fitting))
}

/// What a password may be bound to: the PBES2 algorithms that are allowed, or `default` where none
/// is named.
pub(super) fn of_password(args: &KeyArgs, default: &[Alg]) -> Result<Bindings, Failure> {
    if args.alg.is_empty() {
        return Ok(Bindings::AnyOf(default.to_vec()));
    }
    let fitting: Vec<Alg> = distinct(&args.alg).filter(|alg| alg.is_pbes2()).collect();
    if fitting.is_empty() {
        return Err(Failure::new(
            "key_alg_type",
            "none of the algorithms allowed takes a password: name one of PBES2, such as \
             PBES2-HS512+A256KW",
        ));
    }
    Ok(Bindings::AnyOf(fitting))
}

/// That a sender's key is for one algorithm.
pub(super) fn only(bindings: Bindings) -> Result<Option<Alg>, Failure> {
    match bindings {
        Bindings::Own => Ok(None),
        Bindings::AnyOf(algs) => match algs.as_slice() {
            [alg] => Ok(Some(*alg)),
            _ => Err(several(&algs)),
        },
    }
}

pub(super) fn several(algs: &[Alg]) -> Failure {
    let names: Vec<&str> = algs.iter().map(|alg| alg.name()).collect();
    Failure::new(
        "key_several_algs",
        format!("the key names no alg and may be for each of {}: name one", names.join(", ")),
    )
}

/// The algorithm that a key names; one for direct encryption may name its `enc` instead
/// (RFC 7520 §5.6.1).
fn own(jwk: &Jwk, declared: &str) -> Option<Alg> {
    let direct = || Enc::from_name(declared).filter(|_| jwk.kty() == "oct").map(|_| Alg::Dir);
    Alg::from_name(declared).or_else(direct)
}

/// Whether a key of this type, and for the wrapping with AES of this length, is one for `alg`.
fn fits(alg: Alg, jwk: &Jwk) -> bool {
    let length = match (jwk.material(), alg.kek_len()) {
        (KeyMaterial::Oct(key), Some(len)) if !alg.is_pbes2() => key.as_bytes().len() == len,
        _ => true,
    };
    length && alg.takes_key_type(jwk.kty())
}

fn distinct(algs: &[Alg]) -> impl Iterator<Item = Alg> {
    algs.iter()
        .enumerate()
        .filter(|(at, alg)| !algs.iter().take(*at).any(|earlier| earlier == *alg))
        .map(|(_, alg)| *alg)
}
