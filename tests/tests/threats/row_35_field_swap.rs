//! A token says nothing of where it belongs: that of one record's `pin` opens as well in another
//! record, and that of the login in place of the password. Bound to its field and its record, which
//! both sides have to ask for, it opens nowhere else.

use jwe::{
    Alg, Backend, Decrypter, Direction, Enc, Encrypter, EncrypterBuilder, Jwk, SharedCekMemory,
};
use jwe_fields::records::{ColumnDecrypter, ColumnEncrypter, RecordStream, StreamError};
use jwe_fields::{
    Binding, ClearValue, DecryptOptions, EncryptOptions, FieldDecrypter, FieldEncrypter,
    FieldError, Missing, PlaintextEncoding, Selector, SettingsError, ShareCek,
};
use jwe_tests::keys;
use jwe_tests::parts::Parts;
use serde_json::{Value, json};

use crate::attacks::tried_one;
use crate::streamed::streamed;
use crate::watched::{watched, work_of};

pub(crate) fn check(backend: &'static Backend) {
    for party in Party::all(backend) {
        for share in [ShareCek::No, ShareCek::Document] {
            documents(&party, share);
            one_key_operation(&party, share);
        }
    }
    for share in [ShareCek::No, ShareCek::Document] {
        let party = Party::new(backend, Alg::A256Kw, keys::oct(32));
        elements(&party, share);
        streams(&party, share);
        rows(&party, share);
        given_ids(&party, share);
        headers(&party);
        recipients_who_do_not_know(&party, share);
        places_without_a_name(&party, share);
    }
}

struct Party {
    backend: &'static Backend,
    alg: Alg,
    jwk: Jwk,
}

const ENC: Enc = Enc::A256Gcm;

impl Party {
    fn new(backend: &'static Backend, alg: Alg, jwk: Jwk) -> Self {
        Self { backend, alg, jwk }
    }

    /// With a key of every kind that the backend has both ways.
    fn all(backend: &'static Backend) -> Vec<Self> {
        let mut parties = Vec::new();
        for alg in Alg::ALL.iter().copied() {
            for jwk in keys::of_every_kind(alg, ENC) {
                let takes = |direction| keys::takes(backend, direction, alg, &jwk);
                if takes(Direction::Encrypt) && takes(Direction::Decrypt) {
                    parties.push(Self::new(backend, alg, jwk));
                }
            }
        }
        parties
    }

