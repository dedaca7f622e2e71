//! Documents of the records a query finds: prefilled with their sources, handed back where something is missing, stopped where
//! the source changed after it was signed.

use hub::clock;
use hub::document::Binding;
use hub::format::write::{Column, ColumnKind, SheetWriter};
use hub::store::{
    BatchId, Conn, DocumentValue, ItemFilter, RecordId, RecordKey, RowFault, Sources, Weighed, find_record,
    list_batch_items, list_document_values, save_record,
};
use serde_json::{Map, Value as Json};

use super::{KIND, Office, office, read};
use crate::support::each_db::each_fresh;

/// The project of the sample with this legal representative: everything a project says, and nothing of its parcel.
fn project(office: &Office, id: &RecordId, representative: &str) {
    let kind = office.app.hub.desk.kind(KIND).unwrap();
    let mut body = Map::new();
    for field in &kind.fields {
        let Some(Binding::Field(steps)) = &field.source else { continue };
        if let ([step], Some(value)) = (steps.as_slice(), kind.sample.values.get(&field.name)) {
            body.insert(step.field.clone(), value.clone());
        }
    }
    body.insert("build_org_legal_representative".into(), representative.into());
    let code = body["project_code"].as_str().unwrap().to_owned();
    let keys = [RecordKey { name: "project_code".into(), value: code }];
    let save = |conn: &mut Conn| {
        let before = find_record(conn, id)?;
        let weighed = Weighed {
            id,
            before: before.as_ref(),
            kind: "project",
            title: "嘉禾云庭",
            division: Some("330402"),
            body: &body,
            sources: &Sources::default(),
            keys: &keys,
            search: "嘉禾云庭",
            message: None,
        };
        save_record(conn, &weighed, clock::now()).map(drop)
    };
    office.app.hub.store.write(save).unwrap();
}

fn by_query(office: &Office, more: &[(&str, &str)]) -> (u16, String, String) {
    let csrf = office.drafter.csrf();
    let mut form = vec![("csrf", csrf.as_str()), ("kind", KIND)];
    form.extend(more);
    office.drafter.submit("/batches/query", &form)
}

/// The workbook that came back with some cells filled in.
fn filled(bytes: &[u8], cells: &[(&str, &str)]) -> Vec<u8> {
    let (mut heads, mut rows) = read(bytes);
    for (title, text) in cells {
        let at = heads.iter().position(|it| it == title).unwrap_or_else(|| {
            heads.push((*title).to_owned());
            heads.len() - 1
        });
        for row in &mut rows {
            row.resize(heads.len(), String::new());
            row[at] = (*text).to_owned();
        }
    }
    let column = |title: String| Column { title, kind: ColumnKind::Text, width: 20, note: None };
    let mut sheet = SheetWriter::new("改正", None, heads.into_iter().map(column).collect()).unwrap();
    rows.iter().for_each(|row| sheet.row(row).unwrap());
    sheet.finish().unwrap()
}

fn first_fault(office: &Office, id: &BatchId) -> Option<RowFault> {
    office.app.read(|conn| list_batch_items(conn, id, ItemFilter::default(), 9)).remove(0).fault
}

/// What the project of the sample does not say.
const LACKING: &[(&str, &str)] = &[
    ("单位地址", "广场路1号"),
    ("防护类别", "甲类"),
    ("防核武器抗力级别", "核6级"),
    ("防常规武器抗力级别", "常6级"),
    ("战时功能", "二等人员掩蔽所"),
    ("是否须无偿移交", "否"),
];

