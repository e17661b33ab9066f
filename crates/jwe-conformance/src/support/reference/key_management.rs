//! What a sender and a recipient do with the CEK, for every `alg` (RFC 7518 §4).

use jwe_core::{Alg, Enc};

use super::{aes_kw, agreement, concat_kdf, gcm, oaep, pbkdf2};
use crate::support::curve_keys::{CurveKey, curve_key};
use crate::support::params::Params;
use crate::support::secret::Secret;
use crate::support::seeded::Seeded;

/// What the kit's own senders write as `p2c`: the least that is allowed, for speed.
pub(crate) const P2C: u32 = 1000;

/// A CEK on its way.
#[derive(Clone, Debug)]
pub(crate) struct Wrapped {
    pub(crate) cek: Vec<u8>,
    pub(crate) encrypted_key: Vec<u8>,
    pub(crate) params: Params,
}

/// Parameters as a sender sets them before it does anything.
pub(crate) fn params(alg: Alg, random: &mut Seeded) -> Params {
    let mut params = Params::default();
    if alg.is_gcm_kw() {
        params.iv = Some(random.bytes(12).try_into().expect("12 bytes"));
    }
    if alg.is_pbes2() {
        // Always the same: a new one takes a thousand rounds more.
        params.p2s = b"a salt of the kit".to_vec();
        params.p2c = Some(P2C);
    }
    params
}

/// Sends `cek`, or the CEK that the key determines. The ephemeral key pair is one of the kit's.
pub(crate) fn encrypt(
    alg: Alg,
    secret: &Secret,
    enc: Enc,
    cek: &[u8],
    mut params: Params,
    random: &mut Seeded,
) -> Wrapped {
    let cek = cek.to_vec();
    let (cek, encrypted_key) = match secret {
        Secret::Rsa(key) => {
            let encrypted_key = oaep::encrypt(alg, key, &cek, random);
            (cek, encrypted_key)
        }
        Secret::Curve(key) => {
            let ephemeral = curve_key(key.curve, "ephemeral");
            params.epk = Some((key.curve, ephemeral.public.clone()));
            let z = agreement::secret(key.curve, &ephemeral.private, &key.public)
                .expect("keys of the kit agree");
            let derived = agreed_key(alg, enc, &z, &params);
            if alg == Alg::EcdhEs {
                (derived, Vec::new())
            } else {
                let encrypted_key = aes_kw::wrap(&derived, &cek);
                (cek, encrypted_key)
            }
        }
        Secret::Shared(key) if alg == Alg::Dir => (key.clone(), Vec::new()),
        Secret::Shared(key) if alg.is_gcm_kw() => {
            let iv = params.iv.expect("the caller sets the iv");
            let (encrypted_key, tag) = gcm::seal(gcm_of(alg), key, &iv, &[], &cek);
            params.tag = Some(tag.try_into().expect("16 bytes"));
            (cek, encrypted_key)
        }
        Secret::Shared(key) => {
            let encrypted_key = aes_kw::wrap(&kek(alg, key, &params), &cek);
            (cek, encrypted_key)
        }
    };
    Wrapped { cek, encrypted_key, params }
}

/// Finds the CEK.
///
/// # Errors
/// What is wrong.
pub(crate) fn decrypt(
    alg: Alg,
    secret: &Secret,
    enc: Enc,
    params: &Params,
    encrypted_key: &[u8],
) -> Result<Vec<u8>, &'static str> {
    match secret {
        Secret::Rsa(key) => oaep::decrypt(alg, key, encrypted_key),
        Secret::Curve(CurveKey { curve, private, .. }) => {
            let (_, epk) = params
                .epk
                .as_ref()
                .filter(|(other, _)| other == curve)
                .ok_or("no epk on the curve of the key")?;
            let z = agreement::secret(*curve, private, epk)?;
            let derived = agreed_key(alg, enc, &z, params);
            if alg != Alg::EcdhEs {
                aes_kw::unwrap(&derived, encrypted_key)
            } else if encrypted_key.is_empty() {
                Ok(derived)
            } else {
                Err("an encrypted key where there must be none")
            }
        }
        Secret::Shared(key) if alg == Alg::Dir => {
            if encrypted_key.is_empty() {
                Ok(key.clone())
            } else {
                Err("an encrypted key where there must be none")
            }
        }
        Secret::Shared(key) if alg.is_gcm_kw() => {
            let (iv, tag) = params.iv.zip(params.tag).ok_or("no iv or no tag")?;
            // Encryption and decryption are one operation but for the tag.
            let (cek, _) = gcm::seal(gcm_of(alg), key, &iv, &[], encrypted_key);
            let (_, true_tag) = gcm::seal(gcm_of(alg), key, &iv, &[], &cek);
            if true_tag == tag { Ok(cek) } else { Err("the tag of the encrypted key is wrong") }
        }
        Secret::Shared(key) => {
            if alg.is_pbes2() && params.p2c.is_none() {
                return Err("no p2c");
            }
            aes_kw::unwrap(&kek(alg, key, params), encrypted_key)
        }
    }
}

