//! What anybody may ask: health, metrics, codes; and what every answer carries.

use crate::support::app::App;

#[test]
fn a_running_hub_is_alive_and_ready() {
    let app = App::start();
    assert_eq!(app.get("/healthz").expect(200).json["status"], "ok");
    let ready = app.get("/readyz").expect(200);
    assert_eq!(ready.json["status"], "ok", "{}", ready.text);
}

#[test]
fn metrics_count_requests_by_route() {
    let app = App::start();
    app.get("/healthz").expect(200);
    let text = app.get("/metrics").expect(200).text;
    assert!(text.contains("route=\"/healthz\",status=\"200\",le=\"+Inf\"} 1"), "{text}");
}

#[test]
fn every_code_is_explained() {
    let app = App::start();
    let all = app.get("/api/v1/codes").expect(200);
    let rows = all.json["codes"].as_array().unwrap();
    assert_eq!(rows.len(), hub::error::all_codes().len());
    let skew = rows.iter().find(|it| it["code"] == "E1009").unwrap();
    assert_eq!((skew["name"].as_str(), skew["status"].as_u64()), (Some("clock_skew"), Some(401)));
}

#[test]
fn answers_carry_trace_id_and_security_headers() {
    let app = App::start();
    for path in ["/healthz", "/nowhere", "/api/v1/exchange/trial/parcels"] {
        let reply = app.get(path);
        let header = |name: &str| reply.headers.get(name).map(|it| it.to_str().unwrap().to_owned());
        assert_eq!(header("x-trace-id").unwrap().len(), 32);
        assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"));
        assert!(header("content-security-policy").unwrap().starts_with("default-src 'self'"));
        assert_eq!(header("cache-control").as_deref(), Some("no-store"));
    }
}

#[test]
fn unknown_paths_and_methods_are_told_in_the_envelope() {
    let app = App::start();
    let nowhere = app.get("/api/v2/x").expect(404);
    assert_eq!(nowhere.code(), "E1015");
    assert_eq!(nowhere.json["error"]["trace_id"], nowhere.headers["x-trace-id"].to_str().unwrap());
    let wrong = app.get("/api/v1/exchange/trial/parcels").expect(405);
    assert_eq!((wrong.code(), wrong.headers["allow"].to_str().unwrap()), ("E1016", "POST"));
}
