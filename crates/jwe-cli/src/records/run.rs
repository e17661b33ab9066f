//! One run over a stream of records, from the check of its files to its end.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jwe_fields::records::{Progress, RecordStream, StreamError};

use super::checkpoint::{Checkpoint, CheckpointFile, Reached};
use super::conflicts;
use super::destination::Destination;
use super::interrupt::{self, Interrupt};
use super::meter::{Counters, Meter, Pace};
use super::partial_file::{self, PartialFile, partial_path};
use super::recorder::{Nothing, Recorder, Store};
use super::rejects::Rejects;
use super::settings::Settings;
use super::source::Source;
use crate::cli::RecordArgs;
use crate::compression::Compression;
use crate::failure::Failure;
use crate::output::{self, Secrecy};

/// What a run is about.
pub(crate) struct Run<'a> {
    /// What is done to records, in which format.
    pub(crate) stream: RecordStream<'a>,
    pub(crate) input: Option<&'a Path>,
    pub(crate) output: Option<&'a Path>,
    /// Of keys and passwords.
    pub(crate) secret_files: &'a [&'a Path],
    pub(crate) compression: Compression,
    /// Of the output.
    pub(crate) secrecy: Secrecy,
    pub(crate) args: &'a RecordArgs,
    /// On which the output depends.
    pub(crate) settings: Settings,
}

/// Runs it to its end, or goes on where an earlier run was interrupted.
pub(crate) fn run(run: Run<'_>) -> Result<(), Failure> {
    let Run { input, output, args, .. } = run;
    conflicts::check(run.secret_files, input, output, args)?;
    let settings = all_settings(&run);
    let interrupt = Interrupt::install()?;
    let earlier = match &args.checkpoint {
        Some(path) => Checkpoint::read(path)?,
        None => None,
    };
    if let (Some(path), Some(earlier)) = (&args.checkpoint, &earlier) {
        earlier.check_settings(path, &settings)?;
    }
    let counters = Arc::new(Counters::default());
    let source = Source::open(input, Arc::clone(&counters))?;
    let reached = earlier.as_ref().map_or(Reached::default(), |earlier| earlier.reached);
    counters.set(&reached.progress);
    let pace = Pace::new(source.len, reached.progress.records);
    let stream = prepared(&run);

    if earlier.as_ref().is_some_and(|earlier| earlier.finished) {
        let meter = Meter::start(args, counters, pace);
        let outcome = stream.resume(source.reader, Nothing(interrupt), &reached.progress);
        drop(meter);
        known_to_its_end(outcome, interrupt)?;
        interrupt.end();
        finish_names(&run, &reached)?;
        if let Some(path) = &args.checkpoint {
            CheckpointFile::new(path, settings).remove()?;
        }
        return ended(&run, &pace, &reached);
    }

    let mut recorder =
        open_files(&run, settings, earlier.is_some(), reached, interrupt, &counters)?;
    let meter = Meter::start(args, counters, pace);
    let outcome = stream.resume(source.reader, &mut recorder, &reached.progress);
    drop(meter);
    interrupt.end();
    match outcome {
        Ok(_) => {
            let reached = finish(&run, recorder)?;
            ended(&run, &pace, &reached)
        }
        Err(StreamError::Write(_)) if recorder.output.is_closed() => {
            recorder.cut();
            recorder.rejects.map_or(Ok(()), |rejects| rejects.into_inner().finish())
        }
        Err(error) => {
            let reached = recorder.reached;
            // Nothing was done where the input is another one.
            let has_begun = !matches!(error, StreamError::OtherInput);
            let failure = stopped(&run, recorder, error, interrupt);
            if has_begun && reached.progress.records > 0 && !args.quiet {
                let summary = pace.summary(&reached.progress, reached.output_len, false);
                output::to_stderr(&summary);
            }
            Err(failure)
        }
    }
}

/// The settings of the run and of its files.
fn all_settings(run: &Run<'_>) -> Settings {
    let name = |path: &Path| output::resolved(path).to_string_lossy().into_owned();
    let settings = run.settings.clone().with("compression", run.compression.name());
    let settings = match run.output {
        Some(path) => settings.with("output", name(path)),
        None => settings,
    };
    match &run.args.rejects {
        Some(path) => settings.with("rejects", name(path)),
        None => settings,
    }
}

