use jwe_core::{Alg, Backend, Curve, DecryptError, is_well_formed};

use super::hostile_ephemeral_keys::hostile;
use crate::support::bytes::flipped;
use crate::support::compact::Parts;
use crate::support::curve_keys::curve_key;
use crate::support::engine::{self, Message, Pair};
use crate::support::keys;
use crate::support::params::Params;
use crate::support::reference::key_management::{self, Wrapped};
use crate::support::reference::{aes_kw, cbc_hmac, oaep};
use crate::support::sealed::Sealed;
use crate::support::secret::Secret;
use crate::support::seeded::Seeded;

/// Every cryptographic failure of decryption is the one `DecryptionFailed`: the encrypted key, the
/// CEK in it, the tag, the padding. What public bytes decide is another error, and the same
/// whatever the bytes are. The output buffer is as it was in every case.
///
/// # Panics
/// When the backend does not conform.
pub fn engine_one_error(backend: &Backend) {
    let mut random = Seeded::new("engine_one_error");
    let mut whole = Vec::new();
    for pair in engine::pairs(backend) {
        // Each bit of each byte with the first enc of each alg; with the others some of them.
        let step = if whole.contains(&pair.alg) { 29 } else { 1 };
        whole.push(pair.alg);
        // Of the algorithms that wrap a CEK with a shared or agreed key, every enc is much alike.
        if step == 1 || pair.first || pair.alg.is_rsa() || !pair.way.wraps() {
            one_error(&pair, step, &mut random);
        }
    }
}

fn one_error(pair: &Pair<'_>, step: usize, random: &mut Seeded) {
    let Some(decrypter) = pair.decrypter() else { return };
    let good = pair.message(b"a message that is changed", random);
    pair.site
        .accepts("the message before it is changed", || decrypter.decrypt(&good.parts.token()));

    let mut cases = cryptographic(pair, &good, step, random);
    cases.extend(key_management(pair, &good, random));
    cases.extend(forgeries(pair, &good, random));
    for (case, parts) in cases {
        let error = engine::refused(&pair.site, &decrypter, &case, &parts.token());
        let one = DecryptError::DecryptionFailed;
        pair.site.holds(
            &case,
            error == one
                && error.code() == "decryption_failed"
                && error.to_string() == one.to_string()
                && format!("{error:?}") == format!("{one:?}"),
            &format!("the error is {error:?}; every cryptographic failure must be the same"),
        );
        pair.site.holds(
            &case,
            std::error::Error::source(&error).is_none(),
            "the error has a source, which tells what failed",
        );
    }
    for (case, parts) in lengths(&good.parts) {
        let error = engine::refused(&pair.site, &decrypter, &case, &parts.token());
        pair.site.holds(
            &case,
            error.code() == "part_length",
            &format!("the error is {error:?}; a wrong length is public and reported as such"),
        );
    }

    for (case, parts) in downgrades(pair, &good.parts) {
        let error = engine::refused(&pair.site, &decrypter, &case, &parts.token());
        pair.site.holds(
            &case,
            error.code() == "alg_not_accepted",
            &format!("the error is {error:?}; a key is for one alg, and its name is exact"),
        );
    }

    for (case, parts) in malformed(pair, &good, random) {
        let error = engine::refused(&pair.site, &decrypter, &case, &parts.token());
        let public = [
            "header_key_parameter",
            "header_missing_member",
            "header_member_type",
            "epk_curve",
            "p2c_out_of_range",
        ];
        pair.site.holds(
            &case,
            public.contains(&error.code()),
            &format!(
                "the error is {error:?}; a malformed parameter is public and reported as such"
            ),
        );
    }

    // Any change of the text of the token, the header and the dots included.
    let token = good.parts.token();
    for at in (0..token.len()).step_by(step) {
        let changed = String::from_utf8(flipped(token.as_bytes(), at, random.below(3)))
            .expect("ASCII with one of its low bits changed is ASCII");
        engine::refused(&pair.site, &decrypter, format!("character {at} changed"), &changed);
    }
    for len in (0..token.len()).step_by(step) {
        engine::refused(&pair.site, &decrypter, format!("cut to {len} characters"), &token[..len]);
    }
}

