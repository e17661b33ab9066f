//! One run over a stream of records, from the check of its files to its end.

use std::fs::File;
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
use super::written::Written;
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
    if earlier.is_none() {
        // That it can be stored is known before the work begins.
        begin(&mut recorder)?;
    }
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
            // Whoever reads has seen enough. What was rejected so far is not all that would be.
            Ok(())
        }
        Err(error) => {
            let reached = recorder.reached;
            // Nothing was done where the input is another one.
            let has_begun = !matches!(error, StreamError::OtherInput);
            let failure = stopped(&run, recorder, error, interrupt);
            if has_begun && reached.progress.records > 0 && !args.quiet {
                let summary = pace.summary(&reached.progress, reached.output.len, false);
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
    let written = |written| resumes.then_some(written);
    let mut output =
        Destination::open(run.output, run.secrecy, run.input, written(reached.output))?;
    let mut rejects = match &run.args.rejects {
        Some(path) => {
            Some(Destination::open(Some(path), Secrecy::Secret, None, written(reached.rejects))?)
        }
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
        sync_failed: false,
    })
}

/// Stores the first checkpoint, if any are stored. Without it nothing is left behind.
fn begin(recorder: &mut Recorder) -> Result<(), Failure> {
    recorder.store(false).map_err(|error| {
        recorder.keep(false);
        unwritten(error, false)
    })?;
    if let Some(store) = &mut recorder.checkpoint {
        // The first one that counts comes soon, whatever this one took.
        store.begin();
    }
    Ok(())
}

/// The input has come to its end: the files get their names.
fn finish(run: &Run<'_>, mut recorder: Recorder) -> Result<Reached, Failure> {
    let unwritten = |error| unwritten(error, run.args.checkpoint.is_some());
    if recorder.output.written().len == 0
        && let Some(encode) = run.compression.encoding()
    {
        // No bytes at all are no compressed file.
        let mut nothing = Vec::new();
        encode.encode(b"", &mut nothing).map_err(unwritten)?;
        match recorder.output.write_all(&nothing) {
            Err(error) if !recorder.output.is_closed() => return Err(unwritten(error)),
            _ => recorder.reached.output = recorder.output.written(),
        }
    }
    recorder.store(true).map_err(unwritten)?;
    let Recorder { mut output, rejects, checkpoint, interrupt, reached, .. } = recorder;
    interrupt.keep_files();
    if let Some(file) = output.partial() {
        file.keep(true);
    }
    if let Some(Store { file, .. }) = &checkpoint {
        file.sync_name();
    }
    // The output may replace the input: it comes last, when what is not in it is safe.
    if let Some(rejects) = rejects {
        rejects.into_inner().finish()?;
    }
    output.finish()?;
    if let Some(Store { file, .. }) = &checkpoint {
        file.remove()?;
    }
    Ok(reached)
}

/// What a run that was killed between its last step and the names of its files has left to do.
fn finish_names(run: &Run<'_>, reached: &Reached) -> Result<(), Failure> {
    let output = run.output.map(|path| (path, run.secrecy, run.input, reached.output));
    let rejects = run.args.rejects.as_deref();
    let rejects = rejects.map(|path| (path, Secrecy::Secret, None, reached.rejects));
    let mut unnamed = Vec::new();
    // In the order of a run that was not killed.
    for (path, secrecy, input, written) in [rejects, output].into_iter().flatten() {
        if !partial_file::can_be_replaced(path) {
            // A device or a pipe has all of it.
            continue;
        }
        let target = output::resolved(path);
        if exists(&partial_path(&target)) || !is_whole(&target, written) {
            let permissions = partial_file::permissions(&target, secrecy, input);
            unnamed.push(PartialFile::resume(&target, permissions, written)?);
        }
    }
    unnamed.into_iter().try_for_each(PartialFile::persist)
}

/// Whether a file is what a run has written.
fn is_whole(path: &Path, written: Written) -> bool {
    File::open(path).is_ok_and(|file| {
        file.metadata().is_ok_and(|found| found.len() == written.len)
            && written.begins(file).unwrap_or(false)
    })
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
    let Reached { progress, output, .. } = reached;
    if !run.args.quiet {
        output::to_stderr(&pace.summary(progress, output.len, true));
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
    recorder.keep(keeps);
    let partial = recorder.output.partial().map(|file| file.path().display().to_string());
    let partial = partial.filter(|_| keeps);
    if keeps {
        interrupt.keep_files();
    }
    if let (false, Some(Store { file, .. })) = (can_go_on, &recorder.checkpoint) {
        // There is nothing to go on with. Where it stays, it says so.
        let _ = file.remove();
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
    is_about_input && (reached.output.len > 0 || reached.rejects.len > 0)
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
