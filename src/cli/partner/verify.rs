//! `hub partner verify`: whether a hub does for a partner what it must, seen from the partner's side.

use super::identity::Proof;
use crate::boot::{self, Model};
use crate::cli::{Call, Exit};
use crate::error::{Error, Result, codes};
use crate::playing::{self, Check, Letter, Suite, Verdict};

/// Help of the command.
pub(super) const ABOUT: &str = "\
以一个单位的身份从外面逐项检查一个中枢，每项给出结论、所见和办法：能否连上、传输加密、时钟、接口描述、签名的各种对错、试算、
坏报文、字符编码、过大、没有的报文、拉取和对账。默认什么也不存进中枢；加 --store 才发送样例（一份原样、一份末尾多一个换行），
检查回执和重发。

有不通过的项，退出码为 4。

例：
  hub partner verify https://hub.example.gov.cn --partner tax --key tax-1:密钥
  hub partner verify http://127.0.0.1:8080 --partner tax --key tax-1:密钥 --store --subscription handover-to-tax --json";

#[derive(clap::Args)]
pub(super) struct Verify {
    #[arg(value_name = "URL", help = "中枢的网址，如 http://127.0.0.1:8080")]
    url: String,
    #[arg(long, value_name = "NAME", help = "以哪个单位的身份，即映射文件夹名，如 tax")]
    partner: String,
    #[command(flatten)]
    proof: Proof,
    #[arg(long, value_name = "NAME", help = "用哪种报文检查；不给则用第一种有坏样例的")]
    message: Option<String>,
    #[arg(long, value_name = "ID", help = "本单位的一个拉取订阅，用来检查拉取")]
    subscription: Option<String>,
    #[arg(
        long,
        value_name = "MIB",
        default_value_t = 16,
        value_parser = clap::value_parser!(u32).range(1..=1024),
        help = "约定的报文大小上限，默认 16"
    )]
    limit: u32,
    #[arg(long, help = "允许把样例存进中枢，检查正式发送和重发")]
    store: bool,
}

pub(super) fn run(verify: Verify, call: &mut Call) -> Result<Exit> {
    let model = boot::load_model(&call.config)?;
    let wanted: Vec<String> = verify.message.clone().into_iter().collect();
    let samples = playing::samples(&model.mappings, &model.files, &verify.partner, &wanted)?;
    let (letter, bad) = chosen(&model, &verify.partner, samples)?;
    // The address names a message too; any other partner's will do.
    let other = model.mappings.iter().find(|it| it.partner != verify.partner);
    let suite = Suite {
        line: verify.proof.line(&verify.url, verify.partner)?,
        letter,
        bad,
        other: other.map(|it| format!("{}/{}", it.partner, it.message)),
        subscription: verify.subscription,
        limit: usize::try_from(verify.limit).unwrap_or(usize::MAX) << 20,
        store: verify.store,
    };
    let mut counts = [0_usize; 4];
    let worst = playing::verify(&suite, |check| {
        if let Some(count) = counts.get_mut(check.verdict as usize) {
            *count += 1;
        }
        call.out.either(&check, || line(&check));
    })?;
    let [passed, doubtful, failed, skipped] = counts;
    call.out
        .note(&format!("{passed} 项通过，{doubtful} 项需留意，{failed} 项不通过，{skipped} 项没有检查。"));
    Ok(if worst == Verdict::Failed { Exit::Findings } else { Exit::Ok })
}

/// A good message and a bad one of the same kind; a kind that has both, where any has.
fn chosen(model: &Model, partner: &str, samples: Vec<Letter>) -> Result<(Letter, Option<Letter>)> {
    let mut of_each: Vec<(Letter, Option<Letter>)> = playing::usual(samples)
        .into_iter()
        .map(|good| {
            let bad = playing::bad_sample(&model.mappings, &model.files, partner, &good.message);
            (good, bad)
        })
        .collect();
    let best = of_each.iter().position(|it| it.1.is_some()).unwrap_or(0);
    if of_each.is_empty() {
        let detail = format!("“{partner}”的报文文件夹里没有样例，无从检查。");
        return Err(Error::new(codes::transport::PARAMETER, detail));
    }
    Ok(of_each.swap_remove(best))
}

fn line(check: &Check) -> String {
    let mark = match check.verdict {
        Verdict::Passed => "✓ 通过",
        Verdict::Doubtful => "▲ 留意",
        Verdict::Failed => "✕ 不通过",
        Verdict::Skipped => "－ 未查",
    };
    let cure = check.cure.as_deref().map(|cure| format!("\n    办法：{cure}")).unwrap_or_default();
    format!("{mark}  {}：{}{cure}", check.title, check.seen)
}
