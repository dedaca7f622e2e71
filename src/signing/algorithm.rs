//! What turns a text and a key into a signature.

use crate::crypto;
use crate::error::Result;

/// The algorithms the schemes use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC-SHA256 (RFC 2104) with the secret.
    HmacSha256,
    /// MD5 (RFC 1321) of a text that holds the secret. Broken against collisions; only for partners that know nothing else.
    Md5,
    /// RSA with SHA-256, PKCS #1 v1.5 (RFC 8017 §8.2).
    RsaSha256,
    /// SM2 with SM3 (GB/T 32918.2), ID 1234567812345678; DER or 64 bytes r‖s.
    Sm2Sm3,
}

impl Algorithm {
    /// Whether the signature is of this text. Shared secrets are compared in a time that tells nothing.
    pub(super) fn holds(self, text: &[u8], key: &str, signature: &[u8]) -> Result<bool> {
        Ok(match self {
            Self::HmacSha256 => {
                crypto::constant_time_eq(&crypto::hmac_sha256(key.as_bytes(), text)?, signature)
            }
            Self::Md5 => crypto::constant_time_eq(&crypto::md5(text)?, signature),
            Self::RsaSha256 => crypto::rsa_verify(key, text, signature)?,
            Self::Sm2Sm3 => crypto::sm2_verify(key, text, signature)?,
        })
    }

    /// Signs; `key` is the secret or the private key as PEM.
    pub(super) fn make(self, text: &[u8], key: &str) -> Result<Vec<u8>> {
        match self {
            Self::HmacSha256 => crypto::hmac_sha256(key.as_bytes(), text),
            Self::Md5 => crypto::md5(text),
            Self::RsaSha256 => crypto::rsa_sign(key, text),
            Self::Sm2Sm3 => crypto::sm2_sign(key, text),
        }
    }
}