    fn with_builder<T>(&self, take: impl FnOnce(EncrypterBuilder<'_>) -> T) -> T {
        let key = keys::sender(self.backend, &self.jwk, self.alg);
        take(Encrypter::builder(self.backend, &key, ENC).with_iterations(1000))
    }

    fn decrypter(&self) -> Decrypter {
        let watched = watched(self.backend);
        let key = keys::recipient(watched, &self.jwk, self.alg);
        Decrypter::new(watched, [key], &[ENC]).unwrap().allow_pbes2(1000)
    }

    fn sender(&self, fields: &[&str], share: ShareCek, binding: Binding) -> FieldEncrypter {
        let options = EncryptOptions::new().with_share_cek(share).with_missing(Missing::Skip);
        self.with_builder(|builder| {
            FieldEncrypter::binding(builder, selectors(fields), options, binding).unwrap()
        })
    }

    fn recipient(&self, fields: &[&str], binding: Binding) -> FieldDecrypter {
        let options = DecryptOptions::new().with_missing(Missing::Skip);
        FieldDecrypter::binding(self.decrypter(), selectors(fields), options, binding).unwrap()
    }
}

fn selectors(fields: &[&str]) -> Vec<Selector> {
    fields.iter().map(|field| field.parse().unwrap()).collect()
}

fn parsed(document: &[u8]) -> Value {
    serde_json::from_slice(document).unwrap()
}

/// Decrypts a document in which something is not in its place, which must take no key.
#[track_caller]
fn refused(recipient: &FieldDecrypter, document: &Value, code: &str, pointer: &str) {
    tried_one();
    let text = document.to_string();
    let mut out = b"before".to_vec();
    let (outcome, work) = work_of(|| {
        let mut scratch = jwe_fields::Scratch::new();
        recipient.decrypt_into(text.as_bytes(), &mut out, &mut scratch)
    });
    let error = outcome.unwrap_err();
    assert_eq!((error.code(), error.pointer()), (code, Some(pointer)), "{text}");
    assert_eq!(out, b"before");
    // No key for what is refused: of those before it, one each at most.
    let before = document.to_string().matches("eyJ").count() as u32 - 1;
    assert!(work.keys <= before, "{}", work.keys);
    assert!(format!("{error}").len() < 400);
    assert!(!format!("{error}{error:?}").contains("s3cret"));
}

fn documents(party: &Party, share: ShareCek) {
    let fields = ["/login", "/password"];
    let binding = Binding::to_field().with_record_at("/id");
    let (sender, recipient) =
        (party.sender(&fields, share, binding.clone()), party.recipient(&fields, binding));
    let record = |id: Value| json!({ "id": id, "login": "john s3cret", "password": "s3cret" });
    let send = |record: &Value| parsed(&sender.encrypt(record.to_string().as_bytes()).unwrap());
    let (one, other) = (record(1.into()), record("b/~\"é".into()));
    let (sent, sent_other) = (send(&one), send(&other));
    for (sent, clear) in [(&sent, &one), (&sent_other, &other)] {
        let opened = recipient.decrypt(sent.to_string().as_bytes()).unwrap();
        assert_eq!(parsed(&opened), *clear, "{}", party.alg);
    }

    // Into the other field, of the same record.
    let mut swapped = sent.clone();
    swapped["password"] = sent["login"].clone();
    swapped["login"] = sent["password"].clone();
    refused(&recipient, &swapped, "bound_elsewhere", "/login");
    let mut copied = sent.clone();
    copied["password"] = sent["login"].clone();
    refused(&recipient, &copied, "bound_elsewhere", "/password");
    // Into the other record, in the same field.
    let mut moved = sent_other.clone();
    moved["password"] = sent["password"].clone();
    refused(&recipient, &moved, "bound_elsewhere", "/password");
    // The whole record under another id.
    let mut renamed = sent.clone();
    renamed["id"] = 2.into();
    refused(&recipient, &renamed, "bound_elsewhere", "/login");
    // One that is not bound at all, or not to a record, from who has the key.
    let free = party.with_builder(|builder| builder.build().unwrap());
    let mut forged = sent.clone();
    forged["login"] = free.encrypt(b"s3cret").unwrap().into();
    refused(&recipient, &forged, "not_bound", "/login");
    let to_field = party.sender(&fields, share, Binding::to_field());
    let to_field = parsed(&to_field.encrypt(one.to_string().as_bytes()).unwrap());
    refused(&recipient, &to_field, "bound_elsewhere", "/login");
    // A record that is expected by nobody.
    refused(&party.recipient(&fields, Binding::to_field()), &sent, "bound_elsewhere", "/login");

    // The control: without binding all of these open.
    let options = EncryptOptions::new().with_share_cek(share);
    let sender = FieldEncrypter::new(free, selectors(&fields), options).unwrap();
    let sent = parsed(&sender.encrypt(one.to_string().as_bytes()).unwrap());
    let swapped = json!({ "id": 2, "login": sent["password"], "password": sent["login"] });
    let options = DecryptOptions::new();
    let recipient = FieldDecrypter::new(party.decrypter(), selectors(&fields), options).unwrap();
    let opened = parsed(&recipient.decrypt(swapped.to_string().as_bytes()).unwrap());
    assert_eq!(opened, json!({ "id": 2, "login": "s3cret", "password": "john s3cret" }));
}

/// The values of a document that share a CEK take one, although no two headers are the same.
fn one_key_operation(party: &Party, share: ShareCek) {
    tried_one();
    let binding = Binding::to_field().with_record_at("/id");
    let fields = ["$.pins[*]"];
    let sender = party.sender(&fields, share, binding.clone());
    let recipient = party.recipient(&fields, binding);
    let clear = json!({ "id": "7", "pins": ["1", "2", "3", "4"] });
    let sent = sender.encrypt(clear.to_string().as_bytes()).unwrap();
    let (opened, work) = work_of(|| recipient.decrypt(&sent).unwrap());
    assert_eq!(parsed(&opened), clear);
    // The CEK of `dir` is always the same, and that of ECDH-ES with its ephemeral key.
    let shared = share == ShareCek::Document || party.alg == Alg::Dir;
    assert_eq!((work.keys, work.opened), (if shared { 1 } else { 4 }, 4), "{}", party.alg);
    let tokens = parsed(&sent)["pins"].as_array().unwrap().clone();
    let part = |at: usize| -> Vec<String> {
        let parts = tokens.iter().map(|token| token.as_str().unwrap().split('.').nth(at).unwrap());
        parts.map(str::to_owned).collect()
    };
    let (headers, encrypted_keys) = (part(0), part(1));
    assert!(headers.iter().enumerate().all(|(at, header)| !headers[..at].contains(header)));
    if share == ShareCek::Document {
        assert!(encrypted_keys.iter().all(|key| *key == encrypted_keys[0]));
    }
}

/// An element is bound to its position.
fn elements(party: &Party, share: ShareCek) {
    let fields = ["$.accounts[*].iban"];
    let binding = Binding::to_field();
    let (sender, recipient) =
        (party.sender(&fields, share, binding.clone()), party.recipient(&fields, binding));
    let clear = json!({ "accounts": [{ "iban": "a" }, { "iban": "b" }, { "iban": "c" }] });
    let sent = parsed(&sender.encrypt(clear.to_string().as_bytes()).unwrap());
    let opened = recipient.decrypt(sent.to_string().as_bytes()).unwrap();
    assert_eq!(parsed(&opened), clear);
    let mut exchanged = sent.clone();
    exchanged["accounts"].as_array_mut().unwrap().swap(1, 2);
    refused(&recipient, &exchanged, "bound_elsewhere", "/accounts/1/iban");
    let mut shorter = sent.clone();
    shorter["accounts"].as_array_mut().unwrap().remove(0);
    refused(&recipient, &shorter, "bound_elsewhere", "/accounts/0/iban");
    let mut longer = sent.clone();
    let copy = longer["accounts"][0].clone();
    longer["accounts"].as_array_mut().unwrap().push(copy);
    refused(&recipient, &longer, "bound_elsewhere", "/accounts/3/iban");
}

/// The position of a record in a stream does not matter, and its id does.
fn streams(party: &Party, share: ShareCek) {
    let fields = ["/pin"];
    let binding = Binding::to_field().with_record_at("/id");
    let (sender, recipient) =
        (party.sender(&fields, share, binding.clone()), party.recipient(&fields, binding));
    let lines: Vec<String> =
        (0..300).map(|id| json!({ "id": id, "pin": format!("{id:04}") }).to_string()).collect();
    let array = |lines: &[String]| format!("[{}]", lines.join(","));
    let ndjson = |lines: &[String]| lines.join("\n");
    type Form<'f> = (&'f dyn Fn(&[String]) -> String, RecordStream<'f>, RecordStream<'f>);
    let forms: [Form<'_>; 2] = [
        (&ndjson, RecordStream::ndjson(&sender), RecordStream::ndjson(&recipient)),
        (&array, RecordStream::json_array(&sender), RecordStream::json_array(&recipient)),
    ];
    for (joined, encrypts, decrypts) in forms {
        let sent = streamed(&encrypts, &joined(&lines)).unwrap();
        let sent: Vec<String> = serde_json::Deserializer::from_str(&sent)
            .into_iter::<Value>()
            .flat_map(|value| match value.unwrap() {
                Value::Array(records) => records,
                record => vec![record],
            })
            .map(|record| record.to_string())
            .collect();
        assert_eq!(sent.len(), lines.len());
        // In another order.
        let reversed: Vec<String> = sent.iter().rev().cloned().collect();
        let expected: Vec<String> = lines.iter().rev().cloned().collect();
        assert_eq!(streamed(&decrypts, &joined(&reversed)).unwrap(), joined(&expected));
        // One record's PIN in another.
        tried_one();
        let mut moved = sent.clone();
        let mut record: Value = serde_json::from_str(&moved[200]).unwrap();
        record["pin"] = parsed(moved[7].as_bytes())["pin"].clone();
        moved[200] = record.to_string();
        let error = streamed(&decrypts, &joined(&moved)).unwrap_err();
        let StreamError::Record { record, error, .. } = error else { panic!("{error}") };
        assert_eq!((record, error.code()), (201, "bound_elsewhere"));
        assert_eq!(error.pointer(), Some("/pin"));
    }
}

