//! What is encrypted is as long as its token says, whatever is in it (RFC 8725 §3.6).

use serde_json::{Value, json};

use super::target::Target;
use crate::support::records::Lots;

pub(crate) fn check(backend: &'static str) {
    for target in Target::all(backend) {
        let mut lots = Lots(7516);
        let mut texts: Vec<String> = Vec::new();
        for len in [1, 15, 16, 17, 100, 1000, 10_000] {
            texts.push("a".repeat(len));
            texts.push((0..len).map(|_| char::from(33 + lots.draw(90) as u8)).collect());
            texts.push("secret=1".chars().cycle().take(len).collect());
        }
        let records: String =
            texts.iter().map(|text| format!("{}\n", json!({ "a": text }))).collect();
        let (name, enc) = (target.backend, target.enc);
        let encrypt = format!(
            "fields encrypt --key key.jwk --backend {name} --enc {enc} --format ndjson --field /a --quiet"
        );
        let encrypted = target.place.jwe(&encrypt).stdin(&records).run().ok_text();
        let lens: Vec<usize> = encrypted
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["a"].as_str().unwrap().len())
            .collect();
        assert_eq!(lens.len(), texts.len());
        for (texts, lens) in texts.chunks(3).zip(lens.chunks(3)) {
            assert!(lens.iter().all(|len| *len == lens[0]), "{}: {lens:?}", texts[0].len());
            // Nothing of it is left out.
            assert!(lens[0] > texts[0].len() * 4 / 3);
        }
        // Alone it is the same, and the header has no zip.
        for text in texts.iter().take(3) {
            let token = target.encrypt(text);
            assert_eq!(token.len(), lens[0]);
            let report = target.place.jwe("inspect --json").stdin(&token).run().ok_json();
            assert_eq!(report["header"].get("zip"), None);
        }
    }
    // The control: with compression, which is asked for by name, it differs.
    let target = Target::usual(backend);
    let encrypt = |text: String| {
        let encrypt = format!("encrypt --key key.jwk --backend {backend} --zip");
        target.place.jwe(&encrypt).stdin(text).run().ok().len()
    };
    assert!(
        encrypt("a".repeat(1000))
            < encrypt((0..1000).map(|at| format!("{at}")).collect::<String>()[..1000].to_owned())
    );
}
