//! The conformance suite: a hub passes it, and what is no hub, or none that behaves, is told so item by item.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::told;
use crate::outbox::{subscribe, wish};
use crate::support::app::{App, Client};
use crate::support::command::{expect, hub};
use crate::support::subscriber::{Says, Subscriber};

fn verify(dir: &Path, base: &str, client: &Client, secret: &str) -> Command {
    let mut command = hub(dir);
    command.args(["--json", "partner", "verify", base, "--partner", &client.partner, "--key"]);
    command.arg(format!("{}:{secret}", client.key));
    command
}

fn verdict<'v>(checks: &'v [Value], name: &str) -> &'v str {
    let found = checks.iter().find(|it| it["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {checks:#?}"))["verdict"].as_str().unwrap()
}

#[test]
fn a_hub_passes_whole_for_every_partner_that_has_samples() {
    let app = App::with(&[("web.body_limit", "2MiB")]);
    let dir = tempfile::tempdir().unwrap();
    for partner in ["tax", "natural-resources", "civil-affairs", "finance", "data-bureau", "grid"] {
        let client = app.partner(partner);
        let mut command = verify(dir.path(), &app.base, &client, &app.secret(&client.key));
        let checks = told(0, command.args(["--store", "--limit", "2"]));
        for it in checks.iter().filter(|it| it["verdict"] != "passed") {
            // Forms and frames are no plain text.
            let of_text = it["name"] == "charset" || it["name"] == "idempotency_key";
            let may_be_skipped =
                it["name"] == "pull" || (of_text && ["civil-affairs", "finance"].contains(&partner));
            assert!(it["verdict"] == "skipped" && may_be_skipped, "{partner}: {it:#}");
        }
        assert!(checks.len() > 20, "{checks:#?}");
        let mut command = verify(dir.path(), &app.base, &client, &app.secret(&client.key));
        let again = told(0, command.args(["--limit", "2"]));
        assert_eq!(verdict(&again, "dry_run"), "passed", "{partner}: its samples were taken before");
    }
}

#[test]
fn nothing_is_stored_unless_it_may_be() {
    let app = App::with(&[("web.body_limit", "1MiB")]);
    let dir = tempfile::tempdir().unwrap();
    let client = app.partner("tax");
    let mut command = verify(dir.path(), &app.base, &client, &app.secret(&client.key));
    let checks = told(0, command.args(["--limit", "1"]));
    for name in ["accept", "repeat", "idempotency_key"] {
        assert_eq!(verdict(&checks, name), "skipped");
    }
    let page = hub::store::Page::first(1);
    let listed =
        app.read(|conn| hub::store::list_messages(conn, &hub::store::MessageFilter::default(), page));
    assert_eq!(listed.total, 0);
}

#[test]
fn a_pull_subscription_is_read_twice_from_the_same_cursor() {
    let app = App::with(&[("web.body_limit", "1MiB")]);
    let dir = tempfile::tempdir().unwrap();
    let of_tax = hub::outbox::Wish { partner: "tax".to_owned(), ..wish("parcels", None) };
    subscribe(&app, &of_tax);
    let client = app.partner("tax");
    let said = |subscription: &str| {
        let mut command = verify(dir.path(), &app.base, &client, &app.secret(&client.key));
        command.args(["--limit", "1", "--subscription", subscription]);
        command
    };
    assert_eq!(verdict(&told(0, &mut said("parcels")), "pull"), "passed");
    assert_eq!(verdict(&told(4, &mut said("none")), "pull"), "failed");
}

