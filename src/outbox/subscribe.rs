//! Who gets which change, and which fields of it. Checked when agreed; personal data only where granted by name for a purpose.

use chrono::{DateTime, Utc};

use super::Outbox;
use crate::error::{Error, Place, Problem, Result, codes};
use crate::model::{Body, Field, FieldId, FieldType, Kind, Schema, Sensitivity, Value};
use crate::store::{
    Conn, FeedItem, Json, PartnerId, Standing, Subscription, SubscriptionId, SubscriptionMode,
    find_feed_head, find_partner, number_changes,
};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Its id, chosen by people: letters, digits, `-`, `_`.
    pub id: String,
    /// Who gets it.
    pub partner: String,
    /// What people call it.
    pub title: String,
    /// Kind of record.
    pub kind: String,
    /// Fields that are sent; empty means all that are not personal.
    pub fields: Vec<String>,
    /// Personal fields among them that are granted.
    pub personal: Vec<String>,
    /// What the personal data is for.
    pub purpose: String,
    /// Only divisions that begin so.
    pub division: Option<String>,
    /// Fields whose change is told; empty means those that are sent.
    pub watched: Vec<String>,
    /// The partner's message it is written in.
    pub message: Option<String>,
    /// The partner's message whose `accept` rules judge its answers.
    pub answer: Option<String>,
    /// Where it is pushed to; none means it is pulled.
    pub url: Option<String>,
    /// Seconds until a delivery is given up.
    pub deadline_seconds: i64,
    /// When the right to it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// From the first change there is, instead of from the next.
    pub from_start: bool,
}

/// Checks a wish completely and makes it a subscription; the caller saves it in the same transaction.
///
/// # Errors
/// `subscription_wrong` with every finding.
pub fn agree(
    outbox: &Outbox,
    conn: &mut Conn,
    wish: &Wish,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Subscription> {
    let problems = find_problems(outbox, conn, wish)?;
    if !problems.is_empty() {
        let detail = format!("订阅“{}”有 {} 处不对。", wish.id, problems.len());
        return Err(Error::new(codes::record::SUBSCRIPTION_WRONG, detail).with_problems(problems));
    }
    // What was committed before this moment gets its position before the head is read: it is not part of "from the next".
    number_changes(conn, i64::MAX)?;
    let cursor = if wish.from_start { 0 } else { find_feed_head(conn)? };
    Ok(Subscription {
        id: SubscriptionId::from(wish.id.as_str()),
        partner: PartnerId::from(wish.partner.as_str()),
        title: wish.title.clone(),
        kind: wish.kind.clone(),
        fields: Json::of(&wish.fields)?,
        personal: Json::of(&wish.personal)?,
        purpose: wish.purpose.clone(),
        division: wish.division.clone(),
        watched: Json::of(&wish.watched)?,
        message: wish.message.clone(),
        answer: wish.answer.clone(),
        mode: if wish.url.is_some() { SubscriptionMode::Push } else { SubscriptionMode::Pull },
        url: wish.url.clone(),
        status: Standing::Active,
        stopped: None,
        cursor,
        deadline_seconds: wish.deadline_seconds,
        expires_at: wish.expires_at.map(Into::into),
        created_at: now.into(),
        created_by: by.to_owned(),
        updated_at: now.into(),
    })
}

fn wrong(path: &str, rule: String, hint: &str) -> Problem {
    Problem::error(codes::record::SUBSCRIPTION_WRONG, rule, hint)
        .at(Place { path: path.to_owned(), ..Place::default() })
}

fn find_problems(outbox: &Outbox, conn: &mut Conn, wish: &Wish) -> Result<Vec<Problem>> {
    let mut found = Vec::new();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if wish.id.is_empty() || wish.id.len() > 64 || !wish.id.chars().all(plain) {
        found.push(wrong(
            "id",
            "编号应为 1 到 64 个字母、数字、- 或 _。".to_owned(),
            "换一个编号，如 tax-handover。",
        ));
    }
    if find_partner(conn, &PartnerId::from(wish.partner.as_str()))?.is_none() {
        let hint = "用 hub partner list 查看已登记的单位。";
        found.push(wrong("partner", format!("没有登记对接单位“{}”。", wish.partner), hint));
    }
    if wish.deadline_seconds < 60 {
        found.push(wrong("deadline", "投递期限至少 60 秒。".to_owned(), "一般为三天。"));
    }
    if let Some(Err(error)) = wish.url.as_deref().map(|it| outbox.settings.allow.check(it)) {
        found.push(wrong("url", error.detail, error.code.info().cure));
    }
    match outbox.schema.kind(&wish.kind) {
        Some(kind) => {
            field_problems(kind, wish, &mut found);
            message_problems(outbox, kind, wish, &mut found);
        }
        None => found.push(wrong(
            "kind",
            format!("没有“{}”这类记录。", wish.kind),
            "用 hub model show 查看全部类别。",
        )),
    }
    Ok(found)
}

fn field_problems(kind: &Kind, wish: &Wish, found: &mut Vec<Problem>) {
    let lists = [("fields", &wish.fields), ("personal", &wish.personal), ("watched", &wish.watched)];
    for (path, names) in lists {
        for name in names.iter().filter(|it| kind.field(it).is_none()) {
            let hint = format!("用 hub model show {} 查看字段。", kind.name);
            found.push(wrong(path, format!("{}没有字段“{name}”。", kind.title), &hint));
        }
    }
    let is_personal = |name: &String| kind.field(name).is_some_and(Field::is_personal);
    for name in wish.personal.iter().filter(|it| kind.field(it).is_some() && !is_personal(it)) {
        found.push(wrong("personal", format!("“{name}”不是个人信息，无须授权。"), "写在 fields 里即可。"));
    }
    let wholly = |name: &&String| kind.field(name).is_some_and(|it| it.sensitivity == Sensitivity::Personal);
    for name in wish.fields.iter().filter(wholly).filter(|it| !wish.personal.contains(it)) {
        let hint = "确需提供的，写进 personal 并写明用途（个人信息保护法第二十三条）。";
        found.push(wrong("fields", format!("“{name}”是个人信息，没有授权不能发送。"), hint));
    }
    if !wish.personal.is_empty() && wish.purpose.trim().is_empty() {
        let hint = "写明处理目的和依据，如“办理不动产登记，依据……”（个人信息保护法第十三条、第二十三条）。";
        found.push(wrong("purpose", "授权个人信息必须写明用途。".to_owned(), hint));
    }
}

fn message_problems(outbox: &Outbox, kind: &Kind, wish: &Wish, found: &mut Vec<Problem>) {
    if let Some(name) = &wish.message {
        let why = match outbox.mappings.get(&wish.partner, name) {
            None => Some(format!("“{}”没有“{name}”这种报文", wish.partner)),
            Some(mapping) => mapping.cannot_send(kind.id),
        };
        if let Some(why) = why {
            found.push(wrong("message", format!("{why}。"), "换一种报文，或不写报文（按规范 JSON 发送）。"));
        }
    }
    if let Some(name) = &wish.answer {
        let judges = outbox.mappings.get(&wish.partner, name).is_some_and(|it| it.has_accept());
        if !judges {
            let rule = format!("“{}/{name}”没有可用来判断答复的 accept。", wish.partner);
            found.push(wrong(
                "answer",
                rule,
                "写一个声明了 accept 的 JSON 或 XML 报文，或不写（只看 HTTP 状态）。",
            ));
        }
    }
}

/// What a subscription lets through, against the model in force.
pub(super) struct Shape<'s> {
    pub kind: &'s Kind,
    sent: Vec<FieldId>,
    personal: Vec<FieldId>,
    watched: Vec<String>,
    division: Option<String>,
}

