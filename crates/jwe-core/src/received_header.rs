//! The headers of a received message: decoded, and united to the JOSE header of one recipient.

use crate::base64url;
use crate::error::{Malformed, Segment};
use crate::jose_header::{HeaderPart, JoseHeader};
use crate::limits::Limits;
use crate::message::{Message, Recipient};

/// Checks the length of the protected header before it is decoded.
pub(crate) fn check_header_len(protected: &str, limits: &Limits) -> Result<(), Malformed> {
    let limit = limits.max_header_len.min(Limits::MAX_HEADER_LEN);
    if base64url::decoded_len(protected.len()) > limit {
        return Err(Malformed::HeaderTooLong);
    }
    Ok(())
}

/// The place of the JSON text of a protected header. To clear room for the longest takes as long as
/// to read a usual one, so that only what is longer than that is allocated.
pub(crate) struct HeaderBuffer {
    short: [u8; USUAL_HEADER_LEN],
    long: Vec<u8>,
}

/// The longest JSON text in bytes of a header that takes no allocation; one with an `epk` on P-521
/// has about 350.
const USUAL_HEADER_LEN: usize = 512;

impl HeaderBuffer {
    pub(crate) fn new() -> Self {
        Self { short: [0; USUAL_HEADER_LEN], long: Vec::new() }
    }

    /// Room for at least `len` bytes.
    fn room_for(&mut self, len: usize) -> &mut [u8] {
        if len <= self.short.len() {
            &mut self.short
        } else {
            self.long.resize(len, 0);
            &mut self.long
        }
    }
}

/// Decodes the JSON text of the protected header into `buffer`.
pub(crate) fn decode_header<'b>(
    protected: &str,
    limits: &Limits,
    buffer: &'b mut HeaderBuffer,
) -> Result<&'b str, Malformed> {
    check_header_len(protected, limits)?;
    let buffer = buffer.room_for(base64url::decoded_len(protected.len()));
    let len = base64url::decode_to_slice(protected, buffer)
        .map_err(|_| Malformed::Base64(Segment::Header))?;
    let json = core::str::from_utf8(buffer.get(..len).unwrap_or_default())
        .map_err(|_| Malformed::HeaderNotJson)?;
    Ok(json)
}

/// The JOSE header of one recipient: the union of the three headers (RFC 7516 §5.2, step 4).
/// `protected` is the decoded JSON text of the protected one.
pub(crate) fn recipient_header<'h>(
    message: &Message<'h>,
    recipient: &Recipient<'h>,
    protected: &'h str,
) -> Result<JoseHeader<'h>, Malformed> {
    // The protected header is absent only where there is another.
    let absent = message.protected().is_empty()
        && (message.unprotected().is_some() || recipient.header().is_some());
    let protected = if absent { None } else { Some(protected) };
    JoseHeader::parse_union(
        [
            (HeaderPart::Protected, protected),
            (HeaderPart::Unprotected, message.unprotected()),
            (HeaderPart::Unprotected, recipient.header()),
        ]
        .into_iter()
        .filter_map(|(part, json)| Some((part, json?))),
    )
}
