//! `A128GCMKW`, `A192GCMKW` and `A256GCMKW` (RFC 7518 §4.7): the engine's key wrapping over this
//! crate's AES-GCM.

use jwe_core::Alg;
use jwe_core::gcm_key_wrap::GcmKw;

use crate::aes_gcm::{A128GCM, A192GCM, A256GCM};

pub(crate) static A128GCMKW: GcmKw = GcmKw::new(Alg::A128GcmKw, &A128GCM);
pub(crate) static A192GCMKW: GcmKw = GcmKw::new(Alg::A192GcmKw, &A192GCM);
pub(crate) static A256GCMKW: GcmKw = GcmKw::new(Alg::A256GcmKw, &A256GCM);

#[cfg(test)]
mod tests {
    use jwe_core::{
        BackendError, DecryptionKeyImport, Enc, EncryptionKeyImport, KeyMaterial, OctKey,
        RecipientContext, RecipientKey, SenderContext, SenderKey, Zeroizing,
    };

    use super::{A128GCMKW, A192GCMKW, A256GCMKW};
    use crate::random_source::OPENSSL_RANDOM;
    use crate::test_data::random;

    #[test]
    fn a_cek_comes_back_and_a_changed_one_does_not() {
        for (object, len) in [(A128GCMKW, 16), (A192GCMKW, 24), (A256GCMKW, 32)] {
            let key = |len| KeyMaterial::Oct(OctKey::new(Zeroizing::new(random(len))).unwrap());
            for other in [16, 24, 32].into_iter().filter(|other| *other != len) {
                assert!(EncryptionKeyImport::import(&object, &key(other)).is_err());
                assert!(DecryptionKeyImport::import(&object, &key(other)).is_err());
            }
            let key = key(len);
            let Ok(SenderKey::Wrap(sender)) = EncryptionKeyImport::import(&object, &key) else {
                panic!("wraps");
            };
            let Ok(RecipientKey::Unwrap(recipient)) = DecryptionKeyImport::import(&object, &key)
            else {
                panic!("unwraps");
            };
            let iv = [7; 12];
            for cek_len in [16, 24, 32, 48, 64] {
                let cek = random(cek_len);
                let mut context = SenderContext::new(Enc::A256Gcm, &OPENSSL_RANDOM).with_iv(iv);
                let mut encrypted = vec![0; cek_len];
                sender.wrap_key(&mut context, &cek, &mut encrypted).unwrap();
                let mut tag = context.tag();
                let mut out = vec![0; 64];
                let context = RecipientContext::new(Enc::A256Gcm).with_iv_and_tag(&iv, &tag);
                assert_eq!(recipient.unwrap_key(&context, &encrypted, &mut out), Ok(cek_len));
                assert_eq!(out[..cek_len], cek);
                tag[0] ^= 1;
                let context = RecipientContext::new(Enc::A256Gcm).with_iv_and_tag(&iv, &tag);
                let outcome = recipient.unwrap_key(&context, &encrypted, &mut out);
                assert_eq!(outcome, Err(BackendError));
                assert!(out[..cek_len].iter().all(|byte| *byte == 0));
            }
        }
    }
}