impl<'s> Shape<'s> {
    /// # Errors
    /// `internal` when the model no longer has the kind.
    pub fn of(schema: &'s Schema, it: &Subscription) -> Result<Self> {
        let kind = schema.kind(&it.kind).ok_or_else(|| {
            Error::new(codes::record::SUBSCRIPTION_WRONG, format!("现行模型里没有“{}”这类记录。", it.kind))
        })?;
        let ids = |names: &Json| -> Result<Vec<FieldId>> {
            let names: Vec<String> = names.read()?;
            Ok(names.iter().filter_map(|name| Some(kind.field(name)?.id)).collect())
        };
        let personal = ids(&it.personal)?;
        let mut sent = ids(&it.fields)?;
        if sent.is_empty() {
            sent = kind.fields.iter().map(|field| field.id).collect();
        }
        // A field that became personal after the agreement is held back: a grant names it, or it is not sent.
        sent.retain(|id| {
            kind.fields
                .get(*id)
                .is_some_and(|it| it.sensitivity != Sensitivity::Personal || personal.contains(id))
        });
        let mut watched: Vec<String> = it.watched.read()?;
        if watched.is_empty() {
            watched = sent.iter().filter_map(|id| Some(kind.fields.get(*id)?.name.clone())).collect();
        }
        Ok(Self { kind, sent, personal, watched, division: it.division.clone() })
    }

    /// Whether personal data may be in what is sent.
    pub fn has_personal(&self) -> bool {
        !self.personal.is_empty()
    }

    /// Whether a change is told: the first version always, a later one when a watched field moved; within the division.
    pub fn concerns(&self, item: &FeedItem) -> bool {
        let own = self.division.as_deref();
        if !own.is_none_or(|own| item.change.division.as_deref().is_some_and(|it| it.starts_with(own))) {
            return false;
        }
        let moved: Vec<String> = item.change.fields.read().unwrap_or_default();
        item.change.version == 1 || moved.iter().any(|it| self.watched.contains(it))
    }

    /// Of the names of fields, those that are sent.
    pub fn names(&self, of: Vec<String>) -> Vec<String> {
        let is_sent = |name: &String| self.kind.field(name).is_some_and(|it| self.sent.contains(&it.id));
        of.into_iter().filter(is_sent).collect()
    }

    /// The part of a body that is sent.
    pub fn keep(&self, body: &Body) -> Body {
        let part = |(id, value): (FieldId, &Value)| {
            let field = self.kind.fields.get(id).filter(|_| self.sent.contains(&id))?;
            Some((
                id,
                if self.personal.contains(&id) { value.clone() } else { without_personal(field, value) },
            ))
        };
        body.iter().filter_map(part).collect()
    }
}

/// A table without its personal columns; anything else as it is.
fn without_personal(field: &Field, value: &Value) -> Value {
    let (Value::Rows(rows), FieldType::Rows(columns)) = (value, &field.ty) else { return value.clone() };
    let cell = |(id, cell): (FieldId, &Value)| {
        let column = columns.get(id).filter(|it| it.sensitivity != Sensitivity::Personal)?;
        Some((id, without_personal(column, cell)))
    };
    Value::Rows(rows.iter().map(|row| row.iter().filter_map(cell).collect()).collect())
}
