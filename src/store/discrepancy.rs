//! Differences between departments about one field, and where their checking (校核) stands.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::conn::Conn;
use super::fixed::IsUnsettled;
use super::types::{ClaimId, DiscrepancyId, Instant, Json, Listed, Page, RecordId};
use super::words::DiscrepancyState;
use crate::error::{Error, Result, codes};
use crate::schema::discrepancy;

/// One difference: the value that holds and the one that does not.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Identifiable, Serialize)]
#[diesel(table_name = discrepancy, treat_none_as_default_value = false)]
pub struct Discrepancy {
    /// Its id.
    pub id: DiscrepancyId,
    /// The record.
    pub record_id: RecordId,
    /// Kind of the record.
    pub kind: String,
    /// Field they differ about.
    pub field: String,
    /// Division of the record.
    pub division: Option<String>,
    /// Department whose value holds.
    pub winner_department: String,
    /// Its value, canonical JSON.
    pub winner_value: Json,
    /// Its claim.
    pub winner_claim_id: ClaimId,
    /// Department that says otherwise.
    pub other_department: String,
    /// Its value, canonical JSON.
    pub other_value: Json,
    /// Its claim.
    pub other_claim_id: ClaimId,
    /// Where the checking stands.
    pub state: DiscrepancyState,
    /// When it was found.
    pub opened_at: Instant,
    /// Day the answer is due.
    pub due_on: Option<NaiveDate>,
    /// Who checks.
    pub assignee: Option<String>,
    /// When it ended.
    pub closed_at: Option<Instant>,
    /// How it ended.
    pub resolution: Option<String>,
}

/// What happened to the differences of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Newly found.
    pub opened: Vec<DiscrepancyId>,
    /// Gone because the departments agree now.
    pub closed: Vec<DiscrepancyId>,
}

/// Brings the open differences of a record in line with those just found by weighing its claims: new ones are opened,
/// known ones take the values of today, and those that are gone are closed.
///
/// `found` carries fresh ids; a known difference keeps its own id, clock and assignee.
pub fn reconcile_discrepancies(
    conn: &mut Conn,
    of: &RecordId,
    found: &[Discrepancy],
    now: DateTime<Utc>,
) -> Result<Reconciled> {
    let open: Vec<Discrepancy> = discrepancy::table
        .filter(discrepancy::record_id.eq(of))
        .filter(IsUnsettled)
        .select(Discrepancy::as_select())
        .load(conn)?;
    let mut done = Reconciled::default();
    for new in found {
        match open.iter().find(|old| same(old, new)) {
            None => {
                diesel::insert_into(discrepancy::table).values(new).execute(conn)?;
                done.opened.push(new.id.clone());
            }
            Some(old) if same_values(old, new) => {}
            Some(old) => refresh(conn, &old.id, new)?,
        }
    }
    for old in open.iter().filter(|old| !found.iter().any(|new| same(old, new))) {
        close_discrepancy(conn, &old.id, "各部门数据已一致。", now)?;
        done.closed.push(old.id.clone());
    }
    Ok(done)
}

fn same(old: &Discrepancy, new: &Discrepancy) -> bool {
    old.field == new.field && old.other_department == new.other_department
}

fn same_values(old: &Discrepancy, new: &Discrepancy) -> bool {
    old.winner_department == new.winner_department
        && old.winner_value == new.winner_value
        && old.other_value == new.other_value
}

fn refresh(conn: &mut Conn, id: &DiscrepancyId, new: &Discrepancy) -> Result<()> {
    diesel::update(discrepancy::table.find(id))
        .set((
            discrepancy::winner_department.eq(&new.winner_department),
            discrepancy::winner_value.eq(&new.winner_value),
            discrepancy::winner_claim_id.eq(&new.winner_claim_id),
            discrepancy::other_value.eq(&new.other_value),
            discrepancy::other_claim_id.eq(&new.other_claim_id),
        ))
        .execute(conn)?;
    Ok(())
}

/// Ends a difference with a sentence that says how.
pub fn close_discrepancy(conn: &mut Conn, id: &DiscrepancyId, how: &str, now: DateTime<Utc>) -> Result<()> {
    let open = discrepancy::table.find(id).filter(discrepancy::state.ne(DiscrepancyState::Closed));
    let n = diesel::update(open)
        .set((
            discrepancy::state.eq(DiscrepancyState::Closed),
            discrepancy::closed_at.eq(Some(Instant::from(now))),
            discrepancy::resolution.eq(Some(how)),
        ))
        .execute(conn)?;
    if n == 0 {
        return Err(Error::new(codes::record::NOT_FOUND, format!("没有待办的校核单“{id}”，可能已办结。")));
    }
    Ok(())
}

/// Which differences a list shows; empty fields do not restrict.
#[derive(Debug, Clone, Default)]
pub struct DiscrepancyFilter {
    /// Of this record.
    pub record: Option<RecordId>,
    /// Where the checking stands.
    pub state: Option<DiscrepancyState>,
    /// A department on either side.
    pub department: Option<String>,
    /// Division, or the beginning of one.
    pub division: Option<String>,
}

impl DiscrepancyFilter {
    fn query(&self) -> discrepancy::BoxedQuery<'_, super::conn::MultiBackend> {
        let mut query = discrepancy::table.into_boxed();
        if let Some(record) = &self.record {
            query = query.filter(discrepancy::record_id.eq(record));
        }
        if let Some(state) = self.state {
            query = query.filter(discrepancy::state.eq(state));
        }
        if let Some(department) = &self.department {
            let either = discrepancy::winner_department
                .eq(department)
                .or(discrepancy::other_department.eq(department));
            query = query.filter(either);
        }
        if let Some(division) = &self.division {
            query = query.filter(discrepancy::division.like(format!("{division}%")));
        }
        query
    }
}

/// Differences, newest first.
pub fn list_discrepancies(
    conn: &mut Conn,
    filter: &DiscrepancyFilter,
    page: Page,
) -> Result<Listed<Discrepancy>> {
    let total = filter.query().count().get_result(conn)?;
    let rows = filter
        .query()
        .order((discrepancy::opened_at.desc(), discrepancy::id.desc()))
        .limit(page.limit())
        .offset(page.offset())
        .select(Discrepancy::as_select())
        .load(conn)?;
    Ok(Listed { rows, total })
}
