//! SHA-256 for key thumbprints (RFC 7638).

/// Hashes with SHA-256 (FIPS 180-4).
pub(crate) fn sha256(data: &[u8]) -> [u8; 32] {
    openssl::sha::sha256(data)
}
