//! `hub document`: drafts, previews, issues, voids and traces documents from the command line.

mod batch;
mod signature;

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::{Call, Exit};
use crate::boot::{self, Hub, Missing};
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::issue::{self, Actor, Deed, Format, NewDraft, Order, Traced};
use crate::store::{
    Document, DocumentFilter, DocumentId, FileRole, Page, RecordId, get_document, list_document_events,
    list_document_files, list_documents, load_document_file,
};
use crate::text::date;

#[derive(clap::Args)]
#[command(about = "公文：拟稿、样稿、签发编号、作废、核验、追溯来源")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    #[command(about = "列出文种")]
    Kinds,
    #[command(about = "从一条记录拟稿，自动预填")]
    New {
        #[arg(value_name = "KIND", help = "文种，如 obligation_notice")]
        kind: String,
        #[arg(long, value_name = "ID", help = "记录号；不给则由 --values 填写")]
        record: Option<String>,
        #[arg(long, value_name = "FILE", help = "JSON 文件，补充或代替预填的值")]
        values: Option<PathBuf>,
    },
    #[command(about = "列出公文")]
    List {
        #[arg(long, value_name = "TEXT", help = "标题或文号中的文字")]
        text: Option<String>,
    },
    #[command(about = "生成样稿（带草稿水印）或取出正本；也可生成 OFD、PDF/A-1b 副本和供修改的 DOCX")]
    Render {
        #[arg(value_name = "ID", help = "公文编号")]
        id: String,
        #[arg(long, value_parser = format_of, default_value = "pdf", help = "格式：pdf、ofd、pdfa1b（供只收旧版本的档案系统）、docx（供修改的文稿）")]
        format: Format,
        #[arg(short, long, value_name = "FILE", help = "写到这个文件")]
        output: PathBuf,
    },
    #[command(about = "一次办完签发、编号、用印、印发")]
    Issue {
        #[arg(value_name = "ID", help = "公文编号")]
        id: String,
        #[arg(long, value_name = "DATE", help = "成文日期，默认今天")]
        date: Option<String>,
    },
    #[command(
        about = "办理一步：submit 提交核稿、pass 核稿、sign 签发、number 编号、seal 用印、issue 印发、serve 送达完毕、archive 归档、return 退回、withdraw 取回、transfer 转办、reissue 重发"
    )]
    Act {
        #[arg(value_name = "DEED", value_parser = deed_names(), help = "办理事项")]
        deed: String,
        #[arg(value_name = "ID", help = "公文编号")]
        id: String,
        #[arg(long, value_name = "TEXT", help = "意见")]
        opinion: Option<String>,
        #[arg(long, value_name = "LOGIN", help = "送交或转办给谁（登录名）")]
        to: Option<String>,
        #[arg(long, value_name = "DATE", help = "成文日期，编号时用，默认签发之日")]
        date: Option<String>,
    },
    #[command(about = "作废：文号保留，理由入文号簿")]
    Void {
        #[arg(value_name = "ID", help = "公文编号")]
        id: String,
        #[arg(long, value_name = "TEXT", help = "作废理由")]
        reason: String,
    },
    #[command(about = "办理过程：每一步何人何时、意见和指纹")]
    History {
        #[arg(value_name = "ID", help = "公文编号")]
        id: String,
    },
    #[command(about = "追溯：每个印出的值来自哪份报文的哪个位置")]
    Trace {
        #[arg(value_name = "ID", help = "公文编号")]
        id: String,
        #[arg(value_name = "FIELD", help = "只看这一项，如 floor_area")]
        field: Option<String>,
    },
    #[command(about = "核验：这个文件是不是本中枢签发的正本，其中的签名是否有效")]
    Verify {
        #[arg(value_name = "FILE", help = "PDF、OFD 文件")]
        file: PathBuf,
        #[arg(long, value_name = "FILE", help = "受信任的颁发机构证书（PEM）")]
        trust: Option<PathBuf>,
    },
    #[command(about = "用密钥文件给一个 PDF 加电子签名")]
    Sign(signature::SignArgs),
    #[command(about = "批量办理：一张表格或一次查询成一批，核对后全批办理")]
    Batch(batch::Args),
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let hub = boot::open(call.config.clone(), Missing::Refuse)?;
    match args.what {
        What::Kinds => kinds(&hub, call),
        What::New { kind, record, values } => new(&hub, call, &kind, record, values.as_deref())?,
        What::List { text } => list(&hub, call, text)?,
        What::Render { id, format, output } => render(&hub, call, &id.into(), format, &output)?,
        What::Issue { id, date } => issue_one(&hub, call, &id.into(), date.as_deref())?,
        What::Void { id, reason } => {
            let id = DocumentId::from(id);
            act(&hub, call, Deed::Void, &Order { opinion: Some(&reason), ..Order::of(&id) })?;
        }
        What::Act { deed, id, opinion, to, date } => {
            let id = DocumentId::from(id);
            let order = Order {
                opinion: opinion.as_deref(),
                to: to.as_deref(),
                date: date.as_deref().map(day_of).transpose()?,
                ..Order::of(&id)
            };
            // clap has let through names of deeds only.
            if let Some(deed) = Deed::parse(&deed) {
                act(&hub, call, deed, &order)?;
            }
        }
        What::History { id } => {
            for event in hub.store.read(|conn| list_document_events(conn, &DocumentId::from(id)))? {
                call.out.either(&event, || {
                    let opinion = event.opinion.as_deref().map(|it| format!("：{it}")).unwrap_or_default();
                    let at = event.at.utc().with_timezone(&clock::china()).format("%Y-%m-%d %H:%M");
                    format!("{at}  {}  {}（{}）{opinion}", event.actor, event.action, event.to_state.title())
                });
            }
        }
        What::Trace { id, field } => {
            for traced in hub.store.read(|conn| issue::trace(conn, &id.as_str().into(), field.as_deref()))? {
                call.out.either(&traced, || describe(&traced));
            }
        }
        What::Verify { file, trust } => return signature::verify(&hub, call, &file, trust.as_deref()),
        What::Sign(args) => signature::sign(&hub, call, &args)?,
        What::Batch(args) => return batch::run(&hub, args, call),
    }
    Ok(Exit::Ok)
}

