//! `hub task`: the breakdown in and out, the board, one task's light and its deeds.
//!
//! Whoever may run commands on the server acts for the office; `--department` makes it a deed of that department.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::{Call, Exit};
use crate::boot::{self, Hub, Missing};
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::text::date;
use crate::tracking::Import;
use crate::tracking::ask::Ask;
use crate::tracking::board::{Board, Detail, Filter, Line};
use crate::tracking::compare::Outcome;
use crate::tracking::event::Actor;
use crate::tracking::load::Loaded;
use crate::tracking::plan::Plan;
use crate::tracking::remind::Reminded;
use crate::tracking::rules::Colour;

#[derive(clap::Args)]
#[command(about = "任务分解：导入、清单、填报、亮灯理由、办理、导出")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    #[command(about = "导入任务分解：不给文件则载入随附的方案；XLSX、CSV 为分解表，TOML 为方案文件")]
    Import(ImportArgs),
    #[command(about = "列出任务及亮灯")]
    List(ListArgs),
    #[command(about = "进度填报")]
    Report(ReportArgs),
    #[command(about = "为什么是这个灯；附该任务的全部办理记录")]
    Light {
        #[arg(value_name = "NO", help = "任务序号，如 附10")]
        no: String,
        #[command(flatten)]
        plan: PlanArg,
    },
    #[command(about = "办理一步：签收、申请延期、同意延期、申请办结、复核办结、销号等", name = "do")]
    Act(ActArgs),
    #[command(about = "按催办阶梯办理今天到期的提醒、催办、督办单、通报（后台每个工作日九时自动办理）")]
    Urge {
        #[arg(long, help = "只列出，不办理")]
        dry_run: bool,
        #[command(flatten)]
        plan: PlanArg,
    },
    #[command(about = "导出任务分解表和任务台账（XLSX）")]
    Export {
        #[arg(value_name = "FILE", help = "写到这个文件")]
        file: PathBuf,
        #[command(flatten)]
        plan: PlanArg,
    },
}

#[derive(clap::Args)]
struct PlanArg {
    #[arg(long, value_name = "ID", help = "任务方案编号；只有一个方案时可省略")]
    plan: Option<String>,
}

#[derive(clap::Args)]
struct ImportArgs {
    #[arg(value_name = "FILE", help = "分解表（.xlsx、.csv）或方案文件（.toml）")]
    file: Option<PathBuf>,
    #[arg(long, value_name = "ID", help = "导入到哪个方案；没有则新建，须同时给 --title")]
    plan: Option<String>,
    #[arg(long, value_name = "TITLE", help = "新建方案的标题")]
    title: Option<String>,
    #[arg(long, value_name = "DEPARTMENT", default_value = "civil_defence", help = "新建方案的督办单位")]
    office: String,
    #[arg(long, value_name = "CODE", default_value = "330400", help = "新建方案的行政区划")]
    division: String,
    #[arg(long, value_name = "NAME", help = "工作表名称；不给则取第一张可见的")]
    sheet: Option<String>,
    #[arg(long, value_name = "DATE", help = "交办日期，时限“几个工作日”自此起算；不给则为今天")]
    on: Option<String>,
    #[arg(long, help = "只试算，不导入")]
    dry_run: bool,
}

#[derive(clap::Args)]
struct ListArgs {
    #[command(flatten)]
    plan: PlanArg,
    #[arg(long, value_name = "COLOUR", help = "红、黄、绿")]
    light: Option<String>,
    #[arg(long, value_name = "DEPARTMENT", help = "牵头或配合的部门，如 natural_resources")]
    department: Option<String>,
    #[arg(long, help = "只列逾期的")]
    overdue: bool,
    #[arg(long, help = "只列该报未报的")]
    not_reported: bool,
    #[arg(long, help = "只列有申请待批复的")]
    pending: bool,
}

