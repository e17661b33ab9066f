//! The keys that a token may be for, and what is wrong with them.

use jwe_core::{Alg, Backend, Jwk, KeyMaterial};

use crate::cause::Cause;
use crate::expected::Expected;
use crate::finding::Finding;
use crate::header::{Header, alike};
use crate::shown::quoted;

/// The key that the header means: the one of its `kid`, or the only one that may be meant.
pub(crate) fn meant<'k>(keys: &'k [Jwk], header: &Header<'_>) -> Option<&'k Jwk> {
    let named = keys.iter().find(|key| key.kid().is_some() && key.kid() == header.kid.as_deref());
    named.or(match keys {
        [only] => Some(only),
        _ => None,
    })
}

/// The keys in the order in which they are tried: the one that is meant first.
pub(crate) fn in_order<'k>(keys: &'k [Jwk], header: &Header<'_>) -> Vec<&'k Jwk> {
    let named = |key: &&Jwk| key.kid().is_some() && key.kid() == header.kid.as_deref();
    let (mut first, rest): (Vec<&Jwk>, Vec<&Jwk>) = keys.iter().partition(named);
    first.extend(rest);
    first
}

/// What is wrong with the key itself for a token as it is asked.
pub(crate) fn examine(
    key: &Jwk,
    header: &Header<'_>,
    expected: &Expected,
    findings: &mut Vec<Finding>,
) {
    let wanted = expected.alg.or_else(|| header.alg.as_deref().and_then(Alg::from_name));
    let signs = key.key_use() == Some("sig")
        || key.key_ops().is_some_and(|ops| {
            !ops.is_empty() && ops.iter().all(|op| op == "sign" || op == "verify")
        });
    let declared = key.alg().filter(|alg| Alg::from_name(alg).is_none());
    if signs || declared.is_some_and(|alg| jwe_core::Enc::from_name(alg).is_none()) {
        let why = match (key.key_use(), declared) {
            (_, Some(alg)) => format!("its alg is {}", quoted(alg)),
            (Some("sig"), None) => "its use is \"sig\"".to_owned(),
            _ => "its key_ops sign and verify only".to_owned(),
        };
        findings.push(Finding::new(
            Cause::SigningKey,
            format!("the key is one that signs: {why}"),
            "Use the key that the API publishes for encryption, with use \"enc\"",
        ));
    } else if let (Some(wanted), Some(alg)) = (wanted, key.alg())
        && alg != wanted.name()
        && Alg::from_name(alg).is_some()
    {
        findings.push(Finding::new(
            Cause::KeyAlg,
            format!("the key is for {alg}, and {wanted} is asked"),
            format!("Use a key for {wanted}: a key is for one algorithm"),
        ));
    }
    if let Some(wanted) = wanted
        && !wanted.takes_key_type(key.kty())
    {
        findings.push(Finding::new(
            Cause::KeyType,
            format!("the key is of type {}, which {wanted} does not take", key.kty()),
            format!("Use a key for {wanted}"),
        ));
    }
}

/// What is wrong with the name of the key, where `opens` is the key that the encrypted key opened
/// with.
pub(crate) fn examine_kid(
    keys: &[Jwk],
    header: &Header<'_>,
    opens: Option<&Jwk>,
    backend: &Backend,
    expected: &Expected,
) -> Option<Finding> {
    let Some(kid) = header.kid.as_deref() else {
        let stated = header.members.iter().any(|member| member.name == "kid");
        return (expected.kid_required && !stated).then(|| {
            let set = match meant(keys, header).and_then(Jwk::kid) {
                Some(kid) => format!("Set kid in the protected header to {}", quoted(kid)),
                None => "Set kid in the protected header to that of the published key".to_owned(),
            };
            Finding::new(Cause::KidMissing, "the header has no kid, so that it names no key", set)
        });
    };
    let names: Vec<&str> = keys.iter().filter_map(Jwk::kid).collect();
    if names.is_empty() {
        return None;
    }
    let shown = quoted(kid);
    if names.contains(&kid) {
        // Whether it is the key that has this name.
        let other = opens.filter(|key| key.kid() != Some(kid))?;
        let other = other
            .kid()
            .map_or_else(|| "another key".to_owned(), |kid| format!("the key {}", quoted(kid)));
        return Some(Finding::new(
            Cause::KidOfAnotherKey,
            format!("its kid is {shown}, and the encrypted key is for {other}"),
            "Take key and kid from the same JWK, such as when the client keeps them apart and refreshes one",
        ));
    }
    let known = names.iter().take(4).map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    let derived = |derive: fn(&Jwk, &Backend) -> Option<String>| {
        keys.iter().any(|key| key.kty() != "oct" && derive(key, backend).as_deref() == Some(kid))
    };
    let why = if kid.contains("-----BEGIN") {
        ": it is the key itself"
    } else if names.iter().any(|name| alike(name, kid)) {
        ": it differs in white space or in upper and lower case"
    } else if derived(Jwk::thumbprint) {
        ": it is the key's thumbprint (RFC 7638), which this key is not published under"
    } else if derived(Jwk::spki_sha256) {
        ": it is the SHA-256 of the key's SubjectPublicKeyInfo, which this key is not published under"
    } else if opens.is_some() {
        ": the encrypted key is for this key all the same, so the name is wrong"
    } else {
        ": it is another key's, or that of a key that was retired"
    };
    Some(Finding::new(
        Cause::KidUnknown,
        format!("its kid is {shown}, and the key is {known}{why}"),
        "Fetch the published key again, and take its kid from it exactly as it stands there",
    ))
}

/// Whether the key is RSA, and private.
pub(crate) fn rsa_private(key: &Jwk) -> Option<&jwe_core::RsaPrivateKey> {
    match key.material() {
        KeyMaterial::RsaPrivate(key) => Some(key),
        _ => None,
    }
}

/// The public half of an RSA key.
pub(crate) fn rsa_public(key: &Jwk) -> Option<&jwe_core::RsaPublicKey> {
    match key.material() {
        KeyMaterial::RsaPrivate(key) => Some(key.public()),
        KeyMaterial::RsaPublic(key) => Some(key),
        _ => None,
    }
}
