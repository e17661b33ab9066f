//! One connection: where it is between its requests, and the times that its reads and writes may take.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// The times that a connection may take for something.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConnectionTimes {
    /// For the head of a request, from its first byte on.
    pub(super) head: Duration,
    /// Between two requests.
    pub(super) keep_alive: Duration,
    /// For the client to take something of an answer.
    pub(super) write_idle: Duration,
    /// For a request and its answer.
    pub(super) request: Duration,
}

/// Where a connection is. It is shared with the requests that it has.
#[derive(Debug)]
pub(super) struct Progress {
    times: ConnectionTimes,
    /// Whether several requests share the connection (HTTP/2): a byte then starts none.
    shared: bool,
    phase: Mutex<Phase>,
    /// Who reads while requests are at work: without one, the time of the connection begins.
    reader: Mutex<Option<Waker>>,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// No request is there, since then.
    Idle(Instant),
    /// One has begun, or the first is waited for.
    Head(Instant),
    /// So many are at work, the last of which was taken on then.
    Busy(usize, Instant),
}

impl Progress {
    pub(super) fn new(times: ConnectionTimes, shared: bool) -> Arc<Self> {
        Arc::new(Self {
            times,
            shared,
            phase: Mutex::new(Phase::Head(Instant::now())),
            reader: Mutex::default(),
        })
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request is at work.
    pub(super) fn is_busy(&self) -> bool {
        matches!(*self.phase(), Phase::Busy(..))
    }

    /// The head of a request has been read; it is at work as long as the value lives.
    pub(super) fn begin(self: &Arc<Self>) -> AtWork {
        let mut phase = self.phase();
        *phase = match *phase {
            Phase::Idle(_) | Phase::Head(_) => Phase::Busy(1, Instant::now()),
            Phase::Busy(count, _) => Phase::Busy(count.saturating_add(1), Instant::now()),
        };
        drop(phase);
        AtWork { progress: Arc::clone(self) }
    }

    fn bytes_came(&self) {
        let mut phase = self.phase();
        if let (Phase::Idle(_), false) = (*phase, self.shared) {
            *phase = Phase::Head(Instant::now());
        }
    }

    fn reader(&self) -> MutexGuard<'_, Option<Waker>> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until when more bytes have to come. While requests are at work, their bodies have times of
    /// their own.
    fn read_deadline(&self) -> Option<Instant> {
        match *self.phase() {
            Phase::Idle(since) => Some(since + self.times.keep_alive),
            Phase::Head(since) => Some(since + self.times.head),
            Phase::Busy(..) => None,
        }
    }

    /// Until when something has to be taken by the client that takes nothing just now.
    fn write_deadline(&self) -> Instant {
        let idle = Instant::now() + self.times.write_idle;
        match *self.phase() {
            Phase::Busy(_, since) => idle.min(since + self.times.request),
            Phase::Idle(_) | Phase::Head(_) => idle,
        }
    }
}

/// A request at work.
#[derive(Debug)]
pub(super) struct AtWork {
    progress: Arc<Progress>,
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let mut phase = self.progress.phase();
        *phase = match *phase {
            Phase::Busy(count, since) if count > 1 => Phase::Busy(count - 1, since),
            _ => Phase::Idle(Instant::now()),
        };
        let is_last = matches!(*phase, Phase::Idle(_));
        drop(phase);
        if is_last {
            let reader = self.progress.reader().take();
            reader.into_iter().for_each(Waker::wake);
        }
    }
}

pin_project! {
    /// The bytes of a connection, whose reads and writes fail with `TimedOut` when they take too long.
    #[derive(Debug)]
    pub(super) struct TimedIo<T> {
        #[pin]
        inner: T,
        progress: Arc<Progress>,
        read: Option<(Instant, Pin<Box<Sleep>>)>,
        write: Option<(Instant, Pin<Box<Sleep>>)>,
    }
}

impl<T> TimedIo<T> {
    pub(super) fn new(inner: T, progress: Arc<Progress>) -> Self {
        Self { inner, progress, read: None, write: None }
    }

    pub(super) fn into_inner(self) -> T {
        self.inner
    }
}

/// Whether the time is up; if not, the task is woken when it is.
fn poll_deadline(
    timer: &mut Option<(Instant, Pin<Box<Sleep>>)>,
    deadline: Instant,
    context: &mut Context<'_>,
) -> Poll<io::Error> {
    let (at, sleep) = timer.get_or_insert_with(|| (deadline, Box::pin(sleep_until(deadline))));
    if *at != deadline {
        *at = deadline;
        sleep.as_mut().reset(deadline);
    }
    ready!(sleep.as_mut().poll(context));
    Poll::Ready(io::ErrorKind::TimedOut.into())
}

