//! What may be agreed: known fields, reversible messages, listed hosts; personal data only by name and purpose.

use hub::clock;
use hub::outbox::agree;
use hub::store::DeliveryState;
use serde_json::json;

use super::{QUICK, Working, subscribe, wait, wish};
use crate::support::app::App;
use crate::support::parcels::{message, row_with};
use crate::support::subscriber::Subscriber;

#[test]
fn a_wish_is_checked_completely_and_every_finding_is_told() {
    let app = App::with(QUICK);
    let outbox = app.hub.outbox();
    let refused = |change: &dyn Fn(&mut hub::outbox::Wish)| {
        let mut it = wish("parcels", Some("http://127.0.0.1:9/in"));
        change(&mut it);
        let found = app.hub.store.write(|conn| agree(&outbox, conn, &it, "test", clock::now()));
        let error = found.expect_err("should be refused");
        assert_eq!(error.code, hub::error::codes::record::SUBSCRIPTION_WRONG);
        error.problems.iter().map(|it| it.place.clone().unwrap().path).collect::<Vec<_>>()
    };
    assert_eq!(refused(&|it| it.id = "税务 1".to_owned()), ["id"]);
    assert_eq!(refused(&|it| it.partner = "nobody".to_owned()), ["partner"]);
    assert_eq!(refused(&|it| it.kind = "nothing".to_owned()), ["kind"]);
    assert_eq!(refused(&|it| it.url = Some("http://169.254.169.254/".to_owned())), ["url"]);
    assert_eq!(refused(&|it| it.message = Some("parcels".to_owned())), ["message"], "declares no [write]");
    assert_eq!(refused(&|it| it.message = Some("nothing".to_owned())), ["message"]);
    assert_eq!(refused(&|it| it.answer = Some("nothing".to_owned())), ["answer"]);
    assert_eq!(refused(&|it| it.fields = vec!["area".to_owned(), "prize".to_owned()]), ["fields", "fields"]);
    let personal =
        |fields: &'static [&'static str], granted: &'static [&'static str], purpose: &'static str| {
            refused(&move |it: &mut hub::outbox::Wish| {
                it.kind = "tax_payment".to_owned();
                it.fields = fields.iter().map(|it| (*it).to_owned()).collect();
                it.personal = granted.iter().map(|it| (*it).to_owned()).collect();
                it.purpose = purpose.to_owned();
            })
        };
    assert_eq!(personal(&["taxpayer_name"], &[], ""), ["fields"], "personal and not granted");
    assert_eq!(personal(&["taxpayer_name"], &["taxpayer_name"], " "), ["purpose"]);
    assert_eq!(personal(&["voucher_no"], &["voucher_no"], "办理登记"), ["personal"], "not personal");
}

/// Sends one tax payment through the shipped mapping and hands back what the partner was told and the log kept.
fn told(granted: &[&str]) -> (serde_json::Value, String) {
    let (app, neighbour) = (App::with(QUICK), Subscriber::start());
    app.partner("trial-neighbour");
    let mut it = wish("payments", Some(&neighbour.base));
    it.kind = "tax_payment".to_owned();
    if !granted.is_empty() {
        it.personal = granted.iter().map(|it| (*it).to_owned()).collect();
        it.purpose = "办理不动产登记".to_owned();
    }
    let id = subscribe(&app, &it);
    let _working = Working::start(&app);
    let sample = std::fs::read(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/tax/payment_result/sample.json"),
    );
    app.partner("tax").send("payment_result", sample.unwrap()).expect(200);
    let rows = wait(&app, &id, |rows| {
        !rows.is_empty() && rows.iter().all(|it| it.state == DeliveryState::Delivered)
    });
    let (_, tries) = app.read(|conn| hub::store::get_delivery(conn, &rows[0].id));
    let id = rows[0].id.as_str();
    let got = neighbour.got().into_iter().find(|it| it.id() == id).unwrap();
    (got.json()["data"]["fields"].clone(), tries[0].request.clone())
}

#[test]
fn personal_data_goes_out_only_where_granted_and_never_into_the_log() {
    let (fields, _) = told(&[]);
    assert!(fields.get("voucher_no").is_some() && fields.get("taxpayer_name").is_none(), "{fields}");
    let (fields, log) = told(&["taxpayer_name"]);
    let name = fields["taxpayer_name"].as_str().expect("granted by name").to_owned();
    assert!(fields.get("taxpayer_no").is_none(), "not granted: {fields}");
    let logged: serde_json::Value = serde_json::from_str(&log).unwrap();
    let masked = logged["data"]["fields"]["taxpayer_name"].as_str().unwrap();
    assert!(!masked.is_empty());
    // An organisation's name is no personal data and stands as it is; a person's must not.
    assert!(masked != name || name.contains("公司"), "{masked}");
}

#[test]
fn a_county_gets_its_own_records_only() {
    let (app, neighbour) = (App::with(QUICK), Subscriber::start());
    app.partner("trial-neighbour");
    let mut it = wish("parcels", Some(&neighbour.base));
    it.division = Some("330411".to_owned());
    let id = subscribe(&app, &it);
    let _working = Working::start(&app);
    let elsewhere = row_with(1, json!({}));
    let here = row_with(2, json!({ "no": "3304112026B00002" }));
    app.partner("trial").send("parcels", message("M1", &[elsewhere, here])).expect(200);
    wait(&app, &id, |rows| rows.len() == 1 && rows[0].state == DeliveryState::Delivered);
    assert_eq!(neighbour.got()[0].json()["data"]["division"], "330411");
}
