//! Messages in the shapes that departments send, read into claims.

use super::super::{Hints, Outcome, Reading};
use super::{load, only, schema};

#[track_caller]
fn read(map: &str, message: &str) -> Reading {
    let head = "title = \"测试\"\nversion = 1\n";
    let mappings = load(&format!("{head}{map}"), "");
    only(&mappings).read(message.as_bytes(), &Hints::default())
}

/// One line for each claim: `kind#row field=value@path …`.
fn shown(reading: &Reading) -> Vec<String> {
    let schema = schema();
    let one = |claim: &crate::model::Claim| {
        let kind = schema.kind_at(claim.kind).unwrap();
        let mut line = kind.name.clone();
        if let Some(row) = claim.row {
            line.push_str(&format!("#{row}"));
        }
        for it in &claim.fields {
            let field = kind.fields.get(it.field).unwrap();
            line.push_str(&format!(
                " {}={}@{}",
                field.name,
                it.value.to_json(&field.ty),
                it.spot.place().path
            ));
        }
        line
    };
    reading.claims.iter().map(one).collect()
}

/// One line for each problem: `code path value`.
fn problems(reading: &Reading) -> Vec<String> {
    let one = |it: &crate::error::Problem| {
        let path = it.place.as_ref().map_or("", |it| it.path.as_str());
        format!("{} {path} {}", it.code, it.value.as_deref().unwrap_or_default()).trim().to_owned()
    };
    reading.problems.iter().map(one).collect()
}

#[test]
fn json_rows_with_units_and_empty_spellings() {
    let map = r#"
format = { kind = "json" }
accept = [{ at = "/type", is = ["success"], message = "/text" }]
rows = "/result/data/*"
null = ["/", "无"]
[[record]]
kind = "parcel"
[record.fields]
supervision_no = "dzjgh"
area = { from = "crmj", as = "area:hectare" }
price = { first = ["zj", "tdcjj"], as = "money:wan_yuan", null = ["0"] }
signed_on = { from = "htqdsj", as = "date:yyyyMMddHHmmss", null = ["0"] }
ratio_min = { from = "rjl", as = "bound:min" }
ratio_max = { from = "rjl", as = "bound:max" }
"#;
    let message = r#"{"type":"success","result":{"data":[
 {"dzjgh":"3304022026B00017","crmj":"2.9742","zj":"0.0000","tdcjj":356,"htqdsj":20260301000000,"rjl":"≥1.2"},
 {"dzjgh":"3304022026B00025","crmj":0.7741,"zj":null,"tdcjj":"","htqdsj":0,"rjl":"无"}]}}"#;
    let reading = read(map, message);
    assert_eq!(problems(&reading), Vec::<String>::new());
    assert_eq!(
        shown(&reading),
        [
            "parcel#1 supervision_no=\"3304022026B00017\"@/result/data/0/dzjgh area=\"29742.00\"@/result/data/0/crmj price=\"3560000.00\"@/result/data/0/tdcjj signed_on=\"2026-03-01\"@/result/data/0/htqdsj ratio_min=\"1.2\"@/result/data/0/rjl",
            "parcel#2 supervision_no=\"3304022026B00025\"@/result/data/1/dzjgh area=\"7741.00\"@/result/data/1/crmj",
        ]
    );
    assert_eq!(reading.outcome, Outcome::Accepted);
}

