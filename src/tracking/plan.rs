//! A reform plan as a file (`mappings/plans/<id>/plan.toml`): where it comes from, its milestones, its main tasks, and the
//! annex with the cells as printed and the single duties in them.

mod check;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::due::Due;
use super::duty::{self, Strength};
use super::evidence::Binding;
use super::rules::toml_problem;
use crate::error::{Place, Problem, codes::task as code};
use crate::model::Schema;

/// Where a task stands in the tree 方案 → 主要任务 → 分解任务.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 主要任务 of the main text.
    Main,
    /// 分解任务 of the annex or of an imported table.
    Duty,
}

impl Level {
    /// Stable name, as stored.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Duty => "duty",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Main => "主要任务",
            Self::Duty => "分解任务",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Main, Self::Duty].into_iter().find(|level| level.code() == text)
    }
}

/// What a plan says about one task, before anything has happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskSpec {
    /// Number within the plan, as printed (主1, 附3, 12).
    pub no: String,
    /// Main task or duty.
    pub level: Level,
    /// The main task it serves, by number.
    pub under: Option<String>,
    /// Short title; for a duty its wording.
    pub title: String,
    /// Full wording; empty when the title is all.
    pub text: String,
    /// 来源条款.
    pub clause: String,
    /// 牵头, department id.
    pub lead: String,
    /// 配合, department ids in order.
    pub supporting: Vec<String>,
    /// Strength of the verb.
    pub strength: Option<Strength>,
    /// Deadline.
    pub due: Option<Due>,
    /// 完成标准.
    pub standard: String,
    /// Exchanged data it is bound to.
    pub evidence: Option<Binding>,
}

/// A milestone of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// Stable name.
    pub id: String,
    /// As the text names it: 2022年年底.
    pub title: String,
    /// The day it falls on.
    pub due: NaiveDate,
    /// Clause.
    pub clause: String,
    /// What should be reached, as published.
    pub text: String,
}

/// One unit of the annex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Department id.
    pub department: String,
    /// As printed in the annex.
    pub name: String,
    /// Other spellings found in tables.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The cell of the annex, to the character.
    #[serde(default)]
    pub cell: String,
    #[serde(default)]
    duties: Vec<DutyEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DutyEntry {
    strength: Strength,
    #[serde(default)]
    under: Option<String>,
    milestone: String,
    #[serde(default)]
    standard: String,
    #[serde(default)]
    evidence: Option<String>,
}

/// A binding that tasks refer to by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct EvidenceEntry {
    id: String,
    #[serde(flatten)]
    binding: Binding,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MainEntry {
    no: String,
    clause: String,
    title: String,
    text: String,
    departments: Vec<String>,
    printed: String,
    standard: String,
    milestone: String,
    #[serde(default)]
    evidence: Option<String>,
}

/// A plan: the head that is stored with it, and the tasks it hands out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Stable name, lower case with hyphens.
    pub id: String,
    /// Title of the breakdown table.
    pub title: String,
    /// Title of the document it belongs to.
    #[serde(default)]
    pub document: String,
    /// 文号 of that document.
    #[serde(default)]
    pub doc_no: String,
    /// 规范性文件统一编号, when it has one.
    #[serde(default)]
    pub registration_no: Option<String>,
    /// Issuer.
    #[serde(default)]
    pub issuer: String,
    /// Administrative division.
    pub division: String,
    /// 成文日期.
    pub adopted_on: NaiveDate,
    /// 施行日期; tasks are handed out on this day.
    pub in_force_on: NaiveDate,
    /// Department id of the supervising office.
    pub office: String,
    /// Milestones.
    #[serde(default, rename = "milestone")]
    pub milestones: Vec<Milestone>,
    #[serde(default)]
    evidence: Vec<EvidenceEntry>,
    #[serde(default, rename = "main")]
    mains: Vec<MainEntry>,
    /// Units in printed order; also those an imported table may name.
    #[serde(default, rename = "unit")]
    pub units: Vec<Unit>,
}

