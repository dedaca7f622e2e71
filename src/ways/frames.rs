//! The non-tax revenue exchange over TCP: frames that say their own length, several on one connection.
//!
//! ```text
//! connection ─ from an agreed network? ─► frame by its length ─ digest right? ─► intake ─► answer, a frame too
//!                                             └ too long, half, late ─► answer, connection ends
//!                                                                └ wrong ─► answer, nothing is stored
//! ```
//!
//! A frame is answered after its message is on the disk, so a sender that was not answered sends it again and intake knows
//! it by its id. Nothing a stranger sends is kept: memory is bounded by `connections` × `limit`, and who has not shown the
//! token has `timeout` to do so.

mod line;
mod take;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::error::{Error, Result, codes};
use crate::intake::Intake;
use crate::mapping::Mappings;

use line::Line;
use take::{Reply, Take};

/// Settings of the frames.
#[derive(Clone, Default)]
pub struct Settings {
    /// `address:port`; port 0 lets the system choose, none means that no frames are taken.
    pub listen: Option<String>,
    /// The partner that sends.
    pub partner: String,
    /// Its messages by the number in the frame, `5996` → `fee_confirmation`.
    pub messages: BTreeMap<String, String>,
    /// What both sides hold; more than one while it is changed. The first signs where none is known to have signed.
    pub tokens: Vec<String>,
    /// Largest frame, in bytes.
    pub limit: usize,
    /// Connections at once.
    pub connections: usize,
    /// How long a frame may take to arrive, and an answer to be taken.
    pub timeout: Duration,
    /// How long a partner may be silent between two frames.
    pub idle: Duration,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("listen", &self.listen).finish_non_exhaustive()
    }
}

