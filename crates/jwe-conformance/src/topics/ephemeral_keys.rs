use std::collections::HashSet;

use jwe_core::{Backend, Enc, is_well_formed};

use crate::support::curve_keys::curve_key;
use crate::support::managed::Sender;
use crate::support::params::Params;
use crate::support::reference::{agreement, key_management};
use crate::support::secret::Secret;
use crate::support::seeded::Seeded;
use crate::support::ways::Way;

/// Messages to one key.
const MESSAGES: usize = 100;
/// Those that the kit, which is slow, decrypts.
const READ: usize = 4;

/// The ECDH-ES family for senders: every message has an ephemeral key of its own, which is a public
/// key on the curve; the kit finds the CEK with it, with `apu` and `apv` and without.
///
/// # Panics
/// When the backend does not conform.
pub fn ephemeral_keys(backend: &Backend) {
    let mut random = Seeded::new("ephemeral_keys");
    let mut seen = HashSet::new();
    for way in Way::all().filter(|way| way.alg.is_ecdh()) {
        let curve = way.curve.expect("the family has curves");
        let own = curve_key(curve, "recipient");
        let secret = Secret::Curve(own.clone());
        let Some(sender) = Sender::new(backend, way, &secret) else { continue };
        let site = &sender.site;
        for message in 0..MESSAGES {
            let enc = Enc::ALL[message % Enc::ALL.len()];
            let case = format!("message {message} for {enc}");
            let params = if message % 2 == 0 {
                Params::default()
            } else {
                Params { apu: random.bytes(message), apv: random.bytes(7), ..Params::default() }
            };
            let cek = random.bytes(enc.cek_len());
            let sent = sender.sends(&case, enc, &cek, &params);
            let len = if way.wraps() { enc.cek_len() + 8 } else { 0 };
            let said = sender.encrypted_key_len(enc.cek_len());
            site.holds(&case, said == len, "a wrong length of the encrypted key is said");
            let (_, epk) = sent.params.epk.as_ref().expect("the family has an epk");
            site.holds(&case, is_well_formed(curve, epk), "the epk is not well formed");
            site.holds(&case, *epk != own.public, "the epk is the recipient's key");
            site.holds(&case, seen.insert((curve, epk.clone())), "the same epk twice");
            if message >= READ {
                continue;
            }
            let on_curve = agreement::is_public_key(curve, epk);
            site.holds(&case, on_curve, "the epk is not on the curve");
            let read =
                key_management::decrypt(way.alg, &secret, enc, &sent.params, &sent.encrypted_key);
            match read {
                Ok(read) => site.same(&case, "the CEK", &read, &sent.cek),
                Err(reason) => panic!("{site}, {case}: the kit can't read it: {reason}"),
            }
        }
        lengths(&sender, way, &mut random);
    }
}

/// Buffers that fit no CEK.
fn lengths(sender: &Sender<'_>, way: Way, random: &mut Seeded) {
    let none = Params::default();
    let site = &sender.site;
    if let jwe_core::SenderKey::Wrap(key) = &sender.key {
        let cek = random.bytes(32);
        for len in [0, 1, 8, 24, 32, 39, 41, 48, 1024] {
            let case = format!("a buffer of {len} bytes for the encrypted key of a CEK of 32");
            let mut encrypted = vec![0; len];
            let mut context = none.sender(Enc::A256Gcm, sender.random());
            site.refuses(case, || key.wrap_key(&mut context, &cek, &mut encrypted));
        }
        for len in [0, 1, 7, 8, 15, 17, 31, 33, 65, 72, 1000] {
            let case = format!("a CEK of {len} bytes, which no enc has");
            let sent = sender.try_send(&case, Enc::A256Gcm, &random.bytes(len), &none);
            site.refuses(case, || sent);
        }
    }
    if let jwe_core::SenderKey::Derive(key) = &sender.key {
        let case = "the length of the CEK";
        site.holds(case, key.cek_len().is_none(), &format!("{way} serves every enc"));
        for len in [65, 96, 1000] {
            let case = format!("a CEK of {len} bytes, which no enc has");
            let mut cek = vec![0; len];
            let mut context = none.sender(Enc::A256Gcm, sender.random());
            site.refuses(case, || key.derive_key(&mut context, &mut cek));
        }
    }
}
