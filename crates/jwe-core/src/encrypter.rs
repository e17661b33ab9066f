//! The sender: one key, one `enc`, one protected header, many messages (RFC 7516 §5.1).

use core::fmt;
use core::ops::Range;

use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

use crate::alg::Alg;
use crate::backend::{Backend, Direction};
use crate::base64url;
use crate::bound_member::BoundMember;
use crate::cek::Cek;
use crate::content_encryption::ContentEncryption;
use crate::deflate;
use crate::enc::Enc;
use crate::error::{EncryptError, SetupError};
use crate::header_members::HeaderMembers;
use crate::header_template::{HeaderTemplate, LeftOver, Member, append_behind};
use crate::key::EncryptionKey;
use crate::key_step::{Inputs, KeySettings, KeyStep, Sender};
use crate::limits::Limits;
use crate::random_source::RandomSource;
use crate::wiped;

/// Encrypts messages to one recipient in the compact serialization.
///
/// Every message gets a fresh CEK (unless the key is the CEK, or agrees on it) and a fresh
/// initialization vector from the backend's random source; nobody else can set them. What is
/// constant of the protected header is encoded once. The values of one document can
/// [share a CEK](Self::share_cek), and so the key operation.
///
/// An encrypter can be shared between threads. It is cheap to clone.
///
/// For the JSON serializations, several recipients or additional authenticated data see
/// [`MessageEncrypter`](crate::MessageEncrypter).
#[derive(Clone)]
pub struct Encrypter {
    enc: Enc,
    sender: Sender,
    content: &'static dyn ContentEncryption,
    random: &'static dyn RandomSource,
    header: HeaderTemplate,
    /// Of a whole one, in base64url.
    header_len: usize,
    compress: bool,
}

/// Sets up an [`Encrypter`] with more header members than `alg`, `enc` and `kid`, and with the
/// settings of its algorithm.
#[derive(Clone, Debug)]
pub struct EncrypterBuilder<'a> {
    backend: &'a Backend,
    key: &'a EncryptionKey,
    enc: Enc,
    settings: KeySettings,
    members: HeaderMembers,
}

impl EncrypterBuilder<'_> {
    /// Adds a member to the protected header, such as `typ` or `cty` (RFC 7516 §4). Everybody can
    /// read it.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: Value) -> Self {
        self.members.push(name, value);
        self
    }

    /// Adds a member that recipients must understand: its name is listed in `crit` (RFC 7516
    /// §4.1.13).
    #[must_use]
    pub fn with_critical_member(mut self, name: &str, value: Value) -> Self {
        self.members.push_critical(name, value);
        self
    }

    /// Adds `apu` and `apv` to the messages of an ECDH-ES key: what identifies the sender and the
    /// recipient, as bytes (RFC 7518 §4.6.1.2, §4.6.1.3). Everybody can read it. Keys of other
    /// algorithms do not use it.
    #[must_use]
    pub fn with_agreement_info(mut self, apu: Option<&[u8]>, apv: Option<&[u8]>) -> Self {
        self.settings.apu = apu.map(<[u8]>::to_vec);
        self.settings.apv = apv.map(<[u8]>::to_vec);
        self
    }

    /// The iteration count of a password's key, `p2c` (RFC 7518 §4.8.1.2), at least 1000. Without
    /// it 600 000 is used. Keys of other algorithms do not use it.
    #[must_use]
    pub fn with_iterations(mut self, p2c: u32) -> Self {
        self.settings.p2c = Some(p2c);
        self
    }

    /// Compresses the plaintext before it is encrypted: `zip` is `DEF` (RFC 7516 §4.1.3).
    ///
    /// The length of a message then tells how well its content compresses. Where others can put
    /// text beside a secret into one plaintext, that gives the secret away (RFC 8725 §3.6).
    #[must_use]
    pub fn compress(mut self) -> Self {
        self.members.set_compressed();
        self
    }

    /// Writes the members of the protected header in this order, those that are not named behind
    /// them: for test vectors only.
    #[cfg(feature = "hazmat")]
    #[must_use]
    pub fn with_member_order(mut self, names: &[&str]) -> Self {
        self.members.set_order(names);
        self
    }

    /// Builds the encrypter.
    ///
    /// # Errors
    /// [`SetupError`]: a member that is reserved, appears twice, or is a `typ` or `cty` that
    /// is not a string, or that no recipient could read; a header of more than 8 KiB; a setting
    /// out of its range; a gap of the backend; a key for direct encryption that does not have the
    /// length of the `enc`.
    pub fn build(self) -> Result<Encrypter, SetupError> {
        self.build_with(HeaderTemplate::new, "")
    }

    /// Builds an encrypter whose header is not closed, for a critical member of this name that each
    /// message brings.
    pub(crate) fn build_open(mut self, name: &str) -> Result<Encrypter, SetupError> {
        self.members.set_given(name);
        self.build_with(HeaderTemplate::open, "}")
    }

    /// Builds it with a header that with `end` behind it is a whole one.
    fn build_with(
        self,
        template: impl FnOnce(&[Member]) -> Result<HeaderTemplate, SetupError>,
        end: &str,
    ) -> Result<Encrypter, SetupError> {
        let Self { backend, key, enc, settings, members } = self;
        members.check()?;
        let content = backend.content_encryption(enc, Direction::Encrypt)?;
        let sender = Sender::new(key, enc, &settings)?;
        let header = template(&members.layout(enc, Some(&sender)))?;
        members.check_readable(&format!("{}{end}", header.json(&KeyStep::EMPTY)))?;
        let header_len = base64url::encoded_len(header.json_len())
            .ok_or(SetupError::HeaderTooLong { limit: Limits::MAX_HEADER_LEN })?;
        Ok(Encrypter {
            enc,
            sender,
            content,
            random: backend.random(),
            header,
            header_len,
            compress: members.is_compressed(),
        })
    }
}

