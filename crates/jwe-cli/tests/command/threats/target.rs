//! A recipient under attack through `jwe decrypt` and `jwe fields decrypt`, and what every refusal
//! has to be.

use std::fmt::Write as _;
use std::time::Duration;

use jwe::{Alg, Backend, Direction, Enc, Jwk};
use jwe_core::{SenderContext, SenderKey};
use serde_json::{Value, json};

use crate::support::{CANARY, Jwe, Place, base64url, private_jwk};

/// The address space of a command that refuses a token, in MiB. Most of it is the program itself.
pub(crate) const MEMORY: usize = 100;
/// What a refusal may cost of the processor, in seconds: its limit goes in whole seconds.
pub(crate) const PROCESSOR: u32 = 3;
/// What it may take on a machine that does other things at the same time.
pub(crate) const TIME: Duration = Duration::from_secs(20);
/// The plaintext of the good token.
pub(crate) const PLAINTEXT: &str = CANARY;

/// A token and the code of its error.
pub(crate) type Case = (String, &'static str);

/// The parts of a token, by their place.
pub(crate) const HEADER: usize = 0;
pub(crate) const ENCRYPTED_KEY: usize = 1;
pub(crate) const IV: usize = 2;
pub(crate) const CIPHERTEXT: usize = 3;
pub(crate) const TAG: usize = 4;

/// One recipient, whose key is in `key.jwk`, with a good token for it.
pub(crate) struct Target {
    pub(crate) place: Place,
    pub(crate) backend: &'static str,
    pub(crate) alg: Alg,
    pub(crate) enc: Enc,
    pub(crate) jwk: Value,
    pub(crate) good: Vec<String>,
}

/// A symmetric key of that many bytes.
pub(crate) fn oct(len: usize, alg: Alg) -> Value {
    let bytes: Vec<u8> = (0..len).map(|at| (at * 37 + 11) as u8).collect();
    json!({ "kty": "oct", "kid": "shared", "alg": alg.name(), "k": base64url::encode(bytes) })
}

/// Whether the backend decrypts with RSA keys and with keys for key agreement.
pub(crate) fn has_private_keys(backend: &str) -> bool {
    backend != "ring"
}

/// The backend itself, for forging.
pub(crate) fn library(backend: &str) -> &'static Backend {
    jwe::backend_by_name(backend).unwrap()
}

impl Target {
    /// One with the RSA key of the tests or with a symmetric key, as the algorithm wants.
    pub(crate) fn new(backend: &'static str, alg: Alg, enc: Enc) -> Self {
        let mut jwk = match alg {
            _ if alg.is_rsa() => private_jwk(),
            _ => oct(alg.kek_len().unwrap_or(enc.cek_len()), alg),
        };
        jwk["alg"] = alg.name().into();
        Self::of(backend, jwk, alg, enc)
    }

    /// One with this key.
    pub(crate) fn of(backend: &'static str, jwk: Value, alg: Alg, enc: Enc) -> Self {
        let place = Place::new();
        place.write_secret("key.jwk", jwk.to_string());
        let mut target = Self { place, backend, alg, enc, jwk, good: Vec::new() };
        target.good = parts(&target.encrypt(PLAINTEXT));
        target.accepts(&target.token(), PLAINTEXT.as_bytes());
        target
    }

    /// What a backend decrypts with: an RSA key where it can, wrapped and directly; with AES-GCM
    /// and with AES-CBC.
    pub(crate) fn all(backend: &'static str) -> Vec<Self> {
        let algs = [Alg::RsaOaep256, Alg::A256Kw, Alg::Dir];
        let algs = algs.into_iter().filter(|alg| has_private_keys(backend) || !alg.is_rsa());
        algs.flat_map(|alg| [Enc::A256Gcm, Enc::A128CbcHs256].map(|enc| (alg, enc)))
            .map(|(alg, enc)| Self::new(backend, alg, enc))
            .collect()
    }

    /// One with the kind of key that most use, where the backend has it.
    pub(crate) fn usual(backend: &'static str) -> Self {
        let alg = if has_private_keys(backend) { Alg::RsaOaep256 } else { Alg::A256Kw };
        Self::new(backend, alg, Enc::A256Gcm)
    }

    pub(crate) fn kid(&self) -> &str {
        self.jwk["kid"].as_str().unwrap()
    }

    /// A token of the command for this recipient.
    pub(crate) fn encrypt(&self, plaintext: impl AsRef<[u8]>) -> String {
        let (backend, enc) = (self.backend, self.enc);
        let encrypt = format!("encrypt --key key.jwk --backend {backend} --enc {enc}");
        let more = if self.alg.is_pbes2() { " --p2c 1000" } else { "" };
        let token = self.place.jwe(&format!("{encrypt}{more}")).stdin(plaintext).run().ok_text();
        token.trim_end().to_owned()
    }

