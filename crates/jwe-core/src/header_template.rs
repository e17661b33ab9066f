//! A header of which most is known when the encrypter is built: the constant text, and the places
//! of what each message fills in (`epk`, `iv`, `tag`, `p2s`).

use std::sync::Arc;

use serde_json::Value;

use crate::base64url;
use crate::curve::Curve;
use crate::ec_key::coordinates;
use crate::error::SetupError;
use crate::key_step::KeyStep;
use crate::limits::Limits;

/// The value of a member.
#[derive(Clone, Debug)]
pub(crate) enum Slot {
    /// The same for every message: its JSON text.
    Constant(String),
    /// The ephemeral public key.
    Epk(Curve),
    /// The initialization vector of the key wrapping.
    Iv,
    /// The tag of the key wrapping.
    Tag,
    /// The salt.
    P2s,
}

impl Slot {
    /// The text of a constant value.
    pub(crate) fn constant(value: &Value) -> Self {
        // `Value`'s `Display` is its JSON text and can't fail, unlike its serializer.
        Self::Constant(value.to_string())
    }
}

/// A member of a header and its name.
pub(crate) type Member = (String, Slot);

#[derive(Clone, Debug)]
enum Piece {
    Text(Vec<u8>),
    Epk(Curve),
    Iv,
    Tag,
    P2s,
}

/// A header, ready to be written for each message.
#[derive(Clone, Debug)]
pub(crate) struct HeaderTemplate {
    // base64url of the longest constant beginning that is whole groups of three bytes.
    encoded: Arc<[u8]>,
    // What follows it, before base64url; empty for a constant header.
    tail: Arc<[Piece]>,
    // All of it, before base64url.
    pieces: Arc<[Piece]>,
    json_len: usize,
}

/// The longest tail in bytes of its JSON text: an `epk` takes 230, and constant members stand
/// before what varies.
const MAX_TAIL_LEN: usize = 1024;

impl HeaderTemplate {
    /// The template of an object with these members, in this order.
    pub(crate) fn new(members: &[Member]) -> Result<Self, SetupError> {
        let mut pieces = Vec::new();
        let mut text = b"{".to_vec();
        for (at, (name, slot)) in members.iter().enumerate() {
            if at > 0 {
                text.push(b',');
            }
            text.extend_from_slice(Value::from(name.as_str()).to_string().as_bytes());
            text.push(b':');
            let piece = match slot {
                Slot::Constant(json) => {
                    text.extend_from_slice(json.as_bytes());
                    continue;
                }
                Slot::Epk(curve) => Piece::Epk(*curve),
                Slot::Iv => Piece::Iv,
                Slot::Tag => Piece::Tag,
                Slot::P2s => Piece::P2s,
            };
            pieces.extend([Piece::Text(core::mem::take(&mut text)), piece]);
        }
        text.push(b'}');
        pieces.push(Piece::Text(text));

        let mut template = Self {
            encoded: Arc::default(),
            tail: Arc::default(),
            json_len: 0,
            pieces: pieces.clone().into(),
        };
        let too_long = SetupError::HeaderTooLong { limit: Limits::MAX_HEADER_LEN };
        template.json_len = template.json(&KeyStep::EMPTY).len();
        if template.json_len > Limits::MAX_HEADER_LEN {
            return Err(too_long);
        }
        let mut encoded = Vec::new();
        if let [Piece::Text(first), rest @ ..] = pieces.as_mut_slice() {
            if rest.is_empty() {
                base64url::encode_append(first, &mut encoded);
                pieces.clear();
            } else {
                let remainder = first.split_off(first.len() - first.len() % 3);
                base64url::encode_append(first, &mut encoded);
                *first = remainder;
            }
        }
        template.encoded = encoded.into();
        template.tail = pieces.into();
        let mut tail = Tail::new();
        if tail.write(&template.tail, &KeyStep::EMPTY).is_none() {
            return Err(too_long);
        }
        Ok(template)
    }

    /// The length of the header's base64url in bytes; the same for every message.
    pub(crate) fn encoded_len(&self) -> Option<usize> {
        base64url::encoded_len(self.json_len)
    }

    /// Appends the base64url of the header of one message.
    pub(crate) fn append_encoded(&self, step: &KeyStep, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.encoded);
        if !self.tail.is_empty() {
            let mut tail = Tail::new();
            // Its length was found to fit when the template was made, and is the same each time.
            let _fits = tail.write(&self.tail, step);
            base64url::encode_append(tail.as_slice(), out);
        }
    }

    /// The JSON text of the header of one message.
    pub(crate) fn json(&self, step: &KeyStep) -> String {
        let mut json = Vec::new();
        write(&self.pieces, step, &mut |part| json.extend_from_slice(part));
        // All pieces are UTF-8.
        String::from_utf8(json).unwrap_or_default()
    }
}

