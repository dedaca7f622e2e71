//! Many documents together, from a sheet or a query to the archive, on both databases.

mod command;
mod kill;
mod query;

use std::collections::BTreeSet;
use std::io::{Cursor, Read};
use std::path::Path;

use hub::format::write::{Column, ColumnKind, SheetWriter};
use hub::format::{Format, ReadSpec, Table};
use hub::issue::{self, Actor};
use hub::store::{
    Batch, BatchCounts, BatchId, BatchState, DocumentState, FileRole, ItemFilter, NumberState, Role,
    count_batch_items, get_batch, get_document, list_batch_items, list_document_events, list_document_files,
    list_gaps, list_register,
};
use hub::{clock, crypto};
use serde_json::{Map, Value as Json};

use crate::support::app::App;
use crate::support::each_db::{Fresh, each_fresh};
use crate::support::person::{Person, account};

const KIND: &str = "obligation_notice";
const SERIES: &str = "嘉人防告";

fn app(url: &str) -> App {
    let fonts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fonts");
    App::with(&[("database_url", url), ("fonts", fonts.to_str().unwrap())])
}

/// The invented values of the sample, with a name of its own for each row.
fn values(app: &App, n: usize) -> Map<String, Json> {
    let mut values = app.hub.desk.kind(KIND).unwrap().sample.values.clone();
    values.insert("project_name".into(), format!("嘉禾云庭{n}").into());
    values
}

/// A workbook with the columns of the kind that `values` fill, one row each.
fn workbook(app: &App, rows: &[Map<String, Json>]) -> Vec<u8> {
    let kind = app.hub.desk.kind(KIND).unwrap();
    let fields: Vec<_> = kind.fields.iter().filter(|it| kind.sample.values.contains_key(&it.name)).collect();
    let column =
        |title: &str| Column { title: title.to_owned(), kind: ColumnKind::Text, width: 20, note: None };
    let columns = fields.iter().map(|it| column(&it.title)).collect();
    let mut sheet = SheetWriter::new("批量", None, columns).unwrap();
    for row in rows {
        let cell = |name: &str| match row.get(name) {
            Some(Json::String(text)) => text.clone(),
            Some(Json::Bool(yes)) => if *yes { "是" } else { "否" }.to_owned(),
            Some(Json::Array(items)) => {
                items.iter().map(|it| it.as_str().unwrap()).collect::<Vec<_>>().join("、")
            }
            Some(other) => other.to_string(),
            None => String::new(),
        };
        sheet.row(&fields.iter().map(|it| cell(&it.name)).collect::<Vec<_>>()).unwrap();
    }
    sheet.finish().unwrap()
}

fn good(app: &App, n: usize) -> Vec<u8> {
    workbook(app, &(1..=n).map(|it| values(app, it)).collect::<Vec<_>>())
}

/// The rows of a workbook with its head.
fn read(bytes: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
    let spec = ReadSpec { format: Format::Xlsx, ..ReadSpec::default() };
    let mut table = Table::open(Cursor::new(bytes), &spec).unwrap();
    let rows = table.rows().unwrap();
    let heads: Vec<String> = rows.columns().map(str::to_owned).collect();
    let cells = |row: hub::format::Row| {
        let root = row.tree.root();
        let cell = |head: &String| {
            row.tree.child(root, head).and_then(|it| row.tree.value(it)).unwrap_or_default().to_owned()
        };
        heads.iter().map(cell).collect()
    };
    let rows = rows.map(|row| cells(row.unwrap())).collect();
    (heads, rows)
}

struct Office {
    app: App,
    drafter: Person,
    reviewer: Person,
    signer: Person,
    registrar: Person,
}

fn office(url: &str) -> Office {
    let app = app(url);
    for (login, role) in [
        ("nigao", Role::Drafter),
        ("hegao", Role::Reviewer),
        ("qianfa", Role::Signer),
        ("bianhao", Role::Registrar),
    ] {
        account(&app.hub, login, Some("330400"), &[role]);
    }
    let person = |login: &str| Person::of(&app.base, login);
    let (drafter, reviewer) = (person("nigao"), person("hegao"));
    let (signer, registrar) = (person("qianfa"), person("bianhao"));
    Office { app, drafter, reviewer, signer, registrar }
}

