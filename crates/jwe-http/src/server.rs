//! A server in front of a service: it decrypts the fields of requests, or encrypts them, and hands
//! everything on; or a sandbox, which needs no service. It publishes its keys, and tells of its health.
//!
//! What it does is a [`Config`], one TOML file of which [`EXAMPLE`] is a commented one. [`Server::bind`]
//! checks all that can fail before a request comes, and [`Server::run`] serves until it is told to stop.
//!
//! - Every client has times and limits: for heads, bodies, answers, pauses and connections.
//! - What frames a request is read once and written anew, so that nothing behind can read it otherwise.
//!   Requests with `Upgrade`, `CONNECT`, no host or several are refused; a request with both
//!   `Transfer-Encoding` and `Content-Length` is read by the former, and is the last of its connection
//!   (RFC 9112 §6.3).
//! - HTTP/1.1 is spoken, and HTTP/2 over TLS where the client asks for it. The upstream is spoken to in
//!   HTTP/1.1. Trailers are dropped.
//! - One event of `tracing` with the target `jwe_http::access` tells of each request, without its headers,
//!   its query and its body.

mod access_log;
mod app;
mod callers;
mod config;
mod connection;
mod connector;
mod encryption;
mod error;
mod hang_up;
mod hop_by_hop;
mod key_watch;
mod listener;
mod metrics;
mod request_id;
mod reverse_proxy;
mod sandbox;
mod timed_body;
mod tls;

use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZero;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime};

use http::uri::Scheme;
use jwe_core::Backend;
use rustls::crypto::CryptoProvider;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

pub use config::{Config, ConfigError, EXAMPLE, Mode};
pub use error::ServerError;

use self::app::{App, BodyTimes, Published, Work};
use self::callers::Callers;
use self::config::{ForwardedHeaders, HostHeader, KeysConfig, UpstreamConfig};
use self::encryption::Encryption;
use self::key_watch::{KeyWatch, Keys, Loaded, TakeOver};
use self::listener::Listener;
use self::metrics::Metrics;
use self::reverse_proxy::ReverseProxy;
use self::sandbox::Sandbox;
use crate::client::{KeySource, KeySourceOptions};
use crate::{DecryptionOptions, FieldDecryption, FieldRoutes, PublishedKeys, Workers};

/// Whatever went wrong with a body.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How long the answer of a service may stand still where there is none.
const ANSWER_IDLE: Duration = Duration::from_secs(60);

/// The crypto of a server.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerCrypto {
    backend: &'static Backend,
    tls: Option<Arc<CryptoProvider>>,
}

impl ServerCrypto {
    /// `backend` decrypts and encrypts; `tls` is that of TLS, without which https is refused.
    #[must_use]
    pub fn new(backend: &'static Backend, tls: Option<Arc<CryptoProvider>>) -> Self {
        Self { backend, tls }
    }

    fn tls(&self) -> Result<Arc<CryptoProvider>, ServerError> {
        self.tls.clone().ok_or_else(|| {
            ServerError::new(
                "serve_tls",
                "this build has no TLS: build it with a crypto provider of rustls, or use plain http",
            )
        })
    }
}

/// A server that is ready to serve.
pub struct Server {
    listener: Listener,
    app: Arc<App>,
    watch: Option<KeyWatch>,
    drain: Duration,
    tls: bool,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("address", &self.local_addr().ok()).finish_non_exhaustive()
    }
}

impl Server {
    /// Reads keys and certificates, puts everything together, and listens: from now on connections are
    /// accepted by the system, and wait to be served. Has to be called in a tokio runtime with I/O and
    /// time enabled.
    ///
    /// # Errors
    /// [`ServerError`]: an address that other machines can reach, without TLS or without callers that show
    /// who they are; keys, certificates or an address that can't be used.
    pub async fn bind(config: Config, crypto: ServerCrypto) -> Result<Self, ServerError> {
        let metrics = Arc::new(Metrics::new());
        let parts = work(&config, &crypto, &metrics)?;
        Self::of(config, crypto, metrics, parts).await
    }

