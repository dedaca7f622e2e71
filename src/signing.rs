//! Signature schemes: how a partner proves that a request is its own, one file each under `schemes/`.
//!
//! A scheme is a *form* (which headers, which text is signed) with an *algorithm*. The hub's own form carries three
//! algorithms; the dialects of the provincial and national gateways are there because partners already
//! speak them. A key row names its scheme, and a request is only ever judged by the scheme of its key,
//! so that nobody can choose a weaker one.

mod algorithm;
mod hub;
mod schemes;

pub use algorithm::Algorithm;
pub use schemes::SCHEMES;

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::crypto;
use crate::error::{Error, Result, codes};

/// Settings of signature verification.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Largest difference between the request's time and ours.
    pub window: Duration,
}

/// What stands in a request before its body.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    /// Upper case.
    pub method: &'a str,
    /// As sent, percent-encoding untouched.
    pub path: &'a str,
    /// As sent, without `?`.
    pub query: &'a str,
    /// A header by its name, whatever the case.
    pub header: &'a dyn Fn(&str) -> Option<&'a str>,
}

/// What a request claims, understood but not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Key id.
    pub key: String,
    /// The time as sent, because that is what was signed.
    pub timestamp: String,
    /// The time.
    pub at: DateTime<Utc>,
    /// Used once; none in dialects that know no such thing.
    pub nonce: Option<String>,
    /// The signature's bytes.
    pub signature: Vec<u8>,
}

/// What both sides hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keying {
    /// The same secret.
    Shared,
    /// The sender the private key, the hub the public one.
    Pair,
}

