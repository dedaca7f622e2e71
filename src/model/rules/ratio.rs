//! How much shelter a project must build: the share of its floor area by class of city, with every step shown.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{Citation, Rules, Span};
use crate::error::codes;
use crate::model::field_type::Fault;
use crate::text::area::{Area, AreaUnit};

/// The class of a city on some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct City {
    /// County or city code.
    pub division: String,
    /// Code of the list `city_class`.
    pub class: String,
    /// Title of that code.
    pub class_title: String,
    /// Days it holds.
    pub span: Span,
    /// Where it was published.
    pub source: String,
    /// Whether that was read.
    pub verified: bool,
}

/// The ratios of one edition of the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ratio {
    /// Leading digits of the divisions it holds in.
    pub jurisdiction: String,
    /// Law it comes from.
    pub law: String,
    /// Article of that law.
    pub article: u32,
    /// Days it is in force.
    pub span: Span,
    /// Share of the floor area of homes, by class of city.
    pub residential: BTreeMap<String, Decimal>,
    /// Share of the floor area of other civil buildings, by class of city.
    pub other: BTreeMap<String, Decimal>,
    /// Other civil buildings count from this floor area on, itself included.
    pub other_at_least: Area,
    /// A duty below this may be met by paying for building elsewhere.
    pub relocation_below: Area,
    /// Article that says so.
    pub relocation_article: u32,
    /// Titles of the classes.
    pub class_titles: BTreeMap<String, String>,
}

/// What is asked: a project's floor areas above ground, where and when.
#[derive(Debug, Clone, Copy)]
pub struct Share<'a> {
    /// County of the project.
    pub division: &'a str,
    /// Class of city decided for the project; otherwise that recorded for its county.
    pub city_class: Option<&'a str>,
    /// Floor area of homes above ground, of the whole plan approved at once.
    pub residential: Area,
    /// Floor area of other civil buildings above ground.
    pub other: Area,
    /// Day of the planning conditions or permit, which decides the edition of the rule.
    pub on: NaiveDate,
}

/// The area that must be built, and how it was found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RequiredArea {
    /// The area.
    pub area: Area,
    /// Part for homes.
    pub residential_part: Area,
    /// Part for other civil buildings.
    pub other_part: Area,
    /// Share for homes, 0.09 for 9 %.
    pub residential_rate: Decimal,
    /// Share for other civil buildings; zero where they are too small to count.
    pub other_rate: Decimal,
    /// Class of city used.
    pub city_class: String,
    /// Its title.
    pub city_class_title: String,
    /// The computation, one Chinese sentence a step.
    pub steps: Vec<String>,
    /// The article it rests on.
    pub basis: Citation,
    /// Set when the duty is so small that the builder may ask to pay instead (never by itself: the office decides).
    pub relocation: Option<Citation>,
    /// What has not been verified, Chinese; show it to whoever signs.
    pub cautions: Vec<String>,
}

pub(super) fn required_area(rules: &Rules, share: &Share<'_>) -> Result<RequiredArea, Fault> {
    let on = share.on;
    let holds = |it: &&Ratio| it.span.holds_on(on) && share.division.starts_with(&it.jurisdiction);
    let ratio = rules.ratios.iter().find(holds).ok_or_else(|| no_ratio(share.division, on))?;
    let (class, mut cautions) = class_of(rules, share)?;
    let (home_rate, other_rate) = rates(ratio, class)?;
    let basis = rules.article(&ratio.law, ratio.article, on).ok_or_else(|| no_ratio(share.division, on))?;
    if !basis.verified {
        cautions.push(format!("{}的条文未核对原文。", basis.name));
    }

    let class_title = ratio.class_titles.get(class).cloned().unwrap_or_default();
    let mut steps = vec![format!(
        "{class_title}，居民住宅按地上建筑面积的{}、其他民用建筑按{}修建（{}）。",
        percent(home_rate),
        percent(other_rate),
        basis.name
    )];
    let residential_part = part("居民住宅", share.residential, home_rate, &mut steps)?;
    let counts = share.other >= ratio.other_at_least;
    let other_part =
        if counts { part("其他民用建筑", share.other, other_rate, &mut steps)? } else { Area::ZERO };
    if !counts && share.other > Area::ZERO {
        let least = plain(ratio.other_at_least);
        steps.push(format!("其他民用建筑：{}，不足{least}平方米，不计。", share.other.chinese()));
    }
    let area = residential_part.checked_add(other_part).ok_or_else(too_large)?;
    steps.push(format!("应建防空地下室建筑面积：{residential_part}＋{other_part}＝{}。", area.chinese()));
    let relocation = relocation(rules, ratio, area, on, &mut steps);

    Ok(RequiredArea {
        area,
        residential_part,
        other_part,
        residential_rate: home_rate,
        other_rate: if counts { other_rate } else { Decimal::ZERO },
        city_class: class.to_owned(),
        city_class_title: class_title,
        steps,
        basis,
        relocation,
        cautions,
    })
}

