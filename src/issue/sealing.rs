//! 用印 and its counterpart: puts the organ's signature into a PDF, and tells of a PDF who signed it and whether it still says what was signed.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::clock;
use crate::crypto::{Authorities, Certificate, Scheme, SigningKey, Standing, cms};
use crate::document::FontStore;
use crate::document::pdf::signature::{self, Change, Form, Found, Signing, VisibleSeal};
use crate::error::Result;

/// What a signature says to people.
#[derive(Debug, Clone)]
pub struct Sealing<'a> {
    /// The organ.
    pub organ: &'a str,
    /// What for, e.g. 用印.
    pub reason: &'a str,
    /// When.
    pub at: DateTime<Utc>,
    /// The seal on paper; none for a signature that is not seen.
    pub seal: Option<VisibleSeal<'a>>,
}

/// The signed file. The signed bytes of `pdf` are kept, the signature is appended; a file may be signed again and again.
///
/// # Errors
/// When `pdf` cannot be read, the seal cannot be drawn, or the key cannot sign.
pub fn sign_pdf(
    pdf: &[u8],
    key: &dyn SigningKey,
    sealing: &Sealing<'_>,
    fonts: &FontStore,
) -> Result<Vec<u8>> {
    let form = match key.scheme() {
        Scheme::RsaSha256 => Form::Pades,
        Scheme::Sm2Sm3 => Form::Pkcs7,
    };
    let signing = Signing {
        name: sealing.organ,
        reason: sealing.reason,
        at: sealing.at.with_timezone(&clock::china()),
        form,
        seal: sealing.seal.clone(),
    };
    let prepared = signature::prepare(pdf, &signing, fonts)?;
    let signature = cms::sign(key, &prepared.parts())?;
    prepared.embed(&signature)
}

/// What was found of one signature.
#[derive(Debug, Clone, Serialize)]
pub struct Checked {
    /// In whose name, as it says.
    pub organ: String,
    /// What for, as it says.
    pub reason: String,
    /// When, as it says: the clock of the signer, not of a witness.
    pub signed_at: Option<DateTime<Utc>>,
    /// Holder of the certificate.
    pub holder: String,
    /// Who issued it.
    pub issuer: String,
    /// Its serial number, hex.
    pub serial: String,
    /// Algorithms.
    pub scheme: String,
    /// Whether what was signed is unchanged and signed by that certificate.
    pub intact: bool,
    /// Whether the file was changed behind the signature.
    pub change: ChangeAfter,
    /// Whether the issuer is trusted and the certificate held when it was used.
    pub standing: Standing,
}

/// What came behind a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeAfter {
    /// Nothing.
    None,
    /// Further signatures, nothing else.
    Signed,
    /// Something else.
    Altered,
}

impl Checked {
    /// Whether the file as it is now says what was signed; who signed it is told by [`Checked::standing`].
    #[must_use]
    pub fn holds(&self) -> bool {
        self.intact && self.change != ChangeAfter::Altered
    }

    /// One sentence for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        let state = match (self.intact, self.change) {
            (false, _) => "签名无效，内容或签名已被改动",
            (true, ChangeAfter::None) => "签名有效，覆盖全文",
            (true, ChangeAfter::Signed) => "签名有效，其后只增加了签名",
            (true, ChangeAfter::Altered) => "所签内容未变，但签名之后文件又被改动",
        };
        format!(
            "{}（{}）：{state}；证书 {}，{}。",
            self.organ,
            self.scheme,
            self.holder,
            self.standing.title()
        )
    }
}

/// Checks every signature of a PDF.
///
/// # Errors
/// When the file cannot be read, or holds a signature that cannot be understood.
pub fn check_pdf(pdf: &[u8], authorities: &Authorities, now: DateTime<Utc>) -> Result<Vec<Checked>> {
    signature::find(pdf)?.iter().map(|found| check(pdf, found, authorities, now)).collect()
}

fn check(pdf: &[u8], found: &Found, authorities: &Authorities, now: DateTime<Utc>) -> Result<Checked> {
    let signed = cms::verify(&found.contents, &found.parts(pdf))?;
    let certificate: &Certificate = &signed.certificate;
    let signed_at = found.at.map(|at| at.to_utc());
    Ok(Checked {
        organ: found.name.clone(),
        reason: found.reason.clone(),
        signed_at,
        holder: certificate.holder(),
        issuer: certificate.issuer(),
        serial: certificate.serial(),
        scheme: signed.scheme.clone(),
        intact: signed.intact(),
        change: match found.change {
            Change::None => ChangeAfter::None,
            Change::Signed => ChangeAfter::Signed,
            Change::Altered => ChangeAfter::Altered,
        },
        standing: authorities.standing(certificate, &signed.chain, signed_at.unwrap_or(now))?,
    })
}
