//! `hub man`: manual pages, to stdout or one file per command.

use std::path::{Path, PathBuf};

use super::{Call, Exit};
use crate::error::{Error, Result, codes};

#[derive(clap::Args)]
#[command(about = "输出手册页（man）；给出目录则每个命令写一个文件")]
pub(super) struct Args {
    #[arg(value_name = "DIR", help = "写到这个目录；不给则把总页写到标准输出")]
    dir: Option<PathBuf>,
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let mut command = super::command();
    command.build();
    match args.dir {
        None => call.out.bytes(&page(&command)?),
        Some(dir) => write_all(&dir, &command, "hub", call)?,
    }
    Ok(Exit::Ok)
}

fn page(command: &clap::Command) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut text).map_err(Error::internal)?;
    Ok(text)
}

fn write_all(dir: &Path, command: &clap::Command, name: &str, call: &mut Call) -> Result<()> {
    let path = dir.join(format!("{name}.1"));
    let failed = |e| Error::new(codes::machine::FILE, format!("写不了 {}。", path.display())).because(e);
    std::fs::create_dir_all(dir)
        .and_then(|()| std::fs::write(&path, page(command).unwrap_or_default()))
        .map_err(failed)?;
    call.out.line(&path.display().to_string());
    for sub in command.get_subcommands() {
        write_all(dir, sub, &format!("{name}-{}", sub.get_name()), call)?;
    }
    Ok(())
}
