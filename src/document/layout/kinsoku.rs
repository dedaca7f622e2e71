//! Where a Chinese line may end: 避头尾 (GB/T 15834), numbers and what belongs to them in one piece (GB/T 15835).
//!
//! The rules of UAX #14 are not used: they forbid breaks at `称|“` and allow `2|—`, both wrong for official documents.

/// What follows a number and must not be torn from it. Longest first where one begins another.
const UNITS: &[&str] = &[
    "万平方米",
    "平方米",
    "立方米",
    "平方公里",
    "个工作日",
    "工作日",
    "公里",
    "毫米",
    "厘米",
    "公顷",
    "万元",
    "亿元",
    "个月",
    "年",
    "月",
    "日",
    "时",
    "分",
    "秒",
    "元",
    "米",
    "号",
    "条",
    "款",
    "项",
    "份",
    "个",
    "名",
    "人",
    "户",
    "层",
    "幢",
    "处",
    "台",
    "套",
    "把",
    "辆",
    "页",
    "吨",
    "亩",
    "㎡",
    "％",
    "‰",
    "℃",
    "级",
    "类",
    "天",
    "周",
    "次",
    "樘",
    "座",
    "位",
    "万",
    "亿",
];

/// Characters of a long 机关代字, `嘉人防责改`, and one that leads to it.
const ORGAN_CODE: usize = 6;

/// May not begin a line.
pub(super) fn no_start(c: char) -> bool {
    matches!(
        c,
        '，' | '。'
            | '、'
            | '；'
            | '：'
            | '？'
            | '！'
            | '）'
            | '》'
            | '〉'
            | '」'
            | '』'
            | '】'
            | '〕'
            | '〗'
            | '”'
            | '’'
            | '…'
            | '—'
            | '～'
            | '·'
            | '％'
            | '‰'
            | '℃'
            | '㎡'
            | '々'
            | ','
            | '.'
            | ';'
            | ':'
            | '?'
            | '!'
            | ')'
            | ']'
            | '}'
            | '%'
            | '．'
            | '°'
    )
}

/// May not end a line.
pub(super) fn no_end(c: char) -> bool {
    matches!(
        c,
        '（' | '《'
            | '〈'
            | '「'
            | '『'
            | '【'
            | '〔'
            | '〖'
            | '“'
            | '‘'
            | '('
            | '['
            | '{'
            | '￥'
            | '¥'
            | '$'
            | '№'
            | '＃'
    )
}

/// A mark with its ink on the left and blank on the right.
pub(super) fn closes(c: char) -> bool {
    matches!(
        c,
        '，' | '。'
            | '、'
            | '；'
            | '：'
            | '）'
            | '》'
            | '〉'
            | '」'
            | '』'
            | '】'
            | '〕'
            | '〗'
            | '”'
            | '’'
    )
}

/// A mark with its ink on the right and blank on the left.
pub(super) fn opens(c: char) -> bool {
    matches!(c, '（' | '《' | '〈' | '「' | '『' | '【' | '〔' | '〖' | '“' | '‘')
}

/// Half a character is taken out between two marks that stand side by side.
pub(super) fn squeezes(a: char, b: char) -> bool {
    (closes(a) && (closes(b) || opens(b))) || (opens(a) && opens(b))
}

fn word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | ',' | '-' | '/' | '%' | '_' | '@' | '\u{a0}' | '×' | '\'')
}

fn numeral(c: char) -> bool {
    matches!(
        c,
        '〇' | '零' | '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' | '百' | '千'
    ) || c.is_ascii_digit()
}

/// For each position `i`, whether a line may end between character `i - 1` and character `i`.
pub(super) fn breaks(chars: &[char]) -> Vec<bool> {
    let mut allowed: Vec<bool> = std::iter::once(false)
        .chain(chars.windows(2).map(|pair| match pair {
            [a, b] => pair_allows(*a, *b),
            _ => true,
        }))
        .collect();
    let mut at = 0;
    while at < chars.len() {
        let end = held_together(chars, at);
        for place in allowed.iter_mut().take(end).skip(at + 1) {
            *place = false;
        }
        at = end.max(at + 1);
    }
    hold_organ_codes(chars, &mut allowed);
    allowed
}

/// 机关代字 stays with the year behind it: `嘉人防审〔2026〕12号`. Where it begins is not written, so the characters back to
/// the last mark are held, at most [`ORGAN_CODE`].
fn hold_organ_codes(chars: &[char], allowed: &mut [bool]) {
    for (at, pair) in chars.windows(2).enumerate() {
        if !matches!(pair, ['〔', digit] if digit.is_ascii_digit()) {
            continue;
        }
        let before = chars.get(..at).unwrap_or_default();
        let code = before.iter().rev().take(ORGAN_CODE).take_while(|c| c.is_alphabetic()).count();
        for place in allowed.iter_mut().take(at + 1).skip(at + 1 - code) {
            *place = false;
        }
    }
}

fn pair_allows(a: char, b: char) -> bool {
    if b == ' ' {
        return false;
    }
    if a == ' ' {
        return true;
    }
    !(no_start(b) || no_end(a) || (word(a) && word(b)))
}

/// End of the piece that begins at `at` and must stay on one line; `at` when nothing begins there.
fn held_together(chars: &[char], at: usize) -> usize {
    let rest = |from: usize| chars.get(from..).unwrap_or_default();
    let mut end = at;
    if rest(at).first() == Some(&'第') {
        end = at + 1;
    } else if !rest(at).first().copied().is_some_and(numeral) {
        return at;
    }
    loop {
        let digits =
            rest(end).iter().take_while(|c| numeral(**c) || (end > at && matches!(c, '.' | ','))).count();
        if digits == 0 {
            return end;
        }
        end += digits;
        end += rest(end).iter().take_while(|c| word(**c)).count();
        if let ['〕', next, ..] = rest(end)
            && next.is_ascii_digit()
        {
            // `〔2022〕4号`: the year holds the bracket, the bracket holds the number.
            end += 1;
            continue;
        }
        match unit(rest(end)) {
            // A date goes on: 2022年 | 1月 | 28日, 第七条第 | 三款 is a new piece.
            Some(length) => end += length,
            None => return end,
        }
    }
}

fn unit(rest: &[char]) -> Option<usize> {
    UNITS.iter().find_map(|unit| {
        let length = unit.chars().count();
        unit.chars().eq(rest.iter().copied().take(length)).then_some(length)
    })
}

#[cfg(test)]
mod tests;
