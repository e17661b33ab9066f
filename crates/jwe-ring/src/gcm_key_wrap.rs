//! `A128GCMKW` and `A256GCMKW` (RFC 7518 §4.7), over the content encryption of the same key
//! length.

use jwe_core::Alg;
use jwe_core::gcm_key_wrap::GcmKw;

use crate::aes_gcm;

/// With a key of 16 bytes.
pub(crate) static A128GCMKW: GcmKw = GcmKw::new(Alg::A128GcmKw, &aes_gcm::A128GCM);
/// With a key of 32 bytes.
pub(crate) static A256GCMKW: GcmKw = GcmKw::new(Alg::A256GcmKw, &aes_gcm::A256GCM);

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jwe_core::{
        BackendError, Enc, RecipientContext, RecipientKey, SenderContext, SenderKey, UnwrapKey,
        WrapKey,
    };

    use super::*;
    use crate::RING;
    use crate::random::RANDOM;
    use crate::test_data::{hex, oct, random};

    fn sender(alg: Alg, key: &[u8]) -> Arc<dyn WrapKey> {
        let import = RING.encryption_key_import(alg, None).unwrap().1;
        match import.import(&oct(key)).unwrap() {
            SenderKey::Wrap(key) => key,
            _ => panic!("a shared key wraps"),
        }
    }

    fn recipient(alg: Alg, key: &[u8]) -> Arc<dyn UnwrapKey> {
        let import = RING.decryption_key_import(alg, None).unwrap().1;
        match import.import(&oct(key)).unwrap() {
            RecipientKey::Unwrap(key) => key,
            _ => panic!("a shared key unwraps"),
        }
    }

    /// RFC 7520 §5.7: key, iv and CEK in, encrypted key and tag out, and back.
    #[test]
    fn the_known_answer_of_a256gcmkw() {
        let key = hex("a82e7b97fbb1726ecd9b72be72de06163c7cb4cd54f0267434b06f750b2d892f");
        let cek = hex("516c404696addb79cbf517888f8586dc3d5e7bd238afe32fe502ee157772feb1");
        let iv = hex("2a4613d065ffda31e57ea37f").try_into().unwrap();
        let expected = hex("9497f71db380a7130406408c3a84e79c0071b3f0af4d6526650d8494bbd83689");
        let expected_tag = hex("91f3ddb954374f71fabe77b0b7efa4b3").try_into().unwrap();

        let mut context = SenderContext::new(Enc::A128CbcHs256, &RANDOM).with_iv(iv);
        let mut encrypted_key = [0; 32];
        sender(Alg::A256GcmKw, &key).wrap_key(&mut context, &cek, &mut encrypted_key).unwrap();
        assert_eq!(encrypted_key, *expected);
        assert_eq!(context.tag(), expected_tag);

        let context = RecipientContext::new(Enc::A128CbcHs256).with_iv_and_tag(&iv, &expected_tag);
        let mut out = [0; 64];
        let unwrapped =
            recipient(Alg::A256GcmKw, &key).unwrap_key(&context, &encrypted_key, &mut out);
        assert_eq!(unwrapped, Ok(32));
        assert_eq!(out[..32], cek);
    }

    #[test]
    fn what_is_wrapped_is_unwrapped_and_nothing_else() {
        for (alg, key_len) in [(Alg::A128GcmKw, 16), (Alg::A256GcmKw, 32)] {
            for cek_len in [16, 24, 32, 48, 64] {
                let (key, cek) = (random(key_len), random(cek_len));
                let iv: [u8; 12] = random(12).try_into().unwrap();
                let sender = sender(alg, &key);
                let mut context = SenderContext::new(Enc::A256Gcm, &RANDOM).with_iv(iv);
                let mut encrypted_key = vec![0; sender.encrypted_key_len(cek_len)];
                sender.wrap_key(&mut context, &cek, &mut encrypted_key).unwrap();
                assert_ne!(encrypted_key, cek);
                let tag = context.tag();

                let recipient = recipient(alg, &key);
                let context = RecipientContext::new(Enc::A256Gcm).with_iv_and_tag(&iv, &tag);
                let mut out = [0xee; 64];
                let unwrapped = recipient.unwrap_key(&context, &encrypted_key, &mut out);
                assert_eq!(unwrapped, Ok(cek_len));
                assert_eq!(&out[..cek_len], cek);
                for bit in 0..128 {
                    let mut tag = tag;
                    tag[bit / 8] ^= 1 << (bit % 8);
                    let context = RecipientContext::new(Enc::A256Gcm).with_iv_and_tag(&iv, &tag);
                    let unwrapped = recipient.unwrap_key(&context, &encrypted_key, &mut out);
                    assert_eq!(unwrapped, Err(BackendError));
                    assert!(out[..cek_len].iter().all(|byte| *byte == 0));
                }
            }
        }
    }
}
