//! Chinese help and Chinese usage errors on top of the parser's English ones.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};

use super::{Exit, Out};

const TEMPLATE: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";

/// Headings and built-in flags in Chinese, through all levels.
pub(super) fn in_chinese(command: Command) -> Command {
    let root = command.get_name() == "hub";
    let mut command = command
        .help_template(TEMPLATE)
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令")
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .display_order(998)
                .help("显示帮助"),
        );
    if root {
        command = command.arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .display_order(999)
                .help("显示版本"),
        );
    }
    command
        .mut_args(|arg| {
            let heading = if arg.is_positional() { "参数" } else { "选项" };
            let arg = arg.help_heading(heading);
            // The parser allows these two only where a value is taken.
            if arg.get_action().takes_values() {
                arg.hide_possible_values(true).hide_default_value(true)
            } else {
                arg
            }
        })
        .mut_subcommands(in_chinese)
}

/// Prints what the parser has to say: help and version to stdout, a wrong command line to stderr.
pub(super) fn explain(error: &clap::Error) -> Exit {
    let mut out = Out::new(false, false);
    match error.kind() {
        ErrorKind::DisplayHelp => {
            out.line(translate(&error.render().to_string()).trim_end());
            Exit::Ok
        }
        ErrorKind::DisplayVersion => {
            out.line(error.render().to_string().trim_end());
            Exit::Ok
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            out.note(translate(&error.render().to_string()).trim_end());
            Exit::Usage
        }
        _ => {
            out.note(&sentence(error));
            Exit::Usage
        }
    }
}

fn translate(help: &str) -> String {
    help.replace("[OPTIONS]", "[选项]").replace("[COMMAND]", "[命令]")
}

fn sentence(error: &clap::Error) -> String {
    let get = |kind| error.get(kind).map(plain).unwrap_or_default();
    let arg = get(ContextKind::InvalidArg);
    let value = get(ContextKind::InvalidValue);
    let what = match error.kind() {
        ErrorKind::UnknownArgument => format!("没有“{arg}”这个参数。"),
        ErrorKind::InvalidSubcommand => format!("没有“{}”这个命令。", get(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingRequiredArgument => format!("缺少参数：{arg}。"),
        ErrorKind::MissingSubcommand => "缺少命令。".to_owned(),
        ErrorKind::InvalidValue if value.is_empty() => format!("参数 {arg} 后面要给一个值。"),
        ErrorKind::InvalidValue => {
            format!("参数 {arg} 不能是“{value}”，可以是：{}。", get(ContextKind::ValidValue))
        }
        ErrorKind::ValueValidation => {
            // What our own readers of values say is Chinese; the parser's own words are not.
            let said = std::error::Error::source(error).map(ToString::to_string).filter(|it| !it.is_ascii());
            format!("参数 {arg} 的值“{value}”不对{}。", said.map(|it| format!("：{it}")).unwrap_or_default())
        }
        ErrorKind::ArgumentConflict => {
            format!("参数 {arg} 与 {} 不能同时用。", get(ContextKind::PriorArg))
        }
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("参数 {arg} 的个数不对。")
        }
        ErrorKind::InvalidUtf8 => "命令行里有不是 UTF-8 的字符。".to_owned(),
        _ => "命令行读不懂。".to_owned(),
    };
    let near = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue]
        .into_iter()
        .map(get)
        .find(|text| !text.is_empty());
    let hint = near.map(|text| format!("是否想用“{text}”？")).unwrap_or_default();
    format!("{what}{hint}\n加 --help 看用法。")
}

fn plain(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join("、"),
        ContextValue::StyledStr(text) => text.to_string(),
        ContextValue::Number(number) => number.to_string(),
        _ => String::new(),
    }
}