#[derive(clap::Args)]
struct ActorArgs {
    #[arg(long, value_name = "DEPARTMENT", help = "以哪个部门的名义；不给则以督办单位操作员办理")]
    department: Option<String>,
    #[arg(long, value_name = "NAME", default_value = "操作员", help = "经办人")]
    name: String,
}

#[derive(clap::Args)]
struct ReportArgs {
    #[arg(value_name = "NO", help = "任务序号，如 附10")]
    no: String,
    #[arg(long, value_name = "N", help = "完成比例，0 至 100")]
    percent: u16,
    #[arg(long, value_name = "TEXT", help = "本期进展")]
    progress: String,
    #[arg(long, value_name = "TEXT", default_value = "", help = "存在问题")]
    problems: String,
    #[arg(long, value_name = "TEXT", default_value = "", help = "下步打算")]
    next: String,
    #[arg(long, value_name = "TEXT", help = "佐证，可多次给出")]
    evidence: Vec<String>,
    #[arg(long, value_name = "MONTH", help = "填报期，如 2026-10；不给则为应报的一期")]
    period: Option<String>,
    #[command(flatten)]
    plan: PlanArg,
    #[command(flatten)]
    actor: ActorArgs,
}

#[derive(clap::Args)]
struct ActArgs {
    #[arg(value_name = "NO", help = "任务序号，如 附10")]
    no: String,
    #[arg(
        value_name = "DEED",
        help = "签收、申请延期、同意延期、不同意延期、申请办结、复核办结、复核退回、撤回申请、直接办结、退回重办、销号、暂缓、恢复办理"
    )]
    deed: String,
    #[arg(long, value_name = "TEXT", default_value = "", help = "理由、意见或完成情况")]
    text: String,
    #[arg(long, value_name = "DUE", help = "申请的时限，如 2026-12-31、15个工作日")]
    due: Option<String>,
    #[arg(long, value_name = "TEXT", help = "佐证，可多次给出")]
    evidence: Vec<String>,
    #[command(flatten)]
    plan: PlanArg,
    #[command(flatten)]
    actor: ActorArgs,
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let hub = boot::open(call.config.clone(), Missing::Refuse)?;
    match args.what {
        What::Import(args) => import(&hub, &args, call),
        What::List(args) => list(&hub, args, call),
        What::Report(args) => {
            let ask = Ask {
                deed: "reported".to_owned(),
                text: args.progress,
                percent: Some(args.percent),
                problems: args.problems,
                next: args.next,
                evidence: args.evidence,
                period: args.period,
                ..Ask::default()
            };
            act(&hub, &args.plan, &args.no, &args.actor, ask, call)
        }
        What::Light { no, plan } => {
            let detail = hub.tracking.detail(&plan_id(&hub, &plan)?, &no, clock::now())?;
            call.out.either(&detail, || explain(&detail));
            Ok(Exit::Ok)
        }
        What::Act(args) => {
            let ask = Ask {
                deed: args.deed,
                text: args.text,
                due: args.due,
                evidence: args.evidence,
                ..Ask::default()
            };
            act(&hub, &args.plan, &args.no, &args.actor, ask, call)
        }
        What::Urge { dry_run, plan } => {
            let taken = hub.tracking.remind(&plan_id(&hub, &plan)?, dry_run, clock::now())?;
            call.out.either(&taken, || urged(&taken));
            Ok(Exit::Ok)
        }
        What::Export { file, plan } => export(&hub, &file, &plan, call),
    }
}

/// The plan that is meant: the one named, or the only one there is.
fn plan_id(hub: &Hub, arg: &PlanArg) -> Result<String> {
    if let Some(id) = &arg.plan {
        return Ok(id.clone());
    }
    let plans = hub.tracking.plans()?;
    match plans.as_slice() {
        [only] => Ok(only.id.clone()),
        [] => Err(Error::new(codes::task::UNKNOWN_PLAN, "还没有任务方案；先运行 hub task import。")),
        several => {
            let ids: Vec<&str> = several.iter().map(|plan| plan.id.as_str()).collect();
            let detail = format!("有多个任务方案（{}），请用 --plan 指定。", ids.join("、"));
            Err(Error::new(codes::transport::PARAMETER, detail))
        }
    }
}

