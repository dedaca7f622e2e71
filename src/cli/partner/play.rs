//! `hub partner play`: plays a department against a hub, from its message folders.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::identity::Proof;
use crate::boot::{self, Model};
use crate::cli::out::Out;
use crate::cli::{Call, Exit};
use crate::clock;
use crate::crypto;
use crate::error::{Error, Result, codes};
use crate::mapping::Mapping;
use crate::outbox::Seal;
use crate::playing::{
    self, Book, Chance, Composer, Desk, Entry, Letter, Line, Manners, Misdeed, Receiving, Sending, Sent,
};

/// Help of the command.
pub(super) const ABOUT: &str = "\
扮演一个单位，用它的报文文件夹和密钥与中枢往来，不碰中枢的数据库：联调时代替对方系统，也可由对方拿去核对自己的实现。

发送（--to）：默认逐份发送报文文件夹里的样例，每份打印中枢的答复；--variants 由映射反向写出业务键各不相同的报文，
同样的序号总是同样的报文；--files 发送自己的文件。
接收（--receive）：在给定地址接收中枢的推送，核验 Standard Webhooks 签名，逐份记入 --record 的文件（一行一条 JSON）；
被中断后用同一文件再开，仍认得收过的编号。
故意出错：次数写成 5（每 5 次一次）或 20%（约占两成）；同一个 --seed 每次错在同样的地方。

例：
  hub partner play tax --to http://127.0.0.1:8080 --key tax-1:密钥
  hub partner play tax --to http://127.0.0.1:8080 --key tax-1:密钥 --message payment_result --variants 200 --duplicate 10
  hub partner play tax --receive 127.0.0.1:9101 --webhook-secret whsec_… --record tax.jsonl --slow 20% --wrong-answer 7";

#[derive(clap::Args)]
pub(super) struct Play {
    #[arg(value_name = "NAME", help = "扮演哪个单位，即映射文件夹名，如 tax")]
    name: String,
    #[arg(long, value_name = "URL", help = "向这个中枢发送，如 http://127.0.0.1:8080")]
    to: Option<String>,
    #[command(flatten)]
    proof: Proof,
    #[arg(long, value_name = "NAME", value_delimiter = ',', help = "只发这些报文；不给则全部")]
    message: Vec<String>,
    #[arg(
        long,
        value_name = "DIR",
        help = "发送这个目录里的文件，按文件名先后；文件放在以报文标识命名的子文件夹里，或直接放着并用 --message 指明是哪一种"
    )]
    files: Option<PathBuf>,
    #[arg(long, value_name = "N", help = "每种报文照样例造 N 份，业务键各不相同", conflicts_with = "files")]
    variants: Option<u64>,
    #[arg(long, value_name = "N", default_value_t = 1, help = "所造报文的起始序号，默认 1")]
    first: u64,
    #[arg(long, help = "只请中枢核对，不入库")]
    check: bool,
    #[arg(long, value_name = "MS", default_value_t = 0, help = "两份之间等待多少毫秒")]
    pace: u64,
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        help = "没有答复或答复“稍后”（429、503）时，再送多少秒才放弃"
    )]
    patience: u64,
    #[arg(
        long,
        value_name = "ADDR",
        help = "在这个地址接收推送，如 127.0.0.1:9101",
        requires = "webhook_secret"
    )]
    receive: Option<String>,
    #[arg(
        long,
        value_name = "SECRET",
        value_delimiter = ',',
        env = "PARTNER_WEBHOOK_SECRET",
        hide_env = true,
        help = "核验推送签名的密钥 whsec_…，见 hub subscription secret；也可放环境变量 PARTNER_WEBHOOK_SECRET"
    )]
    webhook_secret: Vec<String>,
    #[arg(
        long,
        value_name = "FILE",
        help = "收到的逐份追加到这个文件（一行一条 JSON）",
        requires = "receive"
    )]
    record: Option<PathBuf>,
    #[arg(
        long,
        value_name = "MESSAGE",
        help = "收下后以这种报文的样例作答；不给则只答 200",
        requires = "receive"
    )]
    answer: Option<String>,
    #[arg(
        long = "for",
        value_name = "SECONDS",
        help = "接收多少秒后结束；不给则直到按 Ctrl-C",
        requires = "receive"
    )]
    duration: Option<u64>,
    #[command(flatten)]
    manners: Wrongs,
}

