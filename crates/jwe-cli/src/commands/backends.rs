//! `jwe backends`: the capability table, from the code.

use jwe::{Alg, Algorithm, Capability, Direction, Enc, backends};
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
            json!({
                "algorithm": line.algorithm.to_string(),
                "direction": line.direction.to_string(),
                "implementation": line.implementation,
            })
        };
        json!({
            "name": backend.name(),
            "capabilities": backend.capabilities().iter().map(capability).collect::<Vec<_>>(),
            "rsa_key_generation": backend.rsa_key_generation().map(|generation| json!({
                "implementation": generation.implementation(),
                "modulus_bits": generation.modulus_bits(),
            })),
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
    for backend in backends() {
        let lines = backend.capabilities();
        let cells = algorithms.clone().map(|algorithm| cell(&lines, algorithm));
        let generation = backend.rsa_key_generation().map_or("–".to_owned(), |generation| {
            let lengths: Vec<String> =
                generation.modulus_bits().iter().map(ToString::to_string).collect();
            format!("{} ({})", lengths.join(", "), generation.implementation())
        });
        let column = std::iter::once(backend.name()).chain(cells).chain([generation]);
        for (row, cell) in rows.iter_mut().zip(column) {
            row.push(cell);
        }
    }
    if markdown { as_markdown(&rows) } else { as_columns(&rows) }
}

fn cell(lines: &[Capability], algorithm: Algorithm) -> String {
    let line = |direction| {
        lines.iter().find(|line| line.algorithm == algorithm && line.direction == direction)
    };
    match (line(Direction::Encrypt), line(Direction::Decrypt)) {
        (Some(encrypt), Some(_)) => format!("both ({})", encrypt.implementation),
        (Some(encrypt), None) => format!("encrypt only ({})", encrypt.implementation),
        (None, Some(decrypt)) => format!("decrypt only ({})", decrypt.implementation),
        (None, None) => "–".to_owned(),
    }
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
