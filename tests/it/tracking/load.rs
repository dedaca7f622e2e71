//! The plan that ships goes in once, and again without harm.

use hub::store::{self, AuditFilter, Page};
use hub::tracking::act::{Step, act};
use hub::tracking::board::Filter;
use hub::tracking::breakdown::annex;
use hub::tracking::compare::Outcome;
use hub::tracking::event::{Actor, Deed};
use hub::tracking::load::load_plan;
use hub::tracking::plan::{Level, Plan};

use super::office::{PLAN, day, deed, desk, line, load, open, shipped_plan, show, until};
use crate::support::each_db::each_db;

#[test]
fn fourteen_units_eighteen_duties_six_main_tasks() {
    each_db(|store| {
        let loaded = load(store, "2022-03-01");
        assert_eq!(loaded.comparison.count(Outcome::New), 24);
        let board = show(store, "2022-03-01", &Filter::default());
        assert_eq!(board.doc_no, "嘉政办发〔2022〕4号");
        assert_eq!(board.counts.total, 24);
        let duties = Filter { level: Some(Level::Duty), ..Filter::default() };
        let duties = show(store, "2022-03-01", &duties).lines;
        assert_eq!(duties.len(), 18);
        assert_eq!(duties[0].no, "附1", "in printed order");
        assert_eq!(duties[9].lead.name, "市自然资源和规划局");
        assert_eq!(duties[9].under.as_deref(), Some("主2"));
        assert_eq!(duties[9].strength, Some("探索"));
        let main = line(store, "2022-03-01", "主6");
        let names: Vec<_> = main.supporting.iter().map(|who| who.name.as_str()).collect();
        assert_eq!(names, ["市发展改革委", "市财政局", "市政务数据办", "市审计局", "市国资委"]);
        assert_eq!(main.due_on, Some(day("2023-12-31")));
    });
}

#[test]
fn the_annex_prints_to_the_character() {
    each_db(|store| {
        load(store, "2022-03-01");
        let printed = store.read(|conn| annex(conn, &desk("2026-11-21"), PLAN)).unwrap();
        let plan = shipped_plan();
        assert_eq!(printed.title, "嘉兴市人防工程产权制度综合改革工作任务分解表");
        assert_eq!(printed.rows.len(), 14);
        for (row, unit) in printed.rows.iter().zip(&plan.units) {
            assert_eq!(
                (row.department.as_str(), row.duties.as_str()),
                (unit.name.as_str(), unit.cell.as_str())
            );
        }
    });
}

#[test]
fn loading_again_changes_nothing() {
    each_db(|store| {
        load(store, "2022-03-01");
        deed(store, "2022-03-02", "附10", "natural_resources", Deed::Received);
        let asked =
            Deed::ExtensionRequested { due: until("2024-06-30"), reason: "测绘未完成".to_owned() };
        deed(store, "2022-03-03", "附10", "natural_resources", asked);
        let granted = Deed::ExtensionApproved { comment: "同意".to_owned() };
        deed(store, "2022-03-04", "附10", "civil_defence", granted);
        let before = open(store, "2022-04-01", "附10");
        let again = load(store, "2022-04-01");
        assert_eq!(again.comparison.count(Outcome::Same), 24);
        let after = open(store, "2022-04-01", "附10");
        assert_eq!(after.timeline.len(), before.timeline.len(), "no event was added");
        assert_eq!(after.line.due_on, Some(day("2024-06-30")), "the extension stands");
    });
}

#[test]
fn a_changed_file_amends_what_changed_and_leaves_the_rest() {
    each_db(|store| {
        load(store, "2022-03-01");
        let files = hub::boot::mappings(None).unwrap();
        let text = String::from_utf8(files["plans/jiaxing-2022-4/plan.toml"].clone()).unwrap();
        let text = text.replacen("办理门牌登记", "办理门牌登记和标准地址", 1);
        let plan = Plan::parse("plan.toml", &text).unwrap();
        let trial = store.write(|conn| load_plan(conn, &desk("2022-05-05"), &plan, &Actor::system(), true));
        assert_eq!(trial.unwrap().comparison.count(Outcome::Changed), 1);
        assert_eq!(open(store, "2022-05-05", "附7").timeline.len(), 1, "a dry run stores nothing");
        let loaded = store.write(|conn| load_plan(conn, &desk("2022-05-05"), &plan, &Actor::system(), false));
        assert!(loaded.unwrap().stored);
        let amended = open(store, "2022-05-05", "附7");
        assert!(amended.line.title.ends_with("和标准地址"));
        let Deed::Amended { changes, due } = &amended.timeline[1].event.deed else { panic!("{amended:?}") };
        assert_eq!((changes[0].field.as_str(), *due), ("任务", None));
        assert_eq!(open(store, "2022-05-05", "附8").timeline.len(), 1);
    });
}

#[test]
fn every_deed_leaves_an_audit_row_in_the_chain() {
    each_db(|store| {
        load(store, "2022-03-01");
        deed(store, "2022-03-02", "附7", "civil_affairs", Deed::Received);
        let filter = AuditFilter { object_kind: Some("task".to_owned()), ..AuditFilter::default() };
        let rows = store.read(|conn| store::list_audit(conn, &filter, Page::first(100))).unwrap();
        assert_eq!(rows.total, 25);
        assert!(
            rows.rows.iter().any(|row| row.action == "task.received" && row.actor == "civil_affairs.钱某")
        );
    });
}

#[test]
fn the_row_agrees_with_its_events() {
    each_db(|store| {
        load(store, "2022-03-01");
        let no = "附2";
        deed(store, "2022-03-02", no, "civil_defence", Deed::Received);
        deed(store, "2022-04-02", no, "civil_defence", super::office::report(40));
        let row = store.read(|conn| store::find_task_by_code(conn, &PLAN.into(), no)).unwrap().unwrap();
        assert_eq!((row.state.as_str(), row.progress, row.version), ("active", 40, 3));
        let events = store.read(|conn| store::list_task_events(conn, &row.id)).unwrap();
        let told: Vec<_> = events.iter().map(|e| (e.n, e.action.as_str(), e.period.as_deref())).collect();
        assert_eq!(told, [(1, "assigned", None), (2, "received", None), (3, "reported", Some("2022-03"))]);
        assert_eq!(events[2].from_state, Some(store::TaskState::Active));
        assert_eq!(events[0].from_state, None);
    });
}

#[test]
fn two_at_once_are_told_apart() {
    each_db(|store| {
        load(store, "2022-03-01");
        let seen = line(store, "2022-03-02", "附7").version;
        deed(store, "2022-03-02", "附7", "civil_affairs", Deed::Received);
        let step = Step {
            plan: PLAN.to_owned(),
            no: "附7".to_owned(),
            actor: super::office::person("孙某", "civil_defence"),
            deed: Deed::Paused { reason: "等待机构改革".to_owned() },
            seen: Some(seen),
            on: None,
        };
        let error = store.write(|conn| act(conn, &desk("2022-03-02"), &step)).unwrap_err();
        assert!(error.to_string().contains("钱某已签收"), "{error}");
    });
}