#[derive(clap::Args)]
#[command(next_help_heading = "故意出错")]
struct Wrongs {
    #[arg(long, value_name = "HOW", help = "接收：拖延后才答复；发送：正文发到一半停顿")]
    slow: Option<Chance>,
    #[arg(long, value_name = "MS", default_value_t = 3000, help = "拖延多少毫秒，默认 3000")]
    slow_by: u64,
    #[arg(long, value_name = "HOW", help = "接收：不收，答 HTTP 500 和一页网页")]
    wrong_answer: Option<Chance>,
    #[arg(long, value_name = "HOW", help = "接收：收下却不答复就断开；发送：正文发到一半断开，再重发")]
    drop_connection: Option<Chance>,
    #[arg(long, value_name = "HOW", help = "发送：同一份发两次")]
    duplicate: Option<Chance>,
    #[arg(long, value_name = "HOW", help = "发送：后一份抢在前面")]
    out_of_order: Option<Chance>,
    #[arg(long, value_name = "N", default_value_t = 1, help = "种子，默认 1；相同则错在同样的地方")]
    seed: u64,
}

impl Wrongs {
    fn manners(&self) -> Manners {
        Manners {
            slow: self.slow.unwrap_or_default(),
            slow_by: Duration::from_millis(self.slow_by),
            wrong_answer: self.wrong_answer.unwrap_or_default(),
            drop_connection: self.drop_connection.unwrap_or_default(),
            duplicate: self.duplicate.unwrap_or_default(),
            out_of_order: self.out_of_order.unwrap_or_default(),
            seed: self.seed,
        }
    }
}

pub(super) fn run(play: Play, call: &mut Call) -> Result<Exit> {
    if play.to.is_none() && play.receive.is_none() {
        let detail = "请用 --to 给出要发送到的中枢，或用 --receive 给出接收推送的地址，两者也可都给。";
        return Err(Error::new(codes::transport::PARAMETER, detail));
    }
    let model = boot::load_model(&call.config)?;
    // Also says that the partner or a message is unknown, before anything is opened.
    let samples = playing::samples(&model.mappings, &model.files, &play.name, &play.message)?;
    let receiving = match &play.receive {
        Some(address) => Some(receive(&play, address, &model, call)?),
        None => None,
    };
    let exit = match play.to.clone() {
        Some(to) => {
            let line = play.proof.clone().line(&to, play.name.clone())?;
            let letters = letters(&play, &model, samples, call)?;
            post(&line, letters, &play, call)?
        }
        None => Exit::Ok,
    };
    if let Some(receiving) = receiving {
        match play.duration {
            Some(seconds) => std::thread::sleep(Duration::from_secs(seconds)),
            None => crate::web::wait_for_signal()?,
        }
        receiving.stop()?;
    }
    Ok(exit)
}

type Letters = Box<dyn Iterator<Item = Result<Letter>>>;

/// What is to be sent, made when its turn comes.
fn letters(play: &Play, model: &Model, samples: Vec<Letter>, call: &mut Call) -> Result<Letters> {
    if let Some(dir) = &play.files {
        return from_files(dir, play, model);
    }
    let Some(count) = play.variants else { return Ok(Box::new(samples.into_iter().map(Ok))) };
    let mut bodies = Vec::new();
    for sample in playing::usual(samples) {
        let mapping = model.mappings.get(&play.name, &sample.message);
        if mapping.is_some_and(Mapping::is_reversible) {
            bodies.push(sample);
        } else {
            call.out.note(&format!("{} 的映射不能写出，造不了新报文，略过。", sample.message));
        }
    }
    let numbers = play.first..play.first.saturating_add(count);
    let made: Result<Vec<Letters>> =
        bodies.iter().map(|it| variants(model, &play.name, it, numbers.clone())).collect();
    Ok(Box::new(made?.into_iter().flatten()))
}

