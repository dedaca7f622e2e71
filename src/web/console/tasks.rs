//! 任务: the board with lights, one task with what happened to it, deeds, the table as a workbook.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::files::Sent;
use super::person::Person;
use super::records::query;
use super::shell::{self, Done, Form, show};
use super::view;
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::store::{Conn, Role};
use crate::tracking::Tracking;
use crate::tracking::act::{Step, act};
use crate::tracking::ask::Ask;
use crate::tracking::board::{Board, Filter, board, detail};
use crate::tracking::event::Actor;
use crate::tracking::plan::Plan;
use crate::tracking::rules::Colour;
use crate::web::app::App;

/// The plan asked for, or the one people work on.
fn plan_of(conn: &mut Conn, query: &Form) -> Result<Option<String>> {
    if let Some(asked) = query.get("plan").filter(|it| !it.is_empty()) {
        return Ok(Some(asked.clone()));
    }
    Ok(plans(conn)?.first().map(|it| it.id.clone()))
}

/// The plans that are tracked, the one that came into force last first: that is the one people work on.
fn plans(conn: &mut Conn) -> Result<Vec<Plan>> {
    let mut plans: Vec<Plan> =
        crate::store::list_plans(conn)?.iter().map(|row| row.detail.read()).collect::<Result<_>>()?;
    plans.sort_by(|a, b| (b.in_force_on, &b.id).cmp(&(a.in_force_on, &a.id)));
    Ok(plans)
}

/// Counts of the first plan for the workbench; none when no plan is tracked.
///
/// # Errors
/// What the store says.
pub fn counts(conn: &mut Conn, tracking: &Tracking) -> Result<Value> {
    let Some(plan) = plan_of(conn, &Form::new())? else { return Ok(Value::Null) };
    let board = board(conn, &tracking.desk(clock::now()), &plan, &Filter::default())?;
    Ok(json!({ "plan": plan, "title": board.title, "counts": board.counts }))
}

/// `GET /tasks[?plan=…&department=…&light=…&overdue=1&q=…]`.
pub async fn page(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (query, tracking) = (query(&req), app.tracking.clone());
    show(&req, &app, "tasks.html", move |conn, _| {
        let Some(plan) = plan_of(conn, &query)? else { return Ok(json!({ "board": Value::Null })) };
        let text = |name: &str| query.get(name).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        let filter = Filter {
            department: text("department"),
            light: text("light").and_then(|it| Colour::ALL.into_iter().find(|colour| colour.code() == it)),
            overdue: query.contains_key("overdue"),
            not_reported: query.contains_key("not_reported"),
            pending: query.contains_key("pending"),
            q: text("q"),
            ..Filter::default()
        };
        let board = board(conn, &tracking.desk(clock::now()), &plan, &filter)?;
        let plans: Vec<Value> =
            plans(conn)?.iter().map(|it| json!({ "id": it.id, "title": it.title })).collect();
        let department = filter.department.as_deref().map(|id| name(&board, id));
        let light = filter.light.map(Colour::title);
        Ok(json!({ "board": board, "given": query, "plans": plans, "department": department, "light": light,
            "base": view::base("/tasks", &Form::from([("plan".to_owned(), plan)])) }))
    })
    .await
}

/// The name of a department on a board; its id when it leads nothing there.
fn name(board: &Board, id: &str) -> String {
    let found = board.counts.departments.iter().find(|it| it.department.id == id);
    found.map_or_else(|| id.to_owned(), |it| it.department.name.clone())
}

/// `GET /tasks/{plan}/{no}`.
pub async fn one(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    task(&req, &app, Form::new(), None).await
}

/// One task; after a refused deed with what was filled in and what is wrong with it.
async fn task(req: &HttpRequest, app: &web::Data<App>, given: Form, refused: Option<Error>) -> HttpResponse {
    let tracking = app.tracking.clone();
    let part = |name: &str| req.match_info().query(name).to_owned();
    let (plan, no) = (part("plan"), part("no"));
    show(req, app, "task.html", move |conn, person| {
        let task = detail(conn, &tracking.desk(clock::now()), &plan, &no)?;
        let times: Vec<String> = task.timeline.iter().map(|it| view::time(it.event.at)).collect();
        let said: Vec<Option<&str>> = task.timeline.iter().map(|it| it.event.deed.words_said()).collect();
        let plan_title = crate::tracking::stored::get_plan(conn, &plan)?.title;
        let refused = refused.as_ref().map(|it| json!({ "detail": it.detail, "code": it.code }));
        let status = if refused.is_some() { 422 } else { 200 };
        Ok(json!({ "plan": plan, "plan_title": plan_title, "task": task, "times": times, "said": said,
            "may_act": may_act(person).is_ok(), "given": given, "refused": refused, "status": status }))
    })
    .await
}