fn kinds(hub: &Hub, call: &mut Call) {
    for kind in hub.desk.kinds.iter() {
        let row = json!({ "kind": kind.name, "title": kind.title, "version": kind.version, "subject": kind.subject });
        call.out.either(&row, || {
            format!("{}  {}（第 {} 版，从 {} 拟稿）", kind.name, kind.title, kind.version, kind.subject)
        });
    }
}

fn new(hub: &Hub, call: &mut Call, kind: &str, record: Option<String>, values: Option<&Path>) -> Result<()> {
    let record = record.map(RecordId::from);
    let values = values.map(read_values).transpose()?.unwrap_or_default();
    let draft = NewDraft {
        kind,
        subject: record.as_ref(),
        values,
        department: Some("civil_defence"),
        division: None,
        actor: "cli",
        demo: false,
    };
    let made = hub.store.write(|conn| {
        let document = issue::create(conn, &hub.desk, &draft, clock::now())?;
        let problems = issue::problems(conn, &hub.desk, &document)?;
        Ok((document, problems))
    })?;
    let (document, problems) = made;
    call.out.either(&json!({ "document": document, "problems": problems }), || {
        format!("已拟稿《{}》，编号 {}，尚有 {} 处需补正。", document.title, document.id, problems.len())
    });
    for problem in &problems {
        call.out.note(&format!("  {problem}"));
    }
    Ok(())
}

pub(super) fn read_values(path: &Path) -> Result<Map<String, Value>> {
    let text = std::fs::read_to_string(path).map_err(|e| unreadable(path, &e))?;
    serde_json::from_str(&text).map_err(|e| {
        Error::new(codes::document::FORM_FIELD, format!("{} 不是 JSON 对象：{e}。", path.display()))
    })
}

pub(super) fn unreadable(path: &Path, cause: &std::io::Error) -> Error {
    Error::new(codes::machine::FILE, format!("读写不了文件 {}。", path.display())).because(cause)
}