/// The variants of one sample, which is read once; each is made when its turn comes.
fn variants(model: &Model, name: &str, sample: &Letter, numbers: std::ops::Range<u64>) -> Result<Letters> {
    let (mappings, name, message) = (model.mappings.clone(), name.to_owned(), sample.message.clone());
    let unknown = || Error::internal("a message without its mapping");
    let mapping = mappings.get(&name, &message).ok_or_else(unknown)?;
    let composer = Composer::new(mapping, &model.schema, sample)?;
    Ok(Box::new(numbers.map(move |n| {
        let mapping = mappings.get(&name, &message).ok_or_else(unknown)?;
        composer.variant(mapping, n, clock::now())
    })))
}

/// Files of a folder, or of its subfolders named like messages; each is read when its turn comes.
fn from_files(dir: &Path, play: &Play, model: &Model) -> Result<Letters> {
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    match play.message.as_slice() {
        [message] if !dir.join(message).is_dir() => {
            found.extend(inside(dir)?.into_iter().map(|path| (message.clone(), path)));
        }
        wanted => {
            let own = model.mappings.iter().filter(|it| it.partner == play.name);
            for it in own.filter(|it| wanted.is_empty() || wanted.contains(&it.message)) {
                let folder = dir.join(&it.message);
                let paths = if folder.is_dir() { inside(&folder)? } else { Vec::new() };
                found.extend(paths.into_iter().map(|path| (it.message.clone(), path)));
            }
        }
    }
    if found.is_empty() {
        let detail = format!(
            "{} 里没有可发送的文件：放进以报文标识命名的子文件夹，或用 --message 指明是哪一种报文。",
            dir.display()
        );
        return Err(Error::new(codes::transport::PARAMETER, detail));
    }
    let (mappings, name) = (model.mappings.clone(), play.name.clone());
    Ok(Box::new(found.into_iter().map(move |(message, path)| {
        let bytes = std::fs::read(&path).map_err(|e| unreadable(&path, &e))?;
        let from = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        let media = mappings.get(&name, &message).map_or("application/octet-stream", Mapping::media_type);
        Ok(Letter { message, from, content_type: media.to_owned(), bytes })
    })))
}

/// The files right inside a folder, by name.
fn inside(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(|e| unreadable(dir, &e))? {
        let path = entry.map_err(|e| unreadable(dir, &e))?.path();
        paths.extend(path.is_file().then_some(path));
    }
    paths.sort();
    Ok(paths)
}

fn unreadable(path: &Path, cause: &std::io::Error) -> Error {
    Error::new(codes::machine::FILE, format!("读不了 {}。", path.display())).because(cause)
}

fn post(line: &Line, letters: Letters, play: &Play, call: &mut Call) -> Result<Exit> {
    let how = Sending {
        check: play.check,
        pace: Duration::from_millis(play.pace),
        patience: Duration::from_secs(play.patience),
        manners: play.manners.manners(),
    };
    let (mut taken, mut all) = (0_u64, 0_u64);
    playing::send(line, letters, &how, |sent| {
        all += 1;
        taken += u64::from(sent.is_taken());
        call.out.either(&sent, || answer_line(&sent));
    })?;
    call.out.note(&format!("共发送 {all} 份，收下 {taken} 份。"));
    Ok(match taken {
        _ if taken == all => Exit::Ok,
        0 => Exit::Failed,
        _ => Exit::Partly,
    })
}

