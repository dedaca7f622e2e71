//! `hub reconciliation`: what was exchanged with each partner on a day, counted.

use std::path::PathBuf;

use super::{Call, Exit};
use crate::boot::{self, Missing};
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::outbox::reconciliation::{Day, Line, Reconciliation, Reported, Way};
use crate::store::{PartnerId, list_partners};
use crate::text::date;

#[derive(clap::Args)]
#[command(about = "对账：一天里与各单位收发了什么，收下、退回、等待各多少；有未收妥的退出码为 4")]
pub(super) struct Args {
    #[arg(value_name = "PARTNER", help = "对接单位标识；不给则全部")]
    partner: Option<String>,
    #[arg(long, value_name = "DATE", help = "哪一天（北京时间）；不给则为昨天")]
    date: Option<String>,
    #[arg(long, value_name = "MESSAGE=N", value_parser = figure, requires = "partner", help = "对方自报发来的份数，可重复")]
    sent: Vec<(String, i64)>,
    #[arg(long, value_name = "ID=N", value_parser = figure, requires = "partner", help = "对方自报收下的份数，按订阅，可重复")]
    taken: Vec<(String, i64)>,
    #[arg(long, value_name = "FILE", requires = "partner", help = "另存为 XML，与对方从接口取得的相同")]
    xml: Option<PathBuf>,
    #[arg(long, value_name = "FILE", requires = "partner", help = "另存为 XLSX")]
    xlsx: Option<PathBuf>,
}

fn figure(text: &str) -> std::result::Result<(String, i64), String> {
    let (name, n) = text.split_once('=').ok_or("应写成 名称=份数")?;
    let n = n.parse().ok().filter(|n| *n >= 0).ok_or("份数应为不小于 0 的整数")?;
    Ok((name.to_owned(), n))
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let hub = boot::open(call.config.clone(), Missing::Refuse)?;
    let day = day(args.date.as_deref())?;
    let reported =
        Reported { sent: args.sent.into_iter().collect(), taken: args.taken.into_iter().collect() };
    let partners = match args.partner {
        Some(it) => vec![PartnerId::from(it)],
        None => hub.store.read(list_partners)?.into_iter().map(|it| it.id).collect(),
    };
    let mut even = true;
    for partner in partners {
        let counted = hub.outbox().reconciliation(&partner, &day, &reported)?;
        even &= counted.is_even();
        call.out.either(&counted.json(), || printed(&counted));
        save(&counted, args.xml.as_ref(), args.xlsx.as_ref())?;
    }
    Ok(if even { Exit::Ok } else { Exit::Findings })
}

fn day(text: Option<&str>) -> Result<Day> {
    let now = clock::now();
    let date = match text {
        None => clock::china_date(now).pred_opt().unwrap_or_default(),
        Some(text) => date::parse(text).ok_or_else(|| {
            let detail = format!("“{text}”不是有效日期，请写成 2026-03-01。");
            Error::new(codes::transport::PARAMETER, detail)
        })?,
    };
    Ok(Day::new(date, clock::day(date), now))
}

fn save(of: &Reconciliation, xml: Option<&PathBuf>, xlsx: Option<&PathBuf>) -> Result<()> {
    let write = |path: &PathBuf, bytes: Vec<u8>| {
        std::fs::write(path, bytes)
            .map_err(|e| Error::new(codes::machine::FILE, format!("写不了 {}。", path.display())).because(e))
    };
    if let Some(path) = xml {
        write(path, of.xml()?)?;
    }
    if let Some(path) = xlsx {
        let show = |at: chrono::DateTime<chrono::Utc>| {
            at.with_timezone(&clock::china()).format("%Y-%m-%d %H:%M").to_string()
        };
        write(path, of.workbook(show)?)?;
    }
    Ok(())
}

fn printed(it: &Reconciliation) -> String {
    let state = if it.is_even() { "一致" } else { "有未收妥的" };
    let over = if it.is_over { "" } else { "（当天未完）" };
    let mut text = format!("{}\t{}\t{}{over}\t{state}", it.partner, it.title, it.date);
    if it.discrepancies > 0 {
        text.push_str(&format!("\t部门间不一致 {} 项", it.discrepancies));
    }
    for line in &it.lines {
        text.push_str(&format!("\n  {}\t{}\t{}", line.way.title(), line.name, counts(line)));
    }
    for open in &it.open {
        let why = open.reason.as_deref().unwrap_or_default();
        text.push_str(&format!("\n    {}\t{}\t{}\t{why}", open.id, open.name, open.state));
    }
    text
}

fn counts(it: &Line) -> String {
    let mut text = match it.way {
        Way::Pulled => format!("合计 {}", it.total),
        Way::Pushed => {
            format!("合计 {} 收下 {} 退回 {} 等待 {}", it.total, it.accepted, it.refused, it.waiting)
        }
        Way::Received => format!(
            "合计 {} 收下 {} 部分收下 {} 退回 {} 等待 {}",
            it.total, it.accepted, it.partial, it.refused, it.waiting
        ),
    };
    if let (Some(reported), Some(difference)) = (it.reported, it.difference()) {
        text.push_str(&format!(" 对方所报 {reported} 差额 {difference:+}"));
    }
    text
}
