//! RSA signatures over SHA-256, PKCS #1 v1.5 (RFC 8017 §8.2).

use openssl::hash::MessageDigest;
use openssl::pkey::{HasPublic, PKeyRef};
use openssl::sign::{Signer, Verifier};

use super::failed;
use super::pem::{private_key, public_key, unusable};
use crate::error::Result;

/// Shorter keys can be broken by those who matter (GM/T 0054, NIST SP 800-131A).
const BITS: u32 = 2048;

/// Whether the signature is of this message.
///
/// # Errors
/// `key_unusable` when the PEM holds no RSA public key of at least 2048 bits.
pub fn rsa_verify(public_pem: &str, message: &[u8], signature: &[u8]) -> Result<bool> {
    let key = public_key(public_pem)?;
    check(&key)?;
    let mut verifier = Verifier::new(MessageDigest::sha256(), &key).map_err(failed)?;
    // A signature of the wrong length is an error to OpenSSL; here it is a wrong signature.
    Ok(verifier.verify_oneshot(signature, message).unwrap_or(false))
}

/// Signs.
///
/// # Errors
/// `key_unusable` when the PEM holds no RSA private key of at least 2048 bits.
pub fn rsa_sign(private_pem: &str, message: &[u8]) -> Result<Vec<u8>> {
    let key = private_key(private_pem)?;
    check(&key)?;
    let mut signer = Signer::new(MessageDigest::sha256(), &key).map_err(failed)?;
    signer.sign_oneshot_to_vec(message).map_err(failed)
}

/// Whether the PEM holds an RSA public key that is long enough.
///
/// # Errors
/// `key_unusable`.
pub fn rsa_check(public_pem: &str) -> Result<()> {
    let key = public_key(public_pem)?;
    check(&key)
}

fn check(key: &PKeyRef<impl HasPublic>) -> Result<()> {
    if key.rsa().is_err() {
        return Err(unusable("不是 RSA 公钥。"));
    }
    if key.bits() < BITS {
        return Err(unusable(&format!("RSA 密钥只有 {} 位，至少要 {BITS} 位。", key.bits())));
    }
    Ok(())
}
