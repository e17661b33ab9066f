//! The header parameters of a message's key management algorithm, decoded and checked (RFC 7518
//! §4.6.1, §4.7.1, §4.8.1).

use crate::base64url;
use crate::curve::Curve;
use crate::enc::Enc;
use crate::error::{DecryptError, Malformed, Rejected};
use crate::gcm_key_wrap;
use crate::jose_header::JoseHeader;
use crate::key::DecryptionKey;
use crate::key_import::RecipientContext;
use crate::pbes2;

/// What a key may read of a message, in fixed buffers; only `apu`, `apv` and `p2s` are allocated,
/// where there are any.
pub(crate) struct KeyParameters {
    epk: [u8; Curve::MAX_PUBLIC_LEN],
    curve: Option<Curve>,
    apu: Vec<u8>,
    apv: Vec<u8>,
    iv_and_tag: Option<([u8; gcm_key_wrap::IV_LEN], [u8; gcm_key_wrap::TAG_LEN])>,
    p2s: Vec<u8>,
    p2c: u32,
}

impl KeyParameters {
    /// Takes those that the key's algorithm has; others are not looked at.
    pub(crate) fn of(
        header: &JoseHeader<'_>,
        key: &DecryptionKey,
        max_iterations: Option<u32>,
    ) -> Result<Self, DecryptError> {
        let mut parameters = Self {
            epk: [0; Curve::MAX_PUBLIC_LEN],
            curve: None,
            apu: Vec::new(),
            apv: Vec::new(),
            iv_and_tag: None,
            p2s: Vec::new(),
            p2c: 0,
        };
        if key.alg.is_ecdh() {
            parameters.take_agreement(header, key)?;
        } else if key.alg.is_gcm_kw() {
            let mut iv = [0; gcm_key_wrap::IV_LEN];
            exactly("iv", header.iv(), &mut iv)?;
            let mut tag = [0; gcm_key_wrap::TAG_LEN];
            exactly("tag", header.tag(), &mut tag)?;
            parameters.iv_and_tag = Some((iv, tag));
        } else if key.alg.is_pbes2() {
            parameters.take_salt_and_count(header, max_iterations)?;
        }
        Ok(parameters)
    }

    fn take_agreement(
        &mut self,
        header: &JoseHeader<'_>,
        key: &DecryptionKey,
    ) -> Result<(), DecryptError> {
        let curve = key.curve.ok_or(Rejected::EpkCurve)?;
        let epk = header.epk().ok_or(Malformed::KeyParameter("epk"))?;
        if epk.crv() != curve.name() {
            return Err(Rejected::EpkCurve.into());
        }
        epk.decode(curve, &mut self.epk)?;
        self.curve = Some(curve);
        for (name, text, place) in
            [("apu", header.apu(), &mut self.apu), ("apv", header.apv(), &mut self.apv)]
        {
            if let Some(text) = text {
                base64url::decode_append(text, place).map_err(|_| Malformed::KeyParameter(name))?;
            }
        }
        Ok(())
    }

    fn take_salt_and_count(
        &mut self,
        header: &JoseHeader<'_>,
        max_iterations: Option<u32>,
    ) -> Result<(), DecryptError> {
        let max_iterations = max_iterations.ok_or(Rejected::Pbes2)?;
        let p2c = header.p2c().ok_or(Malformed::KeyParameter("p2c"))?;
        self.p2c = u32::try_from(p2c)
            .ok()
            .filter(|p2c| (pbes2::MIN_ITERATIONS..=max_iterations).contains(p2c))
            .ok_or(Rejected::IterationCount)?;
        let p2s = header.p2s().ok_or(Malformed::KeyParameter("p2s"))?;
        let malformed = Malformed::KeyParameter("p2s");
        let lens = pbes2::MIN_SALT_LEN..=pbes2::MAX_SALT_LEN;
        if !lens.contains(&base64url::decoded_len(p2s.len())) {
            return Err(malformed.into());
        }
        base64url::decode_append(p2s, &mut self.p2s).map_err(|_| malformed)?;
        Ok(())
    }

