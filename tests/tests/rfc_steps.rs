//! The single steps that the RFCs print: RFC 7518 B and C, RFC 8037 A.6, RFC 7517 C.4, through the
//! traits of every backend.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use jwe::{
    Alg, Backend, Curve, Decrypter, DecryptionKey, Direction, Enc, EncryptError, Encrypter,
    EncryptionKey, Jwk, KeyOptions,
};
use jwe_core::hazmat::{self, FixedInputs};
use jwe_core::{
    BackendError, DecryptionKeyImport, EcPrivateKey, KeyMaterial, OctKey, RecipientContext,
    RecipientKey, SenderContext, SenderKey, StaticAgreement, Zeroizing,
};
use jwe_tests::capability::backends;
use jwe_tests::parts::Parts;
use jwe_tests::rfc_values::{self, bytes, hex};
use jwe_tests::skip::say;
use jwe_tests::{base64url, reading};
use serde_json::{Value, json};

/// RFC 7518 B: AES-CBC with HMAC, both ways.
#[test]
fn content_encryption_of_rfc_7518_b() {
    for backend in backends().iter() {
        let mut same = 0;
        for value in rfc_values::primitives() {
            if value["kind"] != "aes-cbc-hmac" {
                continue;
            }
            let [key, iv, aad, msg, ct, tag] =
                ["key", "iv", "aad", "msg", "ct", "tag"].map(|name| hex(&value[name]));
            let enc =
                Enc::ALL.iter().copied().find(|enc| enc.is_cbc() && enc.cek_len() == key.len());
            let enc = enc.unwrap();
            let object = backend.content_encryption(enc, Direction::Encrypt).unwrap();
            let mut buffer = msg.clone();
            buffer.resize(enc.ciphertext_len(msg.len()).unwrap(), 0);
            let mut made = vec![0; enc.tag_len()];
            object.seal(&key, &iv, &aad, &mut buffer, msg.len(), &mut made).unwrap();
            assert_eq!((&buffer, &made), (&ct, &tag), "{} on {backend}", value["id"]);
            let len = object.open(&key, &iv, &aad, &mut buffer, &tag).unwrap();
            assert_eq!(buffer[..len], msg, "{} on {backend}", value["id"]);
            same += 1;
        }
        say(format_args!("RFC 7518 B on {backend}: {same} sealed and opened"));
        assert_eq!(same, 3);
    }
}

/// The sides of an agreement that a backend can take.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sides {
    /// The agreed secret, once from each private key.
    secrets: usize,
    /// The derived key, once from each side.
    keys: usize,
    /// The backend lists no recipient's side.
    recipient_gap: usize,
    /// The backend's library makes its ephemeral keys itself and imports none.
    no_given_ephemeral: usize,
}

const BOTH: Sides = Sides { secrets: 2, keys: 2, recipient_gap: 0, no_given_ephemeral: 0 };
const RING: Sides = Sides { secrets: 0, keys: 0, recipient_gap: 1, no_given_ephemeral: 1 };

fn recipient_import(
    backend: &'static Backend,
    alg: Alg,
    curve: Curve,
) -> Option<&'static dyn DecryptionKeyImport> {
    let listed = reading::lists_key(backend, Direction::Decrypt, alg, Some(curve));
    match backend.decryption_key_import(alg, Some(curve)) {
        Ok((_, import)) => Some(import).filter(|_| listed),
        Err(gap) => {
            assert!(!listed, "{gap}");
            None
        }
    }
}

fn secret(agreement: &dyn StaticAgreement, private: &EcPrivateKey, epk: &[u8]) -> Vec<u8> {
    let mut z = vec![0; private.curve().secret_len()];
    agreement.import(private).unwrap().agree(epk, &mut z).unwrap();
    z
}