fn act(hub: &Hub, plan: &PlanArg, no: &str, who: &ActorArgs, ask: Ask, call: &mut Call) -> Result<Exit> {
    let now = clock::now();
    let plan = plan_id(hub, plan)?;
    let actor = Actor { id: "cli".to_owned(), name: who.name.clone(), department: who.department.clone() };
    hub.tracking.act(&plan, no, actor, ask, now)?;
    let detail = hub.tracking.detail(&plan, no, now)?;
    call.out.either(&detail, || row(&detail.line));
    Ok(Exit::Ok)
}

fn import(hub: &Hub, args: &ImportArgs, call: &mut Call) -> Result<Exit> {
    let now = clock::now();
    let actor = Actor::system();
    let Some(file) = &args.file else {
        for plan in hub.tracking.plans.plans.values() {
            let loaded = hub.tracking.load(plan, &actor, args.dry_run, now)?;
            call.out.either(&loaded, || summary(&plan.title, &loaded));
        }
        return Ok(Exit::Ok);
    };
    let bytes = read(file)?;
    if file.extension().is_some_and(|kind| kind == "toml") {
        let name = file.display().to_string();
        let plan = Plan::parse(&name, &String::from_utf8_lossy(&bytes)).map_err(|problems| {
            Error::new(codes::task::PLAN_FILE, format!("方案文件 {name} 有误。")).with_problems(problems)
        })?;
        let loaded = hub.tracking.load(&plan, &actor, args.dry_run, now)?;
        call.out.either(&loaded, || summary(&plan.title, &loaded));
        return Ok(Exit::Ok);
    }
    let handed_out = args.on.as_deref().map_or(Ok(clock::china_date(now)), on)?;
    let plan = table_plan(hub, args, handed_out)?;
    let import = Import {
        plan: &plan,
        bytes: &bytes,
        sheet: args.sheet.as_deref(),
        handed_out,
        dry_run: args.dry_run,
    };
    let loaded = hub.tracking.import(&import, &actor, now)?;
    call.out.either(&loaded, || summary(&plan.title, &loaded));
    match loaded.refused() {
        Some(error) if !args.dry_run => Err(error),
        Some(_) => Ok(Exit::Findings),
        None => Ok(Exit::Ok),
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).map_err(|e| {
        Error::new(codes::machine::FILE, format!("读不了 {}：路径不存在或没有权限。", file.display()))
            .because(e)
    })
}

fn on(text: &str) -> Result<NaiveDate> {
    date::parse(text).ok_or_else(|| {
        Error::new(codes::transport::PARAMETER, format!("“{text}”不是有效日期，请写成 2026-03-01。"))
    })
}

/// The plan a table goes into: the one there is, or a new one when it is given a title.
fn table_plan(hub: &Hub, args: &ImportArgs, on: NaiveDate) -> Result<Plan> {
    let arg = PlanArg { plan: args.plan.clone() };
    match (&args.plan, &args.title) {
        (Some(id), Some(title)) => {
            let known = hub.tracking.plans()?.into_iter().find(|plan| plan.id == *id);
            Ok(known.unwrap_or_else(|| Plan::bare(id, title, &args.division, &args.office, on)))
        }
        _ => {
            let id = plan_id(hub, &arg)?;
            hub.store.read(|conn| crate::tracking::stored::get_plan(conn, &id))
        }
    }
}