    /// Appends all that a key may read of a message but its encrypted key, so that it is different
    /// wherever something of it is.
    pub(crate) fn append_identity(&self, enc: Enc, out: &mut Vec<u8>) {
        let mut part = |bytes: &[u8]| {
            out.extend_from_slice(&bytes.len().to_le_bytes());
            out.extend_from_slice(bytes);
        };
        part(enc.name().as_bytes());
        part(self.curve.map_or("", Curve::name).as_bytes());
        part(&self.epk);
        part(&self.apu);
        part(&self.apv);
        let (iv, tag) = self.iv_and_tag.as_ref().map_or((&[][..], &[][..]), |(iv, tag)| (iv, tag));
        part(iv);
        part(tag);
        part(&self.p2s);
        part(&self.p2c.to_le_bytes());
    }

    /// The context of the key operation.
    pub(crate) fn context(&self, enc: Enc) -> RecipientContext<'_> {
        let mut context = RecipientContext::new(enc).with_agreement_info(&self.apu, &self.apv);
        if let Some(curve) = self.curve {
            let epk = self.epk.get(..curve.public_len()).unwrap_or_default();
            context = context.with_epk(curve, epk);
        }
        if let Some((iv, tag)) = &self.iv_and_tag {
            context = context.with_iv_and_tag(iv, tag);
        }
        if !self.p2s.is_empty() {
            context = context.with_salt_and_count(&self.p2s, self.p2c);
        }
        context
    }
}

