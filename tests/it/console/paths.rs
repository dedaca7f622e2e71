//! The pages as a whole: titles, the way back, and that no page is an island.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use actix_web::http::Method;
use hub::web::{PAGES, PORTAL};

use super::hall::Hall;

const MAIN: &[&str] = &[
    "/",
    "/projects",
    "/documents",
    "/registers",
    "/tasks",
    "/exchange",
    "/exchange/subscriptions",
    "/exchange/subscriptions/handover-to-tax",
    "/exchange/deliveries",
    "/exchange/reconciliation",
    "/discrepancies",
    "/search",
];

pub fn pages_hold_together(hall: &Hall) {
    let mut titles = BTreeSet::new();
    for login in ["shuju", "gaige", "zigui", "qianfa"] {
        hall.sign_in(login, "/");
        for path in MAIN {
            hall.goto(path);
            hall.calm();
            titles.insert(hall.browser.title());
            assert_eq!(hall.browser.count("h1"), 1, "{path}");
            assert_eq!(hall.browser.count("main#main, a.skip[href='#main']"), 2, "{path}");
            let unlabelled = "input:not([type=hidden]):not([aria-label]), select, textarea:not([hidden])";
            let script = "return [...document.querySelectorAll(arguments[0])].filter(it => !it.labels || !it.labels.length).length";
            assert_eq!(
                hall.browser.execute(script, &[unlabelled.into()]),
                0,
                "{path}: a field without its label"
            );
        }
    }
    assert_eq!(titles.len(), MAIN.len(), "every page has a title of its own: {titles:?}");
}

/// Follows links from 工作台 as two people with different rights; every page that is read is among them.
pub fn every_page_is_reached_by_links(hall: &Hall) {
    // Some pages are those of a draft.
    hall.sign_in("qianfa", "/records/handover");
    hall.find("#results tbody a").click();
    hall.find(".page-head button").click();
    assert!(hall.browser.url().contains("/edit"));
    // Others are those of a batch, here one that is still to be put right.
    hall.goto("/batches/new?kind=obligation_notice");
    hall.find("form[action='/batches/query'] button").click();
    assert!(!hall.browser.url().contains("/batches/query"), "{}", hall.browser.text());
    let mut missing: BTreeSet<&str> =
        PAGES.iter().filter(|it| it.method == Method::GET).map(|it| it.path).collect();
    for login in ["shuju", "qianfa"] {
        let client =
            reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let form = [("login", login), ("password", hall.password(login)), ("next", "/")];
        let answer = client.post(format!("{}/login", hall.base)).form(&form).send().unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        walk(&hall.base, &client, &cookie, &mut missing);
    }
    missing.remove("/login");
    // Only an archived document has it; its whole way is walked in `flows::life`.
    missing.remove("/documents/{id}/package.zip");
    // A batch has them when rows are without fault, or something is issued; `flows::batch` reads them.
    for path in ["/batches/{id}/items/{row}", "/batches/{id}/archive.zip"] {
        missing.remove(path);
    }
    assert!(missing.is_empty(), "no link leads to {missing:?}");
}

fn walk(base: &str, client: &reqwest::blocking::Client, cookie: &str, missing: &mut BTreeSet<&str>) {
    let mut waiting = VecDeque::from(["/".to_owned()]);
    let mut seen: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    while let Some(path) = waiting.pop_front() {
        // The portal's pages are walked in `portal::reference`, and lead out of the console.
        if path.starts_with("/portal/") {
            continue;
        }
        let Some(pattern) = pattern_of(&path) else { panic!("a link to {path}, which is no page") };
        let known = seen.entry(pattern).or_default();
        // Pages of one kind lead to the same kinds of pages; a few of each are enough.
        if known.len() >= 4 || !known.insert(path.clone()) {
            continue;
        }
        let answer = client.get(format!("{base}{path}")).header("cookie", cookie).send().unwrap();
        let status = answer.status().as_u16();
        assert!(status == 200 || status == 303, "{path} answers {status}");
        missing.remove(pattern);
        let media = answer.headers().get("content-type").map(|it| it.to_str().unwrap());
        if !media.is_some_and(|it| it.starts_with("text/html")) {
            continue;
        }
        let text = answer.text().unwrap();
        for mark in ["href=\"", "src=\"", "method=\"get\" action=\""] {
            for part in text.split(mark).skip(1) {
                let link = part.split('"').next().unwrap().split('#').next().unwrap().replace("&amp;", "&");
                if link.starts_with('/') && path != "/portal" {
                    waiting.push_back(link);
                }
            }
        }
    }
}

fn pattern_of(path: &str) -> Option<&'static str> {
    let parts: Vec<&str> = path.split('?').next().unwrap().split('/').collect();
    let fits = |pattern: &str| {
        let wanted: Vec<&str> = pattern.split('/').collect();
        wanted.len() == parts.len()
            && wanted.iter().zip(&parts).all(|(want, is)| want == is || want.starts_with('{'))
    };
    let pages = PAGES.iter().chain(PORTAL);
    pages.filter(|it| it.method == Method::GET).map(|it| it.path).find(|it| fits(it))
}
