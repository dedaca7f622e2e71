//! What is wrong with a plan file: pieces that do not fit together, and names the model does not know.

use super::{Plan, duty};
use crate::error::{Place, Problem, codes::task as code};
use crate::model::Schema;

/// The problems of one file.
struct Findings<'a> {
    name: &'a str,
    found: Vec<Problem>,
}

impl Findings<'_> {
    fn say(&mut self, at: &str, rule: impl Into<String>, hint: &str) {
        let place = Place { path: format!("{} {at}", self.name), ..Place::default() };
        self.found.push(Problem::error(code::PLAN_FILE, rule, hint).at(place));
    }
}

/// Cells against their duties, printed lists against departments, and references within the file.
pub(super) fn check(plan: &Plan, name: &str) -> Vec<Problem> {
    let mut findings = Findings { name, found: Vec::new() };
    counts(plan, &mut findings);
    references(plan, &mut findings);
    findings.found
}

fn counts(plan: &Plan, findings: &mut Findings<'_>) {
    for unit in &plan.units {
        let pieces = duty::split(&unit.cell).len();
        if pieces != unit.duties.len() {
            let rule = format!("单元格按分号拆成 {pieces} 项，duties 写了 {} 项。", unit.duties.len());
            findings.say(&unit.name, rule, "逐项对应，次序与单元格一致。");
        }
    }
    for main in &plan.mains {
        let (printed, listed) = (duty::units(&main.printed).len(), main.departments.len());
        if listed == 0 || printed != listed {
            let rule = format!("printed 列了 {printed} 个责任部门，departments 为 {listed} 个。");
            findings.say(&main.no, rule, "两处应一一对应。");
        }
    }
}

fn references(plan: &Plan, findings: &mut Findings<'_>) {
    for department in plan.mains.iter().flat_map(|main| &main.departments).chain([&plan.office]) {
        if plan.unit(department).is_none() {
            findings.say(department, "unit 中没有这个部门。", "补上 [[unit]]，或改正编号。");
        }
    }
    let duties = || plan.units.iter().flat_map(|unit| &unit.duties);
    for under in duties().filter_map(|duty| duty.under.as_ref()) {
        if !plan.mains.iter().any(|main| main.no == *under) {
            findings.say(under, "under 指的主要任务不存在。", "填写 [[main]] 的 no。");
        }
    }
    for milestone in plan.mains.iter().map(|main| &main.milestone).chain(duties().map(|duty| &duty.milestone))
    {
        if plan.milestone_due(milestone).is_none() {
            findings.say(milestone, "没有这个节点。", "填写 [[milestone]] 的 id。");
        }
    }
    let asked = plan.mains.iter().filter_map(|main| main.evidence.as_ref());
    for evidence in asked.chain(duties().filter_map(|duty| duty.evidence.as_ref())) {
        if plan.binding(Some(evidence)).is_none() {
            findings.say(evidence, "没有这项数据佐证。", "填写 [[evidence]] 的 id。");
        }
    }
}

/// Kinds and fields of the evidence against the model.
pub(super) fn check_evidence(plan: &Plan, name: &str, schema: &Schema) -> Vec<Problem> {
    let mut findings = Findings { name, found: Vec::new() };
    for entry in &plan.evidence {
        let binding = &entry.binding;
        for side in [&binding.done, &binding.of] {
            let Some(kind) = schema.kind(&side.kind) else {
                findings.say(
                    &entry.id,
                    format!("模型中没有“{}”这类记录。", side.kind),
                    "hub model show 列出全部类别。",
                );
                continue;
            };
            for test in side.tests.iter().filter(|test| kind.field(&test.field).is_none()) {
                let rule = format!("“{}”没有字段 {}。", kind.title, test.field);
                findings.say(&entry.id, rule, &format!("hub model show {} 列出全部字段。", kind.name));
            }
            if !binding.by.iter().any(|field| kind.field(field).is_some()) {
                let rule = format!("“{}”没有 by 所列的任何字段。", kind.title);
                findings.say(&entry.id, rule, "两侧的记录都要能说出是哪一个对象。");
            }
        }
        if let Some(via) = binding.via.as_deref().filter(|via| schema.kind(via).is_none()) {
            findings.say(&entry.id, format!("模型中没有“{via}”这类记录。"), "改正 via，或去掉。");
        }
    }
    findings.found
}
