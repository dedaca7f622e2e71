//! Digests, signatures, message authentication, password hashes and random bytes: the only door to OpenSSL and Argon2.

mod certificate;
pub mod cms;
mod der;
mod key;
mod password;
mod pem;
mod rsa;
mod sm2;
mod tls;

pub use certificate::{Authorities, Certificate, Standing};
pub use key::{FileKey, Scheme, SigningKey};
pub use password::{hash_password, verify_password};
pub use pem::{certificate_end, certificate_fingerprint};
pub use rsa::{rsa_check, rsa_sign, rsa_verify};
pub use sm2::{sm2_check, sm2_sign, sm2_verify};
pub use tls::acceptor;

use openssl::hash::{MessageDigest, hash};
use openssl::pkey::PKey;
use openssl::sign::Signer;

use crate::error::{Error, Result};

fn failed(cause: impl std::fmt::Display) -> Error {
    Error::internal(format!("openssl: {cause}"))
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| char::from(DIGITS.get(usize::from(n)).copied().unwrap_or(b'0'));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes of hexadecimal digits in either case; none when it is something else.
#[must_use]
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|it| u8::try_from(it).ok());
    let pair = |it: &[u8]| match *it {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

/// The bytes of standard Base64 with padding; none when it is something else.
#[must_use]
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    use ::base64::Engine;
    ::base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// MD5 (RFC 1321), for partners' old gateways only.
pub fn md5(bytes: &[u8]) -> Result<Vec<u8>> {
    hash(MessageDigest::md5(), bytes).map(|it| it.to_vec()).map_err(failed)
}

/// SHA-256, lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> Result<String> {
    hash(MessageDigest::sha256(), bytes).map(|it| hex(&it)).map_err(failed)
}

/// SM3 (GB/T 32905), lower-case hex.
pub fn sm3_hex(bytes: &[u8]) -> Result<String> {
    hash(MessageDigest::sm3(), bytes).map(|it| hex(&it)).map_err(failed)
}

/// A SHA-256 fed piece by piece, for files that are never in memory as a whole.
pub struct Sha256(openssl::hash::Hasher);

impl Sha256 {
    /// Nothing fed yet.
    pub fn new() -> Result<Self> {
        openssl::hash::Hasher::new(MessageDigest::sha256()).map(Self).map_err(failed)
    }

    /// Feeds the next piece.
    pub fn update(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.update(bytes).map_err(failed)
    }

    /// The digest of everything fed, lower-case hex.
    pub fn finish_hex(mut self) -> Result<String> {
        self.0.finish().map(|it| hex(&it)).map_err(failed)
    }
}

/// HMAC-SHA256 (RFC 2104).
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> Result<Vec<u8>> {
    let key = PKey::hmac(key).map_err(failed)?;
    let mut signer = Signer::new(MessageDigest::sha256(), &key).map_err(failed)?;
    signer.sign_oneshot_to_vec(message).map_err(failed)
}

/// HMAC-SHA256 as padded Base64, the form partners send.
pub fn hmac_sha256_base64(key: &[u8], message: &[u8]) -> Result<String> {
    hmac_sha256(key, message).map(|mac| base64(&mac))
}

/// Standard Base64 with padding.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    openssl::base64::encode_block(bytes)
}

/// `N` bytes nobody can guess.
pub fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    openssl::rand::rand_bytes(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// A token of 256 random bits, 64 hex digits, for cookies and forms.
pub fn random_token() -> Result<String> {
    random_bytes::<32>().map(|it| hex(&it))
}

/// Whether two secrets are equal, in a time that does not tell where they differ.
#[must_use]
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && openssl::memcmp::eq(a, b)
}

/// The key all partner secrets are derived from. It lives in a file or the environment, never in the database.
#[derive(Clone)]
pub struct MasterKey(Vec<u8>);

impl MasterKey {
    /// At least 32 bytes, as made by [`random_token`]; fewer are refused.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self> {
        let bytes = bytes.into();
        if bytes.len() < 32 {
            return Err(Error::new(
                crate::error::codes::machine::SETTING,
                format!("主密钥至少 32 字节，现有 {} 字节。", bytes.len()),
            ));
        }
        Ok(Self(bytes))
    }

    /// The secret of a partner's key: `base64(HMAC-SHA256(master, "partner-key:" + key id))`. Nothing has to be stored,
    /// and a copy of the database opens no door.
    pub fn partner_secret(&self, key_id: &str) -> Result<String> {
        hmac_sha256_base64(&self.0, format!("partner-key:{key_id}").as_bytes())
    }

    /// What signs what is sent to a partner under one of its keys: `HMAC-SHA256(master, "webhook-key:" + key id)`. Another
    /// secret than [`MasterKey::partner_secret`], so that a signature made for one direction is worth nothing in the other.
    pub fn webhook_secret(&self, key_id: &str) -> Result<Vec<u8>> {
        hmac_sha256(&self.0, format!("webhook-key:{key_id}").as_bytes())
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

#[cfg(test)]
mod tests;
