//! The `epk` header parameter (RFC 7518 §4.6.1.1), read without an allocation.

use core::fmt;
use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::base64url;
use crate::curve::Curve;
use crate::ec_key::is_well_formed;
use crate::error::Malformed;
use crate::json_object::{self, ObjectError};

const MALFORMED: Malformed = Malformed::KeyParameter("epk");

/// An `epk` as it stands in a header: a JWK of the types `EC` or `OKP`, of which the public
/// members are read and others are ignored (RFC 7518 §4.6.1.1).
#[derive(Clone, PartialEq, Eq)]
pub struct EphemeralPublicKey<'a> {
    kty: Cow<'a, str>,
    crv: Cow<'a, str>,
    x: Cow<'a, str>,
    y: Option<Cow<'a, str>>,
}

impl<'a> EphemeralPublicKey<'a> {
    /// Reads the members; their values are looked at by [`decode`](Self::decode).
    pub(crate) fn parse(value: &'a RawValue) -> Result<Self, Malformed> {
        if !value.get().starts_with('{') {
            return Err(Malformed::MemberType("epk"));
        }
        let (mut kty, mut crv, mut x, mut y) = (None, None, None, None);
        // The names of other members, of which there are none in the usual key.
        let mut others: Vec<Cow<'_, str>> = Vec::new();
        json_object::for_each_member(value.get(), |name, value| {
            let text = || json_object::string(value).ok_or(Malformed::MemberType("epk"));
            let duplicate = match name.as_ref() {
                "kty" => kty.replace(text()?).is_some(),
                "crv" => crv.replace(text()?).is_some(),
                "x" => x.replace(text()?).is_some(),
                "y" => y.replace(text()?).is_some(),
                // A private key has no place in a message.
                "d" => return Err(MALFORMED),
                _ => {
                    json_object::value(value).ok_or(Malformed::HeaderNotJson)?;
                    let duplicate = others.contains(&name);
                    others.push(name);
                    duplicate || others.len() > MAX_OTHERS
                }
            };
            if duplicate { Err(Malformed::DuplicateMember) } else { Ok(()) }
        })
        .map_err(|error| match error {
            ObjectError::NotJson { .. } => Malformed::HeaderNotJson,
            ObjectError::Member(malformed) => malformed,
        })?;
        let missing = MALFORMED;
        Ok(Self { kty: kty.ok_or(missing)?, crv: crv.ok_or(missing)?, x: x.ok_or(missing)?, y })
    }

    /// The `crv` as it stands there, known or not.
    #[must_use]
    pub fn crv(&self) -> &str {
        &self.crv
    }

    /// The `kty` as it stands there, known or not.
    #[must_use]
    pub fn kty(&self) -> &str {
        &self.kty
    }

    /// The `x` as it stands there: base64url.
    #[must_use]
    pub fn x(&self) -> &str {
        &self.x
    }

    /// The `y`, if there is one, as it stands there: base64url.
    #[must_use]
    pub fn y(&self) -> Option<&str> {
        self.y.as_deref()
    }

    /// Decodes to the form of [`EcPublicKey::as_bytes`](crate::EcPublicKey::as_bytes), for a key of
    /// `curve`, and returns the length. Coordinates have exactly the curve's length, leading zeros
    /// included (RFC 7518 §6.2.1.2).
    pub(crate) fn decode(
        &self,
        curve: Curve,
        out: &mut [u8; Curve::MAX_PUBLIC_LEN],
    ) -> Result<usize, Malformed> {
        if self.kty != curve.kty()
            || self.crv != curve.name()
            || self.y.is_some() != curve.is_nist()
        {
            return Err(MALFORMED);
        }
        let len = curve.secret_len();
        let (first, coordinates) = out.split_at_mut_checked(1).ok_or(MALFORMED)?;
        let mut point_len = 0_usize;
        for text in [Some(&self.x), self.y.as_ref()].into_iter().flatten() {
            let end = point_len.saturating_add(len);
            let place = coordinates.get_mut(point_len..end).ok_or(MALFORMED)?;
            if base64url::decoded_len(text.len()) != len {
                return Err(MALFORMED);
            }
            base64url::decode_to_slice(text, place).map_err(|_| MALFORMED)?;
            point_len = end;
        }
        if curve.is_nist() {
            first.fill(4);
            point_len = point_len.saturating_add(1);
        } else {
            out.copy_within(1..=point_len, 0);
        }
        if out.get(..point_len).is_some_and(|point| is_well_formed(curve, point)) {
            Ok(point_len)
        } else {
            Err(MALFORMED)
        }
    }

