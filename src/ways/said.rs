//! What a sender is told, from the receipt or from the error that kept its message out.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::error::Error;
use crate::mapping::{Outcome, Said};

/// From a receipt.
pub(super) fn of_receipt(receipt: &Value, file_name: &str, now: DateTime<Utc>) -> Said {
    let text = |name: &str| receipt.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |name: &str| receipt.get(name).and_then(Value::as_u64).unwrap_or(0);
    let outcome = receipt.get("outcome").cloned().unwrap_or_default();
    let error = first_error(receipt);
    let (accepted, refused) = (number("accepted"), number("refused"));
    let counts = format!("接收 {accepted} 条，退回 {refused} 条。");
    Said {
        // A receipt the hub wrote always names one of the four.
        outcome: serde_json::from_value(outcome).unwrap_or(Outcome::Refused),
        code: error.and_then(|it| it.get("code")?.as_str()).unwrap_or_default().to_owned(),
        text: error.map_or(counts.clone(), |it| format!("{counts}{}", sentence(it))),
        receipt_id: text("receipt_id"),
        message_id: text("message_id"),
        message_key: text("message_key"),
        accepted,
        refused,
        file_name: file_name.to_owned(),
        digest: text("digest"),
        now,
    }
}

/// From an error: nothing was taken and nothing kept.
pub(super) fn of_error(error: &Error, file_name: &str, now: DateTime<Utc>) -> Said {
    Said {
        outcome: Outcome::Refused,
        code: error.code.to_string(),
        text: error.detail.clone(),
        receipt_id: String::new(),
        message_id: String::new(),
        message_key: String::new(),
        accepted: 0,
        refused: 1,
        file_name: file_name.to_owned(),
        digest: String::new(),
        now,
    }
}

fn first_error(receipt: &Value) -> Option<&Value> {
    let problems = receipt.get("problems")?.as_array()?;
    problems.iter().find(|it| it.get("severity").and_then(Value::as_str) == Some("error"))
}

fn sentence(problem: &Value) -> String {
    let text = |name: &str| problem.get(name).and_then(Value::as_str).unwrap_or_default();
    let path = problem.get("place").and_then(|it| it.get("path")?.as_str()).unwrap_or_default();
    format!("{path}：{}{}", text("rule"), text("hint"))
}
