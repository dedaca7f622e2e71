//! A whole hub for one test: its own database, its own mappings beside the shipped ones, a real server on a port the system
//! chooses, and clients that sign as partners do.

use std::path::{Path, PathBuf};

use super::contract;
use hub::boot::{self, Hub, Missing};
use hub::clock;
use hub::config::{Config, Texts};
use hub::signing::{self, Head};
use hub::store::{KeyId, KeyStatus, PartnerId, PartnerKey, insert_key};
use hub::web::Running;
use serde_json::Value;

/// The mappings that exist only in tests.
pub fn trial_mappings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/mappings")
}

/// A running hub. Stops, and its files go, when it is dropped.
pub struct App {
    pub hub: Hub,
    pub base: String,
    running: Option<Running>,
    _dir: tempfile::TempDir,
}

impl App {
    /// A fresh hub on SQLite.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// The same with some settings of its own.
    pub fn with(settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut texts: Texts = [
            ("data", dir.path().join("data").to_str().unwrap()),
            ("listen", "127.0.0.1:0"),
            ("mappings", trial_mappings().to_str().unwrap()),
            ("web.workers", "2"),
            ("log.level", "off"),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
        texts.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let config = Config::load(&texts, &Texts::new()).unwrap();
        let hub = boot::open(config, Missing::Create).unwrap();
        let running = hub::web::start(hub.app().unwrap()).unwrap();
        Self { base: format!("http://{}", running.address), hub, running: Some(running), _dir: dir }
    }

    /// A partner with a fresh key.
    pub fn partner(&self, partner: &str) -> Client {
        self.key(partner, None)
    }

    /// A partner with a key that ends at an instant.
    pub fn key(&self, partner: &str, expires_at: Option<chrono::DateTime<chrono::Utc>>) -> Client {
        let id = self.register(&PartnerKey { expires_at: expires_at.map(Into::into), ..key(partner) });
        let secret = self.hub.keys.partner_secret(id.as_str()).unwrap();
        Client::new(&self.base, partner, id.as_str(), &secret)
    }

    /// A partner that signs by a scheme; `pair` is its public and private key, where the scheme has one.
    pub fn signing(&self, partner: &str, scheme: &str, pair: Option<(&str, &str)>) -> Client {
        let public_key = pair.map(|(public, _)| public.to_owned());
        let id = self.register(&PartnerKey { scheme: scheme.to_owned(), public_key, ..key(partner) });
        let shared = self.hub.keys.partner_secret(id.as_str()).unwrap();
        let secret = pair.map_or(shared.as_str(), |(_, private)| private);
        Client::new(&self.base, partner, id.as_str(), secret).signing(scheme)
    }

    /// The secret of a key.
    pub fn secret(&self, key: &str) -> String {
        self.hub.keys.partner_secret(key).unwrap()
    }

    /// Puts a key into the store.
    pub fn register(&self, row: &PartnerKey) -> KeyId {
        self.hub.store.write(|conn| insert_key(conn, row)).unwrap();
        row.id.clone()
    }

    /// A request nobody signed.
    pub fn get(&self, path: &str) -> Reply {
        let reply = Reply::of(reqwest::blocking::get(format!("{}{path}", self.base)).unwrap());
        contract::holds(&self.base, "GET", path, &reply);
        reply
    }

    /// Reads the store behind it.
    pub fn read<T>(&self, f: impl FnOnce(&mut hub::store::Conn) -> hub::error::Result<T>) -> T {
        self.hub.store.read(f).unwrap()
    }
}

/// A fresh key of a partner that signs as most do.
pub fn key(partner: &str) -> PartnerKey {
    PartnerKey {
        id: KeyId::from(format!("{partner}-{}", clock::fresh_id())),
        partner: PartnerId::from(partner),
        scheme: "hmac-sha256".to_owned(),
        status: KeyStatus::Active,
        public_key: None,
        created_by: "test".to_owned(),
        created_at: clock::now().into(),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            let stopped = running.stop();
            if !std::thread::panicking() {
                stopped.unwrap();
            }
        }
        self.hub.intake.writer.close();
    }
}

/// One partner that signs its requests.
pub struct Client {
    http: reqwest::blocking::Client,
    base: String,
    pub partner: String,
    pub key: String,
    secret: String,
    scheme: String,
}

impl Client {
    pub fn new(base: &str, partner: &str, key: &str, secret: &str) -> Self {
        let http = reqwest::blocking::Client::builder().timeout(std::time::Duration::from_secs(60)).build();
        Self {
            http: http.unwrap(),
            base: base.to_owned(),
            partner: partner.to_owned(),
            key: key.to_owned(),
            secret: secret.to_owned(),
            scheme: "hmac-sha256".to_owned(),
        }
    }

