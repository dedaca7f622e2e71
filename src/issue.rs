//! A document is drafted from records, reviewed, signed, numbered, sealed, issued, served and kept.
//!
//! ```text
//! record ─► prefill (every value with its source) ─► draft ─► preview
//!                                                     └─► act: one deed of the table in `life`, with event and audit
//!                                                          编号: number + date + 定稿   用印: 正本 + hash
//! ```
//!
//! A document stays bound to the version of its form and to the values it printed: each keeps the record, the claim, the
//! message and the place it came from ([`trace()`]).

mod batch;
mod changed;
mod deed;
mod desk;
mod draft;
mod event;
mod export;
mod final_copy;
mod form;
pub mod life;
mod package;
mod prefill;
mod replace;
mod reserve;
mod rule;
mod sealing;
mod service;
mod template_change;
mod trace;

pub use crate::document::{FormField, FormType, Format};
pub use batch::{
    BATCH_MOVES, BatchArchive, BatchDeed, BatchMove, BatchOrder, BatchStanding, JOB as BATCH_JOB, MAX_ROWS,
    NewBatch, Which, act_batch, allow_batch, batch_from_query, batch_from_sheet, batch_standing,
    blank_workbook, continue_batch, fault_workbook, interrupt_batch, number_range, open_batch_deeds,
    preview_item, run_batch, shared_fields, signing_day,
};
pub use changed::{Changed, changed_since_issue, show, touched_by};
pub use deed::{Order, act, people_for, standing};
pub use desk::{Desk, open_series};
pub use draft::{Edit, NewDraft, create, problems, refresh, save};
pub use export::export;
pub use final_copy::{Wish, issue, preview, stamp_void};
pub use form::{Filled, read_form};
pub use life::{Actor, Deed};
pub use package::package;
pub use reserve::{give_up_reserved, reserve};
pub use sealing::{ChangeAfter, Checked, Sealing, check_pdf, sign_pdf};
pub use service::{MAX_UPLOAD, NewService, Receipt, Upload, attach, fail, finish, register};
pub use template_change::{Removed, TemplateChange, rebind, template_change};
pub use trace::{Traced, trace};
