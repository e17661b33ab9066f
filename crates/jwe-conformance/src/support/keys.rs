//! The throw-away RSA keys of `vectors/keys.json`, as numbers, as JWKs and as key material.

use std::sync::LazyLock;

use jwe_core::{ImportError, KeyMaterial, OctKey, RsaPrivateKey, RsaPublicKey, Zeroizing};
use num_bigint::BigUint;
use serde_json::{Map, Value, json};

use super::bytes::{base64url, left_padded, unbase64url};

/// The numbers of a private RSA key (RFC 7518 §6.3), big-endian.
#[derive(Clone)]
pub(crate) struct RsaNumbers {
    pub(crate) name: String,
    pub(crate) n: Vec<u8>,
    pub(crate) e: Vec<u8>,
    pub(crate) d: Vec<u8>,
    pub(crate) p: Vec<u8>,
    pub(crate) q: Vec<u8>,
    pub(crate) dp: Vec<u8>,
    pub(crate) dq: Vec<u8>,
    pub(crate) qi: Vec<u8>,
}

static KEYS: LazyLock<Vec<RsaNumbers>> = LazyLock::new(|| {
    let file: Value =
        serde_json::from_str(include_str!("../../vectors/keys.json")).expect("vectors/keys.json");
    file["keys"]
        .as_array()
        .expect("vectors/keys.json: keys")
        .iter()
        .map(RsaNumbers::from_jwk)
        .collect()
});

/// The throw-away key `throw-away-{name}` of the kit.
pub(crate) fn rsa(name: &str) -> &'static RsaNumbers {
    KEYS.iter()
        .find(|key| key.name.strip_prefix("throw-away-") == Some(name))
        .unwrap_or_else(|| panic!("vectors/keys.json has no key throw-away-{name}"))
}

impl RsaNumbers {
    pub(crate) fn from_jwk(jwk: &Value) -> Self {
        let number = |member: &str| {
            unbase64url(jwk[member].as_str().expect("a private RSA JWK has all members"))
        };
        Self {
            name: jwk["kid"].as_str().unwrap_or("without kid").to_owned(),
            n: number("n"),
            e: number("e"),
            d: number("d"),
            p: number("p"),
            q: number("q"),
            dp: number("dp"),
            dq: number("dq"),
            qi: number("qi"),
        }
    }

    /// The number of that JWK member, to be changed.
    pub(crate) fn member(&mut self, member: &str) -> &mut Vec<u8> {
        match member {
            "n" => &mut self.n,
            "e" => &mut self.e,
            "d" => &mut self.d,
            "p" => &mut self.p,
            "q" => &mut self.q,
            "dp" => &mut self.dp,
            "dq" => &mut self.dq,
            "qi" => &mut self.qi,
            other => panic!("no member {other}"),
        }
    }

    /// The length of the modulus in bytes.
    pub(crate) fn modulus_len(&self) -> usize {
        self.n.len()
    }

    /// A member as an integer.
    pub(crate) fn integer(bytes: &[u8]) -> BigUint {
        BigUint::from_bytes_be(bytes)
    }

    /// The public half as a JWK object without `alg` and `use`.
    pub(crate) fn public_jwk(&self) -> Map<String, Value> {
        let jwk = json!({
            "kty": "RSA", "kid": self.name, "n": base64url(&self.n), "e": base64url(&self.e),
        });
        object(jwk)
    }

    /// The key as a JWK object without `alg` and `use`.
    pub(crate) fn private_jwk(&self) -> Map<String, Value> {
        let mut jwk = self.public_jwk();
        for (member, number) in [
            ("d", &self.d),
            ("p", &self.p),
            ("q", &self.q),
            ("dp", &self.dp),
            ("dq", &self.dq),
            ("qi", &self.qi),
        ] {
            jwk.insert(member.to_owned(), json!(base64url(number)));
        }
        jwk
    }

