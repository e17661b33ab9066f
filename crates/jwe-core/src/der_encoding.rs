//! DER in general (X.690): which structure a key file has, and writing without leaving copies.

use der::asn1::AnyRef;
use der::{Decode, Encode, Header, Reader, SliceReader, Tag, Tagged};
use zeroize::Zeroizing;

/// The structures in which keys come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Structure {
    /// SubjectPublicKeyInfo (RFC 5280 §4.1).
    Spki,
    /// Certificate (RFC 5280 §4.1).
    Certificate,
    /// PrivateKeyInfo (RFC 5208 §5) and OneAsymmetricKey (RFC 5958 §2).
    Pkcs8,
    /// EncryptedPrivateKeyInfo (RFC 5208 §6).
    EncryptedPkcs8,
    /// RSAPublicKey (RFC 8017 §A.1.1).
    Pkcs1Public,
    /// RSAPrivateKey (RFC 8017 §A.1.2).
    Pkcs1Private,
    /// ECPrivateKey (RFC 5915 §3).
    Sec1,
}

impl Structure {
    /// Which structure a text of DER can be, told by its first elements: each begins differently,
    /// so that it can be no other. That it is one is for its parser to say.
    pub(crate) fn of(der: &[u8]) -> Option<Self> {
        let mut reader = SliceReader::new(der).ok()?;
        if Header::decode(&mut reader).ok()?.tag() != Tag::Sequence {
            return None;
        }
        let first = AnyRef::decode(&mut reader).ok()?.tag();
        let second = AnyRef::decode(&mut reader).ok()?.tag();
        match (first, second) {
            (Tag::Sequence, Tag::BitString) => Some(Self::Spki),
            (Tag::Sequence, Tag::Sequence) => Some(Self::Certificate),
            (Tag::Sequence, Tag::OctetString) => Some(Self::EncryptedPkcs8),
            (Tag::Integer, Tag::Sequence) => Some(Self::Pkcs8),
            (Tag::Integer, Tag::OctetString) => Some(Self::Sec1),
            (Tag::Integer, Tag::Integer) if reader.is_finished() => Some(Self::Pkcs1Public),
            (Tag::Integer, Tag::Integer) => Some(Self::Pkcs1Private),
            _ => None,
        }
    }
}

/// Encodes into a buffer that never grows, so that no copy of a secret is left in freed memory.
pub(crate) fn encode(value: &impl Encode) -> der::Result<Zeroizing<Vec<u8>>> {
    let len = usize::try_from(value.encoded_len()?)?;
    let mut out = Zeroizing::new(vec![0; len]);
    value.encode_to_slice(&mut out)?;
    Ok(out)
}
