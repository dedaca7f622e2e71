//! Values with operators, as planning conditions write them: `≥1.2`, `1.2-2.5`, `1.0≤容积率≤2.5`, `不大于30%`.

use std::ops::Range;

/// Which bound is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The least value allowed.
    Min,
    /// The greatest value allowed.
    Max,
}

/// Words before a number that bound it, longest first.
const BEFORE: [(&str, Side); 22] = [
    ("大于等于", Side::Min),
    ("大于或等于", Side::Min),
    ("小于等于", Side::Max),
    ("小于或等于", Side::Max),
    ("不大于", Side::Max),
    ("不高于", Side::Max),
    ("不超过", Side::Max),
    ("不多于", Side::Max),
    ("不小于", Side::Min),
    ("不低于", Side::Min),
    ("不少于", Side::Min),
    ("大于", Side::Min),
    ("高于", Side::Min),
    ("小于", Side::Max),
    ("低于", Side::Max),
    (">=", Side::Min),
    ("<=", Side::Max),
    ("≥", Side::Min),
    ("≤", Side::Max),
    ("≧", Side::Min),
    (">", Side::Min),
    ("<", Side::Max),
];

/// The bound of that side in `text`; `bare` says whether a number alone counts. The error is a Chinese rule.
pub(super) fn bound(text: &str, side: Side, bare: bool) -> Result<Option<String>, String> {
    let text =
        text.replace(['＞', '﹥'], ">").replace(['＜', '﹤'], "<").replace('＝', "=").replace('．', ".");
    let numbers = numbers(&text);
    let mut found: Vec<(Option<Side>, &str)> = Vec::new();
    for (n, (range, _)) in numbers.iter().enumerate() {
        let before_start = n.checked_sub(1).and_then(|it| numbers.get(it)).map_or(0, |(range, _)| range.end);
        let after_end = numbers.get(n + 1).map_or(text.len(), |(range, _)| range.start);
        let before = text.get(before_start..range.start).unwrap_or_default().trim();
        let after = text.get(range.end..after_end).unwrap_or_default().trim_start_matches('%').trim();
        found.push((side_of(before, after), text.get(range.clone()).unwrap_or_default()));
    }
    if let [(None, low), (None, high)] = found.as_slice() {
        let between = numbers.first().zip(numbers.get(1)).and_then(|(a, b)| text.get(a.0.end..b.0.start));
        if between.is_some_and(|it| it.contains(['-', '~', '－', '—', '～', '至', '到'])) {
            return Ok(Some(if side == Side::Min { low } else { high }.to_string()));
        }
    }
    let matching: Vec<&str> = found
        .iter()
        .filter(|(which, _)| *which == Some(side) || (which.is_none() && bare && found.len() == 1))
        .map(|(_, number)| *number)
        .collect();
    match matching.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some((*one).to_owned())),
        _ => Err(format!("“{text}”里同一侧的限制不止一个。")),
    }
}

/// Which side a number bounds, by the operator before it or, as in `1.0≤容积率`, after it.
fn side_of(before: &str, after: &str) -> Option<Side> {
    if let Some((_, side)) = BEFORE.iter().find(|(word, _)| before.ends_with(word)) {
        return Some(*side);
    }
    let flipped = [
        ("≤", Side::Min),
        ("<=", Side::Min),
        ("<", Side::Min),
        ("≥", Side::Max),
        (">=", Side::Max),
        (">", Side::Max),
    ];
    let turned = flipped.iter().find(|(word, _)| {
        // `>1且≤2`: the second operator belongs to the second number, not to the first.
        after.starts_with(word) && after.trim_start_matches(word).trim() != ""
    });
    if let Some((_, side)) = turned {
        return Some(*side);
    }
    [("以上", Side::Min), ("以下", Side::Max), ("以内", Side::Max)]
        .iter()
        .find(|(word, _)| after.trim_start_matches(|c: char| !"以".contains(c)).starts_with(word))
        .map(|(_, side)| *side)
}

/// The numbers in a sentence with their places, and whether each has a sign.
pub(super) fn numbers(text: &str) -> Vec<(Range<usize>, bool)> {
    let bytes = text.as_bytes();
    let at = |n: usize| bytes.get(n).copied().unwrap_or(b' ');
    let mut found = Vec::new();
    let mut n = 0;
    while n < bytes.len() {
        if !at(n).is_ascii_digit() {
            n += 1;
            continue;
        }
        let mut end = n;
        while at(end).is_ascii_digit() || (at(end) == b'.' && at(end + 1).is_ascii_digit()) {
            end += 1;
        }
        // A minus is a sign only at the start or after a blank: `1.0-2.5` is a range.
        let signed = n > 0 && at(n - 1) == b'-' && (n == 1 || at(n - 2) == b' ');
        found.push((n - usize::from(signed)..end, signed));
        n = end;
    }
    found
}