fn rows(party: &Party, share: ShareCek) {
    let binding = Binding::to_field().with_record_at("id");
    let columns = ["login", "pass/word"];
    let sender = party.with_builder(|builder| {
        let options = EncryptOptions::new().with_share_cek(share);
        ColumnEncrypter::binding(builder, columns, options, binding.clone()).unwrap()
    });
    let recipient =
        ColumnDecrypter::binding(party.decrypter(), columns, DecryptOptions::new(), binding)
            .unwrap();
    let decrypt = |text: &str| streamed(&RecordStream::csv(&recipient), text);
    let clear = "login,id,pass/word\njohn,1,s3cret\n\"ma,ry\",\"a \"\"2\",s3cret\n";
    let sent = streamed(&RecordStream::csv(&sender), clear).unwrap();
    assert_eq!(decrypt(&sent).unwrap(), clear);
    let header: Value = {
        let token = sent.lines().nth(1).unwrap().rsplit(',').next().unwrap();
        serde_json::from_str(&Parts::of(token).header_json()).unwrap()
    };
    assert_eq!(header["bound"], json!({ "field": "/pass~1word", "record": "1" }));
    // The order of the columns is free.
    let cells: Vec<Vec<String>> =
        sent.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    let joined =
        |rows: &[Vec<String>]| -> String { rows.iter().map(|row| row.join(",") + "\n").collect() };
    let turned: Vec<Vec<String>> =
        cells.iter().map(|row| row.iter().rev().cloned().collect()).collect();
    assert!(decrypt(&joined(&turned)).is_ok());

    let refused = |change: &dyn Fn(&mut Vec<Vec<String>>), record, code: &str, pointer| {
        tried_one();
        let mut rows = cells.clone();
        change(&mut rows);
        let StreamError::Record { record: at, error, .. } = decrypt(&joined(&rows)).unwrap_err()
        else {
            panic!("a record")
        };
        assert_eq!((at, error.code(), error.pointer()), (record, code, pointer));
    };
    let login = Some("/login");
    refused(&|rows| rows[1].swap(0, 2), 1, "bound_elsewhere", login);
    refused(&|rows| rows[2][2] = cells[1][2].clone(), 2, "bound_elsewhere", Some("/pass~1word"));
    refused(&|rows| rows[2][0] = cells[1][0].clone(), 2, "bound_elsewhere", login);
    refused(&|rows| rows[1][1] = "3".to_owned(), 1, "bound_elsewhere", login);
    refused(&|rows| rows[1][1].clear(), 1, "record_id_missing", None);
    refused(&|rows| rows[1][1] = "\"\"".to_owned(), 1, "record_id_missing", None);
    // Two columns exchange their names.
    refused(&|rows| rows[0].swap(0, 2), 1, "bound_elsewhere", Some("/pass~1word"));

    let no_id = clear.replace("id", "di");
    let error = streamed(&RecordStream::csv(&sender), &no_id).unwrap_err();
    assert_eq!(error.code(), "column_missing");
    for (binding, error) in [
        (Binding::to_field().with_record(), SettingsError::RecordOfRow),
        (
            Binding::to_field().with_record_at("login"),
            SettingsError::RecordIdSelected { column: "login".to_owned() },
        ),
    ] {
        let outcome = party.with_builder(|builder| {
            let options = EncryptOptions::new();
            ColumnEncrypter::binding(builder, columns, options, binding.clone()).map(drop)
        });
        assert_eq!(outcome, Err(error.clone()));
        let options = DecryptOptions::new();
        let outcome = ColumnDecrypter::binding(party.decrypter(), columns, options, binding);
        assert_eq!(outcome.map(drop), Err(error));
    }
}

