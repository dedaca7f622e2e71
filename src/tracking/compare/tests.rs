//! New, changed, same and missing.

use super::super::duty;
use super::super::fixture::{Names, day, plan};
use super::super::plan::{Level, TaskSpec};
use super::super::table::{Directory as _, Sheet, SheetRow, read};
use super::{Comparison, Outcome, likeness, with_plan, with_table};

fn duties() -> Vec<TaskSpec> {
    plan().tasks().into_iter().filter(|task| task.level == Level::Duty).collect()
}

fn name(id: &str) -> String {
    plan().unit(id).map_or_else(|| id.to_owned(), |unit| unit.name.clone())
}

fn compare(existing: &[TaskSpec], header: &[&str], rows: Vec<Vec<String>>) -> Comparison {
    let sheet = Sheet {
        name: String::new(),
        header: header.iter().map(|title| (*title).to_owned()).collect(),
        rows: (2..)
            .zip(rows)
            .map(|(number, cells)| SheetRow { number, cells, problems: Vec::new() })
            .collect(),
    };
    with_table(existing, read(&sheet, &plan(), &Names, day("2022-03-01")).unwrap(), &name)
}

fn annex() -> Vec<Vec<String>> {
    plan().units.iter().map(|unit| vec![unit.name.clone(), unit.cell.clone()]).collect()
}

#[test]
fn the_annex_meets_the_plan_it_came_from() {
    let same = compare(&duties(), &["责任部门", "任务分解"], annex());
    assert_eq!(same.count(Outcome::Same), 18, "{same:#?}");
    assert!(same.missing.is_empty());
    let fresh = compare(&[], &["责任部门", "任务分解"], annex());
    assert_eq!(fresh.count(Outcome::New), 18);
    let numbers: Vec<_> = fresh.verdicts.iter().filter_map(|verdict| verdict.no.clone()).collect();
    assert_eq!(numbers, (1..=18).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[test]
fn an_edited_duty_is_a_change_and_a_dropped_one_is_reported() {
    let mut rows = annex();
    rows[5][1] = "负责指导国有人防工程产权办理门牌登记和标准地址编制。".to_owned();
    rows[7][1] = duty::join(["负责指导房地产企业、物业企业对人防工程的建设和维护管理"]);
    rows[8][1] = "负责建立审计整改台账。".to_owned();
    let compared = compare(&duties(), &["责任部门", "任务分解"], rows);
    let changed: Vec<_> = compared.verdicts.iter().filter(|v| v.outcome == Outcome::Changed).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].no.as_deref(), Some("附7"));
    assert_eq!(changed[0].changes[0].field, "任务");
    assert_eq!(compared.count(Outcome::New), 1, "another sentence is another task");
    assert_eq!(compared.missing, ["附12", "附13"]);
}

#[test]
fn a_working_table_changes_only_what_it_has_columns_for() {
    let rows = vec![vec![
        "附7".to_owned(),
        duties()[6].title.clone(),
        "市民政局".to_owned(),
        "2023年6月底".to_owned(),
    ]];
    let compared = compare(&duties(), &["序号", "任务", "牵头", "完成时限"], rows);
    let changes = &compared.verdicts[0].changes;
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!((changes[0].from.as_str(), changes[0].to.as_str()), ("2023年12月31日", "2023年6月30日"));
    let spec = compared.verdicts[0].spec.as_ref().unwrap();
    assert_eq!(spec.under.as_deref(), Some("主2"), "what the table does not say stays");
    assert_eq!(compared.missing.len(), 17);
}

#[test]
fn a_plan_file_is_compared_by_number() {
    let (old, new) = (duties(), plan().tasks());
    let first = with_plan(&[], new.clone(), &name);
    assert_eq!(first.count(Outcome::New), 24);
    let again = with_plan(&new, new.clone(), &name);
    assert_eq!(again.count(Outcome::Same), 24);
    let more = with_plan(&old, new, &name);
    assert_eq!((more.count(Outcome::New), more.count(Outcome::Same)), (6, 18));
}

#[test]
fn likeness_is_high_for_an_edit_and_low_for_another_sentence() {
    assert_eq!(likeness("办理门牌登记", "办理门牌登记"), 100);
    assert!(likeness("负责指导国有人防工程产权办理门牌登记", "负责指导国有人防工程办理门牌登记") > 80);
    assert!(likeness("负责指导改革推进和深化工作", "负责国有人防工程资产有关税务工作") < 30);
    assert_eq!(likeness("", ""), 100);
    assert_eq!(likeness("甲", "乙"), 0);
    assert_eq!(Names.find("市税务局").as_deref(), Some("tax"));
}
