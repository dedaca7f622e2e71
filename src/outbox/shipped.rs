//! Subscriptions that come with the hub, as dated data with its source: `subscriptions/*.toml` of the mappings.

use serde::Deserialize;

use super::subscribe::Wish;
use crate::error::{Error, Result, codes};

/// Three days: a partner that mends its system over a weekend loses nothing.
pub const USUAL_DEADLINE_SECONDS: i64 = 3 * 86_400;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Where the duty to pass the data on is written.
    source: String,
    /// Since when it holds.
    from: toml::value::Datetime,
    subscription: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    partner: String,
    title: String,
    kind: String,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    watched: Vec<String>,
    message: Option<String>,
}

/// Reads the subscriptions of all files; each is pulled until somebody says where to push it.
///
/// # Errors
/// `setting` naming the file that cannot be read, or that gives no source.
pub fn shipped<'f>(files: impl IntoIterator<Item = (&'f str, &'f [u8])>) -> Result<Vec<Wish>> {
    let mut wishes = Vec::new();
    for (path, bytes) in files {
        if !path.starts_with("subscriptions/") || !path.ends_with(".toml") {
            continue;
        }
        let wrong = |why: String| Error::new(codes::machine::SETTING, format!("订阅文件 {path} 有误：{why}"));
        let text = std::str::from_utf8(bytes).map_err(|e| wrong("不是 UTF-8。".to_owned()).because(e))?;
        let file: File = toml::from_str(text).map_err(|e| wrong(e.message().to_owned()))?;
        if file.source.trim().is_empty() || file.from.date.is_none() {
            return Err(wrong("应写明依据 source 和起始日 from。".to_owned()));
        }
        wishes.extend(file.subscription.into_iter().map(wish));
    }
    Ok(wishes)
}

fn wish(it: Entry) -> Wish {
    Wish {
        id: it.id,
        partner: it.partner,
        title: it.title,
        kind: it.kind,
        fields: it.fields,
        personal: Vec::new(),
        purpose: String::new(),
        division: None,
        watched: it.watched,
        message: it.message,
        answer: None,
        url: None,
        deadline_seconds: USUAL_DEADLINE_SECONDS,
        expires_at: None,
        from_start: false,
    }
}
