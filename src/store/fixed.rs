//! Conditions written into the SQL itself instead of being bound, so that a partial index with the same condition serves them.
//!
//! With a bound value neither SQLite nor a cached PostgreSQL plan can know that the condition of the index holds, and the
//! query would read the whole table. Statements stay prepared once: the text is always the same.
//!
//! SQLite prepares a statement anew before every run when a bound value may bear on its plan: a value compared with the
//! condition of a partial index, or the value of LIMIT (sqlite.org, `sqlite3_prepare_v2`, expired statements). So look-ups that
//! find one row ask with `get_result`, which has no LIMIT as `first` has; it is several times the work of the look-up itself.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Bool;

use crate::schema::{change, delivery, discrepancy, job, message};

/// Declares a condition on one table.
macro_rules! fixed {
    ($($(#[$doc:meta])* $name:ident on $table:ident: $sql:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub(super) struct $name;

        impl QueryId for $name {
            type QueryId = Self;

            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl Expression for $name {
            type SqlType = Bool;
        }

        impl AppearsOnTable<$table::table> for $name {}
        impl SelectableExpression<$table::table> for $name {}

        impl<G> ValidGrouping<G> for $name {
            type IsAggregate = is_aggregate::No;
        }

        impl<DB: Backend> QueryFragment<DB> for $name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
                out.push_sql($sql);
                Ok(())
            }
        }
    )*};
}

fixed! {
    /// The outcome of the message stands: a repetition gets its receipt. As in `message_idempotency` and `message_content`.
    IsStanding on message: "message.state IN ('accepted', 'partial', 'resolved')";
    /// The message waits in quarantine. As in `message_quarantine` and its fellows.
    IsQuarantined on message: "message.state = 'quarantined'";
    /// The difference is not settled. As in `discrepancy_open`.
    IsUnsettled on discrepancy: "discrepancy.state <> 'closed'";
    /// The job is still to be done. As in `job_dedup` and `job_due`.
    IsUnfinished on job: "job.state IN ('ready', 'running')";
    /// The change has no position yet. As in `change_unnumbered`.
    IsUnnumbered on change: "change.position IS NULL";
    /// The delivery is still to be made. As in `delivery_open`.
    IsOpen on delivery: "delivery.state = 'ready'";
    /// The delivery did not arrive and waits no longer. As in `delivery_missing`.
    IsMissing on delivery: "delivery.state IN ('refused', 'dead')";
}
