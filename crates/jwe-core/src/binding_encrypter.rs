//! The sender of messages that are bound to their place.

use std::sync::Arc;

use crate::alg::Alg;
use crate::bound_member::BoundMember;
use crate::enc::Enc;
use crate::encrypter::{Encrypter, EncrypterBuilder};
use crate::error::{EncryptError, SetupError};
use crate::shared_cek::{SharedCek, SharedCekMemory};

/// Encrypts messages each of which says what it is bound to, such as the field and the record that
/// it is a value of: an [`Encrypter`] with one more header member, whose value each message brings.
/// Made by [`EncrypterBuilder::build_binding`].
///
/// The value is a JSON object of strings, given as their names and texts. The member is protected and
/// critical (RFC 7516 §4.1.13), so that a recipient who does not know it refuses the message. It is
/// not encrypted: everybody can read what a message is bound to.
#[derive(Clone, Debug)]
pub struct BindingEncrypter {
    /// Its header is open for the member.
    encrypter: Encrypter,
    name: Arc<str>,
}

impl EncrypterBuilder<'_> {
    /// Builds an encrypter that binds each message, by a last header member of this name, which is
    /// listed in `crit`. Nothing registers the name (RFC 7516 §4.3): the recipients have to know it,
    /// as a [`BindingDecrypter`](crate::BindingDecrypter) does.
    ///
    /// # Errors
    /// As [`build`](Self::build), the name being that of one more member.
    pub fn build_binding(self, name: &str) -> Result<BindingEncrypter, SetupError> {
        Ok(BindingEncrypter { encrypter: self.build_open(name)?, name: name.into() })
    }
}

impl BindingEncrypter {
    /// The `alg` of the messages.
    #[must_use]
    pub fn alg(&self) -> Alg {
        self.encrypter.alg()
    }

    /// The `enc` of the messages.
    #[must_use]
    pub fn enc(&self) -> Enc {
        self.encrypter.enc()
    }

    /// The exact length in bytes of the token of a plaintext of `plaintext_len` bytes; `None` beyond
    /// what memory can hold, where [`encrypt_into`](Self::encrypt_into) would refuse what the message
    /// is bound to, and for an encrypter that compresses.
    #[must_use]
    pub fn encrypted_len(&self, bound: &[(&str, &str)], plaintext_len: usize) -> Option<usize> {
        if self.encrypter.compresses() {
            return None;
        }
        let header_len = self.encrypter.header_len(Some(&self.member(bound))).ok()?;
        self.encrypter.token_len(header_len, plaintext_len)
    }

    /// Encrypts a message that is bound to these strings, each with its name, and appends the token,
    /// which is ASCII, to `out`, as [`Encrypter::encrypt_into`] does.
    ///
    /// # Errors
    /// [`EncryptError`]; before a key is used, [`EncryptError::BindingTooLong`] and
    /// [`EncryptError::BindingTwice`]. `out` is then as it was.
    pub fn encrypt_into(
        &self,
        bound: &[(&str, &str)],
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        self.encrypter.encrypt_bound(self.member(bound), plaintext, out)
    }

    /// The same of the content of `buffer`, as [`Encrypter::encrypt_in_place`] does.
    ///
    /// # Errors
    /// As [`encrypt_into`](Self::encrypt_into); `buffer` is then wiped.
    pub fn encrypt_in_place(
        &self,
        bound: &[(&str, &str)],
        buffer: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        self.encrypter.encrypt_bound_in_place(self.member(bound), buffer, out)
    }

    /// Draws one CEK and wraps it once, for the values of one document, each bound to its own place:
    /// what that means is said at [`Encrypter::share_cek`].
    ///
    /// # Errors
    /// [`EncryptError`]; `memory` then holds no CEK.
    pub fn share_cek<'a>(
        &'a self,
        memory: &'a mut SharedCekMemory,
        messages: usize,
    ) -> Result<BindingSharedCek<'a>, EncryptError> {
        Ok(BindingSharedCek {
            shared: self.encrypter.share_cek(memory, messages)?,
            name: &self.name,
        })
    }

    fn member<'a>(&'a self, strings: &'a [(&'a str, &'a str)]) -> BoundMember<'a> {
        BoundMember { name: &self.name, strings }
    }
}

/// Encrypts the values of one document with one CEK, each bound to its place; made by
/// [`BindingEncrypter::share_cek`].
///
/// The CEK is wiped when this is dropped.
#[derive(Debug)]
pub struct BindingSharedCek<'a> {
    shared: SharedCek<'a>,
    name: &'a str,
}

