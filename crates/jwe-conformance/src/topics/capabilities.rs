use core::fmt::Debug;

use jwe_core::{Algorithm, Backend, Curve, Direction, Enc};

use crate::Expected;
use crate::support::attempt::Site;
use crate::support::ways::Way;

/// The backend lists what is expected, no less and no more, and its table says the same as its
/// lists; only the ECDH-ES family has curves.
///
/// # Panics
/// When the backend does not conform.
pub fn capabilities(backend: &Backend, expected: &Expected<'_>) {
    let pinned = |what: &str, listed: Vec<String>, wanted: Vec<String>| {
        let difference = |of: &[String], from: &[String]| {
            of.iter().filter(|name| !from.contains(name)).cloned().collect::<Vec<_>>().join(", ")
        };
        let lost = difference(&wanted, &listed);
        let gained = difference(&listed, &wanted);
        assert!(
            lost.is_empty() && gained.is_empty(),
            "backend {}, {what}: lost [{lost}], gained [{gained}] against what its test pins",
            backend.name()
        );
    };
    let senders = Way::all().filter(|way| way.sender(backend).is_some());
    pinned("alg of senders", senders.map(|way| way.to_string()).collect(), expected.sends_lines());
    let recipients = Way::all().filter(|way| way.recipient(backend).is_some());
    pinned(
        "alg of recipients",
        recipients.map(|way| way.to_string()).collect(),
        expected.receives_lines(),
    );
    let content =
        Enc::ALL.iter().filter(|enc| backend.content_encryption(**enc, Direction::Encrypt).is_ok());
    pinned("enc", names(content), names(expected.content));
    let generated = backend.rsa_key_generation().map_or(&[][..], |rsa| rsa.modulus_bits());
    assert_eq!(
        generated,
        expected.generates_rsa,
        "backend {}: RSA key lengths that it generates, against what its test pins",
        backend.name()
    );
    let generated = Curve::ALL.iter().filter(|curve| backend.ec_key_generation(**curve).is_some());
    pinned("curves of generated keys", names(generated), names(expected.generates_ec));

    table(backend);
    no_other_curves(backend);
    assert!(!backend.name().is_empty(), "the backend has no name");
}

/// Each line of the table leads to an object that is what the line says, and everything that can be
/// imported has its line.
fn table(backend: &Backend) {
    let lines = backend.capabilities();
    for line in &lines {
        let name = match line.algorithm {
            Algorithm::Alg(alg) => Way { alg, curve: line.curve }.to_string(),
            other => other.to_string(),
        };
        let site = Site::new(backend, name);
        let case = line.direction;
        site.holds(case, !line.implementation.is_empty(), "no name of the code that does the work");
        site.holds(
            case,
            backend.name().split(" or ").any(|name| name == line.backend),
            "listed under the name of another backend",
        );
        let twice = lines.iter().filter(|other| {
            (other.algorithm, other.curve, other.direction)
                == (line.algorithm, line.curve, line.direction)
        });
        site.holds(case, twice.count() == 1, "listed twice");
        let ecdh = matches!(line.algorithm, Algorithm::Alg(alg) if alg.is_ecdh());
        site.holds(case, ecdh == line.curve.is_some(), "a curve where there is none, or none");
        let (named, implementation) = match (line.algorithm, line.direction) {
            (Algorithm::Alg(alg), Direction::Encrypt) => {
                let find = || backend.encryption_key_import(alg, line.curve);
                let (_, import) = site.accepts(case, find);
                (Algorithm::Alg(import.alg()), import.implementation())
            }
            (Algorithm::Alg(alg), Direction::Decrypt) => {
                let find = || backend.decryption_key_import(alg, line.curve);
                let (_, import) = site.accepts(case, find);
                (Algorithm::Alg(import.alg()), import.implementation())
            }
            (Algorithm::Enc(enc), direction) => {
                let object = site.accepts(case, || backend.content_encryption(enc, direction));
                (Algorithm::Enc(object.enc()), object.implementation())
            }
            (other, _) => panic!("{site}: the kit does not know {other:?}: it needs an update"),
        };
        site.holds(case, named == line.algorithm, "the object is of another algorithm");
        site.holds(case, implementation == line.implementation, "two names of the same code");
    }
    for way in Way::all() {
        let lists = |direction| {
            lines.iter().any(|line| {
                (line.algorithm, line.curve, line.direction)
                    == (Algorithm::Alg(way.alg), way.curve, direction)
            })
        };
        let (encrypt, decrypt) = (Direction::Encrypt, Direction::Decrypt);
        let site = way.site(backend);
        site.holds(encrypt, lists(encrypt) == way.sender(backend).is_some(), "not in the table");
        site.holds(decrypt, lists(decrypt) == way.recipient(backend).is_some(), "not in the table");
    }
}

/// An object says no curve where its algorithm has none, and none twice.
fn no_other_curves(backend: &Backend) {
    for way in Way::all() {
        let site = way.site(backend);
        let check = |direction: Direction, curves: &[Curve]| {
            if way.alg.is_ecdh() {
                let once = |curve| curves.iter().filter(|other| *other == curve).count() == 1;
                site.holds(direction, curves.iter().all(once), "a curve is listed twice");
            } else {
                site.holds(direction, curves.is_empty(), "the algorithm has no curves");
            }
        };
        if let Some(import) = way.sender(backend) {
            check(Direction::Encrypt, import.curves());
        }
        if let Some(import) = way.recipient(backend) {
            check(Direction::Decrypt, import.curves());
            if let Some(agreement) = import.static_agreement() {
                let same = agreement.curves() == import.curves();
                site.holds(Direction::Decrypt, same, "the key agreement has other curves");
            }
        }
        // An object of the family without any curve could import nothing.
        if way.curve.is_none() || way.curve == Some(Curve::P256) {
            let any = |curve| backend.encryption_key_import(way.alg, curve).is_ok();
            let some = Curve::ALL.iter().any(|curve| any(Some(*curve)));
            let lost = way.alg.is_ecdh() && any(None) && !some;
            site.holds(Direction::Encrypt, !lost, "listed without a curve");
            let any = |curve| backend.decryption_key_import(way.alg, curve).is_ok();
            let some = Curve::ALL.iter().any(|curve| any(Some(*curve)));
            let lost = way.alg.is_ecdh() && any(None) && !some;
            site.holds(Direction::Decrypt, !lost, "listed without a curve");
        }
    }
}

fn names<'a, T: Debug + 'a>(list: impl IntoIterator<Item = &'a T>) -> Vec<String> {
    list.into_iter().map(|item| format!("{item:?}")).collect()
}
