//! The private exponent out of the DER of a key (RFC 5958, RFC 8017 §A.1.2), without a copy of it.

/// The private exponent, big-endian; `None` where the DER is not that of an RSA private key.
pub(crate) fn private_exponent(pkcs8: &[u8]) -> Option<&[u8]> {
    let (outer, _) = value(pkcs8, SEQUENCE)?;
    let (_, rest) = value(outer, INTEGER)?;
    let (_, rest) = value(rest, SEQUENCE)?;
    let (key, _) = value(rest, OCTET_STRING)?;
    let (numbers, _) = value(key, SEQUENCE)?;
    let (_version, rest) = value(numbers, INTEGER)?;
    let (_modulus, rest) = value(rest, INTEGER)?;
    let (_exponent, rest) = value(rest, INTEGER)?;
    value(rest, INTEGER).map(|(exponent, _)| exponent)
}

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// The value of the element with this tag at the start, and what comes after it.
fn value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    if *first != tag {
        return None;
    }
    let (first, rest) = rest.split_first()?;
    let (len, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(*first & 0x7f))?;
        if digits.len() > 4 {
            return None;
        }
        let len = digits.iter().fold(0_usize, |len, digit| (len << 8) | usize::from(*digit));
        (len, rest)
    };
    rest.split_at_checked(len)
}
