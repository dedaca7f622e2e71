//! 归档包: the final file, the processing sheet, receipts and scans of its service, and every printed value with its source.
//! Working versions stay out (DA/T 48 asks for the final text and what proves how it was handled).

use serde_json::json;

use super::trace::trace;
use crate::error::{Error, Result, codes};
use crate::format::write::{ArchiveWriter, file_name};
use crate::store::{
    Conn, DocumentId, DocumentState, FileRole, get_document, list_document_events, list_document_files,
    list_services, load_document_file,
};

/// The package of an archived document as a zip file; `sheet` is its processing sheet (发文单) as HTML.
///
/// Memory: the files of one
/// document, at most its final file and its receipts of [`super::MAX_UPLOAD`] each.
///
/// # Errors
/// The document is not archived yet.
pub fn package(conn: &mut Conn, id: &DocumentId, sheet: &str) -> Result<Vec<u8>> {
    let document = get_document(conn, id)?;
    if document.state != DocumentState::Archived {
        return Err(Error::new(
            codes::document::WRONG_STATE,
            format!("《{}》现为“{}”，归档后才有归档包。", document.title, document.state.title()),
        ));
    }
    let mut archive = ArchiveWriter::new(std::io::Cursor::new(Vec::new()));
    let files = list_document_files(conn, id)?;
    let mut receipts = 0;
    for file in files.iter().rev().filter(|it| matches!(it.role, FileRole::Final | FileRole::Receipt)) {
        let Some((file, bytes)) = load_document_file(conn, &file.id)? else { continue };
        let name = if file.role == FileRole::Final {
            "正本.pdf".to_owned()
        } else {
            receipts += 1;
            format!("送达回证/{receipts:02} {}", file_name(&file.name))
        };
        archive.add(&name, &bytes)?;
    }
    archive.add("发文单.html", sheet.as_bytes())?;
    // The form and the bytes of messages stay where they are: only what was printed belongs to the file.
    let values: Vec<_> = trace(conn, id, None)?
        .into_iter()
        .map(|it| json!({ "value": it.value, "message": it.message }))
        .collect();
    let facts = json!({ "document": document, "events": list_document_events(conn, id)?,
        "services": list_services(conn, id)?, "values": values });
    let text = serde_json::to_vec_pretty(&facts).map_err(Error::internal)?;
    archive.add("要素及来源.json", &text)?;
    Ok(archive.finish()?.into_inner())
}
