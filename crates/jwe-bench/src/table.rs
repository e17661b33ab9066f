//! The report as tables.

use std::iter::once;

use crate::report::{Entry, Group, Operation, Report};
use crate::units;

/// What stands where a backend does not do something.
const DASH: &str = "–";

/// What the columns say.
const LEGEND: &str = "\
Time: the median of one operation, and its 95 % confidence interval. Speed: relative to the first
backend that does the same, so that 2.000 is twice as fast; taken within rounds in which all have
their turn, so that it is surer than the quotient of two times.";

/// The report as aligned text.
#[must_use]
pub fn table(report: &Report) -> String {
    let mut text = format!("{}\n{}\n\n", report.title(), report.machine);
    text += &aligned(&backend_rows(report));
    for (title, rows) in sections(report) {
        text += &format!("\n{title}\n\n{}", aligned(&rows));
    }
    text += &format!("\n{LEGEND}\n");
    for note in report.all_notes() {
        text += &format!("{DASH} {note}\n");
    }
    text
}

/// The report as Markdown.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut text =
        format!("## {}\n\n{}\n\n", escaped(&report.title()), escaped(&report.machine.to_string()));
    text += &piped(&backend_rows(report));
    for (title, rows) in sections(report) {
        text += &format!("\n### {title}\n\n{}", piped(&rows));
    }
    text += &format!("\n{LEGEND}\n");
    for (at, note) in report.all_notes().into_iter().enumerate() {
        text += &format!("{}- {}\n", if at == 0 { "\n" } else { "" }, escaped(note));
    }
    text
}

impl Report {
    /// What was compared, in one line.
    #[must_use]
    pub fn title(&self) -> String {
        let unoptimized = if self.optimized { "" } else { " (built without optimization)" };
        format!("{} with {}, jwe {}{unoptimized}", self.alg, self.enc, self.version)
    }
}

/// A row of a table. The first is its head.
type Row = Vec<String>;

fn row<const N: usize>(cells: [&str; N]) -> Row {
    cells.map(str::to_owned).to_vec()
}

fn backend_rows(report: &Report) -> Vec<Row> {
    let (alg, enc) = (report.alg.name(), report.enc.name());
    let sender = format!("{alg}, encrypt");
    let recipient = format!("{alg}, decrypt");
    let head = row(["backend", &sender, &recipient, enc]);
    let backend = |backend: &crate::ReportedBackend| {
        let [sender, recipient, enc] = [&backend.alg_encrypt, &backend.alg_decrypt, &backend.enc]
            .map(|implementation| implementation.as_deref().unwrap_or(DASH));
        row([&backend.name, sender, recipient, enc])
    };
    once(head).chain(report.backends.iter().map(backend)).collect()
}

/// A table for each operation.
fn sections(report: &Report) -> impl Iterator<Item = (&'static str, Vec<Row>)> {
    Operation::ALL.iter().filter_map(|operation| {
        let groups = || report.groups.iter().filter(|group| group.operation == *operation);
        groups().next()?;
        let lengths = groups().any(|group| group.plaintext_len.is_some());
        let throughput = groups().any(|group| group.mebibytes_per_second(1.0).is_some());
        let columns = Columns { lengths, throughput };
        let rows = groups()
            .flat_map(|group| group.entries.iter().map(move |entry| columns.cells(group, entry)));
        Some((operation.title(report.alg), once(columns.head()).chain(rows).collect()))
    })
}

/// Which columns a table has beside those that every one has.
#[derive(Clone, Copy)]
struct Columns {
    lengths: bool,
    throughput: bool,
}

impl Columns {
    fn head(self) -> Row {
        self.only_those(row([
            "key",
            "bytes",
            "backend",
            "time",
            "interval",
            "per second",
            "MiB/s",
            "speed",
            "interval",
        ]))
    }

    fn cells(self, group: &Group, entry: &Entry) -> Row {
        let len = group.plaintext_len.map_or(String::new(), |len| len.to_string());
        let (time, interval, rate, throughput, ratio, ratio_interval) = match &entry.outcome {
            Ok(measurement) => {
                let median = measurement.seconds.median;
                let (time, interval) = units::time(measurement.seconds);
                let (ratio, ratio_interval) = units::ratio(measurement.ratio);
                let throughput = group.mebibytes_per_second(median).map(units::number);
                let throughput = throughput.unwrap_or_default();
                (time, interval, units::number(median.recip()), throughput, ratio, ratio_interval)
            }
            Err(_) => {
                let nothing = String::new;
                (DASH.to_owned(), nothing(), nothing(), nothing(), DASH.to_owned(), nothing())
            }
        };
        self.only_those(vec![
            group.key.clone(),
            len,
            entry.backend.clone(),
            time,
            interval,
            rate,
            throughput,
            ratio,
            ratio_interval,
        ])
    }

    /// Without the columns that this table does not have.
    fn only_those(self, cells: Row) -> Row {
        let there = |at: usize| match at {
            1 => self.lengths,
            6 => self.throughput,
            _ => true,
        };
        cells.into_iter().enumerate().filter(|(at, _)| there(*at)).map(|(_, cell)| cell).collect()
    }
}