impl Office {
    /// Uploads a sheet as the drafter; the page of its batch.
    fn upload(&self, bytes: &[u8]) -> (u16, String, String) {
        let csrf = self.drafter.csrf();
        self.drafter.upload("/batches", &[("csrf", &csrf), ("kind", KIND)], "告知.xlsx", bytes)
    }

    #[track_caller]
    fn uploaded(&self, bytes: &[u8]) -> BatchId {
        let (status, to, page) = self.upload(bytes);
        assert_eq!(status, 303, "{page}");
        BatchId::from(to.rsplit('/').next().unwrap())
    }

    fn deed(&self, who: &Person, id: &BatchId, deed: &str, more: &[(&str, &str)]) -> (u16, String) {
        let csrf = who.csrf();
        let mut form = vec![("csrf", csrf.as_str())];
        form.extend(more);
        let (status, _, page) = who.submit(&format!("/batches/{id}/deeds/{deed}"), &form);
        (status, page)
    }

    #[track_caller]
    fn does(&self, who: &Person, id: &BatchId, deed: &str, more: &[(&str, &str)]) {
        let (status, page) = self.deed(who, id, deed, more);
        assert_eq!(status, 303, "{deed}: {page}");
    }

    /// Up to 待编号印发.
    fn signed(&self, bytes: &[u8]) -> BatchId {
        let id = self.uploaded(bytes);
        self.does(&self.drafter, &id, "submit", &[]);
        self.does(&self.reviewer, &id, "pass", &[("opinion", "同意")]);
        self.does(&self.signer, &id, "sign", &[("opinion", "同意签发")]);
        id
    }

    fn batch(&self, id: &BatchId) -> Batch {
        self.app.read(|conn| get_batch(conn, id))
    }

    fn counts(&self, id: &BatchId) -> BatchCounts {
        self.app.read(|conn| count_batch_items(conn, id))
    }

    /// Does what the worker does, until `enough`.
    fn run(&self, id: &BatchId, enough: bool) -> bool {
        let hub = &self.app.hub;
        issue::run_batch(&hub.store, &hub.desk, id, &clock::now, || Ok(enough)).unwrap()
    }

    fn register(&self) -> Vec<(i32, NumberState)> {
        let year = chrono::Datelike::year(&clock::china_date(clock::now()));
        assert_eq!(self.app.read(|conn| list_gaps(conn, SERIES, year)), [] as [i32; 0]);
        self.app.read(|conn| list_register(conn, SERIES, year)).iter().map(|it| (it.n, it.state)).collect()
    }
}

#[test]
fn a_sheet_becomes_numbered_documents_and_an_archive() {
    each_fresh(|fresh| {
        let office = office(&fresh.url);
        let id = office.uploaded(&good(&office.app, 20));
        let page = office.drafter.get(&format!("/batches/{id}")).1;
        assert!(page.contains("嘉人防告〔") && page.contains("1号") && page.contains("20号"), "{page}");
        assert_eq!(office.register(), [], "no number before it is issued");
        for (who, deed) in
            [(&office.reviewer, "pass"), (&office.signer, "sign"), (&office.registrar, "start")]
        {
            assert_eq!(office.deed(who, &id, deed, &[]).0, 409, "{deed} comes later");
        }
        office.does(&office.drafter, &id, "submit", &[]);
        assert_eq!(office.deed(&office.drafter, &id, "pass", &[]).0, 403);
        let sample = office.reviewer.bytes(&format!("/batches/{id}/items/2"));
        assert!(sample.starts_with(b"%PDF-"));
        office.does(&office.reviewer, &id, "pass", &[("opinion", "同意")]);
        office.does(&office.signer, &id, "sign", &[("opinion", "同意签发")]);
        office.does(&office.registrar, &id, "start", &[]);
        assert!(!office.run(&id, false), "nothing is left");

        assert_eq!(office.batch(&id).state, BatchState::Done);
        let items = office.app.read(|conn| list_batch_items(conn, &id, ItemFilter::default(), 100));
        assert_eq!(items.iter().map(|it| it.row).collect::<Vec<_>>(), (2..=21).collect::<Vec<_>>());
        let mut numbers = Vec::new();
        for item in &items {
            let document = office.app.read(|conn| get_document(conn, item.document_id.as_ref().unwrap()));
            assert_eq!((document.state, document.signer.as_deref()), (DocumentState::Issued, Some("qianfa")));
            numbers.push(document.number.unwrap());
            let events = office.app.read(|conn| list_document_events(conn, &document.id));
            let steps: Vec<(&str, &str)> =
                events.iter().map(|it| (it.action.as_str(), it.actor.as_str())).collect();
            let way = [
                ("drafted", "nigao"),
                ("submitted", "nigao"),
                ("passed", "hegao"),
                ("signed", "qianfa"),
                ("numbered", "bianhao"),
                ("sealed", "bianhao"),
                ("issued", "bianhao"),
            ];
            assert_eq!(steps, way);
            assert_eq!(events[3].opinion.as_deref(), Some("同意签发"));
            assert!(events.is_sorted_by_key(|it| it.at), "{events:?}");
        }
        let wanted: Vec<String> = (1..=20).map(|n| format!("{n}号")).collect();
        assert!(numbers.iter().zip(&wanted).all(|(number, end)| number.ends_with(end)), "{numbers:?}");
        assert_eq!(office.register().len(), 20);
        archive_is_whole(&office, &id, 20);
        let again = office.deed(&office.registrar, &id, "rerun", &[]);
        assert!(again.0 == 422 && again.1.contains("没有未办成的行"), "{}", again.1);
    });
}

