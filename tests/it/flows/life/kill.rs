//! The process is killed while it numbers documents: number, file, hash, event and audit row are there together or not at all.

use std::time::Duration;

use hub::store::{
    AuditFilter, Conn, DocumentId, DocumentState, FileRole, NumberState, Page, find_number_of, get_document,
    list_audit, list_document_events, list_document_files, list_gaps, list_register, load_document_file,
};
use hub::{clock, crypto};

use super::{SERIES, office};
use crate::flows::kill::{on, open, start};
use crate::support::each_db::each_fresh;
use crate::support::person::Person;

/// Whether the document is numbered; panics when it is so by half.
fn is_numbered(conn: &mut Conn, id: &DocumentId) -> bool {
    let document = get_document(conn, id).unwrap();
    let files = list_document_files(conn, id).unwrap();
    let events = list_document_events(conn, id).unwrap();
    let events: Vec<_> = events.iter().filter(|it| it.action == "numbered").collect();
    let filter = AuditFilter {
        action: Some("document.numbered".into()),
        object_id: Some(id.to_string()),
        ..AuditFilter::default()
    };
    let audited = list_audit(conn, &filter, Page::first(5)).unwrap().rows;
    let registered = find_number_of(conn, id).unwrap();
    let is_numbered = document.state == DocumentState::ToSeal;
    let all = [
        usize::from(document.number.is_some()),
        usize::from(document.verify_code.is_some()),
        usize::from(registered.is_some()),
        files.len(),
        events.len(),
        audited.len(),
    ];
    assert_eq!(all, [usize::from(is_numbered); 6], "{document:?}");
    if let (Some(registered), Some(file), Some(event)) = (registered, files.first(), events.first()) {
        assert_eq!(Some(&registered.number), document.number.as_ref());
        assert_eq!((registered.state, file.role), (NumberState::Used, FileRole::Numbered));
        let bytes = load_document_file(conn, &file.id).unwrap().unwrap().1;
        assert_eq!(crypto::sha256_hex(&bytes).unwrap(), file.sha256);
        assert!(
            event.detail.as_str().contains(&file.sha256) && audited[0].detail.as_str().contains(&file.sha256)
        );
    }
    is_numbered
}

#[test]
fn a_kill_while_numbering_leaves_a_document_numbered_or_untouched() {
    each_fresh(|fresh| {
        let data = tempfile::tempdir().unwrap();
        let office = office(&fresh.url);
        let ids: Vec<DocumentId> = (0..16).map(|_| office.signed()).collect();
        drop(office);
        let serve = || {
            let mut command = on(fresh, data.path());
            command.arg("--fonts").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fonts"));
            start(command)
        };
        let store = open(fresh);
        let numbered =
            || store.read(|conn| Ok(ids.iter().filter(|id| is_numbered(conn, id)).count())).unwrap();
        let mut counts = Vec::new();
        for (documents, wait_ms) in ids.chunks(4).zip([0, 150, 400, 800]) {
            let served = serve();
            let registrar = Person::of(&served.base, "bianhao");
            let csrf = registrar.csrf();
            std::thread::scope(|scope| {
                for id in documents {
                    let (registrar, csrf) = (&registrar, csrf.as_str());
                    // Whether the answer still comes does not matter: what is in the database does.
                    scope.spawn(move || {
                        registrar.try_submit(&format!("/documents/{id}/deeds/number"), &[("csrf", csrf)])
                    });
                }
                std::thread::sleep(Duration::from_millis(wait_ms));
                served.kill();
            });
            counts.push(numbered());
        }
        let served = serve();
        let registrar = Person::of(&served.base, "bianhao");
        for id in &ids {
            registrar.does(id.as_str(), "number", &[]);
        }
        served.kill();
        assert_eq!(numbered(), ids.len(), "{counts:?}");
        assert!(counts.iter().any(|it| *it < ids.len()), "no kill came in between: {counts:?}");
        let year = chrono::Datelike::year(&clock::china_date(clock::now()));
        let register = store.read(|conn| list_register(conn, SERIES, year)).unwrap();
        assert_eq!(register.iter().map(|it| it.n).collect::<Vec<_>>(), (1..=16).collect::<Vec<_>>());
        assert_eq!(store.read(|conn| list_gaps(conn, SERIES, year)).unwrap(), [] as [i32; 0]);
        assert_eq!(store.check_integrity().unwrap(), Vec::<String>::new());
    });
}
