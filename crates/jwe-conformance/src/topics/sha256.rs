use jwe_core::Backend;
use sha2::{Digest, Sha256};

use crate::support::attempt::Site;
use crate::support::bytes::hex;

/// SHA-256 gives the answers of FIPS 180-4 and, at every length around a block, those of another
/// implementation.
///
/// # Panics
/// When the backend does not conform.
pub fn sha256(backend: &Backend) {
    let site = Site::new(backend, "SHA-256");
    for (message, digest) in [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
    ] {
        let case = format!("{message:?}");
        let got = site.call(&case, || backend.sha256(message.as_bytes()));
        site.same(&case, "the digest", &got, &hex(digest));
    }
    for len in (0..=200).chain([65_536]) {
        let message = vec![0x61; len];
        let case = format!("{len} bytes");
        let got = site.call(&case, || backend.sha256(&message));
        site.same(&case, "the digest", &got, &Sha256::digest(&message));
    }
}
