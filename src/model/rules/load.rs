//! Reads and checks rule files: dates in order, no two editions on one day, articles, classes and fields that exist.

use std::ops::Range;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::deadline::StatutoryPeriod;
use super::file::{CityFile, DeadlineFile, LateFeeFile, LawFile, RatioFile, RuleFile};
use super::late_fee::LateFee;
use super::law::Law;
use super::ratio::{City, Ratio};
use super::{Rules, Span};
use crate::error::{Problem, codes};
use crate::ident::Division;
use crate::model::field_type::FieldType;
use crate::model::file::DataFile;
use crate::model::schema::Schema;
use crate::text::area::Area;

/// See [`Rules::load`].
pub(super) fn load(files: &[(String, String)], schema: &Schema) -> Result<Rules, Vec<Problem>> {
    let mut loader = Loader { rules: Rules::default(), schema, problems: Vec::new() };
    let mut parsed = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("rules/") && path.ends_with(".toml"))
    {
        let source = DataFile { path, text, code: codes::value::RULE_FILE };
        match source.read::<RuleFile>() {
            Ok(file) => parsed.push((source, file)),
            Err(problem) => loader.problems.push(*problem),
        }
    }
    // Laws first: the other rules name their articles, in whatever file those stand.
    for (source, file) in &mut parsed {
        for entry in std::mem::take(&mut file.law) {
            let span = entry.span();
            loader.law(entry.into_inner(), source, span);
        }
    }
    for (source, file) in parsed {
        for entry in file.ratio {
            let span = entry.span();
            loader.ratio(entry.into_inner(), &source, span);
        }
        for entry in file.city {
            let span = entry.span();
            loader.city(entry.into_inner(), &source, span);
        }
        for entry in file.deadline {
            let span = entry.span();
            loader.deadline(entry.into_inner(), &source, span);
        }
        for entry in file.late_fee {
            let span = entry.span();
            loader.late_fee(entry.into_inner(), &source, span);
        }
    }
    if loader.problems.is_empty() { Ok(loader.rules) } else { Err(loader.problems) }
}

struct Loader<'a> {
    rules: Rules,
    schema: &'a Schema,
    problems: Vec<Problem>,
}

