//! Values of a form that are computed from dated rules (`from = "rule:required_area.area"`).

use chrono::NaiveDate;
use serde_json::{Map, Value as Json};

use super::desk::Desk;
use crate::document::{Binding, Kind};
use crate::error::Result;
use crate::model::rules::{RequiredArea, Share};
use crate::store::Record;
use crate::text::area::Area;
use crate::text::date;

/// Computes the fields that name a rule. What cannot be computed stays empty and is asked of the clerk; nothing is guessed.
pub(super) fn fill(
    desk: &Desk,
    kind: &Kind,
    subject: &Record,
    today: NaiveDate,
    values: &mut Map<String, Json>,
) -> Result<()> {
    let rules = kind.fields.iter().filter_map(|field| match &field.source {
        Some(Binding::Rule(name)) => Some((field.name.clone(), name.split_once('.')?)),
        _ => None,
    });
    let mut area = None;
    for (field, (rule, part)) in rules {
        let value = match rule {
            "required_area" if subject.kind == "project" => {
                if area.is_none() {
                    area = Some(required_area(desk, &subject.fields()?, subject.division.as_deref(), today));
                }
                area.iter().flatten().find_map(|found| value_of(found, part))
            }
            // `late_fee.relocation_fee`: per cent a day.
            "late_fee" => subject.division.as_deref().and_then(|division| {
                Some(Json::from(desk.rules.late_fee(part, division, today)?.percent.normalize().to_string()))
            }),
            _ => None,
        };
        if let Some(value) = value {
            values.insert(field, value);
        }
    }
    Ok(())
}

fn required_area(
    desk: &Desk,
    project: &Map<String, Json>,
    division: Option<&str>,
    today: NaiveDate,
) -> Option<RequiredArea> {
    let text = |name: &str| project.get(name).and_then(Json::as_str);
    let area = |name: &str| text(name).and_then(|it| Area::parse(it).ok());
    let (residential, other) = (area("residential_area"), area("other_civil_area"));
    // A project with buildings of one use only has one of the two; without either nothing is known.
    if residential.is_none() && other.is_none() {
        return None;
    }
    let share = Share {
        division: division?,
        city_class: text("city_class"),
        residential: residential.unwrap_or(Area::ZERO),
        other: other.unwrap_or(Area::ZERO),
        // The edition in force on the day of the planning permit decides; before it is given, that of today.
        on: text("planning_permitted_on").and_then(date::parse).unwrap_or(today),
    };
    desk.rules.required_area(&share).ok()
}

fn value_of(found: &RequiredArea, part: &str) -> Option<Json> {
    let percent =
        |rate: rust_decimal::Decimal| (rate * rust_decimal::Decimal::ONE_HUNDRED).normalize().to_string();
    Some(Json::from(match part {
        "area" => found.area.to_string(),
        "residential_required" => found.residential_part.to_string(),
        "other_required" => found.other_part.to_string(),
        "residential_ratio" => percent(found.residential_rate),
        "other_ratio" => percent(found.other_rate),
        "city_class" => found.city_class.clone(),
        _ => return None,
    }))
}
