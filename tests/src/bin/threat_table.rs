//! Runs the tests of the known ways to fail and makes the table of `SECURITY.md` of what they say.
//!
//!     threat-table [--listed] [--check FILE | --write FILE]
//!
//! Ends with exit code 1 when a test fails, or when a row has no test where it must have one.
//! `--listed` asks the tests for their names and does not run them. The table is printed; `--check`
//! compares it with what stands in the file between two markers, and `--write` puts it there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::process::{Command, ExitCode, Stdio};

use jwe::Backend;
use jwe_conformance::topics;
use jwe_tests::capability::backends;
use jwe_tests::threats::{THREATS, Threat};

const BEGIN: &str = "<!-- threats: begin -->\n";
const END: &str = "<!-- threats: end -->\n";

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}\nthreat-table [--listed] [--check FILE | --write FILE]");
            return ExitCode::from(2);
        }
    };
    match make(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => {
            eprintln!("{problems}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    listed: bool,
    file: Option<(Action, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Check,
    Write,
}

impl Options {
    fn read(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self { listed: false, file: None };
        while let Some(arg) = args.next() {
            let action = match arg.as_str() {
                "--listed" => {
                    options.listed = true;
                    continue;
                }
                "--check" => Action::Check,
                "--write" => Action::Write,
                _ => return Err(format!("{arg}: no such option")),
            };
            let file = args.next().ok_or_else(|| format!("{arg} needs a file"))?;
            if options.file.replace((action, file)).is_some() {
                return Err("either --check or --write, and once".to_owned());
            }
        }
        Ok(options)
    }
}

/// A place where tests of the rows are, and the arguments of `cargo test` that run them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// The test kit, called by the crate of one backend.
    Kit(&'static str),
    Library,
    Command,
}

impl Place {
    fn all() -> Vec<Self> {
        let kits = backends().iter().map(|backend| Self::Kit(name_of(backend)));
        kits.chain([Self::Library, Self::Command]).collect()
    }

    fn arguments(self) -> String {
        match self {
            Self::Kit("josekit") => {
                "-p jwe-josekit --features jwe-josekit/vendored --test conformance".to_owned()
            }
            Self::Kit(backend) => format!("-p jwe-{backend} --test conformance"),
            Self::Library => "-p jwe-tests --test threats".to_owned(),
            Self::Command => "-p jwe-cli --features josekit --test command threats::".to_owned(),
        }
    }

    /// Runs its tests, or lists them; gives which of them passed.
    fn ask(self, listed: bool) -> Result<BTreeMap<String, bool>, String> {
        let arguments = self.arguments();
        eprintln!("cargo test --locked {arguments}{}", if listed { " -- --list" } else { "" });
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        // All of them run, so that each has a verdict.
        command.args(["test", "--locked"]).args(arguments.split(' '));
        if listed {
            command.args(["--", "--list"]);
        }
        command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let output = command
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| format!("cargo can't be started: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let verdicts: BTreeMap<String, bool> =
            text.lines().filter_map(|line| verdict(line, listed)).collect();
        if verdicts.is_empty() {
            return Err(format!("cargo test {arguments}: {}, no test\n{text}", output.status));
        }
        // What a failed test printed stands there for whoever has to mend it.
        if !output.status.success() {
            eprintln!("{text}");
            if verdicts.values().all(|passed| *passed) {
                return Err(format!("cargo test {arguments}: {}", output.status));
            }
        }
        Ok(verdicts)
    }
}

/// The name of a test and whether it passed, or is just listed.
fn verdict(line: &str, listed: bool) -> Option<(String, bool)> {
    if listed {
        return Some((line.strip_suffix(": test")?.to_owned(), true));
    }
    let (name, verdict) = line.strip_prefix("test ")?.split_once(" ... ")?;
    // A test that is ignored shows nothing.
    Some((name.to_owned(), verdict == "ok"))
}

fn name_of(backend: &Backend) -> &'static str {
    ["aws-lc-rs", "josekit", "ring"]
        .into_iter()
        .find(|name| *name == backend.name())
        .unwrap_or_default()
}

/// The module of a backend's tests.
fn module_of(backend: &Backend) -> String {
    name_of(backend).replace('-', "_")
}

/// The topics of the kit that attack a row.
fn topics_of(threat: &Threat) -> Vec<&'static str> {
    topics::ALL
        .iter()
        .filter(|topic| topic.threats.contains(&threat.number))
        .map(|topic| topic.name)
        .collect()
}

/// The tests that a row must have on a backend.
fn tests_of(threat: &Threat, backend: &'static Backend) -> Vec<(Place, String)> {
    let module = module_of(backend);
    let kit = Place::Kit(name_of(backend));
    let topics = topics_of(threat).into_iter();
    let mut tests: Vec<(Place, String)> = topics
        .filter(|topic| threat.topic_gap(topic, backend).is_none())
        .map(|topic| (kit, topic.to_owned()))
        .collect();
    tests.push((Place::Library, format!("{module}::{}", threat.row)));
    if threat.not_by_command.is_none() {
        tests.push((Place::Command, format!("threats::{module}::{}", threat.row)));
    }
    tests
}

fn make(options: &Options) -> Result<(), String> {
    let mut verdicts = BTreeMap::new();
    for place in Place::all() {
        verdicts.insert(place, place.ask(options.listed)?);
    }
    let problems = problems(&verdicts);
    let table = table();
    let Some((action, file)) = &options.file else {
        print!("{table}");
        return report(&problems);
    };
    report(&problems)?;
    let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| {
        let (between, behind) = rest.split_once(END)?;
        Some((before, between, behind))
    });
    let (before, between, behind) =
        parts.ok_or_else(|| format!("{file}: no lines {BEGIN}{END}"))?;
    match action {
        Action::Check if between == table => Ok(()),
        Action::Check => {
            Err(format!("{file}: the table is another one: make it with --write {file}"))
        }
        Action::Write => fs::write(file, format!("{before}{BEGIN}{table}{END}{behind}"))
            .map_err(|error| format!("{file}: {error}")),
    }
}

fn report(problems: &[String]) -> Result<(), String> {
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

/// Tests that failed, that are missing, and that belong to no row.
fn problems(verdicts: &BTreeMap<Place, BTreeMap<String, bool>>) -> Vec<String> {
    let mut problems = Vec::new();
    for (place, tests) in verdicts {
        let failed = tests.iter().filter(|(_, passed)| !**passed).map(|(name, _)| name);
        problems.extend(failed.map(|name| format!("failed: {name} ({})", place.arguments())));
    }
    let mut known = BTreeSet::new();
    for threat in &THREATS {
        for backend in backends() {
            for (place, name) in tests_of(threat, backend) {
                let is_there = verdicts.get(&place).is_some_and(|tests| tests.contains_key(&name));
                // Where there is nothing to attack, a test need not say so.
                if !is_there && threat.gap(backend).is_none() {
                    problems.push(format!(
                        "row {}: no test {name} ({})",
                        threat.number,
                        place.arguments()
                    ));
                }
                known.insert((place, name));
            }
        }
    }
    for (place, tests) in verdicts {
        let rows = tests.keys().filter(|name| name.contains("::row_")).cloned();
        for name in rows.map(|name| (*place, name)).filter(|test| !known.contains(test)) {
            problems.push(format!("{}: of no row, or of one that is said to have none", name.1));
        }
    }
    problems
}

/// The table, with how to run each test that it names.
fn table() -> String {
    let mut text = String::from(
        "Each class has a name, which its tests have too, and each test runs with every backend. `K`: topics of the \
         test kit, which calls the backend's traits directly. `L`: through the library. `C`: through the \
         command. `–`: the backend has nothing that could be attacked so.\n\n",
    );
    text.push_str("| | how to run the tests of a row |\n| --- | --- |\n");
    for (letter, run) in [
        ("K", "cargo test -p jwe-BACKEND --test conformance TOPIC"),
        ("L", "cargo test -p jwe-tests --test threats ROW"),
        ("C", "cargo test -p jwe-cli --features josekit --test command ROW"),
        ("all", "cargo run -p jwe-tests --bin threat-table"),
    ] {
        let _ = writeln!(text, "| {letter} | `{run}` |");
    }
    text.push_str(
        "\nThe crate of josekit needs `--features jwe-josekit/vendored`, or OpenSSL's headers.\n\n",
    );

    text.push_str("| # | class, and where it was published | what is tried | tests |");
    for backend in backends() {
        let _ = write!(text, " {backend} |");
    }
    text.push_str("\n| --- | --- | --- | --- |");
    text.push_str(&" --- |".repeat(backends().len()));
    text.push('\n');
    let mut notes: Vec<String> = Vec::new();
    for threat in &THREATS {
        row(threat, &mut text, &mut notes);
    }
    text.push('\n');
    for note in notes {
        let _ = writeln!(text, "- {note}");
    }
    text
}

fn row(threat: &Threat, text: &mut String, notes: &mut Vec<String>) {
    let Threat { number, row, class, published, tried, .. } = threat;
    let published = match published {
        [] => String::new(),
        ids => format!("<br>{}", ids.join(", ")),
    };
    let topics: String =
        topics_of(threat).into_iter().map(|topic| format!("<br>`{topic}`")).collect();
    let _ = write!(text, "| {number} | {class}{published} | {tried} | `{row}`{topics} |");
    for backend in backends() {
        let cell = match threat.gap(backend) {
            Some(gap) => {
                notes.push(format!("{number}: {backend} {gap}."));
                "–".to_owned()
            }
            None => {
                notes.extend(topics_of(threat).into_iter().filter_map(|topic| {
                    let gap = threat.topic_gap(topic, backend)?;
                    Some(format!("{number}: not by `{topic}` on {backend}, which {gap}."))
                }));
                cell(threat, backend)
            }
        };
        let _ = write!(text, " {cell} |");
    }
    text.push('\n');
    if let Some(reason) = threat.not_by_command {
        notes.push(format!("{number}: not through the command, as {reason}."));
    }
}

/// The places of a row's tests on a backend.
fn cell(threat: &Threat, backend: &'static Backend) -> String {
    let mut letters: Vec<&str> = tests_of(threat, backend)
        .iter()
        .map(|(place, _)| match place {
            Place::Kit(_) => "K",
            Place::Library => "L",
            Place::Command => "C",
        })
        .collect();
    letters.dedup();
    letters.join("&nbsp;")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Place, backends, problems, table, tests_of, topics, verdict};
    use jwe_tests::threats::THREATS;

    fn whole() -> BTreeMap<Place, BTreeMap<String, bool>> {
        let mut verdicts: BTreeMap<Place, BTreeMap<String, bool>> = BTreeMap::new();
        for threat in &THREATS {
            for backend in backends() {
                for (place, name) in tests_of(threat, backend) {
                    verdicts.entry(place).or_default().insert(name, true);
                }
            }
        }
        verdicts
    }

    #[test]
    fn what_the_harness_prints_is_read() {
        let read = |line| verdict(line, false);
        assert_eq!(read("test ring::row_06_x ... ok"), Some(("ring::row_06_x".into(), true)));
        assert_eq!(read("test a::b ... FAILED"), Some(("a::b".into(), false)));
        assert_eq!(read("test a::b ... ignored, why"), Some(("a::b".into(), false)));
        assert_eq!(read("test result: ok. 3 passed; 0 failed"), None);
        assert_eq!(read("a::b: test"), None);
        assert_eq!(verdict("a::b: test", true), Some(("a::b".into(), true)));
        assert_eq!(verdict("3 tests, 0 benchmarks", true), None);
    }

    #[test]
    fn what_is_missing_or_failed_is_found() {
        assert_eq!(problems(&whole()), Vec::<String>::new());
        let changed = |change: &dyn Fn(&mut BTreeMap<String, bool>), place| {
            let mut verdicts = whole();
            change(verdicts.entry(place).or_default());
            problems(&verdicts).len()
        };
        let row = "ring::row_06_tag_length";
        let gone = |name: &'static str| {
            move |tests: &mut BTreeMap<String, bool>| {
                assert_eq!(tests.remove(name), Some(true));
            }
        };
        let there = |name: &'static str, passed| {
            move |tests: &mut BTreeMap<String, bool>| {
                tests.insert(name.to_owned(), passed);
            }
        };
        assert_eq!(changed(&gone(row), Place::Library), 1);
        assert_eq!(changed(&there(row, false), Place::Library), 1);
        // One topic serves several rows.
        let topic = topics::ALL.iter().find(|topic| topic.name == "content_lengths");
        let rows = topic.map_or(0, |topic| topic.threats.len());
        assert_eq!(changed(&gone("content_lengths"), Place::Kit("ring")), rows);
        // ring decrypts with no RSA key.
        assert_eq!(changed(&gone("ring::row_03_manger"), Place::Library), 0);
        let nobodys = there("threats::ring::row_37_gcm_key_reuse", true);
        assert_eq!(changed(&nobodys, Place::Command), 1);
        let none = |tests: &mut BTreeMap<String, bool>| tests.clear();
        assert_eq!(changed(&none, Place::Command), 34 * 3 - 3);
    }

    #[test]
    fn the_table_has_every_row_and_says_what_is_not_there() {
        let table = table();
        let lines: Vec<&str> = table.lines().filter(|line| line.contains("`row_")).collect();
        assert_eq!(lines.len(), THREATS.len());
        for line in lines {
            assert_eq!(line.matches(" | ").count(), 6, "{line}");
        }
        assert_eq!(table.matches("| – |").count(), 3);
        assert!(table.contains("- 13: ring decrypts with no key for key agreement."));
    }
}