/// Where a message has its CEK, its head and its initialization vector from.
pub(crate) trait MessageKey {
    /// The length of the header in base64url. What makes it impossible is known before a key is
    /// used.
    fn header_len(&self, encrypter: &Encrypter) -> Result<usize, EncryptError>;

    /// Makes `iv` and appends the header and the encrypted key, each with its dot. Returns where the
    /// header is.
    fn append_head(
        &mut self,
        iv: &mut [u8],
        out: &mut Vec<u8>,
    ) -> Result<Range<usize>, EncryptError>;

    /// The CEK, which is there once the head is written.
    fn cek(&self) -> Option<&Cek>;
}

/// The CEK of one message (RFC 7516 §5.1, steps 2 to 6).
struct OwnKey<'a> {
    encrypter: &'a Encrypter,
    inputs: Inputs<'a>,
    /// What the message is bound to, where the header is open for it.
    bound: Option<BoundMember<'a>>,
    // Filled in its place: a CEK that moves leaves a copy.
    cek: Cek,
}

impl<'a> OwnKey<'a> {
    fn new(encrypter: &'a Encrypter, inputs: Inputs<'a>) -> Self {
        Self { encrypter, inputs, bound: None, cek: Cek::empty(encrypter.enc) }
    }
}

impl MessageKey for OwnKey<'_> {
    fn header_len(&self, encrypter: &Encrypter) -> Result<usize, EncryptError> {
        encrypter.header_len(self.bound.as_ref())
    }

    fn append_head(
        &mut self,
        iv: &mut [u8],
        out: &mut Vec<u8>,
    ) -> Result<Range<usize>, EncryptError> {
        let mut step = KeyStep::EMPTY;
        self.encrypter.sender.alone(self.inputs, &mut self.cek, iv, &mut step)?;
        let start = out.len();
        let left_over = self.encrypter.append_header(&step, out);
        if let Some(bound) = &self.bound {
            append_behind(left_over, |sink| bound.write(sink), out);
        }
        let header = start..out.len();
        self.encrypter.append_encrypted_key(&step, out);
        Ok(header)
    }

    fn cek(&self) -> Option<&Cek> {
        Some(&self.cek)
    }
}

