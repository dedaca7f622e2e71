//! What was agreed with a partner beside its key: where it comes from, how often it asks, whether it may at all.

use crate::support::app::App;
use crate::support::command::{expect, hub};
use crate::support::parcels::{message, row};

fn change(app: &App, args: &[&str]) {
    expect(0, hub(&app.hub.config.data).arg("partner").args(args));
}

#[test]
fn a_partner_comes_from_its_own_networks_only() {
    let app = App::start();
    let client = app.partner("trial");
    change(&app, &["limit", "trial", "--from", "10.8.0.0/16,192.0.2.7"]);
    let refused = client.send("parcels", message("M1", &[row(1)])).expect(403);
    assert_eq!(refused.code(), "E1044");
    assert!(refused.json["error"]["detail"].as_str().unwrap().contains("127.0.0.1"));
    // The header of a proxy is anybody's word unless it comes from one of ours.
    let claimed = client.post("parcels", message("M1", &[row(1)])).header("X-Forwarded-For", "192.0.2.7");
    assert_eq!(claimed.send().expect(403).code(), "E1044");
    change(&app, &["limit", "trial", "--from", "127.0.0.0/8"]);
    client.send("parcels", message("M1", &[row(1)])).expect(200);
    change(&app, &["limit", "trial", "--from-anywhere"]);
    client.send("parcels", message("M1", &[row(1)])).expect(200);
}

#[test]
fn behind_our_proxy_the_address_it_noted_counts() {
    let app = App::with(&[("tls.proxies", "127.0.0.1")]);
    let client = app.partner("trial");
    change(&app, &["limit", "trial", "--from", "192.0.2.7"]);
    let from =
        |it: &str| client.post("parcels", message("M1", &[row(1)])).header("X-Forwarded-For", it).send();
    from("192.0.2.7").expect(200);
    assert_eq!(from("192.0.2.7, 192.0.2.8").expect(403).code(), "E1044", "what was there before is a claim");
}

#[test]
fn a_quota_is_told_with_the_time_to_wait() {
    let app = App::start();
    let client = app.partner("trial");
    change(&app, &["limit", "trial", "--per-minute", "2"]);
    let send = |id: &str| client.send("parcels", message(id, &[row(1)]));
    send("M1").expect(200);
    send("M2").expect(200);
    let refused = send("M3").expect(429);
    assert_eq!(refused.code(), "E1045");
    let wait: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=31).contains(&wait), "{wait}");
    app.partner("trial-neighbour").send("parcels", message("N1", &[row(2)])).expect(200);
    change(&app, &["limit", "trial", "--unlimited"]);
    send("M3").expect(200);
}

#[test]
fn a_stopped_partner_is_refused_and_keeps_its_keys() {
    let app = App::start();
    let client = app.partner("trial");
    change(&app, &["stop", "trial"]);
    assert_eq!(client.send("parcels", message("M1", &[row(1)])).expect(403).code(), "E1017");
    change(&app, &["resume", "trial"]);
    client.send("parcels", message("M1", &[row(1)])).expect(200);
    let data = &app.hub.config.data;
    expect(5, hub(data).args(["partner", "stop", "nobody"]));
    expect(2, hub(data).args(["partner", "limit", "trial", "--from", "10.8.0.0/40"]));
}