/// The class used and what is doubtful about it.
fn class_of<'a>(rules: &'a Rules, share: &Share<'a>) -> Result<(&'a str, Vec<String>), Fault> {
    if let Some(class) = share.city_class {
        return Ok((class, Vec::new()));
    }
    let city = rules.city(share.division, share.on).ok_or_else(|| {
        let rule = format!("没有收录 {} 的人防城市类别。", share.division);
        Fault::new(
            codes::value::NO_RULE,
            rule,
            "请在项目上选定适用的城市类别，或在 rules/cities.toml 中补充。",
        )
    })?;
    let doubt =
        (!city.verified).then(|| format!("城市类别按“{}”计，未经核实：{}。", city.class_title, city.source));
    Ok((&city.class, doubt.into_iter().collect()))
}

fn rates(ratio: &Ratio, class: &str) -> Result<(Decimal, Decimal), Fault> {
    match (ratio.residential.get(class), ratio.other.get(class)) {
        (Some(home), Some(other)) => Ok((*home, *other)),
        _ => Err(Fault::new(
            codes::value::NO_RULE,
            format!("没有城市类别“{class}”的修建比例。"),
            "城市类别见代码表 city_class。",
        )),
    }
}

/// `name：50000.00平方米×9%＝4500.00平方米。`
fn part(name: &str, floor: Area, rate: Decimal, steps: &mut Vec<String>) -> Result<Area, Fault> {
    if floor == Area::ZERO {
        return Ok(Area::ZERO);
    }
    let product = floor.to_decimal().checked_mul(rate).ok_or_else(too_large)?;
    let area = Area::from_decimal(product, AreaUnit::SquareMetre)?.value;
    steps.push(format!("{name}：{}×{}＝{}。", floor.chinese(), percent(rate), area.chinese()));
    Ok(area)
}

fn relocation(
    rules: &Rules,
    ratio: &Ratio,
    area: Area,
    on: NaiveDate,
    steps: &mut Vec<String>,
) -> Option<Citation> {
    if area == Area::ZERO || area >= ratio.relocation_below {
        return None;
    }
    let citation = rules.article(&ratio.law, ratio.relocation_article, on)?;
    steps.push(format!(
        "应建面积小于{}平方米，属于{}所列可以申请易地建设的情形，由建设单位申请，人防主管部门决定。",
        plain(ratio.relocation_below),
        citation.name
    ));
    Some(citation)
}

/// `0.11` as `11%`.
fn percent(rate: Decimal) -> String {
    format!("{}%", (rate * Decimal::ONE_HUNDRED).normalize())
}

/// A threshold without its decimals when there are none.
fn plain(area: Area) -> Decimal {
    area.to_decimal().normalize()
}

fn no_ratio(division: &str, on: NaiveDate) -> Fault {
    Fault::new(
        codes::value::NO_RULE,
        format!("没有收录 {division} 在 {on} 适用的修建比例。"),
        "请核对规划条件日期，或在 rules/ratios.toml 中补充当地规定。",
    )
}

fn too_large() -> Fault {
    Fault::new(codes::value::OUT_OF_RANGE, "面积过大，无法计算。", "请核对面积和单位。")
}
