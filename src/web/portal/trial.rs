//! `/portal/try`: a message is pasted or chosen, and the page shows what it would become and what it would be answered.
//! Nothing is stored.
//!
//! Anybody may see what a mapping makes of a message; that needs no database. Whether the records of a message are there
//! already is known only to who may know it: for those the whole dry run of the API is made.

use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::samples::{counts, outcome, own_answer};
use super::shell::{missing, reader, refuse, show};
use super::{reference, samples};
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::intake::{self, Finding, Inbound};
use crate::mapping::{Hints, Mapping, Outcome, Reading};
use crate::model::Schema;
use crate::store::Role;
use crate::text::charset::{Charset, encode};
use crate::web::answer::{deed, trace_id};
use crate::web::api::exchange::status_of;
use crate::web::app::App;
use crate::web::console::person::Person;
use crate::web::console::records::query;
use crate::web::console::view;
use crate::web::throttle::Pace;
use crate::web::{body, limits, upload};

/// Largest form taken: a message that is looked at by eye is smaller.
const LARGEST: u64 = 1 << 20;
/// Ten tries at once, then one every two seconds.
const PACE: Pace = Pace { burst: 10.0, rate: 0.5 };
/// Values, rows and findings shown at most.
const SHOWN: usize = 300;

/// A message to be tried.
#[derive(Default)]
struct Given {
    /// `partner/message`.
    message: String,
    /// As pasted; empty when a file was chosen.
    text: String,
    file: Option<(String, Vec<u8>)>,
}

/// `GET /portal/try[?message=partner/message[&sample=name]]`.
pub async fn form(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let query = query(&req);
    let message = query.get("message").cloned().unwrap_or_default();
    let text = query.get("sample").and_then(|name| {
        let mapping = find(&app, &message)?;
        let (good, bad) = samples::read(mapping, &app.mapping_files, &app.intake.schema);
        good.iter().chain(&bad).find(|it| it.is_named(name))?.text().map(str::to_owned)
    });
    let values = asked(&app, &Given { message, text: text.unwrap_or_default(), file: None });
    show(&req, &app, "portal/try.html", move |_, _| Ok(values)).await
}

/// `POST /portal/try`.
pub async fn check(req: HttpRequest, app: web::Data<App>, payload: web::Payload) -> HttpResponse {
    if let Err(wait) = limits::slow(&req, &app, &app.trials, PACE) {
        let seconds = wait.as_secs() + 1;
        let error =
            Error::new(codes::transport::TRIAL_TOO_OFTEN, format!("试得太频繁，请 {seconds} 秒后再试。"));
        let mut refused = refuse(&req, &app, &error);
        refused.headers_mut().insert(RETRY_AFTER, seconds.into());
        return refused;
    }
    let given = match given(&req, &app, payload).await {
        Ok(given) => given,
        Err(error) => return refuse(&req, &app, &error),
    };
    match try_it(&req, &app, given).await {
        Ok(values) => show(&req, &app, "portal/try.html", move |_, _| Ok(values)).await,
        Err(error) => refuse(&req, &app, &error),
    }
}

async fn try_it(req: &HttpRequest, app: &web::Data<App>, given: Given) -> Result<Value> {
    let (person, state, trace) = (reader(req, app).await?, app.clone(), trace_id(req));
    deed(move || {
        let mut values = asked(&state, &given);
        let tried = tried(&state, &given, person.as_ref(), trace)?;
        if let Value::Object(values) = &mut values {
            values.insert("tried".to_owned(), tried);
        }
        Ok(values)
    })
    .await
}

async fn given(req: &HttpRequest, app: &App, payload: web::Payload) -> Result<Given> {
    let limit = LARGEST.min(app.settings.body_limit);
    let bytes = body::read(req, payload, limit, app.settings.client_timeout).await?;
    let mut given = Given::default();
    for part in upload::parts(req.headers(), bytes).await? {
        match (part.name.as_str(), part.file) {
            ("message", _) => given.message = String::from_utf8_lossy(&part.bytes).trim().to_owned(),
            ("text", _) => given.text = String::from_utf8_lossy(&part.bytes).into_owned(),
            ("file", Some(name)) if !part.bytes.is_empty() => given.file = Some((name, part.bytes)),
            _ => {}
        }
    }
    Ok(given)
}

fn find<'a>(app: &'a App, message: &str) -> Option<&'a Mapping> {
    let (partner, message) = message.split_once('/')?;
    app.intake.mappings.get(partner, message)
}

/// The form as it was filled in.
fn asked(app: &App, given: &Given) -> Value {
    json!({ "partners": reference::partners(&app.intake.mappings), "message": given.message, "text": given.text,
        "largest": LARGEST.min(app.settings.body_limit) >> 10, "tried": null })
}