/// The content encryption whose cipher a GCM key wrapping algorithm uses.
pub(crate) fn gcm_of(alg: Alg) -> Enc {
    match alg {
        Alg::A128GcmKw => Enc::A128Gcm,
        Alg::A192GcmKw => Enc::A192Gcm,
        Alg::A256GcmKw => Enc::A256Gcm,
        other => panic!("{other} is not of the GCM key wrapping family"),
    }
}

/// The key that wraps the CEK with AES-KW: the shared one, or that of the password.
pub(crate) fn kek(alg: Alg, key: &[u8], params: &Params) -> Vec<u8> {
    if alg.is_pbes2() {
        pbkdf2::kek(alg, key, &params.p2s, params.p2c.expect("the caller sets p2c"))
    } else {
        key.to_vec()
    }
}

/// The CEK, or the key that wraps it, of an agreement (RFC 7518 §4.6.2).
pub(crate) fn agreed_key(alg: Alg, enc: Enc, z: &[u8], params: &Params) -> Vec<u8> {
    let (name, len) = match alg.kek_len() {
        Some(len) => (alg.name(), len),
        None => (enc.name(), enc.cek_len()),
    };
    concat_kdf::derive(z, name, &params.apu, &params.apv, len)
}

#[cfg(test)]
mod tests {
    use jwe_core::Enc;

    use super::{decrypt, encrypt, params};
    use crate::support::compact::Parts;
    use crate::support::params::Params;
    use crate::support::secret::Secret;
    use crate::support::seeded::Seeded;
    use crate::support::vectors;
    use crate::support::ways::Way;

    #[test]
    fn reads_what_others_sent() {
        for way in Way::all() {
            let mut count = 0;
            for case in vectors::tokens() {
                let secret = Secret::from_jwk(&case.key);
                if (case.alg, secret.curve()) != (way.alg, way.curve) {
                    continue;
                }
                let parts = Parts::of(&case.token);
                let params = Params::of_header(&parts.header_json());
                let cek = decrypt(way.alg, &secret, case.enc, &params, &parts.encrypted_key);
                let len = cek.as_ref().map(Vec::len);
                assert_eq!(len, Ok(case.enc.cek_len()), "{}", case.name);
                count += 1;
            }
            assert!(count >= 3, "too few tokens of {way}");
        }
    }

    #[test]
    fn reads_what_it_sent_and_nothing_else() {
        let mut random = Seeded::new("key_management");
        let enc = Enc::A256CbcHs512;
        for way in Way::all() {
            let secret = Secret::of(way, enc);
            let cek = random.bytes(enc.cek_len());
            let params = params(way.alg, &mut random);
            let sent = encrypt(way.alg, &secret, enc, &cek, params, &mut random);
            let got = decrypt(way.alg, &secret, enc, &sent.params, &sent.encrypted_key);
            assert_eq!(got.as_ref(), Ok(&sent.cek), "{way}");
            let header = serde_json::Value::Object(sent.params.members());
            assert_eq!(Params::of_header(&header), sent.params, "{way}");
            let other = Secret::other(way, enc);
            let got = decrypt(way.alg, &other, enc, &sent.params, &sent.encrypted_key);
            assert_ne!(got.as_ref(), Ok(&sent.cek), "{way}");
        }
    }
}
