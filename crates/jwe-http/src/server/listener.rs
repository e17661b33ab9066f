//! Connections: accepted within a limit, each with times for all that it does, and brought to an end.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::app::{App, ResponseBody};
use super::config::LimitsConfig;
use super::connection::{ConnectionTimes, Progress, TimedIo};
use super::hang_up::hang_up;

/// For how long a connection without a request is kept once the server is told to stop: one may be on its
/// way. It is answered, and its answer is the last of the connection.
const LAST_CALL: Duration = Duration::from_millis(500);

/// How long nothing is accepted after the system could not: it may have no file descriptor left.
const BREATHER: Duration = Duration::from_millis(50);

/// The buffer of a connection in bytes, if heads need no larger one.
const BUFFER_LEN: usize = 64 * 1024;

/// The peer of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer {
    pub(super) address: SocketAddr,
    pub(super) tls: bool,
    /// Whether it has shown a certificate that was checked.
    pub(super) certificate: bool,
}

pub(super) struct Listener {
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
    connections: Arc<Semaphore>,
    shared: Arc<Shared>,
    drain: Duration,
}

/// What all connections have.
struct Shared {
    app: Arc<App>,
    times: ConnectionTimes,
    head_len: usize,
    headers: u16,
    concurrent_requests: u32,
}

impl Listener {
    pub(super) fn new(
        tcp: TcpListener,
        tls: Option<Arc<rustls::ServerConfig>>,
        limits: &LimitsConfig,
        app: Arc<App>,
    ) -> Self {
        let connections = usize::try_from(limits.connections.get()).unwrap_or(usize::MAX);
        Self {
            tcp,
            tls: tls.map(TlsAcceptor::from),
            connections: Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))),
            shared: Arc::new(Shared {
                app,
                times: ConnectionTimes {
                    head: limits.head_seconds.0,
                    keep_alive: limits.keep_alive_seconds.0,
                    write_idle: limits.body_idle_seconds.0,
                    request: limits.request_seconds.0,
                },
                head_len: limits.head_bytes,
                headers: limits.headers.get(),
                concurrent_requests: limits.concurrent_requests.get(),
            }),
            drain: limits.drain_seconds.0,
        }
    }

    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Serves until `shutdown`, and then what was taken on, for as long as that may take. Returns how
    /// many connections were cut off in the end.
    pub(super) async fn serve(self, shutdown: impl Future<Output = ()>) -> usize {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            let next = async {
                // The semaphore is never closed.
                let permit = Arc::clone(&self.connections).acquire_owned().await.ok();
                (permit, self.tcp.accept().await)
            };
            let (permit, accepted) = tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(_) = tasks.join_next() => continue,
                next = next => next,
            };
            match accepted {
                Ok((stream, address)) => {
                    let connection = self.connection(stream, address, stopped.clone());
                    tasks.spawn(async move {
                        connection.await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    sleep(BREATHER).await;
                }
            }
        }
        // What the system has accepted already was taken on, too.
        let nothing = poll_fn(|context| {
            while let std::task::Poll::Ready(Ok((stream, address))) = self.tcp.poll_accept(context)
            {
                tasks.spawn(self.connection(stream, address, stopped.clone()));
            }
            std::task::Poll::Ready(())
        });
        nothing.await;
        let Self { tcp, drain, .. } = self;
        drop(tcp);
        tracing::info!(connections = tasks.len(), "stopping");
        // There is a receiver here.
        let _ = stop.send(true);
        let drained = timeout(drain, async { while tasks.join_next().await.is_some() {} }).await;
        match drained {
            Ok(()) => 0,
            Err(_) => {
                let left = tasks.len();
                tasks.shutdown().await;
                left
            }
        }
    }

    fn connection(
        &self,
        stream: TcpStream,
        address: SocketAddr,
        stopped: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let tls = self.tls.clone();
        let shared = Arc::clone(&self.shared);
        async move {
            let open = shared.app.metrics().connections.clone();
            open.inc();
            let _open = Open(open);
            // Without it, answers in several parts may wait for each other.
            let _ = stream.set_nodelay(true);
            let Some(acceptor) = tls else {
                let peer = Peer { address, tls: false, certificate: false };
                return shared.serve_http1(stream, peer, stopped).await;
            };
            let stream = match timeout(shared.times.head, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => {
                    tracing::debug!(%error, %address, "no TLS");
                    return;
                }
                Err(_) => return,
            };
            let (_, tls) = stream.get_ref();
            let certificate = tls.peer_certificates().is_some_and(|chain| !chain.is_empty());
            let shared_connection = tls.alpn_protocol() == Some(b"h2");
            let peer = Peer { address, tls: true, certificate };
            if shared_connection {
                shared.serve_http2(stream, peer, stopped).await;
            } else {
                shared.serve_http1(stream, peer, stopped).await;
            }
        }
    }
}

