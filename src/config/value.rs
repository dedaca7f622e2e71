//! Texts of settings to values: sizes, spans of time, numbers in a range, choices. Each error is the rule, in Chinese.

use std::path::PathBuf;
use std::time::Duration;

/// A value or the rule it breaks.
pub type Parsed<T> = std::result::Result<T, String>;

/// Empty means not set.
pub fn optional(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Empty means not set.
pub fn optional_path(text: &str) -> Option<PathBuf> {
    optional(text).map(PathBuf::from)
}

/// A whole number within bounds.
pub fn count<T: TryFrom<u64>>(text: &str, least: u64, most: u64) -> Parsed<T> {
    let rule = || format!("应为 {least} 到 {most} 之间的整数");
    let value: u64 = text.parse().map_err(|_ignored: std::num::ParseIntError| rule())?;
    if !(least..=most).contains(&value) {
        return Err(rule());
    }
    T::try_from(value).map_err(|_too_large| rule())
}

/// Bytes: `16MiB`, `512KiB`, `1GiB` or a plain number.
pub fn size(text: &str, least: u64, most: u64) -> Parsed<u64> {
    let rule = || format!("应为字节数，可带单位 KiB、MiB、GiB，在 {least} 到 {most} 字节之间，如 16MiB");
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit = match text.get(digits.len()..).unwrap_or("").trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return Err(rule()),
    };
    let value: u64 = digits.parse().map_err(|_ignored: std::num::ParseIntError| rule())?;
    match value.checked_mul(unit) {
        Some(bytes) if (least..=most).contains(&bytes) => Ok(bytes),
        _ => Err(rule()),
    }
}

/// A span of time: `500ms`, `90s`, `5m`, `2h`, `7d`, or plain seconds.
pub fn span(text: &str, least: Duration, most: Duration) -> Parsed<Duration> {
    let rule = || {
        format!(
            "应为时长，可带单位 ms、s、m、h、d，在 {} 秒到 {} 秒之间，如 90s",
            least.as_secs_f64(),
            most.as_secs()
        )
    };
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let value: u64 = digits.parse().map_err(|_ignored: std::num::ParseIntError| rule())?;
    let millis: u64 = match text.get(digits.len()..).unwrap_or("").trim() {
        "ms" => 1,
        "" | "s" => 1000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(rule()),
    };
    let span = Duration::from_millis(value.checked_mul(millis).ok_or_else(rule)?);
    if (least..=most).contains(&span) { Ok(span) } else { Err(rule()) }
}

/// One of a few words.
pub fn choice<T: Copy>(text: &str, words: &[(&str, T)]) -> Parsed<T> {
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| {
        let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        format!("只能是 {}", all.join("、"))
    })
}

/// `地址:端口`, port 0 lets the system choose.
pub fn address(text: &str) -> Parsed<String> {
    let rule = || "应为“地址:端口”，如 127.0.0.1:8080 或 [::]:8080".to_owned();
    let (host, port) = text.rsplit_once(':').ok_or_else(rule)?;
    let _: u16 = port.parse().map_err(|_ignored: std::num::ParseIntError| rule())?;
    if host.is_empty() { Err(rule()) } else { Ok(text.to_owned()) }
}

/// Texts separated by commas; empty means none.
pub fn listed(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

/// Names by a number of four digits, `5996=fee_confirmation`, separated by commas.
pub fn numbered(text: &str) -> Parsed<std::collections::BTreeMap<String, String>> {
    let pair = |it: String| {
        let (number, name) = it.split_once('=').map(|(number, name)| (number.trim(), name.trim()))?;
        let right = number.len() == 4 && number.bytes().all(|b| b.is_ascii_digit()) && !name.is_empty();
        right.then(|| (number.to_owned(), name.to_owned()))
    };
    let all = listed(text).into_iter().map(pair).collect::<Option<_>>();
    all.ok_or_else(|| "应为“四位报文编号=报文标识”，逗号分隔，如 5996=fee_confirmation".to_owned())
}

/// IP addresses, separated by commas; empty means none.
pub fn addresses(text: &str) -> Parsed<Vec<std::net::IpAddr>> {
    let parts = text.split(',').map(str::trim).filter(|it| !it.is_empty());
    parts
        .map(|it| it.parse().map_err(|_no_address| format!("“{it}”不是 IP 地址，多个地址用逗号分隔")))
        .collect()
}