fn list(hub: &Hub, call: &mut Call, text: Option<String>) -> Result<()> {
    let filter = DocumentFilter { text, ..DocumentFilter::default() };
    let found = hub.store.read(|conn| list_documents(conn, &filter, Page::first(500)))?;
    for row in found.rows {
        call.out.either(&row, || {
            let number = row.number.as_deref().unwrap_or("（未编号）");
            format!("{}  {number}  {}  {}", row.id, row.state.title(), row.title)
        });
    }
    Ok(())
}

fn format_of(name: &str) -> std::result::Result<Format, String> {
    Format::parse(name).ok_or_else(|| {
        let known = Format::ALL.map(Format::as_str).join("、");
        format!("没有这种格式；可以是 {known}")
    })
}

fn render(hub: &Hub, call: &mut Call, id: &DocumentId, format: Format, output: &Path) -> Result<()> {
    let kept = if format == Format::Pdf { final_copy(hub, id)? } else { None };
    let bytes = match kept {
        Some(bytes) => bytes,
        None => hub.store.read(|conn| issue::export(conn, &hub.desk, id, format))?,
    };
    std::fs::write(output, &bytes).map_err(|e| unreadable(output, &e))?;
    call.out.either(&json!({ "file": output, "bytes": bytes.len() }), || {
        format!("已写到 {}。", output.display())
    });
    Ok(())
}

/// The issued file, when there is one.
fn final_copy(hub: &Hub, id: &DocumentId) -> Result<Option<Vec<u8>>> {
    hub.store.read(|conn| {
        get_document(conn, id)?;
        let files = list_document_files(conn, id)?;
        let Some(file) = files.into_iter().find(|it| it.role == FileRole::Final) else { return Ok(None) };
        Ok(load_document_file(conn, &file.id)?.map(|(_, bytes)| bytes))
    })
}

fn issue_one(hub: &Hub, call: &mut Call, id: &DocumentId, day: Option<&str>) -> Result<()> {
    let now = clock::now();
    let day = day.map(day_of).transpose()?.unwrap_or_else(|| clock::china_date(now));
    let done: Document =
        hub.store.write(|conn| issue::issue(conn, &hub.desk, id, day, &Actor::operator("cli"), now))?;
    call.out.either(&done, || {
        format!("《{}》已签发，文号 {}。", done.title, done.number.as_deref().unwrap_or("（本文种不编号）"))
    });
    Ok(())
}

/// The names clap lets through; 作废 has a command of its own.
fn deed_names() -> clap::builder::PossibleValuesParser {
    Deed::ALL.iter().filter(|it| **it != Deed::Void).map(|it| it.name()).collect::<Vec<_>>().into()
}

fn act(hub: &Hub, call: &mut Call, deed: Deed, order: &Order<'_>) -> Result<()> {
    let who = Actor::operator("cli");
    let done = hub.store.write(|conn| issue::act(conn, &hub.desk, deed, order, &who, clock::now()))?;
    call.out.either(&done, || {
        let number = done.number.as_deref().map(|it| format!("{it} ")).unwrap_or_default();
        format!(
            "{number}《{}》已{}，现为“{}”，编号 {}。",
            done.title,
            deed.title(),
            done.state.title(),
            done.id
        )
    });
    Ok(())
}

pub(super) fn day_of(text: &str) -> Result<NaiveDate> {
    date::parse(text).ok_or_else(|| {
        Error::new(codes::transport::PARAMETER, format!("“{text}”不是有效日期，请写成 2026-03-01。"))
    })
}

fn describe(traced: &Traced) -> String {
    let value = &traced.value;
    let Some(place) = &traced.place else {
        return format!("{}：{}（拟稿人填写）", value.name, value.printed);
    };
    let bytes = traced.bytes.as_deref().map(|it| format!("，原文“{it}”")).unwrap_or_default();
    format!(
        "{}：{} ← {} {} 字节 {}–{}{bytes}",
        value.name,
        value.printed,
        traced.message.as_deref().unwrap_or_default(),
        place.path,
        place.start,
        place.end,
    )
}
