//! Sign in and out. Five wrong passwords lock an account for half an hour; the answer never tells whether a login exists.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::person::{self, COOKIE, LIFE};
use super::shell::{self, Form};
use crate::clock;
use crate::crypto;
use crate::error::{Error, Result, codes};
use crate::store::{
    Account, NewAudit, Session, Standing, Store, append_audit, delete_session, find_account_by_login,
    find_setting, insert_session, note_failed_login, note_login,
};
use crate::web::answer::{deed, trace_id};
use crate::web::app::App;

const TRIES: i32 = 5;
const LOCKED_FOR: TimeDelta = TimeDelta::minutes(30);

/// `GET /login`.
pub async fn form(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let query =
        web::Query::<Form>::from_query(req.query_string()).map(web::Query::into_inner).unwrap_or_default();
    let store = app.intake.store.clone();
    let demo = deed(move || store.read(|conn| find_setting(conn, "demo"))).await;
    let next = query.get("next").map(String::as_str).unwrap_or("/");
    shell::page(
        &req,
        &app,
        "login.html",
        None,
        matches!(demo, Ok(Some(_))),
        json!({ "next": own(next), "error": null, "login": "", "kept": [] }),
    )
}

/// `POST /login`.
pub async fn enter(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let form = form.into_inner();
    let text = |name: &str| form.get(name).cloned().unwrap_or_default();
    let (login, password, next) = (text("login").trim().to_owned(), text("password"), text("next"));
    let from = req.peer_addr().map(|it| it.ip().to_string());
    let (store, trace, given) = (app.intake.store.clone(), trace_id(&req), login.clone());
    match deed(move || admit(&store, &given, &password, from, &trace)).await {
        Ok(token) => {
            let mut answer = match resume(&req, &app, &form, &token).await {
                Ok(Some(page)) => page,
                Ok(None) => shell::go(own(&next), ""),
                Err(error) => return shell::refuse(&req, &app, &error),
            };
            let cookie = Cookie::build(COOKIE, token)
                .path("/")
                .http_only(true)
                .same_site(SameSite::Strict)
                .secure(app.settings.https_only)
                .max_age(Duration::seconds(LIFE.num_seconds()))
                .finish();
            if answer.add_cookie(&cookie).is_err() {
                return shell::refuse(&req, &app, &Error::internal("cookie"));
            }
            answer
        }
        Err(error) if error.code.number() / 1000 == 8 => {
            let values = json!({ "next": own(&next), "error": error.detail, "login": login, "status": 401, "kept": again(&form) });
            shell::page(&req, &app, "login.html", None, false, values)
        }
        Err(error) => shell::refuse(&req, &app, &error),
    }
}

/// Fields of a form that met an ended session go through the sign-in under names with this in front.
const KEPT: &str = "kept.";

/// The fields of a refused form, for the sign-in to carry on; its token belongs to the ended session and is left behind.
#[must_use]
pub fn kept(form: &Form) -> Vec<Value> {
    let own = form.iter().filter(|(name, _)| *name != "csrf");
    own.map(|(name, value)| json!({ "name": format!("{KEPT}{name}"), "value": value })).collect()
}

/// The carried fields of a sign-in that has to be tried again.
fn again(form: &Form) -> Vec<Value> {
    let carried = form.iter().filter(|(name, _)| name.starts_with(KEPT));
    carried.map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

/// After the sign-in: the form that was refused, to be sent once more, or none when none was carried.
async fn resume(
    req: &HttpRequest,
    app: &web::Data<App>,
    form: &Form,
    token: &str,
) -> Result<Option<HttpResponse>> {
    let fields: Vec<Value> = form
        .iter()
        .filter_map(|(name, value)| Some(json!({ "name": name.strip_prefix(KEPT)?, "value": value })))
        .collect();
    if fields.is_empty() {
        return Ok(None);
    }
    let (store, token) = (app.intake.store.clone(), token.to_owned());
    let person = deed(move || store.read(|conn| person::find(conn, Some(&token)))).await?;
    let to = own(form.get("next").map(String::as_str).unwrap_or("/"));
    let values = json!({ "to": to, "fields": fields });
    Ok(Some(shell::page(req, app, "resume.html", Some(&person), false, values)))
}

/// Only pages of ours: an address of another host must not follow a sign-in.
fn own(next: &str) -> &str {
    if next.starts_with('/') && !next.starts_with("//") && !next.contains('\\') { next } else { "/" }
}

fn wrong() -> Error {
    Error::new(codes::people::WRONG_PASSWORD, "用户名或密码不对。连续输错 5 次将锁定 30 分钟。")
}

fn admit(store: &Store, login: &str, password: &str, from: Option<String>, trace: &str) -> Result<String> {
    let now = clock::now();
    let Some(account) = store.read(|conn| find_account_by_login(conn, login))? else {
        // As long as a real check, so that time does not tell which logins exist.
        crypto::hash_password(password)?;
        return Err(wrong());
    };
    if let Some(until) = account.locked_until.filter(|until| until.utc() > now) {
        let minutes = (until.utc() - now).num_minutes() + 1;
        return Err(Error::new(
            codes::people::LOCKED,
            format!("账号已锁定，请 {minutes} 分钟后再试，或联系本单位安全管理员。"),
        ));
    }
    if account.status != Standing::Active || !crypto::verify_password(password, &account.password_hash) {
        store.write(|conn| {
            let lock = (account.failed_tries + 1 >= TRIES).then(|| now + LOCKED_FOR);
            note_failed_login(conn, &account.id, lock)?;
            audit(conn, &account, "account.login_failed", trace)
        })?;
        return Err(wrong());
    }
    open_session(store, &account, from, trace)
}

fn open_session(store: &Store, account: &Account, from: Option<String>, trace: &str) -> Result<String> {
    let now = clock::now();
    let token = crypto::random_token()?;
    let session = Session {
        id: person::session_id(&token)?,
        account_id: account.id.clone(),
        csrf: crypto::random_token()?,
        ip: from,
        user_agent: None,
        created_at: now.into(),
        last_seen_at: now.into(),
        expires_at: (now + LIFE).into(),
    };
    store.write(|conn| {
        insert_session(conn, &session)?;
        note_login(conn, &account.id, now)?;
        audit(conn, account, "account.login", trace)
    })?;
    Ok(token)
}

fn audit(conn: &mut crate::store::Conn, account: &Account, action: &str, trace: &str) -> Result<()> {
    let entry = NewAudit {
        actor: &account.login,
        action,
        object_kind: "account",
        object_id: account.id.as_str(),
        detail: &json!({}),
        trace_id: Some(trace),
    };
    append_audit(conn, &entry, clock::now())
}

/// `POST /logout`.
pub async fn leave(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (token, store) = (person::token(&req), app.intake.store.clone());
    let ended = deed(move || match token {
        Some(token) => store.write(|conn| delete_session(conn, &person::session_id(&token)?)),
        None => Ok(()),
    })
    .await;
    if let Err(error) = ended {
        return shell::refuse(&req, &app, &error);
    }
    let mut answer = shell::go("/login", "");
    let mut gone = Cookie::build(COOKIE, "").path("/").finish();
    gone.make_removal();
    if answer.add_cookie(&gone).is_err() {
        return shell::refuse(&req, &app, &Error::internal("cookie"));
    }
    answer
}
