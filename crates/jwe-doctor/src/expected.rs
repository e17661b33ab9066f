//! What the recipient of a token asks for.

use jwe_core::{Alg, Enc};

/// What the plaintext of a token is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlaintextForm {
    /// The UTF-8 bytes of a text itself, without quotes.
    #[default]
    Text,
    /// A JSON text.
    Json,
    /// Any bytes: the plaintext is not looked at.
    Bytes,
}

/// What the recipient asks for. The default is the scheme `RSA-OAEP-256` with `A256GCM`, a `kid`
/// required, and a text as plaintext.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expected {
    /// The `alg`; `None` for that of the key, or any.
    pub alg: Option<Alg>,
    /// The `enc` that are accepted; empty for any.
    pub enc: Vec<Enc>,
    /// Whether the header must name a key.
    pub kid_required: bool,
    /// What the plaintext is.
    pub plaintext: PlaintextForm,
    /// The longest token that is examined, in bytes. Default: 16 MiB.
    pub max_token_len: usize,
}

impl Expected {
    /// The same with another `alg`; `None` for that of the key, or any.
    #[must_use]
    pub fn with_alg(mut self, alg: Option<Alg>) -> Self {
        self.alg = alg;
        self
    }

    /// The same with other `enc`; none for any.
    #[must_use]
    pub fn with_enc(mut self, enc: impl IntoIterator<Item = Enc>) -> Self {
        self.enc = enc.into_iter().collect();
        self
    }

    /// The same with a `kid` required or not.
    #[must_use]
    pub fn with_kid_required(mut self, required: bool) -> Self {
        self.kid_required = required;
        self
    }

    /// The same with another form of the plaintext.
    #[must_use]
    pub fn with_plaintext(mut self, form: PlaintextForm) -> Self {
        self.plaintext = form;
        self
    }

    /// The same with another longest token, in bytes.
    #[must_use]
    pub fn with_max_token_len(mut self, bytes: usize) -> Self {
        self.max_token_len = bytes;
        self
    }

    /// The names of the `enc` that are accepted, to be read.
    pub(crate) fn enc_names(&self) -> String {
        let names: Vec<&str> = self.enc.iter().map(|enc| enc.name()).collect();
        names.join(" or ")
    }
}

impl Default for Expected {
    fn default() -> Self {
        Self {
            alg: Some(Alg::RsaOaep256),
            enc: vec![Enc::A256Gcm],
            kid_required: true,
            plaintext: PlaintextForm::Text,
            max_token_len: 16 * 1024 * 1024,
        }
    }
}
