//! A partner's own system: a real HTTP server that remembers what it was sent and answers as the story wants.

use std::net::TcpListener;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::Value;

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Got {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub at: Instant,
}

impl Got {
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|it| it.0 == name);
        &found.unwrap_or_else(|| panic!("no header {name} in {:?}", self.headers)).1
    }

    /// The receipt id.
    #[track_caller]
    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The record and the version it tells.
    #[track_caller]
    pub fn version(&self) -> (String, i64) {
        let data = self.json()["data"].clone();
        (data["id"].as_str().unwrap().to_owned(), data["version"].as_i64().unwrap())
    }

    /// Whether a key's secret (`whsec_…`) signed it, as a receiver checks it: over id, timestamp and the bytes as they came.
    pub fn is_signed_by(&self, secret: &[u8]) -> bool {
        let mut signed = format!("{}.{}.", self.id(), self.header("webhook-timestamp")).into_bytes();
        signed.extend_from_slice(&self.body);
        let expected = format!("v1,{}", hub::crypto::hmac_sha256_base64(secret, &signed).unwrap());
        self.header("webhook-signature").split(' ').any(|it| it == expected)
    }
}

/// What it answers.
#[derive(Debug, Clone)]
pub struct Says {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    pub after: Duration,
}

impl Says {
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new(), after: Duration::ZERO }
    }

    pub fn body(mut self, body: &str) -> Self {
        self.body = body.to_owned();
        self
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn after(mut self, wait: Duration) -> Self {
        self.after = wait;
        self
    }
}

type Mind = Arc<dyn Fn(&Got) -> Says + Send + Sync>;

struct State {
    got: Mutex<Vec<Got>>,
    mind: Mutex<Mind>,
}

/// The running system. Stops when it is dropped.
pub struct Subscriber {
    pub base: String,
    state: Arc<State>,
    handle: ServerHandle,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Subscriber {
    /// One that takes everything.
    pub fn start() -> Self {
        Self::with(|_| Says::status(204))
    }

    /// One that answers by a rule.
    pub fn with(mind: impl Fn(&Got) -> Says + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State { got: Mutex::default(), mind: Mutex::new(Arc::new(mind)) });
        let (send, receive) = mpsc::channel();
        let data = web::Data::from(state.clone());
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server =
                    HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(take)))
                        .workers(1)
                        .disable_signals()
                        .shutdown_timeout(0)
                        .listen(listener)
                        .unwrap()
                        .run();
                send.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let handle = receive.recv().unwrap();
        Self { base, state, handle, thread: Some(thread) }
    }

    /// Answers by another rule from now on.
    pub fn change(&self, mind: impl Fn(&Got) -> Says + Send + Sync + 'static) {
        *self.state.mind.lock().unwrap() = Arc::new(mind);
    }

    /// Everything that came so far.
    pub fn got(&self) -> Vec<Got> {
        self.state.got.lock().unwrap().clone()
    }

    /// Waits until something holds of what came.
    #[track_caller]
    pub fn wait(&self, holds: impl Fn(&[Got]) -> bool) -> Vec<Got> {
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            let got = self.got();
            if holds(&got) {
                return got;
            }
            assert!(Instant::now() < patience, "waited in vain; {} requests came", got.len());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

async fn take(req: HttpRequest, body: web::Bytes, state: web::Data<State>) -> HttpResponse {
    let header =
        |(name, value): (&actix_web::http::header::HeaderName, &actix_web::http::header::HeaderValue)| {
            (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned())
        };
    let got = Got {
        path: req.path().to_owned(),
        headers: req.headers().iter().map(header).collect(),
        body: body.to_vec(),
        at: Instant::now(),
    };
    let mind = state.mind.lock().unwrap().clone();
    let says = mind(&got);
    state.got.lock().unwrap().push(got);
    if !says.after.is_zero() {
        actix_web::rt::time::sleep(says.after).await;
    }
    let mut answer = HttpResponse::build(says.status.try_into().unwrap());
    for (name, value) in says.headers {
        answer.insert_header((name, value));
    }
    answer.body(says.body)
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}
