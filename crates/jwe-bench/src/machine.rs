//! What a reader of the numbers has to know about the machine.

use std::fs;
use std::thread;

/// The machine on which something was measured, as far as it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Machine {
    /// The model of the CPU, where `/proc/cpuinfo` has it.
    pub cpu: Option<String>,
    /// How many CPUs this process may use, where the system says so.
    pub cpus: Option<usize>,
    /// The operating system, such as `linux`.
    pub os: String,
    /// The architecture, such as `x86_64`.
    pub arch: String,
}

impl Machine {
    /// This one.
    #[must_use]
    pub fn this() -> Self {
        Self {
            cpu: fs::read_to_string("/proc/cpuinfo").ok().as_deref().and_then(model),
            cpus: thread::available_parallelism().ok().map(usize::from),
            os: std::env::consts::OS.to_owned(),
            arch: std::env::consts::ARCH.to_owned(),
        }
    }
}

impl core::fmt::Display for Machine {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.cpu.as_deref().unwrap_or("CPU unknown"))?;
        match self.cpus {
            Some(1) => f.write_str(", 1 CPU")?,
            Some(cpus) => write!(f, ", {cpus} CPUs")?,
            None => {}
        }
        write!(f, ", {} {}", self.os, self.arch)
    }
}

/// The longest name of a CPU that is shown, in characters.
const MAX_MODEL_LEN: usize = 80;

/// The name of the first CPU. It is shown and drawn, so that characters that can't be are left out.
fn model(cpuinfo: &str) -> Option<String> {
    let (_, model) = cpuinfo.lines().find_map(|line| {
        line.split_once(':').filter(|(name, _)| matches!(name.trim(), "model name" | "Model"))
    })?;
    let words: Vec<&str> = model.split_whitespace().collect();
    let model: String =
        words.join(" ").chars().filter(|c| !c.is_control()).take(MAX_MODEL_LEN).collect();
    (!model.is_empty()).then_some(model)
}

#[cfg(test)]
mod tests {
    use super::{MAX_MODEL_LEN, Machine, model};

    #[test]
    fn the_model_of_a_cpu() {
        let pc = "processor\t: 0\nmodel\t\t: 85\nmodel name\t: Intel(R)  Xeon(R) CPU @ 2.80GHz\n";
        assert_eq!(model(pc).as_deref(), Some("Intel(R) Xeon(R) CPU @ 2.80GHz"));
        let board = "processor\t: 0\nFeatures\t: aes\n\nModel\t\t: Board 4\u{1b} B\n";
        assert_eq!(model(board).as_deref(), Some("Board 4 B"));
        for none in ["", "processor\t: 0\n", "model name\t:  \n"] {
            assert_eq!(model(none), None);
        }
        let long = format!("model name : {}", "x".repeat(500));
        assert_eq!(model(&long).unwrap().len(), MAX_MODEL_LEN);
    }

    #[test]
    fn in_one_line() {
        let machine = Machine {
            cpu: None,
            cpus: Some(1),
            os: "linux".to_owned(),
            arch: "aarch64".to_owned(),
        };
        assert_eq!(machine.to_string(), "CPU unknown, 1 CPU, linux aarch64");
        let machine = Machine { cpu: Some("Z80".to_owned()), cpus: Some(8), ..machine };
        assert_eq!(machine.to_string(), "Z80, 8 CPUs, linux aarch64");
        assert_eq!(Machine::this().arch, std::env::consts::ARCH);
    }
}
