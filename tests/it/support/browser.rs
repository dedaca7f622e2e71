//! A real browser for the pages: headless Chromium, driven over the `WebDriver` protocol that chromedriver speaks.
//!
//! Everything here blocks, so a test that uses it is a plain `#[test]`; the server under test runs in a thread or a
//! process of its own. What goes wrong fails the test with the command and the driver's own words.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use reqwest::blocking::Client;
use serde_json::{Value, json};

/// How long the driver looks for an element before the test fails.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it waits for a page: builds beside it on two cores can hold the browser up for long.
const LOADING: Duration = Duration::from_secs(90);

/// The name under which the protocol hands out references to elements (W3C `WebDriver` §12.2).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One browser window with a profile of its own; dropping it closes the browser and the driver.
pub struct Browser {
    driver: Child,
    client: Client,
    session: String,
    _profile: tempfile::TempDir,
}

/// An element of the page that is shown; it goes stale when the page is left.
pub struct Element<'a> {
    browser: &'a Browser,
    url: String,
}

impl Browser {
    /// Starts a driver on a free port and one window of 1280 × 900.
    pub fn start() -> Browser {
        let profile = tempfile::tempdir().unwrap();
        let (driver, port) = start_driver();
        let client = Client::builder().no_proxy().timeout(LOADING * 2).build().unwrap();
        let mut browser = Browser { driver, client, session: String::new(), _profile: profile };
        let root = format!("http://127.0.0.1:{port}/session");
        let answer = browser.post(&root, &capabilities(browser._profile.path()));
        let id = answer.get("sessionId").and_then(Value::as_str).unwrap();
        browser.session = format!("{root}/{id}");
        let [patience, loading] = [PATIENCE, LOADING].map(|it| u64::try_from(it.as_millis()).unwrap());
        browser.command("timeouts", &json!({"implicit": patience, "pageLoad": loading, "script": loading}));
        browser
    }

    /// Opens an address and waits until the page has loaded.
    pub fn goto(&self, url: &str) {
        self.command("url", &json!({ "url": url }));
    }

    /// The address of the page shown.
    pub fn url(&self) -> String {
        text_of(&self.get(&format!("{}/url", self.session)))
    }

    /// The title of the page shown.
    pub fn title(&self) -> String {
        text_of(&self.get(&format!("{}/title", self.session)))
    }

    /// The page as HTML, as the browser holds it now.
    pub fn source(&self) -> String {
        text_of(&self.get(&format!("{}/source", self.session)))
    }

    /// The text a person sees on the whole page.
    pub fn text(&self) -> String {
        self.find("body").text()
    }

    /// The first element that a CSS selector names; waits for it to appear.
    pub fn find(&self, css: &str) -> Element<'_> {
        let found = self.command("element", &json!({"using": "css selector", "value": css}));
        let id = text_of(found.get(ELEMENT).unwrap_or(&Value::Null));
        Element { browser: self, url: format!("{}/element/{id}", self.session) }
    }

    /// How many elements a CSS selector names at this moment, without waiting.
    pub fn count(&self, css: &str) -> u64 {
        self.execute("return document.querySelectorAll(arguments[0]).length", &[json!(css)]).as_u64().unwrap()
    }

    /// Runs a script in the page and hands back what it returns.
    pub fn execute(&self, script: &str, arguments: &[Value]) -> Value {
        self.command("execute/sync", &json!({"script": script, "args": arguments}))
    }

    /// Loses every cookie, as when a session has ended.
    pub fn forget_cookies(&self) {
        let url = format!("{}/cookie", self.session);
        answer(&url, self.client.delete(&url).send());
    }

    /// Sets the size of the window in CSS pixels.
    pub fn resize(&self, width: u32, height: u32) {
        self.command("window/rect", &json!({"width": width, "height": height}));
    }

    /// Writes what is visible in the window as a PNG file.
    pub fn screenshot(&self, file: &Path) {
        let picture = text_of(&self.get(&format!("{}/screenshot", self.session)));
        let bytes = base64::engine::general_purpose::STANDARD.decode(picture).unwrap();
        std::fs::write(file, bytes).unwrap();
    }

    /// What the console called an error since the last call: scripts that threw, files that were missing, rules
    /// of the content security policy that were broken.
    pub fn console_errors(&self) -> Vec<String> {
        let log = self.command("se/log", &json!({"type": "browser"}));
        let severe = |entry: &&Value| entry.get("level").and_then(Value::as_str) == Some("SEVERE");
        let message = |entry: &Value| text_of(entry.get("message").unwrap_or(&Value::Null));
        log.as_array().unwrap().iter().filter(severe).map(message).collect()
    }

    /// Every address the page shown has asked for, itself included.
    pub fn requests(&self) -> Vec<String> {
        let script = "return performance.getEntries().filter(it => 'initiatorType' in it).map(it => it.name)";
        self.execute(script, &[]).as_array().unwrap().iter().map(text_of).collect()
    }

    fn command(&self, path: &str, body: &Value) -> Value {
        self.post(&format!("{}/{path}", self.session), body)
    }

    fn post(&self, url: &str, body: &Value) -> Value {
        answer(&format!("{url} {body}"), self.client.post(url).json(body).send())
    }

    fn get(&self, url: &str) -> Value {
        answer(url, self.client.get(url).send())
    }
}

