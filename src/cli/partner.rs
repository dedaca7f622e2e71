//! `hub partner list`: who is connected, by which messages.

use serde_json::json;

use super::{Call, Exit};
use crate::boot::{self, Missing};
use crate::error::Result;
use crate::store::list_partners;

#[derive(clap::Args)]
#[command(about = "列出对接单位和它们的报文")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    #[command(about = "列出对接单位和它们的报文")]
    List,
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let What::List = args.what;
    let hub = boot::open(call.config.clone(), Missing::Refuse)?;
    for partner in hub.store.read(list_partners)? {
        let own = hub.model.mappings.iter().filter(|it| it.partner == partner.id.as_str());
        let messages: Vec<_> = own
            .map(|it| json!({ "message": it.message, "title": it.title, "version": it.version }))
            .collect();
        let row = json!({
            "partner": partner.id, "title": partner.title, "department": partner.department,
            "status": partner.status, "messages": messages,
        });
        call.out.either(&row, || {
            let lines: Vec<String> = hub
                .model
                .mappings
                .iter()
                .filter(|it| it.partner == partner.id.as_str())
                .map(|it| format!("\n  {}\t{}（第 {} 版）", it.message, it.title, it.version))
                .collect();
            format!("{}\t{}\t{}{}", partner.id, partner.title, partner.status.title(), lines.concat())
        });
    }
    Ok(Exit::Ok)
}
