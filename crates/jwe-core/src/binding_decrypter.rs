//! The recipient of messages that are bound to their place.

use core::fmt;

use crate::bound_member::BoundMember;
use crate::decrypter::Decrypter;
use crate::error::{DecryptError, SetupError};
use crate::header_members::check_critical_name;
use crate::unwrapping_once::{UnwrappedMemory, UnwrappingOnce};

/// Decrypts messages that are bound to where they were found, as a
/// [`BindingEncrypter`](crate::BindingEncrypter) makes them, and no others.
///
/// What a message is bound to is compared before a key is touched: all strings with their names, and
/// no more of them; no message is bound to a name twice. It is compared as what the JSON denotes, not as it is written. A message that is
/// not bound is refused, and so is one whose `crit` does not list the member.
#[derive(Clone, Debug)]
pub struct BindingDecrypter {
    decrypter: Decrypter,
    name: String,
}

impl BindingDecrypter {
    /// Has a decrypter open only what is bound by the header member of this name, which it need not
    /// [understand](Decrypter::understand) otherwise.
    ///
    /// # Errors
    /// [`SetupError::HeaderMember`] for a name that `crit` can't list (RFC 7516 §4.1.13).
    pub fn new(decrypter: Decrypter, name: &str) -> Result<Self, SetupError> {
        check_critical_name(name)?;
        Ok(Self { decrypter, name: name.to_owned() })
    }

    /// Whether compressed messages are opened: see [`Decrypter::allow_zip`].
    #[must_use]
    pub fn allows_zip(&self) -> bool {
        self.decrypter.allows_zip()
    }

    /// Decrypts a token that has to be bound to these strings, each with its name, and appends the
    /// plaintext to `out`, as [`Decrypter::decrypt_into`] does.
    ///
    /// # Errors
    /// [`DecryptError`]: also [`Rejected::NotBound`](crate::Rejected::NotBound) and
    /// [`Rejected::BoundElsewhere`](crate::Rejected::BoundElsewhere). `out` is then as it was.
    pub fn decrypt_into(
        &self,
        token: &str,
        bound: &[(&str, &str)],
        out: &mut Vec<u8>,
    ) -> Result<(), DecryptError> {
        let member = BoundMember { name: &self.name, strings: bound };
        self.decrypter.decrypt_bound_into(token, member, out)
    }

    /// Decrypts the tokens of one document, as [`Decrypter::unwrapping_once`] does: those with the
    /// same encrypted key take one key operation, if all that a key may read of their headers is the
    /// same.
    pub fn unwrapping_once<'a>(
        &'a self,
        memory: &'a mut UnwrappedMemory,
    ) -> BindingUnwrappingOnce<'a> {
        BindingUnwrappingOnce { once: self.decrypter.unwrapping_once(memory), name: &self.name }
    }
}

/// Decrypts the tokens of one document, each bound to its place; made by
/// [`BindingDecrypter::unwrapping_once`].
///
/// All CEKs are wiped when this is dropped.
pub struct BindingUnwrappingOnce<'a> {
    once: UnwrappingOnce<'a>,
    name: &'a str,
}

impl BindingUnwrappingOnce<'_> {
    /// Decrypts a token, as [`BindingDecrypter::decrypt_into`] does.
    ///
    /// # Errors
    /// [`DecryptError`], the same as without a memory; `out` is then as it was.
    pub fn decrypt_into(
        &mut self,
        token: &str,
        bound: &[(&str, &str)],
        out: &mut Vec<u8>,
    ) -> Result<(), DecryptError> {
        let member = BoundMember { name: self.name, strings: bound };
        self.once.decrypt_bound_into(token, member, out)
    }
}