impl Loader<'_> {
    fn found(&mut self, at: &DataFile<'_>, span: Range<usize>, rule: impl Into<String>, hint: &str) {
        self.problems.push(at.problem(span, rule, hint));
    }

    fn span(
        &mut self,
        from: NaiveDate,
        to: Option<NaiveDate>,
        at: &DataFile<'_>,
        place: Range<usize>,
    ) -> Span {
        if to.is_some_and(|to| to < from) {
            self.found(at, place, "失效日期早于施行日期。", "to 不早于 from。");
        }
        Span { from, to }
    }

    /// A second rule for the same thing on the same day would make the answer a matter of luck.
    fn only_one(&mut self, overlap: bool, what: &str, at: &DataFile<'_>, place: Range<usize>) {
        if overlap {
            self.found(
                at,
                place,
                format!("{what}与另一条的有效期重叠。"),
                "前一条写 to，后一条写 from，互不重叠。",
            );
        }
    }

    fn law(&mut self, file: LawFile, at: &DataFile<'_>, place: Range<usize>) {
        let span = self.span(file.from, file.to, at, place.clone());
        let overlap = self.rules.laws.iter().any(|law| law.id == file.id && law.span.overlaps(&span));
        self.only_one(overlap, &file.title, at, place.clone());
        let numbers: Vec<u32> = file.article.iter().map(|article| article.number).collect();
        let twice =
            numbers.iter().enumerate().any(|(i, number)| numbers.iter().skip(i + 1).any(|it| it == number));
        if twice || numbers.iter().any(|number| !(1..=999).contains(number)) {
            self.found(at, place, format!("{}的条号重复或不对。", file.title), "条号为 1 至 999，各条一次。");
        }
        let mut articles = file.article;
        articles.sort_by_key(|article| article.number);
        self.rules.laws.push(Law {
            id: file.id,
            title: file.title,
            level: file.level,
            jurisdiction: file.jurisdiction,
            span,
            edition: file.edition,
            source: file.source,
            verified: file.verified,
            articles,
        });
    }

    /// The article a rule rests on must be in force on the first day of the rule.
    fn article(&mut self, law: &str, number: u32, on: NaiveDate, at: &DataFile<'_>, place: Range<usize>) {
        if self.rules.article(law, number, on).is_none() {
            let rule = format!("没有收录“{law}”第 {number} 条在 {on} 的文本。");
            self.found(at, place, rule, "在 rules/laws.toml 中补充该法及条文，注意施行日期。");
        }
    }

    fn ratio(&mut self, file: RatioFile, at: &DataFile<'_>, place: Range<usize>) {
        let span = self.span(file.from, file.to, at, place.clone());
        let same = |it: &Ratio| it.jurisdiction == file.jurisdiction && it.span.overlaps(&span);
        let overlap = self.rules.ratios.iter().any(same);
        self.only_one(overlap, "修建比例", at, place.clone());
        self.article(&file.law, file.article, file.from, at, place.clone());
        self.article(&file.law, file.relocation_article, file.from, at, place.clone());
        let shares = file.residential.values().chain(file.other.values());
        if shares.into_iter().any(|share| *share <= Decimal::ZERO || *share >= Decimal::ONE) {
            self.found(at, place.clone(), "修建比例应大于 0 小于 1。", "11% 写作 \"0.11\"。");
        }
        let mut class_titles = std::collections::BTreeMap::new();
        for class in file.residential.keys().chain(file.other.keys()) {
            let title = self.class_title(class, at, place.clone());
            class_titles.insert(class.clone(), title);
        }
        let square_metres = |metres: i64| Area::from_hundredths(metres.saturating_mul(100));
        self.rules.ratios.push(Ratio {
            jurisdiction: file.jurisdiction,
            law: file.law,
            article: file.article,
            span,
            residential: file.residential,
            other: file.other,
            other_at_least: square_metres(file.other_at_least),
            relocation_below: square_metres(file.relocation_below),
            relocation_article: file.relocation_article,
            class_titles,
        });
    }

    fn class_title(&mut self, class: &str, at: &DataFile<'_>, place: Range<usize>) -> String {
        let title = self
            .schema
            .code_list("city_class")
            .and_then(|list| list.get(class))
            .map(|code| code.title.clone());
        if title.is_none() {
            self.found(
                at,
                place,
                format!("没有城市类别“{class}”。"),
                "城市类别见代码表 codes/city_class.toml。",
            );
        }
        title.unwrap_or_default()
    }

    fn city(&mut self, file: CityFile, at: &DataFile<'_>, place: Range<usize>) {
        let span = self.span(file.from, file.to, at, place.clone());
        let overlap =
            self.rules.cities.iter().any(|it| it.division == file.division && it.span.overlaps(&span));
        self.only_one(overlap, &format!("{}的城市类别", file.division), at, place.clone());
        if file.division.len() != 6 || Division::parse(&file.division).is_err() {
            self.found(
                at,
                place.clone(),
                format!("“{}”不是 6 位行政区划代码。", file.division),
                "地市以 00 结尾。",
            );
        }
        let class_title = self.class_title(&file.class, at, place);
        self.rules.cities.push(City {
            division: file.division,
            class: file.class,
            class_title,
            span,
            source: file.source,
            verified: file.verified,
        });
    }

    fn late_fee(&mut self, file: LateFeeFile, at: &DataFile<'_>, place: Range<usize>) {
        let span = self.span(file.from, file.to, at, place.clone());
        let same = |it: &LateFee| {
            it.fund_kind == file.fund_kind && it.jurisdiction == file.jurisdiction && it.span.overlaps(&span)
        };
        let overlap = self.rules.late_fees.iter().any(same);
        self.only_one(overlap, "滞纳金", at, place.clone());
        self.article(&file.law, file.article, file.from, at, place.clone());
        let known =
            self.schema.code_list("fund_kind").is_some_and(|list| list.get(&file.fund_kind).is_some());
        if !known || file.percent <= Decimal::ZERO || file.percent >= Decimal::ONE {
            let rule = format!("资金种类“{}”不在代码表，或每日滞纳金不在 0 至 1% 之间。", file.fund_kind);
            self.found(at, place, rule, "资金种类见 codes/fund_kind.toml；千分之二写作 \"0.2\"。");
        }
        self.rules.late_fees.push(LateFee {
            fund_kind: file.fund_kind,
            percent: file.percent,
            jurisdiction: file.jurisdiction,
            law: file.law,
            article: file.article,
            span,
        });
    }

    fn deadline(&mut self, file: DeadlineFile, at: &DataFile<'_>, place: Range<usize>) {
        let span = self.span(file.from, file.to, at, place.clone());
        let same = |it: &StatutoryPeriod| {
            it.id == file.id && it.jurisdiction == file.jurisdiction && it.span.overlaps(&span)
        };
        let overlap = self.rules.periods.iter().any(same);
        self.only_one(overlap, &file.title, at, place.clone());
        self.article(&file.law, file.article, file.from, at, place.clone());
        let starts_from_a_day = |field: &String| {
            field.split_once('.').is_some_and(|(kind, name)| {
                let field = self.schema.kind(kind).and_then(|kind| kind.field(name));
                field.is_some_and(|field| matches!(field.ty, FieldType::Date))
            })
        };
        if let Some(wrong) = file.start_field.as_ref().filter(|it| !starts_from_a_day(it)) {
            let rule = format!("起算字段“{wrong}”不存在或不是日期。");
            self.found(at, place, rule, "写成 类.字段，如 works.completion_filed_on。");
        }
        self.rules.periods.push(StatutoryPeriod {
            id: file.id,
            title: file.title,
            count: file.count,
            unit: file.unit,
            starts: file.starts,
            start_field: file.start_field,
            jurisdiction: file.jurisdiction,
            law: file.law,
            article: file.article,
            span,
        });
    }
}