fn archive_is_whole(office: &Office, id: &BatchId, documents: usize) {
    let bytes = office.registrar.bytes(&format!("/batches/{id}/archive.zip"));
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    assert_eq!(zip.len(), documents + 1);
    let mut index = Vec::new();
    zip.by_name("明细.xlsx").unwrap().read_to_end(&mut index).unwrap();
    let (heads, rows) = read(&index);
    assert_eq!(heads, ["行号", "结果", "文号", "标题", "文件", "SHA-256", "说明"]);
    assert_eq!(rows.len(), documents);
    for row in &rows {
        let mut pdf = Vec::new();
        zip.by_name(&row[4]).unwrap().read_to_end(&mut pdf).unwrap();
        assert_eq!(crypto::sha256_hex(&pdf).unwrap(), row[5]);
        assert!(row[4].contains(&row[2]) && row[1] == "已印发", "{row:?}");
    }
}

#[test]
fn errors_are_shown_a_class_at_a_time_and_come_back_in_the_sheet() {
    each_fresh(|fresh| {
        let office = office(&fresh.url);
        let mut rows: Vec<_> = (1..=4).map(|n| values(&office.app, n)).collect();
        rows[1].insert("contact_person".into(), "".into());
        rows[2].insert("above_ground_area".into(), "很大".into());
        rows[2].insert("contact_phone".into(), "".into());
        rows.push(rows[0].clone());
        let id = office.uploaded(&workbook(&office.app, &rows));
        assert_eq!((office.counts(&id).ready, office.counts(&id).faulty), (2, 3));
        let page = office.drafter.get(&format!("/batches/{id}")).1;
        assert!(page.contains("写法不对") && page.contains("所填“很大”"), "{page}");
        assert!(
            !page.contains("联系人未填写") && !page.contains("联系电话未填写"),
            "the next class is shown when this one is put right: {page}"
        );
        assert!(page.contains("必填项没有填 1 行") && page.contains("与前面的行重复 1 行"), "{page}");

        let bytes = office.drafter.bytes(&format!("/batches/{id}/faults.xlsx"));
        let (heads, mut back) = read(&bytes);
        assert_eq!((heads.last().map(String::as_str), back.len()), (Some("错误"), 5));
        let said: Vec<&str> = back.iter().map(|row| row.last().unwrap().as_str()).collect();
        assert!(said[0].is_empty() && said[1].contains("联系人未填写") && said[2].contains("地上总建筑面积"));
        assert!(said[4].contains("与第 2 行完全相同"), "{said:?}");
        let unissued = office.drafter.bytes(&format!("/batches/{id}/faults.xlsx?which=unissued"));
        assert_eq!(read(&unissued).1.len(), 3);

        let (status, page) = office.deed(&office.drafter, &id, "submit", &[]);
        assert!(status == 422 && page.contains("有 3 行有误"), "{page}");
        // Put right in the very workbook that came back.
        let at = |title: &str| heads.iter().position(|it| it == title).unwrap();
        // A name whose characters the small committed fonts have too.
        back[1][at("联系人")] = values(&office.app, 1)["contact_person"].as_str().unwrap().into();
        back[2][at("地上总建筑面积（平方米）".trim_end_matches("（平方米）"))] =
            values(&office.app, 1)["above_ground_area"].as_str().unwrap().into();
        back[2][at("联系电话")] = "0573-00000000".into();
        back.pop();
        let columns = heads
            .iter()
            .map(|title| Column { title: title.clone(), kind: ColumnKind::Text, width: 20, note: None })
            .collect();
        let mut sheet = SheetWriter::new("改正", None, columns).unwrap();
        back.iter().for_each(|row| sheet.row(row).unwrap());
        let mended = office.uploaded(&sheet.finish().unwrap());
        assert_eq!((office.counts(&mended).ready, office.counts(&mended).faulty), (4, 0));

        office.does(&office.drafter, &id, "submit", &[("leave_out", "1")]);
        office.does(&office.reviewer, &id, "pass", &[]);
        office.does(&office.signer, &id, "sign", &[]);
        office.does(&office.registrar, &id, "start", &[]);
        office.run(&id, false);
        assert_eq!((office.counts(&id).done, office.counts(&id).faulty), (2, 3));
        assert_eq!(office.register().len(), 2);
    });
}