impl BindingSharedCek<'_> {
    /// Encrypts and appends the token, as [`BindingEncrypter::encrypt_into`] does.
    ///
    /// # Errors
    /// [`EncryptError`]; `out` is then as it was.
    pub fn encrypt_into(
        &mut self,
        bound: &[(&str, &str)],
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        let member = BoundMember { name: self.name, strings: bound };
        self.shared.encrypt_bound(member, plaintext, out)
    }

    /// Encrypts the content of `buffer` and appends the token, as
    /// [`BindingEncrypter::encrypt_in_place`] does.
    ///
    /// # Errors
    /// [`EncryptError`]; `out` is then as it was, and `buffer` is wiped.
    pub fn encrypt_in_place(
        &mut self,
        bound: &[(&str, &str)],
        buffer: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        let member = BoundMember { name: self.name, strings: bound };
        self.shared.encrypt_bound_in_place(member, buffer, out)
    }
}

#[cfg(test)]
mod tests {
    use crate::alg::Alg;
    use crate::base64url;
    use crate::binding_decrypter::BindingDecrypter;
    use crate::curve::Curve;
    use crate::decrypter::Decrypter;
    use crate::enc::Enc;
    use crate::encrypter::Encrypter;
    use crate::error::{DecryptError, EncryptError, Rejected};
    use crate::jose_header::JoseHeader;
    use crate::shared_cek::SharedCekMemory;
    use crate::toy::{self, Asked, TOY};

    const ENC: Enc = Enc::A256Gcm;
    const NAME: &str = "bound";

    fn header(token: &str) -> String {
        let (header, _) = token.split_once('.').unwrap();
        let mut json = vec![0; base64url::decoded_len(header.len())];
        base64url::decode_to_slice(header, &mut json).unwrap();
        String::from_utf8(json).unwrap()
    }

