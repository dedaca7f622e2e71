//! What is read is written in the partner's format and reads the same again.

use chrono::{DateTime, Utc};

use super::super::{Files, Trial, test};
use super::schema;

fn now() -> DateTime<Utc> {
    "2026-03-01T01:30:00Z".parse().unwrap()
}

/// Proves a mapping on one sample: it must read, and write back to the same.
#[track_caller]
fn round(map: &str, name: &str, sample: &[u8]) -> String {
    let map = format!("title = \"测试\"\nversion = 1\n{map}");
    let mut files: Files = super::files(&map, "");
    files.insert(format!("nr/grant/{name}"), sample.to_vec());
    let schema = schema();
    let first = test(&files, &schema, now());
    assert!(first.diagnostics.is_empty(), "{}", super::super::render_all(&first.diagnostics, &files));
    files.extend(first.updates);
    let proof = test(&files, &schema, now());
    let failures: Vec<_> = proof.cases.iter().filter_map(|it| it.failure.as_deref()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(proof.cases.iter().any(|it| it.trial == Trial::WritesBack), "{:?}", proof.cases);
    let (mappings, _) = super::super::check(&files, &schema);
    let mapping = super::only(&mappings);
    let reading = mapping.read(sample, &Default::default());
    let bodies: Vec<_> = reading
        .claims
        .iter()
        .map(|it| (it.kind, it.row, it.fields.iter().map(|f| (f.field, f.value.clone())).collect()))
        .collect();
    let views: Vec<_> = bodies
        .iter()
        .map(|(kind, row, body)| super::super::RecordView { kind: *kind, body, group: row.unwrap_or(0) })
        .collect();
    let mac = |_: &[u8]| "A".repeat(64);
    let mut stamps = super::super::Stamps::new(now(), "M1");
    stamps.mac = Some(&mac);
    let bytes = mapping.write(&views, &stamps).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn json_with_units_status_and_numbers() {
    let map = r#"
format = { kind = "json" }
accept = [{ at = "/type", is = ["success"] }]
rows = "/result/data/*"
null = ["/"]
[[record]]
kind = "parcel"
[record.fields]
supervision_no = "dzjgh"
area = { from = "crmj", as = "area:hectare" }
price = { from = "tdcjj", as = "money:wan_yuan", write = "bare" }
signed_on = { from = "htqdsj", as = "date:yyyyMMddHHmmss", null = ["0"], write = { as = "bare", null = "0" } }
uses = { from = "yt", as = "split:、" }
[write]
null = ""
[write.set]
"/time" = { now = "yyyy-MM-dd HH:mm:ss" }
"/count" = { give = "count", bare = true }
[record.set]
status = 0
"#;
    let sample = r#"{"type":"success","result":{"data":[{"dzjgh":"3304022026B00017","crmj":"2.9742","tdcjj":356.5,"htqdsj":20260301000000,"yt":"住宅、商服"},{"dzjgh":"3304022026B00025","crmj":0.7741,"htqdsj":0}]}}"#;
    assert_eq!(
        round(map, "sample.json", sample.as_bytes()),
        r#"{"result":{"data":[{"dzjgh":"3304022026B00017","crmj":"2.9742","tdcjj":356.5,"htqdsj":20260301000000,"yt":"住宅、商服","status":0},{"dzjgh":"3304022026B00025","crmj":"0.7741","tdcjj":"","htqdsj":0,"yt":"","status":0}]},"time":"2026-03-01 09:30:00","count":2,"type":"success"}"#
    );
}

#[test]
fn gbk_xml_with_attribute_rows_in_the_wanted_order() {
    let map = r#"
format = { kind = "xml", charset = "gbk" }
id = "/Message/Head/BizMsgID"
[[record]]
kind = "parcel"
rows = "/Message/Data/KTT_ZDJBXX"
[record.fields]
parcel_no = "@ZDDM"
owner = "../ZTT_GY_QLR/@QLRMC"
[[record]]
kind = "works"
rows = "/Message/Data/KTT_FW_H"
when = [{ at = "@FWLX", is = ["99"] }]
[record.fields]
works_no = "@FWBM"
[record.set]
"@YSDM" = "6001030140"
[write]
order = ["/Message/Head/ASID", "/Message/Head", "/Message/Data"]
[write.set]
"/Message/Head/ASID" = "AS100"
"/Message/Head/Creator" = { give = "uuid" }
"#;
    let sample = r#"<Message><Head><BizMsgID>X1</BizMsgID></Head><Data><KTT_ZDJBXX ZDDM="330402001001GB00012"/><ZTT_GY_QLR QLRMC="Alpha"/><KTT_FW_H FWBM="A1" FWLX="99"/><KTT_FW_H FWBM="A2" FWLX="99"/></Data></Message>"#;
    assert_eq!(
        round(map, "sample.xml", sample.as_bytes()),
        r#"<?xml version="1.0" encoding="GBK"?><Message><Head><ASID>AS100</ASID><Creator>M1</Creator><BizMsgID>M1</BizMsgID></Head><Data><KTT_ZDJBXX ZDDM="330402001001GB00012"/><ZTT_GY_QLR QLRMC="Alpha"/><KTT_FW_H FWBM="A1" YSDM="6001030140" FWLX="99"/><KTT_FW_H FWBM="A2" YSDM="6001030140" FWLX="99"/></Data></Message>"#
    );
}

#[test]
fn form_with_documents_inside() {
    let map = r#"
format = { kind = "form" }
unwrap = [{ at = "/acceptInfoXml", as = "xml" }]
[[record]]
kind = "works"
[record.fields]
works_no = "/acceptInfoXml/RECORDS/Item[@name='BYUX0031'][@name_cn='证号']"
[write]
"#;
    let sample = "acceptInfoXml=<RECORDS><Item name='BYUX0031' name_cn='证号'>A1</Item></RECORDS>";
    let written = round(map, "sample.txt", sample.as_bytes());
    assert!(written.starts_with("acceptInfoXml=%3C"), "{written}");
}

#[test]
fn frame_with_a_gbk_voucher_in_base64() {
    let map = r#"
format = { kind = "frame", charset = "gbk" }
unwrap = [{ at = "/xml", as = "xml" }, { at = "/xml/CFX/MSG/MOF/VoucherBody/Voucher", as = "base64:gbk+xml" }]
id = "/xml/CFX/HEAD/MsgID"
[[record]]
kind = "parcel"
rows = "/xml/CFX/MSG/MOF/VoucherBody/Voucher/Voucher"
[record.fields]
supervision_no = "No"
price = { from = "Amt", as = "money:yuan" }
owner = "PayerName"
[record.fields.items]
from = "PayInfo"
table = { row = '#', cell = "|", columns = ["code", "name", "amount"] }
fields = { code = "code", amount = { from = "amount", as = "money:yuan" } }
[write]
[write.set]
"/message_no" = "5996"
"/xml/CFX/HEAD/MsgNo" = "5996"
"#;
    // <Voucher><No>3304022026B00017</No><Amt>80.5</Amt><PayerName>甲公司</PayerName><PayInfo>1030||80#1031||0.5#</PayInfo></Voucher> in GBK
    let inner = crate::text::charset::encode(
        "<Voucher><No>3304022026B00017</No><Amt>80.5</Amt><PayerName>甲公司</PayerName><PayInfo>1030||80#1031||0.5#</PayInfo></Voucher>",
        crate::text::charset::Charset::Gbk,
    )
    .unwrap();
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, inner);
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"GBK\"?><CFX><HEAD><MsgNo>5996</MsgNo><MsgID>7</MsgID></HEAD><MSG><MOF><VoucherBody><Voucher>{base64}</Voucher></VoucherBody></MOF></MSG></CFX>"
    );
    let sample = crate::format::Frame::write("5996", xml.as_bytes(), |_| "0".repeat(64));
    let written = round(map, "sample.txt", &sample);
    assert!(written.contains("CNNONTAX1.05996<?xml version=\"1.0\" encoding=\"GBK\"?><CFX>"), "{written}");
    assert!(written.contains(base64.get(..24).unwrap()), "{written}");
}

