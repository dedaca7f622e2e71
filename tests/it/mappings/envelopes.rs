//! Every envelope family and every way of writing that partners were seen to use is described by configuration alone: a
//! folder for each, either a message the hub has anyway or one of `folders/` beside this file, and each folder proves itself.

use std::collections::BTreeSet;
use std::path::Path;

use hub::mapping::{Files, check};
use hub::model::Schema;

use super::{folder, prove, read_all, schema};

/// The families E1 to E20 by what stands outermost, and the message that shows each.
const ENVELOPES: &[(&str, &str)] = &[
    ("E1 Message/Head/Data, attribute rows", "natural-resources/registration_report"),
    ("E2 type, result.data[]", "natural-resources/land_grant"),
    ("E3 result.head and result.body", "tax/payment_result"),
    ("E4 head and body", "envelopes/e04_head_body"),
    ("E5 XML as a string inside SOAP, two statuses", "envelopes/e05_soap_string"),
    ("E6 a second XML document in CDATA, two statuses", "audit/works_statement"),
    ("E7 JSON in CDATA, namespaces", "envelopes/e07_cdata_json"),
    ("E8 a frame read by length, base64 of GBK XML", "finance/fee_confirmation"),
    ("E9 GB2312 ROOT whose CODE says nothing", "finance/works_fund"),
    ("E10 datas as a list", "envelopes/e10_gateway"),
    ("E10 datas as a JSON string", "construction/construction_permit"),
    ("E11 IsSuccess, TotalCount, DataList", "smart-parking/space_offer"),
    ("E12 an XML string inside response.value", "natural-resources/detailed_plan"),
    ("E13 response/head/body with the request repeated", "data-bureau/asset_transfer"),
    ("E14 outer code and inner head.status, not found", "smart-parking/shared_use"),
    ("E15 head.code, token expired", "envelopes/e15_province"),
    ("E16 code and biz_data.code, rows or result", "envelopes/e16_national"),
    ("E17 what the ministry's cipher text holds", "envelopes/e17_ministry"),
    ("E18 form fields that are XML, elements of one name", "civil-affairs/door_plate"),
    ("E18 form fields that are XML, one window", "envelopes/e18_one_window"),
    ("E19 an answer for each record, partial success", "envelopes/e19_archive_list"),
    ("E20 DataSet with diffgram, Chinese names, escaped or not", "construction/joint_acceptance"),
];

/// Ways of writing values, names and whole files.
const QUIRKS: &[(&str, &str)] = &[
    ("sentinels and blanks that mean nothing", "quirks/null_spellings"),
    ("string and number twins, names in two cases", "quirks/twin_types"),
    ("twelve spellings of dates, date and time apart", "quirks/date_spellings"),
    ("dates as serials, numbers kept as text", "civil-affairs/door_plate_workbook"),
    ("units in column titles, a title twice, serial dates", "quirks/land_sheet"),
    ("operators and terms inside a text", "quirks/bounds"),
    ("yuan, ten thousand yuan, fen, rates and shares", "quirks/money_and_rates"),
    ("names with blanks around", "quirks/keys_with_spaces"),
    ("names with blanks taken exactly", "quirks/exact_keys"),
    ("full-width characters and suffixes of numbers", "quirks/full_width"),
    ("repeated rows, unstable order, repeated elements", "quirks/duplicates"),
    ("a key twice in an object", "quirks/strict_json"),
    ("comments and raw newlines", "quirks/relaxed_json"),
    ("declarations that lie, raw ampersands", "quirks/lying_xml"),
    ("two arrays one behind the other", "quirks/two_arrays"),
    ("leading zeros lost", "quirks/leading_zeros"),
    ("base64 inside base64", "quirks/base64_twice"),
    ("percent-encoded GBK", "quirks/percent_gbk"),
    ("JSON in a form field", "quirks/json_in_form"),
    ("a small table inside a text", "finance/e_notice"),
    ("a declaration written in capitals", "tax/taxbizml"),
];

/// The model and mappings of the hub and the folders of this test.
fn all() -> (Files, Schema) {
    let mut files = Files::new();
    read_all(&folder(), &folder(), &mut files);
    let schema = schema(&files);
    let own = own_folder();
    read_all(&own, &own, &mut files);
    (files, schema)
}

fn own_folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/mappings/folders")
}

#[test]
fn every_envelope_and_every_way_of_writing_proves_itself() {
    let mut files = Files::new();
    read_all(&own_folder(), &own_folder(), &mut files);
    let (_, schema) = all();
    prove(&own_folder(), files, &schema);
}

#[test]
fn no_family_is_without_a_folder_and_no_folder_without_a_claim() {
    let (files, schema) = all();
    let (mappings, _) = check(&files, &schema);
    let known: BTreeSet<String> =
        mappings.iter().map(|it| format!("{}/{}", it.partner, it.message)).collect();
    let shown: BTreeSet<String> =
        ENVELOPES.iter().chain(QUIRKS).map(|(_, folder)| (*folder).to_owned()).collect();
    let unknown: Vec<_> = shown.difference(&known).collect();
    assert!(unknown.is_empty(), "no such folder: {unknown:?}");
    let idle: Vec<_> = known
        .difference(&shown)
        .filter(|it| it.starts_with("envelopes/") || it.starts_with("quirks/"))
        .collect();
    assert!(idle.is_empty(), "folders that show nothing listed: {idle:?}");
    let families: BTreeSet<&str> =
        ENVELOPES.iter().filter_map(|(what, _)| what.split_once(' ')).map(|it| it.0).collect();
    let wanted: Vec<String> = (1..=20).map(|n| format!("E{n}")).collect();
    let missing: Vec<_> = wanted.iter().filter(|it| !families.contains(it.as_str())).collect();
    assert!(missing.is_empty(), "families without a folder: {missing:?}");
}

#[test]
fn each_status_has_its_own_outcome_in_every_envelope_that_has_one() {
    let (files, schema) = all();
    let (mappings, _) = check(&files, &schema);
    let now = "2026-03-01T01:30:00Z".parse().ok();
    let mut met = BTreeSet::new();
    for mapping in mappings.iter() {
        let prefix = format!("{}/{}/", mapping.partner, mapping.message);
        for (path, bytes) in files.range(prefix.clone()..).take_while(|it| it.0.starts_with(&prefix)) {
            let name = &path[prefix.len()..];
            let wanted = match name.split('.').next().unwrap_or_default() {
                _ if name.ends_with(".expected.json") => continue,
                "sample-none" => "not_found",
                "sample-partial" => "partial",
                "bad-status" | "bad-inner" | "bad-outer" | "bad-expired" => "refused",
                _ => continue,
            };
            let hints = hub::mapping::Hints { now, ..Default::default() };
            let reading = mapping.read(bytes, &hints);
            let outcome = serde_json::to_value(reading.outcome).unwrap();
            assert_eq!(outcome, wanted, "{path}");
            let expired = reading.problems.iter().any(|it| it.code.to_string() == "E3111");
            assert_eq!(expired, name.starts_with("bad-expired"), "{path}");
            met.insert(if expired { "expired" } else { wanted });
        }
    }
    assert_eq!(met.into_iter().collect::<Vec<_>>(), ["expired", "not_found", "partial", "refused"]);
}
