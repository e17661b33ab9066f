//! What memcheck must report: if it is silent about these, it has said nothing about the rest.

use std::hint::black_box;

use jwe::{Alg, Decrypter, Enc};
use jwe_core::{RecipientContext, RecipientKey, UNWRAP_BUFFER_LEN};
use jwe_tests::capability::backends;
use jwe_tests::keys;
use jwe_tests::parts::Parts;

use crate::marks::{hide, hide_value};

/// Tags that are compared byte by byte, up to the first that is wrong.
pub(crate) fn comparison() {
    let (expected, tag) = ([7_u8; 16], [7_u8; 16]);
    hide(&expected);
    let equal = black_box(&expected).iter().zip(black_box(&tag)).all(|(a, b)| a == b);
    println!("the tags are {}", if equal { "equal" } else { "not equal" });
}

/// Decryption that ends where the key can't be unwrapped.
pub(crate) fn early_return() {
    let backend = backends().first().expect("a backend");
    let (alg, enc) = (Alg::A256Kw, Enc::A256Gcm);
    let jwk = keys::key_for(alg, enc);
    let sender = keys::sender(backend, &jwk, alg);
    let encrypter = jwe::Encrypter::new(backend, &sender, enc).expect("an encrypter");
    let parts = Parts::of(&encrypter.encrypt(b"plaintext").expect("a message"));
    let token = parts.with_encrypted_key(&[9; 40]).token();
    let decrypter = Decrypter::new(backend, [keys::recipient(backend, &jwk, alg)], &[enc])
        .expect("a decrypter");
    let pending = decrypter.begin(&token).expect("a message that is well formed");
    let (_, import) = backend.decryption_key_import(alg, None).expect("a listed alg");
    let Ok(RecipientKey::Unwrap(key)) = import.import(jwk.material()) else { panic!("unwraps") };
    let mut cek = [0; UNWRAP_BUFFER_LEN];
    let context = RecipientContext::new(enc);
    let mut unwrapped = key.unwrap_key(&context, pending.encrypted_key(), &mut cek);
    hide_value(&mut unwrapped);
    let Ok(len) = unwrapped else {
        println!("the key is not unwrapped");
        return;
    };
    let opened = pending.complete(cek.get(..len), &mut Vec::new());
    println!("the message is opened: {}", opened.is_ok());
}
