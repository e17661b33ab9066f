//! SHA-256 for key thumbprints (RFC 7638).

use ring::digest;

/// Hashes with SHA-256 (FIPS 180-4).
pub(crate) fn sha256(data: &[u8]) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, data);
    let mut out = [0; 32];
    // Both sides are 32 bytes long.
    out.copy_from_slice(digest.as_ref());
    out
}
