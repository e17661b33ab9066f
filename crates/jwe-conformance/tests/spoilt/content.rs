//! Content encryption with a fault.

use aes::Aes128;
use aes::cipher::{Array, BlockCipherDecrypt, KeyInit};
use hmac::{Hmac, Mac};
use jwe_core::{BackendError, ContentEncryption, Enc};

use sha2::Sha256;

use super::good_content;

/// What is wrong.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// Nothing: the control.
    None,
    /// The beginning of the true tag is enough, from so many bytes on.
    TruncatedTag(usize),
    /// Only as many bytes of the tag are compared.
    LooseTag(usize),
    /// The tag is not looked at.
    NoTag,
    /// After an error, the buffer is as it was.
    KeepsCiphertext,
    /// After an error, the buffer holds unverified plaintext (GCM).
    ReleasesPlaintext,
    /// A longer IV is cut.
    CutsIv,
    /// A longer CEK is cut.
    CutsCek,
    /// Only the sum of the lengths of CEK, IV and tag is checked, and `seal` does nothing.
    ChecksSum,
    /// The associated data are not used.
    NoAad,
    /// The associated data are cut to so many bytes.
    CutsAad(usize),
    /// The text beyond so many bytes is left in the clear, and authenticated (GCM).
    ClearBeyond(usize),
    /// A wrong padding is taken for no padding (CBC).
    AcceptsPadding,
    /// As many bytes as the last one says are taken for padding, more than a block, too
    /// (A128CBC-HS256).
    LongPadding,
    /// Zero bytes of ciphertext under a tag of zeros are taken for an empty message.
    AcceptsEmpty,
    /// Panics at a ciphertext that is not whole blocks (CBC).
    PanicsOnLength,
    /// The returned length is that of the ciphertext (CBC).
    ReturnsPaddedLength,
    /// The CEK's bits in one byte are not used.
    IgnoresCekByte(usize),
    /// Wrong for messages of more than 32 KiB.
    SmallMessagesOnly,
    /// One of the CEK's bits in one byte is not used.
    IgnoresCekBit(usize),
    /// Wrong for messages that end with so many bytes beyond whole blocks.
    WrongTail(usize),
    /// `seal` takes a plaintext of whole blocks in a buffer of the same length (CBC).
    SealsWithoutPadding,
    /// `seal` takes a plaintext length that does not fit the buffer.
    SealsAnyLength,
    /// The IV is not used.
    NoIv,
    /// One buffer for all threads.
    SharedBuffer,
    /// The length of the associated data is not under the tag (A128CBC-HS256).
    NoLength,
}

/// A content encryption object with a fault.
pub(crate) struct Spoilt(pub(crate) Enc, pub(crate) Fault);

static SHARED: std::sync::Mutex<Vec<u8>> = std::sync::Mutex::new(Vec::new());

impl Spoilt {
    /// The keystream applied once more: GCM without its tag.
    fn keystream(&self, cek: &[u8], iv: &[u8], aad: &[u8], buf: &mut [u8]) -> Vec<u8> {
        let mut tag = vec![0; self.0.tag_len()];
        let len = buf.len();
        good_content(self.0).seal(cek, iv, aad, buf, len, &mut tag).expect("right lengths");
        tag
    }

    /// The true tag of a GCM ciphertext.
    fn true_gcm_tag(&self, cek: &[u8], iv: &[u8], aad: &[u8], ciphertext: &[u8]) -> Vec<u8> {
        let mut plaintext = ciphertext.to_vec();
        self.keystream(cek, iv, aad, &mut plaintext);
        self.keystream(cek, iv, aad, &mut plaintext)
    }
}

fn spoil_cek(cek: &[u8], at: usize) -> Vec<u8> {
    let mut cek = cek.to_vec();
    if let Some(byte) = cek.get_mut(at) {
        *byte = 0;
    }
    cek
}

fn spoil_bit(cek: &[u8], at: usize) -> Vec<u8> {
    let mut cek = cek.to_vec();
    if let Some(byte) = cek.get_mut(at) {
        *byte |= 0x20;
    }
    cek
}

/// AES-128-CBC decryption that looks at neither tag nor padding.
fn cbc_blocks(cek: &[u8], iv: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    let cipher = Aes128::new_from_slice(&cek[16..]).expect("half of the CEK");
    let before = iv.chunks(16).chain(ciphertext.chunks(16));
    let mut text = Vec::new();
    for (block, before) in ciphertext.chunks(16).zip(before) {
        let mut block = Array::try_from(block).expect("a block");
        cipher.decrypt_block(&mut block);
        text.extend(block.iter().zip(before).map(|(a, b)| a ^ b));
    }
    text
}

