//! The model as shipped, read from the source tree; for tests of this and other rooms.

use std::path::Path;

use super::Schema;

/// The files below `mappings/<folder>`, each with its path below it and its text.
pub(crate) fn files(folder: &str) -> Vec<(String, String)> {
    fn walk(root: &Path, dir: &Path, out: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                walk(root, &path, out);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                out.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings").join(folder);
    let mut out = Vec::new();
    walk(&root, &root, &mut out);
    out.sort();
    out
}

/// The schema as shipped.
pub(crate) fn schema() -> Schema {
    Schema::load(&files("model")).unwrap_or_else(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

/// What must hold of the shipped model beyond what loading checks.
mod tests {
    use super::schema;
    use crate::model::{FieldType, Sensitivity};

    #[test]
    fn every_kind_of_the_design_is_there() {
        let schema = schema();
        let names: Vec<&str> = schema.kinds().map(|kind| kind.name.as_str()).collect();
        for kind in [
            "organization",
            "project",
            "parcel",
            "planning_indicator",
            "works",
            "protective_unit",
            "handover",
            "title_registration",
            "address",
            "tax_payment",
            "fund_record",
            "lease",
            "financing",
            "maintenance",
            "hazard",
            "conversion_plan",
            "department",
        ] {
            assert!(names.contains(&kind), "{kind}");
        }
        assert_eq!(schema.departments().filter(|department| department.annex_order.is_some()).count(), 14);
    }

    #[test]
    fn people_are_personal_data() {
        // Whatever holds a name, phone or number of a person must be masked by default.
        let marks = [
            "联系人",
            "电话",
            "证件号",
            "法定代表人",
            "经办人",
            "填票人",
            "登簿人",
            "承租人",
            "申办人",
            "发现人",
        ];
        for kind in schema().kinds() {
            for field in &kind.fields {
                let about_person = marks.iter().any(|mark| field.title.contains(mark))
                    && matches!(field.ty, FieldType::Text)
                    && !(kind.name == "department" && field.name == "phone");
                assert!(
                    !about_person || field.sensitivity == Sensitivity::Personal,
                    "{}.{} {}",
                    kind.name,
                    field.name,
                    field.title
                );
            }
        }
    }

    #[test]
    fn every_kind_can_be_reached_by_walking() {
        let schema = schema();
        for (from, to) in [
            ("parcel", "project"),
            ("works", "project"),
            ("works", "parcel"),
            ("works", "organization"),
            ("protective_unit", "works"),
            ("handover", "works"),
            ("title_registration", "works"),
            ("address", "works"),
            ("tax_payment", "parcel"),
            ("tax_payment", "works"),
            ("fund_record", "project"),
            ("lease", "works"),
            ("financing", "works"),
            ("maintenance", "protective_unit"),
            ("hazard", "maintenance"),
            ("conversion_plan", "works"),
            ("asset", "title_registration"),
        ] {
            assert!(schema.links_to(to).any(|(kind, _)| kind.name == from), "{from} → {to}");
        }
    }
}
