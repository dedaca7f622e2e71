//! The reform office's year: the plan goes in, departments report, data comes in by the exchange, lights change, the
//! ladder is climbed, and the table goes out again.

use chrono::{DateTime, Utc};
use hub::error::Result;
use hub::store::{self, TaskState};
use hub::tracking::act::Acted;
use hub::tracking::ask::Ask;
use hub::tracking::board::{Filter, Line};
use hub::tracking::compare::Outcome;
use hub::tracking::event::Actor;
use hub::tracking::plan::Plan;
use hub::tracking::{Import, Tracking};
use serde_json::json;

use crate::support::app::App;
use crate::support::parcels;

const PLAN: &str = "jiaxing-2026";

/// Ten in the morning in China.
fn at(day: &str) -> DateTime<Utc> {
    format!("{day}T02:00:00Z").parse().unwrap()
}

fn import(tracking: &Tracking, table: &str, day: &str) {
    let day_of = day.parse().unwrap();
    let plan = Plan::bare(PLAN, "2026年度改革任务分解表", "330400", "civil_defence", day_of);
    let import =
        Import { plan: &plan, bytes: table.as_bytes(), sheet: None, handed_out: day_of, dry_run: false };
    let loaded = tracking.import(&import, &Actor::system(), at(day)).unwrap();
    assert!(loaded.stored, "{loaded:?}");
}

fn deed(tracking: &Tracking, day: &str, department: &str, ask: Ask) -> Result<Acted> {
    let actor = Actor {
        id: department.to_owned(),
        name: "经办人".to_owned(),
        department: Some(department.to_owned()),
    };
    tracking.act(PLAN, "1", actor, ask, at(day))
}

fn ask(deed: &str, text: &str) -> Ask {
    Ask { deed: deed.to_owned(), text: text.to_owned(), ..Ask::default() }
}

fn report(percent: u16) -> Ask {
    Ask { percent: Some(percent), ..ask("进度填报", "按计划推进") }
}

fn line(tracking: &Tracking, day: &str) -> Line {
    let board = tracking.board(PLAN, &Filter::default(), at(day)).unwrap();
    board.lines.into_iter().find(|line| line.no == "1").unwrap()
}

fn light(tracking: &Tracking, day: &str) -> String {
    line(tracking, day).light.to_string()
}

