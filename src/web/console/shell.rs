//! What every page shares: the person, the frame around the content, errors as pages, deeds that send the browser on.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Map, Value, json};

use super::person::{self, Person};
use crate::crypto;
use crate::error::{Error, Result, codes};
use crate::store::{Conn, Role, find_setting};
use crate::web::answer::{deed, trace_id};
use crate::web::app::App;
use crate::web::error::status;

/// A posted form; repeated names keep the last value.
pub type Form = BTreeMap<String, String>;

/// Main navigation: address, title.
const NAV: &[(&str, &str)] = &[
    ("/", "工作台"),
    ("/projects", "项目"),
    ("/documents", "文书"),
    ("/registers", "文号簿"),
    ("/tasks", "任务"),
    ("/exchange", "对接"),
];

/// What a deed answered: where the browser goes and what it says there.
pub struct Done {
    /// Path to go to.
    pub to: String,
    /// Key of [`said`]; shown on that page.
    pub say: &'static str,
}

/// A page: `read` gathers what `template` shows, in one consistent state.
pub async fn show(
    req: &HttpRequest,
    app: &web::Data<App>,
    template: &'static str,
    read: impl FnOnce(&mut Conn, &Person) -> Result<Value> + Send + 'static,
) -> HttpResponse {
    let (token, store) = (person::token(req), app.intake.store.clone());
    let gathered = deed(move || {
        let (person, values, demo) = store.read(|conn| {
            let person = person::find(conn, token.as_deref())?;
            let values = read(conn, &person)?;
            let demo = find_setting(conn, "demo")?.is_some();
            Ok((person, values, demo))
        })?;
        if person::is_stale(&person) {
            store.write(|conn| person::note_use(conn, &person))?;
        }
        Ok((person, values, demo))
    })
    .await;
    match gathered {
        Ok((person, values, demo)) => page(req, app, template, Some(&person), demo, values),
        Err(error) => refuse(req, app, &error),
    }
}

/// Answers with bytes instead of a page; `read` gives media type, file name and content.
pub async fn send(
    req: &HttpRequest,
    app: &web::Data<App>,
    read: impl FnOnce(&mut Conn, &Person) -> Result<super::files::Sent> + Send + 'static,
) -> HttpResponse {
    let (token, store) = (person::token(req), app.intake.store.clone());
    let gathered = deed(move || {
        store.read(|conn| {
            let person = person::find(conn, token.as_deref())?;
            read(conn, &person)
        })
    })
    .await;
    match gathered {
        Ok(sent) => sent.answer(),
        Err(error) => refuse(req, app, &error),
    }
}

/// A deed: checks the form's token, does `work` in one transaction and sends the browser on.
pub async fn act(
    req: &HttpRequest,
    app: &web::Data<App>,
    form: Form,
    work: impl FnMut(&mut Conn, &Person, &Form) -> Result<Done> + Send + 'static,
) -> HttpResponse {
    match attempt(req, app, &form, work).await {
        Ok(done) => go(&done.to, done.say),
        Err(error) => refuse_form(req, app, &error, &form),
    }
}

/// The same without the answer, for pages that show a refused form again.
///
/// # Errors
/// What `work` says; `not_signed_in`, `form_expired`.
pub async fn attempt(
    req: &HttpRequest,
    app: &web::Data<App>,
    form: &Form,
    work: impl FnMut(&mut Conn, &Person, &Form) -> Result<Done> + Send + 'static,
) -> Result<Done> {
    let (token, store, form) = (person::token(req), app.intake.store.clone(), form.clone());
    let mut work = work;
    deed(move || {
        store.write(|conn| {
            let person = person::find(conn, token.as_deref())?;
            check_csrf(&person, &form)?;
            work(conn, &person, &form)
        })
    })
    .await
}

/// A refused form. Whose session has ended signs in on the page that answers, which keeps what was filled in: nobody types
/// a report twice because the telephone rang for half an hour.
#[must_use]
pub fn refuse_form(req: &HttpRequest, app: &App, error: &Error, form: &Form) -> HttpResponse {
    if error.code != codes::people::NOT_SIGNED_IN || !is_from_our_page(req) {
        return refuse(req, app, error);
    }
    let values = json!({ "next": req.path(), "error": "登录已过期，请重新登录。", "login": "", "status": 401,
        "kept": super::sign_in::kept(form) });
    page(req, app, "login.html", None, false, values)
}