    /// The public half as key material.
    pub(crate) fn public(&self) -> RsaPublicKey {
        RsaPublicKey::new(&self.n, &self.e).expect("a key of the kit is in range")
    }

    /// The public half as key material.
    pub(crate) fn public_material(&self) -> KeyMaterial {
        KeyMaterial::RsaPublic(self.public())
    }

    /// The key as key material.
    ///
    /// # Errors
    /// What jwe-core says of numbers that are out of range.
    pub(crate) fn private_material(&self) -> Result<KeyMaterial, ImportError> {
        RsaPrivateKey::from_pkcs8_der(&self.pkcs8_der()).map(KeyMaterial::RsaPrivate)
    }

    /// A PKCS #8 `PrivateKeyInfo` (RFC 5208 §5) around an `RSAPrivateKey` (RFC 8017 §A.1.2),
    /// whether or not the numbers belong together.
    pub(crate) fn pkcs8_der(&self) -> Vec<u8> {
        const VERSION_0: &[u8] = &[0x02, 0x01, 0x00];
        const RSA_ENCRYPTION: &[u8] = &[
            0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05,
            0x00,
        ];
        let mut pkcs1 = VERSION_0.to_vec();
        for number in [&self.n, &self.e, &self.d, &self.p, &self.q, &self.dp, &self.dq, &self.qi] {
            // A DER INTEGER is signed and as short as can be.
            let digits = Self::integer(number).to_bytes_be();
            let sign = usize::from(digits[0] >= 0x80);
            pkcs1.extend(der(0x02, &left_padded(&digits, digits.len() + sign)));
        }
        let mut info = [VERSION_0, RSA_ENCRYPTION].concat();
        info.extend(der(0x04, &der(0x30, &pkcs1)));
        der(0x30, &info)
    }
}

/// One DER element.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> =
        content.len().to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    let mut out = vec![tag];
    if content.len() < 0x80 {
        out.push(u8::try_from(content.len()).expect("below 0x80"));
    } else {
        out.push(0x80 | u8::try_from(digits.len()).expect("at most eight"));
        out.extend(digits);
    }
    out.extend_from_slice(content);
    out
}

/// A symmetric key as key material.
pub(crate) fn oct_material(key: &[u8]) -> KeyMaterial {
    KeyMaterial::Oct(
        OctKey::new(Zeroizing::new(key.to_vec())).expect("a symmetric key of the kit is not zero"),
    )
}

/// A symmetric key as a JWK object.
pub(crate) fn oct_jwk(key: &[u8]) -> Map<String, Value> {
    object(json!({ "kty": "oct", "kid": "throw-away-oct", "k": base64url(key) }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => panic!("a JSON object"),
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::{KEYS, RsaNumbers};

    #[test]
    fn the_throw_away_keys_are_what_their_names_say() {
        for key in KEYS.iter() {
            let [n, e, d, p, q, dp, dq, qi] =
                [&key.n, &key.e, &key.d, &key.p, &key.q, &key.dp, &key.dq, &key.qi]
                    .map(|number| RsaNumbers::integer(number));
            let one = BigUint::from(1u8);
            assert_eq!(&p * &q, n, "{}", key.name);
            assert_eq!((&d * &e) % (&p - 1u8), one, "{}", key.name);
            assert_eq!((&d * &e) % (&q - 1u8), one, "{}", key.name);
            assert!(dp == &d % (&p - 1u8) && dq == &d % (&q - 1u8), "{}", key.name);
            assert_eq!((qi * &q) % &p, one, "{}", key.name);
            let mut words = key.name.trim_start_matches("throw-away-").split('-');
            let bits = words.next().and_then(|word| word.parse().ok());
            assert_eq!(bits, Some(n.bits()), "{}", key.name);
            let wanted = match words.next() {
                Some("e3") => BigUint::from(3u8),
                Some("e33") => BigUint::from(0x1_0000_0001_u64),
                _ => BigUint::from(65_537u32),
            };
            assert_eq!(e, wanted, "{}", key.name);
        }
    }
}
