//! Messages, claims, records: idempotency, versions, the past, provenance, differences, search, audit.

use std::sync::Barrier;

use chrono::TimeDelta;
use hub::error::codes;
use hub::model::Schema;
use hub::store::*;
use serde_json::json;

use super::builders::{at, claim, detail, message, partner, take_in};
use crate::support::each_db::{Fresh, each_db, each_fresh};

#[test]
fn a_repeated_message_is_found_and_a_failed_one_may_come_again() {
    each_db(|store| {
        store
            .write(|conn| {
                let sender = partner(conn, "natural-resources");
                let first = Message { idempotency_key: Some("i1".into()), ..message(&sender, "m1") };
                let identity = |digest| Identity {
                    partner: &sender,
                    name: "land_grant",
                    message_key: Some("m1"),
                    idempotency_key: Some("i1"),
                    digest,
                };
                assert!(find_repeated(conn, identity(&first.digest))?.is_none());
                let refused =
                    Message { id: MessageId::fresh(at(0)), state: MessageState::Refused, ..first.clone() };
                insert_message(conn, &refused, b"{}")?;
                assert!(
                    find_repeated(conn, identity(&first.digest))?.is_none(),
                    "a refused try does not count"
                );
                insert_message(conn, &first, b"{}")?;
                assert_eq!(find_repeated(conn, identity(&first.digest))?.unwrap(), first);
                let reused = find_repeated(conn, identity("another digest")).unwrap_err();
                assert_eq!(reused.code, codes::record::KEY_REUSED);
                let by_content = Identity { idempotency_key: None, ..identity(&first.digest) };
                assert_eq!(find_repeated(conn, by_content)?.unwrap().id, first.id);
                let corrected = Identity { idempotency_key: None, ..identity("another digest") };
                assert!(find_repeated(conn, corrected)?.is_none(), "the same key with other content is news");
                assert_eq!(load_raw(conn, &first.id)?, b"{}");
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn one_message_sent_eight_times_at_once_is_stored_once() {
    each_db(|store| {
        let sender = store.write(|conn| Ok(partner(conn, "tax"))).unwrap();
        let start = Barrier::new(8);
        let ids: Vec<MessageId> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    let (sender, start) = (&sender, &start);
                    scope.spawn(move || {
                        start.wait();
                        let new = Message { idempotency_key: Some("same".into()), ..message(sender, "m") };
                        let receive = |conn: &mut Conn| {
                            let identity = Identity {
                                partner: sender,
                                name: &new.name,
                                message_key: new.message_key.as_deref(),
                                idempotency_key: new.idempotency_key.as_deref(),
                                digest: &new.digest,
                            };
                            match find_repeated(conn, identity)? {
                                Some(known) => Ok(known.id),
                                None => insert_message(conn, &new, b"{}").map(|()| new.id.clone()),
                            }
                        };
                        store.write(receive).unwrap()
                    })
                })
                .collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        let listed =
            store.read(|conn| list_messages(conn, &MessageFilter::default(), Page::first(10))).unwrap();
        assert_eq!(listed.total, 1);
    });
}

#[test]
fn a_bulk_file_keeps_its_bytes_in_parts_and_its_verdicts_by_row() {
    each_db(|store| {
        store
            .write(|conn| {
                let sender = partner(conn, "civil-affairs");
                let file = message(&sender, "file");
                insert_message(conn, &file, b"")?;
                for (n, part) in ["甲".as_bytes(), b"b", b"c"].into_iter().enumerate() {
                    insert_message_part(conn, &file.id, n as i32, part)?;
                }
                let rows: Vec<MessageRow> = (2..1202)
                    .map(|row| MessageRow {
                        message_id: file.id.clone(),
                        row,
                        state: MessageState::Refused,
                        problems: Json::list(),
                    })
                    .collect();
                insert_message_rows(conn, &rows)?;
                assert_eq!(load_raw(conn, &file.id)?, "甲bc".as_bytes());
                let page = list_message_rows(conn, &file.id, 1000, 50)?;
                assert_eq!((page.len(), page[0].row), (50, 1001));
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn a_record_keeps_every_version_and_the_place_of_every_value() {
    each_db(|store| {
        store
            .write(|conn| {
                let sender = partner(conn, "natural-resources");
                let (first, second) = (message(&sender, "m1"), message(&sender, "m2"));
                insert_message(conn, &first, b"{}")?;
                insert_message(conn, &second, b"{}")?;
                let fields =
                    |area: &str| [("supervision_no", json!("3304022021B00123")), ("area", json!(area))];
                let (id, saved) = take_in(conn, &first, "3304022021B00123", &fields("100.00"), at(0));
                assert_eq!((saved.created, saved.version), (true, 1));
                let (again, saved) = take_in(conn, &first, "3304022021B00123", &fields("100.00"), at(5));
                assert_eq!(
                    (again, saved.version, saved.changed),
                    (id.clone(), 1, vec![]),
                    "nothing new, no version"
                );
                let (_, saved) = take_in(conn, &second, "3304022021B00123", &fields("120.50"), at(10));
                assert_eq!((saved.version, saved.changed), (2, vec!["area".to_owned()]));

                let area = |minutes| {
                    move |conn: &mut Conn, id: &RecordId| -> Option<String> {
                        let past = find_record_at(conn, id, at(minutes)).unwrap()?;
                        Some(
                            past.body.read::<serde_json::Value>().unwrap()["area"]
                                .as_str()
                                .unwrap()
                                .to_owned(),
                        )
                    }
                };
                assert_eq!(area(-1)(conn, &id), None, "not yet known");
                assert_eq!(area(0)(conn, &id).as_deref(), Some("100.00"));
                assert_eq!(area(9)(conn, &id).as_deref(), Some("100.00"));
                assert_eq!(area(10)(conn, &id).as_deref(), Some("120.50"));
                let versions: Vec<i32> = list_versions(conn, &id)?.iter().map(|it| it.version).collect();
                assert_eq!(versions, [2, 1]);

                let record = get_record(conn, &id)?;
                let sources = load_sources(conn, &record.sources)?;
                let source = sources.iter().find(|it| it.field == "area").unwrap();
                assert_eq!((&source.message_id, source.message_key.as_deref()), (&second.id, Some("m2")));
                assert_eq!(
                    (source.place.path.as_str(), source.place.start, source.holds),
                    ("/data/0/area", 10, true)
                );
                let history = list_field_history(conn, &id, "area")?;
                let said: Vec<(bool, &str)> =
                    history.iter().map(|it| (it.holds, it.value.as_str().unwrap())).collect();
                assert_eq!(said, [(true, "120.50"), (false, "100.00"), (false, "100.00")]);
                assert_eq!(load_claims(conn, &id)?.len(), 1, "repeated claims need not be weighed again");
                let changes = list_changes_of(conn, &id)?;
                assert_eq!(changes.iter().map(|it| it.version).collect::<Vec<_>>(), [2, 1]);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn keys_of_two_records_in_one_message_are_ambiguous() {
    each_db(|store| {
        store
            .write(|conn| {
                let sender = partner(conn, "natural-resources");
                let it = message(&sender, "m");
                insert_message(conn, &it, b"{}")?;
                take_in(conn, &it, "A", &[("area", json!("1.00"))], at(0));
                take_in(conn, &it, "B", &[("area", json!("2.00"))], at(0));
                let key = |value: &str| RecordKey { name: "supervision_no".into(), value: value.into() };
                assert!(find_record_by_keys(conn, "parcel", &[key("A"), key("C")])?.is_some());
                let both = find_record_by_keys(conn, "parcel", &[key("A"), key("B")]).unwrap_err();
                assert_eq!(both.code, codes::record::AMBIGUOUS_KEY);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn eight_threads_weigh_one_record_and_none_is_lost() {
    each_db(|store| {
        let sender = store.write(|conn| Ok(partner(conn, "natural-resources"))).unwrap();
        let start = Barrier::new(8);
        std::thread::scope(|scope| {
            for n in 0..8 {
                let (sender, start) = (&sender, &start);
                scope.spawn(move || {
                    let it = message(sender, &format!("m{n}"));
                    start.wait();
                    store
                        .write(|conn| {
                            insert_message(conn, &it, b"{}")?;
                            let keys = [RecordKey { name: "supervision_no".into(), value: "X".into() }];
                            let found = find_record_by_keys(conn, "parcel", &keys)?;
                            let before = found.as_ref().map(|id| get_record(conn, id)).transpose()?;
                            let id = found.unwrap_or_else(|| RecordId::fresh(at(0)));
                            let older = load_claims(conn, &id)?;
                            let mut all = older.clone();
                            all.push(claim(&id, &it, &format!("d{n}"), at(0), &[("area", json!(n))]));
                            insert_claim(conn, all.last().unwrap(), &older)?;
                            let body = [("weighed".to_owned(), json!(all.len()))].into_iter().collect();
                            let weighed = Weighed {
                                id: &id,
                                before: before.as_ref(),
                                kind: "parcel",
                                title: "X",
                                division: None,
                                body: &body,
                                sources: &Sources::default(),
                                keys: &keys,
                                search: "x",
                                message: Some(&it.id),
                            };
                            save_record(conn, &weighed, at(0))
                        })
                        .unwrap();
                });
            }
        });
        store
            .read(|conn| {
                let record = find_record_by_key(conn, "parcel", "supervision_no", "X")?.unwrap();
                assert_eq!(record.body.as_str(), r#"{"weighed":8}"#, "the last saw all claims");
                assert_eq!(record.version, 8);
                assert_eq!(list_claims(conn, &record.id)?.len(), 8);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn differences_open_follow_and_close_with_the_data() {
    each_db(|store| {
        store
            .write(|conn| {
                let sender = partner(conn, "natural-resources");
                let it = message(&sender, "m");
                insert_message(conn, &it, b"{}")?;
                let (id, _) = take_in(conn, &it, "A", &[("area", json!("100.00"))], at(0));
                let winner = load_claims(conn, &id)?.remove(0);
                let other = claim(&id, &it, "tax", at(1), &[("area", json!("90.00"))]);
                insert_claim(conn, &other, &[])?;
                let found = |value: &str| Discrepancy {
                    id: DiscrepancyId::fresh(at(1)),
                    record_id: id.clone(),
                    kind: "parcel".into(),
                    field: "area".into(),
                    division: Some("330402".into()),
                    winner_department: "natural_resources".into(),
                    winner_value: Json::of("100.00").unwrap(),
                    winner_claim_id: winner.id.clone(),
                    other_department: "tax".into(),
                    other_value: Json::of(value).unwrap(),
                    other_claim_id: other.id.clone(),
                    state: DiscrepancyState::Open,
                    opened_at: at(1).into(),
                    due_on: None,
                    assignee: None,
                    closed_at: None,
                    resolution: None,
                };
                let first = found("90.00");
                let done = reconcile_discrepancies(conn, &id, std::slice::from_ref(&first), at(1))?;
                assert_eq!(done.opened, std::slice::from_ref(&first.id));
                let done = reconcile_discrepancies(conn, &id, &[found("95.00")], at(2))?;
                assert_eq!(done, Reconciled::default(), "the same difference keeps its clock");
                let filter =
                    DiscrepancyFilter { department: Some("tax".into()), ..DiscrepancyFilter::default() };
                let listed = list_discrepancies(conn, &filter, Page::first(10))?.rows.remove(0);
                assert_eq!((listed.id, listed.other_value.as_str()), (first.id.clone(), "\"95.00\""));
                let done = reconcile_discrepancies(conn, &id, &[], at(3))?;
                assert_eq!(done.closed, [first.id]);
                let done = reconcile_discrepancies(conn, &id, &[found("95.00")], at(4))?;
                assert_eq!(done.opened.len(), 1, "it may come back");
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn search_finds_parts_of_names_and_takes_wildcards_as_letters() {
    each_db(|store| {
        store
            .write(|conn| {
                let sender = partner(conn, "natural-resources");
                let it = message(&sender, "m");
                insert_message(conn, &it, b"{}")?;
                for title in ["南湖区 运河人家 一期", "南湖区 运河人家 二期", "50%_方案"]
                {
                    take_in(conn, &it, title, &[("area", json!("1.00"))], at(0));
                }
                let found = |conn: &mut Conn, text: &str| {
                    let filter = RecordFilter { text: Some(text.into()), ..RecordFilter::default() };
                    list_records(conn, &filter, Page::first(10)).unwrap().total
                };
                assert_eq!(found(conn, "运河"), 2);
                assert_eq!(found(conn, "运河 二期"), 1);
                assert_eq!(found(conn, "0%_"), 1);
                assert_eq!(found(conn, "运%家"), 0);
                let page = Page { number: 2, size: 2 };
                assert_eq!(list_records(conn, &RecordFilter::default(), page)?.rows.len(), 1);
                let filter = RecordFilter { division: Some("3305".into()), ..RecordFilter::default() };
                assert_eq!(list_records(conn, &filter, page)?.total, 0);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn quarantine_is_grouped_by_cause_and_ends_once() {
    each_db(|store| {
        store
            .write(|conn| {
                let sender = partner(conn, "tax");
                for (n, cause) in ["E2001", "E3001", "E3001"].into_iter().enumerate() {
                    let state = MessageState::Quarantined;
                    let it =
                        Message { state, cause: Some(cause.into()), ..message(&sender, &format!("m{n}")) };
                    insert_message(conn, &it, b"<a>")?;
                }
                let groups = list_quarantine(conn)?;
                let counts: Vec<(&str, i64)> =
                    groups.iter().map(|it| (it.cause.as_deref().unwrap(), it.count)).collect();
                assert_eq!(counts, [("E3001", 2), ("E2001", 1)]);
                let filter = MessageFilter { cause: Some("E2001".into()), ..MessageFilter::default() };
                let it = list_messages(conn, &filter, Page::first(10))?.rows.remove(0);
                assert!(settle_message(conn, &it.id, MessageState::Resolved, "wang", "已重放", at(9))?);
                assert!(!settle_message(conn, &it.id, MessageState::Resolved, "wang", "已重放", at(9))?);
                assert_eq!(get_message(conn, &it.id)?.settled_by.as_deref(), Some("wang"));
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn messages_are_found_by_the_business_key_of_what_they_touched() {
    each_db(|store| {
        store
            .write(|conn| {
                let sender = partner(conn, "natural-resources");
                let it = message(&sender, "own key");
                insert_message(conn, &it, b"{}")?;
                insert_message(conn, &message(&sender, "other"), b"{}")?;
                take_in(conn, &it, "3304022021B00123", &[("area", json!("1.00"))], at(0));
                for key in ["own key", "3304022021B00123", it.id.as_str()] {
                    let filter = MessageFilter { key: Some(key.into()), ..MessageFilter::default() };
                    let rows = list_messages(conn, &filter, Page::first(10))?.rows;
                    assert_eq!(rows.iter().map(|it| &it.id).collect::<Vec<_>>(), [&it.id], "{key}");
                }
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn the_audit_chain_holds_while_many_write() {
    each_db(|store| {
        std::thread::scope(|scope| {
            for thread in 0..8 {
                scope.spawn(move || {
                    for _ in 0..10 {
                        let actor = format!("p{thread}");
                        let detail = detail();
                        let new = NewAudit {
                            actor: &actor,
                            action: "message.accepted",
                            object_kind: "message",
                            object_id: "m1",
                            detail: &detail,
                            trace_id: None,
                        };
                        store.write(|conn| append_audit(conn, &new, at(0))).unwrap();
                    }
                });
            }
        });
        store
            .read(|conn| {
                let mut total = 0;
                for (lane, last, hash) in list_audit_heads(conn)? {
                    let rows = walk_audit(conn, lane, 0, 1000)?;
                    let mut before = "0".repeat(64);
                    for (row, seq) in rows.iter().zip(1..) {
                        assert_eq!((row.seq, &row.prev_hash, &row.hash), (seq, &before, &row.digest()?));
                        before = row.hash.clone();
                    }
                    assert_eq!((last, hash), (rows.len() as i64, before));
                    total += rows.len();
                }
                assert_eq!(total, 80);
                let filter = AuditFilter { action: Some("message.".into()), ..AuditFilter::default() };
                assert_eq!(list_audit(conn, &filter, Page::first(5))?.total, 80);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn a_document_saved_twice_from_one_reading_is_refused_the_second_time() {
    each_db(|store| {
        let id = store.write(|conn| Ok(super::builders::document(conn))).unwrap();
        let read = store.read(|conn| get_document(conn, &id)).unwrap();
        let (mut mine, mut theirs) = (read.clone(), read);
        mine.title = "甲".into();
        theirs.title = "乙".into();
        store.write(|conn| save_document(conn, &mut mine, at(1))).unwrap();
        let stale = store.write(|conn| save_document(conn, &mut theirs, at(2))).unwrap_err();
        assert_eq!(stale.code, codes::record::STALE);
        let now = store.read(|conn| get_document(conn, &id)).unwrap();
        assert_eq!((now.title.as_str(), now.version, now == mine), ("甲", 2, true));
    });
}

#[test]
fn a_session_ends_by_time_idleness_and_a_disabled_account() {
    each_db(|store| {
        store
            .write(|conn| {
                let mut account = Account {
                    id: AccountId::fresh(at(0)),
                    login: "li".into(),
                    name: "李某".into(),
                    department: None,
                    division: None,
                    phone: None,
                    password_hash: "x".into(),
                    status: Standing::Active,
                    must_change_password: false,
                    password_changed_at: at(0).into(),
                    failed_tries: 0,
                    locked_until: None,
                    last_login_at: None,
                    created_at: at(0).into(),
                    created_by: "setup".into(),
                };
                insert_account(conn, &account)?;
                let twin = Account { id: AccountId::fresh(at(0)), ..account.clone() };
                let twin = savepoint(conn, |conn| insert_account(conn, &twin)).unwrap_err();
                assert_eq!(twin.code, codes::record::DUPLICATE);
                grant_role(conn, &account.id, Role::Signer, "setup", at(0))?;
                grant_role(conn, &account.id, Role::Drafter, "setup", at(0))?;
                grant_role(conn, &account.id, Role::Drafter, "setup", at(0))?;
                let id = SessionId::from("digest");
                insert_session(
                    conn,
                    &Session {
                        id: id.clone(),
                        account_id: account.id.clone(),
                        csrf: "c".into(),
                        ip: None,
                        user_agent: None,
                        created_at: at(0).into(),
                        last_seen_at: at(0).into(),
                        expires_at: at(60).into(),
                    },
                )?;
                let half_hour = TimeDelta::minutes(30);
                let found = |conn: &mut Conn, now| find_session(conn, &id, now, now - half_hour).unwrap();
                assert_eq!(found(conn, at(10)).unwrap().roles, [Role::Drafter, Role::Signer]);
                assert!(found(conn, at(31)).is_none(), "idle");
                touch_session(conn, &id, at(40))?;
                assert!(found(conn, at(59)).is_some());
                assert!(found(conn, at(60)).is_none(), "over");
                assert_eq!(note_failed_login(conn, &account.id, None)?, 1);
                assert_eq!(note_failed_login(conn, &account.id, Some(at(90)))?, 2);
                note_login(conn, &account.id, at(91))?;
                account = get_account(conn, &account.id)?;
                assert_eq!((account.failed_tries, account.locked_until), (0, None));
                account.status = Standing::Disabled;
                save_account(conn, &account)?;
                assert!(found(conn, at(50)).is_none(), "disabled");
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn a_nonce_counts_once_and_is_forgotten_after_its_window() {
    each_db(|store| {
        let sender = store.write(|conn| Ok(partner(conn, "tax"))).unwrap();
        let take = |now| store.write(|conn| take_nonce(conn, &sender, "n1", now)).unwrap();
        assert!(take(at(5)));
        assert!(!take(at(5)), "a replay");
        assert_eq!(store.write(|conn| purge_nonces(conn, at(6))).unwrap(), 1);
        assert!(take(at(10)));
    });
}

#[test]
fn a_missing_database_is_never_made_by_reading_it() {
    let fresh = Fresh::sqlite();
    let missing = Store::open(&Settings::at(&fresh.url)).err().unwrap();
    assert_eq!(missing.code, codes::machine::NO_DATABASE);
    assert!(!std::path::Path::new(fresh.url.trim_start_matches("sqlite://")).exists());
}

#[test]
fn a_backup_is_a_whole_database_and_overwrites_nothing() {
    let fresh = Fresh::sqlite();
    let store = fresh.migrated();
    store.write(|conn| set_setting(conn, "k", "v", "test", at(0))).unwrap();
    let copy = tempfile::tempdir().unwrap();
    let copy = copy.path().join("备份's.db");
    store.backup_to(&copy).unwrap();
    assert_eq!(store.backup_to(&copy).unwrap_err().code, codes::machine::FILE);
    let restored = Store::open(&Settings::at(copy.to_str().unwrap())).unwrap();
    restored.require_current().unwrap();
    assert_eq!(restored.read(|conn| find_setting(conn, "k")).unwrap().as_deref(), Some("v"));
    assert!(restored.check_integrity().unwrap().is_empty());
}

#[test]
fn a_newer_database_is_refused() {
    use diesel::prelude::*;
    each_fresh(|fresh| {
        let store = fresh.migrated();
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')";
        store.write(|conn| Ok(diesel::sql_query(newer).execute(conn)?)).unwrap();
        assert_eq!(store.require_current().unwrap_err().code, codes::machine::SCHEMA_BEHIND);
        assert_eq!(store.migration_status().unwrap().unknown, ["29990101000000"]);
        store.migrate(&Schema::default(), at(0)).unwrap();
    });
}
