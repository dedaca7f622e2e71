//! `/api/v1/plans/…`: tasks, lights and reports for the systems of the departments concerned.
//!
//! A partner acts for its department: it may report on tasks its department leads or supports, and decide only where its
//! department is the plan's office.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use crate::clock;
use crate::error::{Error, Result, codes};
use crate::store::Partner;
use crate::tracking::Import;
use crate::tracking::ask::Ask;
use crate::tracking::board::Filter;
use crate::tracking::event::Actor;
use crate::tracking::rules::Colour;
use crate::tracking::state::State;
use crate::tracking::stored;
use crate::web::answer::{self, deed, finish};
use crate::web::app::App;
use crate::web::{auth, body};

/// `GET /plans`: the plans that are tracked.
pub async fn plans(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let listed = list_plans(&req, &app).await;
    finish(&req, listed)
}

/// `GET /plans/{plan}/tasks`: the board, filtered.
pub async fn list(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let listed = list_tasks(&req, &app).await;
    finish(&req, listed)
}

/// `GET /plans/{plan}/tasks/{no}`: one task with everything that happened to it.
pub async fn show(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let shown = show_task(&req, &app).await;
    finish(&req, shown)
}

/// `POST /plans/{plan}/tasks/{no}/deeds`: one deed, an [`Ask`] as JSON.
pub async fn act(req: HttpRequest, app: web::Data<App>, payload: web::Payload) -> HttpResponse {
    let acted = do_deed(&req, &app, payload).await;
    finish(&req, acted)
}

/// `GET /plans/{plan}/breakdown`: the rows of the annex.
pub async fn breakdown(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let rows = annex(&req, &app).await;
    finish(&req, rows)
}

/// `GET /plans/{plan}/breakdown.xlsx`: the breakdown as a workbook.
pub async fn workbook(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let file = export(&req, &app).await;
    finish(&req, file)
}

/// `POST /plans/{plan}/import[?dry_run=true&sheet=…]`: a table of tasks, XLSX or CSV, from the plan's office.
pub async fn import(req: HttpRequest, app: web::Data<App>, payload: web::Payload) -> HttpResponse {
    let loaded = import_table(&req, &app, payload).await;
    finish(&req, loaded)
}

fn part(req: &HttpRequest, name: &str) -> String {
    req.match_info().query(name).to_owned()
}

fn query<T: for<'de> Deserialize<'de>>(req: &HttpRequest) -> Result<T> {
    web::Query::<T>::from_query(req.query_string()).map(web::Query::into_inner).map_err(|e| {
        Error::new(codes::transport::PARAMETER, "网址中的查询参数读不懂；参数名和取值见接口说明。").because(e)
    })
}

fn actor(partner: &Partner) -> Actor {
    Actor {
        id: partner.id.to_string(),
        name: partner.title.clone(),
        department: Some(partner.department.clone()),
    }
}

async fn list_plans(req: &HttpRequest, app: &App) -> Result<HttpResponse> {
    auth::admit(req, app).await?;
    let tracking = app.tracking.clone();
    let plans = deed(move || tracking.plans()).await?;
    let rows: Vec<_> = plans
        .iter()
        .map(|plan| json!({ "id": plan.id, "title": plan.title, "doc_no": plan.doc_no, "division": plan.division }))
        .collect();
    Ok(answer::json(StatusCode::OK, &json!({ "plans": rows })))
}

/// The filter as it stands in an address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    department: Option<String>,
    light: Option<String>,
    state: Option<String>,
    #[serde(default)]
    overdue: bool,
    #[serde(default)]
    not_reported: bool,
    #[serde(default)]
    pending: bool,
    q: Option<String>,
}

impl Query {
    fn filter(self) -> Result<Filter> {
        let unknown = |name: &str, value: &str| {
            Error::new(codes::transport::PARAMETER, format!("参数 {name} 的值“{value}”不在可选之列。"))
        };
        let light = self.light.map(|text| Colour::parse(&text).ok_or_else(|| unknown("light", &text)));
        let state = self.state.map(|text| {
            let named = State::ALL.iter().find(|state| state.as_str() == text || state.title() == text);
            named.copied().ok_or_else(|| unknown("state", &text))
        });
        Ok(Filter {
            department: self.department,
            light: light.transpose()?,
            state: state.transpose()?,
            level: None,
            overdue: self.overdue,
            not_reported: self.not_reported,
            pending: self.pending,
            q: self.q,
        })
    }
}

