//! What is measured, and that it is right.

use std::cell::Cell;
use std::time::Duration;

use jwe::{Alg, Backend, DecryptionKey, Direction, Enc, EncryptionKey};

use crate::error::BenchError;
use crate::interleaved::{Contender, run_for};
use crate::machine::Machine;
use crate::party::Party;
use crate::report::{Entry, Group, Measurement, Operation, Report, ReportedBackend};
use crate::subject::Subject;

/// A comparison of backends.
#[derive(Clone, Debug)]
pub struct Comparison {
    backends: Vec<&'static Backend>,
    checkers: Vec<&'static Backend>,
    enc: Enc,
    plaintext_lens: Vec<usize>,
    time: Duration,
}

/// How far a comparison is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many groups are measured.
    pub done: usize,
    /// How many there are.
    pub all: usize,
    /// What is measured now, such as `Encryption, RSA 2048, 16 bytes`.
    pub now: String,
}

impl Comparison {
    /// The lengths of plaintexts unless others are chosen, in bytes.
    pub const DEFAULT_PLAINTEXT_LENS: &'static [usize] = &[16, 1024, 65536];
    /// The time of a run unless another one is chosen.
    pub const DEFAULT_TIME: Duration = Duration::from_secs(30);

    /// Of these backends, with this content encryption. Ratios are taken to the first that does a
    /// thing.
    #[must_use]
    pub fn new(backends: &[&'static Backend], enc: Enc) -> Self {
        Self {
            backends: backends.to_vec(),
            checkers: Vec::new(),
            enc,
            plaintext_lens: Self::DEFAULT_PLAINTEXT_LENS.to_vec(),
            time: Self::DEFAULT_TIME,
        }
    }

    /// Backends that are not measured, but check those that are: they decrypt what a backend
    /// encrypts that can't do that itself.
    #[must_use]
    pub fn with_checkers(mut self, checkers: &[&'static Backend]) -> Self {
        self.checkers = checkers.to_vec();
        self
    }

    /// Plaintexts of these lengths in bytes.
    #[must_use]
    pub fn with_plaintext_lens(mut self, lens: &[usize]) -> Self {
        self.plaintext_lens = lens.to_vec();
        self
    }

    /// About how long all measurements together take. They take longer where
    /// [`FEWEST`](crate::estimate::FEWEST) rounds do.
    #[must_use]
    pub fn with_time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// Measures the backends with each of the subjects, which are for the same `alg`. `progress` is
    /// called before each group.
    ///
    /// An import begins with a [`Jwk`](jwe::Jwk) that was read; encryption and decryption are
    /// [`Encrypter::encrypt`](jwe::Encrypter::encrypt) and
    /// [`Decrypter::decrypt`](jwe::Decrypter::decrypt) with keys that were imported. All backends
    /// decrypt the same token. Before anything is measured each of them has decrypted it to its
    /// plaintext, and what each of them encrypts has been decrypted by one that can, with a backend
    /// that only checks as the last resort.
    ///
    /// # Errors
    /// [`BenchError`]. No gap of one backend is an error, but it is one if no backend takes the key.
    pub fn run(
        &self,
        subjects: &[Subject],
        mut progress: impl FnMut(&Progress),
    ) -> Result<Report, BenchError> {
        let alg = self.check(subjects)?;
        let tables = subjects
            .iter()
            .map(|subject| Table::new(self, subject))
            .collect::<Result<Vec<_>, _>>()?;
        let mut jobs = Vec::new();
        let mut unchecked = false;
        for operation in Operation::ALL {
            for table in &tables {
                match operation {
                    Operation::ImportToEncrypt | Operation::ImportToDecrypt => {
                        jobs.push((*operation, table, None));
                    }
                    Operation::Encrypt | Operation::Decrypt => {
                        let samples = table.samples.iter().map(Some);
                        jobs.extend(samples.map(|sample| (*operation, table, sample)));
                    }
                }
                unchecked |= table.samples.iter().any(|sample| !sample.checked);
            }
        }
        let able = |(operation, table, _): &(Operation, &Table<'_>, _)| table.is_able(*operation);
        let all = jobs.iter().filter(|job| able(job)).count();
        let time = self.time.div_f64(all.max(1) as f64);
        let mut groups = Vec::with_capacity(jobs.len());
        let mut done = 0;
        for job @ (operation, table, sample) in jobs {
            if able(&job) {
                progress(&Progress { done, all, now: table.title(operation, sample) });
                done += 1;
            }
            groups.push(table.measure(operation, sample, time)?);
        }
        let mut notes = Vec::new();
        if unchecked {
            notes.push(
                "no backend here decrypts such tokens, so it was not checked whether those that were \
                 made can be decrypted"
                    .to_owned(),
            );
        }
        let curve = subjects.first().and_then(Subject::curve);
        let reported = |backend: &&'static Backend| ReportedBackend {
            name: backend.name(),
            alg_encrypt: backend
                .encryption_key_import(alg, curve)
                .ok()
                .map(|(_, import)| import.implementation().to_owned()),
            alg_decrypt: backend
                .decryption_key_import(alg, curve)
                .ok()
                .map(|(_, import)| import.implementation().to_owned()),
            enc: backend
                .content_encryption(self.enc, Direction::Encrypt)
                .ok()
                .map(|object| object.implementation().to_owned()),
        };
        Ok(Report {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            optimized: !cfg!(debug_assertions),
            machine: Machine::this(),
            alg,
            enc: self.enc,
            backends: self.backends.iter().map(reported).collect(),
            groups,
            notes,
        })
    }

    /// That there is something to compare; gives the `alg` of all subjects.
    fn check(&self, subjects: &[Subject]) -> Result<Alg, BenchError> {
        if self.backends.is_empty() {
            return Err(BenchError::NoBackend);
        }
        let mut names: Vec<String> = self.backends.iter().map(|backend| backend.name()).collect();
        names.sort();
        if let Some([name, _]) = names.array_windows().find(|[one, next]| one == next) {
            return Err(BenchError::SameName(name.clone()));
        }
        let alg = subjects
            .first()
            .ok_or(BenchError::Subjects("there is no key to measure with: give at least one"))?
            .alg();
        if subjects.iter().any(|subject| subject.alg() != alg) {
            return Err(BenchError::Subjects(
                "the keys are for several algorithms: compare those of one alg at a time",
            ));
        }
        Ok(alg)
    }
}

/// A plaintext with a token of it.
struct Sample {
    plaintext: Vec<u8>,
    /// `None` if no backend makes one.
    token: Option<String>,
    /// Whether some backend decrypted what each of them encrypted.
    checked: bool,
}

/// All backends beside one subject.
struct Table<'a> {
    subject: &'a Subject,
    parties: Vec<Party>,
    samples: Vec<Sample>,
}

impl<'a> Table<'a> {
    fn new(comparison: &Comparison, subject: &'a Subject) -> Result<Self, BenchError> {
        let party = |backend: &&'static Backend| Party::new(backend, subject, comparison.enc);
        let mut parties = comparison.backends.iter().map(party).collect::<Result<Vec<_>, _>>()?;
        if parties.iter().all(Party::does_nothing) {
            let backend = comparison.backends.first().ok_or(BenchError::NoBackend)?;
            EncryptionKey::import(backend, subject.jwk(), &subject.options())?;
        }
        let checkers = comparison.checkers.iter().map(party).collect::<Result<Vec<_>, _>>()?;
        let samples = comparison
            .plaintext_lens
            .iter()
            .map(|len| sample(*len, &parties, &checkers))
            .collect::<Result<Vec<_>, _>>()?;
        if samples.iter().any(|sample| sample.token.is_none()) {
            for party in parties.iter_mut().filter(|party| party.decrypter.is_ok()) {
                party.decrypter = Err("no backend here makes a token to decrypt".to_owned());
            }
        }
        Ok(Self { subject, parties, samples })
    }

