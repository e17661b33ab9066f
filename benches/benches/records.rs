//! Streams of records in memory: NDJSON, JSON array and CSV on one thread and on two, and values
//! that share a CEK. Criterion prints the records of a second.
#![allow(clippy::unwrap_used, reason = "a benchmark that can't go on stops")]

use criterion::{BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use jwe::Enc;
use jwe::aws_lc_rs::AWS_LC_RS;
use jwe_benches::LONG;
use jwe_benches::records::{
    self, column_encrypter, field_decrypter, field_encrypter, in_memory, on_threads,
};
use jwe_benches::subjects::{decrypter, encrypter, private_key};
use jwe_fields::ShareCek;
use jwe_fields::records::RecordStream;

fn bench(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    stream: RecordStream<'_>,
    text: &str,
) {
    for threads in [1, 2] {
        let stream = on_threads(stream.clone(), threads);
        let s = if threads == 1 { "" } else { "s" };
        group.bench_function(format!("{name}, {threads} thread{s}"), |b| {
            b.iter(|| in_memory(&stream, text.as_bytes()));
        });
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let jwk = private_key(2048);
    let encrypter = encrypter(&AWS_LC_RS, &jwk, Enc::A256Gcm);
    let [two, four, shared] = [(2, ShareCek::No), (4, ShareCek::No), (4, ShareCek::Document)]
        .map(|(count, share)| field_encrypter(&encrypter, count, share));

    let count = 2000;
    let mut group = criterion.benchmark_group("records/encrypt");
    group.throughput(Throughput::Elements(count as u64)).sample_size(20);
    let lines = records::ndjson(count);
    bench(&mut group, "NDJSON, 2 fields", RecordStream::ndjson(&two), &lines);
    let array = records::json_array(count);
    bench(&mut group, "JSON array, 2 fields", RecordStream::json_array(&two), &array);
    let columns = column_encrypter(&encrypter, 2);
    bench(&mut group, "CSV, 2 fields", RecordStream::csv(&columns), &records::csv(count));
    bench(&mut group, "NDJSON, 4 fields", RecordStream::ndjson(&four), &lines);
    bench(&mut group, "NDJSON, 4 fields, one CEK", RecordStream::ndjson(&shared), &lines);
    group.finish();

    let count = 20;
    let one = field_encrypter(&encrypter, 1, ShareCek::No);
    let lines = records::long_values(count, LONG.len());
    let mut group = criterion.benchmark_group("records/encrypt 64 KiB");
    group.throughput(Throughput::Elements(count as u64)).sample_size(20);
    bench(&mut group, "NDJSON, 1 field", RecordStream::ndjson(&one), &lines);
    group.finish();

    let decrypter = decrypter(&AWS_LC_RS, &jwk, Enc::A256Gcm);
    let count = 200;
    let lines = records::ndjson(count);
    let mut group = criterion.benchmark_group("records/decrypt");
    group.throughput(Throughput::Elements(count as u64)).sample_size(20);
    for (name, sender, fields) in [
        ("NDJSON, 2 fields", &two, 2),
        ("NDJSON, 4 fields", &four, 4),
        ("NDJSON, 4 fields, one CEK", &shared, 4),
    ] {
        let encrypted: String = lines
            .lines()
            .map(|line| String::from_utf8(sender.encrypt(line.as_bytes()).unwrap()).unwrap() + "\n")
            .collect();
        let recipient = field_decrypter(&decrypter, fields);
        bench(&mut group, name, RecordStream::ndjson(&recipient), &encrypted);
    }
    group.finish();
    criterion.final_summary();
}
