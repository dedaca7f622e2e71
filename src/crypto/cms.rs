//! Detached signatures as CMS `SignedData` (RFC 5652), with the signer's certificate bound in (RFC 5035): what PDF signatures hold.
//!
//! Put together here, because OpenSSL 3.0 cannot do it for SM2 (measured: "not supported for this key type"). SM2 signatures use the
//! same structure with the algorithms of GM/T 0006.

use openssl::hash::{Hasher, MessageDigest};
use openssl::sign::Verifier;

use super::certificate::Certificate;
use super::der::{CONTEXT_0, INTEGER, NULL, OCTETS, OID, Reader, SEQUENCE, SET, Value, oid, value};
use super::key::{Scheme, SigningKey};
use super::{failed, sm2};
use crate::error::{Error, Result, codes};

/// 1.2.840.113549.1.7.1
const DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01];
/// 1.2.840.113549.1.7.2
const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
/// 1.2.840.113549.1.9.3
const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03];
/// 1.2.840.113549.1.9.4
const MESSAGE_DIGEST: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04];
/// 1.2.840.113549.1.9.16.2.47
const SIGNING_CERTIFICATE_V2: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x2F];
/// 2.16.840.1.101.3.4.2.1
const SHA_256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
/// 1.2.156.10197.1.401
const SM3: &[u8] = &[0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x83, 0x11];
/// 1.2.840.113549.1.1.11
const RSA_SHA_256: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B];
/// 1.2.156.10197.1.501
const SM2_SM3: &[u8] = &[0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x83, 0x75];

impl Scheme {
    fn digest(self) -> (MessageDigest, &'static [u8]) {
        match self {
            Scheme::RsaSha256 => (MessageDigest::sha256(), SHA_256),
            Scheme::Sm2Sm3 => (MessageDigest::sm3(), SM3),
        }
    }

    /// The identifier of the signature, with the empty parameters that RSA wants.
    fn signature(self) -> Vec<u8> {
        match self {
            Scheme::RsaSha256 => value(SEQUENCE, &[&oid(RSA_SHA_256), &NULL]),
            Scheme::Sm2Sm3 => value(SEQUENCE, &[&oid(SM2_SM3)]),
        }
    }
}

fn hash_of(digest: MessageDigest, parts: &[&[u8]]) -> Result<Vec<u8>> {
    let mut hasher = Hasher::new(digest).map_err(failed)?;
    for part in parts {
        hasher.update(part).map_err(failed)?;
    }
    hasher.finish().map(|it| it.to_vec()).map_err(failed)
}

/// Signs what the parts say one after another. The time is not in it: PDF has its own place for that (ETSI EN 319 142-1, 6.3).
///
/// # Errors
/// When the key cannot sign.
pub fn sign(key: &dyn SigningKey, parts: &[&[u8]]) -> Result<Vec<u8>> {
    let scheme = key.scheme();
    let (digest, digest_oid) = scheme.digest();
    let certificate = key.certificate().0.to_der().map_err(failed)?;
    let mut attributes = [
        attribute(CONTENT_TYPE, &oid(DATA)),
        attribute(MESSAGE_DIGEST, &value(OCTETS, &[&hash_of(digest, parts)?])),
        attribute(SIGNING_CERTIFICATE_V2, &bound(scheme, &certificate)?),
    ];
    // DER orders the members of a set.
    attributes.sort();
    let attributes = attributes.concat();
    let signature = key.sign(&value(SET, &[&attributes]))?;
    let algorithm = value(SEQUENCE, &[&oid(digest_oid), &NULL]);
    let signer = value(
        SEQUENCE,
        &[
            &value(INTEGER, &[&[1]]),
            &issuer_and_serial(key.certificate())?,
            &algorithm,
            &value(CONTEXT_0, &[&attributes]),
            &scheme.signature(),
            &value(OCTETS, &[&signature]),
        ],
    );
    let mut certificates = certificate;
    for other in key.chain() {
        certificates.extend(other.0.to_der().map_err(failed)?);
    }
    let signed = value(
        SEQUENCE,
        &[
            &value(INTEGER, &[&[1]]),
            &value(SET, &[&algorithm]),
            &value(SEQUENCE, &[&oid(DATA)]),
            &value(CONTEXT_0, &[&certificates]),
            &value(SET, &[&signer]),
        ],
    );
    Ok(value(SEQUENCE, &[&oid(SIGNED_DATA), &value(CONTEXT_0, &[&signed])]))
}