    fn title(&self, operation: Operation, sample: Option<&Sample>) -> String {
        let title = format!("{}, {}", operation.title(self.subject.alg()), self.subject.label());
        match sample {
            Some(sample) => format!("{title}, {} bytes", sample.plaintext.len()),
            None => title,
        }
    }

    fn is_able(&self, operation: Operation) -> bool {
        self.parties.iter().any(|party| ability(party, operation).is_ok())
    }

    fn measure(
        &self,
        operation: Operation,
        sample: Option<&Sample>,
        time: Duration,
    ) -> Result<Group, BenchError> {
        let (jwk, options) = (self.subject.jwk(), self.subject.options());
        let plaintext = sample.map_or(&[][..], |sample| &sample.plaintext);
        let token = sample.and_then(|sample| sample.token.as_deref()).unwrap_or_default();
        let failed: Vec<Cell<bool>> = self.parties.iter().map(|_| Cell::new(false)).collect();
        let mut contenders = Vec::new();
        for (party, failed) in self.parties.iter().zip(&failed) {
            let name = &party.name;
            match operation {
                Operation::ImportToEncrypt if party.encryption_import.is_ok() => {
                    contenders.push(contender(name, failed, || {
                        EncryptionKey::import(party.backend, jwk, &options)
                    }));
                }
                Operation::ImportToDecrypt if party.decryption_import.is_ok() => {
                    contenders.push(contender(name, failed, || {
                        DecryptionKey::import(party.backend, jwk, &options)
                    }));
                }
                Operation::Encrypt => {
                    if let Ok(encrypter) = &party.encrypter {
                        contenders.push(contender(name, failed, || encrypter.encrypt(plaintext)));
                    }
                }
                Operation::Decrypt => {
                    if let Ok(decrypter) = &party.decrypter {
                        contenders.push(contender(name, failed, || decrypter.decrypt(token)));
                    }
                }
                Operation::ImportToEncrypt | Operation::ImportToDecrypt => {}
            }
        }
        let outcome = if contenders.is_empty() { None } else { Some(run_for(contenders, time)) };
        if let Some((party, _)) = self.parties.iter().zip(&failed).find(|(_, failed)| failed.get())
        {
            return Err(BenchError::Failed(party.name.clone()));
        }
        let base = outcome.as_ref().and_then(|outcome| outcome.names().next());
        let entry = |party: &Party| {
            let measurement = outcome.as_ref().zip(base).and_then(|(outcome, base)| {
                let seconds = outcome.seconds(&party.name)?;
                Some(Measurement { seconds, ratio: outcome.ratio(&party.name, base)? })
            });
            let outcome = match ability(party, operation) {
                Ok(()) => measurement.ok_or_else(|| "no call of it was measured".to_owned()),
                Err(text) => Err(text.to_owned()),
            };
            Entry { backend: party.name.clone(), outcome }
        };
        Ok(Group {
            operation,
            key: self.subject.label(),
            key_bits: self.subject.bits(),
            curve: self.subject.curve(),
            plaintext_len: sample.map(|sample| sample.plaintext.len()),
            base: base.map(str::to_owned),
            rounds: outcome.as_ref().map_or(0, |outcome| outcome.rounds()),
            entries: self.parties.iter().map(entry).collect(),
        })
    }
}

/// Whether a backend does this, or why not.
fn ability(party: &Party, operation: Operation) -> Result<(), &str> {
    fn of<T>(ability: &Result<T, String>) -> Result<(), &str> {
        ability.as_ref().map(|_| ()).map_err(String::as_str)
    }
    match operation {
        Operation::ImportToEncrypt => of(&party.encryption_import),
        Operation::ImportToDecrypt => of(&party.decryption_import),
        Operation::Encrypt => of(&party.encrypter),
        Operation::Decrypt => of(&party.decrypter),
    }
}

/// Work whose failure is noted.
fn contender<'a, T, E>(
    name: &'a str,
    failed: &'a Cell<bool>,
    work: impl Fn() -> Result<T, E> + 'a,
) -> Contender<'a> {
    Contender::new(name, move || {
        let result = work();
        if result.is_err() {
            failed.set(true);
        }
        result
    })
}

