//! `hub document batch`: a sheet or a query to many documents, as in the console.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::super::{Call, Exit};
use super::{day_of, read_values, unreadable};
use crate::boot::Hub;
use crate::clock;
use crate::error::Result;
use crate::issue::{self, Actor, BatchArchive, BatchDeed, BatchOrder, NewBatch, Which};
use crate::store::{
    Batch, BatchCounts, BatchId, BatchState, ItemFilter, ItemState, Page, RecordFilter, count_batch_faults,
    count_batch_items, get_batch, list_batch_items, list_batches,
};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    #[command(about = "写出一个文种的空表")]
    Blank {
        #[arg(value_name = "KIND", help = "文种")]
        kind: String,
        #[arg(short, long, value_name = "FILE", help = "写到这个文件（XLSX）")]
        output: PathBuf,
    },
    #[command(about = "从表格（XLSX、CSV）成一批并核对")]
    New {
        #[arg(value_name = "KIND", help = "文种")]
        kind: String,
        #[arg(value_name = "FILE", help = "表格")]
        file: PathBuf,
    },
    #[command(about = "查询记录成一批并核对，每条记录一份")]
    Query {
        #[arg(value_name = "KIND", help = "文种")]
        kind: String,
        #[arg(long, value_name = "TEXT", help = "名称、编号、地址中的文字；不给则为全部")]
        text: Option<String>,
        #[arg(long, value_name = "CODE", help = "行政区划代码或其开头")]
        division: Option<String>,
        #[arg(long, value_name = "FILE", help = "JSON 文件：没有来源的各项，全批相同")]
        values: Option<PathBuf>,
    },
    #[command(about = "列出各批")]
    List,
    #[command(about = "一批的状态和没有办成的行")]
    Show {
        #[arg(value_name = "ID", help = "批次编号")]
        id: String,
    },
    #[command(about = "写出注明错误的表格")]
    Faults {
        #[arg(value_name = "ID", help = "批次编号")]
        id: String,
        #[arg(long, help = "只要有误和未办成的行")]
        unissued: bool,
        #[arg(short, long, value_name = "FILE", help = "写到这个文件（XLSX）")]
        output: PathBuf,
    },
    #[command(
        about = "办理一步：submit 提交核稿、pass 核稿、sign 签发、start 开始编号印发、pause 暂停、resume 继续、rerun 未办成的再办、return 退回、cancel 取消"
    )]
    Act {
        #[arg(value_name = "DEED", value_parser = deed_names(), help = "办理事项")]
        deed: String,
        #[arg(value_name = "ID", help = "批次编号")]
        id: String,
        #[arg(long, value_name = "TEXT", help = "意见")]
        opinion: Option<String>,
        #[arg(long, value_name = "DATE", help = "成文日期，start 时用，默认签发之日")]
        date: Option<String>,
        #[arg(long, help = "submit 时用：有误的行不办")]
        leave_out: bool,
        #[arg(long, help = "submit 时用：同一份文件再办一次")]
        again: bool,
    },
    #[command(about = "在本进程中把办理中的一批办完（平时由 hub serve 或 hub work 在后台办）")]
    Run {
        #[arg(value_name = "ID", help = "批次编号")]
        id: String,
    },
    #[command(about = "写出已印发的文书和明细（ZIP）")]
    Archive {
        #[arg(value_name = "ID", help = "批次编号")]
        id: String,
        #[arg(short, long, value_name = "FILE", help = "写到这个文件")]
        output: PathBuf,
    },
}

fn deed_names() -> clap::builder::PossibleValuesParser {
    BatchDeed::ALL.iter().map(|it| it.name()).collect::<Vec<_>>().into()
}

pub(super) fn run(hub: &Hub, args: Args, call: &mut Call) -> Result<Exit> {
    match args.what {
        What::Blank { kind, output } => {
            write(call, &output, &issue::blank_workbook(&hub.desk, &kind)?)?;
        }
        What::New { kind, file } => {
            let bytes = std::fs::read(&file).map_err(|e| unreadable(&file, &e))?;
            let name = file.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
            let who = Actor::operator("cli");
            let file = (name.as_str(), bytes.as_slice());
            let id = issue::batch_from_sheet(&hub.store, &hub.desk, new(&kind, &who), file, clock::now())?;
            return checked(hub, call, &id);
        }
        What::Query { kind, text, division, values } => {
            return query(hub, call, &kind, text, division, values.as_deref());
        }
        What::List => list(hub, call)?,
        What::Show { id } => return checked(hub, call, &id.into()),
        What::Faults { id, unissued, output } => {
            let which = if unissued { Which::Unissued } else { Which::All };
            let bytes = hub.store.read(|conn| {
                let batch = get_batch(conn, &id.into())?;
                issue::fault_workbook(conn, &batch, which)
            })?;
            write(call, &output, &bytes)?;
        }
        What::Act { deed, id, opinion, date, leave_out, again } => {
            let id = BatchId::from(id);
            let date = date.as_deref().map(day_of).transpose()?;
            let order =
                BatchOrder { opinion: opinion.as_deref(), date, leave_out, again, ..BatchOrder::of(&id) };
            // clap has let through names of deeds only.
            if let Some(deed) = BatchDeed::parse(&deed) {
                act(hub, call, deed, &order)?;
            }
        }
        What::Run { id } => return finish(hub, call, &id.into()),
        What::Archive { id, output } => archive(hub, call, id.into(), &output)?,
    }
    Ok(Exit::Ok)
}