impl<T: AsyncRead> AsyncRead for TimedIo<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.project();
        let before = buffer.filled().len();
        match this.inner.poll_read(context, buffer) {
            Poll::Ready(outcome) => {
                if buffer.filled().len() > before {
                    this.progress.bytes_came();
                }
                Poll::Ready(outcome)
            }
            Poll::Pending => {
                // Before the look, so that a request that ends meanwhile wakes it.
                this.progress.reader().replace(context.waker().clone());
                match this.progress.read_deadline() {
                    None => Poll::Pending,
                    Some(deadline) => poll_deadline(this.read, deadline, context).map(Err),
                }
            }
        }
    }
}

impl<T: AsyncWrite> TimedIo<T> {
    fn write_step<R>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        step: impl FnOnce(Pin<&mut T>, &mut Context<'_>) -> Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        let this = self.project();
        match step(this.inner, context) {
            Poll::Ready(outcome) => {
                *this.write = None;
                Poll::Ready(outcome)
            }
            Poll::Pending => {
                // The time begins with the first step that waits.
                let deadline = match this.write {
                    Some((deadline, _)) => *deadline,
                    None => this.progress.write_deadline(),
                };
                poll_deadline(this.write, deadline, context).map(Err)
            }
        }
    }
}

impl<T: AsyncWrite> AsyncWrite for TimedIo<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write_step(context, |inner, context| inner.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write_step(context, |inner, context| inner.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write_step(context, |inner, context| inner.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write_step(context, |inner, context| inner.poll_shutdown(context))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const TIMES: ConnectionTimes = ConnectionTimes {
        head: Duration::from_secs(5),
        keep_alive: Duration::from_secs(60),
        write_idle: Duration::from_secs(10),
        request: Duration::from_secs(15),
    };

    /// After how many seconds a read fails.
    async fn fails_after(io: &mut (impl AsyncRead + Unpin)) -> u64 {
        let start = Instant::now();
        let mut buffer = [0; 16];
        loop {
            match io.read(&mut buffer).await {
                Ok(count) => assert_ne!(count, 0),
                Err(error) => {
                    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
                    return start.elapsed().as_secs();
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_a_time_however_slowly_it_comes() {
        let (client, server) = duplex(64);
        let mut io = TimedIo::new(server, Progress::new(TIMES, false));
        let slow = tokio::spawn(async move {
            let mut client = client;
            for _ in 0..20 {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if client.write_all(b"x").await.is_err() {
                    break;
                }
            }
        });
        assert_eq!(fails_after(&mut io).await, 5);
        drop(io);
        slow.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn between_requests_there_is_more_time() {
        let (mut client, server) = duplex(64);
        let progress = Progress::new(TIMES, false);
        let mut io = TimedIo::new(server, Arc::clone(&progress));
        assert!(!progress.is_busy());
        let work = progress.begin();
        let more = progress.begin();
        assert!(progress.is_busy());
        // While requests are at work nothing need come.
        let waited = tokio::time::timeout(Duration::from_secs(1000), io.read(&mut [0; 1])).await;
        assert!(waited.is_err());
        drop(work);
        let waited = tokio::time::timeout(Duration::from_secs(1000), io.read(&mut [0; 1])).await;
        assert!(waited.is_err());
        drop(more);
        assert_eq!(fails_after(&mut io).await, 60);
        // The next one has begun.
        drop(progress.begin());
        client.write_all(b"x").await.unwrap();
        assert_eq!(fails_after(&mut io).await, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_that_waits_already_has_a_time_when_the_last_request_ends() {
        let (_client, server) = duplex(64);
        let progress = Progress::new(TIMES, false);
        let mut io = TimedIo::new(server, Arc::clone(&progress));
        let work = progress.begin();
        let start = Instant::now();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(7)).await;
            drop(work);
        });
        let error = io.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed().as_secs(), 67);
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_starts_no_request_where_they_share_the_connection() {
        let (mut client, server) = duplex(64);
        let progress = Progress::new(TIMES, true);
        let mut io = TimedIo::new(server, Arc::clone(&progress));
        drop(progress.begin());
        client.write_all(b"x").await.unwrap();
        assert_eq!(fails_after(&mut io).await, 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_not_waited_for() {
        let (client, server) = duplex(4);
        let progress = Progress::new(TIMES, false);
        let mut io = TimedIo::new(server, Arc::clone(&progress));
        let work = progress.begin();
        let start = Instant::now();
        let error = io.write_all(b"longer than that").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed().as_secs(), 10);
        // One that takes a little at a time has the time of a request.
        let (mut client, mut io) = {
            drop(client);
            let (client, server) = duplex(4);
            (client, TimedIo::new(server, Arc::clone(&progress)))
        };
        let slow = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if !matches!(client.read(&mut [0; 1]).await, Ok(1)) {
                    break;
                }
            }
        });
        let error = io.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed().as_secs(), 15);
        drop((io, work));
        slow.await.unwrap();
    }
}
