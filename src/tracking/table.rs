//! A breakdown as people keep it in a sheet, read into tasks: 责任部门|任务分解 as in an annex, or a working table with
//! 序号|任务|牵头|配合|完成时限|状态.
//!
//! In a table without 序号 a cell may hold several duties, which are split at their semicolons; a table with 序号 holds one
//! task in each row. An empty 责任部门 is the lower part of a merged cell and takes the department above.

use chrono::NaiveDate;
use serde::Serialize;

use super::due;
use super::duty::{self, Strength};
use super::plan::{Level, Plan, TaskSpec};
use crate::error::{Code, Error, Place, Problem, Result, Severity, codes::task as code};
use crate::format::column_letters;
use crate::text::width;

/// The cells of a sheet from its header row on.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// Name of the sheet; empty for CSV.
    pub name: String,
    /// Column titles as written.
    pub header: Vec<String>,
    /// Rows below it.
    pub rows: Vec<SheetRow>,
}

/// One row of a sheet.
#[derive(Debug, Clone, Default)]
pub struct SheetRow {
    /// Its number as Excel shows it.
    pub number: u32,
    /// A cell for each column, merged cells filled down.
    pub cells: Vec<String>,
    /// What the reader found wrong with it.
    pub problems: Vec<Problem>,
}

/// The columns that are understood, with the titles they go by.
const COLUMNS: &[(Column, &[&str])] = &[
    (Column::No, &["序号", "编号", "任务编号"]),
    (
        Column::Task,
        &[
            "任务分解",
            "任务",
            "工作任务",
            "任务内容",
            "重点任务",
            "主要任务",
            "具体任务",
            "工作内容",
            "分解任务",
        ],
    ),
    (Column::Lead, &["责任部门", "牵头", "牵头单位", "牵头部门", "责任单位", "牵头责任单位", "主办单位"]),
    (Column::Support, &["配合", "配合单位", "配合部门", "协办单位", "协同单位", "参与单位"]),
    (Column::Due, &["完成时限", "时限", "完成时间", "办结时限", "时间节点", "时间要求"]),
    (Column::Standard, &["完成标准", "工作目标", "目标", "目标要求", "预期成果"]),
    (Column::Clause, &["来源条款", "来源", "依据", "任务来源"]),
];

/// A column that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// 序号.
    No,
    /// 任务.
    Task,
    /// 责任部门 or 牵头.
    Lead,
    /// 配合.
    Support,
    /// 完成时限.
    Due,
    /// 完成标准.
    Standard,
    /// 来源条款.
    Clause,
}

/// Where each column stands.
#[derive(Debug, Clone)]
pub struct Columns(Vec<(Column, usize)>);

impl Columns {
    /// Recognises a header row; it needs at least the task and who answers for it.
    #[must_use]
    pub fn of(header: &[String]) -> Option<Self> {
        let mut found: Vec<(Column, usize)> = Vec::new();
        for (at, title) in header.iter().enumerate() {
            let title = bare(title);
            let known = COLUMNS.iter().find(|(_, titles)| titles.contains(&title.as_str()));
            if let Some((column, _)) = known
                && !found.iter().any(|(seen, _)| seen == column)
            {
                found.push((*column, at));
            }
        }
        let has = |wanted| found.iter().any(|(column, _)| *column == wanted);
        (has(Column::Task) && has(Column::Lead)).then_some(Self(found))
    }

    /// Whether the table has this column; what it does not have, it does not change.
    #[must_use]
    pub fn has(&self, column: Column) -> bool {
        self.at(column).is_some()
    }

    fn get<'a>(&self, column: Column, cells: &'a [String]) -> &'a str {
        self.at(column).and_then(|at| cells.get(at)).map_or("", |cell| cell.trim())
    }

    fn at(&self, column: Column) -> Option<usize> {
        self.0.iter().find(|(known, _)| *known == column).map(|(_, at)| *at)
    }
}

/// A title without blanks, brackets and line breaks: 责 任 部 门 is 责任部门, 牵头（责任）单位 is 牵头责任单位.
fn bare(title: &str) -> String {
    let half = width::half_width(title);
    half.chars().filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '*' | ':')).collect()
}

/// Names of departments as tables write them.
pub trait Directory {
    /// The id of a department by any of its names on the day of the plan.
    fn find(&self, name: &str) -> Option<String>;
    /// Names to propose for one that is not known, the likeliest first.
    fn like(&self, name: &str) -> Vec<String>;
}

