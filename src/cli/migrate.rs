//! `hub migrate`: brings the database to this version.

use super::{Call, Exit};
use crate::boot;
use crate::clock;
use crate::error::Result;
use crate::store::{self, Store};

#[derive(clap::Args)]
#[command(about = "建立数据库，或升级到本版本的结构")]
pub(super) struct Args {
    #[arg(long, help = "只列出将要执行的升级，不执行")]
    dry_run: bool,
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let files = boot::mappings(call.config.mappings.as_deref())?;
    let schema = boot::load_schema(&files)?;
    let settings = store::Settings::at(boot::database_url(&call.config));
    if args.dry_run {
        return dry_run(settings, call);
    }
    boot::make_data_dir(&call.config)?;
    let store = Store::open(&settings.creating())?;
    let done = store.migrate(&schema, clock::now())?;
    let shown = store.address().shown();
    call.out.either(&serde_json::json!({ "database": shown, "applied": done }), || match done.len() {
        0 => format!("{shown} 已是最新结构。"),
        n => format!("{shown} 完成 {n} 项结构升级：{}", done.join("、")),
    });
    Ok(Exit::Ok)
}

fn dry_run(settings: store::Settings, call: &mut Call) -> Result<Exit> {
    let status = Store::open(&settings)?.migration_status()?;
    call.out.either(&status, || match status.pending.len() {
        0 => "没有待执行的升级。".to_owned(),
        n => format!("待执行 {n} 项：{}", status.pending.join("、")),
    });
    Ok(Exit::Ok)
}
