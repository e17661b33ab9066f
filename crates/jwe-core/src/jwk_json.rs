//! The JSON text of a key (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2): its members to a [`Jwk`] and back.
//! Values of private members are never copied by a JSON library, and what is written stands in
//! buffers that never grow.

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::base64url;
use crate::certificate::Certificate;
use crate::curve::Curve;
use crate::ec_key::{EcPrivateKey, EcPublicKey};
use crate::error::ImportError;
use crate::json_object::{self, ObjectError};
use crate::jwk::{Jwk, check_len, checked_kid};
use crate::key_material::{KeyMaterial, OctKey};
use crate::rsa_key::{RsaPrivateKey, RsaPrivateNumbers, RsaPublicKey};

impl Jwk {
    /// Reads the JSON text of a JWK of type `RSA`, `EC`, `OKP` (with X25519) or `oct`.
    ///
    /// Where it has an `x5c` (RFC 7517 §4.7), the first certificate must be of this key, and all
    /// must be certificates, at most 10; that an `x5t#S256` is the first one's is checked on import
    /// into a backend, or by [`check_certificate`](Self::check_certificate). See
    /// [`Certificate`] for what is not looked at. `x5u` and `x5t` are ignored.
    ///
    /// # Errors
    /// [`ImportError`]: not one JSON object, a member twice, missing or of a wrong type, a key
    /// type or curve that is not handled, numbers out of range, or longer than 64 KiB.
    pub fn from_json(json: &[u8]) -> Result<Self, ImportError> {
        check_len(json)?;
        let json =
            core::str::from_utf8(json).map_err(|_| ImportError::NotJson { line: 1, column: 1 })?;
        Self::from_json_text(json)
    }

    pub(crate) fn from_json_text(json: &str) -> Result<Self, ImportError> {
        let mut members = Members::default();
        json_object::for_each_member(json, |name, value| members.take(&name, value)).map_err(
            |error| match error {
                ObjectError::NotJson { line, column } => ImportError::NotJson { line, column },
                ObjectError::Member(error) => error,
            },
        )?;
        members.into_jwk()
    }

    /// The JSON text of the key, private parts included, wiped on drop. Take
    /// [`to_public`](Self::to_public) first for what leaves the owner.
    ///
    /// A private key whose file left out the public half lacks required members (RFC 7518 §6.2.1)
    /// until [`with_public_half`](Self::with_public_half) has it worked out.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<String> {
        let secret_len = match &self.material {
            KeyMaterial::RsaPublic(key) => key.modulus_len(),
            KeyMaterial::RsaPrivate(key) => key.public().modulus_len().saturating_mul(5),
            KeyMaterial::EcPublic(_) | KeyMaterial::EcPrivate(_) => 3 * Curve::MAX_SECRET_LEN,
            KeyMaterial::Oct(key) => key.as_bytes().len(),
        };
        let mut json = SecretJson::new(secret_len, self.labels_len());
        json.text("kty", self.kty());
        if let Some(kid) = &self.kid {
            json.text("kid", kid);
        }
        if let Some(key_use) = &self.key_use {
            json.text("use", key_use);
        }
        if let Some(alg) = &self.alg {
            json.text("alg", alg);
        }
        if let Some(key_ops) = &self.key_ops {
            json.raw("key_ops", &serde_json::Value::from(key_ops.clone()).to_string());
        }
        if !self.certificates.is_empty() {
            json.certificates(&self.certificates);
        }
        if let Some(digest) = &self.x5t_s256 {
            json.secret("x5t#S256", digest);
        }
        match &self.material {
            KeyMaterial::RsaPublic(key) => json.rsa_public(key),
            KeyMaterial::RsaPrivate(key) => {
                json.rsa_public(key.public());
                let RsaPrivateNumbers { d, p, q, dp, dq, qi } = key.numbers();
                for (name, number) in
                    [("d", d), ("p", p), ("q", q), ("dp", dp), ("dq", dq), ("qi", qi)]
                {
                    json.secret(name, number);
                }
            }
            KeyMaterial::EcPublic(key) => json.ec_public(key),
            KeyMaterial::EcPrivate(key) => {
                match key.public() {
                    Some(public) => json.ec_public(public),
                    None => json.text("crv", key.curve().name()),
                }
                json.secret("d", key.secret());
            }
            KeyMaterial::Oct(key) => json.secret("k", key.as_bytes()),
        }
        json.finish()
    }
}

