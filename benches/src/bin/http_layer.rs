//! Measures what the layer that decrypts fields costs, in one run: how much of the throughput of
//! decryption is left behind it, and how much later a request comes that has no fields.
//!
//! Ends with exit code 1 if a target is missed. Needs a release build to mean anything, and Linux, which
//! tells how long processors have worked.
#![allow(clippy::unwrap_used, reason = "a benchmark that can't go on stops")]

use std::convert::Infallible;
use std::num::NonZero;
use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use jwe::aws_lc_rs::AWS_LC_RS;
use jwe::{DecryptionKey, Enc, Jwk, KeyOptions};
use jwe_bench::estimate::Estimate;
use jwe_benches::DOCUMENT;
use jwe_benches::interleaved::{Contender, run};
use jwe_benches::subjects::{decrypter, encrypter, private_key};
use jwe_fields::{DecryptOptions, EncryptOptions, FieldDecrypter, FieldEncrypter, Selector};
use jwe_http::{
    DecryptFieldsLayer, DecryptionOptions, EitherBody, FieldDecryption, FieldRoute, FieldRoutes,
    Workers,
};
use tokio::runtime::{Builder, Runtime};
use tower::{Layer, Service, ServiceExt};

/// How many documents each processor decrypts in one call.
const DOCUMENTS: usize = 8;
/// How many calls are one slice, so that the clock of processor time, which has hundredths of a second,
/// goes on by more than a few.
const CALLS: usize = 5;
/// How many slices each contender has.
const SLICES: usize = 40;

/// The least throughput of the layer relative to decryption alone, for each second that a processor works.
const THROUGHPUT: f64 = 0.9;
/// The most time that the layer adds to a request without fields.
const LATENCY: Duration = Duration::from_millis(1);

const PATH: &str = "/users/7/connections";
const RAW: &str = "decryption on all processors";
const CONTROL: &str = "decryption on all processors, once more";
const LAYER: &str = "through the layer, as many at once";
const RAW_ALONE: &str = "decryption, one after another";
const LAYER_ALONE: &str = "through the layer, one after another";
const SERVICE: &str = "the service alone";
const PASSING: &str = "the service behind the layer";

fn selectors() -> [Selector; 2] {
    ["/username", "/password"].map(|text| text.parse().unwrap())
}

fn decryption(jwk: &Jwk, processors: NonZero<usize>) -> FieldDecryption {
    let route = FieldRoute::new([Method::POST], "/users/{id}/connections", selectors()).unwrap();
    let workers = Workers::new(processors, processors.get() * DOCUMENTS);
    FieldDecryption::new(
        &AWS_LC_RS,
        [DecryptionKey::import(&AWS_LC_RS, jwk, &KeyOptions::new()).unwrap()],
        &[Enc::A256Gcm],
        FieldRoutes::new().with(route).unwrap(),
        DecryptionOptions::new().with_workers(workers),
    )
    .unwrap()
}

/// The service: says how it was called, at once.
async fn answer<B>(request: Request<B>) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    Ok(Response::new(Full::from(path)))
}

fn request(path: &str, document: &Bytes) -> Request<Full<Bytes>> {
    Request::post(path)
        .header("content-type", "application/json")
        .body(Full::new(document.clone()))
        .unwrap()
}

/// Each processor with as many documents, none waiting for another's.
fn decrypt_on_all(processors: usize, fields: &FieldDecrypter, document: &[u8]) {
    std::thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(|| {
                for _ in 0..DOCUMENTS {
                    std::hint::black_box(fields.decrypt(document).unwrap());
                }
            });
        }
    });
}

/// As many requests at once.
fn send_all<S, R>(runtime: &Runtime, processors: usize, service: &S, document: &Bytes)
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    R: Send + 'static,
{
    runtime.block_on(async {
        let requests: Vec<_> = (0..processors * DOCUMENTS)
            .map(|_| tokio::spawn(service.clone().oneshot(request(PATH, document))))
            .collect();
        for request in requests {
            assert!(request.await.unwrap().unwrap().status().is_success());
        }
    });
}

/// How long processors have worked for this program, all its threads together, in ticks: fields 14 and 15 of
/// proc_pid_stat(5). Whatever else the machine does, and however many threads share the work, it counts what
/// is done, and the layer's own threads with it.
fn processor_time() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // The name of the program is in parentheses and may hold anything.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}

