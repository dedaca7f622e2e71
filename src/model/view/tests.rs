//! Views agree with the schema, and compute what rules need.

use serde_json::{Map, Value as Json, json};

use super::{Handover, Parcel, Project, View, Works};
use crate::model::calendar::Calendar;
use crate::model::rules::Rules;
use crate::model::{FieldType, shipped};
use crate::text::area::Area;

/// Some canonical JSON of a type.
fn sample(ty: &FieldType) -> Json {
    match ty {
        FieldType::Integer => json!(1),
        FieldType::Boolean => json!(true),
        FieldType::Decimal { .. } | FieldType::Money | FieldType::Area => json!("1.00"),
        FieldType::Date => json!("2026-03-01"),
        FieldType::Instant => json!("2026-03-01T00:00:00Z"),
        FieldType::List(item) => json!([sample(item)]),
        FieldType::Rows(_) => json!([]),
        FieldType::Ref { ty, .. } => sample(ty),
        FieldType::Text | FieldType::Code(_) | FieldType::Ident(_) => json!("1"),
    }
}

/// Every field of the view is in the model and reads what the model stores.
fn agrees<V: View + Default + serde::Serialize>() {
    let schema = shipped::schema();
    let kind = schema.kind(V::KIND).unwrap();
    let Json::Object(fields) = serde_json::to_value(V::default()).unwrap() else {
        panic!("a view is an object")
    };
    let body: Map<String, Json> = fields
        .keys()
        .map(|name| {
            let field = kind.field(name).unwrap_or_else(|| panic!("{} has no {name}", V::KIND));
            (name.clone(), sample(&field.ty))
        })
        .collect();
    let view = V::of(&body).unwrap();
    let Json::Object(back) = serde_json::to_value(view).unwrap() else { panic!("a view is an object") };
    for (name, value) in &back {
        assert!(!value.is_null(), "{}.{name} was not read", V::KIND);
    }
}

#[test]
fn views_agree_with_the_schema() {
    agrees::<Project>();
    agrees::<Parcel>();
    agrees::<Works>();
    agrees::<Handover>();
}

fn view<V: View>(body: Json) -> V {
    let Json::Object(body) = body else { panic!("a body is an object") };
    V::of(&body).unwrap()
}

fn rules() -> Rules {
    Rules::load(&shipped::files("model"), &shipped::schema()).unwrap()
}

fn calendar() -> Calendar {
    Calendar::load(&shipped::files("calendar")).unwrap()
}

#[test]
fn a_project_computes_its_duty() {
    let project: Project = view(json!({
        "division": "330402", "city_class": "class_2", "residential_area": "50000.00",
        "planning_permitted_on": "2026-01-05", "designed_shelter_area": "4800.00", "required_shelter_area": "5000.00",
    }));
    let today = "2026-03-01".parse().unwrap();
    assert_eq!(project.computed_shelter_area(&rules(), today).unwrap().area, Area::from_hundredths(500_000));
    assert_eq!(project.shortfall(), Some(Area::from_hundredths(20_000)));
    let unknown: Project = view(json!({ "division": "330402" }));
    assert!(unknown.computed_shelter_area(&rules(), today).unwrap_err().rule.contains("地上建筑面积"));
    assert_eq!(unknown.shortfall(), None);
}

#[test]
fn handover_is_due_after_the_filing() {
    let works: Works = view(json!({ "division": "330402", "completion_filed_on": "2026-02-12" }));
    let due = works.handover_due(&rules(), &calendar()).unwrap();
    assert_eq!((due.date, due.provisional), ("2026-03-11".parse().unwrap(), false));
    assert_eq!(view::<Works>(json!({ "division": "330402" })).handover_due(&rules(), &calendar()), None);
    let late: Handover = view(json!({ "due_on": "2026-09-30" }));
    assert_eq!(late.working_days_late(&calendar(), "2026-10-10".parse().unwrap()), Some(3));
    assert_eq!(late.working_days_late(&calendar(), "2026-09-30".parse().unwrap()), None);
    let signed: Handover = view(json!({ "due_on": "2026-09-30", "signed_on": "2026-10-09" }));
    assert_eq!(signed.working_days_late(&calendar(), "2026-10-10".parse().unwrap()), None);
}

#[test]
fn small_questions() {
    let parcel: Parcel = view(json!({ "supply_way": "1", "allocation_no": "330402划拨20260001" }));
    assert!(parcel.is_allocated());
    assert_eq!(parcel.title_document(), Some("330402划拨20260001"));
    let schema = shipped::schema();
    let title = |list: &str, code: &str| schema.code_list(list).unwrap().title_of(code).to_owned();
    let works: Works =
        view(json!({ "protection_category": "jia", "nuclear_grade": "6", "conventional_grade": "6" }));
    assert_eq!(works.protection_grade(title).as_deref(), Some("甲类核6级常6级"));
    let broken: Map<String, Json> = [("floor_area".to_owned(), json!(12.5))].into_iter().collect();
    assert!(Works::of(&broken).is_err());
}
