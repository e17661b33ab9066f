//! The sender of messages that the compact serialization has no place for: several recipients,
//! additional authenticated data, unprotected headers (RFC 7516 §5.1, §7.2).

use core::fmt;

use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

use crate::backend::{Backend, Direction};
use crate::base64url;
use crate::cek::Cek;
use crate::content_encryption::ContentEncryption;
use crate::deflate;
use crate::enc::Enc;
use crate::error::{EncryptError, SetupError};
use crate::header_members::HeaderMembers;
use crate::header_template::{HeaderTemplate, Member};
use crate::jose_header::{HeaderPart, JoseHeader};
use crate::key::EncryptionKey;
use crate::key_step::{Inputs, KeySettings, KeyStep, Sender};
use crate::message::{Message, Recipient};
use crate::random_source::RandomSource;
use crate::serialization::Serialization;

/// Encrypts messages to one recipient or several, in any serialization that has a place for them.
///
/// With one recipient the whole header is protected. With several, `enc` and what is added to the
/// protected header are shared, and each recipient's `alg`, `kid` and parameters stand in its own
/// unprotected header (RFC 7516 §7.2.1).
///
/// Unlike an [`Encrypter`](crate::Encrypter) it allocates for each message.
#[derive(Clone)]
pub struct MessageEncrypter {
    enc: Enc,
    content: &'static dyn ContentEncryption,
    random: &'static dyn RandomSource,
    protected: Option<HeaderTemplate>,
    unprotected: Option<HeaderTemplate>,
    recipients: Vec<RecipientSide>,
    compress: bool,
}

/// What the messages hold for one recipient.
#[derive(Clone)]
struct RecipientSide {
    sender: Sender,
    header: Option<HeaderTemplate>,
}

/// Sets up a [`MessageEncrypter`].
#[derive(Clone, Debug)]
pub struct MessageEncrypterBuilder<'a> {
    backend: &'a Backend,
    enc: Enc,
    recipients: Vec<(&'a EncryptionKey, KeySettings)>,
    members: HeaderMembers,
    unprotected: Vec<(String, Value)>,
    layout: Option<Layout>,
    // A setting came before any recipient that it could be for.
    setting_of_nobody: bool,
}

/// Which members stand in which header, in which order.
#[derive(Clone, Debug)]
struct Layout {
    protected: Vec<String>,
    unprotected: Vec<String>,
}

impl<'a> MessageEncrypterBuilder<'a> {
    /// Adds a recipient. More than [`Limits::max_recipients`](crate::Limits), 32 unless it is set,
    /// are read by those only who raised that.
    #[must_use]
    pub fn with_recipient(mut self, key: &'a EncryptionKey) -> Self {
        self.recipients.push((key, KeySettings::default()));
        self
    }

    /// Adds `apu` and `apv` to the header of the recipient that was added last, as
    /// [`EncrypterBuilder::with_agreement_info`](crate::EncrypterBuilder::with_agreement_info)
    /// does.
    #[must_use]
    pub fn with_agreement_info(mut self, apu: Option<&[u8]>, apv: Option<&[u8]>) -> Self {
        if let Some((_, settings)) = self.recipients.last_mut() {
            settings.apu = apu.map(<[u8]>::to_vec);
            settings.apv = apv.map(<[u8]>::to_vec);
        } else {
            self.setting_of_nobody = true;
        }
        self
    }

    /// The iteration count `p2c` of the recipient that was added last, as
    /// [`EncrypterBuilder::with_iterations`](crate::EncrypterBuilder::with_iterations) has it.
    #[must_use]
    pub fn with_iterations(mut self, p2c: u32) -> Self {
        if let Some((_, settings)) = self.recipients.last_mut() {
            settings.p2c = Some(p2c);
        } else {
            self.setting_of_nobody = true;
        }
        self
    }

