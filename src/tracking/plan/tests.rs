//! The plan that ships: 14 units, 18 duties, six main tasks, and the wording to the character.

use std::collections::BTreeMap;

use super::super::due::Due;
use super::super::duty::{Strength, join};
use super::super::fixture::{day, plan, schema, shipped};
use super::{Level, Plan, Plans, TaskSpec};

fn level(level: Level) -> Vec<TaskSpec> {
    plan().tasks().into_iter().filter(|task| task.level == level).collect()
}

#[test]
fn fourteen_units_and_eighteen_duties() {
    let plan = plan();
    assert_eq!(plan.units.len(), 14);
    let duties = level(Level::Duty);
    assert_eq!(duties.len(), 18);
    let count = |department: &str| duties.iter().filter(|task| task.lead == department).count();
    let counts: Vec<usize> = plan.units.iter().map(|unit| count(&unit.department)).collect();
    assert_eq!(counts, [2, 1, 1, 1, 1, 1, 3, 2, 1, 1, 1, 1, 1, 1]);
    assert_eq!(duties[7].no, "附8");
    assert_eq!(duties[7].clause, "附件 市自然资源和规划局第1项");
    assert_eq!(duties[17].title, "负责各自区域内改革落实");
}

#[test]
fn the_duties_of_a_unit_print_as_its_cell() {
    let (plan, duties) = (plan(), level(Level::Duty));
    for unit in &plan.units {
        let own = duties.iter().filter(|task| task.lead == unit.department).map(|task| task.title.as_str());
        assert_eq!(join(own), unit.cell);
    }
}

#[test]
fn strength_is_data_and_agrees_with_the_wording() {
    for task in level(Level::Duty) {
        assert_eq!(task.strength, Strength::of(&task.title), "{}", task.title);
    }
    let strengths: std::collections::HashSet<_> =
        level(Level::Duty).into_iter().filter_map(|t| t.strength).collect();
    assert_eq!(strengths.len(), Strength::ALL.len());
}

#[test]
fn six_main_tasks_with_their_own_departments() {
    let mains = level(Level::Main);
    let sizes: Vec<usize> = mains.iter().map(|task| task.supporting.len() + 1).collect();
    assert_eq!(sizes, [3, 3, 4, 3, 4, 6]);
    assert!(mains.iter().all(|task| task.lead == "civil_defence"), "the first named leads");
    assert_eq!(mains[5].clause, "三、主要任务（六）");
    assert_eq!(
        mains[5].supporting,
        ["development_reform", "finance", "data_bureau", "audit", "state_assets"]
    );
    assert_eq!(mains[0].due, Some(Due::On { date: day("2023-12-31") }));
}

#[test]
fn milestones_are_the_two_of_the_text() {
    let plan = plan();
    let named: Vec<_> = plan.milestones.iter().map(|m| (m.title.as_str(), m.due)).collect();
    assert_eq!(named, [("2022年年底", day("2022-12-31")), ("2023年年底", day("2023-12-31"))]);
}

#[track_caller]
fn refused(from: &str, to: &str, expected: &str) {
    let text = shipped("plans/jiaxing-2022-4/plan.toml").replacen(from, to, 1);
    let said: String = Plan::parse("plan.toml", &text).unwrap_err().iter().map(ToString::to_string).collect();
    assert!(said.contains(expected), "{said}");
}

#[test]
fn mistakes_in_a_plan_are_named() {
    refused("保障等。\"", "保障等；另一项。\"", "拆成 2 项，duties 写了 1 项");
    refused(
        "\"civil_defence\", \"natural_resources\", \"state_assets\"",
        "\"civil_defence\"",
        "printed 列了 3 个",
    );
    refused("office          = \"civil_defence\"", "office = \"nobody\"", "nobody");
    refused("under = \"主2\"", "under = \"主9\"", "主9");
    refused("milestone   = \"system\"", "milestone = \"never\"", "never");
    refused("evidence    = \"handed_over\"", "evidence = \"nothing\"", "nothing");
    refused("adopted_on      = \"2022-01-28\"", "adopted_on = \"2022-01-32\"", "（第 12 行）");
}

#[test]
fn files_load_together_and_rules_must_be_there() {
    let mut files = BTreeMap::from([(
        "plans/jiaxing-2022-4/plan.toml".to_owned(),
        shipped("plans/jiaxing-2022-4/plan.toml").into_bytes(),
    )]);
    let said = Plans::load(&files, &schema()).unwrap_err();
    assert_eq!(said.len(), 1, "{said:?}");
    files.insert("plans/rules.toml".to_owned(), shipped("plans/rules.toml").into_bytes());
    assert!(Plans::load(&files, &schema()).unwrap().plans.contains_key("jiaxing-2022-4"));
}

#[test]
fn evidence_must_be_something_the_model_knows() {
    let mut files =
        BTreeMap::from([("plans/rules.toml".to_owned(), shipped("plans/rules.toml").into_bytes())]);
    let text = shipped("plans/jiaxing-2022-4/plan.toml")
        .replacen("kind = \"handover\"", "kind = \"hand_over\"", 1)
        .replacen("field = \"audited_on\"", "field = \"audited\"", 1)
        .replacen("\"works_no\", \"unit_no\"", "\"plot\"", 1);
    files.insert("plans/p/plan.toml".to_owned(), text.into_bytes());
    let said: String = Plans::load(&files, &schema()).unwrap_err().iter().map(ToString::to_string).collect();
    for expected in ["没有“hand_over”这类记录", "没有字段 audited", "没有 by 所列的任何字段"]
    {
        assert!(said.contains(expected), "{expected}: {said}");
    }
}