impl Plan {
    /// Reads and checks a plan file; `name` is shown as the place of a problem.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let plan: Self =
            toml::from_str(text).map_err(|fault| vec![toml_problem(code::PLAN_FILE, name, text, &fault)])?;
        let problems = check::check(&plan, name);
        if problems.is_empty() { Ok(plan) } else { Err(problems) }
    }

    /// A plan for a table that somebody imports: the head only.
    #[must_use]
    pub fn bare(id: &str, title: &str, division: &str, office: &str, on: NaiveDate) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            document: String::new(),
            doc_no: String::new(),
            registration_no: None,
            issuer: String::new(),
            division: division.to_owned(),
            adopted_on: on,
            in_force_on: on,
            office: office.to_owned(),
            milestones: Vec::new(),
            evidence: Vec::new(),
            mains: Vec::new(),
            units: Vec::new(),
        }
    }

    /// Every task of the plan in printed order: the main tasks, then the duties of the annex.
    #[must_use]
    pub fn tasks(&self) -> Vec<TaskSpec> {
        let mains = self.mains.iter().map(|main| self.main_task(main));
        mains.chain(self.duties()).collect()
    }

    fn main_task(&self, main: &MainEntry) -> TaskSpec {
        let (lead, supporting) = main
            .departments
            .split_first()
            .map_or_else(|| (String::new(), Vec::new()), |(lead, rest)| (lead.clone(), rest.to_vec()));
        TaskSpec {
            no: main.no.clone(),
            level: Level::Main,
            under: None,
            title: main.title.clone(),
            text: main.text.clone(),
            clause: main.clause.clone(),
            lead,
            supporting,
            strength: None,
            due: self.milestone_due(&main.milestone),
            standard: main.standard.clone(),
            evidence: self.binding(main.evidence.as_ref()),
        }
    }

    /// Duties are numbered through the annex, 附1 to 附18 in the seed.
    fn duties(&self) -> Vec<TaskSpec> {
        let pairs = self.units.iter().flat_map(|unit| {
            duty::split(&unit.cell)
                .into_iter()
                .zip(&unit.duties)
                .zip(1..)
                .map(move |(pair, n)| (unit, pair, n))
        });
        pairs
            .zip(1..)
            .map(|((unit, (wording, entry), nth), number)| TaskSpec {
                no: format!("附{number}"),
                level: Level::Duty,
                under: entry.under.clone(),
                title: wording,
                text: String::new(),
                clause: format!("附件 {}第{nth}项", unit.name),
                lead: unit.department.clone(),
                supporting: Vec::new(),
                strength: Some(entry.strength),
                due: self.milestone_due(&entry.milestone),
                standard: entry.standard.clone(),
                evidence: self.binding(entry.evidence.as_ref()),
            })
            .collect()
    }

    fn milestone_due(&self, id: &str) -> Option<Due> {
        self.milestones.iter().find(|milestone| milestone.id == id).map(|m| Due::On { date: m.due })
    }

    fn binding(&self, id: Option<&String>) -> Option<Binding> {
        self.evidence.iter().find(|entry| Some(&entry.id) == id).map(|entry| entry.binding.clone())
    }

    /// The unit with this department id.
    #[must_use]
    pub fn unit(&self, department: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.department == department)
    }
}

/// The files of `mappings/` that concern tasks, read: every plan and the rules.
#[derive(Debug, Clone)]
pub struct Plans {
    /// Plans by id.
    pub plans: BTreeMap<String, Plan>,
    /// Lights, reports, urging.
    pub rules: super::rules::Rules,
}

impl Plans {
    /// Reads `plans/rules.toml` and every `plans/*/plan.toml` of the mapping files, paths relative to `mappings/`, and
    /// checks what the plans say of the model.
    pub fn load(files: &BTreeMap<String, Vec<u8>>, schema: &Schema) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut plans = BTreeMap::new();
        let mut rules = None;
        for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with("plans/")) {
            let text = String::from_utf8_lossy(bytes);
            if path == "plans/rules.toml" {
                rules = super::rules::Rules::parse(path, &text).map_err(|found| problems.extend(found)).ok();
            } else if path.ends_with("/plan.toml") {
                match Plan::parse(path, &text) {
                    Ok(plan) => {
                        problems.extend(check::check_evidence(&plan, path, schema));
                        plans.insert(plan.id.clone(), plan);
                    }
                    Err(found) => problems.extend(found),
                }
            }
        }
        match rules {
            Some(rules) if problems.is_empty() => Ok(Self { plans, rules }),
            Some(_) => Err(problems),
            None => {
                if problems.is_empty() {
                    let place = Place { path: "plans/rules.toml".to_owned(), ..Place::default() };
                    problems.push(
                        Problem::error(
                            code::RULES_FILE,
                            "缺少亮灯规则文件。",
                            "恢复随附的 plans/rules.toml。",
                        )
                        .at(place),
                    );
                }
                Err(problems)
            }
        }
    }
}

#[cfg(test)]
mod tests;