#[test]
fn a_sheet_that_cannot_be_used_is_refused_where_it_was_chosen() {
    let fresh = Fresh::sqlite();
    let office = office(&fresh.url);
    let refused = |bytes: &[u8], words: &[&str]| {
        let (status, _, page) = office.upload(bytes);
        assert_eq!(status, 422, "{page}");
        for word in words {
            assert!(page.contains(word), "{word}: {page}");
        }
        assert!(page.contains("name=\"file\""), "to be chosen again on the same page");
    };
    refused(b"", &["没有选择文件"]);
    refused(b"PK\x03\x04 no zip", &["表格读不出来"]);
    refused("项目名称\r\n嘉禾云庭\r\n".as_bytes(), &["缺少列", "联系人", "文件现有列：项目名称"]);
    let good = good(&office.app, 1);
    let (heads, rows) = read(&good);
    let csv = |heads: &[String], rows: &[Vec<String>]| {
        let lines = std::iter::once(heads).chain(rows.iter().map(Vec::as_slice));
        lines
            .map(|it| it.iter().map(|it| format!("\"{it}\"")).collect::<Vec<_>>().join(","))
            .collect::<Vec<_>>()
            .join("\r\n")
    };
    refused(csv(&heads, &[]).as_bytes(), &["没有内容"]);
    let blank = vec![vec![String::new(); heads.len()]; 3];
    refused(csv(&heads, &blank).as_bytes(), &["没有内容"]);
    let mut twice = heads.clone();
    twice.push("联系人".into());
    refused(csv(&twice, &rows).as_bytes(), &["列重复：联系人"]);
    assert_eq!(
        office.app.read(|conn| hub::store::list_batches(conn, None, hub::store::Page::first(9))).total,
        0
    );

    let mut more = heads.clone();
    more.push("联系人电话号码".into());
    let id = office.uploaded(csv(&more, &rows).as_bytes());
    assert!(office.drafter.get(&format!("/batches/{id}")).1.contains("没有用到的列：联系人电话号码"));
    assert_eq!(office.counts(&id).ready, 1, "the rest of it was read");
    // What was handed out empty is a sheet without rows.
    let blank = office.drafter.bytes(&format!("/batches/blank?kind={KIND}"));
    assert!(read(&blank).0.contains(&"*联系人".to_owned()));
    refused(&blank, &["没有内容"]);

    // Rights: nobody who does not draft, no token.
    let csrf = office.signer.csrf();
    assert_eq!(office.signer.upload("/batches", &[("csrf", &csrf), ("kind", KIND)], "a.xlsx", &good).0, 403);
    assert_eq!(office.drafter.upload("/batches", &[("kind", KIND)], "a.xlsx", &good).0, 403);
    account(&office.app.hub, "xiuzhou", Some("330411"), &[Role::Reviewer]);
    assert_eq!(Person::of(&office.app.base, "xiuzhou").get(&format!("/batches/{id}")).0, 404);
}