#[test]
fn a_task_from_the_table_to_its_closing() {
    let app = App::start();
    let tracking = &app.hub.tracking;
    let lead = "civil_affairs";
    let table = "序号,任务,牵头,配合,完成时限\n1,完成存量人防工程门牌编制,市民政局,市自然资源和规划局,80个工作日\n2,健全改革工作台账,市人防办,,长期\n";
    import(tracking, table, "2026-03-02");
    // 80 working days from 2026-03-02, past Qingming, May Day with its make-up day, and the Dragon Boat Festival.
    assert_eq!(line(tracking, "2026-03-02").due_on, Some("2026-06-26".parse().unwrap()));
    assert_eq!(light(tracking, "2026-03-03"), "● 正常");
    assert_eq!(light(tracking, "2026-03-09"), "▲ 未签收");
    deed(tracking, "2026-03-09", lead, ask("签收", "")).unwrap();
    for (day, percent) in [("2026-04-03", 30), ("2026-05-06", 55), ("2026-06-03", 80)] {
        deed(tracking, day, lead, report(percent)).unwrap();
    }
    assert_eq!(light(tracking, "2026-06-10"), "● 正常");
    assert_eq!(light(tracking, "2026-06-23"), "▲ 临期 3 天");
    let urged = tracking.remind(PLAN, false, at("2026-06-23")).unwrap();
    assert_eq!(urged[0].title, "提醒");
    assert_eq!(light(tracking, "2026-07-03"), "■ 逾期 7 天");
    assert_eq!(tracking.remind(PLAN, false, at("2026-07-03")).unwrap()[0].title, "催办");
    assert!(tracking.remind(PLAN, false, at("2026-07-03")).unwrap().is_empty(), "nobody is urged twice");

    // The lead asks for time; only the office may give it, and the red light leaves its mark.
    let wish =
        Ask { due: Some("2026年9月底".to_owned()), ..ask("申请延期", "三处工程权属待认定") };
    deed(tracking, "2026-07-03", lead, wish).unwrap();
    assert!(deed(tracking, "2026-07-03", lead, ask("同意延期", "")).is_err());
    deed(tracking, "2026-07-06", "civil_defence", ask("同意延期", "同意，按月报送")).unwrap();
    deed(tracking, "2026-07-06", lead, report(90)).unwrap();
    assert_eq!(light(tracking, "2026-07-07"), "▲ 曾亮红灯");

    let done =
        Ask { evidence: vec!["门牌编制清单".to_owned()], ..ask("申请办结", "全部编制完成") };
    deed(tracking, "2026-08-03", lead, done).unwrap();
    assert_eq!(line(tracking, "2026-08-03").state, TaskState::Reviewing);
    deed(tracking, "2026-08-05", "civil_defence", ask("复核办结", "")).unwrap();
    deed(tracking, "2026-08-06", "civil_defence", ask("销号", "")).unwrap();
    assert_eq!(light(tracking, "2026-12-01"), "▲ 办结");
    let told = tracking.detail(PLAN, "1", at("2026-12-01")).unwrap();
    let titles: Vec<_> = told.timeline.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "交办",
            "签收",
            "进度填报",
            "进度填报",
            "进度填报",
            "提醒",
            "催办",
            "申请延期",
            "同意延期",
            "进度填报",
            "申请办结",
            "复核办结",
            "销号"
        ]
    );
    let heads = app.read(store::list_audit_heads);
    assert!(heads.iter().map(|(_, last, _)| last).sum::<i64>() >= 14, "every step stands in the audit chain");

    // The exported working table says the same and changes nothing when it comes back.
    let book = tracking.workbook(PLAN, at("2026-12-01")).unwrap();
    let plan = tracking.plans().unwrap().remove(0);
    let back = Import {
        plan: &plan,
        bytes: &book,
        sheet: Some("任务台账"),
        handed_out: "2026-12-01".parse().unwrap(),
        dry_run: true,
    };
    let compared = tracking.import(&back, &Actor::system(), at("2026-12-01")).unwrap().comparison;
    assert_eq!(compared.count(Outcome::Same), 2, "{compared:#?}");
}

#[test]
fn a_message_of_the_exchange_changes_the_light_of_a_task() {
    let app = App::start();
    let tracking = &app.hub.tracking;
    let plan = tracking.plans.plans.get("jiaxing-2022-4").unwrap();
    tracking.load(plan, &Actor::system(), false, at("2022-03-01")).unwrap();
    let actor = |department: &str| Actor {
        id: department.to_owned(),
        name: "经办人".to_owned(),
        department: Some(department.to_owned()),
    };
    let act = |day: &str, ask: Ask| {
        tracking.act("jiaxing-2022-4", "附9", actor("natural_resources"), ask, at(day)).unwrap()
    };
    act("2022-03-02", ask("签收", ""));
    for month in ["2022-04-02", "2022-05-05", "2022-06-02", "2022-07-04", "2022-08-02", "2022-09-02"] {
        act(month, report(100));
    }
    let task = || tracking.detail("jiaxing-2022-4", "附9", at("2022-12-05")).unwrap().line;
    assert!(task().light.also.iter().all(|why| !why.contains("落后")), "by its own reports it is done");
    // Three parcels arrive from the department's own system, none with the terms the task asks for.
    let rows: Vec<_> = (1..=3).map(parcels::row).collect();
    app.partner("trial").send("parcels", parcels::message("m1", &rows)).expect(200);
    let counted = task().counted.unwrap();
    assert_eq!((counted.done, counted.of), (0, 3));
    assert_eq!(counted.missing, [parcels::no(1), parcels::no(2), parcels::no(3)]);
    let red = task().light;
    assert!(red.why.contains("现为 0%"), "{}", red.why);
    assert_eq!(red.rule, "far_behind");
    assert_eq!(json!(red.shape), json!("■"));
}
