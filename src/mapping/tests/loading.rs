//! What is wrong with a mapping file is found at load, with its place.

use super::super::{Mappings, render_all};
use super::{files, load, schema};

const GOOD: &str = r#"title = "土地出让"
version = 1
format = { kind = "json" }
rows = "/result/data/*"
null = ["/", "无"]

[[record]]
kind = "parcel"
key = ["supervision_no"]

[record.fields]
supervision_no = { from = "dzjgh", required = true }
name = "xmmc"
area = { from = "crmj", as = "area:hectare" }
price = { from = "tdcjj", as = "money:wan_yuan" }
signed_on = { from = "htqdsj", as = "date:yyyyMMddHHmmss", null = ["0"] }
tax = { from = "sz", as = "code:sz" }
uses = { from = "yt", as = "split:、" }

[write]
"#;

const CODES: &str = r#"[sz]
title = "税种"
list = "tax"
[sz.codes]
"10119" = "deed_tax"
"10111" = "stamp_tax"
"#;

#[test]
fn a_good_file_loads() {
    let mappings = load(GOOD, CODES);
    assert_eq!(mappings.iter().count(), 1);
    assert_eq!(super::only(&mappings).label(), "nr/grant@1");
}

/// Replaces one part of the good files and expects exactly one finding that says `words`, under the text `under`.
fn finds(from: &str, to: &str, code: &str, under: &str, words: &str) -> Result<(), String> {
    assert!(GOOD.contains(from) || CODES.contains(from), "{from}");
    let files = files(&GOOD.replacen(from, to, 1), &CODES.replacen(from, to, 1));
    let Err(found) = Mappings::load(&files, &schema()) else { return Err(format!("{to}: nothing found")) };
    let shown =
        format!("{to}: expected {code} under {under:?} with {words:?}\n{}\n", render_all(&found, &files));
    let [only] = found.as_slice() else { return Err(shown) };
    let text = std::str::from_utf8(&files[&only.file]).unwrap();
    let good = only.code.to_string() == code
        && &text[only.span.clone()] == under
        && (only.message.contains(words) || only.hint.contains(words));
    if good { Ok(()) } else { Err(shown) }
}

#[test]
fn every_kind_of_mistake_is_found_at_its_place() {
    let all = [
        finds("version = 1", "version = 1\nverson = 2", "E3002", "verson", "是不是想写 version"),
        finds("title = \"土地出让\"", "", "E3003", "\n", "缺少 title"),
        finds("version = 1", "version = \"一\"", "E3004", "\"一\"", "整数"),
        finds("\"xmmc\"", "\"xm//mc\"", "E3005", "\"xm//mc\"", "缺少名称"),
        finds("\"xmmc\"", "\"../../../../x\"", "E3005", "\"../../../../x\"", "最上层"),
        finds("kind = \"parcel\"", "kind = \"parcle\"", "E3006", "\"parcle\"", "是不是想写 parcel"),
        finds("name = ", "nam = ", "E3007", "nam", "是不是想写 name"),
        finds("area:hectare", "aera:hectare", "E3008", "\"aera:hectare\"", "是不是想写 area"),
        finds("area:hectare", "area:acre", "E3009", "\"area:acre\"", "hectare（公顷）"),
        finds("area:hectare", "area", "E3009", "\"area\"", "缺少参数"),
        finds("yyyyMMddHHmmss", "yyyyMMddhhmmss", "E3009", "\"date:yyyyMMddhhmmss\"", "12 小时制"),
        finds("area:hectare", "money:yuan", "E3010", "\"money:yuan\"", "类型"),
        finds(", as = \"area:hectare\"", "", "E3011", "area", "单位"),
        finds("area:hectare", "area:hectare,round", "E3012", "\"area:hectare,round\"", "无法写回"),
        finds("as = \"split:、\"", "as = [\"before:（\", \"split:、\"]", "E3012", "\"before:（\"", "丢掉"),
        finds("\"10111\" = \"stamp_tax\"", "", "E3013", "\"code:sz\"", "stamp_tax（印花税）"),
        finds("\"stamp_tax\"", "\"stamp\"", "E3013", "\"stamp\"", "是不是想写 stamp_tax"),
        finds("code:sz", "code:ss", "E3013", "\"code:ss\"", "是不是想写 sz"),
        finds("\"10111\"", "\"10112\" = \"deed_tax\"\n\"10111\"", "E3013", "\"code:sz\"", "不知写哪一个"),
        finds("key = [\"supervision_no\"]", "key = [\"name\"]", "E3014", "\"name\"", "登记的主键"),
        finds("key = [\"supervision_no\"]", "key = [\"parcel_no\"]", "E3014", "\"parcel_no\"", "没有映射"),
        finds(
            "as = \"money:wan_yuan\"",
            "as = \"money:wan_yuan\", default = \"无价\"",
            "E3015",
            "\"无价\"",
            "不成立",
        ),
        finds("kind = \"json\"", "kind = \"jsno\"", "E3016", "\"jsno\"", "是不是想写 json"),
        finds("kind = \"json\"", "kind = \"json\", charset = \"big5\"", "E3016", "\"big5\"", "gb18030"),
        finds(
            "from = \"dzjgh\", required",
            "from = \"dzjgh\", constant = \"1\", required",
            "E3019",
            "{ from = \"dzjgh\", constant = \"1\", required = true }",
            "不止一种",
        ),
        finds(
            "required = true",
            "required = true, default = \"3304022026B00017\"",
            "E3019",
            "supervision_no",
            "不能同时写",
        ),
        finds("version = 1", "version = = 1", "E3001", "=", "TOML"),
    ];
    let wrong: Vec<String> = all.into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_link_must_say_what_happens_when_its_target_is_not_there() {
    let map = r#"title = "工程"
version = 1
format = { kind = "json" }
[[record]]
kind = "works"
[record.fields]
works_no = "/no"
parcel = "/parcel"
"#;
    let files = files(map, "");
    let found = Mappings::load(&files, &schema()).unwrap_err();
    let shown = render_all(&found, &files);
    assert!(shown.contains("E3018") && shown.contains("hold"), "{shown}");
}

#[test]
fn all_findings_come_at_once_and_the_caret_stands_under_chinese_text() {
    let map = GOOD.replace("\"xmmc\"", "{ from = \"项目名称\", as = \"改\" }").replace("parcel", "parcle");
    let codes = CODES.replace("deed_tax", "契税");
    let files = files(&map, &codes);
    let found = Mappings::load(&files, &schema()).unwrap_err();
    assert_eq!(found.len(), 2, "{}", render_all(&found, &files));
    let map = GOOD.replace("\"xmmc\"", "{ from = \"项目名称\", as = \"改\" }");
    let files = super::files(&map, CODES);
    let found = Mappings::load(&files, &schema()).unwrap_err();
    let shown = found[0].render(&files);
    // Full-width characters take two columns: twelve before `as`, the caret under the quoted word.
    let expected = "错误[E3008]: 没有名为“改”的转换函数
  --> nr/grant/map.toml:13:30
   |
13 | name = { from = \"项目名称\", as = \"改\" }
   |                                  ^^^^ 函数表见《映射语言》";
    assert_eq!(shown, expected, "\n{shown}");
}
