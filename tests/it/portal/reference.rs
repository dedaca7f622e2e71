//! The pages anybody may read: each is reached from the first one, and says what the mappings say.

use std::collections::{BTreeSet, VecDeque};

use actix_web::http::Method;
use hub::web::{Door, PORTAL};
use serde_json::Value;

use crate::support::app::App;

/// Text as it stands in a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn pattern_of(path: &str) -> Option<&'static str> {
    let parts: Vec<&str> = path.split('?').next().unwrap().split('/').collect();
    let fits = |pattern: &str| {
        let wanted: Vec<&str> = pattern.split('/').collect();
        wanted.len() == parts.len()
            && wanted.iter().zip(&parts).all(|(want, is)| want == is || want.starts_with('{'))
    };
    PORTAL.iter().map(|it| it.path).find(|it| fits(it))
}

#[test]
fn every_open_page_is_reached_from_the_first() {
    let app = App::start();
    let mut missing: BTreeSet<&str> = PORTAL
        .iter()
        .filter(|it| it.method == Method::GET && it.door == Door::Open)
        .map(|it| it.path)
        .collect();
    let (mut waiting, mut seen) = (VecDeque::from(["/portal".to_owned()]), BTreeSet::new());
    while let Some(path) = waiting.pop_front() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let reply = app.get(&path).expect(200);
        missing.remove(pattern_of(&path).unwrap());
        if !reply.headers["content-type"].to_str().unwrap().starts_with("text/html") {
            continue;
        }
        assert!(reply.text.contains("<h1>") && reply.text.contains("对接门户"), "{path}");
        for part in reply.text.split("href=\"/portal").skip(1) {
            let rest = part.split(['"', '#']).next().unwrap().replace("&amp;", "&");
            waiting.push_back(format!("/portal{rest}"));
        }
    }
    assert!(missing.is_empty(), "no link leads to {missing:?}");
}

#[test]
fn the_page_of_a_message_says_what_its_mapping_says() {
    let app = App::start();
    let files = &app.hub.model.files;
    for mapping in app.hub.model.mappings.iter() {
        let (said, path) = (mapping.describe(), format!("{}/{}", mapping.partner, mapping.message));
        let page = app.get(&format!("/portal/messages/{path}")).expect(200).text;
        assert!(page.contains(&format!("POST /api/v1/exchange/{path}/check")), "{path}");
        for field in said.records.iter().flat_map(|it| &it.fields) {
            for from in &field.from {
                assert!(page.contains(&escaped(from)), "{path}: {from} of {}", field.field);
            }
            assert!(page.contains(&escaped(&field.title)), "{path}: {}", field.title);
        }
        for (name, bytes) in mapping.samples(files).chain(mapping.bad_samples(files)) {
            assert!(page.contains(name), "{path}: {name}");
            let sent = app.get(&format!("/portal/messages/{path}/samples/{name}"));
            assert_eq!(sent.headers["content-type"], "application/octet-stream", "never a page of ours");
            assert_eq!(sent.text, String::from_utf8_lossy(bytes), "{path}: {name} as it is");
        }
        for (name, _) in mapping.bad_samples(files) {
            let expected = format!("{path}/{}.expected.json", name.rsplit_once('.').unwrap().0);
            let expected: Value = serde_json::from_slice(&files[&expected]).unwrap();
            for problem in expected["problems"].as_array().unwrap() {
                let code = problem["code"].as_str().unwrap();
                assert!(page.contains(&format!("/portal/codes#{code}")), "{path}: {name} {code}");
            }
        }
    }
}

#[test]
fn a_sample_shows_what_stands_in_the_message_and_what_it_is_read_as() {
    let page = App::start().get("/portal/messages/tax/payment_result").expect(200).text;
    for words in ["<span class=\"code\">7407600.0</span>", "读作 7407600.00元", "/result/body/jkxxlb/*/sjje"]
    {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn every_code_has_its_row_and_every_link_to_one_arrives() {
    let app = App::start();
    let page = app.get("/portal/codes").expect(200).text;
    for code in hub::error::all_codes() {
        assert!(page.contains(&format!("id=\"{code}\"")), "{code}");
        assert!(page.contains(&escaped(code.info().cure)), "{code}");
    }
}

#[test]
fn what_is_not_there_is_told_on_a_page_of_the_portal() {
    let app = App::start();
    for path in ["/portal/messages/tax/nothing", "/portal/messages/nobody/payment_result"] {
        let page = app.get(path).expect(404).text;
        assert!(page.contains("对接门户") && page.contains("E1015"), "{path}");
    }
    app.get("/portal/messages/tax/payment_result/samples/map.toml").expect(404);
    app.get("/portal/snippets/tax/payment_result/hub.rb").expect(404);
}
