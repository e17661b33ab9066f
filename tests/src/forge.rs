//! Messages made by hand, with whatever header in whatever place: what the encrypters of this
//! project do not write, but somebody else might.

use jwe::{Alg, Backend, Direction, Enc, Jwk};
use jwe_core::concat_kdf::{OtherInfo, rounds};
use jwe_core::{SenderContext, SenderKey};
use serde_json::Value;

use crate::base64url;
use crate::parts::Parts;

/// A properly sealed message whose CEK is that of the caller, or wrapped with `A256KW`.
#[derive(Clone, Debug)]
pub struct Forge {
    /// The backend that does the work.
    pub backend: &'static Backend,
    /// The content encryption.
    pub enc: Enc,
    /// The CEK.
    pub cek: Vec<u8>,
    /// What a recipient unwraps to the CEK.
    pub encrypted_key: Vec<u8>,
}

impl Forge {
    /// Seals with this CEK, for a key that needs no encrypted key.
    #[must_use]
    pub fn direct(backend: &'static Backend, enc: Enc, cek: &[u8]) -> Self {
        Self { backend, enc, cek: cek.to_vec(), encrypted_key: Vec::new() }
    }

    /// Seals with a CEK that is wrapped under `kek` with AES key wrap of its length.
    #[must_use]
    pub fn wrapped(backend: &'static Backend, enc: Enc, kek: &Jwk) -> Self {
        let cek: Vec<u8> = (0..enc.cek_len()).map(|at| (at * 11 + 5) as u8).collect();
        let encrypted_key = wrap(backend, kek, &cek);
        Self { backend, enc, cek, encrypted_key }
    }

    /// The message of this content, with these texts as the protected header and as the base64url
    /// of the additional authenticated data.
    #[must_use]
    pub fn seal(&self, protected: &str, aad: Option<&str>, content: &[u8]) -> Parts {
        let header = base64url::encode(protected.as_bytes());
        let authenticated = match aad {
            None => header.clone(),
            Some(aad) => format!("{header}.{aad}"),
        };
        let (backend, enc) = (self.backend, self.enc);
        let object = backend.content_encryption(enc, Direction::Encrypt).expect("an enc");
        let iv = vec![3; enc.iv_len()];
        let mut tag = vec![0; enc.tag_len()];
        let mut buffer = content.to_vec();
        buffer.resize(enc.ciphertext_len(content.len()).expect("a length"), 0);
        object
            .seal(&self.cek, &iv, authenticated.as_bytes(), &mut buffer, content.len(), &mut tag)
            .expect("it can be sealed");
        Parts {
            header,
            encrypted_key: base64url::encode(&self.encrypted_key),
            iv: base64url::encode(&iv),
            ciphertext: base64url::encode(&buffer),
            tag: base64url::encode(&tag),
        }
    }
}

/// Wraps a CEK with AES key wrap under a symmetric key.
#[must_use]
pub fn wrap(backend: &Backend, kek: &Jwk, cek: &[u8]) -> Vec<u8> {
    let jwe::KeyMaterial::Oct(key) = kek.material() else { panic!("a symmetric key") };
    let alg = match key.as_bytes().len() {
        16 => Alg::A128Kw,
        24 => Alg::A192Kw,
        _ => Alg::A256Kw,
    };
    let (_, import) = backend.encryption_key_import(alg, None).expect("AES key wrap");
    let Ok(SenderKey::Wrap(key)) = import.import(kek.material()) else { panic!("a wrapping key") };
    let mut encrypted_key = vec![0; key.encrypted_key_len(cek.len())];
    let mut context = SenderContext::new(Enc::A256Gcm, backend.random());
    key.wrap_key(&mut context, cek, &mut encrypted_key).expect("it can be wrapped");
    encrypted_key
}

/// The key that both sides of an ECDH-ES algorithm derive from the secret that they agree on
/// (RFC 7518 §4.6.2), without `apu` and `apv`: the CEK or what wraps it.
#[must_use]
pub fn derived(backend: &Backend, alg: Alg, enc: Enc, z: &[u8]) -> Vec<u8> {
    let (algorithm, len) = match alg.kek_len() {
        None => (enc.name(), enc.cek_len()),
        Some(len) => (alg.name(), len),
    };
    let info = OtherInfo::new(algorithm, b"", b"", len).expect("short texts");
    let mut out = vec![0; len];
    let hash = |parts: [&[u8]; 3]| Ok(backend.sha256(&parts.concat()));
    rounds(hash, z, info.as_bytes(), &mut out).expect("a length");
    out
}

/// A message that somebody sealed who knows, or guesses, what the recipient agrees on with `epk`.
#[must_use]
pub fn agreed(
    backend: &'static Backend,
    alg: Alg,
    enc: Enc,
    (epk, z): (&Value, &[u8]),
    content: &[u8],
) -> Parts {
    let derived = derived(backend, alg, enc, z);
    let forge = if alg == Alg::EcdhEs {
        Forge::direct(backend, enc, &derived)
    } else {
        let json = format!(r#"{{"kty":"oct","k":"{}"}}"#, base64url::encode(&derived));
        Forge::wrapped(backend, enc, &Jwk::from_json(json.as_bytes()).expect("a key"))
    };
    let header = serde_json::json!({ "alg": alg.name(), "enc": enc.name(), "epk": epk });
    forge.seal(&header.to_string(), None, content)
}

/// The keys of RFC 7518, Appendix C, and what they agree on.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// Bob's private key, whose `kid` is his name.
    pub recipient: Jwk,
    /// The ephemeral public key of Alice.
    pub epk: Value,
    /// Z.
    pub z: [u8; 32],
}

impl Agreement {
    /// As they stand there.
    #[must_use]
    pub fn of_the_rfc() -> Self {
        let bob = br#"{"kty":"EC","crv":"P-256","kid":"Bob",
            "x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
            "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
            "d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#;
        Self {
            recipient: Jwk::from_json(bob).expect("a key"),
            epk: serde_json::json!({
                "kty": "EC",
                "crv": "P-256",
                "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
                "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
            }),
            z: [
                158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49,
                110, 163, 218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
            ],
        }
    }
}
