//! `ECDH-ES` and `ECDH-ES+A128KW`, `+A192KW`, `+A256KW` (RFC 7518 §4.6), put together from their
//! parts.

use jwe_core::aes_key_wrap::AesKeyWrap;
use jwe_core::{Alg, EcdhEsRecipient, EcdhEsSender};

use crate::aes_key_wrap::KEY_WRAP;
use crate::concat_kdf::concat_kdf;
use crate::key_agreement::AGREEMENT;

const fn sender(alg: Alg) -> EcdhEsSender {
    EcdhEsSender::new(alg, &AGREEMENT, concat_kdf, key_wrap(alg), implementation(alg))
}

const fn recipient(alg: Alg) -> EcdhEsRecipient {
    EcdhEsRecipient::new(alg, &AGREEMENT, concat_kdf, key_wrap(alg), implementation(alg))
}

const fn key_wrap(alg: Alg) -> Option<&'static dyn AesKeyWrap> {
    if alg.kek_len().is_some() { Some(&KEY_WRAP) } else { None }
}

const fn implementation(alg: Alg) -> &'static str {
    if alg.kek_len().is_some() {
        "OpenSSL ECDH, RFC 3394 of jwe-core over OpenSSL AES"
    } else {
        "OpenSSL ECDH"
    }
}

pub(crate) static ECDH_ES_SENDER: EcdhEsSender = sender(Alg::EcdhEs);
pub(crate) static ECDH_ES_A128KW_SENDER: EcdhEsSender = sender(Alg::EcdhEsA128Kw);
pub(crate) static ECDH_ES_A192KW_SENDER: EcdhEsSender = sender(Alg::EcdhEsA192Kw);
pub(crate) static ECDH_ES_A256KW_SENDER: EcdhEsSender = sender(Alg::EcdhEsA256Kw);

pub(crate) static ECDH_ES_RECIPIENT: EcdhEsRecipient = recipient(Alg::EcdhEs);
pub(crate) static ECDH_ES_A128KW_RECIPIENT: EcdhEsRecipient = recipient(Alg::EcdhEsA128Kw);
pub(crate) static ECDH_ES_A192KW_RECIPIENT: EcdhEsRecipient = recipient(Alg::EcdhEsA192Kw);
pub(crate) static ECDH_ES_A256KW_RECIPIENT: EcdhEsRecipient = recipient(Alg::EcdhEsA256Kw);

#[cfg(test)]
mod tests {
    use jwe_core::{
        Alg, BackendError, Curve, DecryptionKeyImport, EcPrivateKey, EcPublicKey, EcdhEsRecipient,
        EcdhEsSender, Enc, EncryptionKeyImport, KeyMaterial, KeyRejected, RecipientContext,
        RecipientKey, SenderContext, SenderKey,
    };

    use super::{
        ECDH_ES_A128KW_RECIPIENT, ECDH_ES_A128KW_SENDER, ECDH_ES_A192KW_RECIPIENT,
        ECDH_ES_A192KW_SENDER, ECDH_ES_A256KW_RECIPIENT, ECDH_ES_A256KW_SENDER, ECDH_ES_RECIPIENT,
        ECDH_ES_SENDER,
    };
    use crate::curve_keys::private_key;
    use crate::random_source::OPENSSL_RANDOM;
    use crate::test_data::{hex, random};

    const PAIRS: [(&EcdhEsSender, &EcdhEsRecipient); 4] = [
        (&ECDH_ES_SENDER, &ECDH_ES_RECIPIENT),
        (&ECDH_ES_A128KW_SENDER, &ECDH_ES_A128KW_RECIPIENT),
        (&ECDH_ES_A192KW_SENDER, &ECDH_ES_A192KW_RECIPIENT),
        (&ECDH_ES_A256KW_SENDER, &ECDH_ES_A256KW_RECIPIENT),
    ];

    /// A private key and its public half.
    fn pair(curve: Curve) -> (EcPrivateKey, EcPublicKey) {
        let mut secret = random(curve.secret_len());
        secret[0] = 0;
        let key = EcPrivateKey::new(curve, &secret, None).unwrap();
        let public = private_key(&key).unwrap().public;
        let public = EcPublicKey::new(curve, &public).unwrap();
        (EcPrivateKey::new(curve, &secret, Some(public.clone())).unwrap(), public)
    }

