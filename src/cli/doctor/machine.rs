//! What can be seen without the database: directory, space, clock, key, files, fonts, port.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use chrono::TimeDelta;

use super::Check;
use crate::boot::{self, Model, font_dirs};
use crate::clock;
use crate::config::{Config, binary_dir};
use crate::crypto;
use crate::document::{self, FontStore};
use crate::error::{Error, Result};

pub(super) fn data_dir(config: &Config) -> Check {
    const WHAT: &str = "数据目录";
    let shown = config.data.display();
    let Ok(about) = std::fs::metadata(&config.data) else {
        return Check::bad(WHAT, format!("{shown} 不存在"), "首次使用请运行 hub migrate");
    };
    if tempfile(config).is_err() {
        return Check::bad(WHAT, format!("{shown} 不可写"), "核对属主和权限，运行 hub 的用户要能写");
    }
    match about.permissions().mode() & 0o077 {
        0 => Check::good(WHAT, format!("{shown} 可写，仅属主可进入")),
        _ => Check::doubtful(WHAT, format!("{shown} 其他用户也能进入"), format!("chmod 700 {shown}")),
    }
}

fn tempfile(config: &Config) -> std::io::Result<()> {
    let path = config.data.join(format!(".doctor-{}", std::process::id()));
    std::fs::write(&path, b"")?;
    std::fs::remove_file(&path)
}

/// Below this much free space writing may soon fail.
const LITTLE_KIB: u64 = 1 << 20;

pub(super) fn space(config: &Config) -> Check {
    const WHAT: &str = "磁盘空间";
    let said = std::process::Command::new("df").args(["-Pk", "--"]).arg(&config.data).output();
    let text = said.map(|it| String::from_utf8_lossy(&it.stdout).into_owned()).unwrap_or_default();
    let free = text.lines().nth(1).and_then(|line| line.split_whitespace().nth(3)?.parse::<u64>().ok());
    match free {
        None => Check::doubtful(WHAT, "查不到剩余空间", "用 df -h 查看数据目录所在的分区"),
        Some(kib) if kib < LITTLE_KIB => {
            Check::bad(WHAT, format!("只剩 {} MiB", kib >> 10), "清理或扩大数据目录所在的分区")
        }
        Some(kib) => Check::good(WHAT, format!("剩余 {} GiB", kib >> 20)),
    }
}

pub(super) fn clock() -> Check {
    const WHAT: &str = "系统时钟";
    let now = clock::now();
    let shown = now.with_timezone(&clock::china()).format("%Y-%m-%d %H:%M:%S");
    let said =
        std::process::Command::new("timedatectl").args(["show", "-p", "NTPSynchronized", "--value"]).output();
    let synchronised = said.ok().map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned());
    match synchronised.as_deref() {
        Some("yes") => Check::good(WHAT, format!("北京时间 {shown}，已与时间服务器同步")),
        Some("no") => Check::doubtful(
            WHAT,
            format!("北京时间 {shown}，未与时间服务器同步"),
            "配置 NTP；时钟偏差超过签名允许的范围，对方请求会被拒收",
        ),
        _ => Check::doubtful(WHAT, format!("北京时间 {shown}，查不到是否同步"), "请确认主机已配置 NTP"),
    }
}

pub(super) fn master_key(config: &Config) -> Check {
    const WHAT: &str = "主密钥";
    if config.secret.is_none() && !config.data.join("secret.key").exists() {
        return Check::doubtful(
            WHAT,
            "尚未生成",
            "首次启动 hub serve 或发放密钥时自动生成，生成后请另行备份",
        );
    }
    match boot::master_key(config.secret.as_deref(), &config.data) {
        Ok(_) if config.secret.is_some() => Check::good(WHAT, "取自配置"),
        Ok(_) => Check::good(WHAT, "secret.key 可用，仅属主可读"),
        Err(error) => Check::failed(WHAT, &error),
    }
}

