//! `zip`: `DEF` (RFC 7516 §4.1.3), raw DEFLATE (RFC 1951), for those who allow it.

use core::hint::black_box;

use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress, create_comp_flags_from_zip_params,
};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use crate::error::{BackendError, EncryptError};
use crate::wiped;

/// The `zip` of the registry.
pub(crate) const DEF: &str = "DEF";

const LEVEL: i32 = 6;
/// The first guess of an output's length; it grows twofold.
const FIRST: usize = 1024;

/// Compresses and appends to `out`.
pub(crate) fn deflate(mut plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), EncryptError> {
    // No window bits, no zlib header; the default strategy.
    let flags = create_comp_flags_from_zip_params(LEVEL, 0, 0);
    let mut compressor = Box::new(CompressorOxide::new(flags));
    let mut written = out.len();
    let mut more = FIRST.max(plaintext.len() / 2);
    let outcome = loop {
        wiped::reserve(out, more);
        out.resize(written.saturating_add(more), 0);
        let free = out.get_mut(written..).unwrap_or_default();
        let (status, read, made) = compress(&mut compressor, plaintext, free, TDEFLFlush::Finish);
        written = written.saturating_add(made);
        plaintext = plaintext.get(read..).unwrap_or_default();
        match status {
            TDEFLStatus::Done => break Ok(()),
            TDEFLStatus::Okay => more = more.saturating_mul(2),
            _ => break Err(EncryptError::Backend),
        }
    };
    // Its dictionary holds the last 32 KiB of the plaintext.
    compressor.reset();
    black_box(&compressor);
    out.truncate(written);
    outcome
}

/// Decompresses and appends at most `limit` bytes to `out`. Anything but one whole stream of at most
/// that output is an error, and `out` is then as it was.
pub(crate) fn inflate(
    mut compressed: &[u8],
    limit: usize,
    out: &mut Vec<u8>,
) -> Result<(), BackendError> {
    let start = out.len();
    let mut decompressor = Box::<DecompressorOxide>::default();
    // The buffer has room for one more byte than is allowed, so that an output of just the limit is
    // told from a longer one.
    let most = limit.saturating_add(1);
    let mut len = most.min(FIRST.max(compressed.len().saturating_mul(2)));
    let mut written = 0;
    let outcome = loop {
        wiped::reserve(out, start.saturating_add(len).saturating_sub(out.len()));
        out.resize(start.saturating_add(len), 0);
        let place = out.get_mut(start..).unwrap_or_default();
        let (status, read, made) = decompress(
            &mut decompressor,
            compressed,
            place,
            written,
            inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
        );
        written = written.saturating_add(made);
        compressed = compressed.get(read..).unwrap_or_default();
        match status {
            TINFLStatus::Done if compressed.is_empty() && written <= limit => break Ok(()),
            TINFLStatus::HasMoreOutput if len < most => len = most.min(len.saturating_mul(2)),
            _ => break Err(BackendError),
        }
    };
    wiped::truncate(out, if outcome.is_ok() { start.saturating_add(written) } else { start });
    outcome
}

#[cfg(test)]
mod tests {
    use super::{deflate, inflate};

    fn deflated(plaintext: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        deflate(plaintext, &mut out).unwrap();
        out
    }

    fn inflated(compressed: &[u8], limit: usize) -> Option<Vec<u8>> {
        let mut out = b"before".to_vec();
        let outcome = inflate(compressed, limit, &mut out);
        assert!(out.starts_with(b"before"));
        assert!(outcome.is_ok() || out == b"before");
        outcome.ok().map(|()| out.split_off(6))
    }

    #[test]
    fn what_is_deflated_is_inflated_up_to_the_limit() {
        let noise: Vec<u8> =
            (0u32..200_000).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for plaintext in
            [&b""[..], b"x", &[0; 100], &[7; 250_000], &noise, &noise[..1023], &noise[..1025]]
        {
            let compressed = deflated(plaintext);
            let len = plaintext.len();
            for limit in [len, len + 1, 250_000, usize::MAX] {
                assert_eq!(
                    inflated(&compressed, limit).as_deref(),
                    Some(plaintext),
                    "{len} {limit}"
                );
            }
            if len > 0 {
                for limit in [len - 1, len / 2, 0] {
                    assert_eq!(inflated(&compressed, limit), None, "{len} {limit}");
                }
            }
        }
    }

    #[test]
    fn a_bomb_takes_no_more_memory_than_the_limit() {
        let bomb = deflated(&vec![0; 64 << 20]);
        assert!(bomb.len() < (64 << 20) / 1000);
        let mut out = Vec::new();
        assert!(inflate(&bomb, 250_000, &mut out).is_err());
        assert!(out.capacity() < 600_000, "{}", out.capacity());
    }

    #[test]
    fn only_one_whole_stream_is_taken() {
        let good = deflated(b"some text, some text, some text");
        assert!(inflated(&good, 1000).is_some());
        for cut in 0..good.len() {
            assert_eq!(inflated(&good[..cut], 1000), None, "cut at {cut}");
        }
        let mut longer = good.clone();
        longer.push(0);
        assert_eq!(inflated(&longer, 1000), None, "a byte behind it");
        // The reserved block type, and a stored block whose length is not confirmed.
        assert_eq!(inflated(&[7, 0], 1000), None);
        assert_eq!(inflated(&[1, 1, 0, 0, 0, 0], 1000), None);
    }
}