/// Decodes a parameter that has just one length.
fn exactly(name: &'static str, text: Option<&str>, out: &mut [u8]) -> Result<(), Malformed> {
    let malformed = Malformed::KeyParameter(name);
    let text = text.ok_or(malformed)?;
    if base64url::decoded_len(text.len()) != out.len() {
        return Err(malformed);
    }
    base64url::decode_to_slice(text, out).map_err(|_| malformed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::KeyParameters;
    use crate::alg::Alg;
    use crate::base64url;
    use crate::curve::Curve;
    use crate::enc::Enc;
    use crate::error::{DecryptError, Malformed, Rejected};
    use crate::jose_header::JoseHeader;
    use crate::key::{DecryptionKey, Held};

    const MOST: u32 = 5000;

    fn key(alg: Alg, curve: Option<Curve>) -> DecryptionKey {
        let key = Held::Elsewhere { encrypted_key_len: 0 };
        DecryptionKey { alg, kid: None, enc: None, curve, key }
    }

    fn parameters(
        key: &DecryptionKey,
        members: &str,
        most: Option<u32>,
    ) -> Result<KeyParameters, DecryptError> {
        let header = format!(r#"{{"alg":"x","enc":"A128GCM"{members}}}"#);
        KeyParameters::of(&JoseHeader::parse(&header)?, key, most)
    }

    fn refused(key: &DecryptionKey, members: &str) -> DecryptError {
        parameters(key, members, Some(MOST)).map(|_| ()).unwrap_err()
    }

    fn malformed(name: &'static str) -> DecryptError {
        Malformed::KeyParameter(name).into()
    }

    fn text(len: usize) -> String {
        base64url::encode(&vec![1; len])
    }

    #[test]
    fn iv_and_tag_have_one_length_each() {
        let key = key(Alg::A256GcmKw, None);
        let members = |iv: &str, tag: &str| format!(r#","iv":"{iv}","tag":"{tag}""#);
        let good = parameters(&key, &members(&text(12), &text(16)), None).unwrap();
        assert_eq!(good.context(Enc::A128Gcm).iv_and_tag(), Some((&[1; 12], &[1; 16])));
        for len in [0, 1, 11, 13, 16, 300] {
            assert_eq!(refused(&key, &members(&text(len), &text(16))), malformed("iv"));
        }
        for len in [0, 1, 4, 8, 12, 15, 17, 300] {
            assert_eq!(refused(&key, &members(&text(12), &text(len))), malformed("tag"));
        }
        for wrong in ["AQEBAQEBAQEBAQE+", "AQEBAQEBAQEBAQE ", "AQEBAQEBAQEBAQ=="] {
            assert_eq!(refused(&key, &members(wrong, &text(16))), malformed("iv"), "{wrong}");
        }
        // Bits that no byte holds.
        let stray = format!("{}R", &text(16)[..21]);
        assert_eq!(refused(&key, &members(&text(12), &stray)), malformed("tag"));
        assert_eq!(refused(&key, &format!(r#","tag":"{}""#, text(16))), malformed("iv"));
        assert_eq!(refused(&key, &format!(r#","iv":"{}""#, text(12))), malformed("tag"));
    }

    #[test]
    fn the_count_is_looked_at_before_anything_else_of_a_password() {
        let key = key(Alg::Pbes2Hs256A128Kw, None);
        let with = |p2c: &str| format!(r#","p2s":"{}","p2c":{p2c}"#, text(16));
        let good = parameters(&key, &with("1000"), Some(MOST)).unwrap();
        assert_eq!(good.context(Enc::A128Gcm).salt_and_count(), Some((&[1; 16][..], 1000)));
        assert!(parameters(&key, &with("5000"), Some(MOST)).is_ok());
        for p2c in ["0", "1", "999", "5001", "2147483647", "4294967296", "9223372036854775808"] {
            assert_eq!(refused(&key, &with(p2c)), Rejected::IterationCount.into(), "{p2c}");
        }
        // A count that is right, but only in its low 32 bits.
        assert_eq!(refused(&key, &with("4294969296")), Rejected::IterationCount.into());
        for p2c in ["-1", "1e3", "1000.0", "\"1000\"", "null", "18446744073709551616", "[1000]"] {
            assert_eq!(refused(&key, &with(p2c)), Malformed::MemberType("p2c").into(), "{p2c}");
        }
        assert_eq!(refused(&key, &format!(r#","p2s":"{}""#, text(16))), malformed("p2c"));
        for p2c in ["1000", "0", "4294967296"] {
            let off = parameters(&key, &with(p2c), None).map(|_| ()).unwrap_err();
            assert_eq!(off, Rejected::Pbes2.into(), "not allowed, {p2c}");
        }
        // Who allows fewer than the least allows none.
        let none = parameters(&key, &with("1000"), Some(999)).map(|_| ()).unwrap_err();
        assert_eq!(none, Rejected::IterationCount.into());
    }

    #[test]
    fn the_salt_has_8_to_256_bytes() {
        let key = key(Alg::Pbes2Hs512A256Kw, None);
        let with = |p2s: &str| format!(r#","p2c":1000,"p2s":"{p2s}""#);
        for len in [8, 9, 255, 256] {
            let good = parameters(&key, &with(&text(len)), Some(MOST)).unwrap();
            let salt = vec![1; len];
            assert_eq!(good.context(Enc::A128Gcm).salt_and_count(), Some((&salt[..], 1000)));
        }
        for len in [0, 1, 7, 257, 300, 4096] {
            assert_eq!(refused(&key, &with(&text(len))), malformed("p2s"), "{len}");
        }
        assert_eq!(refused(&key, &with("AAAAAAAAAAB")), malformed("p2s"));
        assert_eq!(refused(&key, r#","p2c":1000"#), malformed("p2s"));
    }

    #[test]
    fn the_epk_is_of_the_curve_of_the_key() {
        for curve in Curve::ALL.iter().copied() {
            let key = key(Alg::EcdhEs, Some(curve));
            let coordinate = text(curve.secret_len());
            let epk = |curve: Curve, coordinate: &str| {
                let y = format!(r#","y":"{coordinate}""#);
                let y = if curve.is_nist() { y.as_str() } else { "" };
                let (kty, crv) = (curve.kty(), curve.name());
                format!(r#","epk":{{"kty":"{kty}","crv":"{crv}","x":"{coordinate}"{y}}}"#)
            };
            let good = parameters(&key, &epk(curve, &coordinate), None).unwrap();
            let context = good.context(Enc::A128Gcm);
            assert_eq!(context.epk(curve).map(<[u8]>::len), Some(curve.public_len()));
            assert_eq!((context.apu(), context.apv()), (&[][..], &[][..]));
            for other in Curve::ALL.iter().copied().filter(|other| *other != curve) {
                assert_eq!(context.epk(other), None);
                let members = epk(other, &text(other.secret_len()));
                assert_eq!(refused(&key, &members), Rejected::EpkCurve.into());
            }
            // Another name for the same point is another curve.
            for crv in ["p-256", "secp256r1", "", "X448", "P-256K", "P-256\\u0000"] {
                let members = epk(curve, &coordinate).replace(curve.name(), crv);
                assert_eq!(refused(&key, &members), Rejected::EpkCurve.into(), "{crv}");
            }
            let other_kty = if curve.is_nist() { "OKP" } else { "EC" };
            let members = epk(curve, &coordinate).replacen(curve.kty(), other_kty, 1);
            assert_eq!(refused(&key, &members), malformed("epk"));
            assert_eq!(refused(&key, ""), malformed("epk"));
        }
    }

    #[test]
    fn apu_and_apv_are_decoded_or_refused() {
        let key = key(Alg::EcdhEsA256Kw, Some(Curve::X25519));
        let epk = format!(r#","epk":{{"kty":"OKP","crv":"X25519","x":"{}"}}"#, text(32));
        let with = |more: &str| format!("{epk}{more}");
        let members = with(r#","apu":"QWxpY2U","apv":"Qm9i""#);
        let good = parameters(&key, &members, None).unwrap();
        let context = good.context(Enc::A128Gcm);
        assert_eq!((context.apu(), context.apv()), (&b"Alice"[..], &b"Bob"[..]));
        for name in ["apu", "apv"] {
            for wrong in ["A", "QQ==", "QR", "Q+Q", "Q Q", "é"] {
                let members = with(&format!(r#","{name}":"{wrong}""#));
                assert_eq!(refused(&key, &members), malformed(name), "{wrong}");
            }
        }
    }

    /// Two messages with equal encrypted keys share what was unwrapped only where all else is equal too.
    #[test]
    fn the_identity_differs_wherever_a_parameter_does() {
        let agreed = |curve: Curve, byte: u8, more: &str| {
            let x = base64url::encode(&vec![byte; curve.secret_len()]);
            let y = if curve.is_nist() { format!(r#","y":"{x}""#) } else { String::new() };
            let (kty, crv) = (curve.kty(), curve.name());
            let epk = format!(r#","epk":{{"kty":"{kty}","crv":"{crv}","x":"{x}"{y}}}{more}"#);
            (key(Alg::EcdhEsA128Kw, Some(curve)), epk)
        };
        let wrapped = |iv: u8, tag: u8| {
            let (iv, tag) = (base64url::encode(&[iv; 12]), base64url::encode(&[tag; 16]));
            (key(Alg::A128GcmKw, None), format!(r#","iv":"{iv}","tag":"{tag}""#))
        };
        let derived = |salt: u8, p2c: u32| {
            let p2s = base64url::encode(&[salt; 16]);
            (key(Alg::Pbes2Hs256A128Kw, None), format!(r#","p2s":"{p2s}","p2c":{p2c}"#))
        };
        let all = [
            (key(Alg::A128Kw, None), String::new()),
            agreed(Curve::X25519, 1, ""),
            agreed(Curve::X25519, 2, ""),
            agreed(Curve::P256, 1, ""),
            agreed(Curve::X25519, 1, r#","apu":"QQ""#),
            agreed(Curve::X25519, 1, r#","apv":"QQ""#),
            agreed(Curve::X25519, 1, r#","apu":"QQ","apv":"Qg""#),
            agreed(Curve::X25519, 1, r#","apu":"QUI""#),
            wrapped(1, 1),
            wrapped(1, 2),
            wrapped(2, 1),
            derived(1, 1000),
            derived(1, 1001),
            derived(2, 1000),
        ];
        let mut identities = Vec::new();
        for (key, members) in &all {
            for enc in [Enc::A128Gcm, Enc::A256Gcm] {
                let identity = || {
                    let mut identity = b"before".to_vec();
                    let parameters = parameters(key, members, Some(MOST)).unwrap();
                    parameters.append_identity(enc, &mut identity);
                    identity
                };
                assert_eq!(identity(), identity(), "{members}");
                assert!(identity().starts_with(b"before"));
                identities.push(identity());
            }
        }
        let count = identities.len();
        identities.sort();
        identities.dedup();
        assert_eq!((identities.len(), count), (2 * all.len(), 2 * all.len()));
    }

    /// What an algorithm does not have is not looked at: it may be anything of its type.
    #[test]
    fn parameters_of_other_algorithms_are_ignored() {
        let members =
            r#","iv":"!","tag":"","p2s":"","p2c":0,"apu":"=","epk":{"kty":"","crv":"","x":""}"#;
        for alg in [Alg::Dir, Alg::A128Kw, Alg::RsaOaep256] {
            let parameters = parameters(&key(alg, None), members, None).unwrap();
            let context = parameters.context(Enc::A128Gcm);
            assert_eq!((context.iv_and_tag(), context.salt_and_count()), (None, None), "{alg}");
            assert_eq!((context.apu(), context.epk(Curve::P256)), (&[][..], None), "{alg}");
        }
    }
}
