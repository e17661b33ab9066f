//! Values of 64 KiB: the RSA of each backend with the AES-GCM of each, and where the time goes.

use jwe::Enc;
use jwe::aws_lc_rs::AWS_LC_RS;
use jwe::{Backend, Direction, Encrypter, EncryptionKey, Jwk, KeyOptions};
use jwe_benches::interleaved::{Contender, Outcome, run};
use jwe_benches::records::{
    self, Folder, field_encrypter, from_file_to_file, in_memory, on_threads,
};
use jwe_benches::subjects::{encrypter, private_key, senders};
use jwe_benches::{LONG, by_hand};
use jwe_fields::ShareCek;
use jwe_fields::records::RecordStream;

use crate::verdicts::{Verdicts, print_table};

const ENC: Enc = Enc::A256Gcm;
const BY_HAND: &str = "aws-lc-rs by hand";

/// An encrypter with the RSA of one backend and the AES-GCM of another.
struct Composition {
    name: String,
    is_composed: bool,
    encrypter: Encrypter,
}

fn composition(rsa: &Backend, content: &Backend, jwk: &Jwk) -> Composition {
    let key = EncryptionKey::import(rsa, jwk, &KeyOptions::new()).unwrap();
    Composition {
        name: format!("RSA {rsa}, content {content}"),
        is_composed: rsa.name() != content.name(),
        encrypter: Encrypter::new(content, &key, ENC).unwrap(),
    }
}

/// All compositions beside the hand assembly, and its parts alone.
fn compositions(jwk: &Jwk, all: &[Composition]) -> Outcome {
    let (first, second) = (by_hand::Sender::new(jwk, ENC), by_hand::Sender::new(jwk, ENC));
    let mut encrypted_key = [0; 256];
    let mut text = vec![0; LONG.len().div_ceil(3) * 4];
    let seals: Vec<_> = senders()
        .map(|backend| {
            let content = backend.content_encryption(ENC, Direction::Encrypt).unwrap();
            (format!("part: AES-GCM of {backend}"), content)
        })
        .collect();
    let mut contenders = vec![
        Contender::new(BY_HAND, || first.encrypt(&LONG).unwrap()),
        Contender::new("aws-lc-rs by hand, once more", || second.encrypt(&LONG).unwrap()),
    ];
    for Composition { name, encrypter, .. } in all {
        let (mut buffer, mut token) = (Vec::new(), Vec::new());
        contenders.push(Contender::new(name, move || {
            token.clear();
            buffer.extend_from_slice(&LONG);
            encrypter.encrypt_in_place(&mut buffer, &mut token).unwrap();
        }));
    }
    contenders.push(Contender::new("part: RSA of aws-lc-rs", || {
        first.rsa(&[7; 32], &mut encrypted_key);
    }));
    for (name, content) in &seals {
        let (mut buffer, mut tag) = (LONG.to_vec(), [0; 16]);
        contenders.push(Contender::new(name, move || {
            let (aad, len) = ([b'e'; 80], buffer.len());
            content.seal(&[7; 32], &[9; 12], &aad, &mut buffer, len, &mut tag).unwrap();
        }));
    }
    contenders.push(Contender::new("part: base64-simd", || {
        use base64_simd::{AsOut, URL_SAFE_NO_PAD};
        URL_SAFE_NO_PAD.encode(&LONG, text.as_mut_slice().as_out()).len()
    }));
    contenders.push(Contender::new("part: one copy, allocated", || LONG.to_vec()));
    run(contenders, 200)
}

/// Records with one such value, beside the values alone.
fn streams(jwk: &Jwk) {
    const RECORDS: usize = 50;
    let sender = by_hand::Sender::new(jwk, ENC);
    let fields = field_encrypter(&encrypter(&AWS_LC_RS, jwk, ENC), 1, ShareCek::No);
    let stream = on_threads(RecordStream::ndjson(&fields), 1);
    let text = records::long_values(RECORDS, LONG.len());
    let folder = Folder::new();
    let input = folder.file("in.ndjson", &text);
    let outcome = run(
        vec![
            Contender::new(BY_HAND, || {
                for _ in 0..RECORDS {
                    std::hint::black_box(sender.encrypt(&LONG).unwrap());
                }
            }),
            Contender::new("NDJSON, in memory, output dropped", || {
                in_memory(&stream, text.as_bytes())
            }),
            Contender::new("NDJSON, file to file", || {
                from_file_to_file(&stream, &input, &folder.output())
            }),
            Contender::new("copy of the file, std::fs::copy", || {
                std::fs::copy(&input, folder.output()).unwrap()
            }),
        ],
        60,
    );
    print_table("Records with a value of 64 KiB", &outcome, BY_HAND, RECORDS);
}

pub(crate) fn measure(verdicts: &mut Verdicts) {
    let jwk = private_key(2048);
    let all: Vec<Composition> = senders()
        .flat_map(|rsa| senders().map(move |content| (rsa, content)))
        .map(|(rsa, content)| composition(rsa, content, &jwk))
        .collect();
    // The GNU C library gives memory back to the system, and takes it again, for every token of the
    // hand assembly until it has seen a larger piece come and go.
    drop(std::hint::black_box(vec![1_u8; 16 << 20]));
    let outcome = compositions(&jwk, &all);
    print_table("Encryption of 64 KiB by encrypt_in_place", &outcome, BY_HAND, 1);
    let speed = |name: &str| outcome.ratio(name, BY_HAND).unwrap().median;
    let best = all
        .iter()
        .filter(|composition| composition.is_composed)
        .max_by(|one, other| speed(&one.name).total_cmp(&speed(&other.name)))
        .unwrap();
    let own = composition(&AWS_LC_RS, &AWS_LC_RS, &jwk).name;
    verdicts.judge(&outcome, &own, BY_HAND, 0.95);
    verdicts.judge(&outcome, &best.name, BY_HAND, 1.15);
    streams(&jwk);
}
