//! `hub delivery`: what went out, what became of it, sending it again.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Call, Exit};
use crate::boot::{self, Hub, Missing};
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::outbox::{By, hold, reopen, send_again, send_all_again};
use crate::store::{
    DeliveryFilter, DeliveryId, DeliveryState, Page, PartnerId, get_delivery, list_deliveries,
};
use crate::text::date;

#[derive(clap::Args)]
#[command(about = "投递：列出、查看、重发")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Args)]
struct Which {
    #[arg(long, value_name = "PARTNER", help = "对接单位")]
    partner: Option<String>,
    #[arg(long, value_name = "ID", help = "订阅编号")]
    subscription: Option<String>,
    #[arg(long, value_name = "TIME", help = "自何时起：日期（2026-03-01）或 RFC 3339 时间")]
    since: Option<String>,
}

#[derive(clap::Subcommand)]
enum What {
    #[command(about = "列出投递记录，新的在前")]
    List {
        #[command(flatten)]
        which: Which,
        #[arg(long, value_name = "STATE", help = "状态：ready、delivered、refused、dead")]
        state: Option<String>,
        #[arg(long, value_name = "N", default_value_t = 50, help = "最多列几条，默认 50")]
        limit: u32,
    },
    #[command(about = "查看一份投递的每次尝试")]
    Show {
        #[arg(value_name = "ID", help = "投递编号（对方看到的 webhook-id）")]
        id: String,
    },
    #[command(about = "重发：沿用原编号，对方据此识别重复；给编号则只重发这一份")]
    Replay {
        #[arg(value_name = "ID", help = "投递编号")]
        id: Option<String>,
        #[command(flatten)]
        which: Which,
        #[arg(long, help = "只重发没有投递到的（被退回、已逾期）")]
        missing: bool,
    },
    #[command(about = "暂停向一个单位推送；待投递的保留")]
    Hold {
        #[arg(value_name = "PARTNER", help = "对接单位标识")]
        partner: String,
        #[arg(long, value_name = "TEXT", help = "原因")]
        note: String,
    },
    #[command(about = "放开暂停的线路；熔断的立即试探")]
    Reopen {
        #[arg(value_name = "PARTNER", help = "对接单位标识")]
        partner: String,
    },
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let hub = boot::open(call.config.clone(), Missing::Refuse)?;
    match args.what {
        What::List { which, state, limit } => list(&hub, &which, state.as_deref(), limit, call)?,
        What::Show { id } => show(&hub, &DeliveryId::from(id), call)?,
        What::Replay { id: Some(id), .. } => {
            let id = DeliveryId::from(id);
            hub.store.write(|conn| send_again(conn, &id, by()))?;
            call.out.either(&json!({ "replayed": 1 }), || format!("已重新排入：{id}"));
        }
        What::Replay { id: None, which, missing } => replay(&hub, &which, missing, call)?,
        What::Hold { partner, note } => {
            let partner = PartnerId::from(partner);
            let way = hub.store.write(|conn| hold(conn, &partner, &note, by()))?;
            call.out.either(&json!(way), || format!("已暂停向 {partner} 推送。"));
        }
        What::Reopen { partner } => {
            let partner = PartnerId::from(partner);
            let way = hub.store.write(|conn| reopen(conn, &partner, by()))?;
            call.out.either(&json!(way), || format!("已放开向 {partner} 的推送。"));
        }
    }
    Ok(Exit::Ok)
}

fn filter(which: &Which) -> Result<DeliveryFilter> {
    Ok(DeliveryFilter {
        partner: which.partner.as_deref().map(Into::into),
        subscription: which.subscription.as_deref().map(Into::into),
        since: which.since.as_deref().map(moment).transpose()?,
        ..DeliveryFilter::default()
    })
}

fn moment(text: &str) -> Result<DateTime<Utc>> {
    date::parse_instant(text).ok_or_else(|| {
        let detail = format!("“{text}”不是日期（2026-03-01）或 RFC 3339 时间。");
        Error::new(codes::transport::PARAMETER, detail)
    })
}

fn list(hub: &Hub, which: &Which, state: Option<&str>, limit: u32, call: &mut Call) -> Result<()> {
    let state =
        match state {
            None => None,
            Some(text) => Some(DeliveryState::parse(text).ok_or_else(|| {
                Error::new(codes::transport::PARAMETER, format!("没有“{text}”这种投递状态。"))
            })?),
        };
    let filter = DeliveryFilter { state, ..filter(which)? };
    for it in hub.store.read(|conn| list_deliveries(conn, &filter, Page::first(limit)))?.rows {
        call.out.either(&it, || {
            let why = it.reason.as_deref().unwrap_or_default();
            let (state, tries) = (it.state.title(), it.tries);
            format!("{}\t{}\t{}\t{state}\t第 {tries} 次\t{why}", it.id, it.subscription_id, it.created_at)
        });
    }
    Ok(())
}

fn show(hub: &Hub, id: &DeliveryId, call: &mut Call) -> Result<()> {
    let (it, tries) = hub.store.read(|conn| get_delivery(conn, id))?;
    call.out.either(&json!({ "delivery": it, "tries": tries }), || {
        let head = format!("{}\t{}\t{}\t{}", it.id, it.subscription_id, it.state.title(), it.record_id);
        let lines = tries.iter().map(|at| {
            let status = at.status.map_or("无答复".to_owned(), |it| format!("HTTP {it}"));
            let why = at.reason.as_deref().unwrap_or_default();
            format!(
                "\n第 {} 次 {} {status} {} 毫秒 {why}\n  发：{}\n  答：{}",
                at.n, at.at, at.ms, at.request, at.answer
            )
        });
        format!("{head}{}", lines.collect::<String>())
    });
    Ok(())
}

fn replay(hub: &Hub, which: &Which, missing: bool, call: &mut Call) -> Result<()> {
    let filter = DeliveryFilter { missing, ..filter(which)? };
    let all = send_all_again(&hub.store, &filter, by())?;
    call.out.either(&json!({ "replayed": all }), || format!("已重新排入 {all} 份。"));
    Ok(())
}

fn by() -> By<'static> {
    By { actor: "cli", trace_id: None, now: clock::now() }
}
