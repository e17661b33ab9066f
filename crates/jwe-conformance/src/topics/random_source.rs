use std::collections::HashSet;

use jwe_core::Backend;

use crate::support::attempt::Site;

/// The random source fills all of what it is given, never with the same 16 bytes twice.
///
/// # Panics
/// When the backend does not conform. With a good source, less than once in 2^90 runs.
pub fn random_source(backend: &Backend) {
    let site = Site::new(backend, "random source");
    let random = backend.random();
    site.accepts("zero bytes", || random.fill(&mut []));

    let mut seen = HashSet::new();
    for _ in 0..100_000 {
        let mut draw = [0; 16];
        site.accepts("16 bytes", || random.fill(&mut draw));
        site.holds("16 bytes", draw != [0; 16], "all zero");
        site.holds("16 bytes", seen.insert(draw), "drawn twice");
    }

    // A byte that is left as it was keeps one value in 64 draws.
    for len in (1..=64).chain([255, 256, 257, 1000, 4096, 65_537]) {
        let case = format!("{len} bytes");
        let mut differs = vec![false; len];
        for _ in 0..64 {
            let mut draw = vec![0xa5; len];
            site.accepts(&case, || random.fill(&mut draw));
            for (differs, byte) in differs.iter_mut().zip(draw) {
                *differs |= byte != 0xa5;
            }
        }
        site.holds(&case, differs.iter().all(|differs| *differs), "some bytes are not filled");
    }

    let mut long = vec![0; 1 << 20];
    site.accepts("1 MiB", || random.fill(&mut long));
    let blocks: HashSet<&[u8]> = long.chunks(16).collect();
    site.holds("1 MiB", blocks.len() == long.len() / 16, "two equal blocks of 16 bytes");
}
