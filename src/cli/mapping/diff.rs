//! `hub mapping diff`: a new version of mappings beside those in force, and the messages that came before read by both.

use std::path::PathBuf;

use serde_json::json;

use super::super::{Call, Exit};
use super::folder::Folder;
use crate::boot::{self, Hub, Missing};
use crate::error::{Error, Result, codes};
use crate::mapping::{self, Bearing, FieldDifference, Hints, Mapping, Mappings, Outcome};
use crate::store::{Message, MessageFilter, Page, PartnerId, list_messages, load_raw};

/// Messages longer than this are bulk files; they are tried with `hub mapping run`.
const LONGEST: i64 = 16 * 1024 * 1024;
/// Messages read from the store at once.
const AT_ONCE: u32 = 50;
/// Differences of one message shown to people; JSON has them all.
const SHOWN: usize = 20;

#[derive(clap::Args)]
pub(super) struct Args {
    #[arg(value_name = "DIR", help = "新版本：映射目录、单位文件夹或报文文件夹")]
    dir: PathBuf,
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        help = "把已收到的每种报文最近 N 份按两个版本各读一遍，逐项列出不同；什么也不存"
    )]
    replay: u32,
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let folder = Folder::open(&args.dir, &call.config)?;
    let fresh = Mappings::load(&folder.files, &folder.schema).map_err(|found| {
        let text = mapping::render_all(&found, &folder.files);
        Error::new(codes::machine::SETTING, format!("新版本有误，请先改正。\n{text}"))
    })?;
    let force = boot::load_model(&call.config)?;
    let hub = match args.replay {
        0 => None,
        _ => Some(boot::open(call.config.clone(), Missing::Refuse)?),
    };
    let mut finding = false;
    let mut same = 0;
    for new in fresh.iter() {
        let Some(old) = force.mappings.get(&new.partner, &new.message) else {
            call.out.note(&format!("{}/{}：新增的报文。", new.partner, new.message));
            continue;
        };
        let changes = mapping::compare(old, new);
        finding |= changes.iter().any(|it| it.bearing == Bearing::Breaking);
        same += usize::from(changes.is_empty());
        if !changes.is_empty() {
            call.out.note(&format!(
                "{}/{}：第 {} 版 → 第 {} 版",
                new.partner, new.message, old.version, new.version
            ));
        }
        for it in &changes {
            let row = json!({ "partner": new.partner, "message": new.message, "change": it });
            call.out.either(&row, || format!("  {}\t{}", it.bearing.title(), it.what));
        }
        if let Some(hub) = hub.as_ref() {
            finding |= replay(hub, &folder, (old, new), args.replay, call)?;
        }
    }
    call.out.note(&format!("{same} 种报文的约定没有变化。"));
    Ok(if finding { Exit::Findings } else { Exit::Ok })
}

/// Reads what came by both versions; whether anything differs. Memory: one message and its two readings.
fn replay(
    hub: &Hub,
    folder: &Folder,
    (old, new): (&Mapping, &Mapping),
    wanted: u32,
    call: &mut Call,
) -> Result<bool> {
    let filter = MessageFilter {
        partner: Some(PartnerId::from(new.partner.as_str())),
        name: Some(new.message.clone()),
        ..MessageFilter::default()
    };
    let (mut read, mut differing, mut page) = (0, 0, Page::first(AT_ONCE.min(wanted)));
    while read < wanted {
        let listed = hub.store.read(|conn| list_messages(conn, &filter, page))?;
        if listed.rows.is_empty() {
            break;
        }
        let left = usize::try_from(wanted - read).unwrap_or(usize::MAX);
        for message in listed.rows.iter().take(left) {
            read += 1;
            differing += u32::from(one(hub, folder, (old, new), message, call)?);
        }
        page.number += 1;
    }
    if read > 0 {
        call.out.note(&format!("  重放最近 {read} 份：{} 份相同，{differing} 份不同。", read - differing));
    }
    Ok(differing > 0)
}

fn one(
    hub: &Hub,
    folder: &Folder,
    (old, new): (&Mapping, &Mapping),
    message: &Message,
    call: &mut Call,
) -> Result<bool> {
    if message.size > LONGEST {
        call.out.note(&format!("  {} 是批量文件（{} 字节），没有重放。", message.id, message.size));
        return Ok(false);
    }
    let bytes = hub.store.read(|conn| load_raw(conn, &message.id))?;
    let hints = Hints {
        content_type: message.content_type.clone(),
        now: Some(message.received_at.utc()),
        ..Hints::default()
    };
    let (before, after) = (old.read(&bytes, &hints), new.read(&bytes, &hints));
    let found = mapping::differences(&folder.schema, &before, &after);
    if found.is_empty() && before.outcome == after.outcome {
        return Ok(false);
    }
    let row = json!({ "message_id": message.id, "received_at": message.received_at, "old": before.outcome,
        "new": after.outcome, "problems": after.problems, "differences": found });
    call.out.either(&row, || {
        let mut text = format!("  {} {}", message.id, message.received_at);
        if before.outcome != after.outcome {
            text.push_str(&format!("：由{}变为{}", title(before.outcome), title(after.outcome)));
        }
        for problem in after.errors().take(SHOWN) {
            text.push_str(&format!("\n    {problem}"));
        }
        for it in found.iter().take(SHOWN) {
            text.push_str(&format!("\n    {}", line(it)));
        }
        if found.len() > SHOWN {
            text.push_str(&format!("\n    另有 {} 处不同", found.len() - SHOWN));
        }
        text
    });
    Ok(true)
}

fn title(of: Outcome) -> &'static str {
    match of {
        Outcome::Accepted => "接收",
        Outcome::Partial => "部分接收",
        Outcome::Refused => "退回",
        Outcome::NotFound => "查无数据",
    }
}

fn line(it: &FieldDifference) -> String {
    let said = |of: &Option<String>| of.as_ref().map_or("（无）".to_owned(), |it| format!("“{it}”"));
    format!("{} {}：{} → {}", it.record, it.title, said(&it.old), said(&it.new))
}
