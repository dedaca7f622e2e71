//! The headers of Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`.
//!
//! Signed is `id.timestamp.body` with HMAC-SHA256; the signature header lists one `v1,<base64>` for each key that counts, so
//! that a partner can change over to a new key while the old one still verifies (standard-webhooks.com, specification
//! §"Signature scheme").

use chrono::{DateTime, Utc};

use crate::crypto;
use crate::error::Result;

/// The three headers of one request. `secrets` are those of all keys that count, the newest first.
///
/// # Errors
/// `internal` when the crypto library fails.
pub fn seal(
    id: &str,
    at: DateTime<Utc>,
    body: &[u8],
    secrets: &[Vec<u8>],
) -> Result<[(&'static str, String); 3]> {
    let timestamp = at.timestamp().to_string();
    let mut signed = format!("{id}.{timestamp}.").into_bytes();
    signed.extend_from_slice(body);
    let signatures: Result<Vec<String>> = secrets
        .iter()
        .map(|secret| crypto::hmac_sha256_base64(secret, &signed).map(|mac| format!("v1,{mac}")))
        .collect();
    Ok([
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", signatures?.join(" ")),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector every library of Standard Webhooks tests with.
    #[test]
    fn the_published_vector_is_signed_as_published() {
        use base64::Engine;
        let secret =
            base64::engine::general_purpose::STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let at = DateTime::from_timestamp(1_614_265_330, 0).unwrap();
        let body = br#"{"test": 2432232314}"#;
        let headers =
            seal("msg_p5jXN8AQM9LWM0D4loKWxJek", at, body, &[secret.clone(), b"new".to_vec()]).unwrap();
        let [(_, id), (_, timestamp), (_, signature)] = &headers;
        assert_eq!((id.as_str(), timestamp.as_str()), ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330"));
        let mut listed = signature.split(' ');
        assert_eq!(listed.next(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert!(listed.next().is_some_and(|it| it.starts_with("v1,")), "one signature for each key");
    }
}
