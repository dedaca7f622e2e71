//! The folder a mapping stands in: its names and the code tables it may use.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::catalogue::{Tables, Wrong};
use super::super::codes::{CodeTable, TableFile, TableFiles};
use super::super::source::nearest;
use crate::error::codes::mapping as codes;
use crate::model::Schema;

/// One message folder with what surrounds it.
pub(in super::super) struct Folder<'f> {
    pub partner: &'f str,
    pub message: &'f str,
    /// `codes.toml` of the message folder.
    pub own: &'f TableFiles,
    /// `codes.toml` of the partner folder.
    pub shared: &'f TableFiles,
    pub schema: &'f Schema,
    /// Names of tables that some step used.
    pub used: RefCell<BTreeSet<String>>,
}

impl Folder<'_> {
    /// A table of `codes.toml`.
    pub fn table(&self, name: &str) -> Option<&TableFile> {
        self.own.get(name).or_else(|| self.shared.get(name))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.own.keys().chain(self.shared.keys()).map(String::as_str)
    }

    fn no_table(&self, name: &str, also: &[&str]) -> Wrong {
        let hint = nearest(name, self.names().chain(also.iter().copied())).map_or_else(
            || "在本文件夹或单位文件夹的 codes.toml 里加上这张表".to_owned(),
            |it| format!("是不是想写 {it}？"),
        );
        (codes::MAPPING_CODES, format!("没有名为“{name}”的对照表"), hint)
    }
}

impl Tables for Folder<'_> {
    fn codes(&self, name: &str) -> Result<Arc<CodeTable>, Wrong> {
        self.used.borrow_mut().insert(name.to_owned());
        if let Some(found) = self.table(name) {
            if found.table.list.is_none() {
                return Err((
                    codes::MAPPING_CODES,
                    format!("对照表“{name}”没有写 list，不知道换成哪张代码表的代码"),
                    format!("在 [{name}] 下写 list = \"代码表\"；自由对照表用 lookup:{name}"),
                ));
            }
            return Ok(Arc::new(found.table.clone()));
        }
        let Some(list) = self.schema.code_list(name) else {
            let lists: Vec<&str> = self.schema.code_lists().map(|it| it.name.as_str()).collect();
            return Err(self.no_table(name, &lists));
        };
        Ok(Arc::new(CodeTable::of_list(list)))
    }

    fn names(&self, name: &str) -> Result<Arc<CodeTable>, Wrong> {
        let Some(list) = self.schema.code_list(name) else {
            let lists: Vec<&str> = self.schema.code_lists().map(|it| it.name.as_str()).collect();
            return Err(self.no_table(name, &lists));
        };
        Ok(Arc::new(CodeTable::of_list(list)))
    }

    fn free(&self, name: &str) -> Result<Arc<CodeTable>, Wrong> {
        self.used.borrow_mut().insert(name.to_owned());
        self.table(name).map(|it| Arc::new(it.table.clone())).ok_or_else(|| self.no_table(name, &[]))
    }
}
