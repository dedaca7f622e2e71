//! SM2 signatures with SM3 (GB/T 32918.2-2016) in safe code.
//!
//! OpenSSL 3.0 signs with an empty user id unless told otherwise by a call its Rust binding does not have. So the digest
//! `e = SM3(Z_A ‖ M)` is computed here, with the id all of China uses by default (GM/T 0009-2012 §10), and signed as it is.

use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::hash::{Hasher, MessageDigest};
use openssl::pkey::{HasPublic, PKey, PKeyRef, Private};
use openssl::pkey_ctx::PkeyCtx;

use super::failed;
use super::pem::{private_key, public_key, unusable};
use crate::error::Result;

/// User id and its length in bits, two bytes, as they open `Z_A`.
const ID: &[u8] = b"\x00\x801234567812345678";

/// `a, b, x_G, y_G` of the curve (GB/T 32918.5-2017 §2).
const CURVE: &str = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC\
                     28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93\
                     32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7\
                     BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0";

/// What every public key on this curve begins with: id-ecPublicKey, sm2 (1.2.156.10197.1.301), an uncompressed point.
const PREFIX: &str = "3059301306072A8648CE3D020106082A811CCF5501822D03420004";

/// Whether an SM2 signature, DER or r‖s, is of this message. What is no signature at all is not of it.
///
/// # Errors
/// `key_unusable` when the PEM holds no SM2 public key.
pub fn sm2_verify(public_pem: &str, message: &[u8], signature: &[u8]) -> Result<bool> {
    let key = public_key(public_pem)?;
    if verify(&key, message, signature)? {
        return Ok(true);
    }
    match signature.split_at_checked(32) {
        Some((r, s)) if s.len() == 32 => verify(&key, message, &der(r, s)?),
        _ => Ok(false),
    }
}

fn der(r: &[u8], s: &[u8]) -> Result<Vec<u8>> {
    let number = |bytes| BigNum::from_slice(bytes).map_err(failed);
    EcdsaSig::from_private_components(number(r)?, number(s)?).and_then(|it| it.to_der()).map_err(failed)
}

/// An SM2 signature in DER.
///
/// # Errors
/// `key_unusable` when the PEM holds no SM2 private key.
pub fn sm2_sign(private_pem: &str, message: &[u8]) -> Result<Vec<u8>> {
    let key: PKey<_> = private_key(private_pem)?;
    sign(&key, message)
}

/// Whether the PEM holds an SM2 public key.
///
/// # Errors
/// `key_unusable`.
pub fn sm2_check(public_pem: &str) -> Result<()> {
    let key: PKey<_> = public_key(public_pem)?;
    if is_sm2(&key) { Ok(()) } else { Err(unusable(NO_SM2)) }
}

/// What is said of keys on another curve or of another kind.
const NO_SM2: &str = "不是 SM2 曲线上的公钥。";

/// Whether a key is one of SM2. The key itself does not tell: read from PEM, its type is unknown to the binding.
pub(super) fn is_sm2(key: &PKeyRef<impl HasPublic>) -> bool {
    point(key).is_ok()
}

/// Signs, in DER.
pub(super) fn sign(key: &PKeyRef<Private>, message: &[u8]) -> Result<Vec<u8>> {
    let digest = digest(key, message)?;
    let mut context = PkeyCtx::new(key).map_err(failed)?;
    context.sign_init().map_err(failed)?;
    let mut signature = Vec::new();
    context.sign_to_vec(&digest, &mut signature).map_err(failed)?;
    Ok(signature)
}

/// Whether a signature in DER is right.
pub(super) fn verify(key: &PKeyRef<impl HasPublic>, message: &[u8], signature: &[u8]) -> Result<bool> {
    let digest = digest(key, message)?;
    let mut context = PkeyCtx::new(key).map_err(failed)?;
    context.verify_init().map_err(failed)?;
    // OpenSSL answers a malformed signature with an error; for us it is just not right.
    Ok(context.verify(&digest, signature).unwrap_or(false))
}

