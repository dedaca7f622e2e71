//! `hub work`: background jobs alone, as many processes as wanted.

use super::{Call, Exit};
use crate::boot::{self, Missing};
use crate::error::Result;
use crate::{ways, web, worker};

#[derive(clap::Args)]
#[command(about = "只执行后台作业（多进程部署时用）")]
pub(super) struct Args {}

pub(super) fn run(_args: Args, call: &mut Call) -> Result<Exit> {
    let hub = boot::open(call.config.clone(), Missing::Refuse)?;
    let works = worker::start(hub.worker())?;
    let drops = ways::drop::start(hub.intake.clone(), hub.drop())?;
    call.out.note("后台作业已启动。");
    let heard = web::wait_for_signal();
    if let Some(drops) = drops {
        drops.stop();
    }
    works.stop();
    heard.map(|()| Exit::Ok)
}
