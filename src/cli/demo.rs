//! `hub demo load` and `clear`: thirty invented projects in every stage of life, sent through intake as partners send them; the task
//! breakdown and an invented list of the current year; accounts; one document of each kind, issued.

mod clear;
mod story;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::account::{NewPerson, create};
use super::{Call, Exit};
use crate::boot::{self, Hub, Missing};
use crate::clock;
use crate::document::Kind;
use crate::error::{Error, Result, codes};
use crate::intake::{self, Inbound};
use crate::issue::{self, NewDraft};
use crate::store::{
    Conn, Document, DocumentFilter, FileRole, MessageFilter, Page, PartnerId, Record, RecordFilter, Role,
    count_records, find_setting, list_document_files, list_documents, list_messages, list_plans,
    list_records, load_document_file, set_setting,
};
use crate::tracking::breakdown;
use crate::tracking::event::Actor;

#[derive(clap::Args)]
#[command(about = "演示数据：约 30 个虚构项目、五个部门的报文、任务分解表、账号和文书")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    #[command(about = "载入演示数据（只能载入空库），各类文书各签发一份")]
    Load {
        #[arg(long, value_name = "DIR", default_value = "out", help = "签发的 PDF 写到这个目录")]
        out: PathBuf,
    },
    #[command(about = "清除演示数据、演示账号和演示文书；库里混有真实数据时拒绝")]
    Clear {
        #[arg(long, value_name = "DIR", default_value = "out", help = "签发的演示 PDF 所在目录")]
        out: PathBuf,
    },
}

/// The setting that says a hub holds a demo: `loading`, then the moment it was loaded. Pages show it as 演示.
const DEMO: &str = "demo";
const LOADING: &str = "loading";

/// Who signs in to the demo: login, name, department, roles.
const PEOPLE: &[(&str, &str, &str, &[Role])] = &[
    ("wenshu", "钱雅琴", "civil_defence", &[Role::Drafter, Role::Reviewer, Role::Viewer]),
    ("qianfa", "沈立新", "civil_defence", &[Role::Drafter, Role::Signer, Role::Registrar, Role::Viewer]),
    ("gaige", "陆思源", "civil_defence", &[Role::ReformOffice, Role::Viewer]),
    ("shuju", "徐文博", "data_bureau", &[Role::Steward, Role::Viewer]),
    ("zigui", "周志强", "natural_resources", &[Role::Reporter, Role::Viewer]),
];

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    match args.what {
        What::Load { out } => load(&out, call),
        What::Clear { out } => clear::run(&out, call),
    }
}

fn load(out: &Path, call: &mut Call) -> Result<Exit> {
    let hub = boot::open(call.config.clone(), Missing::Create)?;
    match hub.store.read(|conn| find_setting(conn, DEMO))?.as_deref() {
        None => {}
        Some(LOADING) => {
            return Err(Error::new(
                codes::record::DUPLICATE,
                "上次载入演示数据没有完成。请先运行 hub demo clear，再重新载入。",
            ));
        }
        Some(_) => {
            call.out.note("演示数据已经载入过，没有重复载入。");
            return Ok(Exit::Ok);
        }
    }
    // Without fonts the documents at the end could not be issued; better to say so before anything is stored.
    hub.desk.faces()?;
    if !hub.store.read(is_empty)? {
        return Err(Error::new(codes::record::DUPLICATE, "这个库里已有数据，演示数据只能载入空库。"));
    }
    hub.store.write(|conn| set_setting(conn, DEMO, LOADING, "demo", clock::now()))?;
    super::subscription::add_shipped(&hub)?;
    let counted = send_all(&hub, call)?;
    load_plans(&hub)?;
    let logins = people(&hub)?;
    let issued = documents(&hub, out)?;
    let now = clock::now();
    hub.store.write(|conn| set_setting(conn, DEMO, &now.to_rfc3339(), "demo", now))?;
    say(call, &hub, &counted, &logins, &issued);
    Ok(Exit::Ok)
}

