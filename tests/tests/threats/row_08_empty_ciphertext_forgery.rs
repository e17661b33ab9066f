//! A message without content under a tag that nobody made. One with a true tag is opened.

use jwe::{Backend, Encrypter};
use jwe_tests::parts::Parts;
use jwe_tests::{base64url, keys};

use crate::target::Target;

pub(crate) fn check(backend: &'static Backend) {
    for target in Target::all(backend) {
        let zero_tag = vec![0; target.enc.tag_len()];
        let empty = target.good.with_ciphertext(&[]);
        // With CBC there is at least one block.
        let code = if target.enc.is_cbc() { "part_length" } else { "decryption_failed" };
        target.refuses(&empty.token(), code);
        target.refuses(&empty.with_tag(&zero_tag).token(), code);
        target.refuses(&empty.with_tag(&vec![0xff; zero_tag.len()]).token(), code);
        let block = target.good.with_ciphertext(&[0; 16]).with_tag(&zero_tag);
        target.refuses(&block.token(), "decryption_failed");
        target.refuses(&block.with_iv(&vec![0; target.enc.iv_len()]).token(), "decryption_failed");

        let sender = keys::sender(backend, &target.jwk, target.alg);
        let encrypter = Encrypter::new(backend, &sender, target.enc).unwrap();
        let nothing = Parts::of(&encrypter.encrypt(b"").unwrap());
        let len = base64url::decode(&nothing.ciphertext).len();
        assert_eq!(len, if target.enc.is_cbc() { 16 } else { 0 });
        assert_eq!(*target.decrypter.decrypt(&nothing.token()).unwrap(), b"");
        target.refuses(&nothing.with_tag(&zero_tag).token(), "decryption_failed");
        target.refuses(
            &nothing.with_header(target.header_with(r#","x":1"#).as_bytes()).token(),
            "decryption_failed",
        );
        cut_or_changed(&target, code);
    }
}

fn cut_or_changed(target: &Target, code: &str) {
    let ciphertext = base64url::decode(&target.good.ciphertext);
    for at in [0, ciphertext.len() - 1] {
        let mut changed = ciphertext.clone();
        changed[at] ^= 1;
        target.refuses(&target.good.with_ciphertext(&changed).token(), "decryption_failed");
    }
    for len in [1, 15, 17, 31] {
        let changed: Vec<u8> = ciphertext.iter().copied().cycle().take(len).collect();
        target.refuses(&target.good.with_ciphertext(&changed).token(), code);
    }
    // Two blocks: of the right kind, but not what was sealed.
    let changed: Vec<u8> = ciphertext.iter().copied().cycle().take(32).collect();
    target.refuses(&target.good.with_ciphertext(&changed).token(), "decryption_failed");
}