#[test]
fn xml_attribute_rows_look_back_to_the_head_and_to_each_other() {
    let map = r#"
format = { kind = "xml" }
id = "/Message/Head/BizMsgID"
division = "/Message/Head/AreaCode"
null = ["/"]
[[record]]
kind = "parcel"
rows = "/Message/Data/KTT_ZDJBXX"
[record.fields]
parcel_no = "@ZDDM"
area = { from = "@ZDMJ", as = "area:sqm" }
owner = { from = "../ZTT_GY_QLR/@QLRMC", many = "join:、" }
recorded_at = "/Message/Head/CreateDate"
[[record]]
kind = "works"
rows = "/Message/Data/KTT_FW_H"
when = [{ at = "@FWLX", is = ["99"] }]
[record.fields]
works_no = { from = ["@FWBM", "../KTT_ZDJBXX/@ZDDM"], join = "@" }
"#;
    let message = r#"<?xml version="1.0" encoding="UTF-8"?>
<Message><Head><AreaCode>330402</AreaCode><BizMsgID>330402260301000001</BizMsgID><CreateDate>2026-03-01T09:30:00</CreateDate><ParcelID>/</ParcelID></Head>
<Data><ZTT_GY_QLR QLRMC="甲公司"/><KTT_ZDJBXX ZDDM="330402001001GB00012" ZDMJ="1200.5"/><ZTT_GY_QLR QLRMC="乙公司"/>
<KTT_FW_H FWBM="A1" FWLX="99"/><KTT_FW_H FWBM="A2" FWLX="1"/><KTT_FW_H FWBM="A3" FWLX="99"/></Data></Message>"#;
    let reading = read(map, message);
    assert_eq!(problems(&reading), Vec::<String>::new());
    assert_eq!(
        shown(&reading),
        [
            "parcel parcel_no=\"330402001001GB00012\"@/Message/Data/KTT_ZDJBXX/@ZDDM area=\"1200.50\"@/Message/Data/KTT_ZDJBXX/@ZDMJ owner=\"甲公司、乙公司\"@/Message/Data/ZTT_GY_QLR[1]/@QLRMC recorded_at=\"2026-03-01T01:30:00Z\"@/Message/Head/CreateDate",
            "works works_no=\"A1@330402001001GB00012\"@/Message/Data/KTT_FW_H[1]/@FWBM",
            "works works_no=\"A3@330402001001GB00012\"@/Message/Data/KTT_FW_H[3]/@FWBM",
        ]
    );
    assert_eq!(reading.message_key.as_deref(), Some("330402260301000001"));
    assert_eq!(reading.division.as_deref(), Some("330402"));
}

#[test]
fn a_value_of_the_surrounding_row_is_never_that_of_another_row() {
    let map = r#"
format = { kind = "json" }
rows = "/list/*"
[[record]]
kind = "works"
rows = "works/*"
[record.fields]
works_no = { from = ["../project", "no"], join = "-" }
"#;
    let message = r#"{"list":[{"works":[{"no":"1"},{"no":"2"}],"project":"A"},{"project":"B","works":[{"no":"1"}]},{"works":[{"no":"9"}]}]}"#;
    let reading = read(map, message);
    let lines = shown(&reading);
    assert_eq!(
        lines,
        [
            "works#1 works_no=\"A-1\"@/list/0/project",
            "works#1 works_no=\"A-2\"@/list/0/project",
            "works#2 works_no=\"B-1\"@/list/1/project",
            "works#3 works_no=\"9\"@/list/2/works/0/no",
        ]
    );
}

#[test]
fn one_bad_row_is_refused_alone_or_with_the_message() {
    let map = r#"
format = { kind = "json" }
rows = "/data/*"
[[record]]
kind = "parcel"
[record.fields]
supervision_no = "no"
area = { from = "area", as = "area:sqm" }
signed_on = { from = "day", as = "date:yyyy-MM-dd" }
owner = { from = "owner", required = true }
years = "years"
"#;
    let message = r#"{"data":[{"no":"3304022026B00017","area":"120","owner":"张三"},
{"no":"3304022026B00025","area":"-3","day":"2026-02-30","years":"七十"},{"area":"5","owner":"李四"},{}]}"#;
    let reading = read(map, message);
    assert_eq!(reading.outcome, Outcome::Partial);
    assert_eq!(shown(&reading).len(), 1);
    assert_eq!(
        problems(&reading),
        [
            "E4005 /data/1/area -3",
            "E4006 /data/1/day 2026-02-30",
            "E4002 /data/1/years 七十",
            "E4001 /data/1/owner",
            "E3108 /data/2/no",
        ]
    );
    let verdicts: Vec<_> = reading.rows.iter().map(|it| (it.row, it.accepted, it.problems.len())).collect();
    assert_eq!(verdicts, [(1, true, 0), (2, false, 4), (3, false, 1)]);
    let reading = read(&format!("on_error = \"message\"\n{map}"), message);
    assert_eq!((reading.outcome, reading.claims.len()), (Outcome::Refused, 0));
}

