//! Whether a field can be written back: asked where the file declares `[write]`.

use super::super::catalogue;
use super::super::codes::TableFile;
use super::super::file::{AlsoFile, FieldFile, Origin};
use super::super::function::{Act, Word};
use super::super::path::{Path, Step, Test};
use super::super::plan::{AlsoPlan, FieldPlan};
use super::super::source::At;
use super::{Compiler, Layer};
use crate::error::codes::mapping as codes;

/// Wrappings that cannot be put on again.
impl Compiler<'_> {
    pub(super) fn check_layers(&self, unwrap: &super::Unwrap, span: &std::ops::Range<usize>) {
        let one_way = unwrap.layers.iter().any(|it| matches!(it, Layer::Percent(_) | Layer::Form));
        if self.reversible && one_way {
            self.source.error(
                codes::MAPPING_NOT_REVERSIBLE,
                span,
                "percent、form 的嵌套文档还不能写回",
                "对方能收 xml、json、escaped 或 base64 时改用它们；不写回时去掉 [write]",
            );
        }
    }
}

const SKIP: &str = "换成可逆的写法，或在这个字段写 write = \"skip\"（不写出）";

impl Compiler<'_> {
    pub(super) fn check_reverse(&self, file: &FieldFile, plan: &FieldPlan, owner: &str, row: &[Step]) {
        for step in plan.steps.iter().chain(&plan.convert) {
            if let Some(why) = step.function.one_way(&step.args) {
                let written = file.steps.iter().find(|it| it.value == step.written);
                let span = written.map_or(file.name.span.clone(), |it| it.span.clone());
                self.source.error(
                    codes::MAPPING_NOT_REVERSIBLE,
                    &span,
                    format!("{owner} 无法写回：{} {why}", step.written),
                    SKIP,
                );
            }
            if step.args.words.iter().any(|it| matches!(it, Word::Table(_))) {
                let name = step.written.split_once(':').map_or("", |(_, name)| name);
                if let Some(table) = self.folder.table(name).filter(|_| step.function.name != "name") {
                    self.check_table(file, table, name, owner);
                }
            }
        }
        match &file.origin {
            Origin::From(path) => self.check_path(path, plan.list, row),
            Origin::First(paths) => {
                if let Some(first) = paths.first() {
                    self.check_path(first, plan.list, row);
                }
            }
            Origin::Join(paths, between) if between.is_empty() && file.cut.is_none() => {
                let span = paths.first().map_or(file.name.span.clone(), |it| it.span.clone());
                self.source.error(
                    codes::MAPPING_NOT_REVERSIBLE,
                    &span,
                    format!("{owner} 由几处直接相连而成，写回时分不开"),
                    "写明前几处各几个字，如 write = { cut = [8] }；或写 write = \"skip\"（不写出）",
                );
            }
            Origin::Join(paths, _) => {
                self.check_cut(file, paths.len());
                paths.iter().for_each(|it| self.check_path(it, false, row));
            }
            _ => {}
        }
    }

    fn check_cut(&self, file: &FieldFile, places: usize) {
        let Some(cut) = &file.cut else { return };
        if cut.len() + 1 != places || cut.contains(&0) {
            self.source.error(
                codes::MAPPING_SHAPE,
                &file.span,
                format!("from 写了 {places} 处，cut 应写 {} 个字数", places.saturating_sub(1)),
                "除最后一处外，每处写明几个字，如 cut = [8]",
            );
        }
    }

    /// Further places of the written value, with the steps that make their text.
    pub(super) fn also(&self, file: &FieldFile, row: &[Step]) -> Vec<AlsoPlan> {
        file.also.iter().filter_map(|it| self.one_also(it, row)).collect()
    }

    fn one_also(&self, file: &AlsoFile, row: &[Step]) -> Option<AlsoPlan> {
        self.check_path(&file.at, false, row);
        let path = self.full(&file.at, row)?;
        let mut steps = Vec::new();
        for written in &file.steps {
            match catalogue::step(&written.value, self.folder) {
                Ok(step) if matches!(step.function.act, Act::Text { .. }) => steps.push(step),
                Ok(_) => self.source.error(
                    codes::MAPPING_TYPE,
                    &written.span,
                    format!("{} 不是文字到文字的一步", written.value),
                    "also 里可用 substring、remove_suffix、lookup 等",
                ),
                Err((code, message, hint)) => self.source.error(code, &written.span, message, hint),
            }
        }
        Some(AlsoPlan { path, steps })
    }

    fn check_table(&self, file: &FieldFile, table: &TableFile, name: &str, owner: &str) {
        let span = file
            .steps
            .iter()
            .find(|it| it.value.ends_with(name))
            .map_or(file.name.span.clone(), |it| it.span.clone());
        if !table.partial && !table.missing.is_empty() {
            let shown: Vec<_> = table.missing.iter().take(6).cloned().collect();
            let more = if table.missing.len() > shown.len() { " 等" } else { "" };
            self.source.error(
                codes::MAPPING_CODES,
                &span,
                format!("{owner} 写回时，对照表“{name}”缺少 {}{more}", shown.join("、")),
                format!("在 [{name}.codes] 补齐；对方确实没有对应代码时写 partial = true"),
            );
        }
        if !table.ambiguous.is_empty() {
            self.source.error(
                codes::MAPPING_CODES,
                &span,
                format!("{owner} 写回时，{} 对着几个对方代码，不知写哪一个", table.ambiguous.join("、")),
                format!(
                    "在 [{name}.write] 写明，如 {} = \"…\"",
                    table.ambiguous.first().cloned().unwrap_or_default()
                ),
            );
        }
    }

    /// A path that can be made, not only found.
    fn check_path(&self, path: &At<Path>, list: bool, row: &[Step]) {
        let json = self.full(path, row).is_some_and(|it| self.in_json(&it));
        let steps = &path.value.steps;
        for (n, step) in steps.iter().enumerate() {
            let last = n + 1 == steps.len();
            let numbered = step.tests.iter().any(|it| matches!(it, Test::Nth(_))) && !self.table;
            let wild = step.name.is_none() && !(list && last && json);
            if wild || numbered {
                self.source.error(
                    codes::MAPPING_NOT_REVERSIBLE,
                    &path.span,
                    format!("路径里的“{step}”写回时不知写成什么"),
                    SKIP,
                );
            }
        }
    }
}