    /// The same, borrowing nothing.
    pub(crate) fn into_owned(self) -> EphemeralPublicKey<'static> {
        let owned = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        EphemeralPublicKey {
            kty: owned(self.kty),
            crv: owned(self.crv),
            x: owned(self.x),
            y: self.y.map(owned),
        }
    }
}

/// More members than any key has; finding one twice takes a time quadratic in their number.
const MAX_OTHERS: usize = 32;

impl fmt::Debug for EphemeralPublicKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EphemeralPublicKey").field("crv", &self.crv).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{EphemeralPublicKey, MALFORMED};
    use crate::base64url;
    use crate::curve::Curve;
    use crate::error::Malformed;
    use crate::jose_header::JoseHeader;

    fn decode(epk: &str, curve: Curve) -> Result<Vec<u8>, Malformed> {
        let header = format!(r#"{{"alg":"ECDH-ES","enc":"A128GCM","epk":{epk}}}"#);
        let header = JoseHeader::parse(&header)?;
        let mut out = [0; Curve::MAX_PUBLIC_LEN];
        let len = header
            .epk()
            .map_or(Err(MALFORMED), |epk: &EphemeralPublicKey<'_>| epk.decode(curve, &mut out))?;
        Ok(out[..len].to_vec())
    }

    #[test]
    fn coordinates_become_the_uncompressed_form() {
        for curve in Curve::ALL {
            let coordinate = base64url::encode(&vec![1; curve.secret_len()]);
            let (kty, crv) = (curve.kty(), curve.name());
            let y = if curve.is_nist() { format!(r#","y":"{coordinate}""#) } else { String::new() };
            let epk =
                format!(r#"{{"kty":"{kty}","crv":"{crv}","x":"{coordinate}"{y},"use":"enc"}}"#);
            let mut expected = vec![1; curve.public_len()];
            if curve.is_nist() {
                expected[0] = 4;
            }
            assert_eq!(decode(&epk, *curve), Ok(expected), "{curve}");
            for other in Curve::ALL.iter().filter(|other| *other != curve) {
                assert_eq!(decode(&epk, *other), Err(MALFORMED), "{curve} as {other}");
            }
            // Shorter and longer coordinates, of which a shorter one is what is left of one whose
            // leading zeros were dropped.
            for len in [curve.secret_len() - 1, curve.secret_len() + 1, 0] {
                let wrong = epk.replacen(&coordinate, &base64url::encode(&vec![1; len]), 1);
                assert_eq!(decode(&wrong, *curve), Err(MALFORMED), "{curve} {len}");
            }
            let zero = epk.replace(&coordinate, &base64url::encode(&vec![0; curve.secret_len()]));
            assert_eq!(decode(&zero, *curve), Err(MALFORMED), "{curve}");
            let padded = epk.replacen(&coordinate, &format!("{coordinate}="), 1);
            assert_eq!(decode(&padded, *curve), Err(MALFORMED), "{curve}");
            let private = epk.replace(r#""use":"enc""#, r#""d":"AQ""#);
            assert_eq!(decode(&private, *curve), Err(MALFORMED), "{curve}");
            let twice = epk.replace(r#""use":"enc""#, &format!(r#""x":"{coordinate}""#));
            assert_eq!(decode(&twice, *curve), Err(Malformed::DuplicateMember), "{curve}");
            let twice = epk.replace(r#""use":"enc""#, r#""a":1,"\u0061":1"#);
            assert_eq!(decode(&twice, *curve), Err(Malformed::DuplicateMember), "{curve}");
        }
        let all_ones = base64url::encode(&[0xff; 32]);
        let beyond = format!(r#"{{"kty":"EC","crv":"P-256","x":"{all_ones}","y":"{all_ones}"}}"#);
        assert_eq!(decode(&beyond, Curve::P256), Err(MALFORMED));
        assert_eq!(decode(r#"{"kty":"EC","crv":"P-256"}"#, Curve::P256), Err(MALFORMED));
        assert_eq!(decode("[]", Curve::P256), Err(Malformed::MemberType("epk")));
    }

    #[test]
    fn type_curve_and_coordinates_go_together() {
        let text = |len: usize| base64url::encode(&vec![1; len]);
        let epk = |kty, crv, len, y: bool| {
            let coordinate = text(len);
            let y = if y { format!(r#","y":"{coordinate}""#) } else { String::new() };
            format!(r#"{{"kty":"{kty}","crv":"{crv}","x":"{coordinate}"{y}}}"#)
        };
        assert!(decode(&epk("EC", "P-256", 32, true), Curve::P256).is_ok());
        assert!(decode(&epk("OKP", "X25519", 32, false), Curve::X25519).is_ok());
        for (wrong, curve) in [
            (epk("OKP", "P-256", 32, true), Curve::P256),
            (epk("EC", "P-384", 32, true), Curve::P256),
            (epk("EC", "p-256", 32, true), Curve::P256),
            (epk("EC", "P-256", 32, false), Curve::P256),
            (epk("EC", "X25519", 32, false), Curve::X25519),
            (epk("OKP", "X25519", 32, true), Curve::X25519),
            (epk("OKP", "X448", 32, false), Curve::X25519),
        ] {
            assert_eq!(decode(&wrong, curve), Err(MALFORMED), "{wrong} for {curve}");
        }
    }

    #[test]
    fn as_it_stands_there() {
        let json =
            r#"{"alg":"a","enc":"e","epk":{"y":"AQ","x":"A\u0067","crv":"P-1","kty":"E\u0043"}}"#;
        let header = JoseHeader::parse(json).unwrap();
        let epk = header.epk().unwrap();
        assert_eq!((epk.kty(), epk.crv(), epk.x(), epk.y()), ("EC", "P-1", "Ag", Some("AQ")));
        assert_eq!(epk.clone().into_owned(), *epk);
        let shown = format!("{epk:?}");
        assert!(shown.starts_with("EphemeralPublicKey") && shown.contains("P-1"), "{shown}");
    }

    #[test]
    fn other_members_are_values_of_different_names_and_few() {
        let epk = |others: &str| {
            let x = base64url::encode(&[1; 32]);
            decode(&format!(r#"{{"kty":"OKP","crv":"X25519","x":"{x}"{others}}}"#), Curve::X25519)
        };
        let numbered =
            |count| (0..count).map(|at| format!(",\"m{at}\":[{at}]")).collect::<String>();
        assert!(epk(&numbered(super::MAX_OTHERS)).is_ok());
        assert_eq!(epk(&numbered(super::MAX_OTHERS + 1)), Err(Malformed::DuplicateMember));
        assert_eq!(epk(r#","a":1e999"#), Err(Malformed::HeaderNotJson));
        assert_eq!(epk(r#","a":{"b":1,"b":2}"#), Err(Malformed::HeaderNotJson));
        assert_eq!(epk(r#","\ud800":1"#), Err(Malformed::HeaderNotJson));
        assert_eq!(epk(r#","y":null"#), Err(Malformed::MemberType("epk")));
    }
}
