//! The tokens of one document, whose equal encrypted keys are unwrapped once.

use core::fmt;
use core::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::collections::HashMap;
use std::hash::RandomState;

use zeroize::Zeroize;

use crate::bound_member::BoundMember;
use crate::cek::Cek;
use crate::compact;
use crate::decrypter::{Decrypter, check_content_parts};
use crate::error::DecryptError;
use crate::message::Message;
use crate::pending::Pending;
use crate::sealed_content::{ContentSuite, SealedContent};
use crate::wiped;

/// The most CEKs that are remembered. What a document has beyond that is unwrapped for each token, as
/// without a memory.
const MOST_REMEMBERED: usize = 16 * 1024;

/// The most bytes of headers and encrypted keys that are remembered.
const MOST_TEXT: usize = 8 * 1024 * 1024;

/// More characters than the header and the encrypted key of a message that is accepted can have:
/// 8 KiB and 1 KiB, encoded.
const LONGEST: usize = 16 * 1024;

/// The working memory of [`Decrypter::unwrapping_once`], which can be used for one document after
/// the other. Between two documents it holds no CEK. It grows with the different encrypted keys of
/// the largest document, to less than 20 MiB.
#[derive(Default)]
pub struct UnwrappedMemory {
    remembered: Vec<Remembered>,
    /// The place in `remembered` by the fingerprint of what was unwrapped. Two that have the same
    /// one, which nobody can make happen without the key of `fingerprints`, cost time only.
    places: HashMap<u64, usize, BuildHasherDefault<AsItIs>>,
    /// Keyed, as the texts come from whoever sends the document.
    fingerprints: RandomState,
    /// The headers, or what of them a key may read, and the encrypted keys, one behind the other.
    texts: Vec<u8>,
    /// The CEKs, one behind the other. Grown and cut with what `wiped` has for secrets.
    ceks: Vec<u8>,
    /// The place that was asked for last.
    last: usize,
    /// What of a header a key may read, while it is looked for.
    identity: Vec<u8>,
}

/// The hash of a fingerprint, which is one: the fingerprint.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, fingerprint: u64) {
        self.0 = fingerprint;
    }

    // Not called for a `u64`.
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }
}

/// One encrypted key that was unwrapped.
struct Remembered {
    /// Where the header begins, which the encrypted key follows.
    texts_start: usize,
    header_len: usize,
    encrypted_key_len: usize,
    cek_start: usize,
    /// Which key it was unwrapped with, where several are tried.
    key_at: usize,
    suite: ContentSuite,
}

/// What a CEK is remembered by: with the same of all, it would be the same.
#[derive(Clone, Copy)]
struct Wrapped<'a> {
    key_at: usize,
    /// The header, or what of it a key may read.
    header: &'a [u8],
    encrypted_key: &'a str,
}

impl<'a> Wrapped<'a> {
    /// What the only recipient of a compact token has.
    fn of(message: &Message<'a>, key_at: usize) -> Self {
        let encrypted_key =
            message.recipients().first().map_or("", |recipient| recipient.encrypted_key());
        Self { key_at, header: message.protected().as_bytes(), encrypted_key }
    }

    fn len(&self) -> usize {
        self.header.len().saturating_add(self.encrypted_key.len())
    }
}

impl UnwrappedMemory {
    /// The place of what was unwrapped before; else the fingerprint under which to remember it.
    fn find(&mut self, wrapped: Wrapped<'_>) -> Result<usize, u64> {
        // One document after the other, they are mostly all the same or all different.
        if self.is_at(self.last, wrapped) {
            return Ok(self.last);
        }
        if wrapped.len() > LONGEST {
            // It is about to be refused, and should not take more time than that.
            return Err(0);
        }
        let fingerprint = self.fingerprint(wrapped);
        match self.places.get(&fingerprint) {
            Some(place) if self.is_at(*place, wrapped) => {
                self.last = *place;
                Ok(*place)
            }
            _ => Err(fingerprint),
        }
    }