/// One row of the table, read.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Row number as Excel shows it.
    pub row: u32,
    /// The task, when the row could be read.
    pub spec: Option<TaskSpec>,
    /// Whether the row gave its own number.
    pub numbered: bool,
    /// The row whose 责任部门 it took over.
    pub carried_from: Option<u32>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// A table, read: its columns and its rows in order.
#[derive(Debug, Clone)]
pub struct Table {
    /// Which columns it has.
    pub columns: Columns,
    /// Its tasks; a row with several duties gives several.
    pub rows: Vec<Row>,
    /// The day from which spans such as 15个工作日 are counted.
    pub base: NaiveDate,
}

/// What a row inherits from those above it.
#[derive(Default)]
struct Carry {
    lead: Option<(u32, String)>,
}

/// Reads the rows of a sheet. `base` is the day from which spans such as 15个工作日 are counted.
pub fn read(sheet: &Sheet, plan: &Plan, directory: &dyn Directory, base: NaiveDate) -> Result<Table> {
    let columns = Columns::of(&sheet.header).ok_or_else(|| no_header(sheet))?;
    let reader = Reader { sheet, columns, directory, base, clause: format!("《{}》", plan.title) };
    let mut carry = Carry::default();
    let mut rows: Vec<Row> = Vec::new();
    for row in &sheet.rows {
        if !reader.is_noise(&row.cells) {
            rows.extend(reader.row(row, &mut carry));
        }
    }
    refuse_repeated(sheet, &mut rows);
    Ok(Table { columns: reader.columns, rows, base })
}

fn no_header(sheet: &Sheet) -> Error {
    let titles: Vec<_> = sheet.header.iter().map(|title| title.trim()).filter(|t| !t.is_empty()).collect();
    let titles = if titles.is_empty() { "（无）".to_owned() } else { titles.join("、") };
    Error::new(
        code::TABLE_HEADER,
        format!(
            "表头应有“责任部门、任务分解”，或“任务、牵头”两列；文件现有列：{titles}。请按样表的表头填写。"
        ),
    )
}

struct Reader<'a> {
    sheet: &'a Sheet,
    columns: Columns,
    directory: &'a dyn Directory,
    base: NaiveDate,
    clause: String,
}