/// Hands the text of each piece to `sink`.
fn write(pieces: &[Piece], step: &KeyStep, sink: &mut dyn FnMut(&[u8])) {
    for piece in pieces {
        match piece {
            Piece::Text(text) => sink(text),
            Piece::Epk(curve) => {
                let epk = step.epk.get(..curve.public_len()).unwrap_or_default();
                let (x, y) = coordinates(*curve, epk);
                let names: [&[u8]; 5] = [
                    b"{\"kty\":\"",
                    curve.kty().as_bytes(),
                    b"\",\"crv\":\"",
                    curve.name().as_bytes(),
                    b"\",\"x\":",
                ];
                names.into_iter().for_each(&mut *sink);
                quoted(x, sink);
                if let Some(y) = y {
                    sink(b",\"y\":");
                    quoted(y, sink);
                }
                sink(b"}");
            }
            Piece::Iv => quoted(&step.key_iv, sink),
            Piece::Tag => quoted(&step.key_tag, sink),
            Piece::P2s => quoted(&step.p2s, sink),
        }
    }
}

/// A string of base64url, of at most [`Curve::MAX_SECRET_LEN`] bytes.
fn quoted(bytes: &[u8], sink: &mut dyn FnMut(&[u8])) {
    let mut text = [0; 96];
    let len = base64url::encoded_len(bytes.len()).unwrap_or_default();
    sink(b"\"");
    if let Some(text) = text.get_mut(..len) {
        base64url::encode_to_slice(bytes, text);
        sink(text);
    }
    sink(b"\"");
}

/// The part of a header that is made for each message, on the stack.
struct Tail {
    bytes: [u8; MAX_TAIL_LEN],
    len: usize,
}

impl Tail {
    fn new() -> Self {
        Self { bytes: [0; MAX_TAIL_LEN], len: 0 }
    }

    /// `None` when the pieces do not fit.
    fn write(&mut self, pieces: &[Piece], step: &KeyStep) -> Option<()> {
        let mut fits = true;
        write(pieces, step, &mut |part| {
            let end = self.len + part.len();
            match self.bytes.get_mut(self.len..end) {
                Some(place) => {
                    place.copy_from_slice(part);
                    self.len = end;
                }
                None => fits = false,
            }
        });
        fits.then_some(())
    }

    fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{HeaderTemplate, Member, Slot};
    use crate::base64url;
    use crate::curve::Curve;
    use crate::jose_header::JoseHeader;
    use crate::key_step::KeyStep;

    fn member(name: &str, slot: Slot) -> Member {
        (name.to_owned(), slot)
    }

    fn constant(name: &str, text: &str) -> Member {
        member(name, Slot::constant(&text.into()))
    }

    #[test]
    fn every_layout_encodes_to_the_base64url_of_its_json() {
        let mut step = KeyStep::EMPTY;
        step.epk.fill(0xfb);
        step.key_iv.fill(1);
        step.key_tag.fill(2);
        step.p2s.fill(3);
        let mut layouts = vec![vec![constant("alg", "dir"), constant("enc", "A256GCM")]];
        // Constant beginnings of every length modulo three.
        for kid in ["", "k", "kk", "kkk"] {
            let alg = constant("alg", "A");
            let enc = constant("enc", "A256GCM");
            for curve in Curve::ALL {
                let epk = member("epk", Slot::Epk(*curve));
                layouts.push(vec![alg.clone(), constant("kid", kid), epk.clone(), enc.clone()]);
                layouts.push(vec![alg.clone(), enc.clone(), constant("kid", kid), epk]);
            }
            let variable =
                [member("iv", Slot::Iv), member("tag", Slot::Tag), member("p2s", Slot::P2s)];
            layouts.push([&variable[..], &[alg, enc, constant("kid", kid)]].concat());
        }
        for layout in layouts {
            let template = HeaderTemplate::new(&layout).unwrap();
            let json = template.json(&step);
            let mut encoded = b"x".to_vec();
            template.append_encoded(&step, &mut encoded);
            assert_eq!(
                String::from_utf8(encoded).unwrap(),
                format!("x{}", base64url::encode(json.as_bytes()))
            );
            assert_eq!(template.encoded_len(), base64url::encoded_len(json.len()));
            assert!(JoseHeader::parse(&json).is_ok(), "{json}");
        }
    }

    #[test]
    fn names_and_values_are_escaped() {
        let layout =
            [constant("alg", "RSA-OAEP-256"), constant("kid", "k\u{1}\"ü"), constant("e\"", "1")];
        assert_eq!(
            HeaderTemplate::new(&layout).unwrap().json(&KeyStep::EMPTY),
            r#"{"alg":"RSA-OAEP-256","kid":"k\u0001\"ü","e\"":"1"}"#
        );
    }

    #[test]
    fn what_is_too_long_is_refused() {
        let long = "x".repeat(8192);
        assert_eq!(
            HeaderTemplate::new(&[constant("a", &long)]).unwrap_err().code(),
            "setup_header_too_long"
        );
        let behind = "x".repeat(1100);
        assert_eq!(
            HeaderTemplate::new(&[member("iv", Slot::Iv), constant("a", &behind)])
                .unwrap_err()
                .code(),
            "setup_header_too_long"
        );
    }
}