    fn is_at(&self, place: usize, wrapped: Wrapped<'_>) -> bool {
        let Some(known) = self.remembered.get(place) else {
            return false;
        };
        let behind = self.texts.get(known.texts_start..).unwrap_or_default();
        let Some((header, behind)) = behind.split_at_checked(known.header_len) else {
            return false;
        };
        known.key_at == wrapped.key_at
            && known.encrypted_key_len == wrapped.encrypted_key.len()
            && header == wrapped.header
            && behind.get(..known.encrypted_key_len) == Some(wrapped.encrypted_key.as_bytes())
    }

    fn fingerprint(&self, wrapped: Wrapped<'_>) -> u64 {
        let mut hasher = self.fingerprints.build_hasher();
        hasher.write_usize(wrapped.header.len());
        hasher.write(wrapped.header);
        hasher.write(wrapped.encrypted_key.as_bytes());
        hasher.write_usize(wrapped.key_at);
        hasher.finish()
    }

    fn suite(&self, place: usize) -> Option<ContentSuite> {
        self.remembered.get(place).map(|known| known.suite)
    }

    fn cek(&self, place: usize) -> &[u8] {
        let Some(known) = self.remembered.get(place) else {
            return &[];
        };
        let behind = self.ceks.get(known.cek_start..).unwrap_or_default();
        behind.get(..known.suite.enc.cek_len()).unwrap_or_default()
    }

    /// Opens a message after its CEK is unwrapped and remembered.
    fn open(
        &mut self,
        wrapped: Wrapped<'_>,
        fingerprint: u64,
        pending: &Pending<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), DecryptError> {
        let mut cek = Cek::empty(pending.enc());
        pending.fill_cek(&mut cek)?;
        self.remember(wrapped, fingerprint, pending.content.suite, &cek);
        pending.content.open(cek.as_slice(), out)
    }

    /// Opens a message whose header was read, with a CEK that is remembered or to be.
    fn open_bound(
        &mut self,
        key_at: usize,
        pending: &Pending<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), DecryptError> {
        let mut identity = core::mem::take(&mut self.identity);
        identity.clear();
        pending.parameters.append_identity(pending.enc(), &mut identity);
        let encrypted_key = pending.recipient.encrypted_key();
        let wrapped = Wrapped { key_at, header: &identity, encrypted_key };
        let outcome = match self.find(wrapped) {
            Ok(place) => pending.content.open(self.cek(place), out),
            Err(fingerprint) => self.open(wrapped, fingerprint, pending, out),
        };
        self.identity = identity;
        outcome
    }

    fn remember(&mut self, wrapped: Wrapped<'_>, fingerprint: u64, suite: ContentSuite, cek: &Cek) {
        if self.remembered.len() >= MOST_REMEMBERED
            || self.texts.len().saturating_add(wrapped.len()) > MOST_TEXT
        {
            return;
        }
        let known = Remembered {
            texts_start: self.texts.len(),
            header_len: wrapped.header.len(),
            encrypted_key_len: wrapped.encrypted_key.len(),
            cek_start: self.ceks.len(),
            key_at: wrapped.key_at,
            suite,
        };
        self.texts.extend_from_slice(wrapped.header);
        self.texts.extend_from_slice(wrapped.encrypted_key.as_bytes());
        wiped::reserve(&mut self.ceks, cek.as_slice().len());
        self.ceks.extend_from_slice(cek.as_slice());
        self.last = self.remembered.len();
        self.places.insert(fingerprint, self.last);
        self.remembered.push(known);
    }

    /// Leaves the CEKs nowhere.
    fn forget(&mut self) {
        wiped::truncate(&mut self.ceks, 0);
        self.remembered.clear();
        self.places.clear();
        self.texts.clear();
    }
}

impl Drop for UnwrappedMemory {
    fn drop(&mut self) {
        self.ceks.zeroize();
    }
}

impl UnwrappedMemory {
    /// How many bytes it holds, for those who give back what has grown large.
    #[must_use]
    pub fn allocated(&self) -> usize {
        [
            self.remembered.capacity().saturating_mul(size_of::<Remembered>()),
            self.places.capacity().saturating_mul(size_of::<(u64, usize)>()),
            self.texts.capacity(),
            self.identity.capacity(),
            self.ceks.capacity(),
        ]
        .into_iter()
        .fold(0, usize::saturating_add)
    }
}

impl fmt::Debug for UnwrappedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnwrappedMemory").finish_non_exhaustive()
    }
}

