//! A message that could not be taken waits, is shown grouped by cause, and is taken when its mapping was mended.

use hub::intake::{self, Asked};
use hub::store::MessageId;
use hub::{boot, clock};
use serde_json::json;

use crate::support::app::App;
use crate::support::parcels::{message, no, row, row_with};

fn asked() -> Asked {
    Asked { by: "steward".to_owned(), at: clock::now(), trace_id: clock::fresh_id() }
}

#[test]
fn what_waits_is_grouped_by_cause() {
    let app = App::start();
    let partner = app.partner("trial");
    for n in 1..=3 {
        let unknown = row_with(n, json!({ "way": "99" }));
        partner.send("parcels", message(&format!("M{n}"), &[unknown])).expect(422);
    }
    partner.send("parcels", "{").expect(422);
    let groups = app.read(hub::store::list_quarantine);
    let shown: Vec<_> = groups.iter().map(|it| (it.cause.as_deref().unwrap(), it.count)).collect();
    assert_eq!(shown, [("E4007", 3), ("E2011", 1)]);
}

#[test]
fn a_replay_through_the_mended_mapping_takes_the_message_as_of_when_it_came() {
    let app = App::start();
    let partner = app.partner("trial");
    let early = row_with(1, json!({ "way": "挂网出让", "price": "100" }));
    let refused = partner.send("parcels", message("M1", &[early])).expect(422);
    let id = MessageId::from(refused.json["message_id"].as_str().unwrap());
    // Something newer is said meanwhile; the replay must not outweigh it.
    partner.send("parcels", message("M2", &[row_with(1, json!({ "price": "200" }))])).expect(200);

    let mut mended = app.hub.intake.clone();
    mended.mappings = mended_mappings(&app).into();
    let again = intake::replay(&app.hub.intake, &id, asked()).unwrap();
    assert_eq!(again.outcome, hub::mapping::Outcome::Refused, "the old mapping still refuses it");
    let answer = intake::replay(&mended, &id, asked()).unwrap();
    assert_eq!(answer.receipt["message_id"], id.as_str());
    assert_eq!(answer.receipt["mapping"], "trial/parcels@2");

    let shown = partner.get(&format!("/api/v1/messages/{id}")).expect(200).json;
    assert_eq!(shown["state"], "resolved");
    let record = partner.get(&format!("/api/v1/records/parcel?key={}", no(1))).expect(200).json;
    assert_eq!(record["fields"]["price"], "200.00");
    let twice = intake::replay(&mended, &id, asked()).unwrap_err();
    assert_eq!(twice.code, hub::error::codes::transport::PARAMETER);
    let audit = app.read(|conn| {
        let filter = hub::store::AuditFilter { object_id: Some(id.to_string()), ..Default::default() };
        hub::store::list_audit(conn, &filter, hub::store::Page::first(9))
    });
    let actions: Vec<&str> = audit.rows.iter().map(|it| it.action.as_str()).rev().collect();
    assert_eq!(actions, ["message.quarantined", "message.replayed", "message.replayed"]);
}

/// The trial mapping as its owner mends it: one more word of the sender's for a code.
fn mended_mappings(app: &App) -> hub::mapping::Mappings {
    let mut files = boot::mappings(Some(&crate::support::app::trial_mappings())).unwrap();
    let map = files.get_mut("trial/parcels/map.toml").unwrap();
    let text = String::from_utf8(map.clone()).unwrap();
    let text = text.replace("version = 1", "version = 2").replace(
        "supply_way     = { from = \"way\",",
        "supply_way     = { from = \"way\", as = \"code:ways\",",
    );
    *map = text.into_bytes();
    let codes = "[ways]\ntitle = \"供地方式\"\nlist = \"land_supply\"\n[ways.codes]\n\"挂网出让\" = \"23\"\n\"23\" = \"23\"\n";
    files.insert("trial/parcels/codes.toml".to_owned(), codes.as_bytes().to_vec());
    hub::mapping::Mappings::load(&files, &app.hub.model.schema)
        .unwrap_or_else(|found| panic!("{}", hub::mapping::render_all(&found, &files)))
}

#[test]
fn a_closed_message_can_still_be_sent_again() {
    let app = App::start();
    let partner = app.partner("trial");
    let bad = message("M1", &[row_with(1, json!({ "way": "99" }))]);
    let refused = partner.send("parcels", bad).expect(422);
    let id = MessageId::from(refused.json["message_id"].as_str().unwrap());
    intake::close(&app.hub.intake, &id, "与发送方约定重发", &asked()).unwrap();
    assert!(app.read(hub::store::list_quarantine).is_empty());
    partner.send("parcels", message("M1", &[row(1)])).expect(200);
}
