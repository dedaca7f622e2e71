//! `hub config`: the example file, and the settings in force with where each came from.

use super::{Call, Exit};
use crate::error::Result;

#[derive(clap::Args)]
#[command(about = "输出配置样例，或查看正在生效的配置")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    #[command(about = "输出带说明的配置样例（deploy/hub.example.toml 就是它）")]
    Example,
    #[command(about = "列出每一项的生效值和来源；口令和密钥不显示")]
    Show,
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    match args.what {
        What::Example => call.out.line(crate::config::example().trim_end()),
        What::Show => show(call),
    }
    Ok(Exit::Ok)
}

fn show(call: &mut Call) {
    for (key, text, origin) in call.config.in_force() {
        let row = serde_json::json!({
            "key": key.name, "value": text, "origin": origin.chinese(),
            "variable": key.variable(), "about": key.about,
        });
        call.out.either(&row, || format!("{} = {text}    # {}", key.name, origin.chinese()));
    }
}
