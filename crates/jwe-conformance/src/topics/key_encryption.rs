use std::collections::HashSet;

use jwe_core::{Backend, Enc, SenderContext};

use crate::support::attempt::Site;
use crate::support::reference::oaep;
use crate::support::seeded::Seeded;
use crate::support::{keys, prepared};

/// RSAES-OAEP for senders: the encrypted key is as long as the modulus, the kit's own decryption
/// finds it well formed to the byte and reads the CEK, no seed comes twice; CEKs of every `enc`
/// that fit are taken, and one that does not fit and a buffer of a wrong length are refused. A CEK
/// that is as long as that of no `enc` may be refused.
///
/// # Panics
/// When the backend does not conform.
pub fn key_encryption(backend: &Backend) {
    let mut random = Seeded::new("key_encryption");
    let mut seeds = HashSet::new();
    for alg in prepared::rsa_encryption(backend) {
        let site = Site::new(backend, alg);
        for (name, times) in [
            ("2048", 40),
            ("2049", 40),
            ("2056", 10),
            ("2048-e3", 10),
            ("2048-e33", 10),
            ("3072", 5),
            ("4096", 3),
            ("8192", 1),
        ] {
            let key = keys::rsa(name);
            let k = key.modulus_len();
            let prepared = prepared::wrapping(backend, alg, key);
            let mut context = SenderContext::new(Enc::A256Gcm, backend.random());
            let longest = oaep::max_message_len(alg, k);
            let usual = [32, 64, 16, 48, 24].into_iter().filter(|len| *len <= longest);
            // The kit's own private operation with a long key takes time.
            let extreme = if k > 384 { &[longest][..] } else { &[0, 1, longest] };
            for len in extreme.iter().copied().chain(usual.cycle().take(times)) {
                let cek = random.bytes(len);
                let case = format!("a CEK of {len} bytes to the key {name}");
                site.holds(
                    &case,
                    prepared.encrypted_key_len(len) == k,
                    "the encrypted key is not said to be as long as the modulus",
                );
                let mut encrypted = vec![0; k];
                let wrap = |context: &mut SenderContext<'_>, encrypted: &mut [u8]| {
                    prepared.wrap_key(context, &cek, encrypted)
                };
                if !prepared::is_cek_len(len)
                    && site.call(&case, || wrap(&mut context, &mut encrypted)).is_err()
                {
                    continue;
                }
                let mut again = vec![0; k];
                site.accepts(&case, || wrap(&mut context, &mut encrypted));
                site.accepts(&case, || wrap(&mut context, &mut again));
                site.holds(&case, again != encrypted, "the same encrypted key twice");
                for encrypted in [encrypted, again] {
                    match oaep::open(alg, key, &encrypted) {
                        Ok(opened) => {
                            let what = "the CEK in the encrypted key";
                            site.same(&case, what, &opened.message, &cek);
                            // 20 bytes or more: two that are the same by chance don't happen.
                            let new = seeds.insert(opened.seed);
                            site.holds(&case, new, "the same seed of RSAES-OAEP as before");
                        }
                        Err(reason) => {
                            panic!("{site}, {case}: no RSAES-OAEP ciphertext: {reason}")
                        }
                    }
                }
            }

            let cek = random.bytes(32);
            for len in [0, 1, k - 1, k + 1, 2 * k, 65_536] {
                let case = format!("a buffer of {len} bytes for the encrypted key to {name}");
                let mut encrypted = vec![0; len];
                site.refuses(case, || prepared.wrap_key(&mut context, &cek, &mut encrypted));
            }
            for len in [longest + 1, longest + 2, k - 1, k, k + 1, 65_536] {
                let case = format!("a CEK of {len} bytes, too long for {name}");
                let cek = random.bytes(len);
                let mut encrypted = vec![0; k];
                site.refuses(case, || prepared.wrap_key(&mut context, &cek, &mut encrypted));
            }
        }
    }
}
