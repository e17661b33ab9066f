//! How the CEK was encrypted with an RSA key, found out with the private key.

use jwe_core::{Alg, Jwk};
use zeroize::Zeroizing;

use crate::base64_text;
use crate::cause::Cause;
use crate::expected::Expected;
use crate::finding::Finding;
use crate::header::Header;
use crate::keys::{rsa_private, rsa_public};
use crate::parts::Part;
use crate::rsa::{self, Hash, Padding, PrivateKey};

/// How many private keys are tried: each costs a private operation.
const MAX_KEYS: usize = 16;

/// An encrypted key that opened.
pub(crate) struct Opened<'k> {
    /// The key that it is for.
    pub(crate) key: &'k Jwk,
    /// The content encryption key, of whatever length.
    pub(crate) cek: Zeroizing<Vec<u8>>,
}

/// Opens the encrypted key with whichever of the keys it is for, `keys` being in the order in which
/// they may be meant. What is wrong with it is added to `findings`.
pub(crate) fn open<'k>(
    part: &Part,
    keys: &[&'k Jwk],
    meant: Option<&Jwk>,
    header: &Header<'_>,
    expected: &Expected,
    findings: &mut Vec<Finding>,
) -> Option<Opened<'k>> {
    for key in keys.iter().take(MAX_KEYS) {
        let Some(private) = rsa_private(key).and_then(PrivateKey::new) else { continue };
        let opened =
            bytes_meant(part, private.modulus_len()).into_iter().find_map(|(finding, bytes)| {
                let encoded = private.decrypt(&bytes)?;
                let (padding, cek) = rsa::open(&encoded)?;
                Some((finding, padding, cek))
            });
        if let Some((finding, padding, cek)) = opened {
            findings.extend(finding);
            findings.extend(judged(padding, header, expected));
            return Some(Opened { key, cek });
        }
    }
    let may_be_meant = meant.or_else(|| keys.first().copied());
    if let Some(key) = may_be_meant {
        findings.extend(unopened(part, key, keys.iter().any(|key| rsa_private(key).is_some())));
    }
    None
}

/// The bytes that may be meant, with what is wrong with them then.
fn bytes_meant(part: &Part, len: usize) -> Vec<(Option<Finding>, Vec<u8>)> {
    let bytes = &part.bytes;
    let mut meant = Vec::new();
    if bytes.len() == len {
        meant.push((None, bytes.clone()));
        let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
        meant.push((
            Some(Finding::new(
                Cause::EncryptedKeyReversed,
                "the encrypted key has its bytes in reverse order, as Windows' CryptEncrypt writes it",
                "Reverse it, the most significant byte first (RFC 8017 §4.1), or use CNG",
            )),
            reversed,
        ));
        return meant;
    }
    let found = bytes.len();
    let length = |what: &str| {
        Some(Finding::new(
            Cause::EncryptedKeyLength,
            format!("the encrypted key has {found} bytes and the modulus {len}: {what}"),
            "Write the number with exactly as many bytes as the modulus has (RFC 8017 §4.1), not as a signed or shortened integer",
        ))
    };
    let missing = len.saturating_sub(found);
    if found > len && bytes.iter().take(found.saturating_sub(len)).all(|byte| *byte == 0) {
        let rest = bytes.iter().skip(found.saturating_sub(len)).copied().collect();
        meant.push((length("zero bytes stand before it"), rest));
    } else if (1..=3).contains(&missing) {
        let mut padded = vec![0; missing];
        padded.extend(bytes);
        meant.push((length("the zero bytes before it were left out"), padded));
    }
    if let Some((how, inner)) = encoded_again(part, len) {
        meant.push((Some(encoded_twice("the encrypted key", how)), inner));
    }
    meant
}

/// What a part of another length is, if it is text that decodes to `len` bytes.
pub(crate) fn encoded_again(part: &Part, len: usize) -> Option<(&'static str, Vec<u8>)> {
    if part.bytes.len() == len {
        return None;
    }
    let hex = |text: &[u8]| base64_text::decode_hex(text).filter(|bytes| bytes.len() == len);
    let base64 = |text: &[u8]| {
        let (bytes, _) = base64_text::decode(core::str::from_utf8(text).ok()?).ok()?;
        (bytes.len() == len).then_some(bytes)
    };
    None.or_else(|| Some(("hexadecimal instead of base64url", hex(part.text.as_bytes())?)))
        .or_else(|| Some(("base64url of hexadecimal", hex(&part.bytes)?)))
        .or_else(|| Some(("base64url of base64", base64(&part.bytes)?)))
}

pub(crate) fn encoded_twice(name: &str, how: &str) -> Finding {
    Finding::new(
        Cause::PartEncodedTwice,
        format!("{name} is {how}"),
        "Encode the bytes themselves, once, as base64url without padding",
    )
}

