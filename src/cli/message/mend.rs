//! `hub message mend`: one decision over the messages that wait for the same reason, looked at first.

use serde_json::json;

use super::super::{Call, Exit};
use super::asked;
use crate::boot::Hub;
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::intake::{self, Cure, Preview};
use crate::mapping::Substitution;
use crate::store::{Group, get_mending};

#[derive(clap::Args)]
pub(super) struct Args {
    #[arg(value_name = "PARTNER/MESSAGE", help = "单位和报文，如 tax/payment_result")]
    name: String,
    #[arg(long, value_name = "CODE", help = "隔离的原因，如 E4007；hub message quarantine 列出")]
    cause: Option<String>,
    #[arg(
        long = "read",
        value_name = "PATH=FROM=TO",
        help = "把 PATH 处的值 FROM 读作 TO，可给多次；位置里的行号写作 *，如 /data/*/type=A9=9"
    )]
    substitutions: Vec<String>,
    #[arg(long, value_name = "TEXT", requires = "apply", help = "理由，随每份报文留存；执行时必填")]
    note: Option<String>,
    #[arg(long, requires = "note", help = "执行；不给则只预览")]
    apply: bool,
}

pub(super) fn run(args: Args, hub: &Hub, call: &mut Call) -> Result<Exit> {
    let (partner, name) = args.name.split_once('/').ok_or_else(|| {
        Error::new(codes::transport::PARAMETER, "请写成“单位/报文”，如 tax/payment_result。")
    })?;
    let group = Group { partner: partner.into(), name: name.to_owned(), cause: args.cause };
    let substitutions = args.substitutions.iter().map(|it| substitution(it)).collect::<Result<_>>()?;
    let cure = Cure { substitutions, note: args.note.unwrap_or_default() };
    if !args.apply {
        tell(&intake::preview(&hub.intake, &group, &cure)?, call);
        return Ok(Exit::Ok);
    }
    let id = intake::start_mending(&hub.intake, &group, &cure, &asked())?;
    intake::run_mending(&hub.intake, &id, &clock::now, || Ok(false))?;
    let done = hub.store.read(|conn| get_mending(conn, &id))?;
    call.out.either(&done, || {
        let waiting = done.total - done.settled();
        let rest = if waiting > 0 { format!("，尚未处理 {waiting} 份") } else { String::new() };
        format!(
            "{}：已接收 {} 份，仍隔离 {} 份，已由他人处理 {} 份{rest}。",
            done.state.title(),
            done.accepted,
            done.refused,
            done.skipped
        )
    });
    Ok(if done.refused == 0 { Exit::Ok } else { Exit::Partly })
}

/// `PATH=FROM=TO`; a path may hold `=` only in what it was read from, never at its end.
fn substitution(text: &str) -> Result<Substitution> {
    let mut parts = text.rsplitn(3, '=');
    let (to, from, path) = (parts.next(), parts.next(), parts.next());
    match (path, from, to) {
        (Some(path), Some(from), Some(to)) if !path.is_empty() && !to.is_empty() => {
            Ok(Substitution { path: path.to_owned(), from: from.to_owned(), to: to.to_owned() })
        }
        _ => Err(Error::new(
            codes::transport::PARAMETER,
            format!("“{text}”应写成 位置=原值=读作，如 /data/*/type=A9=9。"),
        )),
    }
}

fn tell(it: &Preview, call: &mut Call) {
    let offers: Vec<_> = it
        .offers
        .iter()
        .map(|offer| {
            json!({ "path": offer.path, "from": offer.from, "code": offer.problem.code,
                "rule": offer.problem.rule, "messages": offer.messages, "example": offer.example })
        })
        .collect();
    let row = json!({ "total": it.total, "tried": it.tried, "accepted": it.accepted, "refused": it.refused,
        "records": it.records, "remaining": offers });
    call.out.either(&row, || {
        let mut text = format!(
            "共 {} 份，试算最早的 {} 份：将接收 {} 份（涉及 {} 条记录），仍隔离 {} 份。没有保存；执行请加 --apply --note 理由。",
            it.total, it.tried, it.accepted, it.records, it.refused
        );
        for offer in &it.offers {
            let (path, from) = (offer.path.as_deref().unwrap_or("—"), offer.from.as_deref().unwrap_or("—"));
            text.push_str(&format!(
                "\n{} 份\t{path}\t{from}\t{} {}",
                offer.messages, offer.problem.code, offer.problem.rule
            ));
        }
        text
    });
}
