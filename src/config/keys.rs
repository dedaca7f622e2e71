//! The table of all settings: name, default, meaning, and how the text becomes a value.

use std::time::Duration;

use super::Config;
use super::value::{
    Parsed, address, addresses, choice, count, listed, numbered, optional, optional_path, size, span,
};
use crate::boot::LogFormat;
use crate::error::{Place, Problem, codes};
use crate::web::ClientCertificate;

/// One setting.
pub struct Key {
    /// Dotted name in the file; the part before the dot is the table.
    pub name: &'static str,
    /// Default as text; empty means not set.
    pub default: &'static str,
    /// What to show in the example when there is no default.
    pub sample: &'static str,
    /// Meaning, unit and when to change it, Chinese.
    pub about: &'static str,
    /// Never printed.
    pub secret: bool,
    pub(super) set: fn(&mut Config, &str) -> Parsed<()>,
}

impl Key {
    /// `HUB_` and the name in capitals, dots as underscores.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("HUB_{}", self.name.to_ascii_uppercase().replace('.', "_"))
    }

    pub(super) fn wrong(&self, text: &str, rule: &str, shown: &str, line: Option<u32>) -> Problem {
        let place = Place { path: shown.to_owned(), line, ..Place::default() };
        let problem = Problem::error(
            codes::machine::SETTING,
            format!("“{}”的值不对：{rule}", self.name),
            format!("改正后重新启动。这一项的含义：{}", self.about),
        )
        .at(place);
        if self.secret { problem } else { problem.showing(text) }
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

const DAY: Duration = Duration::from_secs(86_400);
const SECOND: Duration = Duration::from_secs(1);

macro_rules! key {
    ($name:literal, $default:literal, $about:literal, |$c:ident, $t:ident| $set:expr) => {
        key!($name, $default, "", $about, false, |$c, $t| $set)
    };
    ($name:literal, $default:literal, $sample:literal, $about:literal, $secret:literal, |$c:ident, $t:ident| $set:expr) => {
        Key {
            name: $name,
            default: $default,
            sample: $sample,
            about: $about,
            secret: $secret,
            set: |$c: &mut Config, $t: &str| {
                $set;
                Ok(())
            },
        }
    };
}

/// Every setting, in the order of the example file.
pub const KEYS: &[Key] = &[
    key!(
        "data",
        "data",
        "数据目录：SQLite 数据库、主密钥 secret.key、备份都在这里；启动时没有会自动建立",
        |c, t| { c.data = if t.is_empty() { return Err("不能为空".to_owned()) } else { t.into() } }
    ),
    key!(
        "database_url",
        "",
        "postgres://hub@/hub?host=/run/postgresql",
        "数据库地址：sqlite://路径 或 postgres://…；不设则用数据目录里的 SQLite 文件 hub.db。可能含口令，建议用环境变量",
        true,
        |c, t| c.database_url = optional(t)
    ),
    key!(
        "listen",
        "127.0.0.1:8080",
        "网页和接口的监听地址；端口写 0 由系统分配。对外服务请放在 nginx 之后",
        |c, t| c.web.listen = address(t)?
    ),
    key!(
        "mappings",
        "",
        "/etc/hub/mappings",
        "映射目录：其中的文件补充或替换程序内置的映射与模型",
        false,
        |c, t| c.mappings = optional_path(t)
    ),
    key!(
        "templates",
        "",
        "/etc/hub/templates",
        "模板目录：其中的文件补充或替换程序内置的文书模板和页面",
        false,
        |c, t| c.templates = optional_path(t)
    ),
    key!(
        "fonts",
        "",
        "/usr/share/hub/fonts",
        "字体目录，最先查找；其后依次查程序旁边的 fonts、/usr/share/hub/fonts、./assets/fonts",
        false,
        |c, t| c.fonts = optional_path(t)
    ),
    key!(
        "secret",
        "",
        "",
        "主密钥（至少 32 个字符）：对接密钥由它派生；不设则用数据目录里的 secret.key，首次启动自动生成。多进程部署时各进程必须相同",
        true,
        |c, t| {
            if !t.is_empty() && t.chars().count() < 32 {
                return Err("至少 32 个字符".to_owned());
            }
            c.secret = optional(t)
        }
    ),
    key!(
        "store.connections",
        "8",
        "数据库连接数：SQLite 为读连接数；PostgreSQL 为本进程全部连接数，各进程之和不要超过服务器的 max_connections",
        |c, t| c.connections = count(t, 2, 1000)?
    ),
    key!(
        "store.batch",
        "256",
        "一次提交最多合并多少份报文；合并提交分摊落盘的时间，单份报文不会因此等待",
        |c, t| c.group.batch = count(t, 1, 10_000)?
    ),
    key!("store.queue", "4096", "等待写入的报文上限，超过即答复“系统正忙”", |c, t| {
        c.group.queue = count(t, 1, 1_000_000)?
    }),
    key!("store.writers", "4", "PostgreSQL 上同时写入的线程数；SQLite 总是一个", |c, t| c
        .group
        .writers =
        count(t, 1, 64)?),
    key!("web.workers", "0", "处理网络连接的线程数；0 表示按处理器核数", |c, t| c
        .web
        .workers =
        count(t, 0, 256)?),
    key!(
        "web.body_limit",
        "16MiB",
        "一次请求的正文上限，边收边查，超过即拒收；更大的文件用 hub import 导入",
        |c, t| c.web.body_limit = size(t, 1 << 10, 1 << 30)?
    ),
    key!("web.shutdown_grace", "30s", "停机时等待在办请求完成的最长时间", |c, t| c
        .web
        .shutdown_grace =
        span(t, Duration::ZERO, DAY)?),
    key!(
        "web.client_timeout",
        "30s",
        "等待客户端发来请求头的最长时间，防止空占连接",
        |c, t| c.web.client_timeout = span(t, SECOND, DAY)?
    ),
    key!(
        "web.https_only",
        "false",
        "前面有 HTTPS 反向代理时设为 true：答复带 Strict-Transport-Security，登录 Cookie 只走 HTTPS",
        |c, t| c.web.https_only = choice(t, &[("true", true), ("false", false)])?
    ),
    key!(
        "tls.certificate",
        "",
        "/etc/hub/tls/hub.crt",
        "中枢自己提供 HTTPS 时的证书（PEM，含证书链）；不设则为 HTTP，由前面的 nginx 提供 HTTPS",
        false,
        |c, t| c.web.tls.certificate = optional_path(t)
    ),
    key!("tls.key", "", "/etc/hub/tls/hub.key", "上述证书的私钥（PEM）", false, |c, t| c
        .web
        .tls
        .key =
        optional_path(t)),
    key!(
        "tls.client_ca",
        "",
        "/etc/hub/tls/partners-ca.crt",
        "签发对接单位客户端证书的机构证书（PEM，可多张）；设了才向客户端要证书",
        false,
        |c, t| c.web.tls.client_ca = optional_path(t)
    ),
    key!(
        "tls.client",
        "off",
        "客户端证书：off 不看；optional 出示且已登记的可代替签名；required 对接系统必须出示（签名照常核对，不签名的由证书代替）",
        |c, t| c.web.tls.client = choice(
            t,
            &[
                ("off", ClientCertificate::Off),
                ("optional", ClientCertificate::Optional),
                ("required", ClientCertificate::Required),
            ]
        )?
    ),
    key!(
        "tls.proxies",
        "",
        "127.0.0.1, ::1",
        "反向代理的地址（逗号分隔）；只有来自这些地址的 X-Client-Verify、X-Client-Certificate 和 X-Forwarded-For 头才作数（不设时，web.https_only 下认本机代理的 X-Forwarded-For）",
        false,
        |c, t| c.web.tls.proxies = addresses(t)?
    ),
    key!(
        "signature.window",
        "90s",
        "签名时间戳与中枢时钟允许的最大相差；超出即拒收（省级网关同为 90 秒）",
        |c, t| c.signature.window = span(t, SECOND, DAY)?
    ),
    key!(
        "import.batch",
        "500",
        "hub import 每个事务写入的行数；大则快，小则占用数据库的时间短",
        |c, t| c.import.batch = count(t, 1, 10_000)?
    ),
    key!(
        "drop.folder",
        "",
        "/srv/hub/drop",
        "落地目录：其下每个单位一个文件夹（如 natural-resources），对方经 SFTP 等放入文件，中枢收取、答复、归入 done 或 refused；不设则不用",
        false,
        |c, t| c.drop.folder = optional_path(t)
    ),
    key!("drop.poll", "2s", "隔多久看一次落地目录", |c, t| c.drop.poll =
        span(t, Duration::from_millis(10), DAY)?),
    key!(
        "drop.quiet",
        "5s",
        "文件多久没有变化才算写完；单位约定了改名或标记文件的不看这一项",
        |c, t| c.drop.quiet = span(t, Duration::ZERO, DAY)?
    ),
    key!(
        "frames.listen",
        "",
        "127.0.0.1:9100",
        "非税收缴报文帧（TCP，开头 8 位长度、末尾 64 位校验码）的监听地址；不设则不收",
        false,
        |c, t| c.frames.listen = optional(t).map(|it| address(&it)).transpose()?
    ),
    key!("frames.partner", "finance", "发送报文帧的单位", |c, t| c.frames.partner = t.to_owned()),
    key!(
        "frames.messages",
        "5996=fee_confirmation",
        "收哪些报文帧：报文编号=报文标识，逗号分隔；报文的映射须是 frame 格式并写明 [answer]",
        |c, t| c.frames.messages = numbered(t)?
    ),
    key!(
        "frames.token",
        "",
        "",
        "与对方约定的口令，用来核对和计算校验码；更换期间可写两个，逗号分隔，新的在前。建议用环境变量",
        true,
        |c, t| c.frames.tokens = listed(t)
    ),
    key!("frames.limit", "1MiB", "一帧的字节数上限", |c, t| c.frames.limit =
        usize::try_from(size(t, 1 << 10, 99_999_999)?).map_err(|_too_large| "过大".to_owned())?),
    key!(
        "frames.connections",
        "32",
        "报文帧的同时连接数上限，超过的答复“连接已满”后断开",
        |c, t| c.frames.connections = count(t, 1, 10_000)?
    ),
    key!(
        "frames.timeout",
        "30s",
        "一帧从开头到收全、一份答复从发出到对方取走的最长时间；新连接在这段时间里没有来报文也断开",
        |c, t| c.frames.timeout = span(t, Duration::from_millis(100), DAY)?
    ),
    key!("frames.idle", "10m", "对方核对无误后，两帧之间最多空多久", |c, t| c.frames.idle =
        span(t, SECOND, DAY)?),
    key!("worker.threads", "2", "后台作业的线程数", |c, t| c.worker.threads = count(t, 1, 64)?),
    key!("worker.poll", "1s", "没有作业时隔多久再看一次", |c, t| c.worker.poll =
        span(t, Duration::from_millis(100), DAY)?),
    key!(
        "worker.lease",
        "60s",
        "一件作业最多占用多久；进程中断后，过了这段时间由别的进程接手",
        |c, t| c.worker.lease = span(t, SECOND, DAY)?
    ),
    key!(
        "outbox.allow",
        "",
        "tax.example.gov.cn, 10.1.0.0/16",
        "允许向哪些主机推送，逗号分隔：主机名、主机名:端口、*.域名、网段；不设则一律不推送（只能拉取）",
        false,
        |c, t| c.outbox.allow = crate::outbox::transport::Allow::parse(t)?
    ),
    key!(
        "outbox.sm2_key",
        "",
        "/etc/hub/sm2.pem",
        "推送时除 HMAC 外另加 SM2 签名（SM3 杂凑）所用的私钥文件（PEM，权限 600）；不设则只用 HMAC",
        false,
        |c, t| c.outbox.sm2_key = optional_path(t)
    ),
    key!("outbox.concurrency", "4", "同时向一个单位发出的请求数上限", |c, t| c
        .outbox
        .concurrency =
        count(t, 1, 64)?),
    key!("outbox.batch", "64", "一次为一个单位取出的份数；每批合并一次落盘", |c, t| c
        .outbox
        .batch =
        count(t, 1, 1000)?),
    key!(
        "outbox.window",
        "500",
        "每个订阅最多取出多少份等待投递，其余留在变更流中；单位长期不通时占用的空间以此为限",
        |c, t| c.outbox.window = count(t, 1, 100_000)?
    ),
    key!("outbox.timeout", "10s", "等待对方一次答复的最长时间", |c, t| c.outbox.timeout =
        span(t, Duration::from_millis(100), Duration::from_secs(300))?),
    key!(
        "outbox.backoff",
        "5s",
        "首次失败后等多久再试，此后每次加倍（投递最长 6 小时，熔断最长 10 分钟）",
        |c, t| c.outbox.backoff = span(t, Duration::from_millis(10), Duration::from_secs(3600))?
    ),
    key!(
        "outbox.breaker",
        "5",
        "连续失败多少次即熔断：暂停向该单位发送，到时先发一份试探",
        |c, t| c.outbox.breaker = count(t, 1, 1000)?
    ),
    key!(
        "outbox.lease",
        "3s",
        "一个进程占用一个单位多久须续一次；进程中断后过了这段时间由别的进程接手，大于数据库一次停顿即可",
        |c, t| c.outbox.lease = span(t, Duration::from_millis(500), DAY)?
    ),
    key!("outbox.poll", "200ms", "隔多久看一次有没有新变更", |c, t| c.outbox.poll =
        span(t, Duration::from_millis(10), DAY)?),
    key!(
        "log.level",
        "info",
        "日志级别：error、warn、info、debug、trace，也可按模块细分，如 info,hub::intake=debug",
        |c, t| c.log.level = t.to_owned()
    ),
    key!("log.format", "text", "日志格式：text 供人读，json 供采集", |c, t| c.log.format =
        choice(t, &[("text", LogFormat::Text), ("json", LogFormat::Json)])?),
];

/// The row of a name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The finding about a name that is not in the table, with the nearest one that is.
pub fn unknown(name: &str, shown: String, line: Option<u32>) -> Problem {
    let flat = |text: &str| text.replace('.', "_");
    let nearest = KEYS
        .iter()
        .map(|key| (distance(&flat(name), &flat(key.name)), key.name))
        .min()
        .filter(|(far, _)| *far <= 3);
    let hint = match nearest {
        Some((_, near)) => format!("是否想写“{near}”？全部配置项见 hub config example"),
        None => "删去这一项；全部配置项见 hub config example".to_owned(),
    };
    Problem::error(codes::machine::SETTING, format!("没有“{name}”这个配置项"), hint).at(Place {
        path: shown,
        line,
        ..Place::default()
    })
}

/// Edit distance, for "did you mean".
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, up) in b.iter().zip(row.iter().skip(1)) {
            left = (corner + usize::from(x != *y)).min(left + 1).min(up + 1);
            corner = *up;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
