//! Bad input: each kind gets its code, place, rule and fix; nothing is stored half; the server goes on.

use std::io::Write;

use chrono::DateTime;
use hub::store::{MessageFilter, MessageState, Page, list_messages};
use serde_json::{Value, json};

use crate::support::app::{App, Client, Reply};
use crate::support::parcels::{message, no, row, row_with, xml};

/// Sends what must be refused: findings as `code place value`, each with rule, fix and fault; no record was made of it; the
/// bytes are kept; and the server takes the next good message.
#[track_caller]
fn refused(app: &App, partner: &Client, name: &str, body: impl Into<Vec<u8>>) -> Vec<String> {
    let before = app.read(hub::store::count_records);
    let body = body.into();
    let reply = partner.send(name, body.clone()).expect(422);
    assert_eq!(reply.json["outcome"], "refused");
    for problem in reply.json["problems"].as_array().unwrap() {
        for part in ["rule", "hint", "fault"] {
            assert!(!problem[part].as_str().unwrap().is_empty(), "no {part} in {problem}");
        }
    }
    assert_eq!(app.read(hub::store::count_records), before);
    let id = hub::store::MessageId::from(reply.json["message_id"].as_str().unwrap());
    assert_eq!(app.read(|conn| hub::store::load_raw(conn, &id)), body);
    goes_on(partner);
    reply.findings()
}

#[track_caller]
fn goes_on(partner: &Client) {
    partner.check("parcels", message("OK", &[row(77)])).expect(200);
}

#[track_caller]
fn starts(findings: &[String], wanted: &str) {
    assert!(findings.iter().any(|it| it.starts_with(wanted)), "no {wanted} in {findings:#?}");
}

fn one(fields: Value) -> Vec<u8> {
    message("M1", &[row_with(1, fields)])
}

#[test]
fn documents_that_cannot_be_read() {
    let app = App::start();
    let partner = app.partner("trial");
    let torn = xml("M1", 1, "1").replace("</parcel>", "");
    starts(&refused(&app, &partner, "parcels_xml", torn), "E2001 ");
    starts(&refused(&app, &partner, "parcels", "{\"list\":[1,}"), "E2011 ");
    starts(&refused(&app, &partner, "parcels", ""), "E2031");
    let twice = r#"{"code":"0","list":[{"no":"1","no":"2"}]}"#;
    starts(&refused(&app, &partner, "parcels", twice), "E2012 /list/0 no");
    starts(&refused(&app, &partner, "parcels", vec![0xFF, 0xFE, 0x00, 0xD8, 0x7B]), "E20");
}

#[test]
fn a_wrong_charset_is_told_and_undecodable_bytes_are_refused() {
    let app = App::start();
    let partner = app.partner("trial");
    // Declared GB2312, sent as UTF-8: readable, so taken with a warning that names both.
    let text = xml("M1", 1, "100").replace("UTF-8", "GB2312");
    let reply = partner.send("parcels_xml", text).expect(200);
    starts(&reply.findings(), "E2021");
    assert_eq!(reply.json["problems"][0]["severity"], "warning");
    let record = partner.get(&format!("/api/v1/records/parcel?key={}", no(1))).expect(200);
    assert_eq!(record.json["fields"]["location"], "南湖区试验路1号");
    // Neither UTF-8 nor GB18030.
    let mut bytes = xml("M2", 2, "100").into_bytes();
    let at = bytes.windows(3).position(|it| it == "南".as_bytes()).unwrap();
    bytes[at] = 0xFF;
    starts(&refused(&app, &partner, "parcels_xml", bytes), "E2022");
}

