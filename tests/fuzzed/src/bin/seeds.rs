//! Writes the seeds that can be made from what the repository has anyway, its vectors and its key
//! files, into the folders of `fuzz/corpus`. Seeds that people wrote and inputs that fuzzing found
//! stand beside them and are left alone.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a tool of developers stops at what it does not expect"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jwe_fuzzed::base64url;
use serde_json::Value;

/// The longest seed in bytes.
const MAX_LEN: usize = 4096;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let corpus = Corpus(root.join("fuzz/corpus"));
    let vectors: Vec<Value> = ["rfc", "peers"]
        .iter()
        .flat_map(|name| {
            let text =
                fs::read_to_string(root.join(format!("tests/vectors/{name}.jsonl"))).unwrap();
            let lines: Vec<Value> =
                text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            lines
        })
        .collect();
    tokens(&corpus, &vectors);
    keys(&corpus, &vectors);
    key_files(&corpus, &root);
    #[cfg(feature = "differential")]
    for (name, program) in jwe_fuzzed::differential::seeds() {
        corpus.write("differential", &name, &program);
    }
}

struct Corpus(PathBuf);

impl Corpus {
    fn write(&self, target: &str, name: &str, seed: &[u8]) {
        let folder = self.0.join(target);
        fs::create_dir_all(&folder).unwrap();
        if seed.len() <= MAX_LEN {
            fs::write(folder.join(name), seed).unwrap();
        }
    }
}

/// The shortest token of each algorithm, its header, and the shortest message of each serialization
/// and algorithm.
fn tokens(corpus: &Corpus, vectors: &[Value]) {
    let mut shortest: BTreeMap<(String, String), String> = BTreeMap::new();
    for vector in vectors {
        let jwe = match vector["jwe"].as_str() {
            Some(token) => token.to_owned(),
            None => vector["jwe"].to_string(),
        };
        let serialization = vector["serialization"].as_str().unwrap().to_owned();
        let mut names = vec![vector["alg"].as_str().unwrap().to_owned()];
        names.extend(vector["enc"].as_str().map(str::to_owned));
        names.extend(vector["zip"].as_str().map(str::to_owned));
        for name in names {
            let place =
                shortest.entry((serialization.clone(), name)).or_insert_with(|| jwe.clone());
            if jwe.len() < place.len() {
                *place = jwe.clone();
            }
        }
    }
    for ((serialization, name), jwe) in shortest {
        let name = name.to_lowercase().replace('+', "-");
        corpus.write("message", &format!("{serialization}-{name}"), jwe.as_bytes());
        let whole = [b"A@", jwe.as_bytes()].concat();
        corpus.write("no_security", &format!("{serialization}-{name}"), &whole);
        if serialization != "compact" {
            continue;
        }
        corpus.write("token", &name, jwe.as_bytes());
        let header = base64url::decode(jwe.split('.').next().unwrap()).unwrap();
        corpus.write("header", &name, &header);
        for (settings, content) in [("@@", "text"), ("@A", "[1,{}]"), ("@J", "\u{e9}\"\n")] {
            let seed = [settings.as_bytes(), &header, b"\n", content.as_bytes()].concat();
            let name = format!("{name}-{}", content.len());
            corpus.write("no_security", &name, &seed);
        }
    }
    let header = r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#;
    for (name, plaintext) in
        [("zip-text", "text text text text".repeat(3)), ("zip-bomb", "0".repeat(1 << 16))]
    {
        let content = miniz_oxide::deflate::compress_to_vec(plaintext.as_bytes(), 6);
        for settings in ["@@", "@A", "@D", "@H"] {
            let seed = [settings.as_bytes(), header.as_bytes(), b"\n", &content].concat();
            corpus.write("no_security", &format!("{name}-{}", &settings[1..]), &seed);
        }
    }
}

/// Each key of the vectors, and all of them in sets.
fn keys(corpus: &Corpus, vectors: &[Value]) {
    let mut keys: BTreeMap<String, Value> = BTreeMap::new();
    for key in vectors.iter().map(|vector| &vector["key"]) {
        let Some(kty) = key["kty"].as_str() else { continue };
        let crv = key["crv"].as_str().unwrap_or_default();
        let len = key["n"].as_str().or(key["k"].as_str()).map_or(0, str::len);
        keys.entry(format!("{kty}-{crv}-{len}").to_lowercase()).or_insert_with(|| key.clone());
    }
    let mut publics = Vec::new();
    for (name, key) in &keys {
        corpus.write("key", name, key.to_string().as_bytes());
        let mut public = key.clone();
        let members = public.as_object_mut().unwrap();
        members.retain(|name, _| !["d", "p", "q", "dp", "dq", "qi", "k"].contains(&name.as_str()));
        if members.contains_key("n") || members.contains_key("x") {
            corpus.write("key", &format!("{name}-public"), public.to_string().as_bytes());
            publics.push(public);
        }
    }
    publics.retain(|key| key.to_string().len() < 400);
    let set = serde_json::json!({ "keys": publics });
    corpus.write("key", "set-of-vectors", set.to_string().as_bytes());
    let certified = vectors.iter().find(|vector| vector["key"].get("x5c").is_some());
    if let Some(vector) = certified {
        corpus.write("key", "x5c", vector["key"].to_string().as_bytes());
    }
}

/// Every key file of the tests, as it is and as DER.
fn key_files(corpus: &Corpus, root: &Path) {
    for folder in ["crates/jwe-core/tests/data", "crates/jwe-encrypted-key/tests/data"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let name = path.file_stem().unwrap().to_str().unwrap().replace('_', "-");
            corpus.write("key_file", &format!("{name}.pem"), text.as_bytes());
            if let Ok((_, der)) = jwe_core::pem::first_block(&text) {
                corpus.write("key_file", &format!("{name}.der"), &der);
            }
        }
    }
}
