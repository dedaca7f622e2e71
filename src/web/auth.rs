//! Partners at the door: key, clock, signature or certificate, nonce; in the order that lets us refuse before reading
//! the body.

use actix_web::HttpRequest;
use chrono::{DateTime, TimeDelta, Utc};

use super::answer::deed;
use super::app::App;
use super::limits;
use super::tls::{self, ClientCertificate};
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::intake::Nonce;
use crate::signing::{self, Claimed, Head, Keying, Scheme};
use crate::store::{KeyId, KeyStatus, Partner, PartnerKey, Standing, find_key, take_nonce};

/// Scheme of keys that are client certificates: the TLS handshake is the proof.
pub const CERTIFICATE: &str = "client-certificate";

/// A request whose key is good and whose time is near; its signature is still to be checked against the body.
pub struct Knocking {
    partner: Partner,
    key: PartnerKey,
    proof: Proof,
}

enum Proof {
    /// Checked when the connection was opened.
    Certificate,
    Signature {
        scheme: &'static Scheme,
        claimed: Claimed,
        expires_at: DateTime<Utc>,
    },
}

/// A partner whose request is its own.
pub struct Caller {
    /// Who.
    pub partner: Partner,
    /// By which key.
    pub key: KeyId,
    /// To be taken in the transaction of what the request does; none when TLS alone vouches for the request and already
    /// keeps it from being replayed.
    pub nonce: Option<Nonce>,
}

