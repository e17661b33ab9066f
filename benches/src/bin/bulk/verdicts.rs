//! Tables of outcomes, and what becomes of the targets.

use std::process::ExitCode;

use jwe_bench::estimate::Estimate;
use jwe_benches::interleaved::Outcome;

/// The targets that were measured.
#[derive(Default)]
pub(crate) struct Verdicts(Vec<Verdict>);

struct Verdict {
    name: String,
    wanted: f64,
    ratio: Estimate,
}

impl Verdicts {
    /// Judges the speed of one contender relative to another.
    pub(crate) fn judge(&mut self, outcome: &Outcome, contender: &str, base: &str, wanted: f64) {
        let name = format!("{contender} / {base}");
        self.0.push(Verdict { name, wanted, ratio: outcome.ratio(contender, base).unwrap() });
    }

    /// Prints all, and says whether one was missed.
    pub(crate) fn print(&self) -> ExitCode {
        println!("\nTargets");
        let mut missed = false;
        for Verdict { name, wanted, ratio } in &self.0 {
            let is_met = ratio.median >= *wanted;
            missed |= !is_met;
            let verdict = if is_met { "pass" } else { "MISS" };
            println!("{verdict}  {name} >= {wanted}: {}", show(*ratio));
        }
        ExitCode::from(u8::from(missed))
    }
}

fn show(Estimate { median, low, high }: Estimate) -> String {
    format!("{median:5.3} [{low:5.3}, {high:5.3}]")
}

/// A line for each contender: its speed relative to `base`, and its time for each of `units`.
pub(crate) fn print_table(title: &str, outcome: &Outcome, base: &str, units: usize) {
    println!("\n{title}, {} rounds", outcome.rounds());
    println!("{:48} {:>22} {:>11}", "speed relative to", base, "time each");
    for name in outcome.names() {
        let ratio = show(outcome.ratio(name, base).unwrap());
        let micros = outcome.seconds(name).unwrap().median * 1e6 / units as f64;
        println!("{name:48} {ratio:>22} {micros:8.2} µs");
    }
}

/// What two threads gain, of what they gain where there is nothing but the key operation.
pub(crate) fn print_efficiency(outcome: &Outcome, stream: [&str; 2], control: [&str; 2]) {
    let gain = |[one, two]: [&str; 2]| outcome.ratio(two, one).unwrap();
    let (stream, control) = (gain(stream), gain(control));
    println!("two threads against one:   {}", show(stream));
    println!("of the key operation alone: {}", show(control));
    println!("the one of the other:       {:5.3}", stream.median / control.median);
}