    /// `jwe decrypt` with the key and these options besides, and with all limits.
    pub(crate) fn decrypt(&self, options: &str) -> Jwe {
        self.decrypt_in(MEMORY, options)
    }

    /// The same with another limit of the address space, in MiB.
    pub(crate) fn decrypt_in(&self, memory: usize, options: &str) -> Jwe {
        let (backend, enc) = (self.backend, self.enc);
        let decrypt = format!("decrypt --key key.jwk --backend {backend} --enc {enc} {options}");
        self.place.jwe(&decrypt).memory(memory).processor(PROCESSOR).within(TIME)
    }

    /// `jwe fields decrypt` in the same way.
    pub(crate) fn decrypt_fields(&self, options: &str) -> Jwe {
        let (backend, enc) = (self.backend, self.enc);
        let decrypt =
            format!("fields decrypt --key key.jwk --backend {backend} --enc {enc} {options}");
        self.place.jwe(&decrypt).memory(2 * MEMORY).processor(2 * PROCESSOR).within(TIME)
    }

    #[track_caller]
    pub(crate) fn accepts(&self, token: &str, plaintext: &[u8]) {
        assert_eq!(self.decrypt("").stdin(token).run().ok(), plaintext);
    }

    /// Refuses the token; gives standard error.
    #[track_caller]
    pub(crate) fn refuses(&self, token: &str, code: &str) -> String {
        let ended = self.decrypt("").stdin(token).run();
        let shown: String = token.chars().take(300).collect();
        let begins = format!("error[{code}]: ");
        assert!(ended.stderr.starts_with(&begins), "{begins}for {shown}: {}", ended.stderr);
        let text = ended.refused(code);
        assert!(text.len() < 400, "{text}");
        text
    }

    /// Refuses each of these tokens: alone, and as the records of one stream. Whatever a key
    /// decides is told in the same words.
    #[track_caller]
    pub(crate) fn refuses_all(&self, cases: &[Case]) {
        for (token, code) in cases {
            let text = self.refuses(token, code);
            if *code == "decryption_failed" {
                assert_eq!(text, "error[decryption_failed]: the message could not be decrypted");
            }
        }
        self.rejects_all(cases);
    }

    /// Refuses each of these tokens as the records of one stream, which is quicker by far than a
    /// run for each. None of them gives anything to the output.
    #[track_caller]
    pub(crate) fn rejects_all(&self, cases: &[Case]) {
        let mut records = String::new();
        for (token, _) in cases {
            writeln!(records, "{}", json!({ "clear": CANARY, "a": token })).unwrap();
        }
        let stream = "--format ndjson --field /a --threads 1 --rejects rejects --quiet";
        let ended = self.decrypt_fields(stream).stdin(records).run();
        assert_eq!(ended.code, Some(3), "{}", ended.stderr);
        assert!(ended.stdout.is_empty(), "something came out");
        assert!(ended.stderr.len() < 600, "{}", ended.stderr);
        let rejects = String::from_utf8(self.place.read("rejects")).unwrap();
        assert_eq!(rejects.lines().count(), cases.len());
        for (line, (token, code)) in rejects.lines().zip(cases) {
            let rejected: Value = serde_json::from_str(line).unwrap();
            let shown: String = token.chars().take(200).collect();
            // A value that has not even the form of a token is taken for a clear one.
            let has_form = token.split('.').take(6).count() == 5;
            let code = if has_form { code } else { "field_not_encrypted" };
            assert_eq!(rejected["code"], code, "{}: {shown}", self.alg);
            assert_eq!(rejected["pointer"], "/a");
            let reason = rejected["reason"].as_str().unwrap();
            assert!(reason.len() < 300, "{reason}");
            if code == "decryption_failed" {
                assert_eq!(reason, "\"/a\": the message could not be decrypted");
            }
        }
    }

    /// The good token.
    pub(crate) fn token(&self) -> String {
        self.good.join(".")
    }

    /// The good token with another text as one part.
    pub(crate) fn with_text(&self, at: usize, text: &str) -> String {
        let mut parts = self.good.clone();
        text.clone_into(&mut parts[at]);
        parts.join(".")
    }

    /// The good token with these bytes as one part.
    pub(crate) fn with_part(&self, at: usize, bytes: impl AsRef<[u8]>) -> String {
        self.with_text(at, &base64url::encode(bytes))
    }

    /// The bytes of a part of the good token.
    pub(crate) fn part(&self, at: usize) -> Vec<u8> {
        base64url::decode(&self.good[at])
    }

