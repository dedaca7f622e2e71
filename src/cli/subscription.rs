//! `hub subscription`: which partner gets which change.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Call, Exit};
use crate::boot::{self, Hub, Missing};
use crate::clock;
use crate::error::{Error, Result, codes};
use crate::outbox::{By, USUAL_DEADLINE_SECONDS, Wish, agree, resume, shipped, stop};
use crate::store::{
    Conn, KeyStatus, NewAudit, PartnerId, Subscription, SubscriptionId, SubscriptionMode, append_audit,
    count_behind, find_subscription, get_subscription, list_keys, list_subscriptions, save_subscription,
};
use crate::text::date;

#[derive(clap::Args)]
#[command(about = "订阅：哪个单位得到哪类记录的变更，推送还是拉取")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    #[command(about = "列出订阅和各自的进度")]
    List {
        #[arg(value_name = "PARTNER", help = "只列这个单位的；不给则全部")]
        partner: Option<String>,
    },
    #[command(about = "登记一个订阅，或改写同一编号的约定（进度不变）")]
    Add(Box<Add>),
    #[command(about = "登记随程序提供的回流订阅；已有的不动")]
    Load,
    #[command(about = "改为向一个网址推送")]
    Push {
        #[arg(value_name = "ID", help = "订阅编号")]
        id: String,
        #[arg(value_name = "URL", help = "对方接收的网址，主机须在配置 outbox.allow 内")]
        url: String,
    },
    #[command(about = "停止一个订阅；未投递的保留，恢复后继续")]
    Stop {
        #[arg(value_name = "ID", help = "订阅编号")]
        id: String,
        #[arg(long, value_name = "TEXT", help = "原因")]
        note: String,
    },
    #[command(about = "恢复一个停止的订阅")]
    Resume {
        #[arg(value_name = "ID", help = "订阅编号")]
        id: String,
    },
    #[command(about = "显示对方核验推送签名所用的密钥（Standard Webhooks）")]
    Secret {
        #[arg(value_name = "PARTNER", help = "对接单位标识")]
        partner: String,
    },
}

#[derive(clap::Args)]
struct Add {
    #[arg(value_name = "ID", help = "订阅编号，自定，如 tax-handover")]
    id: String,
    #[arg(long, value_name = "PARTNER", help = "对接单位标识")]
    partner: String,
    #[arg(long, value_name = "KIND", help = "记录类别，如 handover")]
    kind: String,
    #[arg(long, value_name = "TEXT", help = "名称；不给则用编号")]
    title: Option<String>,
    #[arg(
        long,
        value_name = "FIELDS",
        value_delimiter = ',',
        help = "发送哪些字段，逗号分隔；不给则为全部非个人信息字段"
    )]
    fields: Vec<String>,
    #[arg(
        long,
        value_name = "FIELDS",
        value_delimiter = ',',
        requires = "purpose",
        help = "授权的个人信息字段"
    )]
    personal: Vec<String>,
    #[arg(long, value_name = "TEXT", help = "授权个人信息的用途和依据")]
    purpose: Option<String>,
    #[arg(long, value_name = "CODE", help = "只要这个行政区划（可只写开头几位）的记录")]
    division: Option<String>,
    #[arg(
        long,
        value_name = "FIELDS",
        value_delimiter = ',',
        help = "哪些字段变动才通知；不给则为所发送的字段"
    )]
    watch: Vec<String>,
    #[arg(long, value_name = "MESSAGE", help = "按对方的哪种报文发送；不给则为规范 JSON")]
    message: Option<String>,
    #[arg(long, value_name = "MESSAGE", help = "用对方哪种报文的 accept 判断答复；不给则只看 HTTP 状态")]
    answer: Option<String>,
    #[arg(long, value_name = "URL", help = "推送网址；不给则由对方拉取")]
    url: Option<String>,
    #[arg(long, value_name = "HOURS", default_value_t = 72, help = "一份投递最迟多少小时，默认 72")]
    deadline: u32,
    #[arg(long, value_name = "DATE", help = "授权到期日（含当日）；不给则长期")]
    expires: Option<String>,
    #[arg(long, help = "从最早的变更开始，而不是从现在开始")]
    from_start: bool,
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let hub = boot::open(call.config.clone(), Missing::Refuse)?;
    match args.what {
        What::List { partner } => list(&hub, partner.map(PartnerId::from).as_ref(), call)?,
        What::Add(add) => {
            let saved = save(&hub, &wish(*add)?)?;
            show(&saved, "已登记", call);
        }
        What::Load => load(&hub, call)?,
        What::Push { id, url } => {
            let saved = push(&hub, &SubscriptionId::from(id), url)?;
            show(&saved, "已改为推送", call);
        }
        What::Stop { id, note } => set(&hub, &id, Some(&note), call)?,
        What::Resume { id } => set(&hub, &id, None, call)?,
        What::Secret { partner } => secret(&hub, &PartnerId::from(partner), call)?,
    }
    Ok(Exit::Ok)
}

fn wish(add: Add) -> Result<Wish> {
    let expires_at = match add.expires.as_deref() {
        None => None,
        Some(text) => Some(date::parse(text).map(clock::end_of_day).ok_or_else(|| {
            Error::new(codes::transport::PARAMETER, format!("“{text}”不是有效日期，请写成 2027-12-31。"))
        })?),
    };
    Ok(Wish {
        title: add.title.unwrap_or_else(|| add.id.clone()),
        id: add.id,
        partner: add.partner,
        kind: add.kind,
        fields: add.fields,
        personal: add.personal,
        purpose: add.purpose.unwrap_or_default(),
        division: add.division,
        watched: add.watch,
        message: add.message,
        answer: add.answer,
        url: add.url,
        deadline_seconds: TimeDelta::hours(i64::from(add.deadline)).num_seconds(),
        expires_at,
        from_start: add.from_start,
    })
}

