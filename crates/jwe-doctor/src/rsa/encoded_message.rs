//! Undoing EME-OAEP (RFC 8017 §7.1.2) with every pair of hash functions, and EME-PKCS1-v1_5 (§7.2.2).

use zeroize::Zeroizing;

use super::hash::Hash;

/// How an encoded message was padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    /// EME-OAEP with this hash function, and MGF1 with this one.
    Oaep { hash: Hash, mgf1: Hash },
    /// EME-PKCS1-v1_5.
    Pkcs1,
    /// Zero bytes in front and nothing else.
    None,
}

/// The padding of an encoded message, and what was padded; `None` where it is none of these.
///
/// OAEP is certain: the digest of the empty label stands in it. PKCS #1 v1.5 is a pattern that a wrong
/// key shows once in 65536 times at most.
pub(crate) fn open(encoded: &[u8]) -> Option<(Padding, Zeroizing<Vec<u8>>)> {
    let oaep = Hash::ALL.into_iter().flat_map(|hash| Hash::ALL.map(|mgf1| (hash, mgf1))).find_map(
        |(hash, mgf1)| Some((Padding::Oaep { hash, mgf1 }, open_oaep(encoded, hash, mgf1)?)),
    );
    oaep.or_else(|| Some((Padding::Pkcs1, open_pkcs1(encoded)?)))
        .or_else(|| Some((Padding::None, open_unpadded(encoded)?)))
}

fn open_oaep(encoded: &[u8], hash: Hash, mgf1: Hash) -> Option<Zeroizing<Vec<u8>>> {
    let (zero, masked) = encoded.split_first()?;
    let (masked_seed, masked_block) = masked.split_at_checked(hash.len())?;
    if *zero != 0 || masked_block.len() <= hash.len() {
        return None;
    }
    let seed = masked_with(masked_seed, masked_block, mgf1);
    let block = masked_with(masked_block, &seed, mgf1);
    let (label, padded) = block.split_at_checked(hash.len())?;
    if label != hash.digest(&[]).as_slice() {
        return None;
    }
    let end = padded.iter().position(|byte| *byte != 0)?;
    match padded.get(end..)?.split_first()? {
        (1, message) => Some(Zeroizing::new(message.to_vec())),
        _ => None,
    }
}

/// `bytes` under the mask that MGF1 (RFC 8017 §B.2.1) makes of `seed`.
fn masked_with(bytes: &[u8], seed: &[u8], hash: Hash) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(bytes.to_vec());
    for (chunk, counter) in out.chunks_mut(hash.len()).zip(0_u32..) {
        let mask = hash.digest(&[seed, &counter.to_be_bytes()]);
        chunk.iter_mut().zip(mask.iter()).for_each(|(byte, mask)| *byte ^= mask);
    }
    out
}

fn open_pkcs1(encoded: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let padded = encoded.strip_prefix(&[0, 2])?;
    let end = padded.iter().position(|byte| *byte == 0).filter(|end| *end >= 8)?;
    let message = padded.get(end.saturating_add(1)..)?;
    Some(Zeroizing::new(message.to_vec()))
}

/// A number so small that it was not padded: at least 64 zero bytes are before it, and it is as
/// long as a key is.
fn open_unpadded(encoded: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let zeros = encoded.iter().take_while(|byte| **byte == 0).count();
    let message_len = encoded.len().checked_sub(zeros)?;
    let len = [16, 24, 32, 48, 64].into_iter().find(|len| message_len <= *len)?;
    if zeros < 64 || message_len == 0 {
        return None;
    }
    let from = encoded.len().checked_sub(len)?;
    encoded.get(from..).map(|message| Zeroizing::new(message.to_vec()))
}