struct Open(prometheus_client::metrics::gauge::Gauge);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

struct Answers {
    app: Arc<App>,
    peer: Peer,
    progress: Arc<Progress>,
}

impl Service<Request<Incoming>> for Answers {
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let work = self.progress.begin();
        let app = Arc::clone(&self.app);
        let peer = self.peer;
        Box::pin(async move { Ok(app.answer(request, peer, work).await) })
    }
}

impl Shared {
    /// What answers the requests of a connection. Its futures are boxed: the connection has to be movable,
    /// so that its end is ours.
    fn service(&self, peer: Peer, progress: &Arc<Progress>) -> Answers {
        Answers { app: Arc::clone(&self.app), peer, progress: Arc::clone(progress) }
    }

    async fn serve_http1<T>(&self, stream: T, peer: Peer, mut stopped: watch::Receiver<bool>)
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let progress = Progress::new(self.times, false);
        let io = TokioIo::new(TimedIo::new(stream, Arc::clone(&progress)));
        let mut connection = http1::Builder::new()
            // The times of a head are those of the connection, which tells it from a pause.
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .max_headers(usize::from(self.headers))
            .max_header_size(self.head_len)
            .max_buf_size(self.head_len.max(BUFFER_LEN))
            .serve_connection(io, self.service(peer, &progress));
        let outcome = tokio::select! {
            outcome = poll_fn(|context| connection.poll_without_shutdown(context)) => Some(outcome),
            () = last_call(&mut stopped, &progress) => None,
        };
        let outcome = match outcome {
            Some(outcome) => outcome,
            None => {
                Pin::new(&mut connection).graceful_shutdown();
                poll_fn(|context| connection.poll_without_shutdown(context)).await
            }
        };
        match outcome {
            Ok(()) => hang_up(connection.into_parts().io.into_inner().into_inner()).await,
            Err(error) => {
                tracing::debug!(%error, address = %peer.address, "the connection ended early");
                // An answer such as 431 may be on the way.
                if error.is_parse() {
                    hang_up(connection.into_parts().io.into_inner().into_inner()).await;
                }
            }
        }
    }

    async fn serve_http2<T>(&self, stream: T, peer: Peer, mut stopped: watch::Receiver<bool>)
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let progress = Progress::new(self.times, true);
        let io = TokioIo::new(TimedIo::new(stream, Arc::clone(&progress)));
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_header_list_size(u32::try_from(self.head_len).unwrap_or(u32::MAX))
            .max_concurrent_streams(self.concurrent_requests.min(128))
            // Also notices when the time of a connection without requests is over.
            .keep_alive_interval(Duration::from_secs(15))
            .keep_alive_timeout(self.times.write_idle)
            .serve_connection(io, self.service(peer, &progress));
        let mut connection = pin!(connection);
        let outcome = tokio::select! {
            outcome = connection.as_mut() => Some(outcome),
            () = last_call(&mut stopped, &progress) => None,
        };
        let outcome = match outcome {
            Some(outcome) => outcome,
            None => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, address = %peer.address, "the connection ended early");
        }
    }
}

/// Waits until the connection has to end: when the server stops, and a little later if it has no request.
async fn last_call(stopped: &mut watch::Receiver<bool>, progress: &Progress) {
    // Without a sender the server is gone.
    let _ = stopped.wait_for(|stopped| *stopped).await;
    if !progress.is_busy() {
        sleep(LAST_CALL).await;
    }
}
