//! SM2 with SM3 (GB/T 32918.2, GM/T 0009): the digest that is signed covers who signs as well as what.

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, PointConversionForm};
use openssl::hash::{MessageDigest, hash};
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, PKeyRef, Private};
use openssl::pkey_ctx::PkeyCtx;

use super::failed;
use crate::error::Result;

/// The identity of signers who have agreed on none (GM/T 0009, 10).
const IDENTITY: &[u8; 16] = b"1234567812345678";
/// The curve, as a key names it: 1.2.156.10197.1.301.
const CURVE: [u8; 10] = [0x06, 0x08, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D];

/// Whether a key is one of SM2. The key itself does not tell: read from PEM, its type is unknown to the binding.
pub(super) fn is_sm2<T: HasPublic>(key: &PKeyRef<T>) -> bool {
    key.public_key_to_der().is_ok_and(|der| der.windows(CURVE.len()).any(|it| it == CURVE))
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
pub(super) fn verify<T: HasPublic>(key: &PKeyRef<T>, message: &[u8], signature: &[u8]) -> Result<bool> {
    let digest = digest(key, message)?;
    let mut context = PkeyCtx::new(key).map_err(failed)?;
    context.verify_init().map_err(failed)?;
    // A signature that is no DER at all is an error of the library, and for us just not right.
    Ok(context.verify(&digest, signature).unwrap_or(false))
}

/// e = SM3(Z ‖ M), where Z is the digest of the identity, the curve and the public key.
fn digest<T: HasPublic>(key: &PKeyRef<T>, message: &[u8]) -> Result<Vec<u8>> {
    let mut about = 128u16.to_be_bytes().to_vec();
    about.extend_from_slice(IDENTITY);
    about.extend(curve()?);
    let public = key.public_key_to_der().map_err(failed)?;
    let point = public.len().checked_sub(64).and_then(|at| public.get(at..));
    about.extend_from_slice(point.ok_or_else(|| failed("SM2 key without a point"))?);
    let mut whole = hash(MessageDigest::sm3(), &about).map_err(failed)?.to_vec();
    whole.extend_from_slice(message);
    Ok(hash(MessageDigest::sm3(), &whole).map_err(failed)?.to_vec())
}

/// The numbers a and b of the curve and the coordinates of its generator.
fn curve() -> Result<Vec<u8>> {
    let read = || -> std::result::Result<Vec<u8>, openssl::error::ErrorStack> {
        let group = EcGroup::from_curve_name(Nid::SM2)?;
        let mut context = BigNumContext::new()?;
        let (mut p, mut a, mut b) = (BigNum::new()?, BigNum::new()?, BigNum::new()?);
        group.components_gfp(&mut p, &mut a, &mut b, &mut context)?;
        // The named curve has a generator; were there none, no signature would verify.
        let generator = group
            .generator_opt()
            .map(|it| it.to_bytes(&group, PointConversionForm::UNCOMPRESSED, &mut context))
            .transpose()?
            .unwrap_or_default();
        let coordinates = generator.get(1..).unwrap_or_default();
        Ok([&a.to_vec_padded(32)?[..], &b.to_vec_padded(32)?, coordinates].concat())
    };
    read().map_err(failed)
}
