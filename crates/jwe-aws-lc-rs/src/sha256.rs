//! SHA-256 for key thumbprints (RFC 7638).

use aws_lc_rs::digest;

/// Hashes with SHA-256 (FIPS 180-4).
pub(crate) fn sha256(data: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, data).as_ref());
    hash
}
