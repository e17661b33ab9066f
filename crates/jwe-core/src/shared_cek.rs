//! One CEK for several messages of one document: the key operation is done once.

use core::fmt;
use core::ops::Range;

use zeroize::Zeroize;

use crate::bound_member::BoundMember;
use crate::cek::Cek;
use crate::encrypter::{Encrypter, MessageKey};
use crate::error::EncryptError;
use crate::header_template::{LeftOver, append_behind};
use crate::key_step::KeyStep;
use crate::uses;

/// The most initialization vectors that are drawn at once, which is 64 KiB of them. More messages
/// than that take another draw.
const MOST_DRAWN: usize = 4096;

/// How many are drawn for messages beyond those that were expected.
const DRAWN_BEYOND: usize = 32;

/// The working memory of [`Encrypter::share_cek`], which can be used for one document after the
/// other. Between two documents it holds no CEK.
#[derive(Default)]
pub struct SharedCekMemory {
    // Here rather than in `SharedCek`, which moves when it is returned: what moves leaves a copy.
    cek: Option<Cek>,
    /// The protected header and the encrypted key as their text, each with its dot. Of a header that
    /// is open for what each message is bound to, its beginning.
    head: Vec<u8>,
    header_len: usize,
    left_over: LeftOver,
    /// Initialization vectors, of which those before `next_iv` are used.
    ivs: Vec<u8>,
    next_iv: usize,
}

impl SharedCekMemory {
    /// Draws initialization vectors for so many messages, and the CEK before them if it is to be
    /// drawn, all at once.
    fn draw(
        &mut self,
        encrypter: &Encrypter,
        draws_cek: bool,
        messages: usize,
    ) -> Result<(), EncryptError> {
        let cek_len = if draws_cek { encrypter.enc().cek_len() } else { 0 };
        let ivs_len = messages.min(MOST_DRAWN).saturating_mul(encrypter.enc().iv_len());
        self.ivs.clear();
        self.ivs.resize(cek_len.saturating_add(ivs_len), 0);
        self.next_iv = cek_len;
        if self.ivs.is_empty() {
            return Ok(());
        }
        let outcome = encrypter.inputs().random.fill(&mut self.ivs);
        let drawn = self.ivs.get_mut(..cek_len).unwrap_or_default();
        if let Some(cek) = self.cek.as_mut().filter(|_| draws_cek) {
            cek.as_mut_slice().copy_from_slice(drawn);
        }
        drawn.zeroize();
        if outcome.is_err() {
            self.ivs.clear();
        }
        Ok(outcome?)
    }

    /// The next initialization vector, if one is left.
    fn take_iv(&mut self, iv: &mut [u8]) -> Option<()> {
        let end = self.next_iv.checked_add(iv.len())?;
        iv.copy_from_slice(self.ivs.get(self.next_iv..end)?);
        self.next_iv = end;
        Some(())
    }

    /// Leaves the CEK nowhere.
    fn forget(&mut self) {
        // Wiped by its drop, in its place.
        self.cek = None;
        self.head.clear();
        self.ivs.clear();
    }
}

impl fmt::Debug for SharedCekMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedCekMemory").finish_non_exhaustive()
    }
}

/// Encrypts the values of one document with one CEK, which was wrapped once; made by
/// [`Encrypter::share_cek`], where it is said what that means.
///
/// The CEK is wiped when this is dropped.
pub struct SharedCek<'a> {
    encrypter: &'a Encrypter,
    memory: &'a mut SharedCekMemory,
    /// How many messages the caller has announced.
    expected: usize,
    /// How many there were.
    made: u64,
    /// The process that has drawn the initialization vectors.
    process: u32,
}