impl Jwk {
    fn labels_len(&self) -> usize {
        let len = |label: &Option<String>| label.as_ref().map_or(0, String::len);
        // Each with its quotes and a comma.
        let ops = self.key_ops.iter().flatten().map(|op| op.len().saturating_add(3));
        let certificates = self.certificates.iter().map(|one| one.der().len().saturating_add(3));
        [len(&self.kid), len(&self.alg), len(&self.key_use)]
            .into_iter()
            .chain(ops)
            .chain(certificates)
            .fold(0, usize::saturating_add)
    }
}

/// The members of a JWK as they come, values still as text.
#[derive(Default)]
struct Members<'a> {
    kty: Option<&'a RawValue>,
    kid: Option<&'a RawValue>,
    alg: Option<&'a RawValue>,
    key_use: Option<&'a RawValue>,
    key_ops: Option<&'a RawValue>,
    n: Option<&'a RawValue>,
    e: Option<&'a RawValue>,
    d: Option<&'a RawValue>,
    p: Option<&'a RawValue>,
    q: Option<&'a RawValue>,
    dp: Option<&'a RawValue>,
    dq: Option<&'a RawValue>,
    qi: Option<&'a RawValue>,
    oth: Option<&'a RawValue>,
    crv: Option<&'a RawValue>,
    x: Option<&'a RawValue>,
    y: Option<&'a RawValue>,
    k: Option<&'a RawValue>,
    x5c: Option<&'a RawValue>,
    x5t_s256: Option<&'a RawValue>,
}

/// The most certificates of an `x5c`.
const MAX_CERTIFICATES: usize = 10;

impl<'a> Members<'a> {
    fn take(&mut self, name: &str, value: &'a RawValue) -> Result<(), ImportError> {
        let (member, place) = match name {
            "kty" => ("kty", &mut self.kty),
            "kid" => ("kid", &mut self.kid),
            "alg" => ("alg", &mut self.alg),
            "use" => ("use", &mut self.key_use),
            "key_ops" => ("key_ops", &mut self.key_ops),
            "n" => ("n", &mut self.n),
            "e" => ("e", &mut self.e),
            "d" => ("d", &mut self.d),
            "p" => ("p", &mut self.p),
            "q" => ("q", &mut self.q),
            "dp" => ("dp", &mut self.dp),
            "dq" => ("dq", &mut self.dq),
            "qi" => ("qi", &mut self.qi),
            "oth" => ("oth", &mut self.oth),
            "crv" => ("crv", &mut self.crv),
            "x" => ("x", &mut self.x),
            "y" => ("y", &mut self.y),
            "k" => ("k", &mut self.k),
            "x5c" => ("x5c", &mut self.x5c),
            "x5t#S256" => ("x5t#S256", &mut self.x5t_s256),
            _ => return Ok(()),
        };
        match place.replace(value) {
            None => Ok(()),
            Some(_) => {
                Err(ImportError::InvalidMember { member, reason: "appears twice: leave one" })
            }
        }
    }

    fn into_jwk(self) -> Result<Jwk, ImportError> {
        let kty = text("kty", self.kty)?.ok_or(ImportError::MissingMember("kty"))?;
        let kid = text("kid", self.kid)?;
        if let Some(kid) = &kid {
            checked_kid(kid)?;
        }
        let material = match kty.as_str() {
            "RSA" => self.rsa()?,
            "EC" | "OKP" => self.ec(&kty)?,
            "oct" => {
                let key = number("k", self.k)?.ok_or(ImportError::MissingMember("k"))?;
                KeyMaterial::Oct(OctKey::new(key)?)
            }
            _ => {
                return Err(ImportError::Unsupported(
                    "its kty is none of \"RSA\", \"EC\", \"OKP\" and \"oct\"",
                ));
            }
        };
        let certificates = self.x5c.map(|x5c| certificates(x5c, &material)).transpose()?;
        Ok(Jwk {
            material,
            kid,
            alg: text("alg", self.alg)?,
            key_use: text("use", self.key_use)?,
            key_ops: self.key_ops.map(key_ops).transpose()?,
            certificates: certificates.unwrap_or_default(),
            x5t_s256: self.x5t_s256.map(sha256_digest).transpose()?,
        })
    }

