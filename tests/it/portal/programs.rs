//! The programs are run as they are served: they sign, and the hub takes them at their word.

use std::path::Path;
use std::process::{Command, Output};

use hub::store::{MessageFilter, Page, list_messages};
use serde_json::Value;

use crate::support::app::{App, Reply};

const MESSAGE: &str = "tax/payment_result";

fn run(dir: &Path, program: &str, name: &str, file: &str, secret: Option<&str>) -> Output {
    let mut command = Command::new(program);
    command.current_dir(dir).arg(name).arg(file).env_remove("HUB_SECRET").env("NO_PROXY", "*");
    command.envs(secret.map(|it| ("HUB_SECRET", it)));
    command.output().unwrap()
}

fn answer(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text)
        .unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn they_sign_and_are_believed() {
    let app = App::start();
    let (client, dir) = (app.partner("tax"), tempfile::tempdir().unwrap());
    let secret = app.secret(&client.key);
    let save = |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes).unwrap();
    for name in ["sample.json", "bad-values.json"] {
        save(name, &app.hub.model.files[&format!("{MESSAGE}/{name}")]);
    }
    for (program, name) in [("sh", "hub.sh"), ("python3", "hub.py")] {
        let text = app.get(&format!("/portal/snippets/{MESSAGE}/{name}?key={}", client.key)).expect(200).text;
        assert!(text.contains(&client.key) && text.contains(&app.base), "{text}");
        save(name, text.as_bytes());
        let run = |file: &str, secret: Option<&str>| run(dir.path(), program, name, file, secret);

        let taken = answer(&run("sample.json", Some(&secret)));
        assert_eq!(taken["outcome"], "accepted", "{name}: {taken}");
        assert_eq!(taken["dry_run"], true, "{name}");
        let refused = answer(&run("bad-values.json", Some(&secret)));
        assert_eq!(refused["outcome"], "refused", "{name}: {refused}");
        let wrong = answer(&run("sample.json", Some("another secret")));
        assert_eq!(wrong["error"]["code"], "E1011", "{name}: {wrong}");
        let without = run("sample.json", None);
        assert!(!without.status.success() && without.stdout.is_empty(), "{name} runs without a secret");
    }
    let page = Page { number: 1, size: 1 };
    assert_eq!(
        app.read(|conn| list_messages(conn, &MessageFilter::default(), page)).total,
        0,
        "nothing is stored"
    );
}

#[test]
fn nothing_but_a_key_id_and_a_host_goes_into_a_program() {
    let app = App::start();
    let address = format!("{}/portal/snippets/{MESSAGE}/hub.sh", app.base);
    let get = |query: &str, host: Option<&str>| {
        let mut request = reqwest::blocking::Client::new().get(format!("{address}{query}"));
        if let Some(host) = host {
            request = request.header("host", host);
        }
        Reply::of(request.send().unwrap()).expect(200).text
    };
    assert!(get("?key=tax-7", None).contains("KEY='tax-7'"));
    assert!(get("?key='%3Brm+-rf+~%3B'", None).contains("KEY='YOUR-KEY-ID'"));
    assert!(get("", Some("hub.example.gov.cn")).contains("BASE='http://hub.example.gov.cn'"));
    let odd = get("", Some("a';id;'"));
    assert!(!odd.contains("id;"), "{odd}");
    let page = app.get(&format!("/portal?message={MESSAGE}&key=%22%3E%3Cscript%3E")).expect(200).text;
    assert!(!page.contains("\"><script>"), "the key comes back as text");
}
