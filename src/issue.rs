//! A document is drafted from records, numbered, rendered and kept.
//!
//! ```text
//! record ─► prefill (every value with its source) ─► draft ─► preview
//!                                                     └─► issue: number + PDF + printed values + audit, in one transaction
//! ```
//!
//! A document stays bound to the version of its form and to the values it printed: each keeps the record, the claim, the
//! message and the place it came from ([`trace()`]).

mod desk;
mod draft;
mod event;
mod export;
mod final_copy;
mod form;
mod prefill;
mod rule;
mod sealing;
mod trace;
mod void;

pub use crate::document::{FormField, FormType, Format};
pub use desk::{Desk, open_series};
pub use draft::{Edit, NewDraft, create, problems, refresh, save};
pub use export::export;
pub use final_copy::{issue, preview};
pub use form::{Filled, read_form};
pub use sealing::{ChangeAfter, Checked, Sealing, check_pdf, sign_pdf};
pub use trace::{Traced, trace};
pub use void::void;
