//! Values: reading text, canonical JSON both ways, and what people read.

use serde_json::json;

use super::Value;
use crate::error::codes;
use crate::model::{Body, Kind, shipped};

fn kind(name: &str) -> Kind {
    shipped::schema().kind(name).unwrap().clone()
}

/// Reads `raw` into `kind.field`, and expects its JSON and its Chinese.
#[track_caller]
fn reads(path: &str, raw: &str, json: serde_json::Value, chinese: &str) {
    let (kind_name, name) = path.split_once('.').unwrap();
    let kind = kind(kind_name);
    let field = kind.field(name).unwrap();
    let value = field.parse(raw).unwrap().value;
    assert_eq!(value.to_json(&field.ty), json, "{path} {raw}");
    assert_eq!(Value::from_json(&field.ty, &json).unwrap(), value, "{path} {json}");
    assert_eq!(field.display_zh(&value), chinese, "{path} {raw}");
}

#[track_caller]
fn refuses(path: &str, raw: &str, code: crate::error::Code, said: &str) {
    let (kind_name, name) = path.split_once('.').unwrap();
    let fault = kind(kind_name).field(name).unwrap().parse(raw).expect_err(raw);
    assert_eq!(fault.code, code, "{path} {raw}: {}", fault.rule);
    assert!(
        fault.rule.contains(said) || fault.hint.contains(said),
        "{path} {raw}: {} {}",
        fault.rule,
        fault.hint
    );
}

#[test]
fn every_type_reads_prints_and_returns() {
    reads("works.name", " 南湖人防工程 ", json!("南湖人防工程"), "南湖人防工程");
    reads("works.protective_unit_count", "3", json!(3), "3个");
    reads("works.storey_height", "３．６０", json!("3.6"), "3.6米");
    reads("works.floor_area", "3,250.5㎡", json!("3250.50"), "3250.50平方米");
    reads("works.completion_filed_on", "2026年3月1日", json!("2026-03-01"), "2026年3月1日");
    reads("works.registered", "是", json!(true), "是");
    reads("works.chemical_grade", "丙级", json!("C"), "丙级");
    reads(
        "works.wartime_functions",
        "二等人员掩蔽、物资库",
        json!(["shelter_second", "depot"]),
        "二等人员掩蔽所、物资库",
    );
    reads("parcel.price", "1234.5万元", json!("12345000.00"), "12345000.00元");
    reads("fund_record.unit_price", "2000", json!("2000.00"), "2000.00元/平方米");
    reads("fund_record.paid_at", "20260301150305", json!("2026-03-01T07:03:05Z"), "2026年3月1日 15:03:05");
    reads("parcel.parcel_no", "330402 001002 GX00017", json!("330402001002GX00017"), "330402001002GX00017");
    reads("works.parcel_no", "330402 001002 GX00017", json!("330402001002GX00017"), "330402001002GX00017");
    reads("tax_payment.voucher_no", "320180918000000039", json!("320180918000000039"), "320180918000000039");
    reads("tax_payment.rate", "5.0E-4", json!("0.0005"), "0.0005");
    reads("parcel.land_use", "0701", json!("0701"), "城镇住宅用地");
}

#[test]
fn faults_name_rule_and_cure() {
    use codes::value::{
        FORBIDDEN_CHARACTER, IDENTIFIER, NEGATIVE, NOT_A_BOOLEAN, NOT_A_DATE, NOT_A_NUMBER, OUT_OF_RANGE,
        REQUIRED, TOO_LONG, TOO_MANY_DECIMALS, UNKNOWN_CODE, WRONG_SHAPE,
    };
    refuses("works.floor_area", "-1", NEGATIVE, "负数");
    refuses("works.floor_area", "1.234", TOO_MANY_DECIMALS, "2 位小数");
    refuses("works.floor_area", "≥1.2", NOT_A_NUMBER, "3250.50");
    refuses("works.storey_height", "99999", OUT_OF_RANGE, "层高不能大于 50米");
    refuses("works.storey_height", "3.601", TOO_MANY_DECIMALS, "2 位小数");
    refuses("works.protective_unit_count", "1.5", TOO_MANY_DECIMALS, "整数");
    refuses("works.protective_unit_count", "-1", OUT_OF_RANGE, "不能小于 0个");
    refuses("works.protective_unit_count", "99999999999999999999", OUT_OF_RANGE, "范围");
    refuses("works.completion_filed_on", "2026-02-30", NOT_A_DATE, "有效日期");
    refuses("works.registered", "也许", NOT_A_BOOLEAN, "是");
    refuses("works.chemical_grade", "戊级", UNKNOWN_CODE, "C 丙级");
    refuses("works.name", "甲\u{0}乙", FORBIDDEN_CHARACTER, "控制字符");
    refuses("works.name", &"长".repeat(201), TOO_LONG, "200 个字");
    refuses("works.name", " \u{3000} ", REQUIRED, "为空");
    refuses("works.documents", "竣工图", WRONG_SHAPE, "表格");
    refuses("organization.uscc", "91310115MA1H8R7C6D", IDENTIFIER, "末位应为“7”");
}

#[test]
fn odd_identifiers_are_kept_with_a_warning() {
    let kind = kind("parcel");
    let parsed = kind.field("supervision_no").unwrap().parse("3304022021C00123").unwrap();
    assert_eq!(parsed.value, Value::Text("3304022021C00123".into()));
    assert_eq!(parsed.warning.unwrap().code, codes::value::IDENTIFIER_UNUSUAL);
}