impl Reader<'_> {
    /// Blank rows, a head repeated on the next printed page, and notes under the table.
    fn is_noise(&self, cells: &[String]) -> bool {
        let mut filled = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
        let Some(first) = filled.next() else { return true };
        let note = ["注：", "注:", "备注：", "说明："].iter().any(|mark| first.starts_with(mark));
        (note && filled.next().is_none()) || Columns::of(cells).is_some()
    }

    fn row(&self, SheetRow { number, cells, problems }: &SheetRow, carry: &mut Carry) -> Vec<Row> {
        let number = *number;
        // Warnings about a cell do not concern the task in it.
        let mut problems: Vec<Problem> =
            problems.iter().filter(|problem| problem.severity == Severity::Error).cloned().collect();
        let carried_from = self.carry_lead(number, cells, carry);
        let (lead, mut supporting) = self.departments(number, carry, carried_from, &mut problems);
        supporting.extend(self.resolve_all(
            number,
            Column::Support,
            self.columns.get(Column::Support, cells),
            &mut problems,
        ));
        supporting.retain(|id| Some(id) != lead.as_ref());
        let due_cell = self.columns.get(Column::Due, cells);
        let due = due::parse(due_cell, self.base).unwrap_or_else(|text| {
            problems.push(
                self.problem(
                    number,
                    Column::Due,
                    code::ROW_DUE,
                    "完成时限读不懂。",
                    "请写成 2026年12月31日、2026年12月底、15个工作日或长期。",
                )
                .showing(&text),
            );
            None
        });
        let no = self.columns.get(Column::No, cells);
        let duties = self.duties(no, cells);
        if duties.is_empty() {
            problems.push(self.problem(
                number,
                Column::Task,
                code::ROW_TASK_EMPTY,
                "任务内容为空。",
                "补上任务内容，或删去这一行。",
            ));
        }
        let clause = self.columns.get(Column::Clause, cells);
        let spec = |title: &str| {
            lead.as_ref().filter(|_| problems.is_empty()).map(|lead| TaskSpec {
                no: no.to_owned(),
                level: Level::Duty,
                under: None,
                title: title.to_owned(),
                text: String::new(),
                clause: if clause.is_empty() { self.clause.clone() } else { clause.to_owned() },
                lead: lead.clone(),
                supporting: supporting.clone(),
                strength: Strength::of(title),
                due,
                standard: self.columns.get(Column::Standard, cells).to_owned(),
                evidence: None,
            })
        };
        let numbered = !no.is_empty();
        let row = |spec| Row { row: number, spec, numbered, carried_from, problems: Vec::new() };
        let mut rows: Vec<Row> = duties.iter().map(|title| row(spec(title))).collect();
        if !problems.is_empty() {
            rows = vec![Row { problems, ..row(None) }];
        }
        rows
    }

    fn duties(&self, no: &str, cells: &[String]) -> Vec<String> {
        let cell = self.columns.get(Column::Task, cells);
        if no.is_empty() && self.columns.at(Column::No).is_none() {
            duty::split(cell)
        } else {
            Some(cell.trim_end_matches('。').trim().to_owned())
                .filter(|task| !task.is_empty())
                .into_iter()
                .collect()
        }
    }

    fn carry_lead(&self, number: u32, cells: &[String], carry: &mut Carry) -> Option<u32> {
        let lead = self.columns.get(Column::Lead, cells);
        if lead.is_empty() {
            return carry.lead.as_ref().map(|(row, _)| *row);
        }
        carry.lead = Some((number, lead.to_owned()));
        None
    }

    /// The lead and further units named in the same cell; a department that is not known is reported where it was written.
    fn departments(
        &self,
        number: u32,
        carry: &Carry,
        carried_from: Option<u32>,
        problems: &mut Vec<Problem>,
    ) -> (Option<String>, Vec<String>) {
        let Some((_, names)) = &carry.lead else {
            problems.push(self.problem(
                number,
                Column::Lead,
                code::ROW_DEPARTMENT_EMPTY,
                "没有责任部门，上方也没有可沿用的。",
                "填写牵头单位。",
            ));
            return (None, Vec::new());
        };
        let mut ids = self.resolve_all(carried_from.unwrap_or(number), Column::Lead, names, problems);
        if ids.is_empty() { (None, ids) } else { (Some(ids.remove(0)), ids) }
    }

    fn resolve_all(
        &self,
        number: u32,
        column: Column,
        cell: &str,
        problems: &mut Vec<Problem>,
    ) -> Vec<String> {
        let mut ids = Vec::new();
        for name in duty::units(cell) {
            match self.directory.find(name) {
                Some(id) if ids.contains(&id) => {}
                Some(id) => ids.push(id),
                None => problems.push(self.unknown(number, column, name)),
            }
        }
        ids
    }

    fn unknown(&self, number: u32, column: Column, name: &str) -> Problem {
        let like = self.directory.like(name);
        let hint = if like.is_empty() {
            "使用部门表中的全称或规范简称。".to_owned()
        } else {
            format!("是否为“{}”？请使用规范名称。", like.join("”或“"))
        };
        self.problem(number, column, code::ROW_DEPARTMENT, "部门表中没有这个部门。", &hint).showing(name)
    }

    fn problem(&self, row: u32, column: Column, code: Code, rule: &str, hint: &str) -> Problem {
        let title = self.columns.at(column).and_then(|at| self.sheet.header.get(at));
        let rule = match title {
            Some(title) => format!("第 {row} 行“{}”：{rule}", title.trim()),
            None => format!("第 {row} 行：{rule}"),
        };
        Problem::error(code, rule, hint).at(self.place(row, column))
    }

    fn place(&self, row: u32, column: Column) -> Place {
        let at = self.columns.at(column).unwrap_or(0);
        let cell = format!("{}{row}", column_letters(at as u32));
        let path = if self.sheet.name.is_empty() { cell } else { format!("{}!{cell}", self.sheet.name) };
        Place { path, line: Some(row), ..Place::default() }
    }
}

/// A task may stand in a table once: by its number, or by department and wording where there are none.
fn refuse_repeated(sheet: &Sheet, rows: &mut [Row]) {
    let mut seen: std::collections::HashMap<String, u32> = std::collections::HashMap::new();
    for row in rows {
        let Some(spec) = &row.spec else { continue };
        let key = if row.numbered { spec.no.clone() } else { format!("{}\n{}", spec.lead, spec.title) };
        if let Some(first) = seen.get(&key) {
            let place = Place { path: sheet.name.clone(), line: Some(row.row), ..Place::default() };
            let what = if row.numbered {
                format!("序号“{}”", spec.no)
            } else {
                "同一部门的同一任务".to_owned()
            };
            row.problems.push(
                Problem::error(
                    code::ROW_REPEATED,
                    format!("第 {} 行：{what}已在第 {first} 行出现。", row.row),
                    "删去重复的行，或改正序号。",
                )
                .at(place),
            );
            row.spec = None;
        } else {
            seen.insert(key, row.row);
        }
    }
}

#[cfg(test)]
mod tests;
