//! 核验: anybody may check a document by its code, and a file by its hash. No sign-in, no personal data, a bounded number of
//! questions for each address.

use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::records::query;
use super::shell;
use crate::error::{Error, Result, codes};
use crate::store::{
    Conn, Document, DocumentState, FileRole, Store, find_document_by_verify_code, find_setting, get_document,
    list_document_files,
};
use crate::text::{date, width};
use crate::web::answer::deed;
use crate::web::app::App;
use crate::web::throttle::Pace;
use crate::web::{limits, upload};

/// Largest file somebody may compare; it is hashed as it comes and never kept.
const LARGEST: u64 = 64 << 20;
/// Twenty checks at once, then one every two seconds.
const PACE: Pace = Pace { burst: 20.0, rate: 0.5 };

/// `GET /verify[?code=…]`.
pub async fn ask(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let given = query(&req).get("code").map(|it| clean(it)).unwrap_or_default();
    if given.is_empty() {
        return shell::page(&req, &app, "verify.html", None, false, json!({ "code": "", "found": null }));
    }
    shell::go(&format!("/verify/{given}"), "")
}

/// Letters and digits of a code as people type it: lower case, full width, with gaps.
fn clean(code: &str) -> String {
    width::half_width(code)
        .to_ascii_uppercase()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(64)
        .collect()
}

/// `GET /verify/{code}`.
pub async fn page(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    answer(&req, &app, None).await
}

/// `POST /verify/{code}`: whether an uploaded file is the one that was issued, byte for byte.
pub async fn compare(req: HttpRequest, app: web::Data<App>, payload: web::Payload) -> HttpResponse {
    if let Err(refused) = admit(&req, &app) {
        return refused;
    }
    match upload::hash(&req, payload, LARGEST).await {
        Ok(Some(sha256)) => answer(&req, &app, Some(sha256)).await,
        Ok(None) => {
            let error = Error::new(codes::document::UPLOAD, "没有选择文件，或文件是空的。");
            shell::refuse(&req, &app, &error)
        }
        Err(error) => shell::refuse(&req, &app, &error),
    }
}

async fn answer(req: &HttpRequest, app: &web::Data<App>, sha256: Option<String>) -> HttpResponse {
    if let Err(refused) = admit(req, app) {
        return refused;
    }
    let (code, store) = (clean(req.match_info().query("code")), app.intake.store.clone());
    let asked = code.clone();
    let state = app.clone();
    let found = deed(move || look_up(&store, &state, &asked, sha256.as_deref())).await;
    match found {
        Ok((found, demo)) => {
            let status = if found.is_null() { 404 } else { 200 };
            let values = json!({ "code": code, "found": found, "asked": true, "status": status });
            shell::page(req, app, "verify.html", None, demo, values)
        }
        Err(error) => shell::refuse(req, app, &error),
    }
}

fn look_up(store: &Store, app: &App, code: &str, sha256: Option<&str>) -> Result<(Value, bool)> {
    store.read(|conn| {
        let demo = find_setting(conn, "demo")?.is_some();
        let Some(document) = find_document_by_verify_code(conn, code)? else {
            return Ok((Value::Null, demo));
        };
        Ok((public(conn, app, &document, sha256)?, demo))
    })
}

/// What anybody may know of a document: kind, number, date and whether it holds. The title is left out where it names people
/// or projects; the kind says what it is.
fn public(conn: &mut Conn, app: &App, document: &Document, sha256: Option<&str>) -> Result<Value> {
    let title = app.desk.kinds.get(&document.kind).map_or(document.kind.as_str(), |it| it.title.as_str());
    let by = document.replaced_by.as_ref().map(|id| get_document(conn, id)).transpose()?;
    let (word, shape, look) = match document.state {
        DocumentState::Void => ("作废", "✕", "bad"),
        _ if by.is_some() => ("已被替代", "◇", "warn"),
        DocumentState::Issued | DocumentState::Served | DocumentState::Archived => ("有效", "●", "ok"),
        _ => ("尚未印发", "○", "idle"),
    };
    let file = sha256.map(|sha256| file(conn, document, sha256)).transpose()?;
    Ok(json!({ "title": title, "number": document.number, "date": document.signed_on.map(date::chinese),
        "state": { "word": word, "shape": shape, "look": look }, "replaced_by": by.and_then(|it| it.number),
        "demo": document.demo, "file": file }))
}

fn file(conn: &mut Conn, document: &Document, sha256: &str) -> Result<Value> {
    let files = list_document_files(conn, &document.id)?;
    let same = files
        .iter()
        .find(|it| it.sha256 == sha256 && matches!(it.role, FileRole::Final | FileRole::Numbered));
    Ok(json!({ "sha256": sha256, "same": same.is_some(), "role": same.map(|it| it.role.title()),
        "final": same.is_some_and(|it| it.role == FileRole::Final) }))
}

fn admit(req: &HttpRequest, app: &web::Data<App>) -> std::result::Result<(), HttpResponse> {
    limits::slow(req, app, &app.throttle, PACE).map_err(|wait| {
        let seconds = wait.as_secs() + 1;
        let detail = format!("核验太频繁，请 {seconds} 秒后再试。");
        let mut refused = shell::refuse(req, app, &Error::new(codes::document::TOO_MANY_CHECKS, detail));
        refused.headers_mut().insert(RETRY_AFTER, seconds.into());
        refused
    })
}
