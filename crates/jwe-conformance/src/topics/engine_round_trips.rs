use jwe_core::Backend;

use crate::support::bytes::base64url;
use crate::support::compact::Parts;
use crate::support::engine::{self, Pair};
use crate::support::params::Params;
use crate::support::reference::key_management;
use crate::support::sealed::Sealed;
use crate::support::seeded::Seeded;

const LENS: &[usize] = &[0, 1, 15, 16, 17, 31, 32, 1000, 65_536];
/// Where the kit, which is slow, has an agreement or a thousand rounds to do for each.
const FEW_LENS: &[usize] = &[0, 17, 1000];

/// Tokens made by the engine on this backend are as long as it said, have the header that they
/// should have, share no CEK and no IV, and are read: by the engine where the backend lists the
/// `alg` for recipients, and by the kit. Tokens made by the kit are read by the engine.
///
/// # Panics
/// When the backend does not conform.
pub fn engine_round_trips(backend: &Backend) {
    let mut random = Seeded::new("engine_round_trips");
    for pair in engine::pairs(backend) {
        let (encrypter, decrypter) = (pair.encrypter(), pair.decrypter());
        let mut ivs = Vec::new();
        let slow = pair.alg.is_ecdh() || pair.alg.is_pbes2();
        let lens = match (slow, pair.first) {
            (false, _) => LENS,
            (true, true) => FEW_LENS,
            (true, false) => &FEW_LENS[1..2],
        };
        for len in lens.iter().copied() {
            let plaintext = random.bytes(len);
            let case = format!("{len} bytes");
            if let Some(encrypter) = &encrypter {
                let token = pair.site.accepts(&case, || encrypter.encrypt(&plaintext));
                let said = encrypter.encrypted_len(len);
                pair.site.holds(&case, said == Some(token.len()), "a wrong `encrypted_len`");
                let parts = Parts::of(&token);
                pair.site.holds(&case, !ivs.contains(&parts.iv), "an IV twice");
                ivs.push(parts.iv.clone());
                read_by_the_kit(&pair, &case, &parts, &plaintext);

                let mut appended = b"before".to_vec();
                let mut buffer = plaintext.clone();
                pair.site.accepts(&case, || encrypter.encrypt_in_place(&mut buffer, &mut appended));
                pair.site.holds(&case, buffer.is_empty(), "plaintext left in the buffer");
                pair.site.holds(&case, appended.starts_with(b"before"), "not appended");
                let token = String::from_utf8(appended.split_off(6)).expect("a token is ASCII");
                read_by_the_kit(&pair, &case, &Parts::of(&token), &plaintext);
                if let Some(decrypter) = &decrypter {
                    let got = pair.site.accepts(&case, || decrypter.decrypt(&token));
                    pair.site.same(&case, "the plaintext", &got, &plaintext);
                }
            }
            if let Some(decrypter) = &decrypter {
                let case = format!("{len} bytes in a token of the kit");
                let token = pair.message(&plaintext, &mut random).parts.token();
                let mut out = b"before".to_vec();
                pair.site.accepts(&case, || decrypter.decrypt_into(&token, &mut out));
                pair.site.same(&case, "the output", &out, &[b"before", &plaintext[..]].concat());
            }
        }
    }
}

/// Reads a token with the kit's own key operation and the backend's content encryption, whose
/// answers another topic compares with published ones.
fn read_by_the_kit(pair: &Pair<'_>, case: &str, parts: &Parts, plaintext: &[u8]) {
    let header = parts.header_json();
    let params = Params::of_header(&header);
    let (apu, apv) = pair.agreement_info();
    // The parameters of the algorithm, as they are read, are all that there is beside the three.
    let members = header.as_object().map_or(0, serde_json::Map::len);
    pair.site.holds(
        case,
        header["alg"] == pair.alg.name()
            && header["enc"] == pair.enc.name()
            && header["kid"] == pair.jwk["kid"]
            && members == 3 + params.members().len(),
        "the header is not alg, enc, kid and what the algorithm has",
    );
    let right = params.epk.as_ref().map(|(curve, _)| *curve) == pair.way.curve
        && (params.apu == apu && params.apv == apv)
        && params.iv.is_some() == pair.alg.is_gcm_kw()
        && params.tag.is_some() == pair.alg.is_gcm_kw()
        && params.p2c.is_some() == pair.alg.is_pbes2()
        && params.p2s.is_empty() != pair.alg.is_pbes2();
    pair.site.holds(case, right, "the header has not the parameters of the algorithm");
    let (enc, encrypted_key) = (pair.enc, &parts.encrypted_key);
    let cek = key_management::decrypt(pair.alg, &pair.secret, enc, &params, encrypted_key);
    let cek = match cek {
        Ok(cek) => cek,
        Err(reason) => panic!("{}, {case}: the encrypted key is wrong: {reason}", pair.site),
    };
    pair.site.holds(case, cek.len() == pair.enc.cek_len(), "a CEK of a wrong length");
    pair.site.holds(case, cek.iter().any(|byte| *byte != 0), "a CEK of zeros");
    let sealed = Sealed {
        enc: pair.enc,
        cek,
        iv: parts.iv.clone(),
        aad: base64url(&parts.header).into_bytes(),
        ciphertext: parts.ciphertext.clone(),
        tag: parts.tag.clone(),
    };
    let opened = sealed.opens(pair.backend, pair.content, case);
    pair.site.same(case, "the plaintext", &opened, plaintext);
}
