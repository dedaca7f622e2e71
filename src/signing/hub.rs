//! The hub's own form: four headers over seven lines.
//!
//! A partner sends `X-Hub-Key` (key id), `X-Hub-Timestamp` (unix seconds, or RFC 3339), `X-Hub-Nonce`
//! (8 to 64 letters, digits, `-`, `_`, `.`; new for every request) and `X-Hub-Signature`, the Base64 of the signature
//! over seven lines joined by `\n`, without a last line break:
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
//! It follows the provincial gateway's HMAC headers (METHOD, PATH, sorted query, key, date) and adds the nonce
//! and the body, which that gateway leaves unsigned.

use chrono::{DateTime, Utc};

use super::{Claimed, Form, Head, base64_value, key_id, malformed, required};
use crate::crypto;
use crate::error::Result;

/// The form.
pub(super) static FORM: Form = Form { marker: "X-Hub-Key", in_query: false, read, text, stamp, headers };

fn read(head: &Head<'_>) -> Result<Claimed> {
    let [key, timestamp, nonce, signature] =
        required(head, ["X-Hub-Key", "X-Hub-Timestamp", "X-Hub-Nonce", "X-Hub-Signature"])?;
    Ok(Claimed {
        key: key_id("X-Hub-Key", key)?,
        timestamp: timestamp.to_owned(),
        at: instant(timestamp)?,
        nonce: Some(checked_nonce(nonce)?),
        signature: base64_value("X-Hub-Signature", signature)?,
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

fn text(head: &Head<'_>, claimed: &Claimed, body: &[u8], _secret: &str) -> Result<Vec<u8>> {
    let (query, digest) = (sorted_query(head.query), crypto::sha256_hex(body)?);
    let nonce = claimed.nonce.as_deref().unwrap_or_default();
    let lines = [head.method, head.path, &query, &claimed.key, &claimed.timestamp, nonce, &digest];
    Ok(lines.join("\n").into_bytes())
}

fn sorted_query(query: &str) -> String {
    let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_unstable();
    pairs.join("&")
}

fn stamp(at: DateTime<Utc>) -> String {
    at.timestamp().to_string()
}

fn headers(claimed: &Claimed) -> Vec<(&'static str, String)> {
    vec![
        ("X-Hub-Key", claimed.key.clone()),
        ("X-Hub-Timestamp", claimed.timestamp.clone()),
        ("X-Hub-Nonce", claimed.nonce.clone().unwrap_or_default()),
        ("X-Hub-Signature", crypto::base64(&claimed.signature)),
    ]
}
