//! `hub key`: partners' keys. A secret is derived, never stored, so it can be shown again to who holds the master key.

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{Call, Exit};
use crate::boot::{self, Hub, Missing};
use crate::clock;
use crate::crypto;
use crate::error::{Error, Result, codes};
use crate::signing::{self, Keying};
use crate::store::{
    Conn, KeyId, KeyStatus, NewAudit, PartnerId, PartnerKey, append_audit, expire_key, find_key,
    find_partner, insert_key, list_keys, list_partners, revoke_key,
};
use crate::text::date;
use crate::web::{CERTIFICATE, certificate_key};

#[derive(clap::Args)]
#[command(about = "发放、列出、轮换、吊销对接密钥")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    #[command(about = "给对接单位发一把密钥，密钥只在这里显示")]
    Create {
        #[arg(value_name = "PARTNER", help = "对接单位标识，如 tax")]
        partner: String,
        #[arg(long, value_name = "DATE", help = "有效期至（含当日），如 2027-12-31；不给则长期有效")]
        expires: Option<String>,
        #[arg(
            long,
            value_name = "SCHEME",
            default_value = "hmac-sha256",
            help = "签名方案，见 hub key schemes；默认 hmac-sha256"
        )]
        scheme: String,
        #[arg(
            long,
            value_name = "FILE",
            help = "对方的公钥或客户端证书（PEM）；SM2、RSA 和 client-certificate 方案须给"
        )]
        public_key: Option<PathBuf>,
    },
    #[command(about = "列出可用的签名方案：签什么、怎么带、要注意什么")]
    Schemes,
    #[command(about = "列出密钥（不含密钥本身）")]
    List {
        #[arg(value_name = "PARTNER", help = "只列这个单位的；不给则全部")]
        partner: Option<String>,
    },
    #[command(about = "换发：发一把新密钥，旧密钥过渡期满后失效")]
    Rotate {
        #[arg(value_name = "KEY", help = "旧密钥编号")]
        key: String,
        #[arg(long, value_name = "DAYS", default_value_t = 7, help = "旧密钥继续可用的天数，默认 7")]
        overlap: u16,
        #[arg(long, value_name = "FILE", help = "对方的新公钥或新证书（PEM）；旧密钥是公钥方案时须给")]
        public_key: Option<PathBuf>,
    },
    #[command(about = "立即吊销密钥")]
    Revoke {
        #[arg(value_name = "KEY", help = "密钥编号")]
        key: String,
    },
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let hub = boot::open(call.config.clone(), Missing::Refuse)?;
    match args.what {
        What::Create { partner, expires, scheme, public_key } => {
            let expires = expires.as_deref().map(end_of).transpose()?;
            let means = Means::read(&scheme, public_key.as_deref())?;
            let key = create(&hub, &PartnerId::from(partner), means, expires, None)?;
            show(&hub, &key, call)?;
        }
        What::Schemes => schemes(call),
        What::List { partner } => list(&hub, partner.map(PartnerId::from), call)?,
        What::Rotate { key, overlap, public_key } => {
            let overlap = TimeDelta::days(i64::from(overlap));
            let key = rotate(&hub, &KeyId::from(key), public_key.as_deref(), overlap)?;
            show(&hub, &key, call)?;
        }
        What::Revoke { key } => {
            revoke(&hub, &KeyId::from(key.as_str()))?;
            call.out.either(&json!({ "key": key, "status": "revoked" }), || format!("密钥 {key} 已吊销。"));
        }
    }
    Ok(Exit::Ok)
}

fn end_of(text: &str) -> Result<DateTime<Utc>> {
    date::parse(text).map(clock::end_of_day).ok_or_else(|| {
        Error::new(codes::transport::PARAMETER, format!("“{text}”不是有效日期，请写成 2027-12-31。"))
    })
}

/// A scheme with what it takes.
struct Means {
    scheme: String,
    public_key: Option<String>,
    /// Given for certificates, whose id is their own; random otherwise.
    id: Option<KeyId>,
    /// When a certificate ends by itself.
    ends: Option<DateTime<Utc>>,
}