/// The initialization vector and the tag of one message.
struct Sealed {
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
        EncrypterBuilder {
            backend,
            key,
            enc,
            settings: KeySettings::default(),
            members: HeaderMembers::default(),
        }
    }

    /// The `alg` of the messages.
    #[must_use]
    pub fn alg(&self) -> Alg {
        self.sender.alg()
    }

    /// The `enc` of the messages.
    #[must_use]
    pub fn enc(&self) -> Enc {
        self.enc
    }

    /// The exact length in bytes of the token of a plaintext of `plaintext_len` bytes; `None`
    /// beyond what memory can hold, and for an encrypter that compresses, as it depends on the
    /// plaintext then.
    #[must_use]
    pub fn encrypted_len(&self, plaintext_len: usize) -> Option<usize> {
        if self.compress { None } else { self.token_len(self.header_len, plaintext_len) }
    }

    /// Whether plaintexts are compressed.
    pub(crate) fn compresses(&self) -> bool {
        self.compress
    }

    /// The length of a header in base64url.
    pub(crate) fn header_len(
        &self,
        bound: Option<&BoundMember<'_>>,
    ) -> Result<usize, EncryptError> {
        match bound {
            None => Ok(self.header_len),
            Some(bound) => {
                let len = bound.header_len(self.header.json_len())?;
                base64url::encoded_len(len).ok_or(EncryptError::TooLong)
            }
        }
    }

    /// The length of the token of a content of `content_len` bytes behind a header of `header_len`.
    pub(crate) fn token_len(&self, header_len: usize, content_len: usize) -> Option<usize> {
        let ciphertext_len = self.enc.ciphertext_len(content_len)?;
        [self.sender.encrypted_key_len(), self.enc.iv_len(), self.enc.tag_len()]
            .into_iter()
            .map(base64url::encoded_len)
            .chain([base64url::encoded_len(ciphertext_len)])
            // Four dots.
            .try_fold(header_len.checked_add(4)?, |sum, len| sum.checked_add(len?))
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
        self.encrypt_with(self.inputs(), plaintext, out)
    }

    pub(crate) fn encrypt_with(
        &self,
        inputs: Inputs<'_>,
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        self.append_token(&mut OwnKey::new(self, inputs), plaintext, out)
    }

    /// Encrypts with a key and appends the token to `out`, which is as it was after an error.
    pub(crate) fn append_token(
        &self,
        key: &mut impl MessageKey,
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        let start = out.len();
        let outcome = if self.compress {
            let mut content = Zeroizing::new(Vec::new());
            deflate::deflate(plaintext, &mut content)
                .and_then(|()| self.seal_in_place(key, &mut content, out))
        } else {
            self.seal_behind(key, plaintext, out)
        };
        if outcome.is_err() {
            out.truncate(start);
        }
        outcome
    }

    /// Makes the ciphertext behind the place of its text, where it is overwritten or cut off.
    fn seal_behind(
        &self,
        key: &mut impl MessageKey,
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        let ciphertext_len =
            self.enc.ciphertext_len(plaintext.len()).ok_or(EncryptError::TooLong)?;
        let encoded_len = base64url::encoded_len(ciphertext_len).ok_or(EncryptError::TooLong)?;
        let header_len = key.header_len(self)?;
        let token_len = self.token_len(header_len, plaintext.len()).ok_or(EncryptError::TooLong)?;
        let behind = encoded_len.checked_add(ciphertext_len).ok_or(EncryptError::TooLong)?;
        let most = token_len.checked_add(ciphertext_len).ok_or(EncryptError::TooLong)?;
        out.try_reserve(most).map_err(|_| EncryptError::TooLong)?;
        let (mut sealed, header) = self.append_head(key, out)?;
        let text_start = out.len();
        out.resize(text_start.saturating_add(encoded_len), 0);
        out.extend_from_slice(plaintext);
        out.resize(text_start.saturating_add(behind), 0);
        let (head, both) = out.split_at_mut_checked(text_start).ok_or(EncryptError::TooLong)?;
        let (text, buffer) = both.split_at_mut_checked(encoded_len).ok_or(EncryptError::TooLong)?;
        let aad = head.get(header).ok_or(EncryptError::Backend)?;
        let sealing = self.seal_content(key.cek(), &mut sealed, aad, buffer, plaintext.len());
        if sealing.is_err() {
            buffer.zeroize();
        }
        sealing?;
        base64url::encode_to_slice(buffer, text);
        out.truncate(text_start.saturating_add(encoded_len));
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
        self.append_token_in_place(&mut OwnKey::new(self, self.inputs()), buffer, out)
    }

    /// Encrypts a message that is bound, behind an open header.
    pub(crate) fn encrypt_bound(
        &self,
        bound: BoundMember<'_>,
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        let mut key = OwnKey { bound: Some(bound), ..OwnKey::new(self, self.inputs()) };
        self.append_token(&mut key, plaintext, out)
    }

    /// The same with the plaintext in its working space.
    pub(crate) fn encrypt_bound_in_place(
        &self,
        bound: BoundMember<'_>,
        buffer: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        let mut key = OwnKey { bound: Some(bound), ..OwnKey::new(self, self.inputs()) };
        self.append_token_in_place(&mut key, buffer, out)
    }

    /// As [`append_token`](Self::append_token), with the plaintext in its working space, which is
    /// empty afterwards, and wiped after an error.
    pub(crate) fn append_token_in_place(
        &self,
        key: &mut impl MessageKey,
        buffer: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        let start = out.len();
        let outcome = if self.compress {
            let outcome = self.append_token(key, buffer, out);
            buffer.zeroize();
            outcome
        } else {
            self.seal_in_place(key, buffer, out)
        };
        if outcome.is_err() {
            out.truncate(start);
            buffer.zeroize();
        }
        buffer.clear();
        outcome
    }

    fn seal_in_place(
        &self,
        key: &mut impl MessageKey,
        buffer: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        let plaintext_len = buffer.len();
        let ciphertext_len = self.enc.ciphertext_len(plaintext_len).ok_or(EncryptError::TooLong)?;
        let header_len = key.header_len(self)?;
        let token_len = self.token_len(header_len, plaintext_len).ok_or(EncryptError::TooLong)?;
        wiped::reserve(buffer, ciphertext_len.saturating_sub(plaintext_len));
        buffer.resize(ciphertext_len, 0);
        out.try_reserve(token_len).map_err(|_| EncryptError::TooLong)?;
        let (mut sealed, header) = self.append_head(key, out)?;
        let aad = out.get(header).ok_or(EncryptError::Backend)?;
        self.seal_content(key.cek(), &mut sealed, aad, buffer, plaintext_len)?;
        base64url::encode_append(buffer, out);
        self.append_tag(&sealed, out);
        Ok(())
    }

    pub(crate) fn inputs(&self) -> Inputs<'_> {
        Inputs { random: self.random, ephemeral: None }
    }

    fn seal_content(
        &self,
        cek: Option<&Cek>,
        sealed: &mut Sealed,
        aad: &[u8],
        buffer: &mut [u8],
        plaintext_len: usize,
    ) -> Result<(), EncryptError> {
        let cek = cek.ok_or(EncryptError::Backend)?;
        let iv = sealed.iv.get(..self.enc.iv_len()).ok_or(EncryptError::Backend)?;
        let tag = sealed.tag.get_mut(..self.enc.tag_len()).ok_or(EncryptError::Backend)?;
        Ok(self.content.seal(cek.as_slice(), iv, aad, buffer, plaintext_len, tag)?)
    }

    /// Appends the header, the encrypted key and the initialization vector of a message, each with
    /// its dot. Returns where the header is.
    fn append_head(
        &self,
        key: &mut impl MessageKey,
        out: &mut Vec<u8>,
    ) -> Result<(Sealed, Range<usize>), EncryptError> {
        let mut sealed = Sealed { iv: [0; Enc::MAX_IV_LEN], tag: [0; Enc::MAX_TAG_LEN] };
        let iv = sealed.iv.get_mut(..self.enc.iv_len()).ok_or(EncryptError::Backend)?;
        let header = key.append_head(iv, out)?;
        base64url::encode_append(iv, out);
        out.push(b'.');
        Ok((sealed, header))
    }

    /// Appends the header of a message, or the beginning of one that is open.
    pub(crate) fn append_header(&self, step: &KeyStep, out: &mut Vec<u8>) -> LeftOver {
        self.header.append_encoded(step, out)
    }

    /// Appends the encrypted key between two dots.
    pub(crate) fn append_encrypted_key(&self, step: &KeyStep, out: &mut Vec<u8>) {
        out.push(b'.');
        let encrypted_key = step.encrypted_key.get(..self.sender.encrypted_key_len());
        base64url::encode_append(encrypted_key.unwrap_or_default(), out);
        out.push(b'.');
    }

    pub(crate) fn sender(&self) -> &Sender {
        &self.sender
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
            .field("alg", &self.sender.alg())
            .field("enc", &self.enc)
            .finish_non_exhaustive()
    }
}