fn save(hub: &Hub, wish: &Wish) -> Result<Subscription> {
    let now = clock::now();
    let outbox = hub.outbox();
    hub.store.write(|conn| {
        let row = agree(&outbox, conn, wish, "cli", now)?;
        save_subscription(conn, &row)?;
        account(conn, "subscription.agreed", &row.id, &agreed(&row))?;
        Ok(row)
    })
}

/// What was agreed, for the account: names, no values.
fn agreed(row: &Subscription) -> Value {
    json!({ "partner": row.partner, "kind": row.kind, "fields": row.fields, "personal": row.personal,
        "purpose": row.purpose, "mode": row.mode, "message": row.message, "expires_at": row.expires_at })
}

fn load(hub: &Hub, call: &mut Call) -> Result<()> {
    for saved in add_shipped(hub)? {
        show(&saved, "已登记", call);
    }
    Ok(())
}

/// Adds the shipped subscriptions that are not there yet; those it added.
pub(super) fn add_shipped(hub: &Hub) -> Result<Vec<Subscription>> {
    let files = hub.model.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    let mut added = Vec::new();
    for wish in shipped(files)? {
        let id = SubscriptionId::from(wish.id.as_str());
        if hub.store.read(|conn| find_subscription(conn, &id))?.is_none() {
            added.push(save(hub, &wish)?);
        }
    }
    Ok(added)
}

fn push(hub: &Hub, id: &SubscriptionId, url: String) -> Result<Subscription> {
    hub.config.outbox.allow.check(&url)?;
    let now = clock::now();
    hub.store.write(|conn| {
        let known = get_subscription(conn, id)?;
        let row = Subscription {
            mode: SubscriptionMode::Push,
            url: Some(url.clone()),
            updated_at: now.into(),
            ..known
        };
        save_subscription(conn, &row)?;
        account(conn, "subscription.agreed", id, &agreed(&row))?;
        Ok(row)
    })
}

fn set(hub: &Hub, id: &str, note: Option<&str>, call: &mut Call) -> Result<()> {
    let id = SubscriptionId::from(id);
    let by = By { actor: "cli", trace_id: None, now: clock::now() };
    let row = hub.store.write(|conn| match note {
        Some(note) => stop(conn, &id, note, by),
        None => resume(conn, &id, by),
    })?;
    show(&row, if note.is_some() { "已停止" } else { "已恢复" }, call);
    Ok(())
}

fn account(conn: &mut Conn, action: &str, id: &SubscriptionId, detail: &Value) -> Result<()> {
    let audit = NewAudit {
        actor: "cli",
        action,
        object_kind: "subscription",
        object_id: id.as_str(),
        detail,
        trace_id: None,
    };
    append_audit(conn, &audit, clock::now())
}

fn show(row: &Subscription, done: &str, call: &mut Call) {
    call.out.either(row, || format!("{done}：{}\t{}（{}）", row.id, row.title, row.mode.title()));
}

fn list(hub: &Hub, partner: Option<&PartnerId>, call: &mut Call) -> Result<()> {
    let rows = hub.store.read(|conn| {
        let found = list_subscriptions(conn, partner)?;
        let with = |conn: &mut Conn, it: Subscription| {
            count_behind(conn, &it.kind, it.cursor).map(|behind| (it, behind))
        };
        found.into_iter().map(|it| with(conn, it)).collect::<Result<Vec<_>>>()
    })?;
    for (it, behind) in rows {
        let row = json!({ "subscription": it, "behind": behind });
        call.out.either(&row, || {
            let where_to = it.url.as_deref().unwrap_or("—");
            let state = it.stopped.clone().unwrap_or_else(|| it.status.title().to_owned());
            let mode = it.mode.title();
            format!("{}\t{}\t{}\t{mode}\t{where_to}\t{state}\t其后变更 {behind}", it.id, it.partner, it.kind)
        });
    }
    Ok(())
}

fn secret(hub: &Hub, partner: &PartnerId, call: &mut Call) -> Result<()> {
    let now = clock::now();
    let keys = hub.store.read(|conn| list_keys(conn, partner))?;
    let counts = keys
        .into_iter()
        .filter(|it| it.status == KeyStatus::Active && it.expires_at.is_none_or(|at| at.utc() > now));
    let mut any = false;
    for key in counts {
        any = true;
        let secret = format!("whsec_{}", crate::crypto::base64(&hub.keys.webhook_secret(key.id.as_str())?));
        let row = json!({ "key": key.id, "partner": key.partner, "webhook_secret": secret });
        call.out.either(&row, || {
            format!("密钥编号 {}\n签名密钥 {secret}\n请当面或用加密渠道交给对方，不要发在聊天群里。", key.id)
        });
    }
    if any {
        return Ok(());
    }
    let detail = format!("“{partner}”没有有效的密钥，请先用 hub key create 发放。");
    Err(Error::new(codes::record::NOT_FOUND, detail))
}

const _: () = assert!(USUAL_DEADLINE_SECONDS == 72 * 3600, "the help text says 72 hours");