/// The tag of A128CBC-HS256 over everything but the length of the associated data.
fn tag_without_length(cek: &[u8], iv: &[u8], aad: &[u8], ciphertext: &[u8]) -> Vec<u8> {
    let mut mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(&cek[..16]).expect("HMAC takes any key");
    [aad, iv, ciphertext].iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes()[..16].to_vec()
}

impl ContentEncryption for Spoilt {
    fn enc(&self) -> Enc {
        self.0
    }

    fn implementation(&self) -> &'static str {
        "spoilt"
    }

    fn seal(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        plaintext_len: usize,
        tag: &mut [u8],
    ) -> Result<(), BackendError> {
        let good = good_content(self.0);
        match self.1 {
            Fault::NoAad => good.seal(cek, iv, &[], buf, plaintext_len, tag),
            Fault::NoIv if iv.len() == self.0.iv_len() => {
                good.seal(cek, &vec![0; iv.len()], aad, buf, plaintext_len, tag)
            }
            Fault::CutsAad(most) => {
                good.seal(cek, iv, &aad[..aad.len().min(most)], buf, plaintext_len, tag)
            }
            Fault::ClearBeyond(most) if plaintext_len > most => {
                let plaintext = buf.to_vec();
                good.seal(cek, iv, aad, buf, plaintext_len, tag)?;
                buf[most..].copy_from_slice(&plaintext[most..]);
                Ok(())
            }
            Fault::CutsIv if iv.len() > self.0.iv_len() => {
                good.seal(cek, &iv[..self.0.iv_len()], aad, buf, plaintext_len, tag)
            }
            Fault::CutsCek if cek.len() > self.0.cek_len() => {
                good.seal(&cek[..self.0.cek_len()], iv, aad, buf, plaintext_len, tag)
            }
            Fault::IgnoresCekByte(at) => {
                good.seal(&spoil_cek(cek, at), iv, aad, buf, plaintext_len, tag)
            }
            Fault::IgnoresCekBit(at) => {
                good.seal(&spoil_bit(cek, at), iv, aad, buf, plaintext_len, tag)
            }
            Fault::ChecksSum
                if cek.len() + iv.len() + tag.len()
                    == self.0.cek_len() + self.0.iv_len() + self.0.tag_len()
                    && cek.len() != self.0.cek_len() =>
            {
                Ok(())
            }
            Fault::SealsWithoutPadding
                if plaintext_len != 0
                    && plaintext_len.is_multiple_of(16)
                    && buf.len() == plaintext_len =>
            {
                Ok(())
            }
            Fault::WrongTail(tail) if plaintext_len % 16 == tail => {
                buf[..plaintext_len].reverse();
                good.seal(cek, iv, aad, buf, plaintext_len, tag)
            }
            Fault::SmallMessagesOnly => {
                good.seal(cek, iv, aad, buf, plaintext_len, tag)?;
                if let Some(byte) = buf.get_mut(32 * 1024) {
                    *byte ^= 1;
                }
                Ok(())
            }
            Fault::SealsAnyLength if self.0.ciphertext_len(plaintext_len) != Some(buf.len()) => {
                Ok(())
            }
            Fault::SharedBuffer => {
                *SHARED.lock().expect("no panic while it is held") = buf.to_vec();
                std::thread::sleep(std::time::Duration::from_millis(1));
                let shared = SHARED.lock().expect("no panic while it is held").clone();
                if shared.len() == buf.len() {
                    buf.copy_from_slice(&shared);
                }
                good.seal(cek, iv, aad, buf, plaintext_len, tag)
            }
            Fault::NoLength => {
                good.seal(cek, iv, aad, buf, plaintext_len, tag)?;
                tag.copy_from_slice(&tag_without_length(cek, iv, aad, buf));
                Ok(())
            }
            _ => good.seal(cek, iv, aad, buf, plaintext_len, tag),
        }
    }

    fn open(
        &self,
        cek: &[u8],
        iv: &[u8],
        aad: &[u8],
        buf: &mut [u8],
        tag: &[u8],
    ) -> Result<usize, BackendError> {
        let good = good_content(self.0);
        let right = self.0.check_lengths(cek.len(), iv.len(), self.0.tag_len()).is_ok();
        match self.1 {
            Fault::TruncatedTag(least) if right && tag.len() >= least => {
                let whole = self.true_gcm_tag(cek, iv, aad, buf);
                let tag = if whole.starts_with(tag) { &whole } else { tag };
                good.open(cek, iv, aad, buf, tag)
            }
            Fault::LooseTag(most) if right && tag.len() == self.0.tag_len() => {
                let whole = self.true_gcm_tag(cek, iv, aad, buf);
                let tag = if whole[..most] == tag[..most] { &whole } else { tag };
                good.open(cek, iv, aad, buf, tag)
            }
            Fault::NoTag if right && tag.len() == self.0.tag_len() => {
                self.keystream(cek, iv, aad, buf);
                Ok(buf.len())
            }
            Fault::KeepsCiphertext => {
                let before = buf.to_vec();
                good.open(cek, iv, aad, buf, tag).inspect_err(|_| buf.copy_from_slice(&before))
            }
            Fault::ReleasesPlaintext if right => {
                let before = buf.to_vec();
                good.open(cek, iv, aad, buf, tag).inspect_err(|_| {
                    buf.copy_from_slice(&before);
                    self.keystream(cek, iv, aad, buf);
                })
            }
            Fault::CutsIv if iv.len() > self.0.iv_len() => {
                good.open(cek, &iv[..self.0.iv_len()], aad, buf, tag)
            }
            Fault::CutsCek if cek.len() > self.0.cek_len() => {
                good.open(&cek[..self.0.cek_len()], iv, aad, buf, tag)
            }
            Fault::NoAad => good.open(cek, iv, &[], buf, tag),
            Fault::NoLength
                if right
                    && self.0.is_ciphertext_len(buf.len())
                    && tag == tag_without_length(cek, iv, aad, buf) =>
            {
                let text = cbc_blocks(cek, iv, buf);
                let padding = usize::from(text.last().copied().ok_or(BackendError)?);
                buf.copy_from_slice(&text);
                // The padding of moved blocks is not looked at, to show that the tag was taken.
                Ok(buf.len().saturating_sub(padding))
            }
            Fault::NoIv if iv.len() == self.0.iv_len() => {
                good.open(cek, &vec![0; iv.len()], aad, buf, tag)
            }
            Fault::CutsAad(most) => good.open(cek, iv, &aad[..aad.len().min(most)], buf, tag),
            Fault::ClearBeyond(most) if right && buf.len() > most => {
                let mut encrypted = buf.to_vec();
                self.keystream(cek, iv, aad, &mut encrypted);
                buf[most..].copy_from_slice(&encrypted[most..]);
                good.open(cek, iv, aad, buf, tag)
            }
            Fault::AcceptsPadding => {
                // A right tag over a wrong padding is what `good` refuses and its own seal of the
                // same blocks, one block longer, does not show; a toy that looks at no padding.
                let len = buf.len();
                match good.open(cek, iv, aad, buf, tag) {
                    Err(_) if right && tag.len() == self.0.tag_len() && len == 16 => Ok(0),
                    other => other,
                }
            }
            Fault::LongPadding => {
                let before = buf.to_vec();
                good.open(cek, iv, aad, buf, tag).or_else(|error| {
                    if !right || !self.0.is_ciphertext_len(before.len()) {
                        return Err(error);
                    }
                    let text = cbc_blocks(cek, iv, &before);
                    let last = text[text.len() - 1];
                    let len = text.len().checked_sub(usize::from(last)).ok_or(error)?;
                    let padding = last > 16 && text[len..].iter().all(|byte| *byte == last);
                    if padding { Ok(len) } else { Err(error) }
                })
            }
            Fault::AcceptsEmpty if buf.is_empty() && tag.iter().all(|byte| *byte == 0) => Ok(0),
            Fault::PanicsOnLength if !buf.len().is_multiple_of(16) => {
                panic!("a ciphertext that is not whole blocks")
            }
            Fault::ReturnsPaddedLength => good.open(cek, iv, aad, buf, tag).map(|_| buf.len()),
            Fault::IgnoresCekByte(at) => good.open(&spoil_cek(cek, at), iv, aad, buf, tag),
            Fault::IgnoresCekBit(at) => good.open(&spoil_bit(cek, at), iv, aad, buf, tag),
            Fault::SmallMessagesOnly => {
                if let Some(byte) = buf.get_mut(32 * 1024) {
                    *byte ^= 1;
                }
                good.open(cek, iv, aad, buf, tag)
            }
            _ => good.open(cek, iv, aad, buf, tag),
        }
    }
}