fn answer_line(sent: &Sent) -> String {
    let receipt = &sent.receipt;
    let said = match (sent.status, &sent.failure) {
        (None, Some(why)) => format!("没有答复：{why}"),
        (Some(status), _) if receipt.get("receipt_id").is_some() => {
            let is_repeated = receipt.get("duplicate").and_then(Value::as_bool) == Some(true);
            let repeated = if is_repeated { "（重复，原回执）" } else { "" };
            let count = |name: &str| receipt.get(name).and_then(Value::as_u64).unwrap_or_default();
            let (accepted, refused) = (count("accepted"), count("refused"));
            format!("{status} 收 {accepted} 退 {refused}{repeated}\t回执 {}", text(receipt, "/receipt_id"))
        }
        (status, _) => format!("{} {}", status.unwrap_or_default(), text(receipt, "/error/detail")),
    };
    let problems = receipt.get("problems").or(receipt.pointer("/error/problems")).and_then(Value::as_array);
    let line = |it: &Value| {
        let [code, place, rule, hint] = ["/code", "/place/path", "/rule", "/hint"].map(|at| text(it, at));
        format!("\n    {code} {place} {rule} {hint}")
    };
    let problems: String = problems.into_iter().flatten().map(line).collect();
    let Sent { n, message, from, .. } = sent;
    format!("{n}\t{message}/{from}{}\t{said}{problems}", wrongs(&sent.misdeeds))
}

fn text<'v>(of: &'v Value, at: &str) -> &'v str {
    of.pointer(at).and_then(Value::as_str).unwrap_or_default()
}

fn wrongs(misdeeds: &[Misdeed]) -> String {
    let titles: Vec<&str> = misdeeds.iter().map(|it| it.title()).collect();
    if titles.is_empty() { String::new() } else { format!("［{}］", titles.join("、")) }
}

fn receive(play: &Play, address: &str, model: &Model, call: &mut Call) -> Result<Receiving> {
    let secrets = play.webhook_secret.iter().map(|it| secret(it)).collect::<Result<Vec<_>>>()?;
    let answer = match &play.answer {
        None => None,
        Some(message) => {
            let own = std::slice::from_ref(message);
            let samples = playing::samples(&model.mappings, &model.files, &play.name, own)?;
            samples.into_iter().next().map(|it| (it.content_type, it.bytes))
        }
    };
    let out = call.out;
    let receiving = playing::open(Desk {
        listen: address.to_owned(),
        secrets,
        answer,
        manners: play.manners.manners(),
        book: Book::open(play.record.as_deref())?,
        tell: Box::new(move |entry| came(out, entry)),
    })?;
    call.out.note(&format!("接收推送：http://{}", receiving.address));
    Ok(receiving)
}

/// `whsec_` and Base64, as `hub subscription secret` shows it.
fn secret(text: &str) -> Result<Vec<u8>> {
    text.trim().strip_prefix("whsec_").and_then(crypto::from_base64).ok_or_else(|| {
        let detail = "--webhook-secret 应为 hub subscription secret 给出的 whsec_ 开头的密钥。";
        Error::new(codes::transport::PARAMETER, detail)
    })
}

fn came(mut out: Out, entry: &Entry) {
    out.either(entry, || {
        let seal = match entry.seal {
            Seal::Sound => "签名正确",
            Seal::Missing => "没有签名",
            Seal::Stale => "签名过期",
            Seal::Broken => "签名不对",
        };
        let known = if entry.repeat { "（收过）" } else { "" };
        let answered = entry.answered.map_or("断开".to_owned(), |it| format!("答 {it}"));
        let what = match (&entry.kind, &entry.record, entry.version) {
            (Some(kind), Some(record), Some(version)) => format!("{kind} {record} 第 {version} 版"),
            _ => format!("{} 字节", entry.size),
        };
        format!("{}\t{}{known}\t{seal}\t{what}\t{answered}{}", entry.n, entry.id, wrongs(&entry.misdeeds))
    });
}
