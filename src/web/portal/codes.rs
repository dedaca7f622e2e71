//! `/portal/codes`: every error code with its meaning, cause and cure.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::shell::show;
use crate::error::{Code, all_codes};
use crate::web::app::App;
use crate::web::error::status;

/// Thousands and what they concern, in words for the reader.
const RANGES: &[(u16, &str)] = &[
    (1, "接入：身份、签名、时钟、大小、重复"),
    (2, "格式：字符集、XML、JSON、CSV、XLSX"),
    (3, "映射：报文与约定不符"),
    (4, "取值：类型、代码、编号"),
    (5, "记录：业务键、关联、不一致"),
    (6, "文书"),
    (7, "任务"),
    (8, "人员与登录"),
    (9, "中枢自身"),
];

/// `GET /portal/codes`.
pub async fn page(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    show(&req, &app, "portal/codes.html", |_, _| {
        let all = all_codes();
        let groups: Vec<Value> = RANGES
            .iter()
            .map(|(range, title)| {
                let rows = all.iter().filter(|it| it.number() / 1000 == *range).map(|it| row(*it));
                json!({ "range": range, "title": title, "rows": rows.collect::<Vec<_>>() })
            })
            .collect();
        Ok(json!({ "groups": groups, "total": all.len() }))
    })
    .await
}

fn row(code: Code) -> Value {
    let info = code.info();
    json!({ "code": code, "name": info.name, "title": info.title, "cause": info.cause, "cure": info.cure,
        "retry": info.retry, "status": status(code).as_u16() })
}
