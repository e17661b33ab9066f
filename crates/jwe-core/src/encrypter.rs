//! The sender: one key, one `enc`, one protected header, many messages (RFC 7516 §5.1).

use core::fmt;

use serde_json::Value;
use zeroize::Zeroize;

use crate::alg::{Alg, KeyManagementMode};
use crate::backend::{Backend, Direction};
use crate::base64url;
use crate::cek::Cek;
use crate::content_encryption::ContentEncryption;
use crate::enc::Enc;
use crate::error::{EncryptError, SetupError};
use crate::jose_header::{self, JoseHeader};
use crate::key::EncryptionKey;
use crate::key_import::{SenderContext, SenderKey, UNWRAP_BUFFER_LEN};
use crate::limits::Limits;
use crate::random_source::RandomSource;
use crate::uses::Uses;
use crate::wiped;

/// Encrypts messages to one recipient in the compact serialization.
///
/// Every message gets a fresh CEK (unless the key is the CEK) and a fresh initialization vector
/// from the backend's random source; nobody else can set them. The protected header and its
/// base64url are made once.
///
/// An encrypter can be shared between threads. It is cheap to clone.
#[derive(Clone)]
pub struct Encrypter {
    alg: Alg,
    enc: Enc,
    key: SenderKey,
    uses: Uses,
    encrypted_key_len: usize,
    content: &'static dyn ContentEncryption,
    random: &'static dyn RandomSource,
    // base64url of the protected header, and the dot behind it.
    header: std::sync::Arc<[u8]>,
}

/// Sets up an [`Encrypter`] with more header members than `alg`, `enc` and `kid`.
#[derive(Clone, Debug)]
pub struct EncrypterBuilder<'a> {
    backend: &'a Backend,
    key: &'a EncryptionKey,
    enc: Enc,
    members: Vec<(String, Value)>,
}

/// Members that the engine writes, or whose meaning it would have to know.
const RESERVED: &[&str] =
    &["alg", "enc", "kid", "zip", "crit", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c", "b64"];

impl EncrypterBuilder<'_> {
    /// Adds a member to the protected header, such as `typ` or `cty` (RFC 7516 §4). Everybody can
    /// read it.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: Value) -> Self {
        self.members.push((name.to_owned(), value));
        self
    }

    /// Builds the encrypter.
    ///
    /// # Errors
    /// [`SetupError`]: a member that is reserved, appears twice, or is a `typ` or `cty` that
    /// is not a string, or that no recipient could read; a header of more than 8 KiB; a gap of the
    /// backend; a key for direct encryption that does not have the length of the `enc`.
    pub fn build(self) -> Result<Encrypter, SetupError> {
        let Self { backend, key, enc, members } = self;
        for (at, (name, value)) in members.iter().enumerate() {
            if RESERVED.contains(&name.as_str()) {
                return Err(SetupError::HeaderMember(
                    "its name is one that the engine writes itself",
                ));
            }
            if members.iter().skip(at + 1).any(|(other, _)| other == name) {
                return Err(SetupError::HeaderMember("its name is given twice"));
            }
            if matches!(name.as_str(), "typ" | "cty") && !value.is_string() {
                return Err(SetupError::HeaderMember(
                    "typ and cty are strings (RFC 7516 §4.1.11, §4.1.12)",
                ));
            }
        }
        let content = backend.content_encryption(enc, Direction::Encrypt)?;
        let encrypted_key_len = match &key.key {
            SenderKey::Wrap(key) => match key.encrypted_key_len(enc.cek_len()) {
                len @ 0..=UNWRAP_BUFFER_LEN => len,
                _ => return Err(SetupError::EncryptedKeyTooLong),
            },
            SenderKey::Derive(derive) => {
                check_cek_len(enc, key.enc, derive.cek_len())?;
                0
            }
        };
        let json = jose_header::write(key.alg.name(), enc.name(), key.kid(), &members);
        if json.len() > Limits::MAX_HEADER_LEN {
            return Err(SetupError::HeaderTooLong { limit: Limits::MAX_HEADER_LEN });
        }
        if JoseHeader::parse(&json).is_err() {
            return Err(SetupError::HeaderMember("a recipient could not read it: nest it less"));
        }
        let mut header = Vec::new();
        base64url::encode_append(json.as_bytes(), &mut header);
        header.push(b'.');
        Ok(Encrypter {
            alg: key.alg,
            enc,
            key: key.key.clone(),
            uses: key.uses.clone(),
            encrypted_key_len,
            content,
            random: backend.random(),
            header: header.into(),
        })
    }
}

