//! Opening with a backend's content encryption, and working out what the tag should have been.

use jwe_core::{Backend, ContentEncryption, Direction, Enc};
use zeroize::Zeroizing;

use crate::rsa::Hash;

/// A content encryption algorithm with a key.
pub(super) struct Cipher<'a> {
    object: &'static dyn ContentEncryption,
    enc: Enc,
    cek: &'a [u8],
}

/// What a tag says.
pub(super) enum Verdict {
    /// The tag is right.
    Opens(Zeroizing<Vec<u8>>),
    /// The tag has another length, and is right as far as the two lengths have bytes in common.
    OtherTagLength(Zeroizing<Vec<u8>>),
    /// It does not fit.
    No,
}

/// The fewest bytes of a tag that say something.
const MIN_TAG: usize = 4;

impl<'a> Cipher<'a> {
    /// `None` where the backend lacks the algorithm or the key has another length.
    pub(super) fn new(backend: &Backend, enc: Enc, cek: &'a [u8]) -> Option<Self> {
        let object = backend.content_encryption(enc, Direction::Decrypt).ok()?;
        (cek.len() == enc.cek_len()).then_some(Self { object, enc, cek })
    }

    /// What the tag says of these parts, whatever their lengths.
    pub(super) fn judge(&self, iv: &[u8], aad: &[u8], ciphertext: &[u8], tag: &[u8]) -> Verdict {
        if let Some(plaintext) = self.open(iv, aad, ciphertext, tag) {
            return Verdict::Opens(plaintext);
        }
        if tag.len() == self.enc.tag_len() || tag.len() < MIN_TAG {
            return Verdict::No;
        }
        match self.undo(iv, aad, ciphertext) {
            Some((plaintext, right)) if right.starts_with(tag) || tag.starts_with(&right) => {
                Verdict::OtherTagLength(plaintext)
            }
            _ => Verdict::No,
        }
    }

    /// Whether the ciphertext yields readable text, whatever the tag.
    pub(super) fn yields_text(&self, iv: &[u8], ciphertext: &[u8]) -> bool {
        self.undo(iv, &[], ciphertext).is_some_and(|(plaintext, _)| is_readable(&plaintext))
    }

    fn open(
        &self,
        iv: &[u8],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        self.enc.check_open(self.cek.len(), iv.len(), tag.len(), ciphertext.len()).ok()?;
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        let len = self.object.open(self.cek, iv, aad, &mut buffer, tag).ok()?;
        buffer.truncate(len);
        Some(buffer)
    }

    /// The plaintext without regard to a tag, and the right tag, for AES-CBC with HMAC uncut.
    fn undo(
        &self,
        iv: &[u8],
        aad: &[u8],
        ciphertext: &[u8],
    ) -> Option<(Zeroizing<Vec<u8>>, Vec<u8>)> {
        if self.enc.is_cbc() {
            let uncut = hmac(self.enc, self.cek, iv, aad, ciphertext)?;
            let tag = uncut.get(..self.enc.tag_len())?;
            return Some((self.open(iv, aad, ciphertext, tag)?, uncut.to_vec()));
        }
        // AES-GCM encrypts by a key stream, so that to encrypt twice is to decrypt; and whatever is
        // encrypted comes with its tag.
        let len = ciphertext.len();
        let mut tag = vec![0; self.enc.tag_len()];
        self.enc.check_seal(self.cek.len(), iv.len(), tag.len(), len, len).ok()?;
        let mut plaintext = Zeroizing::new(ciphertext.to_vec());
        self.object.seal(self.cek, iv, aad, &mut plaintext, len, &mut tag).ok()?;
        let mut again = plaintext.clone();
        self.object.seal(self.cek, iv, aad, &mut again, len, &mut tag).ok()?;
        Some((plaintext, tag))
    }
}

/// The HMAC of RFC 7518 §5.2.2.1, step 5, before it is cut.
fn hmac(
    enc: Enc,
    cek: &[u8],
    iv: &[u8],
    aad: &[u8],
    ciphertext: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let hash = match enc {
        Enc::A128CbcHs256 => Hash::Sha256,
        Enc::A192CbcHs384 => Hash::Sha384,
        Enc::A256CbcHs512 => Hash::Sha512,
        _ => return None,
    };
    let key = cek.get(..cek.len() / 2)?;
    let bits = u64::try_from(aad.len()).ok()?.checked_mul(8)?;
    Some(hash.hmac(key, &[aad, iv, ciphertext, &bits.to_be_bytes()]))
}

/// The plaintext of AES-CBC without any HMAC, where it is padded as PKCS #7 has it and readable. The
/// backend opens it as AES-CBC with HMAC under a key made up for this.
pub(super) fn unauthenticated_cbc(
    backend: &Backend,
    key: &[u8],
    iv: &[u8],
    ciphertext: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let enc = match key.len() {
        16 => Enc::A128CbcHs256,
        24 => Enc::A192CbcHs384,
        32 => Enc::A256CbcHs512,
        _ => return None,
    };
    let mut cek = Zeroizing::new(vec![0; key.len()]);
    // The old buffer is all zero.
    cek.extend_from_slice(key);
    let (plaintext, _) = Cipher::new(backend, enc, &cek)?.undo(iv, &[], ciphertext)?;
    is_readable(&plaintext).then_some(plaintext)
}

/// Whether bytes are text that hardly comes about by chance.
fn is_readable(bytes: &[u8]) -> bool {
    let readable = |character: char| !character.is_control() || "\t\r\n".contains(character);
    bytes.len() >= 6 && core::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(readable))
}
