use jwe_core::{Alg, Algorithm, Backend, Direction, Enc, Gap};

use crate::support::attempt::Site;

/// What the backend does not list is refused by an error that names the backend, the algorithm
/// and the direction, and says what to do.
///
/// # Panics
/// When the backend does not conform.
pub fn gaps(backend: &Backend) {
    for alg in Alg::ALL.iter().copied() {
        if let Err(gap) = backend.encryption_key_import(alg) {
            says_all(backend, &gap, Algorithm::Alg(alg), Direction::Encrypt);
        }
        if let Err(gap) = backend.decryption_key_import(alg) {
            says_all(backend, &gap, Algorithm::Alg(alg), Direction::Decrypt);
        }
    }
    for enc in Enc::ALL.iter().copied() {
        for direction in [Direction::Encrypt, Direction::Decrypt] {
            if let Err(gap) = backend.content_encryption(enc, direction) {
                says_all(backend, &gap, Algorithm::Enc(enc), direction);
            }
        }
    }
}

fn says_all(backend: &Backend, gap: &Gap, algorithm: Algorithm, direction: Direction) {
    let site = Site::new(backend, algorithm);
    site.holds(direction, gap.backend() == backend.name(), "the gap names another backend");
    site.holds(direction, gap.algorithm() == algorithm, "the gap names another algorithm");
    site.holds(direction, gap.direction() == direction, "the gap names another direction");
    let text = gap.to_string();
    for part in [backend.name(), algorithm.to_string(), direction.to_string()] {
        site.holds(direction, text.contains(&part), "the text of the gap does not name it all");
    }
    // The error ends in the backend's own advice, in brackets (`Backend::with_gap_advice`).
    site.holds(
        direction,
        text.ends_with(')') && !text.ends_with("()"),
        "no advice: say with `with_gap_advice` which backends have the algorithm",
    );
}
