//! The example settings file, made from the table so that it never lags behind.

use std::fmt::Write;

use super::keys::{KEYS, Key};

/// Every key commented out with its default, meaning, allowed values and variable; `deploy/hub.example.toml` is this text.
#[must_use]
pub fn example() -> String {
    let mut out = String::from(
        "# hub 的配置样例：每一项都注明含义、取值和默认值；去掉行首的“# ”即生效。\n\
         # 先后顺序：命令行参数 > 环境变量 HUB_* > 本文件 > 默认值。\n\
         # 由 hub config example 生成。\n",
    );
    let mut section = "";
    for key in KEYS {
        let (head, leaf) = key.name.split_once('.').unwrap_or(("", key.name));
        if head != section {
            // Writing to a String cannot fail.
            let _ = write!(out, "\n[{head}]\n");
            section = head;
        }
        describe(&mut out, key, leaf);
    }
    out
}

fn describe(out: &mut String, key: &Key, leaf: &str) {
    let shown = if key.default.is_empty() { key.sample } else { key.default };
    let quoted = if shown.parse::<i64>().is_ok() || matches!(shown, "true" | "false") {
        shown.to_owned()
    } else {
        format!("\"{shown}\"")
    };
    let note = if key.default.is_empty() { "（默认不设）" } else { "" };
    let _ = write!(out, "\n# {}{note}\n# 环境变量 {}\n# {leaf} = {quoted}\n", key.about, key.variable());
}