/// The pair of hash functions of an `alg` (RFC 7518 §4.3).
fn hashes(alg: Alg) -> Option<Hash> {
    match alg {
        Alg::RsaOaep => Some(Hash::Sha1),
        Alg::RsaOaep256 => Some(Hash::Sha256),
        Alg::RsaOaep384 => Some(Hash::Sha384),
        Alg::RsaOaep512 => Some(Hash::Sha512),
        _ => None,
    }
}

/// Whether the padding is the one that the header names, or else the one that is asked.
fn judged(padding: Padding, header: &Header<'_>, expected: &Expected) -> Option<Finding> {
    let named = header.alg.as_deref().unwrap_or_default();
    let alg = Alg::from_name(named).filter(|alg| hashes(*alg).is_some()).or(expected.alg)?;
    let wanted = hashes(alg)?;
    match padding {
        Padding::Oaep { hash, mgf1 } if hash == wanted && mgf1 == wanted => None,
        Padding::Oaep { hash, mgf1: Hash::Sha1 } if hash == wanted => Some(Finding::new(
            Cause::OaepMgf1Sha1,
            format!(
                "the CEK was encrypted by OAEP with {hash} and MGF1 with SHA-1, and {alg} is {wanted} for both: it is what Java's \"OAEPWith{}AndMGF1Padding\" does by default",
                hash_in_java(hash)
            ),
            format!(
                "Give MGF1 its hash function too, as in new OAEPParameterSpec(\"{wanted}\", \"MGF1\", MGF1ParameterSpec.{}, PSource.PSpecified.DEFAULT), or leave it to a JOSE library",
                hash_in_java(wanted).replace('-', "")
            ),
        )),
        Padding::Oaep { hash, mgf1 } => Some(Finding::new(
            Cause::OaepHash,
            format!(
                "the CEK was encrypted by OAEP with {hash} and MGF1 with {mgf1}, and {alg} is {wanted} for both"
            ),
            format!(
                "Choose OAEP with {wanted} for both in the library: many take SHA-1 where none is named"
            ),
        )),
        Padding::Pkcs1 if named == "RSA1_5" => None,
        Padding::Pkcs1 => Some(Finding::new(
            Cause::Pkcs1Padding,
            format!("the CEK was encrypted with PKCS #1 v1.5 padding, and {alg} is OAEP"),
            format!(
                "Choose OAEP with {wanted} in the library: \"RSA\" or \"RSA/ECB/PKCS1Padding\" alone is v1.5"
            ),
        )),
        Padding::None => Some(Finding::new(
            Cause::RsaUnpadded,
            "the CEK was encrypted by RSA without padding, by which it can be worked out"
                .to_owned(),
            format!(
                "Choose OAEP with {wanted} in the library, and treat what was sent so as disclosed"
            ),
        )),
    }
}

fn hash_in_java(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha1 => "SHA-1",
        Hash::Sha256 => "SHA-256",
        Hash::Sha384 => "SHA-384",
        Hash::Sha512 => "SHA-512",
    }
}

/// What is known of an encrypted key that did not open, or that there is no private key for.
fn unopened(part: &Part, key: &Jwk, tried: bool) -> Option<Finding> {
    let public = rsa_public(key)?;
    let (len, found) = (public.modulus_len(), part.bytes.len());
    let fetch = "Fetch the published key again and encrypt with that";
    if found == 0 {
        return Some(Finding::new(
            Cause::EncryptedKeyLength,
            "the encrypted key is empty, as for direct encryption",
            "Encrypt the CEK with the public key: the second part of the token holds it",
        ));
    }
    if let Some((how, _)) = encoded_again(part, len) {
        return Some(encoded_twice("the encrypted key", how));
    }
    if found != len {
        let bits = found.saturating_mul(8);
        let whole = [1024, 1536, 2048, 3072, 4096, 6144, 8192].contains(&bits);
        return Some(if whole {
            Finding::new(
                Cause::EncryptedKeyOfOtherModulus,
                format!(
                    "the encrypted key is for an RSA key of {bits} bits, and this one has {}: it is for another key",
                    public.modulus_bits()
                ),
                fetch,
            )
        } else {
            Finding::new(
                Cause::EncryptedKeyLength,
                format!("the encrypted key has {found} bytes, and the key makes {len}"),
                "Send the encrypted key whole, and as RSA encryption returns it",
            )
        });
    }
    if part.bytes.as_slice() >= public.n() {
        return Some(Finding::new(
            Cause::EncryptedKeyOfAnotherKey,
            "the encrypted key is a number beyond the modulus, which this key makes none of: it is for another key, or it was changed",
            fetch,
        ));
    }
    tried.then(|| {
        Finding::new(
            Cause::EncryptedKeyOfAnotherKey,
            "the encrypted key opens with none of the keys, whichever hash functions OAEP is given, nor with PKCS #1 v1.5: it is for another key, has a label, or was changed",
            fetch,
        )
    })
}
