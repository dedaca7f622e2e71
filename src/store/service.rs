//! 送达: who is served with a document, how, by when, and what the receipt says.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::conn::Conn;
use super::types::{DocumentId, Instant, Json, Listed, Page, ServiceId};
use super::words::{ServiceMethod, ServiceState};
use crate::error::{Error, Result, codes};
use crate::schema::{document, document_service};

/// One service on one recipient.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = document_service, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct DocumentService {
    /// Its id.
    pub id: ServiceId,
    /// The document.
    pub document_id: DocumentId,
    /// 受送达人.
    pub recipient: String,
    /// How.
    pub method: ServiceMethod,
    /// 送达地点: street address, mail address or the place of publication.
    pub place: String,
    /// Where it stands.
    pub state: ServiceState,
    /// Day it was begun: handed over, posted, sent, published.
    pub started_on: NaiveDate,
    /// Last day of the period the law sets, for what the law sets one.
    pub due_on: Option<NaiveDate>,
    /// That rule, as cited.
    pub due_rule: Option<String>,
    /// When it counts as served.
    pub served_at: Option<Instant>,
    /// What the receipt says, JSON object; its keys are those of `issue::Receipt`.
    pub receipt: Json,
    /// Who registered it.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
    /// Who registered its end.
    pub settled_by: Option<String>,
    /// When.
    pub settled_at: Option<Instant>,
}

/// Adds a service.
pub fn insert_service(conn: &mut Conn, row: &DocumentService) -> Result<()> {
    diesel::insert_into(document_service::table).values(row).execute(conn)?;
    Ok(())
}

/// Writes the end of a service that is still pending.
///
/// # Errors
/// `stale_version` when somebody else wrote its end meanwhile.
pub fn settle_service(conn: &mut Conn, row: &DocumentService) -> Result<()> {
    let pending = document_service::table
        .find(row.id.clone())
        .filter(document_service::state.eq(ServiceState::Pending));
    if diesel::update(pending).set(row).execute(conn)? == 0 {
        return Err(Error::new(
            codes::record::STALE,
            format!("{}的送达已由他人登记，请重新打开查看。", row.recipient),
        ));
    }
    Ok(())
}

/// A service that must exist.
pub fn get_service(conn: &mut Conn, id: &ServiceId) -> Result<DocumentService> {
    let found: Option<DocumentService> =
        document_service::table.find(id).select(DocumentService::as_select()).get_result(conn).optional()?;
    found.ok_or_else(|| Error::new(codes::record::NOT_FOUND, "没有这次送达的登记。"))
}

/// Every service of a document, in order.
pub fn list_services(conn: &mut Conn, of: &DocumentId) -> Result<Vec<DocumentService>> {
    Ok(document_service::table
        .filter(document_service::document_id.eq(of))
        .order(document_service::id)
        .select(DocumentService::as_select())
        .load(conn)?)
}

/// Services of all documents that stand so, those due first at the top; each with title and number of its document.
/// `division` keeps those of one division or the beginning of one.
pub fn list_services_by_state(
    conn: &mut Conn,
    state: ServiceState,
    division: Option<&str>,
    page: Page,
) -> Result<Listed<(DocumentService, String, Option<String>)>> {
    let query = || {
        let mut query = document_service::table
            .inner_join(document::table)
            .filter(document_service::state.eq(state))
            .into_boxed();
        if let Some(division) = division {
            query = query.filter(document::division.like(format!("{division}%")).assume_not_null());
        }
        query
    };
    let total = query().count().get_result(conn)?;
    let rows = query()
        .order((document_service::due_on, document_service::id))
        .limit(page.limit())
        .offset(page.offset())
        .select((DocumentService::as_select(), document::title, document::number))
        .load(conn)?;
    Ok(Listed { rows, total })
}
