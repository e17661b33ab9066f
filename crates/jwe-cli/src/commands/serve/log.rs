//! The log, on standard error: the whole process has one.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{fmt, registry};

use crate::cli::{LogFormatArg, LogLevelArg};
use crate::failure::Failure;

/// From now on the events of this process are logged; those of libraries from warnings on.
pub(super) fn start(level: LogLevelArg, format: LogFormatArg) -> Result<(), Failure> {
    let level = match level {
        LogLevelArg::Error => LevelFilter::ERROR,
        LogLevelArg::Warn => LevelFilter::WARN,
        LogLevelArg::Info => LevelFilter::INFO,
        LogLevelArg::Debug => LevelFilter::DEBUG,
    };
    let targets =
        Targets::new().with_default(level.min(LevelFilter::WARN)).with_target("jwe", level);
    // Nothing can be done where standard error takes nothing, and its failure ends no request.
    let lines = fmt::layer().with_ansi(false).with_writer(io::stderr).log_internal_errors(false);
    let started = match format {
        LogFormatArg::Text => registry().with(targets).with(lines).try_init(),
        LogFormatArg::Json => {
            registry().with(targets).with(lines.json().flatten_event(true)).try_init()
        }
    };
    started.map_err(|error| Failure::new("log", format!("the log can't be started: {error}")))
}
