//! `hub message`: what came, what waits in quarantine, and running it again after its mapping was mended.

mod mend;

use serde_json::{Value, json};

use super::{Call, Exit};
use crate::boot::{self, Hub, Missing};
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::intake::{self, Asked};
use crate::store::{
    Message, MessageFilter, MessageId, MessageState, Page, PartnerId, get_message, list_messages,
    list_quarantine,
};

#[derive(clap::Args)]
#[command(about = "报文：列出、查看、隔离区重放或关闭")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    #[command(about = "列出报文，新的在前")]
    List {
        #[arg(long, value_name = "PARTNER", help = "对接单位")]
        partner: Option<String>,
        #[arg(long, value_name = "STATE", help = "状态：accepted、partial、quarantined、refused、resolved")]
        state: Option<String>,
        #[arg(long, value_name = "KEY", help = "报文编号，或报文涉及的业务键（整个值）")]
        key: Option<String>,
        #[arg(long, value_name = "N", default_value_t = 50, help = "最多列几条，默认 50")]
        limit: u32,
    },
    #[command(about = "隔离区：按单位、报文和原因归并")]
    Quarantine,
    #[command(about = "查看一份报文的状态、回执和问题")]
    Show {
        #[arg(value_name = "ID", help = "中枢报文编号（message_id）")]
        id: String,
    },
    #[command(about = "映射修正后，把隔离区的报文再跑一遍")]
    Replay {
        #[arg(value_name = "ID", required_unless_present = "cause", help = "中枢报文编号，可给多个")]
        ids: Vec<String>,
        #[arg(
            long,
            value_name = "CODE",
            conflicts_with = "ids",
            help = "重放因这个错误码隔离的全部报文，如 E3106"
        )]
        cause: Option<String>,
    },
    #[command(about = "集中处理原因相同的隔离报文：把写错的值读作另一个值，先预览再执行")]
    Mend(mend::Args),
    #[command(about = "关闭一份不再处理的隔离报文")]
    Close {
        #[arg(value_name = "ID", help = "中枢报文编号")]
        id: String,
        #[arg(long, value_name = "TEXT", help = "原因")]
        note: String,
    },
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let hub = boot::open(call.config.clone(), Missing::Refuse)?;
    match args.what {
        What::List { partner, state, key, limit } => list(&hub, filter(partner, state, key)?, limit, call),
        What::Quarantine => quarantine(&hub, call),
        What::Show { id } => show(&hub, &MessageId::from(id), call),
        What::Replay { ids, cause } => {
            let ids = match cause {
                Some(cause) => of_cause(&hub, &cause)?,
                None => ids.into_iter().map(MessageId::from).collect(),
            };
            replay(&hub, &ids, call)
        }
        What::Mend(args) => mend::run(args, &hub, call),
        What::Close { id, note } => {
            intake::close(&hub.intake, &MessageId::from(id.as_str()), &note, &asked())?;
            call.out
                .either(&json!({ "message_id": id, "state": "refused" }), || format!("报文 {id} 已关闭。"));
            Ok(Exit::Ok)
        }
    }
}

fn asked() -> Asked {
    Asked { by: "cli".to_owned(), at: clock::now(), trace_id: clock::fresh_id() }
}

fn filter(partner: Option<String>, state: Option<String>, key: Option<String>) -> Result<MessageFilter> {
    let state = state
        .map(|word| {
            let words: Vec<&str> = MessageState::ALL.iter().map(|it| it.as_str()).collect();
            MessageState::parse(&word).ok_or_else(|| {
                let detail = format!("没有“{word}”这个状态，可用：{}。", words.join("、"));
                Error::new(codes::transport::PARAMETER, detail)
            })
        })
        .transpose()?;
    Ok(MessageFilter { partner: partner.map(PartnerId::from), state, key, ..MessageFilter::default() })
}

