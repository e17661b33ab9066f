//! The content with a CEK that is known: what it was really encrypted with.

mod cipher;

use jwe_core::{Backend, Enc};
use zeroize::Zeroizing;

use self::cipher::{Cipher, Verdict};
use crate::base64_text;
use crate::cause::Cause;
use crate::encrypted_key::{encoded_again, encoded_twice};
use crate::expected::Expected;
use crate::finding::Finding;
use crate::header::{self, Header};
use crate::parts::{Part, Parts};

/// The longest ciphertext in bytes that is opened in every other way too, of which there are dozens.
const MAX_SEARCHED: usize = 1024 * 1024;

/// The initialization vector, the ciphertext and the tag that may be meant, and what is then wrong.
struct Candidate {
    findings: Vec<Finding>,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

/// The plaintext, where it was authenticated in some way. What is wrong is added to `findings`.
pub(crate) fn open(
    parts: &Parts,
    header: &Header<'_>,
    cek: Zeroizing<Vec<u8>>,
    backend: &Backend,
    expected: &Expected,
    findings: &mut Vec<Finding>,
) -> Option<Zeroizing<Vec<u8>>> {
    let enc = header.enc.or_else(|| expected.enc.first().copied())?;
    let aad = parts.header.text.as_bytes();
    let cek = match fitting_cek(enc, cek, findings) {
        Ok(cek) => cek,
        Err(cek) => {
            let other = of_another_enc(parts, &cek, enc, backend, aad);
            if let Some((finding, plaintext)) = other {
                findings.push(finding);
                return Some(plaintext);
            }
            findings.push(Finding::new(
                Cause::CekLength,
                format!("the CEK has {} bytes, and {enc} takes {}", cek.len(), enc.cek_len()),
                format!("Draw a CEK of {} random bytes for every value", enc.cek_len()),
            ));
            return None;
        }
    };
    let cipher = Cipher::new(backend, enc, &cek)?;
    let (iv, ciphertext, tag) = (&parts.iv.bytes, &parts.ciphertext.bytes, &parts.tag.bytes);
    if let Verdict::Opens(plaintext) = cipher.judge(iv, aad, ciphertext, tag) {
        return Some(plaintext);
    }
    if ciphertext.len() > MAX_SEARCHED {
        findings.extend(lengths(enc, parts));
        findings.push(mismatch(false));
        return None;
    }
    if let Some((finding, plaintext)) = of_another_enc(parts, &cek, enc, backend, aad) {
        findings.push(finding);
        return Some(plaintext);
    }
    let candidates = candidates(enc, parts);
    for (wrong_aad, aad) in aads(parts, header) {
        for candidate in &candidates {
            let verdict = cipher.judge(&candidate.iv, &aad, &candidate.ciphertext, &candidate.tag);
            let (plaintext, length) = match verdict {
                Verdict::Opens(plaintext) => (plaintext, None),
                Verdict::OtherTagLength(plaintext) => {
                    (plaintext, Some(tag_length(enc, candidate.tag.len(), true)))
                }
                Verdict::No => continue,
            };
            findings.extend(candidate.findings.iter().cloned().chain(length).chain(wrong_aad));
            return Some(plaintext);
        }
    }
    if let Some((finding, plaintext)) = in_another_way(enc, parts, &cek, backend) {
        findings.push(finding);
        return Some(plaintext);
    }
    let wrong = lengths(enc, parts);
    if wrong.is_empty() {
        findings.push(mismatch(cipher.yields_text(iv, ciphertext)));
    }
    findings.extend(wrong);
    None
}

/// The CEK as long as `enc` has it, or else as it is.
fn fitting_cek(
    enc: Enc,
    cek: Zeroizing<Vec<u8>>,
    findings: &mut Vec<Finding>,
) -> Result<Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>> {
    if cek.len() == enc.cek_len() {
        return Ok(cek);
    }
    let text = core::str::from_utf8(&cek).unwrap_or_default();
    let base64 = base64_text::decode(text).ok().map(|(bytes, _)| Zeroizing::new(bytes));
    let hex = base64_text::decode_hex(&cek).map(Zeroizing::new);
    for (how, inner) in [("hexadecimal", hex), ("base64", base64)] {
        if let Some(inner) = inner.filter(|inner| inner.len() == enc.cek_len()) {
            findings.push(Finding::new(
                Cause::CekEncoded,
                format!(
                    "the encrypted key holds {how} of a CEK, and not its {} bytes",
                    inner.len()
                ),
                "Encrypt the bytes of the CEK themselves",
            ));
            return Ok(inner);
        }
    }
    Err(cek)
}

/// Whether the content opens with another `enc` for which the CEK is as long as it must be.
fn of_another_enc(
    parts: &Parts,
    cek: &[u8],
    enc: Enc,
    backend: &Backend,
    aad: &[u8],
) -> Option<(Finding, Zeroizing<Vec<u8>>)> {
    let others =
        Enc::ALL.iter().copied().filter(|other| *other != enc && other.cek_len() == cek.len());
    for other in others {
        let Some(cipher) = Cipher::new(backend, other, cek) else { continue };
        let verdict = cipher.judge(&parts.iv.bytes, aad, &parts.ciphertext.bytes, &parts.tag.bytes);
        if let Verdict::Opens(plaintext) = verdict {
            let finding = Finding::new(
                Cause::ContentOfAnotherEnc,
                format!("the header says {enc}, and the content is encrypted with {other}"),
                format!(
                    "Encrypt the content with {enc}, and let one setting of the library decide both"
                ),
            );
            return Some((finding, plaintext));
        }
    }
    None
}

/// The parts as they are, and in every way in which libraries put them together otherwise.
fn candidates(enc: Enc, parts: &Parts) -> Vec<Candidate> {
    let mut all = Vec::new();
    for (iv_findings, iv) in ivs(enc, &parts.iv) {
        for (body_findings, ciphertext, tag) in bodies(enc, parts) {
            let mut findings = iv_findings.clone();
            findings.extend(body_findings);
            all.push(Candidate { findings, iv: iv.clone(), ciphertext, tag });
        }
    }
    let iv_len = enc.iv_len();
    // Libraries that return one buffer put the initialization vector first.
    for (body_findings, ciphertext, tag) in bodies(enc, parts) {
        if let Some((iv, rest)) = ciphertext.split_at_checked(iv_len) {
            let mut findings = vec![Finding::new(
                Cause::IvInCiphertext,
                "the initialization vector stands before the ciphertext in its part, as libraries return both in one buffer",
                format!("Take the first {iv_len} bytes off: they are the token's third part"),
            )];
            findings.extend(body_findings);
            all.push(Candidate { findings, iv: iv.to_vec(), ciphertext: rest.to_vec(), tag });
        }
    }
    all
}

fn ivs(enc: Enc, part: &Part) -> Vec<(Vec<Finding>, Vec<u8>)> {
    let wanted = enc.iv_len();
    if part.bytes.len() == wanted {
        return vec![(Vec::new(), part.bytes.clone())];
    }
    let mut ivs = Vec::new();
    if let Some((how, bytes)) = encoded_again(part, wanted) {
        ivs.push((vec![encoded_twice("the initialization vector", how)], bytes));
    }
    if let Some(first) = part.bytes.get(..wanted) {
        let mut finding = iv_length(enc, part.bytes.len());
        finding
            .what
            .push_str(&format!("; the content was encrypted with the first {wanted} of them"));
        ivs.push((vec![finding], first.to_vec()));
    }
    ivs
}

fn bodies(enc: Enc, parts: &Parts) -> Vec<(Vec<Finding>, Vec<u8>, Vec<u8>)> {
    let (ciphertext, tag) = (&parts.ciphertext.bytes, &parts.tag.bytes);
    let mut bodies = vec![(Vec::new(), ciphertext.clone(), tag.clone())];
    let tag_len = enc.tag_len();
    let inside = |place: &str| {
        vec![Finding::new(
            Cause::TagInCiphertext,
            format!(
                "the authentication tag stands {place} the ciphertext in its part, as libraries return both in one buffer"
            ),
            format!("Take the {tag_len} bytes off the ciphertext: they are the token's last part"),
        )]
    };
    let at_end = ciphertext.len().checked_sub(tag_len);
    if let Some((rest, tag)) = at_end.and_then(|at| ciphertext.split_at_checked(at)) {
        bodies.push((inside("behind"), rest.to_vec(), tag.to_vec()));
    }
    if let Some((tag, rest)) = ciphertext.split_at_checked(tag_len) {
        bodies.push((inside("before"), rest.to_vec(), tag.to_vec()));
    }
    if let Some((how, bytes)) = encoded_again(&parts.tag, tag_len) {
        bodies.push((vec![encoded_twice("the tag", how)], ciphertext.clone(), bytes));
    }
    if ciphertext.len() == tag_len || tag.len() != tag_len {
        let swapped = vec![Finding::new(
            Cause::PartsSwapped,
            "the ciphertext and the tag are in each other's place",
            "Write the parts in the order of RFC 7516 §7.1: header, encrypted key, initialization vector, ciphertext, tag",
        )];
        bodies.push((swapped, tag.clone(), ciphertext.clone()));
    }
    for (how, inner) in texts_in(ciphertext) {
        bodies.push((vec![encoded_twice("the ciphertext", how)], inner, tag.clone()));
    }
    bodies
}

/// What the ciphertext is if it is text.
fn texts_in(ciphertext: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let Ok(text) = core::str::from_utf8(ciphertext) else { return Vec::new() };
    if text.is_empty() {
        return Vec::new();
    }
    let hex = base64_text::decode_hex(ciphertext).map(|bytes| ("base64url of hexadecimal", bytes));
    let base64 = base64_text::decode(text).ok().map(|(bytes, _)| ("base64url of base64", bytes));
    hex.into_iter().chain(base64).collect()
}

/// What may have been authenticated beside the content, and what is then wrong.
fn aads(parts: &Parts, header: &Header<'_>) -> Vec<(Option<Finding>, Vec<u8>)> {
    let text = &parts.header.text;
    let canonical = base64_text::encode(&parts.header.bytes);
    let mut aads: Vec<(Option<Finding>, Vec<u8>)> = vec![(None, text.clone().into_bytes())];
    let wrong = |what: &str| {
        Some(Finding::new(
            Cause::WrongAad,
            format!(
                "{what} was authenticated beside the content, and not the header's base64url text"
            ),
            "Give the cipher the ASCII bytes of the token's first part as additional authenticated data (RFC 7516 §5.1, step 14)",
        ))
    };
    if *text != canonical {
        // The encoding was changed after encryption: that is said of the encoding already.
        aads.push((None, canonical.clone().into_bytes()));
    }
    let mut padded = canonical.clone();
    while !padded.len().is_multiple_of(4) {
        padded.push('=');
    }
    let standard = padded.replace('-', "+").replace('_', "/");
    aads.push((wrong("nothing"), Vec::new()));
    aads.push((wrong("the header's JSON text"), parts.header.bytes.clone()));
    for (what, other) in
        [("padded base64 of the header", padded), ("standard base64 of the header", standard)]
    {
        if !aads.iter().any(|(_, seen)| *seen == other.as_bytes()) {
            aads.push((wrong(what), other.into_bytes()));
        }
    }
    for (what, json) in header::rewritten(header) {
        let rewritten = base64_text::encode(json.as_bytes());
        if rewritten != canonical {
            let finding = Finding::new(
                Cause::HeaderChanged,
                format!("the header was changed after encryption: the tag fits one with {what}"),
                "Send the header exactly as it was when the content was encrypted: set every member before, and never parse and write it again on the way",
            );
            aads.push((Some(finding), rewritten.into_bytes()));
        }
    }
    aads
}

/// Ways that no `enc` is.
fn in_another_way(
    enc: Enc,
    parts: &Parts,
    cek: &[u8],
    backend: &Backend,
) -> Option<(Finding, Zeroizing<Vec<u8>>)> {
    let (iv, ciphertext, tag) = (&parts.iv.bytes, &parts.ciphertext.bytes, &parts.tag.bytes);
    if enc.is_cbc()
        && let Some((first, second)) = cek.split_at_checked(cek.len() / 2)
    {
        let swapped = Zeroizing::new([second, first].concat());
        let verdict = Cipher::new(backend, enc, &swapped)
            .map(|cipher| cipher.judge(iv, parts.header.text.as_bytes(), ciphertext, tag));
        if let Some(Verdict::Opens(plaintext)) = verdict {
            let finding = Finding::new(
                Cause::CekHalvesSwapped,
                "the first half of the CEK was taken to encrypt, and the second to authenticate",
                "Take the first half for HMAC and the second for AES (RFC 7518 §5.2.2.1)",
            );
            return Some((finding, plaintext));
        }
    }
    let plaintext = cipher::unauthenticated_cbc(backend, cek, iv, ciphertext)?;
    let finding = Finding::new(
        Cause::Unauthenticated,
        format!(
            "the content decrypts to readable text as AES-CBC with a key of {} bytes, which authenticates nothing: {enc} is not that",
            cek.len()
        ),
        format!(
            "Encrypt with {enc}, through a JWE library: content without a tag can be changed by everybody"
        ),
    );
    Some((finding, plaintext))
}

/// What the lengths alone say.
fn lengths(enc: Enc, parts: &Parts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let iv = parts.iv.bytes.len();
    if iv != enc.iv_len() {
        findings.push(iv_length(enc, iv));
    }
    let ciphertext = parts.ciphertext.bytes.len();
    if !enc.is_ciphertext_len(ciphertext) {
        findings.push(Finding::new(
            Cause::CiphertextLength,
            format!("the ciphertext has {ciphertext} bytes, and {enc} makes whole blocks of 16"),
            "Send the ciphertext whole, with its padding; see whether the content is of another enc",
        ));
    }
    let tag = parts.tag.bytes.len();
    if tag != enc.tag_len() {
        findings.push(tag_length(enc, tag, false));
    }
    findings
}

/// What the lengths say where there is no CEK.
pub(crate) fn examine_lengths(parts: &Parts, header: &Header<'_>, findings: &mut Vec<Finding>) {
    if let Some(enc) = header.enc {
        for (part, wanted, name) in [
            (&parts.iv, enc.iv_len(), "the initialization vector"),
            (&parts.tag, enc.tag_len(), "the tag"),
        ] {
            if let Some((how, _)) = encoded_again(part, wanted) {
                findings.push(encoded_twice(name, how));
                return;
            }
        }
        findings.extend(lengths(enc, parts));
    }
}

fn iv_length(enc: Enc, found: usize) -> Finding {
    let wanted = enc.iv_len();
    let habit = if found == 16 && !enc.is_cbc() {
        ": 16 is the block of AES, and that of AES-CBC"
    } else {
        ""
    };
    Finding::new(
        Cause::IvLength,
        format!("the initialization vector has {found} bytes, and {enc} has {wanted}{habit}"),
        format!("Draw {wanted} random bytes for every value"),
    )
}

fn tag_length(enc: Enc, found: usize, fits: bool) -> Finding {
    let wanted = enc.tag_len();
    let what = match (fits, found < wanted) {
        (true, true) => ": it is the beginning of the right one",
        (true, false) => ": it is the right one with more behind it",
        (false, _) => "",
    };
    Finding::new(
        Cause::TagLength,
        format!("the tag has {found} bytes, and {enc} has {wanted}{what}"),
        format!(
            "Send the tag with all its {wanted} bytes and no more; in many libraries its length is a setting"
        ),
    )
}

fn mismatch(readable: bool) -> Finding {
    let (what, change) = if readable {
        (
            "the tag does not fit, and yet CEK, initialization vector and ciphertext give a readable text: it is the header or the tag that is not the sender's",
            "Send the first and the last part exactly as the library returned them, and give the cipher the token's first part as additional authenticated data",
        )
    } else {
        (
            "the tag does not fit: the header, the initialization vector, the ciphertext or the tag was changed, or made in a way that is not known here",
            "Send the token exactly as the library returned it, and encrypt every value in one call of a JWE library",
        )
    };
    Finding::new(Cause::TagMismatch, what, change)
}
