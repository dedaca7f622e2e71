//! `hub partner`: who is connected, by which messages; from where and how often it may ask; stopping and resuming it; playing one, and
//! checking a hub as one.

mod identity;
mod play;
mod verify;

use ipnet::IpNet;
use serde_json::{Value, json};

use super::{Call, Exit};
use crate::boot::{self, Hub, Missing};
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::store::{
    Json, NewAudit, Partner, PartnerId, Standing, append_audit, find_partner, list_partners, save_partner,
};

#[derive(clap::Args)]
#[command(about = "对接单位：列出、限定来访网段和频次、停用、恢复；扮演一个单位收发报文；检查一个中枢")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    #[command(about = "列出对接单位和它们的报文")]
    List,
    #[command(about = "限定一个单位从哪些网段来、每分钟最多请求几次；立即生效")]
    Limit(Limit),
    #[command(about = "停用一个单位：它的请求一律拒绝，数据和密钥保留")]
    Stop {
        #[arg(value_name = "ID", help = "单位标识，如 tax")]
        id: String,
    },
    #[command(about = "恢复一个停用的单位")]
    Resume {
        #[arg(value_name = "ID", help = "单位标识，如 tax")]
        id: String,
    },
    #[command(
        about = "扮演一个单位：向中枢发送报文、接收推送，也可故意出错",
        long_about = play::ABOUT
    )]
    Play(Box<play::Play>),
    #[command(about = "以一个单位的身份逐项检查一个中枢，给出结论、所见和办法", long_about = verify::ABOUT)]
    Verify(Box<verify::Verify>),
}

#[derive(clap::Args)]
struct Limit {
    #[arg(value_name = "ID", help = "单位标识，如 tax")]
    id: String,
    #[arg(
        long,
        value_name = "NET",
        value_delimiter = ',',
        help = "只许从这些地址或网段来，如 10.1.2.3,10.8.0.0/16",
        conflicts_with = "from_anywhere"
    )]
    from: Vec<String>,
    #[arg(long, help = "不再限定网段")]
    from_anywhere: bool,
    #[arg(
        long,
        value_name = "N",
        help = "每分钟最多几次请求",
        value_parser = clap::value_parser!(i32).range(1..),
        conflicts_with = "unlimited"
    )]
    per_minute: Option<i32>,
    #[arg(long, help = "不再限定频次")]
    unlimited: bool,
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    match args.what {
        // A partner has no database of the hub's.
        What::Play(play) => play::run(*play, call),
        What::Verify(verify) => verify::run(*verify, call),
        ours => administer(ours, call),
    }
}

fn administer(what: What, call: &mut Call) -> Result<Exit> {
    let hub = boot::open(call.config.clone(), Missing::Refuse)?;
    match what {
        What::List => {
            for partner in hub.store.read(list_partners)? {
                show(&hub, &partner, call);
            }
        }
        What::Limit(limit) => {
            let nets = limit.from.iter().map(|it| net(it)).collect::<Result<Vec<IpNet>>>()?;
            let row = change(&hub, &limit.id, "partner.limited", |row| {
                if limit.from_anywhere || !nets.is_empty() {
                    row.ip_allow = Json::of(&nets)?;
                }
                if limit.unlimited || limit.per_minute.is_some() {
                    row.quota_per_minute = limit.per_minute;
                }
                Ok(())
            })?;
            show(&hub, &row, call);
        }
        What::Stop { id } => set(&hub, &id, ("partner.stopped", Standing::Disabled), call)?,
        What::Resume { id } => set(&hub, &id, ("partner.resumed", Standing::Active), call)?,
        What::Play(_) | What::Verify(_) => {}
    }
    Ok(Exit::Ok)
}

fn set(hub: &Hub, id: &str, (action, to): (&str, Standing), call: &mut Call) -> Result<()> {
    let row = change(hub, id, action, |row| {
        row.status = to;
        Ok(())
    })?;
    show(hub, &row, call);
    Ok(())
}

/// An address or a network as people write it.
fn net(text: &str) -> Result<IpNet> {
    let text = text.trim();
    let read = text.parse().or_else(|_no_net| text.parse().map(|it: std::net::IpAddr| IpNet::from(it)));
    read.map_err(|e| {
        let detail = format!("“{text}”不是地址（10.1.2.3）或网段（10.8.0.0/16）。");
        Error::new(codes::transport::PARAMETER, detail).because(e)
    })
}

fn change(
    hub: &Hub,
    id: &str,
    action: &str,
    f: impl Fn(&mut Partner) -> Result<()> + Send + Sync,
) -> Result<Partner> {
    let (id, now) = (PartnerId::from(id), clock::now());
    hub.store.write(|conn| {
        let mut row = find_partner(conn, &id)?.ok_or_else(|| {
            Error::new(codes::transport::UNKNOWN_PARTNER, format!("没有登记对接单位“{id}”。"))
        })?;
        f(&mut row)?;
        row.updated_at = now.into();
        save_partner(conn, &row)?;
        let detail = json!({ "status": row.status, "from": nets(&row)?, "per_minute": row.quota_per_minute });
        let audit = NewAudit {
            actor: "cli",
            action,
            object_kind: "partner",
            object_id: id.as_str(),
            detail: &detail,
            trace_id: None,
        };
        append_audit(conn, &audit, now)?;
        Ok(row)
    })
}

fn nets(row: &Partner) -> Result<Vec<String>> {
    row.ip_allow.read()
}

fn show(hub: &Hub, partner: &Partner, call: &mut Call) {
    let own = || hub.model.mappings.iter().filter(|it| it.partner == partner.id.as_str());
    let messages: Vec<Value> =
        own().map(|it| json!({ "message": it.message, "title": it.title, "version": it.version })).collect();
    let from = nets(partner).unwrap_or_default();
    let row = json!({
        "partner": partner.id, "title": partner.title, "department": partner.department,
        "status": partner.status, "from": from, "per_minute": partner.quota_per_minute, "messages": messages,
    });
    call.out.either(&row, || {
        let lines: Vec<String> =
            own().map(|it| format!("\n  {}\t{}（第 {} 版）", it.message, it.title, it.version)).collect();
        let from =
            if from.is_empty() { String::new() } else { format!("\t只许来自 {}", from.join("、")) };
        let pace = partner.quota_per_minute.map(|n| format!("\t每分钟最多 {n} 次")).unwrap_or_default();
        let status = partner.status.title();
        format!("{}\t{}\t{status}{from}{pace}{}", partner.id, partner.title, lines.concat())
    });
}