/// Whether a key that is the CEK fits the `enc` (RFC 7518 §4.5).
pub(crate) fn check_cek_len(
    enc: Enc,
    declared: Option<Enc>,
    key_len: Option<usize>,
) -> Result<(), SetupError> {
    if declared.is_some_and(|declared| declared != enc) {
        return Err(SetupError::DeclaredEnc { enc });
    }
    match key_len {
        Some(key_len) if key_len != enc.cek_len() => Err(SetupError::CekLength { enc, key_len }),
        _ => Ok(()),
    }
}

/// What the key and the content encryption give for one message, beside the ciphertext.
struct Sealed {
    encrypted_key: [u8; UNWRAP_BUFFER_LEN],
    iv: [u8; Enc::MAX_IV_LEN],
    tag: [u8; Enc::MAX_TAG_LEN],
}

impl Encrypter {
    /// An encrypter whose header has `alg`, `enc` and, if the key has one, `kid` (RFC 7516 §4.1).
    ///
    /// `backend` encrypts the content and draws the random bytes. It need not be the one into which
    /// the key was imported.
    ///
    /// # Errors
    /// [`SetupError`]: a gap of the backend, or a key for direct encryption that does not have
    /// the length of the `enc`.
    pub fn new(backend: &Backend, key: &EncryptionKey, enc: Enc) -> Result<Self, SetupError> {
        Self::builder(backend, key, enc).build()
    }

