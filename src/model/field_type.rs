//! What a field can hold, and how text from messages and forms becomes a value of it.

use std::borrow::Cow;
use std::sync::Arc;

use super::code_list::CodeList;
use super::field::Fields;
use super::value::Value;
use crate::error::{Code, Problem, codes};
use crate::ident::{self, IdentKind};
use crate::text::amount::Money;
use crate::text::area::Area;
use crate::text::blank;
use crate::text::date;
use crate::text::number::{self, NumberFault};
use crate::text::width::half_width;

/// The type of a field.
#[derive(Debug, Clone)]
pub enum FieldType {
    /// Any text without control characters.
    Text,
    /// A whole number.
    Integer,
    /// An exact decimal with at most `scale` places.
    Decimal {
        /// Most decimal places.
        scale: u32,
    },
    /// An amount in yuan, kept in fen.
    Money,
    /// An area in square metres, kept in hundredths; never negative.
    Area,
    /// A civil date.
    Date,
    /// A moment, kept in UTC.
    Instant,
    /// Yes or no.
    Boolean,
    /// One code of a list.
    Code(Arc<CodeList>),
    /// An identifier with its own rules; its value is [`Value::Text`].
    Ident(IdentKind),
    /// The business key of another record; its value is that of the field referred to.
    Ref {
        /// Kind referred to.
        kind: String,
        /// Field of that kind, part of one of its keys.
        field: String,
        /// Type of that field.
        ty: Box<FieldType>,
    },
    /// Several values of one type.
    List(Box<FieldType>),
    /// A table inside the record.
    Rows(Fields),
}

/// A value read from text, and what somebody should know about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The value.
    pub value: Value,
    /// Set when the value is kept but unusual.
    pub warning: Option<Fault>,
}

/// The rule that a text or value breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Stable code, 4xxx.
    pub code: Code,
    /// The rule, Chinese.
    pub rule: Cow<'static, str>,
    /// What to do, Chinese.
    pub hint: Cow<'static, str>,
}

impl Fault {
    /// A fault with its rule and hint.
    pub fn new(code: Code, rule: impl Into<Cow<'static, str>>, hint: impl Into<Cow<'static, str>>) -> Self {
        Self { code, rule: rule.into(), hint: hint.into() }
    }

    /// As an error-level finding; the caller adds place, field and masked value.
    #[must_use]
    pub fn into_error(self) -> Problem {
        Problem::error(self.code, self.rule, self.hint)
    }

    /// As a warning-level finding.
    #[must_use]
    pub fn into_warning(self) -> Problem {
        Problem::warning(self.code, self.rule, self.hint)
    }
}

impl From<NumberFault> for Fault {
    fn from(fault: NumberFault) -> Self {
        let (code, hint) = match fault {
            NumberFault::NotANumber => {
                (codes::value::NOT_A_NUMBER, "请只填数字，如 3250.50，不要带不等号和文字。")
            }
            NumberFault::TooManyDecimals(_) => (codes::value::TOO_MANY_DECIMALS, "请四舍五入到规定位数。"),
            NumberFault::OutOfRange => (codes::value::OUT_OF_RANGE, "请核对数值和单位。"),
            NumberFault::Negative => (codes::value::NEGATIVE, "请核对数值。"),
        };
        Self::new(code, fault.rule(), hint)
    }
}

impl FieldType {
    /// Reads a value from text as people and systems write it. The text must not be empty: absence is the caller's to judge.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn parse(&self, raw: &str) -> Result<Parsed, Fault> {
        let text = if blank::is_bare(raw) {
            raw
        } else {
            raw.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
        };
        if text.is_empty() {
            return Err(Fault::new(codes::value::REQUIRED, "内容为空。", "请填写；确实没有的整项不报。"));
        }
        let value = match self {
            Self::Text => Value::Text(plain_text(text)?),
            Self::Integer => Value::Integer(integer(text)?),
            Self::Decimal { scale } => Value::Decimal(decimal(text, *scale)?),
            Self::Money => Value::Money(Money::parse_yuan(text)?),
            Self::Area => Value::Area(Area::parse(text)?),
            Self::Date => Value::Date(date::parse(text).ok_or_else(not_a_date)?),
            Self::Instant => Value::Instant(date::parse_instant(text).ok_or_else(not_a_date)?),
            Self::Boolean => Value::Boolean(boolean(text)?),
            Self::Code(list) => Value::Code(code(list, text)?),
            Self::Ident(kind) => return identifier(*kind, text),
            Self::Ref { ty, .. } => return ty.parse(text),
            Self::List(item) => return list(item, text),
            Self::Rows(_) => {
                let rule = "这一项是表格，应逐行逐列提供。";
                return Err(Fault::new(codes::value::WRONG_SHAPE, rule, "请按列名提供每一行。"));
            }
        };
        Ok(Parsed { value, warning: None })
    }

    /// The name as written in model files: `text`, `decimal:4`, `code:tax_kind`, `ref:parcel.supervision_no`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Text => "text".into(),
            Self::Integer => "integer".into(),
            Self::Decimal { scale } => format!("decimal:{scale}"),
            Self::Money => "money".into(),
            Self::Area => "area".into(),
            Self::Date => "date".into(),
            Self::Instant => "instant".into(),
            Self::Boolean => "boolean".into(),
            Self::Code(list) => format!("code:{}", list.name),
            Self::Ident(kind) => format!("ident:{}", kind.name()),
            Self::Ref { kind, field, .. } => format!("ref:{kind}.{field}"),
            Self::List(item) => format!("list:{}", item.name()),
            Self::Rows(_) => "rows".into(),
        }
    }

    /// The type for people, Chinese.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Text => "文字".into(),
            Self::Integer => "整数".into(),
            Self::Decimal { scale } => format!("小数（{scale} 位）"),
            Self::Money => "金额".into(),
            Self::Area => "面积".into(),
            Self::Date => "日期".into(),
            Self::Instant => "时间".into(),
            Self::Boolean => "是/否".into(),
            Self::Code(list) => format!("代码：{}", list.title),
            Self::Ident(kind) => kind.title().into(),
            Self::Ref { kind, field, .. } => format!("关联 {kind}.{field}"),
            Self::List(item) => format!("多个{}", item.title()),
            Self::Rows(columns) => format!("表格（{} 列）", columns.len()),
        }
    }
}

