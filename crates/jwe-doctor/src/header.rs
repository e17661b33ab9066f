//! The protected header against what is asked (RFC 7516 §4).

use jwe_core::{Alg, Enc};

use crate::cause::Cause;
use crate::expected::Expected;
use crate::finding::Finding;
use crate::json_members::{self, Member};
use crate::parts::Parts;
use crate::shown::quoted;

/// The most bytes of a header that are read, as every recipient has it.
const MAX_LEN: usize = jwe_core::Limits::MAX_HEADER_LEN;

/// What the header says.
#[derive(Clone, Debug)]
pub(crate) struct Header<'a> {
    pub(crate) members: Vec<Member<'a>>,
    pub(crate) alg: Option<String>,
    pub(crate) enc: Option<Enc>,
    pub(crate) kid: Option<String>,
    pub(crate) zip: bool,
}

/// Reads the header; `None` where that can't be done.
pub(crate) fn read<'a>(parts: &'a Parts, findings: &mut Vec<Finding>) -> Option<Header<'a>> {
    let not_json = |what: String| {
        Finding::new(
            Cause::HeaderNotJson,
            what,
            "Encrypt with a JWE library, whose header is a JSON object in base64url; see whether the token is whole",
        )
    };
    let bytes = &parts.header.bytes;
    if bytes.len() > MAX_LEN {
        findings.push(not_json(format!(
            "the protected header has {} bytes, and recipients read {MAX_LEN}",
            bytes.len()
        )));
        return None;
    }
    let members = core::str::from_utf8(bytes).ok().and_then(json_members::of);
    let Some(members) = members else {
        findings.push(not_json("the protected header is not one JSON object".to_owned()));
        return None;
    };
    let text = |name: &str| {
        let member = members.iter().find(|member| member.name == name)?;
        member.value.as_str().map(str::to_owned)
    };
    Some(Header {
        alg: text("alg"),
        enc: text("enc").and_then(|enc| Enc::from_name(&enc)),
        kid: text("kid"),
        zip: members.iter().any(|member| member.name == "zip"),
        members,
    })
}

/// Everything about the header but its `kid`.
pub(crate) fn examine(header: &Header<'_>, expected: &Expected, findings: &mut Vec<Finding>) {
    keys_inside(header, findings);
    twice(header, findings);
    for name in ["alg", "enc", "kid", "zip"] {
        let Some(member) = header.members.iter().find(|member| member.name == name) else {
            if name == "alg" || name == "enc" {
                findings.push(missing(name));
            }
            continue;
        };
        match member.value.as_str() {
            None => findings.push(Finding::new(
                Cause::HeaderMember,
                format!("the header's {name} is not a JSON string"),
                format!("Set {name} to a string"),
            )),
            Some(value) => match name {
                "alg" => alg(value, expected, findings),
                "enc" => enc(value, expected, findings),
                "zip" => findings.push(Finding::new(
                    Cause::Zip,
                    format!("the content is compressed: zip is {}", quoted(value)),
                    "Encrypt without zip: the length of compressed content tells something of it, and recipients refuse it",
                )),
                _ => {}
            },
        }
    }
    if let Some(crit) = header.members.iter().find(|member| member.name == "crit") {
        findings.push(Finding::new(
            Cause::Crit,
            format!("crit demands that the recipient understands {}", quoted(crit.raw_value)),
            "Leave crit out, unless the recipient documents these extensions (RFC 7516 §4.1.13)",
        ));
    }
}

fn missing(name: &str) -> Finding {
    Finding::new(
        Cause::HeaderMember,
        format!("the header has no {name}"),
        format!(
            "Encrypt with a JWE library, which sets alg and enc; {name} must be in the protected header"
        ),
    )
}

fn keys_inside(header: &Header<'_>, findings: &mut Vec<Finding>) {
    for member in &header.members {
        let name = quoted(&member.name);
        let private_jwk = member.value.get("kty").is_some()
            && ["d", "k", "p", "q"].iter().any(|secret| member.value.get(secret).is_some());
        let pem = member.value.as_str().is_some_and(|text| text.contains("-----BEGIN"));
        let private_pem = pem && member.raw_value.contains("PRIVATE KEY");
        if private_jwk || private_pem {
            findings.push(Finding::new(
                Cause::PrivateKeyInHeader,
                format!("the header member {name} holds a private key, for everybody to read"),
                "Make a new key at once and leave this one: name a key by its kid, and never put it into a header",
            ));
        } else if pem || (member.name == "kid" && member.value.is_object()) {
            findings.push(Finding::new(
                Cause::KeyInHeader,
                format!("the header member {name} holds a key"),
                "Set kid to the id that the key is published with, and leave the key itself out",
            ));
        }
    }
}

