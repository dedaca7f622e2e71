//! 2xxx: charset, XML, JSON, CSV, XLSX.

codes! {
    NOT_WELL_FORMED_XML = 2001, "xml_not_well_formed", "XML 格式不正确", "标签未闭合、实体未定义或字符非法", "按所示位置修正后重发";
}
