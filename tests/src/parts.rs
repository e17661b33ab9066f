//! A compact token in its five parts, to be changed one by one.

use crate::base64url;

/// The five parts as text, so that a test can put anything there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The protected header.
    pub header: String,
    /// The encrypted key.
    pub encrypted_key: String,
    /// The initialization vector.
    pub iv: String,
    /// The ciphertext.
    pub ciphertext: String,
    /// The authentication tag.
    pub tag: String,
}

impl Parts {
    /// Takes a token apart.
    #[must_use]
    pub fn of(token: &str) -> Self {
        let parts: Vec<&str> = token.split('.').collect();
        let [header, encrypted_key, iv, ciphertext, tag] = parts.as_slice() else {
            panic!("not five parts")
        };
        let own = |part: &&str| (*part).to_owned();
        Self {
            header: own(header),
            encrypted_key: own(encrypted_key),
            iv: own(iv),
            ciphertext: own(ciphertext),
            tag: own(tag),
        }
    }

    /// The token of these parts.
    #[must_use]
    pub fn token(&self) -> String {
        let Self { header, encrypted_key, iv, ciphertext, tag } = self;
        format!("{header}.{encrypted_key}.{iv}.{ciphertext}.{tag}")
    }

    /// The JSON text of the header.
    #[must_use]
    pub fn header_json(&self) -> String {
        String::from_utf8(base64url::decode(&self.header)).expect("UTF-8")
    }

    /// The same token with another header, given as bytes that need not be JSON.
    #[must_use]
    pub fn with_header(&self, header: &[u8]) -> Self {
        Self { header: base64url::encode(header), ..self.clone() }
    }

    /// The same token with these bytes as the encrypted key.
    #[must_use]
    pub fn with_encrypted_key(&self, bytes: &[u8]) -> Self {
        Self { encrypted_key: base64url::encode(bytes), ..self.clone() }
    }

    /// The same token with these bytes as the initialization vector.
    #[must_use]
    pub fn with_iv(&self, bytes: &[u8]) -> Self {
        Self { iv: base64url::encode(bytes), ..self.clone() }
    }

    /// The same token with these bytes as the ciphertext.
    #[must_use]
    pub fn with_ciphertext(&self, bytes: &[u8]) -> Self {
        Self { ciphertext: base64url::encode(bytes), ..self.clone() }
    }

    /// The same token with these bytes as the tag.
    #[must_use]
    pub fn with_tag(&self, bytes: &[u8]) -> Self {
        Self { tag: base64url::encode(bytes), ..self.clone() }
    }
}