impl Encrypter {
    /// Draws one CEK and wraps it once, for the values of one document: with a key of RSA that is
    /// most of the work. Each value is still a complete message of its own, which every recipient
    /// reads as any other. All have the same protected header and encrypted key, and each has its
    /// own random initialization vector and its own tag. A key that determines the CEK determines it
    /// once: ECDH-ES with one ephemeral key, `dir` as always.
    ///
    /// `messages` is how many there will be: the CEK and that many initialization vectors are one
    /// draw of the random source. It may be more or fewer.
    ///
    /// RFC 7516 §5.1 has the sender generate a CEK for each message. Messages that share one are as
    /// valid, and as secret to everybody who has no key, and yet they differ:
    ///
    /// - Everybody sees which messages were made together, because their encrypted keys are equal,
    ///   also after they were moved apart or copied to another document.
    /// - Whoever gets the CEK of one message can open all of them, and make others that open. A CEK
    ///   of its own opens one message.
    ///
    /// So it is for the values of one document, which go to the same recipient together. Never share
    /// a CEK across documents. Nothing else changes, as initialization vectors are random in either
    /// case.
    ///
    /// A CEK for AES-GCM encrypts at most 2^32 messages (NIST SP 800-38D §8.3), and the key of `dir`
    /// counts each of them. A process that is forked off between two messages draws its own
    /// initialization vectors.
    ///
    /// # Errors
    /// [`EncryptError`]; `memory` then holds no CEK.
    pub fn share_cek<'a>(
        &'a self,
        memory: &'a mut SharedCekMemory,
        messages: usize,
    ) -> Result<SharedCek<'a>, EncryptError> {
        memory.forget();
        memory.cek = Some(Cek::empty(self.enc()));
        // Whatever fails from here on, what is dropped is wiped.
        let mut shared =
            SharedCek { encrypter: self, memory, expected: messages, made: 0, process: process() };
        shared.begin()?;
        Ok(shared)
    }
}

impl SharedCek<'_> {
    /// Draws the CEK and wraps it, or derives it, and writes down what all messages begin with.
    fn begin(&mut self) -> Result<(), EncryptError> {
        let sender = self.encrypter.sender();
        let derives = sender.is_direct();
        self.memory.draw(self.encrypter, !derives, self.expected)?;
        let cek = self.memory.cek.as_mut().ok_or(EncryptError::Backend)?;
        let (inputs, mut step) = (self.encrypter.inputs(), KeyStep::EMPTY);
        if derives {
            sender.derive(inputs, cek, &mut step)?;
        } else {
            sender.wrap(inputs, cek, &mut step)?;
        }
        self.memory.left_over = self.encrypter.append_header(&step, &mut self.memory.head);
        self.memory.header_len = self.memory.head.len();
        self.encrypter.append_encrypted_key(&step, &mut self.memory.head);
        Ok(())
    }

    /// Encrypts the content of `buffer`, using it as working space, and appends the token, which
    /// is ASCII, to `out`. As [`Encrypter::encrypt_in_place`] otherwise; nothing is allocated if the
    /// buffers have room.
    ///
    /// # Errors
    /// [`EncryptError`]; `out` is then as it was, and `buffer` is wiped.
    pub fn encrypt_in_place(
        &mut self,
        buffer: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        self.encrypter.append_token_in_place(self, buffer, out)
    }

    /// Encrypts and appends the token, which is ASCII, to `out`. As [`Encrypter::encrypt_into`]
    /// otherwise.
    ///
    /// # Errors
    /// [`EncryptError`]; `out` is then as it was.
    pub fn encrypt_into(
        &mut self,
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        self.encrypter.append_token(self, plaintext, out)
    }

    /// As [`encrypt_in_place`](Self::encrypt_in_place), behind an open header.
    pub(crate) fn encrypt_bound_in_place(
        &mut self,
        bound: BoundMember<'_>,
        buffer: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        let encrypter = self.encrypter;
        encrypter.append_token_in_place(&mut BoundKey { shared: self, bound }, buffer, out)
    }

    /// As [`encrypt_into`](Self::encrypt_into), behind an open header.
    pub(crate) fn encrypt_bound(
        &mut self,
        bound: BoundMember<'_>,
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), EncryptError> {
        let encrypter = self.encrypter;
        encrypter.append_token(&mut BoundKey { shared: self, bound }, plaintext, out)
    }

    /// Counts that many messages as encrypted.
    #[cfg(feature = "hazmat")]
    pub(crate) fn skip(&mut self, messages: u64) {
        self.made = self.made.saturating_add(messages);
    }

    /// Counts a message, or refuses it.
    fn count(&mut self) -> Result<(), EncryptError> {
        self.encrypter.sender().count_message()?;
        if !self.encrypter.enc().is_cbc() && self.made >= uses::MOST {
            return Err(EncryptError::KeyExhausted);
        }
        self.made = self.made.saturating_add(1);
        Ok(())
    }

    /// The initialization vector of the next message.
    fn next_iv(&mut self, iv: &mut [u8]) -> Result<(), EncryptError> {
        let process = process();
        if process == self.process && self.memory.take_iv(iv).is_some() {
            return Ok(());
        }
        self.process = process;
        let made = usize::try_from(self.made).unwrap_or(usize::MAX);
        let missing = self.expected.saturating_sub(made).saturating_add(1);
        self.memory.draw(self.encrypter, false, missing.max(DRAWN_BEYOND))?;
        self.memory.take_iv(iv).ok_or(EncryptError::Backend)
    }
}

