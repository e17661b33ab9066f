//! The end of a connection whose client may still be sending.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// How long what a client still sends is read.
const TIME: Duration = Duration::from_secs(2);

/// How much of it, in bytes.
const MAX_LEN: usize = 32 * 1024 * 1024;

/// Says that nothing more will be sent, and throws away what still comes for a while: closing a
/// connection on bytes that nobody has read resets it, and with that a client loses the answer that it
/// has not read yet (RFC 9112 §9.6).
pub(super) async fn hang_up(mut io: impl AsyncRead + AsyncWrite + Unpin) {
    let linger = async {
        if io.shutdown().await.is_err() {
            return;
        }
        let mut thrown_away = vec![0; 16 * 1024];
        let mut len = 0;
        while len < MAX_LEN {
            match io.read(&mut thrown_away).await {
                Ok(count @ 1..) => len += count,
                _ => return,
            }
        }
    };
    // Whoever goes on longer loses the answer.
    let _ = timeout(TIME, linger).await;
}