    async fn of(
        config: Config,
        crypto: ServerCrypto,
        metrics: Arc<Metrics>,
        (work, published, watch): Parts,
    ) -> Result<Self, ServerError> {
        config.check_exposure()?;
        let concurrent = usize::try_from(config.limits.concurrent_requests.get());
        let answer_idle =
            config.upstream.as_ref().map_or(ANSWER_IDLE, |upstream| upstream.response_seconds.0);
        let app = Arc::new(App {
            work,
            published,
            callers: Callers::new(&config.callers, crypto.backend),
            endpoints: config.endpoints.clone(),
            metrics,
            backend: crypto.backend,
            permits: Arc::new(Semaphore::new(
                concurrent.unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS),
            )),
            times: BodyTimes::new(&config.limits, answer_idle),
            stopping: AtomicBool::new(false),
        });
        let tls = match &config.tls {
            None => None,
            Some(tls) => Some(Arc::new(tls::server(tls, crypto.tls()?)?)),
        };
        let has_tls = tls.is_some();
        let tcp = TcpListener::bind(config.listen).await.map_err(|error| {
            ServerError::new(
                "serve_listen",
                format!(
                    "can't listen at {}: {error}: free the port, or set another listen",
                    config.listen
                ),
            )
        })?;
        let listener = Listener::new(tcp, tls, &config.limits, Arc::clone(&app));
        Ok(Self { listener, app, watch, drain: config.limits.drain_seconds.0, tls: has_tls })
    }

    /// Where it listens: the port is there even if port 0 was asked for.
    ///
    /// # Errors
    /// [`ServerError`]: the system does not tell.
    pub fn local_addr(&self) -> Result<SocketAddr, ServerError> {
        self.listener
            .local_addr()
            .map_err(|error| ServerError::new("serve_listen", error.to_string()))
    }

    /// The URL of that, with its scheme.
    ///
    /// # Errors
    /// As [`local_addr`](Self::local_addr).
    pub fn url(&self) -> Result<String, ServerError> {
        let scheme = if self.tls { "https" } else { "http" };
        Ok(format!("{scheme}://{}", self.local_addr()?))
    }

    /// Serves until `shutdown` is ready, and then what was taken on until then, for the time of the
    /// configuration.
    ///
    /// # Errors
    /// [`ServerError`] `serve_drain`: something was not done when that time was over, and was cut off.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), ServerError> {
        let Self { listener, app, watch, drain, .. } = self;
        let shutdown = async {
            shutdown.await;
            app.stop();
        };
        let watch = async {
            if let Some(watch) = watch {
                watch.run().await;
            }
            std::future::pending().await
        };
        let left = tokio::select! {
            left = listener.serve(shutdown) => left,
            never = watch => never,
        };
        match left {
            0 => Ok(()),
            left => Err(ServerError::new(
                "serve_drain",
                format!(
                    "{left} connections were not done {} s after the signal and were cut off: raise \
                     limits.drain_seconds if they need longer",
                    drain.as_secs_f64()
                ),
            )),
        }
    }
}

type Parts = (Work, Option<Published>, Option<KeyWatch>);

