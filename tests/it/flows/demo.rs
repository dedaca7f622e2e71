//! What a newcomer does: load the demo, open the console, follow a figure from paper back to the message, issue one more.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Barrier};

use serde_json::Value;

use crate::support::command::{expect, hub};
use crate::support::person::Person;

fn on(data: &Path, args: &[&str]) -> Command {
    let fonts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fonts");
    let mut command = hub(data);
    command.arg("--fonts").arg(fonts).args(args);
    command
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

struct Served {
    child: Child,
    base: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(data: &Path) -> Served {
    use std::io::{BufRead, BufReader};
    let mut command = on(data, &["serve", "--listen", "127.0.0.1:0"]);
    command.env("HUB_LOG_LEVEL", "off").stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let line = BufReader::new(child.stderr.take().unwrap()).lines().next().unwrap().unwrap();
    let base = format!("http://{}", line.split_once("http://").unwrap().1);
    Served { child, base }
}

#[test]
fn a_newcomer_loads_the_demo_and_follows_a_figure_to_its_message() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    let load = ["demo", "load", "--out", out.to_str().unwrap()];
    expect(0, &mut on(&data, &load));
    expect(0, &mut on(&data, &load));
    let documents = lines(&expect(0, &mut on(&data, &["--json", "document", "list"])).out);
    assert_eq!(documents.len(), 14, "one of each kind, also after a second load");
    expect(0, &mut on(&data, &["register", "gaps"]));

    let notice = documents.iter().find(|it| it["kind"] == "obligation_notice").unwrap();
    let id = notice["id"].as_str().unwrap();
    let traced = lines(&expect(0, &mut on(&data, &["--json", "document", "trace", id])).out);
    let area = traced.iter().find(|it| it["value"]["name"] == "residential_area").unwrap();
    let printed = area["value"]["printed"].as_str().unwrap();
    assert_eq!(area["bytes"].as_str().unwrap().trim_matches('"'), printed, "the bytes the department sent");
    assert_eq!(area["message"], "data-bureau/project_approval");

    let file = std::fs::read_dir(&out).unwrap().map(|it| it.unwrap().path()).next().unwrap();
    expect(0, &mut on(&data, &["document", "verify", file.to_str().unwrap()]));
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.push(b'\n');
    std::fs::write(&file, bytes).unwrap();
    expect(5, &mut on(&data, &["document", "verify", file.to_str().unwrap()]));
    console(&data);
}

fn console(data: &Path) {
    let logins = std::fs::read_to_string(data.join("demo-logins.txt")).unwrap();
    let password = |login: &str| {
        logins.lines().find(|it| it.starts_with(login)).unwrap().split_whitespace().nth(1).unwrap()
    };
    let served = serve(data);
    assert!(Person::sign_in(&served.base, "qianfa", "wrong").is_none());
    let signer = Person::sign_in(&served.base, "qianfa", password("qianfa")).unwrap();
    for path in [
        "/",
        "/projects",
        "/documents",
        "/documents/new",
        "/registers",
        "/tasks",
        "/exchange",
        "/discrepancies",
    ] {
        let (status, page) = signer.get(path);
        assert_eq!(status, 200, "{path}");
        assert!(page.contains("演示数据") && page.contains("跳到正文"), "{path}");
    }
    let described: Value = serde_json::from_str(&signer.get("/openapi.json").1).unwrap();
    let example =
        &described["paths"]["/api/v1/exchange/tax/payment_result"]["post"]["requestBody"]["content"];
    assert_eq!(
        example["application/json"]["examples"]["sample.json"]["value"]["result"]["head"]["rtn_code"],
        "200"
    );
    let (_, list) = signer.get("/records/handover");
    let link = list.split("href=\"").find(|it| it.starts_with("/records/handover/")).unwrap();
    let record = link.split('"').next().unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(signer.get(&format!("/records/handover/{record}")).0, 200);

    let form = [("kind", "handover_certificate"), ("record", record.as_str())];
    assert_eq!(signer.post("/documents", &form).0, 403, "a form without its token");
    let csrf = signer.csrf();
    let (status, to) =
        signer.post("/documents", &[("kind", "handover_certificate"), ("record", &record), ("csrf", &csrf)]);
    assert_eq!(status, 303);
    let document = to.split("/edit").next().unwrap().to_owned();
    assert_eq!(signer.get(&format!("{document}/edit")).0, 200);
    assert_eq!(signer.get(&format!("{document}/preview")).0, 200);
    copies(&signer, &document);
    let clerk = Person::sign_in(&served.base, "wenshu", password("wenshu")).unwrap();
    let id = document.rsplit('/').next().unwrap();
    signer.does(id, "submit", &[]);
    assert_eq!(signer.deed(id, "pass", &[]).0, 403, "who signs does not review here");
    clerk.does(id, "pass", &[]);
    signer.does(id, "sign", &[]);
    two_windows(signer, id, &csrf);
    assert_eq!(clerk.deed(id, "void", &[("opinion", "试")]).0, 403);
    expect(0, &mut on(data, &["register", "gaps"]));
}

/// The other formats come as files of their kind; a format that does not exist is refused.
fn copies(person: &Person, document: &str) {
    for (format, start) in [("ofd", "PK"), ("docx", "PK"), ("pdfa1b", "%PDF-1.4")] {
        let (status, body) = person.get(&format!("{document}/copy?format={format}"));
        assert_eq!(status, 200, "{format}");
        assert!(body.starts_with(start), "{format}");
    }
    assert_eq!(person.get(&format!("{document}/copy?format=pdf")).0, 400);
}

/// 编号 pressed in two windows at once gives one number.
fn two_windows(signer: Person, document: &str, csrf: &str) {
    let (signer, barrier) = (Arc::new(signer), Arc::new(Barrier::new(2)));
    let windows: Vec<_> = (0..2)
        .map(|_| {
            let (signer, barrier) = (signer.clone(), barrier.clone());
            let (path, csrf) = (format!("/documents/{document}/deeds/number"), csrf.to_owned());
            std::thread::spawn(move || {
                barrier.wait();
                signer.post(&path, &[("csrf", &csrf)]).0
            })
        })
        .collect();
    for window in windows {
        assert_eq!(window.join().unwrap(), 303);
    }
    let (_, page) = signer.get("/registers?series=嘉人防移");
    let (_, page) = signer.get(&format!("/registers?series=嘉人防移&year={}", year_of(&page)));
    let taken = page.matches("<td class=\"nowrap\">嘉人防移").count();
    assert_eq!(taken, 2, "that of the demo and one more");
}

/// The year the register offers first.
fn year_of(page: &str) -> &str {
    page.split("&amp;year=").nth(1).unwrap().get(..4).unwrap()
}