/// Messages that only a key shows to be wrong.
fn cryptographic(
    pair: &Pair<'_>,
    good: &Message,
    step: usize,
    random: &mut Seeded,
) -> Vec<(String, Parts)> {
    let parts = &good.parts;
    let mut cases = Vec::new();
    let mut add = |case: String, parts: Parts| cases.push((case, parts));
    for at in (0..parts.encrypted_key.len()).step_by(step) {
        let encrypted_key = flipped(&parts.encrypted_key, at, random.below(8));
        add(
            format!("a bit of byte {at} of the encrypted key"),
            Parts { encrypted_key, ..parts.clone() },
        );
    }
    for at in 0..parts.iv.len() {
        let iv = flipped(&parts.iv, at, random.below(8));
        add(format!("a bit of byte {at} of the IV"), Parts { iv, ..parts.clone() });
    }
    for at in 0..parts.ciphertext.len() {
        let ciphertext = flipped(&parts.ciphertext, at, random.below(8));
        add(format!("a bit of byte {at} of the ciphertext"), Parts { ciphertext, ..parts.clone() });
    }
    for at in 0..parts.tag.len() {
        let tag = flipped(&parts.tag, at, random.below(8));
        add(format!("a bit of byte {at} of the tag"), Parts { tag, ..parts.clone() });
    }
    let zero = Parts { tag: vec![0; parts.tag.len()], ..parts.clone() };
    add("a tag of zeros".to_owned(), zero.clone());
    let len = if pair.enc.is_cbc() { 16 } else { 0 };
    add(
        "the shortest ciphertext under a tag of zeros".to_owned(),
        Parts { ciphertext: vec![0; len], ..zero },
    );
    // The header is authenticated: one more space in it.
    let header = [&parts.header[..], b" "].concat();
    add("a space behind the header".to_owned(), Parts { header, ..parts.clone() });

    if let Some(key) = pair.rsa() {
        let k = key.modulus_len();
        for (case, encrypted_key) in [
            ("an encrypted key of zeros", vec![0; k]),
            ("an encrypted key of ff", vec![0xff; k]),
            ("the modulus as the encrypted key", key.n.clone()),
            ("a random encrypted key", [&[0], &random.bytes(k - 1)[..]].concat()),
            (
                "an encrypted key for another key",
                oaep::encrypt(pair.alg, keys::rsa("2048-other"), &good.cek, random),
            ),
        ] {
            add(case.to_owned(), Parts { encrypted_key, ..parts.clone() });
        }
        for other in Alg::ALL.iter().copied().filter(|alg| alg.is_rsa() && *alg != pair.alg) {
            if good.cek.len() <= oaep::max_message_len(other, k) {
                let encrypted_key = oaep::encrypt(other, &key, &good.cek, random);
                add(
                    format!("the CEK wrapped by {other}"),
                    Parts { encrypted_key, ..parts.clone() },
                );
            }
        }
        // A CEK of a wrong length, among them beginnings and continuations of the right one.
        let lens = [0, 1, 15, 16, 17, 24, 31, 32, 33, 48, 64, oaep::max_message_len(pair.alg, k)];
        for len in lens.into_iter().filter(|len| *len != good.cek.len()) {
            for fill in [0, 0x77] {
                let mut cek = good.cek.clone();
                cek.resize(len, fill);
                if fill == 0x77 {
                    cek.fill(fill);
                }
                let encrypted_key = oaep::encrypt(pair.alg, &key, &cek, random);
                let case = format!("a wrapped CEK of {len} bytes");
                add(case, Parts { encrypted_key, ..parts.clone() });
            }
        }
        let encrypted_key = oaep::encrypt(pair.alg, &key, &random.bytes(good.cek.len()), random);
        add("another CEK of the right length".to_owned(), Parts { encrypted_key, ..parts.clone() });
        let encrypted_key = oaep::encrypt(pair.alg, &key, &vec![0; good.cek.len()], random);
        add("a CEK of zeros".to_owned(), Parts { encrypted_key, ..parts.clone() });
    }
    if pair.enc.is_cbc() {
        for last in [0, 2, 16, 17, 0x80, 0xff] {
            let mut text = vec![0xaa; 32];
            text[31] = last;
            let (ciphertext, tag) =
                cbc_hmac::seal_blocks(pair.enc, &good.cek, &parts.iv, &parts.aad(), &text);
            let case = format!("a padding of {last:02x} under a right tag");
            add(case, Parts { ciphertext, tag, ..parts.clone() });
        }
    }
    cases
}