/// Whether nothing stands there that a later clearing could take for the demo's own.
fn is_empty(conn: &mut Conn) -> Result<bool> {
    let documents = list_documents(conn, &DocumentFilter::default(), Page::first(1))?.total;
    let messages = list_messages(conn, &MessageFilter::default(), Page::first(1))?.total;
    let records = count_records(conn)?.len();
    Ok(documents == 0 && messages == 0 && records == 0 && list_plans(conn)?.is_empty())
}

/// Every file of the demo in order: `NNN.partner.message.ending`.
fn send_all(hub: &Hub, call: &mut Call) -> Result<BTreeMap<String, usize>> {
    let mut counted = BTreeMap::new();
    for (path, bytes) in boot::assets() {
        let Some(name) = path.strip_prefix("demo/") else { continue };
        let mut parts = name.split('.');
        let (Some(_), Some(partner), Some(message)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let inbound = Inbound {
            partner: PartnerId::from(partner),
            name: message.to_owned(),
            bytes,
            content_type: None,
            idempotency_key: None,
            key_id: None,
            nonce: None,
            file_name: Some(name.to_owned()),
            trace_id: clock::fresh_id(),
            at: clock::now(),
        };
        let answer = intake::receive(&hub.intake, inbound)?;
        *counted.entry(format!("{:?}", answer.outcome)).or_insert(0) += 1;
        call.out.progress(&format!("载入 {name}"));
    }
    Ok(counted)
}

fn load_plans(hub: &Hub) -> Result<()> {
    for plan in hub.tracking.plans.plans.values() {
        hub.tracking.load(plan, &Actor::system(), false, clock::now())?;
    }
    story::tell(&hub.tracking, clock::now())
}

fn people(hub: &Hub) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for (login, name, department, roles) in PEOPLE {
        let new = NewPerson { login, name, department: Some(department), roles };
        let password = create(hub, &new, "demo")?;
        let titles: Vec<&str> = roles.iter().map(|it| it.title()).collect();
        lines.push(format!("{login}  {password}  {name}（{}）", titles.join("、")));
    }
    write_private(&hub.config.data.join("demo-logins.txt"), &(lines.join("\n") + "\n"))?;
    Ok(lines)
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|e| unwritable(path, &e))
}

fn unwritable(path: &Path, cause: &std::io::Error) -> Error {
    Error::new(codes::machine::FILE, format!("写不了 {}。", path.display())).because(cause)
}

/// One document of each kind: the first record of its subject from which it can be issued.
fn documents(hub: &Hub, out: &Path) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(out).map_err(|e| unwritable(out, &e))?;
    let mut files = Vec::new();
    for kind in hub.desk.kinds.iter() {
        let document = match kind.name.as_str() {
            "task_breakdown" => Some(hub.store.write(|conn| issue_breakdown(conn, hub))?),
            _ if kind.subject == "department" => Some(issue_sample(hub, kind)?),
            _ => issue_first(hub, kind)?,
        };
        let Some(document) = document else {
            return Err(Error::new(
                codes::document::FORM_FIELD,
                format!("演示数据里没有能签发《{}》的记录。", kind.title),
            ));
        };
        let bytes = hub.store.read(|conn| final_bytes(conn, &document))?;
        let path = out.join(format!("{}.pdf", document.title));
        std::fs::write(&path, bytes).map_err(|e| unwritable(&path, &e))?;
        files.push(path);
    }
    Ok(files)
}

fn final_bytes(conn: &mut Conn, document: &Document) -> Result<Vec<u8>> {
    let file = list_document_files(conn, &document.id)?.into_iter().find(|it| it.role == FileRole::Final);
    let found = file.map(|it| load_document_file(conn, &it.id)).transpose()?.flatten();
    Ok(found.map(|(_, bytes)| bytes).unwrap_or_default())
}