#[test]
fn a_wrong_key_is_found_where_it_shows() {
    let app = App::with(&[("web.body_limit", "1MiB")]);
    let dir = tempfile::tempdir().unwrap();
    let client = app.partner("tax");
    let checks = told(4, verify(dir.path(), &app.base, &client, "not the secret").args(["--limit", "1"]));
    assert_eq!(verdict(&checks, "reach"), "passed");
    assert_eq!(verdict(&checks, "signature"), "failed");
    assert_eq!(verdict(&checks, "signature_missing"), "passed");
    // Shut out for another reason: nobody is told that the door stands open.
    assert_eq!(verdict(&checks, "replay"), "doubtful");
    let it = checks.iter().find(|it| it["name"] == "signature").unwrap();
    assert!(it["seen"].as_str().unwrap().contains("E1011") && it["cure"].is_string(), "{it:#}");
}

/// What a hub must not do, and the items that say so.
#[test]
fn a_hub_that_misbehaves_is_told_item_by_item() {
    let dir = tempfile::tempdir().unwrap();
    let client = Client::new("", "tax", "key", "secret");
    // Takes whatever comes, signed or not, and answers with nothing.
    let careless = Subscriber::with(|got| match got.path.as_str() {
        "/readyz" => Says::status(200).body(r#"{"status":"ok"}"#),
        _ => Says::status(200).body("{}"),
    });
    let checks =
        told(4, verify(dir.path(), &careless.base, &client, "secret").args(["--limit", "1", "--store"]));
    let failed: Vec<&str> =
        checks.iter().filter(|it| it["verdict"] == "failed").map(|it| it["name"].as_str().unwrap()).collect();
    let expected = [
        "openapi",
        "codes",
        "signature_missing",
        "signature_wrong",
        "body_changed",
        "replay",
        "clock_off",
        "other_partner",
        "dry_run",
        "bad_message",
        "charset",
        "too_large",
        "unknown_message",
        "method",
        "accept",
        "repeat",
        "idempotency_key",
        "reconciliation",
    ];
    assert_eq!(failed, expected);
    assert!(checks.iter().filter(|it| it["verdict"] == "failed").all(|it| it["cure"].is_string()));

    // Keeps its clock an hour slow.
    let slow = Subscriber::with(|_| {
        let at = hub::clock::now() - chrono::TimeDelta::hours(1);
        Says::status(200)
            .body(r#"{"status":"ok"}"#)
            .header("date", &at.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
    });
    let checks = told(4, verify(dir.path(), &slow.base, &client, "secret").args(["--limit", "1"]));
    assert_eq!(verdict(&checks, "clock"), "failed");
}

/// The kit's own receiver, which answers every request wrongly or not at all, is no hub.
#[test]
fn what_is_no_hub_is_told_at_once_and_nothing_else_asked() {
    use hub::playing::{Book, Chance, Desk, Manners, open};
    let dir = tempfile::tempdir().unwrap();
    let client = Client::new("", "tax", "key", "secret");
    let wrong = Manners { wrong_answer: Chance::Every(1), ..Manners::default() };
    let silent = Manners { drop_connection: Chance::Every(1), ..Manners::default() };
    for (manners, seen) in [(wrong, "HTTP 500 <html>"), (silent, "连接中断")] {
        let receiving = open(Desk {
            listen: "127.0.0.1:0".to_owned(),
            secrets: Vec::new(),
            answer: None,
            manners,
            book: Book::open(None).unwrap(),
            tell: Box::new(|_| {}),
        })
        .unwrap();
        let base = format!("http://{}", receiving.address);
        let checks = told(4, &mut verify(dir.path(), &base, &client, "secret"));
        assert!(checks[0]["seen"].as_str().unwrap().contains(seen), "{:#}", checks[0]);
        assert!(checks[1..].iter().all(|it| it["verdict"] == "skipped"), "{checks:#?}");
        receiving.stop().unwrap();
    }
    let mut nowhere = hub(dir.path());
    nowhere.args(["partner", "verify", "http://127.0.0.1:1", "--partner", "tax", "--key", "a:b"]);
    let said = expect(4, &mut nowhere);
    assert!(said.out.starts_with("✕ 不通过  能否连上："), "{}", said.out);
    assert!(said.err.contains("1 项不通过"), "{}", said.err);
}
