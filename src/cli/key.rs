//! `hub key`: partners' keys. A secret is derived, never stored, so it can be shown again to who holds the master key.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{Call, Exit};
use crate::boot::{self, Hub, Missing};
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::store::{
    Conn, KeyId, KeyStatus, NewAudit, PartnerId, PartnerKey, append_audit, expire_key, find_key,
    find_partner, insert_key, list_keys, list_partners, revoke_key,
};
use crate::text::date;

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
    },
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
        What::Create { partner, expires } => {
            let expires = expires.as_deref().map(end_of).transpose()?;
            let key = create(&hub, &PartnerId::from(partner), expires, None)?;
            show_secret(&hub, &key, call)?;
        }
        What::List { partner } => list(&hub, partner.map(PartnerId::from), call)?,
        What::Rotate { key, overlap } => {
            let key = rotate(&hub, &KeyId::from(key), TimeDelta::days(i64::from(overlap)))?;
            show_secret(&hub, &key, call)?;
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

fn create(
    hub: &Hub,
    partner: &PartnerId,
    expires: Option<DateTime<Utc>>,
    replaces: Option<(&KeyId, TimeDelta)>,
) -> Result<PartnerKey> {
    let now = clock::now();
    // Short enough to read out on the telephone; the store refuses one that exists.
    let random: String = crate::crypto::random_token()?.chars().take(12).collect();
    let key = PartnerKey {
        id: KeyId::from(format!("{partner}-{random}")),
        partner: partner.clone(),
        scheme: "hmac-sha256".to_owned(),
        status: KeyStatus::Active,
        public_key: None,
        created_by: "cli".to_owned(),
        created_at: now.into(),
        expires_at: expires.map(Into::into),
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
        insert_key(conn, &key)?;
        if let Some((old, overlap)) = replaces {
            expire_key(conn, old, now + overlap)?;
        }
        account(
            conn,
            "key.created",
            &key.id,
            &json!({ "partner": partner, "replaces": replaces.map(|it| it.0) }),
        )
    })?;
    Ok(key)
}

fn known(conn: &mut Conn) -> Result<String> {
    let all: Vec<String> = list_partners(conn)?.iter().map(|it| it.id.to_string()).collect();
    Ok(all.join("、"))
}

fn rotate(hub: &Hub, old: &KeyId, overlap: TimeDelta) -> Result<PartnerKey> {
    let found = hub.store.read(|conn| find_key(conn, old))?;
    let (key, partner) = found.filter(|(key, _)| key.status == KeyStatus::Active).ok_or_else(|| {
        Error::new(codes::record::NOT_FOUND, format!("没有有效的密钥“{old}”，可能已吊销。"))
    })?;
    create(hub, &partner.id, None, Some((&key.id, overlap)))
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

fn show_secret(hub: &Hub, key: &PartnerKey, call: &mut Call) -> Result<()> {
    let secret = hub.keys.partner_secret(key.id.as_str())?;
    let row = json!({
        "key": key.id, "partner": key.partner, "secret": secret, "scheme": key.scheme, "expires_at": key.expires_at,
    });
    call.out.either(&row, || {
        let until = key.expires_at.map_or("长期".to_owned(), |at| at.to_string());
        format!("密钥编号 {}\n密钥     {secret}\n有效期至 {until}\n请当面或用加密渠道交给对方，不要发在聊天群里。", key.id)
    });
    Ok(())
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
            format!("{}\t{}\t{state}\t{used}", key.id, key.partner)
        });
    }
    Ok(())
}
