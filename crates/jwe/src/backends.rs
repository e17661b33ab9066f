//! The backends that this build has, in the order of precedence.

use jwe_core::Backend;

/// The backends of this build: aws-lc-rs, then josekit, then ring, as far as their features are
/// on.
#[must_use]
pub fn backends() -> &'static [&'static Backend] {
    BACKENDS
}

static BACKENDS: &[&Backend] = &[
    #[cfg(any(feature = "aws-lc-rs", feature = "fips"))]
    &jwe_aws_lc_rs::AWS_LC_RS,
    #[cfg(feature = "josekit")]
    &jwe_josekit::JOSEKIT,
    #[cfg(feature = "ring")]
    &jwe_ring::RING,
];

/// The backend of that name, if this build has it: `"aws-lc-rs"`, `"josekit"` or `"ring"`.
#[must_use]
pub fn backend_by_name(name: &str) -> Option<&'static Backend> {
    backends().iter().copied().find(|backend| backend.name() == name)
}

/// The first of [`backends`]: aws-lc-rs, else josekit, else ring. For applications; a library
/// takes a backend from its caller.
#[cfg(any(feature = "aws-lc-rs", feature = "fips", feature = "ring", feature = "josekit"))]
#[must_use]
pub fn default_backend() -> &'static Backend {
    #[cfg(any(feature = "aws-lc-rs", feature = "fips"))]
    return &jwe_aws_lc_rs::AWS_LC_RS;
    #[cfg(all(not(any(feature = "aws-lc-rs", feature = "fips")), feature = "josekit"))]
    return &jwe_josekit::JOSEKIT;
    #[cfg(not(any(feature = "aws-lc-rs", feature = "fips", feature = "josekit")))]
    return &jwe_ring::RING;
}
