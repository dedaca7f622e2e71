//! The kit sends: samples, files, variants; duplicates, overtaken and broken-off messages are stored exactly once.

use std::collections::{BTreeMap, BTreeSet};

use hub::store::{MessageFilter, Page, count_messages, count_records, list_messages};
use serde_json::Value;

use super::{play, told};
use crate::support::app::App;
use crate::support::command::{expect, hub, run};

const DEPARTMENTS: [&str; 5] = ["natural-resources", "civil-affairs", "tax", "finance", "data-bureau"];

#[test]
fn every_department_sends_its_samples_and_variants_of_them() {
    let app = App::start();
    let dir = tempfile::tempdir().unwrap();
    for department in DEPARTMENTS {
        let client = app.partner(department);
        let secret = app.secret(&client.key);
        let own = || play(dir.path(), &app.base, &client, &secret);
        let said = run(&mut own());
        let samples = super::lines(&said);
        // One folder has a sample of which the hub takes one row and refuses the other.
        for it in &samples {
            let whole = !it["from"].as_str().unwrap().contains("partial");
            assert_eq!(it["status"], if whole { 200 } else { 207 }, "{it:#}");
        }
        assert!(said.code == 0 || samples.iter().any(|it| it["status"] == 207), "{}", said.err);
        assert!(samples.iter().all(|it| it["receipt"]["receipt_id"].is_string()), "{samples:#?}");

        let variants = told(0, own().args(["--variants", "12"]));
        let (mut ids, mut things) = (BTreeSet::new(), BTreeSet::new());
        for it in &variants {
            assert_eq!(it["status"], 200, "{it:#}");
            let receipt = &it["receipt"];
            assert_eq!((&receipt["duplicate"], &receipt["refused"]), (&false.into(), &0.into()), "{it:#}");
            assert!(ids.insert(receipt["message_id"].as_str().unwrap().to_owned()));
            // A later message of the same folder may speak of the same things: a fee confirmed after its notice.
            let of_what: Vec<&Value> =
                receipt["records"].as_array().unwrap().iter().map(|it| &it["keys"]).collect();
            assert!(!of_what.is_empty(), "{it:#}");
            let told = (it["message"].to_string(), serde_json::to_string(&of_what).unwrap());
            assert!(things.insert(told), "two variants are about the same: {it:#}");
        }
        let messages: BTreeSet<&str> = variants.iter().map(|it| it["message"].as_str().unwrap()).collect();
        assert_eq!(variants.len(), messages.len() * 12, "{department}");
    }
}

