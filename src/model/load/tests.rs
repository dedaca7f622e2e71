//! Loading: what a good model compiles to, and that every fault is found with its line.

use crate::model::{FieldType, Schema};

const DEPARTMENTS: &str = r#"
[[department]]
id = "civil_defence"
duty = "人防"
names = [{ full = "某市人民防空办公室", short = "市人防办", source = "测试" }]
"#;

const COLOURS: &str = r#"
title = "颜色"
source = "测试"
verified = true
codes = [{ code = "1", title = "红", aliases = ["赤"] }, { code = "2", title = "绿" }]
"#;

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
"#;

const WORKS: &str = r#"
title = "工程"
description = "测试"
order = 2
keys = [["works_no"], ["parcel_no", "name"]]
division = ["parcel_no"]
label = ["name", "works_no"]
authority = "civil_defence"
sensitivity = "internal"
[fields]
works_no = { title = "编号", type = "text", required = true }
name = { title = "名称", type = "text", authority = "none" }
parcel_no = { title = "宗地", type = "ref:parcel.parcel_no" }
colour = { title = "颜色", type = "code:colour" }
owner = { title = "联系人", type = "text", sensitivity = "personal", mask = "name" }
uses = { title = "用途", type = "list:code:colour" }
[fields.doors]
title = "门"
type = "rows"
[fields.doors.columns]
name = { title = "名称", type = "text" }
count = { title = "数量", type = "integer", unit = "樘", min = 0 }
"#;

fn load(works: &str) -> Result<Schema, Vec<crate::error::Problem>> {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    Schema::load(&[
        file("works.toml", works),
        file("parcel.toml", PARCEL),
        file("codes/colour.toml", COLOURS),
        file("departments.toml", DEPARTMENTS),
        file("rules/anything.toml", "not read here ="),
    ])
}

/// Loads the works file with one line replaced and expects exactly one problem, at `line`, that says `said`.
#[track_caller]
fn fails(from: &str, to: &str, line: u32, said: &str) {
    assert!(WORKS.contains(from), "{from}");
    let problems = load(&WORKS.replace(from, to)).expect_err(to);
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 1, "{shown:#?}");
    let place = problems[0].place.clone().unwrap();
    assert!(problems[0].rule.contains(said), "{shown:#?}");
    assert_eq!((place.path.as_str(), place.line), ("works.toml", Some(line)), "{shown:#?}");
}

#[test]
fn a_good_model_compiles() {
    let schema = load(WORKS).unwrap();
    let names: Vec<&str> = schema.kinds().map(|kind| kind.name.as_str()).collect();
    assert_eq!(names, ["parcel", "works"]);
    let works = schema.kind("works").unwrap();
    let fields: Vec<String> =
        works.fields.iter().map(|field| format!("{} {}", field.name, field.ty.name())).collect();
    assert_eq!(
        fields,
        [
            "works_no text",
            "name text",
            "parcel_no ref:parcel.parcel_no",
            "colour code:colour",
            "owner text",
            "uses list:code:colour",
            "doors rows"
        ]
    );
    assert_eq!(works.field("works_no").unwrap().authority.as_deref(), Some("civil_defence"));
    assert_eq!(works.field("name").unwrap().authority, None);
    assert!(matches!(&works.field("doors").unwrap().ty, FieldType::Rows(columns) if columns.len() == 2));
    let back: Vec<_> =
        schema.links_to("parcel").map(|(kind, link)| (kind.name.as_str(), link.target)).collect();
    assert_eq!(back, [("works", "parcel_no")]);
}

#[test]
fn faults_are_found_with_their_line() {
    fails("type = \"code:colour\" }\nowner", "type = \"code:color\" }\nowner", 14, "没有类型“code:color”");
    fails("type = \"text\", required", "type = \"txt\", required", 11, "没有类型“txt”");
    fails("ref:parcel.parcel_no", "ref:parcel.area", 13, "不是那一类的业务键");
    fails("ref:parcel.parcel_no", "ref:plot.parcel_no", 13, "“plot”不存在");
    fails("authority = \"civil_defence\"", "authority = \"nobody\"", 8, "没有部门“nobody”");
    fails("[\"works_no\"], [", "[\"work_no\"], [", 5, "没有字段“work_no”");
    fails("division = [\"parcel_no\"]", "division = [\"name\"]", 6, "不含行政区划");
    fails("sensitivity = \"personal\", mask", "mask", 15, "不是个人信息");
    fails("list:code:colour", "list:list:text", 16, "没有类型");
    fails(
        "name = { title = \"名称\", type = \"text\", authority",
        "works_no = { title = \"名称\", type = \"text\", authority",
        12,
        "duplicate",
    );
    fails("colour = {", "Colour = {", 14, "不合规");
    fails("required = true", "requird = true", 11, "requird");
}

#[test]
fn problems_of_all_files_come_together() {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let problems = Schema::load(&[
        file("works.toml", "title ="),
        file("codes/colour.toml", &COLOURS.replace("绿", "赤")),
        file("departments.toml", &format!("{DEPARTMENTS}{DEPARTMENTS}")),
    ])
    .unwrap_err();
    let paths: Vec<_> = problems.iter().map(|it| it.place.clone().unwrap().path).collect();
    assert_eq!(paths, ["works.toml", "codes/colour.toml", "departments.toml", "departments.toml"]);
}