#[test]
fn bombs_are_defused() {
    let app = App::start();
    let partner = app.partner("trial");
    let deep = format!("<message id=\"1\">{}{}</message>", "<a>".repeat(10_000), "</a>".repeat(10_000));
    starts(&refused(&app, &partner, "parcels_xml", deep), "E2033 ");
    let deep = format!("{{\"list\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    starts(&refused(&app, &partner, "parcels", deep), "E2033 ");
    let laughs = "<?xml version=\"1.0\"?><!DOCTYPE m [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>\
                  <message id=\"1\"><parcel><no>&b;</no></parcel></message>";
    starts(&refused(&app, &partner, "parcels_xml", laughs), "E2002 ");
    let outside = "<?xml version=\"1.0\"?><!DOCTYPE m [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><message>&x;</message>";
    let told = refused(&app, &partner, "parcels_xml", outside);
    starts(&told, "E2002 ");
    assert!(!told.concat().contains("root:"), "{told:?}");
    starts(&refused(&app, &partner, "parcels_xlsx", zip_bomb()), "E2035");
    starts(&refused(&app, &partner, "parcels_xlsx", "not a workbook"), "E2045");
}

/// A workbook whose sheet of 2 GiB of blanks packs into about 2 MiB.
fn zip_bomb() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let parts = [
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/></Types>",
        ),
        (
            "_rels/.rels",
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
    ];
    for (name, text) in parts {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.start_file("xl/worksheets/sheet1.xml", options).unwrap();
    zip.write_all(b"<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>").unwrap();
    let blanks = vec![b' '; 1 << 20];
    for _ in 0..512 {
        zip.write_all(&blanks).unwrap();
    }
    zip.write_all(b"</t></is></c></row></sheetData></worksheet>").unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn values_that_break_a_rule() {
    let app = App::start();
    let partner = app.partner("trial");
    let told = |fields: Value, wanted: &str| starts(&refused(&app, &partner, "parcels", one(fields)), wanted);
    told(json!({ "way": "99" }), "E4007 /list/0/way 99");
    told(json!({ "signed": "2026-02-30" }), "E4006 /list/0/signed 2026-02-30");
    told(json!({ "area": "-1" }), "E4005 /list/0/area -1");
    told(json!({ "area": "1.239" }), "E4003 /list/0/area 1.239");
    told(json!({ "area": "about 5" }), "E4002 /list/0/area");
    told(json!({ "uscc": "91330402MA2CTEST01" }), "E4008 /list/0/uscc");
    told(json!({ "where": null }), "E4001 /list/0/where");
    told(json!({ "no": null }), "E");
    told(json!({ "where": "长".repeat(400) }), "E4011 /list/0/where");
}

#[test]
fn numbers_of_eighteen_digits_keep_every_digit() {
    let app = App::start();
    let partner = app.partner("trial");
    let body = String::from_utf8(one(json!({ "price": 0 }))).unwrap();
    let body = body.replace("\"price\":0", "\"price\":9007199254740993.01");
    partner.send("parcels", body).expect(200);
    let record = partner.get(&format!("/api/v1/records/parcel?key={}", no(1))).expect(200);
    assert_eq!(record.json["fields"]["price"], "9007199254740993.01");
    let long = String::from_utf8(one(json!({ "holder": 0 }))).unwrap();
    let long = long.replace("\"holder\":0", "\"holder\":320180918000000039").replace("M1", "M2");
    partner.send("parcels", long).expect(200);
    let record = partner.get(&format!("/api/v1/records/parcel?key={}", no(1))).expect(200);
    assert_eq!(record.json["fields"]["holder_name"], "320180918000000039");
}

#[test]
fn a_body_of_200_mb_is_refused_without_being_held() {
    let app = App::start();
    let partner = app.partner("trial");
    let before = resident_kib();
    let mut peak = before;
    for declared in [true, false] {
        let reply = send_blanks(&partner, 200 << 20, declared, &mut peak);
        assert_eq!(reply.expect(413).code(), "E1012");
    }
    assert!(peak < before + 64 * 1024, "resident memory went from {before} to {peak} KiB");
    goes_on(&partner);
    let listed = app.read(|conn| list_messages(conn, &MessageFilter::default(), Page::first(1)));
    assert_eq!(listed.total, 0);
}

/// Streams so many blanks, by Content-Length or in chunks; the signature is good as far as headers tell.
fn send_blanks(partner: &Client, size: u64, declared: bool, peak: &mut u64) -> Reply {
    struct Blanks<'a>(u64, &'a std::sync::atomic::AtomicU64);
    impl std::io::Read for Blanks<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let n = buffer.len().min(usize::try_from(self.0).unwrap_or(usize::MAX));
            buffer[..n].fill(b' ');
            self.0 -= n as u64;
            self.1.fetch_max(resident_kib(), std::sync::atomic::Ordering::Relaxed);
            Ok(n)
        }
    }
    static SEEN: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let request = partner.post("parcels", "");
    let blanks = Blanks(size, &SEEN);
    let body = if declared {
        reqwest::blocking::Body::sized(blanks, size)
    } else {
        reqwest::blocking::Body::new(blanks)
    };
    let reply = request.send_body(body);
    *peak = (*peak).max(SEEN.load(std::sync::atomic::Ordering::Relaxed));
    reply
}

/// Resident memory of this process, which holds the server too.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|it| it.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn compressed_and_broken_off_bodies_are_refused() {
    let app = App::start();
    let partner = app.partner("trial");
    let squeezed = partner.post("parcels", one(json!({}))).header("Content-Encoding", "gzip").send();
    assert_eq!(squeezed.expect(415).code(), "E1014");
    goes_on(&partner);
}

#[test]
fn a_row_that_contradicts_known_keys_is_refused_alone() {
    let app = App::start();
    let partner = app.partner("trial");
    partner.send("parcels", message("M1", &[row(1), row(2)])).expect(200);
    let rows = [row(3), row_with(4, json!({ "way": "88" })), row(1)];
    let reply = partner.send("parcels", message("M2", &rows)).expect(207);
    assert_eq!(reply.json["records"].as_array().unwrap().len(), 2);
    let listed = app.read(|conn| {
        let filter = MessageFilter { state: Some(MessageState::Partial), ..MessageFilter::default() };
        list_messages(conn, &filter, Page::first(9))
    });
    assert_eq!((listed.total, listed.rows[0].cause.as_deref()), (1, Some("E4007")));
    assert!(listed.rows[0].received_at.utc() > DateTime::UNIX_EPOCH);
}