fn summary(title: &str, loaded: &Loaded) -> String {
    let comparison = &loaded.comparison;
    let mut lines: Vec<String> = Vec::new();
    for verdict in comparison.verdicts.iter().filter(|verdict| verdict.outcome != Outcome::Same) {
        let place = if verdict.row > 0 { format!("第 {} 行 ", verdict.row) } else { String::new() };
        let no = verdict.no.as_deref().unwrap_or("—");
        lines.push(format!("{place}{} {no} {}", verdict.outcome.title(), verdict.title));
        let changes = verdict.changes.iter();
        lines.extend(changes.map(|it| format!("    {}：{} → {}", it.field, it.from, it.to)));
        lines.extend(verdict.problems.iter().map(|problem| format!("    {problem}")));
    }
    let count = |outcome| comparison.count(outcome);
    lines.push(format!(
        "《{title}》新增 {} 项，变更 {} 项，相同 {} 项，有误 {} 项{}。",
        count(Outcome::New),
        count(Outcome::Changed),
        count(Outcome::Same),
        count(Outcome::Error),
        if loaded.stored { "，已导入" } else { "，未导入" }
    ));
    if !comparison.missing.is_empty() {
        lines.push(format!("表中没有的现有任务（不受影响）：{}", comparison.missing.join("、")));
    }
    lines.join("\n")
}

fn list(hub: &Hub, args: ListArgs, call: &mut Call) -> Result<Exit> {
    let light = args.light.map(|text| {
        Colour::parse(&text).ok_or_else(|| {
            Error::new(codes::transport::PARAMETER, format!("没有“{text}”这种灯，可用：红、黄、绿。"))
        })
    });
    let filter = Filter {
        light: light.transpose()?,
        department: args.department,
        overdue: args.overdue,
        not_reported: args.not_reported,
        pending: args.pending,
        ..Filter::default()
    };
    let board = hub.tracking.board(&plan_id(hub, &args.plan)?, &filter, clock::now())?;
    call.out.either(&board, || table(&board));
    Ok(Exit::Ok)
}

fn table(board: &Board) -> String {
    let mut lines: Vec<String> = board.lines.iter().map(row).collect();
    let counts: Vec<String> = board
        .counts
        .lights
        .iter()
        .map(|light| format!("{} {} {}", light.shape, light.title, light.count))
        .collect();
    lines.push(format!("《{}》共 {} 项：{}", board.title, board.counts.total, counts.join("，")));
    lines.join("\n")
}

fn row(line: &Line) -> String {
    let due = line.due.as_deref().unwrap_or("未设时限");
    format!("{}\t{}\t{}\t{}\t{}\t{}", line.no, line.light, line.state_title, line.lead.name, due, line.title)
}

fn explain(detail: &Detail) -> String {
    let line = &detail.line;
    let mut lines = vec![row(line), format!("理由：{}", line.light.why)];
    lines.extend(line.light.also.iter().map(|why| format!("另外：{why}")));
    lines.extend(line.counted.as_ref().map(|counted| format!("数据：{counted}")));
    lines.extend(line.pending.as_ref().map(|pending| format!("待办：{pending}")));
    for entry in &detail.timeline {
        let who = entry.department.as_deref().map(|name| format!("（{name}）")).unwrap_or_default();
        let said = entry.event.deed.words_said().unwrap_or_default();
        lines.push(
            format!("  {} {} {}{who} {said}", entry.event.day, entry.title, entry.event.actor.name)
                .trim_end()
                .to_owned(),
        );
    }
    lines.join("\n")
}

fn urged(taken: &[Reminded]) -> String {
    if taken.is_empty() {
        return "今天没有到期的催办。".to_owned();
    }
    let row = |it: &Reminded| format!("{}\t{}\t{}\t{}", it.no, it.title, it.department_name, it.message);
    taken.iter().map(row).collect::<Vec<_>>().join("\n")
}

fn export(hub: &Hub, file: &Path, plan: &PlanArg, call: &mut Call) -> Result<Exit> {
    let id = plan_id(hub, plan)?;
    let bytes = hub.tracking.workbook(&id, clock::now())?;
    std::fs::write(file, &bytes).map_err(|e| {
        Error::new(codes::machine::FILE, format!("写不了 {}：目录不存在或没有权限。", file.display()))
            .because(e)
    })?;
    let shown = serde_json::json!({ "plan": id, "file": file, "bytes": bytes.len() });
    call.out.either(&shown, || format!("已写出 {}。", file.display()));
    Ok(Exit::Ok)
}