async fn list_tasks(req: &HttpRequest, app: &App) -> Result<HttpResponse> {
    auth::admit(req, app).await?;
    let filter = query::<Query>(req)?.filter()?;
    let (tracking, plan) = (app.tracking.clone(), part(req, "plan"));
    let board = deed(move || tracking.board(&plan, &filter, clock::now())).await?;
    Ok(answer::json(StatusCode::OK, &board))
}

async fn show_task(req: &HttpRequest, app: &App) -> Result<HttpResponse> {
    auth::admit(req, app).await?;
    let (tracking, plan, no) = (app.tracking.clone(), part(req, "plan"), part(req, "no"));
    let detail = deed(move || tracking.detail(&plan, &no, clock::now())).await?;
    Ok(answer::json(StatusCode::OK, &detail))
}

async fn do_deed(req: &HttpRequest, app: &App, payload: web::Payload) -> Result<HttpResponse> {
    let knocking = auth::knock(req, app).await?;
    let settings = &app.settings;
    let bytes = body::read(req, payload, settings.body_limit, settings.client_timeout).await?;
    let caller = knocking.verify(req, app, &bytes)?;
    auth::take(app, &caller).await?;
    let ask: Ask = serde_json::from_slice(&bytes).map_err(|e| {
        let at = format!("第 {} 行第 {} 列", e.line(), e.column());
        Error::new(codes::transport::PARAMETER, format!("正文应为一项办理的 JSON，{at}读不懂。")).because(e)
    })?;
    let (tracking, plan, no) = (app.tracking.clone(), part(req, "plan"), part(req, "no"));
    let detail = deed(move || {
        let now = clock::now();
        tracking.act(&plan, &no, actor(&caller.partner), ask, now)?;
        tracking.detail(&plan, &no, now)
    })
    .await?;
    Ok(answer::json(StatusCode::OK, &detail))
}

async fn annex(req: &HttpRequest, app: &App) -> Result<HttpResponse> {
    auth::admit(req, app).await?;
    let (tracking, plan) = (app.tracking.clone(), part(req, "plan"));
    let annex = deed(move || tracking.annex(&plan, clock::now())).await?;
    Ok(answer::json(StatusCode::OK, &annex))
}

async fn export(req: &HttpRequest, app: &App) -> Result<HttpResponse> {
    auth::admit(req, app).await?;
    let (tracking, plan) = (app.tracking.clone(), part(req, "plan"));
    let name = format!("attachment; filename=\"{plan}.xlsx\"");
    let bytes = deed(move || tracking.workbook(&plan, clock::now())).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))
        .insert_header((CONTENT_DISPOSITION, name))
        .body(bytes))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportQuery {
    #[serde(default)]
    dry_run: bool,
    sheet: Option<String>,
}

async fn import_table(req: &HttpRequest, app: &App, payload: web::Payload) -> Result<HttpResponse> {
    let knocking = auth::knock(req, app).await?;
    let settings = &app.settings;
    let bytes = body::read(req, payload, settings.body_limit, settings.client_timeout).await?;
    let caller = knocking.verify(req, app, &bytes)?;
    auth::take(app, &caller).await?;
    let asked: ImportQuery = query(req)?;
    let (tracking, plan) = (app.tracking.clone(), part(req, "plan"));
    let loaded = deed(move || {
        let now = clock::now();
        let plan = tracking.store.read(|conn| stored::get_plan(conn, &plan))?;
        if caller.partner.department != plan.office {
            return Err(Error::new(
                codes::task::NOT_OFFICE,
                format!("任务表由督办单位导入，{}不是“{}”的督办单位。", caller.partner.title, plan.title),
            ));
        }
        let import = Import {
            plan: &plan,
            bytes: &bytes,
            sheet: asked.sheet.as_deref(),
            handed_out: clock::china_date(now),
            dry_run: asked.dry_run,
        };
        let loaded = tracking.import(&import, &actor(&caller.partner), now)?;
        match loaded.refused() {
            Some(error) if !asked.dry_run => Err(error),
            _ => Ok(loaded),
        }
    })
    .await?;
    Ok(answer::json(StatusCode::OK, &loaded))
}
