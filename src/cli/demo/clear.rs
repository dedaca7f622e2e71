//! `hub demo clear`: an empty hub again, unless something real has come to stand beside the demo.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Call, DEMO, Exit, PEOPLE, story};
use crate::boot::{self, Hub, Missing};
use crate::clock;
use crate::crypto;
use crate::error::{Error, Result, codes};
use crate::store::{
    Conn, DocumentFilter, FileRole, MessageFilter, NewAudit, Page, append_audit, clear_content,
    delete_setting, find_setting, list_accounts, list_document_files, list_documents, list_messages,
    list_plans, load_document_file,
};

/// Rows read at once.
const BATCH: u32 = 500;

pub(super) fn run(out: &Path, call: &mut Call) -> Result<Exit> {
    let hub = boot::open(call.config.clone(), Missing::Refuse)?;
    let Some(loaded) = hub.store.read(|conn| find_setting(conn, DEMO))? else {
        call.out.note("这个库里没有演示数据，没有改动。");
        return Ok(Exit::Ok);
    };
    let files = hub.store.read(|conn| {
        refuse_mixed(conn, &hub, &loaded)?;
        files(conn, out)
    })?;
    hub.store.write(|conn| {
        refuse_mixed(conn, &hub, &loaded)?;
        clear(conn)
    })?;
    for file in files.iter().chain([&hub.config.data.join("demo-logins.txt")]) {
        remove(file)?;
    }
    let value = json!({ "cleared": true, "files": files });
    call.out.either(&value, || format!("演示数据已清除，连同 {} 份演示文书。审计记录保留。", files.len()));
    Ok(Exit::Ok)
}

fn clear(conn: &mut Conn) -> Result<()> {
    let accounts: Vec<_> = list_accounts(conn)?
        .into_iter()
        .map(|(account, _)| account)
        .filter(|it| PEOPLE.iter().any(|(login, ..)| *login == it.login))
        .map(|it| it.id)
        .collect();
    clear_content(conn, &accounts)?;
    delete_setting(conn, DEMO)?;
    let entry = NewAudit {
        actor: "system",
        action: "demo.cleared",
        object_kind: "hub",
        object_id: "demo",
        detail: &json!({}),
        trace_id: None,
    };
    append_audit(conn, &entry, clock::now())
}

/// What came after the loading and is not the demo's own: a message of a partner, a document without the mark 演示, a plan.
fn refuse_mixed(conn: &mut Conn, hub: &Hub, loaded: &str) -> Result<()> {
    // A loading that was interrupted has left nothing but its own.
    let since = loaded.parse::<DateTime<Utc>>().ok();
    let mut found = Vec::new();
    if let Some(since) = since {
        let filter = MessageFilter { since: Some(since), ..MessageFilter::default() };
        let messages = list_messages(conn, &filter, Page::first(1))?.total;
        if messages > 0 {
            found.push(format!("演示载入之后收到的报文 {messages} 份"));
        }
    }
    let mut documents = 0;
    each_document(conn, |_, document| {
        documents += i32::from(!document.demo);
        Ok(())
    })?;
    if documents > 0 {
        found.push(format!("没有演示标记的文书 {documents} 份"));
    }
    for plan in list_plans(conn)? {
        if plan.id.as_str() != story::PLAN && !hub.tracking.plans.plans.contains_key(plan.id.as_str()) {
            found.push(format!("任务方案“{}”", plan.title));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let detail = format!("库里除演示数据外还有：{}。没有清除任何数据。", found.join("、"));
    Err(Error::new(codes::record::MIXED_WITH_DEMO, detail))
}

fn each_document(
    conn: &mut Conn,
    mut f: impl FnMut(&mut Conn, &crate::store::Document) -> Result<()>,
) -> Result<()> {
    for number in 1.. {
        let rows = list_documents(conn, &DocumentFilter::default(), Page { number, size: BATCH })?.rows;
        for document in &rows {
            f(conn, document)?;
        }
        if rows.is_empty() {
            break;
        }
    }
    Ok(())
}

/// The files of `out` that are, byte for byte, what the demo issued.
fn files(conn: &mut Conn, out: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut same = Vec::new();
    each_document(conn, |conn, document| {
        let path = out.join(format!("{}.pdf", document.title));
        let Ok(bytes) = std::fs::read(&path) else { return Ok(()) };
        let digest = crypto::sha256_hex(&bytes)?;
        for file in list_document_files(conn, &document.id)? {
            let issued = file.role == FileRole::Final && load_document_file(conn, &file.id)?.is_some();
            if issued && file.sha256 == digest {
                same.push(path.clone());
            }
        }
        Ok(())
    })?;
    Ok(same)
}

fn remove(file: &Path) -> Result<()> {
    match std::fs::remove_file(file) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::new(codes::machine::FILE, format!("删不掉 {}。", file.display())).because(e))
        }
        _ => Ok(()),
    }
}
