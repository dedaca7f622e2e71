//! What every page of the portal shares: who reads it, the frame around the content, errors as pages.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};

use crate::error::{Error, Result, codes};
use crate::store::{Conn, find_setting};
use crate::web::answer::deed;
use crate::web::app::App;
use crate::web::console::person::{self, Person};
use crate::web::console::shell;

/// Address, title.
const NAV: &[(&str, &str)] = &[
    ("/portal", "快速开始"),
    ("/portal/messages", "报文"),
    ("/portal/schemes", "签名"),
    ("/portal/receipts", "回执"),
    ("/portal/codes", "错误码"),
    ("/portal/lists", "代码表"),
    ("/portal/try", "调试台"),
    ("/portal/status", "状态"),
    ("/portal/changes", "变更"),
];

/// A page: `read` gathers what `template` shows, in one consistent state, for who reads; none when nobody is signed in.
pub(super) async fn show(
    req: &HttpRequest,
    app: &web::Data<App>,
    template: &'static str,
    read: impl FnOnce(&mut Conn, Option<&Person>) -> Result<Value> + Send + 'static,
) -> HttpResponse {
    let (token, store) = (person::token(req), app.intake.store.clone());
    let gathered = deed(move || {
        store.read(|conn| {
            let person = find(conn, token.as_deref())?;
            let values = read(conn, person.as_ref())?;
            Ok((person, values, find_setting(conn, "demo")?.is_some()))
        })
    })
    .await;
    match gathered {
        Ok((person, values, demo)) => page(req, app, template, person.as_ref(), demo, values),
        Err(error) => refuse(req, app, &error),
    }
}

/// An error as a page of the portal.
pub(super) fn refuse(req: &HttpRequest, app: &App, error: &Error) -> HttpResponse {
    shell::refuse_as(req, app, error, "portal/error.html", framed(req))
}

/// Who asks; none when nobody is signed in.
///
/// # Errors
/// `database`.
pub(super) async fn reader(req: &HttpRequest, app: &App) -> Result<Option<Person>> {
    let (token, store) = (person::token(req), app.intake.store.clone());
    deed(move || store.read(|conn| find(conn, token.as_deref()))).await
}

fn find(conn: &mut Conn, token: Option<&str>) -> Result<Option<Person>> {
    match person::find(conn, token) {
        Ok(person) => Ok(Some(person)),
        Err(error) if error.code == codes::people::NOT_SIGNED_IN => Ok(None),
        Err(error) => Err(error),
    }
}

fn page(
    req: &HttpRequest,
    app: &App,
    template: &str,
    person: Option<&Person>,
    demo: bool,
    values: Value,
) -> HttpResponse {
    let mut all = framed(req);
    if let Value::Object(values) = values {
        all.extend(values);
    }
    shell::page(req, app, template, person, demo, Value::Object(all))
}

fn framed(req: &HttpRequest) -> Map<String, Value> {
    let path = req.path();
    let nav: Vec<Value> = NAV
        .iter()
        .map(|(href, title)| {
            let current = if *href == "/portal" { path == *href } else { path.starts_with(href) };
            json!({ "href": href, "title": title, "current": current })
        })
        .collect();
    Map::from_iter([("places".to_owned(), Value::from(nav))])
}

/// Something the portal was asked for by a wrong address.
pub(super) fn missing(what: impl Into<String>) -> Error {
    Error::new(codes::transport::PATH_UNKNOWN, what)
}
