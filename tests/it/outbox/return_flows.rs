//! The return flows of the reform: handover → tax → house number → title registration → asset account. Each department's own
//! message is sent in, and the next department gets what it needs.

use std::path::Path;

use super::{QUICK, Working};
use crate::support::app::App;
use crate::support::command::{expect, hub};
use crate::support::subscriber::Subscriber;

/// The shipped subscriptions in their order, each with the partner that gets it and the message that sets it off.
const STEPS: [(&str, &str, &str, &str, &str); 4] = [
    ("handover-to-tax", "civil-defence", "handover_ledger", "sample.json", "handover_no"),
    ("tax-to-civil-affairs", "tax", "payment_result", "sample.json", "voucher_no"),
    ("address-to-natural-resources", "civil-affairs", "door_plate", "sample.txt", "full_address"),
    (
        "registration-to-data-bureau",
        "natural-resources",
        "registration_report",
        "sample.xml",
        "certificate_no",
    ),
];

fn sample(partner: &str, message: &str, file: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    std::fs::read(root.join(partner).join(message).join(file)).unwrap()
}

#[test]
fn each_step_that_is_recorded_sets_off_the_next_departments_message() {
    let app = App::with(QUICK);
    let data = &app.hub.config.data;
    let run = |arguments: &[&str]| {
        let mut command = hub(data);
        expect(0, command.env("HUB_OUTBOX_ALLOW", "127.0.0.1").args(arguments))
    };
    run(&["subscription", "load"]);
    let departments = Subscriber::start();
    for partner in ["tax", "civil-affairs", "natural-resources", "data-bureau"] {
        app.partner(partner);
    }
    for (subscription, ..) in STEPS {
        run(&["subscription", "push", subscription, &format!("{}/{subscription}", departments.base)]);
    }
    let _working = Working::start(&app);
    for (step, (subscription, partner, message, file, field)) in STEPS.iter().enumerate() {
        assert!(departments.got().iter().all(|it| it.path != format!("/{subscription}")), "too early");
        app.partner(partner).send(message, sample(partner, message, file)).expect(200);
        let path = format!("/{subscription}");
        let got = departments.wait(|got| got.iter().any(|it| it.path == path));
        let told = got.iter().find(|it| it.path == path).unwrap().json();
        assert!(told["data"]["fields"][field].is_string(), "step {step}: {told}");
        // The shipped flows grant no personal data.
        let kind = app.hub.model.schema.kind(told["data"]["kind"].as_str().unwrap()).unwrap();
        for name in told["data"]["fields"].as_object().unwrap().keys() {
            let field = kind.field(name).unwrap();
            assert_ne!(field.sensitivity, hub::model::Sensitivity::Personal, "{name}");
        }
    }
    // Loading again changes nothing that an administrator changed.
    run(&["subscription", "load"]);
    let listed = run(&["--json", "subscription", "list"]);
    assert_eq!(listed.out.matches("\"mode\":\"push\"").count(), 4, "{}", listed.out);
}