#[test]
fn one_value_in_several_places_and_one_cut_in_two() {
    let map = r#"
format = { kind = "xml", declaration = false }
rows = "/M/D/Z"
null = ["/"]
ignore = ["/M/H"]
[[record]]
kind = "parcel"
[record.fields]
supervision_no = { from = ["@A", "@B"], join = "", write = { cut = [6] } }
parcel_no = { from = "@ZDDM", write = { also = ["/M/H/Parcel", { at = "/M/H/Area", as = "substring:1,6" }] } }
owner = { from = "/M/Q/@NAME", many = "join:、" }
name = { from = "@XMMC", write = { null = "/" } }
[write]
[write.set]
"/M/H/Place" = { give = "place", default = "F330400" }
"#;
    let sample = r#"<M><H><Parcel>330402001001GB00012</Parcel></H><D><Z A="330402" B="2026B00017" ZDDM="330402001001GB00012" XMMC="/"/></D><Q NAME="甲公司"/></M>"#;
    let written = round(map, "sample.xml", sample.as_bytes());
    for part in [
        r#"A="330402" B="2026B00017""#,
        "<Parcel>330402001001GB00012</Parcel>",
        "<Area>330402</Area>",
        r#"XMMC="/""#,
        "<Place>F330400</Place>",
    ] {
        assert!(written.contains(part), "{part}: {written}");
    }
    assert!(written.starts_with("<M>"), "without its declaration: {written}");
}