    fn ec(&self, kty: &str) -> Result<KeyMaterial, ImportError> {
        let name = text("crv", self.crv)?.ok_or(ImportError::MissingMember("crv"))?;
        let curve = Curve::from_name(&name).filter(|curve| curve.kty() == kty).ok_or(
            ImportError::Unsupported("its curve is none of P-256, P-384, P-521 and X25519"),
        )?;
        let coordinate = |member, value| {
            let bytes = number(member, value)?.ok_or(ImportError::MissingMember(member))?;
            // RFC 7518 §6.2.1.2: leading zero bytes are part of it.
            if bytes.len() == curve.secret_len() {
                Ok(bytes)
            } else {
                Err(ImportError::InvalidMember {
                    member,
                    reason: "is not as long as its curve has it, leading zeros included (RFC 7518 §6.2.1.2)",
                })
            }
        };
        let mut public = Vec::with_capacity(curve.public_len());
        if curve.is_nist() {
            public.push(4);
        }
        public.extend_from_slice(&coordinate("x", self.x)?);
        if curve.is_nist() {
            public.extend_from_slice(&coordinate("y", self.y)?);
        }
        let public = EcPublicKey::new(curve, &public)?;
        if self.d.is_none() {
            return Ok(KeyMaterial::EcPublic(public));
        }
        let secret = coordinate("d", self.d)?;
        Ok(KeyMaterial::EcPrivate(EcPrivateKey::new(curve, &secret, Some(public))?))
    }

    fn rsa(&self) -> Result<KeyMaterial, ImportError> {
        let n = number("n", self.n)?.ok_or(ImportError::MissingMember("n"))?;
        let e = number("e", self.e)?.ok_or(ImportError::MissingMember("e"))?;
        let public = RsaPublicKey::new(&n, &e)?;
        if self.oth.is_some() {
            return Err(ImportError::Unsupported(
                "an RSA key of more than two primes: make one of two",
            ));
        }
        let private =
            [("p", self.p), ("q", self.q), ("dp", self.dp), ("dq", self.dq), ("qi", self.qi)];
        let Some(d) = number("d", self.d)? else {
            // RFC 7518 §6.3.2: without "d" it is a public key, and the rest would be stray secrets.
            return match private.iter().find(|(_, value)| value.is_some()) {
                None => Ok(KeyMaterial::RsaPublic(public)),
                Some((member, _)) => Err(ImportError::InvalidMember {
                    member,
                    reason: "belongs to a private key, but \"d\" is missing",
                }),
            };
        };
        // RFC 7518 §6.3.2 lets a producer leave all of these out; then a recipient has to factor n. That
        // is work for whoever made the key.
        let required =
            |member, value| number(member, value)?.ok_or(ImportError::MissingMember(member));
        let (p, q) = (required("p", self.p)?, required("q", self.q)?);
        let (dp, dq) = (required("dp", self.dp)?, required("dq", self.dq)?);
        let qi = required("qi", self.qi)?;
        let numbers =
            RsaPrivateNumbers { d: d.as_slice(), p: &p, q: &q, dp: &dp, dq: &dq, qi: &qi };
        Ok(KeyMaterial::RsaPrivate(RsaPrivateKey::new(public, &numbers)?))
    }
}

fn text(member: &'static str, value: Option<&RawValue>) -> Result<Option<String>, ImportError> {
    value
        .map(|value| {
            json_object::string(value).map(std::borrow::Cow::into_owned).ok_or(
                ImportError::InvalidMember { member, reason: "is not a string: write it as one" },
            )
        })
        .transpose()
}