/// `e = SM3(Z_A ‖ M)`.
fn digest(key: &PKeyRef<impl HasPublic>, message: &[u8]) -> Result<Vec<u8>> {
    let za = user(&point(key)?)?;
    let mut hasher = Hasher::new(MessageDigest::sm3()).map_err(failed)?;
    hasher.update(&za).and_then(|()| hasher.update(message)).map_err(failed)?;
    hasher.finish().map(|it| it.to_vec()).map_err(failed)
}

/// `Z_A = SM3(ENTL ‖ ID ‖ a ‖ b ‖ x_G ‖ y_G ‖ x_A ‖ y_A)`.
fn user(point: &[u8]) -> Result<Vec<u8>> {
    let curve = super::from_hex(CURVE).unwrap_or_default();
    let mut hasher = Hasher::new(MessageDigest::sm3()).map_err(failed)?;
    for piece in [ID, &curve, point] {
        hasher.update(piece).map_err(failed)?;
    }
    hasher.finish().map(|it| it.to_vec()).map_err(failed)
}

/// `x_A ‖ y_A`. The binding gives no coordinates of a key OpenSSL holds as SM2; its DER form has one shape only.
fn point(key: &PKeyRef<impl HasPublic>) -> Result<Vec<u8>> {
    let der = key.public_key_to_der().map_err(failed)?;
    let prefix = super::from_hex(PREFIX).unwrap_or_default();
    der.strip_prefix(prefix.as_slice())
        .filter(|point| point.len() == 64)
        .map(<[u8]>::to_vec)
        .ok_or_else(|| unusable(NO_SM2))
}

#[cfg(test)]
mod tests {
    use super::{digest, point, public_key, sm2_check, sm2_sign, sm2_verify, user};
    use crate::crypto::{from_hex, hex};
    use crate::error::codes;

    const PUBLIC: &str = include_str!("sm2/gbt32918-5.public.pem");
    const PRIVATE: &str = include_str!("sm2/gbt32918-5.private.pem");

    /// GB/T 32918.5-2017 appendix A.2: message, `Z_A`, e and the signature's halves.
    const MESSAGE: &[u8] = b"message digest";
    const ZA: &str = "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3";
    const E: &str = "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640";
    const RS: &str = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3\
                      b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";

    #[test]
    fn the_standards_example_holds() {
        let key = public_key(PUBLIC).unwrap();
        assert_eq!(hex(&user(&point(&key).unwrap()).unwrap()), ZA);
        assert_eq!(hex(&digest(&key, MESSAGE).unwrap()), E);
        let signature = from_hex(RS).unwrap();
        assert!(sm2_verify(PUBLIC, MESSAGE, &signature).unwrap());
        assert!(!sm2_verify(PUBLIC, b"message digesT", &signature).unwrap());
    }

    #[test]
    fn what_is_signed_verifies_in_both_spellings_and_nothing_else_does() {
        let der = sm2_sign(PRIVATE, MESSAGE).unwrap();
        assert!(sm2_verify(PUBLIC, MESSAGE, &der).unwrap());
        assert_ne!(der, sm2_sign(PRIVATE, MESSAGE).unwrap(), "every signature has its own random number");
        for n in 0..der.len() {
            let mut bent = der.clone();
            bent[n] ^= 1;
            assert!(!sm2_verify(PUBLIC, MESSAGE, &bent).unwrap(), "byte {n}");
        }
        for odd in [&b""[..], &[0; 64], &[0xff; 64], &[0x30; 71]] {
            assert!(!sm2_verify(PUBLIC, MESSAGE, odd).unwrap());
        }
    }

    #[test]
    fn other_keys_are_refused() {
        let rsa = openssl::rsa::Rsa::generate(2048).unwrap().public_key_to_pem().unwrap();
        for pem in [
            "",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            std::str::from_utf8(&rsa).unwrap(),
        ] {
            assert_eq!(sm2_check(pem).unwrap_err().code, codes::transport::KEY_UNUSABLE);
        }
        sm2_check(PUBLIC).unwrap();
    }
}