/// What a message would become, for who asks.
fn tried(app: &App, given: &Given, person: Option<&Person>, trace: String) -> Result<Value> {
    let mapping = find(app, &given.message).ok_or_else(|| missing("没有这种报文，请从列表里选。"))?;
    let bytes = match &given.file {
        Some((_, bytes)) => bytes.clone(),
        None => in_charset(mapping, &given.text)?,
    };
    if bytes.is_empty() {
        return Err(Error::new(codes::transport::PARAMETER, "没有贴报文，也没有选文件。"));
    }
    let hints = Hints { content_type: None, now: Some(clock::now()), ..Hints::default() };
    let reading = mapping.read(&bytes, &hints);
    let file_name = given.file.as_ref().map_or("", |(name, _)| name.as_str());
    let own = own_answer(mapping, &reading, &bytes, file_name);
    let whole = may_know(person);
    let (outcome_of, receipt) = if whole {
        let inbound = inbound(mapping, bytes, trace);
        let answer = intake::check(&app.intake, inbound)?;
        (answer.outcome, answer.receipt)
    } else {
        (reading.outcome, foreseen(mapping, &reading))
    };
    let receipt = serde_json::to_string_pretty(&receipt).map_err(Error::internal)?;
    let problems: Vec<Value> = reading.problems.iter().take(SHOWN).map(view::problem).collect();
    let (records, cut) = records(&reading, &app.intake.schema);
    Ok(
        json!({ "outcome": outcome(outcome_of), "status": status_of(outcome_of).as_u16(), "look": look(outcome_of),
        "whole": whole, "receipt": receipt, "own": own, "records": records, "cut": cut,
        "problems": problems, "more": reading.problems.len().saturating_sub(SHOWN) }),
    )
}

/// What the database holds shows in a whole dry run: to who sees all messages anyway.
fn may_know(person: Option<&Person>) -> bool {
    person.is_some_and(|it| it.is_one_of(&[Role::Steward]))
}

fn inbound(mapping: &Mapping, bytes: Vec<u8>, trace_id: String) -> Inbound {
    Inbound {
        partner: mapping.partner.as_str().into(),
        name: mapping.message.clone(),
        bytes,
        content_type: None,
        idempotency_key: None,
        key_id: None,
        nonce: None,
        file_name: None,
        trace_id,
        at: clock::now(),
    }
}

/// Browsers paste Unicode; the message is judged in the charset it would be sent in.
fn in_charset(mapping: &Mapping, text: &str) -> Result<Vec<u8>> {
    let label = mapping.describe().charset;
    let charset = label.as_deref().and_then(Charset::from_label).unwrap_or(Charset::Utf8);
    encode(text, charset).map_err(|it| {
        let detail = format!("“{}”不在 {} 字符集里，这种报文发不出这个字。", it.character, charset.label());
        Error::new(codes::transport::PARAMETER, detail)
    })
}

/// The receipt as far as the mapping alone can tell it.
fn foreseen(mapping: &Mapping, reading: &Reading) -> Value {
    let (accepted, refused) = counts(reading);
    let findings: Vec<Finding> = reading.problems.iter().take(SHOWN).cloned().map(Finding::from).collect();
    let rows: Vec<Value> = reading
        .rows
        .iter()
        .filter(|it| !it.accepted)
        .take(SHOWN)
        .map(|it| json!({ "row": it.row, "place": it.place, "keys": it.keys, "problems": it.problems }))
        .collect();
    json!({ "partner": mapping.partner, "message": mapping.message, "mapping": mapping.label(),
        "message_key": reading.message_key, "outcome": reading.outcome, "dry_run": true,
        "accepted": accepted, "refused": refused, "refused_rows": rows, "problems": findings })
}

/// The records of a message with the place of each value, and whether some were left out.
fn records(reading: &Reading, schema: &Schema) -> (Vec<Value>, bool) {
    let (mut left, mut shown) = (SHOWN, Vec::new());
    for claim in &reading.claims {
        let Some(kind) = schema.kind_at(claim.kind).filter(|_| left > 0) else { break };
        let values: Vec<Value> = claim
            .fields
            .iter()
            .take(left)
            .filter_map(|it| {
                let field = kind.fields.get(it.field)?;
                let place = it.spot.place();
                Some(json!({ "title": field.title, "name": field.name, "path": view::place(&place),
                    "it": view::field(field, &it.value.to_json(&field.ty), None, "") }))
            })
            .collect();
        left -= claim.fields.len().min(left);
        shown.push(json!({ "kind": kind.name, "title": kind.title, "row": claim.row, "values": values }));
    }
    let all: usize = reading.claims.iter().map(|it| it.fields.len()).sum();
    (shown, all > SHOWN)
}

fn look(of: Outcome) -> Value {
    let (shape, look) = match of {
        Outcome::Accepted => ("●", "ok"),
        Outcome::NotFound => ("○", "idle"),
        Outcome::Partial => ("◐", "warn"),
        Outcome::Refused => ("■", "bad"),
    };
    json!({ "shape": shape, "look": look })
}
