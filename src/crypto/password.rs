//! Passwords: Argon2id, stored as PHC text that names its own parameters.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

use super::random_bytes;
use crate::error::{Error, Result};

fn failed(cause: impl std::fmt::Display) -> Error {
    Error::internal(format!("argon2: {cause}"))
}

/// 19 MiB, 2 passes, 1 lane: the first choice of RFC 9106's successor guidance for interactive logins (OWASP, Argon2id).
fn hasher() -> Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A hash with a fresh salt. Takes tens of milliseconds on purpose: call it off the event loop.
pub fn hash_password(password: &str) -> Result<String> {
    let salt = SaltString::encode_b64(&random_bytes::<16>()?).map_err(failed)?;
    hasher()?.hash_password(password.as_bytes(), &salt).map(|it| it.to_string()).map_err(failed)
}

/// Whether a password belongs to a stored hash. A hash that cannot be read fits no password.
#[must_use]
pub fn verify_password(password: &str, stored: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(stored) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()
}
