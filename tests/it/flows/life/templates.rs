//! A form gets a new version while documents made with the old one are under way.

use std::path::Path;

use hub::store::{DocumentState, get_document};

use super::{app_with, office};
use crate::support::each_db::Fresh;
use crate::support::person::Person;

/// The notice in its next version, which asks one thing more, in a template folder of its own.
fn second_version(at: &Path) {
    let (from, to) = (
        Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/documents/obligation_notice"),
        at.join("documents/obligation_notice"),
    );
    std::fs::create_dir_all(&to).unwrap();
    for name in ["body.tera", "sample.json", "expected.layout"] {
        std::fs::copy(from.join(name), to.join(name)).unwrap();
    }
    let kind = std::fs::read_to_string(from.join("kind.toml")).unwrap();
    let next = kind.replacen("version = 1", "version = 2", 1);
    assert_ne!(kind, next);
    let field = "\n[[field]]\nname = \"desk_note\"\ntitle = \"经办备忘\"\ntype = \"text\"\n";
    std::fs::write(to.join("kind.toml"), next + field).unwrap();
}

#[test]
fn issued_documents_stay_bound_and_drafts_are_shown_what_changes() {
    let fresh = Fresh::sqlite();
    let folder = tempfile::tempdir().unwrap();
    second_version(folder.path());
    let before = office(&fresh.url);
    let (issued, draft) = (before.issued(), super::draft(&before.app, "nigao"));
    let printed = before.drafter.bytes(&format!("/documents/{issued}/file"));
    drop(before);

    let app = app_with(&fresh.url, &[("templates", folder.path().to_str().unwrap())]);
    let drafter = Person::of(&app.base, "nigao");
    assert_eq!(drafter.bytes(&format!("/documents/{issued}/file")), printed);
    assert_eq!(app.read(|conn| get_document(conn, &issued)).template_version, "1");
    let (_, page) = drafter.get(&format!("/documents/{draft}/edit"));
    assert!(page.contains("第 1 版 → 第 2 版") && page.contains("增加的项目：经办备忘"), "{page}");
    assert_eq!(drafter.deed(draft.as_str(), "submit", &[]).0, 409, "not with a form that is gone");
    let csrf = drafter.csrf();
    assert_eq!(drafter.post(&format!("/documents/{draft}/rebind"), &[("csrf", &csrf)]).0, 303);
    drafter.does(draft.as_str(), "submit", &[]);
    let taken_over = app.read(|conn| get_document(conn, &draft));
    assert_eq!((taken_over.template_version.as_str(), taken_over.state), ("2", DocumentState::Reviewing));
}