fn may_act(person: &Person) -> Result<()> {
    person.must_be(&[Role::Reporter, Role::ReformOffice], "任务办理")
}

/// `POST /tasks/{plan}/{no}`: one deed.
pub async fn deed(req: HttpRequest, app: web::Data<App>, form: web::Form<Form>) -> HttpResponse {
    let tracking = app.tracking.clone();
    let part = |name: &str| req.match_info().query(name).to_owned();
    let (plan, no) = (part("plan"), part("no"));
    let form = form.into_inner();
    let done = shell::attempt(&req, &app, &form, move |conn, person, form| {
        may_act(person)?;
        let now = clock::now();
        let desk = tracking.desk(now);
        let ask = ask(form)?;
        let say = said(&ask.deed);
        let seen = ask.seen;
        let step = Step {
            plan: plan.clone(),
            no: no.clone(),
            actor: actor(person),
            deed: ask.into_deed(desk.today())?,
            seen,
            on: None,
        };
        act(conn, &desk, &step)?;
        Ok(Done { to: format!("/tasks/{plan}/{no}"), say })
    })
    .await;
    match done {
        Ok(done) => shell::go(&done.to, done.say),
        // What the person can mend is shown beside what was filled in, which stays.
        Err(error) if mendable(&error) => task(&req, &app, form, Some(error)).await,
        Err(error) => shell::refuse_form(&req, &app, &error, &form),
    }
}

/// Whether the person who filled in the form can put it right there: rules of tasks, fields of the form.
fn mendable(error: &Error) -> bool {
    let number = |code: crate::error::Code| code.number() / 1000;
    error.code == codes::document::FORM_FIELD || number(error.code) == number(codes::task::PERCENT_RANGE)
}

/// People of the reform office act without a department: they decide for all.
fn actor(person: &Person) -> Actor {
    let account = &person.0.account;
    let department = if person.is_one_of(&[Role::ReformOffice]) { None } else { account.department.clone() };
    Actor { id: account.login.clone(), name: account.name.clone(), department }
}

fn ask(form: &Form) -> Result<Ask> {
    let text = |name: &str| form.get(name).map(|it| it.trim().to_owned()).unwrap_or_default();
    let percent = match text("percent").as_str() {
        "" => None,
        given => Some(given.parse().map_err(|e| {
            Error::new(codes::document::FORM_FIELD, format!("完成比例“{given}”应为 0 到 100 的整数。"))
                .because(e)
        })?),
    };
    Ok(Ask {
        deed: text("deed"),
        text: text("text"),
        due: Some(text("due")).filter(|it| !it.is_empty()),
        percent,
        problems: text("problems"),
        next: text("next"),
        evidence: text("evidence").lines().map(str::to_owned).filter(|it| !it.is_empty()).collect(),
        period: None,
        seen: form.get("version").and_then(|it| it.parse().ok()),
    })
}

fn said(deed: &str) -> &'static str {
    match deed {
        "received" => "acknowledged",
        "reported" => "reported",
        "extension_requested" | "completion_requested" => "requested",
        "extension_refused" | "completion_refused" => "refused",
        "closed" => "closed",
        _ => "approved",
    }
}

/// `GET /tasks/{plan}/workbook`: the breakdown table as a workbook.
pub async fn workbook(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let (tracking, plan) = (app.tracking.clone(), req.match_info().query("plan").to_owned());
    shell::send(&req, &app, move |conn, _| {
        let desk = tracking.desk(clock::now());
        let annex = crate::tracking::breakdown::annex(conn, &desk, &plan)?;
        let board = board(conn, &desk, &plan, &Filter::default())?;
        let bytes = crate::tracking::breakdown::workbook(&annex, &board)?;
        Ok(Sent {
            media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned(),
            name: format!("{}.xlsx", annex.title),
            inline: false,
            bytes,
        })
    })
    .await
}