/// Whether all cells of a column but its head are numbers, which stand on the right. A column of
/// nothing but dashes is none of numbers.
fn is_numeric(rows: &[Row], column: usize) -> bool {
    let cells = || rows.iter().skip(1).filter_map(|row| row.get(column));
    let is_number = |cell: &String| cell.starts_with(|c: char| c.is_ascii_digit());
    let is_none = |cell: &String| cell.is_empty() || cell == DASH;
    cells().any(is_number) && cells().all(|cell| is_number(cell) || is_none(cell))
}

/// Columns as wide as their widest cell.
fn aligned(rows: &[Row]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |row: &Row, at: usize| row.get(at).map_or(0, |cell| cell.chars().count());
    let shapes: Vec<(usize, bool)> = (0..columns)
        .map(|at| {
            let widest = rows.iter().map(|row| width(row, at)).max().unwrap_or_default();
            (widest, is_numeric(rows, at))
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&shapes).map(|(cell, (width, numeric))| {
            if *numeric { format!("{cell:>width$}") } else { format!("{cell:width$}") }
        });
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text += "\n";
    }
    text
}

fn piped(rows: &[Row]) -> String {
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
        text += &format!("| {} |\n", cells.join(" | "));
        if at == 0 {
            let rule = |at| if is_numeric(rows, at) { " ---: |" } else { " --- |" };
            text += &format!("|{}\n", (0..row.len()).map(rule).collect::<String>());
        }
    }
    text
}

/// Without what Markdown takes for its own.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '|' | '<' | '>' | '*' | '_' | '`' | '[' | ']' | '\\') {
            safe.push('\\');
        }
        safe.push(character);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::{LEGEND, markdown, table};
    use crate::report::tests::report;

    #[test]
    fn aligned_text() {
        let expected = r#"RSA-OAEP-256 with A256GCM, jwe 1.2.3
CPU & Co <1>, 4 CPUs, linux x86_64

backend   RSA-OAEP-256, encrypt  RSA-OAEP-256, decrypt  A256GCM
first     one's RSA              one's RSA              one's AES
<s&c"nd>  one's RSA              –                      one's AES

Import of the public key

key       backend       time     interval  per second  speed     interval
RSA 2048  first     2.500 µs  2.475–2.525      400000  1.000  0.995–1.005
RSA 2048  <s&c"nd>  5.000 µs  4.950–5.050      200000  0.500  0.497–0.502

Import of the private key

key       backend       time     interval  per second  speed     interval
RSA 2048  first     1.250 ms  1.238–1.262       800.0  1.000  0.995–1.005
RSA 2048  <s&c"nd>         –                               –

Encryption

key       bytes  backend       time     interval  per second  MiB/s  speed     interval
RSA 2048     16  first     20.00 µs  19.80–20.20       50000         1.000  0.995–1.005
RSA 2048     16  <s&c"nd>  40.00 µs  39.60–40.40       25000         0.500  0.497–0.502
RSA 2048  65536  first     40.00 µs  39.60–40.40       25000   1562  1.000  0.995–1.005
RSA 2048  65536  <s&c"nd>  32.00 µs  31.68–32.32       31250   1953  1.250  1.244–1.256

Decryption

key       bytes  backend       time     interval  per second  speed     interval
RSA 2048     16  first     600.0 µs  594.0–606.0        1667  1.000  0.995–1.005
RSA 2048     16  <s&c"nd>         –                               –
"#;
        let notes = "– the backend <s&c\"nd> does not decrypt with RSA-OAEP-256\n– a note\n";
        assert_eq!(table(&report()), format!("{expected}\n{LEGEND}\n{notes}"));
    }

    #[test]
    fn markdown_text() {
        let text = markdown(&report());
        for line in [
            "## RSA-OAEP-256 with A256GCM, jwe 1.2.3",
            "CPU & Co \\<1\\>, 4 CPUs, linux x86\\_64",
            "| backend | RSA-OAEP-256, encrypt | RSA-OAEP-256, decrypt | A256GCM |",
            "| \\<s&c\"nd\\> | one's RSA | – | one's AES |",
            "### Encryption",
            "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
            "| RSA 2048 | 65536 | first | 40.00 µs | 39.60–40.40 | 25000 | 1562 | 1.000 | 0.995–1.005 |",
            "| RSA 2048 | 16 | \\<s&c\"nd\\> | – |  |  | – |  |",
            "- a note",
        ] {
            assert!(text.lines().any(|other| other == line), "{line} is not in:\n{text}");
        }
    }

    #[test]
    fn a_column_of_dashes_stands_where_its_head_does() {
        let mut report = report();
        report.backends.retain(|backend| backend.name != "first");
        let text = table(&report);
        let lines: Vec<&str> = text.lines().filter(|line| line.contains("one's RSA")).collect();
        assert_eq!(lines, [r#"<s&c"nd>  one's RSA              –                      one's AES"#]);
    }

    #[test]
    fn a_build_without_optimization_is_named_so() {
        let mut report = report();
        report.optimized = false;
        assert!(table(&report).starts_with("RSA-OAEP-256 with A256GCM, jwe 1.2.3 (built without"));
    }
}
