//! Names for a key that follow from the key: the JWK thumbprint (RFC 7638) and the SHA-256 of its
//! SubjectPublicKeyInfo.

use zeroize::Zeroizing;

use crate::backend::Backend;
use crate::base64url;
use crate::curve::Curve;
use crate::ec_key::EcPublicKey;
use crate::jwk::Jwk;
use crate::jwk_json::SecretJson;
use crate::key_format::KeyFormat;
use crate::key_material::KeyMaterial;
use crate::rsa_key::RsaPublicKey;

impl Jwk {
    /// The JWK thumbprint with SHA-256, base64url (RFC 7638 §3). It is that of the public half
    /// where there is one; `None` for a private key whose file left it out: see
    /// [`with_public_half`](Self::with_public_half).
    #[must_use]
    pub fn thumbprint(&self, backend: &Backend) -> Option<String> {
        // RFC 7638 §3.2: the required members only, in the order of their names.
        let json = match &self.material {
            KeyMaterial::RsaPublic(key) => rsa_thumbprint_input(key),
            KeyMaterial::RsaPrivate(key) => rsa_thumbprint_input(key.public()),
            KeyMaterial::EcPublic(key) => ec_thumbprint_input(key),
            KeyMaterial::EcPrivate(key) => ec_thumbprint_input(key.public()?),
            KeyMaterial::Oct(key) => {
                let mut json = SecretJson::new(key.as_bytes().len(), 0);
                json.secret("k", key.as_bytes());
                json.text("kty", "oct");
                json.finish()
            }
        };
        Some(base64url::encode(&backend.sha256(json.as_bytes())))
    }

    /// The SHA-256 of the key's SubjectPublicKeyInfo in DER, base64url. It is that of the public
    /// half; `None` for a symmetric key, and for a private key whose file left the public half out:
    /// see [`with_public_half`](Self::with_public_half).
    #[must_use]
    pub fn spki_sha256(&self, backend: &Backend) -> Option<String> {
        let der = self.to_der(KeyFormat::Spki).ok()?;
        Some(base64url::encode(&backend.sha256(&der)))
    }
}

fn rsa_thumbprint_input(key: &RsaPublicKey) -> Zeroizing<String> {
    let mut json = SecretJson::new(key.modulus_len(), 0);
    json.secret("e", key.e());
    json.text("kty", "RSA");
    json.secret("n", key.n());
    json.finish()
}

fn ec_thumbprint_input(key: &EcPublicKey) -> Zeroizing<String> {
    let mut json = SecretJson::new(2 * Curve::MAX_SECRET_LEN, 0);
    json.text("crv", key.curve().name());
    json.text("kty", key.curve().kty());
    json.secret("x", key.x());
    if let Some(y) = key.y() {
        json.secret("y", y);
    }
    json.finish()
}
