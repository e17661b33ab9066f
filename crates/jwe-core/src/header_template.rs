//! A header of which most is known when the encrypter is built: the constant text, and the places
//! of what each message fills in (`epk`, `iv`, `tag`, `p2s`). It is whole, or open for a last member
//! that each message brings.

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
    // Whether the object is not closed.
    is_open: bool,
}

/// The bytes that are encoded at once, whole groups of three: an `epk` takes 230.
const BUFFERED: usize = 384;

impl HeaderTemplate {
    /// The template of an object with these members, in this order.
    pub(crate) fn new(members: &[Member]) -> Result<Self, SetupError> {
        Self::of(members, false)
    }

    /// The template of the beginning of an object with these members, of which there must be one:
    /// what follows is up to each message.
    pub(crate) fn open(members: &[Member]) -> Result<Self, SetupError> {
        Self::of(members, true)
    }

    fn of(members: &[Member], is_open: bool) -> Result<Self, SetupError> {
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
        if !is_open {
            text.push(b'}');
        }
        pieces.push(Piece::Text(text));

        let mut template = Self {
            encoded: Arc::default(),
            tail: Arc::default(),
            json_len: 0,
            pieces: pieces.clone().into(),
            is_open,
        };
        template.json_len = template.json(&KeyStep::EMPTY).len();
        if template.json_len > Limits::MAX_HEADER_LEN {
            return Err(SetupError::HeaderTooLong { limit: Limits::MAX_HEADER_LEN });
        }
        let mut encoded = Vec::new();
        if let [Piece::Text(first), rest @ ..] = pieces.as_mut_slice() {
            if rest.is_empty() && !is_open {
                base64url::encode_append(first, &mut encoded);
                pieces.clear();
            } else {
                let remainder = first.split_off(first.len().saturating_sub(first.len() % 3));
                base64url::encode_append(first, &mut encoded);
                *first = remainder;
            }
        }
        template.encoded = encoded.into();
        template.tail = pieces.into();
        Ok(template)
    }

    /// The length of the header's JSON text in bytes, or of its beginning; the same for every
    /// message.
    pub(crate) fn json_len(&self) -> usize {
        self.json_len
    }

    /// Appends the base64url of the header of one message. Of an open one, what is no whole group of
    /// three bytes is left over, for [`append_behind`].
    pub(crate) fn append_encoded(&self, step: &KeyStep, out: &mut Vec<u8>) -> LeftOver {
        out.extend_from_slice(&self.encoded);
        if self.tail.is_empty() {
            return LeftOver::default();
        }
        let mut encoder = Encoder::behind(LeftOver::default(), out);
        write(&self.tail, step, &mut |part| encoder.write(part));
        if self.is_open {
            encoder.pause()
        } else {
            encoder.finish();
            LeftOver::default()
        }
    }

    /// The JSON text of the header of one message, or of its beginning.
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

/// At most two bytes of an open header, which are encoded with those that follow.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LeftOver {
    bytes: [u8; 2],
    len: usize,
}

/// Appends the base64url of what stands behind an open header; `write` hands its pieces to the sink
/// that it is given.
pub(crate) fn append_behind(
    left_over: LeftOver,
    write: impl FnOnce(&mut dyn FnMut(&[u8])),
    out: &mut Vec<u8>,
) {
    let mut encoder = Encoder::behind(left_over, out);
    write(&mut |part| encoder.write(part));
    encoder.finish();
}

/// The base64url of a text that comes in pieces, with a buffer on the stack.
struct Encoder<'o> {
    out: &'o mut Vec<u8>,
    buffer: [u8; BUFFERED],
    len: usize,
}

impl<'o> Encoder<'o> {
    fn behind(left_over: LeftOver, out: &'o mut Vec<u8>) -> Self {
        let mut encoder = Self { out, buffer: [0; BUFFERED], len: 0 };
        encoder.write(left_over.bytes.get(..left_over.len).unwrap_or_default());
        encoder
    }

    fn write(&mut self, part: &[u8]) {
        let mut rest = part;
        while !rest.is_empty() {
            if self.len == BUFFERED {
                base64url::encode_append(&self.buffer, self.out);
                self.len = 0;
            }
            let room = self.buffer.get_mut(self.len..).unwrap_or_default();
            let len = room.len().min(rest.len());
            let (now, later) = rest.split_at_checked(len).unwrap_or((rest, &[]));
            if let Some(room) = room.get_mut(..now.len()) {
                room.copy_from_slice(now);
            }
            self.len = self.len.saturating_add(now.len());
            rest = later;
        }
    }

    /// Encodes all but what is no whole group of three bytes.
    fn pause(self) -> LeftOver {
        let bytes = self.buffer.get(..self.len).unwrap_or_default();
        let len = bytes.len() % 3;
        let (groups, rest) = bytes.split_at(bytes.len().saturating_sub(len));
        base64url::encode_append(groups, self.out);
        let mut left_over = LeftOver { bytes: [0; 2], len };
        left_over.bytes.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        left_over
    }

    fn finish(self) {
        base64url::encode_append(self.buffer.get(..self.len).unwrap_or_default(), self.out);
    }
}

#[cfg(test)]
mod tests {
    use super::{BUFFERED, HeaderTemplate, Member, Slot, append_behind};
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
            let _nothing = template.append_encoded(&step, &mut encoded);
            assert_eq!(
                String::from_utf8(encoded).unwrap(),
                format!("x{}", base64url::encode(json.as_bytes()))
            );
            assert_eq!(template.json_len(), json.len());
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
        let behind = "x".repeat(8192 - 30);
        let layout = |behind: &str| [member("iv", Slot::Iv), constant("a", behind)];
        assert!(HeaderTemplate::new(&layout(&behind[..8000])).is_ok());
        assert_eq!(
            HeaderTemplate::new(&layout(&behind)).unwrap_err().code(),
            "setup_header_too_long"
        );
    }

    /// However long the beginning is, and in whatever pieces the rest comes.
    #[test]
    fn what_stands_behind_an_open_header_is_encoded_with_it() {
        let mut step = KeyStep::EMPTY;
        step.epk.fill(0x5f);
        for kid in ["", "k", "kk", "kkk"] {
            let constants = vec![constant("alg", "A"), constant("kid", kid)];
            let varying = member("epk", Slot::Epk(Curve::P521));
            for layout in [constants.clone(), [constants, vec![varying]].concat()] {
                let template = HeaderTemplate::open(&layout).unwrap();
                for piece in [1, 2, 3, 7, BUFFERED - 1, BUFFERED, BUFFERED + 1] {
                    for len in [1, 2, 3, BUFFERED, 3 * BUFFERED + 1] {
                        let rest = format!(",\"x\":\"{}\"}}", "y".repeat(len));
                        let mut encoded = b"x".to_vec();
                        let left_over = template.append_encoded(&step, &mut encoded);
                        append_behind(
                            left_over,
                            |sink| rest.as_bytes().chunks(piece).for_each(sink),
                            &mut encoded,
                        );
                        let json = format!("{}{rest}", template.json(&step));
                        assert_eq!(template.json_len() + rest.len(), json.len());
                        let expected = format!("x{}", base64url::encode(json.as_bytes()));
                        assert_eq!(String::from_utf8(encoded).unwrap(), expected);
                    }
                }
            }
        }
    }
}
