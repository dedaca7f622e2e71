//! Reading records back: by key, by id, as of a moment, with where every value came from.

use serde_json::json;

use crate::support::app::App;
use crate::support::parcels::{message, no, row, row_with};

#[test]
fn a_record_is_found_by_its_key_and_by_its_id() {
    let app = App::start();
    let partner = app.partner("trial");
    let receipt = partner.send("parcels", message("M1", &[row(1)])).expect(200).json;
    let id = receipt["records"][0]["record_id"].as_str().unwrap();
    let by_key = partner.get(&format!("/api/v1/records/parcel?key={}", no(1))).expect(200).json;
    let by_id = partner.get(&format!("/api/v1/records/parcel/{id}")).expect(200).json;
    assert_eq!(by_key, by_id);
    assert_eq!(
        (&by_id["id"], &by_id["version"], &by_id["division"]),
        (&json!(id), &json!(1), &json!("330402"))
    );
    assert_eq!(by_id["fields"]["land_area"], "29742.00");
    assert_eq!(by_id["fields"]["signed_on"], "2026-03-01");
    assert_eq!(by_id["keys"], json!({ "supervision_no": no(1) }));
}

#[test]
fn what_is_not_there_is_told() {
    let app = App::start();
    let partner = app.partner("trial");
    assert_eq!(partner.get("/api/v1/records/parcel?key=1").expect(404).code(), "E5001");
    assert_eq!(partner.get("/api/v1/records/castle?key=1").expect(404).code(), "E5001");
    assert_eq!(partner.get("/api/v1/records/parcel/0").expect(404).code(), "E5001");
    assert_eq!(partner.get("/api/v1/records/parcel").expect(400).code(), "E1018");
    assert_eq!(partner.get("/api/v1/records/parcel?key=1&as_of=soon").expect(400).code(), "E1018");
}

#[test]
fn every_value_names_the_place_it_came_from() {
    let app = App::start();
    let partner = app.partner("trial");
    let body = message("M1", &[row(1)]);
    let receipt = partner.send("parcels", body.clone()).expect(200).json;
    let id = receipt["records"][0]["record_id"].as_str().unwrap();
    let shown = partner.get(&format!("/api/v1/records/parcel/{id}/provenance")).expect(200).json;
    let rows = shown["provenance"].as_array().unwrap();
    assert_eq!(rows.len(), shown["fields"].as_object().unwrap().len());
    let area = rows.iter().find(|it| it["field"] == "land_area").unwrap();
    assert_eq!(area["place"]["path"], "/list/0/area");
    assert_eq!((&area["message_id"], &area["message_key"]), (&receipt["message_id"], &json!("M1")));
    assert_eq!(
        (&area["department"], &area["mapping"]),
        (&json!("natural_resources"), &json!("trial/parcels@1"))
    );
    let (start, end) = (area["place"]["start"].as_u64().unwrap(), area["place"]["end"].as_u64().unwrap());
    let cell = &body[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()];
    assert!(String::from_utf8_lossy(cell).contains("29742.00"), "{}", String::from_utf8_lossy(cell));
}

#[test]
fn the_past_can_be_asked() {
    let app = App::start();
    let partner = app.partner("trial");
    partner.send("parcels", message("M1", &[row_with(1, json!({ "price": "100" }))])).expect(200);
    let between = hub::clock::now();
    partner.send("parcels", message("M2", &[row_with(1, json!({ "price": "200" }))])).expect(200);
    let price = |as_of: &str| {
        let path = format!("/api/v1/records/parcel?key={}{as_of}", no(1));
        partner.get(&path).expect(200).json["fields"]["price"].clone()
    };
    assert_eq!(price(""), "200.00");
    let at = between.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    assert_eq!(price(&format!("&as_of={at}")), "100.00");
    let before = partner.get(&format!("/api/v1/records/parcel?key={}&as_of=2020-01-01", no(1)));
    assert_eq!(before.expect(404).code(), "E5001");
}

#[test]
fn a_difference_between_departments_opens_a_check_and_the_authority_wins() {
    let app = App::start();
    app.partner("trial").send("parcels", message("M1", &[row(1)])).expect(200);
    let differs = row_with(1, json!({ "area": "29000" }));
    let receipt = app.partner("trial-neighbour").send("parcels", message("N1", &[differs])).expect(200).json;
    assert_eq!(receipt["records"][0]["effect"], "unchanged");
    assert_eq!(receipt["records"][0]["differing"], json!(["land_area"]));
    let open = app.read(|conn| {
        hub::store::list_discrepancies(
            conn,
            &hub::store::DiscrepancyFilter::default(),
            hub::store::Page::first(9),
        )
    });
    assert_eq!(open.total, 1);
    assert_eq!(
        (open.rows[0].winner_department.as_str(), open.rows[0].field.as_str()),
        ("natural_resources", "land_area")
    );
}
