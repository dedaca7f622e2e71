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

/// A number of the text and how it bounds.
struct Found<'t> {
    /// None when no operator stands at it.
    side: Option<Side>,
    inclusive: bool,
    number: &'t str,
}

/// Operators before a number, a longer one before those it ends with. The last member says whether the number itself is
/// allowed.
const BEFORE: &[(&str, Side, bool)] = &[
    ("大于等于", Side::Min, true),
    ("大于或等于", Side::Min, true),
    ("小于等于", Side::Max, true),
    ("小于或等于", Side::Max, true),
    ("不大于", Side::Max, true),
    ("不高于", Side::Max, true),
    ("不超过", Side::Max, true),
    ("不多于", Side::Max, true),
    ("不小于", Side::Min, true),
    ("不低于", Side::Min, true),
    ("不少于", Side::Min, true),
    ("大于", Side::Min, false),
    ("高于", Side::Min, false),
    ("小于", Side::Max, false),
    ("低于", Side::Max, false),
    (">=", Side::Min, true),
    ("<=", Side::Max, true),
    ("≥", Side::Min, true),
    ("≤", Side::Max, true),
    ("≧", Side::Min, true),
    ("≦", Side::Max, true),
    (">", Side::Min, false),
    ("<", Side::Max, false),
];

/// Operators after a number whose subject follows, as in `1.0≤容积率`.
const TURNED: &[(&str, Side, bool)] = &[
    ("<=", Side::Min, true),
    (">=", Side::Max, true),
    ("≤", Side::Min, true),
    ("≦", Side::Min, true),
    ("≥", Side::Max, true),
    ("≧", Side::Max, true),
    ("<", Side::Min, false),
    (">", Side::Max, false),
];

/// Words after a number that bound it.
const AFTER: &[(&str, Side)] = &[("以上", Side::Min), ("以下", Side::Max), ("以内", Side::Max)];

/// The bound of that side in `text`; `bare` says whether a number alone counts. The error is a Chinese rule.
pub(super) fn bound(text: &str, side: Side, bare: bool) -> Result<Option<String>, String> {
    let text = regular(text);
    let found = read(&text);
    let matching: Vec<&str> = found
        .iter()
        .filter(|it| it.side == Some(side) || (it.side.is_none() && bare && found.len() == 1))
        .map(|it| it.number)
        .collect();
    match matching.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some((*one).to_owned())),
        _ => Err(format!("“{text}”里同一侧的限制不止一个。")),
    }
}

/// Whether the bound of that side includes the number itself; none when there is no such bound.
pub(super) fn inclusive(text: &str, side: Side) -> Option<bool> {
    let text = regular(text);
    read(&text).iter().find(|it| it.side == Some(side)).map(|it| it.inclusive)
}

fn regular(text: &str) -> String {
    text.replace(['＞', '﹥'], ">").replace(['＜', '﹤'], "<").replace('＝', "=").replace('．', ".")
}

fn read(text: &str) -> Vec<Found<'_>> {
    let numbers = numbers(text);
    let mut found = Vec::new();
    let mut start = 0;
    for (n, range) in numbers.iter().enumerate() {
        let end = numbers.get(n + 1).map_or(text.len(), |it| it.start);
        let before = text.get(start..range.start).unwrap_or_default().trim();
        let after = text.get(range.end..end).unwrap_or_default().trim();
        let (side, inclusive) = side_of(before, after);
        found.push(Found { side, inclusive, number: text.get(range.clone()).unwrap_or_default() });
        start = range.end;
    }
    // `1.2-2.5`: a range includes both ends.
    if let ([low, high], [a, b]) = (found.as_mut_slice(), numbers.as_slice()) {
        let between = text.get(a.end..b.start).unwrap_or_default();
        let dash = between.contains(['-', '~', '－', '—', '–', '～', '至', '到']);
        if low.side.is_none() && high.side.is_none() && dash {
            low.side = Some(Side::Min);
            high.side = Some(Side::Max);
        }
    }
    found
}

/// Which side a number bounds, by the operator before it or after it.
fn side_of(before: &str, after: &str) -> (Option<Side>, bool) {
    if let Some((_, side, inclusive)) = BEFORE.iter().find(|(word, ..)| before.ends_with(word)) {
        return (Some(*side), *inclusive);
    }
    let after = after.trim_start_matches(['%', '％']).trim_start();
    // An operator with nothing behind it belongs to the next number: `>1且≤2`.
    let turned =
        TURNED.iter().find(|(word, ..)| after.strip_prefix(word).is_some_and(|it| !it.trim().is_empty()));
    if let Some((_, side, inclusive)) = turned {
        return (Some(*side), *inclusive);
    }
    let word = AFTER.iter().find(|(word, _)| after.contains(word));
    (word.map(|(_, side)| *side), true)
}

/// Where the numbers of a sentence stand, signs included.
pub(super) fn numbers(text: &str) -> Vec<Range<usize>> {
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
        found.push(n - usize::from(signed)..end);
        n = end;
    }
    found
}
