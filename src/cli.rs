//! The command line: one file per subcommand, one row each in the table below.
//!
//! Results go to stdout, progress and log to stderr. Every command answers with an exit code of [`Exit`]; with `--json`
//! it prints one JSON object, or one per line where the result is a list.

mod account;
mod backup;
mod completions;
mod delivery;
mod demo;
mod doctor;
mod document;
mod exit;
mod flags;
mod help;
mod import;
mod key;
mod man;
mod mapping;
mod message;
mod migrate;
mod model;
mod out;
mod partner;
mod reconciliation;
mod register;
mod restore;
mod serve;
mod settings;
mod subscription;
mod task;
mod work;

pub use exit::Exit;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser};

use crate::config::Config;
use crate::error::Result;
use flags::Flags;
use out::Out;

/// A command: declare `mod name;` above and add one row here. Its file holds `struct Args` and `fn run(Args, &mut Call)`.
macro_rules! commands {
    ($($variant:ident => $module:ident),* $(,)?) => {
        #[derive(clap::Subcommand)]
        enum Command {
            $($variant($module::Args),)*
        }

        fn run(command: Command, call: &mut Call) -> Result<Exit> {
            match command {
                $(Command::$variant(args) => $module::run(args, call),)*
            }
        }
    };
}

commands! {
    Serve => serve,
    Work => work,
    Migrate => migrate,
    Doctor => doctor,
    Model => model,
    Mapping => mapping,
    Import => import,
    Message => message,
    Partner => partner,
    Key => key,
    Subscription => subscription,
    Delivery => delivery,
    Reconciliation => reconciliation,
    Account => account,
    Demo => demo,
    Document => document,
    Register => register,
    Task => task,
    Backup => backup,
    Restore => restore,
    Config => settings,
    Completions => completions,
    Man => man,
}

#[derive(Parser)]
#[command(
    name = "hub",
    version,
    about = "人防工程产权数据中枢：接收各部门数据，核对、归一、回传，并据此出具公文",
    after_help = "退出码：0 成功 1 失败 2 用法错误 3 部分失败 4 检查出问题 5 未找到 6 冲突 7 无权限 75 请稍后再试"
)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

/// What every command gets: the settings in force and where to write.
pub(crate) struct Call {
    pub(crate) config: Config,
    pub(crate) out: Out,
}

/// Runs one command line to its exit code.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = command().try_get_matches_from(args).and_then(|matches| Cli::from_arg_matches(&matches));
    let exit = match parsed {
        Ok(cli) => answer(cli),
        Err(error) => help::explain(&error),
    };
    exit.into()
}

fn answer(cli: Cli) -> Exit {
    let mut out = Out::new(cli.flags.json, cli.flags.quiet);
    let started = Config::load(&cli.flags.texts(), &crate::config::environment());
    let result = started.and_then(|config| {
        crate::boot::start_log(&config.log)?;
        let mut call = Call { config, out: Out::new(cli.flags.json, cli.flags.quiet) };
        run(cli.command, &mut call)
    });
    result.unwrap_or_else(|error| {
        if let Some(cause) = &error.cause {
            tracing::debug!(code = %error.code, cause, "command failed");
        }
        out.failure(&error);
        Exit::from(&error)
    })
}

/// The whole command line with Chinese headings; also what completions and manual pages are made from.
fn command() -> clap::Command {
    help::in_chinese(Cli::command())
}
