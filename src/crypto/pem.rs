//! Keys as PEM text, as partners hand them over.

use chrono::{DateTime, Utc};
use openssl::asn1::Asn1Time;
use openssl::pkey::{PKey, Private, Public};
use openssl::x509::X509;

use super::failed;
use crate::error::{Error, Result, codes};

pub(super) fn unusable(why: &str) -> Error {
    Error::new(codes::transport::KEY_UNUSABLE, format!("公钥用不了：{why}"))
}

/// A public key, or the one in a certificate: partners send either.
pub(super) fn public_key(pem: &str) -> Result<PKey<Public>> {
    let found = if pem.contains("BEGIN CERTIFICATE") {
        X509::from_pem(pem.as_bytes()).and_then(|it| it.public_key())
    } else {
        PKey::public_key_from_pem(pem.as_bytes())
    };
    found.map_err(|e| unusable("不是 PEM 格式的公钥或证书。").because(e))
}

pub(super) fn private_key(pem: &str) -> Result<PKey<Private>> {
    PKey::private_key_from_pem(pem.as_bytes()).map_err(|e| unusable("不是 PEM 格式的私钥。").because(e))
}

fn certificate(pem: &str) -> Result<X509> {
    X509::from_pem(pem.as_bytes()).map_err(|e| unusable("不是 PEM 格式的证书。").because(e))
}

/// SHA-256 of a certificate as it is on the wire (DER), lower-case hex: how it is named.
///
/// # Errors
/// `key_unusable` when the text is no PEM certificate.
pub fn certificate_fingerprint(pem: &str) -> Result<String> {
    let der = certificate(pem)?.to_der().map_err(failed)?;
    super::sha256_hex(&der)
}

/// When a certificate (the first, where a chain follows) ends.
///
/// # Errors
/// `key_unusable` when the text is no PEM certificate or its end is no date.
pub fn certificate_end(pem: &str) -> Result<DateTime<Utc>> {
    let found = certificate(pem)?;
    let since = Asn1Time::from_unix(0).and_then(|epoch| epoch.diff(found.not_after())).map_err(failed)?;
    let (days, seconds) = (i64::from(since.days), i64::from(since.secs));
    DateTime::from_timestamp(days * 86_400 + seconds, 0).ok_or_else(|| unusable("证书的有效期截止不是日期。"))
}

#[cfg(test)]
mod tests {
    use openssl::asn1::Asn1Time;
    use openssl::ec::{EcGroup, EcKey};
    use openssl::hash::MessageDigest;
    use openssl::nid::Nid;
    use openssl::pkey::PKey;
    use openssl::x509::X509;

    use super::certificate_end;
    use crate::error::codes;

    #[test]
    fn a_certificate_ends_when_it_says() {
        let mut made = X509::builder().unwrap();
        made.set_not_before(&Asn1Time::from_unix(1_767_196_800).unwrap()).unwrap();
        made.set_not_after(&Asn1Time::from_unix(4_102_444_799).unwrap()).unwrap();
        let key = super::private_key(include_str!("sm2/gbt32918-5.private.pem")).unwrap();
        made.set_pubkey(&key).unwrap();
        // Only a signed certificate can be written; OpenSSL signs with the key of another curve just as well.
        let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let signer = PKey::from_ec_key(EcKey::generate(&curve).unwrap()).unwrap();
        made.sign(&signer, MessageDigest::sha256()).unwrap();
        let pem = String::from_utf8(made.build().to_pem().unwrap()).unwrap();
        assert_eq!(certificate_end(&pem).unwrap().to_rfc3339(), "2099-12-31T23:59:59+00:00");
        assert_eq!(certificate_end("").unwrap_err().code, codes::transport::KEY_UNUSABLE);
    }
}
