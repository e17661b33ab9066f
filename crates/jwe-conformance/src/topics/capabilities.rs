use core::fmt::Debug;

use jwe_core::{Alg, Algorithm, Backend, Direction, Enc};

use crate::Expected;
use crate::support::attempt::Site;

/// The backend lists what is expected, no less and no more, and its table says the same as its
/// lists.
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
    let senders = Alg::ALL.iter().filter(|alg| backend.encryption_key_import(**alg).is_ok());
    pinned("alg of senders", names(senders), names(expected.sends));
    let recipients = Alg::ALL.iter().filter(|alg| backend.decryption_key_import(**alg).is_ok());
    pinned("alg of recipients", names(recipients), names(expected.receives));
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

    table(backend);
    assert!(!backend.name().is_empty(), "the backend has no name");
}

/// Each line of the table leads to an object that is what the line says.
fn table(backend: &Backend) {
    let lines = backend.capabilities();
    for line in &lines {
        let site = Site::new(backend, line.algorithm);
        let case = line.direction;
        site.holds(case, !line.implementation.is_empty(), "no name of the code that does the work");
        site.holds(
            case,
            backend.name().split(" or ").any(|name| name == line.backend),
            "listed under the name of another backend",
        );
        let twice = lines
            .iter()
            .filter(|other| (other.algorithm, other.direction) == (line.algorithm, line.direction));
        site.holds(case, twice.count() == 1, "listed twice");
        let (named, implementation) = match (line.algorithm, line.direction) {
            (Algorithm::Alg(alg), Direction::Encrypt) => {
                let (_, import) = site.accepts(case, || backend.encryption_key_import(alg));
                (Algorithm::Alg(import.alg()), import.implementation())
            }
            (Algorithm::Alg(alg), Direction::Decrypt) => {
                let (_, import) = site.accepts(case, || backend.decryption_key_import(alg));
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
}

fn names<'a, T: Debug + 'a>(list: impl IntoIterator<Item = &'a T>) -> Vec<String> {
    list.into_iter().map(|item| format!("{item:?}")).collect()
}
