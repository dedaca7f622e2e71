//! `/api/v1/plans/…` as the systems of the departments see it.

use hub::clock;
use hub::store::{PartnerId, find_partner, save_partner};
use hub::tracking::event::Actor;
use serde_json::{Value, json};

use crate::support::app::{App, Client, Reply};

const PLAN: &str = "/api/v1/plans/jiaxing-2022-4";
/// 附10, 附7 and 附99 as they stand in an address.
const REGISTRATION: &str = "%E9%99%8410";
const DOOR_PLATES: &str = "%E9%99%847";
const NOTHING: &str = "%E9%99%8499";

fn app() -> App {
    let app = App::start();
    let tracking = &app.hub.tracking;
    let plan = tracking.plans.plans.get("jiaxing-2022-4").unwrap();
    tracking.load(plan, &Actor::system(), false, clock::now()).unwrap();
    app
}

fn act(client: &Client, no: &str, ask: &Value) -> Reply {
    let body = serde_json::to_vec(ask).unwrap();
    client.request("POST", &format!("{PLAN}/tasks/{no}/deeds"), body).send()
}

/// Makes a partner of the trial mappings speak for a department.
fn speak_for(app: &App, partner: &str, department: &str) -> Client {
    let id = PartnerId::from(partner);
    let mut row = app.read(|conn| find_partner(conn, &id)).unwrap();
    row.department = department.to_owned();
    app.hub.store.write(|conn| save_partner(conn, &row)).unwrap();
    app.partner(partner)
}

#[test]
fn the_board_and_one_task() {
    let app = app();
    let client = app.partner("natural-resources");
    let plans = client.get("/api/v1/plans").expect(200);
    assert_eq!(plans.json["plans"][0]["doc_no"], "嘉政办发〔2022〕4号");
    let board = client.get(&format!("{PLAN}/tasks")).expect(200).json;
    assert_eq!(board["counts"]["total"], 24);
    assert_eq!(board["lines"].as_array().unwrap().len(), 24);
    let own = client.get(&format!("{PLAN}/tasks?department=natural_resources&light=red")).expect(200).json;
    assert!(own["lines"].as_array().unwrap().iter().all(|line| line["light"]["shape"] == "■"), "{own}");
    let task = client.get(&format!("{PLAN}/tasks/{REGISTRATION}")).expect(200).json;
    assert_eq!(task["no"], "附10");
    assert!(task["light"]["why"].as_str().unwrap().contains("逾期"), "{task}");
    assert_eq!(task["next"][0]["deed"], "received");
    let annex = client.get(&format!("{PLAN}/breakdown")).expect(200).json;
    assert_eq!(annex["rows"].as_array().unwrap().len(), 14);
    let book = client.get(&format!("{PLAN}/breakdown.xlsx")).expect(200);
    assert!(book.text.starts_with("PK"), "a workbook");
}

#[test]
fn a_department_reports_on_its_own_tasks_only() {
    let app = app();
    let client = app.partner("natural-resources");
    let received = act(&client, REGISTRATION, &json!({ "deed": "received" })).expect(200);
    assert_eq!(received.json["state"], "active");
    let version = received.json["version"].clone();
    let report = json!({ "deed": "进度填报", "percent": 40, "text": "已登记 6 处", "evidence": ["登记台账"], "seen": version });
    let reported = act(&client, REGISTRATION, &report).expect(200);
    assert_eq!((&reported.json["percent"], &reported.json["version"]), (&json!(40), &json!(3)));
    let stale = act(&client, REGISTRATION, &report).expect(409);
    assert_eq!(stale.code(), "E7021");
    assert_eq!(act(&client, DOOR_PLATES, &json!({ "deed": "received" })).expect(403).code(), "E7018");
    assert_eq!(act(&client, REGISTRATION, &json!({ "deed": "closed" })).expect(403).code(), "E7019");
    assert_eq!(act(&client, NOTHING, &json!({ "deed": "received" })).expect(404).code(), "E7001");
    let shown = client.get(&format!("{PLAN}/tasks/{REGISTRATION}")).expect(200).json;
    assert_eq!(shown["timeline"].as_array().unwrap().len(), 3, "refusals left nothing");
    assert_eq!(shown["timeline"][2]["deed"]["evidence"][0], "登记台账");
}

#[test]
fn what_cannot_be_read_is_said() {
    let app = app();
    let client = app.partner("natural-resources");
    for (ask, status, code) in [
        (json!({ "deed": "删除" }), 422, "E7022"),
        (json!({ "deed": "reported", "percent": 101, "text": "x" }), 409, "E7010"),
        (json!({ "deed": "received", "unknown": 1 }), 400, "E1018"),
    ] {
        assert_eq!(act(&client, REGISTRATION, &ask).expect(status).code(), code, "{ask}");
    }
    let torn = client.request("POST", &format!("{PLAN}/tasks/{REGISTRATION}/deeds"), "{\"deed\":").send();
    assert!(torn.expect(400).text.contains("第 1 行第 8 列"));
    assert_eq!(client.get(&format!("{PLAN}/tasks?light=blue")).expect(400).code(), "E1018");
    assert_eq!(client.get("/api/v1/plans/none/tasks").expect(404).code(), "E7002");
    app.get(&format!("{PLAN}/tasks")).expect(401);
}

#[test]
fn only_the_office_imports() {
    let app = app();
    let table =
        "序号,任务,牵头\n附7,负责指导国有人防工程产权办理门牌登记和标准地址,市民政局\n附7,重复,市民政局\n";
    let right = table.lines().take(2).collect::<Vec<_>>().join("\n");
    let path = format!("{PLAN}/import");
    let other = app.partner("natural-resources");
    assert_eq!(other.request("POST", &path, table).send().expect(403).code(), "E7019");
    let office = speak_for(&app, "trial", "civil_defence");
    let refused = office.request("POST", &path, table).send().expect(422);
    assert_eq!(refused.code(), "E7029");
    assert_eq!(refused.findings(), ["E7036"]);
    let tried = office.request("POST", &format!("{path}?dry_run=true"), right.clone()).send().expect(200);
    assert_eq!(
        (&tried.json["stored"], &tried.json["verdicts"][0]["outcome"]),
        (&json!(false), &json!("changed"))
    );
    let stored = office.request("POST", &path, right).send().expect(200);
    assert_eq!(stored.json["stored"], true);
    let task = office.get(&format!("{PLAN}/tasks/{DOOR_PLATES}")).expect(200).json;
    assert_eq!(task["timeline"][1]["deed"]["changes"][0]["field"], "任务");
}
