//! The way to a hub: one request, signed as the partner signs, and what came back.

use std::io::Read;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use reqwest::blocking::{Body, Client};
use reqwest::header::CONTENT_TYPE;

use crate::error::{Error, Result, codes};
use crate::signing::{Head, Scheme};

/// An answer is read so far and no farther.
const ANSWER_LIMIT: u64 = 16 * 1024 * 1024;

/// Who is played and how it proves itself.
#[derive(Clone)]
pub struct Identity {
    /// Partner, the folder of its mappings.
    pub partner: String,
    /// Key id.
    pub key: String,
    /// Shared secret, or private key as PEM.
    pub secret: String,
    /// How it signs.
    pub scheme: &'static Scheme,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Upper case.
    pub method: &'a str,
    /// Path, with its query behind `?`.
    pub path: &'a str,
    /// Media type of the body; none for a request without one.
    pub content_type: Option<&'a str>,
    /// What is sent, and what is signed.
    pub body: &'a [u8],
    /// The time the request claims.
    pub at: DateTime<Utc>,
    /// Used once.
    pub nonce: &'a str,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body, at most 16 MiB of it.
    pub body: Vec<u8>,
    /// From the first byte sent to the last one read.
    pub took: Duration,
    /// The certificate the hub showed, DER; none without TLS.
    pub certificate: Option<Vec<u8>>,
}

impl Reply {
    /// The first header of a name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }

    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// What came back, or why nothing did, Chinese.
pub type Answered = std::result::Result<Reply, String>;

/// A partner's connection to one hub; keeps connections open between requests.
pub struct Line {
    client: Client,
    /// Address of the hub, without a slash at its end.
    pub base: String,
    /// Who speaks.
    pub identity: Identity,
}

/// How the bytes of a request travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Travel {
    /// As they should.
    Whole,
    /// Half of them, then nothing for a while, then the rest.
    Paused(Duration),
    /// Half of them, then the connection is closed.
    Broken,
}

impl Line {
    /// A line to the hub at `base`, `http://host:port`. No proxy is used and no redirect followed: a hub is in the same network.
    /// `ca` is a further authority, PEM, that may have issued the hub's certificate.
    ///
    /// # Errors
    /// `setting` when `ca` is no certificate; `internal` when TLS cannot be set up.
    pub fn new(base: &str, identity: Identity, timeout: Duration, ca: Option<&[u8]>) -> Result<Self> {
        let mut builder = Client::builder().tls_info(true);
        if let Some(pem) = ca {
            let unreadable = |e| Error::new(codes::machine::SETTING, "--ca 不是 PEM 格式的证书。").because(e);
            builder = builder.add_root_certificate(reqwest::Certificate::from_pem(pem).map_err(unreadable)?);
        }
        let client = builder
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(10)))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(Error::internal)?;
        Ok(Self { client, base: base.trim_end_matches('/').to_owned(), identity })
    }

    /// The headers that sign a request.
    ///
    /// # Errors
    /// `setting` when the key is none of the scheme.
    pub fn sign(&self, ask: &Ask<'_>) -> Result<Vec<(&'static str, String)>> {
        let (path, query) = ask.path.split_once('?').unwrap_or((ask.path, ""));
        // The national platform's form names the service asked for; the last part of the path is what a message is called here.
        let service = path.rsplit('/').next().unwrap_or_default();
        let header = |name: &str| (name == "gjzwfwpt_sid").then_some(service);
        let head = Head { method: ask.method, path, query, header: &header };
        let Identity { key, secret, scheme, .. } = &self.identity;
        let mut headers = scheme.sign(&head, ask.body, (key, secret), (ask.at, ask.nonce))?;
        if headers.iter().any(|it| it.0 == "gjzwfwpt_rid") {
            headers.push(("gjzwfwpt_sid", service.to_owned()));
        }
        Ok(headers)
    }

    /// Signs and sends.
    ///
    /// # Errors
    /// `setting` when the key is none of the scheme; that nothing was answered is no error.
    pub fn send(&self, ask: &Ask<'_>, travel: Travel) -> Result<Answered> {
        let headers = self.sign(ask)?;
        Ok(self.send_with(ask, &headers, travel))
    }

    /// Sends under headers that somebody else made, or none.
    ///
    /// # Errors
    /// Why nothing was answered, Chinese.
    pub fn send_with(&self, ask: &Ask<'_>, headers: &[(&'static str, String)], travel: Travel) -> Answered {
        let method: reqwest::Method = ask.method.parse().map_err(|_e| "请求方法不对".to_owned())?;
        let mut request = self.client.request(method, format!("{}{}", self.base, ask.path));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some(content_type) = ask.content_type {
            request = request.header(CONTENT_TYPE, content_type).body(body(ask.body, travel));
        }
        let watch = Instant::now();
        let response = request.send().map_err(|e| why(&e))?;
        let status = response.status().as_u16();
        let text = |it: &reqwest::header::HeaderValue| String::from_utf8_lossy(it.as_bytes()).into_owned();
        let headers =
            response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let shown = response.extensions().get::<reqwest::tls::TlsInfo>();
        let certificate = shown.and_then(|it| it.peer_certificate()).map(<[u8]>::to_vec);
        let mut body = Vec::new();
        response
            .take(ANSWER_LIMIT)
            .read_to_end(&mut body)
            .map_err(|_e| "答复没有收全，连接中断".to_owned())?;
        Ok(Reply { status, headers, body, took: watch.elapsed(), certificate })
    }
}

fn body(bytes: &[u8], travel: Travel) -> Body {
    match travel {
        Travel::Whole => Body::from(bytes.to_vec()),
        Travel::Paused(_) | Travel::Broken => {
            let length = bytes.len() as u64;
            Body::sized(Halting { left: bytes.to_vec(), given: 0, travel }, length)
        }
    }
}

/// A body that stops in the middle.
struct Halting {
    left: Vec<u8>,
    given: usize,
    travel: Travel,
}

impl Read for Halting {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let half = self.left.len() / 2;
        let end = if self.given < half { half } else { self.left.len() };
        if self.given == half {
            match self.travel {
                Travel::Broken => return Err(std::io::ErrorKind::ConnectionAborted.into()),
                Travel::Paused(wait) => std::thread::sleep(wait),
                Travel::Whole => {}
            }
        }
        let part = self.left.get(self.given..end).unwrap_or_default();
        let n = part.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(part) {
            *to = *from;
        }
        self.given += n;
        Ok(n)
    }
}

fn why(error: &reqwest::Error) -> String {
    let mut said = if error.is_timeout() {
        "没有在限定时间内答复".to_owned()
    } else if error.is_connect() {
        "连不上".to_owned()
    } else {
        "连接中断".to_owned()
    };
    // The innermost cause is the one that says what to mend: refused, unknown host, certificate.
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(inner) = cause {
        cause = inner.source();
        if cause.is_none() {
            said.push_str(&format!("（{inner}）"));
        }
    }
    said
}