    /// Adds a member to the protected header.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: Value) -> Self {
        self.members.push(name, value);
        self
    }

    /// Adds a member to the protected header that recipients must understand: its name is listed
    /// in `crit` (RFC 7516 §4.1.13).
    #[must_use]
    pub fn with_critical_member(mut self, name: &str, value: Value) -> Self {
        self.members.push_critical(name, value);
        self
    }

    /// Adds a member to the shared unprotected header (RFC 7516 §2). Whoever forwards the message
    /// can change it.
    #[must_use]
    pub fn with_unprotected_member(mut self, name: &str, value: Value) -> Self {
        self.unprotected.push((name.to_owned(), value));
        self
    }

    /// Compresses the plaintext before it is encrypted, as
    /// [`EncrypterBuilder::compress`](crate::EncrypterBuilder::compress) does and warns of.
    #[must_use]
    pub fn compress(mut self) -> Self {
        self.members.set_compressed();
        self
    }

    /// Puts the members of these names, in this order, into the protected and into the shared
    /// unprotected header, and all others into the recipients' headers: for test vectors only.
    #[cfg(feature = "hazmat")]
    #[must_use]
    pub fn with_layout(mut self, protected: &[&str], unprotected: &[&str]) -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        self.layout = Some(Layout { protected: owned(protected), unprotected: owned(unprotected) });
        self
    }

    /// Builds the encrypter.
    ///
    /// # Errors
    /// [`SetupError`]: no recipient; one whose key determines the CEK beside others; a member that
    /// is reserved, stands in two headers, or that no recipient could read; a setting out of its
    /// range, or given before the recipient that it is for; a header of more than 8 KiB; a gap of the
    /// backend.
    pub fn build(self) -> Result<MessageEncrypter, SetupError> {
        let Self { backend, enc, recipients, members, unprotected, layout, setting_of_nobody } =
            self;
        if setting_of_nobody {
            return Err(SetupError::KeyParameter(
                "it was given before any recipient: add the recipient that it is for first",
            ));
        }
        members.check()?;
        let mut unprotected_members = HeaderMembers::default();
        for (name, value) in unprotected {
            if members.names().any(|other| *other == *name) {
                return Err(SetupError::HeaderMember(
                    "its name is in the protected header already (RFC 7516 §4)",
                ));
            }
            unprotected_members.push(&name, value);
        }
        unprotected_members.check()?;
        let content = backend.content_encryption(enc, Direction::Encrypt)?;
        let senders = recipients
            .iter()
            .map(|(key, settings)| Sender::new(key, enc, settings))
            .collect::<Result<Vec<_>, _>>()?;
        if senders.is_empty() {
            return Err(SetupError::NoRecipient);
        }
        if senders.len() > 1 && senders.iter().any(Sender::is_direct) {
            return Err(SetupError::DirectWithOthers);
        }
        // All members there are; then the headers that they go to.
        let alone = if let [only] = senders.as_slice() { Some(only.clone()) } else { None };
        let mut shared = unprotected_members.custom();
        let (protected, unprotected, own) = match &layout {
            None => (members.layout(enc, alone.as_ref()), shared, Vec::new()),
            Some(layout) => {
                let mut all = members.layout(enc, alone.as_ref());
                all.append(&mut shared);
                let protected = take_named(&mut all, &layout.protected);
                let unprotected = take_named(&mut all, &layout.unprotected);
                (protected, unprotected, all)
            }
        };
        let template = |members: &[Member]| match members {
            [] => Ok(None),
            _ => HeaderTemplate::new(members).map(Some),
        };
        let (protected, unprotected) = (template(&protected)?, template(&unprotected)?);
        let recipients = senders
            .into_iter()
            .map(|sender| {
                let header = if alone.is_some() {
                    own.clone()
                } else {
                    [sender.constant_members(), sender.variable_members(), own.clone()].concat()
                };
                let header = template(&header)?;
                Ok(RecipientSide { sender, header })
            })
            .collect::<Result<Vec<_>, SetupError>>()?;
        for recipient in &recipients {
            let parts = [
                (HeaderPart::Protected, &protected),
                (HeaderPart::Unprotected, &unprotected),
                (HeaderPart::Unprotected, &recipient.header),
            ]
            .map(|(part, template)| {
                (part, template.as_ref().map(|template| template.json(&KeyStep::EMPTY)))
            });
            let union = parts.iter().filter_map(|(part, json)| Some((*part, json.as_deref()?)));
            if JoseHeader::parse_union(union).is_err() {
                return Err(SetupError::HeaderMember(
                    "a recipient could not read it: name it once and nest it less",
                ));
            }
        }
        Ok(MessageEncrypter {
            enc,
            content,
            random: backend.random(),
            protected,
            unprotected,
            recipients,
            compress: members.is_compressed(),
        })
    }
}

/// Takes the members of these names out of `members`, in the order of the names.
fn take_named(members: &mut Vec<Member>, names: &[String]) -> Vec<Member> {
    let mut taken = Vec::new();
    for name in names {
        if let Some(at) = members.iter().position(|member| member.0 == *name) {
            taken.push(members.remove(at));
        }
    }
    taken
}

