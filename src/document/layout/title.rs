//! Titles: as few lines as will hold them, words whole, the lines in the shape of a trapezoid or a diamond (GB/T 9704-2012, 7.3.1).

use super::kinsoku::breaks;
use super::shape::Glyph;

/// Words that a title must not tear apart: those that stand in titles of this trade.
const WORDS: &[&str] = &[
    "人民政府",
    "办公室",
    "人民防空",
    "人防工程",
    "人防建设",
    "防空地下室",
    "产权制度",
    "综合改革",
    "法律事项",
    "告知书",
    "义务",
    "法定",
    "任务分解",
    "分解表",
    "移交",
    "接收",
    "证书",
    "通知",
    "意见",
    "办法",
    "规定",
    "细则",
    "方案",
    "实施",
    "全面",
    "推进",
    "工作",
    "关于",
    "建设",
    "管理",
    "登记",
    "不动产",
    "易地建设",
    "整改",
    "责令",
    "限期",
    "送达",
    "回证",
    "国有",
    "资产",
    "竣工",
    "验收",
    "备案",
    "维护",
    "使用",
    "浙江省",
    "嘉兴市",
    "淄博市",
    "自然资源",
    "规划局",
    "政府",
    "专项",
    "规划",
    "开展",
    "加强",
    "进一步",
    "印发",
    "转发",
    "批复",
    "报告",
    "请示",
    "决定",
    "重大",
    "项目",
    "工程",
];

/// Splits a title into lines that hold at most `most` em each; gives the ends of the lines.
pub(super) fn split(glyphs: &[Glyph], most: f64) -> Vec<usize> {
    let widths: Vec<f64> = glyphs.iter().map(|glyph| glyph.advance).collect();
    let chars: Vec<char> = glyphs.iter().map(|glyph| glyph.c).collect();
    let total: f64 = widths.iter().sum();
    let places = places(&chars);
    let fewest = (total / most).ceil().max(1.0) as usize;
    for count in fewest..=fewest + 2 {
        let mut best: Option<(f64, Vec<usize>)> = None;
        let mut ends = Vec::new();
        search(
            &Search { widths: &widths, chars: &chars, places: &places, most, count },
            0,
            &mut ends,
            &mut best,
        );
        if let Some((_, ends)) = best {
            return ends;
        }
    }
    // No place to break anywhere: cut where each line is full.
    greedy(&widths, most)
}

struct Search<'a> {
    widths: &'a [f64],
    chars: &'a [char],
    places: &'a [bool],
    most: f64,
    count: usize,
}

/// Tries every set of line ends; titles are short (a few dozen characters, two or three lines), so all can be tried.
fn search(it: &Search<'_>, start: usize, ends: &mut Vec<usize>, best: &mut Option<(f64, Vec<usize>)>) {
    let last = ends.len() + 1 == it.count;
    let mut width = 0.0;
    for end in start + 1..=it.widths.len() {
        width += it.widths.get(end - 1).copied().unwrap_or(0.0);
        if width > it.most {
            return;
        }
        let at_end = end == it.widths.len();
        if at_end != last || !(at_end || it.places.get(end).copied().unwrap_or(false)) {
            continue;
        }
        ends.push(end);
        if last {
            let cost = cost(it, ends);
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                *best = Some((cost, ends.clone()));
            }
        } else {
            search(it, end, ends, best);
        }
        ends.pop();
    }
}

/// Lower is better: balanced, but neither all equal nor with the shortest line between longer ones.
fn cost(it: &Search<'_>, ends: &[usize]) -> f64 {
    let mut start = 0;
    let mut lengths = Vec::new();
    for &end in ends {
        lengths.push(it.widths.get(start..end).unwrap_or_default().iter().sum::<f64>());
        start = end;
    }
    let mean = lengths.iter().sum::<f64>() / lengths.len().max(1) as f64;
    let mut cost: f64 = lengths.iter().map(|length| (length - mean).powi(2)).sum();
    cost +=
        lengths.windows(2).filter(|pair| matches!(pair, [a, b] if (a - b).abs() < 1.0)).count() as f64 * 6.0;
    cost +=
        lengths.windows(3).filter(|three| matches!(three, [a, b, c] if b < a && b < c)).count() as f64 * 1e3;
    for &end in ends.iter().take(ends.len().saturating_sub(1)) {
        let before = it.chars.get(..end).unwrap_or_default();
        let count = |mark: char| before.iter().filter(|c| **c == mark).count();
        // A bracket that opened and has not closed is a thought cut in two.
        cost += if count('（') > count('）') || count('《') > count('》') { 40.0 } else { 0.0 };
        let next = it.chars.get(end).copied().unwrap_or(' ');
        cost += if matches!(next, '的' | '和' | '与' | '及' | '等' | '或' | '书' | '表') {
            40.0
        } else {
            0.0
        };
    }
    cost
}

/// Where a title may be broken: where any line may, and not within a word.
fn places(chars: &[char]) -> Vec<bool> {
    let mut allowed = breaks(chars);
    for start in 0..chars.len() {
        for word in WORDS {
            let length = word.chars().count();
            let rest = chars.get(start..).unwrap_or_default();
            if word.chars().eq(rest.iter().copied().take(length)) {
                for place in allowed.iter_mut().take(start + length).skip(start + 1) {
                    *place = false;
                }
            }
        }
    }
    allowed
}

fn greedy(widths: &[f64], most: f64) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut width = 0.0;
    for (at, advance) in widths.iter().enumerate() {
        if width + advance > most && width > 0.0 {
            ends.push(at);
            width = 0.0;
        }
        width += advance;
    }
    ends.push(widths.len());
    ends
}

#[cfg(test)]
mod tests;