impl Element<'_> {
    /// Clicks the middle of the element and waits for a page that this opens.
    pub fn click(&self) {
        self.command("click", &json!({}));
    }

    /// Empties a field.
    pub fn clear(&self) {
        self.command("clear", &json!({}));
    }

    /// Types into a field as a person does, key by key; a path typed into a file field chooses that file.
    pub fn type_text(&self, text: &str) {
        self.command("value", &json!({ "text": text }));
    }

    /// The text a person sees in the element.
    pub fn text(&self) -> String {
        text_of(&self.browser.get(&format!("{}/text", self.url)))
    }

    /// The value a field holds now, or an attribute of the element; `None` when it has none.
    pub fn property(&self, name: &str) -> Option<String> {
        match self.browser.get(&format!("{}/property/{name}", self.url)) {
            Value::Null => None,
            other => Some(text_of(&other)),
        }
    }

    fn command(&self, path: &str, body: &Value) -> Value {
        self.browser.post(&format!("{}/{path}", self.url), body)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Closing the session is what ends Chromium; a driver that no longer answers is killed all the same.
        let _closed = self.client.delete(&self.session).send();
        let _killed = self.driver.kill();
        let _reaped = self.driver.wait();
    }
}

/// Starts chromedriver on a port of its own choice and reads which one that is from its first lines.
fn start_driver() -> (Child, u16) {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("chromedriver does not start ({error}); `make setup` installs it"));
    let said = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
    let port = said
        .filter_map(|line| {
            Some(line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse())
        })
        .next();
    let Some(Ok(port)) = port else {
        panic!("chromedriver ended without telling its port: {:?}", driver.wait());
    };
    (driver, port)
}

fn capabilities(profile: &Path) -> Value {
    let arguments = json!([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--no-proxy-server",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,900",
        format!("--user-data-dir={}", profile.display()),
    ]);
    json!({"capabilities": {"alwaysMatch": {
        "browserName": "chrome",
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {"args": arguments},
    }}})
}

/// The `value` of a driver's answer; anything but success fails the test.
fn answer(asked: &str, sent: reqwest::Result<reqwest::blocking::Response>) -> Value {
    let response = sent.unwrap_or_else(|error| panic!("no answer from chromedriver: {asked}: {error}"));
    let status = response.status();
    let mut body: Value = response.json().unwrap();
    let value = body.get_mut("value").map(Value::take).unwrap_or_default();
    let message = value.get("message").and_then(Value::as_str).unwrap_or("").lines().next().unwrap_or("");
    assert!(status.is_success(), "{asked}: {message}");
    value
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

mod tests {
    //! The browser against a small page of its own.

    use super::*;

    const PAGE: &str = r#"<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>登记</title></head>
<body><h1>工程登记</h1><form><input name="name" value="旧"><button type="button">登记</button></form><p hidden></p>
<script>
document.querySelector("button").onclick = () => setTimeout(() => {
  const line = document.createElement("output");
  line.textContent = "已登记：" + document.querySelector("input").value;
  document.body.append(line);
}, 200);
</script></body></html>"#;

    #[test]
    fn drives_a_page_as_a_person_does() {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("page.html");
        std::fs::write(&page, PAGE).unwrap();
        let address = format!("file://{}", page.display());

        let browser = Browser::start();
        browser.goto(&address);
        assert_eq!((browser.url(), browser.title()), (address.clone(), "登记".to_owned()));
        assert!(browser.source().contains("<h1>工程登记</h1>"));
        assert_eq!(browser.requests(), [address]);

        let name = browser.find("input[name=name]");
        assert_eq!(name.property("value").as_deref(), Some("旧"));
        name.clear();
        name.type_text("秀湖路人防工程");
        assert_eq!(browser.count("output"), 0);
        browser.find("button").click();
        assert_eq!(browser.find("output").text(), "已登记：秀湖路人防工程");
        assert!(browser.text().starts_with("工程登记"));
        assert_eq!(browser.find("output").property("nothing"), None);
        assert_eq!(browser.console_errors(), [] as [&str; 0]);

        browser.execute("console.error(arguments[0])", &[json!("出错")]);
        let errors = browser.console_errors();
        assert!(matches!(errors.as_slice(), [one] if one.contains("出错")), "{errors:?}");
        assert_eq!(browser.console_errors(), [] as [&str; 0], "the log is handed out once");

        browser.resize(800, 600);
        let picture = folder.path().join("page.png");
        browser.screenshot(&picture);
        assert!(std::fs::read(&picture).unwrap().starts_with(b"\x89PNG"));
    }

    #[test]
    #[should_panic(expected = "no such element")]
    fn an_element_that_never_appears_fails_the_test() {
        let browser = Browser::start();
        browser.goto("about:blank");
        browser.command("timeouts", &json!({ "implicit": 100 }));
        browser.find("#nowhere").click();
    }
}