/// RFC 7518 C: `ECDH-ES` on P-256, with `apu` and `apv`.
#[test]
fn key_agreement_of_rfc_7518_c() {
    let value = rfc_values::primitive("rfc7518-C");
    let [own, ephemeral] =
        ["static", "ephemeral"].map(|name| rfc_values::agreement_key(&value[name]));
    let [apu, apv] = ["apu_b64u", "apv_b64u"].map(|name| bytes(&value[name]));
    let (z, derived) = (hex(&value["z_hex"]), bytes(&value["derived_b64u"]));
    let enc = Enc::from_name(value["enc"].as_str().unwrap()).unwrap();
    let [public, epk] = [&own, &ephemeral].map(|key| key.public().unwrap().as_bytes());
    for (backend, expected) in backends().iter().copied().zip([BOTH, BOTH, RING]) {
        let mut sides = Sides::default();
        if let Some(import) = recipient_import(backend, Alg::EcdhEs, Curve::P256) {
            let agreement = import.static_agreement().unwrap();
            assert_eq!(secret(agreement, &own, epk), z, "{backend}");
            assert_eq!(secret(agreement, &ephemeral, public), z, "{backend}");
            sides.secrets += 2;
            let material = KeyMaterial::EcPrivate(own.clone());
            let RecipientKey::Derive(key) = import.import(&material).unwrap() else {
                panic!("ECDH-ES determines the CEK")
            };
            let context = RecipientContext::new(enc)
                .with_agreement_info(&apu, &apv)
                .with_epk(Curve::P256, epk);
            let mut cek = vec![0; enc.cek_len()];
            key.derive_key(&context, &mut cek).unwrap();
            assert_eq!(cek, derived, "{backend}");
            sides.keys += 1;
        } else {
            sides.recipient_gap += 1;
        }
        let (_, import) = backend.encryption_key_import(Alg::EcdhEs, Some(Curve::P256)).unwrap();
        let material = KeyMaterial::EcPublic(own.public().unwrap().clone());
        let SenderKey::Derive(key) = import.import(&material).unwrap() else {
            panic!("ECDH-ES determines the CEK")
        };
        let mut context = SenderContext::new(enc, backend.random())
            .with_agreement_info(&apu, &apv)
            .with_ephemeral(&ephemeral);
        let mut cek = vec![0; enc.cek_len()];
        match key.derive_key(&mut context, &mut cek) {
            Ok(()) => {
                assert_eq!((cek, context.epk()), (derived.clone(), epk), "{backend}");
                sides.keys += 1;
            }
            Err(BackendError) => sides.no_given_ephemeral += 1,
        }
        say(format_args!("RFC 7518 C on {backend}: {sides:?}"));
        assert_eq!(sides, expected, "{backend}");
    }
}