impl Means {
    /// Reads and checks the public key, where the scheme has one.
    fn read(scheme: &str, public_key: Option<&Path>) -> Result<Self> {
        let certificate = scheme == CERTIFICATE;
        let paired = certificate || signing::get(scheme)?.keying == Keying::Pair;
        let pem = public_key.map(read_pem).transpose()?;
        match (&pem, paired) {
            (None, true) => {
                return Err(parameter(format!("{scheme} 方案要用 --public-key 给出对方的公钥或证书文件。")));
            }
            (Some(_), false) => {
                return Err(parameter(format!("{scheme} 方案的密钥由中枢发放，不需要 --public-key。")));
            }
            _ => {}
        }
        let (id, ends) = match &pem {
            Some(pem) if certificate => {
                let id = certificate_key(&crypto::certificate_fingerprint(pem)?);
                (Some(id), Some(crypto::certificate_end(pem)?))
            }
            Some(pem) => signing::get(scheme)?.check_public_key(pem).map(|()| (None, None))?,
            None => (None, None),
        };
        Ok(Self { scheme: scheme.to_owned(), public_key: pem, id, ends })
    }
}

fn parameter(detail: String) -> Error {
    Error::new(codes::transport::PARAMETER, detail)
}

fn read_pem(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|e| {
        Error::new(
            codes::machine::FILE,
            format!("读不了 {}：路径不存在、没有权限或不是文本。", path.display()),
        )
        .because(e)
    })
}

fn create(
    hub: &Hub,
    partner: &PartnerId,
    means: Means,
    expires: Option<DateTime<Utc>>,
    replaces: Option<(&KeyId, TimeDelta)>,
) -> Result<PartnerKey> {
    let now = clock::now();
    // Short enough to read out on the telephone; the store refuses one that exists.
    let random: String = crate::crypto::random_token()?.chars().take(12).collect();
    let key = PartnerKey {
        id: means.id.unwrap_or_else(|| KeyId::from(format!("{partner}-{random}"))),
        partner: partner.clone(),
        scheme: means.scheme,
        status: KeyStatus::Active,
        public_key: means.public_key,
        created_by: "cli".to_owned(),
        created_at: now.into(),
        // The row ends no later than its certificate, so that `hub doctor` tells of both in time.
        expires_at: expires.into_iter().chain(means.ends).min().map(Into::into),
        revoked_at: None,
        last_used_at: None,
    };
    hub.store.write(|conn| {
        if find_partner(conn, partner)?.is_none() {
            return Err(Error::new(
                codes::transport::UNKNOWN_PARTNER,
                format!("没有登记对接单位“{partner}”，现有：{}。", known(conn)?),
            ));
        }
        if let Some((known, _)) = find_key(conn, &key.id)? {
            let detail = format!("这张证书已登记为 {} 的密钥 {}。", known.partner, known.id);
            return Err(Error::new(codes::record::AMBIGUOUS_KEY, detail));
        }
        insert_key(conn, &key)?;
        if let Some((old, overlap)) = replaces {
            expire_key(conn, old, now + overlap)?;
        }
        account(
            conn,
            "key.created",
            &key.id,
            &json!({ "partner": partner, "scheme": key.scheme, "replaces": replaces.map(|it| it.0) }),
        )
    })?;
    Ok(key)
}

fn known(conn: &mut Conn) -> Result<String> {
    let all: Vec<String> = list_partners(conn)?.iter().map(|it| it.id.to_string()).collect();
    Ok(all.join("、"))
}

fn rotate(hub: &Hub, old: &KeyId, public_key: Option<&Path>, overlap: TimeDelta) -> Result<PartnerKey> {
    let found = hub.store.read(|conn| find_key(conn, old))?;
    let (key, partner) = found.filter(|(key, _)| key.status == KeyStatus::Active).ok_or_else(|| {
        Error::new(codes::record::NOT_FOUND, format!("没有有效的密钥“{old}”，可能已吊销。"))
    })?;
    let means = Means::read(&key.scheme, public_key)?;
    create(hub, &partner.id, means, None, Some((&key.id, overlap)))
}

