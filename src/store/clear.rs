//! Emptying a hub that holds nothing but a demonstration.

use diesel::prelude::*;

use super::conn::Conn;
use super::types::{AccountId, DocumentId, MessageId, TaskId};
use crate::error::Result;
use crate::schema;

/// Removes every message, record, delivery, document, batch, number, plan, task and job, and the accounts named.
///
/// Partners, their keys and subscriptions, other accounts, settings and the audit rows stay: what was done stays on record
/// even when its object is gone. Run it inside a write transaction. Rows go before the rows they refer to, as both databases check each statement.
pub fn clear_content(conn: &mut Conn, accounts: &[AccountId]) -> Result<()> {
    clear_documents(conn)?;
    clear_tasks(conn)?;
    clear_deliveries(conn)?;
    diesel::delete(schema::mending::table).execute(conn)?;
    clear_records(conn)?;
    clear_accounts(conn, accounts)
}

fn clear_documents(conn: &mut Conn) -> Result<()> {
    use schema::{
        document, document_batch, document_batch_event, document_batch_item, document_event, document_file,
        document_service, document_value, number_counter, number_register,
    };
    diesel::delete(document_batch_event::table).execute(conn)?;
    diesel::delete(document_batch_item::table).execute(conn)?;
    diesel::delete(document_batch::table).execute(conn)?;
    diesel::delete(document_value::table).execute(conn)?;
    diesel::delete(document_file::table).execute(conn)?;
    diesel::delete(document_service::table).execute(conn)?;
    diesel::delete(document_event::table).execute(conn)?;
    diesel::delete(number_register::table).execute(conn)?;
    diesel::delete(number_counter::table).execute(conn)?;
    let nobody = None::<DocumentId>;
    diesel::update(document::table)
        .set((document::replaces.eq(&nobody), document::replaced_by.eq(&nobody)))
        .execute(conn)?;
    diesel::delete(document::table).execute(conn)?;
    Ok(())
}

fn clear_tasks(conn: &mut Conn) -> Result<()> {
    use schema::{plan, task, task_department, task_event};
    diesel::delete(task_event::table).execute(conn)?;
    diesel::delete(task_department::table).execute(conn)?;
    diesel::update(task::table).set(task::parent_id.eq(None::<TaskId>)).execute(conn)?;
    diesel::delete(task::table).execute(conn)?;
    diesel::delete(plan::table).execute(conn)?;
    Ok(())
}

/// Subscriptions stay, and so does the last position of the feed: their cursors go on from there.
fn clear_deliveries(conn: &mut Conn) -> Result<()> {
    use schema::{delivery, delivery_try};
    diesel::delete(delivery_try::table).execute(conn)?;
    diesel::delete(delivery::table).execute(conn)?;
    Ok(())
}

fn clear_records(conn: &mut Conn) -> Result<()> {
    use schema::{
        change, claim, discrepancy, job, job_order, message, message_part, message_row, record, record_key,
        record_link, record_search, record_version,
    };
    diesel::delete(job::table).execute(conn)?;
    diesel::delete(job_order::table).execute(conn)?;
    diesel::delete(discrepancy::table).execute(conn)?;
    diesel::delete(change::table).execute(conn)?;
    diesel::delete(claim::table).execute(conn)?;
    diesel::delete(record_link::table).execute(conn)?;
    diesel::delete(record_search::table).execute(conn)?;
    diesel::delete(record_key::table).execute(conn)?;
    diesel::delete(record_version::table).execute(conn)?;
    diesel::delete(record::table).execute(conn)?;
    diesel::delete(message_row::table).execute(conn)?;
    diesel::delete(message_part::table).execute(conn)?;
    diesel::update(message::table).set(message::replayed_from.eq(None::<MessageId>)).execute(conn)?;
    diesel::delete(message::table).execute(conn)?;
    Ok(())
}

fn clear_accounts(conn: &mut Conn, accounts: &[AccountId]) -> Result<()> {
    use schema::{account, role_assignment, session};
    diesel::delete(session::table.filter(session::account_id.eq_any(accounts))).execute(conn)?;
    diesel::delete(role_assignment::table.filter(role_assignment::account_id.eq_any(accounts)))
        .execute(conn)?;
    diesel::delete(account::table.filter(account::id.eq_any(accounts))).execute(conn)?;
    Ok(())
}
