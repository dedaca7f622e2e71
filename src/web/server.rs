//! The HTTP server: its settings, its start and its orderly end.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::System;
use actix_web::{App as Application, HttpServer, web};

use super::app::App;
use super::frame::frame;
use super::routes::{configure, nowhere};
use super::tls;
use crate::error::{Error, Result, codes};

/// Settings of the HTTP server.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `address:port`; port 0 lets the system choose.
    pub listen: String,
    /// Threads for connections; 0 means one per core.
    pub workers: usize,
    /// Largest request body in bytes.
    pub body_limit: u64,
    /// How long running requests may take to finish when the server stops.
    pub shutdown_grace: Duration,
    /// How long a client may be silent while it sends its request.
    pub client_timeout: Duration,
    /// Whether clients reach us by HTTPS only, through a proxy in front.
    pub https_only: bool,
    /// TLS of our own, and client certificates.
    pub tls: tls::Settings,
}

/// A server that runs on threads of its own.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    handle: ServerHandle,
    thread: std::thread::JoinHandle<std::io::Result<()>>,
}

/// Starts to serve; returns once connections are accepted.
///
/// # Errors
/// `setting` when the address cannot be listened on.
pub fn start(app: App) -> Result<Running> {
    let settings = app.settings.clone();
    let tls = settings.tls.acceptor_builder()?;
    let listener = listen(&settings.listen)?;
    let address = listener.local_addr().map_err(Error::internal)?;
    let (send, receive) = std::sync::mpsc::channel();
    let thread = std::thread::Builder::new()
        .name("web".to_owned())
        .spawn(move || {
            System::new().block_on(async move {
                let server = build(app, &settings, listener, tls)?;
                // Nobody listens only when `start` has given up already.
                let _ = send.send(server.handle());
                server.await
            })
        })
        .map_err(Error::internal)?;
    match receive.recv() {
        Ok(handle) => Ok(Running { address, handle, thread }),
        Err(_gone) => Err(match thread.join() {
            Ok(Err(cause)) => Error::internal(cause),
            _ => Error::internal("the server thread ended before it served"),
        }),
    }
}

fn listen(address: &str) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|e| {
        let why = match e.kind() {
            std::io::ErrorKind::AddrInUse => "已被其他程序占用，可用 --listen 换一个端口",
            std::io::ErrorKind::PermissionDenied => "没有权限，1024 以下的端口需要授权",
            std::io::ErrorKind::AddrNotAvailable => "不是本机的地址",
            _ => "无法监听",
        };
        Error::new(codes::machine::SETTING, format!("监听地址 {address} {why}。")).because(e)
    })
}

fn build(
    app: App,
    settings: &Settings,
    listener: TcpListener,
    tls: Option<tls::AcceptorBuilder>,
) -> std::io::Result<actix_web::dev::Server> {
    let app = web::Data::new(app);
    let server = HttpServer::new(move || {
        Application::new()
            .app_data(app.clone())
            .wrap(Compress::default())
            .wrap(from_fn(frame))
            .configure(configure)
            .default_service(web::to(nowhere))
    })
    .disable_signals()
    .shutdown_timeout(settings.shutdown_grace.as_secs())
    .client_request_timeout(settings.client_timeout)
    .on_connect(tls::on_connect);
    let server = if settings.workers == 0 { server } else { server.workers(settings.workers) };
    let server = match tls {
        Some(acceptor) => server.listen_openssl(listener, acceptor)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

impl Running {
    /// Takes no more connections, lets running requests finish, and waits for the end.
    ///
    /// # Errors
    /// `internal` when the server thread failed.
    pub fn stop(self) -> Result<()> {
        // The future only waits for the end, and the thread below does so too; the command is sent at once.
        drop(self.handle.stop(true));
        Self::ended(self.thread)
    }

    fn ended(thread: std::thread::JoinHandle<std::io::Result<()>>) -> Result<()> {
        match thread.join() {
            Ok(ended) => ended.map_err(Error::internal),
            Err(_panic) => Err(Error::internal("the server thread panicked")),
        }
    }

    /// Serves until SIGTERM or SIGINT, then stops in order.
    ///
    /// # Errors
    /// `internal` when signals cannot be heard or the server failed.
    pub fn until_signal(self) -> Result<()> {
        wait_for_signal()?;
        tracing::info!("stopping: no new requests, running ones may finish");
        self.stop()
    }
}

/// Waits for SIGTERM or SIGINT.
///
/// # Errors
/// `internal` when signals cannot be heard.
pub fn wait_for_signal() -> Result<()> {
    let heard = System::new().block_on(async {
        use actix_web::rt::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        futures_util::future::select(Box::pin(terminate.recv()), Box::pin(interrupt.recv())).await;
        Ok::<(), std::io::Error>(())
    });
    heard.map_err(Error::internal)
}
