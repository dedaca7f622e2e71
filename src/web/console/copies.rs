//! A document in another format: OFD, PDF/A-1b, or DOCX to be edited by hand.

use actix_web::{HttpRequest, HttpResponse, web};

use super::documents::id_of;
use super::files::Sent;
use super::records::query;
use super::shell;
use crate::error::{Error, Result, codes};
use crate::issue::{self, Format};
use crate::store::get_document;
use crate::web::app::App;

/// `GET /documents/{id}/copy?format=ofd|pdfa1b|docx`.
pub async fn copy(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (id, query, state) = (id_of(&req), query(&req), app.clone());
    shell::send(&req, &app, move |conn, _| {
        let format = format(query.get("format").map_or("", String::as_str))?;
        let title = get_document(conn, &id)?.title;
        let bytes = issue::export(conn, &state.desk, &id, format)?;
        let name = format!("{title}.{}", format.ending());
        Ok(Sent { media_type: format.media_type().to_owned(), name, inline: false, bytes })
    })
    .await
}

fn format(name: &str) -> Result<Format> {
    // The PDF of an issued document is the file that was kept, never a new copy: `/documents/{id}/file`.
    Format::parse(name).filter(|it| *it != Format::Pdf).ok_or_else(|| {
        Error::new(codes::transport::PARAMETER, format!("没有“{name}”这种格式，可以是 ofd、pdfa1b、docx。"))
    })
}
