//! Identifiers against published and computed vectors, right and wrong.

use super::IdentKind::{
    CertNo, Division, DocNo, IdCard, ParcelNo, PayCode, PlateNo, ProjectCode, RegulationNo, SupervisionNo,
    UnitNo, Uscc,
};
use super::{IdentKind, check};

#[track_caller]
fn good(kind: IdentKind, text: &str, normal: &str) {
    let checked = check(kind, text).unwrap_or_else(|fault| panic!("{text}: {}", fault.rule));
    assert_eq!(checked.text, normal);
    assert_eq!(checked.warning, None, "{text}");
    let again = check(kind, normal).unwrap();
    assert_eq!(again.text, normal, "the normal spelling must be stable");
}

#[track_caller]
fn bad(kind: IdentKind, text: &str, said: &str) {
    let fault = check(kind, text).expect_err(text);
    assert!(fault.rule.contains(said), "{text}: {}", fault.rule);
    assert!(!fault.hint.is_empty());
}

#[track_caller]
fn odd(kind: IdentKind, text: &str) {
    assert!(check(kind, text).unwrap().warning.is_some(), "{text}");
}

#[test]
fn uscc() {
    // The fifth has remainder 0 and the check character 0: the case that breaks careless code.
    for text in [
        "91350100M000100Y43",
        "91110000600037341L",
        "91110108551385082Q",
        "12330400000123641Y",
        "123304000001235290",
    ] {
        good(Uscc, text, text);
    }
    good(Uscc, " 91110108551385082q ", "91110108551385082Q");
    good(Uscc, "９１１１０１０８５５１３８５０８２Ｑ（1-1）", "91110108551385082Q");
    bad(Uscc, "91310115MA1H8R7C6D", "末位应为“7”");
    bad(Uscc, "9111010855138508Q", "现为 17 位");
    bad(Uscc, "9111010855138508OQ", "不含 I、O、S、V、Z");
    bad(Uscc, "9111010855138508中Q", "不含");
    bad(Uscc, "", "现为 0 位");
}

#[test]
fn id_card() {
    for text in [
        "11010519491231002X",
        "440524188001010014",
        "34052419800101001X",
        "330402199003070015",
        "330481197808151230",
        "370303196912124564",
    ] {
        good(IdCard, text, text);
    }
    good(IdCard, "34052419800101001x", "34052419800101001X");
    bad(IdCard, "330402198502290018", "出生日期不存在");
    bad(IdCard, "330402199003070016", "校验码");
    bad(IdCard, "000402199003070015", "省级");
    bad(IdCard, "33040219900307001", "现为 17 位");
    bad(IdCard, "33040219900307A015", "前 17 位应为数字");
    let shown = format!("{:?}", super::IdCard::parse("330402199003070015").unwrap());
    assert!(!shown.contains("19900307"), "{shown}");
}

#[test]
fn parcel_and_unit() {
    good(ParcelNo, "330402 001002 GX00017", "330402001002GX00017");
    good(ParcelNo, "340304003043gb01234", "340304003043GB01234");
    bad(ParcelNo, "330402001002GX0001", "现为 18 位");
    bad(ParcelNo, "330402001002KX00017", "特征码");
    bad(ParcelNo, "330402001002GI00017", "特征码");
    assert!(super::ParcelNo::parse("330402001002GX00017").unwrap().is_underground());
    good(UnitNo, "330402 001002 GX00017 F00010001", "330402001002GX00017F00010001");
    good(UnitNo, "330402001002GB00017W00000000", "330402001002GB00017W00000000");
    bad(UnitNo, "330402001002GB00017W00000001", "W00000000");
    bad(UnitNo, "330402001002GX00017X00010001", "定着物特征码");
    bad(UnitNo, "330402001002GX00017F0001000100000", "现为 33 位");
    let unit = super::UnitNo::parse("330402001002GX00017F00010001").unwrap();
    assert_eq!(unit.parcel(), "330402001002GX00017");
    assert_eq!(unit.grouped(), "330402 001002 GX00017 F00010001");
}

#[test]
fn project_code() {
    good(ProjectCode, "2106-330402-04-01-123456", "2106-330402-04-01-123456");
    good(ProjectCode, "2020-330402-70-03-123456", "2020-330402-70-03-123456");
    good(ProjectCode, "２１０６－３３０４０２－０４－０１－１２３４５６", "2106-330402-04-01-123456");
    good(ProjectCode, "21063304020401123456", "2106-330402-04-01-123456");
    bad(ProjectCode, "2113-330402-04-01-123456", "赋码年月");
    bad(ProjectCode, "2021-000402-04-01-123456", "前 4 位");
    bad(ProjectCode, "2106-990402-04-01-123456", "行政区划");
    bad(ProjectCode, "2106-330402-04-01-12345", "20 位数字");
}