impl MessageKey for SharedCek<'_> {
    fn header_len(&self, encrypter: &Encrypter) -> Result<usize, EncryptError> {
        encrypter.header_len(None)
    }

    fn append_head(
        &mut self,
        iv: &mut [u8],
        out: &mut Vec<u8>,
    ) -> Result<Range<usize>, EncryptError> {
        self.count()?;
        self.next_iv(iv)?;
        let start = out.len();
        out.extend_from_slice(&self.memory.head);
        Ok(start..start.saturating_add(self.memory.header_len))
    }

    fn cek(&self) -> Option<&Cek> {
        self.memory.cek.as_ref()
    }
}

/// The same key for a message that is bound: of the head, the encrypted key alone is the same.
struct BoundKey<'s, 'a, 'b> {
    shared: &'s mut SharedCek<'a>,
    bound: BoundMember<'b>,
}

impl MessageKey for BoundKey<'_, '_, '_> {
    fn header_len(&self, encrypter: &Encrypter) -> Result<usize, EncryptError> {
        encrypter.header_len(Some(&self.bound))
    }

    fn append_head(
        &mut self,
        iv: &mut [u8],
        out: &mut Vec<u8>,
    ) -> Result<Range<usize>, EncryptError> {
        self.shared.count()?;
        self.shared.next_iv(iv)?;
        let memory = &*self.shared.memory;
        let (beginning, encrypted_key) =
            memory.head.split_at_checked(memory.header_len).ok_or(EncryptError::Backend)?;
        let start = out.len();
        out.extend_from_slice(beginning);
        append_behind(memory.left_over, |sink| self.bound.write(sink), out);
        let header = start..out.len();
        out.extend_from_slice(encrypted_key);
        Ok(header)
    }

    fn cek(&self) -> Option<&Cek> {
        self.shared.memory.cek.as_ref()
    }
}

impl Drop for SharedCek<'_> {
    fn drop(&mut self) {
        self.memory.forget();
    }
}

impl fmt::Debug for SharedCek<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedCek")
            .field("encrypter", self.encrypter)
            .field("made", &self.made)
            .finish_non_exhaustive()
    }
}

