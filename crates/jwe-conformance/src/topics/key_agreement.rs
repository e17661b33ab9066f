use jwe_core::{Alg, Backend, Curve, Enc, StaticAgreement};

use crate::support::attempt::Site;
use crate::support::curve_keys::{CurveKey, curve_key};
use crate::support::managed::{Recipient, Sender};
use crate::support::params::Params;
use crate::support::reference::{aes_kw, agreement, key_management};
use crate::support::secret::Secret;
use crate::support::seeded::Seeded;
use crate::support::vectors::{self, AgreementCase};
use crate::support::ways::Way;

/// The ECDH-ES family: the agreed secrets of RFC 5903, RFC 8037 and others, and the keys derived
/// from them, in both directions; `apu`, `apv`, the name of the algorithm and the length of the key
/// go into each. Recipients find the published public key of a private one.
///
/// A sender is compared where it takes a given ephemeral key pair. It may refuse one only where its
/// backend agrees with no static key on that curve either.
///
/// # Panics
/// When the backend does not conform.
pub fn key_agreement(backend: &Backend) {
    let mut random = Seeded::new("key_agreement");
    for way in Way::all().filter(|way| way.alg.is_ecdh()) {
        let curve = way.curve.expect("the family has curves");
        if let Some(agreement) = way.recipient(backend).and_then(|import| import.static_agreement())
        {
            static_agreement(&way.site(backend), agreement, curve);
        }
        for case in vectors::agreement().iter().filter(|case| case.curve == curve) {
            published(backend, way, case, &mut random);
        }
        for case in vectors::derivation() {
            if (case.alg, case.agreement.curve) == (way.alg, curve) {
                let params =
                    Params { apu: case.apu.clone(), apv: case.apv.clone(), ..Params::default() };
                let derived =
                    key_management::agreed_key(way.alg, case.enc, &case.agreement.z, &params);
                assert_eq!(derived, case.key, "the kit's own derivation of {}", case.source);
                agrees(backend, way, case.enc, &case.agreement, &params, &mut random);
            }
        }
        // Of the algorithms that wrap, the `enc` only gives the length of the CEK.
        for enc in Enc::ALL.iter().copied().filter(|enc| !way.wraps() || *enc == Enc::A256Gcm) {
            for (apu, apv) in infos(&mut random) {
                let params = Params { apu, apv, ..Params::default() };
                agrees(backend, way, enc, &case_of(curve), &params, &mut random);
            }
        }
        inputs_matter(backend, way, &mut random);
    }
}

/// The agreed secret itself, where a recipient's import object shows it.
fn static_agreement(site: &Site, object: &dyn StaticAgreement, curve: Curve) {
    for case in vectors::agreement().iter().filter(|case| case.curve == curve) {
        for (whose, private, public, other) in [
            ("the static key", &case.private, &case.public, &case.epk),
            ("the ephemeral key", &case.ephemeral, &case.epk, &case.public),
        ] {
            let name = format!("{}, {whose}", case.source);
            let key = jwe_core::EcPrivateKey::new(curve, private, None);
            let key = key.expect("a key of the kit is in range");
            let key = site.accepts(&name, || object.import(&key));
            let mut own = vec![0; curve.public_len()];
            site.accepts(&name, || key.public_key(&mut own));
            site.same(&name, "the public key", &own, public);
            let mut z = vec![0x5a; curve.secret_len()];
            site.accepts(&name, || key.agree(other, &mut z));
            site.same(&name, "the agreed secret", &z, &case.z);
            for len in [0, 1, curve.public_len() - 1, curve.public_len() + 1] {
                let mut own = vec![0; len];
                let case = format!("{name}: room for a public key of {len} bytes");
                site.refuses(case, || key.public_key(&mut own));
            }
            for len in [0, 1, curve.secret_len() - 1, curve.secret_len() + 1] {
                let mut z = vec![0; len];
                let case = format!("{name}: room for a secret of {len} bytes");
                site.refuses(case, || key.agree(other, &mut z));
            }
        }
    }
}

/// The kit's own recipient and ephemeral key.
fn case_of(curve: Curve) -> AgreementCase {
    let (own, ephemeral) = (curve_key(curve, "recipient"), curve_key(curve, "ephemeral"));
    let z = agreement::secret(curve, &ephemeral.private, &own.public);
    AgreementCase {
        source: "keys of the kit".to_owned(),
        curve,
        z: z.expect("keys of the kit agree"),
        private: own.private,
        public: own.public,
        ephemeral: ephemeral.private,
        epk: ephemeral.public,
    }
}

/// `apu` and `apv`: none, such as in the RFC, one of them, equal ones, and long ones.
fn infos(random: &mut Seeded) -> Vec<(Vec<u8>, Vec<u8>)> {
    vec![
        (Vec::new(), Vec::new()),
        (b"Alice".to_vec(), b"Bob".to_vec()),
        (b"Alice".to_vec(), Vec::new()),
        (Vec::new(), b"Alice".to_vec()),
        (b"AliceB".to_vec(), b"ob".to_vec()),
        (random.bytes(32), random.bytes(32)),
        (vec![0], vec![0, 0]),
        (random.bytes(400), random.bytes(300)),
    ]
}

fn published(backend: &Backend, way: Way, case: &AgreementCase, random: &mut Seeded) {
    agrees(backend, way, Enc::A256Gcm, case, &Params::default(), random);
}

