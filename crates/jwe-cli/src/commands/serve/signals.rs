//! Signals that tell the server to stop.

use std::io;

/// SIGTERM and SIGINT, or what the system has in their place.
pub(super) struct Signals(#[cfg(unix)] [tokio::signal::unix::Signal; 2]);

impl Signals {
    /// From now on they are waited for.
    #[cfg(unix)]
    pub(super) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self([signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?]))
    }

    #[cfg(not(unix))]
    #[allow(clippy::unnecessary_wraps, reason = "the same as on other systems")]
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self())
    }

    /// Waits for the first. The second ends the process at once, as it would have without all this.
    #[cfg(unix)]
    pub(super) async fn first(self) {
        let [mut terminate, mut interrupt] = self.0;
        let code = tokio::select! {
            _ = terminate.recv() => 128 + 15,
            _ = interrupt.recv() => 128 + 2,
        };
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            std::process::exit(code);
        });
    }

    #[cfg(not(unix))]
    pub(super) async fn first(self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