/// What tells a process from one that is forked off it, which has the vectors that are left and the
/// CEK as well. Elsewhere than on Unix there is none.
fn process() -> u32 {
    if cfg!(unix) { std::process::id() } else { 0 }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::HashSet;

    use super::{DRAWN_BEYOND, MOST_DRAWN, SharedCekMemory};
    use crate::alg::Alg;
    use crate::backend::Backend;
    use crate::decrypter::Decrypter;
    use crate::direct::DIRECT;
    use crate::enc::Enc;
    use crate::encrypter::Encrypter;
    use crate::error::{BackendError, EncryptError};
    use crate::random_source::RandomSource;
    use crate::toy::{self, Asked, TOY};
    use crate::uses::{self, Uses};

    const ENC: Enc = Enc::A256Gcm;

    fn parties(alg: Alg, len: usize) -> (Encrypter, Decrypter) {
        let (sender, recipient) = toy::keys(alg, len, 1, "k");
        let decrypter = Decrypter::new(&TOY, [recipient], &[ENC]).unwrap();
        (Encrypter::new(&TOY, &sender, ENC).unwrap(), decrypter)
    }

    /// The tokens of one document, each made in one of both ways in turn.
    fn document(
        encrypter: &Encrypter,
        memory: &mut SharedCekMemory,
        announced: usize,
    ) -> Vec<String> {
        let mut shared = encrypter.share_cek(memory, announced).unwrap();
        (0..6)
            .map(|at| {
                let mut out = b"before".to_vec();
                let plaintext = format!("text {at}").into_bytes();
                if at % 2 == 0 {
                    shared.encrypt_into(&plaintext, &mut out).unwrap();
                } else {
                    let mut buffer = plaintext;
                    shared.encrypt_in_place(&mut buffer, &mut out).unwrap();
                    assert!(buffer.is_empty());
                }
                String::from_utf8(out).unwrap().strip_prefix("before").unwrap().to_owned()
            })
            .collect()
    }

    fn parts(token: &str) -> Vec<&str> {
        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(parts.len(), 5);
        parts
    }

    #[test]
    fn one_wrap_and_one_draw_make_whole_messages() {
        let mut memory = SharedCekMemory::default();
        let mut ivs = HashSet::new();
        for (alg, len) in
            [(Alg::A256Kw, 32), (Alg::A128GcmKw, 16), (Alg::A256GcmKw, 32), (Alg::Dir, 32)]
        {
            let (encrypter, decrypter) = parties(alg, len);
            let mut before = None;
            for _ in 0..3 {
                let mut tokens = Vec::new();
                let asked = toy::asked(|| tokens = document(&encrypter, &mut memory, 6));
                // AES-GCM key wrapping draws its own vector.
                let draws = if alg.is_gcm_kw() { 2 } else { 1 };
                let wraps = usize::from(alg == Alg::A256Kw);
                assert_eq!(asked, Asked { draws, wraps, unwraps: 0 }, "{alg}");
                let first = parts(&tokens[0])[..2].join(".");
                for (at, token) in tokens.iter().enumerate() {
                    assert_eq!(parts(token)[..2].join("."), first, "{alg}");
                    assert!(ivs.insert(parts(token)[2].to_owned()), "{alg}");
                    let expected = format!("text {at}").into_bytes();
                    assert_eq!(*decrypter.decrypt(token).unwrap(), expected, "{alg}");
                    assert_eq!(encrypter.encrypted_len(expected.len()), Some(token.len()));
                }
                // Never across documents, except where the key is the CEK.
                if let Some(before) = before.replace(first.clone()) {
                    assert_eq!(before == first, alg == Alg::Dir);
                }
            }
        }
        assert_eq!(ivs.len(), 4 * 3 * 6);
    }

    /// What is announced is a hint: more messages take more draws, and no vector comes twice.
    #[test]
    fn any_number_of_messages_can_follow() {
        let (encrypter, decrypter) = parties(Alg::A256Kw, 32);
        let mut memory = SharedCekMemory::default();
        let beyond = |messages: usize| messages.div_ceil(DRAWN_BEYOND);
        for (announced, messages, draws) in [
            (0, 0, 1),
            (0, 1, 2),
            (0, 100, 1 + beyond(100)),
            (1, 100, 1 + beyond(99)),
            (100, 100, 1),
            (100, 3, 1),
            (100, 101, 2),
            (MOST_DRAWN, MOST_DRAWN, 1),
            (MOST_DRAWN + 100, MOST_DRAWN + 100, 2),
            (usize::MAX, MOST_DRAWN + 1, 2),
        ] {
            let (mut ivs, mut out) = (HashSet::new(), Vec::new());
            let asked = toy::asked(|| {
                let mut shared = encrypter.share_cek(&mut memory, announced).unwrap();
                for _ in 0..messages {
                    out.clear();
                    shared.encrypt_into(b"text", &mut out).unwrap();
                    let token = str::from_utf8(&out).unwrap();
                    assert!(ivs.insert(parts(token)[2].to_owned()));
                }
            });
            if messages > 0 {
                let token = str::from_utf8(&out).unwrap();
                assert_eq!(*decrypter.decrypt(token).unwrap(), b"text");
            }
            let expected = Asked { draws, wraps: 1, unwraps: 0 };
            assert_eq!((ivs.len(), asked), (messages, expected), "{announced} {messages}");
        }
    }

    /// What was drawn for later messages is in the memory of both processes after a fork.
    #[test]
    fn another_process_draws_anew() {
        let (encrypter, _) = parties(Alg::A256Kw, 32);
        let mut memory = SharedCekMemory::default();
        let mut shared = encrypter.share_cek(&mut memory, 10).unwrap();
        let mut token = Vec::new();
        assert_eq!(toy::asked(|| shared.encrypt_into(b"1", &mut token).unwrap()).draws, 0);
        let left = shared.memory.ivs[shared.memory.next_iv..].to_vec();
        assert_eq!(left.len(), 9 * ENC.iv_len());
        shared.process ^= 1;
        assert_eq!(toy::asked(|| shared.encrypt_into(b"2", &mut token).unwrap()).draws, 1);
        assert!(!shared.memory.ivs.chunks(12).any(|iv| left.chunks(12).any(|other| iv == other)));
        assert_eq!(toy::asked(|| shared.encrypt_into(b"3", &mut token).unwrap()).draws, 0);
    }

    #[test]
    fn the_cek_is_in_one_place_and_only_until_the_end() {
        for (alg, len) in [(Alg::A256Kw, 32), (Alg::Dir, 32)] {
            let (encrypter, _) = parties(alg, len);
            let mut memory = SharedCekMemory::default();
            let mut shared = encrypter.share_cek(&mut memory, 2).unwrap();
            let cek = shared.memory.cek.as_ref().unwrap().as_slice().to_vec();
            assert_eq!(cek.len(), 32);
            assert!(cek.iter().any(|byte| *byte != 0));
            assert!(!shared.memory.ivs.windows(8).any(|window| window == &cek[..8]), "{alg}");
            if alg != Alg::Dir {
                // Where it was drawn.
                assert_eq!(shared.memory.ivs[..32], [0; 32]);
            }
            for debug in [format!("{shared:?}"), format!("{:?}", shared.memory)] {
                assert!(debug.ends_with(".. }") && !debug.contains("cek"), "{debug}");
            }
            shared.encrypt_into(b"text", &mut Vec::new()).unwrap();
            drop(shared);
            assert!(memory.cek.is_none() && memory.ivs.is_empty() && memory.head.is_empty());
        }
    }

    /// `dir` counts each message, AES-GCM key wrapping its one use, and a CEK for AES-GCM is used up
    /// as well.
    #[test]
    fn uses_are_counted() {
        let mut memory = SharedCekMemory::default();
        let used_up = Err(EncryptError::KeyExhausted);
        let mut out = b"before".to_vec();

        let (mut key, _) = toy::keys(Alg::Dir, 32, 1, "k");
        key.uses = Uses::after(uses::MOST - 2);
        let encrypter = Encrypter::new(&TOY, &key, ENC).unwrap();
        let mut shared = encrypter.share_cek(&mut memory, 3).unwrap();
        assert_eq!(key.uses.left(), 2);
        shared.encrypt_into(b"1", &mut Vec::new()).unwrap();
        shared.encrypt_in_place(&mut b"2".to_vec(), &mut Vec::new()).unwrap();
        assert_eq!(shared.encrypt_into(b"3", &mut out), used_up);
        drop(shared);

        let (mut key, _) = toy::keys(Alg::A256GcmKw, 32, 1, "k");
        key.uses = Uses::after(uses::MOST - 1);
        let encrypter = Encrypter::new(&TOY, &key, ENC).unwrap();
        let mut shared = encrypter.share_cek(&mut memory, 3).unwrap();
        for _ in 0..3 {
            shared.encrypt_into(b"1", &mut Vec::new()).unwrap();
        }
        shared.made = uses::MOST - 1;
        shared.encrypt_into(b"the last", &mut Vec::new()).unwrap();
        let mut buffer = b"one more".to_vec();
        assert_eq!(shared.encrypt_into(&buffer, &mut out), used_up);
        assert_eq!(shared.encrypt_in_place(&mut buffer, &mut out), used_up);
        assert_eq!((out.as_slice(), buffer.as_slice()), (&b"before"[..], &b""[..]));
        drop(shared);
        assert_eq!(encrypter.share_cek(&mut memory, 3).err(), Some(EncryptError::KeyExhausted));
        assert!(memory.cek.is_none());
    }

    thread_local! {
        static GOOD_DRAWS: Cell<usize> = const { Cell::new(0) };
    }

    /// Fails after some draws.
    struct Failing;

    impl RandomSource for Failing {
        fn fill(&self, dest: &mut [u8]) -> Result<(), BackendError> {
            dest.fill(0x55);
            let left = GOOD_DRAWS.get().checked_sub(1).ok_or(BackendError)?;
            GOOD_DRAWS.set(left);
            TOY.random().fill(dest)
        }
    }

    #[test]
    fn a_random_source_that_fails_leaves_nothing() {
        static FAILING: Backend =
            Backend::new("failing", &Failing, |_| [0; 32]).with_encryption_keys(&[&DIRECT]);
        static FAILS: Backend = FAILING.or(&TOY);
        let mut memory = SharedCekMemory::default();
        for (alg, len, needed) in [(Alg::A256Kw, 32, 1), (Alg::A256GcmKw, 32, 2), (Alg::Dir, 32, 1)]
        {
            let (key, recipient) = toy::keys(alg, len, 1, "k");
            let encrypter = Encrypter::new(&FAILS, &key, ENC).unwrap();
            for draws in 0..needed {
                GOOD_DRAWS.set(draws);
                let outcome = encrypter.share_cek(&mut memory, 1);
                assert_eq!(outcome.err(), Some(EncryptError::Backend), "{alg}");
                assert!(memory.cek.is_none() && memory.ivs.is_empty(), "{alg}");
            }
            GOOD_DRAWS.set(needed);
            let mut shared = encrypter.share_cek(&mut memory, 1).unwrap();
            let (mut out, mut buffer) = (b"before".to_vec(), b"plaintext".to_vec());
            shared.encrypt_into(b"plaintext", &mut Vec::new()).unwrap();
            let failed = Err(EncryptError::Backend);
            assert_eq!(shared.encrypt_into(b"plaintext", &mut out), failed, "{alg}");
            assert_eq!(shared.encrypt_in_place(&mut buffer, &mut out), failed, "{alg}");
            assert_eq!((out.as_slice(), buffer.as_slice()), (&b"before"[..], &b""[..]));
            // Nothing of a draw that failed is used, and the next one serves.
            GOOD_DRAWS.set(1);
            out.clear();
            shared.encrypt_into(b"plaintext", &mut out).unwrap();
            let decrypter = Decrypter::new(&TOY, [recipient], &[ENC]).unwrap();
            let token = String::from_utf8(out).unwrap();
            assert_eq!(*decrypter.decrypt(&token).unwrap(), b"plaintext");
        }
    }

    #[test]
    fn what_is_compressed_shares_as_well() {
        let (sender, recipient) = toy::keys(Alg::A256Kw, 32, 1, "k");
        let encrypter = Encrypter::builder(&TOY, &sender, ENC).compress().build().unwrap();
        let decrypter = Decrypter::new(&TOY, [recipient], &[ENC]).unwrap().allow_zip(1000);
        let mut memory = SharedCekMemory::default();
        let text = vec![b'a'; 1000];
        let mut tokens = Vec::new();
        let asked = toy::asked(|| {
            let mut shared = encrypter.share_cek(&mut memory, 2).unwrap();
            for in_place in [false, true] {
                let (mut buffer, mut out) = (text.clone(), Vec::new());
                if in_place {
                    shared.encrypt_in_place(&mut buffer, &mut out).unwrap();
                    assert!(buffer.is_empty());
                } else {
                    shared.encrypt_into(&buffer, &mut out).unwrap();
                }
                tokens.push(String::from_utf8(out).unwrap());
            }
        });
        assert_eq!(asked, Asked { draws: 1, wraps: 1, unwraps: 0 });
        for token in tokens {
            assert!(token.len() < 300);
            assert_eq!(*decrypter.decrypt(&token).unwrap(), text);
        }
    }
}