/// Messages that are right but for one thing in the way of the CEK; the content and its tag are
/// right for the CEK that the kit meant.
fn key_management(pair: &Pair<'_>, good: &Message, random: &mut Seeded) -> Vec<(String, Parts)> {
    let mut cases = Vec::new();
    if pair.alg.is_rsa() {
        // Above, in more ways.
        return cases;
    }
    let text = b"a message that is changed";
    let other = Secret::other(pair.way, pair.enc);
    let message = pair.message_with(&other, &good.cek, text, random);
    cases.push(("a message to another key".to_owned(), message.parts));

    let mut params = Params::of_header(&good.parts.header_json());
    let mut add = |case: String, cek: &[u8], encrypted_key: &[u8], params: Params| {
        let wrapped = Wrapped { cek: cek.to_vec(), encrypted_key: encrypted_key.to_vec(), params };
        cases.push((case, pair.around(&wrapped, text, random).parts));
    };
    let encrypted_key = &good.parts.encrypted_key;
    if pair.way.wraps() {
        for (case, cek) in [
            ("another CEK of the right length", vec![0x77; good.cek.len()]),
            ("a CEK of zeros", vec![0; good.cek.len()]),
        ] {
            let (enc, mut random) = (pair.enc, Seeded::fixed(case));
            let (alg, secret, params) = (pair.alg, &pair.secret, params.clone());
            let sent = key_management::encrypt(alg, secret, enc, &cek, params, &mut random);
            add(case.to_owned(), &good.cek, &sent.encrypted_key, sent.params);
        }
        for byte in 0..encrypted_key.len() {
            let case = format!("a bit of byte {byte} of the encrypted key, content right");
            let changed = flipped(encrypted_key, byte, byte);
            add(case, &good.cek, &changed, params.clone());
        }
    }
    if let (Some(iv), Some(tag)) = (params.iv, params.tag) {
        for byte in 0..iv.len() {
            let iv = flipped(&iv, byte, byte).try_into().ok();
            let case = format!("a bit of byte {byte} of the iv of the encrypted key");
            add(case, &good.cek, encrypted_key, Params { iv, ..params.clone() });
        }
        for byte in 0..tag.len() {
            let tag = flipped(&tag, byte, byte).try_into().ok();
            let case = format!("a bit of byte {byte} of the tag of the encrypted key");
            add(case, &good.cek, encrypted_key, Params { tag, ..params.clone() });
        }
    }
    if pair.alg.is_pbes2() {
        for byte in [0, params.p2s.len() - 1] {
            let p2s = flipped(&params.p2s, byte, byte);
            let case = format!("a bit of byte {byte} of the salt");
            add(case, &good.cek, encrypted_key, Params { p2s, ..params.clone() });
        }
    }
    if let Some(curve) = pair.way.curve {
        for (case, apu, apv) in
            [("apu", &b"Eve"[..], &params.apv), ("apv", &params.apu, &b"Eve"[..].to_vec())]
        {
            let params = Params { apu: apu.to_vec(), apv: apv.to_vec(), ..params.clone() };
            add(format!("another {case}"), &good.cek, encrypted_key, params);
        }
        let epk = curve_key(curve, "other").public;
        params.epk = Some((curve, epk));
        add("another epk".to_owned(), &good.cek, encrypted_key, params.clone());
        for (case, epk) in hostile(curve, &mut Seeded::fixed("hostile")) {
            if !is_well_formed(curve, &epk) {
                continue;
            }
            params.epk = Some((curve, epk));
            // What a recipient ends up with who does not look at an error of the agreement.
            let zeros = vec![0; curve.secret_len()];
            let derived = key_management::agreed_key(pair.alg, pair.enc, &zeros, &params);
            let (cek, encrypted_key) = if pair.way.wraps() {
                (good.cek.clone(), aes_kw::wrap(&derived, &good.cek))
            } else {
                (derived, Vec::new())
            };
            add(format!("{case}, for a secret of zeros"), &cek, &encrypted_key, params.clone());
        }
        let zeros = vec![0; good.cek.len()];
        add(
            "an epk off the curve or of small order, for a CEK of zeros".to_owned(),
            &zeros,
            encrypted_key,
            params,
        );
    }
    cases
}

