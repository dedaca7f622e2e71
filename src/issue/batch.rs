//! Documents of one kind issued together: rows of a sheet or the records of a query, checked, decided on once by each person of
//! the life of a document, issued one by one in the background, handed out as an archive.
//!
//! ```text
//! sheet ─► read ─┐                              ┌► run: draft ─► render on all cores ─► one transaction per document
//!                ├─► check each row ─► decisions┤
//! query ─► find ─┘   └► workbook with 错误      └► archive: index and files
//! ```
//!
//! A row keeps the values that were checked, so that reviewer, signer and the printed page have the same before them; a record
//! that changed in between stops its row.

mod archive;
mod check;
mod cores;
mod deed;
mod event;
mod gather;
mod life;
mod run;
mod sheet;
mod workbook;

pub use archive::BatchArchive;
pub use deed::{BatchOrder, act_batch, batch_standing, interrupt_batch, number_range, signing_day};
pub use gather::{NewBatch, batch_from_query, batch_from_sheet, shared_fields};
pub use life::{BATCH_MOVES, BatchDeed, BatchMove, BatchStanding, allow_batch, open_batch_deeds};
pub use run::{continue_batch, run_batch};
pub use sheet::{MAX_ROWS, blank_workbook};
pub use workbook::{Which, fault_workbook, preview_item};

/// Name of the job that goes on with a running batch.
pub const JOB: &str = "issue_batch";

/// A number as wide as a year's numbers get, for laying a row out before it has one.
const WIDEST: u32 = 8888;