    /// The good token with this header.
    pub(crate) fn with_header(&self, header: impl AsRef<[u8]>) -> String {
        self.with_part(HEADER, header)
    }

    /// A header with these JSON texts for `alg` and `enc`, and more members behind them: text that
    /// begins with a comma.
    pub(crate) fn header_of(&self, alg: &str, enc: &str, more: &str) -> String {
        format!(r#"{{"alg":{alg},"enc":{enc},"kid":"{}"{more}}}"#, self.kid())
    }

    /// The header that the key is for, with more members.
    pub(crate) fn header(&self, more: &str) -> String {
        self.header_of(&format!("\"{}\"", self.alg), &format!("\"{}\"", self.enc), more)
    }

    /// The token of this header around the parts of the good one.
    pub(crate) fn with_members(&self, more: &str) -> String {
        self.with_header(self.header(more))
    }

    /// A message in the flattened JSON serialization of the parts of the good token, with more
    /// members: text that begins with a comma.
    pub(crate) fn flattened(&self, more: &str) -> String {
        let names = ["protected", "encrypted_key", "iv", "ciphertext", "tag"];
        let members = names.iter().zip(&self.good).filter(|(_, part)| !part.is_empty());
        let members: Vec<String> =
            members.map(|(name, part)| format!("\"{name}\":\"{part}\"")).collect();
        format!("{{{}{more}}}", members.join(","))
    }

    /// Refuses a message in a JSON serialization, and by default takes none for a token at all.
    #[track_caller]
    pub(crate) fn refuses_message(&self, message: &str, code: &str) {
        // Some of these messages are megabytes long.
        let decrypt = |options: &str| self.decrypt_in(2 * MEMORY, options).stdin(message).run();
        let text = decrypt("--serialization flattened,general").refused(code);
        assert!(text.len() < 500, "{text}");
        decrypt("").refused("serialization_not_accepted");
    }

    /// Wraps a CEK as a sender does who does not mind its length; nothing for direct encryption.
    pub(crate) fn wrapped(&self, cek: &[u8]) -> Vec<u8> {
        let jwk = Jwk::from_json(self.jwk.to_string().as_bytes()).unwrap();
        let backend = library(self.backend);
        let (_, import) = backend.encryption_key_import(self.alg, jwk.curve()).unwrap();
        let public = jwk.to_public();
        let material = public.as_ref().map_or(jwk.material(), Jwk::material);
        let SenderKey::Wrap(key) = import.import(material).unwrap() else { return Vec::new() };
        let mut encrypted_key = vec![0; key.encrypted_key_len(cek.len())];
        let mut context = SenderContext::new(self.enc, backend.random());
        key.wrap_key(&mut context, cek, &mut encrypted_key).unwrap();
        encrypted_key
    }

    /// A CEK that the sender chooses: for direct encryption the key itself.
    pub(crate) fn cek(&self) -> Vec<u8> {
        match self.alg {
            Alg::Dir => base64url::decode(self.jwk["k"].as_str().unwrap()),
            _ => (0..self.enc.cek_len()).map(|at| (at * 11 + 5) as u8).collect(),
        }
    }

    /// A properly sealed token with this header, whatever is in it.
    pub(crate) fn sealed(&self, header: &str, content: &[u8]) -> String {
        let cek = self.cek();
        let encrypted_key = self.wrapped(&cek);
        seal(self.backend, (self.enc, &cek), header, &encrypted_key, content)
    }
}

/// A sealed token of these parts.
pub(crate) fn seal(
    backend: &str,
    (enc, cek): (Enc, &[u8]),
    header: &str,
    encrypted_key: &[u8],
    content: &[u8],
) -> String {
    let header = base64url::encode(header);
    let object = library(backend).content_encryption(enc, Direction::Encrypt).unwrap();
    let (iv, mut tag) = (vec![3; enc.iv_len()], vec![0; enc.tag_len()]);
    let mut buffer = content.to_vec();
    buffer.resize(enc.ciphertext_len(content.len()).unwrap(), 0);
    object.seal(cek, &iv, header.as_bytes(), &mut buffer, content.len(), &mut tag).unwrap();
    let part = |bytes: &[u8]| base64url::encode(bytes);
    format!("{header}.{}.{}.{}.{}", part(encrypted_key), part(&iv), part(&buffer), part(&tag))
}

/// The parts of a token.
pub(crate) fn parts(token: &str) -> Vec<String> {
    let parts: Vec<String> = token.trim_end().split('.').map(str::to_owned).collect();
    assert_eq!(parts.len(), 5);
    parts
}
