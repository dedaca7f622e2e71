//! 发文单 and 归档包: the processing sheet to print, and the package an archived document leaves the hub in.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::documents::{id_of, seen, timeline};
use super::files::Sent;
use super::person::Person;
use super::shell;
use super::{services, view};
use crate::error::Result;
use crate::issue;
use crate::store::{Conn, DocumentId, list_document_events, list_document_files};
use crate::text::date;
use crate::web::app::App;

/// `GET /documents/{id}/sheet`: the processing sheet, for printing.
pub async fn sheet(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (id, state) = (id_of(&req), app.clone());
    shell::send(&req, &app, move |conn, person| {
        let html = filled(conn, &state, &id, person, false)?;
        let media_type = "text/html; charset=utf-8".to_owned();
        Ok(Sent { media_type, name: "发文单.html".to_owned(), inline: true, bytes: html.into_bytes() })
    })
    .await
}

/// `GET /documents/{id}/package.zip`.
pub async fn package(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (id, state) = (id_of(&req), app.clone());
    shell::send(&req, &app, move |conn, person| {
        let document = seen(conn, &id, person)?;
        let html = filled(conn, &state, &id, person, true)?;
        let bytes = issue::package(conn, &id, &html)?;
        let name = format!("{} 归档包.zip", document.number.as_deref().unwrap_or(&document.title));
        Ok(Sent { media_type: "application/zip".to_owned(), name, inline: false, bytes })
    })
    .await
}

/// The sheet. `alone` puts the styles into it, as there is no server beside an archived file.
fn filled(conn: &mut Conn, app: &App, id: &DocumentId, person: &Person, alone: bool) -> Result<String> {
    let it = seen(conn, id, person)?;
    let kind = app.desk.kinds.get(&it.kind).map_or(it.kind.as_str(), |kind| kind.title.as_str());
    let files: Vec<Value> = list_document_files(conn, id)?
        .iter()
        .rev()
        .map(|file| {
            json!({ "name": file.name, "role": file.role.title(), "sha256": file.sha256, "pages": file.pages,
                "size": file.size, "at": view::time(file.created_at.utc()), "by": file.created_by })
        })
        .collect();
    let values = json!({
        "alone": alone, "title": it.title, "kind": kind, "number": it.number, "state": it.state.title(),
        "template_version": it.template_version, "drafter": it.created_by, "signer": it.signer,
        "signed_on": it.signed_on.map(date::chinese), "verify_code": it.verify_code, "demo": it.demo,
        "void_reason": it.void_reason, "events": timeline(&list_document_events(conn, id)?),
        "services": services::of(conn, &it, person)?, "files": files,
    });
    app.pages.render("sheet.html", &values)
}
