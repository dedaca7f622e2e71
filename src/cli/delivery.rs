//! `hub delivery`: what went out, what became of it, sending it again.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Call, Exit};
use crate::boot::{self, Hub, Missing};
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::store::{
    DeliveryFilter, DeliveryId, DeliveryState, NewAudit, Page, append_audit, get_delivery, list_deliveries,
    replay_deliveries, replay_delivery,
};
use crate::text::date;

#[derive(clap::Args)]
#[command(about = "送达：列出、查看、重发")]
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
    #[command(about = "列出送达记录，新的在前")]
    List {
        #[command(flatten)]
        which: Which,
        #[arg(long, value_name = "STATE", help = "状态：ready、delivered、refused、dead")]
        state: Option<String>,
        #[arg(long, value_name = "N", default_value_t = 50, help = "最多列几条，默认 50")]
        limit: u32,
    },
    #[command(about = "查看一份送达的每次尝试")]
    Show {
        #[arg(value_name = "ID", help = "送达编号（对方看到的 webhook-id）")]
        id: String,
    },
    #[command(about = "重发：沿用原编号，对方据此识别重复；给编号则只重发这一份")]
    Replay {
        #[arg(value_name = "ID", help = "送达编号")]
        id: Option<String>,
        #[command(flatten)]
        which: Which,
        #[arg(long, help = "只重发没有送到的（被退回、已逾期）")]
        missing: bool,
    },
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let hub = boot::open(call.config.clone(), Missing::Refuse)?;
    match args.what {
        What::List { which, state, limit } => list(&hub, &which, state.as_deref(), limit, call)?,
        What::Show { id } => show(&hub, &DeliveryId::from(id), call)?,
        What::Replay { id: Some(id), .. } => {
            let id = DeliveryId::from(id);
            hub.store.write(|conn| replay_delivery(conn, &id, clock::now()))?;
            account(&hub, id.as_str(), 1)?;
            call.out.either(&json!({ "replayed": 1 }), || format!("已重新排入：{id}"));
        }
        What::Replay { id: None, which, missing } => replay(&hub, &which, missing, call)?,
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
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.with_timezone(&Utc));
    }
    let start = date::parse(text).and_then(|day| day.pred_opt()).map(clock::end_of_day);
    start.ok_or_else(|| {
        let detail = format!("“{text}”不是日期（2026-03-01）或 RFC 3339 时间。");
        Error::new(codes::transport::PARAMETER, detail)
    })
}

fn list(hub: &Hub, which: &Which, state: Option<&str>, limit: u32, call: &mut Call) -> Result<()> {
    let state =
        match state {
            None => None,
            Some(text) => Some(DeliveryState::parse(text).ok_or_else(|| {
                Error::new(codes::transport::PARAMETER, format!("没有“{text}”这种送达状态。"))
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
    if !missing && filter.since.is_none() {
        let detail = "重发全部送达过于宽泛：请给出 --since、送达编号或 --missing。";
        return Err(Error::new(codes::transport::PARAMETER, detail));
    }
    let before = clock::now();
    let mut all = 0;
    loop {
        let n = hub.store.write(|conn| replay_deliveries(conn, &filter, before, clock::now()))?;
        all += n;
        if n == 0 {
            break;
        }
    }
    account(hub, filter.subscription.as_ref().map_or("", |it| it.as_str()), all)?;
    call.out.either(&json!({ "replayed": all }), || format!("已重新排入 {all} 份。"));
    Ok(())
}

fn account(hub: &Hub, object: &str, count: i64) -> Result<()> {
    let detail = json!({ "count": count });
    let audit = NewAudit {
        actor: "cli",
        action: "delivery.replayed",
        object_kind: "delivery",
        object_id: object,
        detail: &detail,
        trace_id: None,
    };
    hub.store.write(|conn| append_audit(conn, &audit, clock::now()))
}
