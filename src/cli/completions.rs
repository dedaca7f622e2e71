//! `hub completions`: the completion script of a shell.

use super::{Call, Exit};
use crate::error::Result;

#[derive(clap::Args)]
#[command(about = "输出命令行补全脚本")]
pub(super) struct Args {
    #[arg(value_name = "SHELL", help = "bash、zsh、fish 或 powershell")]
    shell: clap_complete::Shell,
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "hub", &mut script);
    call.out.bytes(&script);
    Ok(Exit::Ok)
}
