//! The JSON Schema (2020-12) of the canonical body of a kind, for the API description and for integrators.

use serde_json::{Map, Value as Json, json};

use super::field::{Field, Fields};
use super::field_type::FieldType;
use super::kind::Kind;
use crate::ident::IdentKind;

/// Whole numbers that every JSON reader keeps exactly (RFC 8259, section 6).
const MAX_SAFE: i64 = 9_007_199_254_740_991;

/// The schema of records of a kind.
///
/// No property is required: a field that is absent is unknown. What a complete record needs is marked `x-required`; the
/// authoritative department and the sensitivity are `x-authority` and `x-sensitivity`.
#[must_use]
pub(super) fn of_kind(kind: &Kind) -> Json {
    let keys: Vec<String> = kind.keys.iter().map(|key| kind.key_name(key)).collect();
    let mut schema = object(&kind.fields);
    schema.insert("title".into(), kind.title.as_str().into());
    schema.insert("description".into(), kind.description.as_str().into());
    schema.insert("x-kind".into(), kind.name.as_str().into());
    schema.insert("x-keys".into(), keys.into());
    Json::Object(schema)
}

fn object(fields: &Fields) -> Map<String, Json> {
    let properties: Map<String, Json> =
        fields.iter().map(|field| (field.name.clone(), property(field))).collect();
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), properties.into());
    schema.insert("additionalProperties".into(), false.into());
    schema
}

fn property(field: &Field) -> Json {
    let mut schema = of_type(&field.ty);
    schema.insert("title".into(), field.title.as_str().into());
    if !field.description.is_empty() {
        schema.insert("description".into(), field.description.as_str().into());
    }
    if matches!(field.ty, FieldType::Text) {
        schema.insert("maxLength".into(), field.max_length.into());
    }
    if matches!(field.ty, FieldType::Integer) {
        let bound = |limit: Option<rust_decimal::Decimal>| limit.and_then(|limit| i64::try_from(limit).ok());
        schema.insert("minimum".into(), bound(field.min).unwrap_or(-MAX_SAFE).into());
        schema.insert("maximum".into(), bound(field.max).unwrap_or(MAX_SAFE).into());
    }
    if !field.unit_text().is_empty() {
        schema.insert("x-unit".into(), field.unit_text().into());
    }
    if let Some(authority) = &field.authority {
        schema.insert("x-authority".into(), authority.as_str().into());
    }
    schema.insert("x-sensitivity".into(), json!(field.sensitivity));
    if field.required {
        schema.insert("x-required".into(), true.into());
    }
    Json::Object(schema)
}

fn of_type(ty: &FieldType) -> Map<String, Json> {
    let schema = match ty {
        FieldType::Text => json!({ "type": "string", "minLength": 1 }),
        FieldType::Integer => json!({ "type": "integer" }),
        FieldType::Decimal { scale: 0 } => json!({ "type": "string", "pattern": "^-?[0-9]+$" }),
        FieldType::Decimal { scale } => {
            json!({ "type": "string", "pattern": format!("^-?[0-9]+(\\.[0-9]{{1,{scale}}})?$") })
        }
        FieldType::Money => json!({ "type": "string", "pattern": "^-?[0-9]+\\.[0-9]{2}$" }),
        FieldType::Area => json!({ "type": "string", "pattern": "^[0-9]+\\.[0-9]{2}$" }),
        FieldType::Date => json!({ "type": "string", "format": "date" }),
        FieldType::Instant => json!({ "type": "string", "format": "date-time" }),
        FieldType::Boolean => json!({ "type": "boolean" }),
        FieldType::Code(list) => {
            let codes: Vec<&str> = list.codes.iter().map(|code| code.code.as_str()).collect();
            let titles: Map<String, Json> =
                list.codes.iter().map(|code| (code.code.clone(), code.title.as_str().into())).collect();
            json!({ "type": "string", "enum": codes, "x-code-list": list.name, "x-titles": titles })
        }
        FieldType::Ident(kind) => {
            json!({ "type": "string", "pattern": pattern(*kind), "x-identifier": kind.name() })
        }
        FieldType::Ref { kind, field, ty } => {
            let mut schema = of_type(ty);
            schema.insert("x-refers-to".into(), format!("{kind}.{field}").into());
            return schema;
        }
        FieldType::List(item) => json!({ "type": "array", "items": of_type(item) }),
        FieldType::Rows(columns) => json!({ "type": "array", "items": object(columns) }),
    };
    if let Json::Object(schema) = schema { schema } else { Map::new() }
}

/// What the normal spelling of an identifier looks like; check digits are beyond a pattern.
fn pattern(kind: IdentKind) -> &'static str {
    match kind {
        IdentKind::Uscc => "^[0-9A-HJ-NPQRTUWXY]{18}$",
        IdentKind::IdCard => "^[0-9]{17}[0-9X]$",
        IdentKind::ParcelNo => "^[0-9]{12}[GJZ][ABSXCDEFHGWY][0-9]{5}$",
        IdentKind::UnitNo => "^[0-9]{12}[GJZ][ABSXCDEFHGWY][0-9]{5}([FLQ][0-9]{8}|W00000000)$",
        IdentKind::ProjectCode => "^[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}$",
        IdentKind::SupervisionNo => "^[0-9A-Z-]{1,30}$",
        IdentKind::Division => "^[0-9]{6}([0-9]{3})?$",
        IdentKind::DocNo => "^.+〔[0-9]{4}〕第?[0-9]+号$",
        IdentKind::CertNo => "^.{1,60}$",
        IdentKind::RegulationNo => "^[A-Z]{3,4}[0-9]{2}-[0-9]{4}-[0-9]{4}$",
        IdentKind::PayCode | IdentKind::PlateNo | IdentKind::TaxVoucherNo | IdentKind::PlaceCode => {
            "^[0-9A-Z/-]{1,40}$"
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::model::shipped;

    #[test]
    fn the_schema_says_what_the_body_is() {
        let schema = shipped::schema();
        let works = schema.json_schema("works").unwrap();
        assert_eq!(works["title"], "人防工程");
        assert_eq!(
            works["x-keys"],
            json!(["works_no", "completion_filing_no", "unit_no", "project_code+name"])
        );
        assert_eq!(works["additionalProperties"], false);
        let property = |name: &str| works["properties"][name].clone();
        assert_eq!(
            property("floor_area"),
            json!({
                "type": "string", "pattern": "^[0-9]+\\.[0-9]{2}$", "title": "人防建筑面积", "x-unit": "平方米",
                "x-authority": "civil_defence", "x-sensitivity": "internal", "x-required": true,
            })
        );
        assert_eq!(property("chemical_grade")["enum"], json!(["A", "B", "C", "D", "none"]));
        assert_eq!(property("chemical_grade")["x-titles"]["C"], "丙级");
        assert_eq!(property("wartime_functions")["items"]["x-code-list"], "wartime_function");
        assert_eq!(property("parcel_no")["x-refers-to"], "parcel.parcel_no");
        assert_eq!(property("documents")["items"]["properties"]["issued_on"]["format"], "date");
        assert_eq!(property("storey_height")["pattern"], "^-?[0-9]+(\\.[0-9]{1,2})?$");
        assert!(schema.json_schema("nonsense").is_none());
    }

    #[test]
    fn every_kind_has_a_schema_with_every_field() {
        let schema = shipped::schema();
        for kind in schema.kinds() {
            let json = schema.json_schema(&kind.name).unwrap();
            assert_eq!(json["properties"].as_object().unwrap().len(), kind.fields.len(), "{}", kind.name);
        }
    }
}