#[test]
fn tables_are_arrays_of_objects() {
    let kind = kind("handover");
    let json = json!({
        "handover_no": "嘉人防移〔2026〕1号",
        "equipment": [{ "name": "防护密闭门", "count": 4, "unit": "樘", "condition": "good" }],
        "defects": [{ "description": "渗水", "due_on": "2026-05-01" }],
    });
    let body = Body::from_json(&kind.fields, &json).unwrap();
    assert_eq!(serde_json::Value::Object(body.to_json(&kind.fields)), json_in_order(&kind, json));
    let equipment = kind.field("equipment").unwrap();
    let shown = equipment.display_zh(body.get(equipment.id).unwrap());
    assert_eq!(shown, "设备名称 防护密闭门，数量 4，单位 樘，完好情况 完好");
}

/// The same object with its keys in the order of the fields.
fn json_in_order(kind: &Kind, json: serde_json::Value) -> serde_json::Value {
    let object =
        kind.fields.iter().filter_map(|field| Some((field.name.clone(), json.get(&field.name)?.clone())));
    serde_json::Value::Object(object.collect())
}

#[test]
fn json_that_is_not_canonical_is_refused() {
    let kind = kind("works");
    for (json, field) in [
        (json!({ "floor_area": 3250.5 }), "floor_area"),
        (json!({ "floor_area": "3,250.50" }), "floor_area"),
        (json!({ "floor_area": "3250.50平方米" }), "floor_area"),
        (json!({ "protective_unit_count": "3" }), "protective_unit_count"),
        (json!({ "protective_unit_count": 3.5 }), "protective_unit_count"),
        (json!({ "registered": "true" }), "registered"),
        (json!({ "wartime_functions": "depot" }), "wartime_functions"),
        (json!({ "completion_filed_on": "2026年3月1日" }), "completion_filed_on"),
        (json!({ "nonsense": "1" }), "nonsense"),
        (json!({ "name": null }), "name"),
        (json!({ "documents": [{ "nonsense": "1" }] }), "documents"),
        (json!([]), ""),
    ] {
        let (name, fault) = Body::from_json(&kind.fields, &json).expect_err("must be refused");
        assert_eq!(name, field, "{}", fault.rule);
    }
}

#[test]
fn personal_values_are_masked_for_those_without_a_right() {
    let kind = kind("lease");
    let shown = |name: &str, raw: &str| {
        let field = kind.field(name).unwrap();
        field.display_masked(&field.parse(raw).unwrap().value)
    };
    assert_eq!(shown("lessee_name", "张三"), "张*");
    assert_eq!(shown("lessee_name", "嘉兴某某物业服务有限公司"), "嘉兴某某物业服务有限公司");
    assert_eq!(shown("lessee_id_no", "330402199003070015"), "3****************5");
    assert_eq!(shown("lessee_phone", "13812341234"), "138****1234");
    assert_eq!(shown("space_no", "B1-012"), "B1-012");
    assert_eq!(kind.field("lessee_phone").unwrap().mask_raw("1381234abcd"), "138****abcd");
}

#[test]
fn personal_columns_of_tables_are_masked_too() {
    let kind = kind("handover");
    let json = json!({
        "giver_name": "嘉兴某某置业有限公司",
        "giver_agent": "张三",
        "signatures": [{ "role": "giver", "signer": "李小四", "sealed": true }],
    });
    let body = Body::from_json(&kind.fields, &json).unwrap();
    let masked = serde_json::Value::Object(body.to_json_masked(&kind.fields));
    assert_eq!(masked["giver_agent"], "张*");
    assert_eq!(masked["giver_name"], "嘉兴某某置业有限公司");
    assert_eq!(masked["signatures"], json!([{ "role": "giver", "signer": "李**", "sealed": true }]));
    let shown = body.display_masked(&kind.fields);
    assert!(shown.contains("签字人 李**") && !shown.contains("小四"), "{shown}");
    assert!(kind.has_personal_data());
}

#[test]
fn business_keys_need_all_their_parts() {
    let kind = kind("works");
    let body = |json| Body::from_json(&kind.fields, &json).unwrap();
    let keys = |json| {
        let pairs = kind.keys_of(&body(json)).into_iter().map(|key| format!("{}: {}", key.name, key.value));
        pairs.collect::<Vec<_>>()
    };
    assert!(keys(json!({ "project_code": "2106-330402-04-01-123456" })).is_empty());
    assert_eq!(
        keys(
            json!({ "works_no": "RF 1", "project_code": "2106-330402-04-01-123456", "name": "地下室|一（东）" })
        ),
        ["works_no: RF1", "project_code+name: 2106-330402-04-01-123456|地下室||一(东)"]
    );
    assert_eq!(
        kind.division_of(&body(json!({ "parcel_no": "330402001002GX00017" }))).as_deref(),
        Some("330402")
    );
    assert_eq!(kind.division_of(&body(json!({ "name": "甲" }))), None);
    assert_eq!(kind.label_of(&body(json!({ "works_no": "RF1" }))).as_deref(), Some("RF1"));
    let full = body(json!({ "works_no": "RF1" }));
    assert!(kind.missing(&full).any(|field| field.name == "floor_area"));
}