/// Texts lose the blanks around them; control characters are refused because databases and documents cannot hold them.
fn plain_text(text: &str) -> Result<String, Fault> {
    // Controls are single bytes below the blank, DEL, or 0xC2 with a byte below 0xA0; no other character has these bytes.
    let suspect = text.bytes().any(|b| b < b' ' || b == 0x7F || b == 0xC2);
    if suspect && text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        let rule = "文字中有不可见的控制字符。";
        return Err(Fault::new(
            codes::value::FORBIDDEN_CHARACTER,
            rule,
            "请删去后重发，常见于从其他系统复制的内容。",
        ));
    }
    Ok(text.to_owned())
}

fn integer(text: &str) -> Result<i64, Fault> {
    let number = number::parse(text)?;
    if !number.fract().is_zero() {
        return Err(NumberFault::TooManyDecimals(0).into());
    }
    i64::try_from(number.trunc()).ok().ok_or(NumberFault::OutOfRange.into())
}

fn decimal(text: &str, scale: u32) -> Result<rust_decimal::Decimal, Fault> {
    let rounded = number::round(number::parse(text)?, scale);
    if rounded.rounded {
        Err(NumberFault::TooManyDecimals(scale).into())
    } else {
        Ok(rounded.value.normalize())
    }
}

fn not_a_date() -> Fault {
    Fault::new(
        codes::value::NOT_A_DATE,
        "不是有效日期，或写法无法识别。",
        "可写 2026-03-01、2026/3/1、20260301 或 2026年3月1日。",
    )
}

fn boolean(text: &str) -> Result<bool, Fault> {
    match half_width(text).to_ascii_lowercase().as_str() {
        "true" | "1" | "y" | "yes" | "是" | "有" | "√" => Ok(true),
        "false" | "0" | "n" | "no" | "否" | "无" | "×" => Ok(false),
        _ => {
            Err(Fault::new(codes::value::NOT_A_BOOLEAN, "应为“是”或“否”。", "也可用 true/false、1/0、Y/N。"))
        }
    }
}

fn code(list: &CodeList, text: &str) -> Result<String, Fault> {
    if let Some(entry) = list.find(text) {
        return Ok(entry.code.clone());
    }
    let known: Vec<String> = list.codes.iter().take(8).map(|c| format!("{} {}", c.code, c.title)).collect();
    let more = if list.codes.len() > known.len() { " 等" } else { "" };
    Err(Fault::new(
        codes::value::UNKNOWN_CODE,
        format!("不在代码表“{}”内。", list.title),
        format!("可用：{}{more}。", known.join("、")),
    ))
}

fn identifier(kind: IdentKind, text: &str) -> Result<Parsed, Fault> {
    match ident::check(kind, text) {
        Ok(checked) => {
            let unusual =
                |it: ident::IdentFault| Fault::new(codes::value::IDENTIFIER_UNUSUAL, it.rule, it.hint);
            Ok(Parsed { value: Value::Text(checked.text), warning: checked.warning.map(unusual) })
        }
        Err(fault) => Err(Fault::new(codes::value::IDENTIFIER, fault.rule, fault.hint)),
    }
}

/// Several values in one text, separated as clerks do: `；`, `;`, `、` or a new line.
fn list(item: &FieldType, text: &str) -> Result<Parsed, Fault> {
    let mut values = Vec::new();
    let mut warning = None;
    for part in text.split(['；', ';', '、', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
        let parsed = item.parse(part)?;
        values.push(parsed.value);
        warning = warning.or(parsed.warning);
    }
    Ok(Parsed { value: Value::List(values), warning })
}