fn prepared<'a>(run: &Run<'a>) -> RecordStream<'a> {
    let mut stream = run.stream.clone().with_max_record_len(run.args.limit_record());
    if let Some(threads) = run.args.threads {
        stream = stream.with_threads(threads);
    }
    if let Some(bytes) = run.args.buffer {
        stream = stream.with_max_buffered(bytes);
    }
    if run.args.rejects.is_some() {
        stream = stream.with_rejects();
    }
    match run.compression.encoding() {
        Some(encode) => stream.with_encoding(encode),
        None => stream,
    }
}

/// Opens what is written.
fn open_files(
    run: &Run<'_>,
    settings: Settings,
    resumes: bool,
    reached: Reached,
    interrupt: &'static Interrupt,
    counters: &Arc<Counters>,
) -> Result<Recorder, Failure> {
    let written = |len: u64| resumes.then_some(len);
    let mut output =
        Destination::open(run.output, run.secrecy, run.input, written(reached.output_len))?;
    let mut rejects = match &run.args.rejects {
        Some(path) => Some(Destination::open(
            Some(path),
            Secrecy::Secret,
            None,
            written(reached.rejects_len),
        )?),
        None => None,
    };
    for destination in [Some(&mut output), rejects.as_mut()].into_iter().flatten() {
        if let Some(file) = destination.partial() {
            match &run.args.checkpoint {
                Some(_) => file.keep(true),
                None => interrupt.remove_at_once(file.path().to_owned()),
            }
        }
    }
    let checkpoint = run.args.checkpoint.as_deref();
    Ok(Recorder {
        output,
        rejects: rejects.map(Rejects::new),
        checkpoint: checkpoint.map(|path| Store::new(CheckpointFile::new(path, settings))),
        interrupt,
        counters: Arc::clone(counters),
        reached,
    })
}

/// The input has come to its end: the files get their names.
fn finish(run: &Run<'_>, mut recorder: Recorder) -> Result<Reached, Failure> {
    let unwritten = |error| unwritten(error, run.args.checkpoint.is_some());
    if recorder.output.len() == 0
        && let Some(encode) = run.compression.encoding()
    {
        // No bytes at all are no compressed file.
        let mut nothing = Vec::new();
        encode.encode(b"", &mut nothing).map_err(unwritten)?;
        match recorder.output.write_all(&nothing) {
            Err(error) if !recorder.output.is_closed() => return Err(unwritten(error)),
            _ => recorder.reached.output_len = recorder.output.len(),
        }
    }
    recorder.store(true).map_err(unwritten)?;
    let Recorder { output, rejects, checkpoint, interrupt, reached, .. } = recorder;
    interrupt.keep_files();
    if let Some(Store { file, .. }) = &checkpoint {
        file.sync_name();
    }
    output.finish()?;
    if let Some(rejects) = rejects {
        rejects.into_inner().finish()?;
    }
    if let Some(Store { file, .. }) = &checkpoint {
        file.remove()?;
    }
    Ok(reached)
}

/// What a run that was killed between its last step and the names of its files has left to do.
fn finish_names(run: &Run<'_>, reached: &Reached) -> Result<(), Failure> {
    let output = run.output.map(|path| (path, run.secrecy, run.input, reached.output_len));
    let rejects = run.args.rejects.as_deref();
    let rejects = rejects.map(|path| (path, Secrecy::Secret, None, reached.rejects_len));
    let mut unnamed = Vec::new();
    for (path, secrecy, input, len) in [output, rejects].into_iter().flatten() {
        let target = output::resolved(path);
        let permissions = partial_file::permissions(&target, secrecy, input);
        let is_partial = exists(&partial_path(&target));
        if permissions.is_none() && !is_partial {
            // A device or a pipe has all of it.
            continue;
        }
        let is_named =
            !is_partial && std::fs::metadata(&target).is_ok_and(|found| found.len() == len);
        if !is_named {
            unnamed.push(PartialFile::resume(&target, permissions.flatten().as_ref(), len)?);
        }
    }
    unnamed.into_iter().try_for_each(PartialFile::persist)
}

fn exists(path: &PathBuf) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