/// Ids that do not stand in the record.
fn given_ids(party: &Party, share: ShareCek) {
    tried_one();
    let fields = ["/pin", "/puk"];
    let binding = Binding::to_field().with_record();
    let (sender, recipient) =
        (party.sender(&fields, share, binding.clone()), party.recipient(&fields, binding));
    let clear = br#"{"pin":"1234","puk":"s3cret"}"#;
    let sent = sender.encrypt_record("42", clear).unwrap();
    assert_eq!(*recipient.decrypt_record("42", &sent).unwrap(), clear);
    for id in ["43", "4", "42 ", "042", "\0"] {
        let (outcome, work) = work_of(|| recipient.decrypt_record(id, &sent).map(|_| ()));
        let error = outcome.unwrap_err();
        assert_eq!((error.code(), error.pointer()), ("bound_elsewhere", Some("/pin")));
        assert_eq!((work.keys, work.opened), (0, 0));
    }
    assert_eq!(sender.encrypt(clear), Err(FieldError::RecordIdNotGiven));
    assert_eq!(sender.encrypt_record("", clear), Err(FieldError::RecordIdNotGiven));
    assert_eq!(recipient.decrypt(&sent), Err(FieldError::RecordIdNotGiven));
    assert_eq!(recipient.decrypt_record("", &sent), Err(FieldError::RecordIdNotGiven));
    let free = party.with_builder(|builder| builder.build().unwrap());
    let free = FieldEncrypter::new(free, selectors(&fields), EncryptOptions::new()).unwrap();
    assert_eq!(free.encrypt_record("42", clear), Err(FieldError::RecordIdNotExpected));
    let to_field = party.recipient(&fields, Binding::to_field());
    assert_eq!(to_field.decrypt_record("42", &sent), Err(FieldError::RecordIdNotExpected));
    assert_eq!(to_field.decrypt(&sent).unwrap_err().code(), "bound_elsewhere");
}