/// The text that is signed of a request, what it claims, its body and the shared secret.
type Text = fn(&Head<'_>, &Claimed, &[u8], &str) -> Result<Vec<u8>>;

/// Where signature, key and time travel, and which text is signed.
#[derive(Debug)]
pub struct Form {
    /// The header that shows a request to speak this form.
    marker: &'static str,
    /// Whether the query may hold what the headers do not.
    in_query: bool,
    /// Reads what a request claims.
    read: fn(&Head<'_>) -> Result<Claimed>,
    /// The text that is signed; where the secret is part of it, it is given.
    text: Text,
    /// The time as this form writes it.
    stamp: fn(DateTime<Utc>) -> String,
    /// The headers of a signed request.
    headers: fn(&Claimed) -> Vec<(&'static str, String)>,
}

/// One scheme.
#[derive(Debug)]
pub struct Scheme {
    /// Stable name, as key rows say it.
    pub name: &'static str,
    /// Chinese title.
    pub title: &'static str,
    /// What is signed, how it travels and what to mind, Chinese.
    pub about: &'static str,
    /// What both sides hold.
    pub keying: Keying,
    /// Whether a changed body breaks the signature; if not, only TLS protects it.
    pub covers_body: bool,
    form: &'static Form,
    algorithm: Algorithm,
    /// Worked examples: tests and documentation at once.
    pub examples: &'static [Example],
}

/// A signed request, worked out.
#[derive(Debug)]
pub struct Example {
    /// What it shows, and where the values are from.
    pub about: &'static str,
    /// Upper case.
    pub method: &'static str,
    /// Path.
    pub path: &'static str,
    /// Query.
    pub query: &'static str,
    /// Headers by name.
    pub headers: &'static [(&'static str, &'static str)],
    /// Body.
    pub body: &'static str,
    /// Shared secret, or public key as PEM.
    pub key: &'static str,
    /// The text that is signed, the secret in it shown as [`HIDDEN`].
    pub text: &'static str,
}

/// Stands in a text to sign where the secret goes, when the text is shown.
pub const HIDDEN: &str = "〈密钥〉";

impl Form {
    fn shows(&self, head: &Head<'_>) -> bool {
        let named =
            |name| (head.header)(name).or_else(|| query_value(head.query, name).filter(|_| self.in_query));
        named(self.marker).is_some()
    }
}

/// A value of the query as sent.
fn query_value<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The scheme of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Scheme> {
    SCHEMES.iter().copied().find(|it| it.name == name)
}

/// The scheme of this name, for whom a wrong name is a mistake.
///
/// # Errors
/// `parameter`, naming those there are.
pub fn get(name: &str) -> Result<&'static Scheme> {
    find(name).ok_or_else(|| {
        let all: Vec<&str> = SCHEMES.iter().map(|it| it.name).collect();
        Error::new(
            codes::transport::PARAMETER,
            format!("没有“{name}”这种签名方案，现有：{}。", all.join("、")),
        )
    })
}

/// Reads what a request claims, in whichever form it speaks. One without any signature is told the hub's own headers.
///
/// # Errors
/// `signature_missing` naming every header that is not there; `signature_malformed` naming the one that is wrong.
pub fn read(head: &Head<'_>) -> Result<(&'static Form, Claimed)> {
    let spoken = SCHEMES.iter().map(|it| it.form).find(|form| form.shows(head));
    let form = spoken.unwrap_or(&hub::FORM);
    (form.read)(head).map(|claimed| (form, claimed))
}

/// Whether a request bears a signature of any form, good or bad.
#[must_use]
pub fn is_signed(head: &Head<'_>) -> bool {
    SCHEMES.iter().any(|it| it.form.shows(head))
}

/// Whether the request's time is near enough to ours.
///
/// # Errors
/// `clock_skew`, saying both times.
pub fn check_clock(claimed: &Claimed, now: DateTime<Utc>, window: Duration) -> Result<()> {
    let off = (now - claimed.at).abs();
    if off.to_std().is_ok_and(|off| off <= window) {
        return Ok(());
    }
    let show = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    Err(Error::new(
        codes::transport::CLOCK_SKEW,
        format!(
            "请求时间 {} 与中枢时间 {} 相差 {} 秒，超过允许的 {} 秒。",
            show(claimed.at),
            show(now),
            off.num_seconds(),
            window.as_secs()
        ),
    ))
}

impl Scheme {
    /// Whether requests of this scheme speak this form.
    #[must_use]
    pub fn speaks(&self, form: &Form) -> bool {
        std::ptr::eq(self.form, form)
    }

    /// Whether a public key is one of this scheme's.
    ///
    /// # Errors
    /// `key_unusable`, saying what is wrong with it.
    pub fn check_public_key(&self, pem: &str) -> Result<()> {
        match self.algorithm {
            Algorithm::RsaSha256 => crypto::rsa_check(pem),
            Algorithm::Sm2Sm3 => crypto::sm2_check(pem),
            Algorithm::HmacSha256 | Algorithm::Md5 => Ok(()),
        }
    }

    /// Checks a signature. `key` is the shared secret or the public key.
    ///
    /// # Errors
    /// `signature_wrong` with the text that should have been signed: it holds no secret and spares a day of guessing.
    pub fn verify(&self, head: &Head<'_>, claimed: &Claimed, body: &[u8], key: &str) -> Result<()> {
        let text = (self.form.text)(head, claimed, body, key)?;
        if self.algorithm.holds(&text, key, &claimed.signature)? {
            return Ok(());
        }
        let shown = (self.form.text)(head, claimed, body, HIDDEN)?;
        Err(Error::new(
            codes::transport::SIGNATURE_WRONG,
            format!(
                "签名与密钥 {} 按“{}”算出的不符；中枢收到的待签文本是：\n{}",
                claimed.key,
                self.title,
                String::from_utf8_lossy(&shown)
            ),
        ))
    }

    /// Signs a request. `key` is the shared secret or the private key; `nonce` is used where the form has one.
    ///
    /// # Errors
    /// `setting` when the key is none of this scheme.
    pub fn sign(
        &self,
        head: &Head<'_>,
        body: &[u8],
        (id, key): (&str, &str),
        (at, nonce): (DateTime<Utc>, &str),
    ) -> Result<Vec<(&'static str, String)>> {
        let mut claimed = Claimed {
            key: id.to_owned(),
            timestamp: (self.form.stamp)(at),
            at,
            nonce: Some(nonce.to_owned()),
            signature: Vec::new(),
        };
        let text = (self.form.text)(head, &claimed, body, key)?;
        claimed.signature = self.algorithm.make(&text, key)?;
        Ok((self.form.headers)(&claimed))
    }
}

/// What may be used once only: the nonce as sent, or, in dialects without one, a digest of the whole request.
///
/// Two requests
/// that are alike to the byte are then one: a replay is refused, and a sender that means both changes nothing by the
/// second.
///
/// # Errors
/// `internal` when the crypto library fails.
pub fn once(head: &Head<'_>, claimed: &Claimed, body: &[u8]) -> Result<String> {
    if let Some(nonce) = &claimed.nonce {
        return Ok(nonce.clone());
    }
    let lines =
        [head.method, head.path, head.query, &crypto::hex(&claimed.signature), &crypto::sha256_hex(body)?];
    // No nonce a partner may choose begins with a tilde.
    crypto::sha256_hex(lines.join("\n").as_bytes()).map(|it| format!("~{it}"))
}

fn malformed(detail: impl Into<String>) -> Error {
    Error::new(codes::transport::SIGNATURE_MALFORMED, detail)
}

/// The values of headers that must all be there.
fn required<'a, const N: usize>(head: &Head<'a>, names: [&'static str; N]) -> Result<[&'a str; N]> {
    let values = names.map(|name| (head.header)(name).map(str::trim).filter(|value| !value.is_empty()));
    let missing: Vec<&str> =
        names.iter().zip(values).filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
    if missing.is_empty() {
        return Ok(values.map(Option::unwrap_or_default));
    }
    Err(Error::new(codes::transport::SIGNATURE_MISSING, format!("请求缺少签名头 {}。", missing.join("、"))))
}

/// A key id as sent: short, visible, no surprises for a log.
fn key_id(name: &str, value: &str) -> Result<String> {
    if value.len() <= 64 && value.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(value.to_owned());
    }
    Err(malformed(format!("{name} 过长或含有特殊字符，应为发放的密钥编号。")))
}

fn base64_value(name: &str, value: &str) -> Result<Vec<u8>> {
    crypto::from_base64(value).ok_or_else(|| malformed(format!("{name} 不是 Base64。")))
}

/// Milliseconds since 1970, as the gateways write time.
fn milliseconds(name: &str, value: &str) -> Result<DateTime<Utc>> {
    value
        .parse()
        .ok()
        .and_then(DateTime::from_timestamp_millis)
        .ok_or_else(|| malformed(format!("{name} 应为 1970 年以来的毫秒数（13 位，如 1767225600000）。")))
}

#[cfg(test)]
mod tests;
