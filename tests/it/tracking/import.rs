//! Tables in and out: what is exported comes back as it was, and wrong rows are named before anything is stored.

use hub::error::codes::task as code;
use hub::store::Store;
use hub::tracking::board::Filter;
use hub::tracking::breakdown::{annex, workbook};
use hub::tracking::compare::Outcome;
use hub::tracking::event::{Actor, Deed};
use hub::tracking::load::{Loaded, import_table};
use hub::tracking::plan::Plan;
use hub::tracking::{sheet, table};
use rust_xlsxwriter::{Format, Workbook};

use super::office::{PLAN, day, desk, line, load, open, shipped_plan, show};
use crate::support::each_db::each_db;

fn import(store: &Store, on: &str, plan: &Plan, bytes: &[u8], tab: Option<&str>, dry_run: bool) -> Loaded {
    let desk = desk(on);
    let sheet = sheet::open(bytes, tab).unwrap();
    let table = table::read(&sheet, plan, &desk.directory(plan), desk.today()).unwrap();
    store
        .write(|conn| import_table(conn, &desk, plan, table.clone(), &Actor::system(), day(on), dry_run))
        .unwrap()
}

fn exported(store: &Store, on: &str) -> Vec<u8> {
    let annex = store.read(|conn| annex(conn, &desk(on), PLAN)).unwrap();
    workbook(&annex, &show(store, on, &Filter::default())).unwrap()
}

