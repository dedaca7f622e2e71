//! Receiving pushed deliveries: an endpoint that checks the seal, enters what came and answers, or misbehaves as asked.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::rt::System;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt, web};
use serde_json::Value;

use super::book::{Book, Entry};
use super::manners::{Manners, Misdeed};
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::outbox::{Seal, check_seal};

/// Largest delivery taken.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Misdeeds a receiver can commit.
const POSSIBLE: &[Misdeed] = &[Misdeed::Slow, Misdeed::WrongAnswer, Misdeed::DropConnection];

/// What a receiver works with.
pub struct Desk {
    /// `address:port`; port 0 lets the system choose.
    pub listen: String,
    /// Secrets a delivery may be signed with.
    pub secrets: Vec<Vec<u8>>,
    /// Media type and body of the answer to what was taken; none answers with an empty one.
    pub answer: Option<(String, Vec<u8>)>,
    /// What goes wrong on purpose.
    pub manners: Manners,
    /// Where it is entered.
    pub book: Book,
    /// Told of each delivery after it is entered.
    pub tell: Box<dyn Fn(&Entry) + Send + Sync>,
}

/// A receiver that runs on a thread of its own.
pub struct Receiving {
    /// Where it listens.
    pub address: SocketAddr,
    handle: ServerHandle,
    thread: std::thread::JoinHandle<std::io::Result<()>>,
}

struct State {
    secrets: Vec<Vec<u8>>,
    answer: Option<(String, Vec<u8>)>,
    manners: Manners,
    book: Mutex<Book>,
    tell: Box<dyn Fn(&Entry) + Send + Sync>,
    count: AtomicU64,
}

/// Opens the desk; returns once connections are accepted.
///
/// # Errors
/// `setting` when the address cannot be listened on.
pub fn open(desk: Desk) -> Result<Receiving> {
    let listener = TcpListener::bind(&desk.listen).map_err(|e| {
        let detail = format!("接收地址 {} 无法监听，请换一个端口。", desk.listen);
        Error::new(codes::machine::SETTING, detail).because(e)
    })?;
    let address = listener.local_addr().map_err(Error::internal)?;
    let state = web::Data::from(Arc::new(State {
        secrets: desk.secrets,
        answer: desk.answer,
        manners: desk.manners,
        book: Mutex::new(desk.book),
        tell: desk.tell,
        count: AtomicU64::new(0),
    }));
    let (send, receive) = mpsc::channel();
    let thread = std::thread::Builder::new().name("receiving".to_owned()).spawn(move || {
        System::new().block_on(async move {
            let app = move || {
                App::new()
                    .app_data(state.clone())
                    .app_data(web::PayloadConfig::new(BODY_LIMIT))
                    .default_service(web::to(take))
            };
            let server =
                HttpServer::new(app).workers(2).disable_signals().shutdown_timeout(1).listen(listener)?.run();
            // Nobody listens only when `open` has given up already.
            let _ = send.send(server.handle());
            server.await
        })
    });
    let thread = thread.map_err(Error::internal)?;
    let handle = receive.recv().map_err(|_gone| Error::internal("the receiver ended before it listened"))?;
    Ok(Receiving { address, handle, thread })
}

impl Receiving {
    /// Takes nothing more and waits for the end.
    ///
    /// # Errors
    /// `internal` when the thread failed.
    pub fn stop(self) -> Result<()> {
        // The future only waits for the end, and the thread below does so too; the command is sent at once.
        drop(self.handle.stop(true));
        match self.thread.join() {
            Ok(ended) => ended.map_err(Error::internal),
            Err(_panic) => Err(Error::internal("the receiver panicked")),
        }
    }
}

async fn take(req: HttpRequest, body: web::Bytes, state: web::Data<State>) -> HttpResponse {
    let n = state.count.fetch_add(1, Ordering::Relaxed) + 1;
    let misdeeds = state.manners.all(POSSIBLE, n);
    let slow = misdeeds.contains(&Misdeed::Slow);
    // One line written to a file of the same machine; a thread of its own for it would cost more than it waits.
    let entered = enter(&req, &body, &state, n, misdeeds);
    if slow {
        rt::time::sleep(state.manners.slow_by).await;
    }
    match entered {
        Ok(entry) => answer(&entry, &state),
        Err(error) => HttpResponse::InternalServerError().body(error.detail),
    }
}

fn enter(req: &HttpRequest, body: &[u8], state: &State, n: u64, misdeeds: Vec<Misdeed>) -> Result<Entry> {
    let header = |name: &str| req.headers().get(name).and_then(|it| it.to_str().ok());
    let seal = check_seal(&header, body, &state.secrets, clock::now())?;
    let id = header("webhook-id").unwrap_or_default().to_owned();
    let answered = match seal {
        _ if misdeeds.contains(&Misdeed::DropConnection) => None,
        _ if misdeeds.contains(&Misdeed::WrongAnswer) => Some(StatusCode::INTERNAL_SERVER_ERROR),
        Seal::Sound => Some(StatusCode::OK),
        Seal::Missing | Seal::Stale | Seal::Broken => Some(StatusCode::UNAUTHORIZED),
    };
    let said: Value = serde_json::from_slice(body)
        .unwrap_or_else(|_no_json| Value::String(String::from_utf8_lossy(body).into_owned()));
    let data = |name: &str| said.get("data").and_then(|it| it.get(name));
    let text = |name: &str| data(name).and_then(Value::as_str).map(str::to_owned);
    let mut book = state.book.lock().unwrap_or_else(PoisonError::into_inner);
    let entry = Entry {
        at: clock::now(),
        n,
        path: req.path().to_owned(),
        repeat: book.has(&id),
        taken: seal == Seal::Sound && answered.is_none_or(|it| it.is_success()),
        id,
        seal,
        answered: answered.map(|it| it.as_u16()),
        misdeeds,
        kind: text("kind"),
        record: text("id"),
        version: data("version").and_then(Value::as_i64),
        size: body.len(),
        body: said,
    };
    book.enter(&entry)?;
    drop(book);
    (state.tell)(&entry);
    Ok(entry)
}

fn answer(entry: &Entry, state: &State) -> HttpResponse {
    match entry.answered.and_then(|it| StatusCode::from_u16(it).ok()) {
        // A body that fails before its first byte makes the server close the connection without a word.
        None => {
            let gone: std::io::Result<web::Bytes> = Err(std::io::ErrorKind::ConnectionAborted.into());
            HttpResponse::Ok().streaming(futures_util::stream::iter([gone]))
        }
        Some(StatusCode::OK) => match &state.answer {
            Some((media, body)) => HttpResponse::Ok().content_type(media.as_str()).body(body.clone()),
            None => HttpResponse::Ok().finish(),
        },
        Some(StatusCode::UNAUTHORIZED) => HttpResponse::Unauthorized().body("signature not accepted"),
        Some(status) => HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .body("<html><body><h1>Internal Server Error</h1></body></html>"),
    }
}
