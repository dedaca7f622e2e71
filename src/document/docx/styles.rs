//! Section, styles and the fixed parts of the package.

use std::fmt::Write;

use super::{HEAD, W};
use crate::document::font::Role;
use crate::document::layout::measure::{SIZE_2, SIZE_3, SIZE_4};

/// A4; 天头 37 mm, 订口 28 mm, a text area of 156 × 225 mm; 22 lines at a pitch of 29.61 pt (592 twentieths). Page numbers 7 mm
/// below, odd and even apart (5.2, 7.5).
///
/// The grid has lines only: `LibreOffice` gives each character that is wider than its cell a second one, and 三号 is ([`TIGHTER`]).
pub(super) const SECTION: &str = "<w:sectPr>\
    <w:footerReference w:type=\"default\" r:id=\"rId3\"/><w:footerReference w:type=\"even\" r:id=\"rId4\"/>\
    <w:pgSz w:w=\"11906\" w:h=\"16838\"/>\
    <w:pgMar w:top=\"2098\" w:right=\"1474\" w:bottom=\"1984\" w:left=\"1587\" w:header=\"851\" w:footer=\"1361\" w:gutter=\"0\"/>\
    <w:docGrid w:type=\"lines\" w:linePitch=\"592\"/></w:sectPr>";

/// 28 characters of 16 pt in 156 mm (442.2 pt): each a quarter of a point closer to the next, in twentieths.
const TIGHTER: &str = "<w:spacing w:val=\"-5\"/>";
/// Type that is not counted 28 to the line.
const NATURAL: &str = "<w:spacing w:val=\"0\"/>";

pub(super) const SETTINGS: &str = "<w:evenAndOddHeaders/>\
    <w:characterSpacingControl w:val=\"compressPunctuation\"/>\
    <w:compat><w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat>";

pub(super) const CONTENT_TYPES: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
    <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
    <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
    <Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>\
    <Override PartName=\"/word/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/>\
    <Override PartName=\"/word/settings.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml\"/>\
    <Override PartName=\"/word/footer_odd.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/>\
    <Override PartName=\"/word/footer_even.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/>\
    <Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/></Types>";

pub(super) const RELATIONS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
    <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/>\
    <Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/></Relationships>";

pub(super) const DOCUMENT_RELATIONS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
    <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/>\
    <Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/settings\" Target=\"settings.xml\"/>\
    <Relationship Id=\"rId3\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer\" Target=\"footer_odd.xml\"/>\
    <Relationship Id=\"rId4\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer\" Target=\"footer_even.xml\"/></Relationships>";

/// Millimetres as twentieths of a point.
pub(super) fn twips(mm: f64) -> u32 {
    (mm * 1440.0 / 25.4).round() as u32
}

/// The face of a role, by the name under which offices have it installed.
pub(super) fn face(role: Role) -> String {
    let name = match role {
        Role::Fang => "仿宋_GB2312",
        Role::Title => "方正小标宋简体",
        Role::Hei => "黑体",
        Role::Kai => "楷体_GB2312",
        Role::Song => "宋体",
    };
    format!("<w:rFonts w:ascii=\"{name}\" w:hAnsi=\"{name}\" w:eastAsia=\"{name}\" w:cs=\"{name}\"/>")
}

/// 四号宋体 with a dash on each side, one character from the edge (7.5).
pub(super) fn footer(align: &str) -> String {
    let side = if align == "right" { "rightChars" } else { "leftChars" };
    let run = format!("<w:rPr>{}{}</w:rPr>", face(Role::Song), size(SIZE_4));
    let field = |kind: &str| format!("<w:r>{run}<w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    format!(
        "{HEAD}<w:ftr {W}><w:p><w:pPr><w:pStyle w:val=\"Footer\"/><w:ind w:{side}=\"100\"/><w:jc w:val=\"{align}\"/></w:pPr>\
         <w:r>{run}<w:t xml:space=\"preserve\">— </w:t></w:r>{}<w:r>{run}<w:instrText>PAGE</w:instrText></w:r>{}\
         <w:r>{run}<w:t>1</w:t></w:r>{}<w:r>{run}<w:t xml:space=\"preserve\"> —</w:t></w:r></w:p></w:ftr>",
        field("begin"),
        field("separate"),
        field("end"),
    )
}

