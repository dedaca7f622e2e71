//! `hub mapping`: checks, proves, runs and shows mapping folders, also such as stand outside the binary.

mod diff;
mod folder;

use std::path::PathBuf;

use serde_json::json;

use super::{Call, Exit};
use crate::boot::{self, Files};
use crate::clock;
use crate::error::{Error, Result, Severity, codes};
use crate::mapping::{self, Case, Detail, Hints, Mapping, Mappings, Outcome, Trial};
use folder::Folder;

#[derive(clap::Args)]
#[command(about = "映射文件夹：逐处检查、用样例核对、试跑一份报文、查看")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    #[command(about = "检查映射文件，错在第几行第几列、怎么改")]
    Check {
        #[arg(value_name = "DIR", help = "映射目录、单位文件夹或报文文件夹")]
        dir: PathBuf,
    },
    #[command(about = "用文件夹里的样例核对：读、报错、写回再读")]
    Test {
        #[arg(value_name = "DIR", help = "映射目录、单位文件夹或报文文件夹")]
        dir: PathBuf,
        #[arg(long, help = "按现在的结果重写 expected.json，改动请逐条看过")]
        update: bool,
    },
    #[command(about = "试跑一份报文：输出标准记录、每个值的出处和问题（JSON）")]
    Run {
        #[arg(value_name = "DIR", help = "报文文件夹")]
        dir: PathBuf,
        #[arg(value_name = "FILE", help = "报文文件")]
        file: PathBuf,
    },
    #[command(about = "新版本与生效的并排比较：约定改了什么，收过的报文读出来有何不同")]
    Diff(diff::Args),
    #[command(about = "列出生效的映射，或输出一份映射文件")]
    Show {
        #[arg(value_name = "PARTNER/MESSAGE", help = "如 tax/deed_tax_payment；不给则列出全部")]
        name: Option<String>,
    },
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    match args.what {
        What::Check { dir } => check(&Folder::open(&dir, &call.config)?, call),
        What::Test { dir, update } => test(&Folder::open(&dir, &call.config)?, update, call),
        What::Run { dir, file } => try_out(&Folder::open(&dir, &call.config)?, &file, call),
        What::Diff(args) => diff::run(args, call),
        What::Show { name } => show(name.as_deref(), call),
    }
}

fn check(folder: &Folder, call: &mut Call) -> Result<Exit> {
    let (mappings, found) = mapping::check(&folder.files, &folder.schema);
    let errors = found.iter().filter(|it| it.severity == Severity::Error).count();
    if call.out.is_json() {
        for it in &found {
            call.out.json(it);
        }
    } else {
        if !found.is_empty() {
            call.out.line(mapping::render_all(&found, &folder.files).trim_end());
        }
        let sound = mappings.iter().count();
        call.out.line(&format!("{sound} 份映射可用，{errors} 处错误，{} 处提醒。", found.len() - errors));
    }
    Ok(if errors == 0 { Exit::Ok } else { Exit::Findings })
}

fn test(folder: &Folder, update: bool, call: &mut Call) -> Result<Exit> {
    let mut proof = mapping::test(&folder.files, &folder.schema, clock::now());
    if update {
        folder.write(&proof.updates)?;
        for path in proof.updates.keys() {
            call.out.note(&format!("已重写 {path}"));
        }
        let mut files: Files = folder.files.clone();
        files.append(&mut proof.updates.clone());
        proof = mapping::test(&files, &folder.schema, clock::now());
    }
    if !call.out.is_json() && !proof.diagnostics.is_empty() {
        call.out.line(mapping::render_all(&proof.diagnostics, &folder.files).trim_end());
    }
    for case in &proof.cases {
        tell(case, call);
    }
    let failed = proof.cases.iter().filter(|it| it.failure.is_some()).count();
    if !call.out.is_json() {
        call.out.line(&format!("{} 项核对，{failed} 项不符。", proof.cases.len()));
    }
    Ok(if proof.holds() { Exit::Ok } else { Exit::Findings })
}

fn tell(case: &Case, call: &mut Call) {
    let trial = match case.trial {
        Trial::Reads => "读",
        Trial::Refuses => "拒收",
        Trial::WritesBack => "写回",
    };
    let row = json!({
        "mapping": case.mapping, "file": case.file, "trial": trial, "failure": case.failure, "unread": case.unread,
    });
    call.out.either(&row, || {
        let mark = if case.failure.is_some() { "✕" } else { "✓" };
        let mut text = format!("{mark} {trial} {}", case.file);
        if let Some(failure) = &case.failure {
            text.push('\n');
            text.push_str(failure);
        }
        for unread in &case.unread {
            text.push_str(&format!("\n  没有读到：{unread}"));
        }
        text
    });
}

fn try_out(folder: &Folder, file: &std::path::Path, call: &mut Call) -> Result<Exit> {
    let mappings = Mappings::load(&folder.files, &folder.schema).map_err(|found| {
        let text = mapping::render_all(&found, &folder.files);
        Error::new(codes::machine::SETTING, format!("映射文件有误，请先改正。\n{text}"))
    })?;
    let mapping = only(&mappings, folder)?;
    let bytes = std::fs::read(file).map_err(|e| {
        Error::new(codes::machine::FILE, format!("读不了 {}：路径不存在或没有权限。", file.display()))
            .because(e)
    })?;
    let reading =
        mapping.read(&bytes, &Hints { content_type: None, now: Some(clock::now()), ..Hints::default() });
    call.out.line(mapping::pretty(&reading.to_json(&folder.schema, Detail::Full)).trim_end());
    Ok(match reading.outcome {
        Outcome::Accepted | Outcome::NotFound => Exit::Ok,
        Outcome::Partial => Exit::Partly,
        Outcome::Refused => Exit::Findings,
    })
}

fn only<'m>(mappings: &'m Mappings, folder: &Folder) -> Result<&'m Mapping> {
    if let Some((partner, message)) = &folder.message
        && let Some(mapping) = mappings.get(partner, message)
    {
        return Ok(mapping);
    }
    let names: Vec<String> = mappings.iter().map(|it| format!("{}/{}", it.partner, it.message)).collect();
    Err(Error::new(
        codes::transport::PARAMETER,
        format!("请给出一个报文文件夹（里面有 map.toml）；这里有：{}。", names.join("、")),
    ))
}

fn show(name: Option<&str>, call: &mut Call) -> Result<Exit> {
    let model = boot::load_model(&call.config)?;
    let Some(name) = name else {
        for it in model.mappings.iter() {
            let row = json!({
                "partner": it.partner, "message": it.message, "title": it.title, "version": it.version,
                "department": it.department, "summary": it.summary,
            });
            call.out.either(&row, || {
                format!("{}/{}\t{}（第 {} 版）", it.partner, it.message, it.title, it.version)
            });
        }
        return Ok(Exit::Ok);
    };
    let found = name.split_once('/').and_then(|(partner, message)| model.mappings.get(partner, message));
    let mapping = found.ok_or_else(|| {
        Error::new(
            codes::transport::UNKNOWN_MESSAGE,
            format!("没有映射“{name}”，hub mapping show 列出全部。"),
        )
    })?;
    let text = model.files.get(&mapping.file).map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default();
    call.out.either(&json!({ "name": name, "file": mapping.file, "text": text }), || text.to_string());
    Ok(Exit::Ok)
}