/// Headers that no sender of ours writes, from who has the key.
fn headers(party: &Party) {
    let field = json!({ "field": "/pin", "record": "42" });
    let recipient = party.recipient(&["/pin"], Binding::to_field().with_record());
    let open = |builder: EncrypterBuilder<'_>| {
        tried_one();
        let token = builder.build().unwrap().encrypt(b"s3cret").unwrap();
        let document = json!({ "pin": token }).to_string();
        let (outcome, work) =
            work_of(|| recipient.decrypt_record("42", document.as_bytes()).map(|_| ()));
        let code = outcome.map_err(|error| error.code());
        assert_eq!(work.keys, u32::from(code.is_ok()));
        code
    };
    let with = |value: Value| party.with_builder(|b| open(b.with_critical_member("bound", value)));
    assert_eq!(with(field.clone()), Ok(()));
    for value in [
        json!({ "field": "/pin", "record": 42 }),
        json!({ "field": "/pin" }),
        json!({ "record": "42" }),
        json!({ "field": "/pin", "record": "42", "more": 1 }),
        json!({ "field": ["/pin"], "record": "42" }),
        json!({ "FIELD": "/pin", "record": "42" }),
        json!(["/pin", "42"]),
        json!("/pin"),
        json!({}),
        Value::Null,
    ] {
        assert_eq!(with(value.clone()), Err("bound_elsewhere"), "{value}");
    }
    // Not critical: nobody need have looked at it.
    let code = party.with_builder(|b| open(b.with_member("bound", field.clone())));
    assert_eq!(code, Err("not_bound"));
    let code = party.with_builder(|b| {
        open(b.with_member("bound", field.clone()).with_critical_member("x", 1.into()))
    });
    assert_eq!(code, Err("crit_not_understood"));
    let code = party.with_builder(|b| {
        open(b.with_critical_member("bound", field.clone()).with_critical_member("x", 1.into()))
    });
    assert_eq!(code, Err("crit_not_understood"));
}