fn attribute(name: &[u8], content: &[u8]) -> Vec<u8> {
    value(SEQUENCE, &[&oid(name), &value(SET, &[content])])
}

/// `SigningCertificateV2`: the digest of the certificate, so that no other one with the same key can be put in its place.
fn bound(scheme: Scheme, certificate: &[u8]) -> Result<Vec<u8>> {
    let (digest, digest_oid) = scheme.digest();
    let hash = value(OCTETS, &[&hash_of(digest, &[certificate])?]);
    // SHA-256 is what a reader assumes when no algorithm is named.
    let id = match scheme {
        Scheme::RsaSha256 => value(SEQUENCE, &[&hash]),
        Scheme::Sm2Sm3 => value(SEQUENCE, &[&value(SEQUENCE, &[&oid(digest_oid)]), &hash]),
    };
    Ok(value(SEQUENCE, &[&value(SEQUENCE, &[&id])]))
}

fn issuer_and_serial(certificate: &Certificate) -> Result<Vec<u8>> {
    let issuer = certificate.0.issuer_name().to_der().map_err(failed)?;
    let serial = certificate.0.serial_number().to_bn().map_err(failed)?.to_vec();
    // A first bit that is set would make the number negative.
    let sign: &[u8] = if serial.first().is_none_or(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
    Ok(value(SEQUENCE, &[&issuer, &value(INTEGER, &[sign, &serial])]))
}

/// What a signature says of itself, and whether it is right.
#[derive(Debug, Clone)]
pub struct Signature {
    /// The certificate of the signer. Whether to trust it is another question, see [`super::Authorities::standing`].
    pub certificate: Certificate,
    /// The other certificates that came along.
    pub chain: Vec<Certificate>,
    /// How it was made, for people.
    pub scheme: String,
    /// Whether the digest is that of the parts.
    pub digest_right: bool,
    /// Whether the signature over the digest is by the key of the certificate.
    pub signature_right: bool,
}

impl Signature {
    /// Whether exactly these parts were signed by the holder of the certificate.
    #[must_use]
    pub fn intact(&self) -> bool {
        self.digest_right && self.signature_right
    }
}

fn unsupported(what: &str) -> Error {
    Error::new(codes::document::SIGNATURE_BROKEN, format!("不支持这种签名：{what}。"))
}

/// Reads a detached signature and checks it against the parts. Bytes behind its end are left alone: PDF pads with zeros.
///
/// # Errors
/// When it cannot be read as a signature at all, or uses algorithms that are not known here.
pub fn verify(bytes: &[u8], parts: &[&[u8]]) -> Result<Signature> {
    let mut outer = Reader::new(bytes).expect(SEQUENCE)?.inside();
    if outer.expect(OID)?.content != SIGNED_DATA {
        return Err(unsupported("不是 SignedData"));
    }
    let mut signed = outer.expect(CONTEXT_0)?.inside().expect(SEQUENCE)?.inside();
    signed.expect(INTEGER)?;
    signed.expect(SET)?;
    signed.expect(SEQUENCE)?;
    let certificates = signed.optional(CONTEXT_0).map(Value::inside).into_iter().flatten();
    let certificates: Vec<Certificate> =
        certificates.filter_map(|it| Certificate::from_der(it.whole).ok()).collect();
    // Lists of revoked certificates, which we have no use for.
    signed.optional(CONTEXT_0 | 1);
    let mut signer = signed.expect(SET)?.inside().expect(SEQUENCE)?.inside();
    signer.expect(INTEGER)?;
    let (certificate, chain) = pick(certificates, signer.any()?)?;
    let digest = Digest::named(signer.expect(SEQUENCE)?.inside().expect(OID)?.content)?;
    let attributes = signer.expect(CONTEXT_0)?;
    let algorithm = signer.expect(SEQUENCE)?.inside().expect(OID)?.content;
    let signature = signer.expect(OCTETS)?.content;
    let found = hash_of(digest.of(), parts)?;
    // Signed is the set itself, not the place it has in the structure.
    let message = value(SET, &[attributes.content]);
    Ok(Signature {
        digest_right: message_digest(attributes).is_some_and(|it| it == found),
        signature_right: bound_to(&certificate, attributes, digest)?
            && right(&certificate, digest, algorithm, &message, signature)?,
        scheme: format!("{}/{}", if certificate.is_sm2() { "SM2" } else { "RSA" }, digest.title()),
        certificate,
        chain,
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Digest {
    Sha256,
    Sha384,
    Sha512,
    Sm3,
}

impl Digest {
    fn named(name: &[u8]) -> Result<Self> {
        match name {
            SHA_256 => Ok(Self::Sha256),
            [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02] => Ok(Self::Sha384),
            [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03] => Ok(Self::Sha512),
            SM3 => Ok(Self::Sm3),
            _ => Err(unsupported("摘要算法")),
        }
    }

    fn of(self) -> MessageDigest {
        match self {
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
            Self::Sm3 => MessageDigest::sm3(),
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Sm3 => "SM3",
        }
    }
}

/// The certificate that the signer names by issuer and number, and the others.
fn pick(mut all: Vec<Certificate>, signer: Value<'_>) -> Result<(Certificate, Vec<Certificate>)> {
    let named = |it: &Certificate| issuer_and_serial(it).is_ok_and(|id| id == signer.whole);
    let at = all.iter().position(named).ok_or_else(|| unsupported("没有附带签名人的证书"))?;
    Ok((all.remove(at), all))
}

fn attribute_of<'a>(attributes: Value<'a>, name: &[u8]) -> Option<Value<'a>> {
    attributes.inside().find_map(|attribute| {
        let mut parts = attribute.inside();
        let is = parts.optional(OID)?.content == name;
        is.then(|| parts.optional(SET)?.inside().any().ok()).flatten()
    })
}

fn message_digest(attributes: Value<'_>) -> Option<&[u8]> {
    attribute_of(attributes, MESSAGE_DIGEST).map(|it| it.content)
}

/// Where the attributes name the signer's certificate by its digest, whether it is this one.
fn bound_to(certificate: &Certificate, attributes: Value<'_>, digest: Digest) -> Result<bool> {
    let Some(named) = attribute_of(attributes, SIGNING_CERTIFICATE_V2) else { return Ok(true) };
    let mut first = named.inside().expect(SEQUENCE)?.inside().expect(SEQUENCE)?.inside();
    let digest = match first.optional(SEQUENCE) {
        Some(algorithm) => Digest::named(algorithm.inside().expect(OID)?.content)?,
        None if digest == Digest::Sm3 => Digest::Sm3,
        None => Digest::Sha256,
    };
    let der = certificate.0.to_der().map_err(failed)?;
    Ok(first.expect(OCTETS)?.content == hash_of(digest.of(), &[&der])?)
}

fn right(
    certificate: &Certificate,
    digest: Digest,
    algorithm: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<bool> {
    let key = certificate.0.public_key().map_err(failed)?;
    if certificate.is_sm2() {
        return sm2::verify(&key, message, signature);
    }
    // 1.2.840.113549.1.1.10, whose parameters would have to be read.
    if algorithm.ends_with(&[0x01, 0x01, 0x0A]) || key.rsa().is_err() {
        return Err(unsupported("签名算法"));
    }
    let mut verifier = Verifier::new(digest.of(), &key).map_err(failed)?;
    // A signature of the wrong length is an error of the library, and for us just not right.
    Ok(verifier.verify_oneshot(signature, message).unwrap_or(false))
}
