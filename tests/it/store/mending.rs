//! Decisions over quarantine on both databases: what belongs to a group, where a decision stands.

use hub::store::*;

use super::builders::{at, message, partner};
use crate::support::each_db::each_db;

#[test]
fn a_group_is_what_waits_for_the_same_reason() {
    each_db(|store| {
        let waits = |key: &str, cause: Option<&str>, from: &PartnerId| Message {
            state: MessageState::Quarantined,
            cause: cause.map(str::to_owned),
            ..message(from, key)
        };
        let (a, b, mine) = store
            .write(|conn| {
                let nr = partner(conn, "nr");
                let (a, b) = (waits("1", Some("E4007"), &nr), waits("2", Some("E4007"), &nr));
                let rest = [waits("3", Some("E2011"), &nr), waits("4", None, &nr), message(&nr, "5")];
                for row in [&a, &b].into_iter().chain(&rest) {
                    insert_message(conn, row, b"{}")?;
                }
                let group =
                    Group { partner: nr, name: "land_grant".to_owned(), cause: Some("E4007".to_owned()) };
                let (total, until) = count_group(conn, &group)?;
                let row = Mending {
                    id: MendingId::fresh(at(1)),
                    partner: group.partner.clone(),
                    name: group.name.clone(),
                    cause: group.cause.clone(),
                    substitutions: Json::list(),
                    note: "核实".to_owned(),
                    state: MendingState::Running,
                    after_id: String::new(),
                    until_id: until.unwrap(),
                    total: i32::try_from(total).unwrap(),
                    accepted: 0,
                    refused: 0,
                    skipped: 0,
                    created_by: "shuju".to_owned(),
                    created_at: at(1).into(),
                    updated_at: at(1).into(),
                    finished_at: None,
                };
                insert_mending(conn, &row)?;
                Ok((a.id, b.id, row))
            })
            .unwrap();
        let group = mine.group();
        let ids = |after: &str| store.read(|conn| list_group(conn, &group, after, 9)).unwrap();
        let mut all = vec![a, b];
        all.sort();
        assert_eq!(ids(""), all);
        assert_eq!(ids(all[0].as_str()), [all[1].clone()]);
        assert_eq!((mine.total, &mine.until_id), (2, &all[1]));
        let none = Group { cause: None, ..group.clone() };
        assert_eq!(store.read(|conn| count_group(conn, &none)).unwrap().0, 1);
        assert!(store.read(|conn| list_mendings(conn, &none, 9)).unwrap().is_empty());
        store
            .write(|conn| {
                let mut held = hold_mending(conn, &mine.id)?;
                held.accepted = 2;
                held.finished_at = Some(at(2).into());
                save_mending(conn, &held, at(2))
            })
            .unwrap();
        let kept = store.read(|conn| list_mendings(conn, &group, 9)).unwrap();
        assert_eq!((kept.len(), kept[0].settled(), kept[0].updated_at), (1, 2, at(2).into()));
        assert!(store.read(|conn| get_mending(conn, &MendingId::from("nothing"))).is_err());
    });
}