/// Messages whose header parameters of the algorithm nobody could use.
fn malformed(pair: &Pair<'_>, good: &Message, random: &mut Seeded) -> Vec<(String, Parts)> {
    let params = Params::of_header(&good.parts.header_json());
    let mut wrong: Vec<(String, Params)> = Vec::new();
    if let Some(curve) = pair.way.curve {
        wrong.push(("no epk".to_owned(), Params { epk: None, ..params.clone() }));
        for other in Curve::ALL.iter().copied().filter(|other| *other != curve) {
            let epk = Some((other, curve_key(other, "ephemeral").public));
            wrong.push((format!("an epk on {other}"), Params { epk, ..params.clone() }));
        }
        for (case, epk) in hostile(curve, &mut Seeded::fixed("hostile")) {
            // An `epk` in a header has coordinates, and no form.
            let form = curve.is_nist() && epk.first() != Some(&4);
            if epk.len() == curve.public_len() && !form && !is_well_formed(curve, &epk) {
                wrong.push((case, Params { epk: Some((curve, epk)), ..params.clone() }));
            }
        }
    }
    if pair.alg.is_gcm_kw() {
        wrong.push(("no iv".to_owned(), Params { iv: None, ..params.clone() }));
        wrong.push(("no tag".to_owned(), Params { tag: None, ..params.clone() }));
    }
    if pair.alg.is_pbes2() {
        wrong.push(("no p2s".to_owned(), Params { p2s: Vec::new(), ..params.clone() }));
        wrong.push(("no p2c".to_owned(), Params { p2c: None, ..params.clone() }));
        for len in [1, 7, 257] {
            let p2s = vec![0x61; len];
            wrong.push((format!("a p2s of {len} bytes"), Params { p2s, ..params.clone() }));
        }
        for p2c in [0, 1, 999, 1001, 1_000_000, u32::MAX] {
            wrong.push((format!("a p2c of {p2c}"), Params { p2c: Some(p2c), ..params.clone() }));
        }
    }
    wrong
        .into_iter()
        .map(|(case, params)| {
            let wrapped = Wrapped {
                cek: good.cek.clone(),
                encrypted_key: good.parts.encrypted_key.clone(),
                params,
            };
            (case, pair.around(&wrapped, b"a message", random).parts)
        })
        .collect()
}

/// Content that an attacker encrypted with a CEK that careless code ends up with.
fn forgeries(pair: &Pair<'_>, good: &Message, random: &mut Seeded) -> Vec<(String, Parts)> {
    let Some(key) = pair.rsa() else { return Vec::new() };
    let parts = &good.parts;
    let mut cases = Vec::new();
    let under = |cek: Vec<u8>, encrypted_key: Vec<u8>| {
        let (iv, aad) = (parts.iv.clone(), parts.aad());
        let text = b"a forgery";
        let sealed = Sealed::with(pair.backend, pair.content, cek, iv, aad, text);
        let (ciphertext, tag) = (sealed.ciphertext, sealed.tag);
        Parts { encrypted_key, ciphertext, tag, ..parts.clone() }
    };
    let zeros = vec![0; good.cek.len()];
    let garbage = [&[0], &random.bytes(key.modulus_len() - 1)[..]].concat();
    let case = "a random encrypted key, and content under a CEK of zeros";
    cases.push((case.to_owned(), under(zeros, garbage)));
    for len in [0, 1, 16, 31].into_iter().filter(|len| *len < good.cek.len()) {
        let short = random.bytes(len);
        let mut padded = short.clone();
        padded.resize(good.cek.len(), 0);
        let encrypted_key = oaep::encrypt(pair.alg, &key, &short, random);
        let case = format!("a CEK of {len} bytes, and content under it padded with zeros");
        cases.push((case, under(padded, encrypted_key)));
    }
    cases
}

/// The message under the name of another `alg`, known or not, and in other letters.
fn downgrades(pair: &Pair<'_>, good: &Parts) -> Vec<(String, Parts)> {
    let own = pair.alg.name();
    let mut names: Vec<String> = Alg::ALL.iter().map(|alg| alg.name().to_owned()).collect();
    names.extend(["RSA1_5", "none", "", "RSA-OAEP-2560"].map(str::to_owned));
    names.extend([own.to_lowercase(), own.to_uppercase(), format!("{own} "), format!(" {own}")]);
    names.retain(|name| name != own);
    let of = |name: String| {
        let mut header = good.header_json();
        header["alg"] = name.as_str().into();
        let header = header.to_string().into_bytes();
        (format!("the alg {name:?} for a key of {own}"), Parts { header, ..good.clone() })
    };
    names.into_iter().map(of).collect()
}

/// Messages whose parts have lengths that no message of this `alg`, `enc` and key has.
fn lengths(good: &Parts) -> Vec<(String, Parts)> {
    let mut cases = Vec::new();
    let resized = |part: &[u8], len: usize| {
        let mut part = part.to_vec();
        part.resize(len, 0);
        part
    };
    for len in [0, 1, 7, 8, 9, 16, 23, 24, 25, 40, 255, 256, 257, 1000, 65_536] {
        if len != good.encrypted_key.len() {
            let encrypted_key = resized(&good.encrypted_key, len);
            let case = format!("an encrypted key of {len} bytes");
            cases.push((case, Parts { encrypted_key, ..good.clone() }));
        }
    }
    for len in (0..=33).chain([4096]).filter(|len| *len != good.iv.len()) {
        let iv = resized(&good.iv, len);
        cases.push((format!("an IV of {len} bytes"), Parts { iv, ..good.clone() }));
    }
    for len in (0..=64).filter(|len| *len != good.tag.len()) {
        let tag = resized(&good.tag, len);
        cases.push((format!("a tag of {len} bytes"), Parts { tag, ..good.clone() }));
    }
    cases
}