fn twice(header: &Header<'_>, findings: &mut Vec<Finding>) {
    let mut names: Vec<&str> = header.members.iter().map(|member| member.name.as_str()).collect();
    names.sort_unstable();
    let twice = names.windows(2).find_map(|pair| match pair {
        [one, two] if one == two => Some(*one),
        _ => None,
    });
    if let Some(name) = twice {
        findings.push(Finding::new(
            Cause::HeaderMemberTwice,
            format!("the header member {} is there twice", quoted(name)),
            "Set each header member once: two readers could take different ones",
        ));
    }
}

fn alg(value: &str, expected: &Expected, findings: &mut Vec<Finding>) {
    let wanted = expected.alg.map_or("an algorithm of RFC 7518 §4.1", Alg::name);
    let set = format!("Set alg to {wanted} in the client's library");
    let signature = [
        "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256",
        "PS384", "PS512", "EdDSA", "none",
    ];
    if signature.contains(&value) {
        findings.push(Finding::new(
            Cause::SignatureAlg,
            format!("its alg is {value}, which signs and does not encrypt"),
            set,
        ));
    } else if value == "RSA1_5" {
        findings.push(Finding::new(
            Cause::Rsa15,
            "its alg is RSA1_5: PKCS #1 v1.5 padding, which attackers can take apart and nobody should accept",
            set,
        ));
    } else {
        match (Alg::from_name(value), expected.alg) {
            (None, _) => findings.push(Finding::new(
                Cause::AlgUnknown,
                format!("its alg is {}, which no registry has", quoted(value)),
                format!("{set}: exactly so, upper case included"),
            )),
            (Some(Alg::RsaOaep), Some(wanted)) if wanted.is_rsa() && wanted != Alg::RsaOaep => {
                findings.push(Finding::new(
                    Cause::Sha1,
                    format!("its alg is RSA-OAEP, which is OAEP with SHA-1, and {wanted} is asked"),
                    set,
                ));
            }
            (Some(found), Some(wanted)) if found != wanted => findings.push(Finding::new(
                Cause::Alg,
                format!("its alg is {found}, and {wanted} is asked"),
                set,
            )),
            _ => {}
        }
    }
}

fn enc(value: &str, expected: &Expected, findings: &mut Vec<Finding>) {
    let wanted = if expected.enc.is_empty() {
        "an algorithm of RFC 7518 §5.1".to_owned()
    } else {
        expected.enc_names()
    };
    let set = format!("Set enc to {wanted} in the client's library");
    match Enc::from_name(value) {
        None => findings.push(Finding::new(
            Cause::EncUnknown,
            format!("its enc is {}, which no registry has", quoted(value)),
            format!("{set}: exactly so, upper case included"),
        )),
        Some(found) if !expected.enc.is_empty() && !expected.enc.contains(&found) => {
            findings.push(Finding::new(
                Cause::Enc,
                format!("its enc is {found}, and {wanted} is asked"),
                set,
            ));
        }
        Some(_) => {}
    }
}

/// Whether a value of the header is the same in another notation of white space and case.
pub(crate) fn alike(one: &str, two: &str) -> bool {
    one.trim().eq_ignore_ascii_case(two.trim())
}

/// The header written again without one member or with all, in ways that other software writes JSON:
/// each candidate with what it differs in.
pub(crate) fn rewritten(header: &Header<'_>) -> Vec<(String, String)> {
    let all: Vec<&Member<'_>> = header.members.iter().collect();
    let mut sorted = all.clone();
    sorted.sort_by(|one, two| one.name.cmp(&two.name));
    let mut candidates = Vec::new();
    let mut add = |what: &str, members: &[&Member<'_>]| {
        for (spacing, comma, colon) in [
            ("without white space", ",", ":"),
            ("with a space after commas and colons", ", ", ": "),
        ] {
            let members: Vec<String> = members
                .iter()
                .map(|member| format!("{}{colon}{}", member.raw_name, member.raw_value))
                .collect();
            candidates.push((format!("{what}{spacing}"), format!("{{{}}}", members.join(comma))));
        }
    };
    add("the same members, ", &all);
    add("the same members in the order of their names, ", &sorted);
    for left_out in header.members.iter().take(16) {
        let rest: Vec<&Member<'_>> =
            all.iter().copied().filter(|member| member.name != left_out.name).collect();
        add(&format!("no {}, ", quoted(&left_out.name)), &rest);
    }
    // The escape of `/` that PHP and some Java libraries write, and its absence.
    for (what, from, to) in [("no \\ before /, ", "\\/", "/"), ("\\ before /, ", "/", "\\/")] {
        let json: Vec<String> =
            all.iter().map(|member| format!("{}:{}", member.raw_name, member.raw_value)).collect();
        let json = format!("{{{}}}", json.join(","));
        if json.contains(from) {
            candidates.push((format!("{what}without white space"), json.replace(from, to)));
        }
    }
    candidates
}
