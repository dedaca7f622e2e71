//! Sending, checking, repeating and looking up messages.

use serde_json::json;

use crate::support::app::App;
use crate::support::parcels::{message, no, row, row_with};

#[test]
fn a_message_is_stored_and_its_receipt_says_what_became_of_each_record() {
    let app = App::start();
    let partner = app.partner("trial");
    let receipt = partner.send("parcels", message("M1", &[row(1), row(2)])).expect(200).json;
    assert_eq!(receipt["outcome"], "accepted");
    assert_eq!((&receipt["accepted"], &receipt["refused"]), (&json!(2), &json!(0)));
    assert_eq!(receipt["mapping"], "trial/parcels@1");
    assert_eq!(receipt["message_key"], "M1");
    assert_eq!(receipt["duplicate"], false);
    let first = &receipt["records"][0];
    assert_eq!((first["kind"].as_str(), first["effect"].as_str()), (Some("parcel"), Some("created")));
    assert_eq!(first["keys"]["supervision_no"], no(1));
    assert_eq!((&first["version"], &first["rows"]), (&json!(1), &json!([1])));

    let shown =
        partner.get(&format!("/api/v1/messages/{}", receipt["message_id"].as_str().unwrap())).expect(200);
    assert_eq!(shown.json["state"], "accepted");
    assert_eq!(shown.json["receipt"]["receipt_id"], receipt["receipt_id"]);
}

#[test]
fn the_same_message_again_gets_the_same_receipt() {
    let app = App::start();
    let partner = app.partner("trial");
    let body = message("M1", &[row(1)]);
    let first = partner.send("parcels", body.clone()).expect(200).json;
    let again = partner.send("parcels", body).expect(200).json;
    assert_eq!(again["receipt_id"], first["receipt_id"]);
    assert_eq!((&first["duplicate"], &again["duplicate"]), (&json!(false), &json!(true)));
    assert_eq!(app.read(hub::store::count_records), vec![("parcel".to_owned(), 1)]);
}

#[test]
fn an_idempotency_key_holds_for_one_content_only() {
    let app = App::start();
    let partner = app.partner("trial");
    let keyed = |body: Vec<u8>| partner.post("parcels", body).header("Idempotency-Key", "k-1").send();
    let first = keyed(message("M1", &[row(1)])).expect(200).json;
    let again = keyed(message("M1", &[row(1)])).expect(200).json;
    assert_eq!(again["receipt_id"], first["receipt_id"]);
    let other = keyed(message("M2", &[row(2)])).expect(409);
    assert_eq!(other.code(), "E5006");
    assert_eq!(keyed(message("M2", &[row(2)])).expect(409).code(), "E5006");
    let bad = partner.post("parcels", "").header("Idempotency-Key", "a b").send().expect(400);
    assert_eq!(bad.code(), "E1018");
}

#[test]
fn a_failed_first_try_can_be_sent_again_with_the_same_key() {
    let app = App::start();
    let partner = app.partner("trial");
    let keyed = |body: Vec<u8>| partner.post("parcels", body).header("Idempotency-Key", "k-1").send();
    let wrong = message("M1", &[row_with(1, json!({ "signed": "2026-02-30" }))]);
    let refused = keyed(wrong.clone()).expect(422);
    assert_eq!((refused.code(), &refused.json["outcome"]), ("E1020", &json!("refused")));
    // The same bytes again are the same message in quarantine, not a second one.
    assert_eq!(keyed(wrong).expect(422).json["message_id"], refused.json["message_id"]);
    assert_eq!(app.read(hub::store::list_quarantine)[0].count, 1);

    keyed(message("M1", &[row(1)])).expect(200);
    assert!(app.read(hub::store::list_quarantine).is_empty(), "the good try settles the bad one");
    let old = partner.get(&format!("/api/v1/messages/{}", refused.json["message_id"].as_str().unwrap()));
    assert_eq!(old.json["state"], "refused");
    assert!(old.json["settled_note"].as_str().unwrap().contains("重发后已接收"), "{}", old.text);
}