#[test]
fn a_batch_is_paused_resumed_and_called_off_and_takes_no_number_it_does_not_use() {
    each_fresh(|fresh| {
        let office = office(&fresh.url);
        let id = office.signed(&good(&office.app, 40));
        office.does(&office.registrar, &id, "start", &[]);
        assert!(office.run(&id, true), "some are left");
        let first = office.counts(&id).done;
        assert!(first > 0 && first < 40, "{first}");
        office.does(&office.registrar, &id, "pause", &[]);
        assert!(!office.run(&id, false), "a paused batch does not run");
        assert_eq!(office.counts(&id).done, first);
        // Somebody else takes a number meanwhile.
        let who = Actor::operator("bianhao");
        let now = clock::now();
        let year = chrono::Datelike::year(&clock::china_date(now));
        let taken =
            office.app.hub.store.write(|conn| issue::reserve(conn, SERIES, year, "急件", &who, now)).unwrap();
        assert_eq!(i64::from(taken.n), first + 1);
        office.does(&office.registrar, &id, "resume", &[]);
        assert!(office.run(&id, true));
        let second = office.counts(&id).done;
        let (status, page) = office.deed(&office.registrar, &id, "cancel", &[]);
        assert!(status == 422 && page.contains("须写明意见"), "{page}");
        office.does(&office.registrar, &id, "cancel", &[("opinion", "名单有误")]);
        assert!(!office.run(&id, false));
        assert_eq!((office.counts(&id).done, office.batch(&id).state), (second, BatchState::Cancelled));
        assert_eq!(office.register().len() as i64, second + 1);
        let bytes = office.registrar.bytes(&format!("/batches/{id}/archive.zip"));
        assert_eq!(zip::ZipArchive::new(Cursor::new(bytes)).unwrap().len() as i64, second + 1);
        assert_eq!(office.deed(&office.registrar, &id, "resume", &[]).0, 409);
    });
}

#[test]
fn a_number_taken_by_another_in_the_middle_moves_the_rest_along() {
    each_fresh(|fresh| {
        let office = office(&fresh.url);
        let id = office.signed(&good(&office.app, 12));
        office.does(&office.registrar, &id, "start", &[]);
        let (hub, who, now) = (&office.app.hub, Actor::operator("bianhao"), clock::now());
        let year = chrono::Datelike::year(&clock::china_date(now));
        // The clock is asked before each document is kept: just then another clerk takes a number.
        let asked = std::cell::Cell::new(0);
        let clock = || {
            asked.set(asked.get() + 1);
            if asked.get() == 5 {
                hub.store.write(|conn| issue::reserve(conn, SERIES, year, "急件", &who, now)).unwrap();
            }
            clock::now()
        };
        issue::run_batch(&hub.store, &hub.desk, &id, &clock, || Ok(false)).unwrap();
        assert_eq!(office.counts(&id).done, 12);
        let register = office.register();
        assert_eq!(register.len(), 13);
        let reserved: Vec<i32> =
            register.iter().filter(|it| it.1 == NumberState::Reserved).map(|it| it.0).collect();
        assert_eq!(reserved.len(), 1);
        let items = office.app.read(|conn| list_batch_items(conn, &id, ItemFilter::default(), 100));
        let mut last = 0;
        for item in items {
            let document = office.app.read(|conn| get_document(conn, item.document_id.as_ref().unwrap()));
            let number = document.number.clone().unwrap();
            let n: i32 = number.rsplit('〕').next().unwrap().trim_end_matches('号').parse().unwrap();
            assert!(n > last && !reserved.contains(&n), "{number} after {last}");
            last = n;
            // The page bears the number it is registered with, also where it was set twice.
            let files = office.app.read(|conn| list_document_files(conn, &document.id));
            let file = files.iter().find(|it| it.role == FileRole::Final).unwrap();
            let bytes = office.app.read(|conn| hub::store::load_document_file(conn, &file.id)).unwrap().1;
            let pdf = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(pdf.path(), bytes).unwrap();
            let text = crate::documents::read::text(pdf.path(), 1);
            assert!(text.contains(&number), "{number}: {text}");
        }
    });
}