fn revoke(hub: &Hub, key: &KeyId) -> Result<()> {
    hub.store.write(|conn| {
        revoke_key(conn, key, clock::now())?;
        account(conn, "key.revoked", key, &json!({}))
    })
}

fn account(conn: &mut Conn, action: &str, key: &KeyId, detail: &serde_json::Value) -> Result<()> {
    let audit = NewAudit {
        actor: "cli",
        action,
        object_kind: "partner_key",
        object_id: key.as_str(),
        detail,
        trace_id: None,
    };
    append_audit(conn, &audit, clock::now())
}

/// Shows a new key; its secret too, when it has one.
fn show(hub: &Hub, key: &PartnerKey, call: &mut Call) -> Result<()> {
    let secret = match &key.public_key {
        None => Some(hub.keys.partner_secret(key.id.as_str())?),
        Some(_) => None,
    };
    let row = json!({
        "key": key.id, "partner": key.partner, "secret": secret, "scheme": key.scheme, "expires_at": key.expires_at,
    });
    call.out.either(&row, || {
        let until = key.expires_at.map_or("长期".to_owned(), |at| at.to_string());
        let mut lines = vec![format!("密钥编号 {}", key.id), format!("签名方案 {}", key.scheme)];
        lines.extend(secret.as_ref().map(|secret| format!("密钥     {secret}")));
        lines.push(format!("有效期至 {until}"));
        lines.push(match secret {
            Some(_) => "请当面或用加密渠道交给对方，不要发在聊天群里。".to_owned(),
            None => "中枢只存公钥；请把密钥编号告诉对方。".to_owned(),
        });
        lines.extend(
            signing::find(&key.scheme).filter(|it| !it.covers_body).map(|it| format!("注意：{}", it.about)),
        );
        lines.join("\n")
    });
    Ok(())
}

fn schemes(call: &mut Call) {
    for it in signing::SCHEMES {
        let row = json!({
            "scheme": it.name, "title": it.title, "about": it.about, "public_key": it.keying == Keying::Pair,
            "covers_body": it.covers_body,
        });
        call.out.either(&row, || format!("{}\t{}\n    {}", it.name, it.title, it.about));
    }
    let about = "双向 TLS：连接时出示的证书即身份，不需要签名头；须设 tls.client 为 optional 或 required。";
    let row = json!({ "scheme": CERTIFICATE, "title": "客户端证书", "about": about, "public_key": true, "covers_body": true });
    call.out.either(&row, || format!("{CERTIFICATE}\t客户端证书\n    {about}"));
}

fn list(hub: &Hub, partner: Option<PartnerId>, call: &mut Call) -> Result<()> {
    let keys = hub.store.read(|conn| {
        let partners = match partner {
            Some(one) => vec![one],
            None => list_partners(conn)?.into_iter().map(|it| it.id).collect(),
        };
        let mut keys = Vec::new();
        for partner in &partners {
            keys.extend(list_keys(conn, partner)?);
        }
        Ok(keys)
    })?;
    let now = clock::now();
    for key in keys {
        let ended = key.expires_at.is_some_and(|at| at.utc() <= now);
        let state = if key.status == KeyStatus::Active && ended { "已过期" } else { key.status.title() };
        let row = json!({
            "key": key.id, "partner": key.partner, "scheme": key.scheme, "state": state,
            "created_at": key.created_at, "expires_at": key.expires_at, "last_used_at": key.last_used_at,
        });
        call.out.either(&row, || {
            let used = key.last_used_at.map_or("未用过".to_owned(), |at| format!("最近使用 {at}"));
            format!("{}\t{}\t{}\t{state}\t{used}", key.id, key.partner, key.scheme)
        });
    }
    Ok(())
}