#[test]
fn rows_are_taken_and_refused_each_by_itself() {
    let app = App::start();
    let partner = app.partner("trial");
    let rows = [row(1), row_with(2, json!({ "area": "-5" })), row(3)];
    let receipt = partner.send("parcels", message("M1", &rows)).expect(207);
    assert_eq!(receipt.json["outcome"], "partial");
    assert_eq!((&receipt.json["accepted"], &receipt.json["refused"]), (&json!(2), &json!(1)));
    assert_eq!(receipt.json["refused_rows"][0]["row"], 2);
    assert_eq!(receipt.json["refused_rows"][0]["problems"], json!([0]));
    let problem = &receipt.json["problems"][0];
    assert_eq!((&problem["place"]["path"], &problem["fault"]), (&json!("/list/1/area"), &json!("sender")));
    assert_eq!(app.read(hub::store::count_records), vec![("parcel".to_owned(), 2)]);

    let whole = partner.send("parcels_whole", message("M9", &rows)).expect(422);
    assert_eq!(whole.json["accepted"], 0);
    assert_eq!(app.read(hub::store::count_records), vec![("parcel".to_owned(), 2)]);
}

#[test]
fn a_check_answers_the_same_and_stores_nothing() {
    let app = App::start();
    let partner = app.partner("trial");
    let body = message("M1", &[row(1), row_with(2, json!({ "way": "99" }))]);
    let dry = partner.check("parcels", body.clone()).expect(207).json;
    assert_eq!((&dry["dry_run"], &dry["outcome"]), (&json!(true), &json!("partial")));
    assert!(dry.get("message_id").is_none() && dry["records"][0].get("record_id").is_none());
    assert!(app.read(hub::store::count_records).is_empty());
    assert!(app.read(hub::store::list_quarantine).is_empty());
    let wet = partner.send("parcels", body).expect(207).json;
    assert_eq!(wet["problems"], dry["problems"]);
    assert_eq!(wet["records"][0]["effect"], dry["records"][0]["effect"]);
}

#[test]
fn a_later_message_makes_a_new_version_and_the_same_values_none() {
    let app = App::start();
    let partner = app.partner("trial");
    let effect = |id: &str, price: &str| {
        let body = message(id, &[row_with(1, json!({ "price": price }))]);
        let receipt = partner.send("parcels", body).expect(200).json;
        (
            receipt["records"][0]["effect"].as_str().unwrap().to_owned(),
            receipt["records"][0]["version"].clone(),
        )
    };
    assert_eq!(effect("M1", "100"), ("created".to_owned(), json!(1)));
    assert_eq!(effect("M2", "100.00"), ("unchanged".to_owned(), json!(1)));
    assert_eq!(effect("M3", "200"), ("updated".to_owned(), json!(2)));
}

#[test]
fn a_partner_that_has_nothing_to_say_is_not_an_error() {
    let app = App::start();
    let receipt = app.partner("trial").send("parcels", r#"{"code":"10","list":[]}"#).expect(200);
    assert_eq!(receipt.json["outcome"], "not_found");
    let empty = app.partner("trial").send("parcels", r#"{"code":"0","list":[]}"#).expect(200);
    assert_eq!(empty.json["outcome"], "not_found");
}

#[test]
fn a_link_that_must_not_wait_is_refused_until_its_target_has_come() {
    let app = App::start();
    let partner = app.partner("trial");
    let linked = row_with(1, json!({ "project": "2602-330402-04-01-000017" }));
    let refused = partner.send("parcels", message("M1", &[linked])).expect(422);
    assert!(refused.findings()[0].starts_with("E5003 /list/0/project"), "{:?}", refused.findings());
    let held = row_with(2, json!({ "uscc": "91330402MA2CTEST0X" }));
    // A wrong check digit is no broken link: it is told as what it is.
    let told = partner.send("parcels", message("M2", &[held])).expect(422);
    assert!(told.findings()[0].starts_with("E4008 /list/0/uscc"), "{:?}", told.findings());
}

#[test]
fn unknown_partners_and_messages_are_told() {
    let app = App::start();
    let partner = app.partner("trial");
    let other = |path: &str| partner.request("POST", path, "{}").send();
    assert_eq!(other("/api/v1/exchange/nobody/parcels").expect(404).code(), "E1001");
    let unknown = other("/api/v1/exchange/trial/houses").expect(404);
    assert_eq!(unknown.code(), "E1002");
    assert!(unknown.text.contains("parcels、parcels_csv"), "{}", unknown.text);
}
