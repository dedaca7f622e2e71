//! The demo hub behind a real server, and the browser in front of it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;

use crate::support::browser::{Browser, Element};
use crate::support::command::{expect, hub};
use crate::support::subscriber::{Says, Subscriber};

pub struct Hall {
    pub browser: Browser,
    /// The tax bureau's own system, which is told of handovers; at first it refuses the first it sees and takes the others.
    pub tax: Subscriber,
    pub base: String,
    logins: String,
    server: Child,
    _folder: tempfile::TempDir,
}

impl Drop for Hall {
    fn drop(&mut self) {
        let _killed = self.server.kill();
        let _reaped = self.server.wait();
    }
}

fn on(data: &Path, args: &[&str]) -> Command {
    let mut command = hub(data);
    command.env("HUB_OUTBOX_ALLOW", "127.0.0.1").env("HUB_OUTBOX_POLL", "50ms");
    command.arg("--fonts").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fonts")).args(args);
    command
}

/// A system that subscribed to what the demo has.
fn tax(data: &Path) -> Subscriber {
    let first = Mutex::new(None::<String>);
    let tax = Subscriber::with(move |it| {
        let mut first = first.lock().unwrap();
        let refuses = first.get_or_insert_with(|| it.id().to_owned()) == it.id();
        if refuses { Says::status(422).body("宗地不在本辖区") } else { Says::status(204) }
    });
    expect(0, &mut on(data, &["key", "create", "tax"]));
    expect(0, &mut on(data, &["subscription", "push", "handover-to-tax", &format!("{}/in", tax.base)]));
    tax
}

impl Hall {
    pub fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (data, out) = (folder.path().join("data"), folder.path().join("out"));
        expect(0, &mut on(&data, &["demo", "load", "--out", out.to_str().unwrap()]));
        let tax = tax(&data);
        let logins = std::fs::read_to_string(data.join("demo-logins.txt")).unwrap();
        let mut command = on(&data, &["serve", "--listen", "127.0.0.1:0"]);
        command.env("HUB_LOG_LEVEL", "off").stdout(Stdio::null()).stderr(Stdio::piped());
        let mut server = command.spawn().unwrap();
        let line = BufReader::new(server.stderr.take().unwrap()).lines().next().unwrap().unwrap();
        let base = format!("http://{}", line.split_once("http://").unwrap().1);
        let browser = Browser::start();
        browser.resize(1366, 768);
        Self { browser, tax, base, logins, server, _folder: folder }
    }

    pub fn password(&self, login: &str) -> &str {
        self.logins.lines().find(|it| it.starts_with(login)).unwrap().split_whitespace().nth(1).unwrap()
    }

    /// Opens a page of the hub.
    pub fn goto(&self, path: &str) {
        self.browser.goto(&format!("{}{path}", self.base));
    }

    /// Fills in the sign-in form that is shown.
    pub fn fill_in_login(&self, login: &str, password: &str) {
        let field = self.browser.find("#login");
        field.clear();
        field.type_text(login);
        self.browser.find("#password").type_text(password);
        self.browser.find(".login button").click();
    }

    /// Signs in as somebody else and opens a page.
    pub fn sign_in(&self, login: &str, path: &str) {
        self.browser.forget_cookies();
        self.goto(path);
        self.fill_in_login(login, self.password(login));
        self.calm();
    }

    pub fn find(&self, css: &str) -> Element<'_> {
        self.browser.find(css)
    }

    /// Waits until an element with this text is there. Asked again and again from outside: a script that waits inside the
    /// page dies with the page when a navigation has only just begun.
    pub fn wait_for(&self, css: &str, text: &str) {
        let script = "const [css, text] = arguments; return [...document.querySelectorAll(css)].some(it => it.textContent.includes(text))";
        for _ in 0..400 {
            if self.browser.execute(script, &[json!(css), json!(text)]) == true {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("no {css} with {text} on {}:\n{}", self.browser.url(), self.browser.text());
    }

    /// Texts of all elements a selector names.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])].map(it => it.innerText)";
        let found = self.browser.execute(script, &[json!(css)]);
        found.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    }

    /// The page has broken no rule of the policy, missed no file, asked nothing of the outside, and is not wider than the window.
    pub fn calm(&self) {
        let url = self.browser.url();
        assert_eq!(self.browser.console_errors(), [] as [&str; 0], "{url}");
        for asked in self.browser.requests() {
            assert!(asked.starts_with(&self.base) || asked.starts_with("data:"), "{url} asks {asked}");
        }
        let over = "const root = document.documentElement; return root.scrollWidth - root.clientWidth";
        assert_eq!(self.browser.execute(over, &[]), 0, "{url} is wider than the window");
    }

    /// Marks the window; the mark is gone once a page has been loaded anew.
    pub fn mark(&self) {
        self.browser.execute("window.seen = true", &[]);
    }

    pub fn is_marked(&self) -> bool {
        self.browser.execute("return window.seen === true", &[]) == true
    }
}
