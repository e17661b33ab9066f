use jwe_core::{Backend, Enc, RecipientContext, UNWRAP_BUFFER_LEN};

use crate::support::attempt::Site;
use crate::support::reference::oaep;
use crate::support::seeded::Seeded;
use crate::support::{keys, prepared};

/// RSAES-OAEP for recipients: encrypted keys made by the kit's own encryption are unwrapped, for
/// moduli of all lengths; the length that is returned is that of the message, whatever it is.
///
/// # Panics
/// When the backend does not conform.
pub fn key_decryption(backend: &Backend) {
    let mut random = Seeded::new("key_decryption");
    let context = RecipientContext::new(Enc::A256Gcm);
    for alg in prepared::rsa_decryption(backend) {
        let site = Site::new(backend, alg);
        for name in ["2048", "2049", "2056", "2048-e3", "2048-e33", "3072", "4096", "8192"] {
            let key = keys::rsa(name);
            let k = key.modulus_len();
            let prepared = prepared::unwrapping(backend, alg, key);
            site.holds(
                format!("the key {name}"),
                Enc::ALL.iter().all(|enc| prepared.encrypted_key_len(enc.cek_len()) == k),
                "the encrypted key is not said to be as long as the modulus",
            );
            let longest = oaep::max_message_len(alg, k);
            let ceks = Enc::ALL.iter().map(|enc| enc.cek_len()).filter(|len| *len <= longest);
            // A private operation with a long key takes time.
            let others = if k > 384 { &[0, longest][..] } else { &[0, 1, 15, 17, 31, 33, longest] };
            for len in ceks.chain(others.iter().copied()) {
                let case = format!("{len} bytes wrapped for the key {name}");
                let message = random.bytes(len);
                let encrypted = oaep::encrypt(alg, key, &message, &mut random);
                let mut out = vec![0; UNWRAP_BUFFER_LEN];
                let result =
                    site.call(&case, || prepared.unwrap_key(&context, &encrypted, &mut out));
                match result {
                    Ok(got) => {
                        site.holds(
                            &case,
                            got == len,
                            &format!("the length returned is {got}, which is not the message's"),
                        );
                        site.same(&case, "the message", &out[..got], &message);
                    }
                    // A library may refuse a message that can't be a CEK.
                    Err(_) => site.holds(
                        &case,
                        Enc::ALL.iter().all(|enc| enc.cek_len() != len),
                        "refused, and it is as long as a CEK",
                    ),
                }
            }

            // The traits are public: a caller may bring a shorter buffer.
            let message = random.bytes(32);
            let encrypted = oaep::encrypt(alg, key, &message, &mut random);
            for len in [0, 1, 31, 32, k - 1, k] {
                let case = format!("a buffer of {len} bytes for a message of 32");
                let mut out = vec![0; len];
                if let Ok(got) =
                    site.call(&case, || prepared.unwrap_key(&context, &encrypted, &mut out))
                {
                    site.holds(&case, got == 32 && got <= len, "a length that is not true");
                    site.same(&case, "the message", &out[..got], &message);
                }
            }
        }
    }
}
