//! Messages sent as `multipart/form-data`.

use hub::store::{MessageFilter, Page, list_messages};
use serde_json::json;

use crate::support::app::{App, Client, Reply};
use crate::support::parcels::{message, row};

const BOUNDARY: &str = "----hub-test";

fn form(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, file, bytes) in parts {
        let file = file.map(|it| format!("; filename=\"{it}\"")).unwrap_or_default();
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        out.extend(head.as_bytes());
        out.extend(*bytes);
        out.extend(b"\r\n");
    }
    out.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
    out
}

fn send(client: &Client, message: &str, body: Vec<u8>) -> Reply {
    let media = format!("multipart/form-data; boundary={BOUNDARY}");
    client.post(message, body).header("Content-Type", &media).send()
}

#[test]
fn a_file_in_a_form_is_the_same_message_as_the_file_itself() {
    let app = App::start();
    let client = app.partner("trial");
    let bytes = message("M1", &[row(1)]);
    let taken = send(&client, "parcels", form(&[("file", Some("三月.json"), &bytes)])).expect(200);
    assert_eq!(taken.json["records"][0]["effect"], "created");
    let again = client.send("parcels", bytes).expect(200);
    assert_eq!(again.json["duplicate"], json!(true));
    assert_eq!(again.json["receipt_id"], taken.json["receipt_id"]);
    let all = app.read(|conn| list_messages(conn, &MessageFilter::default(), Page::first(9)));
    assert_eq!(all.total, 1);
}

#[test]
fn what_would_be_lost_is_refused() {
    let app = App::start();
    let client = app.partner("trial");
    let bytes = message("M1", &[row(1)]);
    let two = form(&[("file", Some("a.json"), &bytes), ("remark", None, "加急".as_bytes())]);
    let refused = send(&client, "parcels", two).expect(400);
    assert_eq!(refused.code(), "E1050");
    assert!(refused.json["error"]["detail"].as_str().unwrap().contains("file、remark"));
    assert_eq!(send(&client, "parcels", form(&[])).expect(400).code(), "E1050");
    let torn = form(&[("file", Some("a.json"), &bytes)]);
    let torn = torn[..torn.len() - 30].to_vec();
    assert_eq!(send(&client, "parcels", torn).expect(400).code(), "E1050");
    let all = app.read(|conn| list_messages(conn, &MessageFilter::default(), Page::first(9)));
    assert_eq!(all.total, 0);
}