    /// Sets up an encrypter with further header members.
    #[must_use]
    pub fn builder<'a>(
        backend: &'a Backend,
        key: &'a EncryptionKey,
        enc: Enc,
    ) -> EncrypterBuilder<'a> {
        EncrypterBuilder { backend, key, enc, members: Vec::new() }
    }

    /// The `alg` of the messages.
    #[must_use]
    pub fn alg(&self) -> Alg {
        self.alg
    }

    /// The `enc` of the messages.
    #[must_use]
    pub fn enc(&self) -> Enc {
        self.enc
    }

    /// The exact length in bytes of the token of a plaintext of `plaintext_len` bytes; `None`
    /// beyond what memory can hold.
    #[must_use]
    pub fn encrypted_len(&self, plaintext_len: usize) -> Option<usize> {
        let ciphertext_len = self.enc.ciphertext_len(plaintext_len)?;
        [self.encrypted_key_len, self.enc.iv_len(), self.enc.tag_len()]
            .into_iter()
            .map(base64url::encoded_len)
            .chain([base64url::encoded_len(ciphertext_len)])
            // The header's dot is counted with it; three more stand between the other parts.
            .try_fold(self.header.len().checked_add(3)?, |sum, len| sum.checked_add(len?))
    }

    /// Encrypts to a new token. The string is the only allocation of this crate; its capacity is
    /// that of the token and the ciphertext.
    ///
    /// # Errors
    /// [`EncryptError`].
    pub fn encrypt(&self, plaintext: &[u8]) -> Result<String, EncryptError> {
        let mut token = Vec::new();
        self.encrypt_into(plaintext, &mut token)?;
        // A token is ASCII, so this never fails.
        String::from_utf8(token).map_err(|_| EncryptError::Backend)
    }

    /// Encrypts and appends the token, which is ASCII, to `out` (RFC 7516 §5.1, §7.1). Nothing is
    /// allocated if `out` has room for the token and the ciphertext behind it.
    ///
    /// The output is bytes because a token is mostly a part of something that is being written, and
    /// what stands before it in a `String` would have to be validated again.
    ///
    /// # Errors
    /// [`EncryptError`]; `out` is then as it was.
    pub fn encrypt_into(&self, plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), EncryptError> {
        let ciphertext_len =
            self.enc.ciphertext_len(plaintext.len()).ok_or(EncryptError::TooLong)?;
        let encoded_len = base64url::encoded_len(ciphertext_len).ok_or(EncryptError::TooLong)?;
        let token_len = self.encrypted_len(plaintext.len()).ok_or(EncryptError::TooLong)?;
        let behind = encoded_len.checked_add(ciphertext_len).ok_or(EncryptError::TooLong)?;
        let mut cek = Cek::empty(self.enc);
        let mut sealed = self.provide_cek(&mut cek)?;

        // The ciphertext is made behind the place of its text, and is overwritten or cut off.
        let start = out.len();
        let most = token_len.checked_add(ciphertext_len).ok_or(EncryptError::TooLong)?;
        out.try_reserve(most).map_err(|_| EncryptError::TooLong)?;
        self.append_head(&sealed, out);
        let text_start = out.len();
        out.resize(text_start + encoded_len, 0);
        out.extend_from_slice(plaintext);
        out.resize(text_start + behind, 0);
        let outcome =
            match out.get_mut(text_start..).and_then(|both| both.split_at_mut_checked(encoded_len))
            {
                None => Err(EncryptError::TooLong),
                Some((text, buffer)) => {
                    let sealing = self.seal_content(&cek, &mut sealed, buffer, plaintext.len());
                    if sealing.is_ok() {
                        base64url::encode_to_slice(buffer, text);
                    } else {
                        buffer.zeroize();
                    }
                    sealing
                }
            };
        if outcome.is_err() {
            out.truncate(start);
            return outcome;
        }
        out.truncate(text_start + encoded_len);
        self.append_tag(&sealed, out);
        Ok(())
    }

    /// Encrypts the content of `buffer`, using it as working space, and appends the token, which
    /// is ASCII, to `out`. This is the fastest way, as nothing is copied or cleared; `buffer` is
    /// empty afterwards and holds no plaintext.
    ///
    /// # Errors
    /// [`EncryptError`]; `out` is then as it was, and `buffer` is wiped.
    pub fn encrypt_in_place(
        &self,
        buffer: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        let outcome = self.seal_in_place(buffer, out);
        if outcome.is_err() {
            buffer.zeroize();
        }
        buffer.clear();
        outcome
    }

    fn seal_in_place(&self, buffer: &mut Vec<u8>, out: &mut Vec<u8>) -> Result<(), EncryptError> {
        let plaintext_len = buffer.len();
        let ciphertext_len = self.enc.ciphertext_len(plaintext_len).ok_or(EncryptError::TooLong)?;
        let token_len = self.encrypted_len(plaintext_len).ok_or(EncryptError::TooLong)?;
        wiped::reserve(buffer, ciphertext_len - plaintext_len);
        buffer.resize(ciphertext_len, 0);
        let mut cek = Cek::empty(self.enc);
        let mut sealed = self.provide_cek(&mut cek)?;
        self.seal_content(&cek, &mut sealed, buffer, plaintext_len)?;
        out.try_reserve(token_len).map_err(|_| EncryptError::TooLong)?;
        self.append_head(&sealed, out);
        base64url::encode_append(buffer, out);
        self.append_tag(&sealed, out);
        Ok(())
    }

    /// Draws or derives the CEK, wraps it, and draws the initialization vector.
    fn provide_cek(&self, cek: &mut Cek) -> Result<Sealed, EncryptError> {
        let mut sealed = Sealed {
            encrypted_key: [0; UNWRAP_BUFFER_LEN],
            iv: [0; Enc::MAX_IV_LEN],
            tag: [0; Enc::MAX_TAG_LEN],
        };
        let iv = sealed.iv.get_mut(..self.enc.iv_len()).ok_or(EncryptError::Backend)?;
        let encrypted_key =
            sealed.encrypted_key.get_mut(..self.encrypted_key_len).ok_or(EncryptError::Backend)?;
        let mut context = SenderContext::new(self.enc, self.random);
        match &self.key {
            SenderKey::Wrap(key) => {
                cek.fill_with_iv(self.random, iv)?;
                key.wrap_key(&mut context, cek.as_slice(), encrypted_key)?;
            }
            SenderKey::Derive(key) => {
                if self.alg.mode() == KeyManagementMode::DirectEncryption && !self.enc.is_cbc() {
                    self.uses.count_one()?;
                }
                self.random.fill(iv)?;
                key.derive_key(&mut context, cek.as_mut_slice())?;
            }
        }
        Ok(sealed)
    }

    fn seal_content(
        &self,
        cek: &Cek,
        sealed: &mut Sealed,
        buffer: &mut [u8],
        plaintext_len: usize,
    ) -> Result<(), EncryptError> {
        let iv = sealed.iv.get(..self.enc.iv_len()).ok_or(EncryptError::Backend)?;
        let tag = sealed.tag.get_mut(..self.enc.tag_len()).ok_or(EncryptError::Backend)?;
        let (_dot, aad) = self.header.split_last().ok_or(EncryptError::Backend)?;
        Ok(self.content.seal(cek.as_slice(), iv, aad, buffer, plaintext_len, tag)?)
    }

    /// The header, the encrypted key and the initialization vector, each with its dot.
    fn append_head(&self, sealed: &Sealed, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.header);
        let encrypted_key = sealed.encrypted_key.get(..self.encrypted_key_len);
        base64url::encode_append(encrypted_key.unwrap_or_default(), out);
        out.push(b'.');
        base64url::encode_append(sealed.iv.get(..self.enc.iv_len()).unwrap_or_default(), out);
        out.push(b'.');
    }

    /// The dot behind the ciphertext, and the tag.
    fn append_tag(&self, sealed: &Sealed, out: &mut Vec<u8>) {
        out.push(b'.');
        base64url::encode_append(sealed.tag.get(..self.enc.tag_len()).unwrap_or_default(), out);
    }
}

impl fmt::Debug for Encrypter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encrypter")
            .field("alg", &self.alg)
            .field("enc", &self.enc)
            .finish_non_exhaustive()
    }
}
