//! Partners, their keys and the nonces already seen. A key's secret is derived (`crypto`), never stored.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use ipnet::IpNet;

use super::conn::{Conn, each_backend};
use super::types::{Instant, Json, KeyId, PartnerId};
use super::words::{KeyStatus, Standing};
use crate::error::Result;
use crate::error::{Error, codes};
use crate::schema::{nonce, partner, partner_key};

/// A partner system.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = partner, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Partner {
    /// Stable English name; the folder of its mappings and part of its address.
    pub id: PartnerId,
    /// Chinese name.
    pub title: String,
    /// Department it speaks for, as in the model's authority lists.
    pub department: String,
    /// Administrative division it speaks for; none when for all.
    pub division: Option<String>,
    /// Whether it may come in.
    pub status: Standing,
    /// Networks it may come from, JSON list of CIDR texts; empty means any.
    pub ip_allow: Json,
    /// Requests a minute; none means no limit.
    pub quota_per_minute: Option<i32>,
    /// When it was registered.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl Partner {
    /// Whether it may come from an address; one that is unknown is in no network.
    ///
    /// # Errors
    /// `address_not_allowed`; `internal` when what is stored is no list of networks.
    pub fn admits(&self, from: Option<IpAddr>) -> Result<()> {
        let nets: Vec<IpNet> = self.ip_allow.read()?;
        // A listener on [::] sees 10.1.2.3 as ::ffff:10.1.2.3.
        let from = from.map(|it| it.to_canonical());
        if nets.is_empty() || from.is_some_and(|from| nets.iter().any(|net| net.contains(&from))) {
            return Ok(());
        }
        let from = from.map_or_else(|| "未知地址".to_owned(), |it| it.to_string());
        let detail = format!("“{}”只能从约定的网段访问，这次来自 {from}。", self.title);
        Err(Error::new(codes::transport::ADDRESS_NOT_ALLOWED, detail))
    }
}

/// A partner's key, without its secret.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = partner_key, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct PartnerKey {
    /// Travels with every request.
    pub id: KeyId,
    /// Whose it is.
    pub partner: PartnerId,
    /// Signature scheme, such as `hmac-sha256`.
    pub scheme: String,
    /// Whether it still counts.
    pub status: KeyStatus,
    /// For schemes with key pairs: the partner's public key, PEM.
    pub public_key: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Instant,
    /// When it stops counting.
    pub expires_at: Option<Instant>,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
    /// When it last opened the door; kept to the hour, so that requests do not fight for the row.
    pub last_used_at: Option<Instant>,
}

/// Registers a partner or replaces what is known of it.
pub fn save_partner(conn: &mut Conn, row: &Partner) -> Result<()> {
    each_backend!(conn => diesel::insert_into(partner::table).values(row).on_conflict(partner::id).do_update().set(row).execute(conn))?;
    Ok(())
}

/// The partner of this name, if registered.
pub fn find_partner(conn: &mut Conn, id: &PartnerId) -> Result<Option<Partner>> {
    Ok(partner::table.find(id).select(Partner::as_select()).get_result(conn).optional()?)
}

/// All partners by name.
pub fn list_partners(conn: &mut Conn) -> Result<Vec<Partner>> {
    Ok(partner::table.order(partner::id).select(Partner::as_select()).load(conn)?)
}

/// Adds a key.
pub fn insert_key(conn: &mut Conn, row: &PartnerKey) -> Result<()> {
    diesel::insert_into(partner_key::table).values(row).execute(conn)?;
    Ok(())
}

/// The key and its partner, whatever their standing; the caller decides what an expired key is told.
pub fn find_key(conn: &mut Conn, id: &KeyId) -> Result<Option<(PartnerKey, Partner)>> {
    Ok(partner_key::table
        .inner_join(partner::table)
        .filter(partner_key::id.eq(id))
        .select((PartnerKey::as_select(), Partner::as_select()))
        .get_result(conn)
        .optional()?)
}

/// The keys of a partner, newest first.
pub fn list_keys(conn: &mut Conn, of: &PartnerId) -> Result<Vec<PartnerKey>> {
    Ok(partner_key::table
        .filter(partner_key::partner.eq(of))
        .order(partner_key::created_at.desc())
        .select(PartnerKey::as_select())
        .load(conn)?)
}

/// Revokes a key from now on.
pub fn revoke_key(conn: &mut Conn, id: &KeyId, now: DateTime<Utc>) -> Result<()> {
    let n = diesel::update(partner_key::table.find(id).filter(partner_key::status.eq(KeyStatus::Active)))
        .set((
            partner_key::status.eq(KeyStatus::Revoked),
            partner_key::revoked_at.eq(Some(Instant::from(now))),
        ))
        .execute(conn)?;
    if n == 0 {
        return Err(Error::new(codes::record::NOT_FOUND, format!("没有有效的密钥“{id}”，可能已吊销。")));
    }
    Ok(())
}

/// Lets a key end at `at`: rotation keeps the old one alive while the partner changes over.
pub fn expire_key(conn: &mut Conn, id: &KeyId, at: DateTime<Utc>) -> Result<()> {
    diesel::update(partner_key::table.find(id))
        .set(partner_key::expires_at.eq(Some(Instant::from(at))))
        .execute(conn)?;
    Ok(())
}

/// Notes that a key was used, at most once an hour.
pub fn touch_key(conn: &mut Conn, id: &KeyId, now: DateTime<Utc>) -> Result<()> {
    let hour_ago = Instant::from(now - chrono::TimeDelta::hours(1));
    let due =
        partner_key::last_used_at.is_null().or(partner_key::last_used_at.lt(hour_ago).assume_not_null());
    diesel::update(partner_key::table.find(id).filter(due))
        .set(partner_key::last_used_at.eq(Some(Instant::from(now))))
        .execute(conn)?;
    Ok(())
}

/// Remembers a nonce until its clock window closes. `false` means it was seen before: the request is a replay.
pub fn take_nonce(conn: &mut Conn, of: &PartnerId, value: &str, expires_at: DateTime<Utc>) -> Result<bool> {
    let row =
        (nonce::partner.eq(of), nonce::value.eq(value), nonce::expires_at.eq(Instant::from(expires_at)));
    let n = each_backend!(conn => diesel::insert_into(nonce::table).values(row).on_conflict((nonce::partner, nonce::value)).do_nothing().execute(conn))?;
    Ok(n == 1)
}

/// Forgets nonces whose window has closed.
pub fn purge_nonces(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(nonce::table.filter(nonce::expires_at.lt(Instant::from(now)))).execute(conn)?)
}