#[test]
fn the_same_variant_again_is_recognised() {
    let app = App::start();
    let dir = tempfile::tempdir().unwrap();
    let client = app.partner("tax");
    let secret = app.secret(&client.key);
    let own = || {
        let mut command = play(dir.path(), &app.base, &client, &secret);
        command.args(["--message", "payment_result", "--variants", "5", "--first", "40"]);
        command
    };
    let first = told(0, own().arg("--check"));
    assert!(first.iter().all(|it| it["receipt"]["dry_run"] == true));
    assert_eq!(app.read(count_records), []);
    let first = told(0, &mut own());
    let again = told(0, &mut own());
    let ids = |said: &[Value]| said.iter().map(|it| it["receipt"]["message_id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&first), ids(&again));
    assert!(first.iter().all(|it| it["receipt"]["duplicate"] == false));
    assert!(again.iter().all(|it| it["receipt"]["duplicate"] == true));
}

#[test]
fn misdeeds_repeat_under_their_seed_and_store_every_message_once() {
    let app = App::start();
    let dir = tempfile::tempdir().unwrap();
    let client = app.partner("tax");
    let secret = app.secret(&client.key);
    let wrong = |first: &str| {
        let mut command = play(dir.path(), &app.base, &client, &secret);
        command.args([
            "--message",
            "payment_result",
            "--variants",
            "30",
            "--first",
            first,
            "--patience",
            "20",
        ]);
        command.args(["--duplicate", "30%", "--out-of-order", "5", "--drop-connection", "20%"]);
        command.args(["--slow", "10%", "--slow-by", "30", "--seed", "9"]);
        told(0, &mut command)
    };
    let first = wrong("1");
    let shape = |said: &[Value]| {
        said.iter()
            .map(|it| (it["n"].clone(), it["misdeeds"].clone(), it["tries"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(shape(&first), shape(&wrong("101")));

    let with = |name: &str| {
        first.iter().filter(|it| it["misdeeds"].as_array().unwrap().contains(&name.into())).count()
    };
    for misdeed in ["duplicate", "out_of_order", "drop_connection", "slow"] {
        assert!(with(misdeed) > 0, "{misdeed}: {first:#?}");
    }
    let order: Vec<u64> = first.iter().map(|it| it["n"].as_u64().unwrap()).collect();
    assert!(order.windows(2).any(|it| it[0] > it[1]), "{order:?}");

    // What the hub kept: each message once, whatever was sent twice, late or in halves.
    let mut told: BTreeMap<u64, BTreeSet<&str>> = BTreeMap::new();
    for it in &first {
        let id = it["receipt"]["message_id"].as_str().unwrap();
        told.entry(it["n"].as_u64().unwrap()).or_default().insert(id);
    }
    assert_eq!(told.len(), 30);
    assert!(told.values().all(|it| it.len() == 1), "{told:?}");
    let listed = app.read(|conn| list_messages(conn, &MessageFilter::default(), Page::first(1)));
    assert_eq!(listed.total, 60);
    let payments =
        first.iter().find(|it| it["n"] == 1).map(|it| it["receipt"]["records"].as_array().unwrap().len());
    let total = 60 * i64::try_from(payments.unwrap()).unwrap();
    assert_eq!(app.read(count_records), [("tax_payment".to_owned(), total)]);
    let states = app.read(|conn| count_messages(conn, hub::clock::now() - chrono::TimeDelta::days(1)));
    assert_eq!(states.len(), 1, "half a message leaves nothing behind: {states:?}");
}

#[test]
fn each_scheme_signs_what_the_hub_accepts() {
    let app = App::start();
    let dir = tempfile::tempdir().unwrap();
    for scheme in ["irs-hmac-sha256", "national-hmac-sha256", "gateway-md5"] {
        let client = app.signing("tax", scheme, None);
        let mut command = play(dir.path(), &app.base, &client, &app.secret(&client.key));
        told(0, command.args(["--scheme", scheme, "--message", "payment_result", "--check"]));
    }
    let public = include_str!("../../../src/crypto/sm2/gbt32918-5.public.pem");
    let private = concat!(env!("CARGO_MANIFEST_DIR"), "/src/crypto/sm2/gbt32918-5.private.pem");
    let client = app.signing("tax", "sm2-sm3", Some((public, "")));
    let mut command = hub(dir.path());
    command.args(["--json", "partner", "play", "tax", "--to", &app.base, "--key", &client.key, "--check"]);
    told(0, command.args(["--scheme", "sm2-sm3", "--private-key", private, "--message", "payment_result"]));
}

#[test]
fn own_files_are_sent_and_what_is_wrong_with_them_is_shown() {
    let app = App::start();
    let dir = tempfile::tempdir().unwrap();
    let files = tempfile::tempdir().unwrap();
    let bad = include_bytes!("../../../mappings/tax/payment_result/bad-values.json");
    std::fs::write(
        files.path().join("a.json"),
        include_bytes!("../../../mappings/tax/payment_result/sample.json"),
    )
    .unwrap();
    std::fs::write(files.path().join("b.json"), bad).unwrap();
    let client = app.partner("tax");
    let mut command = hub(dir.path());
    command.args(["partner", "play", "tax", "--to", &app.base, "--message", "payment_result", "--files"]);
    command.arg(files.path()).args(["--key", &client.key]).env("PARTNER_SECRET", app.secret(&client.key));
    let said = expect(3, &mut command);
    assert!(said.out.contains("1\tpayment_result/a.json\t200 收 "), "{}", said.out);
    assert!(said.out.contains("2\tpayment_result/b.json"), "{}", said.out);
    assert!(said.out.contains("\n    E4"), "each finding is shown: {}", said.out);
}

#[test]
fn a_wrong_command_line_says_what_is_right() {
    let dir = tempfile::tempdir().unwrap();
    let run = |code: i32, args: &[&str]| {
        let said = expect(code, hub(dir.path()).args(["partner", "play"]).args(args));
        said.err
    };
    assert!(run(2, &["tax"]).contains("--to"));
    assert!(run(5, &["nobody", "--to", "http://127.0.0.1:1", "--key", "a:b"]).contains("tax"));
    let unknown = ["tax", "--to", "http://127.0.0.1:1", "--key", "a:b", "--message", "none"];
    assert!(run(5, &unknown).contains("payment_result"));
    assert!(run(2, &["tax", "--to", "http://127.0.0.1:1", "--key", "a"]).contains("PARTNER_SECRET"));
    let chance = ["tax", "--to", "http://127.0.0.1:1", "--key", "a:b", "--duplicate", "often"];
    assert!(run(2, &chance).contains("20%"));
    let nowhere = ["tax", "--to", "http://127.0.0.1:1", "--key", "a:b", "--message", "payment_result"];
    let said = expect(1, hub(dir.path()).args(["partner", "play"]).args(nowhere));
    assert!(said.out.contains("没有答复：连不上"), "{}", said.out);
    let help = expect(0, hub(dir.path()).args(["partner", "play", "--help"])).out;
    assert!(help.contains("故意出错") && help.contains("--drop-connection"), "{help}");
}