#[test]
fn a_row_that_cannot_be_issued_takes_no_number_and_is_tried_again_alone() {
    each_fresh(|fresh| {
        let office = office(&fresh.url);
        let id = office.signed(&good(&office.app, 5));
        // The values of one row are spoilt behind everybody's back, so that it fails when its document is made.
        spoil(&office, &id, 4);
        office.does(&office.registrar, &id, "start", &[]);
        office.run(&id, false);
        let counts = office.counts(&id);
        assert_eq!((counts.done, counts.failed, office.batch(&id).state), (4, 1, BatchState::Done));
        assert_eq!(office.register().len(), 4);
        let page = office.registrar.get(&format!("/batches/{id}")).1;
        assert!(page.contains("未办成 1 行") && page.contains("联系人未填写"), "{page}");
        let done: BTreeSet<_> = office
            .app
            .read(|conn| list_batch_items(conn, &id, ItemFilter::default(), 100))
            .into_iter()
            .filter_map(|it| it.document_id)
            .collect();
        office.does(&office.registrar, &id, "rerun", &[]);
        office.run(&id, false);
        assert_eq!(office.counts(&id).failed, 1, "it is as it was");
        mend(&office, &id, 4);
        office.does(&office.registrar, &id, "rerun", &[]);
        office.run(&id, false);
        assert_eq!((office.counts(&id).done, office.counts(&id).failed), (5, 0));
        let after: BTreeSet<_> = office
            .app
            .read(|conn| list_batch_items(conn, &id, ItemFilter::default(), 100))
            .into_iter()
            .filter_map(|it| it.document_id)
            .collect();
        assert!(after.is_superset(&done), "what was issued stays");
        assert_eq!(office.register().len(), 5);
        archive_is_whole(&office, &id, 5);
    });
}

fn set_form(office: &Office, id: &BatchId, row: i32, form: &Map<String, Json>) {
    use diesel::prelude::*;
    let text = serde_json::to_string(form).unwrap();
    office
        .app
        .hub
        .store
        .write(|conn| {
            let item = hub::schema::document_batch_item::table.find((id.as_str(), row));
            Ok(diesel::update(item).set(hub::schema::document_batch_item::form.eq(&text)).execute(conn)?)
        })
        .unwrap();
}

fn spoil(office: &Office, id: &BatchId, row: i32) {
    let mut form: Map<String, Json> =
        office.app.read(|conn| hub::store::get_batch_item(conn, id, row)).form.read().unwrap();
    form.remove("contact_person");
    set_form(office, id, row, &form);
}

fn mend(office: &Office, id: &BatchId, row: i32) {
    let mut form: Map<String, Json> =
        office.app.read(|conn| hub::store::get_batch_item(conn, id, row)).form.read().unwrap();
    form.insert("contact_person".into(), values(&office.app, 1)["contact_person"].clone());
    set_form(office, id, row, &form);
}

#[test]
fn the_same_file_is_not_issued_twice_by_mistake() {
    let fresh = Fresh::sqlite();
    let office = office(&fresh.url);
    let bytes = good(&office.app, 2);
    let first = office.uploaded(&bytes);
    office.does(&office.drafter, &first, "submit", &[]);
    office.does(&office.drafter, &first, "submit", &[]); // Pressed again in another window.
    let second = office.uploaded(&bytes);
    assert!(office.drafter.get(&format!("/batches/{second}")).1.contains("同一份文件已提交过一批"));
    let (status, page) = office.deed(&office.drafter, &second, "submit", &[]);
    assert!(status == 422 && page.contains("同一份文件再办一次"), "{page}");
    office.does(&office.drafter, &second, "submit", &[("again", "1")]);
    office.does(&office.reviewer, &second, "return", &[("opinion", "重复")]);
    assert_eq!(office.batch(&second).state, BatchState::Returned);
    office.does(&office.drafter, &second, "cancel", &[]);
    assert_eq!(office.batch(&second).state, BatchState::Cancelled);
}

#[test]
fn the_worker_goes_on_with_a_batch_in_the_background() {
    let fresh = Fresh::sqlite();
    let office = office(&fresh.url);
    let id = office.signed(&good(&office.app, 3));
    let works = hub::worker::start(office.app.hub.worker()).unwrap();
    office.does(&office.registrar, &id, "start", &[]);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while office.batch(&id).state == BatchState::Running && std::time::Instant::now() < deadline {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    works.stop();
    assert_eq!((office.batch(&id).state, office.counts(&id).done), (BatchState::Done, 3));
    let page = office.registrar.get(&format!("/batches/{id}?live=1")).1;
    assert!(page.contains("看结果"), "{page}");
}
