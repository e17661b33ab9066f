use jwe_core::{Algorithm, Backend, Curve, Direction, Enc, Gap};

use crate::support::attempt::Site;
use crate::support::ways::Way;

/// What the backend does not list is refused by an error that names the backend, the algorithm,
/// the curve where it has one, and the direction, and says what to do.
///
/// # Panics
/// When the backend does not conform.
pub fn gaps(backend: &Backend) {
    for way in Way::all() {
        if let Err(gap) = backend.encryption_key_import(way.alg, way.curve) {
            says_all(backend, &gap, Algorithm::Alg(way.alg), way.curve, Direction::Encrypt);
        }
        if let Err(gap) = backend.decryption_key_import(way.alg, way.curve) {
            says_all(backend, &gap, Algorithm::Alg(way.alg), way.curve, Direction::Decrypt);
        }
    }
    for enc in Enc::ALL.iter().copied() {
        for direction in [Direction::Encrypt, Direction::Decrypt] {
            if let Err(gap) = backend.content_encryption(enc, direction) {
                says_all(backend, &gap, Algorithm::Enc(enc), None, direction);
            }
        }
    }
}

fn says_all(
    backend: &Backend,
    gap: &Gap,
    algorithm: Algorithm,
    curve: Option<Curve>,
    direction: Direction,
) {
    let site = Site::new(backend, algorithm);
    site.holds(direction, gap.backend() == backend.name(), "the gap names another backend");
    site.holds(direction, gap.algorithm() == algorithm, "the gap names another algorithm");
    site.holds(direction, gap.curve() == curve, "the gap names another curve");
    site.holds(direction, gap.direction() == direction, "the gap names another direction");
    let text = gap.to_string();
    let mut parts = vec![backend.name(), algorithm.to_string(), direction.to_string()];
    parts.extend(curve.map(|curve| curve.to_string()));
    for part in parts {
        site.holds(direction, text.contains(&part), "the text of the gap does not name it all");
    }
    // The error ends in the backend's own advice, in brackets (`Backend::with_gap_advice`).
    site.holds(
        direction,
        text.ends_with(')') && !text.ends_with("()"),
        "no advice: say with `with_gap_advice` which backends have the algorithm",
    );
}
