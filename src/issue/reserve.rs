//! 预留: a number set aside for a document to come, used at 编号 or given up with a reason. Each is a row of the audit.

use chrono::{DateTime, Datelike, Utc};
use serde_json::json;

use super::life::Actor;
use crate::clock::china_date;
use crate::error::{Error, Result, codes};
use crate::store::{
    Conn, NewAudit, NumberState, RegisteredNumber, Taking, append_audit, close_number, list_register,
    reserve_number,
};

/// Sets the next number of a series aside.
///
/// # Errors
/// No reason; a year that is neither this one nor the next: its counter would begin by mistake.
pub fn reserve(
    conn: &mut Conn,
    series: &str,
    year: i32,
    reason: &str,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<RegisteredNumber> {
    let reason = reason_given(reason, "预留文号")?;
    let this_year = china_date(now).year();
    if !(this_year..=this_year + 1).contains(&year) {
        return Err(Error::new(
            codes::record::NUMBER_UNAVAILABLE,
            format!("只能预留 {this_year} 年和 {} 年的文号。", this_year + 1),
        ));
    }
    let taken = reserve_number(conn, Taking { series, year, by: &who.login, now }, reason)?;
    tell(conn, "number.reserved", &taken.number, reason, who, now)?;
    Ok(taken)
}

/// Gives a reserved number up: it stays in the register as skipped (空号).
///
/// # Errors
/// No reason; the number is not reserved.
pub fn give_up_reserved(
    conn: &mut Conn,
    (series, year, n): (&str, i32, i32),
    reason: &str,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    let reason = reason_given(reason, "注销预留号")?;
    let found = list_register(conn, series, year)?
        .into_iter()
        .find(|it| it.n == n && it.state == NumberState::Reserved)
        .ok_or_else(|| {
            Error::new(codes::record::NUMBER_UNAVAILABLE, format!("{series}〔{year}〕{n} 号不是预留号。"))
        })?;
    close_number(conn, series, year, n, NumberState::Skipped, reason)?;
    tell(conn, "number.skipped", &found.number, reason, who, now)
}

fn reason_given<'a>(reason: &'a str, deed: &str) -> Result<&'a str> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::new(codes::document::OPINION, format!("{deed}须写明理由，理由入文号簿。")));
    }
    Ok(reason)
}

fn tell(
    conn: &mut Conn,
    action: &str,
    number: &str,
    reason: &str,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    let detail = json!({ "reason": reason });
    let audit = NewAudit {
        actor: &who.login,
        action,
        object_kind: "number",
        object_id: number,
        detail: &detail,
        trace_id: None,
    };
    append_audit(conn, &audit, now)
}