/// Calls `f` with the head of a request.
fn with_head<T>(req: &HttpRequest, f: impl FnOnce(&Head<'_>) -> T) -> T {
    let header = |name: &str| req.headers().get(name)?.to_str().ok();
    f(&Head {
        method: req.method().as_str(),
        path: req.uri().path(),
        query: req.query_string(),
        header: &header,
    })
}

/// Checks headers, clock and key; nothing of the body is read yet, so strangers cannot make the hub hold one.
///
/// # Errors
/// The `signature_*`, `clock_skew`, `key_*`, `certificate_*`, `scheme_mismatch` and `partner_disabled` codes.
pub async fn knock(req: &HttpRequest, app: &App) -> Result<Knocking> {
    let shown = tls::certificate(req, &app.settings.tls)?;
    if shown.is_none() && app.settings.tls.client == ClientCertificate::Required {
        return Err(Error::new(
            codes::transport::CERTIFICATE_MISSING,
            "本中枢要求对接系统出示客户端证书，这次连接没有出示或没有通过验证。",
        ));
    }
    let owner = match shown {
        Some(id) => Some(known(app, id, codes::transport::CERTIFICATE_UNKNOWN).await?),
        None => None,
    };
    match owner {
        Some((key, partner)) if !with_head(req, signing::is_signed) => {
            within_limits(req, app, Knocking { partner, key, proof: Proof::Certificate })
        }
        owner => {
            let knocking = signed(req, app).await?;
            match owner {
                Some((key, partner)) if partner.id != knocking.partner.id => {
                    Err(of_other(&key, &knocking.partner.id))
                }
                _ => within_limits(req, app, knocking),
            }
        }
    }
}

async fn signed(req: &HttpRequest, app: &App) -> Result<Knocking> {
    let (form, claimed) = with_head(req, signing::read)?;
    signing::check_clock(&claimed, clock::now(), app.signature.window)?;
    let (key, partner) = known(app, KeyId::from(claimed.key.as_str()), codes::transport::KEY_UNKNOWN).await?;
    let scheme = signing::find(&key.scheme).filter(|it| it.speaks(form)).ok_or_else(|| {
        let agreed = signing::find(&key.scheme).map_or(key.scheme.as_str(), |it| it.title);
        Error::new(
            codes::transport::SCHEME_MISMATCH,
            format!("密钥 {} 的签名方案是“{agreed}”，请求用的却是另一种方案的签名头。", key.id),
        )
    })?;
    // The nonce must be remembered as long as the same request would still pass the clock check.
    let window = TimeDelta::from_std(app.signature.window).unwrap_or(TimeDelta::MAX);
    let expires_at =
        claimed.at.checked_add_signed(window).unwrap_or(DateTime::<Utc>::MAX_UTC) + TimeDelta::seconds(1);
    Ok(Knocking { partner, key, proof: Proof::Signature { scheme, claimed, expires_at } })
}

/// The key and its partner, both in good standing.
async fn known(app: &App, id: KeyId, unknown: crate::error::Code) -> Result<(PartnerKey, Partner)> {
    let store = app.intake.store.clone();
    let asked = id.clone();
    let found = deed(move || store.read(|conn| find_key(conn, &asked))).await?;
    let (key, partner) =
        found.ok_or_else(|| Error::new(unknown, format!("没有编号为“{id}”的密钥或证书。")))?;
    check_standing(&key, &partner, clock::now())?;
    Ok((key, partner))
}

/// Where the partner comes from and how often is asked once for each request, whatever proves who it is.
fn within_limits(req: &HttpRequest, app: &App, knocking: Knocking) -> Result<Knocking> {
    limits::admit(req, app, &knocking.partner)?;
    Ok(knocking)
}

fn check_standing(key: &PartnerKey, partner: &Partner, now: DateTime<Utc>) -> Result<()> {
    if key.status == KeyStatus::Revoked {
        return Err(Error::new(codes::transport::KEY_REVOKED, format!("密钥 {} 已吊销。", key.id)));
    }
    if key.expires_at.is_some_and(|at| at.utc() <= now) {
        return Err(Error::new(codes::transport::KEY_EXPIRED, format!("密钥 {} 已过期。", key.id)));
    }
    if partner.status != Standing::Active {
        return Err(Error::new(
            codes::transport::PARTNER_DISABLED,
            format!("对接单位“{}”已停用。", partner.title),
        ));
    }
    Ok(())
}

fn of_other(key: &PartnerKey, partner: &impl std::fmt::Display) -> Error {
    Error::new(
        codes::transport::KEY_OF_OTHER,
        format!("密钥 {} 不属于“{partner}”，不能访问它的接口。", key.id),
    )
}

impl Knocking {
    /// Refuses a key that belongs to another partner than the address names.
    ///
    /// # Errors
    /// `key_of_other_partner`.
    pub fn must_be(&self, partner: &str) -> Result<()> {
        if self.partner.id.as_str() == partner { Ok(()) } else { Err(of_other(&self.key, &partner)) }
    }

    /// Checks the signature over the body.
    ///
    /// # Errors
    /// `signature_wrong`, with the text that should have been signed.
    pub fn verify(self, req: &HttpRequest, app: &App, body: &[u8]) -> Result<Caller> {
        let nonce = match &self.proof {
            Proof::Certificate => None,
            Proof::Signature { scheme, claimed, expires_at } => {
                let key = match scheme.keying {
                    Keying::Shared => app.keys.secret(&self.key.id)?,
                    Keying::Pair => self.key.public_key.clone().unwrap_or_default(),
                };
                let value = with_head(req, |head| {
                    scheme.verify(head, claimed, body, &key)?;
                    signing::once(head, claimed, body)
                })?;
                Some(Nonce { value, expires_at: *expires_at })
            }
        };
        Ok(Caller { partner: self.partner, key: self.key.id, nonce })
    }
}

/// Admits a request without a body: everything above, and the nonce is taken at once.
///
/// # Errors
/// As [`knock`] and [`Knocking::verify`]; `nonce_replayed`.
pub async fn admit(req: &HttpRequest, app: &App) -> Result<Caller> {
    let caller = knock(req, app).await?.verify(req, app, b"")?;
    take(app, &caller).await?;
    Ok(caller)
}

/// Takes the nonce of a request that stores nothing else.
///
/// # Errors
/// `nonce_replayed`.
pub async fn take(app: &App, caller: &Caller) -> Result<()> {
    let Some(nonce) = caller.nonce.clone() else { return Ok(()) };
    let (writer, partner) = (app.intake.writer.clone(), caller.partner.id.clone());
    let fresh =
        deed(move || writer.write(move |conn| take_nonce(conn, &partner, &nonce.value, nonce.expires_at)))
            .await?;
    if fresh { Ok(()) } else { Err(crate::intake::replayed()) }
}