pub(super) fn model(model: &Result<Model>) -> Check {
    const WHAT: &str = "模型与映射";
    match model {
        Ok(model) => Check::good(
            WHAT,
            format!("{} 类记录，{} 种报文", model.schema.kinds().count(), model.mappings.iter().count()),
        ),
        Err(error) => Check::failed(WHAT, error),
    }
}

pub(super) fn documents(config: &Config, model: Option<&Model>) -> Vec<Check> {
    const WHAT: &str = "文书模板";
    let mut checks = vec![fonts(config)];
    if let Some(model) = model {
        let kinds = boot::templates(config.templates.as_deref())
            .and_then(|files| boot::load_kinds(&files, &model.schema));
        checks.push(match kinds {
            Ok(kinds) => Check::good(WHAT, format!("{} 种文书", kinds.iter().count())),
            Err(error) => Check::failed(WHAT, &error),
        });
    }
    checks
}

fn fonts(config: &Config) -> Check {
    const WHAT: &str = "字体";
    let dirs = font_dirs(config.fonts.as_deref(), binary_dir().as_deref());
    match FontStore::open(document::font::MANIFEST, &dirs) {
        Ok(store) => Check::good(WHAT, format!("{} 个字体文件", store.files().len())),
        Err(error) => Check::bad(
            WHAT,
            error.detail.clone(),
            "安装字体包或运行 deploy/fonts.sh，再用 --fonts 指明目录；没有字体时仍可交换数据，但不能生成公文",
        ),
    }
}

pub(super) fn listen(config: &Config) -> Check {
    free("监听地址", &config.web.listen, "若是正在运行的中枢，属正常；否则用 --listen 换一个端口")
}

/// Whether frames can be taken as agreed; none when none are to be.
pub(super) fn frames(config: &Config, model: Option<&Model>) -> Option<Check> {
    const WHAT: &str = "非税收缴报文帧";
    let address = config.frames.listen.as_ref()?;
    Some(match config.frames.check(&model?.mappings) {
        Err(error) => Check::failed(WHAT, &error),
        Ok(()) => free(WHAT, address, "若是正在运行的中枢，属正常；否则换 frames.listen 的端口"),
    })
}

fn free(what: &'static str, address: &str, taken: &str) -> Check {
    match TcpListener::bind(address) {
        Ok(_) => Check::good(what, format!("{address} 空闲")),
        Err(e) if e.kind() == std::io::ErrorKind::AddrInUse => {
            Check::doubtful(what, format!("{address} 已有程序在监听"), taken)
        }
        Err(e) => Check::bad(what, format!("{address} 无法监听：{e}"), "核对地址和权限"),
    }
}

/// The hub's own certificate: whether it can be served and how long it lasts.
pub(super) fn tls(config: &Config) -> Check {
    const WHAT: &str = "TLS 证书";
    let settings = &config.web.tls;
    let end = settings.check().and_then(|()| {
        let (Some(certificate), Some(key)) = (&settings.certificate, &settings.key) else { return Ok(None) };
        crypto::acceptor(certificate, key, settings.client_ca.as_deref())?;
        let pem = std::fs::read_to_string(certificate).map_err(Error::internal)?;
        crypto::certificate_end(&pem).map(Some)
    });
    match end {
        Err(error) => Check::failed(WHAT, &error),
        Ok(None) => Check::good(WHAT, "中枢不提供 HTTPS，由前面的反向代理提供"),
        Ok(Some(end)) => lasts(WHAT, end - clock::now()),
    }
}

fn lasts(what: &'static str, left: TimeDelta) -> Check {
    const CURE: &str = "换上新证书（tls.certificate、tls.key），再重启 hub";
    let days = left.num_days();
    if left <= TimeDelta::zero() {
        Check::bad(what, format!("已过期 {} 天", -days), CURE)
    } else if left < Check::SOON {
        Check::doubtful(what, format!("证书与私钥成对，还有 {days} 天到期"), CURE)
    } else {
        Check::good(what, format!("证书与私钥成对，还有 {days} 天到期"))
    }
}
