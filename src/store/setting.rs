//! Settings people change while the hub runs, such as the opening number of a series or whether demo data is loaded.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::conn::{Conn, each_backend};
use super::types::Instant;
use crate::error::Result;
use crate::schema::setting;

/// The value of a setting.
pub fn find_setting(conn: &mut Conn, key: &str) -> Result<Option<String>> {
    Ok(setting::table.find(key).select(setting::value).get_result(conn).optional()?)
}

/// Every setting by key.
pub fn list_settings(conn: &mut Conn) -> Result<Vec<(String, String)>> {
    Ok(setting::table.order(setting::key).select((setting::key, setting::value)).load(conn)?)
}

/// Writes a setting.
pub fn set_setting(conn: &mut Conn, key: &str, value: &str, by: &str, now: DateTime<Utc>) -> Result<()> {
    let set =
        (setting::value.eq(value), setting::updated_at.eq(Instant::from(now)), setting::updated_by.eq(by));
    each_backend!(conn => diesel::insert_into(setting::table)
        .values((setting::key.eq(key), set))
        .on_conflict(setting::key)
        .do_update()
        .set(set)
        .execute(conn))?;
    Ok(())
}

/// Removes a setting.
pub fn delete_setting(conn: &mut Conn, key: &str) -> Result<()> {
    diesel::delete(setting::table.find(key)).execute(conn)?;
    Ok(())
}