impl fmt::Debug for BindingUnwrappingOnce<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BindingUnwrappingOnce").field("once", &self.once).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::BindingDecrypter;
    use crate::alg::Alg;
    use crate::base64url;
    use crate::binding_encrypter::BindingEncrypter;
    use crate::decrypter::Decrypter;
    use crate::enc::Enc;
    use crate::encrypter::Encrypter;
    use crate::error::{DecryptError, Rejected};
    use crate::key::{DecryptionKey, EncryptionKey};
    use crate::shared_cek::SharedCekMemory;
    use crate::toy::{self, TOY};
    use crate::unwrapping_once::UnwrappedMemory;

    const ENC: Enc = Enc::A256Gcm;
    const PLACES: [&[(&str, &str)]; 3] = [
        &[("field", "/a"), ("record", "1")],
        &[("field", "/b"), ("record", "1")],
        &[("field", "/a"), ("record", "2")],
    ];

    fn kw(byte: u8, kid: &str) -> (EncryptionKey, DecryptionKey) {
        toy::keys(Alg::A256Kw, 32, byte, kid)
    }

    fn sender(key: &EncryptionKey, encs: Enc) -> BindingEncrypter {
        Encrypter::builder(&TOY, key, encs).build_binding("bound").unwrap()
    }

    /// The tokens of one document, one for each place.
    fn document(key: &EncryptionKey) -> Vec<String> {
        let encrypter = sender(key, ENC);
        let mut memory = SharedCekMemory::default();
        let mut shared = encrypter.share_cek(&mut memory, PLACES.len()).unwrap();
        let token = |place: &&[(&str, &str)]| {
            let mut out = Vec::new();
            shared.encrypt_into(place, b"text", &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        PLACES.iter().map(token).collect()
    }

    fn with_keys(keys: &[&DecryptionKey], tries: bool) -> BindingDecrypter {
        let keys = keys.iter().copied().cloned();
        let decrypter = if tries {
            Decrypter::trying_keys(&TOY, keys, &[ENC])
        } else {
            Decrypter::new(&TOY, keys, &[ENC])
        };
        BindingDecrypter::new(decrypter.unwrap(), "bound").unwrap()
    }

    /// Decrypts the tokens, each at a place, in one document and each by itself, with the same
    /// outcomes. Says how many keys were unwrapped in the document.
    fn unwraps(
        decrypter: &BindingDecrypter,
        tokens: &[(&String, &[(&str, &str)])],
    ) -> (Vec<Result<(), DecryptError>>, usize) {
        let mut memory = UnwrappedMemory::default();
        let mut outcomes = Vec::new();
        let asked = toy::asked(|| {
            let mut once = decrypter.unwrapping_once(&mut memory);
            for (token, place) in tokens {
                let mut out = b"before".to_vec();
                let outcome = once.decrypt_into(token, place, &mut out);
                let expected = if outcome.is_ok() { &b"beforetext"[..] } else { b"before" };
                assert_eq!(out, expected);
                outcomes.push(outcome);
            }
        });
        for ((token, place), outcome) in tokens.iter().zip(&outcomes) {
            let mut out = b"before".to_vec();
            assert_eq!(decrypter.decrypt_into(token, place, &mut out), *outcome);
        }
        (outcomes, asked.unwraps)
    }

    #[test]
    fn what_is_bound_elsewhere_takes_no_key() {
        let (key, recipient) = kw(1, "k");
        let tokens = document(&key);
        for tries in [false, true] {
            let decrypter = with_keys(&[&recipient], tries);
            for (at, token) in tokens.iter().enumerate() {
                for (place_at, place) in PLACES.iter().enumerate() {
                    let (outcomes, unwraps) = unwraps(&decrypter, &[(token, place)]);
                    if at == place_at {
                        assert_eq!((outcomes, unwraps), (vec![Ok(())], 1));
                    } else {
                        let refused = Err(Rejected::BoundElsewhere.into());
                        assert_eq!((outcomes, unwraps), (vec![refused], 0));
                    }
                }
                for place in [&[("field", "/a")][..], &[], &[("record", "1"), ("x", "/a")]] {
                    let (outcomes, unwraps) = unwraps(&decrypter, &[(token, place)]);
                    assert_eq!(outcomes, [Err(Rejected::BoundElsewhere.into())]);
                    assert_eq!(unwraps, 0);
                }
            }
            let free = Encrypter::new(&TOY, &key, ENC).unwrap().encrypt(b"text").unwrap();
            let (outcomes, unwraps) = unwraps(&decrypter, &[(&free, &[])]);
            assert_eq!((outcomes, unwraps), (vec![Err(Rejected::NotBound.into())], 0));
        }
    }

    #[test]
    fn a_document_with_one_cek_takes_one_key_operation() {
        let (key, recipient) = kw(1, "k");
        let (a, b) = (document(&key), document(&key));
        let at = |tokens: &'static [String]| tokens.iter().zip(PLACES).collect::<Vec<_>>();
        let (a, b): (&'static [String], &'static [String]) = (a.leak(), b.leak());
        for tries in [false, true] {
            let decrypter = with_keys(&[&recipient], tries);
            assert_eq!(unwraps(&decrypter, &at(a)).1, 1);
            let mixed: Vec<_> = at(a).into_iter().chain(at(b)).chain(at(a)).collect();
            let (outcomes, unwraps) = unwraps(&decrypter, &mixed);
            assert!(outcomes.iter().all(Result::is_ok));
            assert_eq!(unwraps, 2);
        }
    }

    /// The header is not what the CEK is remembered by, so all else that a key depends on has to be.
    #[test]
    fn another_key_or_enc_is_another_operation() {
        let ((key, first), (_, second)) = (kw(1, "one"), kw(2, "two"));
        let tokens = document(&key);
        let place = PLACES[0];
        let renamed = |token: &str, from: &str, to: &str| {
            let (header, rest) = token.split_once('.').unwrap();
            let mut json = vec![0; base64url::decoded_len(header.len())];
            base64url::decode_to_slice(header, &mut json).unwrap();
            let json = String::from_utf8(json).unwrap().replace(from, to);
            format!("{}.{rest}", base64url::encode(json.as_bytes()))
        };
        // The same encrypted key under the name of another key fails as by itself.
        let other = renamed(&tokens[0], "\"one\"", "\"two\"");
        let decrypter = with_keys(&[&first, &second], false);
        for order in [[&tokens[0], &other], [&other, &tokens[0]]] {
            let (outcomes, unwraps) = unwraps(&decrypter, &order.map(|token| (token, place)));
            assert_eq!(unwraps, 2);
            for (token, outcome) in order.iter().zip(outcomes) {
                let expected = if std::ptr::eq(*token, &raw const other) {
                    Err(DecryptError::DecryptionFailed)
                } else {
                    Ok(())
                };
                assert_eq!(outcome, expected);
            }
        }
        // And so it does with another enc, whose CEK has another length.
        let keys = [first.clone()];
        let decrypter = Decrypter::new(&TOY, keys, &[ENC, Enc::A128Gcm]).unwrap();
        let decrypter = BindingDecrypter::new(decrypter, "bound").unwrap();
        let short = {
            let mut out = Vec::new();
            sender(&key, Enc::A128Gcm).encrypt_into(place, b"text", &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let (outcomes, count) = unwraps(&decrypter, &[(&tokens[0], place), (&short, place)]);
        assert_eq!((outcomes, count), (vec![Ok(()), Ok(())], 2));
        // With keys that are tried, each has its own outcome.
        let (key, third) = kw(3, "one");
        let of_third = document(&key);
        let decrypter = with_keys(&[&first, &third], true);
        let both = [(&of_third[0], PLACES[0]), (&of_third[1], PLACES[1])];
        let (outcomes, count) = unwraps(&decrypter, &both);
        assert_eq!((outcomes, count), (vec![Ok(()), Ok(())], 2));
    }
}
