//! How values are shown to people: times in China, states by word and shape, findings with place and fix.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::clock;
use crate::error::{Place, Problem};
use crate::model::{Field, FieldType, Sensitivity};
use crate::store::{
    BatchState, Circuit, DeliveryState, DocumentState, FieldSource, MessageState, NumberState, Outlet,
    ServiceState, Standing, Subscription,
};

/// `2026-03-01 09:30`, China time.
#[must_use]
pub fn time(at: DateTime<Utc>) -> String {
    at.with_timezone(&clock::china()).format("%Y-%m-%d %H:%M").to_string()
}

/// A state: word, shape and colour.
fn state(word: &str, shape: &str, look: &str) -> Value {
    json!({ "word": word, "shape": shape, "look": look })
}

/// State of a document.
#[must_use]
pub fn document_state(of: DocumentState) -> Value {
    use DocumentState as S;
    let (shape, look) = match of {
        S::Draft => ("○", "idle"),
        S::Reviewing | S::ToSign | S::ToNumber | S::ToSeal | S::ToIssue => ("◐", "info"),
        S::Issued | S::Served => ("●", "ok"),
        S::Archived => ("■", "ok"),
        S::Returned => ("◇", "warn"),
        S::Void => ("✕", "bad"),
    };
    state(of.title(), shape, look)
}

/// State of a batch.
#[must_use]
pub fn batch_state(of: BatchState) -> Value {
    use BatchState as S;
    let (shape, look) = match of {
        S::Checking | S::Checked => ("○", "idle"),
        S::Reviewing | S::ToSign | S::ToIssue | S::Running => ("◐", "info"),
        S::Paused => ("‖", "warn"),
        S::Done => ("●", "ok"),
        S::Returned => ("◇", "warn"),
        S::Cancelled => ("✕", "bad"),
    };
    state(of.title(), shape, look)
}

/// State of a service.
#[must_use]
pub fn service_state(of: ServiceState) -> Value {
    use ServiceState as S;
    let (shape, look) = match of {
        S::Pending => ("◐", "info"),
        S::Served => ("●", "ok"),
        S::Failed => ("✕", "bad"),
    };
    state(of.title(), shape, look)
}

/// State of a message.
#[must_use]
pub fn message_state(of: MessageState) -> Value {
    use MessageState as S;
    let (shape, look) = match of {
        S::Accepted => ("●", "ok"),
        S::Resolved => ("●", "info"),
        S::Partial => ("◐", "warn"),
        S::Quarantined => ("▲", "warn"),
        S::Refused => ("■", "bad"),
    };
    state(of.title(), shape, look)
}

/// State of a delivery.
#[must_use]
pub fn delivery_state(of: DeliveryState) -> Value {
    use DeliveryState as S;
    let (shape, look) = match of {
        S::Ready => ("○", "info"),
        S::Delivered => ("●", "ok"),
        S::Refused => ("▲", "warn"),
        S::Dead => ("■", "bad"),
    };
    state(of.title(), shape, look)
}

/// State of a subscription at an instant.
#[must_use]
pub fn subscription_state(of: &Subscription, now: DateTime<Utc>) -> Value {
    match of.status {
        Standing::Disabled => state("已停止", "■", "warn"),
        Standing::Active if !of.is_served(now) => state("授权已到期", "■", "warn"),
        Standing::Active => state(of.status.title(), "●", "ok"),
    }
}

/// State of the way to a partner; one that is open but has just failed is not yet well.
#[must_use]
pub fn circuit(of: &Outlet) -> Value {
    match of.circuit {
        Circuit::Open => state(of.circuit.title(), "■", "bad"),
        Circuit::Held => state(of.circuit.title(), "■", "warn"),
        Circuit::Closed if of.note.is_some() => state("有故障", "◐", "warn"),
        Circuit::Closed => state(of.circuit.title(), "●", "ok"),
    }
}

/// State of a number of the register.
#[must_use]
pub fn number_state(of: NumberState) -> Value {
    use NumberState as S;
    let (shape, look) = match of {
        S::Used => ("●", "ok"),
        S::Reserved => ("○", "info"),
        S::Void => ("✕", "bad"),
        S::Skipped => ("—", "idle"),
    };
    state(of.title(), shape, look)
}

/// A finding.
#[must_use]
pub fn problem(it: &Problem) -> Value {
    json!({
        "code": it.code, "rule": it.rule, "hint": it.hint, "field": it.field, "value": it.value,
        "place": it.place.as_ref().map(place),
        "is_error": it.severity == crate::error::Severity::Error,
    })
}

/// A place in words: path, then line.
#[must_use]
pub fn place(of: &Place) -> String {
    match of.line {
        Some(line) => format!("{}（第 {line} 行）", of.path),
        None => of.path.clone(),
    }
}

/// One field of a record for reading, masked where it concerns a person.
#[must_use]
pub fn field(field: &Field, value: &Value, source: Option<&FieldSource>, department: &str) -> Value {
    let parsed = crate::model::Value::from_json(&field.ty, value).ok();
    let text = match &parsed {
        Some(parsed) if !matches!(field.ty, FieldType::Rows(_)) => field.display_masked(parsed),
        _ => String::new(),
    };
    json!({
        "name": field.name, "title": field.title, "text": text,
        "unit": field.unit, "description": field.description,
        "personal": field.sensitivity == Sensitivity::Personal,
        "table": parsed.as_ref().and_then(|it| table(field, it)),
        "source": source.map(|it| self::source(it, department)),
    })
}

fn table(field: &Field, value: &crate::model::Value) -> Option<Value> {
    let (crate::model::Value::Rows(rows), FieldType::Rows(columns)) = (value, &field.ty) else { return None };
    let head: Vec<&str> = columns.iter().map(|column| column.title.as_str()).collect();
    let body: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let cell = |column: &Field| {
                let found = row.iter().find(|(id, _)| *id == column.id);
                found.map(|(_, value)| column.display_masked(value)).unwrap_or_default()
            };
            columns.iter().map(cell).collect()
        })
        .collect();
    Some(json!({ "head": head, "rows": body }))
}

/// Where a value came from.
#[must_use]
pub fn source(it: &FieldSource, department: &str) -> Value {
    json!({
        "department": department, "message_id": it.message_id, "message": format!("{}/{}", it.partner, it.message_name),
        "path": it.place.path, "at": time(it.at), "field": it.field, "row": it.row, "claim": it.claim_id,
        "mapping": it.mapping,
    })
}

/// What a list shows of where it stands: `{number, last, total}`.
#[must_use]
pub fn pager(number: u32, size: u32, total: i64, base: &str) -> Value {
    let last = u32::try_from(
        total.max(1).div_euclid(i64::from(size)) + i64::from(total.rem_euclid(i64::from(size)) > 0),
    )
    .unwrap_or(1)
    .max(1);
    json!({ "number": number, "last": last, "total": total, "base": base })
}

/// The address of a list with its filters, ready for `page=` to be added.
#[must_use]
pub fn base(path: &str, query: &super::shell::Form) -> String {
    let mut address = format!("{path}?");
    for (name, value) in
        query.iter().filter(|(name, value)| *name != "page" && *name != "done" && !value.is_empty())
    {
        let escaped: String = value.bytes().map(escape).collect();
        address.push_str(&format!("{name}={escaped}&"));
    }
    address
}

fn escape(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}
