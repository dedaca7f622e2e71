//! The language as a whole, on a small invented model.

mod functions;
mod loading;
mod reading;
mod writing;

use super::{Files, Mapping, Mappings};
use crate::model::Schema;

const PARCEL: &str = r#"
title = "地块"
description = "测试"
order = 1
keys = [["parcel_no"], ["supervision_no"]]
division = ["parcel_no"]
label = ["parcel_no"]
sensitivity = "internal"
[fields]
parcel_no = { title = "宗地代码", type = "ident:parcel_no" }
supervision_no = { title = "电子监管号", type = "ident:supervision_no" }
name = { title = "项目名称", type = "text" }
area = { title = "面积", type = "area" }
price = { title = "成交价", type = "money" }
ratio_min = { title = "容积率下限", type = "decimal:2" }
ratio_max = { title = "容积率上限", type = "decimal:2" }
signed_on = { title = "签订日期", type = "date" }
recorded_at = { title = "登记时间", type = "instant" }
years = { title = "年限", type = "integer" }
built = { title = "已建", type = "boolean" }
tax = { title = "税种", type = "code:tax" }
owner = { title = "权利人", type = "text", sensitivity = "personal", mask = "name" }
uses = { title = "用途", type = "list:text" }
[fields.items]
title = "明细"
type = "rows"
[fields.items.columns]
code = { title = "项目码", type = "text" }
amount = { title = "金额", type = "money" }
"#;

const WORKS: &str = r#"
title = "工程"
description = "测试"
order = 2
keys = [["works_no"]]
division = []
label = ["works_no"]
sensitivity = "internal"
[fields]
works_no = { title = "编号", type = "text", required = true }
parcel = { title = "宗地", type = "ref:parcel.supervision_no" }
"#;

const TAX: &str = r#"
title = "税种"
source = "测试"
verified = true
codes = [{ code = "deed_tax", title = "契税" }, { code = "stamp_tax", title = "印花税" }]
"#;

const DEPARTMENTS: &str = r#"
[[department]]
id = "natural_resources"
duty = "自然资源"
names = [{ full = "某市自然资源和规划局", short = "市自然资源和规划局", source = "测试" }]
"#;

pub(super) fn schema() -> Schema {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    Schema::load(&[
        file("parcel.toml", PARCEL),
        file("works.toml", WORKS),
        file("codes/tax.toml", TAX),
        file("departments.toml", DEPARTMENTS),
    ])
    .unwrap()
}

/// A folder with one message whose `map.toml` is `map`, and a `codes.toml`.
pub(super) fn files(map: &str, codes: &str) -> Files {
    let partner = "title = \"市自然资源和规划局\"\ndepartment = \"natural_resources\"\n";
    [("nr/partner.toml", partner), ("nr/codes.toml", codes), ("nr/grant/map.toml", map)]
        .into_iter()
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
        .collect()
}

#[track_caller]
pub(super) fn load(map: &str, codes: &str) -> Mappings {
    let files = files(map, codes);
    match Mappings::load(&files, &schema()) {
        Ok(mappings) => mappings,
        Err(found) => panic!("{}", super::render_all(&found, &files)),
    }
}

#[track_caller]
pub(super) fn only(mappings: &Mappings) -> &Mapping {
    mappings.get("nr", "grant").unwrap()
}
