//! Certificates: whose they are, how long they hold, and who vouches for them.

use chrono::{DateTime, TimeDelta, Utc};
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::nid::Nid;
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyParam;
use openssl::x509::{X509, X509NameRef, X509StoreContext};

use super::{der, failed, hex, sm2};
use crate::error::{Error, Result, codes};

/// A certificate.
#[derive(Clone)]
pub struct Certificate(pub(super) X509);

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Certificate").field(&self.holder()).finish()
    }
}

/// Whether somebody we trust stands behind a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// One of the configured authorities issued it, and it held at the time asked for.
    Trusted,
    /// Issued by a configured authority, but it did not hold at the time asked for.
    Expired,
    /// None of the configured authorities stands behind it.
    Unknown,
}

impl Standing {
    /// Chinese name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Standing::Trusted => "由受信任的机构颁发，签名时有效",
            Standing::Expired => "由受信任的机构颁发，但签名时不在有效期内",
            Standing::Unknown => "颁发机构不在受信任之列",
        }
    }
}

/// The authorities whose certificates are trusted.
#[derive(Debug, Clone, Default)]
pub struct Authorities(Vec<Certificate>);

impl Authorities {
    /// From PEM, any number of certificates one after another.
    ///
    /// # Errors
    /// When it is not PEM or holds no certificate.
    pub fn from_pem(pem: &[u8]) -> Result<Self> {
        let found = X509::stack_from_pem(pem).map_err(|cause| unreadable().because(cause))?;
        if found.is_empty() {
            return Err(unreadable());
        }
        Ok(Self(found.into_iter().map(Certificate).collect()))
    }

    /// How a certificate stood at a time. `chain` may hold certificates between it and an authority; SM2 certificates must be
    /// issued by an authority itself, because OpenSSL 3.0 cannot follow chains whose signatures carry an identity.
    ///
    /// # Errors
    /// When the library fails, not when the certificate is bad.
    pub fn standing(
        &self,
        certificate: &Certificate,
        chain: &[Certificate],
        at: DateTime<Utc>,
    ) -> Result<Standing> {
        let held = certificate.held_at(at)?;
        let vouched = if certificate.is_sm2() {
            let mut issuers = self.0.iter().filter(|it| it.names_issuer_of(certificate) && it.is_authority());
            issuers.any(|issuer| issuer.issued(certificate))
        } else {
            self.follows(certificate, chain).map_err(failed)?
        };
        Ok(match (vouched, held) {
            (true, true) => Standing::Trusted,
            (true, false) => Standing::Expired,
            (false, _) => Standing::Unknown,
        })
    }

    /// The chain as OpenSSL follows it, times left to the caller.
    fn follows(
        &self,
        certificate: &Certificate,
        chain: &[Certificate],
    ) -> std::result::Result<bool, openssl::error::ErrorStack> {
        let mut store = X509StoreBuilder::new()?;
        for authority in &self.0 {
            store.add_cert(authority.0.clone())?;
        }
        let mut rules = X509VerifyParam::new()?;
        rules.set_flags(openssl::x509::verify::X509VerifyFlags::NO_CHECK_TIME)?;
        store.set_param(&rules)?;
        let store = store.build();
        let mut between = Stack::new()?;
        for it in chain {
            between.push(it.0.clone())?;
        }
        X509StoreContext::new()?.init(&store, &certificate.0, &between, |context| context.verify_cert())
    }
}

fn unreadable() -> Error {
    Error::new(codes::machine::SETTING, "证书读不出来：应为 PEM 格式的证书。")
}

impl Certificate {
    /// From DER.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_der(bytes: &[u8]) -> Result<Self> {
        X509::from_der(bytes).map(Self).map_err(|cause| unreadable().because(cause))
    }

    /// Who holds it, `CN=…, O=…`.
    #[must_use]
    pub fn holder(&self) -> String {
        name(self.0.subject_name())
    }

    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> String {
        name(self.0.issuer_name())
    }

    /// Serial number, hex.
    #[must_use]
    pub fn serial(&self) -> String {
        self.0.serial_number().to_bn().map(|it| hex(&it.to_vec())).unwrap_or_default()
    }

    /// First and last moment of its validity.
    ///
    /// # Errors
    /// When it states times that cannot be read.
    pub fn validity(&self) -> Result<(DateTime<Utc>, DateTime<Utc>)> {
        Ok((moment(self.0.not_before())?, moment(self.0.not_after())?))
    }

    /// Whether its key is one of SM2.
    #[must_use]
    pub fn is_sm2(&self) -> bool {
        self.0.public_key().is_ok_and(|key| sm2::is_sm2(&key))
    }

    fn held_at(&self, at: DateTime<Utc>) -> Result<bool> {
        let (from, to) = self.validity()?;
        Ok((from..=to).contains(&at))
    }

    fn names_issuer_of(&self, other: &Certificate) -> bool {
        let (own, named) = (self.0.subject_name().to_der(), other.0.issuer_name().to_der());
        matches!((own, named), (Ok(own), Ok(named)) if own == named)
    }

    /// Whether it says that it may issue certificates. Its text form is the only one in which the binding shows extensions.
    fn is_authority(&self) -> bool {
        let text = self.0.to_text().unwrap_or_default();
        String::from_utf8_lossy(&text).contains("CA:TRUE")
    }

    /// Whether the signature of `other`, an SM2 certificate, is by this one's key.
    fn issued(&self, other: &Certificate) -> bool {
        let check = || -> Result<bool> {
            let der = other.0.to_der().map_err(failed)?;
            let signed = der::Reader::new(&der).expect(der::SEQUENCE)?.inside().expect(der::SEQUENCE)?;
            let key = self.0.public_key().map_err(failed)?;
            sm2::verify(&key, signed.whole, other.0.signature().as_slice())
        };
        check().unwrap_or(false)
    }
}

fn name(name: &X509NameRef) -> String {
    let part = |nid: Nid, label: &str| {
        let entry = name.entries_by_nid(nid).next()?;
        Some(format!("{label}={}", entry.data().to_string().ok()?))
    };
    let parts = [(Nid::COMMONNAME, "CN"), (Nid::ORGANIZATIONNAME, "O"), (Nid::COUNTRYNAME, "C")];
    parts.into_iter().filter_map(|(nid, label)| part(nid, label)).collect::<Vec<_>>().join(", ")
}

fn moment(time: &Asn1TimeRef) -> Result<DateTime<Utc>> {
    let epoch = Asn1Time::from_unix(0).map_err(failed)?;
    let since = epoch.diff(time).map_err(failed)?;
    let offset = TimeDelta::days(i64::from(since.days)) + TimeDelta::seconds(i64::from(since.secs));
    Ok(DateTime::UNIX_EPOCH + offset)
}
