//! `jwe backends`: the capability table, from the code.

use jwe::{Alg, Algorithm, Capability, Curve, Direction, Enc, backends};
use serde_json::{Value, json};

use crate::cli::Backends;
use crate::failure::Failure;
use crate::output::{self, Secrecy};

pub(crate) fn run(args: &Backends) -> Result<(), Failure> {
    let text = if args.json { format!("{:#}\n", as_json()) } else { table(args.markdown) };
    output::write(None, text.as_bytes(), Secrecy::Public)
}

fn as_json() -> Value {
    let backend = |backend: &&jwe::Backend| {
        let capability = |line: &Capability| {
            let mut json = json!({
                "algorithm": line.algorithm.to_string(),
                "direction": line.direction.to_string(),
                "implementation": line.implementation,
            });
            if let (Some(curve), Some(members)) = (line.curve, json.as_object_mut()) {
                members.insert("curve".to_owned(), curve.name().into());
            }
            json
        };
        let ec_key_generation = Curve::ALL.iter().filter_map(|curve| {
            let generation = backend.ec_key_generation(*curve)?;
            Some(json!({ "curve": curve.name(), "implementation": generation.implementation() }))
        });
        json!({
            "name": backend.name(),
            "capabilities": backend.capabilities().iter().map(capability).collect::<Vec<_>>(),
            "rsa_key_generation": backend.rsa_key_generation().map(|generation| json!({
                "implementation": generation.implementation(),
                "modulus_bits": generation.modulus_bits(),
            })),
            "ec_key_generation": ec_key_generation.collect::<Vec<_>>(),
        })
    };
    json!({ "backends": backends().iter().map(backend).collect::<Vec<_>>() })
}

/// A row an algorithm, a column a backend: what it does and whose code does it.
fn table(markdown: bool) -> String {
    let algorithms = Alg::ALL.iter().map(|alg| Algorithm::Alg(*alg));
    let algorithms = algorithms.chain(Enc::ALL.iter().map(|enc| Algorithm::Enc(*enc)));
    let mut rows = vec![vec!["algorithm".to_owned()]];
    rows.extend(algorithms.clone().map(|algorithm| vec![algorithm.to_string()]));
    rows.push(vec!["RSA key generation".to_owned()]);
    rows.push(vec!["EC key generation".to_owned()]);
    for backend in backends() {
        let lines = backend.capabilities();
        let cells = algorithms.clone().map(|algorithm| cell(&lines, algorithm));
        let generation = backend.rsa_key_generation().map_or("–".to_owned(), |generation| {
            let lengths: Vec<String> =
                generation.modulus_bits().iter().map(ToString::to_string).collect();
            format!("{} ({})", lengths.join(", "), generation.implementation())
        });
        let column =
            std::iter::once(backend.name()).chain(cells).chain([generation, curves(backend)]);
        for (row, cell) in rows.iter_mut().zip(column) {
            row.push(cell);
        }
    }
    if markdown { as_markdown(&rows) } else { as_columns(&rows) }
}

/// What a backend does with an algorithm; of the ECDH-ES family, with which curves.
fn cell(lines: &[Capability], algorithm: Algorithm) -> String {
    let line = |curve, direction| {
        lines.iter().find(|line| {
            line.algorithm == algorithm && line.direction == direction && line.curve == curve
        })
    };
    let ability = |curve| {
        Some(match (line(curve, Direction::Encrypt), line(curve, Direction::Decrypt)) {
            (Some(encrypt), Some(_)) => ("both", encrypt.implementation),
            (Some(encrypt), None) => ("encrypt only", encrypt.implementation),
            (None, Some(decrypt)) => ("decrypt only", decrypt.implementation),
            (None, None) => return None,
        })
    };
    if !matches!(algorithm, Algorithm::Alg(alg) if alg.is_ecdh()) {
        return match ability(None) {
            Some((does, implementation)) => format!("{does} ({implementation})"),
            None => "–".to_owned(),
        };
    }
    by_curves(|curve| {
        ability(Some(curve)).map(|(does, implementation)| format!(": {does} ({implementation})"))
    })
}

/// The curves on which a backend generates keys.
fn curves(backend: &jwe::Backend) -> String {
    by_curves(|curve| {
        backend
            .ec_key_generation(curve)
            .map(|generation| format!(" ({})", generation.implementation()))
    })
}

/// What is so on which curves, with the curves of the same text together.
fn by_curves(text: impl Fn(Curve) -> Option<String>) -> String {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for curve in Curve::ALL {
        let Some(text) = text(*curve) else { continue };
        match groups.iter_mut().find(|(other, _)| *other == text) {
            Some((_, curves)) => curves.push(curve.name()),
            None => groups.push((text, vec![curve.name()])),
        }
    }
    let groups: Vec<String> =
        groups.iter().map(|(text, curves)| format!("{}{text}", curves.join(", "))).collect();
    if groups.is_empty() { "–".to_owned() } else { groups.join("; ") }
}

fn as_markdown(rows: &[Vec<String>]) -> String {
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        text += &format!("| {} |\n", row.join(" | "));
        if at == 0 {
            text += &format!("|{}\n", " --- |".repeat(row.len()));
        }
    }
    text
}

fn as_columns(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let cell = |row: &Vec<String>, at: usize| row.get(at).map_or(0, |cell| cell.chars().count());
    let widths: Vec<usize> = (0..columns)
        .map(|at| rows.iter().map(|row| cell(row, at)).max().unwrap_or_default())
        .collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text += cells.join("  ").trim_end();
        text += "\n";
    }
    text
}
