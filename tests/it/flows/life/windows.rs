//! The same step pressed in several windows at once.

use std::collections::BTreeSet;
use std::sync::Barrier;

use hub::store::{DocumentId, NumberState, Role, get_document, list_document_events, list_document_files};

use super::{Office, office};
use crate::support::each_db::each_fresh;
use crate::support::person::{Person, account};

/// 编号 pressed by two people at the same moment, each on a document: where each is sent.
fn press(people: [&Person; 2], documents: [&DocumentId; 2], office: &Office) -> Vec<(u16, String)> {
    let start = Barrier::new(2);
    std::thread::scope(|scope| {
        let presses: Vec<_> = people
            .into_iter()
            .zip(documents)
            .map(|(person, id)| {
                let (csrf, start) = (person.csrf(), &start);
                let version = office.app.read(|conn| get_document(conn, id)).version.to_string();
                scope.spawn(move || {
                    let form = [("csrf", csrf.as_str()), ("version", version.as_str())];
                    start.wait();
                    person.post(&format!("/documents/{id}/deeds/number"), &form)
                })
            })
            .collect();
        presses.into_iter().map(|it| it.join().unwrap()).collect()
    })
}

#[test]
fn two_browsers_that_number_one_document_at_once_get_one_number() {
    each_fresh(|fresh| {
        let office = office(&fresh.url);
        account(&office.app.hub, "bianhao2", None, &[Role::Registrar]);
        let second = Person::of(&office.app.base, "bianhao2");
        for round in 1..=4 {
            let id = office.signed();
            for (status, to) in press([&office.registrar, &second], [&id, &id], &office) {
                assert!(status == 303 && to.contains(id.as_str()), "{status} {to}");
            }
            let numbered = office.app.read(|conn| list_document_events(conn, &id));
            assert_eq!(numbered.iter().filter(|it| it.action == "numbered").count(), 1);
            assert_eq!(office.app.read(|conn| list_document_files(conn, &id)).len(), 1, "one numbered text");
            let given = office.app.read(|conn| get_document(conn, &id)).number.unwrap();
            for person in [&office.registrar, &second] {
                assert!(person.get(&format!("/documents/{id}")).1.contains(&given));
            }
            assert_eq!(office.numbers(), (1..=round).map(|n| (n, NumberState::Used)).collect::<Vec<_>>());
        }
    });
}

#[test]
fn two_browsers_that_number_two_documents_at_once_get_two_numbers() {
    each_fresh(|fresh| {
        let office = office(&fresh.url);
        account(&office.app.hub, "bianhao2", None, &[Role::Registrar]);
        let second = Person::of(&office.app.base, "bianhao2");
        let mut given = BTreeSet::new();
        for _ in 0..3 {
            let (one, two) = (office.signed(), office.signed());
            for (status, to) in press([&office.registrar, &second], [&one, &two], &office) {
                assert_eq!(status, 303, "{to}");
            }
            given
                .extend([one, two].map(|id| office.app.read(|conn| get_document(conn, &id)).number.unwrap()));
        }
        assert_eq!(given.len(), 6);
        assert_eq!(office.numbers(), (1..=6).map(|n| (n, NumberState::Used)).collect::<Vec<_>>());
    });
}
