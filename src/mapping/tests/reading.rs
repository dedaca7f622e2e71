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
            line.push_str(&format!(" {}={}@{}", field.name, it.value.to_json(&field.ty), it.place.path));
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
