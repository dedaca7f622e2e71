//! Titles: as few lines as will hold them, words whole, the lines in the shape of a trapezoid or a diamond (GB/T 9704-2012, 7.3.1).

use std::collections::BTreeMap;

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
    "通报",
    "情况",
    "缴款",
    "缴款通知书",
    "通知书",
    "申请",
    "申请书",
    "备案表",
    "督办单",
    "普法",
    "明白纸",
    "涉税",
    "信息",
    "门牌",
    "联系函",
    "催办",
    "落实",
    "配合",
    "办理",
    "产权登记",
    "防空",
    "逾期",
    "任务",
    "批复",
    "报告",
    "请示",
    "决定",
    "重大",
    "项目",
    "工程",
    "结合",
    "民用建筑",
    "修建",
    "规范性",
    "文件",
    "经费",
    "预算",
    "列入",
    "财政",
    "年度",
    "会议",
    "纪要",
    "催办函",
    "督办",
    "移交接收",
    "进展",
    "做好",
    "公共",
    "数据",
    "共享",
];

/// Splits a title into lines that hold at most `most` em each; gives the ends of the lines. Takes time in proportion to the
/// length of the title and the square of that of a line, whatever a title may say.
pub(super) fn split(glyphs: &[Glyph], most: f64) -> Vec<usize> {
    let chars: Vec<char> = glyphs.iter().map(|glyph| glyph.c).collect();
    let mut before = vec![0.0];
    for glyph in glyphs {
        before.push(before.last().copied().unwrap_or(0.0) + glyph.advance);
    }
    let total = before.last().copied().unwrap_or(0.0);
    let fewest = (total / most).ceil().max(1.0) as usize;
    if fewest == 1 {
        return vec![glyphs.len()];
    }
    let (places, costs) = (places(&chars), break_costs(&chars));
    for count in fewest..=fewest + 2 {
        let mean = total / count as f64;
        let search = Search { before: &before, places: &places, costs: &costs, most, mean };
        if let Some(ends) = search.best(count) {
            return ends;
        }
    }
    // No place to break anywhere: cut where each line is full.
    greedy(glyphs, most)
}

/// The last line so far: where it begins and ends, and whether it is shorter than the line above it.
type State = (usize, usize, bool);

/// What led to a state: its cost, and the state before.
type Way = (f64, Option<State>);

struct Search<'a> {
    /// Width of the title before each character, em.
    before: &'a [f64],
    /// Whether a line may end before each character.
    places: &'a [bool],
    /// What it costs to end a line there.
    costs: &'a [f64],
    most: f64,
    mean: f64,
}

impl Search<'_> {
    fn width(&self, from: usize, to: usize) -> f64 {
        let at = |index: usize| self.before.get(index).copied().unwrap_or(0.0);
        at(to) - at(from)
    }

    /// The cheapest way to fill exactly `count` lines.
    fn best(&self, count: usize) -> Option<Vec<usize>> {
        let mut steps: Vec<BTreeMap<State, Way>> = vec![self.lines(0, 1 == count, None)];
        for nth in 2..=count {
            let mut next = BTreeMap::new();
            for (state, (cost, _)) in steps.last()? {
                for (found, (more, _)) in self.lines(state.1, nth == count, Some(*state)) {
                    let way = (cost + more, Some(*state));
                    let kept = next.entry(found).or_insert(way);
                    if way.0 < kept.0 {
                        *kept = way;
                    }
                }
            }
            steps.push(next);
        }
        let last = steps.last()?.iter().min_by(|a, b| a.1.0.total_cmp(&b.1.0))?;
        let mut state = Some(*last.0);
        let mut ends = Vec::new();
        for step in steps.iter().rev() {
            let (_, end, _) = state?;
            ends.push(end);
            state = step.get(&state?)?.1;
        }
        ends.reverse();
        Some(ends)
    }

    /// The lines that may begin at `start` below the line `above`; the last one ends with the title.
    fn lines(&self, start: usize, last: bool, above: Option<State>) -> BTreeMap<State, Way> {
        let whole = self.before.len() - 1;
        let mut found = BTreeMap::new();
        for end in start + 1..=whole {
            let width = self.width(start, end);
            if width > self.most {
                break;
            }
            let at_end = end == whole;
            if at_end != last || !(at_end || self.places.get(end).copied().unwrap_or(false)) {
                continue;
            }
            let mut cost = (width - self.mean).powi(2);
            let mut shorter = false;
            if let Some((from, to, thin)) = above {
                let upper = self.width(from, to);
                shorter = width < upper;
                // Neither all lines equal, nor the shortest between longer ones (7.3.1).
                cost += if (upper - width).abs() < 1.0 { 6.0 } else { 0.0 };
                cost += if thin && width > upper { 1e3 } else { 0.0 };
            }
            if !at_end {
                cost += self.costs.get(end).copied().unwrap_or(0.0);
            }
            found.insert((start, end, shorter), (cost, None));
        }
        found
    }
}

/// What it costs to end a line before each character: within brackets, and before words that lean on what stands before them.
fn break_costs(chars: &[char]) -> Vec<f64> {
    let mut open = 0_i32;
    let mut costs = Vec::with_capacity(chars.len());
    for c in chars {
        let within = if open > 0 { 40.0 } else { 0.0 };
        let leans = matches!(c, '的' | '和' | '与' | '及' | '等' | '或' | '书' | '表');
        costs.push(within + if leans { 40.0 } else { 0.0 });
        open += match c {
            '（' | '《' => 1,
            '）' | '》' => -1,
            _ => 0,
        };
    }
    costs
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

fn greedy(glyphs: &[Glyph], most: f64) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut width = 0.0;
    for (at, glyph) in glyphs.iter().enumerate() {
        if width + glyph.advance > most && width > 0.0 {
            ends.push(at);
            width = 0.0;
        }
        width += glyph.advance;
    }
    ends.push(glyphs.len());
    ends
}

#[cfg(test)]
mod tests;
