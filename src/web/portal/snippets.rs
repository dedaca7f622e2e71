//! Programs that send one signed message, for curl, Python and Java, with the caller's key id and the message filled in.
//! A test runs those for curl and Python as they are served.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::reference::content_type;
use super::shell::missing;
use crate::error::Result;
use crate::mapping::Mapping;
use crate::web::answer::failure;
use crate::web::app::App;
use crate::web::console::records::query;
use crate::web::console::shell::Form;

/// File below `templates/portal/snippets/`, title, how it is run.
const ALL: &[(&str, &str, &str)] = &[
    ("hub.sh", "curl", "HUB_SECRET=密钥 sh hub.sh"),
    ("hub.py", "Python", "HUB_SECRET=密钥 python3 hub.py"),
    ("Hub.java", "Java", "HUB_SECRET=密钥 java -Dfile.encoding=UTF-8 Hub.java"),
];

/// What stands where nobody said whose key it is.
const NO_KEY: &str = "YOUR-KEY-ID";

/// Every program for a message.
pub(super) fn all(req: &HttpRequest, app: &App, mapping: &Mapping) -> Value {
    let (given, sample) = (query(req), sample(app, mapping));
    let key = key(&given);
    ALL.iter()
        .filter_map(|(name, title, run)| {
            let text = fill(req, app, mapping, name, key)?;
            let address = format!("/portal/snippets/{}/{}/{name}", mapping.partner, mapping.message);
            let address = if key == NO_KEY { address } else { format!("{address}?key={key}") };
            Some(json!({ "name": name, "title": title, "run": format!("{run} {sample}"), "text": text, "address": address }))
        })
        .collect()
}

/// `GET /portal/snippets/{partner}/{message}/{name}[?key=…]`.
pub async fn file(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    match filled(&req, &app) {
        Ok(text) => HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/plain; charset=utf-8")).body(text),
        Err(error) => failure(&req, &error),
    }
}

fn filled(req: &HttpRequest, app: &App) -> Result<String> {
    let (mapping, name) = (super::messages::found(req, app)?, req.match_info().query("name"));
    let given = query(req);
    fill(req, app, mapping, name, key(&given)).ok_or_else(|| missing(format!("没有示例程序“{name}”。")))
}

/// The key id of the query. It goes into programs that people run, so it is taken only when it can be nothing else.
fn key(given: &Form) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let found = given.get("key").map(|it| it.trim());
    found.filter(|it| (1..=64).contains(&it.len()) && it.chars().all(plain)).unwrap_or(NO_KEY)
}

fn fill(req: &HttpRequest, app: &App, mapping: &Mapping, name: &str, key: &str) -> Option<String> {
    let name = ALL.iter().find(|(it, _, _)| *it == name)?.0;
    let text = std::str::from_utf8(app.templates.get(&format!("portal/snippets/{name}"))?).ok()?;
    let path = format!("/api/v1/exchange/{}/{}/check", mapping.partner, mapping.message);
    let pairs = [
        ("@BASE@", base(req, app)),
        ("@KEY@", key.to_owned()),
        ("@PATH@", path),
        ("@CONTENT_TYPE@", content_type(mapping)),
        ("@SAMPLE@", sample(app, mapping)),
    ];
    Some(pairs.iter().fold(text.to_owned(), |text, (mark, value)| text.replace(mark, value)))
}

/// The sample a program sends when it is told no other.
fn sample(app: &App, mapping: &Mapping) -> String {
    let first = mapping.samples(&app.mapping_files).next();
    first.map_or_else(|| "message".to_owned(), |(name, _)| name.to_owned())
}

/// How the reader reaches this hub: as it was reached for this page. The name is the browser's word and goes into programs,
/// so it is taken only when it is a host; else the address we listen on.
pub(super) fn base(req: &HttpRequest, app: &App) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '[' | ']');
    let said = req.headers().get("host").and_then(|it| it.to_str().ok());
    let host = said.filter(|it| (1..=255).contains(&it.len()) && it.chars().all(plain));
    let secure = app.settings.https_only || app.settings.tls.certificate.is_some();
    let scheme = if secure { "https" } else { "http" };
    format!("{scheme}://{}", host.unwrap_or(&app.settings.listen))
}