/// Decodes a base64url member. An escape in the JSON string is refused: base64url needs none, and
/// resolving it would leave a copy of a secret behind.
fn number(
    member: &'static str,
    value: Option<&RawValue>,
) -> Result<Option<Zeroizing<Vec<u8>>>, ImportError> {
    value
        .map(|value| {
            let text = json_object::plain_string(value).ok_or(ImportError::InvalidMember {
                member,
                reason: "is not a string without escapes",
            })?;
            base64url::decode_secret(text).map_err(|_| ImportError::InvalidMember {
                member,
                reason: "is not unpadded, canonical base64url (RFC 7515 §2)",
            })
        })
        .transpose()
}

fn key_ops(value: &RawValue) -> Result<Vec<String>, ImportError> {
    let invalid = |reason| ImportError::InvalidMember { member: "key_ops", reason };
    let ops: Vec<String> =
        serde_json::from_str(value.get()).map_err(|_| invalid("is not an array of strings"))?;
    let mut sorted: Vec<&String> = ops.iter().collect();
    sorted.sort();
    if sorted.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
        return Err(invalid("has a value twice (RFC 7517 §4.3)"));
    }
    Ok(ops)
}

/// The certificates of an `x5c` (RFC 7517 §4.7), of which the first must be of the key.
fn certificates(value: &RawValue, key: &KeyMaterial) -> Result<Vec<Certificate>, ImportError> {
    let invalid = |reason| ImportError::InvalidMember { member: "x5c", reason };
    let texts: Vec<std::borrow::Cow<'_, str>> =
        serde_json::from_str(value.get()).map_err(|_| invalid("is not an array of strings"))?;
    if texts.is_empty() || texts.len() > MAX_CERTIFICATES {
        return Err(invalid(
            "has no certificate, or more than 10: leave the key's own and its issuers'",
        ));
    }
    let certificates = texts
        .iter()
        .map(|text| {
            let der = base64_simd::STANDARD
                .decode_to_vec(text.as_bytes())
                .map_err(|_| invalid("is not of base64 with padding (RFC 4648 §4)"))?;
            Certificate::from_der(&der).map_err(|_| invalid("has something that is no certificate"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let same = certificates
        .first()
        .and_then(|own| own.key_material().ok())
        .is_some_and(|own| own.same_public_half(key));
    if same { Ok(certificates) } else { Err(invalid("begins with a certificate of another key")) }
}

/// The bytes of an `x5t#S256` (RFC 7517 §4.9).
fn sha256_digest(value: &RawValue) -> Result<[u8; 32], ImportError> {
    let digest = number("x5t#S256", Some(value))?.unwrap_or_default();
    digest.as_slice().try_into().map_err(|_| ImportError::InvalidMember {
        member: "x5t#S256",
        reason: "is not as long as a SHA-256 (RFC 7517 §4.9)",
    })
}

/// Writes a JSON object of strings into a buffer that never grows, so that no copy of a secret is
/// left in freed memory.
pub(crate) struct SecretJson(Zeroizing<String>);

impl SecretJson {
    /// Room for numbers of `numbers_len` bytes and labels of `labels_len`, of which each byte may
    /// become an escape of six; names and punctuation take far less than the rest.
    pub(crate) fn new(numbers_len: usize, labels_len: usize) -> Self {
        let capacity = numbers_len.saturating_mul(2).saturating_add(labels_len.saturating_mul(6));
        let mut json = Zeroizing::new(String::with_capacity(capacity.saturating_add(1024)));
        json.push('{');
        Self(json)
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
    }

    fn raw(&mut self, name: &str, json: &str) {
        self.name(name);
        self.0.push_str(json);
    }

    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.raw(name, &serde_json::Value::from(text).to_string());
    }

    pub(crate) fn secret(&mut self, name: &str, bytes: &[u8]) {
        self.name(name);
        self.0.push('"');
        base64url::encode_append_str(bytes, &mut self.0);
        self.0.push('"');
    }

    fn rsa_public(&mut self, key: &RsaPublicKey) {
        self.secret("n", key.n());
        self.secret("e", key.e());
    }

    fn ec_public(&mut self, key: &EcPublicKey) {
        self.text("crv", key.curve().name());
        self.secret("x", key.x());
        if let Some(y) = key.y() {
            self.secret("y", y);
        }
    }

    fn certificates(&mut self, certificates: &[Certificate]) {
        self.name("x5c");
        for (before, certificate) in
            core::iter::once("[\"").chain(core::iter::repeat("\",\"")).zip(certificates)
        {
            self.0.push_str(before);
            base64_simd::STANDARD.encode_append(certificate.der(), &mut *self.0);
        }
        self.0.push_str("\"]");
    }

    pub(crate) fn finish(mut self) -> Zeroizing<String> {
        self.0.push('}');
        self.0
    }
}

#[cfg(test)]
mod tests {
    use crate::error::ImportError;
    use crate::jwk::Jwk;
    use crate::key_material::KeyMaterial;

    /// RFC 7516 A.1.3.
    const PRIVATE: &str = concat!(
        r#"{"kty":"RSA","#,
        r#""n":"oahUIoWw0K0usKNuOR6H4wkf4oBUXHTxRvgb48E-BVvxkeDNjbC4he8rUWcJoZmds2h7M70imEVhRU5djINXtqllXI4DFqcI1DgjT9LewND8MW2Krf3Spsk_ZkoFnilakGygTwpZ3uesH-PFABNIUYpOiN15dsQRkgr0vEhxN92i2asbOenSZeyaxziK72UwxrrKoExv6kc5twXTq4h-QChLOln0_mtUZwfsRaMStPs6mS6XrgxnxbWhojf663tuEQueGC-FCMfra36C9knDFGzKsNa7LZK2djYgyD3JR_MB_4NUJW_TqOQtwHYbxevoJArm-L5StowjzGy-_bq6Gw","#,
        r#""e":"AQAB","#,
        r#""d":"kLdtIj6GbDks_ApCSTYQtelcNttlKiOyPzMrXHeI-yk1F7-kpDxY4-WY5NWV5KntaEeXS1j82E375xxhWMHXyvjYecPT9fpwR_M9gV8n9Hrh2anTpTD93Dt62ypW3yDsJzBnTnrYu1iwWRgBKrEYY46qAZIrA2xAwnm2X7uGR1hghkqDp0Vqj3kbSCz1XyfCs6_LehBwtxHIyh8Ripy40p24moOAbgxVw3rxT_vlt3UVe4WO3JkJOzlpUf-KTVI2Ptgm-dARxTEtE-id-4OJr0h-K-VFs3VSndVTIznSxfyrj8ILL6MG_Uv8YAu7VILSB3lOW085-4qE3DzgrTjgyQ","#,
        r#""p":"1r52Xk46c-LsfB5P442p7atdPUrxQSy4mti_tZI3Mgf2EuFVbUoDBvaRQ-SWxkbkmoEzL7JXroSBjSrK3YIQgYdMgyAEPTPjXv_hI2_1eTSPVZfzL0lffNn03IXqWF5MDFuoUYE0hzb2vhrlN_rKrbfDIwUbTrjjgieRbwC6Cl0","#,
        r#""q":"wLb35x7hmQWZsWJmB_vle87ihgZ19S8lBEROLIsZG4ayZVe9Hi9gDVCOBmUDdaDYVTSNx_8Fyw1YYa9XGrGnDew00J28cRUoeBB_jKI1oma0Orv1T9aXIWxKwd4gvxFImOWr3QRL9KEBRzk2RatUBnmDZJTIAfwTs0g68UZHvtc","#,
        r#""dp":"ZK-YwE7diUh0qR1tR7w8WHtolDx3MZ_OTowiFvgfeQ3SiresXjm9gZ5KLhMXvo-uz-KUJWDxS5pFQ_M0evdo1dKiRTjVw_x4NyqyXPM5nULPkcpU827rnpZzAJKpdhWAgqrXGKAECQH0Xt4taznjnd_zVpAmZZq60WPMBMfKcuE","#,
        r#""dq":"Dq0gfgJ1DdFGXiLvQEZnuKEN0UUmsJBxkjydc3j4ZYdBiMRAy86x0vHCjywcMlYYg4yoC4YZa9hNVcsjqA3FeiL19rk8g6Qn29Tt0cj8qqyFpz9vNDBUfCAiJVeESOjJDZPYHdHY8v1b-o-Z2X5tvLx-TCekf7oxyeKDUqKWjis","#,
        r#""qi":"VIMpMYbPf47dT1w_zDUXfPimsSegnMOA1zTaX7aGk_8urY6R8-ZW1FxU7AlWAyLWybqq6t16VFd7hQd0y6flUK4SlOydB61gwanOsXGOAOv82cHq0E3eL4HrtZkUuKvnPrMnsUUFlfUdybVzxyjz9JF_XyaY14ardLSjf4L_FNY""#,
        "}"
    );

    fn code(json: &str) -> &'static str {
        Jwk::from_json(json.as_bytes()).map(drop).unwrap_err().code()
    }

    #[test]
    fn a_private_key_is_the_same_through_json_and_der() {
        let jwk = Jwk::from_json(PRIVATE.as_bytes()).unwrap();
        assert_eq!(*jwk.to_json(), *PRIVATE);
        let KeyMaterial::RsaPrivate(key) = jwk.material() else { panic!("not private") };
        assert_eq!(*Jwk::from_der(key.pkcs8_der()).unwrap().to_json(), *PRIVATE);
        let public = jwk.to_public().unwrap();
        let spki = Jwk::from_der(key.public().spki_der()).unwrap();
        assert_eq!(*spki.to_json(), *public.to_json());
        assert!(!public.is_private() && jwk.is_private());
        for member in ["\"d\"", "\"p\"", "\"q\"", "\"dp\"", "\"dq\"", "\"qi\""] {
            assert!(!public.to_json().contains(member) && jwk.to_json().contains(member));
        }
    }

    #[test]
    fn nothing_secret_is_shown() {
        let shown = format!("{:?}", Jwk::from_json(PRIVATE.as_bytes()).unwrap());
        assert!(shown.len() < 200 && !shown.contains("kLdt") && !shown.contains("90"), "{shown}");
        let oct = Jwk::from_json(br#"{"kty":"oct","k":"c2VjcmV0","kid":"k"}"#).unwrap();
        let shown = format!("{oct:?}");
        assert!(
            !shown.contains("c2Vj") && !shown.contains("115") && !shown.contains("secret"),
            "{shown}"
        );
    }

    #[test]
    fn a_stray_or_missing_private_member_is_refused() {
        for member in ["d", "p", "q", "dp", "dq", "qi"] {
            let mut json: serde_json::Map<_, _> = serde_json::from_str(PRIVATE).unwrap();
            json.remove(member);
            let expected = if member == "d" { "key_invalid_member" } else { "key_missing_member" };
            assert_eq!(code(&serde_json::Value::Object(json).to_string()), expected, "{member}");
        }
        assert_eq!(code(&PRIVATE.replace("\"e\":", "\"oth\":[],\"e\":")), "key_unsupported");
    }

    #[test]
    fn members_are_typed_and_stand_once() {
        for (json, expected) in [
            (r#"{"kty":"RSA"}"#, "key_missing_member"),
            (r#"{"k":"AQ"}"#, "key_missing_member"),
            (r#"{"kty":"EC","crv":"P-256"}"#, "key_missing_member"),
            (r#"{"kty":"EC"}"#, "key_missing_member"),
            (r#"{"kty":"EC","crv":5}"#, "key_invalid_member"),
            (r#"{"kty":"EC","crv":"P-256K"}"#, "key_unsupported"),
            (r#"{"kty":"EC","crv":"X25519","x":"AQ"}"#, "key_unsupported"),
            (r#"{"kty":"OKP","crv":"P-256","x":"AQ"}"#, "key_unsupported"),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"AQ"}"#, "key_unsupported"),
            (r#"{"kty":"OKP","crv":"X25519"}"#, "key_missing_member"),
            (r#"{"kty":"AKP","pub":"AQ"}"#, "key_unsupported"),
            (r#"{"kty":["oct"],"k":"AQ"}"#, "key_invalid_member"),
            (r#"{"kty":"oct","kty":"oct","k":"AQ"}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"AQ","\u006b":"Ag"}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":1}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"A\u0051"}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"AQ=="}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"AR"}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":""}"#, "key_weak"),
            (r#"{"kty":"oct","k":"AAAA"}"#, "key_weak"),
            (r#"{"kty":"oct","k":"AQ","kid":5}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"AQ","kid":""}"#, "key_invalid_kid"),
            (r#"{"kty":"oct","k":"AQ","alg":null}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"AQ","use":[]}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"AQ","key_ops":"encrypt"}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"AQ","key_ops":["encrypt","encrypt"]}"#, "key_invalid_member"),
            (r#"{"kty":"oct","k":"AQ"} x"#, "key_not_json"),
            ("[]", "key_not_json"),
            ("", "key_not_json"),
        ] {
            assert_eq!(code(json), expected, "{json}");
        }
        assert!(Jwk::from_json(br#"{"zz":[1e999],"kty":"oct","k":"AQ","zz":2}"#).is_ok());
        let long = format!(r#"{{"kty":"oct","k":"AQ","x":"{}"}}"#, " ".repeat(64 * 1024));
        assert_eq!(code(&long), "key_too_large");
    }

    /// RFC 7518 C, Bob.
    const P256: &str = concat!(
        r#"{"kty":"EC","crv":"P-256","#,
        r#""x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ","#,
        r#""y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","#,
        r#""d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#
    );
    /// RFC 7520 §3.2: its x begins with a zero byte.
    const P521: &str = concat!(
        r#"{"kty":"EC","crv":"P-521","#,
        r#""x":"AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt","#,
        r#""y":"AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1","#,
        r#""d":"AAhRON2r9cqXX1hg-RoI6R1tX5p2rUAYdmpHZoC1XNM56KtscrX6zbKipQrCW9CGZH3T4ubpnoTKLDYJ_fF3_rJt"}"#
    );
    /// RFC 8037 A.6, Bob.
    const X25519: &str =
        r#"{"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}"#;

    fn with(json: &str, member: &str, bytes: &[u8]) -> String {
        let mut json: serde_json::Map<_, _> = serde_json::from_str(json).unwrap();
        json.insert(member.to_owned(), crate::base64url::encode(bytes).into());
        serde_json::Value::Object(json).to_string()
    }

    fn bytes(json: &str, member: &str) -> Vec<u8> {
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        crate::base64url::decode_secret(json[member].as_str().unwrap()).unwrap().to_vec()
    }

    #[test]
    fn keys_for_agreement_are_the_same_through_json() {
        for json in [P256, P521] {
            let key = Jwk::from_json(json.as_bytes()).unwrap();
            assert_eq!(*key.to_json(), *json);
            assert!(key.is_private());
            let public = key.to_public().unwrap();
            assert!(!public.is_private() && !public.to_json().contains("\"d\""));
        }
        assert_eq!(*Jwk::from_json(X25519.as_bytes()).unwrap().to_json(), *X25519);
    }

    #[test]
    fn coordinates_and_private_parts_have_their_curve_s_length() {
        for (json, members) in [(P256, "xyd"), (P521, "xyd"), (X25519, "x")] {
            for member in members.chars().map(String::from) {
                let good = bytes(json, &member);
                let mut longer = vec![0];
                longer.extend_from_slice(&good);
                for wrong in [&good[1..], &longer, &good[..good.len() - 1], &[]] {
                    let code = code(&with(json, &member, wrong));
                    assert_eq!(code, "key_invalid_member", "{member} of {}", wrong.len());
                }
                let missing = json.replace(&format!("\"{member}\""), "\"other\"");
                if member != "d" {
                    assert_eq!(code(&missing), "key_missing_member", "{member}");
                }
            }
        }
        let private = |len| Jwk::from_json(with(X25519, "d", &vec![7; len]).as_bytes());
        assert!(private(32).unwrap().is_private());
        for len in [0, 31, 33] {
            assert_eq!(private(len).unwrap_err().code(), "key_invalid_member", "{len}");
        }
        // Some write P-521 without the leading zero byte, against RFC 7518 §6.2.1.2.
        assert_eq!(bytes(P521, "x")[0], 0);
    }

    #[test]
    fn numbers_that_are_no_key_are_refused() {
        let zeros = [0; 32];
        let ones = [0xff; 32];
        assert_eq!(code(&with(P256, "x", &ones)), "key_weak", "not less than the prime");
        assert_eq!(code(&with(P256, "d", &zeros)), "key_weak");
        assert_eq!(code(&with(&with(P256, "x", &zeros), "y", &zeros)), "key_weak");
        assert_eq!(code(&with(X25519, "x", &zeros)), "key_weak");
        let mut beyond = bytes(P521, "y");
        beyond[0] = 2;
        assert_eq!(code(&with(P521, "y", &beyond)), "key_weak");
    }

    #[test]
    fn a_number_of_a_private_rsa_key_is_less_than_the_modulus() {
        let n = bytes(PRIVATE, "n");
        let mut below = n.clone();
        *below.last_mut().unwrap() -= 1;
        let mut shifted = below.clone();
        shifted.push(0);
        for member in ["d", "p", "q", "dp", "dq", "qi"] {
            assert!(Jwk::from_json(with(PRIVATE, member, &below).as_bytes()).is_ok(), "{member}");
            for wrong in [&n[..], &shifted, &[], &[0], &[0; 256]] {
                assert_eq!(code(&with(PRIVATE, member, wrong)), "key_weak", "{member}");
            }
        }
        // A quarter of the modulus is 512 bits.
        for prime in ["p", "q"] {
            let mut shortest = [0; 64];
            shortest[0] = 0x80;
            assert!(Jwk::from_json(with(PRIVATE, prime, &shortest).as_bytes()).is_ok());
            shortest[0] = 0x7f;
            assert_eq!(code(&with(PRIVATE, prime, &shortest)), "key_weak");
        }
    }

    #[test]
    fn the_place_of_an_error_is_told() {
        let error = Jwk::from_json(b"{\"kty\":\"oct\",\n\"k\" \"AQ\"}").unwrap_err();
        assert_eq!(error, ImportError::NotJson { line: 2, column: 5 });
    }

    #[test]
    fn weak_rsa_keys_are_refused() {
        let rsa = |n: &[u8], e: &[u8]| {
            let text = crate::base64url::encode;
            let json = format!(r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#, text(n), text(e));
            Jwk::from_json(json.as_bytes())
                .map(|jwk| jwk.is_private())
                .map_err(|error| error.code())
        };
        let f4 = [1, 0, 1];
        let n = |len: usize, first: u8, last: u8| {
            let mut n = vec![0xff; len];
            n[0] = first;
            n[len - 1] = last;
            n
        };
        assert_eq!(rsa(&n(256, 0x80, 1), &f4), Ok(false));
        assert_eq!(
            rsa(&n(257, 0, 1), &f4),
            Ok(false),
            "a leading zero byte is no part of the number"
        );
        assert_eq!(rsa(&n(1024, 0xff, 1), &f4), Ok(false));
        assert_eq!(rsa(&n(256, 0x80, 1), &[3]), Ok(false));
        assert_eq!(rsa(&n(256, 0x80, 1), &[1, 0xff, 0xff, 0xff, 0xff]), Ok(false), "33 bits");
        for (n, e) in [
            (n(256, 0x7f, 1), &f4[..]),
            (n(1025, 1, 1), &f4),
            (n(256, 0x80, 0), &f4),
            (vec![], &f4),
            (n(256, 0x80, 1), &[]),
            (n(256, 0x80, 1), &[0]),
            (n(256, 0x80, 1), &[1]),
            (n(256, 0x80, 1), &[2]),
            (n(256, 0x80, 1), &[1, 0, 0]),
            (n(256, 0x80, 1), &[2, 0, 0, 0, 1]),
            (n(256, 0x80, 1), &[1, 0, 0, 0, 0, 0, 0, 0, 1]),
        ] {
            assert_eq!(rsa(&n, e), Err("key_weak"), "{} {e:?}", n.len());
        }
    }
}