    /// Each way of working makes the same header, of which the member is the last, whatever the
    /// length of what stands before it.
    #[test]
    fn every_way_of_working_binds() {
        let long = "/".repeat(1500);
        let every = [
            &[("field", "/a")][..],
            &[("field", "/\"\u{1}é"), ("record", "")],
            &[("field", long.as_str()), ("record", "42")],
            &[],
        ];
        for (alg, len) in [(Alg::A256Kw, 32), (Alg::A256GcmKw, 32), (Alg::Dir, 32)] {
            for kid in ["", "k", "kk", "kkk"] {
                for compress in [false, true] {
                    let (sender, recipient) = toy::keys(alg, len, 1, kid);
                    let builder =
                        Encrypter::builder(&TOY, &sender, ENC).with_critical_member("x", 1.into());
                    let builder = if compress { builder.compress() } else { builder };
                    let encrypter = builder.build_binding(NAME).unwrap();
                    let decrypter = Decrypter::new(&TOY, [recipient], &[ENC]).unwrap();
                    let decrypter = decrypter.understand(&["x"]).allow_zip(100);
                    let decrypter = BindingDecrypter::new(decrypter, NAME).unwrap();
                    let mut memory = SharedCekMemory::default();
                    let mut shared = encrypter.share_cek(&mut memory, 4).unwrap();
                    for strings in every {
                        for way in 0..4 {
                            let mut out = b"before".to_vec();
                            let mut buffer = b"text".to_vec();
                            match way {
                                0 => encrypter.encrypt_into(strings, b"text", &mut out),
                                1 => encrypter.encrypt_in_place(strings, &mut buffer, &mut out),
                                2 => shared.encrypt_into(strings, b"text", &mut out),
                                _ => shared.encrypt_in_place(strings, &mut buffer, &mut out),
                            }
                            .unwrap();
                            let token =
                                str::from_utf8(&out).unwrap().strip_prefix("before").unwrap();
                            let json = header(token);
                            let member: serde_json::Map<String, serde_json::Value> =
                                strings.iter().map(|(n, s)| ((*n).into(), (*s).into())).collect();
                            let parsed = JoseHeader::parse(&json).unwrap();
                            assert_eq!(parsed.get(NAME), Some(&member.into()));
                            assert_eq!(parsed.crit(), Some(&vec!["x", NAME].into()));
                            assert!(
                                json.find("\"bound\":{").unwrap() > json.find("\"x\":1").unwrap()
                            );
                            if !compress {
                                assert_eq!(encrypter.encrypted_len(strings, 4), Some(token.len()));
                            }
                            let mut opened = Vec::new();
                            decrypter.decrypt_into(token, strings, &mut opened).unwrap();
                            assert_eq!(opened, b"text");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_key_is_wrapped_once_for_all_messages() {
        let (sender, _) = toy::keys(Alg::A256Kw, 32, 1, "k");
        let encrypter = Encrypter::builder(&TOY, &sender, ENC).build_binding(NAME).unwrap();
        let mut memory = SharedCekMemory::default();
        let mut tokens = Vec::new();
        let asked = toy::asked(|| {
            let mut shared = encrypter.share_cek(&mut memory, 3).unwrap();
            for field in ["/a", "/b", "/a much longer name"] {
                let mut out = Vec::new();
                shared.encrypt_into(&[("field", field)], b"text", &mut out).unwrap();
                tokens.push(String::from_utf8(out).unwrap());
            }
        });
        assert_eq!(asked, Asked { draws: 1, wraps: 1, unwraps: 0 });
        let part = |at: usize| tokens.iter().map(move |token| token.split('.').nth(at).unwrap());
        assert!(part(1).all(|wrapped| wrapped == part(1).next().unwrap()));
        assert!(part(0).skip(1).all(|header| header != part(0).next().unwrap()));
        assert!(part(2).skip(1).all(|iv| iv != part(2).next().unwrap()));
    }

    #[test]
    fn what_can_not_be_written_uses_no_key() {
        let (sender, _) = toy::keys(Alg::A256Kw, 32, 1, "k");
        let encrypter = Encrypter::builder(&TOY, &sender, ENC).build_binding(NAME).unwrap();
        let long = "x".repeat(8192);
        for (strings, error) in [
            (&[("field", long.as_str())][..], EncryptError::BindingTooLong),
            (&[("field", "/a"), ("field", "/b")], EncryptError::BindingTwice),
        ] {
            let (mut out, mut buffer) = (b"before".to_vec(), b"text".to_vec());
            let asked = toy::asked(|| {
                assert_eq!(encrypter.encrypt_into(strings, b"text", &mut out), Err(error));
                let outcome = encrypter.encrypt_in_place(strings, &mut buffer, &mut out);
                assert_eq!(outcome, Err(error));
            });
            assert_eq!(asked, Asked { draws: 0, wraps: 0, unwraps: 0 });
            assert_eq!((out.as_slice(), buffer.as_slice()), (&b"before"[..], &b""[..]));
            assert_eq!(encrypter.encrypted_len(strings, 4), None);
        }
    }

    #[test]
    fn the_name_is_checked_as_that_of_any_critical_member() {
        let (sender, recipient) = toy::keys(Alg::A256Kw, 32, 1, "k");
        let builder = || Encrypter::builder(&TOY, &sender, ENC).with_member("there", 1.into());
        let decrypter = Decrypter::new(&TOY, [recipient], &[ENC]).unwrap();
        for name in ["alg", "crit", "typ", "x5c", "b64"] {
            let error = builder().build_binding(name).unwrap_err();
            assert_eq!(error.code(), "setup_header_member", "{name}");
            let error = BindingDecrypter::new(decrypter.clone(), name).unwrap_err();
            assert_eq!(error.code(), "setup_header_member", "{name}");
        }
        assert_eq!(builder().build_binding("there").unwrap_err().code(), "setup_header_member");
        let long = builder().with_member("long", "x".repeat(8192).into());
        assert_eq!(long.build_binding(NAME).unwrap_err().code(), "setup_header_too_long");
    }

    /// A recipient who does not expect it, and one who says to understand it elsewhere.
    #[test]
    fn a_recipient_must_know() {
        let (sender, recipient) = toy::keys(Alg::A256Kw, 32, 1, "k");
        let encrypter = Encrypter::builder(&TOY, &sender, ENC).build_binding(NAME).unwrap();
        let decrypter = Decrypter::new(&TOY, [recipient], &[ENC]).unwrap();
        let mut token = Vec::new();
        encrypter.encrypt_into(&[("field", "/a")], b"text", &mut token).unwrap();
        let token = String::from_utf8(token).unwrap();
        let refused = decrypter.decrypt(&token).unwrap_err();
        assert_eq!(refused, DecryptError::Rejected(Rejected::Crit));
        assert!(!decrypter.is_understood(NAME));
        let knowing = decrypter.understand(&[NAME]);
        assert!(knowing.is_understood(NAME));
        let pending = knowing.begin(&token).unwrap();
        assert_eq!(pending.header().unwrap().get(NAME).unwrap()["field"], "/a");
    }

    /// The longest beginning that varies, too.
    #[test]
    fn a_header_with_an_ephemeral_key_is_open_at_its_end() {
        use crate::header_template::{HeaderTemplate, Slot};
        use crate::key_step::KeyStep;
        let layout = [
            ("alg".to_owned(), Slot::constant(&"ECDH-ES".into())),
            ("enc".to_owned(), Slot::constant(&"A256GCM".into())),
            ("epk".to_owned(), Slot::Epk(Curve::P521)),
        ];
        let template = HeaderTemplate::open(&layout).unwrap();
        let json = format!("{}}}", template.json(&KeyStep::EMPTY));
        assert!(JoseHeader::parse(&json).unwrap().epk().is_some());
    }
}