#[test]
fn rows_that_need_a_document_each_are_not_written_into_one() {
    let map = r#"
title = "测试"
version = 1
format = { kind = "json" }
unwrap = [{ at = "/body", as = "xml" }]
rows = "/body/Voucher"
[[record]]
kind = "parcel"
[record.fields]
supervision_no = "No"
[write]
"#;
    let mappings = super::load(map, "");
    let mapping = super::only(&mappings);
    let sample = |no: &str| format!("{{\"body\":\"<Voucher><No>{no}</No></Voucher>\"}}").into_bytes();
    let bodies: Vec<_> = ["3304022026B00017", "3304022026B00025"]
        .iter()
        .flat_map(|no| mapping.read(&sample(no), &Default::default()).claims)
        .map(|it| (it.kind, it.fields.iter().map(|f| (f.field, f.value.clone())).collect()))
        .collect();
    let views = |bodies: &'_ [(crate::model::KindId, crate::model::Body)]| -> Vec<Vec<u8>> {
        let views: Vec<_> = (0..)
            .zip(bodies)
            .map(|(group, (kind, body))| super::super::RecordView { kind: *kind, body, group })
            .collect();
        mapping.write(&views, &super::super::Stamps::new(now(), "M1")).into_iter().collect()
    };
    assert_eq!(views(&bodies[..1]).len(), 1);
    assert!(views(&bodies).is_empty(), "two vouchers in one document would be no XML");
}

#[test]
fn two_kinds_in_one_row_stay_together() {
    let map = r#"
format = { kind = "json" }
rows = "/data/*"
[[record]]
kind = "parcel"
[record.fields]
supervision_no = "no"
[[record]]
kind = "works"
[record.fields]
works_no = "works/no"
parcel = { from = "no", unknown = "hold" }
[write]
"#;
    let sample = r#"{"data":[{"no":"3304022026B00017"},{"no":"3304022026B00025","works":{"no":"W2"}},{"no":"3304022026B00033","works":{"no":"W3"}}]}"#;
    let written = round(map, "sample.json", sample.as_bytes());
    assert!(written.contains(r#"{"no":"3304022026B00025","works":{"no":"W2"}}"#), "{written}");
}

#[test]
fn tables_in_both_formats() {
    let map = |kind: &str| {
        format!(
            r#"
format = {{ kind = "{kind}" }}
[[record]]
kind = "parcel"
[record.fields]
supervision_no = "电子监管号"
area = {{ from = "面积(公顷)", as = "area:hectare" }}
name = "项目名称"
[write]
"#
        )
    };
    let sample = "电子监管号,面积(公顷),项目名称\n3304022026B00017,2.9742,甲\n3304022026B00025,,\"乙,丙\"\n";
    let written = round(&map("csv"), "sample.csv", sample.as_bytes());
    assert_eq!(written.trim_start_matches('\u{feff}').replace("\r\n", "\n"), sample);
    let columns = ["电子监管号", "面积(公顷)", "项目名称"].map(|title| crate::format::write::Column {
        title: title.to_owned(),
        kind: crate::format::write::ColumnKind::Text,
        width: 10,
        note: None,
    });
    let mut sheet = crate::format::write::SheetWriter::new("表", None, columns.to_vec()).unwrap();
    sheet.row(&["3304022026B00017", "2.9742", "甲"]).unwrap();
    sheet.row(&["3304022026B00025", "", "乙"]).unwrap();
    round(&map("xlsx"), "sample.xlsx", &sheet.finish().unwrap());
}

#[test]
fn rows_of_xml_inside_json_and_of_json_inside_xml() {
    let fields = r#"
[[record]]
kind = "works"
[record.fields]
works_no = "no"
parcel = { from = "../land", unknown = "hold" }
[write]
"#;
    let xml_inside = format!(
        r#"
format = {{ kind = "json" }}
unwrap = [{{ at = "/Data", as = "xml", declaration = false }}]
accept = [{{ at = "/Code", is = ["0"] }}]
rows = "/Data/DataSet/list/ds"
{fields}"#
    );
    let sample = r#"{"Data":"<DataSet><list><ds><no>W1</no></ds><land>3304022026B00017</land><ds><no>W2</no></ds></list></DataSet>","Code":"0"}"#;
    assert_eq!(round(&xml_inside, "sample.json", sample.as_bytes()), sample);
    let json_inside = format!(
        r#"
format = {{ kind = "xml", declaration = false }}
unwrap = [{{ at = "/service/body", as = "json" }}]
rows = "/service/body/list/*"
{fields}"#
    );
    let sample = r#"<service><body><![CDATA[{"list":[{"no":"W1"},{"no":"W2"}],"land":"3304022026B00017"}]]></body></service>"#;
    assert_eq!(round(&json_inside, "sample.xml", sample.as_bytes()), sample);
}

#[test]
fn documents_one_behind_the_other() {
    let map = r#"
format = { kind = "json", many = true, charset = "gbk" }
rows = "/*"
[[record]]
kind = "parcel"
[record.fields]
supervision_no = "no"
[write]
"#;
    let sample = r#"{"no":"3304022026B00017"}{"no":"3304022026B00025"}"#;
    assert_eq!(round(map, "sample.json", sample.as_bytes()), sample);
}