    /// The same partner signing by another scheme.
    pub fn signing(mut self, scheme: &str) -> Self {
        self.scheme = scheme.to_owned();
        self
    }

    /// Sends a message.
    pub fn send(&self, message: &str, body: impl Into<Vec<u8>>) -> Reply {
        self.post(message, body).send()
    }

    /// Checks a message.
    pub fn check(&self, message: &str, body: impl Into<Vec<u8>>) -> Reply {
        self.request("POST", &format!("/api/v1/exchange/{}/{message}/check", self.partner), body).send()
    }

    /// A message about to be sent.
    pub fn post(&self, message: &str, body: impl Into<Vec<u8>>) -> Request<'_> {
        self.request("POST", &format!("/api/v1/exchange/{}/{message}", self.partner), body)
    }

    /// Asks for something.
    pub fn get(&self, path: &str) -> Reply {
        self.request("GET", path, "").send()
    }

    /// Any request; `path` may hold a query.
    pub fn request(&self, method: &str, path: &str, body: impl Into<Vec<u8>>) -> Request<'_> {
        Request {
            client: self,
            method: method.to_owned(),
            path: path.to_owned(),
            body: body.into(),
            timestamp: clock::now(),
            nonce: clock::fresh_id(),
            headers: Vec::new(),
            secret: self.secret.clone(),
            sent: None,
        }
    }
}

/// A request about to be signed and sent.
#[derive(Clone)]
pub struct Request<'a> {
    client: &'a Client,
    method: String,
    path: String,
    body: Vec<u8>,
    timestamp: chrono::DateTime<chrono::Utc>,
    nonce: String,
    headers: Vec<(String, String)>,
    secret: String,
    sent: Option<Vec<u8>>,
}

impl Request<'_> {
    pub fn at(mut self, seconds_off: i64) -> Self {
        self.timestamp += chrono::TimeDelta::seconds(seconds_off);
        self
    }

    pub fn nonce(mut self, nonce: &str) -> Self {
        self.nonce = nonce.to_owned();
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Signs with another secret than the key's.
    pub fn secret(mut self, secret: &str) -> Self {
        self.secret = secret.to_owned();
        self
    }

    /// Sends other bytes than were signed.
    pub fn but_send(mut self, body: &[u8]) -> Self {
        self.sent = Some(body.to_vec());
        self
    }

    /// The four headers.
    pub fn signed(&self) -> Vec<(String, String)> {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let header =
            |name: &str| self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let head = Head { method: &self.method, path, query, header: &header };
        let scheme = signing::find(&self.client.scheme).unwrap();
        let signed =
            scheme.sign(&head, &self.body, (&self.client.key, &self.secret), (self.timestamp, &self.nonce));
        signed.unwrap().into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    pub fn send(mut self) -> Reply {
        let body = self.sent.take().unwrap_or_else(|| self.body.clone());
        self.send_body(reqwest::blocking::Body::from(body))
    }

    /// Sends; none when the server went away before it answered.
    pub fn try_send(self) -> Option<Reply> {
        let signed = self.signed();
        let mut request = self.client.http.post(format!("{}{}", self.client.base, self.path));
        for (name, value) in &signed {
            request = request.header(name, value);
        }
        let response = request.body(self.body).send().ok()?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().ok()?;
        let json = serde_json::from_str(&text).ok()?;
        Some(Reply { status, headers, text, json })
    }

    /// Signs what it holds and sends another body, which may be a stream.
    pub fn send_body(self, body: reqwest::blocking::Body) -> Reply {
        let signed = self.signed();
        let method: reqwest::Method = self.method.parse().unwrap();
        let mut request = self.client.http.request(method, format!("{}{}", self.client.base, self.path));
        for (name, value) in signed.iter().chain(&self.headers) {
            request = request.header(name, value);
        }
        let reply = Reply::of(request.body(body).send().unwrap());
        if self.client.base.starts_with("http:") {
            contract::holds(&self.client.base, &self.method, &self.path, &reply);
        }
        reply
    }
}

/// What the hub answered.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Reply {
    pub fn of(response: reqwest::blocking::Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status, headers, text, json }
    }

    /// The code of the error envelope.
    #[track_caller]
    pub fn code(&self) -> &str {
        self.json["error"]["code"].as_str().unwrap_or_else(|| panic!("no error in {}", self.text))
    }

    /// Fails unless the answer has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Each finding as `code place value`.
    pub fn findings(&self) -> Vec<String> {
        let problems = self.json["problems"].as_array().or(self.json["error"]["problems"].as_array());
        let line = |it: &Value| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            format!("{} {} {}", text(&it["code"]), text(&it["place"]["path"]), text(&it["value"]))
                .trim()
                .to_owned()
        };
        problems.map(|all| all.iter().map(line).collect()).unwrap_or_default()
    }
}