    /// The CEK that a sender's key makes or wraps, its encrypted key, and the epk.
    fn send(key: &SenderKey, enc: Enc) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        let mut context =
            SenderContext::new(enc, &OPENSSL_RANDOM).with_agreement_info(b"Alice", b"Bob");
        let mut cek = random(enc.cek_len());
        let mut encrypted = vec![];
        match key {
            SenderKey::Wrap(key) => {
                encrypted = vec![0; key.encrypted_key_len(cek.len())];
                key.wrap_key(&mut context, &cek, &mut encrypted).unwrap();
            }
            SenderKey::Derive(key) => key.derive_key(&mut context, &mut cek).unwrap(),
            _ => panic!("wraps or derives"),
        }
        (cek, encrypted, context.epk().to_vec())
    }

    fn receive(
        key: &RecipientKey,
        context: &RecipientContext<'_>,
        encrypted: &[u8],
    ) -> Result<Vec<u8>, BackendError> {
        let mut cek = vec![0; context.enc().cek_len()];
        match key {
            RecipientKey::Unwrap(key) => {
                let len = key.unwrap_key(context, encrypted, &mut cek)?;
                assert_eq!(len, cek.len());
            }
            RecipientKey::Derive(key) => key.derive_key(context, &mut cek)?,
            _ => panic!("unwraps or derives"),
        }
        Ok(cek)
    }

    #[test]
    fn the_recipient_gets_the_senders_cek() {
        for curve in Curve::ALL.iter().copied() {
            let (private, public) = pair(curve);
            for (sender, recipient) in PAIRS {
                let sender = sender.import(&KeyMaterial::EcPublic(public.clone())).unwrap();
                let recipient = recipient.import(&KeyMaterial::EcPrivate(private.clone())).unwrap();
                for enc in Enc::ALL.iter().copied() {
                    let (cek, encrypted, epk) = send(&sender, enc);
                    let context = RecipientContext::new(enc).with_agreement_info(b"Alice", b"Bob");
                    let good = context.with_epk(curve, &epk);
                    assert_eq!(receive(&recipient, &good, &encrypted), Ok(cek.clone()), "{curve}");
                    assert_eq!(receive(&recipient, &context, &encrypted), Err(BackendError));
                    let other = good.with_agreement_info(b"Alic", b"eBob");
                    assert_ne!(receive(&recipient, &other, &encrypted), Ok(cek), "{curve}");
                }
            }
        }
    }

    #[test]
    fn each_object_is_of_its_algorithm() {
        let algs = [Alg::EcdhEs, Alg::EcdhEsA128Kw, Alg::EcdhEsA192Kw, Alg::EcdhEsA256Kw];
        for ((sender, recipient), alg) in PAIRS.into_iter().zip(algs) {
            assert_eq!((sender.alg(), recipient.alg()), (alg, alg));
            let (private, public) = pair(Curve::P256);
            let sender = sender.import(&KeyMaterial::EcPublic(public)).unwrap();
            let recipient = recipient.import(&KeyMaterial::EcPrivate(private)).unwrap();
            let wraps = alg != Alg::EcdhEs;
            assert_eq!(matches!(sender, SenderKey::Wrap(_)), wraps);
            assert_eq!(matches!(recipient, RecipientKey::Unwrap(_)), wraps);
        }
    }

    #[test]
    fn the_recipients_side_of_rfc_7518_appendix_c() {
        let secret = hex("54498366 90d75caf 29f0dd02 9ddb31b3 ddb8aba9 d2d515c5 012465e8 17d4a9dc");
        let epk = hex("04 808d0600 82c176ee d3e776a4 ac598cc8 672c1779 f974eecc 9b03411c a5b9495d
             48b5bfc5 27dfce53 d6ac7115 237d031c cff87a05 70b77350 a9e503ee 7305a69b");
        let key = EcPrivateKey::new(Curve::P256, &secret, None).unwrap();
        let key = ECDH_ES_RECIPIENT.import(&KeyMaterial::EcPrivate(key)).unwrap();
        let context = RecipientContext::new(Enc::A128Gcm)
            .with_agreement_info(b"Alice", b"Bob")
            .with_epk(Curve::P256, &epk);
        let cek = hex("56aa8dea f8236d20 5c2228cd 71a7101a");
        assert_eq!(receive(&key, &context, &[]), Ok(cek));
    }

    #[test]
    fn a_private_key_with_another_public_half_is_refused() {
        for curve in Curve::ALL.iter().copied() {
            let ((private, _), (_, public)) = (pair(curve), pair(curve));
            let mixed = EcPrivateKey::new(curve, private.secret(), Some(public)).unwrap();
            let outcome = ECDH_ES_RECIPIENT.import(&KeyMaterial::EcPrivate(mixed));
            assert_eq!(outcome.err(), Some(KeyRejected::INCONSISTENT), "{curve}");
        }
    }
}
