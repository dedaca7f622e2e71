//! `/portal/changes`: what changed between versions, from the change log the hub was built with, and the versions of the
//! mappings in force.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::reference;
use super::shell::show;
use crate::web::app::App;

static CHANGELOG: &str = include_str!("../../../CHANGELOG.md");

/// `GET /portal/changes`.
pub async fn page(req: HttpRequest, app: web::Data<App>) -> HttpResponse {
    let partners = reference::partners(&app.intake.mappings);
    show(&req, &app, "portal/changes.html", move |_, _| {
        Ok(json!({ "partners": partners, "blocks": blocks(CHANGELOG), "version": env!("CARGO_PKG_VERSION") }))
    })
    .await
}

/// The change log as headings, items and paragraphs, each in pieces of plain text and code. It is our own file and uses no
/// other markup.
fn blocks(text: &str) -> Vec<Value> {
    let mut blocks: Vec<(&str, String)> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let (kind, rest) = match line {
            "" => ("", ""),
            _ if line.starts_with("# ") => ("", ""),
            _ => line
                .strip_prefix("## ")
                .map(|rest| ("head", rest))
                .or_else(|| line.strip_prefix("- ").map(|rest| ("item", rest)))
                .unwrap_or(("more", line.trim())),
        };
        match (kind, blocks.last_mut()) {
            ("", _) => {
                open = false;
                continue;
            }
            ("more", Some((_, before))) if open => continue_with(before, rest),
            ("more", _) => blocks.push(("text", rest.to_owned())),
            _ => blocks.push((kind, rest.to_owned())),
        }
        open = true;
    }
    blocks.into_iter().map(|(kind, text)| json!({ "kind": kind, "pieces": pieces(&text) })).collect()
}

/// Chinese runs on over a line break; Latin words need their blank back.
fn continue_with(before: &mut String, rest: &str) {
    let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii());
    if latin(before.chars().last()) && latin(rest.chars().next()) {
        before.push(' ');
    }
    before.push_str(rest);
}

fn pieces(text: &str) -> Vec<Value> {
    text.split('`')
        .enumerate()
        .filter(|(_, it)| !it.is_empty())
        .map(|(n, it)| json!({ "text": it, "code": n % 2 == 1 }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_go_on_over_lines_and_code_is_told_apart() {
        let blocks = blocks("# 变更\n\n写给\n使用者。\n\n## 一\n\n- 甲 `hub\n  a` 乙\n- 丙\n");
        let kinds: Vec<&str> = blocks.iter().filter_map(|it| it["kind"].as_str()).collect();
        assert_eq!(kinds, ["text", "head", "item", "item"]);
        assert_eq!(blocks[0]["pieces"][0]["text"], "写给使用者。");
        assert_eq!(blocks[2]["pieces"].as_array().unwrap().len(), 3);
        assert_eq!(blocks[2]["pieces"][1], json!({ "text": "hub a", "code": true }));
    }
}
