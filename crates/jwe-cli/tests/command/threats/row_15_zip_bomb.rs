//! A small token that would unfold to half a gibibyte (RFC 7516 §4.1.3).

use std::process::Stdio;

use flate2::{Compress, Compression, FlushCompress};
use jwe::Alg;

use super::target::{Case, Target};

/// So much comes out.
const UNFOLDED: usize = 512 * 1024 * 1024;
/// What a bomb may take more than another token that is as long, in MiB.
const MORE: usize = 4;

/// Raw DEFLATE of zeros. One compressed mebibyte that refers to nothing before it, again and again.
fn bomb() -> Vec<u8> {
    let zeros = vec![0; 1024 * 1024];
    let mut one = Vec::with_capacity(8192);
    let mut compress = Compress::new(Compression::best(), false);
    compress.compress_vec(&zeros, &mut one, FlushCompress::Full).unwrap();
    assert_eq!((compress.total_in(), compress.total_out()), (1024 * 1024, one.len() as u64));
    let mut all = one.repeat(UNFOLDED / zeros.len());
    // An empty last block.
    all.extend([3, 0]);
    assert!(all.len() < 700_000, "{} bytes", all.len());
    all
}

pub(crate) fn check(backend: &'static str) {
    let bomb = bomb();
    for target in Target::all(backend) {
        let zips = [
            (r#","zip":"DEF""#, "zip_not_allowed"),
            (r#","zip":"def""#, "zip_not_allowed"),
            (r#","zip":"GZIP""#, "zip_not_allowed"),
            (r#","zip":null"#, "header_member_type"),
            (r#","zip":0"#, "header_member_type"),
            (r#","zip":["DEF"]"#, "header_member_type"),
        ];
        let cases: Vec<Case> =
            zips.iter().map(|(zip, code)| (target.with_members(zip), *code)).collect();
        target.refuses_all(&cases);
        // It is the letters of the name that count, where compression is allowed, too.
        let other = target.with_members(zips[1].0);
        target.decrypt("--zip").stdin(other).run().refused("zip_not_allowed");
        if target.alg == Alg::A256Kw {
            bursts(&target, &bomb);
        }
    }
    assert_eq!(unfolded(&bomb), UNFOLDED);
}

/// The control: it is a bomb.
fn unfolded(bomb: &[u8]) -> usize {
    let mut inflate = flate2::read::DeflateDecoder::new(bomb);
    std::io::copy(&mut inflate, &mut std::io::sink()).unwrap() as usize
}

/// A properly sealed bomb takes no more memory than a token of the same length that is none.
fn bursts(target: &Target, bomb: &[u8]) {
    let sealed = target.sealed(&target.header(r#","zip":"DEF""#), bomb);
    let plain = target.sealed(&target.header(""), bomb);
    target.place.write("bomb", &sealed);
    target.place.write("plain", &plain);
    let least = least_memory(target, "plain", "");
    let within = target.decrypt_in(least + MORE, "bomb").run();
    within.refused("zip_not_allowed");
    // Allowed, up to a limit that has to hold what is written.
    for (options, limit) in [("--zip", 1), ("--zip --limit-inflated 1000000", 2)] {
        let ended = target.decrypt_in(least + MORE + limit, &format!("{options} bomb")).run();
        ended.refused("decryption_failed");
    }
}

/// The least address space, in MiB, in which the command decrypts a file.
fn least_memory(target: &Target, file: &str, options: &str) -> usize {
    let suffices = |mebibytes: usize| {
        let mut command = target.decrypt_in(mebibytes, &format!("{options} {file}")).command();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().unwrap().success()
    };
    let (mut too_little, mut enough) = (0, 256);
    assert!(suffices(enough));
    while enough - too_little > 1 {
        let middle = (too_little + enough) / 2;
        if suffices(middle) {
            enough = middle;
        } else {
            too_little = middle;
        }
    }
    enough
}
