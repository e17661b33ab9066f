//! The header parameters of a message's `alg` (RFC 7518 §4.6.1, §4.7.1, §4.8.1).

use jwe_core::{Curve, Enc, RandomSource, RecipientContext, SenderContext};
use serde_json::{Map, Value, json};

use super::bytes::{base64url, unbase64url};
use super::curve_keys::{self, CurveKey};

/// The parameters, decoded; what an algorithm does not have is absent or empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Params {
    pub(crate) epk: Option<(Curve, Vec<u8>)>,
    pub(crate) apu: Vec<u8>,
    pub(crate) apv: Vec<u8>,
    pub(crate) iv: Option<[u8; 12]>,
    pub(crate) tag: Option<[u8; 16]>,
    pub(crate) p2s: Vec<u8>,
    pub(crate) p2c: Option<u32>,
}

impl Params {
    /// The parameters that stand in a header.
    pub(crate) fn of_header(header: &Value) -> Self {
        let bytes = |name: &str| header[name].as_str().map(unbase64url);
        let epk = header.get("epk").map(|epk| {
            // A public key has no `d`, which the reader of a pair wants.
            let mut epk = epk.clone();
            epk["d"] = json!("");
            let key = CurveKey::from_jwk(&epk);
            (key.curve, key.public)
        });
        Self {
            epk,
            apu: bytes("apu").unwrap_or_default(),
            apv: bytes("apv").unwrap_or_default(),
            iv: bytes("iv").map(|iv| iv.try_into().expect("an iv of 12 bytes")),
            tag: bytes("tag").map(|tag| tag.try_into().expect("a tag of 16 bytes")),
            p2s: bytes("p2s").unwrap_or_default(),
            p2c: header["p2c"].as_u64().map(|p2c| u32::try_from(p2c).expect("a p2c")),
        }
    }

    /// The parameters as members of a header.
    pub(crate) fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        if let Some((curve, epk)) = &self.epk {
            let epk = curve_keys::public_members(*curve, epk);
            members.insert("epk".to_owned(), Value::Object(epk));
        }
        let text = [
            ("apu", Some(&self.apu[..])),
            ("apv", Some(&self.apv[..])),
            ("iv", self.iv.as_ref().map(|iv| &iv[..])),
            ("tag", self.tag.as_ref().map(|tag| &tag[..])),
            ("p2s", Some(&self.p2s[..])),
        ];
        for (name, value) in text {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                members.insert(name.to_owned(), json!(base64url(value)));
            }
        }
        if let Some(p2c) = self.p2c {
            members.insert("p2c".to_owned(), json!(p2c));
        }
        members
    }

    /// What the engine hands a sender's key: all but what the key writes itself.
    pub(crate) fn sender<'a>(
        &'a self,
        enc: Enc,
        random: &'a dyn RandomSource,
    ) -> SenderContext<'a> {
        let mut context = SenderContext::new(enc, random).with_agreement_info(&self.apu, &self.apv);
        if let Some(iv) = self.iv {
            context = context.with_iv(iv);
        }
        if let Some(p2c) = self.p2c {
            context = context.with_salt_and_count(&self.p2s, p2c);
        }
        context
    }

    /// What the engine hands a recipient's key.
    pub(crate) fn recipient(&self, enc: Enc) -> RecipientContext<'_> {
        let mut context = RecipientContext::new(enc).with_agreement_info(&self.apu, &self.apv);
        if let Some((curve, epk)) = &self.epk {
            context = context.with_epk(*curve, epk);
        }
        if let (Some(iv), Some(tag)) = (&self.iv, &self.tag) {
            context = context.with_iv_and_tag(iv, tag);
        }
        if let Some(p2c) = self.p2c {
            context = context.with_salt_and_count(&self.p2s, p2c);
        }
        context
    }
}
