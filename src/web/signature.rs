//! Signed requests: what is signed, how far the clock may be off, how the headers look.
//!
//! A partner sends four headers: `X-Hub-Key` (key id), `X-Hub-Timestamp` (unix seconds, or RFC 3339), `X-Hub-Nonce`
//! (8 to 64 letters, digits, `-`, `_`, `.`; new for every request) and `X-Hub-Signature`, the Base64 of
//! HMAC-SHA256 with the key's secret over seven lines joined by `\n`, without a last line break:
//!
//! ```text
//! METHOD            upper case
//! PATH              as sent, percent-encoding untouched
//! QUERY             the pairs as sent, sorted by byte, joined by &; empty when there is none
//! KEY               X-Hub-Key
//! TIMESTAMP         X-Hub-Timestamp as sent
//! NONCE             X-Hub-Nonce
//! BODY              lower-case hex SHA-256 of the body as sent; of nothing when there is none
//! ```
//!
//! The scheme follows the provincial gateway's HMAC headers (METHOD, PATH, sorted query, key, date) and adds the nonce
//! and the body, which that gateway leaves unsigned.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use crate::error::{Error, Result, codes};

/// Settings of signature verification.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Largest difference between the request's time and ours.
    pub window: Duration,
}

/// The four headers, understood but not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Key id.
    pub key: String,
    /// The time as sent, because that is what was signed.
    pub timestamp: String,
    /// The time.
    pub at: DateTime<Utc>,
    /// Used once.
    pub nonce: String,
    /// HMAC-SHA256, 32 bytes when it is right.
    pub signature: Vec<u8>,
}

/// What is signed besides the headers.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Upper case.
    pub method: &'a str,
    /// As sent.
    pub path: &'a str,
    /// As sent, without `?`.
    pub query: &'a str,
}

/// Reads the headers by name.
///
/// # Errors
/// `signature_missing` naming every header that is not there; `signature_malformed` naming the one that is wrong.
pub fn read<'h>(header: impl Fn(&str) -> Option<&'h str>) -> Result<Claimed> {
    const NAMES: [&str; 4] = ["X-Hub-Key", "X-Hub-Timestamp", "X-Hub-Nonce", "X-Hub-Signature"];
    let values = NAMES.map(|name| header(name).map(str::trim).filter(|value| !value.is_empty()));
    let [Some(key), Some(timestamp), Some(nonce), Some(signature)] = values else {
        let missing: Vec<&str> =
            NAMES.iter().zip(values).filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
        return Err(Error::new(
            codes::transport::SIGNATURE_MISSING,
            format!("请求缺少签名头 {}。", missing.join("、")),
        ));
    };
    if key.len() > 64 {
        return Err(malformed("X-Hub-Key 过长，应为发放的密钥编号。"));
    }
    Ok(Claimed {
        key: key.to_owned(),
        timestamp: timestamp.to_owned(),
        at: instant(timestamp)?,
        nonce: checked_nonce(nonce)?,
        signature: STANDARD
            .decode(signature)
            .map_err(|e| malformed("X-Hub-Signature 不是 Base64。").because(e))?,
    })
}

fn instant(text: &str) -> Result<DateTime<Utc>> {
    let parsed = match text.parse::<i64>() {
        Ok(seconds) => DateTime::from_timestamp(seconds, 0),
        Err(_not_a_number) => DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc)),
    };
    parsed.ok_or_else(|| {
        malformed("X-Hub-Timestamp 应为 Unix 秒数（如 1767225600）或 RFC 3339 时间（如 2026-01-01T08:00:00+08:00）。")
    })
}

fn checked_nonce(text: &str) -> Result<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if (8..=64).contains(&text.len()) && text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err(malformed("X-Hub-Nonce 应为 8 到 64 位字母、数字或 - _ . 。"))
    }
}

fn malformed(detail: &str) -> Error {
    Error::new(codes::transport::SIGNATURE_MALFORMED, detail)
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

/// The text that is signed.
#[must_use]
pub fn text_to_sign(target: Target<'_>, claimed: &Claimed, body_sha256_hex: &str) -> String {
    let query = sorted_query(target.query);
    [target.method, target.path, &query, &claimed.key, &claimed.timestamp, &claimed.nonce, body_sha256_hex]
        .join("\n")
}

fn sorted_query(query: &str) -> String {
    let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_unstable();
    pairs.join("&")
}

#[cfg(test)]
mod tests;
