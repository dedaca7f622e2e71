//! The door: signature, clock, nonce, keys.

use chrono::TimeDelta;
use hub::clock;
use hub::store::{KeyId, MessageFilter, Page, list_messages, revoke_key};
use serde_json::json;

use crate::support::app::{App, Client};
use crate::support::parcels::{message, row};

fn stored(app: &App) -> i64 {
    app.read(|conn| list_messages(conn, &MessageFilter::default(), Page::first(1))).total
}

#[test]
fn a_request_without_a_signature_is_told_what_is_missing() {
    let app = App::start();
    let url = format!("{}/api/v1/exchange/trial/parcels", app.base);
    let reply = crate::support::app::Reply::of(reqwest::blocking::Client::new().post(url).send().unwrap());
    assert_eq!(reply.expect(401).code(), "E1003");
}

#[test]
fn a_wrong_secret_or_a_changed_body_is_refused_with_the_text_to_sign() {
    let app = App::start();
    let partner = app.partner("trial");
    let wrong = partner.post("parcels", message("M1", &[row(1)])).secret("another").send().expect(401);
    assert_eq!(wrong.code(), "E1011");
    assert!(wrong.text.contains("POST\\n/api/v1/exchange/trial/parcels"), "{}", wrong.text);
    let changed = partner.post("parcels", message("M1", &[row(1)])).but_send(b"{}").send().expect(401);
    assert_eq!(changed.code(), "E1011");
    assert_eq!(stored(&app), 0);
}

#[test]
fn a_clock_off_by_five_minutes_is_refused_with_both_times() {
    let app = App::start();
    let partner = app.partner("trial");
    for off in [-300, 300] {
        let reply = partner.post("parcels", message("M1", &[row(1)])).at(off).send().expect(401);
        assert_eq!(reply.code(), "E1009");
        assert!(reply.text.contains("超过允许的 90 秒"), "{}", reply.text);
    }
    partner.post("parcels", message("M1", &[row(1)])).at(-60).send().expect(200);
}

#[test]
fn a_replayed_request_is_refused_even_after_a_restart_of_the_memory() {
    let app = App::start();
    let partner = app.partner("trial");
    let send = |client: &Client| {
        client.post("parcels", message("M1", &[row(1)])).nonce("nonce-of-one-request").send()
    };
    send(&partner).expect(200);
    assert_eq!(send(&partner).expect(401).code(), "E1010");
    // The nonce belongs to the partner, not to its key.
    assert_eq!(send(&app.partner("trial")).expect(401).code(), "E1010");
    let read = |nonce: &str| partner.request("GET", "/api/v1/records/parcel?key=x", "").nonce(nonce).send();
    assert_eq!(read("nonce-of-a-read").expect(404).code(), "E5001");
    assert_eq!(read("nonce-of-a-read").expect(401).code(), "E1010");
}

#[test]
fn a_refused_message_has_used_its_nonce() {
    let app = App::start();
    let partner = app.partner("trial");
    let send = || partner.post("parcels", "not json").nonce("nonce-of-a-refused").send();
    send().expect(422);
    assert_eq!(send().expect(401).code(), "E1010");
}

#[test]
fn keys_that_are_unknown_revoked_expired_or_anothers_open_nothing() {
    let app = App::start();
    let body = || message("M1", &[row(1)]);
    let unknown = Client::new(&app.base, "trial", "trial-nope", "secret");
    assert_eq!(unknown.send("parcels", body()).expect(401).code(), "E1005");

    let revoked = app.partner("trial");
    let id = KeyId::from(revoked.key.as_str());
    app.hub.store.write(|conn| revoke_key(conn, &id, clock::now())).unwrap();
    assert_eq!(revoked.send("parcels", body()).expect(401).code(), "E1006");

    let expired = app.key("trial", Some(clock::now() - TimeDelta::seconds(1)));
    assert_eq!(expired.send("parcels", body()).expect(401).code(), "E1007");

    let other = app.partner("trial-neighbour");
    let path = "/api/v1/exchange/trial/parcels";
    assert_eq!(other.request("POST", path, body()).send().expect(403).code(), "E1008");
    assert_eq!(stored(&app), 0);
}

#[test]
fn another_partners_message_looks_like_none() {
    let app = App::start();
    let id =
        app.partner("trial").send("parcels", message("M1", &[row(1)])).expect(200).json["message_id"].clone();
    let path = format!("/api/v1/messages/{}", id.as_str().unwrap());
    let other = app.partner("trial-neighbour").get(&path).expect(404);
    assert_eq!((other.code(), &other.json["error"]["problems"]), ("E1019", &json!([])));
}
