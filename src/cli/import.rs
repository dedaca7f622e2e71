//! `hub import`: a file into the hub, as if its partner had sent it; bulk files row by row, resumable.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::Value;

use super::out::finding;
use super::{Call, Exit};
use crate::boot::{self, Hub, Missing};
use crate::clock;
use crate::error::{Error, Problem, Result, codes};
use crate::intake::{self, File, Inbound, Progress, RowOutcome};
use crate::store::PartnerId;

#[derive(clap::Args)]
#[command(about = "导入文件：表格逐行核对入库，中断后再运行一次即续传，不丢不重")]
pub(super) struct Args {
    #[arg(value_name = "PARTNER", help = "文件来自哪个对接单位")]
    partner: String,
    #[arg(value_name = "MESSAGE", help = "哪种报文")]
    message: String,
    #[arg(value_name = "FILE", help = "文件")]
    file: PathBuf,
    #[arg(long, help = "只试算，不入库（表格以外的报文）")]
    dry_run: bool,
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let hub = boot::open(call.config.clone(), Missing::Refuse)?;
    let table = hub.intake.mapping(&args.partner, &args.message)?.is_table();
    let (receipt, told) =
        if table && !args.dry_run { rows(&hub, &args, call)? } else { (whole(&hub, &args)?, false) };
    let outcome = receipt.get("outcome").and_then(Value::as_str).unwrap_or_default().to_owned();
    // Findings of rows were told as they came; those of the file as a whole stand in the receipt only.
    call.out.either(&receipt, || summary(&receipt, !told));
    Ok(match outcome.as_str() {
        "accepted" | "not_found" => Exit::Ok,
        "partial" => Exit::Partly,
        _ => Exit::Findings,
    })
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> Error {
    let detail = format!("读不了 {}：路径不存在或没有权限。", path.display());
    move |e| Error::new(codes::machine::FILE, detail.clone()).because(e)
}

fn name(path: &Path) -> String {
    path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The receipt, and whether findings of rows were told.
fn rows(hub: &Hub, args: &Args, call: &mut Call) -> Result<(Value, bool)> {
    let content = std::fs::File::open(&args.file).map_err(unreadable(&args.file))?;
    let file = File {
        content,
        name: name(&args.file),
        partner: PartnerId::from(args.partner.as_str()),
        message: args.message.clone(),
        by: "cli".to_owned(),
        at: clock::now(),
        trace_id: clock::fresh_id(),
    };
    let started = Instant::now();
    let (mut done, mut told) = (0_u64, false);
    let out = &mut call.out;
    let receipt = intake::import(&hub.intake, &hub.config.import, file, &mut |progress| match progress {
        Progress::Resuming(row) => out.note(&format!("上次导入到第 {row} 行，接着导入。")),
        Progress::Row(row) => {
            done += 1;
            if out.is_json() {
                out.json(row);
            } else if !row.problems.is_empty() {
                told = true;
                out.line(&verdict(row));
            }
        }
        Progress::Stored(row) => {
            let seconds = started.elapsed().as_secs_f64().max(0.001);
            #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
            let rate = done as f64 / seconds;
            out.progress(&format!("已入库到第 {row} 行，每秒 {rate:.0} 行"));
        }
    })?;
    out.progress("");
    Ok((receipt, told))
}

fn verdict(row: &RowOutcome) -> String {
    let word = if row.accepted { "提醒" } else { "退回" };
    let lines: Vec<String> = row
        .problems
        .iter()
        .map(|it: &Problem| format!("第 {} 行 {word}：{}", row.row, finding(it)))
        .collect();
    lines.join("\n")
}

/// A message that is no table goes the way of one that was sent.
fn whole(hub: &Hub, args: &Args) -> Result<Value> {
    let mut bytes = Vec::new();
    let limit = hub.config.web.body_limit;
    let file = std::fs::File::open(&args.file).map_err(unreadable(&args.file))?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable(&args.file))?;
    if bytes.len() as u64 > limit {
        return Err(Error::new(
            codes::transport::BODY_TOO_LARGE,
            format!("{} 超过单份报文上限 {} MiB。", args.file.display(), limit >> 20),
        ));
    }
    let inbound = Inbound {
        partner: PartnerId::from(args.partner.as_str()),
        name: args.message.clone(),
        bytes,
        content_type: None,
        idempotency_key: None,
        key_id: None,
        nonce: None,
        file_name: Some(name(&args.file)),
        trace_id: clock::fresh_id(),
        at: clock::now(),
    };
    let answer = if args.dry_run {
        intake::check(&hub.intake, inbound)?
    } else {
        intake::receive(&hub.intake, inbound)?
    };
    Ok(answer.receipt)
}

fn summary(receipt: &Value, with_problems: bool) -> String {
    let number = |name: &str| receipt.get(name).and_then(Value::as_i64).unwrap_or(0);
    let text = |name: &str| receipt.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut lines = Vec::new();
    if with_problems && let Some(problems) = receipt.get("problems").and_then(Value::as_array) {
        lines.extend(problems.iter().map(problem_line));
    }
    let again = if receipt.get("duplicate").and_then(Value::as_bool) == Some(true) {
        "这份内容以前已导入，没有重复入库。"
    } else {
        ""
    };
    lines.push(format!(
        "{again}接收 {} 条，退回 {} 条。报文编号 {}，回执 {}。",
        number("accepted"),
        number("refused"),
        text("message_id"),
        text("receipt_id")
    ));
    lines.join("\n")
}

fn problem_line(it: &Value) -> String {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let place = text(it.get("place").and_then(|place| place.get("path")));
    let value = text(it.get("value"));
    let shown = if value.is_empty() { String::new() } else { format!(" 值“{value}”") };
    format!("{} {place}{shown}：{} {}", text(it.get("code")), text(it.get("rule")), text(it.get("hint")))
}
