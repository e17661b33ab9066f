//! The report as JSON.

use jwe::Curve;
use serde_json::{Map, Value, json};

use crate::estimate::Estimate;
use crate::report::{Entry, Group, Report};

impl Report {
    /// The report as one JSON object:
    ///
    /// - `version`: of `jwe`; `optimized`: `false` for a build whose numbers mean nothing;
    /// - `machine`: `cpu` (or `null`), `cpus` (or `null`), `os`, `arch`;
    /// - `alg`, `enc`;
    /// - `backends`: an array of `name` and the names of the code that does the work, `null` where
    ///   none does: `alg_encrypt`, `alg_decrypt`, `enc`;
    /// - `groups`: an array; everything within a group was measured in turn, in one run:
    ///   - `operation`: `import_to_encrypt`, `import_to_decrypt`, `encrypt` or `decrypt`;
    ///   - `key`: a label; `key_bits`, but not for keys on a curve; `curve`, for those;
    ///   - `plaintext_bytes`, but not for imports;
    ///   - `base`: the backend to which ratios are taken, or `null` if none does this;
    ///   - `rounds`: how often each backend had its turn;
    ///   - `results`: an array, each with `backend` and either `unavailable`, a text, or `seconds` for
    ///     one operation, `operations_per_second`, `ratio` of the speed to that of the base, and from
    ///     1024 bytes on `mebibytes_per_second`. Each of these is an object of `median`, and of
    ///     `low` and `high`, the ends of its 95 % confidence interval;
    /// - `notes`: an array of texts.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let backend = |backend: &crate::ReportedBackend| {
            json!({
                "name": backend.name,
                "alg_encrypt": backend.alg_encrypt,
                "alg_decrypt": backend.alg_decrypt,
                "enc": backend.enc,
            })
        };
        json!({
            "version": self.version,
            "optimized": self.optimized,
            "machine": {
                "cpu": self.machine.cpu,
                "cpus": self.machine.cpus,
                "os": self.machine.os,
                "arch": self.machine.arch,
            },
            "alg": self.alg.name(),
            "enc": self.enc.name(),
            "backends": self.backends.iter().map(backend).collect::<Vec<_>>(),
            "groups": self.groups.iter().map(group).collect::<Vec<_>>(),
            "notes": self.notes,
        })
    }
}

fn group(group: &Group) -> Value {
    let mut members = Map::new();
    let mut insert = |name: &str, value: Value| members.insert(name.to_owned(), value);
    insert("operation", group.operation.name().into());
    insert("key", group.key.as_str().into());
    if let Some(bits) = group.key_bits {
        insert("key_bits", bits.into());
    }
    if let Some(curve) = group.curve.map(Curve::name) {
        insert("curve", curve.into());
    }
    if let Some(len) = group.plaintext_len {
        insert("plaintext_bytes", len.into());
    }
    insert("base", group.base.as_deref().into());
    insert("rounds", group.rounds.into());
    let results = group.entries.iter().map(|entry| result(group, entry));
    insert("results", results.collect());
    Value::Object(members)
}

fn result(group: &Group, entry: &Entry) -> Value {
    let measurement = match &entry.outcome {
        Ok(measurement) => measurement,
        Err(text) => return json!({ "backend": entry.backend, "unavailable": text }),
    };
    let seconds = measurement.seconds;
    let mut result = json!({
        "backend": entry.backend,
        "seconds": estimate(seconds),
        "operations_per_second": estimate(seconds.reciprocal()),
        "ratio": estimate(measurement.ratio),
    });
    if let (Some(factor), Some(members)) = (group.mebibytes_per_second(1.0), result.as_object_mut())
    {
        let throughput = estimate(seconds.reciprocal().times(factor));
        members.insert("mebibytes_per_second".to_owned(), throughput);
    }
    result
}

fn estimate(estimate: Estimate) -> Value {
    json!({ "median": estimate.median, "low": estimate.low, "high": estimate.high })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::report::tests::report;

    #[test]
    fn the_document() {
        let json: Value = serde_json::from_str(&report().to_json().to_string()).unwrap();
        assert_eq!((&json["version"], &json["optimized"]), (&"1.2.3".into(), &true.into()));
        assert_eq!(json["machine"]["cpu"], "CPU & Co <1>");
        assert_eq!((&json["alg"], &json["enc"]), (&"RSA-OAEP-256".into(), &"A256GCM".into()));
        assert_eq!(json["backends"][1]["name"], "<s&c\"nd>");
        assert_eq!(json["backends"][1]["alg_decrypt"], Value::Null);
        assert_eq!(json["notes"], serde_json::json!(["a note"]));
        let groups = json["groups"].as_array().unwrap();
        assert_eq!(groups.len(), 5);
        let import = &groups[0];
        assert_eq!(import["operation"], "import_to_encrypt");
        assert_eq!((&import["key"], &import["key_bits"]), (&"RSA 2048".into(), &2048.into()));
        assert!(import.get("plaintext_bytes").is_none() && import.get("curve").is_none());
        assert!(import["results"][0].get("mebibytes_per_second").is_none());
        let gap = &groups[4]["results"][1];
        assert_eq!(gap["unavailable"], "the backend <s&c\"nd> does not decrypt with RSA-OAEP-256");
        assert!(gap.get("seconds").is_none());
        let long = &groups[3]["results"][1];
        assert_eq!(groups[3]["plaintext_bytes"], 65536);
        let number = |name: &str, part: &str| long[name][part].as_f64().unwrap();
        assert!((number("seconds", "median") - 32e-6).abs() < 1e-12);
        assert!((number("operations_per_second", "median") - 31250.0).abs() < 1e-6);
        assert!((number("mebibytes_per_second", "median") - 1953.125).abs() < 1e-6);
        assert!((number("ratio", "median") - 1.25).abs() < 1e-12);
        for name in ["seconds", "operations_per_second", "mebibytes_per_second", "ratio"] {
            let [low, median, high] = ["low", "median", "high"].map(|part| number(name, part));
            assert!(0.0 < low && low < median && median < high, "{name}");
        }
    }
}
