//! Partners at the door: key, clock, signature, nonce; in the order that lets us refuse before reading the body.

use actix_web::HttpRequest;
use chrono::{DateTime, TimeDelta, Utc};

use super::answer::deed;
use super::app::App;
use super::signature::{self, Claimed, Target};
use crate::clock;
use crate::crypto;
use crate::error::{Error, Result, codes};
use crate::intake::Nonce;
use crate::store::{KeyId, KeyStatus, Partner, PartnerKey, Standing, find_key, take_nonce};

/// A request whose key is good and whose time is near; its signature is still to be checked against the body.
pub struct Knocking {
    claimed: Claimed,
    partner: Partner,
    key: PartnerKey,
    expires_at: DateTime<Utc>,
}

/// A partner whose request is its own.
pub struct Caller {
    /// Who.
    pub partner: Partner,
    /// By which key.
    pub key: KeyId,
    /// To be taken in the transaction of what the request does.
    pub nonce: Nonce,
}

/// Checks headers, clock and key; nothing of the body is read yet, so strangers cannot make the hub hold one.
///
/// # Errors
/// The `signature_*`, `clock_skew`, `key_*` and `partner_disabled` codes.
pub async fn knock(req: &HttpRequest, app: &App) -> Result<Knocking> {
    let claimed = signature::read(|name| req.headers().get(name)?.to_str().ok())?;
    let now = clock::now();
    signature::check_clock(&claimed, now, app.signature.window)?;
    let store = app.intake.store.clone();
    let id = KeyId::from(claimed.key.as_str());
    let found = deed(move || store.read(|conn| find_key(conn, &id))).await?;
    let (key, partner) = found.ok_or_else(|| {
        Error::new(codes::transport::KEY_UNKNOWN, format!("没有编号为“{}”的密钥。", claimed.key))
    })?;
    check_standing(&key, &partner, now)?;
    // The nonce must be remembered as long as the same request would still pass the clock check.
    let window = TimeDelta::from_std(app.signature.window).unwrap_or(TimeDelta::MAX);
    let expires_at =
        claimed.at.checked_add_signed(window).unwrap_or(DateTime::<Utc>::MAX_UTC) + TimeDelta::seconds(1);
    Ok(Knocking { claimed, partner, key, expires_at })
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

impl Knocking {
    /// Refuses a key that belongs to another partner than the address names.
    ///
    /// # Errors
    /// `key_of_other_partner`.
    pub fn must_be(&self, partner: &str) -> Result<()> {
        if self.partner.id.as_str() == partner {
            return Ok(());
        }
        Err(Error::new(
            codes::transport::KEY_OF_OTHER,
            format!("密钥 {} 不属于“{partner}”，不能访问它的接口。", self.key.id),
        ))
    }

    /// Checks the signature over the body.
    ///
    /// # Errors
    /// `signature_wrong`, with the text that should have been signed: it holds no secret and spares a day of guessing.
    pub fn verify(self, req: &HttpRequest, app: &App, body: &[u8]) -> Result<Caller> {
        let digest = crypto::sha256_hex(body)?;
        let target =
            Target { method: req.method().as_str(), path: req.uri().path(), query: req.query_string() };
        let text = signature::text_to_sign(target, &self.claimed, &digest);
        let secret = app.keys.secret(&self.key.id)?;
        let expected = crypto::hmac_sha256(secret.as_bytes(), text.as_bytes())?;
        if !crypto::constant_time_eq(&expected, &self.claimed.signature) {
            return Err(Error::new(
                codes::transport::SIGNATURE_WRONG,
                format!("签名与密钥 {} 算出的不符；中枢收到的待签文本是：\n{text}", self.key.id),
            ));
        }
        let nonce = Nonce { value: self.claimed.nonce, expires_at: self.expires_at };
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
    let writer = app.intake.writer.clone();
    let (partner, nonce) = (caller.partner.id.clone(), caller.nonce.clone());
    let fresh =
        deed(move || writer.write(move |conn| take_nonce(conn, &partner, &nonce.value, nonce.expires_at)))
            .await?;
    if fresh { Ok(()) } else { Err(crate::intake::replayed()) }
}