impl MessageEncrypter {
    /// Sets up an encrypter. Add at least one recipient.
    #[must_use]
    pub fn builder(backend: &Backend, enc: Enc) -> MessageEncrypterBuilder<'_> {
        MessageEncrypterBuilder {
            backend,
            enc,
            recipients: Vec::new(),
            members: HeaderMembers::default(),
            unprotected: Vec::new(),
            layout: None,
            setting_of_nobody: false,
        }
    }

    /// The `enc` of the messages.
    #[must_use]
    pub fn enc(&self) -> Enc {
        self.enc
    }

    /// Encrypts to a new text in `serialization`. `aad` is authenticated and transmitted in clear
    /// (RFC 7516 §2); an empty one is left out.
    ///
    /// # Errors
    /// [`EncryptError`].
    pub fn encrypt(
        &self,
        serialization: &dyn Serialization,
        plaintext: &[u8],
        aad: &[u8],
    ) -> Result<String, EncryptError> {
        let inputs = Inputs { random: self.random, ephemeral: None };
        self.encrypt_with(inputs, serialization, plaintext, aad)
    }

    pub(crate) fn encrypt_with(
        &self,
        inputs: Inputs<'_>,
        serialization: &dyn Serialization,
        plaintext: &[u8],
        aad: &[u8],
    ) -> Result<String, EncryptError> {
        let mut iv = [0; Enc::MAX_IV_LEN];
        let iv = iv.get_mut(..self.enc.iv_len()).ok_or(EncryptError::Backend)?;
        let mut cek = Cek::empty(self.enc);
        let mut steps: Vec<KeyStep> = Vec::with_capacity(self.recipients.len());
        for recipient in &self.recipients {
            let mut step = KeyStep::EMPTY;
            if steps.is_empty() {
                recipient.sender.alone(inputs, &mut cek, iv, &mut step)?;
            } else {
                recipient.sender.wrap(inputs, &cek, &mut step)?;
            }
            steps.push(step);
        }
        let first = steps.first().ok_or(EncryptError::Backend)?;

        let mut protected = Vec::new();
        if let Some(template) = &self.protected {
            let _nothing = template.append_encoded(first, &mut protected);
        }
        let aad_text = base64url::encode(aad);
        let mut authenticated = protected.clone();
        if !aad.is_empty() {
            authenticated.push(b'.');
            authenticated.extend_from_slice(aad_text.as_bytes());
        }
        let mut tag = [0; Enc::MAX_TAG_LEN];
        let tag = tag.get_mut(..self.enc.tag_len()).ok_or(EncryptError::Backend)?;
        let ciphertext = self.seal(&cek, iv, &authenticated, plaintext, tag)?;

        // base64url is ASCII.
        let protected = String::from_utf8(protected).map_err(|_| EncryptError::Backend)?;
        let (iv, tag, ciphertext) =
            (base64url::encode(iv), base64url::encode(tag), base64url::encode(&ciphertext));
        let unprotected = self.unprotected.as_ref().map(|template| template.json(first));
        let texts: Vec<(String, Option<String>)> = self
            .recipients
            .iter()
            .zip(&steps)
            .map(|(recipient, step)| {
                let len = recipient.sender.encrypted_key_len();
                let encrypted_key = step.encrypted_key.get(..len).unwrap_or_default();
                let header = recipient.header.as_ref().map(|template| template.json(step));
                (base64url::encode(encrypted_key), header)
            })
            .collect();
        let recipients = texts
            .iter()
            .map(|(encrypted_key, header)| match header {
                None => Recipient::new(encrypted_key),
                Some(header) => Recipient::new(encrypted_key).with_header(header),
            })
            .collect();
        let mut message =
            Message::new(&protected, "", &iv, &ciphertext, &tag).with_recipients(recipients);
        if let Some(unprotected) = &unprotected {
            message = message.with_unprotected(unprotected);
        }
        if !aad.is_empty() {
            message = message.with_aad(&aad_text);
        }
        let mut text = String::new();
        serialization.write(&message, &mut text)?;
        Ok(text)
    }

    /// Compresses, if that was asked for, and encrypts.
    fn seal(
        &self,
        cek: &Cek,
        iv: &[u8],
        aad: &[u8],
        plaintext: &[u8],
        tag: &mut [u8],
    ) -> Result<Vec<u8>, EncryptError> {
        let mut compressed = Zeroizing::new(Vec::new());
        let content = if self.compress {
            deflate::deflate(plaintext, &mut compressed)?;
            compressed.as_slice()
        } else {
            plaintext
        };
        let len = self.enc.ciphertext_len(content.len()).ok_or(EncryptError::TooLong)?;
        let mut buffer = Vec::new();
        buffer.try_reserve_exact(len).map_err(|_| EncryptError::TooLong)?;
        buffer.extend_from_slice(content);
        buffer.resize(len, 0);
        let sealing = self.content.seal(cek.as_slice(), iv, aad, &mut buffer, content.len(), tag);
        if sealing.is_err() {
            buffer.zeroize();
        }
        sealing?;
        Ok(buffer)
    }
}

impl fmt::Debug for MessageEncrypter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageEncrypter")
            .field("enc", &self.enc)
            .field("recipients", &self.recipients.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{MessageEncrypter, MessageEncrypterBuilder};
    use crate::alg::Alg;
    use crate::enc::Enc;
    use crate::toy::{self, TOY};

    /// It would otherwise be lost without a word.
    #[test]
    fn a_setting_is_for_a_recipient_that_is_there() {
        let (key, _) = toy::keys(Alg::A256Kw, 32, 1, "k");
        let builder = || MessageEncrypter::builder(&TOY, Enc::A256Gcm);
        let code =
            |builder: MessageEncrypterBuilder<'_>| builder.build().err().map(|error| error.code());
        let early = Some("setup_key_parameter");
        let info = Some(&b"Alice"[..]);
        assert_eq!(code(builder().with_agreement_info(info, None).with_recipient(&key)), early);
        assert_eq!(code(builder().with_iterations(1000).with_recipient(&key)), early);
        let late = builder().with_recipient(&key);
        assert_eq!(code(late.with_agreement_info(info, None).with_iterations(1000)), None);
    }
}
