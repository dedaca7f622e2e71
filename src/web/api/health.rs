//! `/healthz`, `/readyz`, `/metrics`: for the operator and the load balancer. They tell counts, never content.

use std::fmt::Write;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::TimeDelta;
use serde_json::json;

use crate::clock;
use crate::error::Result;
use crate::store::{count_jobs, count_messages, find_setting};
use crate::web::answer::{self, deed, failure, finish};
use crate::web::app::App;
use crate::web::metrics::single;

/// The process answers.
pub async fn live() -> HttpResponse {
    answer::json(StatusCode::OK, &json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// The process can take requests: the database answers. Its structure was checked when the process started.
pub async fn ready(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let intake = app.intake.clone();
    let asked = deed(move || intake.store.read(|conn| find_setting(conn, "ready"))).await;
    match asked {
        Ok(_) => {
            let waiting = app.intake.writer.stats().waiting;
            let messages = app.intake.mappings.iter().count();
            answer::json(StatusCode::OK, &json!({ "status": "ok", "waiting": waiting, "messages": messages }))
        }
        Err(error) => failure(&req, &error),
    }
}

/// Counters for Prometheus.
pub async fn metrics(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let text = text(&app).await.map(|text| {
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
            .body(text)
    });
    finish(&req, text)
}

async fn text(app: &App) -> Result<String> {
    let mut out = app.metrics.text();
    let stats = app.intake.writer.stats();
    single(&mut out, "hub_write_commits_total", "counter", "Group commits of intake.", stats.commits);
    single(&mut out, "hub_writes_total", "counter", "Writes answered by the group writer.", stats.answered);
    single(&mut out, "hub_writes_waiting", "gauge", "Writes waiting for the group writer.", stats.waiting);
    if let Some(bytes) = resident_bytes() {
        single(&mut out, "process_resident_memory_bytes", "gauge", "Resident memory.", bytes);
    }
    let store = app.intake.store.clone();
    let (messages, jobs) = deed(move || {
        store.read(|conn| {
            let day_ago = clock::now() - TimeDelta::days(1);
            Ok((count_messages(conn, day_ago)?, count_jobs(conn)?))
        })
    })
    .await?;
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "# HELP hub_messages_day Messages received in the last 24 hours.\n# TYPE hub_messages_day gauge"
    );
    for (partner, state, count) in messages {
        let _ = writeln!(out, "hub_messages_day{{partner=\"{partner}\",state=\"{state}\"}} {count}");
    }
    let _ = writeln!(out, "# HELP hub_jobs Jobs by state.\n# TYPE hub_jobs gauge");
    for (kind, state, count) in jobs {
        let _ = writeln!(out, "hub_jobs{{kind=\"{kind}\",state=\"{state}\"}} {count}");
    }
    Ok(out)
}

/// Resident memory of this process, where the system tells.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}