/// Has each contender work in turn and returns the ticks that each has taken.
fn processor_times<const N: usize>(work: [&dyn Fn(); N]) -> [u64; N] {
    let mut taken = [0; N];
    for slice in 0..SLICES {
        for position in 0..N {
            let own = (position + slice) % N;
            let before = processor_time();
            if let (Some(work), Some(taken)) = (work.get(own), taken.get_mut(own)) {
                (0..CALLS).for_each(|_| work());
                *taken += processor_time() - before;
            }
        }
    }
    taken
}

fn show(Estimate { median, low, high }: Estimate) -> String {
    format!("{median:5.3} [{low:5.3}, {high:5.3}]")
}

fn main() -> ExitCode {
    let processors = available_parallelism().unwrap();
    let runtime =
        Builder::new_multi_thread().worker_threads(processors.get()).enable_all().build().unwrap();
    let alone = Builder::new_current_thread().enable_all().build().unwrap();
    let jwk = private_key(2048);
    let sender = encrypter(&AWS_LC_RS, &jwk, Enc::A256Gcm);
    let sender = FieldEncrypter::new(sender, selectors(), EncryptOptions::new()).unwrap();
    let document = &Bytes::from(sender.encrypt(DOCUMENT).unwrap());
    let fields = FieldDecrypter::new(
        decrypter(&AWS_LC_RS, &jwk, Enc::A256Gcm).require_kid(),
        selectors(),
        DecryptOptions::new(),
    )
    .unwrap();
    let layer = DecryptFieldsLayer::new(decryption(&jwk, processors));
    let service = layer.layer(tower::service_fn(answer::<EitherBody<Full<Bytes>>>));
    let bare = tower::service_fn(answer::<Full<Bytes>>);

    println!(
        "Within one run, in turn; where there is an interval: median over all rounds, and 95 % confidence."
    );
    println!("Two values a document, RSA-OAEP-256 with a key of 2048 bits, A256GCM, aws-lc-rs.");
    let all = processors.get();
    let raw = || decrypt_on_all(all, &fields, document);
    let [base, control, behind_layer] =
        processor_times([&raw, &raw, &|| send_all(&runtime, all, &service, document)]);
    let throughput = |taken: u64| base as f64 / taken as f64;
    println!("\nDocuments for each second of a processor, relative to {RAW} ({all})");
    for (name, taken) in [(CONTROL, control), (LAYER, behind_layer)] {
        println!("{name:45} {:5.3}", throughput(taken));
    }
    let sequence = run(
        vec![
            Contender::new(RAW_ALONE, || fields.decrypt(document).unwrap()),
            Contender::new(LAYER_ALONE, || {
                alone.block_on(service.clone().oneshot(request(PATH, document))).unwrap()
            }),
        ],
        150,
    );
    // By the clock on the wall, with a change of threads there and back for which no other request makes up.
    println!("\nSpeed relative to {RAW_ALONE}");
    println!("{LAYER_ALONE:45} {}", show(sequence.ratio(LAYER_ALONE, RAW_ALONE).unwrap()));

    let passing = run(
        vec![
            Contender::new(SERVICE, || {
                alone.block_on(bare.oneshot(request("/users/7/accounts", document))).unwrap()
            }),
            Contender::new(PASSING, || {
                let request = request("/users/7/accounts", document);
                alone.block_on(service.clone().oneshot(request)).unwrap()
            }),
        ],
        200,
    );
    println!("\nMicroseconds of a request without fields");
    let [bare, behind] = [SERVICE, PASSING].map(|name| passing.seconds(name).unwrap());
    for (name, Estimate { median, low, high }) in [(SERVICE, bare), (PASSING, behind)] {
        println!("{name:45} {:.2} [{:.2}, {:.2}]", median * 1e6, low * 1e6, high * 1e6);
    }

    println!("\nTargets");
    let ratio = throughput(behind_layer);
    // The most that the intervals leave room for.
    let added = (behind.high - bare.low).max(0.0);
    let (kept, fast) = (ratio >= THROUGHPUT, added < LATENCY.as_secs_f64());
    let verdict = |met| if met { "pass" } else { "MISS" };
    println!(
        "{}  throughput of the layer / decryption >= {THROUGHPUT}: {ratio:5.3}",
        verdict(kept)
    );
    println!(
        "{}  added to a request without fields < {} µs: {:.2} µs",
        verdict(fast),
        LATENCY.as_micros(),
        added * 1e6
    );
    ExitCode::from(u8::from(!(kept && fast)))
}
