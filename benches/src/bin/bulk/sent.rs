//! Records on their way out: one thread beside the tokens by hand, two threads, a shared CEK, the
//! formats beside each other.

use jwe::Enc;
use jwe::aws_lc_rs::AWS_LC_RS;
use jwe_benches::by_hand;
use jwe_benches::interleaved::{Contender, run};
use jwe_benches::records::{
    self, Folder, column_encrypter, field_encrypter, from_file_to_file, in_memory, on_threads,
    sensitive_values,
};
use jwe_benches::subjects::{encrypter, private_key};
use jwe_fields::ShareCek;
use jwe_fields::records::RecordStream;

use crate::verdicts::{Verdicts, print_efficiency, print_table};

/// NDJSON with two sensitive values a record, from file to file, beside the tokens alone.
pub(crate) fn two_fields(verdicts: &mut Verdicts) {
    const RECORDS: usize = 5000;
    const STREAM: &str = "NDJSON, 2 fields, file to file, 1 thread";
    const BY_HAND: &str = "2 tokens by hand";
    let jwk = private_key(2048);
    let (first, second) =
        (by_hand::Sender::new(&jwk, Enc::A256Gcm), by_hand::Sender::new(&jwk, Enc::A256Gcm));
    let fields = field_encrypter(&encrypter(&AWS_LC_RS, &jwk, Enc::A256Gcm), 2, ShareCek::No);
    let stream = on_threads(RecordStream::ndjson(&fields), 1);
    let folder = Folder::new();
    let text = records::ndjson(RECORDS);
    let input = folder.file("in.ndjson", &text);
    let values = sensitive_values(RECORDS);
    let tokens = |sender: &by_hand::Sender| {
        for [one, two, ..] in &values {
            for value in [one, two] {
                std::hint::black_box(sender.encrypt(value.as_bytes()).unwrap());
            }
        }
    };
    let outcome = run(
        vec![
            Contender::new(BY_HAND, || tokens(&first)),
            Contender::new("2 tokens by hand, once more", || tokens(&second)),
            Contender::new(STREAM, || from_file_to_file(&stream, &input, &folder.output())),
            Contender::new("the same in memory, output dropped", || {
                in_memory(&stream, text.as_bytes())
            }),
        ],
        48,
    );
    let bytes = text.len() / RECORDS;
    let title = format!("Encryption of {RECORDS} records of {bytes} bytes; times for a record");
    print_table(&title, &outcome, BY_HAND, RECORDS);
    verdicts.judge(&outcome, STREAM, BY_HAND, 0.95);
}

/// The same on two threads, beside the key operation on two threads.
pub(crate) fn threads(verdicts: &mut Verdicts) {
    // Enough of them that it does not count which thread has the last batch.
    const RECORDS: usize = 20_000;
    const STREAM: [&str; 2] = ["NDJSON, 2 fields, 1 thread", "NDJSON, 2 fields, 2 threads"];
    const RSA: [&str; 2] = ["RSA alone, 1 thread", "RSA alone, 2 threads"];
    let jwk = private_key(2048);
    let sender = by_hand::Sender::new(&jwk, Enc::A256Gcm);
    let fields = field_encrypter(&encrypter(&AWS_LC_RS, &jwk, Enc::A256Gcm), 2, ShareCek::No);
    let folder = Folder::new();
    let input = folder.file("in.ndjson", &records::ndjson(RECORDS));
    let rsa = |times: usize| {
        let mut encrypted_key = [0; 256];
        for _ in 0..times {
            sender.rsa(&[7; 32], &mut encrypted_key);
        }
    };
    let streams = [1, 2].map(|threads| on_threads(RecordStream::ndjson(&fields), threads));
    let [one, two] = &streams;
    let outcome = run(
        vec![
            Contender::new(STREAM[0], || from_file_to_file(one, &input, &folder.output())),
            Contender::new(STREAM[1], || from_file_to_file(two, &input, &folder.output())),
            Contender::new(RSA[0], || rsa(2 * RECORDS)),
            Contender::new(RSA[1], || {
                std::thread::scope(|scope| {
                    scope.spawn(|| rsa(RECORDS));
                    rsa(RECORDS);
                });
            }),
        ],
        30,
    );
    let title = format!("Two threads, {RECORDS} records, file to file; times for a record");
    print_table(&title, &outcome, STREAM[0], RECORDS);
    print_efficiency(&outcome, STREAM, RSA);
    verdicts.judge(&outcome, STREAM[1], STREAM[0], 1.9);
}

/// Four values of a record with a CEK each, and with one.
pub(crate) fn share_cek(verdicts: &mut Verdicts) {
    const RECORDS: usize = 2000;
    const EACH: &str = "4 fields, a CEK each";
    const SHARED: &str = "4 fields, one CEK a record";
    let encrypter = encrypter(&AWS_LC_RS, &private_key(2048), Enc::A256Gcm);
    let folder = Folder::new();
    let input = folder.file("in.ndjson", &records::ndjson(RECORDS));
    let [each, shared, one] = [(4, ShareCek::No), (4, ShareCek::Document), (1, ShareCek::No)]
        .map(|(count, share)| field_encrypter(&encrypter, count, share));
    let contender = |name, fields| {
        let stream = on_threads(RecordStream::ndjson(fields), 1);
        let (input, folder) = (&input, &folder);
        Contender::new(name, move || from_file_to_file(&stream, input, &folder.output()))
    };
    let outcome = run(
        vec![
            contender(EACH, &each),
            contender(SHARED, &shared),
            contender("1 field, for comparison", &one),
        ],
        40,
    );
    let title = format!("A shared CEK, {RECORDS} records, file to file; times for a record");
    print_table(&title, &outcome, EACH, RECORDS);
    verdicts.judge(&outcome, SHARED, EACH, 3.0);
}

/// The same records in each format.
pub(crate) fn formats(_: &mut Verdicts) {
    const RECORDS: usize = 5000;
    const NDJSON: &str = "NDJSON";
    let encrypter = encrypter(&AWS_LC_RS, &private_key(2048), Enc::A256Gcm);
    let fields = field_encrypter(&encrypter, 2, ShareCek::No);
    let columns = column_encrypter(&encrypter, 2);
    let folder = Folder::new();
    let contenders = [
        (NDJSON, RecordStream::ndjson(&fields), records::ndjson(RECORDS)),
        ("JSON array", RecordStream::json_array(&fields), records::json_array(RECORDS)),
        ("CSV", RecordStream::csv(&columns), records::csv(RECORDS)),
    ];
    let contenders = contenders.map(|(name, stream, text)| {
        let (stream, input) = (on_threads(stream, 1), folder.file(name, &text));
        let folder = &folder;
        Contender::new(name, move || from_file_to_file(&stream, &input, &folder.output()))
    });
    let outcome = run(contenders.into(), 24);
    let title = format!("Formats, {RECORDS} records with 2 fields; times for a record");
    print_table(&title, &outcome, NDJSON, RECORDS);
}
