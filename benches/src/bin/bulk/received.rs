//! Records on their way back.

use jwe::Enc;
use jwe::aws_lc_rs::AWS_LC_RS;
use jwe_benches::by_hand;
use jwe_benches::interleaved::{Contender, run};
use jwe_benches::records::{
    self, Folder, field_decrypter, field_encrypter, from_file_to_file, on_threads,
};
use jwe_benches::subjects::{decrypter, encrypter, private_key};
use jwe_fields::ShareCek;
use jwe_fields::records::RecordStream;

use crate::verdicts::{Verdicts, print_efficiency, print_table};

const STREAM: [&str; 2] = ["decryption of NDJSON, 1 thread", "decryption of NDJSON, 2 threads"];
const RSA: [&str; 2] = ["private RSA alone, 1 thread", "private RSA alone, 2 threads"];

/// One thread beside the private key operation alone, two threads, and values that share a CEK.
pub(crate) fn measure(verdicts: &mut Verdicts) {
    let jwk = private_key(2048);
    let recipient = by_hand::Recipient::new(&jwk, Enc::A256Gcm);
    let mut encrypted_key = [0; 256];
    by_hand::Sender::new(&jwk, Enc::A256Gcm).rsa(&[7; 32], &mut encrypted_key);
    let rsa = |times: usize| {
        let mut cek = [0; 256];
        for _ in 0..times {
            recipient.rsa(&encrypted_key, &mut cek);
        }
    };

    let encrypter = encrypter(&AWS_LC_RS, &jwk, Enc::A256Gcm);
    let decrypter = decrypter(&AWS_LC_RS, &jwk, Enc::A256Gcm);
    let folder = Folder::new();
    let encrypted = |name: &str, count: usize, fields: usize, share: ShareCek| {
        let clear = folder.file("clear.ndjson", &records::ndjson(count));
        let path = folder.path(name);
        let fields = field_encrypter(&encrypter, fields, share);
        let progress = from_file_to_file(&RecordStream::ndjson(&fields), &clear, &path);
        assert_eq!(progress.written(), count as u64);
        path
    };

    // Enough of them that it does not count which thread has the last batch.
    const RECORDS: usize = 2500;
    let two = encrypted("two.ndjson", RECORDS, 2, ShareCek::No);
    let fields = field_decrypter(&decrypter, 2);
    let streams = [1, 2].map(|threads| on_threads(RecordStream::ndjson(&fields), threads));
    let outcome = run(
        vec![
            Contender::new(STREAM[0], || from_file_to_file(&streams[0], &two, &folder.output())),
            Contender::new(STREAM[1], || from_file_to_file(&streams[1], &two, &folder.output())),
            Contender::new(RSA[0], || rsa(2 * RECORDS)),
            Contender::new(RSA[1], || {
                std::thread::scope(|scope| {
                    scope.spawn(|| rsa(RECORDS));
                    rsa(RECORDS);
                });
            }),
        ],
        20,
    );
    let title = format!("Decryption of {RECORDS} records, file to file; times for a record");
    print_table(&title, &outcome, RSA[0], RECORDS);
    print_efficiency(&outcome, STREAM, RSA);
    verdicts.judge(&outcome, STREAM[0], RSA[0], 0.97);
    verdicts.judge(&outcome, STREAM[1], STREAM[0], 1.9);

    const EACH: &str = "4 fields, a CEK each";
    const FEW: usize = 100;
    let each = encrypted("each.ndjson", FEW, 4, ShareCek::No);
    let shared = encrypted("shared.ndjson", FEW, 4, ShareCek::Document);
    let fields = field_decrypter(&decrypter, 4);
    let stream = on_threads(RecordStream::ndjson(&fields), 1);
    let outcome = run(
        vec![
            Contender::new(EACH, || from_file_to_file(&stream, &each, &folder.output())),
            Contender::new("4 fields, one CEK a record", || {
                from_file_to_file(&stream, &shared, &folder.output())
            }),
        ],
        40,
    );
    let title = format!("Decryption of a shared CEK, {FEW} records; times for a record");
    print_table(&title, &outcome, EACH, FEW);
}