impl Settings {
    /// Whether what is agreed can be done: a token, and messages that are frames and have answers that are.
    ///
    /// # Errors
    /// `setting`.
    pub fn check(&self, mappings: &Mappings) -> Result<()> {
        let wrong = |detail: String| Err(Error::new(codes::machine::SETTING, detail));
        if self.tokens.is_empty() {
            return wrong(
                "设了 frames.listen，还须设 frames.token：与对方约定的口令，用来核对校验码。".to_owned(),
            );
        }
        if self.messages.is_empty() {
            return wrong(
                "设了 frames.listen，还须设 frames.messages，如 5996=fee_confirmation。".to_owned(),
            );
        }
        for message in self.messages.values() {
            let name = format!("{}/{message}", self.partner);
            match mappings.get(&self.partner, message) {
                None => return wrong(format!("frames.messages 里的 {name} 没有映射。")),
                Some(mapping) if !mapping.is_frame() => {
                    return wrong(format!("{name} 的格式不是 frame，不能经报文帧接收。"));
                }
                Some(mapping) if mapping.answer_frame().is_none() => {
                    return wrong(format!(
                        "{name} 没有写明答复：在 [answer] 里写上 frame = \"5001\" 一类的报文编号。"
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

/// A listener on threads of its own.
pub struct Listening {
    /// Where it listens.
    pub address: SocketAddr,
    hall: Arc<Hall>,
    thread: JoinHandle<()>,
}

/// Starts to listen; none when no address is set.
///
/// # Errors
/// `setting` when what is agreed cannot be done or the address cannot be listened on; `internal` when no thread can be had.
pub fn start(intake: Intake, settings: Settings) -> Result<Option<Listening>> {
    let Some(address) = settings.listen.clone() else { return Ok(None) };
    settings.check(&intake.mappings)?;
    let listener = TcpListener::bind(&address).map_err(|e| {
        Error::new(codes::machine::SETTING, format!("报文帧的监听地址 {address} 无法监听。")).because(e)
    })?;
    let address = listener.local_addr().map_err(Error::internal)?;
    let take = Take::new(intake, &settings);
    let hall = Arc::new(Hall { take, settings, stopping: AtomicBool::new(false), open: Mutex::default() });
    let inside = hall.clone();
    let thread = std::thread::Builder::new()
        .name("frames".to_owned())
        .spawn(move || inside.run(&listener))
        .map_err(Error::internal)?;
    tracing::info!(%address, "frames.listening");
    Ok(Some(Listening { address, hall, thread }))
}

impl Listening {
    /// Lets the frames at hand be finished and answered and takes no more.
    pub fn stop(self) {
        self.hall.stopping.store(true, Ordering::SeqCst);
        for stream in self.hall.open().values() {
            // One that is gone already needs no end.
            let _gone = stream.shutdown(Shutdown::Read);
        }
        // Whoever waits for the next connection gets one.
        drop(TcpStream::connect_timeout(&reachable(self.address), Duration::from_secs(1)));
        if self.thread.join().is_err() {
            tracing::error!("frames.panicked");
        }
    }
}

/// The address by which this machine reaches its own listener.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

struct Hall {
    take: Take,
    settings: Settings,
    stopping: AtomicBool,
    /// Connections by number, so that they can be ended.
    open: Mutex<BTreeMap<u64, TcpStream>>,
}

/// A place among the connections; free again when it is dropped.
struct Seat<'h> {
    hall: &'h Hall,
    number: u64,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.hall.open().remove(&self.number);
    }
}

impl Hall {
    fn open(&self) -> MutexGuard<'_, BTreeMap<u64, TcpStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, listener: &TcpListener) {
        std::thread::scope(|scope| {
            for (number, came) in (0..).zip(listener.incoming()) {
                if self.stopping.load(Ordering::SeqCst) {
                    break;
                }
                let stream = match came {
                    Ok(stream) => stream,
                    Err(cause) => {
                        tracing::warn!(%cause, "frames.accept_failed");
                        // Mostly no file handle is free; one will be.
                        std::thread::sleep(Duration::from_millis(100));
                        continue;
                    }
                };
                let Some(seat) = self.seat(number, &stream) else {
                    self.turn_away(stream);
                    continue;
                };
                let thread = std::thread::Builder::new().name("frame".to_owned());
                let served = thread.spawn_scoped(scope, move || {
                    self.serve(stream);
                    drop(seat);
                });
                if let Err(cause) = served {
                    tracing::warn!(%cause, "frames.no_thread");
                }
            }
        });
    }

    /// None when every place is taken.
    fn seat(&self, number: u64, stream: &TcpStream) -> Option<Seat<'_>> {
        let other = stream.try_clone().ok()?;
        let mut open = self.open();
        if open.len() >= self.settings.connections {
            return None;
        }
        open.insert(number, other);
        drop(open);
        Some(Seat { hall: self, number })
    }

    fn turn_away(&self, stream: TcpStream) {
        let detail = format!("同时的连接已有 {} 个，请稍后再连。", self.settings.connections);
        let error = Error::new(codes::transport::FRAMES_FULL, detail);
        tracing::warn!(peer = ?stream.peer_addr().ok(), code = %error.code, "frames.refused");
        // The first bytes on a fresh connection find room in its buffer, so nobody waits here.
        if let Some(answer) = self.take.refusal(&error) {
            let _gone = Line::new(stream, self.settings.limit, Duration::from_secs(1)).write(&answer);
        }
    }

    fn serve(&self, stream: TcpStream) {
        let peer = stream.peer_addr().ok().map(|it| it.ip());
        let mut line = Line::new(stream, self.settings.limit, self.settings.timeout);
        let mut wait = self.settings.timeout;
        if let Err(error) = self.take.admit(peer) {
            return self.part(line, peer, &error);
        }
        while !self.stopping.load(Ordering::SeqCst) {
            let bytes = match line.frame(wait) {
                Ok(Some(bytes)) => bytes,
                Ok(None) => return,
                Err(error) => return self.part(line, peer, &error),
            };
            let Reply { answer, known, ends } = self.take.take(&bytes, peer);
            // Without an answer the sender must not think that the next one is for this frame.
            let Some(answer) = answer else { return };
            if let Err(cause) = line.write(&answer) {
                tracing::warn!(?peer, %cause, "frames.answer_not_taken");
                return;
            }
            if ends {
                return line.part();
            }
            wait = if known { self.settings.idle } else { self.settings.timeout };
        }
    }

    /// Says why and ends the connection.
    fn part(&self, mut line: Line, peer: Option<IpAddr>, error: &Error) {
        tracing::warn!(?peer, code = %error.code, detail = %error.detail, "frames.refused");
        let Some(answer) = self.take.refusal(error) else { return };
        if line.write(&answer).is_ok() {
            line.part();
        }
    }
}