/// RFC 8037 A.6: X25519. The RFC prints the secret and the header, but no encrypted key, so the
/// derived key is looked at by a message that is made with the ephemeral key and opened again.
#[test]
fn key_agreement_of_rfc_8037_a_6() {
    let value = rfc_values::primitive("rfc8037-A.6");
    let key = |secret: &str, public: &Value| {
        let mut jwk = public.clone();
        jwk["d"] = json!(base64url::encode(&hex(&value[secret])));
        jwk
    };
    let own = key("static_private_hex", &value["static_jwk"]);
    let ephemeral = rfc_values::agreement_key(&key("ephemeral_private_hex", &value["epk"]));
    let own_key = rfc_values::agreement_key(&own);
    let [public, epk] = [&own_key, &ephemeral].map(|key| key.public().unwrap().as_bytes());
    let z = hex(&value["z_hex"]);
    let header = &value["header"];
    let alg = Alg::from_name(header["alg"].as_str().unwrap()).unwrap();
    let enc = Enc::from_name(header["enc"].as_str().unwrap()).unwrap();
    let options = KeyOptions::new().with_alg(alg);
    let own = Jwk::from_json(own.to_string().as_bytes()).unwrap();
    for (backend, expected) in backends().iter().copied().zip([BOTH, BOTH, RING]) {
        let mut sides = Sides::default();
        let recipient = recipient_import(backend, alg, Curve::X25519);
        if let Some(import) = recipient {
            let agreement = import.static_agreement().unwrap();
            assert_eq!(secret(agreement, &own_key, epk), z, "{backend}");
            assert_eq!(secret(agreement, &ephemeral, public), z, "{backend}");
            sides.secrets += 2;
        } else {
            sides.recipient_gap += 1;
        }
        let sender = EncryptionKey::import(backend, &own, &options).unwrap();
        let encrypter = Encrypter::new(backend, &sender, enc).unwrap();
        let (cek, iv) = (vec![7; enc.cek_len()], vec![9; enc.iv_len()]);
        let fixed =
            FixedInputs { cek: &cek, iv: &iv, key_inputs: &[], ephemeral: Some(&ephemeral) };
        match hazmat::encrypt(&encrypter, b"It's fixed", &fixed) {
            Ok(token) => {
                let made: Value = serde_json::from_str(&Parts::of(&token).header_json()).unwrap();
                assert_eq!(made, *header, "{backend}");
                sides.keys += 1;
                let key = DecryptionKey::import(backend, &own, &options).unwrap();
                let decrypter = Decrypter::new(backend, [key], &[enc]).unwrap();
                assert_eq!(*decrypter.decrypt(&token).unwrap(), b"It's fixed", "{backend}");
                sides.keys += 1;
            }
            Err(error) => {
                assert_eq!(error, EncryptError::Backend);
                sides.no_given_ephemeral += 1;
            }
        }
        say(format_args!("RFC 8037 A.6 on {backend}: {sides:?}"));
        assert_eq!(sides, expected, "{backend}");
    }
}

/// RFC 7517 C.4: the key derived from the password wraps as `A128KW` does with the printed key.
#[test]
fn password_of_rfc_7517_c_4() {
    let value = rfc_values::primitive("rfc7517-C.4");
    let oct = |bytes: &[u8]| KeyMaterial::Oct(OctKey::new(Zeroizing::new(bytes.to_vec())).unwrap());
    let password = oct(value["password"].as_str().unwrap().as_bytes());
    let derived = oct(&hex(&value["derived_hex"]));
    let (p2s, p2c) = (bytes(&value["p2s_b64u"]), value["p2c"].as_u64().unwrap());
    let p2c = u32::try_from(p2c).unwrap();
    let cek = [3; 32];
    for backend in backends().iter() {
        let wrap = |alg: Alg, material: &KeyMaterial| {
            let (_, import) = backend.encryption_key_import(alg, None).unwrap();
            let SenderKey::Wrap(key) = import.import(material).unwrap() else {
                panic!("the key wraps")
            };
            let mut context = SenderContext::new(Enc::A256Gcm, backend.random());
            if alg.is_pbes2() {
                context = context.with_salt_and_count(&p2s, p2c);
            }
            let mut wrapped = vec![0; key.encrypted_key_len(cek.len())];
            key.wrap_key(&mut context, &cek, &mut wrapped).unwrap();
            wrapped
        };
        let alg = Alg::from_name(value["alg"].as_str().unwrap()).unwrap();
        let by_password = wrap(alg, &password);
        assert_eq!(by_password, wrap(Alg::A128Kw, &derived), "{backend}");
        let (_, import) = backend.decryption_key_import(Alg::A128Kw, None).unwrap();
        let RecipientKey::Unwrap(key) = import.import(&derived).unwrap() else {
            panic!("the key unwraps")
        };
        let mut out = [0; 64];
        let len =
            key.unwrap_key(&RecipientContext::new(Enc::A256Gcm), &by_password, &mut out).unwrap();
        assert_eq!(out[..len], cek, "{backend}");
    }
    say(format_args!("RFC 7517 C.4: on {} backends", backends().len()));
    assert_eq!(rfc_values::primitives().len(), 6);
}