fn work(
    config: &Config,
    crypto: &ServerCrypto,
    metrics: &Arc<Metrics>,
) -> Result<Parts, ServerError> {
    let routes = config.field_routes("")?;
    match (config.mode, &config.upstream, &config.keys, &config.publisher) {
        (Mode::Decrypt, Some(upstream), Some(keys), _) => {
            let proxy = proxy(upstream, (HostHeader::Keep, ForwardedHeaders::Replace), crypto)?;
            let options = options(config);
            decrypting(keys, routes, options, crypto, metrics, |decryption| Work::Decrypt {
                decryption,
                proxy,
            })
        }
        (Mode::Encrypt, Some(upstream), _, Some(publisher)) => {
            let proxy = proxy(upstream, (HostHeader::Upstream, ForwardedHeaders::Remove), crypto)?;
            let mut source = KeySourceOptions::new(
                *crypto.backend,
                &[publisher.alg()],
                publisher.enc(),
                crypto.tls()?,
            );
            if let Some(path) = &publisher.ca_file {
                let pem = std::fs::read(path).map_err(|error| {
                    ServerError::new(
                        "serve_tls",
                        format!("{}: can't be read: {error}", path.display()),
                    )
                })?;
                source = source.with_authorities(pem);
            }
            let source = KeySource::new(&publisher.key_url, source)
                .map_err(|error| ServerError::new(error.code(), error.to_string()))?;
            let encryption = Encryption::new(source, routes, options(config));
            Ok((Work::Encrypt { encryption, proxy }, None, None))
        }
        (Mode::Sandbox, ..) => {
            let example;
            let routes = if routes.is_empty() {
                example = Config::from_toml(EXAMPLE)?;
                example.field_routes(EXAMPLE)?
            } else {
                routes
            };
            let sandbox = Sandbox::new(crypto.backend, routes, options(config))?;
            let published = PublishedKeys::new(sandbox.ring())
                .map_err(|error| ServerError::new(error.code(), error.to_string()))?;
            let published: Published = Arc::new(RwLock::new(Arc::new(published)));
            Ok((Work::Sandbox { router: sandbox.router() }, Some(published), None))
        }
        _ => Err(ServerError::new(
            "config",
            "the configuration lacks [upstream], [keys] or [publisher] for its mode: add it",
        )),
    }
}

fn proxy(
    upstream: &UpstreamConfig,
    defaults: (HostHeader, ForwardedHeaders),
    crypto: &ServerCrypto,
) -> Result<ReverseProxy, ServerError> {
    let tls = if upstream.url.scheme == Scheme::HTTPS {
        Some(tls::client(upstream.ca_file.as_deref(), crypto.tls()?)?)
    } else {
        None
    };
    Ok(ReverseProxy::new(upstream, defaults, tls, crypto.backend))
}

fn options(config: &Config) -> DecryptionOptions {
    let limits = &config.limits;
    let processors = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let threads = limits.workers.map_or(processors, NonZero::<usize>::from);
    let waiting = usize::try_from(limits.waiting_for_workers).unwrap_or(usize::MAX);
    DecryptionOptions::new()
        .with_max_body_len(usize::try_from(limits.body_bytes.get()).unwrap_or(usize::MAX))
        .with_body_timeout(limits.body_seconds.0)
        .with_workers(Workers::new(threads, waiting))
}

fn decrypting(
    config: &KeysConfig,
    routes: FieldRoutes,
    options: DecryptionOptions,
    crypto: &ServerCrypto,
    metrics: &Arc<Metrics>,
    work: impl FnOnce(FieldDecryption) -> Work,
) -> Result<Parts, ServerError> {
    let keys = Keys::new(config.directory.clone(), crypto.backend);
    let loaded = keys.load(SystemTime::now())?;
    let decryption = FieldDecryption::new(
        crypto.backend,
        loaded.decryption.iter().cloned(),
        &config.accepted_enc(),
        routes,
        options,
    )
    .map_err(|error| ServerError::new("config", error.to_string()))?;
    let take_over: TakeOver = {
        let decryption = decryption.clone();
        Box::new(move |_, keys| decryption.replace_keys(keys).map_err(|error| error.to_string()))
    };
    Ok(watched(config, keys, loaded, take_over, work(decryption), metrics))
}

/// The work with keys that are published, and watched.
fn watched(
    config: &KeysConfig,
    keys: Keys,
    loaded: Loaded,
    take_over: TakeOver,
    work: Work,
    metrics: &Arc<Metrics>,
) -> Parts {
    let published: Published = Arc::new(RwLock::new(Arc::new(loaded.published)));
    let watch = KeyWatch::new(
        keys,
        config.poll_seconds.0,
        (loaded.ring, &loaded.decryption),
        Arc::clone(&published),
        take_over,
        Arc::clone(metrics),
    );
    (work, Some(published), Some(watch))
}
