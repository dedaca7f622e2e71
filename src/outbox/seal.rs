//! The headers of Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`.
//!
//! Signed is `id.timestamp.body` with HMAC-SHA256; the signature header lists one `v1,<base64>` for each key that counts, so
//! that a partner can change over to a new key while the old one still verifies (standard-webhooks.com, specification
//! §"Signature scheme"). A hub that holds an SM2 key adds `v1sm2,<base64>` over the same text: SM2 with SM3 (GB/T 32918.2, ID
//! 1234567812345678) in DER, for partners that must verify with commercial ciphers (商用密码).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};

use crate::crypto;
use crate::error::Result;

/// How far a receiver lets the time of a request stray from its own clock: five minutes, as the libraries of Standard Webhooks do.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// The hub's own SM2 private key, as PEM.
#[derive(Clone)]
pub struct Sm2Key(Arc<str>);

impl Sm2Key {
    /// A key that was seen to sign.
    ///
    /// # Errors
    /// `key_unusable` when the PEM holds no SM2 private key.
    pub fn new(pem: &str) -> Result<Self> {
        crypto::sm2_sign(pem, b"").map(|_signature| Self(pem.into()))
    }
}

impl std::fmt::Debug for Sm2Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sm2Key(…)")
    }
}

/// The three headers of one request. `secrets` are those of all keys that count, the newest first.
///
/// # Errors
/// `internal` when the crypto library fails.
pub fn seal(
    id: &str,
    at: DateTime<Utc>,
    body: &[u8],
    secrets: &[Vec<u8>],
    sm2: Option<&Sm2Key>,
) -> Result<[(&'static str, String); 3]> {
    let timestamp = at.timestamp().to_string();
    let mut signed = format!("{id}.{timestamp}.").into_bytes();
    signed.extend_from_slice(body);
    let mut signatures = secrets
        .iter()
        .map(|secret| crypto::hmac_sha256_base64(secret, &signed).map(|mac| format!("v1,{mac}")))
        .collect::<Result<Vec<String>>>()?;
    if let Some(key) = sm2 {
        let signature = crypto::sm2_sign(&key.0, &signed)?;
        signatures.push(format!("v1sm2,{}", STANDARD.encode(signature)));
    }
    Ok([
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", signatures.join(" ")),
    ])
}

/// What a receiver finds about the three headers of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Seal {
    /// Signed by a key that counts, and of now.
    Sound,
    /// A header is not there or its time is no time.
    Missing,
    /// Signed, but so long ago or so far ahead that it may be a replay.
    Stale,
    /// Signed by no key that counts, or changed since.
    Broken,
}

/// Checks a request as its receiver does, over the bytes as they came.
///
/// # Errors
/// `internal` when the crypto library fails.
pub fn check_seal<'a>(
    header: &dyn Fn(&str) -> Option<&'a str>,
    body: &[u8],
    secrets: &[Vec<u8>],
    now: DateTime<Utc>,
) -> Result<Seal> {
    let at = header("webhook-timestamp").and_then(|it| DateTime::from_timestamp(it.parse().ok()?, 0));
    let (Some(id), Some(at), Some(shown)) = (header("webhook-id"), at, header("webhook-signature")) else {
        return Ok(Seal::Missing);
    };
    let [_, _, (_, expected)] = seal(id, at, body, secrets, None)?;
    let fits =
        |it: &str| expected.split(' ').any(|one| crypto::constant_time_eq(one.as_bytes(), it.as_bytes()));
    Ok(match shown.split(' ').any(fits) {
        false => Seal::Broken,
        true if (now - at).abs() > TOLERANCE => Seal::Stale,
        true => Seal::Sound,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_tells_sound_from_broken_stale_and_missing() {
        let at = DateTime::from_timestamp(1_614_265_330, 0).unwrap();
        let headers = seal("msg_1", at, b"{}", &[b"old".to_vec(), b"new".to_vec()], None).unwrap();
        let header = |name: &str| headers.iter().find(|it| it.0 == name).map(|it| it.1.as_str());
        let found = |body: &[u8], secret: &[u8], late: i64| {
            check_seal(&header, body, &[secret.to_vec()], at + TimeDelta::seconds(late)).unwrap()
        };
        assert_eq!(found(b"{}", b"old", 0), Seal::Sound);
        assert_eq!(found(b"{}", b"new", 300), Seal::Sound);
        assert_eq!(found(b"{}", b"new", 301), Seal::Stale);
        assert_eq!(found(b"{ }", b"new", 0), Seal::Broken);
        assert_eq!(found(b"{}", b"other", 0), Seal::Broken);
        let bare = |name: &str| header(name).filter(|_| name != "webhook-id");
        assert_eq!(check_seal(&bare, b"{}", &[b"old".to_vec()], at).unwrap(), Seal::Missing);
    }

    /// The vector every library of Standard Webhooks tests with.
    #[test]
    fn the_published_vector_is_signed_as_published() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let at = DateTime::from_timestamp(1_614_265_330, 0).unwrap();
        let body = br#"{"test": 2432232314}"#;
        let headers =
            seal("msg_p5jXN8AQM9LWM0D4loKWxJek", at, body, &[secret.clone(), b"new".to_vec()], None).unwrap();
        let [(_, id), (_, timestamp), (_, signature)] = &headers;
        assert_eq!((id.as_str(), timestamp.as_str()), ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330"));
        let mut listed = signature.split(' ');
        assert_eq!(listed.next(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert!(listed.next().is_some_and(|it| it.starts_with("v1,")), "one signature for each key");
    }

    #[test]
    fn an_sm2_signature_of_the_same_text_stands_beside() {
        let private = include_str!("../crypto/sm2/gbt32918-5.private.pem");
        let public = include_str!("../crypto/sm2/gbt32918-5.public.pem");
        let key = Sm2Key::new(private).unwrap();
        let at = DateTime::from_timestamp(1_614_265_330, 0).unwrap();
        let [_, _, (_, signature)] = seal("m1", at, b"{}", &[b"secret".to_vec()], Some(&key)).unwrap();
        let (v1, sm2) = signature.split_once(' ').unwrap();
        assert!(v1.starts_with("v1,"));
        let sm2 = STANDARD.decode(sm2.strip_prefix("v1sm2,").unwrap()).unwrap();
        assert!(crypto::sm2_verify(public, b"m1.1614265330.{}", &sm2).unwrap());
        assert!(!crypto::sm2_verify(public, b"m1.1614265330.{ }", &sm2).unwrap());
        assert!(!format!("{key:?}").contains("PRIVATE"));
        assert!(Sm2Key::new(public).is_err());
    }
}