pub(super) fn check_csrf(person: &Person, form: &Form) -> Result<()> {
    let given = form.get("csrf").map(String::as_str).unwrap_or_default();
    if crypto::constant_time_eq(given.as_bytes(), person.0.session.csrf.as_bytes()) {
        return Ok(());
    }
    Err(Error::new(
        codes::people::FORM_EXPIRED,
        "页面已过期，请返回上一页刷新后再提交；您填写的内容仍在页面上。",
    ))
}

/// 303 to a page of ours.
#[must_use]
pub fn go(to: &str, say: &str) -> HttpResponse {
    let joint = if to.contains('?') { '&' } else { '?' };
    let to = if say.is_empty() { to.to_owned() } else { format!("{to}{joint}done={say}") };
    HttpResponse::SeeOther().insert_header((LOCATION, to)).finish()
}

/// The page around its content.
#[must_use]
pub fn page(
    req: &HttpRequest,
    app: &App,
    template: &str,
    person: Option<&Person>,
    demo: bool,
    values: Value,
) -> HttpResponse {
    let mut all = match values {
        Value::Object(all) => all,
        _ => Map::new(),
    };
    all.insert("demo".to_owned(), Value::from(demo));
    all.insert("trace_id".to_owned(), Value::from(trace_id(req)));
    all.insert("me".to_owned(), Value::Null);
    all.entry("flash").or_insert_with(|| said(req));
    if let Some(person) = person {
        all.insert("csrf".to_owned(), Value::from(person.0.session.csrf.clone()));
        let me = json!({ "name": person.0.account.name, "login": person.login(), "role_title": person.role_title(),
            "roles": person.0.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>() });
        all.insert("me".to_owned(), me);
    }
    all.insert("nav".to_owned(), navigation(req.path()));
    let status = all.get("status").and_then(Value::as_u64).and_then(|it| u16::try_from(it).ok());
    let status = status.and_then(|it| StatusCode::from_u16(it).ok()).unwrap_or(StatusCode::OK);
    match app.pages.render(template, &Value::Object(all)) {
        Ok(html) => {
            HttpResponse::build(status).insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(html)
        }
        Err(error) => {
            let cause = error.cause.as_deref().unwrap_or("");
            tracing::error!(trace_id = %trace_id(req), template, cause, "page cannot be filled");
            HttpResponse::InternalServerError()
                .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
                .body(format!("页面未能显示，已记入日志。报障编号 {}。", trace_id(req)))
        }
    }
}

/// Whether a posted form stood on a page of ours. Browsers name the page's origin in every POST; a form of another site must
/// not come back to life behind a sign-in.
fn is_from_our_page(req: &HttpRequest) -> bool {
    let header = |name: &str| req.headers().get(name).and_then(|it| it.to_str().ok());
    let origin = header("origin").and_then(|it| it.split_once("://")).map(|(_, host)| host);
    origin.is_some() && origin == header("host")
}

fn navigation(path: &str) -> Value {
    NAV.iter()
        .map(|(href, title)| {
            let current = match *href {
                "/" => path == "/",
                // Records, and what departments say differently about them, belong to the projects.
                "/projects" => {
                    ["/projects", "/records", "/discrepancies"].iter().any(|it| path.starts_with(it))
                }
                "/documents" => ["/documents", "/batches"].iter().any(|it| path.starts_with(it)),
                _ => path.starts_with(href),
            };
            json!({ "href": href, "title": title, "current": current })
        })
        .collect()
}

/// An error as a page; who is not signed in is sent to sign in and comes back after it.
#[must_use]
pub fn refuse(req: &HttpRequest, app: &App, error: &Error) -> HttpResponse {
    refuse_as(req, app, error, "error.html", Map::new())
}

