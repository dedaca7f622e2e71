//! What an administrator agreed with a partner: the networks it comes from and how often it may ask.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use actix_web::HttpRequest;

use super::app::App;
use super::throttle::{Pace, Throttle};
use crate::error::{Error, Result, codes};
use crate::store::Partner;

/// The address a request comes from: what the proxy noted last when it is one of ours (`tls.proxies`, or without any the
/// one on this machine that does HTTPS for us), else the other end of the connection. From anybody else that header is
/// only a claim.
pub(super) fn address(req: &HttpRequest, app: &App) -> Option<IpAddr> {
    let peer = req.peer_addr().map(|it| it.ip());
    let forwarded = || {
        let noted = req.headers().get("x-forwarded-for")?.to_str().ok()?;
        noted.rsplit(',').next()?.trim().parse().ok()
    };
    let proxies = &app.settings.tls.proxies;
    let ours = |it: IpAddr| match proxies.is_empty() {
        true => app.settings.https_only && it.is_loopback(),
        false => proxies.contains(&it),
    };
    match peer {
        Some(peer) if ours(peer) => Some(forwarded().unwrap_or(peer)),
        other => other,
    }
}

/// Lets an address nobody vouches for ask now, or says how long it should wait. Who has no address is let through: that is
/// only a socket of this machine.
pub(super) fn slow(
    req: &HttpRequest,
    app: &App,
    throttle: &Throttle<IpAddr>,
    pace: Pace,
) -> std::result::Result<(), Duration> {
    address(req, app).map_or(Ok(()), |from| throttle.ask(from, pace, Instant::now()))
}

/// Admits a request of a partner whose key is known.
///
/// # Errors
/// `address_not_allowed`, `quota_used_up`.
pub(super) fn admit(req: &HttpRequest, app: &App, partner: &Partner) -> Result<()> {
    partner.admits(address(req, app))?;
    let Some(n) = partner.quota_per_minute.and_then(|n| u32::try_from(n).ok()) else { return Ok(()) };
    app.quotas.ask(partner.id.clone(), Pace::per_minute(n), Instant::now()).map_err(|wait| {
        let seconds = wait.as_secs() + 1;
        let detail = format!("“{}”每分钟最多 {n} 次请求，请 {seconds} 秒后再试。", partner.title);
        Error::new(codes::transport::QUOTA_USED_UP, detail).after(wait)
    })
}
