//! Sheets as people keep them: merged cells, blanks in titles, notes below, and rows that are wrong.

use super::super::due::Due;
use super::super::fixture::{Names, day, plan};
use super::{Sheet, SheetRow, Table, read};

fn sheet(header: &[&str], rows: &[(u32, &[&str])]) -> Sheet {
    let owned = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    Sheet {
        name: "Sheet1".to_owned(),
        header: owned(header),
        rows: rows
            .iter()
            .map(|(number, cells)| SheetRow { number: *number, cells: owned(cells), problems: Vec::new() })
            .collect(),
    }
}

fn table(header: &[&str], rows: &[(u32, &[&str])]) -> Table {
    read(&sheet(header, rows), &plan(), &Names, day("2026-03-02")).unwrap()
}

#[track_caller]
fn only_problem(table: &Table) -> String {
    let problems: Vec<_> = table.rows.iter().flat_map(|row| &row.problems).collect();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems[0].to_string()
}

#[test]
fn the_annex_layout_with_merged_cells_and_several_duties_in_a_cell() {
    let table = table(
        &["责 任 部 门", "任务\n分解"],
        &[
            (4, &["市人防办", "负责起草制定配套政策文件等；负责统筹协调。"]),
            (5, &["", "负责宣传。"]),
            (6, &["", ""]),
            (7, &["责任部门", "任务分解"]),
            (8, &["各县〔市、区〕政府", "负责各自区域内改革落实。"]),
            (9, &["注：本表自印发之日起施行", ""]),
        ],
    );
    let read: Vec<_> = table
        .rows
        .iter()
        .map(|row| {
            let spec = row.spec.as_ref().unwrap();
            (row.row, row.carried_from, spec.lead.as_str(), spec.title.as_str())
        })
        .collect();
    assert_eq!(
        read,
        [
            (4, None, "civil_defence", "负责起草制定配套政策文件等"),
            (4, None, "civil_defence", "负责统筹协调"),
            (5, Some(4), "civil_defence", "负责宣传"),
            (8, None, "county_governments", "负责各自区域内改革落实"),
        ]
    );
}

#[test]
fn the_working_layout() {
    let table = table(
        &["序号", "任务", "牵头（责任）单位", "配合单位", "完成时限", "状态"],
        &[(
            3,
            &[
                "1",
                "建立台账；逐项销号。",
                "市人防办",
                "市财政局、市税务局，市人防办",
                "15个工作日内",
                "进行中",
            ],
        )],
    );
    let spec = table.rows[0].spec.as_ref().unwrap();
    assert_eq!(spec.title, "建立台账；逐项销号", "a numbered row is one task");
    assert_eq!(spec.supporting, ["finance", "tax"], "the lead does not support itself");
    assert_eq!(spec.due, Some(Due::WorkingDays { count: 15, after: day("2026-03-02") }));
}

#[test]
fn several_units_in_the_lead_cell_are_lead_and_support() {
    let table = table(&["责任部门", "任务"], &[(2, &["市民政局、市财政局", "办理门牌登记"])]);
    let spec = table.rows[0].spec.as_ref().unwrap();
    assert_eq!(
        (spec.lead.as_str(), spec.supporting.as_slice()),
        ("civil_affairs", &["finance".to_owned()][..])
    );
}

#[test]
fn wrong_rows_say_where_and_what_to_do() {
    let header = ["序号", "任务", "牵头", "配合", "完成时限"];
    let one = |cells: &[&str]| only_problem(&table(&header, &[(7, cells)]));
    let said = one(&["1", "建立台账", "市人防处", "", ""]);
    assert!(
        said.contains("Sheet1!C7") && said.contains("第 7 行“牵头”") && said.contains("是否为“市人防办”"),
        "{said}"
    );
    let said = one(&["1", "建立台账", "", "", ""]);
    assert!(said.starts_with("E7034"), "{said}");
    let said = one(&["1", "", "市人防办", "", ""]);
    assert!(said.starts_with("E7032") && said.contains("Sheet1!B7"), "{said}");
    let said = one(&["1", "建立台账", "市人防办", "", "尽快"]);
    assert!(said.starts_with("E7035") && said.contains("值“尽快”"), "{said}");
    let said = one(&["1", "建立台账", "市人防办", "某某局", ""]);
    assert!(said.contains("Sheet1!D7"), "{said}");
}

#[test]
fn a_task_stands_once() {
    let said = only_problem(&table(
        &["序号", "任务", "牵头"],
        &[(2, &["1", "建立台账", "市人防办"]), (3, &["1", "另一项", "市财政局"])],
    ));
    assert!(said.starts_with("E7036") && said.contains("第 3 行：序号“1”已在第 2 行出现"), "{said}");
    let said = only_problem(&table(&["责任部门", "任务分解"], &[(2, &["市人防办", "建立台账；建立台账。"])]));
    assert!(said.contains("同一部门的同一任务"), "{said}");
}

#[test]
fn a_sheet_without_the_columns_is_refused_with_those_it_has() {
    let problem =
        read(&sheet(&["姓名", "电话"], &[]), &plan(), &Names, day("2026-03-02")).unwrap_err().to_string();
    assert!(problem.contains("文件现有列：姓名、电话"), "{problem}");
}
