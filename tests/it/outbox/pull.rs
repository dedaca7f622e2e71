//! `GET /api/v1/changes`: cursors that miss nothing, one record by key, the partner's own message.

use serde_json::json;

use super::{QUICK, subscribe, wish};
use crate::support::app::App;
use crate::support::parcels::{message, no, row, row_with};

#[test]
fn a_cursor_walks_over_every_change_once() {
    let app = App::with(QUICK);
    let sender = app.partner("trial");
    sender.send("parcels", message("M0", &[row(99)])).expect(200);
    let client = app.partner("trial-neighbour");
    subscribe(&app, &wish("parcels", None));
    for n in 1..=7 {
        sender.send("parcels", message(&format!("M{n}"), &[row(n)])).expect(200);
    }
    let (mut cursor, mut keys) = (None::<String>, Vec::new());
    loop {
        let since = cursor.as_ref().map(|it| format!("&since={it}")).unwrap_or_default();
        let page = client.get(&format!("/api/v1/changes?subscription=parcels&limit=3{since}")).expect(200);
        let told = page.json["changes"].as_array().unwrap();
        keys.extend(told.iter().map(|it| it["keys"]["supervision_no"].as_str().unwrap().to_owned()));
        cursor = page.json["next"].as_str().map(str::to_owned);
        assert_eq!(page.headers["x-hub-next-cursor"], cursor.as_deref().unwrap());
        if page.json["more"] == false {
            break;
        }
    }
    assert_eq!(keys, (1..=7).map(no).collect::<Vec<_>>(), "what was before the agreement is not told");

    let cursor = cursor.unwrap();
    let again = format!("/api/v1/changes?subscription=parcels&since={cursor}");
    assert_eq!(client.get(&again).expect(200).json["changes"], json!([]));
    sender.send("parcels", message("M8", &[row_with(3, json!({ "price": "5" }))])).expect(200);
    let page = client.get(&again).expect(200).json;
    assert_eq!(page["changes"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&page["changes"][0]["version"], &page["changes"][0]["changed"]),
        (&json!(2), &json!(["price"]))
    );

    // One record by its key.
    let one = client.get(&format!("/api/v1/changes?subscription=parcels&key={}", no(3))).expect(200).json;
    assert_eq!(one["record"]["fields"]["price"], "5.00");
    assert_eq!(
        client.get(&format!("/api/v1/changes?subscription=parcels&key={}", no(50))).expect(404).code(),
        "E5001"
    );
}

#[test]
fn a_wrong_question_is_told_what_is_wrong() {
    let app = App::with(QUICK);
    let client = app.partner("trial-neighbour");
    subscribe(&app, &wish("parcels", None));
    let ask = |query: &str| client.get(&format!("/api/v1/changes{query}"));
    assert_eq!(ask("").expect(400).code(), "E1018");
    assert_eq!(ask("?subscription=parcels&since=-1").expect(400).code(), "E1018");
    assert_eq!(ask("?subscription=parcels&limit=0").expect(400).code(), "E1018");
    assert_eq!(ask("?subscription=parcels&since=999").expect(409).code(), "E5022");
    assert_eq!(ask("?subscription=nothing").expect(404).code(), "E5001");
    assert_eq!(app.partner("trial").get("/api/v1/changes?subscription=parcels").expect(404).code(), "E5001");
    let stop = |why: Option<&str>| {
        app.hub.store.write(|conn| {
            hub::store::set_subscription_status(conn, &"parcels".into(), why, hub::clock::now())
        })
    };
    stop(Some("试点结束")).unwrap();
    assert_eq!(ask("?subscription=parcels").expect(403).code(), "E5023");
}

#[test]
fn a_partner_may_pull_in_its_own_message() {
    let app = App::with(QUICK);
    let mut it = wish("handovers", None);
    it.partner = "civil-defence".to_owned();
    it.kind = "handover".to_owned();
    it.message = Some("handover_ledger".to_owned());
    let client = app.partner("civil-defence");
    subscribe(&app, &it);
    let path = "/api/v1/changes?subscription=handovers";
    let empty = client.get(path).expect(204);
    assert!(empty.headers.contains_key("x-hub-next-cursor"));
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/civil-defence/handover_ledger");
    let sample = std::fs::read(folder.join("sample.json")).unwrap();
    client.send("handover_ledger", sample.clone()).expect(200);
    let pulled = client.get(path).expect(200);
    let sent: serde_json::Value = serde_json::from_slice(&sample).unwrap();
    let (got, sent) = (&pulled.json["handovers"][0], &sent["handovers"][0]);
    assert_eq!(got["no"], sent["no"]);
    for field in ["no", "name", "projectCode", "parcelNo", "location", "structure", "floorArea", "capacity"] {
        assert_eq!(got["works"][field], sent["works"][field], "{field}");
    }
    assert!(got["giver"].get("phone").is_none(), "personal and not granted");
    // What was pulled can be sent back as it is: it is the partner's own message.
    client.check("handover_ledger", pulled.text.clone()).expect(200);
}
