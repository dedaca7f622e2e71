//! A value is corrected at its source after documents printed it.

use hub::issue::{self, NewDraft};
use hub::store::{
    Conn, DocumentId, RecordId, RecordKey, Sources, Weighed, find_record, get_document, save_record,
};
use hub::{clock, error};
use serde_json::{Map, Value};

use super::{Office, office};
use crate::support::each_db::each_fresh;

const PROJECT: &str = "2603-330402-04-01-318827";

/// The project of the notice's sample with this legal representative.
fn project(conn: &mut Conn, id: &RecordId, representative: &str) -> error::Result<()> {
    let body: Map<String, Value> = [
        ("name", "嘉禾云庭"),
        ("project_code", PROJECT),
        ("build_org_name", "嘉兴禾云置业有限公司"),
        ("build_org_uscc", "91330402MA2CU8RX9N"),
        ("build_org_legal_representative", representative),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), Value::from(value)))
    .collect();
    let before = find_record(conn, id)?;
    let keys = [RecordKey { name: "project_code".into(), value: PROJECT.into() }];
    let weighed = Weighed {
        id,
        before: before.as_ref(),
        kind: "project",
        title: "嘉禾云庭",
        division: Some("330402"),
        body: &body,
        sources: &Sources::default(),
        keys: &keys,
        search: "嘉禾云庭",
        message: None,
    };
    save_record(conn, &weighed, clock::now()).map(drop)
}

fn draft_of(office: &Office, project: &RecordId) -> DocumentId {
    let kind = office.app.hub.desk.kind("obligation_notice").unwrap();
    let new = NewDraft {
        kind: "obligation_notice",
        subject: Some(project),
        values: kind.sample.values.clone(),
        department: Some("civil_defence"),
        division: Some("330402"),
        actor: "nigao",
        demo: false,
    };
    let desk = &office.app.hub.desk;
    office.app.hub.store.write(|conn| issue::create(conn, desk, &new, clock::now())).unwrap().id
}

#[test]
fn the_documents_that_printed_it_are_listed_until_a_replacement_is_issued() {
    each_fresh(|fresh| {
        let office = office(&fresh.url);
        let record = RecordId::fresh(clock::now());
        let say = |name: &str| office.app.hub.store.write(|conn| project(conn, &record, name)).unwrap();
        say("沈知远");
        let old = draft_of(&office, &record);
        office.sign(&old);
        for deed in ["number", "seal", "issue"] {
            office.registrar.does(old.as_str(), deed, &[]);
        }
        let listed = || {
            let (status, page) = office.drafter.get(&format!("/records/project/{record}"));
            assert_eq!(status, 200, "{page}");
            page.contains("印为“沈知远”，现为“沈知行”")
        };
        assert!(!listed());
        say("沈知行");
        assert!(listed());
        let (_, page) = office.drafter.get(&format!("/documents/{old}"));
        assert!(page.contains("印发后数据已变，共 1 项") && page.contains("按现在的数据重发"), "{page}");

        let to = office.drafter.does(old.as_str(), "reissue", &[]);
        let new = DocumentId::from(to.split('/').nth(2).unwrap());
        let form: Map<String, Value> = office.app.read(|conn| get_document(conn, &new)).form.read().unwrap();
        assert_eq!(form["recipient_legal_representative"], "沈知行");
        assert_eq!(form["contact_person"], "陆明", "what the clerk typed is kept");
        assert!(listed(), "the wrong one holds until the right one is issued");
        office.sign(&new);
        for deed in ["number", "seal", "issue"] {
            office.registrar.does(new.as_str(), deed, &[]);
        }
        assert!(!listed());
        let code = office.app.read(|conn| get_document(conn, &old)).verify_code.unwrap();
        assert!(office.app.get(&format!("/verify/{code}")).expect(200).text.contains("已被替代"));
    });
}