/// Recipient and sender get the key that the kit derives from the agreed secret.
fn agrees(
    backend: &Backend,
    way: Way,
    enc: Enc,
    case: &AgreementCase,
    params: &Params,
    random: &mut Seeded,
) {
    let name = format!(
        "{} for {enc}, apu of {} and apv of {} bytes",
        case.source,
        params.apu.len(),
        params.apv.len()
    );
    let derived = key_management::agreed_key(way.alg, enc, &case.z, params);
    let (cek, encrypted_key) = if way.wraps() {
        let cek = random.bytes(enc.cek_len());
        let encrypted_key = aes_kw::wrap(&derived, &cek);
        (cek, encrypted_key)
    } else {
        (derived, Vec::new())
    };
    let key = CurveKey {
        name: case.source.clone(),
        curve: case.curve,
        private: case.private.clone(),
        public: case.public.clone(),
    };
    let secret = Secret::Curve(key);
    if let Some(recipient) = Recipient::new(backend, way, &secret) {
        let params = Params { epk: Some((case.curve, case.epk.clone())), ..params.clone() };
        let got = recipient.receives(&name, enc, &params, &encrypted_key);
        recipient.site.same(&name, "the CEK", &got, &cek);
    }
    if let Some(sender) = Sender::new(backend, way, &secret) {
        let pair = CurveKey {
            name: name.clone(),
            curve: case.curve,
            private: case.ephemeral.clone(),
            public: case.epk.clone(),
        };
        let pair = pair.key().expect("a key of the kit is in range");
        let context = params.sender(enc, backend.random()).with_ephemeral(&pair);
        let sent = sender.try_send_in(&name, context, &cek, params);
        if sent.is_err() && may_refuse_pairs(backend, way) {
            return;
        }
        let sent = sender.site.accepts(&name, || sent);
        let epk = sent.params.epk.map(|(_, epk)| epk).unwrap_or_default();
        sender.site.same(&name, "the epk", &epk, &case.epk);
        sender.site.same(&name, "the CEK", &sent.cek, &cek);
        sender.site.same(&name, "the encrypted key", &sent.encrypted_key, &encrypted_key);
    }
}

/// Whether the library that sends imports no private keys: it has no recipients on the curve.
fn may_refuse_pairs(backend: &Backend, way: Way) -> bool {
    let sends = backend.encryption_key_import(way.alg, way.curve).map(|(name, _)| name);
    Alg::ALL.iter().filter(|alg| alg.is_ecdh()).all(|alg| {
        let receives = backend.decryption_key_import(*alg, way.curve).map(|(name, _)| name);
        receives.is_err() || receives != sends
    })
}

/// One thing changed on the recipient's side is another key.
fn inputs_matter(backend: &Backend, way: Way, random: &mut Seeded) {
    let curve = way.curve.expect("the family has curves");
    let secret = Secret::Curve(curve_key(curve, "recipient"));
    let Some(recipient) = Recipient::new(backend, way, &secret) else { return };
    let enc = Enc::A128Gcm;
    let params = Params { apu: b"Alice".to_vec(), apv: b"Bob".to_vec(), ..Params::default() };
    let cek = random.bytes(enc.cek_len());
    let sent = key_management::encrypt(way.alg, &secret, enc, &cek, params, random);
    let good = sent.params.clone();
    let got = recipient.receives("before a change", enc, &good, &sent.encrypted_key);
    recipient.site.same("before a change", "the CEK", &got, &sent.cek);
    let other = curve_key(curve, "other");
    for (case, params) in [
        ("another apu", Params { apu: b"Alicf".to_vec(), ..good.clone() }),
        ("no apu", Params { apu: Vec::new(), ..good.clone() }),
        ("a longer apu", Params { apu: b"Alice\0".to_vec(), ..good.clone() }),
        ("another apv", Params { apv: b"Bpb".to_vec(), ..good.clone() }),
        ("no apv", Params { apv: Vec::new(), ..good.clone() }),
        ("a longer apv", Params { apv: b"Bob\0".to_vec(), ..good.clone() }),
        (
            "apu and apv exchanged",
            Params { apu: good.apv.clone(), apv: good.apu.clone(), ..good.clone() },
        ),
        (
            "apu and apv divided in another place",
            Params { apu: b"AliceB".to_vec(), apv: b"ob".to_vec(), ..good.clone() },
        ),
        ("another epk", Params { epk: Some((curve, other.public.clone())), ..good.clone() }),
    ] {
        another_key(&recipient, case, enc, &params, &sent.encrypted_key, &sent.cek);
    }
    let no_epk = Params { epk: None, ..good.clone() };
    recipient.refuses("no epk", enc, &no_epk, &sent.encrypted_key);
    if !way.wraps() {
        // The same length of the key under another name.
        for enc in Enc::ALL.iter().copied().filter(|other| *other != enc) {
            let case = format!("for {enc} instead of A128GCM");
            another_key(&recipient, &case, enc, &good, &[], &sent.cek);
        }
    }
    let other = Secret::other(way, enc);
    if let Some(recipient) = Recipient::new(backend, way, &other) {
        let case = "another private key";
        another_key(&recipient, case, enc, &good, &sent.encrypted_key, &sent.cek);
    }
}

/// A wrapped CEK is refused; an agreed one is another.
fn another_key(
    recipient: &Recipient,
    case: &str,
    enc: Enc,
    params: &Params,
    encrypted_key: &[u8],
    cek: &[u8],
) {
    if encrypted_key.is_empty() {
        let got = recipient.receives(case, enc, params, &[]);
        let begins = got.iter().zip(cek).all(|(a, b)| a == b);
        recipient.site.holds(case, !begins, "the same CEK: it does not depend on it");
    } else {
        recipient.refuses(case, enc, params, encrypted_key);
    }
}
