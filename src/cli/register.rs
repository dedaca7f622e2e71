//! `hub register`: the register of document numbers (文号簿).

use serde_json::json;

use super::{Call, Exit};
use crate::boot::{self, Missing};
use crate::error::Result;
use crate::store::{list_counters, list_gaps, list_register};

#[derive(clap::Args)]
#[command(about = "文号簿：各代字、各年度的编号和空号")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    #[command(about = "列出已用、预留、作废的文号")]
    List {
        #[arg(value_name = "SERIES", help = "机关代字，如 嘉人防告；不给则全部")]
        series: Option<String>,
        #[arg(long, value_name = "YEAR", help = "年度；不给则全部")]
        year: Option<i32>,
    },
    #[command(about = "查空号：有无法说明的空号时退出码为 4")]
    Gaps,
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let hub = boot::open(call.config.clone(), Missing::Refuse)?;
    let counters = hub.store.read(list_counters)?;
    match args.what {
        What::List { series, year } => {
            for (id, of, _) in counters {
                if series.as_ref().is_some_and(|it| *it != id) || year.is_some_and(|it| it != of) {
                    continue;
                }
                for row in hub.store.read(|conn| list_register(conn, &id, of))? {
                    call.out.either(&row, || {
                        let reason = row.reason.as_deref().map(|it| format!("（{it}）")).unwrap_or_default();
                        let document =
                            row.document_id.as_ref().map(|it| format!("  {it}")).unwrap_or_default();
                        format!("{}  {}{reason}{document}", row.number, row.state.title())
                    });
                }
            }
            Ok(Exit::Ok)
        }
        What::Gaps => {
            let mut found = false;
            for (series, year, last) in counters {
                let gaps = hub.store.read(|conn| list_gaps(conn, &series, year))?;
                found |= !gaps.is_empty();
                call.out.either(
                    &json!({ "series": series, "year": year, "last": last, "gaps": gaps }),
                    || {
                        if gaps.is_empty() {
                            return format!("{series}〔{year}〕已编至 {last} 号，没有空号。");
                        }
                        let numbers: Vec<String> = gaps.iter().map(i32::to_string).collect();
                        format!("{series}〔{year}〕缺 {} 号，文号簿里没有说明。", numbers.join("、"))
                    },
                );
            }
            Ok(if found { Exit::Findings } else { Exit::Ok })
        }
    }
}