/// Decrypts the tokens of one document; made by [`Decrypter::unwrapping_once`].
///
/// All CEKs are wiped when this is dropped.
pub struct UnwrappingOnce<'a> {
    decrypter: &'a Decrypter,
    memory: &'a mut UnwrappedMemory,
}

impl Decrypter {
    /// Decrypts the tokens of one document, of which those with the same protected header and the
    /// same encrypted key, as [`Encrypter::share_cek`](crate::Encrypter::share_cek) makes them, take
    /// one key operation. So do those of `dir` and ECDH-ES with the same header.
    ///
    /// Each verdict is that of [`decrypt_into`](Self::decrypt_into): the parts that differ are
    /// checked for each token, and an encrypted key that can't be unwrapped stands for the same
    /// random CEK (RFC 7516 §11.5) each time. What `memory` holds from before is not used.
    ///
    /// A decrypter that [tries keys](Self::trying_keys) tries each of them as always, and each once
    /// for an encrypted key. Remembered are some 16 000 encrypted keys and 8 MiB of them with their
    /// headers; what a document has beyond that is unwrapped for each token.
    pub fn unwrapping_once<'a>(&'a self, memory: &'a mut UnwrappedMemory) -> UnwrappingOnce<'a> {
        memory.forget();
        UnwrappingOnce { decrypter: self, memory }
    }
}

impl UnwrappingOnce<'_> {
    /// Decrypts a token and appends the plaintext to `out`, as [`Decrypter::decrypt_into`] does.
    ///
    /// # Errors
    /// [`DecryptError`], the same as without a memory; `out` is then as it was.
    pub fn decrypt_into(&mut self, token: &str, out: &mut Vec<u8>) -> Result<(), DecryptError> {
        let message = compact::parse(token, &self.decrypter.limits)?;
        if self.decrypter.try_keys {
            let memory = &mut *self.memory;
            return self.decrypter.try_each(message, None, |key_at, pending| {
                let wrapped = Wrapped::of(&pending.content.message, key_at);
                match memory.find(wrapped) {
                    Ok(place) => pending.content.open(memory.cek(place), out),
                    Err(fingerprint) => memory.open(wrapped, fingerprint, &pending, out),
                }
            });
        }
        let wrapped = Wrapped::of(&message, 0);
        match self.memory.find(wrapped) {
            Ok(place) => {
                // All that depends on the header and the encrypted key was found to be good when
                // they were remembered. What is left is checked in the order of always.
                check_content_parts(&message)?;
                let suite = self.memory.suite(place).ok_or(DecryptError::DecryptionFailed)?;
                SealedContent::check(message, suite)?.open(self.memory.cek(place), out)
            }
            Err(fingerprint) => {
                let pending = self.decrypter.begin_message(message)?;
                let wrapped = Wrapped::of(&pending.content.message, 0);
                self.memory.open(wrapped, fingerprint, &pending, out)
            }
        }
    }

    /// As [`decrypt_into`](Self::decrypt_into), for a message that has to be bound to this. The
    /// headers of such messages differ, so that each is read; what of it a key may read is the same.
    pub(crate) fn decrypt_bound_into(
        &mut self,
        token: &str,
        bound: BoundMember<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(), DecryptError> {
        let message = compact::parse(token, &self.decrypter.limits)?;
        let memory = &mut *self.memory;
        if self.decrypter.try_keys {
            return self.decrypter.try_each(message, Some(bound), |key_at, pending| {
                memory.open_bound(key_at, &pending, out)
            });
        }
        let pending = self.decrypter.begin_bound(message, Some(bound))?;
        let key_at = self.decrypter.place_of(pending.key).ok_or(DecryptError::DecryptionFailed)?;
        memory.open_bound(key_at, &pending, out)
    }
}

impl Drop for UnwrappingOnce<'_> {
    fn drop(&mut self) {
        self.memory.forget();
    }
}

