use jwe_core::{
    Alg, Backend, Enc, KeyRejected, RecipientContext, RecipientKey, SenderContext, SenderKey,
};

use crate::support::attempt::Site;
use crate::support::seeded::Seeded;
use crate::support::{keys, prepared};

/// `dir`: the shared key is the CEK, to the byte; a key of another length than the CEK's is
/// refused (RFC 7518 §4.5), in use or, where no `enc` has such a CEK, already at import.
///
/// # Panics
/// When the backend does not conform.
pub fn direct_keys(backend: &Backend) {
    let mut random = Seeded::new("direct_keys");
    let site = Site::new(backend, Alg::Dir);
    for key_len in [1, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 128] {
        let key = random.bytes(key_len);
        let case = format!("a key of {key_len} bytes");
        let material = keys::oct_material(&key);
        let says = "the length that the key serves is said wrongly";
        if let Ok((_, import)) = backend.encryption_key_import(Alg::Dir, None) {
            match imported(&site, key_len, || import.import(&material)) {
                Some(SenderKey::Derive(prepared)) => {
                    site.holds(&case, prepared.cek_len().is_none_or(|len| len == key_len), says);
                    serves(&site, &key, |enc, cek| {
                        let mut context = SenderContext::new(enc, backend.random());
                        prepared.derive_key(&mut context, cek).is_ok()
                    });
                }
                Some(_) => panic!("{site}, {case}: `dir` must determine the CEK, not wrap one"),
                None => {}
            }
        }
        if let Ok((_, import)) = backend.decryption_key_import(Alg::Dir, None) {
            match imported(&site, key_len, || import.import(&material)) {
                Some(RecipientKey::Derive(prepared)) => {
                    site.holds(&case, prepared.cek_len().is_none_or(|len| len == key_len), says);
                    serves(&site, &key, |enc, cek| {
                        prepared.derive_key(&RecipientContext::new(enc), cek).is_ok()
                    });
                }
                Some(_) => panic!("{site}, {case}: `dir` must determine the CEK, not unwrap one"),
                None => {}
            }
        }
    }
}

/// The prepared key, or nothing when it may be refused and is.
fn imported<K>(
    site: &Site,
    key_len: usize,
    import: impl FnOnce() -> Result<K, KeyRejected>,
) -> Option<K> {
    let case = format!("a key of {key_len} bytes");
    if prepared::is_cek_len(key_len) {
        Some(site.accepts(case, import))
    } else {
        site.call(case, import).ok()
    }
}

fn serves(site: &Site, key: &[u8], derive: impl Fn(Enc, &mut [u8]) -> bool) {
    for enc in Enc::ALL.iter().copied() {
        for len in [0, key.len() - 1, key.len(), key.len() + 1, enc.cek_len()] {
            let case = format!("a key of {} bytes for a CEK of {len}", key.len());
            let mut cek = vec![0; len];
            let derived = site.call(&case, || derive(enc, &mut cek));
            site.holds(&case, derived == (len == key.len()), "wrongly accepted or refused");
            if derived {
                site.same(&case, "the CEK", &cek, key);
            }
        }
    }
}