fn list(hub: &Hub, filter: MessageFilter, limit: u32, call: &mut Call) -> Result<Exit> {
    let listed = hub.store.read(|conn| list_messages(conn, &filter, Page::first(limit)))?;
    for it in &listed.rows {
        call.out.either(&summary(it), || {
            let cause = it.cause.as_deref().unwrap_or("");
            format!(
                "{}\t{}\t{}/{}\t{}\t{cause}",
                it.id,
                it.received_at,
                it.partner,
                it.name,
                it.state.title()
            )
        });
    }
    call.out.note(&format!("共 {} 份，列出 {} 份。", listed.total, listed.rows.len()));
    Ok(Exit::Ok)
}

fn summary(it: &Message) -> Value {
    json!({
        "message_id": it.id, "partner": it.partner, "message": it.name, "message_key": it.message_key,
        "state": it.state, "cause": it.cause, "received_at": it.received_at, "records": it.record_count,
        "size": it.size, "file_name": it.file_name,
    })
}

fn quarantine(hub: &Hub, call: &mut Call) -> Result<Exit> {
    let groups = hub.store.read(list_quarantine)?;
    for it in &groups {
        let cause = it.cause.as_deref().unwrap_or("");
        let title = crate::error::all_codes()
            .into_iter()
            .find(|code| code.to_string() == cause)
            .map_or("", |code| code.info().title);
        let row = json!({
            "partner": it.partner, "message": it.name, "cause": it.cause, "title": title, "count": it.count,
            "first_at": it.first_at, "last_at": it.last_at,
        });
        call.out.either(&row, || format!("{}/{}\t{cause} {title}\t{} 份", it.partner, it.name, it.count));
    }
    if groups.is_empty() {
        call.out.note("隔离区没有报文。");
    }
    Ok(Exit::Ok)
}

fn show(hub: &Hub, id: &MessageId, call: &mut Call) -> Result<Exit> {
    let it = hub.store.read(|conn| get_message(conn, id))?;
    let receipt: Value = it.receipt.read()?;
    let mut row = summary(&it);
    if let Value::Object(fields) = &mut row {
        fields.insert("settled_note".to_owned(), json!(it.settled_note));
        fields.insert("receipt".to_owned(), receipt);
    }
    call.out.either(&row, || serde_json::to_string_pretty(&row).unwrap_or_default());
    Ok(Exit::Ok)
}

fn of_cause(hub: &Hub, cause: &str) -> Result<Vec<MessageId>> {
    let filter = MessageFilter {
        state: Some(MessageState::Quarantined),
        cause: Some(cause.to_owned()),
        ..MessageFilter::default()
    };
    let mut ids = Vec::new();
    let mut page = Page::first(500);
    loop {
        let listed = hub.store.read(|conn| list_messages(conn, &filter, page))?;
        if listed.rows.is_empty() {
            return Ok(ids);
        }
        ids.extend(listed.rows.into_iter().map(|it| it.id));
        page.number += 1;
    }
}

/// Replays one after the other, oldest first; one that fails does not stop the rest.
fn replay(hub: &Hub, ids: &[MessageId], call: &mut Call) -> Result<Exit> {
    let mut refused = 0;
    let mut ids = ids.to_vec();
    ids.sort();
    for id in &ids {
        match intake::replay(&hub.intake, id, asked()) {
            Ok(answer) => {
                let taken = answer.outcome != crate::mapping::Outcome::Refused;
                refused += usize::from(!taken);
                call.out.either(&answer.receipt, || {
                    format!("{id}\t{}", if taken { "已接收" } else { "仍未通过，留在隔离区" })
                });
            }
            Err(error) if ids.len() == 1 => return Err(error),
            Err(error) => {
                refused += 1;
                call.out.failure(&error);
            }
        }
    }
    Ok(match refused {
        0 => Exit::Ok,
        n if n == ids.len() => Exit::Findings,
        _ => Exit::Partly,
    })
}