impl fmt::Debug for UnwrappingOnce<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnwrappingOnce").field("decrypter", self.decrypter).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{MOST_REMEMBERED, MOST_TEXT, UnwrappedMemory, Wrapped};
    use crate::alg::Alg;
    use crate::base64url;
    use crate::cek::Cek;
    use crate::decrypter::Decrypter;
    use crate::enc::Enc;
    use crate::encrypter::Encrypter;
    use crate::error::{DecryptError, Malformed, Rejected, Segment};
    use crate::key::{DecryptionKey, EncryptionKey, Held};
    use crate::sealed_content::ContentSuite;
    use crate::shared_cek::SharedCekMemory;
    use crate::toy::{self, TOY};

    const ENC: Enc = Enc::A256Gcm;
    const FAILED: Result<(), DecryptError> = Err(DecryptError::DecryptionFailed);

    fn kw(byte: u8, kid: &str) -> (EncryptionKey, DecryptionKey) {
        toy::keys(Alg::A256Kw, 32, byte, kid)
    }

    fn document(key: &EncryptionKey, messages: usize) -> Vec<String> {
        let encrypter = Encrypter::new(&TOY, key, ENC).unwrap();
        let mut memory = SharedCekMemory::default();
        let mut shared = encrypter.share_cek(&mut memory, messages).unwrap();
        (0..messages)
            .map(|_| {
                let mut out = Vec::new();
                shared.encrypt_into(b"text", &mut out).unwrap();
                String::from_utf8(out).unwrap()
            })
            .collect()
    }

    fn with_keys(keys: &[&DecryptionKey]) -> Decrypter {
        Decrypter::new(&TOY, keys.iter().copied().cloned(), &[ENC]).unwrap()
    }

    fn trying(keys: &[&DecryptionKey]) -> Decrypter {
        Decrypter::trying_keys(&TOY, keys.iter().copied().cloned(), &[ENC]).unwrap()
    }

    /// Decrypts the tokens as one document and says how many keys were unwrapped. Each outcome must
    /// be that of `decrypt_into`.
    fn unwraps(decrypter: &Decrypter, memory: &mut UnwrappedMemory, tokens: &[&String]) -> usize {
        let mut outcomes = Vec::new();
        let asked = toy::asked(|| {
            let mut once = decrypter.unwrapping_once(memory);
            for token in tokens {
                let mut out = b"before".to_vec();
                outcomes.push((once.decrypt_into(token, &mut out), out));
            }
        });
        for (token, (outcome, out)) in tokens.iter().zip(outcomes) {
            let mut expected = b"before".to_vec();
            assert_eq!(outcome, decrypter.decrypt_into(token, &mut expected), "{token}");
            assert_eq!(out, expected, "{token}");
        }
        asked.unwraps
    }

    /// Another base64url character at the beginning of a part.
    fn changed(token: &str, part: usize) -> String {
        let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        let other = if parts[part].starts_with('A') { "B" } else { "A" };
        parts[part].replace_range(..1, other);
        parts.join(".")
    }

    #[test]
    fn equal_encrypted_keys_are_unwrapped_once() {
        let (sender, recipient) = kw(1, "k");
        let (a, b) = (document(&sender, 10), document(&sender, 10));
        let decrypter = with_keys(&[&recipient]);
        let mut memory = UnwrappedMemory::default();
        let all: Vec<&String> = a.iter().collect();
        // Also for the next document, which begins with nothing.
        for _ in 0..3 {
            assert_eq!(unwraps(&decrypter, &mut memory, &all), 1);
            assert!(memory.ceks.is_empty() && memory.remembered.is_empty());
            assert!(memory.places.is_empty() && memory.texts.is_empty());
        }
        let mixed: Vec<&String> = a.iter().zip(&b).flat_map(|(a, b)| [a, b]).collect();
        assert_eq!(unwraps(&decrypter, &mut memory, &mixed), 2);
        // The same encrypted key with another header is another.
        let other = Encrypter::builder(&TOY, &sender, ENC).with_member("typ", "x".into());
        let other = other.build().unwrap().encrypt(b"text").unwrap();
        let (header, _) = other.split_once('.').unwrap();
        let (_, rest) = a[0].split_once('.').unwrap();
        let moved = format!("{header}.{rest}");
        assert_eq!(unwraps(&decrypter, &mut memory, &[&a[0], &moved, &a[1], &moved]), 2);
    }

    /// With `dir` there is no encrypted key: the header alone says it.
    #[test]
    fn a_key_that_is_the_cek_is_asked_once() {
        let (sender, recipient) = toy::keys(Alg::Dir, 32, 1, "k");
        let tokens = document(&sender, 3);
        let decrypter = with_keys(&[&recipient]);
        let mut memory = UnwrappedMemory::default();
        let mut once = decrypter.unwrapping_once(&mut memory);
        for token in &tokens {
            let mut out = Vec::new();
            once.decrypt_into(token, &mut out).unwrap();
            assert_eq!(out, b"text");
            assert_eq!((once.memory.remembered.len(), once.memory.ceks.len()), (1, 32));
        }
    }

    /// One that can't be unwrapped costs as much, and its other tokens fail in the same way.
    #[test]
    fn a_failure_is_remembered() {
        let (sender, recipient) = kw(1, "k");
        let tokens = document(&sender, 4);
        let wrong: Vec<String> = tokens.iter().map(|token| changed(token, 1)).collect();
        let decrypter = with_keys(&[&recipient]);
        let mut memory = UnwrappedMemory::default();
        let mixed: Vec<&String> = tokens.iter().zip(&wrong).flat_map(|(a, b)| [b, a, b]).collect();
        assert_eq!(unwraps(&decrypter, &mut memory, &mixed), 2);
        let mut once = decrypter.unwrapping_once(&mut memory);
        let mut out = Vec::new();
        let mut opened = Vec::new();
        for token in wrong.iter().chain(&wrong) {
            opened.push(toy::opened(|| assert_eq!(once.decrypt_into(token, &mut out), FAILED)));
        }
        // The content is tried each time, the key the first time only.
        assert_eq!(opened, [2, 1, 1, 1, 1, 1, 1, 1]);
        // And with one and the same CEK, which is no constant.
        let random = once.memory.ceks.clone();
        assert_eq!(random.len(), 32);
        drop(once);
        let mut once = decrypter.unwrapping_once(&mut memory);
        assert_eq!(once.decrypt_into(&wrong[0], &mut out), FAILED);
        assert_ne!(once.memory.ceks, random);
    }

    /// The parts that are not remembered are looked at for each token.
    #[test]
    fn each_content_is_checked() {
        let (sender, recipient) = kw(1, "k");
        let tokens = document(&sender, 2);
        let decrypter = with_keys(&[&recipient]);
        let mut memory = UnwrappedMemory::default();
        let mut once = decrypter.unwrapping_once(&mut memory);
        let mut out = b"before".to_vec();
        once.decrypt_into(&tokens[0], &mut Vec::new()).unwrap();
        let parts: Vec<&str> = tokens[1].split('.').collect();
        let with = |at: usize, text: &str| {
            let mut parts = parts.clone();
            parts[at] = text;
            parts.join(".")
        };
        let length = |segment| Err(Malformed::Length(segment).into());
        let base64 = |segment| Err(Malformed::Base64(segment).into());
        let asked = toy::asked(|| {
            for (token, expected) in [
                (with(2, "AAAA"), length(Segment::Iv)),
                (with(2, ""), length(Segment::Iv)),
                (with(2, "A"), base64(Segment::Iv)),
                (with(3, "=="), base64(Segment::Ciphertext)),
                (with(4, "AAAA"), length(Segment::Tag)),
                (with(4, "+"), base64(Segment::Tag)),
                (with(4, "AAAA.AAAA"), Err(Malformed::SegmentCount.into())),
                (changed(&tokens[1], 2), FAILED),
                (changed(&tokens[1], 3), FAILED),
                (changed(&tokens[1], 4), FAILED),
                (with(3, ""), FAILED),
            ] {
                assert_eq!(once.decrypt_into(&token, &mut out), expected, "{token}");
                assert_eq!(out, b"before");
                assert_eq!(decrypter.decrypt(&token).map(|_| ()), expected, "{token}");
            }
        });
        // All by `decrypt`, for the four that got that far.
        assert_eq!(asked.unwraps, 4);
        once.decrypt_into(&tokens[1], &mut out).unwrap();
        assert_eq!(out, b"beforetext");
    }

    #[test]
    fn another_decrypter_begins_with_nothing() {
        let (sender, recipient) = kw(1, "k");
        let (_, other) = kw(2, "k");
        let tokens = document(&sender, 2);
        let mut memory = UnwrappedMemory::default();
        assert_eq!(unwraps(&with_keys(&[&recipient]), &mut memory, &[&tokens[0]]), 1);
        let decrypter = with_keys(&[&other]);
        assert_eq!(unwraps(&decrypter, &mut memory, &[&tokens[0], &tokens[1]]), 1);
        assert_eq!(decrypter.decrypt(&tokens[0]), Err(DecryptError::DecryptionFailed));
        // Nor does what was left when the end was skipped count.
        let good = with_keys(&[&recipient]);
        let mut once = good.unwrapping_once(&mut memory);
        once.decrypt_into(&tokens[0], &mut Vec::new()).unwrap();
        std::mem::forget(once);
        assert_eq!(memory.remembered.len(), 1);
        assert_eq!(unwraps(&decrypter, &mut memory, &[&tokens[0]]), 1);
    }

    /// Each key is tried as always, and once for each encrypted key.
    #[test]
    fn keys_that_are_tried_are_tried_once() {
        let (sender, right) = kw(1, "");
        let [(_, wrong), (_, also)] = [kw(2, ""), kw(3, "")];
        let tokens = document(&sender, 5);
        let all: Vec<&String> = tokens.iter().collect();
        let mut memory = UnwrappedMemory::default();
        for (keys, expected) in [
            (&[&right][..], 1),
            (&[&wrong, &right], 2),
            (&[&wrong, &right, &also], 2),
            (&[&wrong, &also], 2),
        ] {
            assert_eq!(unwraps(&trying(keys), &mut memory, &all), expected);
        }
        // The same header for two keys that are CEKs.
        let [(a, of_a), (b, of_b)] =
            [toy::keys(Alg::Dir, 32, 1, ""), toy::keys(Alg::Dir, 32, 2, "")];
        let (a, b) = (document(&a, 2), document(&b, 2));
        let decrypter = trying(&[&of_a, &of_b]);
        unwraps(&decrypter, &mut memory, &[&a[0], &b[0], &b[1], &a[1]]);
        let mut once = decrypter.unwrapping_once(&mut memory);
        for token in [&b[0], &a[0], &a[1], &b[1]] {
            once.decrypt_into(token, &mut Vec::new()).unwrap();
        }
        assert_eq!(once.memory.remembered.len(), 2);
    }

    #[test]
    fn a_key_that_is_held_elsewhere_is_refused_as_always() {
        let (sender, mut recipient) = kw(1, "k");
        let tokens = document(&sender, 2);
        recipient.key = Held::Elsewhere { encrypted_key_len: 40 };
        let decrypter = with_keys(&[&recipient]);
        let mut memory = UnwrappedMemory::default();
        unwraps(&decrypter, &mut memory, &[&tokens[0], &tokens[1]]);
        let mut once = decrypter.unwrapping_once(&mut memory);
        for token in &tokens {
            let outcome = once.decrypt_into(token, &mut Vec::new());
            assert_eq!(outcome, Err(Rejected::KeyHeldElsewhere.into()));
        }
        assert!(once.memory.remembered.is_empty());
    }

    fn suite() -> ContentSuite {
        let content = TOY.content_encryption(ENC, crate::backend::Direction::Decrypt).unwrap();
        ContentSuite { enc: ENC, content, inflate: None }
    }

    fn of_key(encrypted_key: &str) -> Wrapped<'_> {
        Wrapped { key_at: 0, header: b"header", encrypted_key }
    }

    /// Whoever sends a document can't make the memory slow: fingerprints are keyed.
    #[test]
    fn ten_thousand_keys_are_found_at_once() {
        const KEYS: usize = 10_000;
        let mut memory = UnwrappedMemory::default();
        let mut cek = Cek::empty(ENC);
        // Alike at both ends, where a fingerprint might be taken from.
        let texts: Vec<String> =
            (0..KEYS).map(|at| format!("{}{at:05}{}", "A".repeat(160), "A".repeat(177))).collect();
        let start = Instant::now();
        for at in 0..2 * KEYS {
            let wrapped = of_key(&texts[at % KEYS]);
            match memory.find(wrapped) {
                Ok(place) => {
                    assert_eq!(place, at - KEYS);
                    assert_eq!(memory.cek(place)[..8], (at - KEYS).to_le_bytes());
                }
                Err(fingerprint) => {
                    cek.as_mut_slice()[..8].copy_from_slice(&at.to_le_bytes());
                    memory.remember(wrapped, fingerprint, suite(), &cek);
                }
            }
        }
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
        assert_eq!((memory.remembered.len(), memory.places.len()), (KEYS, KEYS));
        assert_eq!(memory.ceks.len(), KEYS * 32);
        let other = UnwrappedMemory::default();
        let wrapped = of_key(&texts[0]);
        assert_ne!(memory.fingerprint(wrapped), other.fingerprint(wrapped));
    }

    /// Two with one fingerprint are still two.
    #[test]
    fn a_fingerprint_decides_nothing() {
        let mut memory = UnwrappedMemory::default();
        let cek = Cek::empty(ENC);
        let fingerprint = memory.find(of_key("b")).unwrap_err();
        memory.remember(of_key("a"), fingerprint, suite(), &cek);
        memory.remember(of_key("c"), 0, suite(), &cek);
        assert_eq!(memory.find(of_key("b")), Err(fingerprint));
        memory.remember(of_key("b"), fingerprint, suite(), &cek);
        assert_eq!(memory.find(of_key("b")), Ok(2));
        assert!(memory.find(of_key("a")).is_err());
        // Nor does where one text ends and the other begins.
        for (header, encrypted_key) in [("header", ""), ("headerb", ""), ("heade", "rb")] {
            let wrapped = Wrapped { key_at: 0, header: header.as_bytes(), encrypted_key };
            assert!(memory.find(wrapped).is_err(), "{header} {encrypted_key}");
        }
        let wrapped = Wrapped { key_at: 1, ..of_key("b") };
        assert!(memory.find(wrapped).is_err());
    }

    /// Beyond what is remembered, each message is unwrapped as without a memory.
    #[test]
    fn the_memory_has_an_end() {
        let (sender, recipient) = kw(1, "k");
        let good = document(&sender, 2);
        let decrypter = with_keys(&[&recipient]);
        let (header, rest) = good[0].split_once('.').unwrap();
        let (_, rest) = rest.split_once('.').unwrap();
        let token = |at: usize| {
            let mut encrypted_key = [0; 40];
            encrypted_key[..8].copy_from_slice(&at.to_le_bytes());
            format!("{header}.{}.{rest}", base64url::encode(&encrypted_key))
        };
        let mut memory = UnwrappedMemory::default();
        let mut once = decrypter.unwrapping_once(&mut memory);
        let mut out = Vec::new();
        for at in 0..MOST_REMEMBERED + 10 {
            assert_eq!(once.decrypt_into(&token(at), &mut out), FAILED);
        }
        assert_eq!(once.memory.remembered.len(), MOST_REMEMBERED);
        let asked = toy::asked(|| {
            once.decrypt_into(&good[0], &mut out).unwrap();
            once.decrypt_into(&good[1], &mut out).unwrap();
            assert_eq!(once.decrypt_into(&token(0), &mut out), FAILED);
            assert_eq!(once.decrypt_into(&token(MOST_REMEMBERED - 1), &mut out), FAILED);
            assert_eq!(once.decrypt_into(&token(MOST_REMEMBERED), &mut out), FAILED);
        });
        assert_eq!((asked.unwraps, out.as_slice()), (3, &b"texttext"[..]));
        drop(once);

        let long = "A".repeat(super::LONGEST - "header".len());
        let cek = Cek::empty(ENC);
        for at in 0..MOST_TEXT / super::LONGEST + 1 {
            memory.remember(of_key(&long), at as u64, suite(), &cek);
        }
        assert_eq!((memory.remembered.len(), memory.texts.len()), (512, MOST_TEXT));
    }

    #[test]
    fn nothing_is_shown() {
        let (sender, recipient) = kw(1, "k");
        let token = document(&sender, 1).remove(0);
        let decrypter = with_keys(&[&recipient]);
        let mut memory = UnwrappedMemory::default();
        let mut once = decrypter.unwrapping_once(&mut memory);
        once.decrypt_into(&token, &mut Vec::new()).unwrap();
        assert_eq!(format!("{:?}", once.memory), "UnwrappedMemory { .. }");
        assert!(format!("{once:?}").starts_with("UnwrappingOnce { decrypter: Decrypter {"));
    }
}
