//! A tag that is cut, lengthened or left out, and all tags of one byte.

use super::target::{Case, TAG, Target};

pub(crate) fn check(backend: &'static str) {
    for target in Target::all(backend) {
        let tag = target.part(TAG);
        let of_len = |len: usize| tag.iter().copied().cycle().take(len).collect::<Vec<u8>>();
        let lens = [0, 1, 4, 8, 12, 15, 16, 17, 24, 32, 33, 64, 4096];
        let lens = lens.into_iter().filter(|len| *len != tag.len());
        let cases: Vec<Case> =
            lens.map(|len| (target.with_part(TAG, of_len(len)), "part_length")).collect();
        target.refuses_all(&cases);
        let one_byte = |byte: u8| (target.with_part(TAG, [byte]), "part_length");
        target.rejects_all(&(0..=255).map(one_byte).collect::<Vec<_>>());
        // Nor is it enough that one byte of a whole tag is right.
        let forged = |byte: u8| {
            let mut forged = vec![0; tag.len()];
            forged[0] = byte;
            (target.with_part(TAG, forged), "decryption_failed")
        };
        target.rejects_all(&(0..=255).map(forged).collect::<Vec<_>>());
    }
}