#[test]
fn status_not_found_and_another_message() {
    let map = r#"
format = { kind = "json" }
accept = [{ at = "/code", is = ["200"], message = "/msg" }, { at = "/data/head/status", is = ["0"] }]
not_found = [{ at = "/code", is = ["200"] }, { at = "/data/head/status", is = ["10"] }]
rows = "/data/list/*"
[[record]]
kind = "works"
[record.fields]
works_no = "no"
"#;
    let ok = read(map, r#"{"code":200,"data":{"head":{"status":"0"},"list":[{"no":"1"}]}}"#);
    assert_eq!((ok.outcome, ok.claims.len()), (Outcome::Accepted, 1));
    let failed = read(map, r#"{"code":500,"msg":"接口超时","data":{"head":{"status":"0"}}}"#);
    assert_eq!(failed.outcome, Outcome::Refused);
    assert_eq!(problems(&failed), ["E3102 /code 500"]);
    assert!(failed.problems[0].rule.contains("接口超时"));
    let none = read(map, r#"{"code":200,"data":{"head":{"status":10},"list":[{"no":"模板"}]}}"#);
    assert_eq!((none.outcome, none.claims.len()), (Outcome::NotFound, 0));
    let empty = read(map, r#"{"code":200,"data":{"head":{"status":0},"list":[]}}"#);
    assert_eq!((empty.outcome, empty.problems.len()), (Outcome::NotFound, 0));
    let other = read(map, r#"{"code":200,"data":{"head":{"status":0},"rows":[{"no":"1"}]}}"#);
    assert_eq!(other.outcome, Outcome::Refused);
    assert!(other.problems[0].rule.contains("/data 下没有 list"), "{}", other.problems[0].rule);
}

#[test]
fn documents_in_values_and_elements_told_apart_by_attributes() {
    let map = r#"
format = { kind = "form" }
unwrap = [{ at = "/baseInfoXml", as = "xml" }, { at = "/acceptInfoXml", as = "xml" }]
id = "/baseInfoXml/RECORD/PLACEID"
null = ["无"]
[[record]]
kind = "works"
[record.fields]
works_no = "/acceptInfoXml/RECORDS/Item[@name='BYUX0031']"
[[record]]
kind = "parcel"
[record.fields]
supervision_no = { constant = "3304022026B00017" }
name = "/acceptInfoXml/RECORDS/Item[@name='BYUX0004'][@name_cn='社区']"
owner = "/acceptInfoXml/RECORDS/Item[@name='BYUX0004'][@name_cn='产权人']"
"#;
    let base = "<?xml version='1.0' encoding='UTF-8'?><RECORD><PLACEID>330402X1</PLACEID></RECORD>";
    let accept = "<RECORDS><Item name='BYUX0004' name_cn='社区'>南湖社区</Item><Item name='BYUX0004' name_cn='产权人'>示例人防公司</Item><Item name='BYUX0031' name_cn='证号'>020012026100001</Item></RECORDS>";
    let reading = read(map, &format!("baseInfoXml={base}&acceptInfoXml={accept}"));
    assert_eq!(problems(&reading), Vec::<String>::new());
    assert_eq!(reading.message_key.as_deref(), Some("330402X1"));
    let lines = shown(&reading);
    assert!(
        lines[0].starts_with("works works_no=\"020012026100001\"@/acceptInfoXml ▸ /RECORDS/Item"),
        "{lines:?}"
    );
    assert!(
        lines[1].contains("name=\"南湖社区\"") && lines[1].contains("owner=\"示例人防公司\""),
        "{lines:?}"
    );
}

#[test]
fn several_values_sub_rows_and_small_tables() {
    let map = r#"
format = { kind = "xml" }
[[record]]
kind = "parcel"
[record.fields]
supervision_no = "/v/no"
uses = "/v/use"
[record.fields.items]
from = "/v/info"
table = { row = '#', cell = "|", columns = ["code", "name", "amount"] }
fields = { code = "code", amount = { from = "amount", as = "money:yuan" } }
"#;
    let message = "<v><no>3304022026B00017</no><use>住宅</use><use>商服</use><info>1030|登记费|80.0#1031||0.5#</info></v>";
    let reading = read(map, message);
    assert_eq!(problems(&reading), Vec::<String>::new());
    assert!(shown(&reading)[0].contains(r#"uses=["住宅","商服"]@/v/use"#), "{:?}", shown(&reading));
    assert!(
        shown(&reading)[0]
            .contains(r#"items=[{"code":"1030","amount":"80.00"},{"code":"1031","amount":"0.50"}]@/v/info"#),
        "{:?}",
        shown(&reading)
    );
    let twice = "<v><no>3304022026B00017</no><no>3304022026B00025</no></v>";
    assert_eq!(problems(&read(map, twice)), ["E3103 /v/no[2] 3304022026B00025"]);
    let group = "<v><no><x>1</x></no></v>";
    assert_eq!(problems(&read(map, group)), ["E3104 /v/no"]);
}

#[test]
fn unknown_codes_by_the_policy_of_the_field() {
    let map = |unknown: &str| {
        format!(
            r#"
format = {{ kind = "json" }}
[[record]]
kind = "parcel"
[record.fields]
supervision_no = "/no"
tax = {{ from = "/tax", map = {{ "10119" = "deed_tax" }}{unknown} }}
"#
        )
    };
    let message = r#"{"no":"3304022026B00017","tax":"30203"}"#;
    let refused = read(&map(""), message);
    assert_eq!(
        (refused.outcome, problems(&refused)),
        (Outcome::Refused, vec!["E3106 /tax 30203".to_owned()])
    );
    let dropped = read(&map(", unknown = \"null\""), message);
    assert_eq!((dropped.outcome, dropped.claims[0].fields.len()), (Outcome::Accepted, 1));
    let replaced = read(&map(", unknown = \"stamp_tax\""), message);
    assert!(shown(&replaced)[0].contains("tax=\"stamp_tax\"@/tax"));
    assert_eq!(problems(&replaced), ["E3106 /tax 30203"]);
}

#[test]
fn tables_are_read_row_by_row() {
    let map = r#"
format = { kind = "csv", header = 2 }
null = ["-"]
[[record]]
kind = "parcel"
[record.fields]
supervision_no = "电子监管号"
area = { from = "面积(公顷)", as = "area:hectare" }
name = "项目名称[2]"
"#;
    let file = "2026 年供地表,,,\n电子监管号,面积(公顷),项目名称,项目名称\n3304022026B00017,2.9742,旧名,新名\n3304022026B00018,二,x,y\n,,,\n3304022026B00019,-,x,\n";
    let reading = read(map, file);
    assert_eq!(reading.outcome, Outcome::Partial);
    assert_eq!(
        shown(&reading),
        [
            "parcel#3 supervision_no=\"3304022026B00017\"@R3C1 area=\"29742.00\"@R3C2 name=\"新名\"@R3C4",
            "parcel#6 supervision_no=\"3304022026B00019\"@R6C1",
        ]
    );
    let verdicts: Vec<_> = reading.rows.iter().map(|it| (it.row, it.accepted)).collect();
    assert_eq!(verdicts, [(3, true), (4, false), (6, true)]);
    assert!(problems(&reading).contains(&"E4002 R4C2 二".to_owned()), "{:?}", problems(&reading));
    let other = read(map, "表,,\n编号,面积(公顷),项目名称\n1,2,3\n");
    assert_eq!(other.outcome, Outcome::Refused);
    assert!(other.problems[0].rule.contains("电子监管号"), "{:?}", other.problems);
}

#[test]
fn an_expired_credential_is_told_apart_from_a_failure() {
    let map = r#"
format = { kind = "json" }
accept = [{ at = "/head/code", is = ["0000"], message = "/head/msg" }]
expired = [{ at = "/head/code", is = ["2002", "2003"], message = "/head/msg" }]
rows = "/data/*"
[[record]]
kind = "works"
[record.fields]
works_no = "no"
"#;
    let late = read(map, r#"{"head":{"code":"2002","msg":"token 已过期"},"data":[{"no":"1"}]}"#);
    assert_eq!((late.outcome, problems(&late)), (Outcome::Refused, vec!["E3111 /head/code 2002".to_owned()]));
    assert!(late.problems[0].rule.contains("token 已过期"), "{}", late.problems[0].rule);
    assert!(late.problems[0].hint.contains("换新的访问凭证"), "{}", late.problems[0].hint);
    let failed = read(map, r#"{"head":{"code":"9999","msg":"系统忙"},"data":[]}"#);
    assert_eq!(problems(&failed), ["E3102 /head/code 9999"]);
    let mappings = load(&format!("title = \"测试\"\nversion = 1\n{map}"), "");
    let judged = only(&mappings).judge(br#"{"head":{"code":"2003"}}"#, &Hints::default());
    assert_eq!(judged.unwrap_err().code.to_string(), "E3111");
}

#[test]
fn several_documents_one_behind_the_other() {
    let map = r#"
format = { kind = "json", many = true }
rows = "/*/*"
unwrap = [{ at = "/*/*/more", as = "json" }]
[[record]]
kind = "parcel"
[record.fields]
supervision_no = "no"
name = "more/name"
"#;
    let message = r#"[{"no":"3304022026B00017","more":"{\"name\":\"甲\"}"}]
[{"no":"3304022026B00025"},{"no":"3304022026B00033"}]"#;
    let reading = read(map, message);
    assert_eq!(problems(&reading), Vec::<String>::new());
    assert_eq!(
        shown(&reading),
        [
            "parcel#1 supervision_no=\"3304022026B00017\"@/0/0/no name=\"甲\"@/0/0/more ▸ /name",
            "parcel#2 supervision_no=\"3304022026B00025\"@/1/0/no",
            "parcel#3 supervision_no=\"3304022026B00033\"@/1/1/no",
        ]
    );
}