fn size(points: f64) -> String {
    let half = (points * 2.0).round();
    format!("<w:sz w:val=\"{half}\"/><w:szCs w:val=\"{half}\"/>")
}

/// Name of a style, its title, paragraph properties and run properties.
type Style = (&'static str, &'static str, String, String);

pub(super) fn styles() -> String {
    let two_in = "<w:ind w:firstLineChars=\"200\" w:firstLine=\"640\"/>";
    let heading = |level: u8| format!("{two_in}<w:outlineLvl w:val=\"{level}\"/>");
    let red = "<w:color w:val=\"DB0000\"/>";
    let red_line =
        "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"12\" w:space=\"8\" w:color=\"DB0000\"/></w:pBdr>";
    let rule =
        |side: &str| format!("<w:{side} w:val=\"single\" w:sz=\"6\" w:space=\"2\" w:color=\"000000\"/>");
    let rules = format!(
        "<w:pBdr>{}{}{}</w:pBdr><w:tabs><w:tab w:val=\"right\" w:pos=\"8562\"/></w:tabs><w:ind w:leftChars=\"100\" w:rightChars=\"100\"/>",
        rule("top"),
        rule("bottom"),
        rule("between")
    );
    let styles: [Style; 12] = [
        ("BodyText", "正文首行缩进", two_in.to_owned(), String::new()),
        ("Title", "公文标题", String::new(), face(Role::Title) + NATURAL + &size(SIZE_2)),
        ("Heading1", "heading 1", heading(0), face(Role::Hei)),
        ("Heading2", "heading 2", heading(1), face(Role::Kai)),
        ("Heading3", "heading 3", heading(2), String::new()),
        ("Heading4", "heading 4", heading(3), String::new()),
        (
            "Organ",
            "发文机关标志",
            "<w:snapToGrid w:val=\"0\"/>".to_owned(),
            face(Role::Title) + red + NATURAL + &size(50.0),
        ),
        ("RedLine", "发文字号", red_line.to_owned(), String::new()),
        ("Imprint", "版记", rules, NATURAL.to_owned() + &size(SIZE_4)),
        ("Cell", "表格文字", "<w:snapToGrid w:val=\"0\"/>".to_owned(), NATURAL.to_owned()),
        (
            "AfterTable",
            "表后",
            "<w:snapToGrid w:val=\"0\"/><w:spacing w:line=\"20\" w:lineRule=\"exact\"/>".to_owned(),
            String::new(),
        ),
        ("Footer", "footer", "<w:snapToGrid w:val=\"0\"/>".to_owned(), String::new()),
    ];
    let mut out = format!(
        "{HEAD}<w:styles {W}><w:docDefaults><w:rPrDefault><w:rPr>{}<w:lang w:val=\"zh-CN\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault>\
         <w:pPrDefault/></w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\">\
         <w:name w:val=\"Normal\"/><w:pPr><w:jc w:val=\"both\"/></w:pPr></w:style>",
        face(Role::Fang) + TIGHTER + &size(SIZE_3),
    );
    for (id, name, paragraph, run) in styles {
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"Normal\"/>\
             <w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
        );
    }
    let edges = ["top", "left", "bottom", "right", "insideH", "insideV"];
    let edges: String = edges
        .iter()
        .map(|edge| format!("<w:{edge} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>"))
        .collect();
    let _ = write!(
        out,
        "<w:style w:type=\"table\" w:styleId=\"Grid\"><w:name w:val=\"公文表格\"/><w:tblPr><w:tblBorders>{edges}</w:tblBorders>\
         <w:tblCellMar><w:left w:w=\"85\" w:type=\"dxa\"/><w:right w:w=\"85\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr></w:style></w:styles>"
    );
    out
}
