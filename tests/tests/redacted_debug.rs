//! `Debug` of every public type that holds a secret shows nothing of it, and no public error has a
//! place for one.
//!
//! That no type is missing here is checked against the sources: whatever is public and holds what
//! is wiped, a prepared key or another type that does, must be among those that are formatted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step has to stop the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Debug, Write as _};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jwe::{
    Alg, Backend, Curve, Decrypter, DecryptionKey, Direction, Enc, Encrypter, EncryptionKey, Jwk,
    JwkSet, KeyMaterial, KeyOptions, Kid, MessageEncrypter, OctKey, SharedCekMemory,
    UnwrappedMemory, Zeroizing,
};
use jwe_core::hazmat::{self, FixedInputs};
use jwe_core::{BindingDecrypter, RecipientKey, SenderContext, SenderKey};
use jwe_fields::records::{
    ColumnDecrypter, ColumnEncrypter, Columns, Fields, Progress, RecordStream, Rejected, Sink,
};
use jwe_fields::{DecryptOptions, EncryptOptions, FieldDecrypter, FieldEncrypter, Scratch};
use jwe_tests::capability::backends;
use jwe_tests::{base64url, keys};
use serde_json::Value;

/// The bytes of symmetric keys and of CEKs.
const KEY: &[u8; 32] = b"k3y-c4n4ry-K3Y-C4N4RY-k3y-c4n4ry";
const PASSWORD: &str = "p4ssw0rd-c4n4ry";
const PLAINTEXT: &[u8] = b"pl4intext-c4n4ry";

/// Whether the text shows these bytes in any form in which bytes are printed.
fn shows(text: &str, secret: &[u8]) -> bool {
    let compact: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let all = |digits: &dyn Fn(&u8) -> String| secret.iter().map(digits).collect::<String>();
    let list =
        |number: &dyn Fn(&u8) -> String| secret.iter().map(number).collect::<Vec<_>>().join(",");
    let mut forms = vec![
        String::from_utf8_lossy(secret).into_owned(),
        secret.iter().map(|byte| char::from(*byte)).collect(),
        secret.escape_ascii().to_string(),
        all(&|byte| format!("{byte:02x}")),
        all(&|byte| format!("{byte:02X}")),
        list(&u8::to_string),
        list(&|byte| format!("{byte:x}")),
        list(&|byte| format!("0x{byte:02x}")),
    ];
    for offset in 0..3 {
        let text = [&b"zz"[..offset], secret].concat();
        let encoded = base64url::encode(&text);
        let inner = &encoded[offset.div_ceil(3) * 4..text.len() / 3 * 4];
        forms.push(inner.to_owned());
        forms.push(inner.replace('-', "+").replace('_', "/"));
    }
    forms.iter().any(|form| {
        assert!(form.chars().count() >= 8, "too short to be sure");
        let form: String = form.chars().filter(|character| !character.is_whitespace()).collect();
        compact.contains(&form)
    })
}

/// Takes the part of a secret that is looked for: all of it would not find a beginning of it.
fn part(secret: &[u8]) -> &[u8] {
    let middle = secret.len() / 2;
    &secret[middle.saturating_sub(8)..(middle + 8).min(secret.len())]
}