/// A workbook with a title, a header in row 3 and the given rows below.
fn book(header: &[&str], rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("分解表").unwrap();
    sheet.merge_range(0, 0, 0, 2, "2026年度重点任务分解表", &Format::new()).unwrap();
    for (row, cells) in (2..).zip(std::iter::once(&header).chain(rows)) {
        for (column, cell) in (0..).zip(*cells) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn both_exported_sheets_come_back_as_the_same_tasks() {
    each_db(|store| {
        load(store, "2022-03-01");
        let bytes = exported(store, "2022-06-01");
        let annex = import(store, "2022-06-01", &shipped_plan(), &bytes, None, true);
        assert_eq!(annex.comparison.count(Outcome::Same), 18, "{:#?}", annex.comparison.verdicts);
        assert_eq!(annex.comparison.missing.len(), 6, "the annex has no main tasks");
        let rows: Vec<_> = annex.comparison.verdicts.iter().map(|verdict| verdict.row).collect();
        assert_eq!(rows, (3..=20).collect::<Vec<_>>(), "rows as Excel shows them");
        let working = import(store, "2022-06-01", &shipped_plan(), &bytes, Some("任务台账"), true);
        assert_eq!(working.comparison.count(Outcome::Same), 24, "{:#?}", working.comparison.verdicts);
        assert!(working.comparison.missing.is_empty());
        assert_eq!(exported(store, "2022-06-01"), bytes, "the same tasks give the same bytes");
    });
}

#[test]
fn a_new_plan_from_a_sheet_with_wrong_rows_then_right_ones() {
    let plan =
        Plan::bare("2026-year", "2026年度重点任务分解表", "330400", "civil_defence", day("2026-03-02"));
    let header = ["序号", "任务", "牵头", "配合", "完成时限"];
    let wrong = book(
        &header,
        &[
            &["1", "建立国有人防工程资产台账", "市国资委", "市财政局", "2026年6月底"],
            &["2", "清理历史欠登记工程", "市资规委", "", "2026-02-30"],
            &["2", "", "市民政局", "", ""],
        ],
    );
    let right = book(
        &header,
        &[
            &["1", "建立国有人防工程资产台账", "市国资委", "市财政局", "2026年6月底"],
            &["2", "清理历史欠登记工程", "市自然资源和规划局", "", "60个工作日"],
        ],
    );
    each_db(|store| {
        let refused = import(store, "2026-03-02", &plan, &wrong, None, false);
        assert!(!refused.stored);
        let outcomes: Vec<_> =
            refused.comparison.verdicts.iter().map(|v| (v.row, v.outcome, v.problems.len())).collect();
        assert_eq!(outcomes, [(4, Outcome::New, 0), (5, Outcome::Error, 2), (6, Outcome::Error, 1)]);
        let error = refused.refused().unwrap();
        assert_eq!((error.code, error.problems.len()), (code::TABLE_REFUSED, 3));
        let said = error.to_string();
        assert!(
            said.contains("分解表!C5") && said.contains("分解表!E5") && said.contains("分解表!B6"),
            "{said}"
        );
        assert!(store.read(hub::store::list_plans).unwrap().is_empty(), "nothing was stored");

        let stored = import(store, "2026-03-02", &plan, &right, None, false);
        assert!(stored.stored && stored.refused().is_none());
        assert_eq!(stored.comparison.count(Outcome::New), 2);
        let again = import(store, "2026-03-05", &plan, &right, None, false);
        assert_eq!(
            again.comparison.count(Outcome::Same),
            2,
            "60个工作日 read again does not start the clock anew"
        );
        let board = store
            .read(|conn| {
                hub::tracking::board::board(conn, &desk("2026-03-02"), "2026-year", &Filter::default())
            })
            .unwrap();
        assert_eq!(board.lines[0].due_on, Some(day("2026-06-30")));
        assert_eq!(board.lines[0].supporting[0].name, "市财政局");
    });
}

#[test]
fn an_edited_working_table_amends_and_keeps_the_old_words() {
    each_db(|store| {
        load(store, "2022-03-01");
        let rows: &[&[&str]] = &[&[
            "附7",
            "负责指导国有人防工程产权办理门牌登记",
            "市民政局",
            "市自然资源和规划局",
            "2023年6月底",
        ]];
        let bytes = book(&["序号", "任务", "牵头", "配合", "完成时限"], rows);
        let loaded = import(store, "2022-05-05", &shipped_plan(), &bytes, None, false);
        assert_eq!(loaded.comparison.count(Outcome::Changed), 1);
        let task = open(store, "2022-05-05", "附7");
        assert_eq!(task.line.due_on, Some(day("2023-06-30")));
        assert_eq!(task.line.original_due_on, Some(day("2023-12-31")));
        assert_eq!(task.line.supporting[0].id, "natural_resources");
        let Deed::Amended { changes, .. } = &task.timeline[1].event.deed else { panic!("{task:?}") };
        let fields: Vec<_> = changes.iter().map(|change| change.field.as_str()).collect();
        assert_eq!(fields, ["配合", "完成时限"]);
        assert!(line(store, "2022-05-05", "附7").counted.is_some(), "the binding stays");
    });
}

#[test]
fn csv_in_gb18030_with_blank_cells_under_a_merged_one() {
    let text = "责任部门,任务分解\n市税务局,负责国有人防工程资产有关税务工作。\n,负责完税信息共享。\n";
    let bytes = hub::text::charset::encode(text, hub::text::charset::Charset::Gb18030).unwrap();
    each_db(|store| {
        load(store, "2022-03-01");
        let loaded = import(store, "2022-05-05", &shipped_plan(), &bytes, None, true);
        let told: Vec<_> = loaded
            .comparison
            .verdicts
            .iter()
            .map(|verdict| (verdict.row, verdict.outcome, verdict.no.as_deref(), verdict.carried_from))
            .collect();
        assert_eq!(told, [(2, Outcome::Same, Some("附16"), None), (3, Outcome::New, Some("1"), Some(2))]);
    });
}

#[test]
fn files_that_are_no_breakdown_are_refused_with_what_they_are() {
    let broken = sheet::open(b"PK\x03\x04 not a workbook", None).unwrap_err();
    assert_eq!(broken.code, code::TABLE_UNREADABLE);
    let plan = shipped_plan();
    let other = sheet::open("姓名,电话\n张某,1\n".as_bytes(), None).unwrap();
    let error =
        table::read(&other, &plan, &desk("2022-03-01").directory(&plan), day("2022-03-01")).unwrap_err();
    assert!(error.detail.contains("文件现有列：姓名、电话"), "{error}");
    assert_eq!(sheet::open(b"", None).unwrap_err().code, code::TABLE_UNREADABLE);
    let missing = sheet::open(&book(&["任务", "牵头"], &[]), Some("没有这页")).unwrap_err();
    assert!(missing.to_string().contains("分解表"), "{missing}");
}