fn issue_first(hub: &Hub, kind: &Kind) -> Result<Option<Document>> {
    let filter = RecordFilter { kind: Some(kind.subject.clone()), ..RecordFilter::default() };
    let mut records = hub.store.read(|conn| list_records(conn, &filter, Page::first(100)))?.rows;
    // The notice is served at the briefing (技术交底), so a project at that stage comes first.
    records
        .sort_by_key(|it| it.fields().is_ok_and(|body| body.get("stage") != Some(&Value::from("briefing"))));
    // First from what departments sent; where no record of the demo is enough, what is missing is typed too.
    for complete in [false, true] {
        for record in &records {
            let attempt = |values: Map<String, Value>| {
                hub.store.write(|conn| draft_and_issue(conn, hub, &kind.name, Some(record), values.clone()))
            };
            match attempt(typed(kind)) {
                Err(error) if error.code == codes::document::FORM_FIELD && complete => {
                    let missing = error.problems.iter().filter_map(|it| it.field.as_deref());
                    let looked_up =
                        missing.filter_map(|it| Some((it.to_owned(), kind.sample.values.get(it)?.clone())));
                    match attempt(typed(kind).into_iter().chain(looked_up).collect()) {
                        Err(error) if error.code == codes::document::FORM_FIELD => {}
                        done => return done.map(Some),
                    }
                }
                // This record lacks something the document needs; its draft went back with the transaction.
                Err(error) if error.code == codes::document::FORM_FIELD => {}
                done => return done.map(Some),
            }
        }
    }
    Ok(None)
}

/// What a clerk would type because no department sends it, taken from the sample of the kind.
fn typed(kind: &Kind) -> Map<String, Value> {
    let typed = kind.fields.iter().filter(|field| field.source.is_none() && !kind.computes(&field.name));
    typed
        .filter_map(|field| Some((field.name.clone(), kind.sample.values.get(&field.name)?.clone())))
        .collect()
}

/// Letters and notices about tasks are about no record of the exchange: the sample of the kind is issued.
fn issue_sample(hub: &Hub, kind: &Kind) -> Result<Document> {
    hub.store.write(|conn| draft_and_issue(conn, hub, &kind.name, None, kind.sample.values.clone()))
}

fn draft_and_issue(
    conn: &mut Conn,
    hub: &Hub,
    kind: &str,
    record: Option<&Record>,
    values: Map<String, Value>,
) -> Result<Document> {
    let now = clock::now();
    let new = NewDraft {
        kind,
        subject: record.map(|it| &it.id),
        values,
        department: Some("civil_defence"),
        division: None,
        actor: "qianfa",
        demo: true,
    };
    let draft = issue::create(conn, &hub.desk, &new, now)?;
    issue::issue(conn, &hub.desk, &draft.id, clock::china_date(now), &issue::Actor::operator("qianfa"), now)
}

/// The annex as it is tracked.
fn issue_breakdown(conn: &mut Conn, hub: &Hub) -> Result<Document> {
    // The published annex, not the invented list beside it.
    let plan = hub.tracking.plans.plans.keys().next().cloned().unwrap_or_default();
    let annex = breakdown::annex(conn, &hub.tracking.desk(clock::now()), &plan)?;
    let rows: Vec<Value> =
        annex.rows.iter().map(|it| json!({ "department": it.department, "duties": it.duties })).collect();
    let scheme = annex.title.trim_end_matches("工作任务分解表").to_owned();
    let values = json!({ "scheme": scheme, "parent_number": annex.doc_no, "rows": rows });
    let values = values.as_object().cloned().unwrap_or_default();
    draft_and_issue(conn, hub, "task_breakdown", None, values)
}

fn say(call: &mut Call, hub: &Hub, counted: &BTreeMap<String, usize>, logins: &[String], issued: &[PathBuf]) {
    let value = json!({ "messages": counted, "logins": hub.config.data.join("demo-logins.txt"), "documents": issued });
    let files: Vec<String> = issued.iter().map(|it| format!("  {}", it.display())).collect();
    let total: usize = counted.values().sum();
    call.out.either(&value, || {
        format!(
            "演示数据已载入：{total} 份报文。\n登录账号（同时写在 {}）：\n  {}\n已签发文书：\n{}",
            hub.config.data.join("demo-logins.txt").display(),
            logins.join("\n  "),
            files.join("\n")
        )
    });
}
