//! The floor of `ECDH-ES` on P-256 with `A256GCM`.

use aws_lc_rs::agreement::{ECDH_P256, ParsedPublicKey, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::kdf::{SskdfDigestAlgorithmId, get_sskdf_digest_algorithm, sskdf_digest};
use aws_lc_rs::rand;
use base64_simd::{AsOut, URL_SAFE_NO_PAD};
use jwe::{Jwk, KeyMaterial};

use super::{decode, decode_content, open_gcm, seal_gcm, split};
use crate::KID;

/// The length of an uncompressed point in bytes.
const POINT_LEN: usize = 65;
/// The length of a coordinate's base64url in bytes.
const TEXT_LEN: usize = 43;

/// The text of the header before x, between x and y, and behind y.
fn header_pieces() -> [String; 3] {
    [
        format!(
            r#"{{"alg":"ECDH-ES","enc":"A256GCM","kid":"{KID}","epk":{{"kty":"EC","crv":"P-256","x":""#
        ),
        r#"","y":""#.to_owned(),
        r#""}}"#.to_owned(),
    ]
}

/// Derives the CEK: Concat KDF, without `apu` and `apv`.
fn derive(z: &[u8]) -> Result<[u8; 32], Unspecified> {
    let algorithm =
        get_sskdf_digest_algorithm(SskdfDigestAlgorithmId::Sha256).ok_or(Unspecified)?;
    let mut cek = [0; 32];
    let other_info = b"\0\0\0\x07A256GCM\0\0\0\0\0\0\0\0\0\0\x01\0";
    sskdf_digest(algorithm, z, other_info, &mut cek)?;
    Ok(cek)
}

/// A sender with a prepared public key.
pub struct Sender {
    key: ParsedPublicKey,
    header: [String; 3],
}

impl Sender {
    /// Prepares the key.
    #[must_use]
    pub fn new(jwk: &Jwk) -> Self {
        let public = jwk.to_public().expect("a key for key agreement");
        let KeyMaterial::EcPublic(public) = public.material() else { panic!("a public EC key") };
        let key = UnparsedPublicKey::new(&ECDH_P256, public.as_bytes());
        Self { key: key.try_into().unwrap(), header: header_pieces() }
    }

    /// A fresh key pair, agreement, derivation and a header's worth of public key, and nothing
    /// else.
    ///
    /// # Errors
    /// What the library gives.
    pub fn agree(&self) -> Result<([u8; 32], [u8; POINT_LEN]), Unspecified> {
        let ephemeral = PrivateKey::generate(&ECDH_P256)?;
        let public = ephemeral.compute_public_key()?;
        let epk = public.as_ref().try_into().map_err(|_| Unspecified)?;
        let cek = agree(&ephemeral, self.key.clone(), Unspecified, derive)?;
        Ok((cek, epk))
    }

    /// Makes a token.
    ///
    /// # Errors
    /// What the library gives.
    pub fn encrypt(&self, plaintext: &[u8]) -> Result<String, Unspecified> {
        let mut iv = [0; 12];
        rand::fill(&mut iv)?;
        let (cek, epk) = self.agree()?;
        let (x, y) = epk[1..].split_at(32);
        let mut texts = [[0; TEXT_LEN]; 2];
        for (coordinate, text) in [x, y].into_iter().zip(&mut texts) {
            let _ = URL_SAFE_NO_PAD.encode(coordinate, text.as_mut_slice().as_out());
        }
        let [before, between, behind] = &self.header;
        let pieces: [&[u8]; 5] =
            [before.as_bytes(), &texts[0], between.as_bytes(), &texts[1], behind.as_bytes()];
        let (mut json, mut len) = ([0; 256], 0);
        for piece in pieces {
            json[len..len + piece.len()].copy_from_slice(piece);
            len += piece.len();
        }
        let mut header = [0; 342];
        let header = URL_SAFE_NO_PAD.encode_as_str(&json[..len], header.as_mut_slice().as_out());
        seal_gcm(header, &cek, &[], &iv, plaintext)
    }
}

/// A recipient with a prepared private key.
pub struct Recipient {
    key: PrivateKey,
    header: [String; 3],
}

impl Recipient {
    /// Prepares the key.
    #[must_use]
    pub fn new(jwk: &Jwk) -> Self {
        let KeyMaterial::EcPrivate(private) = jwk.material() else { panic!("a private EC key") };
        let key = PrivateKey::from_private_key(&ECDH_P256, private.secret()).unwrap();
        Self { key, header: header_pieces() }
    }

    /// Opens a token whose header has the sender's members in the sender's order.
    ///
    /// # Errors
    /// What the library gives, and the same for a token that is not well formed.
    pub fn decrypt(&self, token: &str) -> Result<Vec<u8>, Unspecified> {
        let [header, encrypted_key, iv, ciphertext, tag] = split(token)?;
        if !encrypted_key.is_empty() {
            return Err(Unspecified);
        }
        let mut json = [0; 256];
        let mut epk = [4; POINT_LEN];
        self.read_epk(decode(header, &mut json)?, &mut epk).ok_or(Unspecified)?;
        let (mut iv_buffer, mut tag_buffer) = ([0; 12], [0; 16]);
        let iv = decode(iv, &mut iv_buffer)?;
        let tag = decode(tag, &mut tag_buffer)?;
        let epk = UnparsedPublicKey::new(&ECDH_P256, &epk);
        let cek = agree(&self.key, epk, Unspecified, derive)?;
        let mut text = decode_content(ciphertext)?;
        let len = open_gcm(&cek, iv, header, &mut text, tag)?;
        text.truncate(len);
        Ok(text)
    }

    /// Reads the coordinates out of a header.
    fn read_epk(&self, json: &[u8], epk: &mut [u8; POINT_LEN]) -> Option<()> {
        let [before, between, behind] = &self.header;
        let (x_text, rest) = json.strip_prefix(before.as_bytes())?.split_at_checked(TEXT_LEN)?;
        let (y_text, rest) = rest.strip_prefix(between.as_bytes())?.split_at_checked(TEXT_LEN)?;
        if rest != behind.as_bytes() {
            return None;
        }
        for (text, coordinate) in [x_text, y_text].into_iter().zip(epk[1..].chunks_exact_mut(32)) {
            if URL_SAFE_NO_PAD.decode(text, coordinate.as_out()).ok()?.len() != 32 {
                return None;
            }
        }
        Some(())
    }
}