#[test]
fn what_records_lack_is_filled_into_the_sheet_that_comes_back() {
    each_fresh(|fresh| {
        let office = office(&fresh.url);
        let contact = [
            ("all:contact_person", "陆明"),
            ("all:contact_phone", "0573-00000000"),
            ("all:contact_address", "广场路1号"),
        ];
        let (status, _, page) = by_query(&office, &contact);
        assert!(
            status == 422 && page.contains("没有符合条件的记录") && page.contains("value=\"陆明\""),
            "{page}"
        );
        let record = RecordId::fresh(clock::now());
        project(&office, &record, "沈知远");
        let (status, to, page) = by_query(&office, &contact);
        assert_eq!(status, 303, "{page}");
        let id = BatchId::from(to.rsplit('/').next().unwrap());
        assert_eq!(office.counts(&id).of_records, 1);
        assert_eq!(
            first_fault(&office, &id),
            Some(RowFault::Missing),
            "a project tells nothing of its parcel"
        );

        let back = office.drafter.bytes(&format!("/batches/{id}/faults.xlsx?which=unissued"));
        let silent = filled(&back, &[LACKING, &[("法定代表人", "沈知行")]].concat());
        let silent = office.uploaded(&silent);
        assert_eq!(first_fault(&office, &silent), Some(RowFault::Override));
        let page = office.drafter.get(&format!("/batches/{silent}")).1;
        assert!(page.contains("法定代表人与来源数据“沈知远”不同"), "{page}");
        let reason = [LACKING, &[("法定代表人", "沈知行"), ("改动理由", "营业执照已变更")]].concat();
        let id = office.signed(&filled(&back, &reason));
        office.does(&office.registrar, &id, "start", &[]);
        office.run(&id, false);
        assert_eq!(office.counts(&id).done, 1);
        let document =
            office.app.read(|conn| list_batch_items(conn, &id, ItemFilter::default(), 9)).remove(0);
        let printed = office.app.read(|conn| list_document_values(conn, &document.document_id.unwrap()));
        let of = |name: &str| -> DocumentValue { printed.iter().find(|it| it.name == name).unwrap().clone() };
        let name = of("recipient_legal_representative");
        assert_eq!(
            (name.printed.as_str(), name.override_reason.as_deref()),
            ("沈知行", Some("营业执照已变更"))
        );
        assert_eq!(name.override_by.as_deref(), Some("nigao"));
        assert_eq!(of("project_name").record_id, Some(record), "its source is known");
    });
}

#[test]
fn a_record_that_changed_after_it_was_signed_stops_its_row() {
    each_fresh(|fresh| {
        let office = office(&fresh.url);
        let record = RecordId::fresh(clock::now());
        project(&office, &record, "沈知远");
        let (_, to, _) = by_query(&office, &[]);
        let first = to.rsplit('/').next().unwrap();
        let back = office.drafter.bytes(&format!("/batches/{first}/faults.xlsx"));
        let contact = [("联系人", "陆明"), ("联系电话", "0573-00000000"), ("联系地址", "广场路1号")];
        let id = office.signed(&filled(&back, &[LACKING, &contact].concat()));
        project(&office, &record, "沈知行");
        office.does(&office.registrar, &id, "start", &[]);
        office.run(&id, false);
        assert_eq!((office.counts(&id).failed, office.register().len()), (1, 0));
        let page = office.registrar.get(&format!("/batches/{id}")).1;
        assert!(page.contains("法定代表人的来源数据在核对之后已经变更"), "{page}");
        // Handed back, the value of the record taken instead, it is a batch of its own and decided on anew.
        let back = office.drafter.bytes(&format!("/batches/{id}/faults.xlsx?which=unissued"));
        let again = office.signed(&filled(&back, &[("法定代表人", "")]));
        office.does(&office.registrar, &again, "start", &[]);
        office.run(&again, false);
        assert_eq!(office.counts(&again).done, 1);
        let item = office.app.read(|conn| list_batch_items(conn, &again, ItemFilter::default(), 9)).remove(0);
        let form: Map<String, Json> = item.form.read().unwrap();
        assert_eq!(form["recipient_legal_representative"], "沈知行");
    });
}

#[test]
fn a_record_of_another_county_is_not_drafted_from() {
    let fresh = crate::support::each_db::Fresh::sqlite();
    let office = office(&fresh.url);
    let record = RecordId::fresh(clock::now());
    project(&office, &record, "沈知远");
    crate::support::person::account(&office.app.hub, "xiuzhou", Some("330411"), &[hub::store::Role::Drafter]);
    let county = crate::support::person::Person::of(&office.app.base, "xiuzhou");
    let csrf = county.csrf();
    let (status, _, page) =
        county.submit("/batches/query", &[("csrf", &csrf), ("kind", KIND), ("division", "330402")]);
    assert!(status == 422 && page.contains("没有符合条件的记录"), "{page}");
    let (_, to, _) = by_query(&office, &[]);
    let back = office.drafter.bytes(&format!("{to}/faults.xlsx"));
    let (status, to, page) = county.upload("/batches", &[("csrf", &csrf), ("kind", KIND)], "a.xlsx", &back);
    assert_eq!(status, 303, "{page}");
    let id = BatchId::from(to.rsplit('/').next().unwrap());
    let item = office.app.read(|conn| list_batch_items(conn, &id, ItemFilter::default(), 9)).remove(0);
    assert!(item.problems.as_str().contains("不属于您所在的行政区"), "{item:?}");
}