/// What was formatted.
#[derive(Default)]
struct Formatted(BTreeSet<&'static str>);

impl Formatted {
    /// Formats the value in both ways, which must show none of these secrets.
    #[track_caller]
    fn add(&mut self, name: &'static str, value: &dyn Debug, secrets: &[&[u8]]) {
        for text in [format!("{value:?}"), format!("{value:#?}")] {
            for secret in secrets {
                let beginning = &secret[..secret.len().min(16)];
                for part in [part(secret), beginning] {
                    assert!(!shows(&text, part), "{name} shows a secret: {text}");
                }
            }
            assert!(!text.is_empty());
        }
        self.0.insert(name);
    }
}

/// What a type looks like that nobody took care of.
#[derive(Debug)]
#[allow(dead_code, reason = "they are read by Debug")]
struct Careless {
    key: Zeroizing<Vec<u8>>,
    array: [u8; 32],
}

/// The control: a secret is found however it is shown.
#[test]
fn a_secret_that_is_shown_is_found() {
    let careless = Careless { key: Zeroizing::new(KEY.to_vec()), array: *KEY };
    let hex: String = KEY.iter().map(|byte| format!("{byte:02X}")).collect();
    for text in [
        format!("{careless:?}"),
        format!("{careless:#?}"),
        format!("{:?}", KEY),
        format!("{:#x?}", KEY),
        format!("{:02x?}", KEY),
        format!("{:?}", String::from_utf8(KEY.to_vec()).unwrap()),
        String::from_utf8(KEY.to_vec()).unwrap(),
        hex.to_lowercase(),
        hex,
        base64url::encode(KEY),
        base64url::encode(&[b"x", KEY.as_slice()].concat()),
        base64url::encode(&[b"xy", KEY.as_slice(), b"z"].concat()),
    ] {
        assert!(shows(&text, part(KEY)), "{text}");
    }
    let caught =
        std::panic::catch_unwind(|| Formatted::default().add("Careless", &careless, &[KEY]));
    assert!(caught.is_err());
    assert!(!shows("OctKey { len: 32, .. }", part(KEY)));
    // And the keys that are formatted below do hold what is looked for.
    let (rsa, secrets) = rsa();
    for secret in secrets {
        assert!(shows(&rsa.to_json(), part(&secret)));
    }
    assert!(shows(&oct(Alg::Dir).to_json(), part(KEY)));
}

fn oct(alg: Alg) -> Jwk {
    let k = base64url::encode(KEY);
    let json = format!(r#"{{"kty":"oct","kid":"k","alg":"{alg}","k":"{k}"}}"#);
    Jwk::from_json(json.as_bytes()).unwrap()
}

/// A private key with the bytes of its private members.
fn private(jwk: Jwk) -> (Jwk, Vec<Vec<u8>>) {
    let json: Value = serde_json::from_str(&jwk.to_json()).unwrap();
    let members = ["d", "p", "q", "dp", "dq", "qi"].iter().filter_map(|name| json[*name].as_str());
    let secrets: Vec<Vec<u8>> = members.map(base64url::decode).collect();
    assert!(!secrets.is_empty());
    (jwk, secrets)
}

fn rsa() -> (Jwk, Vec<Vec<u8>>) {
    let (jwk, secrets) = private(keys::rsa(2048));
    assert_eq!(secrets.len(), 6);
    (jwk, secrets)
}

fn borrowed(secrets: &[Vec<u8>]) -> Vec<&[u8]> {
    secrets.iter().map(Vec::as_slice).collect()
}

/// Keys as they are read.
fn material(formatted: &mut Formatted) {
    let mut keys = vec![rsa()];
    keys.extend(Curve::ALL.iter().map(|curve| private(keys::ec(*curve))));
    keys.push((oct(Alg::Dir), vec![KEY.to_vec()]));
    keys.push((Jwk::from_password(PASSWORD).unwrap(), vec![PASSWORD.as_bytes().to_vec()]));
    for (jwk, secrets) in &keys {
        let secrets = borrowed(secrets);
        formatted.add("Jwk", jwk, &secrets);
        formatted.add("KeyMaterial", jwk.material(), &secrets);
        match jwk.material() {
            KeyMaterial::RsaPrivate(key) => formatted.add("RsaPrivateKey", key, &secrets),
            KeyMaterial::EcPrivate(key) => formatted.add("EcPrivateKey", key, &secrets),
            KeyMaterial::Oct(key) => formatted.add("OctKey", key, &secrets),
            other => panic!("{other:?}"),
        }
    }
    let (rsa, secrets) = rsa();
    let set = format!(r#"{{"keys":[{},{}]}}"#, *rsa.to_json(), *oct(Alg::Dir).to_json());
    let set = JwkSet::from_json(set.as_bytes()).unwrap();
    assert_eq!(set.keys().len(), 2);
    let mut secrets = borrowed(&secrets);
    secrets.push(KEY);
    formatted.add("JwkSet", &set, &secrets);
    formatted.add("OctKey", &OctKey::new(Zeroizing::new(KEY.to_vec())).unwrap(), &[KEY]);
}

/// Keys as a backend has prepared them.
fn prepared(formatted: &mut Formatted, backend: &'static Backend) {
    let mut keys = vec![(oct(Alg::Dir), Alg::Dir, vec![KEY.to_vec()])];
    keys.push((oct(Alg::A256Kw), Alg::A256Kw, vec![KEY.to_vec()]));
    keys.push((oct(Alg::A256GcmKw), Alg::A256GcmKw, vec![KEY.to_vec()]));
    let password = Jwk::from_password(PASSWORD).unwrap();
    keys.push((password, Alg::Pbes2Hs256A128Kw, vec![PASSWORD.as_bytes().to_vec()]));
    let (rsa, secrets) = rsa();
    keys.push((rsa, Alg::RsaOaep256, secrets));
    for curve in Curve::ALL {
        let (jwk, secrets) = private(keys::ec(*curve));
        keys.push((jwk, Alg::EcdhEsA256Kw, secrets));
    }
    for (jwk, alg, secrets) in &keys {
        let secrets = borrowed(secrets);
        let options = KeyOptions::new().with_alg(*alg).ignore_declared_usage().with_kid(Kid::Omit);
        if keys::takes(backend, Direction::Encrypt, *alg, jwk) {
            let key = EncryptionKey::import(backend, jwk, &options).unwrap();
            formatted.add("EncryptionKey", &key, &secrets);
            if matches!(jwk.material(), KeyMaterial::Oct(_)) {
                let (_, import) = backend.encryption_key_import(*alg, jwk.curve()).unwrap();
                let key: SenderKey = import.import(jwk.material()).unwrap();
                formatted.add("SenderKey", &key, &secrets);
            }
        }
        if keys::takes(backend, Direction::Decrypt, *alg, jwk) {
            let key = DecryptionKey::import(backend, jwk, &options).unwrap();
            formatted.add("DecryptionKey", &key, &secrets);
            let (_, import) = backend.decryption_key_import(*alg, jwk.curve()).unwrap();
            let key: RecipientKey = import.import(jwk.material()).unwrap();
            formatted.add("RecipientKey", &key, &secrets);
        }
    }
}

fn encryption_key(backend: &'static Backend, alg: Alg) -> EncryptionKey {
    EncryptionKey::import(backend, &oct(alg), &KeyOptions::new()).unwrap()
}

fn recipient(backend: &'static Backend, alg: Alg) -> Decrypter {
    let key = DecryptionKey::import(backend, &oct(alg), &KeyOptions::new()).unwrap();
    Decrypter::new(backend, [key], &[Enc::A256Gcm]).unwrap()
}

/// What encrypts and decrypts, before, during and after.
fn engine(formatted: &mut Formatted, backend: &'static Backend) {
    let secrets: [&[u8]; 2] = [KEY, PLAINTEXT];
    let enc = Enc::A256Gcm;
    let key = encryption_key(backend, Alg::Dir);
    let builder = Encrypter::builder(backend, &key, enc);
    formatted.add("EncrypterBuilder", &builder, &secrets);
    let encrypter = builder.build().unwrap();
    formatted.add("Encrypter", &encrypter, &secrets);
    let builder = MessageEncrypter::builder(backend, enc).with_recipient(&key);
    formatted.add("MessageEncrypterBuilder", &builder, &secrets);
    formatted.add("MessageEncrypter", &builder.build().unwrap(), &secrets);

    let token = encrypter.encrypt(PLAINTEXT).unwrap();
    let decrypter = recipient(backend, Alg::Dir);
    formatted.add("Decrypter", &decrypter, &secrets);
    formatted.add("Pending", &decrypter.begin(&token).unwrap(), &secrets);

    // A CEK that is known: the key itself.
    let mut memory = SharedCekMemory::default();
    let mut shared = encrypter.share_cek(&mut memory, 2).unwrap();
    let mut out = Vec::new();
    shared.encrypt_into(PLAINTEXT, &mut out).unwrap();
    formatted.add("SharedCek", &shared, &secrets);
    // Leaked, so that the memory is looked at while a CEK is in it.
    std::mem::forget(shared);
    formatted.add("SharedCekMemory", &memory, &secrets);

    // And one that comes out of an encrypted key.
    let wrapping = Encrypter::new(backend, &encryption_key(backend, Alg::A256Kw), enc).unwrap();
    let fixed = FixedInputs { cek: KEY, iv: &[3; 12], ..FixedInputs::default() };
    formatted.add("FixedInputs", &fixed, &secrets);
    let wrapped = hazmat::encrypt(&wrapping, PLAINTEXT, &fixed).unwrap();
    let decrypter = recipient(backend, Alg::A256Kw);
    let mut memory = UnwrappedMemory::default();
    let mut once = decrypter.unwrapping_once(&mut memory);
    let mut out = Vec::new();
    once.decrypt_into(&wrapped, &mut out).unwrap();
    assert_eq!(out, PLAINTEXT);
    formatted.add("UnwrappingOnce", &once, &secrets);
    std::mem::forget(once);
    formatted.add("UnwrappedMemory", &memory, &secrets);
    formatted.add("Pending", &decrypter.begin(&wrapped).unwrap(), &secrets);

    let KeyMaterial::EcPrivate(ephemeral) = keys::ec(Curve::P256).material().clone() else {
        panic!("a key of a curve")
    };
    let context = SenderContext::new(enc, backend.random()).with_ephemeral(&ephemeral);
    formatted.add("SenderContext", &context, &[ephemeral.secret()]);

    bound(formatted, backend);
}

/// The same with messages that are bound to their place.
fn bound(formatted: &mut Formatted, backend: &'static Backend) {
    let secrets: [&[u8]; 2] = [KEY, PLAINTEXT];
    let key = encryption_key(backend, Alg::Dir);
    let encrypter = Encrypter::builder(backend, &key, Enc::A256Gcm).build_binding("bound").unwrap();
    formatted.add("BindingEncrypter", &encrypter, &secrets);
    let place = [("field", "/a")];
    let mut memory = SharedCekMemory::default();
    let mut shared = encrypter.share_cek(&mut memory, 1).unwrap();
    let mut token = Vec::new();
    shared.encrypt_into(&place, PLAINTEXT, &mut token).unwrap();
    formatted.add("BindingSharedCek", &shared, &secrets);
    let token = String::from_utf8(token).unwrap();

    let decrypter = BindingDecrypter::new(recipient(backend, Alg::Dir), "bound").unwrap();
    formatted.add("BindingDecrypter", &decrypter, &secrets);
    let mut memory = UnwrappedMemory::default();
    let mut once = decrypter.unwrapping_once(&mut memory);
    let mut out = Vec::new();
    once.decrypt_into(&token, &place, &mut out).unwrap();
    assert_eq!(out, PLAINTEXT);
    formatted.add("BindingUnwrappingOnce", &once, &secrets);
}

/// Formats what is rejected while it is.
struct Rejecting<'a>(&'a Mutex<&'a mut Formatted>);

impl Sink for Rejecting<'_> {
    fn write(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn reject(&mut self, rejected: &Rejected<'_>) -> io::Result<()> {
        assert!(rejected.bytes.windows(PLAINTEXT.len()).any(|window| window == PLAINTEXT));
        self.0.lock().unwrap().add("Rejected", rejected, &[PLAINTEXT]);
        Ok(())
    }
}

/// What works on documents and records.
fn fields(formatted: &mut Formatted, backend: &'static Backend) {
    let secrets: [&[u8]; 2] = [KEY, PLAINTEXT];
    let encrypter =
        || Encrypter::new(backend, &encryption_key(backend, Alg::Dir), Enc::A256Gcm).unwrap();
    let decrypter = || recipient(backend, Alg::Dir);
    let selectors = || ["/a".parse().unwrap()];
    let encrypt = FieldEncrypter::new(encrypter(), selectors(), EncryptOptions::new()).unwrap();
    let decrypt = FieldDecrypter::new(decrypter(), selectors(), DecryptOptions::new()).unwrap();
    formatted.add("FieldEncrypter", &encrypt, &secrets);
    formatted.add("FieldDecrypter", &decrypt, &secrets);
    formatted.add("Fields", &Fields::from(&encrypt), &secrets);
    formatted.add("Fields", &Fields::from(&decrypt), &secrets);

    let text = std::str::from_utf8(PLAINTEXT).unwrap();
    let document = format!(r#"{{"a":"{text}"}}"#);
    let mut scratch = Scratch::new();
    let (mut encrypted, mut clear) = (Vec::new(), Vec::new());
    encrypt.encrypt_into(document.as_bytes(), &mut encrypted, &mut scratch).unwrap();
    formatted.add("Scratch", &scratch, &secrets);
    decrypt.decrypt_into(&encrypted, &mut clear, &mut scratch).unwrap();
    assert_eq!(clear, document.as_bytes());
    formatted.add("Scratch", &scratch, &secrets);

    let columns = ColumnEncrypter::new(encrypter(), ["a"], EncryptOptions::new()).unwrap();
    formatted.add("ColumnEncrypter", &columns, &secrets);
    formatted.add("Columns", &Columns::from(&columns), &secrets);
    let columns = ColumnDecrypter::new(decrypter(), ["a"], DecryptOptions::new()).unwrap();
    formatted.add("ColumnDecrypter", &columns, &secrets);
    formatted.add("Columns", &Columns::from(&columns), &secrets);

    let stream = RecordStream::ndjson(&encrypt).with_rejects();
    formatted.add("RecordStream", &stream, &secrets);
    formatted.add("RecordStream", &RecordStream::csv(&columns), &secrets);
    let formatted = Mutex::new(formatted);
    let bad = format!("{{\"b\":\"{text}\"}}\n");
    let progress: Progress = stream.run(bad.as_bytes(), Rejecting(&formatted)).unwrap();
    assert_eq!(progress.rejected, 1);
}

#[test]
fn no_public_type_shows_its_secret() {
    let mut formatted = Formatted::default();
    material(&mut formatted);
    for backend in backends().iter().copied() {
        prepared(&mut formatted, backend);
        engine(&mut formatted, backend);
        fields(&mut formatted, backend);
    }
    let found = secret_types();
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    assert!(found.len() > 20, "{found:?}");
    let missing: Vec<_> = found.difference(&formatted.0).collect();
    assert!(missing.is_empty(), "not looked at here: {missing:?}");
    // What the search of the sources does not know for secret is just more than it asks for, if it
    // is there at all.
    let declared = declarations();
    for name in &formatted.0 {
        assert!(declared.iter().any(|declared| declared.name == *name), "{name} is not there");
    }
}

/// A struct or an enum in the sources.
struct Declaration {
    name: String,
    is_public: bool,
    body: String,
}

/// The sources of the crates that applications use.
const CRATES: [&str; 7] = [
    "jwe",
    "jwe-aws-lc-rs",
    "jwe-core",
    "jwe-encrypted-key",
    "jwe-fields",
    "jwe-josekit",
    "jwe-ring",
];

fn sources() -> Vec<PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut folders: Vec<PathBuf> = CRATES.map(|name| crates.join(name).join("src")).into();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    assert!(files.len() > 100, "{}", files.len());
    files
}

/// All structs and enums that are not in a module of tests.
fn declarations() -> Vec<Declaration> {
    let mut all = Vec::new();
    for file in sources() {
        let text = fs::read_to_string(file).unwrap();
        let code = text.split("\nmod tests {").next().unwrap_or_default();
        let code: String = code.lines().filter(|line| !line.trim_start().starts_with("//")).fold(
            String::new(),
            |mut code, line| {
                let _ = writeln!(code, "{line}");
                code
            },
        );
        let mut lines = code.lines();
        while let Some(line) = lines.next() {
            let is_public = line.starts_with("pub ");
            let words = line.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
            let words = words.trim_start_matches("pub ");
            let Some(rest) = ["struct ", "enum "].iter().find_map(|word| words.strip_prefix(word))
            else {
                continue;
            };
            let name = rest.split(|letter: char| !letter.is_alphanumeric()).next().unwrap();
            let mut body = line[line.find(name).unwrap() + name.len()..].to_owned();
            // Of one line, or up to the brace that closes it.
            if !line.ends_with(';') && !line.ends_with('}') {
                for line in lines.by_ref().take_while(|line| *line != "}") {
                    body.push('\n');
                    body.push_str(line);
                }
            }
            all.push(Declaration { name: name.to_owned(), is_public, body });
        }
    }
    assert!(all.len() > 100, "{}", all.len());
    all
}

/// The words of a text that could be names.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
}

/// Memory that is wiped, keys that a backend has prepared, and members that are called so.
const SECRET_WORDS: [&str; 17] = [
    "Zeroizing",
    "Zeroize",
    "ZeroizeOnDrop",
    "Bytes",
    "WrapKey",
    "UnwrapKey",
    "SenderDeriveKey",
    "RecipientDeriveKey",
    "cek",
    "ceks",
    "kek",
    "secret",
    "password",
    "passphrase",
    "plaintext",
    "private",
    "bytes",
];

/// Types with a member that is called as a secret one is, and holds none: why.
const NOT_SECRET: [(&str, &str); 1] = [("EcPublicKey", "its bytes are those of a public key")];

/// The public types that hold a secret, or a type that does.
fn secret_types() -> BTreeSet<String> {
    let declarations = declarations();
    let mut secret: BTreeSet<String> = SECRET_WORDS.map(str::to_owned).into();
    loop {
        // Errors have no place for a secret, which is looked at below.
        let holds = |declaration: &&Declaration| {
            !is_error(declaration)
                && !secret.contains(&declaration.name)
                && !NOT_SECRET.iter().any(|(name, _)| *name == declaration.name)
                && words(&declaration.body).any(|word| secret.contains(word))
        };
        let more: Vec<String> =
            declarations.iter().filter(holds).map(|declaration| declaration.name.clone()).collect();
        if more.is_empty() {
            break;
        }
        secret.extend(more);
    }
    let public = declarations.iter().filter(|declaration| declaration.is_public);
    public
        .map(|declaration| declaration.name.clone())
        .filter(|name| secret.contains(name))
        .collect()
}

fn is_error(declaration: &Declaration) -> bool {
    let errors =
        ["Malformed", "Rejected", "Gap", "KeyRejected", "NotExpressible", "UnknownAlgorithm"];
    // `Rejected` is a record, too: that one is a struct with bytes.
    (declaration.name.ends_with("Error") || errors.contains(&declaration.name.as_str()))
        && !declaration.body.contains("bytes: &'a [u8]")
}

/// The texts that public errors hold, and why nothing secret is in them.
const TEXTS: [(&str, &str, &str); 12] = [
    ("ImportError", "declared", "the key's `alg`, which is public"),
    ("Gap", "backend", "the name of a backend"),
    ("GenerateError", "backend", "the name of a backend"),
    ("FieldError", "pointer", "names of members"),
    ("FieldError", "inner", "names of members"),
    ("FieldError", "place", "a pointer that the caller wrote"),
    ("FieldError", "selector", "what the caller wrote"),
    ("StreamError", "name", "what the caller wrote"),
    ("SelectorError", "selector", "what the caller wrote"),
    ("SelectorError", "column", "what the caller wrote"),
    ("SettingsError", "column", "what the caller wrote"),
    ("SettingsError", "place", "a pointer that the caller wrote"),
];

/// Errors have no place for bytes, and for texts only where it is known what they say.
#[test]
fn no_public_error_has_a_place_for_a_secret() {
    let mut count = 0;
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for error in declarations().iter().filter(|error| error.is_public && is_error(error)) {
        count += 1;
        for held in ["Vec<", "[u8", "Box<", "Cow<", "Zeroizing", "Jwk", "Value", "&'a", "dyn "] {
            let is_word = held.chars().all(char::is_alphabetic);
            let is_there = match is_word {
                true => words(&error.body).any(|word| word == held),
                false => error.body.contains(held),
            };
            assert!(!is_there, "{} holds {held}", error.name);
        }
        for line in
            error.body.lines().filter(|line| line.contains(": String") || line.contains("(String"))
        {
            let field = words(line).find(|word| !word.is_empty()).unwrap_or_default();
            texts.entry(error.name.clone()).or_default().insert(field.to_owned());
        }
    }
    assert!(count > 15, "{count}");
    let found: BTreeSet<(&str, &str)> = texts
        .iter()
        .flat_map(|(error, fields)| fields.iter().map(|field| (error.as_str(), field.as_str())))
        .collect();
    let known: BTreeSet<(&str, &str)> =
        TEXTS.iter().map(|(error, text, _)| (*error, *text)).collect();
    assert_eq!(found, known, "texts that were looked at, and that are there");
}

/// The control: the search of the sources finds what it should, in each form of declaration.
#[test]
fn the_sources_are_read_as_they_are() {
    let found = secret_types();
    for name in ["OctKey", "RsaPrivateKey", "Jwk", "Scratch", "Decrypter", "SharedCekMemory"] {
        assert!(found.contains(name), "{name} is not in {found:?}");
    }
    for name in ["Alg", "Enc", "Limits", "Progress", "ImportError", "EncryptOptions"] {
        assert!(!found.contains(name), "{name} is in {found:?}");
    }
    let declarations = declarations();
    let tuple = declarations.iter().find(|one| one.name == "OctKey").unwrap();
    assert!(tuple.is_public && tuple.body.contains("Zeroizing<Vec<u8>>"), "{}", tuple.body);
    let inner = declarations.iter().find(|one| one.name == "Cek").unwrap();
    assert!(!inner.is_public && inner.body.contains("Bytes<"), "{}", inner.body);
}

impl Debug for Formatted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Formatted").finish_non_exhaustive()
    }
}
