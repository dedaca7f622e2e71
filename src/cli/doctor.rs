//! `hub doctor`: what is wrong with this machine or this configuration, and what to do about it.

mod data;
mod machine;

use chrono::TimeDelta;
use serde::Serialize;

use super::{Call, Exit};
use crate::boot;
use crate::error::{Error, Result};
use crate::store::{Settings, Store};

#[derive(clap::Args)]
#[command(about = "体检：配置、数据库、密钥、证书、字体、时钟、文号、审计链，逐项说明怎么办")]
pub(super) struct Args {
    #[arg(long, help = "深入检查：数据库逐页校验、审计链逐条核对，数据多时较慢")]
    deep: bool,
}

/// How one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Good,
    Doubtful,
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    what: &'static str,
    state: State,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cure: Option<String>,
}

impl Check {
    /// Keys and certificates are told of so long before they end (60, 30, 7 days are usual).
    const SOON: TimeDelta = TimeDelta::days(60);

    fn good(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, state: State::Good, found: found.into(), cure: None }
    }

    fn doubtful(what: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { what, state: State::Doubtful, found: found.into(), cure: Some(cure.into()) }
    }

    fn bad(what: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { what, state: State::Bad, found: found.into(), cure: Some(cure.into()) }
    }

    fn failed(what: &'static str, error: &Error) -> Self {
        let problems: Vec<String> = error.problems.iter().map(|it| format!("\n    {it}")).collect();
        Self::bad(what, format!("{}{}", error.detail, problems.concat()), error.code.info().cure)
    }
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let checks = examine(&args, call);
    for it in &checks {
        call.out.either(it, || line(it));
    }
    let bad = checks.iter().filter(|it| it.state == State::Bad).count();
    let doubtful = checks.iter().filter(|it| it.state == State::Doubtful).count();
    call.out.note(&format!("共 {} 项：{bad} 项有问题，{doubtful} 项需留意。", checks.len()));
    Ok(if bad == 0 { Exit::Ok } else { Exit::Findings })
}

fn line(it: &Check) -> String {
    let mark = match it.state {
        State::Good => "✓ 正常",
        State::Doubtful => "▲ 留意",
        State::Bad => "✕ 问题",
    };
    let cure = it.cure.as_deref().map(|cure| format!("\n    办法：{cure}")).unwrap_or_default();
    format!("{mark}  {}：{}{cure}", it.what, it.found)
}

fn examine(args: &Args, call: &Call) -> Vec<Check> {
    let config = &call.config;
    let mut checks = vec![machine::data_dir(config), machine::space(config), machine::clock()];
    checks.push(machine::master_key(config));
    let model = boot::load_model(config);
    checks.push(machine::model(&model));
    checks.extend(machine::documents(config, model.as_ref().ok()));
    checks.push(machine::listen(config));
    checks.extend(machine::frames(config, model.as_ref().ok()));
    checks.push(machine::tls(config));
    match Store::open(&Settings::at(boot::database_url(config))) {
        Ok(store) => checks.extend(data::examine(&store, args.deep)),
        Err(error) => checks.push(Check::failed("数据库", &error)),
    }
    checks
}