/// That the input is the one of which nothing is left to do.
fn known_to_its_end(
    outcome: Result<Progress, StreamError>,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    match outcome {
        Ok(_) => Ok(()),
        Err(StreamError::Stopped) => Err(interrupt::stopped(interrupt.signal())),
        Err(StreamError::Read(error)) => Err(StreamError::Read(error).into()),
        // Something stands behind what was its end.
        Err(_) => Err(StreamError::OtherInput.into()),
    }
}

/// The end of a run that has dealt with all records.
fn ended(run: &Run<'_>, pace: &Pace, reached: &Reached) -> Result<(), Failure> {
    let Reached { progress, output_len, .. } = reached;
    if !run.args.quiet {
        output::to_stderr(&pace.summary(progress, *output_len, true));
    }
    match (&run.args.rejects, progress.rejected) {
        (Some(path), rejected @ 1..) => Err(Failure::new(
            "records_rejected",
            format!(
                "{rejected} of {} records were rejected: they are in {} with the reasons",
                progress.records,
                path.display()
            ),
        )
        .with_exit_code(3)),
        _ => Ok(()),
    }
}

/// The end of a run that has not: what it leaves, and what is told.
fn stopped(
    run: &Run<'_>,
    mut recorder: Recorder,
    error: StreamError,
    interrupt: &Interrupt,
) -> Failure {
    recorder.cut();
    let can_go_on = run.args.checkpoint.is_some() && recorder.reached != Reached::default();
    let keeps = can_go_on || is_of_use(&error, &recorder.reached);
    if can_go_on {
        // Where that fails, the checkpoint before is as good.
        let _ = recorder.store(false);
    }
    let mut partial = None;
    if let Some(file) = recorder.output.partial() {
        file.keep(keeps);
        partial = Some(file.path().display().to_string()).filter(|_| keeps);
    }
    if let Some(file) = recorder.rejects.as_mut().and_then(|rejects| rejects.get_mut().partial()) {
        file.keep(keeps);
    }
    if keeps {
        interrupt.keep_files();
    }
    let next = next_step(&error, partial.as_deref(), can_go_on);
    let failure = failure(error, can_go_on, interrupt);
    match next {
        Some(next) => failure.and(&next),
        None => failure,
    }
}

/// What is left, and what to do now.
fn next_step(error: &StreamError, partial: Option<&str>, can_go_on: bool) -> Option<String> {
    match error {
        StreamError::Record { .. } | StreamError::Framing { .. } => {
            let mut next = format!("what stands before it is whole, in {}", partial?);
            if can_go_on {
                next += "; mend it in the input and run the same command again to go on";
            }
            Some(next)
        }
        StreamError::Read(_) | StreamError::Write(_) | StreamError::Stopped if can_go_on => {
            Some("run the same command again to go on".to_owned())
        }
        StreamError::Read(_) => Some(format!("what came before is whole, in {}", partial?)),
        _ => None,
    }
}

/// Whether somebody may want what was written, although the run can't go on.
fn is_of_use(error: &StreamError, reached: &Reached) -> bool {
    let is_about_input = matches!(
        error,
        StreamError::Record { .. } | StreamError::Framing { .. } | StreamError::Read(_)
    );
    is_about_input && (reached.output_len > 0 || reached.rejects_len > 0)
}

fn failure(error: StreamError, can_go_on: bool, interrupt: &Interrupt) -> Failure {
    match error {
        StreamError::Stopped => interrupt::stopped(interrupt.signal()),
        StreamError::Write(error) => unwritten(error, can_go_on),
        error => {
            let failure = Failure::from(error);
            match failure.code() {
                "document_grows_too_long" => {
                    failure.with_hint("--limit-record BYTES, if you expect records that long")
                }
                _ => failure,
            }
        }
    }
}

/// The output can't be written.
fn unwritten(error: io::Error, can_go_on: bool) -> Failure {
    let is_full = matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
    );
    let failure = Failure::from(StreamError::Write(error));
    match (is_full, can_go_on) {
        (true, true) => failure.with_hint("to free space, then the same command again: it goes on"),
        (true, false) => failure.with_hint(
            "to free space; with --checkpoint FILE the same command then goes on where it was",
        ),
        (false, _) => failure,
    }
}