/// A plaintext with a token that every backend decrypts that decrypts at all, after every backend's
/// encryption was checked.
fn sample(len: usize, parties: &[Party], checkers: &[Party]) -> Result<Sample, BenchError> {
    let plaintext: Vec<u8> = (0..=u8::MAX).cycle().take(len).collect();
    let all = || parties.iter().chain(checkers);
    let decrypts_right = |party: &Party, token: &str| match &party.decrypter {
        Ok(decrypter) => {
            let decrypted = decrypter
                .decrypt(token)
                .map_err(|error| BenchError::Decrypt(party.name.clone(), error))?;
            let right = decrypted.as_slice() == plaintext;
            if right { Ok(()) } else { Err(BenchError::WrongPlaintext(party.name.clone())) }
        }
        Err(_) => Ok(()),
    };
    let judge = all().find(|party| party.decrypter.is_ok());
    let mut first = None;
    for party in all() {
        let Ok(encrypter) = &party.encrypter else { continue };
        let token = encrypter
            .encrypt(&plaintext)
            .map_err(|error| BenchError::Encrypt(party.name.clone(), error))?;
        if let Some(judge) = judge {
            decrypts_right(judge, &token)?;
        }
        first.get_or_insert(token);
    }
    if let Some(token) = &first {
        for party in parties {
            decrypts_right(party, token)?;
        }
    }
    Ok(Sample { plaintext, token: first, checked: judge.is_some() })
}