#[test]
fn division() {
    good(Division, "330402", "330402");
    good(Division, "330402013", "330402013");
    good(Division, "330402000000", "330402");
    bad(Division, "3304", "6 位数字");
    bad(Division, "990402", "省级");
    assert_eq!(super::division_of(UnitNo, "330402001002GX00017F00010001").as_deref(), Some("330402"));
    assert_eq!(super::division_of(ProjectCode, "2106-330402-04-01-123456").as_deref(), Some("330402"));
    assert_eq!(super::division_of(Division, "330402013").as_deref(), Some("330402"));
    assert_eq!(super::division_of(Uscc, "91110108551385082Q"), None);
    assert_eq!(super::Division::parse("330402013").unwrap().city(), "330400");
}

#[test]
fn document_numbers() {
    for text in
        ["嘉政办发〔2022〕4号", "嘉政办发[2022]4号", "嘉政办发（２０２２） 04 号", "嘉政办发【2022】4号"]
    {
        good(DocNo, text, "嘉政办发〔2022〕4号");
    }
    good(DocNo, "嘉人防告字〔2026〕第12号", "嘉人防告字〔2026〕第12号");
    for text in
        ["嘉政办发2022 4号", "〔2022〕4号", "嘉政办发〔22〕4号", "嘉政办发〔2022〕0号", "嘉政办发〔2022〕4"]
    {
        bad(DocNo, text, "六角括号");
    }
    good(RegulationNo, "ZJFC01-2022-0001", "ZJFC01-2022-0001");
    good(RegulationNo, "ZJAC75-2024-0001", "ZJAC75-2024-0001");
    good(RegulationNo, "CPYD01-2021-0004", "CPYD01-2021-0004");
    bad(RegulationNo, "ZJ01-2022-0001", "统一编号");
}

#[test]
fn certificate_numbers() {
    good(CertNo, "冀（2018）石家庄市不动产权第0029272号", "冀（2018）石家庄市不动产权第0029272号");
    good(CertNo, "苏(2017)海门市不动产权第303号", "苏（2017）海门市不动产权第0000303号");
    good(CertNo, "浙 ( 2022 ) 嘉南不动产证明第 0012345 号", "浙（2022）嘉南不动产证明第0012345号");
    odd(CertNo, "嘉房权证南湖区字第00123号");
    bad(CertNo, "  ", "现为 0 位");
}

#[test]
fn shapes_that_only_warn() {
    good(SupervisionNo, "3304022021B00123", "3304022021B00123");
    good(SupervisionNo, "3407002021a00269-9", "3407002021A00269-9");
    odd(SupervisionNo, "3304022021A21001234");
    odd(SupervisionNo, "3304022021C00123");
    bad(SupervisionNo, "监管号", "只能由数字");
    good(PayCode, "33040226300000000001", "33040226300000000001");
    odd(PayCode, "3304022630000000001");
    good(PlateNo, "020132022100001", "020132022100001");
    odd(PlateNo, "02013");
    let grant = super::SupervisionNo::parse("3304022021B00123").unwrap();
    assert_eq!(grant.supply(), super::Supply::Grant);
}

#[test]
fn names_lead_back_to_kinds() {
    for kind in IdentKind::all() {
        assert_eq!(IdentKind::named(kind.name()), Some(kind));
        assert!(!kind.title().is_empty());
    }
    assert_eq!(IdentKind::named("nonsense"), None);
}

#[test]
fn any_text_gets_an_answer() {
    // Every position of every vector replaced by what breaks careless slicing: no panic, and what is accepted is stable.
    let vectors = [
        "91110108551385082Q",
        "330402199003070015",
        "330402001002GX00017F00010001",
        "2106-330402-04-01-123456",
        "3304022021B00123",
        "嘉政办发〔2022〕4号",
        "浙（2022）嘉南不动产权第0012345号",
        "ZJFC01-2022-0001",
    ];
    for vector in vectors {
        let chars: Vec<char> = vector.chars().collect();
        for at in 0..=chars.len() {
            for odd in ["", "é", "中", "\u{0}", "９", "𠮷", "\u{301}", "()"] {
                let head: String = chars.iter().take(at).collect();
                let tail: String = chars.iter().skip(at + 1).collect();
                let text = format!("{head}{odd}{tail}");
                for kind in IdentKind::all() {
                    if let Ok(checked) = check(kind, &text) {
                        assert_eq!(check(kind, &checked.text).unwrap().text, checked.text, "{kind:?} {text}");
                        let county = super::division_of(kind, &checked.text);
                        assert!(county.is_none_or(|code| code.len() == 6), "{kind:?} {text}");
                    }
                }
                if let Some(day) = crate::text::date::parse(&text) {
                    assert_eq!(crate::text::date::parse(&day.to_string()), Some(day), "{text}");
                }
                if let Ok(number) = crate::text::number::parse(&text) {
                    assert_eq!(crate::text::number::parse(&number.to_string()), Ok(number), "{text}");
                }
            }
        }
    }
}
