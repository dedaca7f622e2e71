//! The model as text for people at a terminal: `hub model show [kind]`.

use super::code_list::CodeList;
use super::field::{Field, Fields, Sensitivity};
use super::field_type::FieldType;
use super::kind::Kind;
use super::schema::Schema;
use crate::text::width::pad;

/// All kinds, one a line, in the order of the model.
#[must_use]
pub fn kinds(schema: &Schema) -> String {
    let mut out = String::from("规范模型\n\n");
    for kind in schema.kinds() {
        let keys: Vec<String> = kind.keys.iter().map(|key| kind.key_name(key)).collect();
        out += &format!(
            "{} {} {:>3} 个字段  业务键 {}\n",
            pad(&kind.name, 20),
            pad(&kind.title, 20),
            kind.fields.len(),
            keys.join(" | ")
        );
    }
    out += "\n查看某一类：hub model show <名称>\n";
    out
}

/// One kind: meaning, keys, links in both directions, fields, code lists used.
#[must_use]
pub fn kind(schema: &Schema, kind: &Kind) -> String {
    let mut out = format!("{} {}\n{}\n\n", kind.name, kind.title, kind.description);
    let keys: Vec<String> = kind.keys.iter().map(|key| kind.key_name(key)).collect();
    out += &format!("业务键　{}\n", keys.join(" | "));
    let links: Vec<String> = kind
        .links()
        .filter_map(|link| {
            Some(format!("{} → {}.{}", kind.fields.get(link.field)?.name, link.kind, link.target))
        })
        .collect();
    if !links.is_empty() {
        out += &format!("关联到　{}\n", links.join("、"));
    }
    let mut back: Vec<String> =
        schema.links_to(&kind.name).map(|(from, _)| format!("{} {}", from.name, from.title)).collect();
    back.dedup();
    if !back.is_empty() {
        out += &format!("被关联　{}\n", back.join("、"));
    }
    out += &format!("\n{} {} {} 权威部门\n", pad("字段", 34), pad("名称", 28), pad("类型", 32));
    push_fields(&mut out, schema, &kind.fields, "");
    out += "\n* 完整记录必备　△ 个人信息，默认脱敏　○ 可公开\n";
    let mut lists: Vec<&CodeList> = Vec::new();
    collect_lists(&kind.fields, &mut lists);
    for list in lists {
        out += &format!("\n{}", code_list(list));
    }
    out
}

/// A code list with its source.
#[must_use]
pub fn code_list(list: &CodeList) -> String {
    let doubt = if list.verified { "" } else { "；未核对标准原文" };
    let mut out = format!("代码表 {} {}（{}{doubt}）\n", list.name, list.title, list.source);
    // Long standard lists would bury the rest; the file has them all.
    const SHOWN: usize = 40;
    for code in list.codes.iter().take(SHOWN) {
        out += &format!("  {} {}\n", pad(&code.code, 18), code.title);
    }
    if list.codes.len() > SHOWN {
        out += &format!("  …… 共 {} 个，见 mappings/model/codes/{}.toml\n", list.codes.len(), list.name);
    }
    out
}

fn push_fields(out: &mut String, schema: &Schema, fields: &Fields, indent: &str) {
    for field in fields {
        let authority = field.authority.as_deref().and_then(|id| schema.department(id)?.current());
        let authority = authority.map_or("—", |name| name.short.as_str());
        out.push_str(&format!(
            "{} {} {} {authority}\n",
            pad(&format!("{indent}{}{}", field.name, marks(field)), 34),
            pad(&field.title, 28),
            pad(&field.ty.name(), 32),
        ));
        if !field.description.is_empty() {
            out.push_str(&format!("{indent}    {}\n", field.description));
        }
        if let FieldType::Rows(columns) = &field.ty {
            push_fields(out, schema, columns, "  · ");
        }
    }
}

fn marks(field: &Field) -> String {
    let required = if field.required { " *" } else { "" };
    let sensitivity = match field.sensitivity {
        Sensitivity::Personal => " △",
        Sensitivity::Open => " ○",
        Sensitivity::Internal => "",
    };
    format!("{required}{sensitivity}")
}

/// The code lists that fields use, each once, in the order of the fields.
fn collect_lists<'a>(fields: &'a Fields, lists: &mut Vec<&'a CodeList>) {
    for field in fields {
        let ty = if let FieldType::List(item) = &field.ty { item } else { &field.ty };
        match ty {
            FieldType::Code(list) if lists.iter().all(|known| known.name != list.name) => lists.push(list),
            FieldType::Rows(columns) => collect_lists(columns, lists),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::shipped;

    #[test]
    fn kinds_and_fields_are_listed() {
        let schema = shipped::schema();
        let all = super::kinds(&schema);
        assert!(all.contains("works                人防工程"), "{all}");
        let works = super::kind(&schema, schema.kind("works").unwrap());
        for part in [
            "业务键　works_no | completion_filing_no | unit_no | project_code+name",
            "parcel_no → parcel.parcel_no",
            "handover 移交",
            "市人防办",
            "  · area",
            "代码表 chemical_grade 防化等级",
            "移交期限 15 个工作日自此起算",
        ] {
            assert!(works.contains(part), "{part}\n{works}");
        }
        let parcel = super::kind(&schema, schema.kind("parcel").unwrap());
        assert!(parcel.contains("…… 共 169 个，见 mappings/model/codes/land_use.toml"), "{parcel}");
        let lease = super::kind(&schema, schema.kind("lease").unwrap());
        assert!(lease.contains("lessee_phone △"), "{lease}");
    }
}
