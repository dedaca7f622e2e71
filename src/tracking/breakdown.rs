//! The breakdown as a table: 责任部门|任务分解 as in the annex, and the working version with number, lead and deadline.
//!
//! These rows feed the workbook (`hub task export`) and the document kind `task_breakdown`.

use serde::Serialize;

use super::board::{Board, Line};
use super::desk::Desk;
use super::duty;
use super::plan::{Level, Plan, TaskSpec};
use super::stored::{get_plan, load_tasks};
use crate::error::Result;
use crate::format::write::{self, PrintedColumn, PrintedTable};
use crate::store::Conn;
use crate::text::date::chinese;

/// One row of the annex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnnexRow {
    /// 责任部门, as printed.
    pub department: String,
    /// 任务分解: the cell, its duties joined by semicolons.
    pub duties: String,
    /// The single duties in it.
    pub items: Vec<String>,
}

/// The annex with its head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Annex {
    /// Plan id.
    pub plan: String,
    /// Title of the table.
    pub title: String,
    /// Title of the document it is attached to.
    pub document: String,
    /// 文号 of that document.
    pub doc_no: String,
    /// Issuer.
    pub issuer: String,
    /// 成文日期.
    pub adopted_on: chrono::NaiveDate,
    /// Rows in printed order.
    pub rows: Vec<AnnexRow>,
}

/// One row of the working version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkRow {
    /// 序号: the number within the plan, by which the table can be imported again.
    pub no: String,
    /// 任务.
    pub task: String,
    /// 牵头.
    pub lead: String,
    /// 配合.
    pub supporting: String,
    /// 完成时限.
    pub due: String,
    /// 状态 with its light.
    pub state: String,
}

/// The annex of a plan as it stands now.
pub fn annex(conn: &mut Conn, desk: &Desk<'_>, plan: &str) -> Result<Annex> {
    let plan = get_plan(conn, plan)?;
    let tasks: Vec<TaskSpec> = load_tasks(conn, &plan.id)?.into_iter().map(|task| task.spec).collect();
    let rows = rows(desk, &plan, &tasks);
    Ok(Annex {
        plan: plan.id,
        title: plan.title,
        document: plan.document,
        doc_no: plan.doc_no,
        issuer: plan.issuer,
        adopted_on: plan.adopted_on,
        rows,
    })
}

/// The rows of the annex: units in printed order, then further leads in the order of their first duty.
///
/// A unit whose duties are still those of the published cell prints the cell to the character; names are those of the
/// plan, else those in force on its 成文日期.
#[must_use]
pub fn rows(desk: &Desk<'_>, plan: &Plan, tasks: &[TaskSpec]) -> Vec<AnnexRow> {
    let duties: Vec<&TaskSpec> = tasks.iter().filter(|task| task.level == Level::Duty).collect();
    let mut order: Vec<&str> = plan.units.iter().map(|unit| unit.department.as_str()).collect();
    for task in &duties {
        if !order.contains(&task.lead.as_str()) {
            order.push(&task.lead);
        }
    }
    order
        .into_iter()
        .filter_map(|department| {
            let items: Vec<String> =
                duties.iter().filter(|task| task.lead == department).map(|task| task.title.clone()).collect();
            let unit = plan.unit(department);
            let printed = unit.map(|unit| unit.cell.clone()).filter(|cell| duty::split(cell) == items);
            (!items.is_empty()).then(|| AnnexRow {
                department: unit
                    .map_or_else(|| desk.name(plan, department, plan.adopted_on), |unit| unit.name.clone()),
                duties: printed.unwrap_or_else(|| duty::join(items.iter().map(String::as_str))),
                items,
            })
        })
        .collect()
}

/// The working version of the lines of a board.
#[must_use]
pub fn work_rows(board: &Board) -> Vec<WorkRow> {
    board.lines.iter().map(work_row).collect()
}

fn work_row(line: &Line) -> WorkRow {
    let supporting: Vec<&str> = line.supporting.iter().map(|who| who.name.as_str()).collect();
    WorkRow {
        no: line.no.clone(),
        task: line.title.clone(),
        lead: line.lead.name.clone(),
        supporting: supporting.join("、"),
        due: line.due.clone().unwrap_or_default(),
        state: format!("{} {}", line.state_title, line.light),
    }
}

/// The breakdown as a workbook of two sheets.
///
/// The first is laid out like the annex, with each department's cell merged over its duties; the second is the working
/// version with number, lead, deadline and light, which can be edited and imported again.
pub fn workbook(annex: &Annex, board: &Board) -> Result<Vec<u8>> {
    write::printed(&[annex_sheet(annex), working_sheet(board)])
}

fn column(title: &str, width: u16, centred: bool, merged: bool) -> PrintedColumn {
    PrintedColumn { title: title.to_owned(), width, centred, merged }
}

fn annex_sheet(annex: &Annex) -> PrintedTable {
    let group = |row: &AnnexRow| {
        let last = row.items.len();
        let cell = |(item, nth): (&String, usize)| {
            // Read from top to bottom the rows give the cell of the annex.
            let mark = if nth == last { '。' } else { '；' };
            vec![row.department.clone(), format!("{item}{mark}")]
        };
        row.items.iter().zip(1..).map(cell).collect()
    };
    PrintedTable {
        sheet: "任务分解表".to_owned(),
        title: annex.title.clone(),
        landscape: false,
        columns: vec![column("责任部门", 24, true, true), column("任务分解", 66, false, false)],
        groups: annex.rows.iter().map(group).collect(),
    }
}

fn working_sheet(board: &Board) -> PrintedTable {
    let row = |row: WorkRow| vec![vec![row.no, row.task, row.lead, row.supporting, row.due, row.state]];
    PrintedTable {
        sheet: "任务台账".to_owned(),
        title: format!("{}（{}）", board.title, chinese(board.today)),
        landscape: true,
        columns: vec![
            column("序号", 8, true, false),
            column("任务", 56, false, false),
            column("牵头", 20, true, false),
            column("配合", 28, false, false),
            column("完成时限", 18, true, false),
            column("状态", 20, true, false),
        ],
        groups: work_rows(board).into_iter().map(row).collect(),
    }
}