/// Who does not expect values to be bound does not open them, and can't be made to by saying that
/// the member is understood.
fn recipients_who_do_not_know(party: &Party, share: ShareCek) {
    tried_one();
    let fields = ["/pin", "/puk"];
    let sent = party
        .sender(&fields, share, Binding::to_field())
        .encrypt(br#"{"pin":"1234","puk":"s3cret"}"#)
        .unwrap();
    let options = DecryptOptions::new();
    for clear_value in [ClearValue::Refuse, ClearValue::Leave] {
        let options = options.with_clear_value(clear_value);
        let unaware = FieldDecrypter::new(party.decrypter(), selectors(&fields), options).unwrap();
        let (outcome, work) = work_of(|| unaware.decrypt(&sent).map(|_| ()));
        let error = outcome.unwrap_err();
        assert_eq!((error.code(), error.pointer()), ("crit_not_understood", Some("/pin")));
        assert_eq!((work.keys, work.opened), (0, 0));
    }
    let knowing = || party.decrypter().understand(&["bound", "x"]);
    let error = FieldDecrypter::new(knowing(), selectors(&fields), options).unwrap_err();
    assert_eq!(error, SettingsError::BoundUnchecked);
    let error = ColumnDecrypter::new(knowing(), ["pin"], options).unwrap_err();
    assert_eq!(error, SettingsError::BoundUnchecked);
    let binding = Binding::to_field();
    let aware = FieldDecrypter::binding(knowing(), selectors(&fields), options, binding).unwrap();
    assert!(aware.decrypt(&sent).is_ok());
    assert!(!String::from_utf8_lossy(&sent).contains("/pin"), "it stands in base64url");
    // A message that says it, in the clear, to whoever reads headers.
    let mut memory = SharedCekMemory::default();
    let encrypter = party.with_builder(|builder| builder.build_binding("bound").unwrap());
    let mut token = Vec::new();
    encrypter
        .share_cek(&mut memory, 1)
        .unwrap()
        .encrypt_into(&[("field", "/pin")], b"1234", &mut token)
        .unwrap();
    let token = String::from_utf8(token).unwrap();
    let document = json!({ "pin": token, "puk": parsed(&sent)["puk"] }).to_string();
    assert!(aware.decrypt(document.as_bytes()).is_ok());
    let header = Parts::of(&token).header_json();
    assert!(header.ends_with(r#""bound":{"field":"/pin"}}"#), "{header}");
}

/// Ids and paths that could stand for several places, or for none.
fn places_without_a_name(party: &Party, share: ShareCek) {
    let binding = Binding::to_field().with_record_at("/id");
    let fields = ["$..pin"];
    let (sender, recipient) =
        (party.sender(&fields, share, binding.clone()), party.recipient(&fields, binding));
    let long = "x".repeat(10_000);
    for (document, code, pointer) in [
        (r#"{"pin":"1"}"#.to_owned(), "record_id_missing", None),
        (r#"{"id":"","pin":"1"}"#.to_owned(), "record_id_missing", None),
        (r#"{"id":null,"pin":"1"}"#.to_owned(), "record_id_type", Some("/id")),
        (r#"{"id":true,"pin":"1"}"#.to_owned(), "record_id_type", Some("/id")),
        (r#"{"id":{"a":1},"pin":"1"}"#.to_owned(), "record_id_type", Some("/id")),
        (r#"{"id":["1"],"pin":"1"}"#.to_owned(), "record_id_type", Some("/id")),
        (r#"{"id":1,"id":2,"pin":"1"}"#.to_owned(), "field_ambiguous", Some("/id")),
        (r#"{"id":1,"i\u0064":2,"pin":"1"}"#.to_owned(), "field_ambiguous", Some("/id")),
        (r#"{"id":"\ud800","pin":"1"}"#.to_owned(), "field_lone_surrogate", Some("/id")),
        (
            r#"{"id":1,"\ud800":{"pin":"1"}}"#.to_owned(),
            "field_path_not_unicode",
            Some("/\u{fffd}\u{fffd}\u{fffd}/pin"),
        ),
        (format!(r#"{{"id":1,"{long}":{{"pin":"1"}}}}"#), "field_path_too_long", None),
        (format!(r#"{{"id":"{long}","pin":"1"}}"#), "binding_too_long", Some("/pin")),
    ] {
        tried_one();
        let error = sender.encrypt(document.as_bytes()).unwrap_err();
        assert_eq!(error.code(), code, "{}", &document[..document.len().min(100)]);
        if pointer.is_some() || error.code().starts_with("record_id_missing") {
            assert_eq!(error.pointer(), pointer);
        }
        assert!(error.to_string().len() < 400);
    }
    // The same on decryption, before a key is used.
    let sent = parsed(&sender.encrypt(br#"{"id":1,"pin":"1"}"#).unwrap());
    refused(&recipient, &json!({ "pin": sent["pin"] , "id": [1] }), "record_id_type", "/id");
    refused(&recipient, &json!({ "pin": sent["pin"], "id": long }), "bound_elsewhere", "/pin");
    let twice = format!(r#"{{"id":1,"id":2,"pin":{}}}"#, sent["pin"]);
    assert_eq!(recipient.decrypt(twice.as_bytes()).unwrap_err().code(), "field_ambiguous");
    // The id is inside of what is selected.
    for selected in ["/id", ""] {
        let binding = Binding::to_field().with_record_at("/id");
        let options = EncryptOptions::new().with_encoding(PlaintextEncoding::Json);
        let sender = party.with_builder(|builder| {
            FieldEncrypter::binding(builder, selectors(&[selected]), options, binding).unwrap()
        });
        let error = sender.encrypt(br#"{"id":1}"#).unwrap_err();
        assert_eq!(error, FieldError::RecordIdSelected { pointer: "/id".to_owned() });
    }
    // Nothing is selected, so that there is nothing to bind.
    assert_eq!(sender.encrypt(br#"{"a":1}"#).unwrap(), br#"{"a":1}"#);
    // `42` and `"42"` are one id, as is said.
    let text = json!({ "id": "1", "pin": sent["pin"] }).to_string();
    assert!(recipient.decrypt(text.as_bytes()).is_ok());
    let place = "id".to_owned();
    let error = party.with_builder(|builder| {
        let binding = Binding::to_field().with_record_at("id");
        FieldEncrypter::binding(builder, selectors(&fields), EncryptOptions::new(), binding)
            .unwrap_err()
    });
    assert_eq!(error, SettingsError::RecordIdPlace { place });
}