fn new<'a>(kind: &'a str, who: &'a Actor) -> NewBatch<'a> {
    NewBatch { kind, department: Some("civil_defence"), who, demo: false }
}

fn query(
    hub: &Hub,
    call: &mut Call,
    kind: &str,
    text: Option<String>,
    division: Option<String>,
    values: Option<&Path>,
) -> Result<Exit> {
    let values = values.map(read_values).transpose()?.unwrap_or_default();
    let shared: BTreeMap<String, String> = values
        .into_iter()
        .map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    let subject = hub.desk.kind(kind)?.subject.clone();
    let title = hub.desk.schema.kind(&subject).map_or(subject.as_str(), |it| it.title.as_str());
    let words = text.as_ref().map_or_else(|| title.to_owned(), |it| format!("{title}，含“{it}”"));
    let filter = RecordFilter { kind: Some(subject.clone()), division, text };
    let who = Actor::operator("cli");
    let (store, desk) = (&hub.store, &hub.desk);
    let id = issue::batch_from_query(store, desk, new(kind, &who), (&filter, &words), &shared, clock::now())?;
    checked(hub, call, &id)
}

fn write(call: &mut Call, output: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(output, bytes).map_err(|e| unreadable(output, &e))?;
    call.out.either(&json!({ "file": output, "bytes": bytes.len() }), || {
        format!("已写到 {}。", output.display())
    });
    Ok(())
}

fn list(hub: &Hub, call: &mut Call) -> Result<()> {
    let found = hub.store.read(|conn| list_batches(conn, None, Page::first(500)))?;
    for row in found.rows {
        call.out.either(&row, || format!("{}  {}  {}  {}", row.id, row.state.title(), row.kind, row.name));
    }
    Ok(())
}

/// How a batch stands, and the rows that are wrong; they decide the exit code.
fn checked(hub: &Hub, call: &mut Call, id: &BatchId) -> Result<Exit> {
    let (batch, counts, faults, items) = hub.store.read(|conn| {
        let wrong = |state| ItemFilter { state: Some(state), ..ItemFilter::default() };
        let mut items = list_batch_items(conn, id, wrong(ItemState::Faulty), 1_000)?;
        items.extend(list_batch_items(conn, id, wrong(ItemState::Failed), 1_000)?);
        Ok((get_batch(conn, id)?, count_batch_items(conn, id)?, count_batch_faults(conn, id)?, items))
    })?;
    let faults: Vec<_> = faults.iter().map(|(it, n)| json!({ "fault": it, "rows": n })).collect();
    let told = json!({ "batch": batch, "counts": counts, "faults": faults, "wrong": items });
    call.out.either(&told, || sentence(&batch, counts));
    if !call.out.is_json() {
        for item in &items {
            let why = item.fault.map_or("未办成", |it| it.title());
            call.out.note(&format!("  第 {} 行 {}：{why}", item.row, item.title));
        }
    }
    Ok(if items.is_empty() { Exit::Ok } else { Exit::Partly })
}

fn sentence(batch: &Batch, counts: BatchCounts) -> String {
    let BatchCounts { faulty, ready, done, failed, pages, .. } = counts;
    let state = batch.state.title();
    format!(
        "{}  {state}：待办 {ready}，已印发 {done}，未办成 {failed}，有误 {faulty}；共 {pages} 页。",
        batch.id
    )
}

fn act(hub: &Hub, call: &mut Call, deed: BatchDeed, order: &BatchOrder<'_>) -> Result<()> {
    let who = Actor::operator("cli");
    let (batch, counts) = hub.store.write(|conn| {
        let batch = issue::act_batch(conn, &hub.desk, deed, order, &who, clock::now())?;
        Ok((batch, count_batch_items(conn, order.id)?))
    })?;
    call.out.either(&json!({ "batch": batch, "counts": counts }), || sentence(&batch, counts));
    Ok(())
}

fn finish(hub: &Hub, call: &mut Call, id: &BatchId) -> Result<Exit> {
    let told = |call: &mut Call| -> Result<()> {
        let counts = hub.store.read(|conn| count_batch_items(conn, id))?;
        call.out.progress(&format!("{} / {}", counts.done + counts.failed, counts.total()));
        Ok(())
    };
    issue::run_batch(&hub.store, &hub.desk, id, &clock::now, || told(call).map(|()| false))?;
    let batch = hub.store.read(|conn| get_batch(conn, id))?;
    if batch.state != BatchState::Done {
        call.out.note(&format!("这一批现为“{}”，没有可办的。", batch.state.title()));
    }
    checked(hub, call, id)
}

/// Writes the archive piece by piece.
fn archive(hub: &Hub, call: &mut Call, id: BatchId, output: &Path) -> Result<()> {
    hub.store.read(|conn| get_batch(conn, &id))?;
    let mut file = std::fs::File::create(output).map_err(|e| unreadable(output, &e))?;
    let (mut archive, mut size) = (BatchArchive::begin(hub.store.clone(), id), 0);
    while let Some(piece) = archive.next_piece()? {
        file.write_all(&piece).map_err(|e| unreadable(output, &e))?;
        size += piece.len();
    }
    call.out.either(&json!({ "file": output, "bytes": size }), || format!("已写到 {}。", output.display()));
    Ok(())
}
