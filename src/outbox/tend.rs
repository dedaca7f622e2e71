//! What a person does about what goes out: stops and resumes a subscription, holds and opens the way to a partner, sends
//! again. Each leaves its audit row in the transaction of the deed.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::error::{Error, Result, codes};
use crate::store::{
    Circuit, Conn, DeliveryFilter, DeliveryId, NewAudit, Outlet, PartnerId, Store, Subscription,
    SubscriptionId, append_audit, find_partner, get_outlet, get_subscription, replay_deliveries,
    replay_delivery, save_circuit, set_subscription_status,
};

/// Who does it, and when.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// Login, partner or `cli`.
    pub actor: &'a str,
    /// The request it came by.
    pub trace_id: Option<&'a str>,
    /// When.
    pub now: DateTime<Utc>,
}

impl By<'_> {
    fn account(&self, conn: &mut Conn, action: &str, object: (&str, &str), detail: &Value) -> Result<()> {
        let audit = NewAudit {
            actor: self.actor,
            action,
            object_kind: object.0,
            object_id: object.1,
            detail,
            trace_id: self.trace_id,
        };
        append_audit(conn, &audit, self.now)
    }
}

/// Stops a subscription. What has not arrived is kept.
///
/// # Errors
/// `parameter` without a reason; `record_not_found`.
pub fn stop(conn: &mut Conn, id: &SubscriptionId, why: &str, by: By<'_>) -> Result<Subscription> {
    let why = reason(why)?;
    set_subscription_status(conn, id, Some(why), by.now)?;
    by.account(conn, "subscription.stopped", ("subscription", id.as_str()), &json!({ "note": why }))?;
    get_subscription(conn, id)
}

fn reason(why: &str) -> Result<&str> {
    let why = why.trim();
    if why.is_empty() {
        return Err(Error::new(codes::transport::PARAMETER, "请写明原因，供对方和后来的人查看。"));
    }
    Ok(why)
}

/// Serves a subscription again, from where it stood.
///
/// # Errors
/// `record_not_found`.
pub fn resume(conn: &mut Conn, id: &SubscriptionId, by: By<'_>) -> Result<Subscription> {
    set_subscription_status(conn, id, None, by.now)?;
    by.account(conn, "subscription.resumed", ("subscription", id.as_str()), &json!({}))?;
    get_subscription(conn, id)
}

/// Holds the way to a partner: what it is to get waits, whatever the number of its subscriptions, until [`reopen`]. What is
/// on its way at this moment still arrives.
///
/// # Errors
/// `parameter` without a reason; `record_not_found`.
pub fn hold(conn: &mut Conn, partner: &PartnerId, why: &str, by: By<'_>) -> Result<Outlet> {
    let why = reason(why)?;
    let way = Outlet {
        circuit: Circuit::Held,
        open_until: None,
        note: Some(why.to_owned()),
        ..way_to(conn, partner)?
    };
    save_circuit(conn, &way)?;
    by.account(conn, "outlet.held", ("partner", partner.as_str()), &json!({ "note": why }))?;
    Ok(way)
}

/// Lets the way to a partner be used again: one that was held at once, one that has opened its circuit by a probe now
/// instead of later.
///
/// # Errors
/// `record_not_found`.
pub fn reopen(conn: &mut Conn, partner: &PartnerId, by: By<'_>) -> Result<Outlet> {
    let way = way_to(conn, partner)?;
    let way = match way.circuit {
        Circuit::Open => Outlet { open_until: None, ..way },
        Circuit::Held | Circuit::Closed => {
            Outlet { circuit: Circuit::Closed, failures: 0, opened: 0, open_until: None, note: None, ..way }
        }
    };
    save_circuit(conn, &way)?;
    by.account(conn, "outlet.reopened", ("partner", partner.as_str()), &json!({}))?;
    Ok(way)
}

fn way_to(conn: &mut Conn, partner: &PartnerId) -> Result<Outlet> {
    if find_partner(conn, partner)?.is_none() {
        return Err(Error::new(codes::record::NOT_FOUND, format!("没有标识为“{partner}”的对接单位。")));
    }
    get_outlet(conn, partner)
}

/// Sends one delivery again under its receipt id.
///
/// # Errors
/// `record_not_found` when there is none, or it is still waiting.
pub fn send_again(conn: &mut Conn, id: &DeliveryId, by: By<'_>) -> Result<()> {
    replay_delivery(conn, id, by.now)?;
    by.account(conn, "delivery.replayed", ("delivery", id.as_str()), &json!({ "count": 1 }))
}

/// Sends again all that a filter finds, in transactions of at most 1,000; how many.
///
/// # Errors
/// `parameter` when the filter names neither a time nor what is missing: nobody means to send everything again.
pub fn send_all_again(store: &Store, filter: &DeliveryFilter, by: By<'_>) -> Result<i64> {
    if !filter.missing && filter.since.is_none() {
        let detail = "重发全部投递过于宽泛：请给出起始时间，或只重发没有送到的。";
        return Err(Error::new(codes::transport::PARAMETER, detail));
    }
    let of = filter.subscription.as_ref().map_or("", |it| it.as_str());
    let mut all = 0;
    loop {
        let n = store.write(|conn| {
            let n = replay_deliveries(conn, filter, by.now, by.now)?;
            if n > 0 {
                by.account(conn, "delivery.replayed", ("subscription", of), &json!({ "count": n }))?;
            }
            Ok(n)
        })?;
        all += n;
        if n == 0 {
            return Ok(all);
        }
    }
}
