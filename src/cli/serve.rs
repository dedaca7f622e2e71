//! `hub serve`: the server and, unless told otherwise, the workers beside it.

use super::{Call, Exit};
use crate::boot::{self, Missing};
use crate::error::Result;
use crate::{ways, web, worker};

#[derive(clap::Args)]
#[command(about = "启动服务：接口、控制台和后台作业；首次启动自动建库")]
pub(super) struct Args {
    #[arg(long, help = "只提供网页和接口，后台作业由另外的 hub work 进程执行")]
    no_work: bool,
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let hub = boot::open(call.config.clone(), Missing::Create)?;
    let works = if args.no_work { None } else { Some(worker::start(hub.worker())?) };
    let drops = if args.no_work { None } else { ways::drop::start(hub.intake.clone(), hub.drop())? };
    let writer = hub.intake.writer.clone();
    let frames = ways::frames::start(hub.intake.clone(), hub.config.frames.clone())?;
    let running = web::start(hub.app()?)?;
    call.out.note(&format!("中枢已启动：http://{}", running.address));
    if let Some(frames) = &frames {
        call.out.note(&format!("接收非税收缴报文帧：{}", frames.address));
    }
    tracing::info!(address = %running.address, "serving");
    let served = running.until_signal();
    if let Some(frames) = frames {
        frames.stop();
    }
    if let Some(drops) = drops {
        drops.stop();
    }
    if let Some(works) = works {
        works.stop();
    }
    // Everything answered is committed; what still waits is committed and answered before the process ends.
    writer.close();
    served.map(|()| Exit::Ok)
}