/// The same on a page of another frame, which is given `values` of its own.
#[must_use]
pub fn refuse_as(
    req: &HttpRequest,
    app: &App,
    error: &Error,
    template: &str,
    values: Map<String, Value>,
) -> HttpResponse {
    if error.code == codes::people::NOT_SIGNED_IN {
        let here = req.uri().path_and_query().map_or("/", |it| it.as_str());
        let back = if req.method() == actix_web::http::Method::GET { here } else { "/" };
        return go(
            super::view::base("/login", &Form::from([("next".to_owned(), back.to_owned())]))
                .trim_end_matches('&'),
            "",
        );
    }
    let status = status(error.code);
    if status.is_server_error() {
        let cause = error.cause.as_deref().unwrap_or("");
        tracing::error!(trace_id = %trace_id(req), code = %error.code, cause, "page failed");
    }
    let problems: Vec<Value> = error.problems.iter().map(super::view::problem).collect();
    let mut all = values;
    let said = json!({ "status": status.as_u16(), "code": error.code, "title": error.code.info().title,
        "detail": error.detail, "cure": error.code.info().cure, "problems": problems });
    if let Value::Object(said) = said {
        all.extend(said);
    }
    page(req, app, template, None, false, Value::Object(all))
}

/// What a deed before this page says. Only our own words: the address carries a key, never a text.
fn said(req: &HttpRequest) -> Value {
    let Ok(query) = web::Query::<Form>::from_query(req.query_string()) else { return Value::Null };
    let text = match query.get("done").map(String::as_str) {
        Some("drafted") => "已拟稿。标有来源的值来自部门报文，请逐项核对。",
        Some("saved") => "已保存。",
        Some("refreshed") => "已取最新数据。",
        Some("submitted") => "已提交核稿。",
        Some("passed") => "核稿已通过，送签发人。",
        Some("signed") => "已签发，待编号。",
        Some("numbered") => "已编号，定稿已生成。",
        Some("sealed") => "已用印，正本已生成。",
        Some("issued") => "已印发，可登记送达。",
        Some("served") => "送达完毕，可归档。",
        Some("archived") => "已归档，可下载归档包。",
        Some("returned") => "已退回拟稿人。",
        Some("withdrawn") => "已取回。",
        Some("transferred") => "已转办。",
        Some("reissued") => "已按现在的数据另拟一份，印发后替代原文书。",
        Some("rebound") => "已改用现行模板，请核对新增的项目。",
        Some("batch_submitted") => "全批已提交核稿。",
        Some("batch_passed") => "全批核稿已通过，送签发人。",
        Some("batch_signed") => "全批已签发，待编号印发。",
        Some("batch_started") => "已开始编号印发，可离开本页，办理在后台进行。",
        Some("batch_paused") => "已暂停。正在办的一份办完即停。",
        Some("batch_resumed") => "已继续。",
        Some("batch_rerun") => "未办成的正在再办。",
        Some("batch_returned") => "全批已退回拟稿人。",
        Some("batch_cancelled") => "已取消。已印发的文书不受影响。",
        Some("voided") => "已作废，文号保留在文号簿。",
        Some("service") => "送达已登记。",
        Some("attached") => "材料已上传。",
        Some("reserved") => "已预留文号。",
        Some("skipped") => "预留号已注销，留为空号。",
        Some("replayed") => "已按现行映射重新处理。",
        Some("changed") => "已办理，现状见下。",
        Some("mending") => "已开始集中处理，进度见下。",
        Some("again") => "已重新排入，随即发送。",
        Some("none") => "没有符合条件的投递可以重发。",
        Some("held") => "线路已暂停，待投递的保留。",
        Some("reopened") => "线路已放开，最迟 10 秒后发送。",
        Some("stopped") => "订阅已停止。",
        Some("resumed") => "订阅已恢复。",
        Some("closed") => "已办结。",
        Some("reported") => "进度已填报。",
        Some("acknowledged") => "已签收。",
        Some("requested") => "申请已提交，等待复核。",
        Some("approved") => "已同意。",
        Some("refused") => "已退回。",
        Some("password") => "密码已修改，请用新密码登录。",
        _ => return Value::Null,
    };
    json!({ "level": "ok", "text": text })
}

/// Whether the person works on documents.
pub const CLERKS: &[Role] = &[Role::Drafter, Role::Reviewer, Role::Signer, Role::Registrar];
