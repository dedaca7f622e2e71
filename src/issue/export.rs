//! A document in another format than the one that is kept: OFD, PDF/A-1b, or DOCX to be edited by hand.

use serde_json::{Map, Value as Json};

use super::desk::Desk;
use crate::document::{Format, Options, Purpose, export as write};
use crate::error::Result;
use crate::store::{Conn, DocumentId, DocumentState, get_document};

/// The document in a format, from the values it is bound to: a draft with its mark, an issued one as it was issued.
///
/// Only the file that was kept when it was issued is the original; these are copies of the same pages.
///
/// # Errors
/// Those of a preview, or of issuing.
pub fn export(conn: &mut Conn, desk: &Desk, id: &DocumentId, format: Format) -> Result<Vec<u8>> {
    let document = get_document(conn, id)?;
    let kind = desk.kind(&document.kind)?;
    let values: Map<String, Json> = document.form.read()?;
    let (purpose, watermark) = match (document.state, document.demo) {
        (DocumentState::Issued | DocumentState::Served | DocumentState::Archived, demo) => {
            (Purpose::Issue, demo.then_some("演示"))
        }
        (DocumentState::Void, _) => (Purpose::Preview, Some("作废")),
        (_, true) => (Purpose::Preview, Some("演示草稿")),
        (_, false) => (Purpose::Preview, Some("草稿")),
    };
    let options = Options {
        number: document.number.as_deref(),
        date: document.signed_on,
        purpose,
        watermark,
        id: id.as_str(),
    };
    write(kind, &values, &options, desk.faces()?, format)
}
